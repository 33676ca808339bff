"""Names that a computer damaged or a desk annotated."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from hemostat.resolve import people
from hemostat.resolve.mend import mended


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Ga&euml;lle", "Gaelle"),
        ("ST&EACUTE;PHANE", "STEPHANE"),
        ("StÃ©phanie", "Stéphanie"),
        ("STA©PHANIE", "STéPHANIE"),
        ("Micka?l", "MickaEl"),
        ("Niel (dcd 2019)", "Niel "),
        ("Niel(2)", "Niel"),
        ("Roy (Petit)", "Roy (Petit)"),
        ("Éloïse-Anne", "Éloïse-Anne"),
        ("?", "?"),
    ],
)
def test_damage_goes_and_the_rest_stays(written, meant):
    assert mended(pl.Series([written, None])).to_list() == [meant, None]


def test_a_damaged_spelling_does_not_become_the_usual_one():
    row = {"birth_name": "DEMAY", "birth_date": date(1946, 1, 26), "phone": "+33199000412"}
    names = ["René", "RENE", "Ren E", "René Michel"]
    frame = pl.DataFrame([{"record_id": n, "first_names": name, **row} for n, name in enumerate(names)])
    assert people(frame).best == 1

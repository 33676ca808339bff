"""Kinds of values: what one value looks like, before anybody says which category that makes.

A value may be of several kinds. Shares of kinds over a sample are all that ``judge`` knows of a column's values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.detect import (
    address,
    card,
    codes,
    composite,
    dates,
    digits,
    email,
    iban,
    lexicon,
    names,
    nir,
    password,
    phone,
    professional,
    text,
)
from hemostat.detect.folded import fold_column

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Kind:
    """A name, and an anchored pattern, words of ``lexicon_values.toml`` or a vectorised test.

    ``long``: only values with eight digits or more can pass. ``lexical``: a test of values beside their folded form;
    only values with a letter can pass. ``chance``: share of random look-alikes that pass.
    """

    name: str
    pattern: str | None = None
    test: Callable[[pl.Series], pl.Series] | None = None
    long: Callable[[pl.Series], pl.Series] | None = None
    lexical: Callable[[pl.Series, pl.Series], pl.Series] | None = None
    words: bool = False
    chance: float = 0.0


def _nir_shaped(values: pl.Series) -> pl.Series:
    parts = nir.parse(values)
    return parts["shaped"] & (parts["number"].str.len_bytes() == nir.FULL).fill_null(value=False)


def _nir_body(values: pl.Series) -> pl.Series:
    parts = nir.parse(values)
    return parts["shaped"] & (parts["number"].str.len_bytes() == nir.BODY).fill_null(value=False)


def _text(values: pl.Series) -> pl.Series:
    """Three words or more with blanks between them; neither an address of the web nor what a machine wrote."""
    words = values.str.count_matches(r"\p{L}{2,}")
    blanks = values.str.count_matches(r"\p{L}[’',.;:!?)]* +\S")
    return ((words >= 3) & (blanks >= 2) & ~values.str.contains(text.MACHINE)).fill_null(value=False)  # noqa: PLR2004


_DATE = (
    r"(?:[0-9]{4}[/.\-][0-9]{1,2}[/.\-][0-9]{1,2}|[0-9]{1,2}[/.\- ][0-9]{1,2}[/.\- ](?:[0-9]{4}|[0-9]{2}))"
)
_LONG = 8
"""Digits without which no long identifier can be there."""
_NATIONAL = r"^[A-Za-z]{0,4}[ .\-]?(?:[0-9][A-Za-z ./+\-]{0,4}){4,}$"
_BLOOD_PART = (
    r"(?i)^(?:A|B|AB|O|A1|A2|[+\-]|rh ?[+\-]|pos(?:itif)?|neg(?:atif)?|n[ée]gatif|D[+\-]?"
    r"|[+\-]?[CcEeKk]{1,2}[+\-]?.{0,20})$"
)
_DRUG = (
    r"(?i)[0-9](?:[.,][0-9]+)? ?(?:mg|µg|ug|mcg|g/l|ml|ui)(?-u:\b)|[0-9] ?/ ?(?:j|jour)(?-u:\b)"
    r"|(?:comprim|g[ée]lule|sirop|cp |buvable|inj(?:ectable)?|pommade|collyre)"
)
_BRANDED = (
    r"(?i)^\p{L}[\p{L}\-]{3,}(?: [\p{L}\-]+)? [0-9]+(?:[.,][0-9]+)?"
    r"(?: ?(?:mg|µg|g|ml|ui|%|cp|gel|j|x|/)(?: .*)?)?$"
)
"""A product and its strength: LYRICA 75."""
_MONEY = (
    r"(?i)^(?:[0-9]{1,3}(?:[ .\u{00a0}\u{202f}][0-9]{3})*|[0-9]+)(?:[.,][0-9]{1,2})?"
    r" ?(?:€|eur|euros?|k€|\$|usd)(?: ?/ ?(?:mois|an|m))?$"
)
_MEASURE = (
    r"(?i)^[<>=~]? ?[0-9]+(?:[.,][0-9]+)? ?(?:kg|g|cm|m|mm|mmhg|bpm|°c|°|%|kg/m[²2]|mmol/l|g/l|mg/dl|g/dl|µmol/l|ui/l"
    r"|/min|l/min|ng/ml|pg/ml|mui/l|u/l)$"
)
_DIOPTRE = r"[+\-]?[0-9]{1,2}[.,][0-9]{2}"
_SIDE = r"[0-9]{1,3}(?:[.,][0-9])?"
_OPTICAL = (
    rf"(?i)^(?:(?:plan|{_DIOPTRE})(?: ?\(?{_DIOPTRE}\)?)?(?: ?[àx@]? ?[0-9]{{1,3}} ?°?)?(?: ?add.*)?"
    rf"|{_SIDE} ?[/\-] ?{_SIDE}(?: ?(?:db|mm|°|cm))?)$"
)
"""Corrections of glasses, and two measures of two sides: +3.75 (-0.50) 54°, 31/32, 36/27 dB."""
_YEARS = r"(?:ans?|a|mois|m|sem\.?|semaines?|j|jours?|y|yo|years?)"
_AGE_LOOSE = (
    rf"(?i)^(?:env(?:iron|\.)? )?(?:[0-9]{{1,3}} ?{_YEARS}(?: ?(?:et )?[0-9]{{1,2}} ?{_YEARS}?)?"
    r"|[0-9]{1,2};[0-9]{1,2}"
    r"|[0-9]{1,3} ?[\-à/] ?[0-9]{1,3} ?(?:ans)?"
    r"|(?:[+<>≥≤\-]|(?:de )?plus de|moins de|\+ de|- de) ?[0-9]{1,3} ?(?:ans)?"
    r"|[0-9]{1,3} ?(?:\+|et plus|ans et plus))$"
)
"""Ages in words and brackets of ages."""
_DAY = r"[0-9]{1,2}/[0-9]{1,2}(?:/[0-9]{2,4})?"
_DAY_TIME = (
    rf"(?i)^(?:(?:lun|mar|mer|jeu|ven|sam|dim)[a-z]*\.? .*|{_DAY} +(?:à )?[0-9]{{1,2}}[:h][0-9]{{0,2}}.*"
    rf"|.{{0,20}} {_DAY})$"
)
"""A weekday or a day with an hour or a word: « mar 9h /15j », 10/04 10:35, « VAD 30/08 »."""
_COORDINATE = r"-?[0-9]{1,3}[.,][0-9]{4,8}"
_ACTIVATION = r"(?i)^https?://\S+[?&/](?:k|t|token|key|code|sig|auth|jeton|hash|activation|reset)[=/][A-Za-z0-9_\-.]{8,}"
_FILE_CODE = r"^[A-Za-z0-9]{1,8}(?:[/ \-][A-Za-z0-9]{1,8}){0,4}[/ \-]?[0-9]{2,}[A-Z]?$"
_TENSION = (
    r"(?i)^(?:ta ?:? ?)?(?:[5-9]|1[0-9]|2[0-9])[0-9]?(?:[.,][0-9])? ?/ ?"
    r"(?:[3-9]|1[0-5])[0-9]?(?:[.,][0-9])?(?: ?mmhg)?$"
)
_NUMBER = r"^[<>]?[+\-]?(?:[0-9]{1,3}(?:[ \u{00a0}]?[0-9]{3})*|[0-9]+)(?:[.,][0-9]+)?(?: ?%)?$"
_INITIALED = r"^(?:\p{Lu}[\p{L}'’\-]+(?: \p{Lu}[\p{L}'’\-]+)? \p{Lu}\.?|\p{Lu}\. ?\p{Lu}[\p{L}'’\- ]+)$"
"""A surname and one initial."""
_WEEKS = r"(?i)^[0-9]{1,2}(?:[.,][0-9])? ?(?:SA|sem(?:aines?)?|wk|weeks?)(?: ?\+ ?[0-6] ?j?)?$"
"""Weeks of amenorrhoea."""
_PRESENCE = (
    r"(?i)^(?:\+{1,4}|-|\?|pos(?:itif|itive|\.)?|n[ée]g(?:atif|ative|\.)?|ind[ée]t(?:ectable|\.)?|porteur(?:se)?"
    r"|immun(?:is[ée]e?)?|absen(?:t|ce)|pr[ée]sen(?:t|ce))(?: .{0,12})?$"
)
_GENE = (
    r"(?i)(?:brca|c\.[0-9]+|p\.[a-z]{3}[0-9]+|46,? ?x[xy]|47,|mutation|rs[0-9]{4,}|g[ée]notyp|caryotyp"
    r"|h[ée]t[ée]rozygot|homozygot|del[0-9]|dup[0-9])"
)

KINDS: tuple[Kind, ...] = (
    Kind("email", test=email.valid_array),
    Kind("nir", long=nir.valid_array, chance=nir.CHANCE),
    Kind("nir_shaped", long=_nir_shaped, chance=0.17),
    Kind("nir_body", long=_nir_body, chance=0.17),
    Kind("nir_lost", pattern=nir.LOST),
    Kind("national", pattern=_NATIONAL),
    Kind("ins", pattern=codes.INS),
    Kind("ins_oid", pattern=codes.INS_OID),
    Kind("iban", long=iban.valid_array, chance=iban.CHANCE),
    Kind("iban_shaped", pattern=iban.PATTERN),
    Kind("bic", pattern=iban.BIC),
    Kind("rib", pattern=iban.RIB),
    Kind("card", long=card.valid_array, chance=card.CHANCE),
    Kind("card_lost", pattern=card.LOST),
    Kind("card_masked", pattern=card.MASKED),
    Kind("card_expiry", pattern=card.EXPIRY),
    Kind("card_brand", pattern=card.BRAND),
    Kind("cvv", pattern=r"^[0-9]{1,4}$"),
    Kind("hash", pattern=password.PATTERN),
    Kind("hex", pattern=password.HEX),
    Kind("clear", test=password.clear_valid),
    Kind("token", pattern=codes.BEARER),
    Kind("random", pattern=codes.RANDOM),
    Kind("ip", pattern=codes.IP),
    Kind("device", pattern=codes.DEVICE),
    Kind("imei", long=codes.imei_valid, chance=0.1),
    Kind("uuid", pattern=codes.UUID),
    Kind("rpps", long=professional.rpps_valid, chance=0.001),
    Kind("adeli", long=professional.adeli_valid, chance=0.9),
    Kind("nine", pattern=professional.NINE, chance=1.0),
    Kind("finess", long=professional.finess_valid, chance=0.1),
    Kind("siret", long=professional.siret_valid, chance=0.1),
    Kind("phone", test=phone.valid_array, chance=0.09),
    Kind("phone9", pattern=phone.LOST_ZERO, chance=0.9),
    Kind("phone_loose", pattern=phone.LOOSE, chance=1.0),
    Kind("date", pattern=f"^{_DATE}$"),
    Kind("datetime", pattern=f"^{_DATE}[T ,]+[0-9]{{1,2}}[:hH].*$"),
    Kind("compact_date", pattern=f"{dates.COMPACT}|{dates.COMPACT_DAY_FIRST}"),
    Kind("partial_date", pattern=r"^(?:[0-9]{1,2}[/\-][0-9]{4}|[0-9]{4}[/\-][0-9]{1,2})$"),
    Kind("compact_six", pattern=dates.COMPACT_SIX, chance=0.37),
    Kind("words_date", pattern=f"{dates.WORDS}|{dates.WORDS_MONTH_FIRST}"),
    Kind("serial", pattern=dates.SERIAL, chance=1.0),
    Kind("epoch", pattern=dates.EPOCH, chance=1.0),
    Kind("age", pattern=dates.AGE, chance=1.0),
    Kind("year", pattern=dates.YEAR, chance=1.0),
    Kind("age_loose", pattern=_AGE_LOOSE),
    Kind("day_time", pattern=_DAY_TIME),
    Kind("day_month", pattern=r"^(?:0?[1-9]|[12][0-9]|3[01])/(?:0?[1-9]|1[0-2])$", chance=1.0),
    Kind("time", pattern=r"^[0-2]?[0-9][:hH][0-5][0-9](?::[0-5][0-9])?$"),
    Kind("postal", test=address.postal_valid, chance=0.97),
    Kind("postal_short", pattern=address.POSTAL_SHORT, chance=1.0),
    Kind("postal_abroad", pattern=address.POSTAL_ABROAD, chance=1.0),
    Kind("insee", pattern=r"^(?:[0-9]{2}|2[ABab])[0-9]{3}$", chance=1.0),
    Kind("cp_city", pattern=f"{address.CP_CITY}|{address.CITY_CP}"),
    Kind("address", lexical=address.street_valid),
    Kind("city", lexical=address.city_valid),
    Kind("country_code", pattern=r"^[A-Z]{2,3}$"),
    Kind("blood", test=codes.blood_valid),
    Kind("blood_part", pattern=_BLOOD_PART),
    Kind("cim10", pattern=codes.CIM10, chance=0.1),
    Kind("atc", pattern=codes.ATC, chance=0.1),
    Kind("atc_full", pattern=codes.ATC_FULL),
    Kind("ccam", pattern=codes.CCAM, chance=0.01),
    Kind("cip13", pattern=codes.CIP13),
    Kind("drug", pattern=_DRUG),
    Kind("branded", pattern=_BRANDED),
    Kind("money", pattern=_MONEY),
    Kind("measure", pattern=_MEASURE),
    Kind("tension", pattern=_TENSION),
    Kind("number", pattern=_NUMBER),
    Kind("integer", pattern=r"^[0-9]{1,18}$"),
    Kind("digits", pattern=r"^[0-9](?:[ .\-]?[0-9]){3,24}$"),
    Kind("result", pattern=r"(?i)(?:positi|n[ée]gati|normal|absen|pr[ée]sen|[0-9] ?(?:g/l|mmol|%|mg|ui))"),
    Kind("rate", pattern=r"^[0-9]{1,3} ?%$"),
    Kind("gir", pattern=r"(?i)^(?:gir ?)?[1-6]$"),
    Kind("gene", pattern=_GENE),
    Kind("weeks", pattern=_WEEKS),
    Kind("presence", pattern=_PRESENCE),
    Kind("name_birth", pattern=composite.NAME_BIRTH),
    Kind("email_inside", pattern=email.INSIDE),
    Kind("phone_inside", pattern=phone.INSIDE),
    Kind("json", pattern=r"^\s*\{.*\}\s*$"),
    Kind("attendance", words=True),
    Kind("country", words=True),
    Kind("creed", words=True),
    Kind("diet", words=True),
    Kind("drug_use", words=True),
    Kind("guardianship", words=True),
    Kind("legal_care", words=True),
    Kind("ins_status", words=True),
    Kind("flag", pattern=r"(?i)^(?:o|n|oui|non|vrai|faux|true|false|t|f|y|yes|no|0|1|v|x)$"),
    Kind("rights", words=True),
    Kind("sex_word", words=True),
    Kind("sex_code", pattern=r"^[0-3](?:\.0)?$"),
    Kind("first_name", lexical=names.first_valid),
    Kind("surname", lexical=names.surname_valid),
    Kind("full_name", lexical=names.full_valid),
    Kind("surnamed", lexical=names.surnamed_valid),
    Kind("titled", pattern=names.DOCTOR),
    Kind("name_like", pattern=names.PATTERN),
    Kind("worded", pattern=r"^\p{L}[^@/:;]*$"),
    Kind("initial", pattern=r"^\p{L}\.?$"),
    Kind("initialed", pattern=_INITIALED),
    Kind("cased_name", lexical=names.cased_valid),
    Kind("marital", words=True),
    Kind("vital", words=True),
    Kind("nationality", words=True),
    Kind("quality", words=True),
    Kind("rank", pattern=r"^[0-9]{1,2}$"),
    Kind("facility", words=True),
    Kind("picture", pattern=codes.PICTURE),
    Kind("url", pattern=r"(?i)^(?:https?|ftp|s3)://\S+$|^/?(?:[\w.\-]+/)+[\w.\-]+$"),
    Kind("url_token", pattern=_ACTIVATION),
    Kind("file_code", pattern=_FILE_CODE),
    Kind("question", pattern=r"\?\s*$|(?i)^(?:nom d|pr[ée]nom d|quel|ville o|mother|what|lieu d)"),
    Kind("login", pattern=r"^[A-Za-z][A-Za-z0-9._\-]{2,40}$"),
    Kind("passport", pattern=r"^[0-9]{2}[A-Z]{2}[0-9]{5}$"),
    Kind("mrz", pattern=r"^P[A-Z<][A-Z]{3}[A-Z<]{20,}"),
    Kind("id_mrz", pattern=r"^(?:ID|I<|AC|A<)[A-Z]{3}[A-Z0-9<\- ]{8,}<"),
    Kind("coordinate", pattern=f"^{_COORDINATE}(?:[ ,;]+{_COORDINATE})?$"),
    Kind("optical", pattern=_OPTICAL),
    Kind("id_card", pattern=r"^(?:[0-9]{4}[0-9A-Z]{3}[0-9]{5}|[A-Z0-9]{9})$"),
    Kind("licence", pattern=r"^(?:[0-9]{12}|[0-9]{2}[A-Z]{2}[0-9]{5})$"),
    Kind("tax", pattern=r"^[0-3][0-9](?: ?[0-9]{2,3}){3,4}[0-9]?$"),
    Kind("label", pattern=r"^[^@]*\p{L}[^@]*$"),
    Kind("text", test=_text),
    Kind("code", pattern=r"^[A-Za-z_.:+\-]*[0-9][A-Za-z0-9_.:+\-]*$"),
)  # fmt: skip
"""Every kind, specific before generic."""

BY_NAME = {kind.name: kind for kind in KINDS}


def measure(values: pl.Series) -> dict[str, digits.Bools]:
    """Which values are of which kinds: one array per kind. Values are distinct, trimmed, not null.

    >>> found = measure(pl.Series(["a@example.org", "0199000412"]))
    >>> found["email"].tolist(), found["phone"].tolist()
    ([True, False], [False, True])
    """
    found = {kind.name: np.zeros(len(values), dtype=np.bool_) for kind in KINDS}
    if not len(values):
        return found
    frame = values.alias("v").to_frame()
    # In order, not in parallel: threads that share a regex take five times the time of one.
    tested = frame.select_seq(
        *(
            pl.col("v").str.contains(kind.pattern).alias(kind.name)
            for kind in KINDS
            if kind.pattern is not None
        ),
        pl.col("v").str.count_matches("[0-9]").ge(_LONG).alias("_long"),
        pl.col("v").str.contains(r"\p{L}").alias("_letters"),
    )
    for kind in KINDS:
        if kind.pattern is not None:
            found[kind.name] = tested[kind.name].to_numpy()
        elif kind.test is not None:
            found[kind.name] = kind.test(values).to_numpy()
    _part(values, tested["_long"], found, [(k.name, k.long) for k in KINDS if k.long is not None])
    lettered = values.filter(tested["_letters"])
    folded = fold_column(lettered)
    where = tested["_letters"].to_numpy()
    for kind in KINDS:
        if kind.words:
            found[kind.name][where] = lexicon.matches(kind.name, lettered, folded).to_numpy()
        elif kind.lexical is not None:
            found[kind.name][where] = kind.lexical(lettered, folded).to_numpy()
    return found


def _part(
    values: pl.Series,
    which: pl.Series,
    found: dict[str, digits.Bools],
    tests: list[tuple[str, Callable[[pl.Series], pl.Series]]],
) -> None:
    """Runs tests on the values that can pass them, if there are any."""
    some = values.filter(which)
    if len(some):
        where = which.to_numpy()
        for name, test in tests:
            found[name][where] = test(some).to_numpy()

"""A table examined without a case: what ``scan`` says before any leak."""

from datetime import date

import pyarrow as pa

from hemostat.detect import examine

TODAY = date(2025, 11, 28)


def table(**cells):
    return pa.table({k: pa.array(v, pa.string()) for k, v in cells.items()})


def test_counts_are_over_all_batches():
    batches = [
        table(nom=["GARNIER", None], tel=["0639980123", "abc"]),
        table(nom=["PETIT"], tel=["0199000412"]),
    ]
    found = {(f.place, f.category): (f.values, f.valid) for f in examine(batches, table="t.csv", today=TODAY)}
    assert found == {("nom", "used_name"): (2, None), ("tel", "phone"): (3, 2)}


def test_no_value_is_in_a_finding():
    secrets = ["sophie.garnier@example.org", "Lilas56!", "séropositif depuis 2009, suivi à l'hôpital"]
    batch = table(email=secrets[:1] * 2, mdp=secrets[1:2] * 2, commentaire=secrets[2:] * 2)
    found = examine([batch], table="t.csv", today=TODAY)
    assert {f.category for f in found} == {"email", "password", "medical_comment", "remark_hiv"}
    assert not [s for s in secrets for f in found if s in str(f)]
    assert [f.shape for f in found if f.category == "medical_comment"] == [None]


def test_a_disagreement_between_heading_and_values_is_settled_by_the_values():
    (found,) = examine([table(tel=["a@example.org", "b@example.org"])], table="t.csv", today=TODAY)
    assert (found.place, found.category) == ("tel", "email")

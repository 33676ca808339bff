"""Columns in the light of their table, and cells that hold several data."""

from datetime import date

import pyarrow as pa
import pytest

from hemostat.detect import ColumnSample, examine, judge, judge_table
from hemostat.model import About

TODAY = date(2025, 11, 28)


def judged(**columns):
    samples = [ColumnSample.of(name, values) for name, values in columns.items()]
    found = judge_table(samples, table="t.csv", today=TODAY)
    return {
        s.heading: [(str(c.category), c.about) for c in one] for s, one in zip(samples, found, strict=True)
    }


STOCK = {
    "ref": ["A0012", "B0147", "C0032", "D0451"],
    "date": ["12/03/2025", "14/03/2025", "15/03/2025", "18/03/2025"],
    "lot": ["23B8936", "25A1384", "20B2777", "21B6565"],
    "article": ["gants", "compresses", "solution", "aiguilles"],
}


def test_a_table_of_stocks_is_about_nobody():
    assert set(map(tuple, judged(**STOCK).values())) == {()}


def test_the_same_dates_beside_a_person_are_appointments():
    found = judged(**STOCK, nom=["GARNIER", "PETIT", "ROYER", "MOREL"])
    assert found["date"] == [("appointment", About.PERSON)]


def test_a_table_that_has_a_patients_number_is_about_patients():
    found = judged(
        patient_id=["3000029", "10000077", "16000267", "2000049"],
        organisme=["MGEN", "Harmonie Mutuelle", "MACIF", "Apicil"],
        fin=["2024-12-31", "2025-12-31", "2023-12-31", "2025-08-31"],
    )
    assert found["patient_id"] == [("internal_id", About.PERSON)]
    assert found["organisme"] == [("health_insurance", About.PERSON)]


def luhn(body):
    digits = [int(c) for c in reversed(body)]
    total = sum(d if n % 2 else (2 * d - 9 if d > 4 else 2 * d) for n, d in enumerate(digits))
    return body + str(-total % 10)


def directory(**more):
    return judged(
        praticien=["GARNIER Sophie", "PETIT Paul", "ROYER Aïcha", "MOREL Louis"],
        rpps=[luhn(f"100034567{n}{n}"[:10]) for n in range(1, 5)],
        tel=["0199000412", "0261910044", "0353010199", "0465710102"],
        **more,
    )


def test_contacts_in_a_directory_of_professionals_are_theirs():
    found = directory()
    assert found["praticien"] == [("full_name", About.PROFESSIONAL)]
    assert found["tel"] == [("phone", About.PROFESSIONAL)]


def test_a_birth_date_makes_it_a_table_of_patients():
    found = directory(ddn=["12/03/1984", "01/07/1951", "23/11/2003", "30/05/1968"])
    assert found["tel"] == [("phone", About.PERSON)]
    assert found["praticien"] == [("treating_doctor", About.PROFESSIONAL)]


def test_children_may_be_the_patients():
    names = ["GARNIER Sophie", "PETIT Paul", "ROYER Aïcha"]
    born = ["12/03/2018", "01/07/2020", "23/11/2021"]
    vaccine = ["Hexyon", "Prevenar", "ROR"]
    assert judged(Enfant=names, DN=born, Vaccin=vaccine)["Enfant"] == [("full_name", About.PERSON)]
    with_mother = judged(nom=["MOREL", "FAURE", "BLANC"], Enfant=names, DN=born)
    assert with_mother["Enfant"] == [("relative", About.RELATIVE)]


@pytest.mark.parametrize(
    ("heading", "values", "categories"),
    [
        ("identite", ["GARNIER Sophie (12/03/1984)", "PETIT Paul (01/07/1951)"], ["full_name", "birth_date"]),
        ("contact", ["0639980123 / a@example.org", "b@example.net", "0199000412"], ["email", "phone"]),
        ("payload", ['{"nom": "GARNIER", "tel": "0639980123"}', '{"nom": "PETIT", "tel": "0199000412"}'],
         ["phone", "used_name"]),
    ],
)  # fmt: skip
def test_cells_that_hold_several(heading, values, categories):
    assert sorted(str(c.category) for c in judge(heading, values, today=TODAY)) == sorted(categories)


def test_the_parts_of_a_cell_are_counted_and_checked():
    rows = {
        "qui": ["GARNIER Sophie (12/03/1984)", "PETIT Paul (31/02/1951)", None],
        "contact": ["0639980123 / a@example.org", "b@example.net", "0199000412"],
        "payload": ['{"mail": "c@example.org"}', '{"mail": "none"}', '{"mail": "d@example.org"}'],
    }
    table = pa.table({name: pa.array(values, pa.string()) for name, values in rows.items()})
    found = {(f.place, f.category): (f.values, f.valid) for f in examine([table], table="t", today=TODAY)}
    assert found == {
        ("qui", "full_name"): (2, None), ("qui", "birth_date"): (2, 1), ("contact", "email"): (2, 2),
        ("contact", "phone"): (2, 2), ("payload", "email"): (3, 2),
    }  # fmt: skip


@pytest.mark.parametrize("heading", ["REGION", "StateFull", "Country", "code_region"])
def test_a_place_too_large_to_tell_anybody_apart_is_no_town(heading):
    assert judge(heading, ["Bretagne", "Occitanie", "Normandie"], today=TODAY) == ()


def test_a_number_of_another_country_is_an_identity_paper_and_no_nir():
    found = judge("NationalID", ["123-45-6789", "987-65-4320", "222-33-4444"], today=TODAY)
    assert [(str(c.category), c.confidence) for c in found] == [("id_card", 0.5)]


def test_a_heading_in_the_wrong_encoding_is_read():
    assert [str(c.category) for c in judge("PrÃ©nom", ["Sophie", "Paul"], today=TODAY)] == ["first_name"]


def test_running_numbers_with_a_letter_are_no_diagnoses():
    assert judge("zone7", [f"F{n:05}" for n in range(4100, 4130)], today=TODAY) == ()
    assert [str(c.category) for c in judge("zone7", ["E11.9", "I10", "F32.2"], today=TODAY)] == ["pathology"]

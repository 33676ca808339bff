"""Pass B: every value of a batch named, counted, checked, normalised."""

from datetime import date

import polars as pl
import pyarrow as pa
import pytest

from hemostat.detect import columns, judge_table, name_batch
from hemostat.detect.plan import plan
from hemostat.model import About, Category
from hemostat.rules import mask_of

TODAY = date(2025, 11, 28)


def named(cells, tenant_column=None, secret=b"s" * 32, table="t.csv"):
    count = len(next(iter(cells.values())))
    ours = {"_line": pa.array(range(2, count + 2), pa.int64()), "_locator": pa.nulls(count, pa.string())}
    batch = pa.table({**ours, **{k: pa.array(v, pa.string()) for k, v in cells.items()}})
    samples = columns.sample([batch])
    judged = judge_table(samples, table=table, today=TODAY)
    return name_batch(batch, plan(samples, judged, tenant_column), 7 << 36, secret, TODAY)


def person(cells, **kwargs):
    return named(cells, **kwargs).identity.rows(named=True)


def categories(facts):
    rows = []
    for low, high in facts.record.select("mask_lo", "mask_hi").rows():
        rows.append({str(c) for c in Category if (low, high) != (0, 0) and all(
            word & bit == bit for word, bit in zip((low, high), mask_of([c]), strict=True))})  # fmt: skip
    return rows


def test_masks_say_what_each_row_shows():
    facts = named(
        {
            "nom": ["GARNIER", "LE GOFF", None],
            "email": ["a@example.org", "NULL", None],
            "user_agent": [None, "Mozilla/5.0 (X11)", "-"],
        }
    )
    assert categories(facts) == [{"used_name", "email"}, {"used_name", "device_id"}, set()]


def test_counts_are_of_values_and_of_right_ones():
    facts = named(
        {
            "num_secu": ["255081416802538", "255081416802500", "1790463119042", "inconnu", None],
            "tel": ["0639980123"] * 5,
        }
    )
    assert facts.counts["num_secu", Category.NIR, About.PERSON] == (3, 1)
    assert facts.counts["tel", Category.PHONE, About.PERSON] == (5, 5)


def test_ids_lines_and_prints():
    facts = named({"nom": ["GARNIER", "PETIT", "GARNIER"], "prenom": ["Sophie", "Paul", "Sophie"]})
    assert facts.record["record_id"].to_list() == [(7 << 36) + n for n in range(3)]
    assert facts.record["line"].to_list() == [2, 3, 4]
    prints = facts.record.select("print_lo", "print_hi").rows()
    assert prints[0] == prints[2]
    assert prints[0] != prints[1]


def test_prints_are_keyed_and_know_their_columns():
    cells = {"nom": ["GARNIER"], "prenom": ["Sophie"]}
    first = named(cells).record
    other_case = named(cells, secret=b"t" * 32).record
    swapped = named({"nom": ["Sophie"], "prenom": ["GARNIER"]}).record
    reordered = named({"prenom": ["Sophie"], "nom": ["GARNIER"]}).record
    wider = named({**cells, "fax": [None]}).record
    assert first["print_lo"].to_list() != other_case["print_lo"].to_list()
    assert first["print_hi"].to_list() == other_case["print_hi"].to_list()
    assert first["print_hi"].to_list() != swapped["print_hi"].to_list()
    for same in (reordered, wider):
        assert first.select("print_lo", "print_hi").rows() == same.select("print_lo", "print_hi").rows()


def test_identity_is_typed_and_normalised():
    (row,) = person(
        {
            "nom_naissance": ["PETIT "],
            "nom": ["GARNIER"],
            "prenom": ["Sophie"],
            "civilite": ["Mme"],
            "date_naissance": ["12/03/1984"],
            "num_secu": ["2 88 06 2a 041 017 35"],
            "email": ["Sophie.Garnier@Example.ORG"],
            "tel": ["06 39 98 01 23"],
            "adresse": ["12 rue des Lilas"],
            "cp": ["1000"],
            "ville": ["BOURG-EN-BRESSE"],
            "id": ["41"],
        }
    )
    assert {k: v for k, v in row.items() if v is not None} == {
        "record_id": 7 << 36,
        "birth_name": "PETIT",
        "used_name": "GARNIER",
        "first_names": "Sophie",
        "sex": "F",
        "birth_date": date(1984, 3, 12),
        "nir": "288062A04101735",
        "nir_key": True,
        "email": "sophie.garnier@example.org",
        "phone": "+33639980123",
        "postal_address": "12 rue des Lilas",
        "postal_code": "01000",
        "city": "BOURG-EN-BRESSE",
        "internal_id": "41",
    }


def test_composite_cells_are_taken_apart():
    (row,) = person(
        {
            "nom_prenom": ["M. Paul LE GOFF"],
            "date_naissance": ["12/03/1984"],
            "adresse_complete": ["3 bd Foch, 29200 BREST"],
        }
    )
    assert (row["used_name"], row["first_names"], row["full_name"], row["sex"]) == (
        "LE GOFF",
        "Paul",
        "M. Paul LE GOFF",
        "M",
    )
    assert (row["postal_address"], row["postal_code"], row["city"]) == ("3 bd Foch", "29200", "BREST")


def test_a_mixed_column_is_told_value_by_value():
    facts = named(
        {"nom": ["GARNIER", "PETIT", "ROYER"], "contact": ["0639980123", "a@example.org", "0199000412"]}
    )
    assert categories(facts) == [{"used_name", "phone"}, {"used_name", "email"}, {"used_name", "phone"}]
    assert facts.identity["email"].to_list() == [None, "a@example.org", None]
    assert facts.identity["phone"].to_list() == ["+33639980123", None, "+33199000412"]


def test_contacts_fill_from_the_left_and_none_twice():
    row, _ = person(
        {
            "nom": ["GARNIER", "PETIT"],
            "mail": ["a@example.org", None],
            "mail2": ["A@example.org ; b@example.org", "c@example.org"],
            "tel1": [None, "0199000418"],
            "tel2": ["0199000412", None],
            "portable": ["0639980123 / 0199000412", "0639980144"],
        }
    )
    assert (row["email"], row["email2"]) == ("a@example.org", "b@example.org")
    assert (row["phone"], row["phone2"], row["phone3"]) == ("+33199000412", "+33639980123", None)


def test_somebody_elses_contact_is_no_contact_of_the_person():
    facts = named(
        {
            "NOM": ["GARNIER"],
            "MAILMED": ["dr@example.org"],
            "tel_urgence": ["0639980123"],
            "MothersMaiden": ["ROYER"],
        }
    )
    (row,) = facts.identity.rows(named=True)
    assert (row["email"], row["phone"], row["birth_name"]) == (None, None, None)
    assert categories(facts) == [{"used_name", "email", "phone", "relative"}]
    assert facts.counts["MAILMED", Category.EMAIL, About.PROFESSIONAL] == (1, 1)


def test_the_key_joins_its_number():
    rows = person(
        {"NIR_OD": ["1790463119042", "2550814168025"], "CLE": ["45", "1"], "NOM": ["GARNIER", "PETIT"]}
    )
    assert [(r["nir"], r["nir_key"]) for r in rows] == [("179046311904245", True), ("255081416802501", False)]


def test_a_foreign_number_is_no_nir():
    rows = person(
        {
            "NationalID": ["020444-463T", "LA 35 64 01", "255081416802538", "1234567890123"],
            "Surname": ["X"] * 4,
        }
    )
    assert [r["nir"] for r in rows] == [None, None, "255081416802538", None]


def test_births_known_by_the_year_alone():
    rows = person({"nom": ["GARNIER", "PETIT", "ROYER"], "ddn": ["19840300", "00/00/1950", "1984-03-12"]})
    assert [(r["birth_date"], r["birth_year"]) for r in rows] == [
        (None, 1984),
        (None, 1950),
        (date(1984, 3, 12), None),
    ]
    rows = person({"nom": ["GARNIER", "PETIT"], "AGE": ["43", "7"]})
    assert [r["birth_year"] for r in rows] == [1982, 2018]


@pytest.mark.parametrize(
    ("cell", "dead", "shown"),
    [
        ("O", True, True),
        ("03/01/2022", True, True),
        ("DCD", True, True),
        ("N", False, False),
        ("0", False, False),
        (None, None, False),
    ],
)
def test_deaths(cell, dead, shown):
    facts = named({"nom": ["GARNIER", "PETIT"], "deces": [cell, "O"]})
    assert facts.identity["deceased"].to_list() == [dead, True]
    assert ("death_date" in categories(facts)[0]) is shown


def test_texts_show_the_identifiers_they_hold_and_only_those_rows():
    facts = named(
        {
            "nom": ["GARNIER", "PETIT", "ROYER"],
            "commentaire": [
                "rappeler sa fille au 06 39 98 01 23",
                "rien à signaler ce jour",
                "NIR 255081416802538 vu",
            ],
        }
    )
    assert categories(facts) == [
        {"used_name", "medical_comment", "phone"},
        {"used_name", "medical_comment"},
        {"used_name", "medical_comment", "nir"},
    ]
    assert facts.counts["commentaire", Category.NIR, About.TEXT] == (1, 1)
    assert facts.identity["phone"].to_list() == [None] * 3


def test_ids_are_kept_to_join_tables():
    facts = named(
        {
            "user_id": ["7", "8", None],
            "motif": ["toux depuis hier", "suivi annuel prévu", "renouvellement simple"],
        }
    )
    assert facts.identity is None
    assert facts.keys.rows() == [(7 << 36, "user_id", "7"), ((7 << 36) + 1, "user_id", "8")]


def test_a_number_that_ten_rows_share_is_not_the_persons_own():
    rows = person({"NUMDOS": [str(n % 3) for n in range(120)], "NOM": ["GARNIER"] * 120})
    assert {r["internal_id"] for r in rows} == {None}


def test_tenants():
    labs = {"LABO": ["LABO 1", "LABO 2", "LABO 1", "LABO 2"], "NOM": ["GARNIER", "PETIT", "ROYER", "SAID"]}
    assert [r["tenant"] for r in person(labs)] == ["LABO 1", "LABO 2", "LABO 1", "LABO 2"]
    assert [r["tenant"] for r in person(labs, tenant_column="nom")] == ["GARNIER", "PETIT", "ROYER", "SAID"]
    insurers = {"AMC": ["75501234", "31200456"] * 2, "NOM": ["GARNIER", "PETIT", "ROYER", "SAID"]}
    assert [r["tenant"] for r in person(insurers)] == ["75501234", "31200456"] * 2


def test_decimals_of_a_spreadsheet_do_not_reach_the_identity():
    (row,) = person({"nom": ["GARNIER"], "portable": ["639980123.0"], "cp": ["56000.0"], "id": ["41.0"]})
    assert (row["phone"], row["postal_code"], row["internal_id"]) == ("+33639980123", "56000", "41")


def test_several_lines_of_an_address_are_one():
    (row,) = person({"nom": ["GARNIER"], "adr1": ["12 rue des Lilas"], "adr2": ["bât. B"], "adr3": [None]})
    assert row["postal_address"] == "12 rue des Lilas bât. B"


def test_american_dates_and_foreign_phones():
    (first, _) = person(
        {
            "Surname": ["Garnier", "Petit"],
            "Birthday": ["3/29/1982", "2/28/1956"],
            "TelephoneNumber": ["(07) 4946 7280", "082 490 1693"],
            "TelephoneCountryCode": ["61", "27"],
            "ZipCode": ["3910", "YO4 2ZN"],
        }
    )
    assert (first["birth_date"], first["phone"], first["postal_code"]) == (
        date(1982, 3, 29),
        "+61749467280",
        "3910",
    )


def test_an_unknown_column_with_phones_inside_is_scanned():
    facts = named({"nom": ["GARNIER"] * 3, "infos2": ["voir au 0639980123", "RAS", "fille : 01 99 00 04 12"]})
    assert facts.counts["infos2", Category.PHONE, About.TEXT] == (2, 2)


def test_columns_missing_from_a_batch_change_nothing():
    cells = {"nom": ["GARNIER"], "email": ["a@example.org"]}
    batch = pa.table(
        {"_line": [1], "_locator": pa.nulls(1, pa.string()), **{k: pa.array(v) for k, v in cells.items()}}
    )
    samples = columns.sample([batch])
    table = plan(samples, judge_table(samples, table="", today=TODAY))
    facts = name_batch(batch.drop_columns(["email"]), table, 0, b"s" * 32, TODAY)
    assert facts.identity["email"].to_list() == [None]
    assert pl.Series(["used_name"]).to_list() == sorted(categories(facts)[0])

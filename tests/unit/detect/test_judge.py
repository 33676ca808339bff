"""Judgements that need several columns, many values, or a person's word. The plain ones: tests/spec/columns.txt."""

from datetime import date

import polars as pl
import pytest

from hemostat.detect import ColumnSample, judge, judge_table, nir
from hemostat.detect.dates import Numeric, Order
from hemostat.detect.judge import as_decided
from hemostat.model import About, Category

TODAY = date(2025, 11, 28)


def categories(found):
    return [str(c.category) for c in found]


def table(columns, name="t.csv"):
    samples = [ColumnSample.of(heading, values) for heading, values in columns.items()]
    return dict(zip(columns, judge_table(samples, table=name, today=TODAY), strict=True))


def numbers(count, *, keyed):
    bodies = pl.Series(
        [f"1{n % 90 + 10}{n % 12 + 1:02d}75{n % 900 + 50:03d}{n + 1:03d}" for n in range(count)]
    )
    keys = nir.key(bodies).to_list() if keyed else [(n * 37) % 97 + 1 for n in range(count)]
    return [f"{b}{k:02d}" for b, k in zip(bodies, keys, strict=True)]


def test_right_keys_make_a_nir_sure_under_any_heading():
    for heading in ("num_secu", "col_3", "champ_libre_2", "reference"):
        found = judge(heading, numbers(100, keyed=True), today=TODAY)
        assert categories(found) == ["nir"]
        assert found[0].confidence > 0.9


def test_wrong_keys_under_its_heading_are_a_nir_that_was_damaged_or_made_up():
    found = judge("num_secu", numbers(100, keyed=False), today=TODAY)
    assert categories(found) == ["nir"]
    assert found[0].confidence == 0.5


def test_wrong_keys_under_another_heading_are_none():
    assert "nir" not in categories(judge("col_3", numbers(100, keyed=False), today=TODAY))


def test_a_nir_half_destroyed_is_still_one():
    column = numbers(60, keyed=True) + ["1.83058E+14", "2.55081E+14"] * 20
    assert categories(judge("N° SS", column, today=TODAY)) == ["nir"]


def test_the_key_in_its_own_column():
    found = table(
        {"NIR_OD": ["1790463119042", "2550814168025"], "CLE": ["45", "5"], "NOM": ["GARNIER", "LE GOFF"]}
    )
    assert found["CLE"][0].category is Category.NIR
    assert found["CLE"][0].part == "key"


def test_a_column_cle_without_a_nir_is_no_key():
    found = table({"CLE": ["45", "5", "7"], "NOM": ["GARNIER", "LE GOFF", "PETIT"]})
    assert [c.part for c in found["CLE"]] in ([], [None])


def test_a_calling_code_beside_phones():
    found = table(
        {"TelephoneNumber": ["(07) 4946 7280", "082 490 1693"], "TelephoneCountryCode": ["61", "27"]}
    )
    assert found["TelephoneCountryCode"][0].part == "country_code"
    assert found["TelephoneNumber"][0].part is None


def test_nine_digits_among_french_numbers_lost_their_zero():
    found = judge("tel", ["0199000412", "0639980123", "639980144"], today=TODAY)
    assert found[0].part == "lost_zero"


def test_nine_digits_among_foreign_numbers_did_not():
    found = judge("tel", ["(07) 4946 7280", "21 259 903 5696", "639980144", "082 490 16931"], today=TODAY)
    assert found[0].part is None


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["3/29/1982", "2/28/1956"], Order.MONTH),
        (["29/3/1982", "28/2/1956"], Order.DAY),
        (["3/2/1982"], Order.DAY),
    ],
)
def test_day_or_month_first(values, order):
    assert judge("Birthday", values, today=TODAY)[0].style.order is order


def test_what_numbers_of_a_birth_column_count():
    assert judge("AGE", ["43", "7", "81"], today=TODAY)[0].style.numeric is Numeric.AGE
    assert judge("date_naissance", ["30753", "18957"], today=TODAY)[0].style.numeric is Numeric.SERIAL
    assert judge("annee_naissance", ["1984", "1951"], today=TODAY)[0].style.numeric is Numeric.YEAR


def test_births_are_told_from_visits_by_their_spread():
    births = [f"{n % 28 + 1:02d}/{n % 12 + 1:02d}/{1935 + n % 80}" for n in range(200)]
    visits = [f"{n % 28 + 1:02d}/{n % 12 + 1:02d}/{2023 + n % 3}" for n in range(200)]
    assert categories(judge("col_1", births, today=TODAY)) == ["birth_date"]
    assert categories(judge("col_1", visits, today=TODAY)) == ["appointment"]
    assert categories(judge("date", births, today=TODAY)) == ["birth_date"]
    assert categories(judge("date", visits, today=TODAY)) == ["appointment"]
    assert categories(judge("zone_2", visits, today=TODAY)) == []


def test_the_name_of_a_table_speaks_for_its_bare_headings():
    columns = {
        "patient_id": ["1", "2"],
        "texte": ["doliprane si douleur"],
        "date": ["2024-01-02", "2024-03-04"],
    }
    found = table(columns, "dump.sql#prescriptions")
    assert categories(found["texte"]) == ["prescription"]
    assert categories(found["date"]) == ["prescription"]
    found = table({"organisme": ["MUTUELLE DU PORT"], "fin": ["31/12/2025"]}, "dump.sql#mutuelles")
    assert categories(found["fin"]) == ["health_insurance"]


def test_surnames_and_first_names_under_each_others_headings():
    first, last = (
        ["Sophie", "Paul", "Aïcha", "Mamadou", "Gwenaëlle"],
        ["GARNIER", "LE GOFF", "BENALI", "DIALLO", "LEFEVRE"],
    )
    assert categories(judge("nom", first, today=TODAY)) == ["first_name"]
    assert categories(judge("prenom", last, today=TODAY)) == ["used_name"]
    assert categories(judge("nom", [f"{a} {b}" for a, b in zip(last, first, strict=True)], today=TODAY)) == [
        "full_name"
    ]


def test_a_few_addresses_among_phones_are_seen():
    column = [f"06399801{n:02d}" for n in range(95)] + [f"a{n}@example.org" for n in range(5)]
    assert categories(judge("tel", column, today=TODAY)) == ["phone", "email"]


def test_a_person_has_the_last_word():
    sample = ColumnSample.of("zone_7", ["LEVOTHYROX", "RAMIPRIL"])
    assert as_decided(sample, (), None, "M. Morel", TODAY) == ()
    (found,) = as_decided(sample, (), Category.TREATMENT, "M. Morel", TODAY)
    assert (found.category, found.about, found.confidence, found.decided_by) == (
        Category.TREATMENT,
        About.PERSON,
        1.0,
        "M. Morel",
    )


def test_a_decision_keeps_what_the_rules_knew_of_the_column():
    sample = ColumnSample.of("Birthday", ["3/29/1982", "2/28/1956"])
    found = judge_table([sample], table="", today=TODAY)[0]
    (kept,) = as_decided(sample, found, Category.BIRTH_DATE, "M. Morel", TODAY)
    assert kept.style.order is Order.MONTH
    (other,) = as_decided(sample, found, Category.DEATH_DATE, "M. Morel", TODAY)
    assert other.style.order is Order.MONTH


def test_nothing_in_nothing_out():
    assert judge("nom", [], today=TODAY) == ()
    assert judge("nom", [None, "NULL", " "], today=TODAY) == ()
    assert judge_table([], table="", today=TODAY) == ()


def test_a_decision_about_an_empty_column():
    sample = ColumnSample.of("zone_7", [None])
    (found,) = as_decided(sample, (), Category.EMAIL, "M. Morel", TODAY)
    assert found.category is Category.EMAIL


def test_a_name_of_something_else_is_no_name_of_a_person():
    assert categories(judge("nom_produit", ["DOLIPRANE", "SPASFON", "GAVISCON", "SMECTA"], today=TODAY)) == [
        "treatment"
    ]
    assert categories(judge("nom_contact_patient", ["GARNIER", "LE GOFF", "BENALI"], today=TODAY)) == [
        "used_name"
    ]


def test_lists_of_first_names_are_not_full_names():
    column = ["Aurélie Nadège Annick", "Jean-Pierre Henri René", "Guillaume Paul", "Mohamed Karim"]
    assert categories(judge("prenoms", column, today=TODAY)) == ["first_name"]


def test_what_a_machine_wrote_is_no_comment():
    column = [f'{{"code": {{"system": "http://example.org/terms", "value": "a{n}"}}}}' for n in range(40)]
    assert categories(judge("subtype", column, today=TODAY)) == []


def test_a_long_varied_text_under_an_unknown_heading_is_taken_for_a_comment():
    column = [
        f"le patient numéro {n} se plaint de douleurs diffuses depuis plusieurs jours" for n in range(40)
    ]
    assert categories(judge("zone_texte_9", column, today=TODAY)) == ["medical_comment"]


def test_one_label_all_over_is_no_name():
    assert judge("libelle", ["MARTIN"] * 300, today=TODAY) == ()
    assert judge("libelle", ["MARTIN", "PETIT"] * 150, today=TODAY) == ()


def test_what_headings_of_a_table_begin_with_says_nothing_of_each():
    columns = {
        "ZNUMD": ["056954", "056955", "056958"],
        "ZNOM": ["GARNIER", "PETIT", "ROYER"],
        "ZSEX": ["1", "2", "1"],
        "ZCPOS": ["29260", "29800", "29200"],
    }
    found = judge_table([ColumnSample.of(*column) for column in columns.items()], table="t.csv", today=TODAY)
    assert [str(one[0].category) for one in found[1:]] == ["used_name", "sex", "postal_code"]


def test_an_unknown_heading_in_a_table_of_people_is_taken_at_its_likeliest():
    columns = {
        "prenom": ["Sophie", "Paul", "Aïcha", "Louis", "Jeanne", "Émile", "Nadia", "Hugo"],
        "ZQX": [
            "GALLIOU",
            "KERMORVAN",
            "BREZULIER",
            "TANGUYDEC",
            "PENNANEACH",
            "LOZACHMEUR",
            "GUEGANTON",
            "RIOUALLEC",
        ],
        "WVK": [f"8{n}0{n}5236" for n in range(1, 9)],
    }
    found = judge_table([ColumnSample.of(*column) for column in columns.items()], table="t.csv", today=TODAY)
    assert [str(one[0].category) for one in found] == ["first_name", "used_name", "internal_id"]
    alone = judge_table([ColumnSample.of("WVK", columns["WVK"])], table="t.csv", today=TODAY)
    assert alone == ((),)

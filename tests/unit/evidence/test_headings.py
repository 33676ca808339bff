"""Is the first row a heading? Judged by content; in doubt it is not, for a row taken for a heading is a person lost."""

import pytest

from hemostat.evidence import headings

CASES = """
 first row                       | rows below                                   || heading
 nom;prenom;naissance            | DURAND;Odette;1980-01-01 / PETIT;Inès;1981   || yes
 Number;Gender;GivenName         | 1;female;Marie / 2;male;Jean                 || yes
 LABO;CODE_POSTAL;NUM_SECU       | L1;75016;190027511604216 / L2;69001;2        || yes
 nom;prenom                      | DURAND;Odette / PETIT;Inès / LE GOFF;Yann    || yes
 Nom;Prénom                      | Durand;Odette / Petit;Inès / Le Goff;Yann    || yes
 id                              | 12 / 13 / 14                                 || yes
 a;b;c                           | 1;2;3 / 4;5;6                                || yes
 DURAND;Odette;1980-01-01        | PETIT;Inès;1981-02-03 / LE GOFF;Yann;1990    || no
 DURAND;Odette                   | PETIT;Inès / LE GOFF;Yann / MARTIN;Zoé       || no
 Durand;Odette                   | Petit;Inès / Le Goff;Yann / Martin;Zoé       || no
 DURAND;Odette;                  | PETIT;Inès;0639980101 / MARTIN;Odette;       || no
 o.durand@example.org;x1         | i.petit@example.org;y2                       || no
 12;13;14                        | 15;16;17                                     || no
 Paris;Paris;Paris               | Lyon;Lyon;Paris / Paris;Lyon;Lyon            || no
 nom;nom;email;email             | A;B;a@example.org;b@example.org / C;D;;      || yes
 c0;c1;c2;c3                     | v00;v10;v20;v30 / v01;v11;v21;v31            || yes
 id;nom;q1;q2;q3                 | 7;DURAND;4;5;6 / 8;PETIT;1;2;2               || yes
 A1;A2;A3                        | A4;A5;A6 / A7;A8;A9                          || no
 Odette;Odette;Zoé;Zoé           | Inès;Inès;Zoé;Zoé / Odette;Zoé;Zoé;Inès      || no
 nom;nom_jf;mail                 |                                              || yes
 DURAND;Odette                   |                                              || no
"""


def rows_of(text):
    for line in text.strip().splitlines()[1:]:
        first, rest = line.split("|", 1)
        below, answer = rest.split("||")
        yield (
            first.strip().split(";"),
            [r.strip().split(";") for r in below.split("/") if r.strip()],
            answer.strip(),
        )


@pytest.mark.parametrize(
    ("first", "below", "answer"), list(rows_of(CASES)), ids=lambda value: str(value)[:40]
)
def test_headings(first, below, answer):
    assert headings.is_heading(first, below) is (answer == "yes")


def test_what_stands_above_the_heading_is_a_preamble():
    rows = [
        ["Liste des patients", "", ""],
        [],
        ["nom", "prenom", "tel"],
        ["DURAND", "Odette", "0639980101"],
    ] * 1
    assert headings.find(rows, 3) == 2


def test_rows_above_a_heading_are_no_preamble():
    rows = [["PETIT", "Inès", "0639980102"], ["nom", "prenom", "tel"], ["DURAND", "Odette", "0639980101"]]
    assert headings.find(rows, 3) is None


def test_names_stay_apart():
    assert headings.named(["a", "a (2)", "a", " b\n c ", "\ufeffx", "_locator"], 7) == (
        "a", "a (2)", "a (3)", "b c", "x", "_locator (2)", "col_7",
    )  # fmt: skip

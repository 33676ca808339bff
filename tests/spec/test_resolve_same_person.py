# ruff: noqa: E501 - a table is read across
"""Are these two rows one person? A table that an identitovigilance cell can read, row by row.

Verdicts: `same`, a certain link; `likely`, a possible link that the best count follows; `doubt`, a possible link that
it does not follow; `apart`, no link at all. A row is `SURNAME/USED NAME, First names, birth date, …`; an empty part
is a missing value. The rows stand in a crowd of other people, so that names are neither all rare nor all common.
"""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from hemostat.resolve import people

# NIR used below: 2 80 02 75 114 042 25 is a woman born in February 1980, 1 80 02 75 114 042 | 044 a man.
CASES = """
 first row                                                  | second row                                                || verdict | why
 MARTINET, Odile, 1961-04-12                                 | MARTINET, Odile, 1961-04-12                               || same    | names_birth_date
 MARTINET, Odile, 1961-04-12                                 | Martinet, ODILE, 1961-04-12                               || same    | names_birth_date
 LÉVÊQUE-NOËL, Zoé, 1991-07-30                               | LEVEQUE NOEL, ZOE, 1991-07-30                             || same    | names_birth_date
 D'ARTOIS, Jean-Loup, 1950-10-02                             | D ARTOIS, JEAN LOUP, 1950-10-02                           || same    | names_birth_date
 LE GUENNEC, Yann, 1975-03-17                                | LEGUENNEC, Yann, 1975-03-17                               || same    | names_birth_date
 DE LA ROCHETTE, Anne, 1966-05-21                            | ROCHETTE, Anne, 1966-05-21                                || same    | birth_date_given_contact
 ST AUBIN, Luce, 1943-09-09                                  | SAINT-AUBIN, Luce, 1943-09-09                             || same    | names_birth_date
 BRUNELLE/GARCIN, Sylvie, 1958-11-23                         | GARCIN, Sylvie, 1958-11-23                                || same    | names_birth_date
 BRUNELLE/GARCIN, Sylvie, 1958-11-23                         | BRUNELLE, Sylvie, 1958-11-23                              || same    | names_birth_date
 BRUNELLE/GARCIN, Sylvie, 1958-11-23                         | GARCIN/BRUNELLE, Sylvie, 1958-11-23                       || same    | names_birth_date
 BRUNELLE épouse GARCIN, Sylvie, 1958-11-23                  | GARCIN, Sylvie, 1958-11-23                                || same    | names_birth_date
 GARCIN née BRUNELLE, Sylvie, 1958-11-23                     | BRUNELLE, Sylvie, 1958-11-23                              || same    | names_birth_date
 BRUNELLE-GARCIN, Sylvie, 1958-11-23, F                      | GARCIN, Sylvie, 1958-11-23, F                             || same    |
 BRUNELLE, Sylvie, 1958-11-23, F                             | GARCIN, Sylvie, 1958-11-23, F                             || doubt   |
 BRUNELLE, Sylvie, 1958-11-23, F, s.b@example.org            | GARCIN, Sylvie, 1958-11-23, F, s.b@example.org            || same    | birth_date_given_contact
 BRUNELLE, Sylvie, 1958-11-23, F, +33639980101               | GARCIN, Sylvie, 1958-11-23, F, +33639980101               || same    | birth_date_given_contact
 BRUNELLE, Sylvie, 1958-11-23, F, 3 rue Basse 59123          | GARCIN, Sylvie, 1958-11-23, F, 3 rue Basse 59123          || same    | birth_date_given_contact
 BRUNELLE, Sylvie, 1958-11-23, F, 258115911400176            | GARCIN, Sylvie, 1958-11-23, F, 258115911400176            || same    | nir_coherent
 MARTINET, Odile, 1961-04-12                                 | MARTINET, Odile Jeanne Marie, 1961-04-12                  || same    | names_birth_date
 MARTINET, "Odile, Jeanne", 1961-04-12                       | MARTINET, Odile, 1961-04-12                               || same    | names_birth_date
 MARTINET, "Odile, Jeanne", 1961-04-12                       | MARTINET, Jeanne, 1961-04-12                              || same    |
 MARTINET, Jean-Pierre, 1961-04-12                           | MARTINET, Jean Pierre, 1961-04-12                         || same    | names_birth_date
 MARTINET, Jean-Pierre, 1961-04-12                           | MARTINET, J.P., 1961-04-12                                || same    |
 MARTINET, Jean-Pierre, 1961-04-12                           | MARTINET, Jean, 1961-04-12                                || same    | names_birth_date
 MARTINET, Odile, 1961-04-12                                 | MARTINET, O, 1961-04-12                                   || same    |
 MARTINET, Frédérique, 1961-04-12                            | MARTINET, Frederiq, 1961-04-12                            || same    |
 MARTINET, Guillaume, 1961-04-12                             | MARTINET, William, 1961-04-12                             || likely  | birth_date_surname_given_alike
 MARTINET, Mohammed, 1961-04-12                              | MARTINET, Muhammad, 1961-04-12                            || likely  | birth_date_surname_given_alike
 MARTINET, Louis, 1961-04-12, , f@example.org                | MARTINET, Louise, 1961-04-12, , f@example.org             || doubt   | two_first_names
 MARTINET, Jean-Luc, 1961-04-12, , f@example.org             | MARTINET, Jean-Marc, 1961-04-12, , f@example.org          || doubt   | two_first_names
 MARTINET, Marie, 1961-04-12, F, f@example.org               | MARTINET, Marine, 1961-04-12, F, f@example.org            || doubt   | two_first_names
 MARTINET, Élodie, 1961-04-12, F, f@example.org              | MARTINET, Elody, 1961-04-12, F, f@example.org             || likely  | birth_date_surname_given_alike
 MARTINET, Odile, 1961-04-12                                 | MARTINET, Odlie, 1961-04-12                               || same    |
 MARTINET, Odile, 1961-04-12                                 | MARTINTE, Odile, 1961-04-12                               || same    |
 MARTINET, Odile, 1961-04-12                                 | MARTINE, Odile, 1961-04-12                                || same    |
 MARTINET, Odile, 1961-04-12                                 | ODILE, Martinet, 1961-04-12                               || likely  |
 MARTINET Odile, , 1961-04-12, full                          | Odile MARTINET, , 1961-04-12, full                        || same    |
 MARTINET Odile, , 1961-04-12, full                          | MARTINET, Odile, 1961-04-12                               || same    |
 "MARTINET, Odile", , 1961-04-12, full                       | MARTINET, Odile, 1961-04-12                               || same    |
 Mme Odile Martinet, , 1961-04-12, full                      | MARTINET, Odile, 1961-04-12                               || same    |
 MARTINET, Odile, 1961-04-12                                 | MARTINET, Odile, 1961-12-04                               || likely  | slip
 MARTINET, Odile, 1961-04-12                                 | MARTINET, Odile, 1961-04-13                               || likely  | slip
 MARTINET, Odile, 1961-04-12, +33639980102                   | MARTINET, Odile, 1961-12-04, +33639980102                 || same    | slip_and_contact
 MARTINET, Odile, 1961-04-12, +33639980102                   | MARTINET, Odile, 1961-04-21, +33639980102                 || likely  | slip_and_contact
 MARTINET, Odile, 1961-04-25                                 | MARTINET, Odile, 1961-09-13                               || apart   |
 MARTINET, Odile, 1961-04-25, o.m@example.org                | MARTINET, Odile, 1987-09-13, o.m@example.org              || apart   |
 MARTINET, Odile, 1961-04-12                                 | MARTINET, Odile, 1961-01-01                               || doubt   |
 MARTINET, Odile, 1961-04-12, o.m@example.org                | MARTINET, Odile, 1961-01-01, o.m@example.org              || likely  |
 MARTINET, Odile, 1961-01-01                                 | MARTINET, Odile, 1961-01-01                               || doubt   |
 MARTINET, Odile, 1961-01-01, 7 rue Haute 59123              | MARTINET, Odile, 1961-12-31, 7 rue Haute 59123            || likely  |
 MARTINET, Odile, 1961-04-12, o.m@example.org                | MARTINET, Odile, 1900-01-01, o.m@example.org              || likely  |
 MARTINET, Odile, 1900-01-01                                 | GARCIN, Paul, 1900-01-01                                  || apart   |
 MARTINET, Odile, 1970-01-01                                 | MARTINET, Odile, 1961-04-12                               || doubt   |
 MARTINET, Odile, 1961-04-12                                 | MARTINET, Odile,                                          || doubt   |
 MARTINET, Odile, , o.m@example.org                          | MARTINET, Odile, , o.m@example.org                        || likely  | names_contact
 MARTINET, Odile, , +33639980102                             | MARTINET, Odile, , +33639980102                           || likely  | names_contact
 MARTINET, Odile, , 7 rue Haute 59123                        | MARTINET, Odile, , 7 rue Haute 59123                      || likely  | names_contact
 MARTINET, Odile,                                            | MARTINET, Odile,                                          || doubt   |
 MARTINET, ,                                                 | MARTINET, ,                                               || apart   |
 MARTINET, Bébé, 2024-04-12                                  | MARTINET, Bébé, 2024-04-12                                || likely  |
 MARTINET, X, 1961-04-12                                     | GARCIN, X, 1961-04-12                                     || apart   |
 MARTINET, INCONNU, 1961-04-12                               | MARTINET, INCONNU, 1983-01-25                             || apart   |
 INCONNU, Sans prénom, 1961-04-12, o.m@example.org           | INCONNU, Sans prénom, 1983-01-25, o.m@example.org         || apart   |
 MARTINET, Léa, 2010-06-05, 7 rue Haute 59123                | MARTINET, Tom, 2010-06-05, 7 rue Haute 59123              || apart   |
 MARTINET, Léa, 2010-06-05, F, fam@example.org               | MARTINET, Léo, 2010-06-05, M, fam@example.org             || apart   |
 MARTINET, Julie, 2010-06-05, F, fam@example.org             | MARTINET, Julien, 2010-06-05, M, fam@example.org          || apart   |
 MARTINET, Daniel, 2010-06-05, M, fam@example.org            | MARTINET, Danielle, 2010-06-05, F, fam@example.org        || apart   |
 MARTINET, Léa, 2010-06-05, F, 210065911400149               | MARTINET, Eva, 2010-06-05, F, 210065911400246             || apart   |
 MARTINET, Léa, 2010-06-05, F, 210065911400149               | MARTINET, Léa, 2010-06-05, F, 210065911400246             || apart   |
 MARTINET, Odile, 1961-04-12, F, fam@example.org             | MARTINET, Bruno, 1959-08-30, M, fam@example.org           || apart   |
 MARTINET, Odile, , fam@example.org                          | MARTINET, Bruno, , fam@example.org                        || apart   |
 MARTINET, Odile, , +33139980102                             | GARCIN, Bruno, , +33139980102                             || apart   |
 MARTINET, Paul, 1931-03-08, M, 7 rue Haute 59123            | MARTINET, Paul, 1962-11-20, M, 7 rue Haute 59123          || apart   |
 MARTINET, Odile, 1980-02-03, F, 280027511404225             | MARTINET, Odile, 1980-02-03, F, 280027511404225           || same    | nir_coherent
 MARTINET, Odile, 1980-02-03, F, 280027511404225             | MARTINET, Odile, 1980-02-03, F, 2800275114042             || same    | nir_coherent
 MARTINET, Odile, 1980-02-03, F, 280027511404225             | GARCIN, Odile, 1980-02-03, F, 280027511404225             || same    | nir_coherent
 MARTINET, Odile, 1980-02-03, F, 280027511404225             | MARTINET, Jeanne, 1980-02-03, F, 280027511404225          || same    | nir_coherent
 MARTINET, Odile, 1980-02-03, F, 280027511404225             | MARTINET, Tom, 2010-06-05, M, 280027511404225             || apart   |
 MARTINET, Eva, 2011-02-05, F, 280027511404225               | MARTINET, Tom, 2010-06-05, M, 280027511404225             || apart   |
 MARTINET, Tom, 2010-06-05, M, 280027511404225               | MARTINET, Tom, 2010-06-05, M, 280027511404225             || same    |
 MARTINET, Tom, 2010-06-05, M, 280027511404225               | GARCIN, Tom, 2010-06-05, M, 180027511404252               || apart   |
 MARTINET, Odile, 1980-02-03, F, 280027511404225             | MARTINET, Odile, 1980-02-03, F, 280027511404128           || apart   |
 MARTINET, Odile, 1980-02-03, F, 280027511404225             | MARTINET, Odile, 1980-02-03, F, 280027511405225 bad       || same    |
 MARTINET, Odile, 1980-02-03, F, 280207511404281             | MARTINET, Odile, 1980-02-03, F, 280207511404281           || same    | nir_coherent
 MARTINET, Odile, 1980-02-03, F, 280557511404213             | MARTINET, Odile, 1980-02-03, F, 280557511404213           || same    | nir_coherent
 , , , 280027511404225                                       | MARTINET, Odile, 1980-02-03, F, 280027511404225           || likely  |
 , , , 280027511404225                                       | MARTINET, Tom, 2010-06-05, M, 280027511404225             || doubt   |
 MARTINET, Odile, 1961-04-12, id 4411 cabinet A              | MARTINET, O, , id 4411 cabinet A                          || same    | internal_id
 MARTINET, Odile, 1961-04-12, id 4411 cabinet A              | GARCIN, Odile, 1961-04-12, id 4411 cabinet A              || same    | internal_id
 MARTINET, Odile, 1961-04-12, id 4411 cabinet A              | GARCIN, Paul, 1987-09-13, id 4411 cabinet A               || apart   |
 MARTINET, Odile, , id 4411 cabinet A                        | GARCIN, Paul, , id 4411 cabinet B                         || apart   |
 MARTINET, Odile, 1961-04-12, id 4411 cabinet A              | MARTINET, Odile, 1961-04-12, id 9 cabinet B               || same    | names_birth_date
 MARTINET, Odile, 1961-04-12, o.m@example.org                | MARTINET, Odile, 1961-04-12, odile@example.net            || same    | names_birth_date
 MARTINET, Odile, , o.m+shop@example.org                     | MARTINET, Odile, , o.m@example.org                        || likely  | names_contact
 , , , o.m@example.org                                       | , , , o.m@example.org                                     || likely  |
 COMMUN, Marie, 1961-04-12                                   | COMMUN, Marie, 1961-04-12                                 || same    | names_birth_date
 COMMUN, Marie, , 59123                                      | COMMUN, Marie, , 59123                                    || doubt   |
 COMMUN, Marie, 1961-04-12                                   | COMMUN, Marie, 1961-04-21                                 || apart   |
 COMMUN, Claire, 1961-04-12, fam@example.org                 | COMMUN, Clara, 1961-04-12, fam@example.org                || apart   |
"""


def _split(line: str) -> list[str]:
    parts, quoted, held = [""], False, line.strip()
    for sign in held:
        if sign == '"':
            quoted = not quoted
        elif sign == "," and not quoted:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


def _row(text: str) -> dict[str, object]:
    """One row of the table as columns of the identity frame."""
    names, given, born, *others = _split(text)
    birth, _, used = names.partition("/")
    row: dict[str, object] = {
        "birth_name": birth or None,
        "used_name": used or None,
        "first_names": given or None,
        "birth_date": date.fromisoformat(born) if born else None,
    }
    for part in others:
        if part == "full":
            row |= {"full_name": names, "birth_name": None, "used_name": None}
        elif part in ("F", "M"):
            row["sex"] = part
        elif "@" in part:
            row["email"] = part
        elif part.startswith("+33"):
            row["phone"] = part
        elif part.startswith("id "):
            _, row["internal_id"], row["tenant"] = part.split(" ", 2)
        elif part.split(" ")[0].isdigit() and len(part.split(" ")[0]) >= 13:
            row["nir"] = part.split(" ")[0]
            row["nir_key"] = None if len(part) == 13 else not part.endswith("bad")
        elif part.isdigit():
            row["postal_code"] = part
        else:
            row["postal_address"], _, row["postal_code"] = part.rpartition(" ")
    return row


def _cases() -> list[object]:
    lines = [line for line in CASES.strip().splitlines()[1:] if line.strip()]
    found = []
    for number, line in enumerate(lines, 1):
        rows, verdict = line.split("||")
        one, other = rows.split("|")
        expected, _, reason = (part.strip() for part in verdict.partition("|"))
        found.append(pytest.param(_row(one), _row(other), expected, reason, id=f"{number:02d} {expected}"))
    return found


@pytest.fixture(scope="module")
def crowd() -> pl.DataFrame:
    """People around the two rows: 300 surnames, of which COMMUN is borne by one in six, and 60 first names."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    given = [
        "Marie",
        "Claire",
        "Clara",
        "Julie",
        "Julien",
        "Daniel",
        "Danielle",
        "Léa",
        "Léo",
        "Tom",
        "Odile",
        "Paul",
    ]
    rows = [
        {
            "birth_name": "COMMUN"
            if n % 6 == 0
            else f"{letters[n % 26]}OR{letters[n * 7 % 26]}ELL{letters[n % 11]}N",
            "first_names": given[n % 12] if n % 5 else f"Prén{letters[n % 26].lower()}m",
            "birth_date": date(1930 + n * 13 % 90, 1 + n * 5 % 12, 2 + n * 11 % 27),
            "sex": "F" if n % 2 else "M",
            "postal_code": f"{10000 + n * 37 % 900 * 100:05d}",
        }
        for n in range(1200)
    ]
    return pl.DataFrame(rows)


@pytest.mark.parametrize(("one", "other", "verdict", "reason"), _cases())
def test_two_rows(one, other, verdict, reason, crowd):
    frame = pl.concat([pl.DataFrame([one, other], infer_schema_length=None), crowd], how="diagonal_relaxed")
    found = people(frame.with_row_index("record_id").cast({"record_id": pl.Int64}))
    first, second = (found.clusters.row(n, named=True) for n in (0, 1))
    pair = found.pairs.filter((pl.col("record_a") == 0) & (pl.col("record_b") == 1))
    if first["certain"] == second["certain"]:
        got = "same"
    elif first["best"] == second["best"]:
        got = "likely"
    else:
        got = "doubt" if first["all_possible"] == second["all_possible"] else "apart"
    assert got == verdict
    if reason and pair.height:  # rows that nothing tells apart are one without a link
        assert pair["reason"].to_list() == [reason]


def test_table_is_long_enough():
    assert len(_cases()) >= 80

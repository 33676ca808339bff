"""Delimited text as it is met: dialects, encodings, headings, and every kind of damage, with the sums."""

import csv
import io
import textwrap

import pytest

from factories import HEADINGS, csv_text, people
from hemostat.evidence import Limits
from hemostat.evidence.delimited import rows
from hemostat.evidence.reasons import Reason

HEAD = "id;nom;prenom;naissance\n"
BODY = "".join(f"{n};NOM{n};Prenom{n};1980-01-{n:02d}\n" for n in range(1, 21))


def one(tables):
    assert len(tables) == 1
    return tables[0]


def test_a_plain_file(read):
    found = one(read((HEAD + BODY).encode()))
    assert found.names == ["id", "nom", "prenom", "naissance"]
    assert found.rows[0] == ["1", "NOM1", "Prenom1", "1980-01-01"]
    assert found.at == list(range(2, 22))
    assert (found.counted, found.units, found.header) == (21, 21, 1)
    assert found.note == "encoding=utf-8, delimiter=semicolon, columns=4, heading=1"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "\x01", "^", "~"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"]
)
def test_dialects_and_encodings(read, delimiter, encoding):
    rows = [(*row[:7], "réduit à «\u00a0rien\u00a0»", row[8]) for row in people(30)]
    found = one(read(csv_text(rows, delimiter=delimiter).encode(encoding)))
    assert [tuple(row) for row in found.rows] == rows
    assert found.names == list(HEADINGS)
    assert found.counted == found.units == 31


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(read, end):
    found = one(read((HEAD + BODY).replace("\n", end).encode()))
    assert len(found.rows) == 20
    assert found.at[-1] == 21
    assert found.rows[-1][-1] == "1980-01-20"


def test_what_the_standard_library_reads_is_read_alike(read):
    cells = [["a,b", 'say "x"', "two\nlines", ""], [" lead", "trail ", "é", "0123"], ["", "", "", "end"]] * 9
    out = io.StringIO()
    csv.writer(out).writerows([["nom", "mot", "texte", "code"], *cells])
    found = one(read(out.getvalue().encode()))
    oracle = list(csv.reader(io.StringIO(out.getvalue(), newline="")))
    assert found.rows == [[cell or None for cell in row] for row in oracle[1:]]
    assert found.at[:4] == [2, 4, 5, 6]


def test_null_as_databases_write_it_and_nul_octets(read):
    found = one(read((HEAD + BODY + "21;\\N;A\0B;\\N\n").encode()))
    assert found.rows[-1] == ["21", None, "AB", None]


def test_quotes_escaped_with_a_backslash(read):
    lines = "".join(f'"{n}";"dit \\"oui\\", {n}";"fin\\\\"\n' for n in range(1, 9))
    found = one(read(("id;mot;texte\n" + lines).encode()))
    assert found.rows[0] == ["1", 'dit "oui", 1', "fin\\"]
    assert found.counted == found.units == 9


def test_single_quotes(read):
    lines = "".join(f"'{n}','O''Neil, {n}','0{n}'\n" for n in range(1, 9))
    found = one(read(("'id','nom','tel'\n" + lines).encode()))
    assert found.names == ["id", "nom", "tel"]
    assert found.rows[0] == ["1", "O'Neil, 1", "01"]


def test_preamble_repeated_heading_blank_and_empty_rows(read):
    text = "sep=;\nExport du 12/03/2026\n\n" + HEAD + BODY + "\n   \n;;;\n" + HEAD + "21;X;Y;1980-02-01\n"
    found = one(read(text.encode("utf-8-sig")))
    assert (found.out_of_scope, found.blank, found.header, len(found.rows)) == (2, 4, 2, 21)
    assert found.at[0] == 5
    assert found.at[-1] == 29
    assert found.counted == found.units == 29


def test_a_heading_after_a_byte_order_mark_in_the_middle(read):
    """As when exports of the same program are joined end to end."""
    part = ('"id";"nom";"naissance"\n' + "".join(f'"{n}";"N{n}";"1980-01-01"\n' for n in range(9))).encode(
        "utf-8-sig"
    )
    found = one(read(part + part))
    assert (found.header, len(found.rows)) == (2, 18)
    assert found.rows[9][0] == "0"


def test_names_of_columns(read):
    text = "nom;;nom;_line;prenom\n" + "A;1;B;2;C\n" * 5
    assert one(read(text.encode())).names == ["nom", "col_2", "nom (2)", "_line (2)", "prenom"]


def test_delimiter_at_the_end_of_each_row(read):
    text = HEAD.replace("\n", ";\n") + BODY.replace("\n", ";\n") + "21;A;B;1980-01-01;;surplus\n"
    found = one(read(text.encode()))
    assert found.names == ["id", "nom", "prenom", "naissance"]
    assert (len(found.rows), [one.reason for one in found.aside]) == (20, [Reason.TOO_MANY_FIELDS])


def test_row_numbers_that_the_heading_does_not_name(read):
    text = '"nom" "prenom" "age"\n'.replace(" ", ",") + "".join(
        f'"{n}","N{n}","P{n}",{30 + n}\n' for n in range(1, 15)
    )
    found = one(read(text.encode()))
    assert found.names == ["col_1", "nom", "prenom", "age"]
    assert found.rows[0] == ["1", "N1", "P1", "31"]


def test_without_heading_no_row_is_taken_for_one(read):
    found = one(read(BODY.encode()))
    assert found.names == ["col_1", "col_2", "col_3", "col_4"]
    assert (len(found.rows), found.header, found.at[0]) == (20, 0, 1)


def test_a_list_of_one_column(read):
    found = one(read(b"a,b@example.org\nc@example.org\n\n  \nd@example.org", name="mails.txt"))
    assert found.rows == [["a,b@example.org"], ["c@example.org"], ["d@example.org"]]
    assert (found.blank, found.at) == (2, [1, 2, 5])


@pytest.mark.parametrize("data", [b"", b"\n", b"\n\n", b'"', b";", b"\xff", b"\xef\xbb\xbf", b"a", b"\r"])
def test_next_to_nothing(read, data):
    for found in read(data):
        assert found.counted == found.units


def test_two_encodings_line_by_line(read):
    lines = [f"{n};É{n};Zoé;1980-01-01\n".encode("cp1252" if n % 3 else "utf-8") for n in range(40)]
    found = one(read(HEAD.encode() + b"".join(lines)))
    assert [row[1:3] for row in found.rows] == [[f"É{n}", "Zoé"] for n in range(40)]
    assert "cp1252=26" in found.note


def test_two_encodings_within_a_line(read):
    line = "1;Hélène;".encode() + "é".encode("cp1252") + "é è ê;1980-01-01\n".encode()
    found = one(read(HEAD.encode() + line + BODY.encode()))
    assert found.rows[0] == ["1", "Hélène", "éé è ê", "1980-01-01"]


@pytest.mark.parametrize("encoding", ["cp850", "mac_roman"])
def test_encodings_of_old(read, encoding):
    lines = "".join(f"{n};Hélène;François à Nîmes;1980-01-01\n" for n in range(40))
    assert one(read((HEAD + lines).encode(encoding))).rows[0][1:3] == ["Hélène", "François à Nîmes"]


def test_a_file_cut_within_a_character(read):
    whole = (HEAD + BODY + "21;É;Zoé").encode()
    found = one(read(whole[:-1]))
    assert found.rows[-2][1] == "NOM20"
    assert found.counted == found.units == 22
    assert found.aside == [] or found.aside[0].line == 22


def test_rows_of_another_width(read):
    text = (
        HEAD
        + BODY
        + "21;A;B\n22;A\nfin du fichier\n23;A;B;1980-01-01;;\n24;A;B;1980-01-01;x\n25;Z;Z;1980-01-02\n"
    )
    found = one(read(text.encode()))
    assert [row[0] for row in found.rows[20:]] == ["21", "23", "25"]
    assert found.rows[20] == ["21", "A", "B", None]
    start = (HEAD + BODY + "21;A;B\n").encode()
    assert [(a.line, a.reason, a.bytes, a.locator) for a in found.aside] == [
        (23, Reason.TOO_FEW_FIELDS, 5, f"line 23 (bytes {len(start)}-{len(start) + 5})"),
        (24, Reason.FRAGMENT, 15, f"line 24 (bytes {len(start) + 5}-{len(start) + 20})"),
        (26, Reason.TOO_MANY_FIELDS, 20, f"line 26 (bytes {len(start) + 40}-{len(start) + 60})"),
    ]
    assert found.counted == found.units


def test_byte_ranges_in_a_wide_encoding(read):
    data = ("\ufeff" + HEAD + BODY + "22;é\U0001f600\n" + "23;A;B;1980-01-01\n").encode("utf-16-le")
    aside = one(read(data)).aside
    start, end = (int(part) for part in aside[0].locator.split("bytes ")[1].rstrip(")").split("-"))
    assert data[start:end].decode("utf-16-le") == "22;é\U0001f600\n"


def test_exports_that_leave_out_empty_fields_at_the_end(read):
    text = "id;nom;tel;mail;note\n" + "".join(f"{n};N{n};0{n}{';;' if n % 2 else ''}\n" for n in range(40))
    found = one(read(text.encode()))
    assert (len(found.rows), found.aside) == (40, [])


def test_a_quote_that_never_closes_takes_its_own_line_only(read):
    text = HEAD + BODY.replace(";NOM5;", ';"NOM5;') + "".join(f"{n};A;B;1980-01-01\n" for n in range(21, 200))
    found = one(read(text.encode()))
    assert [row[0] for row in found.rows] == [str(n) for n in range(1, 200)]
    assert found.rows[4] == ["5", "NOM5", "Prenom5", "1980-01-05"]
    assert found.counted == found.units == 200


def test_an_open_quote_does_not_swallow_rows_up_to_the_next_one(read):
    text = HEAD + BODY.replace(";NOM5;", ';"NOM5;').replace("Prenom15;", 'Prenom15";')
    found = one(read(text.encode()))
    assert [row[0] for row in found.rows] == [str(n) for n in range(1, 21)]
    assert found.counted == found.units == 21


def test_texts_over_several_lines(read):
    text = HEAD + BODY.replace("Prenom5;", '"vu hier;\n\nrevient ""demain"";\n";').replace(
        "Prenom9;", '"a\r\nb";'
    )
    found = one(read(text.encode()))
    assert found.rows[4][2] == 'vu hier;\n\nrevient "demain";\n'
    assert found.rows[8][2] == "a\r\nb"
    assert found.at[3:10] == [5, 6, 10, 11, 12, 13, 15]
    assert found.counted == found.units == 21


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('"dit "oui" hier"', 'dit "oui" hier'),
        ('"dit "oui; non" hier"', 'dit "oui; non" hier'),
        ('"dit "oui"; puis non"', 'dit "oui"; puis non'),
        ('5" de haut', '5" de haut'),
        ('"Le Clos" rue X', "Le Clos rue X"),
        ('Jean "Jo"', 'Jean "Jo"'),
    ],
)
def test_quotes_that_are_not_by_the_book(read, cell, value):
    found = one(read((HEAD + BODY.replace("Prenom5;", f"{cell};")).encode()))
    assert (found.aside, len(found.rows)) == ([], 20)
    assert found.rows[4] == ["5", "NOM5", value, "1980-01-05"]


def test_a_declared_delimiter_beyond_ascii_is_passed_over(read):
    found = one(read(b"sep=\xa7\n" + (HEAD + BODY).encode()))
    assert (len(found.rows), found.names[1]) == (20, "nom")
    assert found.counted == found.units


def test_a_line_beyond_all_bounds(read):
    long = b"x" * 5000 + b'";' * 3000
    text = HEAD.encode() + BODY.encode() + b"21;" + long + b"\n" + b"22;A;B;1980-01-01\n"
    found = one(read(text, block_least=512, block_most=4096, quote_bytes=1000))
    assert [(a.line, a.reason, a.bytes) for a in found.aside] == [(22, Reason.LINE_TOO_LONG, len(long) + 4)]
    assert (found.rows[-1][0], found.at[-1]) == ("22", 23)
    assert found.counted == found.units


@pytest.mark.parametrize("block", [200, 700, 5000])
def test_a_torn_file_of_every_damage_at_once(read, block):
    torn = (
        (HEAD + BODY).encode()
        + b'21;"A\n22;B;C;1980-01-01\n'
        + b"23;\xc9;\xc3\x89;1980-01-01\n\n"
        + b"24;A\n"
    )
    torn += HEAD.encode() + b'25;"A";"B\nC";1980-01-01\n26;A;B;C;D;E\n' + b"27;A;B;1980-01-0"
    found = one(read(torn, block_least=block, block_most=block, quote_bytes=150, quote_lines=8))
    assert [row[0] for row in found.rows] == [*map(str, range(1, 21)), "22", "23", "25", "27"]
    assert found.at[20:] == [23, 24, 28, 31]
    assert [(a.line, a.reason) for a in found.aside] == [
        (22, Reason.TOO_FEW_FIELDS),
        (26, Reason.TOO_FEW_FIELDS),
        (30, Reason.TOO_MANY_FIELDS),
    ]
    assert (found.counted, found.units, found.blank, found.header) == (30, 30, 1, 2)


def test_a_row_that_the_fast_reader_drops_is_found_again(read, monkeypatch):
    real = rows.arrow_csv.read_csv
    monkeypatch.setattr(rows.arrow_csv, "read_csv", lambda *a, **k: real(*a, **k).slice(1))
    found = one(read((HEAD + BODY).encode()))
    assert len(found.rows) == 20
    assert found.counted == found.units


def test_a_row_deleted_in_the_reader_is_unexplained(ledger, tmp_path, monkeypatch):
    real = rows.settle

    def forgetful(*given):
        settled = real(*given)
        settled.rows, settled.line = settled.rows.slice(1), settled.line[1:]
        return settled

    monkeypatch.setattr("hemostat.evidence.delimited.reader.settle", forgetful)
    (tmp_path / "evidence").mkdir()
    path = tmp_path / "evidence" / "t.csv"
    path.write_text(HEAD + BODY)
    line = ledger(path)[str(path)]
    assert (line.units_in, line.records, line.unexplained) == (21, 19, 1)


def test_memory_does_not_grow_with_the_file(read):
    """Blocks stay as large as they were asked to be, whatever the size of the file."""
    found = one(read((HEAD + BODY * 400).encode(), batch_rows=100, block_least=1000, block_most=9000))
    assert len(found.batches) > 50
    assert max(batch.rows.nbytes for batch in found.batches) < 20_000
    assert len(found.rows) == 8000


def test_limits_are_stated():
    assert Limits().quote_lines == 64
    assert Limits().quote_bytes == 1 << 20


VISITS = "id_patient;date;motif\n" + "".join(f"{n};2026-01-{n:02d};grippe\n" for n in range(1, 20))


@pytest.mark.parametrize("between", ["", "\n", "\n\n", "\nConsultations\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_a_second_table_in_the_same_file_is_a_table_of_its_own(read, between, encoding):
    text = (HEAD + BODY + between + VISITS).replace("\n", "\r\n")
    first, second = read(text.encode(encoding), name="f.csv")
    assert (first.table.name, second.table.name) == ("f.csv", "f.csv#2")
    assert (first.names, len(first.rows)) == (["id", "nom", "prenom", "naissance"], 20)
    assert (second.names, second.rows[-1]) == (
        ["id_patient", "date", "motif"],
        ["19", "2026-01-19", "grippe"],
    )
    assert first.units + second.units == text.count("\n") == first.counted + second.counted
    assert second.at == list(range(23 + between.count("\n"), 42 + between.count("\n")))
    assert "table=2" in second.note


def test_a_second_table_with_another_delimiter_or_as_many_columns(read):
    other = "medecin,date,motif,code\n" + "".join(f"D{n},2026-01-{n:02d},x,{n}\n" for n in range(1, 20))
    for text in (HEAD + BODY + other, HEAD + BODY + "\n" + other.replace(",", ";")):
        first, second = read(text.encode())
        assert (len(first.rows), second.names) == (20, ["medecin", "date", "motif", "code"])
        assert len(second.rows) == 19


def test_a_short_table_above_a_long_one(read):
    first, second = read(("cabinet;ville\n1;Lyon\n2;Brest\n" + HEAD + BODY).encode())
    assert (first.names, len(first.rows)) == (["cabinet", "ville"], 2)
    assert (second.names, len(second.rows)) == (["id", "nom", "prenom", "naissance"], 20)


def test_what_looks_like_a_table_within_quotes_or_among_torn_rows_is_none(read):
    note = '21;A;"note\nnom;prenom;age\na;b;3\nc;d;4\n";1980\n'
    assert one(read((HEAD + BODY + note * 4).encode())).rows[-1][2] == "note\nnom;prenom;age\na;b;3\nc;d;4\n"
    torn = one(read((HEAD + BODY + "DURAND;Odette\nPETIT;Zoé\nLE GOFF;Inès\n" + BODY).encode()))
    assert torn.counted == torn.units == 44


def test_rows_of_the_first_table_that_go_on_below_the_second(read):
    tables = read((HEAD + BODY + VISITS + BODY).encode())
    assert [(found.table.name, found.header, len(found.rows)) for found in tables] == [
        ("t.csv", 1, 20), ("t.csv#2", 1, 19), ("t.csv#3", 0, 20),
    ]  # fmt: skip
    assert tables[2].names == tables[0].names
    assert all(found.counted == found.units for found in tables)


@pytest.mark.parametrize("end", ["\n", ""])
def test_three_last_rows_of_the_first_table_below_the_second(read, end):
    below = "\ncode;libelle;ville\n1;a;Brest\n2;b;Lyon\n3;c;Nice\n"
    last = "21;NOM21;Prenom21;1981-01-01\n22;NOM22;Prenom22;1981-01-02\n23;NOM23;Prenom23;1981-01-03"
    tables = read((HEAD + BODY + below + last + end).encode())
    assert [len(table.rows) for table in tables] == [20, 3, 3]
    assert tables[2].rows[2] == ["23", "NOM23", "Prenom23", "1981-01-03"]


def test_tables_of_one_file_go_on_where_they_stopped(read):
    data = (HEAD + BODY + VISITS).encode()
    for found in read(data, block_least=64, block_most=4096, batch_rows=3):
        again = list(found.table.batches(found.batches[0].resume))
        assert [part.rows for part in again] == [part.rows for part in found.batches[1:]]


@pytest.mark.parametrize("delimiter", ["||", ";;", "|~|", "::", "^|^"])
@pytest.mark.parametrize("quoted", [False, True])
def test_delimiters_of_several_characters(read, delimiter, quoted):
    text = (HEAD + BODY).replace(";", delimiter)
    last = f'21{delimiter}"X{delimiter}\nY"{delimiter}P21{delimiter}1980-02-01\n' if quoted else ""
    found = one(read((text + last).encode()))
    assert found.names == ["id", "nom", "prenom", "naissance"]
    assert found.rows[0] == ["1", "NOM1", "Prenom1", "1980-01-01"]
    assert found.counted == found.units == 21 + quoted
    assert f"delimiter={delimiter}" in found.note
    if quoted:
        assert found.rows[-1] == ["21", f"X{delimiter}\nY", "P21", "1980-02-01"]


def test_empty_fields_are_no_delimiter_of_two_characters(read):
    found = one(read((HEAD + "1;;P;1980\n2;N;;1981\n3;N;P;\n" * 5).encode()))
    assert found.names == ["id", "nom", "prenom", "naissance"]


LISTING = (
    "Liste du 12/03/2026 des patients suivis\n\n"
    "   ID NOM             PRENOM     NE LE      VILLE\n"
    "----- --------------- ---------- ---------- ----------\n"
    + "".join(
        f"{n * 37:>5} {'DURAND' + 'X' * (n % 5):<15} {'Zoé':<10} 1980-01-01 {'LE MANS' if n % 2 else 'Paris'}\n"
        for n in range(100)
    )
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_columns_aligned_by_spaces(read, encoding):
    text = LISTING + "x" * 60 + "\n\n99999 OK\n"
    found = one(read(text.encode(encoding), block_least=256, block_most=4096, batch_rows=5))
    assert found.table.kind == "fixed-width"
    assert found.names == ["ID", "NOM", "PRENOM", "NE LE", "VILLE"]
    assert found.rows[1] == ["37", "DURANDX", "Zoé", "1980-01-01", "LE MANS"]
    assert found.rows[-1] == ["99999", "OK", None, None, None]
    assert found.counted == found.units == text.count("\n")
    assert (found.header, found.blank, found.out_of_scope) == (1, 2, 2)
    assert [(part.reason, part.line) for part in found.aside] == [(Reason.MISALIGNED, 105)]
    again = list(found.table.batches(found.batches[2].resume))
    assert [part.rows for part in again] == [part.rows for part in found.batches[3:]]


def test_prose_lines_up_nowhere(read):
    words = "Je vous remercie de ce patient âgé de quarante-cinq ans pour une douleur thoracique évoluant"
    said = " ".join(
        word * (1 + number % 2) for number in range(30) for word in words.split(" ")[number % 5 :]
    )
    text = "\n".join(textwrap.wrap(said, 70))
    assert one(read(text.encode())).table.kind == "csv"
    assert (
        one(read(("Cher confrère, je vous remercie\nâgé de 45 ans pour une douleur\n" * 12).encode())).kind
        == "csv"
    )

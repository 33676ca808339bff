"""Laws of the reader of delimited text: nothing is lost, whatever the dialect, the encoding and the damage."""

import csv
import io

import pyarrow as pa
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from hemostat.evidence.base import Limits, Source
from hemostat.evidence.delimited import lines, units
from hemostat.evidence.delimited.dialect import Dialect
from hemostat.evidence.delimited.reader import DelimitedReader
from hemostat.evidence.text import Encoding, TextStream

SMALL = Limits(batch_rows=3, block_least=64, block_most=512, quote_lines=6, quote_bytes=200)
DIALECTS = st.sampled_from([",", ";", "\t", "|"])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])
WORDS = st.text(st.sampled_from("abcdefgXYZ019 éèçà'-./@_\"\n,;|\t"), max_size=12).filter(
    lambda cell: cell.strip() == cell and not cell.startswith("\\")
)
NASTY = st.text(st.sampled_from('ab1é",;\n\r \t\\\0'), max_size=300)


def table_of(data, limits=SMALL):
    source = Source("t.csv", len(data), lambda: io.BytesIO(data))
    return next(iter(DelimitedReader().tables(source, limits)))


def accounts(table):
    """All batches, after checking that each adds up by its own account."""
    batches = list(table.batches(None))
    for batch in batches:
        aside = sum(one.units for one in batch.quarantined)
        assert batch.rows.num_rows + aside + batch.blank + batch.header + batch.out_of_scope == batch.units
        assert len(batch.line) == batch.rows.num_rows
        assert all(column.type == pa.string() for column in batch.rows.columns)
    return batches


@st.composite
def tables(draw):
    """A heading that is one beyond doubt, and rows with a number in their first column."""
    width = draw(st.integers(2, 6))
    heading = ["numero_dossier", "nom", "prenom", "adresse", "ville", "remarque"][:width]
    cells = draw(st.lists(st.lists(WORDS, min_size=width - 1, max_size=width - 1), min_size=4, max_size=14))
    return heading, [[str(number * 7919), *row] for number, row in enumerate(cells, 1)]


@settings(deadline=None, max_examples=100)
@given(tables(), DIALECTS, ENCODINGS, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_what_is_written_is_read(table, delimiter, encoding, end, quote_all):
    heading, rows = table
    out = io.StringIO()
    style = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=style)
    writer.writerows([heading, *rows])
    # what looks like whole rows within a quoted field is taken for an open quote that ran over them
    assume(
        not any(
            line.count(delimiter) == len(heading) - 1 and '"' not in line
            for row in rows
            for cell in row
            for line in cell.split("\n")[1:-1]
        )
    )
    data = out.getvalue().encode(encoding)
    # small batches, but fields that may span as many lines as they like
    read = table_of(data, Limits(batch_rows=3, block_least=64, block_most=4096))
    batches = accounts(read)
    found = [tuple(row.values()) for batch in batches for row in batch.rows.to_pylist()]
    assert found == [tuple(cell or None for cell in row) for row in rows]
    assert batches[0].rows.column_names == heading
    assert read.count_units() == len(rows) + 1 == sum(batch.units for batch in batches)
    starts, reader = [], csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=delimiter)
    before = 0
    for _ in reader:
        starts.append(before + 1)
        before = reader.line_num
    assert [line for batch in batches for line in batch.line.to_pylist()] == starts[1:]


@settings(deadline=None, max_examples=200)
@given(
    NASTY,
    st.sampled_from([b",", b";"]),
    st.sampled_from([None, b"\\"]),
    st.integers(1, 7),
    st.integers(1, 40),
)
def test_both_definitions_of_a_row_agree(text, delimiter, escape, fields, size):
    """The count and the careful reader share no code and must give the same rows, in any blocks."""
    data = text.encode()
    dialect = Dialect(delimiter, b'"', escape, fields)
    limits = Limits(quote_lines=5, quote_bytes=60, block_most=1000)
    physical = data.splitlines(keepends=True)
    whole = lines.extents(physical, dialect, limits, final=True)
    assert whole.covered == len(physical)
    found, used = units.count_block(data, dialect, limits, final=True)
    assert (found, used) == (len(whole.first), len(data))

    class Bits(io.BytesIO):
        def read(self, _=-1):
            return super().read(size)

    assert units.count(TextStream(Bits(data), Encoding("utf-8")), dialect, limits) == found


@settings(deadline=None, max_examples=100)
@given(NASTY)
def test_anything_adds_up(text):
    data = text.encode()
    read = table_of(data)
    assert sum(batch.units for batch in accounts(read)) == read.count_units()


@settings(deadline=None, max_examples=100)
@given(tables(), st.binary(min_size=1, max_size=8), st.data(), ENCODINGS)
def test_a_torn_file_adds_up(table, garbage, data, encoding):
    heading, rows = table
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([heading, *rows])
    whole = out.getvalue().encode(encoding)
    place = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(place, len(whole)))
    for torn in (whole[:place], whole[:place] + garbage + whole[end:], whole[:place] + whole[end:]):
        read = table_of(torn)
        batches = accounts(read)
        assert sum(batch.units for batch in batches) == read.count_units()
        if not read.encoding.wide:
            kept = [line for batch in batches for line in batch.line.to_pylist()]
            aside = [one.line for batch in batches for one in batch.quarantined]
            assert kept == sorted(set(kept))
            assert not set(kept) & set(aside)
            assert max([*kept, *aside], default=0) <= len(torn.splitlines())


@settings(deadline=None, max_examples=60)
@given(tables(), st.data())
def test_going_on_anywhere_gives_the_same_batches(table, data):
    heading, rows = table
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([heading, *rows, ["1", 'a"b'], *rows])
    read = table_of(out.getvalue().encode())
    batches = accounts(read)
    stop = data.draw(st.integers(0, len(batches) - 1))
    again = list(table_of(out.getvalue().encode()).batches(batches[stop].resume))
    assert [(b.rows, b.line, b.units, b.resume, b.quarantined) for b in again] == [
        (b.rows, b.line, b.units, b.resume, b.quarantined) for b in batches[stop + 1 :]
    ]


@settings(deadline=None, max_examples=60)
@given(tables(), st.sampled_from(["||", ";;", "|~|", "::", "^|^"]), ENCODINGS)
@example(
    (
        ["id", "nom", "prenom"],
        [["7919", "", ""], ["15838", "", ""], ["23757", "'", "'"], ["31676", "''", "''"]],
    ),
    "||",
    "utf-8",
)
def test_what_is_written_with_a_long_delimiter_is_read(table, delimiter, encoding):
    heading, rows = table
    plain = [[cell.translate(str.maketrans("", "", '"\n\t|;:^~,')) or "x" for cell in row] for row in rows]
    text = "".join(delimiter.join(row) + "\n" for row in [heading, *plain])
    read = table_of(text.encode(encoding), Limits(batch_rows=3, block_least=64, block_most=4096))
    batches = accounts(read)
    assert [tuple(row.values()) for batch in batches for row in batch.rows.to_pylist()] == list(
        map(tuple, plain)
    )
    assert read.count_units() == len(rows) + 1 == sum(batch.units for batch in batches)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(tables(), DIALECTS), min_size=1, max_size=4),
    st.sampled_from(["", "\n", "\nTitre\n"]),
    ENCODINGS,
)
def test_tables_one_below_the_other_add_up(parts, between, encoding):
    """However many tables are found: the file is covered once, and each table is counted as it is read."""
    texts = []
    for (heading, rows), delimiter in parts:
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([heading, *rows])
        texts.append(out.getvalue())
    data = between.join(texts).encode(encoding)
    source = Source("t.csv", len(data), lambda: io.BytesIO(data))
    limits = Limits(batch_rows=3, block_least=64, block_most=4096)
    found = list(DelimitedReader().tables(source, limits))
    assert [table.name for table in found] == ["t.csv", *(f"t.csv#{n}" for n in range(2, len(found) + 1))]
    seen = []
    for table in found:
        batches = accounts(table)
        assert sum(batch.units for batch in batches) == table.count_units()
        seen += [line for batch in batches for line in batch.line.to_pylist()]
    assert seen == sorted(set(seen))
    if len(found) > 1:
        assert [one.start for one in found[1:]] == [one.end for one in found[:-1]]
    assert found[-1].kind == "fixed-width" or found[-1].end is None


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.lists(st.text("abcdefXYZ019é-", min_size=1, max_size=9), min_size=4, max_size=4),
        min_size=25,
        max_size=60,
    ),
    st.data(),
)
def test_fixed_width_adds_up_wherever_it_is_torn(rows, data):
    lines = [f"{'numero':<11}{'nom':<12}{'ville':<12}{'remarque':<9}"]
    lines += [f"{a:<11}{b:<12}{c:<12}{d:<9}" for a, b, c, d in rows]
    text = ("\n".join(lines) + "\n").encode()
    whole = table_of(text)
    if whole.kind == "fixed-width" and len(whole.ruler.names) == len(rows[0]):
        assert [tuple(row.values()) for batch in accounts(whole) for row in batch.rows.to_pylist()] == list(
            map(tuple, rows)
        )
    place = data.draw(st.integers(0, len(text)))
    torn = table_of(
        text[:place] + data.draw(st.binary(max_size=6)) + text[data.draw(st.integers(place, len(text))) :]
    )
    assert sum(batch.units for batch in accounts(torn)) == torn.count_units()

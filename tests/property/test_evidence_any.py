"""Whatever lies in a file: no reader fails, none loses a unit."""

import gzip
import io
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from hemostat.evidence import CONTAINERS, READERS, Limits, Source, Unreadable

SMALL = Limits(batch_rows=5, block_least=64, block_most=2048, book_bytes=1 << 20)


def _samples():
    text = "nom;prenom;age\n" + "".join(f"N{n};P{n};{n}\n" for n in range(30))
    packed, parquet = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", text)
        archive.writestr("b.csv", text * 3)
    table = pa.table({"a": [1.5, None] * 9, "b": ["x", "y"] * 9, "c": [[1], None] * 9})
    pq.write_table(table, parquet, row_group_size=5)
    arrow = io.BytesIO()
    with pa.ipc.new_file(arrow, table.schema) as writer:
        writer.write_table(table)
    return [
        text.encode(),
        text.encode("utf-16"),
        b'{"a": 1, "b": {"c": "x"}}\n' * 9,
        packed.getvalue(),
        parquet.getvalue(),
        arrow.getvalue(),
        gzip.compress(text.encode()),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        b"",
    ]


@st.composite
def damaged(draw):
    """A file of some format, with a few octets changed, taken out or put in."""
    data = draw(st.sampled_from(_samples()))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(data)))
        data = data[:start] + draw(st.binary(max_size=6)) + data[start + draw(st.integers(0, 40)) :]
    return data


def readable(source, reader):
    """Reads all tables of a source as far as they can be, and checks their sums."""
    try:
        for table in reader.tables(source, SMALL):
            counted = table.count_units()
            met = 0
            try:
                for batch in table.batches(None):
                    aside = sum(one.units for one in batch.quarantined)
                    whole = batch.rows.num_rows + aside + batch.blank + batch.header + batch.out_of_scope
                    assert whole == batch.units
                    met += batch.units
            except Unreadable:
                continue
            assert counted is None or met == counted
    except Unreadable:
        return


@settings(deadline=None, max_examples=150)
@given(damaged(), st.sampled_from([*READERS, *CONTAINERS]))
def test_no_reader_fails_or_loses_a_unit(data, reader):
    source = Source("t", len(data), lambda: io.BytesIO(data))
    reader.recognises(data, "t.csv")
    if reader not in CONTAINERS:
        readable(source, reader)
        return
    try:
        for member in reader.members(source, SMALL):
            if member.source:
                with member.source.open() as raw:
                    raw.read()
    except Unreadable:
        return

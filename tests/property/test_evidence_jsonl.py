"""Laws of the reader of JSON lines."""

import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from hemostat.evidence.base import Limits, Source
from hemostat.evidence.jsons.lines import JsonLinesReader

SMALL = Limits(batch_rows=3, block_least=64, block_most=512)
LINES = st.lists(
    st.dictionaries(
        st.sampled_from(["a", "b", "é"]), st.text(max_size=6) | st.integers() | st.none(), min_size=1
    ),
    max_size=20,
)
NASTY = st.text(st.sampled_from('{}[]",:\\ab1 \n\r\t\v\f\0é\ufeff'), max_size=200)


def check(data):
    """All lines are accounted for, in order, at their place; gives the batches."""
    table = next(iter(JsonLinesReader().tables(Source("t", len(data), lambda: io.BytesIO(data)), SMALL)))
    batches = list(table.batches(None))
    for batch in batches:
        assert batch.rows.num_rows + len(batch.quarantined) + batch.blank == batch.units
    assert sum(batch.units for batch in batches) == table.count_units()
    places = [line for b in batches for line in [*b.line.to_pylist(), *(one.line for one in b.quarantined)]]
    assert len(places) == len(set(places))
    return batches


@settings(deadline=None, max_examples=150)
@given(LINES, st.data(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_torn_lines_add_up(objects, data, encoding):
    text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects)
    whole = text.encode(encoding)
    read = [row for batch in check(whole) for row in batch.rows.to_pylist()]
    cells = [
        {key: str(value).replace("\0", "") for key, value in one.items() if value is not None}
        for one in objects
    ]
    wanted = [{key: value for key, value in one.items() if value} for one in cells]
    found = [{key: value for key, value in row.items() if value is not None} for row in read]
    assert found == [one for one in wanted if one]
    check(whole[: data.draw(st.integers(0, len(whole)))])


@settings(deadline=None, max_examples=150)
@given(NASTY)
def test_anything_adds_up(text):
    check(text.encode())

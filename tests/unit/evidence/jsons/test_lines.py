"""JSON lines: every key a column, every number to the letter, every bad line in the quarantine."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hemostat.evidence import Reason
from hemostat.evidence.jsons import lines, patterns


def jsonl_of(read, text, **limits):
    [found] = read(text.encode() if isinstance(text, str) else text, name="t.jsonl", **limits)
    return found


def test_nested_objects_lists_and_numbers(read):
    found = jsonl_of(
        read,
        '{"id": 12345678901234567890, "adr": {"cp": 01234, "geo": {"lat": 48.50}}, "tels": ["06", 7]}\n'
        '{"id": 1.83E+14, "ok": true, "nul": null, "vide": "", "rien": {}, "liste": []}\n',
    )
    assert found.names == ["id", "adr.cp", "adr.geo.lat", "tels", "ok", "nul", "vide", "rien", "liste"]
    assert found.rows[0] == ["12345678901234567890", "01234", "48.50", '["06", 7]', *[None] * 5]
    assert found.rows[1] == ["1.83E+14", None, None, None, "true", *[None] * 4]


def test_blank_and_bad_lines(read):
    found = jsonl_of(read, '{"a": 1}\n\n  \nnonsense\n[1, 2]\n"text"\n{"a": 2},\n{"a": 3\n{"a":4}')
    assert [row[0] for row in found.rows] == ["1", "2", "4"]
    assert found.at == [1, 7, 9]
    assert [(one.line, one.reason) for one in found.aside] == [
        (4, Reason.NOT_JSON), (5, Reason.NOT_AN_OBJECT), (6, Reason.NOT_AN_OBJECT), (8, Reason.NOT_JSON),
    ]  # fmt: skip
    assert found.counted == found.units == 7


def test_objects_without_any_value_are_blank(read):
    found = jsonl_of(read, '{}\n{"a": null}\n{"a": ""}\n{"a": 0}\n')
    assert (found.rows, found.at, found.blank, found.counted) == ([["0"]], [4], 3, 4)


def test_a_key_given_twice_loses_nothing(read):
    found = jsonl_of(read, '{"a": 1, "a": 2, "_line": 3}\n' * 2)
    assert (found.names, found.rows[0]) == (["a", "a (2)", "_line (2)"], ["1", "2", "3"])


def test_more_keys_than_columns(read, monkeypatch):
    monkeypatch.setattr(lines, "_COLUMNS", 3)
    found = jsonl_of(read, "".join(f'{{"id": {n}, "k{n}": "v{n}"}}\n' for n in range(6)))
    assert found.names == ["id", "k0", "k1", "(other fields)"]
    assert found.rows[5] == ["5", None, None, '{"k5": "v5"}']


def test_half_a_pair_is_no_character(read):
    found = jsonl_of(read, '{"a": "x\\ud83dy", "b": "\\ud83d\\ude00"}\n{"a": "\\u0000z"}\n')
    assert found.rows == [["x\ufffdy", "\U0001f600"], ["z", None]]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings(read, encoding):
    found = jsonl_of(read, ('{"nom": "Hélène", "ville": "Nîmes"}\n' * 30).encode(encoding))
    assert found.rows == [["Hélène", "Nîmes"]] * 30
    assert found.counted == 30


def test_columns_that_come_late_and_going_on(read):
    text = "".join(f'{{"id": {n}, "{"a" if n < 50 else "b"}": "x"}}\n' for n in range(100))
    found = jsonl_of(read, text, batch_rows=10, block_least=200, block_most=2000)
    assert found.batches[0].rows.column_names == ["id", "a"]
    assert found.batches[-1].rows.column_names == ["id", "a", "b"]
    again = list(found.table.batches(found.batches[3].resume))
    assert [b.rows for b in again] == [b.rows for b in found.batches[4:]]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.lists(
    st.dictionaries(st.sampled_from(["a", "b.c", 'd"', "é ", "f\\"]), VALUES, min_size=1),
    min_size=1,
    max_size=4,
)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(OBJECTS, st.booleans(), st.sampled_from([None, (",", ":")]))
def test_patterns_and_parser_agree(read, objects, ascii_only, separators):
    """What an expression takes out of a line is what a JSON parser finds in it."""
    text = (
        "".join(json.dumps(one, ensure_ascii=ascii_only, separators=separators) + "\n" for one in objects) * 2
    )
    data = text.encode("utf-8", "replace")
    slow = jsonl_of(read, data)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(patterns, "_WORTH", 1)
        fast = jsonl_of(read, data)
    assert (fast.at, fast.aside, fast.counted) == (slow.at, slow.aside, slow.counted)
    assert sorted(fast.names) == sorted(slow.names)
    for row, other in zip(fast.rows, slow.rows, strict=True):
        assert dict(zip(fast.names, row, strict=True)) == dict(zip(slow.names, other, strict=True))

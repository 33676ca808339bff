"""Laws of the readers of JSON: what is written is read, and whatever is done to the octets, the account adds up."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from hemostat.evidence.base import Limits
from hemostat.evidence.fhir.reader import FhirReader
from hemostat.evidence.jsons.reader import JsonReader
from reading import read, source, table_of

SMALL = {"batch_rows": 5, "block_least": 96, "block_most": 4096, "quote_bytes": 300}
KEYS = st.sampled_from(["nom", "rue", "ville", "code", "é", "Ça"])
TEXTS = st.text(st.sampled_from('abcé"\\{}[]:,\n\t/\u2028😀 019'), max_size=12)
NUMBERS = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False))
PLAIN = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=6,
)
ELEMENTS = st.lists(st.dictionaries(KEYS, VALUES, min_size=1, max_size=5), min_size=1, max_size=12)
MARKS = [b"", b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\xe9", b"\0"]
NASTY = st.text(st.sampled_from('{}[]",:\\ab1é \n\t\0'), max_size=120)


def cells(element, before=()):
    """What an element holds, by the keys that lead to it."""
    found = {}
    for key, value in element.items():
        path = (*before, key)
        if isinstance(value, dict) and len(path) < 6:
            found |= cells(value, path)
        else:
            found[".".join(path)] = value
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


def understood(row, wanted):
    """A row with what is no text in ``wanted`` read as JSON."""
    return {
        name: cell if isinstance(wanted.get(name), str) else json.loads(cell) for name, cell in row.items()
    }


@settings(deadline=None, max_examples=150)
@given(
    ELEMENTS, st.booleans(), st.sampled_from([None, 0, 2]), st.sampled_from(["utf-8", "utf-16", "utf-8-sig"])
)
def test_what_is_written_is_read(elements, ascii_only, indent, encoding):
    data = json.dumps(elements, ensure_ascii=ascii_only, indent=indent).encode(encoding)
    (found,) = read(JsonReader(), data, "f.json", **SMALL).values()
    wanted = [cells(element) for element in elements]
    assert found.counted == found.units == len(elements)
    assert found.blank == wanted.count({})
    rows = [row for row in wanted if row]
    assert [understood(row, want) for row, want in zip(found.rows, rows, strict=True)] == rows
    assert found.at == [f"element {number}" for number, row in enumerate(wanted, 1) if row]


@settings(deadline=None, max_examples=150)
@given(ELEMENTS, st.data())
def test_a_list_cut_anywhere_keeps_what_is_whole(elements, data):
    text = json.dumps(elements).encode()
    cut = data.draw(st.integers(1, len(text)))
    (found,) = read(JsonReader(), text[:cut], "f.json", **SMALL).values()
    ends = [len(json.dumps(elements[: n + 1]).encode()) - 1 for n in range(len(elements))]
    whole = [cells(element) for element, end in zip(elements, ends, strict=True) if end <= cut]
    assert found.units == found.blank + len(found.rows) + len(found.aside)
    rows = [row for row in whole if row]
    # objects listed within the element that is cut may come out as rows after the others
    assert [understood(row, want) for row, want in zip(found.rows, rows, strict=False)] == rows


@settings(deadline=None, max_examples=200)
@given(ELEMENTS, st.data())
def test_whatever_is_done_to_the_octets_the_account_adds_up(elements, data):
    thing = {"a": elements, "b": elements[:1], "c": 1} if data.draw(st.booleans()) else elements
    text = bytearray(json.dumps(thing).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(text)))
        text[place : place + data.draw(st.integers(0, 4))] = data.draw(st.sampled_from(MARKS))
    read(JsonReader(), bytes(text), "f.json", **SMALL)


@settings(deadline=None, max_examples=200)
@given(NASTY, st.sampled_from(["[", "{", '[{"a":', '{"a":[', '{"a":{"b":[']))
def test_nothing_breaks_the_reader(text, start):
    for table in read(JsonReader(), (start + text).encode(), "f.json", **SMALL).values():
        assert table.units == table.blank + table.header + len(table.rows) + len(table.aside)


@settings(deadline=None, max_examples=60)
@given(ELEMENTS, st.integers(0, 3), st.data())
def test_a_stop_changes_nothing(elements, breaks, data):
    text = bytearray(json.dumps({"x": 1, "liste": elements * 3}).encode())
    for _ in range(breaks):
        del text[data.draw(st.integers(10, len(text) - 1))]
    limits = Limits(**SMALL)

    def tables():
        return list(JsonReader().tables(source(bytes(text), "f.json"), limits))

    for number, table in enumerate(tables()):
        batches = table_of(table).batches
        place = data.draw(st.integers(0, len(batches) - 1)) if batches else 0
        for batch in batches[place : place + 1]:
            rest = list(tables()[number].batches(json.loads(json.dumps(batch.resume))))
            assert [(one.rows.to_pydict(), one.quarantined) for one in rest] == [
                (one.rows.to_pydict(), one.quarantined) for one in batches[place + 1 :]
            ]


RESOURCES = st.fixed_dictionaries(
    {"resourceType": st.sampled_from(["Patient", "Observation", "Encounter"]), "id": st.uuids().map(str)},
    optional={
        "subject": st.just({"reference": "Patient/1"}),
        "name": st.lists(st.fixed_dictionaries({"family": TEXTS}), max_size=5),
        "note": TEXTS,
        "contained": st.just([{"resourceType": "Patient", "id": "inner"}]),
    },
)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(RESOURCES, min_size=1, max_size=10),
    st.sampled_from(["bundle", "lines", "list"]),
    st.integers(0, 40),
)
def test_every_resource_is_in_the_table_of_its_type(resources, form, cut):
    whole = {
        "bundle": json.dumps({"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}),
        "lines": "\n".join(map(json.dumps, resources)),
        "list": json.dumps(resources),
    }[form]
    found = read(FhirReader(), whole.encode(), "f.json", **SMALL)
    ids = {}
    for one in resources:
        ids.setdefault(f"f.json#{one['resourceType']}", []).append(one["id"])
    assert {name: [row["id"] for row in table.rows] for name, table in found.items()} == ids
    torn = read(FhirReader(), whole.encode()[: len(whole) - cut], "f.json", **SMALL)
    assert sum(table.units for table in torn.values()) <= len(resources)

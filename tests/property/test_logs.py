"""Laws of the readers of logs: a shape reads as the careful reader does; no unit is lost, wherever blocks are cut."""

from __future__ import annotations

import io
import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from hemostat.evidence.base import Limits, Source
from hemostat.evidence.logs import pgaudit, web
from hemostat.evidence.logs.fhir import AuditEventReader
from hemostat.evidence.logs.fhir_event import COLUMNS
from hemostat.evidence.logs.fhir_shapes import Shapes, as_row, parse
from hemostat.evidence.logs.lines import LogTable

text = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
name = st.sampled_from(
    ["12", "13", "Patient/12", "Patient/13", "Practitioner/a/b", "", 'a"b', "é\\", "\n", "http://x/Patient/9"]
)
code = st.sampled_from(["1", "2", "4", "24", "XrequestId", "rest"])
concept = st.fixed_dictionaries(
    {},
    optional={
        "code": code,
        "coding": st.lists(st.fixed_dictionaries({"code": code}), max_size=2),
        "text": text,
    },
)
who = st.fixed_dictionaries(
    {},
    optional={"identifier": st.fixed_dictionaries({"value": name}), "reference": name, "display": text},
)
agent = st.fixed_dictionaries(
    {"requestor": st.booleans()},
    optional={"who": who, "network": st.fixed_dictionaries({"address": name}), "name": text, "altId": name},
)
entity = st.fixed_dictionaries(
    {},
    optional={
        "what": who,
        "type": concept,
        "role": concept,
        "query": name,
        "name": text,
        "detail": st.lists(
            st.fixed_dictionaries(
                {"type": st.sampled_from(["total", "x"])},
                optional={"valueString": name, "valueInteger": st.integers(-9, 10**9)},
            ),
            max_size=2,
        ),
    },
)
event = st.fixed_dictionaries(
    {"resourceType": st.just("AuditEvent")},
    optional={
        "id": name,
        "recorded": name,
        "action": st.sampled_from("RCUDE"),
        "outcome": st.one_of(code, concept),
        "agent": st.lists(agent, max_size=3),
        "entity": st.lists(entity, max_size=3),
        "patient": who,
        "source": st.fixed_dictionaries({"site": st.one_of(name, who)}),
        "extra": st.recursive(
            st.one_of(st.none(), st.booleans(), st.integers(), text),
            lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(text, inner, max_size=2)),
            max_leaves=4,
        ),
    },
)


@settings(deadline=None)
@given(st.lists(event, min_size=1, max_size=4), st.booleans(), st.booleans(), st.data())
def test_a_shape_reads_as_the_careful_reader(events, compact, ascii_only, data):
    """Every event again with other values in the same places, so that shapes learnt from some read others."""
    separators = (",", ":") if compact else (", ", ": ")
    texts = [json.dumps(one, separators=separators, ensure_ascii=ascii_only) for one in events]
    others = [data.draw(st.sampled_from(["7", "x y", "é"])) for _ in texts]
    # after a quote or a slash only: in \\u0012 the figures are part of an escape
    texts += [re.sub(r'(?<=["/])12"', f'{other}"', one) for one, other in zip(texts, others, strict=True)]
    lines = [one.encode() for one in texts]
    shapes = Shapes()
    for _ in range(2):
        found = shapes.read(lines, range(len(lines)))
        assert list(zip(*(found.events[c].to_pylist() for c in COLUMNS), strict=True)) == [
            as_row(parse(line)) for line in lines
        ]
        assert found.at == list(range(len(lines)))
        assert not found.others


HTTP = b'198.51.100.7 - dr.x [10/Nov/2025:19:10:00 +0100] "GET /patients/12 HTTP/1.1" 200 512 "-" "x"'
AUDIT = (
    b'2025-11-10 19:10:00.123 CET,app,his,1,h,s,1,SELECT,t,v,0,LOG,00000,"AUDIT: SESSION,1,1,READ,SELECT,TABLE,p,'
    b'""select\n1"",<none>",,,,,,,,,dr.x'
)
EVENT = b'{"resourceType":"AuditEvent","recorded":"x","agent":[{"who":{"display":"a"},"requestor":true}]}'
soup = st.lists(
    st.one_of(
        st.sampled_from([HTTP, AUDIT, EVENT, b"", b'"', b"plain", EVENT[:30], AUDIT[:60], b'{"a":1}']),
        st.binary(max_size=12),
    ),
    max_size=30,
).map(b"\n".join)


def table_of(kind, data, limits):
    source = Source("log", len(data), lambda: io.BytesIO(data))
    if kind == "http":
        return LogTable(source, limits, web.read, web.COLUMNS, "http-log")
    if kind == "pgaudit":
        return LogTable(source, limits, pgaudit.read, pgaudit.COLUMNS, "pgaudit", lines_are_units=False)
    (table,) = AuditEventReader().tables(source, limits)
    return table


@settings(deadline=None)
@given(st.sampled_from(["http", "pgaudit"]), soup, st.integers(1, 400))
def test_every_entry_is_in_the_account_whatever_the_blocks(kind, data, size):
    limits = Limits(batch_rows=1, block_least=size, block_most=1 << 20)
    table = table_of(kind, data, limits)
    found = list(table.batches(None))
    for batch in found:
        assert (
            batch.rows.num_rows + sum(q.units for q in batch.quarantined) + batch.out_of_scope == batch.units
        )
        assert len(batch.line) == batch.rows.num_rows
    counted = table.count_units()
    if counted is not None:
        assert sum(batch.units for batch in found) == counted
    whole = list(table_of(kind, data, Limits()).batches(None))
    assert [n for b in found for n in b.line.to_pylist()] == [n for b in whole for n in b.line.to_pylist()]
    for place, batch in enumerate(found[:-1]):
        rest = list(table.batches(batch.resume))
        assert [b.units for b in rest] == [b.units for b in found[place + 1 :]]


@settings(deadline=None)
@given(soup)
def test_lines_of_events_are_all_in_the_account(data):
    table = table_of("fhir", EVENT + b"\n" + EVENT + b"\n" + data, Limits())
    assert sum(batch.units for batch in table.batches(None)) == table.count_units()

"""AuditEvents of every release, one to a line or in a Bundle; whatever is no event keeps its place."""

from __future__ import annotations

import base64
import io
import json

import pytest

from hemostat.evidence.base import Limits, Source
from hemostat.evidence.logs.fhir import AuditEventReader
from hemostat.evidence.logs.fhir_event import SEVERAL, read_event
from hemostat.evidence.logs.fhir_shapes import Shapes

QUERY = base64.b64encode(b"Patient?family=DURAND").decode()


def r4(patient="Patient/12", account="10001234567", **changes):
    event = {
        "resourceType": "AuditEvent",
        "id": "e-1",
        "type": {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"},
        "subtype": [{"system": "http://hl7.org/fhir/restful-interaction", "code": "read"}],
        "action": "R",
        "recorded": "2025-08-17T20:31:35+02:00",
        "outcome": "0",
        "purposeOfEvent": [{"coding": [{"code": "TREAT"}]}],
        "agent": [
            {"who": {"display": "portal"}, "requestor": False, "network": {"address": "192.0.2.1"}},
            {
                "who": {"identifier": {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": account}},
                "requestor": True,
                "network": {"address": "198.51.100.7", "type": "2"},
            },
        ],
        "source": {"site": "Normandie", "observer": {"display": "store"}},
        "entity": [
            {"what": {"reference": patient}, "role": {"code": "1"}},
            {"what": {"reference": "Observation/77"}, "role": {"code": "4"}},
            {"what": {"identifier": {"value": "req-1"}}, "type": {"code": "XrequestId"}},
            {"role": {"code": "24"}, "query": QUERY, "detail": [{"type": "total", "valueString": "3"}]},
        ],
    }
    return event | changes


def r5():
    event = r4()
    del event["type"], event["subtype"], event["purposeOfEvent"], event["recorded"]
    event |= {
        "category": [{"coding": [{"code": "rest"}]}],
        "code": {"coding": [{"code": "read"}]},
        "occurredDateTime": "2025-08-17T20:31:35+02:00",
        "outcome": {"code": {"code": "0"}},
        "authorization": [{"coding": [{"code": "TREAT"}]}],
        "source": {"site": {"display": "Normandie"}},
        "patient": {"reference": "Patient/12"},
    }
    event["agent"][1] = {
        "who": {"identifier": {"value": "10001234567"}},
        "requestor": True,
        "networkString": "198.51.100.7",
    }
    event["entity"] = [
        {"what": {"reference": "Observation/77"}, "role": {"coding": [{"code": "4"}]}},
        {"what": {"identifier": {"value": "req-1"}}, "type": {"coding": [{"code": "XrequestId"}]}},
        {"query": QUERY, "detail": [{"type": {"text": "total"}, "valueInteger": 3}]},
    ]
    return event


def r4b():
    event = r4()
    event["agent"][1]["who"] = {"reference": "Practitioner/10001234567"}
    return event


SAID = {
    "recorded": "2025-08-17T20:31:35+02:00",
    "account": "10001234567",
    "patient": "Patient/12",
    "type": "rest",
    "subtype": "read",
    "action": "R",
    "object": "Observation/77",
    "query": QUERY,
    "n_records": "3",
    "outcome": "0",
    "ip": "198.51.100.7",
    "device": "portal",
    "purpose": "TREAT",
    "tenant": "Normandie",
    "request_id": "req-1",
    "event_id": "e-1",
}


def batches(data, name="a.ndjson", limits=None):
    source = Source(name, len(data), lambda: io.BytesIO(data))
    reader = AuditEventReader()
    assert reader.recognises(data[:65536], name) > 90
    (table,) = reader.tables(source, limits or Limits())
    return table, list(table.batches(None))


def lines(*things):
    return b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in things)


@pytest.mark.parametrize(
    ("event", "account"),
    [(r4(), "10001234567"), (r4b(), "Practitioner/10001234567"), (r5(), "10001234567")],
    ids=["R4", "R4B", "R5"],
)
def test_each_release_says_the_same(event, account):
    assert read_event(event) == SAID | {"account": account}


def test_several_patients_of_one_event_stay_one_unit():
    event = r4()
    event["entity"].append({"what": {"reference": "Patient/13"}, "role": {"code": "1"}})
    event["entity"].append({"what": {"reference": "Patient/12"}, "role": {"code": "1"}})
    _, (batch,) = batches(lines(event, r4()))
    assert batch.rows["patient"].to_pylist() == [f"Patient/12{SEVERAL}Patient/13", "Patient/12"]
    assert batch.units == 2


def test_lines_that_are_no_event_keep_their_place():
    data = lines(
        r4(), b"", b'{"resourceType": "Aud', {"resourceType": "Patient"}, b"[1]", r5(), b"plain words"
    )
    table, (batch,) = batches(data)
    assert batch.line.to_pylist() == [1, 6]
    assert [(one.line, str(one.reason)) for one in batch.quarantined] == [
        (3, "not_json"),
        (4, "not_an_event"),
        (5, "not_an_event"),
        (7, "not_json"),
    ]
    assert table.count_units() == batch.units == 6


def test_events_behind_a_head_of_syslog():
    data = b"".join(
        b"<110>1 2025-08-17T18:31:35Z store audit - - - " + lines(event) for event in (r4(), r4b())
    )
    _, (batch,) = batches(data, "store.log")
    assert batch.rows["patient"].to_pylist() == ["Patient/12", "Patient/12"]


def test_a_line_longer_than_the_limit_is_set_aside_and_reading_goes_on():
    huge = r4(patient="Patient/" + "9" * 3000)
    limits = Limits(block_least=1000, block_most=2000)
    table, found = batches(lines(r4(), huge, r4(patient="Patient/3")), limits=limits)
    assert [p for b in found for p in b.rows["patient"].to_pylist()] == ["Patient/12", "Patient/3"]
    assert [str(q.reason) for b in found for q in b.quarantined] == ["line_too_long"]
    assert sum(b.units for b in found) == table.count_units() == 3


def test_reading_goes_on_where_it_stopped():
    data = lines(*(r4(patient=f"Patient/{n}") for n in range(50)))
    table, found = batches(data, limits=Limits(block_least=4000, block_most=8000))
    assert len(found) > 3
    again = list(table.batches(found[1].resume))
    assert [b.rows for b in again] == [b.rows for b in found[2:]]
    assert [b.line for b in again] == [b.line for b in found[2:]]


def bundle(*resources, **options):
    entries = [{"fullUrl": f"urn:{n}", "resource": one} for n, one in enumerate(resources)]
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries}, **options).encode()


@pytest.mark.parametrize("options", [{}, {"indent": 2}], ids=["one line", "indented"])
def test_a_bundle_is_read_entry_by_entry(options):
    data = bundle(r4(), {"resourceType": "OperationOutcome"}, r5(), **options)
    _, (batch,) = batches(data, "a.json")
    assert batch.rows["patient"].to_pylist() == ["Patient/12", "Patient/12"]
    assert batch.locator.to_pylist() == ["entry 1", "entry 3"]
    assert (batch.units, batch.out_of_scope) == (3, 1)


def test_a_list_of_events_is_read_too():
    _, (batch,) = batches(json.dumps([r4(), r5()], indent=1).encode(), "a.json")
    assert batch.rows.num_rows == batch.units == 2


def test_a_damaged_entry_costs_itself_and_a_cut_costs_the_last():
    whole = bundle(r4(), r4(patient="Patient/2"), r4(patient="Patient/3"), indent=1)
    broken = whole.replace(b'"outcome"', b'outcome"', 1)
    _, (batch,) = batches(broken, "a.json")
    assert batch.rows["patient"].to_pylist() == ["Patient/2", "Patient/3"]
    assert [one.locator for one in batch.quarantined] == ["entry 1"]
    _, (batch,) = batches(whole[:-400], "a.json")
    assert batch.rows["patient"].to_pylist() == ["Patient/12", "Patient/2"]
    assert [one.locator for one in batch.quarantined] == ["entry 3"]


def test_shapes_are_learnt_and_used():
    shapes = Shapes()
    texts = [json.dumps(r4(patient=f"Patient/{n}")).encode() for n in range(20)]
    found = shapes.read(texts, range(20))
    assert len(shapes.known) == 1
    assert not found.others
    assert found.events["patient"].to_pylist() == [f"Patient/{n}" for n in range(20)]


def test_a_shape_does_not_carry_meaning_over_to_another_event():
    """The same structure with another role or requestor is another shape."""
    other = r4()
    other["entity"][0]["role"]["code"] = "2"
    swapped = r4()
    swapped["agent"][0]["requestor"], swapped["agent"][1]["requestor"] = True, False
    texts = [json.dumps(one).encode() for one in (r4(), other, swapped)]
    found = Shapes().read(texts, range(3)).events
    assert found["patient"].to_pylist() == ["Patient/12", None, "Patient/12"]
    assert found["account"].to_pylist() == ["10001234567", "10001234567", "portal"]


def whole(data, **limits):
    limits = Limits(**limits)
    (table,) = AuditEventReader().tables(Source("a.json", len(data), lambda: io.BytesIO(data)), limits)
    batches = list(table.batches(None))
    return table, sum(batch.units for batch in batches), sum(batch.rows.num_rows for batch in batches)


@pytest.mark.parametrize("options", [{}, {"indent": 1}, {"ensure_ascii": False}])
def test_the_entries_of_a_bundle_are_counted_without_the_reader(options):
    events = [r4(patient=f"Patient/{n}", note='"entry": [ ] {') for n in range(50)]
    table, units, rows = whole(bundle(*events, {"resourceType": "OperationOutcome"}, **options))
    assert (table.count_method, table.count_units(), units, rows) == ("independent", 51, 51, 50)


def test_a_list_of_events_is_counted_too():
    data = json.dumps([r4(patient=f"Patient/{n}") for n in range(20)]).encode()
    table, units, rows = whole(data)
    assert (table.count_units(), units, rows) == (20, 20, 20)


@pytest.mark.parametrize("between", [b"\n", b"", b"\n\n  ", b" " * 5_000_000])
def test_bundles_that_follow_one_another_are_read_to_the_last(between):
    parts = [
        bundle(*(r4(patient=f"Patient/{n}{at}") for n in range(7))) if at != 1 else bundle()
        for at in range(3)
    ]
    table, units, rows = whole(between.join(parts), batch_rows=5)
    assert (table.count_units(), units, rows) == (14, 14, 14)
    places = [place for batch in table.batches({"entries": 6}) for place in batch.locator.to_pylist()]
    assert places == [f"entry {n}" for n in range(7, 15)]


def test_a_bundle_whose_list_is_torn_is_not_counted():
    data = bundle(r4(), indent=1).replace(b'"entry"', b'"en\x04ry"')
    table, units, _ = whole(data)
    assert table.count_units() is None
    assert units >= 1


def test_a_bundle_that_is_cut_is_not_counted():
    data = bundle(*(r4(patient=f"Patient/{n}") for n in range(9)))
    table, units, rows = whole(data[: len(data) * 2 // 3])
    assert table.count_units() is None
    assert units >= rows >= 5

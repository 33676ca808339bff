"""How fast audit events and web logs are read, per core of CPU time; with the parsing of JSON alone as reference.

Run: python bench/logs.py [EVENTS]. Reference: json.loads of the standard library on the same lines.
"""

from __future__ import annotations

import io
import json
import sys
import time

from hemostat.evidence.base import Limits, Source
from hemostat.evidence.logs import web as logs_http
from hemostat.evidence.logs.fhir import AuditEventReader
from hemostat.evidence.logs.lines import LogTable

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
CODES = "http://terminology.hl7.org/CodeSystem"


def event(number: int, *, search: bool) -> bytes:
    """An AuditEvent of R4 as a server with IHE BALP writes it, about 1.5 kB."""
    entity = [
        {
            "what": {"reference": f"Patient/{number}"},
            "type": {"system": f"{CODES}/audit-entity-type", "code": "1", "display": "Person"},
            "role": {"system": f"{CODES}/object-role", "code": "1", "display": "Patient"},
        },
        {
            "what": {"identifier": {"value": f"2e31aa95-a039-fa7d-6249-{number:012x}"}},
            "type": {
                "system": "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType",
                "code": "XrequestId",
            },
        },
    ]
    if search:
        entity.append(
            {
                "type": {"system": f"{CODES}/audit-entity-type", "code": "2"},
                "role": {"system": f"{CODES}/object-role", "code": "24", "display": "Query"},
                "query": "UGF0aWVudD9mYW1pbHk9RFVSQU5E",
            }
        )
    return json.dumps(
        {
            "resourceType": "AuditEvent",
            "id": f"3b185b5e-bf8f-504c-1aae-{number:012x}",
            "meta": {
                "profile": [
                    "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead"
                ]
            },
            "type": {"system": f"{CODES}/audit-event-type", "code": "rest", "display": "Restful Operation"},
            "subtype": [
                {
                    "system": "http://hl7.org/fhir/restful-interaction",
                    "code": "search-type" if search else "read",
                }
            ],
            "action": "E" if search else "R",
            "recorded": f"2025-08-17T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.123+02:00",
            "outcome": "0",
            "agent": [
                {
                    "type": {"coding": [{"system": f"{CODES}/v3-ParticipationType", "code": "IRCP"}]},
                    "who": {
                        "identifier": {
                            "system": "urn:oid:1.2.250.1.71.4.2.1",
                            "value": f"1000{number % 500:07}",
                        }
                    },
                    "requestor": True,
                    "network": {"address": f"198.51.100.{number % 250}", "type": "2"},
                },
                {
                    "type": {
                        "coding": [
                            {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "110153"}
                        ]
                    },
                    "who": {"display": "portal.example.org"},
                    "requestor": False,
                    "network": {"address": "192.0.2.1", "type": "2"},
                },
            ],
            "source": {"site": "Normandie", "observer": {"display": "identity-store"}},
            "entity": entity,
        },
        separators=(",", ":"),
    ).encode()


def rate(table: object) -> float:
    """Entries read per second of CPU time."""
    start = time.process_time()
    read = sum(batch.rows.num_rows for batch in table.batches(None))
    assert read == COUNT
    return read / (time.process_time() - start)


def main() -> None:
    """Prints one line a figure."""
    data = b"\n".join(event(number, search=number % 3 == 0) for number in range(COUNT)) + b"\n"
    source = Source("audit.ndjson", len(data), lambda: io.BytesIO(data))
    (table,) = AuditEventReader().tables(source, Limits())
    print(f"AuditEvent, {len(data) // COUNT} octets each: {rate(table):,.0f} events/s per core")
    lines = data.splitlines()
    start = time.process_time()
    for line in lines:
        json.loads(line)
    print(f"  reference, json.loads alone: {COUNT / (time.process_time() - start):,.0f} events/s")
    line = b'198.51.100.7 - dr.x [10/Nov/2025:19:10:00 +0100] "GET /patients/%d/bio HTTP/1.1" 200 512 "-" "M/5"\n'
    web = b"".join(line % number for number in range(COUNT))
    source = Source("access.log", len(web), lambda: io.BytesIO(web))
    table = LogTable(source, Limits(), logs_http.read, logs_http.COLUMNS, logs_http.KIND)
    print(f"nginx combined, {len(web) // COUNT} octets each: {rate(table):,.0f} lines/s per core")


if __name__ == "__main__":
    main()

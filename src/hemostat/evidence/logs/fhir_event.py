"""One FHIR AuditEvent (R4, R4B, R5) as the few texts that say who saw what. Tolerant: it takes what is there.

R4 and R5 name things differently; both are looked for, whatever the event calls itself. Sources: hl7.org/fhir
R4, R4B and R5, AuditEvent; IHE Basic Audit Log Patterns (BALP) 1.1.3.
"""

from __future__ import annotations

from typing import Any

SEVERAL = "\x1f"
"""Stands between the patients of one event."""
COLUMNS = (
    "recorded", "account", "patient", "action", "type", "subtype", "object", "query", "n_records", "outcome", "ip",
    "device", "session", "purpose", "tenant", "request_id", "event_id",
)  # fmt: skip
_PATIENT, _DOMAIN, _REPORT, _QUERY = "1", "4", "3", "24"
"""Roles of an entity (http://terminology.hl7.org/CodeSystem/object-role)."""
_REQUEST_ID = frozenset(("XrequestId", "X-Request-Id", "x-request-id", "xrequestid", "requestId"))
_SESSION = frozenset(("session", "Session", "SessionId", "sessionId", "session-id"))
_TOTAL = frozenset(
    ("total", "count", "n_records", "results", "result-count", "resultCount", "bundle.total", "records")
)


def is_event(thing: object) -> bool:
    """Whether a piece of JSON is an AuditEvent."""
    return isinstance(thing, dict) and thing.get("resourceType") == "AuditEvent"


def read_event(thing: dict[str, Any]) -> dict[str, str]:
    """The texts of an event by column, as written; what is not said is left out.

    Depends on values only through ``code``, ``type``, ``text``, ``system``, ``requestor`` and the type of a
    reference; ``fhir_shapes`` relies on it.
    """
    found: dict[str, str | None] = {
        "recorded": _text(thing.get("occurredDateTime"))
        or _text(_dict(thing.get("occurredPeriod")).get("start"))
        or _text(thing.get("recorded")),
        "action": _text(thing.get("action")),
        "type": _code(thing.get("type")) or _first_code(thing.get("category")),
        "subtype": _first_code(thing.get("subtype")) or _code(thing.get("code")),
        "outcome": _outcome(thing.get("outcome")),
        "purpose": _first_code(thing.get("purposeOfEvent")) or _first_code(thing.get("authorization")),
        "tenant": _site(_dict(thing.get("source")).get("site")),
        "event_id": _text(thing.get("id")),
    }
    _agents(_dicts(thing.get("agent")), found)
    _entities(_dicts(thing.get("entity")), found)
    if not found.get("patient"):
        found["patient"] = _who(thing.get("patient"))
    return {name: value for name, value in found.items() if value}


def _agents(agents: list[dict[str, Any]], found: dict[str, str | None]) -> None:
    """Who asked, from where, and with what."""
    asking = [one for one in agents if one.get("requestor") is True] or agents[:1]
    # a program that asks on a person's behalf is an agent as well: the one with an identifier is the person
    asking.sort(key=lambda one: not _dict(_dict(one.get("who")).get("identifier")).get("value"))
    if asking:
        asker = asking[0]
        found["account"] = (
            _who(asker.get("who"))
            or _text(asker.get("altId"))
            or _text(asker.get("name"))
            or _text(_dict(asker.get("userId")).get("value"))
        )
        found["purpose"] = (
            found["purpose"]
            or _first_code(asker.get("purposeOfUse"))
            or _first_code(asker.get("authorization"))
        )
    for one in (*asking, *agents):
        address = (
            _text(_dict(one.get("network")).get("address"))
            or _text(one.get("networkString"))
            or _text(one.get("networkUri"))
        )
        if address:
            found["ip"] = address
            break
    found["device"] = next(
        (who for one in agents if one not in asking and (who := _who(one.get("who")))), None
    )


def _entities(entities: list[dict[str, Any]], found: dict[str, str | None]) -> None:
    """Whom and what the event is about."""
    patients: list[str] = []
    for one in entities:
        kind, role, what = (
            _code(one.get("type")),
            _code(one.get("role")),
            one.get("what", one.get("reference")),
        )
        if kind in _REQUEST_ID:
            found["request_id"] = _who(what) or _text(one.get("name"))
        elif kind in _SESSION:
            found["session"] = _who(what) or _text(one.get("name"))
        elif role == _PATIENT or (role is None and _refers(what) == "Patient"):
            patient = _who(what) or _text(one.get("name"))
            if patient and patient not in patients:
                patients.append(patient)
        elif role in (_DOMAIN, _REPORT) or (role is None and _refers(what)):
            found["object"] = found.get("object") or _who(what)
        if role == _QUERY or one.get("query"):
            found["query"] = _text(one.get("query")) or found.get("query")
        for detail in _dicts(one.get("detail")):
            if _label(detail.get("type")) in _TOTAL:
                value = next((detail[key] for key in detail if key.startswith("value")), None)
                found["n_records"] = _text(value)
    found["patient"] = SEVERAL.join(patients)


def _dict(thing: object) -> dict[str, Any]:
    return thing if isinstance(thing, dict) else {}


def _dicts(thing: object) -> list[dict[str, Any]]:
    return [one for one in thing if isinstance(one, dict)] if isinstance(thing, list) else []


def _text(thing: object) -> str | None:
    if isinstance(thing, str):
        return thing.replace(SEVERAL, " ") or None
    return str(thing) if isinstance(thing, int | float) and not isinstance(thing, bool) else None


def _code(thing: object) -> str | None:
    """The code of a Coding, or the first one of a CodeableConcept."""
    if not isinstance(thing, dict):
        return None
    coding = thing.get("coding")
    if isinstance(coding, list) and coding:
        return _text(_dict(coding[0]).get("code"))
    return _text(thing.get("code"))


def _first_code(thing: object) -> str | None:
    return next((code for one in _dicts(thing) if (code := _code(one))), None)


def _label(thing: object) -> str | None:
    return thing if isinstance(thing, str) else _code(thing) or _text(_dict(thing).get("text"))


def _who(thing: object) -> str | None:
    """An identifier's value, a reference or a name, the first that is there."""
    if not isinstance(thing, dict):
        return None
    return (
        _text(_dict(thing.get("identifier")).get("value"))
        or _text(thing.get("reference"))
        or _text(thing.get("display"))
    )


def _refers(thing: object) -> str | None:
    """The type of what a reference points to."""
    reference = _text(_dict(thing).get("reference"))
    parts = reference.split("/") if reference else []
    return parts[-2] if len(parts) > 1 else _text(_dict(thing).get("type"))


def _outcome(thing: object) -> str | None:
    """R4: a code. R5: a code within ``outcome.code``."""
    return _code(_dict(thing).get("code")) if isinstance(thing, dict) else _text(thing)


def _site(thing: object) -> str | None:
    """R4: a text. R5: a reference."""
    return _who(thing) if isinstance(thing, dict) else _text(thing)

"""Why an entry of a log was quarantined, beside what ``reasons`` lists."""

from __future__ import annotations

from enum import StrEnum


class LogReason(StrEnum):
    """What keeps an entry of a log from being read as an access."""

    NOT_AN_EVENT = "not_an_event"
    NOT_A_LOG_LINE = "not_a_log_line"
    ENTRY_CUT = "log_entry_cut"


WORDING: dict[str, dict[str, str]] = {
    LogReason.NOT_AN_EVENT: {
        "fr": "JSON qui n’est pas un événement d’audit (AuditEvent)",
        "en": "JSON that is no audit event (AuditEvent)",
    },
    LogReason.NOT_A_LOG_LINE: {
        "fr": "ligne qui ne suit pas la forme du journal",
        "en": "line that does not follow the form of the log",
    },
    LogReason.ENTRY_CUT: {
        "fr": "entrée de journal coupée, ou guillemets qui ne se referment pas",
        "en": "cut entry of a log, or quotes that do not close",
    },
}
"""Reason id -> language -> words."""

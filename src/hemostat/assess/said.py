"""What a person answered for the case, once: times, fields of a notice, texts of the letters. The last word counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hemostat.case import actor

if TYPE_CHECKING:
    from hemostat.case import Case


@dataclass(frozen=True, slots=True)
class Said:
    """An answer, with its author, time and reason."""

    value: str
    why: str
    by: str
    at: str


def say_fact(case: Case, topic: str, name: str, value: str, why: str = "") -> None:
    """Records an answer. Nothing is overwritten: earlier answers stay in the table and in the journal."""
    with case.transaction():
        number = case.rows("select coalesce(max(said_id), 0) + 1 from said")[0][0]
        at = case.now().isoformat(timespec="seconds")
        case.execute(
            "insert into said values (?, ?, ?, ?, ?, ?, ?)", (number, topic, name, value, why, actor(), at)
        )
        case.journal("said", topic=topic, name=name, why=why)


def latest(case: Case, topic: str) -> dict[str, Said]:
    """The last answer to each question of a topic; an empty answer takes an earlier one back."""
    found = case.rows(
        'select name, "value", why, "by", "at" from said where topic = ? order by said_id', (topic,)
    )
    answers = {name: Said(value, why, by, at) for name, value, why, by, at in found}
    return {name: said for name, said in answers.items() if said.value}

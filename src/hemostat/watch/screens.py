"""What a screen, resource or table shows of the patient it is about, as masks of categories."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from hemostat.rules.categories import mask_of
from hemostat.rules.files import rows
from hemostat.watch.words import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

LIST, BANNER = "list", "banner"


@dataclass(frozen=True, slots=True)
class Shown:
    """Two masks, each of two words: what is always shown, and what is shown when the patient file holds it."""

    always: tuple[int, int]
    when_held: tuple[int, int]

    def __or__(self, other: Shown) -> Shown:
        """What both show together."""
        return Shown(
            (self.always[0] | other.always[0], self.always[1] | other.always[1]),
            (self.when_held[0] | other.when_held[0], self.when_held[1] | other.when_held[1]),
        )


NOTHING = Shown((0, 0), (0, 0))


@cache
def _rules() -> tuple[Mapping[str, Shown], Mapping[str, str]]:
    found = rows("screens", "screen", {"id": str, "forms": list, "categories": list, "when_held": list})
    shown = {row["id"]: Shown(mask_of(row["categories"]), mask_of(row["when_held"])) for row in found}
    return shown, {fold(form): row["id"] for row in found for form in row["forms"]}


def known(object_type: str | None) -> bool:
    """Whether the rules know this screen."""
    return object_type is not None and _screen(object_type) is not None


def is_list(object_type: str) -> bool:
    """Whether the rules know this screen as a list of patients."""
    return _screen(object_type) == LIST


def of_record(object_type: str | None, own: Mapping[str, tuple[str, ...]]) -> Shown:
    """What an opened record shows under this screen; ``own``: the site's screens, by folded name.

    A screen that nobody knows shows at least what stands above every screen.
    """
    shown, _ = _rules()
    told = own.get(fold(object_type)) if object_type else None
    if told is not None:
        return shown[BANNER] | Shown(mask_of(told), (0, 0))
    screen = _screen(object_type) if object_type else None
    if screen is None or screen == LIST:
        return shown[BANNER]
    own_part = shown[screen]
    return NOTHING if own_part == NOTHING else shown[BANNER] | own_part


def of_list() -> Shown:
    """What one line of a search list shows."""
    return _rules()[0][LIST]


def _screen(object_type: str) -> str | None:
    forms = _rules()[1]
    name = fold(object_type)
    if name in forms:
        return forms[name]
    joined = name.replace(" ", "")  # DiagnosticReport, diagnostic_report
    return forms.get(joined) or next((forms[part] for part in name.split() if part in forms), None)

"""Pictures of texts, read by Tesseract through pipes. Meant for the parsing process only: its limits hold here too."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hemostat.evidence.base import Batch, Unreadable
from hemostat.evidence.pages.images_size import pages
from hemostat.evidence.pages.tables import TEXT, cleaned
from hemostat.evidence.reasons import Reason
from hemostat.model import CountMethod, Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hemostat.evidence.base import Limits, Source, TableSource

_LARGEST = 256 << 20
"""Octets of one picture file."""
PIXELS = 64_000_000
"""Pixels of one picture: a page of A3 at 600 dots per inch has 69 million, one of A4 35 million."""
_SECONDS = 180
_LANGUAGES = ("fra", "eng")
_MOST_TEXT = 16 << 20


@lru_cache(maxsize=1)
def _program() -> tuple[str, str] | Reason:
    """Tesseract and the languages to read; what is missing if something is."""
    path = shutil.which("tesseract")
    if path is None:
        return Reason.NEEDS_OCR
    try:
        listed = subprocess.run(  # noqa: S603 - a program of the system, no argument from the evidence
            [path, "--list-langs"], capture_output=True, check=False, timeout=30
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.TimeoutExpired):
        return Reason.NEEDS_OCR
    known = [one for one in _LANGUAGES if one in listed.split()]
    return (path, "+".join(known)) if _LANGUAGES[0] in known else Reason.NEEDS_FRENCH


def missing() -> Reason | None:
    """What keeps texts in pictures from being read here."""
    program = _program()
    return program if isinstance(program, Reason) else None


def read(picture: bytes, dots: int | None = None) -> list[str]:
    """The text of each page of a picture; ``dots`` per inch, if known.

    Raises:
        Unreadable: Tesseract is not installed, gave up, or took too long.
    """
    program = _program()
    if isinstance(program, Reason):
        raise Unreadable(program)
    command = [program[0], "stdin", "stdout", "-l", program[1], *(["--dpi", str(dots)] if dots else [])]
    try:
        done = subprocess.run(  # noqa: S603 - a program of the system, no argument from the evidence
            command, input=picture, capture_output=True, check=False, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise Unreadable(Reason.PARSER_SLOW) from None
    except OSError:
        raise Unreadable(Reason.DAMAGED) from None
    if done.returncode:
        raise Unreadable(Reason.DAMAGED)
    return [cleaned(text) for text in done.stdout[:_MOST_TEXT].decode("utf-8", "replace").split("\f")]


def tables(source: Source, limits: Limits) -> Iterator[TableSource]:  # noqa: ARG001 - as every function of its kind
    """A picture, or each page of one.

    Raises:
        Unreadable: larger than the limit, or no picture at all.
    """
    with source.open() as raw:
        data = raw.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise Unreadable(Reason.TOO_LARGE)
    sizes = pages(data)
    if not sizes:
        raise Unreadable(Reason.DAMAGED)
    if max(width * height for width, height in sizes) > PIXELS:
        raise Unreadable(Reason.TOO_MANY_PIXELS)
    lacking = missing()
    if lacking:
        raise Unreadable(lacking)
    yield Picture(source.name, data, len(sizes))


@dataclass(slots=True)
class Picture:
    """The pages of a picture file."""

    name: str
    data: bytes = field(repr=False)
    count: int = 1
    kind: str = "image"
    count_method: str = CountMethod.DECLARED
    note: str = "ocr=yes"

    def count_units(self) -> int | None:
        """Pages, as the file's own directory says."""
        return self.count

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """All pages at once: Tesseract reads them together."""
        if resume is None:
            found = read(self.data)[: self.count]
            yield recognised(found + [""] * (self.count - len(found)), 1)


def recognised(found: list[str], first: int) -> Batch:
    """Texts of pages as a batch; pages without text are to be looked at."""
    numbered = list(enumerate(found, first))
    full = [(number, text) for number, text in numbered if text]
    aside = tuple(
        Quarantined(f"page {number}", Reason.NO_TEXT_FOUND) for number, text in numbered if not text
    )
    return Batch(
        rows=pa.table({TEXT: pa.array([text for _, text in full], pa.string())}),
        line=None,
        locator=pa.array([f"page {number}" for number, _ in full], pa.string()),
        units=len(found),
        blank=0,
        header=0,
        out_of_scope=0,
        quarantined=aside,
        resume={"page": first + len(found)},
    )

"""PDF: a page is one unit; a page that is a picture goes through character recognition. Attachments are members."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hemostat.evidence.base import Batch, Unreadable
from hemostat.evidence.isolation.members import isolated_members
from hemostat.evidence.isolation.process import isolated_tables
from hemostat.evidence.pages.tables import TEXT
from hemostat.evidence.reasons import Reason
from hemostat.model import Quarantined

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from hemostat.evidence.base import Limits, Member, Source, TableSource
    from hemostat.evidence.isolation.process import IsolatedTable

_DEATHS = (Reason.PARSER_DIED, Reason.PARSER_SLOW, Reason.TOO_MUCH_MEMORY)
_MOST_DEATHS = 20
"""Pages that may kill the parser before the rest of the document is given up."""
_WITHIN = 1024
"""Octets that may stand before the mark of a PDF."""


@dataclass(frozen=True, slots=True)
class PdfReader:
    """PDF documents."""

    passwords: tuple[str, ...] = field(default=(), repr=False)
    kind: str = "pdf"
    seeks: bool = True

    def recognises(self, head: bytes, name: str) -> int:
        """By its mark; further on than the very beginning, by its name as well."""
        if head.startswith(b"%PDF-"):
            return 97
        return 96 if b"%PDF-" in head[:_WITHIN] and name.lower().endswith(".pdf") else 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """The pages.

        Raises:
            Unreadable: damaged, encrypted, or what reads it is not installed.
        """
        given = {"passwords": list(self.passwords)}
        for table in isolated_tables("hemostat.evidence.pages.pdf_pages:tables", source, limits, given):
            yield Pages(table)

    def members(self, source: Source, limits: Limits) -> Generator[Member, None, None]:
        """Files attached to the document.

        Raises:
            Unreadable: damaged, encrypted, or what reads it is not installed.
        """
        given = {"passwords": list(self.passwords)}
        return isolated_members("hemostat.evidence.pages.pdf_pages:members", source, limits, given)


@dataclass(slots=True)
class Pages:
    """The pages of a document, read elsewhere. One that kills the parser is set aside, and reading goes on after it."""

    table: IsolatedTable

    @property
    def name(self) -> str:
        """The evidence name."""
        return self.table.name

    @property
    def kind(self) -> str:
        """A short word for the format."""
        return self.table.kind

    @property
    def count_method(self) -> str:
        """As the table in the worker says."""
        return self.table.count_method

    @property
    def note(self) -> str:
        """How it was read."""
        return self.table.note

    def count_units(self) -> int | None:
        """Pages, as the document says."""
        return self.table.count_units()

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The pages, in order.

        Raises:
            Unreadable: damaged, or too many pages kill the parser.
        """
        place, deaths = (0, 0) if resume is None else (int(resume["page"]), int(resume.get("deaths", 0)))
        alone = False
        while True:
            try:
                for batch in self.table.batches({"page": place, "alone": alone}):
                    place = int(batch.resume["page"])
                    yield _told(batch, place, deaths)
                return
            except Unreadable as fault:
                self.table.renew()
                if fault.reason not in _DEATHS or deaths >= _MOST_DEATHS:
                    raise
                if alone:
                    deaths += 1
                    place += 1
                    yield _lost(place, deaths, fault.reason)
                alone = not alone  # from there on page by page, up to the one that did it


def _told(batch: Batch, place: int, deaths: int) -> Batch:
    return replace(batch, resume={"page": place, "deaths": deaths})


def _lost(number: int, deaths: int, reason: str) -> Batch:
    """A batch of one page that was set aside."""
    return Batch(
        rows=pa.table({TEXT: pa.array([], pa.string())}),
        line=None,
        locator=pa.array([], pa.string()),
        units=1,
        blank=0,
        header=0,
        out_of_scope=0,
        quarantined=(Quarantined(f"page {number}", reason),),
        resume={"page": number, "deaths": deaths},
    )

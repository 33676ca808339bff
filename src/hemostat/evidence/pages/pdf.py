"""PDF: a page is one unit; a page that is a picture goes through character recognition. Attachments are members."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hemostat.evidence.isolation.members import isolated_members
from hemostat.evidence.isolation.process import isolated_tables

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from hemostat.evidence.base import Limits, Member, Source, TableSource

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
        return isolated_tables("hemostat.evidence.pages.pdf_pages:tables", source, limits, given)

    def members(self, source: Source, limits: Limits) -> Generator[Member, None, None]:
        """Files attached to the document.

        Raises:
            Unreadable: damaged, encrypted, or what reads it is not installed.
        """
        given = {"passwords": list(self.passwords)}
        return isolated_members("hemostat.evidence.pages.pdf_pages:members", source, limits, given)

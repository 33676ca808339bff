"""Documents: text, HTML, RTF, DOCX, ODT, PPTX, ODP. A document is one unit; each list in it is a table of its own.

All but plain text is read in a process of its own (``isolation``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hemostat.evidence.archives.zips import ZipContainer
from hemostat.evidence.base import Limits, Unreadable
from hemostat.evidence.delimited.dialect import NONE
from hemostat.evidence.delimited.dialect import sniff as sniff_layout
from hemostat.evidence.isolation.process import isolated_tables
from hemostat.evidence.jsons.reader import begin
from hemostat.evidence.pages.tables import texts
from hemostat.evidence.reasons import Reason
from hemostat.evidence.text import Encoding, TextStream, looks_like_text, sniff, to_utf8
from hemostat.model import CountMethod

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from hemostat.evidence.base import Batch, Member, Source, TableSource

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PART = 256 << 10
"""Octets of plain text to a row, at most."""
_WORDS = 7
_COMMA_AND_BLANK = re.compile(r"[,;:](?=\s)")
_MARK = re.compile(r"[,;:\t|]")
_OFTEN = 1.2
"""In prose, a blank follows nearly every mark that could part columns."""
_SENTENCE = re.compile(r"[a-zà-ÿ)»][.!?…:]\s*$")


class TextReader:
    """Plain text that is prose. What could be a list, a line to a record, is left to the reader of delimited text."""

    kind = "text"
    seeks = False

    def recognises(self, head: bytes, name: str) -> int:
        """By how its lines read; by name as well for Markdown, whose lists are prose."""
        if not looks_like_text(head):
            return 0
        lower = name.lower()
        named = lower.endswith((".md", ".markdown", ".rst", ".adoc"))
        if not named and not (lower.endswith((".txt", ".text")) or "." not in re.split(r"[/!]", lower)[-1]):
            return 0
        return 66 if named or _is_prose(head) else 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:  # noqa: ARG002 - a part has one size
        """The text, in parts if it is long."""
        with source.open() as raw:
            encoding = sniff(raw.read(64 << 10))
        yield Prose(source, encoding)


def _is_prose(head: bytes) -> bool:
    """Whether lines are sentences and paragraphs. In doubt they are not: a list taken for prose hides its people."""
    text = to_utf8(begin(head))[0].decode("utf-8", "replace")
    lines = [line.strip() for line in text.splitlines()[:400] if line.strip()]
    if not lines:
        return False
    words = [len(line.split()) for line in lines]
    sentences = sum(bool(_SENTENCE.search(line)) for line in lines)
    figures = sum(char.isdigit() for char in text) / max(len(text), 1)
    if figures > 0.06 or sum("@" in line for line in lines) * 4 > len(lines):  # noqa: PLR2004 - a list has more
        return False
    if sum(words) / len(words) < _WORDS or sentences * 4 < len(lines):
        return False
    return len(lines) == 1 or _no_columns(text)


def _no_columns(text: str) -> bool:
    if _OFTEN * len(_COMMA_AND_BLANK.findall(text)) >= len(_MARK.findall(text)):
        return True
    layout = sniff_layout(text.encode(), Limits(), "cp1252", whole=False)
    return layout.dialect.delimiter == NONE or layout.dialect.fields > max(text.count("\n"), 1)


@dataclass(slots=True)
class Prose:
    """A plain text, whole or in parts."""

    source: Source
    encoding: Encoding
    kind: str = "text"
    count_method: str = CountMethod.INDEPENDENT

    @property
    def name(self) -> str:
        """The evidence name."""
        return self.source.name

    @property
    def note(self) -> str:
        """How it is read, as ``key=value`` (worded in ``reasons``)."""
        return f"encoding={self.encoding.name}"

    def count_units(self) -> int | None:
        """A document is one unit; of a long one, only the reader knows the parts."""
        with self.source.open() as raw:
            stream = TextStream(raw, self.encoding)
            return 1 if len(stream.read(_PART + 1)) <= _PART and not stream.read(1) else None

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The parts, one to a batch; each ends at the end of a line where one can be found."""
        state = resume or {"offset": self.encoding.mark, "part": 1}
        offset, part = int(state["offset"]), int(state["part"])
        with self.source.open() as raw:
            stream = TextStream(raw, self.encoding, offset)
            held = b""
            while True:
                while len(held) <= _PART and (more := stream.read(_PART)):
                    held += more
                last = len(held) <= _PART
                if last and not held and part > 1:
                    return
                size = len(held) if last else _end_of_line(held)
                offset += stream.raw_size(held[:size])
                place = "document" if last and part == 1 else f"part {part}"
                text = to_utf8(held[:size], self.encoding.fallback)[0].decode("utf-8", "replace")
                part += 1
                yield texts([(place, text)], {"offset": offset, "part": part})
                held = held[size:]
                if last:
                    return


def _end_of_line(text: bytes) -> int:
    size = text.rfind(b"\n", 0, _PART) + 1
    if size:
        return size
    size = _PART
    while text[size] & 0xC0 == 0x80:  # noqa: PLR2004 - within a character of UTF-8
        size -= 1
    return size


class HtmlReader:
    """HTML, whatever its name: many a file called .xls is HTML."""

    kind = "html"
    seeks = False

    _BEGINS = re.compile(
        rb"(?is)\A(?:<\?xml[^>]*>\s*)?(?:<!--.{0,4000}?-->\s*)*<(?:!doctype\s+html|html[\s>]|head[\s>]|body[\s>]|meta\s|"
        rb"table[\s>]|div[\s>])"
    )

    def recognises(self, head: bytes, name: str) -> int:  # noqa: ARG002 - content alone decides
        """By how it begins."""
        return 85 if self._BEGINS.match(begin(head)) else 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """The page's text, then its lists.

        Raises:
            Unreadable: beyond the limits.
        """
        return isolated_tables("hemostat.evidence.pages.hypertext:tables", source, limits)


class RtfReader:
    """RTF."""

    kind = "rtf"
    seeks = False

    def recognises(self, head: bytes, name: str) -> int:  # noqa: ARG002 - content alone decides
        """By its first octets."""
        return 97 if head.lstrip(b" \t\r\n\xef\xbb\xbf").startswith(b"{\\rtf") else 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """The document's text, then its lists.

        Raises:
            Unreadable: beyond the limits.
        """
        return isolated_tables("hemostat.evidence.pages.rtf:tables", source, limits)


class OfficeReader:
    """Word processors and presentations; also a container of the files that were put into the document."""

    kind = "office"
    seeks = True

    _PARTS = re.compile(
        rb"word/(?:document2?|styles|settings)\.xml|ppt/(?:presentation\.xml|slides/slide)"
        rb"|application/vnd\.oasis\.opendocument\.(?:text|presentation)"
    )
    _FIRST = re.compile(
        rb"PK\x03\x04.{26}(?:\[Content_Types\]|_rels/|docProps/|customXml/|word/|ppt/|mimetype)", re.DOTALL
    )
    """An archive that happens to hold such documents begins otherwise."""
    _NAMES = (".docx", ".docm", ".dotx", ".dotm", ".odt", ".ott", ".pptx", ".pptm", ".ppsx", ".odp")
    _WITHIN = re.compile(r"\A(?:word|ppt)/embeddings/.|\AObject[^/]*\Z|\A(?:word|ppt)/media/.|\APictures/.")
    _PICTURE = re.compile(r"\.(?:png|jpe?g|tiff?|bmp)\Z", re.IGNORECASE)
    _SCAN = 100_000
    """Octets from which a picture may be the scan of a page; smaller ones are logos and the like."""

    def recognises(self, head: bytes, name: str) -> int:
        """By the names of the members that only such a document has."""
        if not self._FIRST.match(head):
            return 0
        if self._PARTS.search(head):
            return 97
        return 93 if name.lower().endswith(self._NAMES) else 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """The document's text, then its lists.

        Raises:
            Unreadable: damaged, encrypted, beyond the limits, or what reads it is not installed.
        """
        return isolated_tables("hemostat.evidence.pages.office:tables", source, limits)

    def members(self, source: Source, limits: Limits) -> Generator[Member, None, None]:
        """Files put into the document, and pictures large enough to be scans of pages.

        Raises:
            Unreadable: damaged.
        """
        for member in ZipContainer().members(source, limits):
            within = member.name.removeprefix(f"{source.name}!")
            picture = self._PICTURE.search(within)
            if self._WITHIN.match(within) and (not picture or (member.size or 0) >= self._SCAN):
                yield member


class OldOfficeReader:
    """Office 97 and Outlook messages: recognised, and said what to do with them."""

    kind = "office 97"
    seeks = True  # what it holds is told by its directory, wherever that lies
    _MESSAGE = "__substg1.0_".encode("utf-16-le"), "__nameid_version1.0".encode("utf-16-le")
    _NAMES = (".doc", ".dot", ".ppt", ".pps", ".msg", ".pub", ".vsd", ".wps")

    def recognises(self, head: bytes, name: str) -> int:
        """By its first octets; workbooks of that time have a reader that is surer, unless the name says otherwise."""
        if not head.startswith(_OLE):
            return 0
        if any(mark in head for mark in self._MESSAGE):
            return 97
        return 92 if name.lower().endswith(self._NAMES) else 45

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:  # noqa: ARG002 - nothing is read
        """Nothing to be had.

        Raises:
            Unreadable: always, with what to do.
        """
        with source.open() as raw:
            head = raw.read(64 << 10)
        named = source.name.lower().endswith(".msg")
        message = named or any(mark in head for mark in self._MESSAGE)
        raise Unreadable(Reason.OUTLOOK_MESSAGE if message else Reason.OLD_OFFICE)

"""Text and lists of office documents: DOCX, ODT, PPTX, ODP. Their XML is read as a stream; nothing in them is run."""

from __future__ import annotations

import re
import zipfile
from contextlib import closing
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler, feature_namespaces

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped, unused-ignore]
from defusedxml.sax import make_parser  # type: ignore[import-untyped, unused-ignore]

from hemostat.evidence.base import Unreadable
from hemostat.evidence.pages.extract import Gathered
from hemostat.evidence.pages.tables import Text, cut, document
from hemostat.evidence.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.sax.xmlreader import AttributesNSImpl

    from hemostat.evidence.base import Limits, Source, TableSource

_CHUNK = 256 << 10
_LARGEST = 512 << 20
"""Octets of XML in one document."""
_SPACES = 1000
_WORD = (
    r"word/document2?\.xml",
    r"word/(?:header|footer)\d*\.xml",
    r"word/(?:footnotes|endnotes|comments)\.xml",
)
_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")
_NOTES = re.compile(r"ppt/notesSlides/notesSlide(\d+)\.xml")


def tables(source: Source, limits: Limits) -> Iterator[TableSource]:
    """The text of a document, then its lists.

    Raises:
        Unreadable: damaged, encrypted, or beyond the limits.
    """
    with source.open() as raw:
        try:
            with closing(zipfile.ZipFile(raw)) as book:
                _check(book, limits)
                names = book.namelist()
                if any(_SLIDE.fullmatch(name) for name in names):
                    yield _slides(source.name, book, names)
                elif "content.xml" in names:
                    kind = "odp" if b"presentation" in _mimetype(book) else "odt"
                    yield from _read(source.name, kind, book, ["content.xml", "styles.xml"], _OPEN, limits)
                else:
                    parts = [
                        name for pattern in _WORD for name in sorted(names) if re.fullmatch(pattern, name)
                    ]
                    yield from _read(source.name, "docx", book, parts, _WORDS, limits)
        except (zipfile.BadZipFile, SAXException, DefusedXmlException, NotImplementedError, EOFError):
            raise Unreadable(Reason.DAMAGED) from None


def _check(book: zipfile.ZipFile, limits: Limits) -> None:
    entries = book.infolist()
    unpacked = sum(entry.file_size for entry in entries if entry.filename.endswith(".xml"))
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > _LARGEST:
        raise Unreadable(Reason.TOO_LARGE)
    if unpacked > limits.ratio_free and unpacked > limits.ratio * max(packed, 1):
        raise Unreadable(Reason.RATIO)
    if any(entry.flag_bits & 1 for entry in entries) or _is_encrypted(book):
        raise Unreadable(Reason.ENCRYPTED)


def _is_encrypted(book: zipfile.ZipFile) -> bool:
    if "META-INF/manifest.xml" not in book.namelist():
        return False
    with book.open("META-INF/manifest.xml") as raw:
        return b"encryption-data" in raw.read(1 << 20)


def _mimetype(book: zipfile.ZipFile) -> bytes:
    if "mimetype" not in book.namelist():
        return b""
    with book.open("mimetype") as raw:
        return raw.read(200)


def _read(
    name: str, kind: str, book: zipfile.ZipFile, parts: list[str], manners: _Manners, limits: Limits
) -> Iterator[TableSource]:
    gathered = Gathered()
    present = [part for part in parts if part in book.namelist()]
    if not present:
        raise Unreadable(Reason.DAMAGED)
    for part in present:
        with book.open(part) as raw:
            _feed(raw, _Reading(gathered, manners))
    pictures = sum(bool(re.match(r"(?:word/media|Pictures|ppt/media)/.", name)) for name in book.namelist())
    macros = any(name.endswith("vbaProject.bin") or name.startswith("Basic/") for name in book.namelist())
    note = ", ".join([f"pictures={pictures}"] * bool(pictures) + ["macro=yes"] * macros)
    yield from document(name, kind, gathered.done(), limits.batch_rows, note)


def _slides(name: str, book: zipfile.ZipFile, names: list[str]) -> TableSource:
    """A presentation: a slide to a row, its notes with it."""
    slides = sorted((int(found[1]), part) for part in names if (found := _SLIDE.fullmatch(part)))
    notes = {int(found[1]): part for part in names if (found := _NOTES.fullmatch(part))}
    parts = []
    for number, part in slides:
        gathered = Gathered()
        for one in (part, notes.get(number)):
            if one is not None:
                with book.open(one) as raw:
                    _feed(raw, _Reading(gathered, _SHAPES))
        done = gathered.done()
        rows = ["\t".join(row) for listing in done.listings for row in [list(listing.names), *listing.rows]]
        text = "\n".join(text for _, text in cut([*done.lines, *rows]))
        parts.append((f"slide {number}", text))
    return Text(name, "pptx", parts)


def _feed(raw: IO[bytes], handler: ContentHandler) -> None:
    """Reads XML without document types, entities or anything from elsewhere.

    Raises:
        Unreadable: more octets than the archive's directory said.
    """
    parser: Any = make_parser()
    parser.forbid_dtd = True
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(handler)
    size = 0
    while data := raw.read(_CHUNK):
        size += len(data)
        if size > _LARGEST:
            raise Unreadable(Reason.TOO_LARGE)
        parser.feed(data)
    parser.close()


@dataclass(frozen=True, slots=True)
class _Manners:
    """How a family of formats names what matters here; names without their namespace."""

    texts: frozenset[str]
    """Elements whose own characters are text; None of them: all characters are."""
    paragraphs: frozenset[str]
    table: str
    row: str
    cells: frozenset[str]
    signs: dict[str, str]
    """Elements that stand for characters."""
    dropped: frozenset[str]


_WORDS = _Manners(
    texts=frozenset(("t", "delText")),
    paragraphs=frozenset(("p",)),
    table="tbl",
    row="tr",
    cells=frozenset(("tc",)),
    signs={"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"},
    dropped=frozenset(("Fallback",)),  # says again in an older way what stands beside it
)
_SHAPES = _Manners(
    texts=frozenset(("t",)),
    paragraphs=frozenset(("p",)),
    table="tbl",
    row="tr",
    cells=frozenset(("tc",)),
    signs={"br": "\n"},
    dropped=frozenset(("Fallback",)),
)
_OPEN = _Manners(
    texts=frozenset(),
    paragraphs=frozenset(("p", "h", "creator", "date")),
    table="table",
    row="table-row",
    cells=frozenset(("table-cell", "covered-table-cell")),
    signs={"tab": "\t", "line-break": "\n", "s": " "},
    dropped=frozenset(("date-style", "number-style", "font-face-decls", "script", "binary-data")),
)


@dataclass
class _Reading(ContentHandler):
    """Takes what the XML of a document says."""

    gathered: Gathered
    manners: _Manners
    _dropped: int = 0
    _open: list[str] = field(default_factory=list)
    _repeat: list[int] = field(default_factory=list)

    def startElementNS(  # noqa: N802 - the names of SAX
        self,
        name: tuple[str | None, str],
        qname: str | None,  # noqa: ARG002 - same
        attrs: AttributesNSImpl,
    ) -> None:
        local = name[1]
        manners = self.manners
        if self._dropped or local in manners.dropped:
            self._dropped += 1
            return
        self._open.append(local)
        if local == manners.table:
            self.gathered.open_table()
        elif local == manners.row:
            self.gathered.open_row()
        elif local in manners.cells:
            self.gathered.open_cell()
            self._repeat.append(_number(attrs, "number-columns-repeated"))
        elif local in manners.signs:
            self.gathered.text(manners.signs[local] * min(_number(attrs, "c"), _SPACES))

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:  # noqa: N802, ARG002 - same
        if self._dropped:
            self._dropped -= 1
            return
        local = name[1]
        manners = self.manners
        self._open.pop()
        if local in manners.paragraphs:
            self.gathered.end_line()
        elif local in manners.cells:
            self.gathered.close_cell(self._repeat.pop())
        elif local == manners.row:
            self.gathered.close_row()
        elif local == manners.table:
            self.gathered.close_table()

    def characters(self, content: str) -> None:
        if self._dropped:
            return
        texts = self.manners.texts
        if (self._open and self._open[-1] in texts) if texts else "p" in self._open or "h" in self._open:
            self.gathered.text(content)


def _number(attrs: AttributesNSImpl, wanted: str) -> int:
    """A number among the attributes, by its name without namespace; 1 if there is none."""
    for (_, local), value in attrs.items():
        if local == wanted and value.isdecimal():
            return int(value[:9])
    return 1

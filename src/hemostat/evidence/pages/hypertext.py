"""HTML as text and lists. Scripts and styles are dropped, nothing is fetched, nothing is run."""

from __future__ import annotations

import codecs
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from hemostat.evidence.pages.extract import Gathered
from hemostat.evidence.pages.tables import document
from hemostat.evidence.text import TextStream, sniff, to_utf8

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hemostat.evidence.base import Limits, Source, TableSource

_DROPPED = ("script", "style")
_BLOCKS = re.compile(
    r"address|article|aside|blockquote|body|br|caption|center|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure"
    r"|footer|form|h[1-6r]|header|html|legend|li|main|menu|nav|ol|option|p|pre|section|select|summary|textarea|title|ul"
)
_VALUES = frozenset(("hidden", "text", "email", "tel", "date", "number", "search", "url", "password", ""))
_CHARSET = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_CHUNK = 1 << 20


def tables(source: Source, limits: Limits) -> Iterator[TableSource]:
    """A page: its text, then its lists."""
    with source.open() as raw:
        head = raw.read(64 << 10)
        encoding = sniff(head)
        told = _CHARSET.search(head[:4096])
        reader = _Page()
        if told and not encoding.wide and not encoding.mark:
            raw.seek(0)
            for text in _decoded(raw.read, told[1].decode("ascii")):
                reader.feed(text)
        else:
            stream = TextStream(raw, encoding)
            rest = b""
            while data := stream.read(_CHUNK):
                data = rest + data
                cut = len(data) if len(data) > 2 * _CHUNK else data.rfind(b"\n") + 1
                reader.feed(to_utf8(data[:cut], encoding.fallback)[0].decode("utf-8", "replace"))
                rest = data[cut:]
            reader.feed(to_utf8(rest, encoding.fallback)[0].decode("utf-8", "replace"))
    reader.close()
    yield from document(source.name, "html", reader.gathered.done(), limits.batch_rows)


def text_of(page: str) -> str:
    r"""The text of a page of HTML, lists included, a line to a paragraph or row.

    >>> text_of("<p>Bonjour<script>x()</script> <b>Odette</b></p><p>à demain")
    'Bonjour Odette\nà demain'
    """
    reader = _Page()
    reader.feed(page)
    reader.close()
    gathered = reader.gathered.done()
    lists = (row for listing in gathered.listings for row in [list(listing.names), *listing.rows])
    return "\n".join([*gathered.lines, *("\t".join(row) for row in lists)])


def _decoded(read: object, name: str) -> Iterator[str]:
    try:
        decoder = codecs.getincrementaldecoder(codecs.lookup(name).name)("replace")
    except (LookupError, ValueError):
        decoder = codecs.getincrementaldecoder("cp1252")("replace")
    while data := read(_CHUNK):  # type: ignore[operator]  # a bound method of a stream
        yield decoder.decode(data)
    yield decoder.decode(b"", final=True)


class _Page(HTMLParser):
    """Gathers what a reader of the page would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.gathered = Gathered()
        self._dropped = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._dropped = tag in _DROPPED
        gathered = self.gathered
        if tag == "table":
            gathered.open_table()
        elif tag == "tr":
            gathered.open_row()
        elif tag in ("td", "th"):
            gathered.open_cell()
        elif _BLOCKS.fullmatch(tag):
            gathered.end_line()
        elif tag == "input":
            self._input(dict(attrs))

    def _input(self, attributes: dict[str, str | None]) -> None:
        """What a form was filled with."""
        value = attributes.get("value")
        if value and (attributes.get("type") or "").lower() in _VALUES:
            name = attributes.get("name") or attributes.get("id")
            self.gathered.text(f"{name}: {value}" if name else value)
            self.gathered.end_line()

    def handle_endtag(self, tag: str) -> None:
        self._dropped = False
        gathered = self.gathered
        if tag == "table":
            gathered.close_table()
        elif tag == "tr":
            gathered.close_row()
        elif tag in ("td", "th"):
            gathered.close_cell()
        elif _BLOCKS.fullmatch(tag):
            gathered.end_line()

    def handle_data(self, data: str) -> None:
        if self._dropped:
            return
        parts = data.split()
        if parts:
            before = " " if data[:1].isspace() else ""
            after = " " if data[-1:].isspace() else ""
            self.gathered.text(before + " ".join(parts) + after)
        elif data:
            self.gathered.text(" ")

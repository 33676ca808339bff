"""RTF as text and lists: control words are followed only as far as text and tables need it."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hemostat.evidence.base import Unreadable
from hemostat.evidence.pages.extract import Gathered
from hemostat.evidence.pages.tables import document
from hemostat.evidence.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hemostat.evidence.base import Limits, Source, TableSource

_LARGEST = 256 << 20
_NESTED = 5000
_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,20})?\x20?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)",
    re.DOTALL,
)
_SKIPPED = frozenset(
    b"fonttbl colortbl stylesheet listtable listoverridetable revtbl rsidtbl filetbl pict object objdata themedata"
    b" colorschememapping datastore latentstyles generator xmlnstbl fldinst info private bkmkstart bkmkend".split()
)
_SIGNS = {
    b"tab": "\t", b"emdash": "—", b"endash": "–", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“",
    b"rdblquote": "”", b"bullet": "•", b"emspace": " ", b"enspace": " ", b"~": "\u00a0", b"_": "-", b"-": "",
}  # fmt: skip
_LINES = (b"par", b"line", b"sect", b"page")


def tables(source: Source, limits: Limits) -> Iterator[TableSource]:
    """A document: its text, then its lists.

    Raises:
        Unreadable: larger than the limit, or nested too deeply.
    """
    with source.open() as raw:
        data = raw.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise Unreadable(Reason.TOO_LARGE)
    yield from document(source.name, "rtf", _Reading().read(data), limits.batch_rows)


@dataclass(frozen=True, slots=True)
class _State:
    """What a group changes for itself alone."""

    skipped: bool = False
    width: int = 1
    """Characters that follow a Unicode one for programs that do not know it."""
    in_table: bool = False


@dataclass(slots=True)
class _Reading:
    """Follows the tokens."""

    gathered: Gathered = field(default_factory=Gathered)
    _state: _State = field(default_factory=_State)
    _outer: list[_State] = field(default_factory=list)
    _page: str = "cp1252"
    _octets: bytearray = field(default_factory=bytearray)
    """Characters given by their octets, not yet decoded: some take two."""
    _passed: int = 0
    """Characters still to be passed over after a Unicode one."""
    _high: int = 0
    """The first half of a character beyond the basic plane."""
    _table: bool = False
    _row: bool = False
    _star: bool = False

    def read(self, data: bytes) -> Gathered:
        """Everything."""
        place = 0
        while place < len(data):
            found = _TOKEN.match(data, place)
            if not found:
                place += 1
                continue
            place = found.end()
            word, number, octet, sign, brace, text = found.groups()
            if octet is not None:
                self._octet(int(octet, 16))
            elif text is not None:
                self._plain(text)
            elif word is not None:
                if word == b"bin":
                    size = int(number or 0)
                    place += size if 0 < size <= len(data) - place else 0  # a length beyond the end is a lie
                else:
                    self._word(word, int(number) if number else None)
            elif brace is not None:
                self._brace(brace)
            elif sign is not None:
                self._sign(sign)
        self._flush()
        self._end_table()
        return self.gathered.done()

    def _brace(self, brace: bytes) -> None:
        self._flush()
        self._passed = 0
        if brace == b"{":
            if len(self._outer) >= _NESTED:
                raise Unreadable(Reason.TOO_DEEP)
            self._outer.append(self._state)
        elif self._outer:
            in_table = self._state.in_table
            self._state = self._outer.pop()
            if not self._state.skipped:
                self._state = replace(self._state, in_table=in_table)
        self._star = False

    def _word(self, word: bytes, number: int | None) -> None:
        if word in _SKIPPED or self._star:
            self._flush()
            self._state = replace(self._state, skipped=True)
            self._star = False
        if self._state.skipped:
            return
        if word == b"u" and number is not None:
            self._unicode(number & 0xFFFF)
            return
        self._flush()
        if word == b"uc":
            self._state = replace(self._state, width=min(max(number or 0, 0), 16))
        elif word == b"ansicpg" and number:
            self._page = _codec(number)
        elif word in (b"mac", b"pc", b"pca"):
            self._page = {b"mac": "mac_roman", b"pc": "cp437", b"pca": "cp850"}[word]
        elif word in _SIGNS:
            self._text(_SIGNS[word])
        else:
            self._layout(word)

    def _layout(self, word: bytes) -> None:
        if word == b"pard":
            self._state = replace(self._state, in_table=False)
        elif word == b"intbl":
            self._state = replace(self._state, in_table=True)
        elif word in (b"cell", b"nestcell"):
            self._start_cell()
            self.gathered.close_cell()
        elif word in (b"row", b"nestrow"):
            self.gathered.close_row()
            self._row = False
        elif word in _LINES:
            if not self._state.in_table:
                self._end_table()
            self.gathered.end_line()

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self._star = True
        elif sign in b"\\{}":
            self._plain(sign)
        elif sign in (b"\n", b"\r"):
            self._word(b"par", None)
        elif sign in _SIGNS and not self._state.skipped:
            self._flush()
            self._text(_SIGNS[sign])

    def _plain(self, text: bytes) -> None:
        if self._state.skipped:
            return
        if self._passed:
            skipped = min(self._passed, len(text))
            self._passed -= skipped
            text = text[skipped:]
        self._octets += text

    def _octet(self, octet: int) -> None:
        if self._state.skipped:
            return
        if self._passed:
            self._passed -= 1
        else:
            self._octets.append(octet)

    def _unicode(self, code: int) -> None:
        self._flush()
        self._passed = self._state.width
        if 0xD800 <= code < 0xDC00:  # noqa: PLR2004 - the first half of a pair
            self._high = code
            return
        if self._high and 0xDC00 <= code < 0xE000:  # noqa: PLR2004 - the second half
            code = 0x10000 + ((self._high - 0xD800) << 10) + code - 0xDC00
        self._high = 0
        self._text(chr(code) if not 0xD800 <= code < 0xE000 else "\ufffd")  # noqa: PLR2004 - half of a pair

    def _flush(self) -> None:
        if self._octets:
            self._text(self._octets.decode(self._page, "replace"))
            self._octets.clear()

    def _text(self, text: str) -> None:
        if self._state.in_table:
            self._start_cell()
        elif text.strip():
            self._end_table()
        self.gathered.text(text)

    def _start_cell(self) -> None:
        if not self._table:
            self.gathered.open_table()
            self._table = True
        if not self._row:
            self.gathered.open_row()
            self._row = True
            self.gathered.open_cell()
        elif not self.gathered.in_cell:
            self.gathered.open_cell()

    def _end_table(self) -> None:
        if self._table:
            self.gathered.close_table()
            self._table = self._row = False


def _codec(page: int) -> str:
    try:
        return codecs.lookup(f"cp{page}").name
    except LookupError:
        return {10000: "mac_roman", 65001: "utf-8"}.get(page, "cp1252")

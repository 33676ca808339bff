"""Octets to UTF-8 text, whatever the encoding, with an exact account of where each octet was.

Single-octet and UTF-8 text is cut into lines as octets and decoded afterwards, block by block: UTF-8 when it is
valid, else Windows-1252, line by line where a file mixes both. Nothing here ever raises on content.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDTH = {"utf-16-le": 2, "utf-16-be": 2, "utf-32-le": 4, "utf-32-be": 4}
_FRENCH = frozenset("éèàêçëîïôûùüâöœÉÈÀÊÇÔŒ’«»°€")
_OLD = ("cp850", "mac_roman")
_BEYOND, _NOT_FOLLOWING, _LEAD, _FOUR = 0x80, 0xC0, 0xC2, 0xF0
"""First octets in UTF-8: beyond ASCII; not following a lead octet; lead octet; lead octet of four."""
_THREE, _THREE_FIRST, _THREE_SURROGATE, _LF = 0xE0, 0xE0, 0xED, 0x0A
_ENOUGH = 20
_CLEARLY = 4


def _table(encoding: str) -> str:
    # The octets that the encoding leaves undefined become the control characters of Latin-1.
    return "".join(
        bytes([octet]).decode(encoding, "ignore") or bytes([octet]).decode("latin-1") for octet in range(256)
    )


_TABLES: Mapping[str, str] = {name: _table(name) for name in ("cp1252", *_OLD)}


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the octets of a text are to be read."""

    name: str
    """utf-8 (which includes ASCII), utf-16-le, utf-16-be, utf-32-le or utf-32-be."""
    mark: int = 0
    """Octets of byte-order mark at the start."""
    fallback: str = "cp1252"
    """What a line that is not UTF-8 is read as."""

    @property
    def wide(self) -> bool:
        """Whether a character takes at least two octets, ASCII included."""
        return self.name in _WIDTH


def sniff(head: bytes) -> Encoding:
    """The encoding of a text, from its first octets."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return Encoding(name, len(mark))
    wide = _without_mark(head[:4096])
    if wide:
        return Encoding(wide)
    return Encoding("utf-8", fallback=_single_octet(head))


def _without_mark(head: bytes) -> str | None:
    # Mostly ASCII text in UTF-16 has a NUL in every other place, and nowhere else.
    half = len(head) // 2
    if half < 2:  # noqa: PLR2004 - one character tells nothing
        return None
    even, odd = head[0 : half * 2 : 2].count(0), head[1 : half * 2 : 2].count(0)
    if odd > half * 0.7 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.7 and odd < half * 0.05:
        return "utf-16-be"
    return None


def _single_octet(head: bytes) -> str:
    high = bytes(octet for octet in head if octet >= _BEYOND)
    if len(high) < _ENOUGH or valid(head[: head.rfind(b"\n") + 1]):
        return "cp1252"

    def french(name: str) -> int:
        return sum(char in _FRENCH for char in codecs.charmap_decode(high, "strict", _TABLES[name])[0])

    best = max(_OLD, key=french)
    return best if french(best) > _CLEARLY * (french("cp1252") + 1) else "cp1252"


_HOLE = re.compile(rb"\0{64,}")
"""What a crash leaves in the middle of a file: it says nothing against the text around it."""
_CONTROL = bytes(set(range(32)) - {0, 1, 9, 10, 12, 13, 26, 27, 29, 30, 31})


def looks_like_text(head: bytes) -> bool:
    """Whether these first octets are text in some encoding: control characters are rare in it."""
    if sniff(head).wide:
        return True
    head = _HOLE.sub(b"", head) or head
    strange = len(head) - len(head.translate(None, _CONTROL))
    return strange <= len(head) * 0.005 and head.count(0) <= len(head) * 0.3


def valid(data: bytes) -> bool:
    """Whether these octets are UTF-8."""
    if data.isascii():
        return True
    offsets = pa.array([0, len(data)], pa.int32()).buffers()[1]
    cell = pa.Array.from_buffers(pa.string(), 1, [None, offsets, pa.py_buffer(data)])
    try:
        cell.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def to_utf8(data: bytes, fallback: str = "cp1252") -> tuple[bytes, int]:
    """The same lines in UTF-8, and how many of them were not. Line ends and ASCII stay as they are.

    >>> to_utf8("é;1 ".encode("cp1252"))[0].decode()
    'é;1 '
    """
    if valid(data):
        return data, 0
    table = _TABLES[fallback]
    if not _may_hold_utf8(data):
        return codecs.charmap_decode(data, "strict", table)[0].encode("utf-8"), _lines_beyond_ascii(data)
    pieces: list[bytes] = []
    foreign = done = 0
    for start, stop in _suspect_lines(data):
        line = data[start:stop]
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as fault:
            foreign += 1
            decoded = _decode_line(line, table, fault, last=stop == len(data))
            pieces += [data[done:start], decoded.encode("utf-8")]
            done = stop
    return b"".join([*pieces, data[done:]]), foreign


def _suspect_lines(data: bytes) -> Iterator[tuple[int, int]]:
    """Where the lines lie, without their LF, that may not be UTF-8: all that are not, and few others."""
    octets = np.frombuffer(data, np.uint8)
    places = np.flatnonzero(octets >= _BEYOND)
    values = octets[places]
    follows = values < _NOT_FOLLOWING
    claimed = np.zeros(len(places), np.bool_)
    wrong = (values >= _FOUR) | ((values >= _NOT_FOLLOWING) & (values < _LEAD))
    wrong |= (values == _THREE_FIRST) | (
        values == _THREE_SURROGATE
    )  # what may follow these has limits of its own
    for lead, size in ((_LEAD, 1), (_THREE, 2)):
        leads = np.flatnonzero((values >= lead) & (values < (_THREE if size == 1 else _FOUR)))
        for step in range(1, size + 1):
            after = np.minimum(leads + step, len(places) - 1)
            right = (places[after] == places[leads] + step) & follows[after]
            claimed[after[right]] = True
            wrong[leads[~right]] = True
    ends = np.flatnonzero(octets == _LF)
    lines = np.unique(np.searchsorted(ends, places[wrong | (follows & ~claimed)]))
    starts = np.concatenate(([0], ends + 1))
    stops = np.append(ends, len(data))
    return zip(starts[lines].tolist(), stops[lines].tolist(), strict=True)


def _may_hold_utf8(data: bytes) -> bool:
    """Whether any two octets in a row could begin a character beyond ASCII in UTF-8."""
    octets = np.frombuffer(data, np.uint8)
    lead = np.flatnonzero(octets >= _LEAD)
    following = octets[np.minimum(lead + 1, len(octets) - 1)]
    return bool(((following >= _BEYOND) & (following < _NOT_FOLLOWING)).any())


def _lines_beyond_ascii(data: bytes) -> int:
    octets = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(octets == ord("\n"))
    return len(np.unique(np.searchsorted(ends, np.flatnonzero(octets >= _BEYOND))))


def _decode_line(line: bytes, table: str, fault: UnicodeDecodeError, *, last: bool) -> str:
    # A character cut at the very end of a file says nothing against UTF-8 before it.
    if (
        last
        and fault.reason == "unexpected end of data"
        and fault.start > 0
        and not line[: fault.start].isascii()
    ):
        return line[: fault.start].decode("utf-8") + "\ufffd"
    if not _CHARACTER.search(line):
        return codecs.charmap_decode(line, "strict", table)[0]
    mixed = line.decode("utf-8", "surrogateescape")
    broken = len(_BROKEN.findall(mixed))
    letters = len(_LETTER.findall(mixed))
    if letters > broken:  # two encodings within one line: the stray octets alone are foreign
        return "".join(table[ord(char) - 0xDC00] if "\udc80" <= char <= "\udcff" else char for char in mixed)
    return codecs.charmap_decode(line, "strict", table)[0]


_CHARACTER = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")
_BROKEN, _LETTER = re.compile("[\udc80-\udcff]"), re.compile("[\u00c0-\u017f\u2010-\u20ac]")


class TextStream:
    """The octets of a text from a given place on, as UTF-8 or one-octet text whose ASCII can be trusted.

    ``offset`` and ``end`` are places in the file itself. Wide encodings become UTF-8 here; others pass unchanged.
    """

    def __init__(
        self, raw: BinaryIO, encoding: Encoding, offset: int | None = None, end: int | None = None
    ) -> None:
        self._raw = raw
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding.name)("replace") if encoding.wide else None
        start = encoding.mark if offset is None else offset
        raw.seek(start)
        self._left = None if end is None else end - start

    @property
    def wide(self) -> bool:
        """Whether octets of text are not octets of the file."""
        return self._decoder is not None

    def read(self, size: int) -> bytes:
        """About ``size`` octets of text; empty at the end."""
        if self._decoder is None:
            return self._take(size)
        while True:
            raw = self._take(size)
            text = self._decoder.decode(raw, final=not raw)
            if text or not raw:
                return text.encode("utf-8")

    def _take(self, size: int) -> bytes:
        if self._left is None:
            return self._raw.read(size)
        data = self._raw.read(min(size, self._left))
        self._left -= len(data)
        return data

    def raw_size(self, data: bytes) -> int:
        """How many octets of the file these octets of text stand for."""
        if self._decoder is None:
            return len(data)
        octets = np.frombuffer(data, np.uint8)
        characters = int(((octets & _NOT_FOLLOWING) != _BEYOND).sum())
        width = _WIDTH[self._encoding.name]
        pairs = int((octets >= _FOUR).sum()) if width == 2 else 0  # noqa: PLR2004 - UTF-16, where some take two units
        return (characters + pairs) * width

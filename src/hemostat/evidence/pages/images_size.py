"""How many pixels a picture claims to have, from its own header: known before anything unpacks it."""

from __future__ import annotations

import struct
from typing import Final

Size = tuple[int, int]

_SKIPPED: Final = frozenset((0xC4, 0xC8, 0xCC))
_MOST_PAGES = 10_000


def pages(data: bytes) -> list[Size]:
    """Width and height of each page of a picture; nothing if it is none that can be read here."""
    try:
        for magic, size_of in _READERS:
            if data.startswith(magic):
                return size_of(data)
    except (struct.error, IndexError):
        return []
    return []


def _png(data: bytes) -> list[Size]:
    return [struct.unpack(">II", data[16:24])] if data[12:16] == b"IHDR" else []


def _gif(data: bytes) -> list[Size]:
    return [struct.unpack("<HH", data[6:10])]


def _bmp(data: bytes) -> list[Size]:
    width, height = struct.unpack("<ii", data[18:26])
    return [(abs(width), abs(height))]


def _jpeg(data: bytes) -> list[Size]:
    place = 2
    while place + 9 < len(data):
        if data[place] != 0xFF:  # noqa: PLR2004 - a marker begins so
            place += 1
            continue
        marker = data[place + 1]
        if 0xC0 <= marker <= 0xCF and marker not in _SKIPPED:  # noqa: PLR2004 - a frame header
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return [(width, height)]
        if marker in (0xFF, 0x01) or 0xD0 <= marker <= 0xD8:  # noqa: PLR2004 - fill octets, markers without content
            place += 1 if marker == 0xFF else 2  # noqa: PLR2004 - same
            continue
        place += 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
    return []


def _webp(data: bytes) -> list[Size]:
    if data[8:12] != b"WEBP":
        return []
    if data[12:16] == b"VP8X":
        return [(1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little"))]
    if data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return [((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)]
    width, height = struct.unpack("<HH", data[26:30])
    return [(width & 0x3FFF, height & 0x3FFF)]


def _tiff(data: bytes) -> list[Size]:
    order = "<" if data[:2] == b"II" else ">"
    found: list[Size] = []
    met: set[int] = set()
    place = struct.unpack(f"{order}I", data[4:8])[0]
    while place and place not in met and len(found) < _MOST_PAGES:
        met.add(place)
        count = struct.unpack(f"{order}H", data[place : place + 2])[0]
        sides = {}
        for entry in range(place + 2, place + 2 + 12 * count, 12):
            tag, kind = struct.unpack(f"{order}HH", data[entry : entry + 4])
            if tag in (256, 257):
                form = f"{order}{'H' if kind == 3 else 'I'}"  # noqa: PLR2004 - a short number
                sides[tag] = struct.unpack(form, data[entry + 8 : entry + 8 + struct.calcsize(form)])[0]
        found.append((sides.get(256, 0), sides.get(257, 0)))
        end = place + 2 + 12 * count
        place = struct.unpack(f"{order}I", data[end : end + 4])[0]
    return found


_READERS = (
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"\xff\xd8\xff", _jpeg),
    (b"GIF87a", _gif),
    (b"GIF89a", _gif),
    (b"II*\0", _tiff),
    (b"MM\0*", _tiff),
    (b"RIFF", _webp),
    (b"BM", _bmp),
)

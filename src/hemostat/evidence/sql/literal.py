"""One SQL value to text: the careful way, for values that are not plainly a string, a number or NULL."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hemostat.evidence.sql.grammar import E_STRING, grammar

if TYPE_CHECKING:
    from hemostat.evidence.sql.flavour import Flavour

_SHORT = 32
"""Octets of a binary value that are shown."""
_CONTROL = bytes(octet for octet in (*range(32), 127) if octet not in b"\t\n\r")

MEANT = {ord("0"): 0, ord("b"): 8, ord("t"): 9, ord("n"): 10, ord("r"): 13, ord("Z"): 26}
"""What the octet after a backslash stands for in MySQL, where it is not itself."""
KEPT = b"%_"
"""Octets before which MySQL keeps the backslash."""

_NULL = re.compile(rb"NULL|DEFAULT", re.IGNORECASE)
_STRING = re.compile(
    rb"(?:(?P<charset>_\w+)\s*|[Nn]|(?:DATE|TIME|TIMESTAMP|DATETIME|INTERVAL|JSON|UUID)\s*)?(?P<body>'.*')",
    re.IGNORECASE | re.DOTALL,
)
_ESCAPED = re.compile(rb"[eE](?P<body>%b)" % E_STRING, re.DOTALL)
_UNICODE = re.compile(rb"[uU]&(?P<body>'.*')", re.DOTALL)
_HEX = re.compile(
    rb"0[xX](?P<digits>(?:[0-9A-Fa-f]{2})*)|(?:_binary\s*)?[xX]'(?P<quoted>(?:[0-9A-Fa-f]{2})*)'"
)
_BITS = re.compile(rb"[bB]'([01]*)'|0b([01]+)")
_CAST = re.compile(rb"CAST\s*\((?P<value>.*)\sAS\s+[\w\s(),.\[\]]+\)", re.IGNORECASE | re.DOTALL)
_TYPED = re.compile(rb"(?P<value>.*)::\s*[\w\s\"(),.\[\]]+", re.DOTALL)
_BRACED = re.compile(rb"\{\s*(?:d|t|ts)\s*(?P<value>'.*')\s*\}", re.IGNORECASE | re.DOTALL)
_REPLACED = re.compile(
    rb"replace\((?P<value>.*),\s*'(?P<mark>(?:[^']|'')*)'\s*,\s*char\((?P<code>\d{1,3})\)\s*\)",
    re.IGNORECASE | re.DOTALL,
)
_UNISTR = re.compile(rb"unistr\((?P<body>'(?:[^']|'')*')\)", re.IGNORECASE)
_C_ESCAPE = re.compile(rb"\\([0-7]{1,3}|x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)|''", re.DOTALL)
_C_MEANT = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_CODE_POINT = re.compile(rb"\\(?:([0-9A-Fa-f]{4})|\+([0-9A-Fa-f]{6})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|\\)")


@dataclass(frozen=True, slots=True)
class Value:
    """What a literal says. ``binary``: octets that need not be text."""

    octets: bytes
    binary: bool = False


def literal(raw: bytes, flavour: Flavour) -> Value | None:
    """The value of one cell as it stands in the dump; None for NULL. What is no literal keeps its own words.

    >>> from hemostat.evidence.sql.flavour import Flavour
    >>> literal(b" N'l''an' ", Flavour("sqlserver", escapes=False)).octets
    b"l'an"
    """
    raw = raw.strip()
    if not raw or _NULL.fullmatch(raw):
        return None
    found = _HEX.fullmatch(raw)
    if found:
        return Value(bytes.fromhex((found["digits"] or found["quoted"] or b"").decode()), binary=True)
    if found := _BITS.fullmatch(raw):
        return Value(found[1] if found[1] is not None else found[2])
    if not flavour.escapes and (found := _ESCAPED.fullmatch(raw)):
        return Value(c_unescaped(found["body"][1:-1]))
    found = _STRING.fullmatch(raw)
    if found and whole_string(found["body"], flavour):
        return Value(
            unescaped(found["body"], flavour), binary=(found["charset"] or b"").lower() == b"_binary"
        )
    if flavour.mysql and len(raw) > 1 and raw[:1] == raw[-1:] == b'"':
        return Value(unescaped(raw, flavour))
    return _wrapped(raw, flavour) or Value(raw)


def _wrapped(raw: bytes, flavour: Flavour) -> Value | None:
    """A literal within a cast, or within the functions by which SQLite writes control characters."""
    for shape in (_CAST, _TYPED, _BRACED):
        found = shape.fullmatch(raw)
        if found and _is_literal(found["value"].strip(), flavour):
            return literal(found["value"], flavour)
    if found := _REPLACED.fullmatch(raw):
        inner = literal(found["value"], flavour)
        mark = found["mark"].replace(b"''", b"'")
        if inner and mark and (inner.octets != found["value"].strip() or b"(" not in inner.octets):
            return Value(inner.octets.replace(mark, bytes([int(found["code"]) & 0xFF])))
    if found := _UNISTR.fullmatch(raw):
        return Value(_code_points(found["body"][1:-1].replace(b"''", b"'")))
    if (found := _UNICODE.fullmatch(raw)) and whole_string(found["body"], flavour):
        return Value(_code_points(found["body"][1:-1].replace(b"''", b"'")))
    return None


def _is_literal(raw: bytes, flavour: Flavour) -> bool:
    return re.fullmatch(rb"[-+]?[\d.]+(?:[eE][-+]?\d+)?|NULL|TRUE|FALSE", raw, re.IGNORECASE) is not None or (
        (raw.endswith(b"'") or _HEX.fullmatch(raw) is not None or _CAST.fullmatch(raw) is not None)
        and grammar(flavour).tuple.fullmatch(b"(%b)" % raw) is not None
        and len(split(b"(%b)" % raw, flavour)) == 1
    )


def whole_string(body: bytes, flavour: Flavour) -> bool:
    """Whether these octets, which begin and end with a quote, are one string and not several."""
    if len(body) < 2:  # noqa: PLR2004 - two quotes
        return False
    inside = body[1:-1]
    if flavour.escapes:
        return re.fullmatch(rb"(?:[^'\\]++|\\.|'')*+", inside, re.DOTALL) is not None
    return b"'" not in inside.replace(b"''", b"")


def unescaped(body: bytes, flavour: Flavour) -> bytes:
    """What a quoted string says; ``body`` includes its quotes."""
    quote, inside = body[:1], body[1:-1]
    if not flavour.escapes or b"\\" not in inside:
        return inside.replace(quote * 2, quote)

    def meant(found: re.Match[bytes]) -> bytes:
        if found[0] == quote * 2:
            return quote
        return found[0] if found[1] in KEPT else bytes([MEANT.get(found[1][0], found[1][0])])

    return re.sub(rb"\\(.)|" + quote * 2, meant, inside, flags=re.DOTALL)


def c_unescaped(inside: bytes) -> bytes:
    """What PostgreSQL's E'…' says between its quotes."""

    def meant(found: re.Match[bytes]) -> bytes:
        code = found[1]
        if code is None:
            return b"'"
        if code[:1] in b"xuU" and len(code) > 1:
            number = int(code[1:], 16)
            return bytes([number]) if code[:1] == b"x" else _character(number)
        if code.isdigit():
            return bytes([int(code, 8) & 0xFF])
        return _C_MEANT.get(code, code)

    return _C_ESCAPE.sub(meant, inside)


def _code_points(inside: bytes) -> bytes:
    def meant(found: re.Match[bytes]) -> bytes:
        digits = found[1] or found[2] or found[3] or found[4]
        return _character(int(digits, 16)) if digits else b"\\"

    return _CODE_POINT.sub(meant, inside)


def _character(number: int) -> bytes:
    try:
        return chr(number).encode("utf-8", "replace")
    except (ValueError, OverflowError):
        return b"?"


def split(text: bytes, flavour: Flavour) -> list[bytes]:
    """The cells of one strict tuple, as they stand."""
    cell = grammar(flavour).cell
    cells = []
    place = 1
    while True:
        found = cell.match(text, place, len(text) - 1)
        end = found.end() if found else place
        cells.append(text[place:end])
        if end >= len(text) - 1 or text[end : end + 1] != b",":
            return cells
        place = end + 1


_LENIENT_ESCAPES = re.compile(
    rb"\s*(?:(?:[NnEe]|_\w+\s*)?'(?P<text>(?:[^'\\]|\\.|'(?!\s*(?:,|\)\s*\Z)))*+)'\s*(?=,|\)\s*\Z)|(?P<raw>[^',()]*+))(?P<end>,|\)\s*\Z)",
    re.DOTALL,
)
_LENIENT = re.compile(
    rb"\s*(?:(?:[NnEe]|_\w+\s*)?'(?P<text>(?:[^']|'(?!\s*(?:,|\)\s*\Z)))*+)'\s*(?=,|\)\s*\Z)|(?P<raw>[^',()]*+))(?P<end>,|\)\s*\Z)",
    re.DOTALL,
)


def lenient(text: bytes, width: int, flavour: Flavour) -> list[Value | None] | None:
    """The values of a tuple whose quotes do not work out, if a quote only ever ends a value before a comma.

    Taken only where that gives the right number of values; else None.
    """
    shape = _LENIENT_ESCAPES if flavour.escapes else _LENIENT
    values: list[Value | None] = []
    place = 1
    if not text.startswith(b"("):
        return None
    while len(values) <= width:
        found = shape.match(text, place)
        if not found:
            return None
        if found["text"] is not None:
            values.append(Value(unescaped(b"'%b'" % found["text"], flavour)))
        else:
            values.append(literal(found["raw"], flavour))
        place = found.end()
        if found["end"] != b",":
            return values if len(values) == width else None
    return None


def shown(octets: bytes) -> str:
    """A binary value as text: itself if it is text, its octets if they are few, else their number.

    >>> shown(b"abc"), shown(bytes([0, 255])), shown(bytes(5000))
    ('abc', '0x00FF', '<5000 bytes>')
    """
    if octets.translate(None, _CONTROL) == octets:
        with contextlib.suppress(UnicodeDecodeError):
            return octets.decode("utf-8")
    return f"0x{octets.hex().upper()}" if len(octets) <= _SHORT else f"<{len(octets)} bytes>"

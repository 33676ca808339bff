"""Arrow columns of any type as text, without damage: all digits, ISO dates, lists as JSON."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.compute as pc

_EXACT = 2.0**53
_MIDNIGHT = r"^(\d{4,}-\d\d-\d\d)[ T]00:00:00(?:\.0+)?$"
_FRACTION = r"(\.\d*?)0+(Z?)$"


def as_text(column: pa.Array) -> pa.Array:
    """The column as ``string``; an empty text is null.

    >>> as_text(pa.array([1.5, 183057505612345.0])).to_pylist()
    ['1.5', '183057505612345']
    """
    text = _text(column)
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _text(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _text(column.dictionary_decode())
    if isinstance(kind, pa.ExtensionType):
        return _text(column.storage)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return _from_octets(column)
    if pa.types.is_floating(kind):
        return _from_floats(column)
    if pa.types.is_timestamp(kind):
        return _from_instants(column)
    if pa.types.is_nested(kind) or pa.types.is_duration(kind) or pa.types.is_interval(kind):
        return pa.array([None if cell is None else _json(cell) for cell in column.to_pylist()], pa.string())
    return column.cast(pa.string())


def _json(cell: object) -> str:
    return json.dumps(cell, ensure_ascii=False, default=str) if isinstance(cell, list | dict) else str(cell)


def _from_octets(column: pa.Array) -> pa.Array:
    try:
        return column.cast(pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([None if cell is None else _octets(cell) for cell in column.to_pylist()], pa.string())


def _octets(cell: bytes) -> str:
    try:
        return cell.decode("utf-8")
    except UnicodeDecodeError:  # no text: shown in hexadecimal
        return cell.hex()


def _from_floats(column: pa.Array) -> pa.Array:
    """Whole numbers as such: a column of identifiers with gaps is often stored as floating point."""
    column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    values = column.cast(pa.float64())
    whole = pc.and_(pc.equal(pc.floor(values), values), pc.less(pc.abs(values), _EXACT))
    digits = pc.if_else(whole, values, pa.scalar(None, pa.float64())).cast(pa.int64()).cast(pa.string())
    return pc.coalesce(digits, column.cast(pa.string()))


def _from_instants(column: pa.Array) -> pa.Array:
    """ISO 8601; midnight as a plain day, which is what most such columns hold."""
    text = pc.replace_substring(column.cast(pa.string()), " ", "T", max_replacements=1)
    text = pc.replace_substring_regex(text, _MIDNIGHT, r"\1")
    text = pc.replace_substring_regex(text, _FRACTION, r"\1\2")
    return pc.replace_substring_regex(text, r"\.(Z?)$", r"\1")

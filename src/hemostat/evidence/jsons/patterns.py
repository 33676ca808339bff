"""Patterns of JSON lines: the keys in their order, and one expression that takes such a line apart."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from hemostat.evidence.jsons.fields import DEPTH, cell, column, parse

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_MOST = 8
"""Patterns tried on one block."""
_SAMPLE = 100
_WORTH = 200
"""Lines that make an expression worth its making."""
_LONGEST = 200
"""Keys in a pattern."""

_SPACE = r"[ \t]*"
_TEXT = r'"(?:[^"\\\x00-\x1f]|\\.)*"'
_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+\-]?[0-9]+)?"
_LIST = rf'\[(?:[^"\[\]{{}}\x00-\x1f]|{_TEXT})*\]'
_VALUE = rf"({_TEXT}|{_NUMBER}|true|false|null|{_LIST})"

Skeleton = tuple[tuple[str, object], ...]
"""Keys of an object in order, each with the skeleton of the object below it, or None."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Lines with the same keys in the same order."""

    columns: tuple[str, ...]
    expression: str

    def take(self, lines: pl.DataFrame) -> tuple[tuple[pl.DataFrame, npt.NDArray[np.int64]], pl.DataFrame]:
        """The records of the lines that follow the pattern, their places (column ``at``), and the other lines."""
        raw = lines.select(pl.col("line").str.extract_groups(self.expression)).unnest("line")
        matched = raw.to_series(0).is_not_null()
        at = lines.filter(matched)["at"].to_numpy()
        taken = raw.filter(matched)
        frame = pl.DataFrame(
            [_cells(token).alias(name) for token, name in zip(taken, self.columns, strict=True)]
        )
        return (frame, at), lines.filter(~matched)


def patterns(lines: pl.Series) -> list[Pattern]:
    """The patterns that a sample of the lines follows, the most frequent first; none for few lines."""
    if len(lines) < _WORTH:
        return []
    step = max(len(lines) // _SAMPLE, 1)
    met: Counter[Skeleton] = Counter()
    for line in lines.gather_every(step):
        thing = parse(line)
        skeleton = _skeleton(thing, 1) if isinstance(thing, tuple) else None
        if skeleton:
            met[skeleton] += 1
    found = []
    for skeleton, _ in sorted(met.most_common(_MOST), key=lambda item: (-item[1], str(item[0]))):
        columns = tuple(_columns(skeleton, ""))
        if len(set(columns)) == len(columns) <= _LONGEST:
            expression = f"^{_expression(skeleton)}$"
            found.append(Pattern(columns, expression))
    return found


def _skeleton(thing: tuple[tuple[str, object], ...], depth: int) -> Skeleton | None:
    """None where an object holds nothing, or goes too deep: such lines are read one by one."""
    keys: list[tuple[str, object]] = []
    for key, value in thing:
        below = None
        if isinstance(value, tuple):
            below = _skeleton(value, depth + 1) if value and depth < DEPTH else None
            if below is None:
                return None
        keys.append((key, below))
    return tuple(keys)


def _columns(skeleton: Skeleton, prefix: str) -> list[str]:
    names: list[str] = []
    for key, below in skeleton:
        name = column(prefix + key)
        names += _columns(below, f"{name}.") if isinstance(below, tuple) else [name]
    return names


def _expression(skeleton: Skeleton) -> str:
    parts = [
        f"(?:{_spellings(key)}){_SPACE}:{_SPACE}"
        + (_expression(below) if isinstance(below, tuple) else _VALUE)
        for key, below in skeleton
    ]
    return rf"\{{{_SPACE}" + f"{_SPACE},{_SPACE}".join(parts) + rf"{_SPACE}\}}"


def _spellings(key: str) -> str:
    forms = {json.dumps(key, ensure_ascii=False), json.dumps(key)}
    return "|".join(sorted(map(_literal, forms)))


def _literal(text: str) -> str:
    return "".join(
        char if char.isalnum() or char in '_ "' or not char.isascii() else "\\" + char for char in text
    )


def _cells(tokens: pl.Series) -> pl.Series:
    """Tokens of JSON as cells: what ``jsonfields.cell`` gives for each."""
    plain = tokens.str.strip_prefix('"').str.strip_suffix('"')
    plain = plain.set(tokens == "null", None).set(plain == "", None)
    harder = (tokens.str.contains("\\", literal=True) | tokens.str.starts_with("[")).arg_true()
    if len(harder):
        values = [cell(parse(token)) for token in tokens.gather(harder)]
        plain = plain.scatter(harder, pl.Series(values, dtype=pl.String))
    return plain

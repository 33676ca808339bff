"""JSON values as columns of text: objects within objects under dotted names, lists as JSON text, numbers to the letter.

Works level by level on the tokens of many values at once; no value is ever turned into an object.
"""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hemostat.evidence.headings import RESERVED
from hemostat.evidence.jsons.tokens import Kind
from hemostat.evidence.naming import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from hemostat.evidence.jsons.marks import Flags, Places
    from hemostat.evidence.jsons.tokens import Tokens

Path = tuple[str, ...]

VALUE = "value"
"""The column of values that are no objects."""
KEY = "key"
"""The column of the keys, where the values are members of one object."""
OTHERS = "(other fields)"
"""The column of what found no column of its own, as JSON text."""
_DEPTH = 6
"""Objects within objects that get columns of their own; deeper ones are JSON text."""
_KEYS = 200
"""An object within an object with more different keys is a list under another form: JSON text."""
_COLUMNS = 1000
_NAME = 200


@dataclass(slots=True)
class Cells:
    """Cells found at one level: the path, the row, the place of each, and its text."""

    path: Places
    row: Places
    at: Places
    text: pa.StringArray


@dataclass(slots=True)
class Columns:
    """The columns of a table, as they come to light. The same paths always come under the same names."""

    names: dict[Path, str] = field(default_factory=dict)

    def to_json(self) -> list[list[object]]:
        """A form that JSON can hold."""
        return [[list(path), name] for path, name in self.names.items()]

    @classmethod
    def from_json(cls, held: Sequence[tuple[Sequence[str], str]]) -> Columns:
        """What ``to_json`` gave."""
        return cls({tuple(path): name for path, name in held})

    def name(self, path: Path) -> str | None:
        """The name of the column of a path; None when there are too many columns already."""
        if path not in self.names:
            if len(self.names) >= _COLUMNS:
                return None
            plain = shown(" ".join(".".join(path).split()))[:_NAME] or f"col_{len(self.names) + 1}"
            taken = {*self.names.values(), *RESERVED, OTHERS}
            again, fresh = 1, plain
            while fresh in taken:
                again += 1
                fresh = f"{plain} ({again})"
            self.names[path] = fresh
        return self.names[path]


def columns(
    tokens: Tokens, kept: Flags, known: Columns, *, spread: int = 0, apart: Collection[str] = ()
) -> pa.Table:
    """The values for which ``kept`` is true, a row to each. Names of new columns are added to ``known``.

    Args:
        tokens: the values.
        kept: which of them become rows.
        known: the columns of the table, so far.
        spread: how many items of a list of objects get columns of their own, under their number; 0 leaves all lists
            as JSON text.
        apart: members of the values that are left out.
    """
    row_of = np.where(kept, np.cumsum(kept) - 1, -1)
    rows = int(np.count_nonzero(kept))
    work = _Work(tokens, row_of, spread)
    work.values()
    depth = 0
    while len(work.open_at):
        depth += 1
        work.descend(deepest=depth >= _DEPTH + bool(spread))
    return _table(work, rows, known, {(key,) for key in apart})


class _Work:
    """Goes through the tokens level by level, and gathers cells."""

    def __init__(self, tokens: Tokens, row_of: Places, spread: int) -> None:
        self.tokens = tokens
        self.paths: list[Path] = [()]
        self.cells: list[Cells] = []
        self.open_at = self.open_row = self.open_path = np.empty(0, np.int64)
        """The brackets whose content comes next: token, row and path."""
        self._row_of = row_of
        self._spread = spread

    def values(self) -> None:
        """The values themselves."""
        tokens = self.tokens
        cut = tokens.cut[:-1]
        row = self._row_of
        cut, row = cut[row >= 0], row[row >= 0]
        first = cut + 1
        keyed = tokens.kind[first] == Kind.KEY
        if keyed.any():
            path = self._path((KEY,))
            self._text(np.full(np.count_nonzero(keyed), path), row[keyed], first[keyed])
            cut = np.where(keyed, cut + 2, cut)
        self._take(
            cut, row, np.full(len(cut), self._path((VALUE,))), np.zeros(len(cut), np.int64), deepest=False
        )

    def descend(self, *, deepest: bool) -> None:
        """The members of the objects, and the items of the lists, that were opened last."""
        tokens = self.tokens
        opened, row, path = self.open_at, self.open_row, self.open_path
        self.open_at = self.open_row = self.open_path = np.empty(0, np.int64)
        place = np.full(len(tokens) + 1, -1)
        place[opened] = np.arange(len(opened))
        held = place[tokens.parent]  # -1 is the last place: nothing holds the token
        keys = np.flatnonzero((held >= 0) & (tokens.kind == Kind.KEY))
        if len(keys):
            self._members(keys, held[keys], opened, row, path, deepest=deepest)
        items = np.flatnonzero((held >= 0) & (tokens.kind == Kind.ITEM_COMMA))
        lists = opened[tokens.kind[opened] == Kind.OPEN_LIST]
        if len(lists):
            starts = np.sort(np.concatenate([lists, items]))
            owner = np.where(tokens.kind[starts] == Kind.OPEN_LIST, place[starts], held[starts])
            self._items(starts, owner, opened, row, path, deepest=deepest)

    def _members(
        self, keys: Places, owner: Places, opened: Places, row: Places, path: Places, *, deepest: bool
    ) -> None:
        encoded = self.tokens.slices(self.tokens.content[keys]).dictionary_encode()
        words = [_plain(word) for word in encoded.dictionary.to_pylist()]
        codes = encoded.indices.to_numpy().astype(np.int64)
        crowded = _crowded(path[owner], codes, len(self.paths))
        if crowded.any():
            whole = crowded[path] & (self.tokens.kind[opened] == Kind.OPEN_OBJECT)
            self._raw(path[whole], row[whole], opened[whole])
            free = ~crowded[path[owner]]
            keys, owner, codes = keys[free], owner[free], codes[free]
        paths = self._numbered(path[owner], codes, words)
        self._take(keys + 1, row[owner], paths, paths, deepest=deepest)

    def _items(
        self, starts: Places, owner: Places, opened: Places, row: Places, path: Places, *, deepest: bool
    ) -> None:
        tokens = self.tokens
        full = tokens.bare[starts] | (tokens.kind[starts + 1] != Kind.CLOSE_LIST)
        starts, owner = starts[full], owner[full]
        if not len(starts):
            return
        count = np.arange(len(owner))
        first = np.concatenate([[True], owner[1:] != owner[:-1]])
        number = count - np.maximum.accumulate(np.where(first, count, 0))
        if self._spread:
            long = np.unique(owner[number >= self._spread])
            self._raw(path[long], row[long], opened[long])
            short = number < self._spread
            starts, owner, number = starts[short], owner[short], number[short]
        paths = self._numbered(path[owner], number)
        self._take(starts, row[owner], paths, paths, deepest=deepest)

    def _path(self, path: Path) -> int:
        self.paths.append(path)
        return len(self.paths) - 1

    def _numbered(self, parents: Places, codes: Places, words: Sequence[str] | None = None) -> Places:
        """The number of the path of each value, by the path of what holds it and its key, or its place in the list."""
        width = int(codes.max(initial=0)) + 1
        both, first, inverse = np.unique(parents * width + codes, return_index=True, return_inverse=True)
        fresh = np.empty(len(both), np.int64)
        for place in np.argsort(first).tolist():
            parent, code = divmod(int(both[place]), width)
            word = words[code] if words else f"col_{code + 1}" if not parent else str(code + 1)
            fresh[place] = self._path((*self.paths[parent], word))
        found: Places = fresh[inverse]
        return found

    def _take(self, before: Places, row: Places, path: Places, inner: Places, *, deepest: bool) -> None:
        """The values that come after the tokens ``before``: cells at ``path``, or brackets to open at ``inner``."""
        tokens = self.tokens
        bare = tokens.bare[before]
        self._bare(path[bare], row[bare], before[bare])
        value, row, path, inner = before[~bare] + 1, row[~bare], path[~bare], inner[~bare]
        kind = tokens.kind[value]
        text = kind == Kind.TEXT
        self._text(path[text], row[text], value[text])
        opened = kind == Kind.OPEN_OBJECT
        if self._spread or (inner == 0).any():
            opened |= (kind == Kind.OPEN_LIST) & self._opens_list(value, inner)
        closed = ~opened & ((kind == Kind.OPEN_OBJECT) | (kind == Kind.OPEN_LIST))
        if deepest:
            closed |= opened
            opened = np.zeros(len(opened), np.bool_)
        self._raw(path[closed], row[closed], value[closed])
        self._open(value[opened], row[opened], inner[opened])

    def _opens_list(self, value: Places, inner: Places) -> Flags:
        """Which lists get columns: those that are rows themselves, and the first items of lists of objects."""
        holds_objects = self.tokens.kind[np.minimum(value + 1, len(self.tokens) - 1)] == Kind.OPEN_OBJECT
        opened: Flags = (inner == 0) | ((self._spread > 0) & holds_objects)
        return opened

    def _open(self, value: Places, row: Places, path: Places) -> None:
        self.open_at = np.concatenate([self.open_at, value])
        self.open_row = np.concatenate([self.open_row, row])
        self.open_path = np.concatenate([self.open_path, path])

    def _text(self, path: Places, row: Places, token: Places) -> None:
        cells = _unescaped(self.tokens.slices(self.tokens.content[token]))
        self.cells.append(Cells(path, row, token, cells))

    def _bare(self, path: Places, row: Places, token: Places) -> None:
        cells = pc.ascii_trim_whitespace(self.tokens.slices(self.tokens.after[token]))
        cells = pc.if_else(pc.equal(cells, "null"), pa.scalar(None, pa.string()), cells)
        self.cells.append(Cells(path, row, token, cells))

    def _raw(self, path: Places, row: Places, token: Places) -> None:
        order = np.argsort(token)
        path, row, token = path[order], row[order], token[order]
        cells = _compact(self.tokens.spans(token, self.tokens.partner[token]))
        self.cells.append(Cells(path, row, token, cells))


def _crowded(parents: Places, codes: Places, paths: int) -> Flags:
    """Which paths have more different keys than an object has members; not the values themselves."""
    width = int(codes.max(initial=0)) + 1
    many: Flags = np.bincount(np.unique(parents * width + codes) // width, minlength=paths) > _KEYS
    many[0] = False
    return many


def _plain(key: str) -> str:
    if "\\" not in key:
        return key
    return _decoded([key])[0] or ""


def _unescaped(cells: pa.StringArray) -> pa.StringArray:
    """What the text between the quotes means; nothing for an empty one."""
    escaped = pc.match_substring(cells, "\\")
    if pc.any(escaped).as_py():
        plain = pa.array(_decoded(cells.filter(escaped).to_pylist()), pa.string())
        cells = pc.replace_with_mask(cells, escaped, plain)
    return _emptied(cells)


def _emptied(cells: pa.StringArray) -> pa.StringArray:
    return pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.string()), cells)


def _decoded(texts: list[str]) -> list[str]:
    try:
        found = json.loads('["' + '","'.join(texts) + '"]', strict=False)
    except ValueError:
        found = [_lenient(text) for text in texts]
    return [_whole(text) for text in found]


def _lenient(text: str) -> str:
    """Escapes that JSON does not know stay as they are."""
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text


def _whole(text: str) -> str:
    """Without halves of characters, which are no text, and without NUL."""
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


_BREAK = r"[ \t]*[\r\n]+[ \t]*"
_ESCAPES = re.compile(r"((?:\\u[0-9a-fA-F]{4})+)|\\.", re.DOTALL)


def _compact(cells: pa.StringArray) -> pa.StringArray:
    """Lists and objects as one line of JSON with letters for escapes; nothing for an empty one."""
    cells = pc.replace_substring_regex(cells, _BREAK, "")
    escaped = pc.match_substring(cells, "\\u")
    if pc.any(escaped).as_py():
        plain = [_ESCAPES.sub(_letters, text) for text in cells.filter(escaped).to_pylist()]
        cells = pc.replace_with_mask(cells, escaped, pa.array(plain, pa.string()))
    return pc.if_else(
        pc.match_substring_regex(cells, r"^[\[{]\s*[\]}]$"), pa.scalar(None, pa.string()), cells
    )


def _letters(found: re.Match[str]) -> str:
    if not found[1]:
        return found[0]
    letters = _lenient(found[1])
    return letters if letters.isprintable() and '"' not in letters and "\\" not in letters else found[0]


def _table(work: _Work, rows: int, known: Columns, apart: Collection[Path]) -> pa.Table:
    """The cells gathered, as columns with all names known so far."""
    cells = pa.concat_arrays([one.text for one in work.cells]) if work.cells else pa.array([], pa.string())
    path, row, at = (
        np.concatenate([np.empty(0, np.int64), *(getattr(one, name) for one in work.cells)])
        for name in ("path", "row", "at")
    )
    if b"\0" in work.tokens.text:
        cells = _emptied(pc.replace_substring(cells, "\0", ""))
    filled = cells.is_valid().to_numpy(zero_copy_only=False)
    order = np.lexsort((at, row, path))
    order = order[filled[order]]
    path, row, cells = path[order], row[order], cells.take(pa.array(order))
    bounds = np.append(np.flatnonzero(np.diff(path, prepend=-1)), len(path)).tolist()
    found: dict[str, pa.StringArray] = {}
    others: list[tuple[int, str, str]] = []
    for start, end in itertools.pairwise(bounds):
        keys = work.paths[path[start]]
        if keys not in apart:
            _column(keys, row[start:end], cells.slice(start, end - start), rows, known, found, others)
    nothing = pa.nulls(rows, pa.string())
    arrays = {name: found.get(name, nothing) for name in known.names.values()}
    if others:
        arrays[OTHERS] = _others(others, rows)
    return pa.table(arrays) if arrays else pa.table({VALUE: pa.nulls(rows, pa.string())})


def _column(
    path: Path,
    row: Places,
    cells: pa.StringArray,
    rows: int,
    known: Columns,
    found: dict[str, pa.StringArray],
    others: list[tuple[int, str, str]],
) -> None:
    """One path as a column; a second one for what was given twice in a row."""
    count = np.arange(len(row))
    again = count - np.maximum.accumulate(np.where(np.diff(row, prepend=-1) != 0, count, 0))
    for time in range(int(again.max()) + 1):
        here = np.flatnonzero(again == time)
        name = known.name(path if not time else (*path[:-1], f"{path[-1]} ({time + 1})"))
        if name is None:
            others += [(int(row[place]), ".".join(path), cells[place].as_py()) for place in here]
            continue
        index = np.full(rows, -1)
        index[row[here]] = here
        found[name] = cells.take(pa.array(index, mask=index < 0))


def _others(cells: list[tuple[int, str, str]], rows: int) -> pa.StringArray:
    text: dict[int, dict[str, str]] = {}
    for row, name, value in cells:
        text.setdefault(row, {})[name] = value
    return pa.array(
        [json.dumps(text[row], ensure_ascii=False) if row in text else None for row in range(rows)],
        pa.string(),
    )

"""From links to people: connected components, rebuilt link by link where two members can never be one person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hemostat.resolve.groups import Groups, among, dense, pairs, unpack
from hemostat.resolve.levels import Contact, Nir

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hemostat.resolve.groups import I32, I64
    from hemostat.resolve.hashing import U64
    from hemostat.resolve.links import Links

    Vetoed = Callable[[I32, I32], NDArray[np.bool_]]


def components(size: int, a: NDArray[np.integer], b: NDArray[np.integer]) -> I32:
    """Component number of each of `size` nodes under the links (a, b), in the order of their first nodes.

    Each root takes the smallest root among its neighbours, until no link joins two roots: the number of rounds grows
    with the logarithm of the longest chain.
    """
    root = np.arange(size, dtype=np.int32)
    one, other = root[a], root[b]
    while len(one):
        np.minimum.at(root, np.maximum(one, other), np.minimum(one, other))
        while True:
            above = root[root]
            if np.array_equal(above, root):
                break
            root = above
        one, other = root[one], root[other]
        open_ = one != other
        one, other = one[open_], other[open_]
    return dense(root, size)


@dataclass(frozen=True, slots=True)
class Known:
    """What holds of the rows at every level.

    `content`: a hash of each row, which settles ties whatever the order of the rows; `foes`: vetoed pairs (packed, in
    order); `compared`: pairs that were compared (packed, in order); `vetoed`: judges pairs that were not, asked for
    components of at most `most` rows.
    """

    content: U64
    foes: I64
    compared: I64
    vetoed: Vetoed
    most: int


def merge(label: I32, a: I32, b: I32, strength: NDArray[np.float32], known: Known) -> I32:
    """Labels after the links (a, b) joined the clusters of `label`, but for pairs that can never be one person.

    `strength`: bits of each link. Clusters that were already one stay one. Labels are dense, in and out.
    """
    if not len(a):
        return label
    joined = components(int(label.max()) + 1, label[a], label[b])[label]
    left, right = unpack(np.concatenate([known.foes, _unseen_foes(label, joined, known)]))
    apart = np.flatnonzero((joined[left] == joined[right]) & (label[left] != label[right]))
    if not len(apart):
        return joined
    left, right = left[apart], right[apart]
    broken = np.zeros(int(joined.max()) + 1, dtype=bool)
    broken[joined[left]] = True
    at = np.flatnonzero(broken[joined[a]])
    order = at[_strongest_first(a[at], b[at], strength[at], known.content)]
    roots = _constrained(label[a[order]], label[b[order]], label[left], label[right])
    return _relabel(label, joined, broken, roots)


def adopt(links: Links, label: I32, poor: NDArray[np.bool_]) -> I32:
    """Labels where rows that hold but a contact or a NIR join the one person who bears it, when there is only one."""
    weighed = links.weighed
    at = np.flatnonzero(~weighed.veto & (poor[weighed.a] != poor[weighed.b]))
    if not len(at):
        return label
    a, b = weighed.a[at], weighed.b[at]
    lone, holder = np.where(poor[a], a, b), np.where(poor[a], b, a)
    # of the bearers of a NIR, the one it describes owns it
    owned = weighed.nir[at] == Nir.SAME_HALF
    owners = np.zeros(len(label), dtype=bool)
    owners[lone[owned]] = True
    same_nir = weighed.nir[at] > Nir.SAME_INCOHERENT
    reached = (weighed.nir[at] == Nir.MISSING) & (weighed.contact[at] >= Contact.PHONE)
    kept = (owned | ~owners[lone]) & (same_nir | reached)
    lone, target = lone[kept], label[holder[kept]]
    low = np.full(len(label), np.iinfo(np.int32).max, dtype=np.int32)
    high = np.full(len(label), -1, dtype=np.int32)
    np.minimum.at(low, lone, target)
    np.maximum.at(high, lone, target)
    sole = np.flatnonzero(low == high)
    found = label.copy()
    found[sole] = low[sole]
    return dense(found, len(label))


def _unseen_foes(label: I32, joined: I32, known: Known) -> I64:
    """Vetoed pairs among the pairs of one new component that were never compared, packed."""
    grown = _grown(label, joined)
    within = pairs(_by_label(joined, grown), known.most)
    fresh: I64 = within[~among(within, known.compared)]
    left, right = unpack(fresh)
    across = label[left] != label[right]
    fresh, left, right = fresh[across], left[across], right[across]
    if len(fresh):
        fresh = fresh[known.vetoed(left, right)]
    return fresh


def _grown(label: I32, joined: I32) -> NDArray[np.bool_]:
    """Rows of the components that hold more than two rows and more than one former cluster."""
    rows = np.bincount(joined)
    first = np.full(len(rows), np.iinfo(np.int32).max, dtype=np.int32)
    last = np.full(len(rows), -1, dtype=np.int32)
    np.minimum.at(first, joined, label)
    np.maximum.at(last, joined, label)
    least = 3
    grown: NDArray[np.bool_] = ((rows >= least) & (first != last))[joined]
    return grown


def _by_label(label: I32, chosen: NDArray[np.bool_]) -> Groups:
    """The chosen rows, grouped by their label."""
    rows = np.flatnonzero(chosen).astype(np.int32)
    rows = rows[np.argsort(label[rows], kind="stable")]
    held = label[rows]
    starts = np.flatnonzero(np.append(True, held[1:] != held[:-1])) if len(held) else np.empty(0, np.int64)
    return Groups((), rows, starts, np.diff(np.append(starts, len(held))))


def _strongest_first(a: I32, b: I32, strength: NDArray[np.float32], content: U64) -> I64:
    """Order of links: by bits, then by the content of their rows, never by place in the data."""
    left, right = content[a], content[b]
    order: I64 = np.lexsort((np.maximum(left, right), np.minimum(left, right), -np.round(strength, 2)))
    return order


def _constrained(a: I32, b: I32, left: I32, right: I32) -> dict[int, int]:
    """Union-find that refuses to join clusters holding a vetoed pair: cluster -> its root."""
    root: dict[int, int] = {}
    foes: dict[int, set[int]] = {}

    def find(node: int) -> int:
        top = node
        while root.setdefault(top, top) != top:
            top = root[top]
        while root[node] != top:
            root[node], node = top, root[node]
        return top

    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        foes.setdefault(one, set()).add(other)
        foes.setdefault(other, set()).add(one)
    for one, other in zip(a.tolist(), b.tolist(), strict=True):
        top, low = find(one), find(other)
        if top == low or low in foes.get(top, ()):
            continue
        root[low] = top
        for foe in foes.pop(low, ()):
            foes[foe].discard(low)
            foes[foe].add(top)
            foes.setdefault(top, set()).add(foe)
    return {node: find(node) for node in root}


def _relabel(label: I32, joined: I32, broken: NDArray[np.bool_], roots: dict[int, int]) -> I32:
    """Dense labels: the components as joined, except in broken ones, where the roots of the former clusters hold."""
    size = int(label.max()) + 1
    root = np.arange(size, dtype=np.int64)
    if roots:
        root[np.fromiter(roots.keys(), np.int64)] = np.fromiter(roots.values(), np.int64)
    merged = np.where(broken[joined], root[label] + len(broken), joined)
    return dense(merged, size + len(broken))

"""Pairs of rows weighed: the level of agreement of each field, and what they weigh together, in bits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from hemostat.resolve.compare_names import Given, Surname, given_levels, similarity, surname_levels
from hemostat.resolve.groups import MISSING, Groups, group, pack
from hemostat.resolve.names import fold

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl
    from numpy.typing import NDArray

    from hemostat.resolve.candidates import Shared
    from hemostat.resolve.groups import I32
    from hemostat.resolve.hashing import U64
    from hemostat.resolve.names import Vocabulary
    from hemostat.resolve.settings import Settings
    from hemostat.resolve.traits import Traits

    F32 = NDArray[np.float32]
    I8 = NDArray[np.int8]


_UNLIKE = 1 << 20  # rows among which an identifier is alone by design


class Birth(IntEnum):
    """Levels of two birth dates."""

    MISSING = 0
    DIFFERENT = 1
    YEAR = 2
    NEAR = 3
    SWAPPED = 4
    EQUAL = 5


class Nir(IntEnum):
    """Levels of two NIR."""

    MISSING = 0
    CONFLICT = 1
    DIFFERENT = 2
    NEAR = 3
    SAME_INCOHERENT = 4
    SAME_UNKNOWN = 5
    SAME_HALF = 6
    SAME_COHERENT = 7


class Contact(IntEnum):
    """Levels of the household: the strongest shared contact or place counts, once."""

    MISSING = 0
    DIFFERENT = 1
    CITY = 2
    POSTCODE = 3
    ADDRESS_CLOSE = 4
    ADDRESS = 5
    PHONE = 6
    EMAIL = 7


@dataclass(frozen=True, slots=True)
class Weighed:
    """Pairs, their levels and their weight.

    `strangers`, `relatives`: bits in favour of one person against each rival; `veto`: never the same person.
    """

    a: I32
    b: I32
    surname: I8
    given: I8
    swapped: NDArray[np.bool_]
    birth: I8
    sex: I8
    nir: I8
    contact: I8
    birth_place: I8
    id: NDArray[np.bool_]
    strangers: F32
    relatives: F32
    nir_strangers: F32
    nir_relatives: F32
    veto: NDArray[np.bool_]
    veto_without_nir: NDArray[np.bool_]

    @property
    def score(self) -> F32:
        """Bits against the closer rival."""
        return np.minimum(self.strangers, self.relatives)

    @property
    def bare(self) -> F32:
        """Bits against the closer rival, had the NIR not been there."""
        return np.minimum(self.strangers - self.nir_strangers, self.relatives - self.nir_relatives)

    def take(self, chosen: NDArray[np.generic]) -> Weighed:
        """Some of the pairs."""
        return Weighed(*(getattr(self, name)[chosen] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Shares:
    """Bits of each value: -log2 of its share among the rows, smoothed by a background."""

    surname: F32
    given: F32
    head: F32
    birth: Groups
    birth_place: Groups
    postcode: Groups
    city: Groups
    surname_counts: NDArray[np.int64]
    head_counts: NDArray[np.int64]


class Comparer:
    """Weighs pairs of the rows of one frame: holds how common each value is in it."""

    def __init__(
        self,
        traits: Traits,
        words: Vocabulary,
        shared: Shared,
        texts: pl.DataFrame,
        copies: NDArray[np.int64],
        settings: Settings,
    ) -> None:
        self.traits = traits
        self.words = words
        self.shared = shared
        self.texts = texts
        self.settings = settings
        # rows that say little are many people; rows that say much are one person written several times
        poor = (traits.birth < 0) & (traits.nir == 0) & (traits.email == 0) & (traits.phone == 0)
        self.weight = np.where(poor, copies, 1)
        self.rows = int(self.weight.sum())
        self.shares = self._shares()

    def _smoothed(self, counts: NDArray[np.integer], background: float, weight: float) -> F32:
        """Bits of values by the rows that hold them, one row left out: what it shares with itself proves nothing."""
        share = (np.maximum(counts - 1, 0) + weight * background) / (self.rows + weight)
        return (-np.log2(share)).astype(np.float32)

    def _shares(self) -> Shares:
        traits, words, settings = self.traits, self.words, self.settings
        size = len(words)

        def count(*columns: I32) -> NDArray[np.int64]:
            return sum(
                (
                    np.bincount(column[column >= 0], self.weight[column >= 0], minlength=size).astype(
                        np.int64
                    )
                    for column in columns
                ),
                start=np.zeros(size, dtype=np.int64),
            )

        surnames = count(traits.surname, traits.surname2)
        given = count(traits.given)
        heads = count(np.append(words.head, np.int32(-1))[traits.given])
        return Shares(
            surname=self._smoothed(surnames, settings["surname_background"], settings["background"]),
            given=self._smoothed(given, settings["given_background"], settings["background"]),
            head=self._smoothed(heads, settings["given_background"], settings["background"]),
            birth=group(_as_keys(np.where(traits.birth >= 0, traits.birth, -1 - traits.year))),
            birth_place=group(traits.birth_place),
            postcode=group(traits.postcode),
            city=group(traits.city),
            surname_counts=surnames,
            head_counts=heads,
        )

    def weigh(self, a: I32, b: I32) -> Weighed:
        """The pairs (a, b) of row numbers, weighed."""
        sums = _Sums(len(a), self.settings, self.rows)
        birth = self._birth(a, b, sums)
        woman = self.traits.woman
        sex = np.where((woman[a] < 0) | (woman[b] < 0), 0, np.where(woman[a] == woman[b], 2, 1)).astype(
            np.int8
        )
        sums.fixed("sex", {2: "equal", 1: "different"}, sex)
        surname, given, swapped = self._names(a, b, sums)
        sums.veto |= (sex == 1) & (given != Given.MISSING) & (given < Given.HEAD)
        before = sums.strangers.copy(), sums.relatives.copy()
        veto_without_nir = sums.veto.copy()
        nir = self._nir(a, b, sums)
        of_nir = sums.strangers - before[0], sums.relatives - before[1]
        # one NIR that says both rows' sex and birth outweighs a first name that differs: a usual name, not a twin
        excused = (
            (nir == Nir.SAME_COHERENT) & (birth >= Birth.SWAPPED) & (given == Given.DIFFERENT) & (sex != 1)
        )
        sums.veto &= ~(excused & (surname >= Surname.CONTAINED))
        contact = self._contact(a, b, sums)
        place = self._place(a, b, sums)
        same_id = self._id(a, b, sums)
        return Weighed(
            a, b, surname, given, swapped, birth, sex, nir, contact, place, same_id,
            sums.strangers, sums.relatives, *of_nir, sums.veto, veto_without_nir,
        )  # fmt: skip

    def _names(self, a: I32, b: I32, sums: _Sums) -> tuple[I8, I8, NDArray[np.bool_]]:
        traits = self.traits
        given, given_bits = self._given(traits.given[a], traits.given[b])
        surname, surname_bits = self._surname(a, b)
        swapped = np.zeros(len(a), dtype=bool)
        low = np.flatnonzero((given == Given.DIFFERENT) & (surname <= Surname.CLOSE_COMMON))
        if len(low):
            left, right = a[low], b[low]
            crossed = (traits.surname[left] == traits.given[right]) & (
                traits.surname[right] == traits.given[left]
            )
            at = low[crossed]
            swapped[at] = True
            surname[at], given[at] = Surname.EXACT, Given.EXACT
            surname_bits[at] = self.shares.surname[traits.surname[a[at]]]
            given_bits[at] = self.shares.given[traits.given[a[at]]]
        written_twice = traits.unordered[a] | traits.unordered[b]
        penalty = self.settings.agreements["swapped", "yes"].against_strangers
        cost = np.where(swapped & ~written_twice, penalty, 0.0).astype(np.float32)
        sums.strangers += cost
        sums.relatives += cost
        man = (traits.woman[a] == 0) | (traits.woman[b] == 0)
        levels = {Surname.EXACT: "exact", Surname.CLOSE: "close", Surname.CLOSE_COMMON: "close_common",
                  Surname.CONTAINED: "contained", Surname.DIFFERENT: "different_woman"}  # fmt: skip
        sums.fixed("surname", {int(k): v for k, v in levels.items()}, surname, surname_bits, where=~man)
        levels[Surname.DIFFERENT] = "different"
        sums.fixed("surname", {int(k): v for k, v in levels.items()}, surname, surname_bits, where=man)
        sums.fixed("given", {each.value: each.name.lower() for each in Given if each}, given, given_bits)
        return surname, given, swapped

    def _given(self, left: I32, right: I32) -> tuple[I8, F32]:
        level = np.full(len(left), Given.DIFFERENT, dtype=np.int8)
        bits = np.zeros(len(left), dtype=np.float32)
        missing = (left < 0) | (right < 0)
        level[missing] = Given.MISSING
        equal = (left == right) & ~missing
        level[equal] = Given.EXACT
        bits[equal] = self.shares.given[left[equal]]
        rest = np.flatnonzero(~equal & ~missing)
        if len(rest):
            level[rest] = self._judged(left[rest], right[rest], given_levels, self.shares.head_counts)
            head = self.shares.head
            heads = self.words.head
            bits[rest] = np.minimum(head[heads[left[rest]]], head[heads[right[rest]]])
        return level, bits

    def _surname(self, a: I32, b: I32) -> tuple[I8, F32]:
        traits = self.traits
        level = np.zeros(len(a), dtype=np.int8)
        bits = np.zeros(len(a), dtype=np.float32)
        sides = [(traits.surname, traits.surname), (traits.surname, traits.surname2),
                 (traits.surname2, traits.surname), (traits.surname2, traits.surname2)]  # fmt: skip
        for one, other in sides:
            left, right = one[a], other[b]
            equal = (left == right) & (left >= 0)
            found = self.shares.surname[left[equal]]
            bits[equal] = np.maximum(bits[equal], found)
            level[equal] = Surname.EXACT
        for one, other in sides:
            at = np.flatnonzero((level < Surname.EXACT) & (one[a] >= 0) & (other[b] >= 0))
            if not len(at):
                continue
            left, right = one[a[at]], other[b[at]]
            judged = self._judged(left, right, surname_levels, self.shares.surname_counts)
            found = np.minimum(self.shares.surname[left], self.shares.surname[right])
            better = judged > level[at]
            bits[at[better]] = found[better]
            level[at[better]] = judged[better]
        return level, bits

    def _judged(
        self,
        left: I32,
        right: I32,
        judge: Callable[[Vocabulary, I32, I32, NDArray[np.int64], Settings], I8],
        counts: NDArray[np.int64],
    ) -> I8:
        distinct, back = np.unique(pack(left, right), return_inverse=True)
        one, other = (distinct >> 32).astype(np.int32), (distinct & 0xFFFFFFFF).astype(np.int32)
        return judge(self.words, one, other, counts, self.settings)[back]

    def _birth(self, a: I32, b: I32, sums: _Sums) -> I8:
        traits = self.traits
        left, right = traits.birth[a], traits.birth[b]
        level = np.full(len(a), Birth.DIFFERENT, dtype=np.int8)
        years = [
            np.where(date >= 0, date // 10_000, traits.year[row]) for date, row in ((left, a), (right, b))
        ]
        level[(years[0] < 0) | (years[1] < 0)] = Birth.MISSING
        vague = ((left < 0) | (right < 0)) & (level != Birth.MISSING)
        level[vague & (years[0] == years[1])] = Birth.YEAR
        both = np.flatnonzero((left >= 0) & (right >= 0))
        level[both] = _date_levels(left[both], right[both])
        bits = self._bits(self.shares.birth, a)
        other = self._bits(self.shares.birth, b)
        np.minimum(bits, other, out=bits)
        sums.fixed("birth", {each.value: each.name.lower() for each in Birth if each}, level, bits)
        return level

    def _bits(self, groups: Groups, rows: I32) -> F32:
        """Bits of the value each row holds."""
        rules = self.settings
        return self._smoothed(groups.sharing(rows), rules["date_background"], rules["date_weight"])

    def _nir(self, a: I32, b: I32, sums: _Sums) -> I8:
        traits = self.traits
        code = self.shared.nir.codes[0]
        left, right = code[a], code[b]
        level = np.where((left == MISSING) | (right == MISSING), Nir.MISSING, Nir.DIFFERENT).astype(np.int8)
        same = (left == right) & (left != MISSING)
        one, other = traits.coherent[a], traits.coherent[b]
        worse, better = np.minimum(one, other), np.maximum(one, other)
        level[same] = np.select(
            [(one == 0) | (other == 0), worse == 1, better == 1],
            [Nir.SAME_INCOHERENT, Nir.SAME_COHERENT, Nir.SAME_HALF],
            Nir.SAME_UNKNOWN,
        )[same]
        apart = np.flatnonzero(level == Nir.DIFFERENT)
        if len(apart):
            rows = a[apart], b[apart]
            right_keys = np.minimum(traits.nir_right[rows[0]], traits.nir_right[rows[1]]) == 1
            whole = (one[apart] == 1) & (other[apart] == 1)
            wrong_key = (traits.nir_right[rows[0]] == 0) | (traits.nir_right[rows[1]] == 0)
            level[apart[whole & ~wrong_key]] = Nir.CONFLICT
            unsure = apart[~right_keys]
            if len(unsure):
                level[unsure[self._one_slip("nir", a[unsure], b[unsure])]] = Nir.NEAR
        bits = self._value_bits(self.shared.nir, 0, a)
        sums.fixed("nir", {each.value: each.name.lower() for each in Nir if each}, level, bits)
        return level

    def _one_slip(self, column: str, a: I32, b: I32) -> NDArray[np.bool_]:
        """Whether two texts differ by one character, or by two neighbours exchanged."""
        texts = self.texts[column]
        found = process.cpdist(
            texts.gather(a).to_list(),
            texts.gather(b).to_list(),
            scorer=OSA.distance,
            score_cutoff=1,
            dtype=np.int32,
        )
        return np.asarray(found <= 1)

    def _value_bits(self, groups: Groups, column: int, rows: I32) -> F32:
        """Bits of an identifier by the number of rows that share it.

        Shared by a family at most, it was made to be unlike any other; shared by more, it is as common as it looks.
        """
        sharing = groups.sharing(rows, column)
        few = sharing <= self.settings["household"]
        population = np.where(few, max(self.rows, _UNLIKE), self.rows)
        return np.log2(population / np.maximum(sharing - 1, 1)).astype(np.float32)

    def _contact(self, a: I32, b: I32, sums: _Sums) -> I8:
        """The strongest shared contact or place; a household is one piece of evidence, however many fields agree."""
        level = np.zeros(len(a), dtype=np.int8)
        bits = np.zeros(len(a), dtype=np.float32)
        compared = np.zeros(len(a), dtype=np.int8)

        def share(groups: Groups, kind: Contact, *, as_share: bool = False) -> None:
            known = _any_known(groups, a) & _any_known(groups, b)
            compared[known] += 1
            for column, codes in enumerate(groups.codes):
                for others in groups.codes:
                    left = codes[a]
                    at = np.flatnonzero((left == others[b]) & (left != MISSING))
                    if not len(at):
                        continue
                    found = self._bits(groups, a[at]) if as_share else self._value_bits(groups, column, a[at])
                    agreement = self.settings.agreements["contact", kind.name.lower()]
                    found = np.minimum(found, agreement.most)
                    better = found > bits[at]
                    bits[at[better]] = found[better]
                    level[at[better]] = kind

        share(self.shared.email, Contact.EMAIL)
        share(self.shared.phone, Contact.PHONE)
        share(self.shared.address, Contact.ADDRESS)
        share(self.shares.postcode, Contact.POSTCODE)
        share(self.shares.city, Contact.CITY)
        level[(level == 0) & (compared > 0)] = Contact.DIFFERENT
        part = np.minimum(compared, 3) / 3
        names = {each.value: each.name.lower() for each in Contact if each > Contact.DIFFERENT}
        sums.fixed("contact", names, level, bits)
        sums.fixed("contact", {int(Contact.DIFFERENT): "different"}, level, scale=part)
        return level

    def _place(self, a: I32, b: I32, sums: _Sums) -> I8:
        code = self.shares.birth_place.codes[0]
        left, right = code[a], code[b]
        level = np.where((left == MISSING) | (right == MISSING), 0, np.where(left == right, 2, 1)).astype(
            np.int8
        )
        bits = self._bits(self.shares.birth_place, a)
        sums.fixed("birth_place", {2: "equal", 1: "different"}, level, bits)
        return level

    def _id(self, a: I32, b: I32, sums: _Sums) -> NDArray[np.bool_]:
        code = self.shared.id.codes[0]
        same: NDArray[np.bool_] = (code[a] == code[b]) & (code[a] != MISSING)
        bits = self._value_bits(self.shared.id, 0, a)
        sums.fixed("id", {1: "same"}, same.astype(np.int8), bits)
        return same

    def with_trusted_ids(self, weighed: Weighed) -> Weighed:
        """The same pairs, where a shared internal id weighs no more than these ids deserve in these data.

        Ids collide between bases. Among rows of one file, then of several, the share of pairs that contradict each
        other under one id tells how far the id can be believed.
        """
        rule = self.settings.agreements["id", "same"]
        source = self.traits.source
        inside = source[weighed.a] == source[weighed.b]
        for where in (inside, ~inside):
            at = np.flatnonzero(weighed.id & where)
            if not len(at):
                continue
            wrong = weighed.veto[at] | (
                (weighed.given[at] == Given.DIFFERENT) & (weighed.surname[at] <= Surname.CLOSE_COMMON)
            )
            share = float(wrong.mean())
            if share <= rule.relative:
                continue
            given = np.minimum(
                rule.most, self._value_bits(self.shared.id, 0, weighed.a[at]) + rule.against_strangers
            )
            earned = max(float(np.log2((1 - share) / share)), 0.0) if share < 1 else 0.0
            weighed.strangers[at] -= given - np.minimum(given, earned)
            weighed.relatives[at] -= rule.against_relatives - min(rule.against_relatives, earned)
        return weighed

    def with_close_addresses(self, weighed: Weighed) -> Weighed:
        """The same pairs, where the address written almost alike counts as a shared household."""
        at = np.flatnonzero(
            (weighed.contact < Contact.ADDRESS_CLOSE) & (weighed.contact > 0) & ~weighed.veto
            & (weighed.score < self.settings["certain"]) & (weighed.score > self.settings["possible"] - 8)
        )  # fmt: skip
        address = self.shared.address.codes[0]
        at = at[(address[weighed.a[at]] != MISSING) & (address[weighed.b[at]] != MISSING)]
        if not len(at):
            return weighed
        texts = self.texts["postal_address"]
        left, right = fold(texts.gather(weighed.a[at])), fold(texts.gather(weighed.b[at]))
        alike = similarity(left.fill_null(""), right.fill_null("")) >= self.settings["text_close"]
        alike &= left.is_not_null().to_numpy() & right.is_not_null().to_numpy()
        at = at[alike]
        agreement = self.settings.agreements["contact", "address_close"]
        bits = np.minimum(np.log2(self.rows) + agreement.against_strangers, agreement.most)
        # what the place weighed before is taken back: the address says more
        weighed.contact[at] = Contact.ADDRESS_CLOSE
        weighed.strangers[at] += np.float32(bits / 2)
        return weighed


class _Sums:
    """Running sums of bits for a set of pairs."""

    def __init__(self, pairs: int, settings: Settings, rows: int) -> None:
        prior = -np.log2(max(rows, settings["least_rows"]))
        self.strangers = np.full(pairs, prior, dtype=np.float32)
        self.relatives = np.full(pairs, settings["relative_prior"], dtype=np.float32)
        self.veto = np.zeros(pairs, dtype=bool)
        self.settings = settings

    def fixed(
        self,
        field: str,
        names: dict[int, str],
        level: I8,
        bits: F32 | None = None,
        *,
        where: NDArray[np.bool_] | None = None,
        scale: NDArray[np.floating] | None = None,
    ) -> None:
        """Adds the weight of each level of a field; `bits` replace the share of strangers where the rule says so."""
        size = max(names) + 1
        strangers, relatives = np.zeros(size, np.float32), np.zeros(size, np.float32)
        frequent, most, veto = np.zeros(size, bool), np.full(size, np.inf, np.float32), np.zeros(size, bool)
        for number, name in names.items():
            rule = self.settings.agreements[field, name]
            strangers[number], relatives[number] = rule.against_strangers, rule.against_relatives
            frequent[number], most[number], veto[number] = rule.by_frequency, rule.most, rule.veto
        held = np.where((level < size) if where is None else (level < size) & where, level, 0)
        weight = strangers[held]
        if bits is not None:
            weight = np.minimum(weight + np.where(frequent[held], bits, 0), most[held])
            # a value so common that it says nothing never speaks against
            weight = np.where(frequent[held], np.maximum(weight, 0), weight).astype(np.float32)
        kin = relatives[held]
        if scale is not None:
            weight, kin = (weight * scale).astype(np.float32), (kin * scale).astype(np.float32)
        self.strangers += weight
        self.relatives += kin
        self.veto |= veto[held]


def _as_keys(values: NDArray[np.integer]) -> U64:
    """Integers as group keys; -2 and below are years, -1 and 0 are missing."""
    keys = (values.astype(np.int64) + 1_000_000).astype(np.uint64)
    keys[(values == -1) | (values == 0)] = 0
    return keys


def _any_known(groups: Groups, rows: I32) -> NDArray[np.bool_]:
    known = np.zeros(len(rows), dtype=bool)
    for codes in groups.codes:
        known |= codes[rows] != MISSING
    return known


def _date_levels(left: I32, right: I32) -> I8:
    """Levels of two full dates (yyyymmdd): equal, day and month exchanged, one slip, or different."""
    level = np.full(len(left), Birth.DIFFERENT, dtype=np.int8)
    day, other = left % 10_000, right % 10_000
    same_year = left // 10_000 == right // 10_000
    exchanged = same_year & (day == other % 100 * 100 + other // 100)
    rest = np.flatnonzero((left != right) & ~exchanged)
    one, two = left[rest], right[rest]
    digits = [((one // 10**k) % 10, (two // 10**k) % 10) for k in range(8)]
    wrong = sum((x != y).astype(np.int8) for x, y in digits)
    turned = np.zeros(len(rest), dtype=bool)
    for (x, y), (z, t) in zip(digits[:-1], digits[1:], strict=True):
        turned |= (x == t) & (y == z) & (x != y)
    near = (wrong == 1) | ((wrong == 2) & turned)
    level[rest[near]] = Birth.NEAR
    level[exchanged] = Birth.SWAPPED
    level[left == right] = Birth.EQUAL
    return level


__all__ = ["Birth", "Comparer", "Contact", "Given", "Nir", "Surname", "Weighed"]

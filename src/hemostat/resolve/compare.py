"""Pairs of rows weighed: the level of agreement of each field, and what they weigh together, in bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import OSA

from hemostat.resolve.compare_names import alike, given_levels, surname_levels
from hemostat.resolve.groups import MISSING, Groups, Values, pack, unpack, values
from hemostat.resolve.levels import Agreed, Birth, Contact, Given, Nir, Surname, Weighed, date_levels
from hemostat.resolve.names import fold
from hemostat.resolve.settings import first_names
from hemostat.resolve.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hemostat.resolve.candidates import Shared
    from hemostat.resolve.groups import I32, I64
    from hemostat.resolve.hashing import U64
    from hemostat.resolve.levels import F32, I8, Flags
    from hemostat.resolve.names import Vocabulary
    from hemostat.resolve.settings import Settings
    from hemostat.resolve.traits import Texts, Traits

    Judge = Callable[[Vocabulary, I32, I32, I64, Settings], I8]

_TELLING = 4  # letters from which a surname found in an e-mail address is no chance
_NEARLY_ALL = 0.995  # share of birth years that are no slips into the future
_GROWN = 18  # years younger than whom nobody has a household of their own
_UNLIKE = 1 << 20  # rows among which an identifier is alone by design


@dataclass(frozen=True, slots=True)
class Shares:
    """How common the values are. Names: bits (-log2 of the share) and counts by number in the vocabulary."""

    surname: F32
    given: F32
    head: F32
    surname_counts: I64
    head_counts: I64
    birth: Values
    birth_place: Values
    postcode: Values
    city: Values
    area: Values


class Comparer:
    """Weighs pairs of the rows of one frame: holds how common each value is in it.

    `texts`: columns as written; `copies`: how many equal rows each row stands for.
    """

    def __init__(
        self,
        traits: Traits,
        words: Vocabulary,
        shared: Shared,
        texts: Texts,
        copies: I64,
        settings: Settings,
    ) -> None:
        self.traits = traits
        self.words = words
        self.shared = shared
        self.texts = texts
        self.settings = settings
        # rows that say little are many people; rows that say much are one person written several times
        poor = (traits.birth < 0) & (traits.nir == 0) & (traits.email == 0) & (traits.phone == 0)
        self._weight = np.where(poor, copies, 1)
        self.rows = int(self._weight.sum())
        self.shares = self._shares()
        self._misnamed = misnamed(traits, words, settings)
        born = traits.birth[traits.birth >= 0] // 10_000
        self._latest = int(np.quantile(born, _NEARLY_ALL)) if len(born) else 0

    def weigh(self, a: I32, b: I32) -> Weighed:
        """The pairs (a, b) of row numbers, weighed. The same whichever row comes first."""
        tally = Tally(len(a), self.rows, self.settings)
        birth = self._birth(a, b, tally)
        sex = _agreed(self.traits.woman[a], self.traits.woman[b])
        tally.add("sex", sex, Agreed)
        surname, given, swapped = self._names(a, b, birth, tally)
        tally.veto |= (sex == Agreed.DIFFERENT) & (given != Given.MISSING) & (given < Given.CLOSE)
        contact, spare = self._contact(a, b, tally)
        without = tally.strangers.copy(), tally.relatives.copy(), tally.veto.copy()
        nir = self._nir(a, b, tally)
        of_nir = tally.strangers - without[0], tally.relatives - without[1]
        # one NIR that says both rows' sex and birth outweighs a first name that differs, a usual name and no twin, or
        # a day that does
        rank = self.traits.rank
        one_nir = (nir == Nir.SAME_COHERENT) & (sex != Agreed.DIFFERENT)
        one_nir &= (rank[a] == rank[b]) | (rank[a] == 0) | (rank[b] == 0)
        usual_name = (given == Given.DIFFERENT) & (birth >= Birth.SWAPPED) & (surname >= Surname.CLOSE_COMMON)
        slip_of_date = (birth == Birth.PART) & (given >= Given.HEAD) & (surname >= Surname.IN_EMAIL)
        tally.veto &= ~(one_nir & (usual_name | slip_of_date))
        place_code = self.shares.birth_place.codes
        place = _agreed(place_code[a], place_code[b])
        tally.add("birth_place", place, Agreed, self._share_bits(self.shares.birth_place, a))
        same_id = self._id(a, b, tally)
        return Weighed(
            a,
            b,
            surname=surname,
            given=given,
            swapped=swapped,
            birth=birth,
            sex=sex,
            nir=nir,
            contact=contact,
            birth_place=place,
            id=same_id,
            strangers=tally.strangers,
            relatives=tally.relatives,
            spare=spare,
            nir_strangers=of_nir[0],
            nir_relatives=of_nir[1],
            veto=tally.veto,
            veto_without_nir=without[2],
        )

    def identifier_bits(self, groups: Groups, column: int, rows: I32) -> F32:
        """Bits of an identifier by the number of rows that share it.

        Shared by a family at most, it was made to be unlike any other; shared by more, it is as common as it looks.
        """
        sharing = groups.sharing(rows, column)
        few = sharing <= self.settings["household"]
        population = np.where(few, max(self.rows, _UNLIKE), self.rows)
        return np.log2(population / np.maximum(sharing - 1, 1)).astype(np.float32)

    def _share_bits(self, held: Values, rows: I32) -> F32:
        """Bits of a date or a place by the share of the rows that have it."""
        rules = self.settings
        return self._smoothed(held.sharing(rows), rules["date_background"], rules["date_weight"])

    def _smoothed(self, counts: I64, background: float, weight: float) -> F32:
        """Bits of values by the rows that hold them, one row left out: what it shares with itself proves nothing."""
        share = (np.maximum(counts - 1, 0) + weight * background) / (self.rows + weight)
        return (-np.log2(share)).astype(np.float32)

    def _shares(self) -> Shares:
        traits, words, settings = self.traits, self.words, self.settings

        def count(*columns: I32) -> I64:
            total = np.zeros(len(words), dtype=np.int64)
            for column in columns:
                held = column >= 0
                total += np.bincount(column[held], self._weight[held], len(words)).astype(np.int64)
            return total

        surnames = count(traits.surname, traits.surname2)
        heads = count(np.append(words.head, np.int32(-1))[traits.given])
        weight = settings["background"]
        return Shares(
            surname=self._smoothed(surnames, settings["surname_background"], weight),
            given=self._smoothed(count(traits.given), settings["given_background"], weight),
            head=self._smoothed(heads, settings["given_background"], weight),
            surname_counts=surnames,
            head_counts=heads,
            birth=values(_date_keys(traits)),
            birth_place=values(traits.birth_place),
            postcode=values(traits.postcode),
            city=values(traits.city),
            area=values(traits.area),
        )

    def _names(self, a: I32, b: I32, birth: I8, tally: Tally) -> tuple[I8, I8, Flags]:
        """Levels of surnames and first names, and whether they are written in each other's place."""
        traits = self.traits
        given, given_bits = self._given(traits.given[a], traits.given[b])
        surname, surname_bits = self._surname(a, b)
        swapped = np.zeros(len(a), dtype=bool)
        unlike = np.flatnonzero((given == Given.DIFFERENT) & (surname <= Surname.CLOSE_COMMON))
        one, other = a[unlike], b[unlike]
        crossed = self._crossed(one, other)
        rest = ~crossed & (traits.surname[one] >= 0) & (traits.surname[other] >= 0)
        crossed[rest] = self._cross_alike(one[rest], other[rest])
        at = unlike[crossed]
        swapped[at] = True
        surname[at], given[at] = Surname.CLOSE, Given.CLOSE
        whole = (traits.surname[a[at]] == traits.given[b[at]]) & (
            traits.surname[b[at]] == traits.given[a[at]]
        )
        surname[at[whole]], given[at[whole]] = Surname.EXACT, Given.EXACT
        # the row that has it right is not known: the commoner reading counts
        names = traits.surname[a[at]], traits.given[a[at]]
        surname_bits[at] = np.minimum(self.shares.surname[names[0]], self.shares.surname[names[1]])
        given_bits[at] = np.minimum(self.shares.given[names[0]], self.shares.given[names[1]])
        guessed = traits.unordered[a] | traits.unordered[b]
        penalty = self.settings.agreements["swapped", "yes"].against_strangers
        cost = np.where(swapped & ~guessed, np.float32(penalty), np.float32(0))
        tally.strangers += cost
        tally.relatives += cost
        # a first name written where the surname should be says nothing of the surname
        own = (traits.surname == traits.given) & (traits.surname >= 0)
        surname[(surname == Surname.DIFFERENT) & (own[a] | own[b])] = Surname.MISSING
        self._surname_in_email(a, b, surname, surname_bits, given)
        self._given_of_another(a, b, surname, given, birth)
        man = (traits.woman[a] == 0) | (traits.woman[b] == 0)
        surname[(surname == Surname.DIFFERENT) & ~man] = Surname.DIFFERENT_WOMAN
        tally.add("surname", surname, Surname, surname_bits)
        tally.add("given", given, Given, given_bits)
        return surname, given, swapped

    def _crossed(self, a: I32, b: I32) -> Flags:
        """Whether the first name of each row is a surname of the other, further first names left out."""
        traits = self.traits
        head = np.append(self.words.head, np.int32(MISSING))
        found = np.zeros(len(a), dtype=bool)
        for one, other in ((a, b), (b, a)):
            lead = traits.surname[one]
            # one row has its surname where its first names belong; the other may have two surnames
            at = (lead >= 0) & ((lead == head[traits.given[other]]) | (lead == traits.given[other]))
            named = traits.given[one]
            at &= (named >= 0) & ((named == traits.surname[other]) | (named == traits.surname2[other]))
            found |= at
        return found

    def _given_of_another(self, a: I32, b: I32, surname: I8, given: I8, birth: I8) -> None:
        """Makes nothing of a first name that its own row belies: by the sex, or by the e-mail address.

        A desk writes the spouse's or the parent's: Gérard, a woman; Kevin, at valerie.martin@. Asked of rows that share
        a contact.
        """
        traits = self.traits
        at = np.flatnonzero(
            (given == Given.DIFFERENT) & (birth == Birth.EQUAL) & (surname >= Surname.IN_EMAIL)
        )
        at = at[self._reached_alike(a[at], b[at])]
        one, other = a[at], b[at]
        same_sex = traits.woman[one] == traits.woman[other]
        # among children, a brother and a sister of one day, one of them under the other's sex, are as likely
        grown = traits.birth[one] // 10_000 <= self._latest - _GROWN
        belied = same_sex & grown & (self._misnamed[one] != self._misnamed[other])
        belied |= self._in_email(one, other) | self._in_email(other, one)
        given[at[belied]] = Given.MISSING

    def _reached_alike(self, a: I32, b: I32) -> Flags:
        """Whether two rows share a telephone, an e-mail address or a postal address."""
        found = np.zeros(len(a), dtype=bool)
        for groups in (self.shared.email, self.shared.phone, self.shared.address):
            for codes in groups.codes:
                held = codes[a]
                for others in groups.codes:
                    found |= (held == others[b]) & (held != MISSING)
        return found

    def _in_email(self, a: I32, b: I32) -> Flags:
        """Whether the e-mail address of a row holds the first name of the other row, and not its own."""
        traits, text = self.traits, self.words.text
        found = np.zeros(len(a), dtype=bool)
        at = np.flatnonzero((traits.email[a] != 0) & (traits.given[a] >= 0) & (traits.given[b] >= 0))
        if not len(at):
            return found
        local = _letters(self.texts.of("email", a[at]).str.extract(r"^([^@]*)", 1))
        own, others = (text.gather(self.words.head[traits.given[row[at]]]) for row in (a, b))
        told = pl.DataFrame({"local": local, "own": own, "others": others}).select(
            (pl.col("others").str.len_bytes() >= _TELLING)
            & pl.col("local").str.contains(pl.col("others"), literal=True)
            & ~pl.col("local").str.contains(pl.col("own").str.slice(0, _TELLING), literal=True)
        )
        found[at] = told.to_series().fill_null(value=False).to_numpy()
        return found

    def _cross_alike(self, a: I32, b: I32) -> Flags:
        """Whether the names of two rows are alike, each one's surname with the other's first names."""
        traits, text, settings = self.traits, self.words.text, self.settings
        found = np.ones(len(a), dtype=bool)
        for one, other in ((a, b), (b, a)):
            at = np.flatnonzero(found)
            left, right = text.gather(traits.surname[one[at]]), text.gather(traits.given[other[at]])
            found[at] = alike(left, right, settings["given_close"])
        return found

    def _surname_in_email(self, a: I32, b: I32, surname: I8, bits: F32, given: I8) -> None:
        """Raises pairs of different surnames where the e-mail address of one row holds the surname of the other."""
        traits = self.traits
        doubted = np.flatnonzero((surname == Surname.DIFFERENT) & (given >= Given.HEAD))
        for one, other in ((a[doubted], b[doubted]), (b[doubted], a[doubted])):
            held = (traits.email[one] != 0) & (traits.surname[other] >= 0)
            at, names = doubted[held], traits.surname[other[held]]
            if not len(at):
                continue
            local = _letters(self.texts.of("email", one[held]).str.extract(r"^([^@]*)", 1))
            name = self.words.text.gather(names).str.replace_all(" ", "")
            found = pl.DataFrame({"local": local, "name": name}).select(
                (pl.col("name").str.len_bytes() >= _TELLING)
                & pl.col("local").str.contains(pl.col("name"), literal=True)
            )
            hit = found.to_series().fill_null(value=False).to_numpy()
            surname[at[hit]] = Surname.IN_EMAIL
            bits[at[hit]] = self.shares.surname[names[hit]]

    def _given(self, left: I32, right: I32) -> tuple[I8, F32]:
        missing = (left < 0) | (right < 0)
        equal = (left == right) & ~missing
        level = np.where(missing, Given.MISSING, np.where(equal, Given.EXACT, Given.DIFFERENT)).astype(
            np.int8
        )
        bits = (
            np.where(equal, self.shares.given[left], 0).astype(np.float32)
            if len(self.words)
            else _zeros(left)
        )
        rest = np.flatnonzero(~equal & ~missing)
        level[rest] = self._judged(left[rest], right[rest], given_levels, self.shares.head_counts)
        head, heads = self.shares.head, self.words.head
        bits[rest] = np.minimum(head[heads[left[rest]]], head[heads[right[rest]]])
        return level, bits

    def _surname(self, a: I32, b: I32) -> tuple[I8, F32]:
        """Each surname of one row against each of the other: the best level counts."""
        traits, shares = self.traits, self.shares
        level, bits = np.zeros(len(a), dtype=np.int8), _zeros(a)
        columns = traits.surname, traits.surname2
        for one in columns:
            for other in columns:
                at = np.flatnonzero((one[a] == other[b]) & (one[a] >= 0))
                bits[at] = np.maximum(bits[at], shares.surname[one[a[at]]])
                level[at] = Surname.EXACT
        for one in columns:
            for other in columns:
                at = np.flatnonzero((level < Surname.EXACT) & (one[a] >= 0) & (other[b] >= 0))
                left, right = one[a[at]], other[b[at]]
                judged = self._judged(left, right, surname_levels, shares.surname_counts)
                better = judged > level[at]
                bits[at[better]] = np.minimum(shares.surname[left], shares.surname[right])[better]
                level[at[better]] = judged[better]
        return level, bits

    def _judged(self, left: I32, right: I32, judge: Judge, counts: I64) -> I8:
        """Levels of pairs of names, each distinct pair judged once."""
        if not len(left):
            return np.empty(0, dtype=np.int8)
        distinct, back = np.unique(pack(left, right), return_inverse=True)
        return judge(self.words, *unpack(distinct), counts, self.settings)[back]

    def _birth(self, a: I32, b: I32, tally: Tally) -> I8:
        traits = self.traits
        left, right = traits.birth[a], traits.birth[b]
        whole = (left >= 0) & (right >= 0)
        years = [np.where(day >= 0, day // 10_000, traits.year[row]) for day, row in ((left, a), (right, b))]
        level = np.full(len(a), Birth.DIFFERENT, dtype=np.int8)
        level[(years[0] < 0) | (years[1] < 0)] = Birth.MISSING
        level[~whole & (level != Birth.MISSING) & (years[0] == years[1])] = Birth.YEAR
        both = np.flatnonzero(whole)
        level[both] = date_levels(left[both], right[both])
        # what fills a gap agrees with any date
        filled = traits.filler[a] | traits.filler[b]
        level[filled & ((level == Birth.DIFFERENT) | (level == Birth.PART))] = Birth.MISSING
        self._birth_by_nir(a, b, level)
        bits = np.minimum(self._share_bits(self.shares.birth, a), self._share_bits(self.shares.birth, b))
        tally.add("birth", level, Birth, bits)
        return level

    def _birth_by_nir(self, a: I32, b: I32, level: I8) -> None:
        """Where a birth date is missing, the year and month of the row's own NIR stand in for it."""
        traits = self.traits
        at = np.flatnonzero(level == Birth.MISSING)
        months = []
        for row in (a[at], b[at]):
            date = traits.birth[row]
            months.append(np.where(date >= 0, date // 100 % 10_000, traits.nir_month[row]))
        # one and the same NIR proves nothing about its own month
        nir = self.shared.nir.codes[0]
        told = (months[0] >= 0) & (months[1] >= 0) & ((nir[a[at]] == MISSING) | (nir[a[at]] != nir[b[at]]))
        alike = months[0] == months[1]
        level[at[told]] = np.where(alike, Birth.MONTH, Birth.MONTH_DIFFERENT)[told]

    def _nir(self, a: I32, b: I32, tally: Tally) -> I8:
        traits = self.traits
        code = self.shared.nir.codes[0]
        left, right = code[a], code[b]
        level = np.where((left == MISSING) | (right == MISSING), Nir.MISSING, Nir.DIFFERENT).astype(np.int8)
        one, other = traits.coherent[a], traits.coherent[b]
        worse, better = np.minimum(one, other), np.maximum(one, other)
        same = (left == right) & (left != MISSING)
        level[same] = np.select(
            [(one == 0) | (other == 0), worse == 1, better == 1],
            [Nir.SAME_INCOHERENT, Nir.SAME_COHERENT, Nir.SAME_HALF],
            Nir.SAME_UNKNOWN,
        )[same]
        apart = np.flatnonzero(level == Nir.DIFFERENT)
        keys = traits.nir_right[a[apart]], traits.nir_right[b[apart]]
        coherent = worse[apart] == 1
        sound = (keys[0] != 0) & (keys[1] != 0)
        level[apart[sound & (worse[apart] == -1)]] = Nir.UNLIKE
        level[apart[sound & coherent]] = Nir.CONFLICT
        unsure = apart[np.minimum(*keys) < 1]
        level[unsure[self._one_slip("nir", a[unsure], b[unsure])]] = Nir.NEAR
        tally.add("nir", level, Nir, self.identifier_bits(self.shared.nir, 0, a))
        return level

    def _one_slip(self, column: str, a: I32, b: I32) -> Flags:
        """Whether two texts differ by one character, or by two neighbours exchanged."""
        if not len(a):
            return np.empty(0, dtype=bool)
        left, right = self.texts.of(column, a).to_list(), self.texts.of(column, b).to_list()
        return np.asarray(
            process.cpdist(left, right, scorer=OSA.distance, score_cutoff=1, dtype=np.int32) <= 1
        )

    def _contact(self, a: I32, b: I32, tally: Tally) -> tuple[I8, F32]:
        """The strongest shared contact or place, and the bits of the others.

        A household is one piece of evidence, however many fields agree.
        """
        level, bits, every = np.zeros(len(a), dtype=np.int8), _zeros(a), _zeros(a)
        compared = np.zeros(len(a), dtype=np.int8)
        shared, shares = self.shared, self.shares
        kinds = (
            (Contact.EMAIL, shared.email),
            (Contact.PHONE, shared.phone),
            (Contact.ADDRESS, shared.address),
            (Contact.POSTCODE, shares.postcode),
            (Contact.CITY, shares.city),
            (Contact.AREA, shares.area),
        )
        for kind, groups in kinds:
            most = np.float32(self.settings.agreements["contact", kind.name.lower()].most)
            columns = (groups.codes,) if isinstance(groups, Values) else groups.codes
            known = [np.any([codes[row] != MISSING for codes in columns], axis=0) for row in (a, b)]
            both = known[0] & known[1]
            if kind is not Contact.AREA:
                compared += both
            rows = np.flatnonzero(both)
            strongest = bits.copy()
            bits[:] = 0
            for column, codes in enumerate(columns):
                held = codes[a[rows]]
                for others in columns:
                    at = rows[(held == others[b[rows]]) & (held != MISSING)]
                    found = (
                        self._share_bits(groups, a[at])
                        if isinstance(groups, Values)
                        else self.identifier_bits(groups, column, a[at])
                    )
                    bits[at] = np.maximum(bits[at], np.minimum(found, most))
            if kind >= Contact.POSTCODE:  # a town, its postcode and its area are one
                every += bits
            level[bits > strongest] = kind
            bits = np.maximum(bits, strongest)
        level[(level == Contact.MISSING) & (compared > 0)] = Contact.DIFFERENT
        part = np.where(level == Contact.DIFFERENT, np.minimum(compared, 3) / 3, 1).astype(np.float32)
        tally.add("contact", level, Contact, bits, part)
        return level, np.maximum(every - bits, 0)

    def _id(self, a: I32, b: I32, tally: Tally) -> Flags:
        code = self.shared.id.codes[0]
        same: Flags = (code[a] == code[b]) & (code[a] != MISSING)
        level = np.where(same, Agreed.EQUAL, Agreed.MISSING).astype(np.int8)
        tally.add("id", level, Agreed, self.identifier_bits(self.shared.id, 0, a))
        return same


def misnamed(traits: Traits, words: Vocabulary, settings: Settings) -> Flags:
    """Rows whose first name usually is of the other sex than they say; none where that is usual in the data."""
    usual = words.text.replace_strict(first_names(), default="", return_dtype=pl.String)
    sex = np.where((usual == "F").to_numpy(), 1, np.where((usual == "M").to_numpy(), 0, MISSING))
    told = np.append(sex[words.head], MISSING)[traits.given]
    known = (told != MISSING) & (traits.woman != MISSING)
    found: Flags = known & (told != traits.woman)
    usual_here = found.sum() > settings["misnamed_share"] * known.sum()
    return np.zeros(len(traits), dtype=bool) if usual_here else found


def _letters(written: pl.Series) -> pl.Series:
    """Texts folded, without spaces."""
    return fold(written).str.replace_all(" ", "")


def _zeros(like: I32) -> F32:
    return np.zeros(len(like), dtype=np.float32)


def _agreed(left: NDArray[np.integer], right: NDArray[np.integer]) -> I8:
    """Level of two values of which -1 is missing."""
    missing = (left == MISSING) | (right == MISSING)
    return np.where(missing, Agreed.MISSING, np.where(left == right, Agreed.EQUAL, Agreed.DIFFERENT)).astype(
        np.int8
    )


def _date_keys(traits: Traits) -> U64:
    """Birth dates, or years where only these count, as group keys."""
    dates = np.where(traits.birth >= 0, traits.birth, np.where(traits.year >= 0, -1 - traits.year, 0))
    keys = (dates.astype(np.int64) + (1 << 32)).astype(np.uint64)
    keys[dates == 0] = 0
    return keys

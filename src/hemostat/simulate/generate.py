"""From a story to files and their truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.errors import UsageError
from hemostat.simulate import cells, files, population, rows
from hemostat.simulate.draw import Bools, Ints, Rng, Streams, groups, put, weighted
from hemostat.simulate.sheet import Sheet
from hemostat.simulate.stories import STORIES
from hemostat.simulate.truth import Truth, TruthBook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hemostat.simulate.rows import Counts
    from hemostat.simulate.story import Column, Story, Table


def simulate(
    story: str, people: int, seed: int, out: Path, on_progress: Callable[[str, float], None] | None = None
) -> Truth:
    """Writes a fictitious leak below ``out``: ``evidence/``, its ``truth/`` and, where the story has them, other files.

    The same story, people and seed give the same bytes.

    Args:
        story: a name of ``STORIES``.
        people: distinct genuine people; rows follow from the story.
        seed: any whole number from 0.
        out: the folder to write to; made where missing.
        on_progress: told what is being done and the share done.

    Raises:
        UsageError: an unknown story, no people, a seed below 0.
    """
    if story not in STORIES:
        known = ", ".join(STORIES)
        raise UsageError(
            f"There is no story named “{story}”. Known: {known}.",
            f"Aucune histoire ne se nomme « {story} ». Connues : {known}.",
        )
    if people < 1:
        raise UsageError("A story needs at least one person.", "Une histoire demande au moins une personne.")
    if seed < 0:
        raise UsageError("A seed is a whole number from 0.", "Une graine est un nombre entier à partir de 0.")
    say = on_progress or (lambda _what, _share: None)
    return _Run(STORIES[story], people, seed, out, say).go()


class _Run:
    """One simulation under way."""

    def __init__(
        self, story: Story, people: int, seed: int, out: Path, say: Callable[[str, float], None]
    ) -> None:
        self.story, self.out, self.say = story, out, say
        self.streams = Streams(seed)
        self.counts: Counts = rows.count(story, people)
        self.book = TruthBook(story, self.counts, seed)

    def go(self) -> Truth:
        story, streams = self.story, self.streams
        self.say("people", 0.0)
        self.population = population.people(
            streams, story.crowd, self.counts.genuine, self.counts.strangers, story.today
        )
        self.say("rows", 0.2)
        self.rows = rows.plan(streams, story, self.counts, self.population.frame)
        self.rows = self.rows.with_columns(
            pl.Series("account", _account_numbers(self.streams, self.rows.height))
        )
        self.rows = self.rows.sort("account")
        again = np.flatnonzero(self.rows["fresh"].to_numpy())
        self.later = population.freshened(
            streams.of("later contacts"),
            self.population,
            self.rows["person"].to_numpy()[again],
            story.moved,
            0.75,
            0.25,
        )
        self.again = again
        copied = self._earlier_leak()
        leaks = [table for table in story.tables if table.of in {"rows", "events"}]
        for done, table in enumerate(leaks):
            self.say(table.name, 0.3 + 0.5 * done / len(leaks))
            (self._main if table.of == "rows" else self._events)(table, copied)
        for table in story.tables:
            if table.of == "patients":
                self.say(table.name, 0.85)
                self._patients(table)
        self.say("truth", 0.9)
        truth = self.book.write(self.out, self.population.frame)
        self.say("done", 1.0)
        return truth

    def _sheet(self, table: Table, plan: pl.DataFrame, later: tuple[Ints, pl.DataFrame] | None) -> Sheet:
        """The rows of a table with their people as the rows know them."""
        everyone = self.population.frame
        bare = all(column.shows in cells.IMPERSONAL for column in table.columns)
        people = (everyone.select("person", "sex", "birth_date") if bare else everyone)[
            plan["person"].to_numpy()
        ]
        if later is not None:
            where, contacts = later
            people = people.with_columns(
                put(people[name], where, contacts[name]) for name in contacts.columns
            )
        tenants = self.story.tenants
        labels = tenants.names(self.counts.genuine) if tenants else [""]
        sheet = Sheet(
            people,
            plan,
            self.story,
            table.dirt or self.story.dirt,
            self.streams,
            table.name,
            pl.Series(labels),
        )
        if bare:
            return sheet
        cells.named(sheet)
        sheet.people = sheet.people.with_columns(self._parents(sheet, plan))
        return sheet

    def _parents(self, sheet: Sheet, plan: pl.DataFrame) -> list[pl.Series]:
        """A child's row may carry a parent's NIR; the parent's names stand for who decides."""
        everyone = self.population.frame
        parent = sheet.people["parent"].to_numpy()
        child = np.flatnonzero(parent >= 0)
        names = everyone.select((pl.col("used_name") + " " + pl.col("first_name")).alias("n"))["n"]
        of_parent = pl.Series("parent_name", [None], dtype=pl.String).new_from_index(0, plan.height)
        of_parent = put(of_parent, child, names.gather(parent[child]))
        # The same child is written the same way everywhere: the choice is the person's.
        choice = self.streams.of("parents' numbers").random(everyone.height)[plan["person"].to_numpy()]
        genuine = plan["genuine"].to_numpy()
        theirs = np.flatnonzero((parent >= 0) & (choice < self.story.parent_nir) & genuine)
        nir = put(sheet.people["nir"], theirs, everyone["nir"].gather(parent[theirs]))
        own = np.ones(plan.height, dtype=np.bool_)
        own[theirs] = False
        return [of_parent, nir.alias("nir"), pl.Series("own_nir", own)]

    def _main(self, table: Table, copied: dict[str, pl.Series]) -> None:
        sheet = self._sheet(table, self.rows, (self.again, self.later))
        where = np.flatnonzero((self.rows["kind"] == "recycled").to_numpy())
        # Row by row: the recycled stranger number i is the i-th of the earlier leak's strangers.
        number = self.rows["person"].to_numpy()[where] - self.counts.genuine
        shown = files.show(
            sheet, table, {key: (where, values.gather(number)) for key, values in copied.items()}
        )
        self.book.categories(table, sheet)
        self._write(table, sheet, shown)

    def _events(self, table: Table, _: dict[str, pl.Series]) -> None:
        rng = self.streams.of(f"{table.name} events")
        known = self.rows.with_row_index("row").filter(pl.col("kind").is_in(["original", "second_account"]))
        drawn = rows.events(rng, np.arange(known.height), round(table.per_person * self.counts.genuine))
        plan = self.rows[known["row"].to_numpy()[drawn]]
        sheet = self._sheet(table, plan, None)
        shown = files.show(sheet, table, {})
        self.book.categories(table, sheet)
        self._write(table, sheet, shown)

    def _write(self, table: Table, sheet: Sheet, shown: pl.DataFrame) -> None:
        """Writes the file, or one per tenant, and its rows into the truth."""
        rng = self.streams.of(f"{table.name} file")
        split = "{}" in table.name
        tenant = sheet.rows["tenant"].to_numpy() if split else np.zeros(sheet.size, dtype=np.int64)
        copies = self.counts.exact_duplicate if table.of == "rows" else 0
        copied = np.sort(rng.integers(0, max(sheet.size, 1), copies))
        copies_of = dict(groups(tenant[copied]))
        for number, rows_of in groups(tenant):
            again = copied[copies_of.get(number, np.zeros(0, dtype=np.int64))]
            name = table.name.format(sheet.tenants[number]) if split else table.name
            turn = int(rng.integers(0, 1_000_000)) if split else 0
            delimiter = table.delimiters[turn % len(table.delimiters)]
            encoding = table.encodings[turn // 7 % len(table.encodings)]
            cut = max(round(table.broken * len(rows_of)), 0 if split or not table.broken else 1)
            header, lines = self._lines(rng, table, sheet, shown[rows_of], rows_of, delimiter)
            order = _with_copies(rng, rows_of, again)
            lines, sources = files.with_broken(rng, lines.gather(order), delimiter, cut)
            source = rows_of[order][np.where(sources < 0, -1 - sources, sources)]
            starts = files.line_numbers(lines, 0 if header is None else 1)
            files.write_lines(self.out / "evidence" / name, header, lines, encoding, table.newline)
            self.book.file(name, sheet, source, sources < 0, ~lines.is_first_distinct().to_numpy(), starts)

    def _lines(
        self, rng: Rng, table: Table, sheet: Sheet, shown: pl.DataFrame, rows_of: Ints, delimiter: str
    ) -> tuple[str | None, pl.Series]:
        """The heading line, if the format has one, and one text per row."""
        if table.format == "jsonl":
            whole = {column.heading for column in table.columns if column.shows == "account"}
            present = {heading: mask[rows_of] for heading, mask in sheet.present.items()}
            return None, files.objects(shown, present, whole)
        careless = np.asarray(rng.random(len(rows_of)) < table.unescaped) if table.unescaped else None
        header = delimiter.join(column.heading for column in table.columns)
        return header, files.delimited(shown, delimiter, careless)

    def _patients(self, table: Table) -> None:
        """The controller's own file of today: fresher contacts, a few deceased, people who are not in the leak."""
        rng = self.streams.of("patients")
        counts = self.counts
        kept = np.flatnonzero(rng.random(counts.genuine) >= self.story.patients_missing)
        others = np.arange(
            counts.genuine + counts.strangers - counts.patients_others, counts.genuine + counts.strangers
        )
        who = rng.permutation(np.r_[kept, others]).astype(np.int64)
        plan = self._plain_plan(who)
        # Who has a second row in the leak was seen again since: the file knows what that row knows.
        later = population.freshened(rng, self.population, who, 0.09, 0.07, 0.06)
        seen = np.full(self.population.frame.height, -1, dtype=np.int64)
        seen[self.rows["person"].to_numpy()[self.again]] = np.arange(len(self.again))
        known = np.flatnonzero(seen[who] >= 0)
        row_knows = self.later[seen[who[known]]]
        later = later.with_columns(put(later[name], known, row_knows[name]) for name in later.columns)
        sheet = self._sheet(table, plan, (np.arange(len(who)), later))
        shown = files.show(sheet, table, {})
        lines = files.delimited(shown, table.delimiters[0])
        header = table.delimiters[0].join(column.heading for column in table.columns)
        files.write_lines(self.out / table.name, header, lines, table.encodings[0], table.newline)
        self.book.other("patients", table.name, who, files.line_numbers(lines, 1))

    def _earlier_leak(self) -> dict[str, pl.Series]:
        """Writes the earlier leak; gives the cells of its strangers, in order, by what they show."""
        tables = [table for table in self.story.tables if table.of == "earlier"]
        if not tables:
            return {}
        table = tables[0]
        rng = self.streams.of("earlier leak")
        counts = self.counts
        strangers = counts.genuine + np.arange(counts.recycled)
        rest = counts.genuine + counts.recycled + counts.fabricated + np.arange(counts.earlier_rest)
        both = rng.permutation(counts.genuine)[: round(self.story.earlier_overlap * counts.genuine)]
        who = np.r_[strangers, rest, both].astype(np.int64)
        sheet = self._sheet(table, self._plain_plan(who), None)
        shown = files.show(sheet, table, {})
        order = rng.permutation(len(who))
        lines = files.delimited(shown, table.delimiters[0]).gather(order)
        header = table.delimiters[0].join(column.heading for column in table.columns)
        files.write_lines(self.out / table.name, header, lines, table.encodings[0], table.newline)
        self.book.other("earlier", table.name, who[order], files.line_numbers(lines, 1))
        return {
            column.shows: _masked(sheet, shown, column, counts.recycled)
            for column in table.columns
            if column.shows != "account"
        }

    def _plain_plan(self, who: Ints) -> pl.DataFrame:
        """Rows of a file other than the leak: one per person."""
        size = len(who)
        return pl.DataFrame(
            {
                "person": who,
                "kind": pl.Series(["original"]).new_from_index(0, size),
                "genuine": who < self.counts.genuine,
                "maiden": np.zeros(size, dtype=np.bool_),
                "flaw": pl.Series([None], dtype=pl.String).new_from_index(0, size),
                "tenant": np.zeros(size, dtype=np.int64),
                "remarked": np.zeros(size, dtype=np.bool_),
                "account": np.arange(1, size + 1) + 40_000,
            }
        )


def _with_copies(rng: Rng, rows_of: Ints, again: Ints) -> Ints:
    """Positions in ``rows_of`` in file order: each once, and the copied rows once more somewhere below."""
    size = len(rows_of)
    source = np.searchsorted(rows_of, again)
    place = source + 0.5 + rng.random(len(again)) * (size - source)
    order = np.argsort(np.r_[np.arange(size, dtype=np.float64), place], kind="stable")
    return np.asarray(np.r_[np.arange(size), source][order], dtype=np.int64)


def _masked(sheet: Sheet, shown: pl.DataFrame, column: Column, size: int) -> pl.Series:
    present: Bools = sheet.present[column.heading][:size]
    values = shown[column.heading].head(size)
    return pl.select(
        pl.when(pl.Series(present)).then(values).otherwise(None).alias(column.heading)
    ).to_series()


def _account_numbers(streams: Streams, size: int) -> Ints:
    """Distinct account numbers with holes, as a table from which rows were deleted has."""
    rng = streams.of("accounts")
    gaps = weighted(rng, (0.86, 0.08, 0.03, 0.02, 0.01), size) + 1
    return rng.permutation(1000 + np.cumsum(gaps)).astype(np.int64)

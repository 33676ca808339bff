"""From a story to files and their truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.errors import UsageError
from hemostat.simulate import cells, files, population, rows
from hemostat.simulate.draw import Bools, Ints, Streams, exactly, put
from hemostat.simulate.log_identity import identity_log
from hemostat.simulate.log_practice import practice_log
from hemostat.simulate.outputs import Outputs
from hemostat.simulate.sheet import Sheet
from hemostat.simulate.stories import STORIES
from hemostat.simulate.truth import Truth, TruthBook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hemostat.simulate.logs import Log
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


_SAME = {"shop_email": "email", "mobile": "phone"}
"""What a thief pastes into a column of another name."""


class _Run:
    """One simulation under way."""

    def __init__(
        self, story: Story, people: int, seed: int, out: Path, say: Callable[[str, float], None]
    ) -> None:
        self.story, self.out, self.say = story, out, say
        self.streams = Streams(seed)
        self.counts: Counts = rows.count(story, people)
        self.book = TruthBook(story, self.counts, seed)
        self.outputs = Outputs(out / "evidence", story, self.book)

    def go(self) -> Truth:
        story, streams = self.story, self.streams
        self.say("people", 0.0)
        self.population = population.people(
            streams, story.crowd, self.counts.genuine, self.counts.strangers, story.today
        )
        self.say("rows", 0.2)
        self.rows = rows.plan(streams, story, self.counts, self.population.frame)
        numbers = rows.account_numbers(streams.of("accounts"), story, self.rows["tenant"].to_numpy())
        self.rows = self.rows.with_columns(pl.Series("account", numbers), pl.lit(value=False).alias("orphan"))
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
        self.outputs.close()
        if story.log is not None:
            self.say(story.log.name, 0.3)
            self._log(story.log)
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
        self.outputs.write(table, sheet, shown, self.counts.exact_duplicate)

    def _events(self, table: Table, _: dict[str, pl.Series]) -> None:
        rng = self.streams.of(f"{table.name} events")
        known = self.rows.with_row_index("row").filter(pl.col("kind").is_in(["original", "second_account"]))
        drawn = rows.events(rng, np.arange(known.height), round(table.per_person * self.counts.genuine))
        plan = self.rows[known["row"].to_numpy()[drawn]]
        lost = exactly(rng, round(table.orphans * plan.height), np.ones(plan.height, dtype=np.bool_))
        elsewhere = pl.col("account") + 400_000 + pl.Series(rng.integers(0, 90_000, plan.height))
        plan = plan.with_columns(
            pl.Series("orphan", lost),
            pl.when(pl.Series(lost)).then(elsewhere).otherwise("account").alias("account"),
        )
        sheet = self._sheet(table, plan, None)
        shown = files.show(sheet, table, {})
        self.book.categories(table, sheet)
        self.outputs.write(table, sheet, shown, 0)

    def _log(self, log: Log) -> None:
        """The access log of the story, and whom the usurped accounts saw."""
        if log.kind == "practice":
            made = practice_log(self.streams, self.story, log, self.rows)
        else:
            made = identity_log(self.streams, self.story, log, self.rows, self.population.frame)
        files.write_lines(self.out / "evidence" / log.name, None, made.lines, "utf-8", "\n")
        self.book.log(log, made)

    def _patients(self, table: Table) -> None:
        """The controller's own file of today: fresher contacts, a few deceased, people who are not in the leak."""
        rng = self.streams.of("patients")
        counts = self.counts
        kept = np.flatnonzero(rng.random(counts.genuine) >= self.story.patients_missing)
        others = np.arange(
            counts.genuine + counts.strangers - counts.patients_others, counts.genuine + counts.strangers
        )
        who = rng.permutation(np.r_[kept, others]).astype(np.int64)
        # The numbers of a log are those of the file; elsewhere the file has numbers of its own.
        plan = self._plain_plan(who)
        if self.story.log is not None:
            plan = self.rows[rng.permutation(self.rows.height)]
            who = plan["person"].to_numpy()
        # Who has a second row in the leak was seen again since: the file knows what that row knows.
        later = population.freshened(rng, self.population, who, self.story.patients_moved, 0.07, 0.06)
        seen = np.full(self.population.frame.height, -1, dtype=np.int64)
        seen[self.rows["person"].to_numpy()[self.again]] = np.arange(len(self.again))
        known = np.flatnonzero(seen[who] >= 0)
        row_knows = self.later[seen[who[known]]]
        later = later.with_columns(put(later[name], known, row_knows[name]) for name in later.columns)
        sheet = self._sheet(table, plan, (np.arange(len(who)), later))
        shown = files.show(sheet, table, {})
        self._write_other("patients", table, shown, who)
        reached = [
            mask
            for column, mask in sheet.present.items()
            if column in {"TEL", "MAIL", "tel", "email", "mobile"}
        ]
        self.book.reached(who, np.logical_or.reduce(reached))

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
        once = np.concatenate([strangers, rest, both]).astype(np.int64)
        again = rng.permutation(once[counts.recycled :])[: round(self.story.earlier_again * counts.genuine)]
        who = np.concatenate([once, again])
        # Some of those in both leaks have moved: the earlier leak may know the newer home.
        moved = np.flatnonzero((who < counts.genuine) & (rng.random(len(who)) < self.story.earlier_moved))
        newer = population.freshened(rng, self.population, who[moved], 1.0, 0.3, 0.5)
        sheet = self._sheet(table, self._plain_plan(who), (moved, newer))
        shown = files.show(sheet, table, {})
        order = rng.permutation(len(who))
        self._write_other("earlier", table, shown[order], who[order])
        return {
            _SAME.get(column.shows, column.shows): _masked(sheet, shown, column, counts.recycled)
            for column in table.columns
            if column.shows != "account"
        }

    def _write_other(self, role: str, table: Table, cells: pl.DataFrame, who: Ints) -> None:
        """A file that is not the leak, and whose row is whose."""
        if table.formats[0] == "json":
            every = {name: np.ones(cells.height, dtype=np.bool_) for name in cells.columns}
            lines = files.objects(cells, every, {c.heading for c in table.columns if c.shows == "account"})
            last = pl.Series(np.arange(cells.height) == cells.height - 1)
            lines = pl.select(pl.when(last).then(lines + "\n]").otherwise(lines + ",").alias("line"))["line"]
            header = "["
        else:
            lines = files.delimited(cells, table.delimiters[0])
            header = table.delimiters[0].join(column.heading for column in table.columns)
        files.write_lines(self.out / table.name, header, lines, table.encodings[0], table.newline)
        self.book.other(role, table.name, who, files.line_numbers(lines, 1))

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
                "orphan": np.zeros(size, dtype=np.bool_),
                "account": np.arange(1, size + 1) + 40_000,
            }
        )


def _masked(sheet: Sheet, shown: pl.DataFrame, column: Column, size: int) -> pl.Series:
    present: Bools = sheet.present[column.heading][:size]
    values = shown[column.heading].head(size)
    return pl.select(
        pl.when(pl.Series(present)).then(values).otherwise(None).alias(column.heading)
    ).to_series()

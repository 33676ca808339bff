"""What is true of a simulated leak: whose each row is, who each person is, what a report must find.

Files of ``truth/``, read by tests and by nobody else:

- ``records.parquet``, a row per record of the evidence: evidence (the file below ``evidence/``; a dump's table or a
  workbook's sheet after ``#``), line (the physical line on which it starts; null in workbooks), locator (null where
  the line is enough; ``line L, tuple N`` in a dump, ``row N`` in a workbook), true_person (null: nobody in the
  evidence), genuine, kind (original, second_account, update, renewal, exact_duplicate, recycled, fabricated, orphan,
  broken; of logs: normal, locum, on_call, campaign, usurped), flaw (how a fabricated number is wrong, or
  ``damaged_nir``), tenant.
- ``persons.parquet``, a row per identity of the evidence: true_person, genuine, traits, the person's true data,
  categories (all that the evidence truly shows of the person, texts included), categories_in_text, own_nir (one of
  the rows shows the person's own number, not a parent's).
- ``remarks.parquet``, a row per written free text: evidence, line, locator, column, true_person, categories (what it
  shows; empty for the harmless), about (self, relative, none).
- ``patients.parquet``, ``earlier.parquet``: whose each row of those files is. ``seen.parquet``: see ``logs.seen``.
- ``story.json``: the counts. ``records`` of a category are counted without exact duplicates.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from hemostat.simulate.logs import seen

if TYPE_CHECKING:
    from pathlib import Path

    from hemostat.simulate.draw import Bools, Ints
    from hemostat.simulate.logs import Log, Made
    from hemostat.simulate.rows import Counts
    from hemostat.simulate.sheet import Sheet
    from hemostat.simulate.story import Story, Table


@dataclass(frozen=True, slots=True)
class Truth:
    """Where the files are, and ``story.json`` as an object."""

    folder: Path
    story: dict[str, Any]

    @property
    def evidence(self) -> Path:
        """The leaked files."""
        return self.folder / "evidence"

    def records(self) -> pl.DataFrame:
        """``truth/records.parquet``."""
        return pl.read_parquet(self.folder / "truth" / "records.parquet")

    def persons(self) -> pl.DataFrame:
        """``truth/persons.parquet``."""
        return pl.read_parquet(self.folder / "truth" / "persons.parquet")

    def remarks(self) -> pl.DataFrame:
        """``truth/remarks.parquet``: what the free texts show."""
        return pl.read_parquet(self.folder / "truth" / "remarks.parquet")


class TruthBook:
    """Gathers the truth while the files are written."""

    def __init__(self, story: Story, counts: Counts, seed: int) -> None:
        self._story, self._counts, self._seed = story, counts, seed
        people = counts.genuine + counts.strangers
        self._people = people
        self._has: dict[str, Bools] = {}
        self._in_text: dict[str, Bools] = {}
        self._tally: dict[str, int] = {}
        self._columns: dict[str, dict[str, int]] = {}
        self._tally_text: dict[str, int] = {}
        self._own_nir = np.zeros(people, dtype=np.bool_)
        self._records: list[pl.DataFrame] = []
        self._remarks: list[pl.DataFrame] = []
        self._files: dict[str, dict[str, int]] = {}
        self._seen: pl.DataFrame | None = None
        self._usurped: list[dict[str, str]] = []
        self._reached: Bools | None = None
        self._others: dict[str, list[pl.DataFrame]] = {}

    def categories(self, table: Table, sheet: Sheet) -> None:
        """Notes which categories the rows of a table truly hold."""
        plan, present = sheet.rows, sheet.present
        self._columns[table.name] = {
            column.heading: int(present[column.heading].sum()) for column in table.columns
        }
        person = plan["person"].to_numpy()
        known = ~plan["orphan"].to_numpy()
        masks: dict[str, Bools] = {}
        for column in table.columns:
            for category in (column.category or "").split():
                kept = masks.setdefault(category, np.zeros(plan.height, dtype=np.bool_))
                kept |= present[column.heading] & known
            if column.shows in {"nir", "nir_body", "spreadsheet_nir"}:
                self._own_nir[person[present[column.heading] & sheet.people["own_nir"].to_numpy()]] = True
        for category, mask in masks.items():
            self._note(self._has, self._tally, category, person, mask)
        for heading, labels in sheet.labels.items():
            long = (
                labels.with_row_index("row")
                .filter(pl.Series(present[heading]))
                .explode("categories", empty_as_null=True)
            )
            for (category,), part in long.drop_nulls("categories").group_by(
                "categories", maintain_order=True
            ):
                mask = np.zeros(plan.height, dtype=np.bool_)
                mask[part["row"].to_numpy()] = True
                mask &= known
                self._note(self._in_text, self._tally_text, str(category), person, mask)

    def _note(
        self, into: dict[str, Bools], tally: dict[str, int], category: str, person: Ints, mask: Bools
    ) -> None:
        into.setdefault(category, np.zeros(self._people, dtype=np.bool_))[person[mask]] = True
        tally[category] = tally.get(category, 0) + int(mask.sum())

    def file(
        self,
        evidence: str,
        sheet: Sheet,
        row: Ints,
        broken: Bools,
        repeated: Bools,
        lines: Ints | None,
        locators: pl.Series | None = None,
    ) -> None:
        """Notes where the records of a file stand.

        Args:
            evidence: the file, relative to ``evidence/``.
            sheet: the rows.
            row: for each record the row of the sheet it shows.
            broken: which records are lines cut in the middle.
            repeated: which records are exactly the same as one above.
            lines: the physical line on which each starts, for text.
            locators: the place in words, where a line is not enough.
        """
        size = len(row)
        nowhere = pl.Series([None], dtype=pl.Int64).new_from_index(0, size)
        unsaid = pl.Series([None], dtype=pl.String).new_from_index(0, size)
        plan = sheet.rows
        kind = (
            pl.when(pl.Series(broken))
            .then(pl.lit("broken"))
            .when(pl.Series(repeated))
            .then(pl.lit("exact_duplicate"))
            .when(plan["orphan"].gather(row))
            .then(pl.lit("orphan"))
            .otherwise("kind")
        )
        frame = pl.DataFrame(
            {
                "evidence": pl.Series([evidence]).new_from_index(0, len(row)),
                "line": nowhere if lines is None else lines,
                "locator": unsaid if locators is None else locators,
                "true_person": pl.select(
                    pl.when(plan["orphan"].gather(row))
                    .then(None)
                    .otherwise(plan["person"].gather(row))
                    .alias("p")
                )["p"],
                "genuine": plan["genuine"].gather(row),
                "kind": plan["kind"].gather(row),
                "flaw": plan["flaw"].gather(row),
                "tenant": sheet.tenants.gather(plan["tenant"].gather(row)),
            }
        ).with_columns(kind.alias("kind"))
        self._records.append(frame)
        whole = ~broken
        self._files[evidence] = {
            "rows": int(whole.sum()),
            "broken": int(broken.sum()),
            "exact_duplicates": int((repeated & whole).sum()),
        }
        for heading, labels in sheet.labels.items():
            said = whole & sheet.present[heading][row]
            self._remarks.append(
                frame.filter(pl.Series(said)).select(
                    "evidence",
                    "line",
                    "locator",
                    pl.lit(heading).alias("column"),
                    "true_person",
                    labels["categories"].gather(row[said]),
                    labels["about"].gather(row[said]),
                )
            )

    def log(self, log: Log, made: Made) -> None:
        """Notes whose each line of an access log is, and whom the usurped accounts saw."""
        size = len(made.lines)
        unsaid = pl.Series([None], dtype=pl.String).new_from_index(0, size)
        self._records.append(
            pl.DataFrame(
                {
                    "evidence": pl.Series([log.name]).new_from_index(0, size),
                    "line": np.arange(1, size + 1),
                    "locator": unsaid,
                    "true_person": made.person,
                    "genuine": pl.Series([True]).new_from_index(0, size),
                    "kind": made.kind,
                    "flaw": unsaid,
                    "tenant": made.part,
                }
            )
        )
        self._files[log.name] = {"rows": size, "broken": 0, "exact_duplicates": 0}
        self._seen = seen(made)
        self._usurped = [asdict(usurped) for usurped in made.usurped]

    def reached(self, who: Ints, mask: Bools) -> None:
        """Notes whom the controller's own file gives a telephone number or an e-mail address."""
        self._reached = np.zeros(self._people, dtype=np.bool_)
        self._reached[who[mask]] = True

    def other(self, role: str, name: str, who: Ints, lines: Ints) -> None:
        """Notes the rows of a file that is not the leak."""
        frame = pl.DataFrame(
            {"file": pl.Series([name]).new_from_index(0, len(who)), "line": lines, "true_person": who}
        )
        self._others.setdefault(role, []).append(frame)

    def write(self, out: Path, people: pl.DataFrame) -> Truth:
        """Writes ``truth/`` and gives it."""
        folder = out / "truth"
        folder.mkdir(parents=True, exist_ok=True)
        records = pl.concat(self._records)
        records.write_parquet(folder / "records.parquet")
        shown = np.zeros(self._people, dtype=np.bool_)
        shown[records["true_person"].drop_nulls().to_numpy()] = True
        if self._seen is not None:
            shown[: self._counts.genuine] = (
                True  # all of them are in the store, whether the log shows them or not
            )
            self._seen.write_parquet(folder / "seen.parquet")
        self._persons(people, shown).write_parquet(folder / "persons.parquet")
        if self._remarks:
            pl.concat(self._remarks).write_parquet(folder / "remarks.parquet")
        for role, frames in self._others.items():
            pl.concat(frames).write_parquet(folder / f"{role}.parquet")
        story = self._summary(records, people, shown)
        text = json.dumps(story, ensure_ascii=False, indent=1) + "\n"
        (folder / "story.json").write_text(text, encoding="utf-8")
        return Truth(out, story)

    def _persons(self, people: pl.DataFrame, shown: Bools) -> pl.DataFrame:
        traits = ("minor", "protected", "deceased", "twin", "homonym")
        every = sorted(set(self._has) | set(self._in_text))
        frame = people.select(
            pl.col("person").alias("true_person"),
            "genuine",
            _lists(list(traits), {trait: people[trait].to_numpy() for trait in traits}, self._people).alias(
                "traits"
            ),
            "household",
            "sex",
            "birth_name",
            "used_name",
            "first_name",
            "second_name",
            "third_name",
            "birth_date",
            "birth_place",
            "nir",
            "parent",
            "address",
            "postal_code",
            "city",
            "landline",
            "mobile",
            "email",
        ).with_columns(
            _lists(every, self._either(), self._people).alias("categories"),
            _lists(sorted(self._in_text), self._in_text, self._people).alias("categories_in_text"),
            pl.Series("own_nir", self._own_nir),
        )
        return frame.filter(pl.Series(shown))

    def _either(self) -> dict[str, Bools]:
        either = dict(self._has)
        for category, mask in self._in_text.items():
            either[category] = either[category] | mask if category in either else mask
        return either

    def _summary(self, records: pl.DataFrame, people: pl.DataFrame, shown: Bools) -> dict[str, Any]:
        whole = records.filter(pl.col("kind") != "broken")
        genuine = people["genuine"].to_numpy()
        with_nir = self._has.get("nir", np.zeros(self._people, dtype=np.bool_))
        kinds = dict(whole["kind"].value_counts(sort=True).sort("kind").iter_rows())
        return {
            "story": self._story.name,
            "title": self._story.title,
            "seed": self._seed,
            "people": self._counts.genuine,
            "claims": [
                {
                    "value": round(one.per_person * self._counts.genuine),
                    "unit": one.unit,
                    "by": one.by,
                    "at": one.at,
                }
                for one in self._story.claims
            ],
            "identities": int(shown.sum()),
            "genuine": int((shown & genuine).sum()),
            "rows": self._counts.rows if self._seen is None else whole.height,
            "files": self._files,
            "kinds": kinds,
            "surplus": self._surplus(),
            "filled": self._columns,
            "annotated": self._annotated(),
            "flaws": dict(whole["flaw"].drop_nulls().value_counts(sort=True).sort("flaw").iter_rows()),
            "orphans": kinds.get("orphan", 0),
            "exact_duplicates": kinds.get("exact_duplicate", 0),
            "persons_with_nir": int(with_nir.sum()),
            "genuine_with_nir": int(with_nir[: self._counts.genuine].sum()),
            "genuine_with_own_nir": int(self._own_nir[: self._counts.genuine].sum()),
            "minors": int((people["minor"].to_numpy() & shown & genuine).sum()),
            "protected": int((people["protected"].to_numpy() & shown & genuine).sum()),
            "deceased": int((people["deceased"].to_numpy() & shown & genuine).sum()),
            "categories": self._counted(self._has, self._tally),
            "categories_in_text": self._counted(self._in_text, self._tally_text),
            "others": {role: int(sum(f.height for f in frames)) for role, frames in self._others.items()},
            "tenants": self._tenants(whole),
            **self._seen_in_short(),
            "notes": list(self._story.notes),
        }

    def _seen_in_short(self) -> dict[str, Any]:
        """Whom the usurped accounts saw, counted."""
        if self._seen is None:
            return {}
        persons = self._seen["true_person"].unique().to_numpy()
        opened = self._seen.filter(~pl.col("listed"))["true_person"].n_unique()
        parts = self._seen.group_by("part").agg(pl.col("true_person").n_unique().alias("n")).sort("part")
        told = {
            "persons": len(persons),
            "opened": opened,
            "listed_only": len(persons) - opened,
            "parts": dict(parts.iter_rows()),
        }
        if self._reached is not None:
            told["without_telephone_and_mail"] = int((~self._reached[persons]).sum())
        return {"seen": told, "usurped": self._usurped}

    def _annotated(self) -> int:
        """Genuine people of whom a file holds a sensitive remark."""
        said = [mask for category, mask in self._in_text.items() if category.startswith("remark_")]
        return int(np.logical_or.reduce(said)[: self._counts.genuine].sum()) if said else 0

    def _surplus(self) -> dict[str, int]:
        counts = self._counts
        kinds = ("second_account", "update", "renewal", "exact_duplicate", "recycled", "fabricated")
        return {kind: getattr(counts, kind) for kind in kinds if getattr(counts, kind)}

    def _counted(self, has: dict[str, Bools], tally: dict[str, int]) -> dict[str, dict[str, int]]:
        return {
            category: {
                "persons": int(has[category].sum()),
                "genuine_persons": int(has[category][: self._counts.genuine].sum()),
                "records": tally[category],
            }
            for category in sorted(has)
        }

    def _tenants(self, whole: pl.DataFrame) -> dict[str, dict[str, int]]:
        if self._story.tenants is None or not self._story.tenants.told:
            return {}
        counted = whole.group_by("tenant").agg(
            pl.len().alias("records"), pl.col("true_person").drop_nulls().n_unique().alias("persons")
        )
        return {
            row["tenant"]: {"records": row["records"], "persons": row["persons"]}
            for row in counted.sort("tenant").iter_rows(named=True)
        }


def _lists(names: list[str], masks: dict[str, Bools], size: int) -> pl.Series:
    """For each person the names whose mask is true, sorted."""
    packed = np.zeros(size, dtype=np.int64)
    for bit, name in enumerate(names):
        packed |= masks[name].astype(np.int64) << bit
    patterns, where = np.unique(packed, return_inverse=True)
    lists = [[name for bit, name in enumerate(names) if pattern >> bit & 1] for pattern in patterns.tolist()]
    return pl.Series("lists", lists, dtype=pl.List(pl.String)).gather(where)

"""What a story is: a table of settings over one generator."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from hemostat.simulate.dirt import Dirt
from hemostat.simulate.households import Crowd

if TYPE_CHECKING:
    from hemostat.simulate.logs import Log


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a leaked file."""

    heading: str
    shows: str
    """What its cells show: a name in ``cells.SHOWN``."""
    category: str | None = None
    """The category of its values; several, with spaces between, where a cell holds two things."""
    fill: float = 1.0
    """Share of rows with a true value; exact."""
    together: str = ""
    """Columns with the same word here are missing in the same rows."""
    blanks: tuple[str, ...] = ("",)
    """What stands in a cell without a value."""
    form: str = ""
    """A variant of what is shown, for instance a date format."""
    once: bool = False
    """At most one row of a person has a value, and no two rows the same."""


@dataclass(frozen=True, slots=True)
class Table:
    """One leaked file, or one file per tenant."""

    name: str
    """File name; ``{}`` stands for the tenant, ``#`` parts a dump or workbook from its table or sheet."""
    columns: tuple[Column, ...]
    formats: tuple[str, ...] = ("csv",)
    """csv, jsonl, json, mysqldump, xlsx; where several, tenants take turns and the ending is added to the name."""
    of: str = "rows"
    """rows: the rows of people; events: what happened to them; patients, earlier: other files than the leak."""
    per_person: float = 1.0
    """Events per person. For rows the story says it."""
    delimiters: tuple[str, ...] = (";",)
    encodings: tuple[str, ...] = ("utf-8",)
    newline: str = "\n"
    orphans: float = 0.0
    """Share of events whose person is not in the rows."""
    broken: float = 0.0
    """Lines cut in the middle, added to the rows, a share of them; at least one where not 0."""
    unescaped: float = 0.0
    """Share of the quoted cells whose inner quotes are not doubled."""
    dirt: Dirt | None = None
    """Instead of the story's."""


@dataclass(frozen=True, slots=True)
class Tenants:
    """Whose people they are: practices, laboratories."""

    per_person: float = 0.0
    least: int = 1
    label: str = "{:04d}"
    known: tuple[str, ...] = ()
    """Names instead of numbered labels."""
    homes: tuple[str, ...] = ()
    """The département, or départements, of each known tenant: people go to one near their home."""
    by_household: bool = False
    """Families are together at one tenant."""
    own_ids: bool = False
    """Each tenant numbers its people in a range of its own."""
    told: bool = True
    """Whether they are tenants of the story, or only sheets of a workbook."""

    def count(self, people: int) -> int:
        """How many tenants for so many people."""
        return len(self.known) or max(self.least, round(people * self.per_person))

    def names(self, people: int) -> list[str]:
        """Their names."""
        return list(self.known) or [self.label.format(number + 1) for number in range(self.count(people))]


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody says the leak holds: ``per_person`` times the story's people, in ``unit``."""

    per_person: float
    unit: str
    """persons or rows."""
    by: str
    at: str
    """ISO 8601 with offset."""


@dataclass(frozen=True, slots=True)
class Story:
    """One leak: its people, rows and files. All shares are chosen unless the story's sources say otherwise."""

    name: str
    title: str
    people_default: int
    today: date
    """The day of the dump."""
    tables: tuple[Table, ...]
    rows_per_person: float = 1.0
    surplus: tuple[tuple[str, float], ...] = ()
    """How rows beyond one per person split: second_account, update (other tenant or contacts), renewal (same tenant),
    exact_duplicate, recycled, fabricated."""
    crowd: Crowd = field(default_factory=Crowd)
    dirt: Dirt = field(default_factory=Dirt)
    tenants: Tenants | None = None
    moved: float = 0.12
    """Share of people whose other row has another home."""
    parent_nir: float = 0.6
    """Share of children whose row carries a parent's NIR."""
    earlier_overlap: float = 0.0
    """Genuine people who are in the earlier leak too, a share of them."""
    earlier_rest: float = 0.0
    """People of the earlier leak who are nowhere else, per person."""
    earlier_again: float = 0.0
    """Rows of the earlier leak beyond one per person, per person of the story."""
    earlier_moved: float = 0.0
    """People of both leaks whose contacts are fresher in the earlier one, a share of them."""
    patients_moved: float = 0.09
    """People who have moved since, a share of the controller's own file."""
    patients_missing: float = 0.01
    patients_others: float = 0.05
    """People of the controller's own file who are not in the leak, per person."""
    remarks: float = 0.0
    """Share of people with a sensitive remark; exact."""
    themes: tuple[tuple[str, float], ...] = ()
    """How sensitive remarks split by theme; exact."""
    titles: tuple[tuple[str, float], ...] = ()
    """Titles and the share of rows that have each; exact. Words: Mme, M., Enfant, Bébé, Soeur."""
    since: date = date(2018, 1, 1)
    """No event or change is older."""
    forger: tuple[float, float, float] = (0.7, 0.285, 0.015)
    """Fabricated rows: wrong key, right key but the other sex digit, all right."""
    claims: tuple[Claim, ...] = ()
    log: Log | None = None
    """An access log instead of rows of people."""
    notes: tuple[str, ...] = ()

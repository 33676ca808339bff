"""Before any leak: what would leak from here."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hemostat import __version__
from hemostat.cli.common import PATH, Globals, watched
from hemostat.cli.databases import PLACE, database_option, password_for
from hemostat.cli.spoken import Spoken
from hemostat.errors import EvidenceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from hemostat.case import Case
    from hemostat.detect.entities import Entities
    from hemostat.evidence import TableSource
    from hemostat.model import Progress
    from hemostat.report.scan import Scan, ScannedTable, Unread

_STREAMED = ("csv", "tsv", "delimited", "jsonl")
"""Kinds read row after row in this process: they need no case to be read."""
_FORMATS = ("text", "json", "html")
_LARGE = 128 << 20
"""Octets of a file from which other processes are worth their start."""


@click.command(cls=Spoken)
@click.argument("places", nargs=-1, required=True, type=PLACE, metavar="PATH...")
@click.option(
    "--fail-on",
    multiple=True,
    metavar="CATEGORY",
    help="End with code 1 if this category, or any of this group (such as remarks), is found.",
)
@click.option(
    "--format", "kind", type=click.Choice(_FORMATS), help="Default: by the name of --out, else text."
)
@click.option("--out", type=PATH, help="Where the report is written; default: here.")
@click.option("--sheet", type=PATH, help="Also write the page for the staff who write remarks (HTML).")
@click.option(
    "--model",
    type=PATH,
    help="Folder of a named-entity model (ONNX) asked beside the rules; none by default.",
)
@database_option
@click.pass_context
def scan(
    context: click.Context,
    places: tuple[Path | str, ...],
    fail_on: tuple[str, ...],
    kind: str | None,
    out: Path | None,
    sheet: Path | None,
    model: Path | None,
    database_password_file: Path | None,
) -> None:
    """Say what would leak from files, folders or databases, worst first, and what to do. Nothing is kept."""
    from hemostat.report import scan as report  # noqa: PLC0415 - a heavy import, not needed to print help

    settings: Globals = context.obj
    unknown = [name for name in fail_on if not report.known(name)]
    if unknown:
        raise UsageError(
            f"No category and no group of categories is called {unknown[0]}.",
            f"Aucune catégorie, aucun groupe de catégories ne s'appelle {unknown[0]}.",
        )
    with watched(settings) as progress:
        done = scanned(places, database_password_file, progress, model)
    lang = settings.lang
    _write(out, _rendered(done, kind or _kind_of(out), lang))
    if sheet is not None:
        _write(sheet, report.staff_sheet(done, lang))
    if report.found(done, fail_on):
        context.exit(1)
    if done.unread:
        names = ", ".join(one.name for one in done.unread[:3])
        raise EvidenceError(f"Could not be read: {names}.", f"N'a pas pu être lu : {names}.")


def _kind_of(out: Path | None) -> str:
    ending = out.suffix.lower() if out is not None else ""
    return {".json": "json", ".html": "html", ".htm": "html"}.get(ending, "text")


def _rendered(done: Scan, kind: str, lang: str) -> str:
    from hemostat.report import scan as report  # noqa: PLC0415 - same

    if kind == "json":
        return json.dumps(report.as_json(done, lang), ensure_ascii=False, indent=1)
    return report.as_html(done, lang) if kind == "html" else report.as_text(done, lang)


def _write(out: Path | None, text: str) -> None:
    if out is None:
        click.echo(text)
        return
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError):
        raise UsageError(
            f"{out} cannot be written: choose another name.",
            f"{out} ne peut être écrit : choisissez un autre nom.",
        ) from None


def scanned(
    places: tuple[Path | str, ...], password_file: Path | None, progress: Progress, model: Path | None = None
) -> Scan:
    """The scan of files, folders and databases.

    What is read row after row is streamed; anything else goes through a case of its own, in a temporary folder, whose
    key never leaves it and which is gone at the end.

    Raises:
        EvidenceError: nothing is there, or it may not be opened.
    """
    from hemostat.detect import entities  # noqa: PLC0415 - same
    from hemostat.evidence import check_there  # noqa: PLC0415 - same
    from hemostat.report.scan import Scan  # noqa: PLC0415 - same

    asked = entities.load(model) if model is not None else None
    tables: list[ScannedTable] = []
    unread: list[Unread] = []
    for place in places:
        check_there(place)
    for place in places:
        rest: list[Path | str] = []
        for one in _files(place):
            streamed = _streamed(one, progress, asked) if isinstance(one, Path) else None
            if streamed is None:
                rest.append(one)
            else:
                tables += streamed
        for one in rest:
            through = _through_a_case(one, password_file, progress, asked)
            tables += through[0]
            unread += through[1]
    return Scan(datetime.now(UTC).isoformat(timespec="seconds"), __version__, tuple(tables), tuple(unread))


def _files(place: Path | str) -> Iterator[Path | str]:
    """The files of a folder in the order of their names, or the place itself."""
    if isinstance(place, str) or not place.is_dir():
        yield place
        return
    for folder, folders, names in os.walk(place):
        folders.sort()
        for name in sorted(names):
            path = Path(folder) / name
            if path.is_file() and not path.is_symlink():
                yield path


def _streamed(path: Path, progress: Progress, model: Entities | None) -> list[ScannedTable] | None:
    """The tables of a file that can be streamed; None when it must go through a case."""
    from hemostat.evidence import Limits, Source, Unreadable, registry  # noqa: PLC0415 - same

    try:
        source = Source(str(path), path.stat().st_size, lambda: path.open("rb"))
        if not source.size:
            return None
        reader, _ = registry.recognise(registry.peek(source), source.name)
        if reader is None or reader.kind not in _STREAMED:
            return None
        large = source.size >= _LARGE
        return [_examined(table, progress, model, large=large) for table in reader.tables(source, Limits())]
    except (Unreadable, OSError):
        return None


def _examined(table: TableSource, progress: Progress, model: Entities | None, *, large: bool) -> ScannedTable:
    """One table, counted by every core while it is read."""
    from hemostat.detect import examine_stream  # noqa: PLC0415 - same
    from hemostat.evidence.ledger import staged  # noqa: PLC0415 - same
    from hemostat.report.scan import ScannedTable  # noqa: PLC0415 - same

    aside: list[int] = []

    def batches() -> Iterator[pa.Table]:
        aside.clear()
        rows = 0
        for batch in table.batches(None):
            aside.append(sum(one.units for one in batch.quarantined))
            rows += batch.units
            progress.step("read", rows)
            yield staged(batch)

    found = examine_stream(
        batches,
        table=table.name,
        today=datetime.now(UTC).date(),
        workers=len(os.sched_getaffinity(0)),
        apart=large,
        model=model,
    )
    return ScannedTable(table.name, found.rows, found.columns, found.findings, sum(aside))


def _through_a_case(
    place: Path | str, password_file: Path | None, progress: Progress, model: Entities | None
) -> tuple[list[ScannedTable], list[Unread]]:
    from hemostat import evidence  # noqa: PLC0415 - same
    from hemostat.case import Case, Opening  # noqa: PLC0415 - same

    with tempfile.TemporaryDirectory(prefix="hemostat-scan-") as scratch:
        folder = Path(scratch)
        with Case.create(folder / "case", Opening(folder / "key")) as case:
            evidence.take(
                case,
                place,
                role="leak",
                in_place=isinstance(place, Path),
                password=password_for(place, password_file),
                progress=progress,
            )
            evidence.run(case, progress)
            return _tables_of(case, model), _unread_of(case)


def _tables_of(case: Case, model: Entities | None) -> list[ScannedTable]:
    from hemostat.detect import examine_stream  # noqa: PLC0415 - same
    from hemostat.evidence import batch_name  # noqa: PLC0415 - same
    from hemostat.report.scan import ScannedTable  # noqa: PLC0415 - same

    out = []
    for number, name, aside in case.rows(
        "select evidence_id, name, (select coalesce(sum(units), 0)::bigint from quarantine q "
        "where q.evidence_id = e.evidence_id) from evidence e where state = 'read' order by evidence_id"
    ):
        parts = [
            seq for (seq,) in case.rows("select seq from batch where evidence_id = ? order by seq", (number,))
        ]

        def batches(number: int = number, parts: list[int] = parts) -> Iterator[pa.Table]:
            return (case.staged(batch_name(number, seq)) for seq in parts)

        if parts:
            found = examine_stream(batches, table=name, today=case.now().date(), model=model)
            out.append(ScannedTable(name, found.rows, found.columns, found.findings, aside))
    return out


def _unread_of(case: Case) -> list[Unread]:
    from hemostat.report.scan import Unread  # noqa: PLC0415 - same

    return [
        Unread(name, reason)
        for name, reason in case.rows(
            "select e.name, min(q.reason) from evidence e join quarantine q using (evidence_id) "
            "where e.state = 'quarantined' group by e.evidence_id, e.name order by e.evidence_id"
        )
    ]

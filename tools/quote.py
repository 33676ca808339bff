"""What the documents quote from the program, as Markdown. Used by ``tools/docs.py``."""  # noqa: INP001 - scripts

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hemostat.cli.commands import root
from hemostat.cli.spoken import translated
from hemostat.cli.words import speak
from hemostat.errors import HemostatError
from hemostat.evidence import CONTAINERS, READERS
from hemostat.model import Category
from hemostat.rules import categories

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HERE = Path(__file__).resolve().parent.parent
SOURCE = HERE / "src" / "hemostat"
WIDTH = 100
"""Columns of a quoted help page."""

OTHER_CODES = {
    0: "Done.",
    1: "A finding asked for by `--fail-on`.",
    HemostatError.exit_code: "Our own fault: a sentence and a reference, no data. Please report the reference.",
}
"""Exit codes that no error class stands for."""


def walk(command: click.Command = root, path: tuple[str, ...] = ("hemostat",)) -> Iterator[click.Context]:
    """A context for the program and each of its commands, depth first, in the order of ``--help``."""
    speak("en")  # the documents are in English
    yield from _walk(command, path[-1], None)


def _walk(command: click.Command, name: str, parent: click.Context | None) -> Iterator[click.Context]:
    settings = {**command.context_settings, "terminal_width": WIDTH}
    context = click.Context(command, parent, name, **settings)
    yield context
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            if found and not found.hidden:
                yield from _walk(found, child, context)


def commands() -> str:
    """Each command under its own heading, with its help page."""
    return "\n\n".join(
        f"## {context.command_path}\n\n```text\n{context.get_help().rstrip()}\n```" for context in walk()
    )


def command_table() -> str:
    """Each command that does something, and what it does."""
    return table(
        ("Command", "What it does"),
        (
            (f"`{context.command_path.removeprefix('hemostat ')}`", _first(translated(context.command.help)))
            for context in walk()
            if not isinstance(context.command, click.Group)
        ),
    )


def exit_codes() -> str:
    """Each exit code and what it means."""
    kinds = sorted(
        _kinds(HemostatError), key=lambda kind: -len(kind.__mro__)
    )  # the more general speaks for the code
    found = OTHER_CODES | {kind.exit_code: _first(kind.__doc__) for kind in kinds}
    return table(("Code", "Meaning"), ((f"`{code}`", found[code]) for code in sorted(found)))


def _kinds(kind: type[HemostatError]) -> Iterator[type[HemostatError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _kinds(child)


def formats() -> str:
    """What can be read: each module of readers and containers, by what it says of itself."""
    modules = dict.fromkeys(type(one).__module__ for one in (*READERS, *CONTAINERS))
    return "\n".join(f"- {_first(sys.modules[name].__doc__)}" for name in modules)


def category_table() -> str:
    """Each category of data: its id, its names, its law."""
    return table(
        ("Bit", "Id", "Français", "English", "Group", "Art. 9", "Intimate", "Checked"),
        (
            (
                bit,
                f"`{rule.id}`",
                rule.fr,
                rule.en,
                rule.group,
                *_ticks(rule.article9, rule.intimate, rule.verified),
            )
            for bit, rule in enumerate(categories())
        ),
    )


def category_count() -> str:
    """How many categories there are."""
    return str(len(Category))


def _ticks(*flags: bool) -> Iterator[str]:
    return ("yes" if flag else "" for flag in flags)


def tree() -> str:
    """The source tree, one line per file: the first line of what the file says of itself."""
    lines = ["```text", "src/hemostat/"]
    lines += _branch(SOURCE, "")
    return "\n".join([*lines, "```"])


def _branch(folder: Path, indent: str) -> Iterator[str]:
    files = sorted(p for p in folder.iterdir() if p.is_file() and _of_file(p))
    for path in files:
        if path.name != "__init__.py":
            yield f"{indent}  {path.name:<{26 - len(indent)}}{_of_file(path)}"
    for path in sorted(p for p in folder.iterdir() if p.is_dir()):
        inside = list(_branch(path, indent + "  "))
        start = path / "__init__.py"
        if inside or start.is_file():
            said = _of_file(start) if start.is_file() else ""
            yield f"{indent}  {path.name + '/':<{26 - len(indent)}}{said}".rstrip()
            yield from inside


def _of_file(path: Path) -> str:
    """The first sentence or line that a file says of itself; empty when it says nothing."""
    if path.suffix == ".py":
        return _first(ast.get_docstring(ast.parse(path.read_text("utf-8")))).replace("`", "")
    mark = {".toml": "#", ".sql": "--"}.get(path.suffix)
    if mark is None:
        return ""
    text = path.read_text("utf-8")
    head = [line.removeprefix(mark).strip() for line in _while_comment(text, mark)]
    return re.split(r"(?<=\.) ", " ".join(head), maxsplit=1)[0]


def _while_comment(text: str, mark: str) -> Iterator[str]:
    """The lines of the first paragraph of comments."""
    for line in text.splitlines():
        if not line.startswith(mark) or not line.removeprefix(mark).strip():
            return
        yield line


def case_tables() -> str:
    """Each table of the case: what its comment in ``schema.sql`` says, and its columns."""
    return table(
        ("Table", "Columns", "What it keeps"),
        (
            (f"`{name}`", ", ".join(f"`{column}`" for column in columns), said)
            for name, columns, said in schema()
        ),
    )


def schema() -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Name, columns and comment of each table in ``schema.sql``. A comment counts for the table right below it."""
    text = (SOURCE / "case" / "schema.sql").read_text("utf-8")
    statement = re.compile(r"((?:^--[^\n]*\n)*)^create table (\w+)\s*\((.*?)\);", re.MULTILINE | re.DOTALL)
    for comment, name, body in statement.findall(text):
        said = " ".join(line.removeprefix("--").strip() for line in comment.splitlines())
        columns = tuple(part.split()[0].strip('"') for part in body.split(","))
        yield name, columns, said


def table(headings: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """A Markdown table."""
    lines = [headings, tuple("---" for _ in headings), *rows]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def _first(text: str | None) -> str:
    """The first line of a docstring, code marks as Markdown writes them."""
    return (text or "").strip().split("\n", 1)[0].replace("``", "`").strip()

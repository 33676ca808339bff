"""Text in, spans out: detect."""

from __future__ import annotations

import contextlib
import json
import sys
from typing import TYPE_CHECKING, Any

import click

from hemostat.cli.common import PATH
from hemostat.cli.spoken import Spoken
from hemostat.cli.words import say
from hemostat.errors import EvidenceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO, TextIO

_JSON_ENDINGS = (".jsonl", ".ndjson")


@click.command(cls=Spoken)
@click.argument("file", type=PATH, required=False)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["text", "jsonl"]),
    help="What the file is; default: by its name, else text.",
)
@click.option("--text-field", help="Field of the JSON lines that holds the text; default: text.")
@click.option("--out", type=PATH, help="Where the spans are written; default: here.")
def detect(file: Path | None, kind: str | None, text_field: str | None, out: Path | None) -> None:
    """Say which data stand where in FILE, or in what comes from standard input: one JSON object a line."""
    from hemostat.detect.text import streams  # noqa: PLC0415 - a heavy import, not needed to print help

    as_json = kind == "jsonl" or (kind is None and file is not None and file.suffix.lower() in _JSON_ENDINGS)
    if text_field is not None and not as_json:
        raise click.UsageError(say("field_of_text"))
    if file is not None and out is not None and out.exists() and file.exists() and out.samefile(file):
        raise click.UsageError(say("out_is_in"))
    count = streams.Count()
    with _source(file) as stream:
        blocks = streams.characters(stream)
        pieces = streams.json_lines(blocks, text_field, count) if as_json else streams.paragraphs(blocks)
        with _target(out) as target:
            _write(target, streams.spans(pieces))
    _tell_unread(count)


@contextlib.contextmanager
def _source(file: Path | None) -> Iterator[BinaryIO]:
    if file is None:
        yield sys.stdin.buffer
        return
    try:
        stream = file.open("rb")
    except OSError:
        raise EvidenceError(
            f"The file {file} cannot be opened: check the path and the rights.",
            f"Le fichier {file} ne s'ouvre pas : vérifiez le chemin et les droits.",
        ) from None
    with stream:
        yield stream


@contextlib.contextmanager
def _target(out: Path | None) -> Iterator[TextIO]:
    if out is None:
        yield sys.stdout
        return
    try:
        target = out.open("w", encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError):
        raise UsageError(
            f"{out} cannot be written: choose another --out.",
            f"{out} ne peut être écrit : choisissez un autre --out.",
        ) from None
    with target:
        yield target


def _write(target: TextIO, spans: Iterator[dict[str, Any]]) -> None:
    ascii_only = (target.encoding or "").lower().replace("-", "") != "utf8"
    encoder = json.JSONEncoder(ensure_ascii=ascii_only)
    target.writelines(encoder.encode(span) + "\n" for span in spans)


def _tell_unread(count: Any) -> None:
    if not count.unread:
        return
    where = ", ".join(map(str, count.first_unread)) + ("…" if count.unread > len(count.first_unread) else "")
    values = {"unread": count.unread, "lines": count.lines, "where": where}
    if count.unread == count.lines - count.blank:
        sentence = say("no_line_read", **values)
        raise EvidenceError(sentence, sentence)
    click.echo(say("lines_unread", **values), err=True)

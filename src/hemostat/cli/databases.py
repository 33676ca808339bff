"""Addresses of databases on the command line, and the passwords that open them: used, never shown, kept nowhere."""

from __future__ import annotations

import ctypes
import os
import re
import sys
from pathlib import Path
from typing import Any

import click

from hemostat.cli.words import say
from hemostat.errors import UsageError

_ADDRESS = re.compile(r"(?i)(?:postgres(?:ql)?|mysql|mariadb)://")
_LOGIN = re.compile(r"(?i)[a-z]+://[^/?#]*?:([^/]*)@")
_START, _END = 47, 48
"""Where /proc/self/stat says where the arguments lie in memory, counted from 0."""
_LONGEST = 4096

database_option = click.option(
    "--database-password-file",
    type=click.Path(path_type=Path),
    help="Password of the databases, on the first line of a file; kept nowhere.",
)


class Place(click.ParamType[Any]):
    """A file, a folder, or the address of a database, whose password no list of processes shows from here on."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path | str:  # noqa: ARG002 - click's
        """The address as it is; a path as such."""
        if isinstance(value, Path) or not _ADDRESS.match(value):
            return Path(value)
        found = _LOGIN.match(value)
        if found and found[1]:
            hide(value, found[1])
        return str(value)


PLACE = Place()


def hide(argument: str, secret: str) -> None:
    """Writes over a secret in the arguments that the system shows of this process, where it can be done."""
    sys.argv = [part.replace(argument, argument.replace(secret, "x" * len(secret))) for part in sys.argv]
    whole, part = os.fsencode(argument), os.fsencode(secret)
    try:
        fields = Path("/proc/self/stat").read_text("ascii").rpartition(")")[2].split()
        start, end = (int(fields[number - 2]) for number in (_START, _END))
        shown = Path("/proc/self/cmdline").read_bytes()
    except (OSError, ValueError, IndexError):
        return
    place = shown.find(whole)
    if start and len(shown) == end - start:  # else the memory is not where it is said to be
        while place >= 0:
            inside = place + whole.find(part)
            ctypes.memset(start + inside, ord("x"), len(part))
            place = shown.find(whole, place + len(whole))


def stem(place: Path | str) -> str:
    """What a case about this evidence is called unless it is given a name."""
    if isinstance(place, str):
        return re.sub(
            r"[^\w-]", "", place.partition("?")[0].rstrip("/").rpartition("/")[2].rpartition("@")[2]
        )
    return place.name.split(".")[0]


def password_for(place: Path | str, file: Path | None) -> str | None:
    """The password of a database whose address holds none: from a file, the environment, or the keyboard.

    None where the driver is to look for itself: ``~/.pgpass``, PGPASSWORD, a socket that asks for none.

    Raises:
        UsageError: the file cannot be read.
    """
    found = _LOGIN.match(place) if isinstance(place, str) else None
    if isinstance(place, Path) or (found and found[1]):
        return None
    if file is not None:
        return _first_line(file)
    mine = place.lower().startswith(("mysql", "mariadb"))
    if mine and "MYSQL_PWD" in os.environ:
        return os.environ["MYSQL_PWD"]
    known = not mine and ("PGPASSWORD" in os.environ or Path("~/.pgpass").expanduser().exists())
    if known or not sys.stdin.isatty():
        return None
    return (
        str(click.prompt(say("database_password"), hide_input=True, default="", show_default=False, err=True))
        or None
    )


def _first_line(file: Path) -> str:
    try:
        with file.open("rb") as raw:
            return raw.readline(_LONGEST).decode("utf-8-sig").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise UsageError(
            "The file of the database's password cannot be read: check the path; it must be text in UTF-8.",
            "Le fichier du mot de passe de la base est illisible : vérifiez le chemin ; il faut du texte en UTF-8.",
        ) from None

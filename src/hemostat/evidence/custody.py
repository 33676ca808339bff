"""Custody: what was taken, its fingerprint and size, when, by whom, from where, why and on which legal basis."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from hemostat.case.journal import actor as account
from hemostat.errors import EvidenceError, StorageError
from hemostat.evidence.databases.address import is_address, parse_address
from hemostat.evidence.naming import shown
from hemostat.evidence.reasons import Reason
from hemostat.model import Silent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hemostat.case import Case
    from hemostat.model import Progress

_CHUNK = 4 << 20
TAKEN = "taken"
"""State of an item that waits to be read."""
READ = "read"
ASIDE = "aside:"
"""State of an item that was listed but not taken; the reason follows."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One file in custody."""

    custody_id: int
    name: str
    sha256: str
    """Empty when the file was only listed."""
    bytes: int
    new: bool = True
    """False when the same content was taken before in the same role: it counts once."""
    reason: str | None = None
    """Why it was only listed: a link, a device, a file that the system refuses to open."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is written down of a taking."""

    role: str
    actor: str
    source: str | None = None
    reason: str | None = None
    legal_basis: str | None = None


def take(
    case: Case,
    path: str | Path,
    *,
    role: str,
    actor: str | None = None,
    source: str | None = None,
    reason: str | None = None,
    legal_basis: str | None = None,
    in_place: bool = False,
    password: str | None = None,
    progress: Progress | None = None,
) -> tuple[Taken, ...]:
    """Takes a file, a folder whole and in the order of names, or a database by its address, into custody.

    A sealed copy is kept in the case, unless ``in_place``: the original is then read where it lies, and checked
    against its fingerprint first. Links, devices and files that cannot be opened are listed with the reason.
    ``actor`` is the account's name unless given; ``password`` is that of a database, kept nowhere.

    Raises:
        EvidenceError: nothing is there, or it is neither file nor folder, or may not be read.
        StorageError: the disk is full.
    """
    told = Circumstances(role, actor or account(), source, reason, legal_basis)
    if is_address(str(path)):
        from hemostat.evidence.databases.custody import take_database  # noqa: PLC0415 - it needs this module

        return take_database(case, str(path), told, password, progress)
    check_there(path)
    found = Path(path)
    files = list(_files(found, case.path.resolve()))
    watch = progress or Silent()
    total = sum(size for _, size, _ in files)
    done = 0
    taken = []
    for file, size, aside in files:
        watch.step("custody", done, total)
        taken.append(_aside(case, file, aside, told) if aside else _take(case, file, told, in_place=in_place))
        done += size
        watch.step("custody", done, total)
    return tuple(taken)


def check_there(path: str | Path) -> None:
    """Passes when there is a file or a folder that may be read, or when it is the address of a database.

    Raises:
        EvidenceError: there is none.
    """
    if is_address(str(path)):
        parse_address(str(path))
        return
    if re.match(r"[a-z][a-z0-9+]+:/", str(path), re.IGNORECASE) and not Path(path).exists():
        raise EvidenceError(
            "Of databases, PostgreSQL, MySQL and MariaDB are read by address: postgresql://user@host/database or"
            " mysql://user@host/database. Of others, export the tables to files and add these.",
            "Par adresse se lisent PostgreSQL, MySQL et MariaDB : postgresql://utilisateur@serveur/base ou"
            " mysql://utilisateur@serveur/base. Des autres bases, exportez les tables en fichiers et ajoutez-les.",
        )
    name = shown(str(path))
    try:
        mode = Path(path).stat().st_mode  # a link named by the user is followed, one met in a folder is not
    except (FileNotFoundError, NotADirectoryError):
        raise EvidenceError(
            f"{name} does not exist: check the path.", f"{name} n'existe pas : vérifiez le chemin."
        ) from None
    except (OSError, ValueError):
        raise EvidenceError(
            f"{name} cannot be reached: check the path and its permissions.",
            f"{name} est inaccessible : vérifiez le chemin et les droits.",
        ) from None
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise EvidenceError(
            f"{name} is neither a file nor a folder: copy its content to a file first.",
            f"{name} n'est ni un fichier ni un dossier : copiez d'abord son contenu dans un fichier.",
        )
    if not os.access(path, os.R_OK):
        raise EvidenceError(
            f"{name} may not be read: check its permissions.",
            f"{name} ne peut pas être lu : vérifiez les droits.",
        )


def _files(path: Path, case: Path) -> Iterator[tuple[Path, int, Reason | None]]:
    """Every file under a path: itself, its size, and why it is only listed."""
    if path.is_dir():
        yield from _walk(path, case)
    else:
        yield path, path.stat().st_size, None


def _walk(folder: Path, case: Path) -> Iterator[tuple[Path, int, Reason | None]]:
    if folder.resolve() == case:
        return
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: os.fsencode(entry.name))
    except OSError:
        yield folder, 0, Reason.NO_PERMISSION
        return
    for entry in entries:
        path = folder / entry.name
        if entry.is_symlink():
            yield path, 0, Reason.LINK
        elif entry.is_dir(follow_symlinks=False):
            yield from _walk(path, case)
        elif entry.is_file(follow_symlinks=False):
            yield path, entry.stat(follow_symlinks=False).st_size, None
        else:
            yield path, 0, Reason.NOT_A_FILE


def _aside(case: Case, path: Path, reason: Reason, told: Circumstances) -> Taken:
    return listed(case, shown(str(path)), reason, told)


def listed(case: Case, name: str, reason: str, told: Circumstances) -> Taken:
    """Writes down what is there and cannot be taken, with the reason, once."""
    known = case.rows(
        "select custody_id from custody where name = ? and role = ? and sha256 is null", (name, told.role)
    )
    if known:
        return Taken(known[0][0], name, "", 0, new=False, reason=reason)
    with case.transaction():
        number = next_id(case)
        _write(case, Taken(number, name, "", 0, reason=reason), told, sealed=False, path=None)
        case.journal("custody.list", name=name, reason=str(reason), role=told.role)
    return Taken(number, name, "", 0, reason=reason)


def _take(case: Case, path: Path, told: Circumstances, *, in_place: bool) -> Taken:
    name = shown(str(path))
    number = next_id(case)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return _aside(case, path, Reason.NO_PERMISSION, told)
    with os.fdopen(handle, "rb", buffering=0) as raw:
        digest, size = _copy(case, cast("BinaryIO", raw), None if in_place else sealed_name(number))
    known = case.rows(
        "select custody_id, name from custody where sha256 = ? and role = ? and bytes > 0",
        (digest, told.role),
    )
    if known:
        (case.path / "sealed" / sealed_name(number)).unlink(missing_ok=True)
        case.journal("custody.again", name=name, sha256=digest, first=known[0][1], role=told.role)
        return Taken(known[0][0], name, digest, size, new=False)
    return enter(case, Taken(number, name, digest, size), told, path.resolve() if in_place else None)


def enter(case: Case, taken: Taken, told: Circumstances, path: Path | None = None) -> Taken:
    """Writes down what was taken: sealed in the case, or left at ``path``."""
    with case.transaction():
        _write(case, taken, told, sealed=path is None, path=str(path) if path else None)
        case.journal(
            "custody.take",
            name=taken.name,
            sha256=taken.sha256,
            bytes=taken.bytes,
            role=told.role,
            actor=told.actor,
            sealed=path is None,
        )
    return taken


def sealed_name(custody_id: int) -> str:
    """The name of the sealed copy of an item in custody."""
    return f"c{custody_id:06d}"


def _copy(case: Case, raw: BinaryIO, name: str | None) -> tuple[str, int]:
    """SHA-256 and size of a stream, which is sealed under ``name`` in the same pass."""
    digest = hashlib.sha256()
    size = 0
    out = case.seal(name) if name else None
    try:
        while chunk := raw.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            if out:
                out.write(chunk)
        if out:
            out.close()
    except BaseException as fault:
        if out:
            out.discard()
        if isinstance(fault, OSError):
            raise storage(fault) from None
        raise
    return digest.hexdigest(), size


def storage(fault: OSError) -> StorageError | EvidenceError:
    """The error for a failed read or write, without the words of the system, which might quote a path."""
    if fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS):
        return StorageError(
            "The disk is full or cannot be written: make room, then run the same command again.",
            "Le disque est plein ou ne peut être écrit : faites de la place, puis relancez la même commande.",
        )
    return EvidenceError(
        "A piece of evidence could not be read to its end: check the disk it lies on.",
        "Une pièce n'a pas pu être lue jusqu'au bout : vérifiez le disque où elle se trouve.",
    )


def next_id(case: Case) -> int:
    """The number of the next item."""
    return int(case.rows("select coalesce(max(custody_id), 0) + 1 from custody")[0][0])


def _write(case: Case, taken: Taken, told: Circumstances, *, sealed: bool, path: str | None) -> None:
    state = TAKEN if taken.reason is None else ASIDE + taken.reason
    case.execute(
        "insert into custody (custody_id, name, role, sha256, bytes, added_at, actor, source, reason, legal_basis,"
        " sealed, path, state) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            taken.custody_id, taken.name, told.role, taken.sha256 or None, taken.bytes,
            case.now().astimezone(UTC).isoformat(timespec="milliseconds"),
            told.actor, told.source, told.reason, told.legal_basis, sealed, path, state,
        ),
    )  # fmt: skip

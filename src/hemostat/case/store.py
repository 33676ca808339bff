"""A case: a folder whose content is encrypted, and the tables in which the stages meet."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING, Any, BinaryIO, Self

import polars as pl
import pyarrow as pa

from hemostat import __version__
from hemostat.case import journal, keys
from hemostat.case.bulk import BULK, Bulk
from hemostat.case.database import connect, plainly
from hemostat.case.files import Files, storage_fault
from hemostat.case.lock import WriterLock
from hemostat.case.migrate import FORMAT, migrate
from hemostat.errors import CaseError, UsageError
from hemostat.rules import categories, hash_of_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from hemostat.case.sealed import SealedWriter

_HEAD = "case.json"
_CHECK = b"hemostat key check"


@dataclass(frozen=True, slots=True)
class Opening:
    """How a case is opened: where its key lies, and who else shall be able to recover it."""

    key_file: Path | None = None
    recovery_recipient: str | None = None
    recovery_passphrase: bool = False


def _now() -> datetime:
    return datetime.now(UTC)


class Case:
    """An open case. Use ``create`` or ``open``, as a context manager.

    Tables are those of ``schema.sql``. A fact is appended, never changed, save the state of a running step.
    """

    def __init__(self, path: Path, head: dict[str, Any], master: bytes, lock: WriterLock) -> None:
        self.path = path
        self.case_id: str = head["case_id"]
        self.created_at: str = head["created_at"]
        self.passphrase: str | None = None
        """The recovery passphrase, once, right after ``create``: to be printed and locked away."""
        self.now: Callable[[], datetime] = _now
        self.key_file: Path = path
        self._root_key = master
        self._master = keys.derive(master, b"case", self.case_id.encode())
        self._lock = lock
        self.tmp.mkdir(exist_ok=True)
        self._db = connect(path / "case.duckdb", self._database_key(), self.tmp)
        self._files = Files(path, self.secret)
        self._bulk = Bulk(self._db, self._files)
        self._run: int | None = None
        self._depth = 0

    # -- opening and leaving

    @classmethod
    def exists(cls, path: Path) -> bool:
        """Whether a case lies in this folder."""
        return (path / _HEAD).is_file()

    @staticmethod
    def id_of(path: Path) -> str:
        """The id of the case in this folder, which is not secret; empty when its head cannot be read."""
        try:
            return str(json.loads((path / _HEAD).read_text("utf-8"))["case_id"])
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    @classmethod
    def create(cls, path: Path, opening: Opening) -> Self:
        """A new case in an empty or absent folder.

        Raises:
            UsageError: the folder holds something else.
            CaseError: the key cannot be written.
        """
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            strangers = [
                p.name
                for p in path.iterdir()
                if p.name not in ("lock", "tmp", "case.duckdb", "case.duckdb.wal")
            ]
        except OSError as fault:
            raise storage_fault(fault, path) from None
        if strangers:
            raise UsageError(
                f"The folder {path} is not empty and holds no case: choose another folder.",
                f"Le dossier {path} n'est pas vide et ne contient pas d'affaire : choisissez-en un autre.",
            )
        lock = WriterLock(path / "lock")
        for leftover in ("case.duckdb", "case.duckdb.wal"):
            (path / leftover).unlink(
                missing_ok=True
            )  # a creation that was killed before its head was written
        case_id = secrets.token_hex(8)
        key_file = opening.key_file or keys.default_key_file(case_id)
        fresh = not key_file.exists() or key_file.stat().st_size == 0
        master = keys.write_key(key_file, case_id) if fresh else keys.read_key(key_file)
        head = {
            "format": FORMAT,
            "case_id": case_id,
            "created_at": _now().isoformat(timespec="seconds"),
            "program": __version__,
            "check": _check(master, case_id),
        }
        case = cls(path, head, master, lock)
        case.key_file = key_file
        case._lay()
        case.add_recovery(opening)
        case.journal("case.open", case_id=case_id, program=__version__, rules=hash_of_rules())
        _write_head(path, head)
        return case

    @classmethod
    def open(cls, path: Path, opening: Opening) -> Self:
        """An existing case.

        Raises:
            CaseError: missing, held by another process, wrong key, closed, or of a newer format.
        """
        if not cls.exists(path):
            if (path / "closed.json").is_file():
                raise CaseError(
                    f"The case in {path} was closed: its key is destroyed and its content cannot be read.",
                    f"L'affaire de {path} est close : sa clé est détruite et son contenu illisible.",
                )
            raise CaseError(
                f"There is no case in {path}: check the folder, or open one with: hemostat open {path}",
                f"Il n'y a pas d'affaire dans {path} : vérifiez le dossier, ou ouvrez-en une : hemostat open {path}",
            )
        try:
            head = json.loads((path / _HEAD).read_text("utf-8"))
            version, case_id, check = int(head["format"]), str(head["case_id"]), str(head["check"])
        except (OSError, ValueError, KeyError, TypeError):
            raise CaseError(
                f"The head of the case in {path} is damaged: restore the folder from a copy.",
                f"L'en-tête de l'affaire de {path} est abîmé : reprenez le dossier d'une copie.",
            ) from None
        if version > FORMAT:
            raise CaseError(
                f"The case was made by a newer version ({head.get('program')}): install that version.",
                f"L'affaire vient d'une version plus récente ({head.get('program')}) : installez cette version.",
            )
        key_file = opening.key_file or keys.default_key_file(case_id)
        master = keys.read_key(key_file)
        if not secrets.compare_digest(_check(master, case_id), check):
            raise CaseError(
                f"The key in {key_file} is not the key of this case: give the right one with --key-file.",
                f"La clé de {key_file} n'est pas celle de cette affaire : donnez la bonne avec --key-file.",
            )
        lock = WriterLock(path / "lock")
        if version < FORMAT:
            head = migrate(path, head, base64.b64encode(_database_key(master, case_id)).decode())
            _write_head(path, head)
        case = cls(path, head, master, lock)
        case.key_file = key_file
        case._bulk.sweep()
        return case

    def _lay(self) -> None:
        schema = (resources.files("hemostat.case") / "schema.sql").read_text("utf-8")
        with self.transaction():
            self.execute(schema)
            self.append(
                "category",
                pa.table({"bit": range(len(categories())), "id": [str(c.id) for c in categories()]}),
            )

    def add_recovery(self, opening: Opening) -> None:
        """Adds to the folder the recovery copies of the key that ``opening`` asks for."""
        if opening.recovery_recipient:
            copy = keys.recovery_for(self._root_key, opening.recovery_recipient)
            (self.path / "recovery.age").write_bytes(copy)
            self.journal("key.recovery", kind="age recipient", recipient=opening.recovery_recipient)
        if opening.recovery_passphrase:
            self.passphrase, copy = keys.recovery_passphrase(self._root_key)
            (self.path / "recovery-passphrase.age").write_bytes(copy)
            self.journal("key.recovery", kind="printed passphrase")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def leave(self) -> None:
        """Closes the files and lets the next writer in. The case itself goes on."""
        self._db.close()
        shutil.rmtree(self.tmp, ignore_errors=True)
        self._lock.release()

    # -- secrets

    def _database_key(self) -> str:
        return base64.b64encode(keys.derive(self._master, b"database")).decode()

    def secret(self, purpose: str) -> bytes:
        """32 octets for one purpose, the same at each call and unknown outside this case."""
        return keys.derive(self._master, b"secret", purpose.encode())

    # -- tables

    def execute(self, sql: str, params: Sequence[object] = ()) -> None:
        """Runs SQL for its effect.

        Raises:
            StorageError: the disk is full.
            CaseError: the database refused; its own words are not passed on, they might quote a value.
        """
        with plainly():
            self._db.execute(sql, params)

    def query(self, sql: str, params: Sequence[object] = ()) -> pa.Table:
        """The answer to a query, as columns."""
        with plainly(), self._bulk.lent(sql):
            return self._db.execute(sql, params).to_arrow_table()

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The answer to a query, as rows. For few of them."""
        with plainly(), self._bulk.lent(sql):
            return self._db.execute(sql, params).fetchall()

    def append(self, table: str, data: pa.Table | pl.DataFrame) -> None:
        """Appends rows to a table, columns by name; ``run_id`` is the current run where the table has it."""
        held = data.to_arrow(compat_level=pl.CompatLevel.newest()) if isinstance(data, pl.DataFrame) else data
        if table in BULK:
            with plainly():
                self._bulk.append(table, held)
            return
        with plainly():
            self._db.register("incoming", held)
            try:
                columns = {row[1] for row in self._db.execute(f"pragma table_info('{table}')").fetchall()}
                add = f", {self.run_id} as run_id" if "run_id" in columns - set(held.column_names) else ""
                self._db.execute(f"insert into {table} by name select *{add} from incoming")  # noqa: S608 - own names
            finally:
                self._db.unregister("incoming")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: what happens inside is durable when the block ends, and undone when it fails.

        May be nested: the outermost block decides.
        """
        if self._depth:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
            return
        self.execute("begin")
        self._depth = 1
        try:
            yield
        except BaseException:
            self._db.rollback()
            raise
        else:
            self.execute("commit")
        finally:
            self._depth = 0

    # -- bulk tables

    def bulk(self, table: str, evidence: Sequence[int], columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of a bulk table that come from these pieces of evidence, in reading order.

        ``columns`` names those wanted, in the order of the table; the others are not read.
        """
        with plainly():
            return self._bulk.rows(table, evidence, columns)

    def forget(self, table: str, evidence: Sequence[int]) -> None:
        """Removes from a bulk table the rows that come from these pieces of evidence."""
        with plainly():
            self._bulk.forget(table, evidence)

    # -- files

    @property
    def tmp(self) -> Path:
        """The folder for temporary files, which hold nothing in clear; emptied when the case is left."""
        return self.path / "tmp"

    def seal(self, name: str) -> SealedWriter:
        """A writer for the sealed copy of a piece of evidence; durable once closed."""
        return self._files.writer("sealed", name)

    def open_sealed(self, name: str) -> BinaryIO:
        """The octets of a sealed copy, seekable, decrypted as they are read."""
        return self._files.open_sealed(name)

    def stage(self, name: str, table: pa.Table) -> None:
        """Keeps a table of cells aside, compressed and encrypted; durable when it returns."""
        self._files.stage(name, table)

    def staged(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """A table kept by ``stage``; of ``columns`` alone when they are named, in the order of the table."""
        return self._files.staged(name, columns)

    def staged_columns(self, name: str) -> list[str]:
        """The column names of a table kept by ``stage``, in order; its rows are not read."""
        return self._files.staged_columns(name)

    # -- steps, runs, settings, journal

    def step_done(self, name: str, fingerprint: str) -> bool:
        """Whether this step was done already on the very same input."""
        return bool(self.rows("select 1 from step where name = ? and fingerprint = ?", (name, fingerprint)))

    def mark_step(self, name: str, fingerprint: str) -> None:
        """Records that a step is done; ``fingerprint`` covers all that it read."""
        self.execute(
            "insert or replace into step values (?, ?, ?, ?)",
            (name, fingerprint, self.run_id, self._instant()),
        )

    @property
    def run_id(self) -> int:
        """The current run: program version, hash of the rules and decisions in force. Recorded at first use."""
        if self._run is None:
            last = self.rows("select coalesce(max(run_id), 0) from run")[0][0]
            decisions = self.rows("select kind, subject, value from decision order by decision_id")
            digest = hashlib.sha256(json.dumps(decisions).encode()).hexdigest()
            self._run = last + 1
            self.execute(
                "insert into run values (?, ?, ?, ?, ?)",
                (self._run, self._instant(), __version__, hash_of_rules(), digest),
            )
        return self._run

    def setting(self, key: str) -> str | None:
        """A fact about the case, such as ``controller``; None when it was never said."""
        found = self.rows("select value from setting where key = ?", (key,))
        return found[0][0] if found else None

    def set_setting(self, key: str, value: str) -> None:
        """Records a fact about the case, in its table and in the journal."""
        with self.transaction():
            self.execute("insert or replace into setting values (?, ?)", (key, value))
            self.journal("setting", key=key, value=value)

    def journal(self, action: str, **detail: object) -> None:
        """Adds an entry to the journal, chained by hash to the one before. Never a person's data."""
        last = self.rows("select seq, hash from journal order by seq desc limit 1")
        entry = journal.entry(last[0] if last else None, self._instant(), action, detail)
        self.execute("insert into journal values (?, ?, ?, ?, ?, ?, ?)", entry)

    def journal_head(self) -> str:
        """The hash of the last entry, once the whole chain has been checked.

        Raises:
            CaseError: an entry was changed, removed or reordered.
        """
        return journal.head(self.rows("select * from journal order by seq"))

    def _instant(self) -> str:
        return self.now().astimezone(UTC).isoformat(timespec="milliseconds")


def _check(master: bytes, case_id: str) -> str:
    return keys.derive(master, _CHECK, case_id.encode()).hex()


def _database_key(master: bytes, case_id: str) -> bytes:
    return keys.derive(keys.derive(master, b"case", case_id.encode()), b"database")


def _write_head(path: Path, head: dict[str, Any]) -> None:
    part = path / (_HEAD + ".part")
    part.write_text(json.dumps(head, indent=1) + "\n", "utf-8")
    part.replace(path / _HEAD)

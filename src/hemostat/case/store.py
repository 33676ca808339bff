"""A case: a folder whose content is encrypted, and the tables in which the stages meet."""

from __future__ import annotations

import base64
import errno
import getpass
import hashlib
import io
import json
import re
import secrets
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING, Any, BinaryIO, Self, cast

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from hemostat import __version__
from hemostat.case import keys
from hemostat.case.database import connect, disk_full, plainly
from hemostat.case.lock import WriterLock
from hemostat.case.migrate import FORMAT, migrate
from hemostat.case.sealed import SealedReader, SealedWriter
from hemostat.errors import CaseError, StorageError, UsageError, os_reason
from hemostat.model import RECORD_BITS
from hemostat.rules import categories, hash_of_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_HEAD = "case.json"
_CHECK = b"hemostat key check"
BULK = ("identity",)
"""Tables kept as encrypted Arrow files; ``schema.sql`` declares their columns."""


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
            raise _storage(fault, path) from None
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
        case._sweep()
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
        with plainly(), self._lent(sql):
            return self._db.execute(sql, params).to_arrow_table()

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The answer to a query, as rows. For few of them."""
        with plainly(), self._lent(sql):
            return self._db.execute(sql, params).fetchall()

    def append(self, table: str, data: pa.Table | pl.DataFrame) -> None:
        """Appends rows to a table, columns by name; ``run_id`` is the current run where the table has it."""
        held = data.to_arrow(compat_level=pl.CompatLevel.newest()) if isinstance(data, pl.DataFrame) else data
        if table in BULK:
            self._append_part(table, held)
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

    # -- bulk tables: wide and full of text, they cost four times less as encrypted Arrow files than as rows

    def bulk(self, table: str, evidence: Sequence[int], columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of a bulk table that come from these pieces of evidence, in reading order.

        ``columns`` names those wanted, in the order of the table; the others are not read.
        """
        parts = self.rows(
            'select name from part where "table" = ? and list_contains(?, evidence_id) order by evidence_id, seq',
            (table, list(evidence)),
        )
        shape = self._shape(table)
        if columns is not None:
            shape = pa.schema([field for field in shape if field.name in columns])
        return pa.concat_tables([shape.empty_table(), *(self.staged(name, columns) for (name,) in parts)])

    def forget(self, table: str, evidence: Sequence[int]) -> None:
        """Removes from a bulk table the rows that come from these pieces of evidence."""
        self.execute(
            'delete from part where "table" = ? and list_contains(?, evidence_id)', (table, list(evidence))
        )

    def _append_part(self, table: str, held: pa.Table) -> None:
        """A file for the rows of each piece of evidence; its name is never used again: undoing loses nothing."""
        shape = self._shape(table)
        columns = [
            held[field.name].cast(field.type)
            if field.name in held.column_names
            else pa.nulls(held.num_rows, field.type)
            for field in shape
        ]
        for evidence, rows in _by_evidence(pa.table(columns, schema=shape)):
            name = f"{table}-e{evidence:06d}-{secrets.token_hex(6)}"
            self.stage(name, rows)
            self.execute(
                'insert into part select ?, ?, coalesce(max(seq), 0) + 1, ?, ? from part where "table" = ?',
                (table, evidence, name, rows.num_rows, table),
            )

    def _shape(self, table: str) -> pa.Schema:
        """The columns of a bulk table; texts as views, which polars and Arrow share without a copy."""
        declared = self._db.execute(f"select * from held.{table} limit 0").to_arrow_table().schema  # noqa: S608
        return pa.schema(
            [
                field.with_type(pa.string_view()) if pa.types.is_string(field.type) else field
                for field in declared
            ]
        )

    def _sweep(self) -> None:
        """Removes the parts that an undone or replaced step left behind."""
        named = {name for (name,) in self.rows("select name from part")}
        for path in (self.path / "staged").glob("*-e*-*"):
            if path.name not in named:
                path.unlink()

    @contextmanager
    def _lent(self, sql: str) -> Iterator[None]:
        """Lets a query see the bulk tables that it names."""
        lent = [table for table in BULK if re.search(rf"\b{table}\b", sql)]
        for table in lent:
            everything = [
                number for (number,) in self._db.execute("select distinct evidence_id from part").fetchall()
            ]
            rows = self.bulk(table, everything)
            # as plain texts: filters that DuckDB hands down to Arrow do not know views
            self._db.register(table, rows.cast(_without_views(rows.schema)))
        try:
            yield
        finally:
            for table in lent:
                self._db.unregister(table)

    # -- files

    @property
    def tmp(self) -> Path:
        """The folder for temporary files, which hold nothing in clear; emptied when the case is left."""
        return self.path / "tmp"

    def seal(self, name: str) -> SealedWriter:
        """A writer for the sealed copy of a piece of evidence; durable once closed."""
        return self._writer("sealed", name)

    def open_sealed(self, name: str) -> BinaryIO:
        """The octets of a sealed copy, seekable, decrypted as they are read."""
        raw = SealedReader(self.path / "sealed" / name, self.secret("sealed"))
        return cast("BinaryIO", io.BufferedReader(raw, 1 << 20))

    def stage(self, name: str, table: pa.Table) -> None:
        """Keeps a table of cells aside, compressed and encrypted; durable when it returns."""
        with self._writer("staged", name) as out:
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            with pa.ipc.new_file(pa.PythonFile(out, "w"), table.schema, options=options) as arrow:
                arrow.write_table(table)

    def staged(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """A table kept by ``stage``; of ``columns`` alone when they are named, in the order of the table."""
        with SealedReader(self.path / "staged" / name, self.secret("staged")) as raw:
            if columns is None:
                return pa.ipc.open_file(pa.py_buffer(raw.readall() or b"")).read_all()
            held = pa.PythonFile(io.BufferedReader(raw), mode="r")  # which reads whole what Arrow asks for
            names = pa.ipc.open_file(held).schema.names
            wanted = [place for place, name in enumerate(names) if name in columns]
            return pa.ipc.open_file(held, options=pa.ipc.IpcReadOptions(included_fields=wanted)).read_all()

    def staged_columns(self, name: str) -> list[str]:
        """The column names of a table kept by ``stage``, in order; its rows are not read."""
        with SealedReader(self.path / "staged" / name, self.secret("staged")) as raw:
            held = pa.PythonFile(io.BufferedReader(raw), mode="r")
            return list(pa.ipc.open_file(held).schema.names)

    def _writer(self, folder: str, name: str) -> SealedWriter:
        place = self.path / folder
        try:
            place.mkdir(exist_ok=True)
            return SealedWriter(place / name, self.secret(folder))
        except OSError as fault:
            raise _storage(fault, place) from None

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
        seq, previous = (last[0][0] + 1, last[0][1]) if last else (1, "0" * 64)
        entry = [
            seq,
            self._instant(),
            actor(),
            action,
            json.dumps(detail, ensure_ascii=False, sort_keys=True),
            previous,
        ]
        self.execute("insert into journal values (?, ?, ?, ?, ?, ?, ?)", (*entry, _chain(entry)))

    def journal_head(self) -> str:
        """The hash of the last entry, once the whole chain has been checked.

        Raises:
            CaseError: an entry was changed, removed or reordered.
        """
        previous = "0" * 64
        for number, row in enumerate(self.rows("select * from journal order by seq"), 1):
            if row[0] != number or row[5] != previous or row[6] != _chain(row[:6]):
                raise CaseError(
                    f"The journal was altered at entry {number}: restore the case folder from a copy.",
                    f"Le journal a été modifié à l'entrée {number} : reprenez le dossier d'une copie.",
                )
            previous = row[6]
        return previous

    def _instant(self) -> str:
        return self.now().astimezone(UTC).isoformat(timespec="milliseconds")


def _without_views(schema: pa.Schema) -> pa.Schema:
    return pa.schema([f.with_type(pa.large_string()) if f.type == pa.string_view() else f for f in schema])


def actor() -> str:
    """Who is at the keyboard, by the name of the account."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _chain(entry: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(list(entry), ensure_ascii=False).encode()).hexdigest()


def _check(master: bytes, case_id: str) -> str:
    return keys.derive(master, _CHECK, case_id.encode()).hex()


def _database_key(master: bytes, case_id: str) -> bytes:
    return keys.derive(keys.derive(master, b"case", case_id.encode()), b"database")


def _write_head(path: Path, head: dict[str, Any]) -> None:
    part = path / (_HEAD + ".part")
    part.write_text(json.dumps(head, indent=1) + "\n", "utf-8")
    part.replace(path / _HEAD)


def _by_evidence(whole: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    """The rows of each piece of evidence, in their own order; a table of one piece, the usual one, is not copied."""
    ends = pc.min_max(whole["record_id"])
    first, last = (ends[end].as_py() for end in ("min", "max"))
    if first is not None and first >> RECORD_BITS == last >> RECORD_BITS:
        yield first >> RECORD_BITS, whole
        return
    for (evidence,), group in pl.DataFrame(whole).group_by(
        pl.col("record_id") // (1 << RECORD_BITS), maintain_order=True
    ):
        assert isinstance(evidence, int)
        yield evidence, group.to_arrow(compat_level=pl.CompatLevel.newest()).cast(whole.schema)


def _storage(fault: OSError, place: Path) -> StorageError | UsageError:
    if fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS):
        return disk_full()
    en, fr = os_reason(fault)
    return UsageError(
        f"The folder {place} cannot be written ({en}): choose another.",
        f"Le dossier {place} ne peut pas être écrit ({fr}) : choisissez-en un autre.",
    )

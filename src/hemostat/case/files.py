"""The encrypted files of a case: sealed copies of evidence, and tables of cells kept aside."""

from __future__ import annotations

import errno
import io
from typing import TYPE_CHECKING, BinaryIO, cast

import pyarrow as pa

from hemostat.case.database import disk_full
from hemostat.case.sealed import SealedReader, SealedWriter
from hemostat.errors import StorageError, UsageError, os_reason

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


class Files:
    """The files below the folder of a case; ``secret`` gives the key of each kind."""

    def __init__(self, path: Path, secret: Callable[[str], bytes]) -> None:
        self._path = path
        self._secret = secret

    def writer(self, folder: str, name: str) -> SealedWriter:
        """A writer for an encrypted file; durable once closed.

        Raises:
            StorageError: the disk is full.
            UsageError: the folder cannot be written.
        """
        place = self._path / folder
        try:
            place.mkdir(exist_ok=True)
            return SealedWriter(place / name, self._secret(folder))
        except OSError as fault:
            raise storage_fault(fault, place) from None

    def open_sealed(self, name: str) -> BinaryIO:
        """The octets of a sealed copy, seekable, decrypted as they are read."""
        return cast("BinaryIO", io.BufferedReader(self._reader("sealed", name), 1 << 20))

    def stage(self, name: str, table: pa.Table) -> None:
        """Keeps a table of cells aside, compressed and encrypted; durable when it returns."""
        with self.writer("staged", name) as out:
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            with pa.ipc.new_file(pa.PythonFile(out, "w"), table.schema, options=options) as arrow:
                arrow.write_table(table)

    def staged(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """A table kept by ``stage``; of ``columns`` alone when they are named, in the order of the table."""
        with self._reader("staged", name) as raw:
            if columns is None:
                return pa.ipc.open_file(pa.py_buffer(raw.readall() or b"")).read_all()
            held = pa.PythonFile(io.BufferedReader(raw), mode="r")  # which reads whole what Arrow asks for
            names = pa.ipc.open_file(held).schema.names
            wanted = [place for place, name in enumerate(names) if name in columns]
            return pa.ipc.open_file(held, options=pa.ipc.IpcReadOptions(included_fields=wanted)).read_all()

    def staged_columns(self, name: str) -> list[str]:
        """The column names of a table kept by ``stage``, in order; its rows are not read."""
        with self._reader("staged", name) as raw:
            return list(pa.ipc.open_file(pa.PythonFile(io.BufferedReader(raw), mode="r")).schema.names)

    def drop_staged(self, pattern: str, keep: set[str]) -> None:
        """Removes the tables kept aside whose name matches a glob pattern, save those to ``keep``."""
        for path in (self._path / "staged").glob(pattern):
            if path.name not in keep:
                path.unlink()

    def _reader(self, folder: str, name: str) -> SealedReader:
        return SealedReader(self._path / folder / name, self._secret(folder))


def storage_fault(fault: OSError, place: Path) -> StorageError | UsageError:
    """The error to raise when the system refused to write to ``place``."""
    if fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS):
        return disk_full()
    en, fr = os_reason(fault)
    return UsageError(
        f"The folder {place} cannot be written ({en}): choose another.",
        f"Le dossier {place} ne peut pas être écrit ({fr}) : choisissez-en un autre.",
    )

"""One writer at a time. The kernel drops the lock of a dead writer, so nothing is left to clean up."""

import fcntl
import os
from pathlib import Path

from hemostat.errors import CaseError


class WriterLock:
    """An exclusive lock on a case folder, held until ``release`` or the end of the process.

    Raises:
        CaseError: another living process holds it; the message names its number.
    """

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(self._handle, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(self._handle)
            raise CaseError(
                f"The case is in use by process {holder}: wait until it ends, or end it.",
                f"L'affaire est déjà ouverte par le processus {holder} : attendez sa fin, ou arrêtez-le.",
            ) from None
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Lets the next writer in."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

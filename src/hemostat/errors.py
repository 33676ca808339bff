"""What can go wrong, and the exit code of each.

A message is one or two plain sentences, in English and in French, that say what to do next. It holds no
person's data: a locator at most.
A bad row is not an error: it is data, and goes to the quarantine.
"""

import errno
from typing import ClassVar


class HemostatError(Exception):
    """Root of the tree.

    ├── UsageError      2   wrong usage
    ├── EvidenceError   3   evidence that cannot be read at all
    ├── CaseError       4   case missing, locked, wrong key, or of a newer format
    ├── RuleError       5   a rule file is wrong: path, row and why
    ├── Refused         6   refused on purpose: what is missing
    ├── StorageError   74   disk full, or a write failed
    └── Interrupted   130   stopped by the user; the same command goes on
    """

    exit_code: ClassVar[int] = 70

    def __init__(self, en: str, fr: str) -> None:
        super().__init__(en)
        self.en = en
        self.fr = fr


class UsageError(HemostatError):
    """The command line, or a value given on it, is wrong."""

    exit_code = 2


class EvidenceError(HemostatError):
    """A piece of evidence cannot be read at all."""

    exit_code = 3


class CaseError(HemostatError):
    """The case cannot be opened: missing, locked, wrong key, or of a newer format."""

    exit_code = 4


class RuleError(HemostatError):
    """A rule file is wrong. The message names the file, the row and the reason."""

    exit_code = 5


class Refused(HemostatError):  # noqa: N818 - it is the name used in the interface: a refusal, not a fault
    """Refused on purpose; the message lists what is missing."""

    exit_code = 6


class StorageError(HemostatError):
    """The disk is full or a write failed; what was committed before stays."""

    exit_code = 74


class Interrupted(HemostatError):  # noqa: N818 - a state, not a fault
    """Stopped by the user; running the same command again goes on."""

    exit_code = 130


_REASONS = {
    errno.ENOENT: ("there is no such file or folder", "ce fichier ou ce dossier n'existe pas"),
    errno.EACCES: ("access is denied", "l'accès est refusé"),
    errno.EPERM: ("access is denied", "l'accès est refusé"),
    errno.EISDIR: ("it is a folder", "c'est un dossier"),
    errno.ENOTDIR: ("a part of the path is not a folder", "une partie du chemin n'est pas un dossier"),
    errno.ENOSPC: ("the disk is full", "le disque est plein"),
    errno.EROFS: ("the disk cannot be written", "le disque est en lecture seule"),
    errno.ENAMETOOLONG: ("the name is too long", "le nom est trop long"),
    errno.EIO: ("the disk fails", "le disque est défaillant"),
}


def os_reason(fault: OSError) -> tuple[str, str]:
    """Why the system refused, in English and in French; its own words and number when they are not known here."""
    return _REASONS.get(fault.errno or 0, (f"error {fault.errno}", f"erreur {fault.errno}"))

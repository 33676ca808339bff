"""Archives read by libarchive: tar (packed or not), 7z, rar, cpio, cab, iso, lha.

The library works in a process of its own. Members come in one pass, in the order of the archive.
"""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hemostat.evidence.archives.single import begins, kind_of
from hemostat.evidence.base import Unreadable
from hemostat.evidence.isolation.members import isolated_members
from hemostat.evidence.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Generator

    from hemostat.evidence.base import Limits, Member, Source

_WALK = "hemostat.evidence.archives.walk:members"
_UNLOCK = "hemostat.evidence.archives.seven:members"
_SEVEN = b"7z\xbc\xaf\x27\x1c"
_MAGIC = re.compile(
    rb"\A(?:7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|MSCF\0\0\0\0|!<arch>\n|07070[127]|\xc7\x71|\x71\xc7|.{2}-l[hz][0-9sd]-"
    rb"|.{257}ustar|.{32769}CD001)",
    re.DOTALL,
)
_TAR_NAME = re.compile(r"\.(?:tar(?:\.\w{1,5})?|tgz|taz|tbz2?|txz|tzst)\Z", re.IGNORECASE)
_TAR_BLOCK = 512


@dataclass(frozen=True, slots=True)
class ArchiveContainer:
    """Archives of many formats."""

    passwords: tuple[str, ...] = field(default=(), repr=False)
    kind: str = "archive"

    def recognises(self, head: bytes, name: str) -> int:
        """By what it begins with; under compression, by what is unpacked first."""
        if _MAGIC.match(head) or _is_old_tar(head[:_TAR_BLOCK]):
            return 96
        if kind_of(head):
            first = begins(head, _TAR_BLOCK)
            if _MAGIC.match(first) or _is_old_tar(first) or (not first and _TAR_NAME.search(name)):
                return 97
        return 0

    def members(self, source: Source, limits: Limits) -> Generator[Member, None, None]:
        """The members in the order of the archive. Their sources last until the next one is asked for.

        Raises:
            Unreadable: damaged from the start, encrypted, or the library that reads archives is missing.
        """
        count = 0
        try:
            with closing(isolated_members(_WALK, source, limits)) as members:
                for member in members:
                    if member.reason == Reason.LOCKED and self.passwords:
                        rest = yield from self._unlocked(source, limits, count)
                        if rest:
                            return
                    count += 1
                    yield member
        except Unreadable as fault:
            if fault.reason != Reason.ENCRYPTED or count or not _is_seven(source):
                raise
            if not (yield from self._unlocked(source, limits, 0)):
                raise Unreadable(Reason.LOCKED) from None

    def _unlocked(self, source: Source, limits: Limits, after: int) -> Generator[Member, None, bool]:
        """The members of a 7z archive under a password, but so many; whether one of the passwords opens it."""
        for password in self.passwords:
            with closing(isolated_members(_UNLOCK, source, limits, {"password": password})) as members:
                try:
                    member = next(members, None)
                except Unreadable as fault:
                    if fault.reason == Reason.LOCKED:
                        continue
                    raise
                number = 0
                while member is not None:
                    if number >= after:
                        yield member
                    number += 1
                    member = next(members, None)
                return True
        return False


def _is_seven(source: Source) -> bool:
    with source.open() as raw:
        return raw.read(len(_SEVEN)) == _SEVEN


def _is_old_tar(block: bytes) -> bool:
    """Whether a block is the header of a tar without a mark: its checksum tells."""
    if len(block) < _TAR_BLOCK or not block[0]:
        return False
    told = re.fullmatch(rb"[ 0]*([0-7]{1,6})[ \0]*", block[148:156])
    return told is not None and int(told[1], 8) == sum(block[:148]) + 8 * 32 + sum(block[156:])

"""Names that can be shown: whatever an archive or a folder calls its files, one line of plain text comes out."""

from __future__ import annotations


def shown(name: str) -> str:
    r"""The name with control characters and undecodable octets escaped.

    >>> shown("a\nb\x1b[31m.csv")
    'a\\nb\\x1b[31m.csv'
    """
    return "".join(char if _plain(char) else _escaped(char) for char in name)


def _plain(char: str) -> bool:
    return char.isprintable() or char in ("\u00a0", "\u202f", "\u3000")


def _escaped(char: str) -> str:
    if "\udc80" <= char <= "\udcff":  # an octet of a file name that is not UTF-8
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode("ascii")


class Names:
    """Keeps the names of one container apart: a name met again gets a number."""

    def __init__(self) -> None:
        self._met: dict[str, int] = {}

    def fresh(self, name: str) -> str:
        """The name, or the name and a number if it was given before."""
        plain = shown(name)
        again = self._met.get(plain, 0) + 1
        self._met[plain] = again
        return plain if again == 1 else f"{plain} ({again})"

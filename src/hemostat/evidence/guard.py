"""Foreign parsers behind one door: whatever they raise becomes a reason for the quarantine."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import pyarrow as pa
import python_calamine as calamine

from hemostat.evidence.base import Unreadable
from hemostat.evidence.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Given = ParamSpec("Given")
Result = TypeVar("Result")

_LOCKED = (calamine.PasswordError,)
_BROKEN = (
    pa.ArrowException,
    calamine.CalamineError,
    calamine.ZipError,
    calamine.XmlError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    IndexError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)


def guarded(work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
    """What ``work`` gives.

    Raises:
        Unreadable: the parser gave up. Its own words are dropped: they might quote a value.
    """
    try:
        return work(*args, **kwargs)
    except Unreadable:
        raise
    except BaseException as fault:  # a panic of a parser written in Rust is not an Exception
        reason = _reason(fault)
        if reason is None:
            raise
        raise Unreadable(reason) from None


def guarded_each(steps: Iterator[Result]) -> Iterator[Result]:
    """The steps, one by one, each guarded.

    Raises:
        Unreadable: the parser gave up on the way.
    """
    end = object()
    while True:
        step = guarded(next, steps, end)
        if step is end:
            return
        yield step  # type: ignore[misc]  # the sentinel has just been told apart


def _reason(fault: BaseException) -> Reason | None:
    if isinstance(fault, _LOCKED):
        return Reason.ENCRYPTED
    if isinstance(fault, MemoryError):
        return Reason.TOO_MUCH_MEMORY
    if isinstance(fault, _BROKEN) or type(fault).__name__ == "PanicException":
        return Reason.DAMAGED
    return None

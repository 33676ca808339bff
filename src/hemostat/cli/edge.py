"""The edge of the program: whatever happens inside leaves as one sentence and an exit code, never as a traceback."""

from __future__ import annotations

import errno
import re
import sys
import traceback
from pathlib import Path

import click

from hemostat.cli.commands import root
from hemostat.cli.common import Instant as Said
from hemostat.cli.words import language_of_the_machine, say, speak
from hemostat.errors import HemostatError, Interrupted, StorageError, UsageError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
_NO_SUCH_COMMAND = re.compile(r"^No such command '([^']*)'")
_OWN_FAULT = HemostatError.exit_code


def run(arguments: list[str] | None = None) -> int:
    """Runs the program; gives its exit code. Errors are one or two sentences on stderr."""
    speak(language_of_the_machine())
    try:
        code = root.main(args=arguments, prog_name="hemostat", standalone_mode=False)
        sys.stdout.flush()
        return int(code or 0)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.UsageError as fault:
        return _tell(_usage(fault) + _where_help(fault), UsageError.exit_code)
    except click.ClickException as fault:
        return _tell(fault.format_message(), UsageError.exit_code)
    except HemostatError as fault:
        return _tell(fault.fr if say("lang") == "fr" else fault.en, fault.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return _tell(say("interrupted"), Interrupted.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as fault:
        if fault.errno in _FULL:
            return _tell(say("disk_full"), StorageError.exit_code)
        return _tell(say("own_fault", reference=_reference(fault)), _OWN_FAULT)
    except MemoryError:
        return _tell(say("memory"), StorageError.exit_code)
    except Exception as fault:  # noqa: BLE001 - the edge: nothing may leave with a person's data in it
        return _tell(say("own_fault", reference=_reference(fault)), _OWN_FAULT)


def _usage(fault: click.UsageError) -> str:
    """What is wrong with the command line, in the user's language: the library's own words are English."""
    if isinstance(fault, click.NoSuchOption):
        return say("no_such_option", name=fault.option_name)
    if isinstance(fault, click.MissingParameter) and fault.param is not None:
        return say("missing", name=fault.param.opts[0])
    if (
        isinstance(fault, click.BadParameter)
        and fault.param is not None
        and not isinstance(fault.param.type, Said)
    ):
        kind = fault.param.type
        wanted = ""
        if isinstance(kind, click.Choice):
            wanted = say("among", choices=", ".join(kind.choices))
        elif isinstance(kind, click.IntRange) and kind.min is not None:
            wanted = say("at_least", least=kind.min)
        return say("bad_value", name=fault.param.opts[0], wanted=wanted)
    wrong = _NO_SUCH_COMMAND.search(fault.message)
    if wrong:
        # Groups take the case before the command (decide CASE column …): the wrong word may be either.
        page = fault.ctx.command_path if fault.ctx else "hemostat"
        return say("no_such_command", name=wrong[1], help=f"{page} --help")
    if fault.message.startswith(("No such", "Got ", "Missing ")):
        return say("bad_command")
    return fault.message


def _where_help(fault: click.UsageError) -> str:
    """Which help page to read: that of the command, which the program's own page does not repeat."""
    if _NO_SUCH_COMMAND.search(fault.message):
        return ""
    return " " + say("see_help", page=fault.ctx.command_path if fault.ctx else "hemostat")


def _tell(sentence: str, code: int) -> int:
    sys.stderr.write(sentence.rstrip() + "\n")
    return code


def _reference(fault: BaseException) -> str:
    """Where in our code it happened and the kind of fault: enough to find it, and no data."""
    frames = [f for f in traceback.extract_tb(fault.__traceback__) if "hemostat" in f.filename]
    place = f"{Path(frames[-1].filename).stem}:{frames[-1].lineno}" if frames else "?"
    return f"{type(fault).__name__}@{place}"

"""The command line: parse, call, print."""

import os
import signal
import sys

_INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> None:
    """Runs the program and ends the process with its exit code."""
    code = _INTERRUPTED
    try:
        from hemostat.cli.edge import run  # noqa: PLC0415 - so that Ctrl-C during the imports ends well too

        code = run(arguments)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    except KeyboardInterrupt:  # a late one: the first was told, and must not be torn
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if code == _INTERRUPTED:
        # Ctrl-C inside a library's own Python leaves a mark by which the interpreter kills itself at its end,
        # and the exit code would be lost. The case is closed by now.
        sys.stdout.flush()
        os._exit(code)
    sys.exit(code)

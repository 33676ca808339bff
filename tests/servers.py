"""Real database servers for tests: PostgreSQL and MariaDB on this machine alone, in a scratch folder.

They are stopped at the end. Both refuse to run as root: they then run as the users that Debian's packages create.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PASSWORD = "colchique-d'automne/7@"
"""Of the user ``reader`` on both servers; with the characters that an address has to escape."""
_PATIENCE = 60


@dataclass(frozen=True)
class Server:
    """A server that is up. ``port`` listens on 127.0.0.1; ``folder`` holds its socket."""

    folder: Path
    port: int
    tools: Path

    def tool(self, name: str, *arguments: str, stdin: bytes = b"") -> bytes:
        """What a command-line tool of the server prints; it must succeed."""
        done = subprocess.run([self.tools / name, *arguments], input=stdin, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode(errors="replace")[:2000]
        return done.stdout


class PostgreSQL(Server):
    """PostgreSQL; its superuser comes in by the socket without a password."""

    @property
    def where(self) -> tuple[str, ...]:
        return ("-h", str(self.folder), "-p", str(self.port), "-U", "postgres")

    def psql(self, sql: str, database: str = "postgres") -> str:
        """Runs statements, each on its own; gives what they print."""
        options = ("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", "-")
        return self.tool("psql", *self.where, *options, stdin=sql.encode()).decode()

    def dump(self, database: str, *options: str) -> bytes:
        """``pg_dump`` of a database."""
        return self.tool("pg_dump", *self.where, *options, database)


class MariaDB(Server):
    """MariaDB; its superuser comes in by the socket without a password."""

    @property
    def where(self) -> tuple[str, ...]:
        return ("--no-defaults", f"--socket={self.folder / 's'}", "--user=root")

    def sql(self, sql: str | bytes, database: str = "") -> str:
        """Runs statements; gives what they print."""
        data = sql.encode() if isinstance(sql, str) else sql
        options = ("--default-character-set=utf8mb4", "--batch", "--raw", "--skip-column-names")
        return self.tool("mariadb", *self.where, *options, *filter(None, [database]), stdin=data).decode()

    def dump(self, *options: str) -> bytes:
        """``mariadb-dump`` with these options and names."""
        return self.tool("mariadb-dump", *self.where, *options)


@contextlib.contextmanager
def postgresql(*settings: str) -> Iterator[PostgreSQL]:
    """A fresh PostgreSQL with these settings (``name=value``); skips the test where it is not installed."""
    tools = max(
        Path("/usr/lib/postgresql").glob("*/bin"), default=None, key=lambda path: int(path.parent.name)
    )
    if tools is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    user = _user("postgres")
    with _scratch("pg", user) as folder:
        data, port = folder / "data", _port()
        _run(
            [tools / "initdb", "-D", data, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
             "--auth-local=trust", "--auth-host=scram-sha-256"],
            user, folder,
        )  # fmt: skip
        command = [tools / "postgres", "-D", data, "-k", folder, "-p", port, "-c", "fsync=off"]
        command += [
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "max_wal_size=256MB",
            "-c",
            "shared_buffers=32MB",
        ]
        command += [word for setting in settings for word in ("-c", setting)]
        server = PostgreSQL(folder, port, tools)
        with _running(command, user, folder, lambda: server.psql("select 1")):
            quoted = PASSWORD.replace("'", "''")
            server.psql(f"create role reader login password '{quoted}'; grant pg_read_all_data to reader")
            yield server


@contextlib.contextmanager
def mariadb() -> Iterator[MariaDB]:
    """A fresh MariaDB; skips the test where it is not installed."""
    program = shutil.which("mariadbd", path="/usr/sbin:/usr/local/sbin:/usr/libexec:/usr/bin")
    install = shutil.which("mariadb-install-db")
    client = shutil.which("mariadb")
    if not (program and install and client):
        pytest.skip("MariaDB is not installed (Debian: apt-get install mariadb-server)")
    user = _user("mysql")
    with _scratch("maria", user) as folder:
        data, port = folder / "data", _port()
        _run(
            [install, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal",
             "--skip-test-db"],
            user, folder,
        )  # fmt: skip
        command = [
            program,
            "--no-defaults",
            f"--datadir={data}",
            f"--socket={folder / 's'}",
            f"--port={port}",
        ]
        command += [
            "--bind-address=127.0.0.1",
            f"--pid-file={folder / 'pid'}",
            "--innodb-flush-method=nosync",
        ]
        command += [
            "--character-set-server=utf8mb4",
            "--innodb-buffer-pool-size=32M",
            "--skip-log-bin",
            "--max-allowed-packet=64M",
        ]
        server = MariaDB(folder, port, Path(client).parent)
        with _running(command, user, folder, lambda: server.sql("select 1")):
            quoted = PASSWORD.replace("'", "''")
            server.sql(
                f"create user reader@'127.0.0.1' identified by '{quoted}'; grant select on *.* to reader@'127.0.0.1'"
            )
            yield server


def _user(name: str) -> str | None:
    """The user to run as: nobody else, unless we are root."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(name)
    except KeyError:
        pytest.skip(f"as root, a user named {name} is needed to run the server")
    return name


@contextlib.contextmanager
def _scratch(name: str, user: str | None) -> Iterator[Path]:
    # Not under the test's own folder: the server's user may not enter it, and a socket's path has to be short.
    folder = Path(tempfile.mkdtemp(prefix=f"hemostat-{name}-", dir="/tmp"))
    try:
        if user:
            shutil.chown(folder, user)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(command: Sequence[object], user: str | None, folder: Path) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        user=user,
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")[:2000]


@contextlib.contextmanager
def _running(command: Sequence[object], user: str | None, folder: Path, ping: object) -> Iterator[None]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(part) for part in command],
            user=user,
            cwd=folder,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": str(folder)},
        )
        try:
            _wait(process, folder, ping)
            yield
        finally:
            process.terminate()
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], folder: Path, ping: object) -> None:
    assert callable(ping)
    until = time.monotonic() + _PATIENCE
    while True:
        assert process.poll() is None, (folder / "log").read_text(errors="replace")[-2000:]
        try:
            ping()
        except AssertionError:
            assert time.monotonic() < until, (folder / "log").read_text(errors="replace")[-2000:]
            time.sleep(0.1)
        else:
            return

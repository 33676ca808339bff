"""The two house fixtures, on for every test: silence, and no network beyond this machine."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from pathlib import Path

import psutil
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import factories

_ALLOWED = "evidence", "out", "keys"
"""Folders of a test's own scratch space where a person's data may stand: what it wrote, or exported on purpose."""


@pytest.fixture(autouse=True)
def _silence(request, tmp_path, caplog, capfd, monkeypatch):
    """Fails the test when a planted value reaches a log, the terminal, a process title or a stray file.

    Files under ``evidence``, ``out`` and ``keys`` of the test's scratch folder are the test's own; everything else
    there, the case folder and its report included, must not hold a planted value in clear.
    """
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    yield
    said = caplog.text + "".join(capfd.readouterr()) + " ".join(psutil.Process().cmdline())
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.relative_to(tmp_path).parts[0] not in _ALLOWED:
            content = path.read_bytes()
            said += content.decode("utf-8", "ignore") + content.decode("utf-16-le", "ignore")
    leaked = [value for value in factories.PLANTED if value in said]
    assert not leaked, (
        f"{request.node.name}: {len(leaked)} planted value(s) reached a log, a screen or a stray file"
    )


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    """Refuses every connection that leaves this machine."""
    real = socket.socket.connect

    def connect(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
            raise AssertionError("a test tried to reach the network")
        return real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture
def hemostat(tmp_path, monkeypatch, capfd):
    """Runs the program in this process; gives (exit code, stdout, stderr)."""
    from hemostat.cli import edge  # noqa: PLC0415 - after the environment is set

    monkeypatch.setenv("HEMOSTAT_KEY_FILE", str(tmp_path / "keys" / "case.key"))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")

    def run(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = edge.run([str(a) for a in arguments])
        out, err = capfd.readouterr()
        leaked = [value for value in factories.PLANTED if value in out + err]
        assert not leaked, "a planted value reached the terminal"
        return code, out, err

    return run


os.environ.setdefault("POLARS_MAX_THREADS", "2")

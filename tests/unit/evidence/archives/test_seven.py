import io
import os
import shutil
import subprocess

import pytest

from hemostat.evidence import passwords
from hemostat.evidence.archives import seven
from hemostat.evidence.archives.reader import ArchiveContainer
from hemostat.evidence.base import Limits, Unreadable
from hemostat.evidence.isolation import process
from hemostat.evidence.isolation.process import Bounds, bounded
from hemostat.evidence.reasons import Reason
from reading import source

py7zr = pytest.importorskip("py7zr", reason="py7zr is not installed: pip install 'hemostat[unlocking]'")
CSV = "nom;prenom;age\n" + "".join(f"N{n};P{n};{n % 90}\n" for n in range(30))
WORD = "Kx9!colchique"


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    """Makes a 7z archive with the real program: four files, one of them empty, one that does not pack."""
    if shutil.which("7z") is None:
        pytest.skip("7z is not installed: apt-get install p7zip-full")
    folder = tmp_path_factory.mktemp("evidence")
    (folder / "in" / "sous dossier").mkdir(parents=True)
    (folder / "in" / "a.csv").write_text(CSV)
    (folder / "in" / "b.bin").write_bytes(os.urandom(1_500_000))
    (folder / "in" / "sous dossier" / "é.csv").write_text(CSV)
    (folder / "in" / "vide.csv").touch()

    def made(*options, name="a.7z"):
        path = folder / name
        path.unlink(missing_ok=True)
        words = ["7z", "a", f"-p{WORD}", *options, str(path), "."]
        subprocess.run(words, cwd=folder / "in", check=True, capture_output=True)
        return path

    return made


def read(members):
    found = {}
    for member in members:
        if member.source is None:
            found[member.name.rpartition("!")[2]] = member.reason
            continue
        with member.source.open() as raw:
            found[member.name.rpartition("!")[2]] = raw.read()
    return found


MANNERS = {
    "solid": (),
    "names hidden": ("-mhe=on",),
    "each by itself": ("-ms=off",),
    "stored": ("-mx0",),
    "bzip2": ("-m0=bzip2",),
    "ppmd": ("-m0=ppmd",),
}


@pytest.mark.parametrize("options", MANNERS.values(), ids=MANNERS)
def test_a_password_opens_it(locked, options):
    path = locked(*options)
    found = read(ArchiveContainer(("faux", WORD)).members(source(path.read_bytes(), "a.7z"), Limits()))
    assert found == {
        str(one.relative_to(path.parent / "in")): one.read_bytes()
        for one in (path.parent / "in").rglob("*")
        if one.is_file()
    }


@pytest.mark.parametrize("options", MANNERS.values(), ids=MANNERS)
def test_a_wrong_password_is_told_from_damage(locked, options):
    with pytest.raises(Unreadable) as fault:
        read(seven.members(source(locked(*options).read_bytes(), "a.7z"), Limits(), "faux"))
    assert fault.value.reason == Reason.LOCKED


def test_members_may_be_passed_over_and_read_later_ones(locked):
    path = locked()
    held = {}
    for member in seven.members(source(path.read_bytes(), "a.7z"), Limits(), WORD):
        if member.name.endswith("é.csv"):
            held[member.name] = member.source.open().read()
    assert held == {"a.7z!sous dossier/é.csv": CSV.encode()}


@pytest.mark.parametrize("options", [(), ("-mhe=on",)])
def test_what_waited_is_read_once_the_password_is_there(ledger, case, locked, options):
    path = locked(*options, name="attente.7z")
    lines = ledger(path)
    assert {line.aside[0][4] for line in lines.values() if line.aside} == {"locked"}
    passwords.keep(case, ["faux"])
    assert {line.aside[0][4] for line in ledger().values() if line.aside} == {"locked"}
    passwords.keep(case, [WORD])
    lines = ledger()
    assert (lines[f"{path}!a.csv"].records, lines[f"{path}!sous dossier/é.csv"].records) == (30, 30)
    assert lines[f"{path}!b.bin"].aside[0][4] == "unknown_kind"
    assert all(line.unexplained == 0 for line in lines.values())
    assert case.rows("select members, read, quarantined from container") == [(4, 3, 1)]
    assert not case.rows("select 1 from quarantine where reason = 'locked'")


def test_limits_hold_for_what_is_decrypted(locked):
    data = locked().read_bytes()
    small = read(seven.members(source(data, "a.7z"), Limits(member_bytes=1000), WORD))
    assert small["b.bin"] == Reason.TOO_LARGE
    few = read(seven.members(source(data, "a.7z"), Limits(members=2), WORD))
    assert few["(after member 2)"] == Reason.TOO_MANY_MEMBERS


def test_a_bomb_under_a_password_is_stopped():
    bomb = io.BytesIO()
    with py7zr.SevenZipFile(bomb, "w", password="x") as archive:
        archive.writestr(bytes(60 << 20), "a.csv")
        archive.writestr("b", "b.csv")
    limits = Limits(ratio_free=1 << 20, ratio=50)
    found = []
    for member in seven.members(source(bomb.getvalue(), "a.7z"), limits, "x"):
        if member.source is None:
            found.append(member.reason)
            continue
        with member.source.open() as raw, pytest.raises(Unreadable) as fault:
            raw.read()
        found.append(fault.value.reason)
    assert found == [Reason.RATIO, Reason.RATIO]


def test_a_member_damaged_under_the_right_password(locked):
    data = bytearray(locked("-mx0").read_bytes())
    data[900_000:900_100] = bytes(100)
    found = {}
    for member in seven.members(source(bytes(data), "a.7z"), Limits(), WORD):
        try:
            found[member.name] = len(member.source.open().read())
        except Unreadable as fault:
            found[member.name] = fault.reason
    assert found["a.7z!a.csv"] == len(CSV)
    assert found["a.7z!b.bin"] == Reason.DAMAGED


def test_the_library_may_be_missing(locked, monkeypatch, tmp_path):
    (tmp_path / "py7zr.py").write_text("raise ModuleNotFoundError(name='py7zr')\n")
    plain = process._environment
    known = plain()
    known["PYTHONPATH"] = os.pathsep.join([str(tmp_path), known["PYTHONPATH"]])
    monkeypatch.setattr(process, "_environment", lambda: known)
    data = locked().read_bytes()
    with bounded(Bounds()), pytest.raises(Unreadable) as fault:
        read(ArchiveContainer((WORD,)).members(source(data, "a.7z"), Limits()))
    assert fault.value.reason == Reason.NEEDS_UNLOCKING

import bz2
import gzip
import hashlib
import io
import lzma
import os
import random
import shutil
import subprocess
import tarfile
import zipfile

import psutil
import pytest

from hemostat.evidence.archives.reader import ArchiveContainer
from hemostat.evidence.archives.single import CompressedContainer
from hemostat.evidence.base import Limits, Unreadable
from hemostat.evidence.isolation import members as isolation_members
from hemostat.evidence.isolation import process
from hemostat.evidence.isolation.process import Bounds, bounded
from hemostat.evidence.reasons import Reason
from reading import source

TEXT = "nom;prenom\nBELLORGET;Odette\n" * 2000
NOISE = random.Random(7).randbytes(200_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a table, octets that do not pack, and a name that is not plain."""
    top = tmp_path_factory.mktemp("evidence")
    (top / "d" / "sous dossier").mkdir(parents=True)
    (top / "d" / "a.csv").write_text(TEXT)
    (top / "d" / "b.bin").write_bytes(NOISE)
    (top / "d" / "sous dossier" / "é.txt").write_text("Zoé")
    return top


def made(folder, *command):
    """The octets of an archive made by a real program."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    name = "packed." + command[-1].lstrip("-")
    (folder / name).unlink(missing_ok=True)
    words = [name if word == "OUT" else word for word in command[:-1]]
    subprocess.run(words, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return (folder / name).read_bytes(), name


def content(members):
    """What each member holds, or why it is not read."""
    found = {}
    for member in members:
        name = member.name.rpartition("!")[2]
        if member.source is None:
            found[name] = member.reason
            continue
        try:
            with member.source.open() as raw:
                raw.read(10)  # as when the kind is looked for
            with member.source.open() as raw:
                found[name] = raw.read()
        except Unreadable as fault:
            found[name] = fault.reason
    return found


def opened(data, name, **limits):
    container = ArchiveContainer()
    assert container.recognises(data[: 64 << 10], name) > 95
    return container.members(source(data, name), Limits(**limits))


WHOLE = {"d/a.csv": TEXT.encode(), "d/b.bin": NOISE, "d/sous dossier/é.txt": "Zoé".encode()}


@pytest.mark.parametrize(
    "command",
    [
        ("tar", "cf", "OUT", "d", "tar"),
        ("tar", "czf", "OUT", "d", "tar.gz"),
        ("tar", "cJf", "OUT", "d", "tar.xz"),
        ("tar", "cjf", "OUT", "d", "tar.bz2"),
        ("tar", "--zstd", "-cf", "OUT", "d", "tar.zst"),
        ("tar", "--format=v7", "-cf", "OUT", "d", "tar"),
        ("tar", "--format=ustar", "-cf", "OUT", "d", "tar"),
        ("7z", "a", "OUT", "d", "7z"),
        ("7z", "a", "-ms=off", "-m0=PPMd", "OUT", "d", "7z"),
    ],
)
def test_archives_of_real_programs(folder, command):
    data, name = made(folder, *command)
    assert content(opened(data, name)) == WHOLE


def test_a_member_can_be_read_again_and_from_the_middle(folder, monkeypatch):
    monkeypatch.setattr(isolation_members, "_HELD", 1000)
    data, name = made(folder, "7z", "a", "OUT", "d", "7z")
    for member in opened(data, name):
        wanted = WHOLE[member.name.partition("!")[2]]
        for _ in range(2):
            with member.source.open() as raw:
                assert hashlib.sha256(raw.read()).digest() == hashlib.sha256(wanted).digest()
        with member.source.open() as raw:
            raw.seek(5000)
            assert raw.read(100) == wanted[5000:5100]
            raw.seek(0)
            assert raw.read(2) == wanted[:2]
            assert raw.seek(0, os.SEEK_END) == len(wanted)


def test_a_member_left_unread_costs_nothing(folder):
    data, name = made(folder, "7z", "a", "OUT", "d", "7z")
    names = [member.name for member in opened(data, name)]
    assert names == [f"{name}!{one}" for one in WHOLE]


def crafted(*entries):
    """A tar with these entries: (name, type, content or target)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, kind, what in entries:
            info = tarfile.TarInfo(name)
            info.type = kind
            if kind == tarfile.REGTYPE:
                info.size = len(what)
                tar.addfile(info, io.BytesIO(what))
            else:
                info.linkname = what
                tar.addfile(info)
    return out.getvalue()


def test_names_never_become_paths_and_only_files_are_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = crafted(
        ("../../dehors.csv", tarfile.REGTYPE, b"a"),
        ("/etc/absolu", tarfile.REGTYPE, b"b"),
        ("deux\nlignes\x1b[31m", tarfile.REGTYPE, b"c"),
        ("même", tarfile.REGTYPE, b"d"),
        ("même", tarfile.REGTYPE, b"e"),
        ("lien", tarfile.SYMTYPE, "/etc/passwd"),
        ("dur", tarfile.LNKTYPE, "même"),
        ("disque", tarfile.BLKTYPE, ""),
        ("tube", tarfile.FIFOTYPE, ""),
        ("dossier", tarfile.DIRTYPE, ""),
    )
    assert content(opened(data, "t.tar")) == {
        "../../dehors.csv": b"a",
        "/etc/absolu": b"b",
        r"deux\nlignes\x1b[31m": b"c",
        "même": b"d",
        "même (2)": b"e",
        "lien": Reason.LINK,
        "dur": Reason.LINK,
        "disque": Reason.NOT_A_FILE,
        "tube": Reason.NOT_A_FILE,
    }
    assert list(tmp_path.iterdir()) == []


def test_what_comes_before_a_cut_is_read(folder):
    data, name = made(folder, "tar", "--sort=name", "-czf", "OUT", "d", "tar.gz")
    found = content(opened(data[: len(data) * 3 // 4], name))
    assert found["d/a.csv"] == TEXT.encode()
    assert found["d/b.bin"] == Reason.DAMAGED
    assert list(found)[-1].startswith("(after member ")


def drained(source):
    """What can be read of a source, and the reason why no more."""
    good = []
    with source.open() as raw:
        try:
            while piece := raw.read(4096):
                good.append(piece)
        except Unreadable as fault:
            return b"".join(good), fault.reason
    return b"".join(good), None


def test_what_comes_before_damage_is_given_first(folder):
    data, name = made(folder, "tar", "--sort=name", "-cf", "OUT", "d", "tar")
    for member in opened(data[:150_000], name):
        if member.name.endswith("b.bin"):
            good, reason = drained(member.source)
            assert (NOISE.startswith(good), reason) == (True, Reason.DAMAGED)
            assert len(good) > 50_000


@pytest.mark.parametrize(
    "command", [("tar", "czf", "OUT", "zeros", "tar.gz"), ("7z", "a", "OUT", "zeros", "7z")]
)
def test_a_bomb_is_stopped(tmp_path, command):
    (tmp_path / "zeros").mkdir()
    with (tmp_path / "zeros" / "a.bin").open("wb") as out:
        out.truncate(40 << 20)
    data, name = made(tmp_path, *command)
    found = content(opened(data, name, ratio_free=1 << 20, ratio=100))
    assert list(found.values()) == [Reason.RATIO, Reason.RATIO]
    assert list(found)[-1] == "(after member 1)"


def test_a_sparse_giant_is_stopped():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        info = tarfile.TarInfo("trou.bin")
        info.pax_headers = {
            "GNU.sparse.major": "1",
            "GNU.sparse.minor": "0",
            "GNU.sparse.realsize": str(1 << 50),
        }
        body = f"1\n{(1 << 50) - 512}\n512\n".encode().ljust(512, b"\0") + bytes(512)
        info.size = len(body)
        tar.addfile(info, io.BytesIO(body))
    assert set(content(opened(out.getvalue(), "t.tar")).values()) <= {Reason.TOO_LARGE, Reason.RATIO}


def test_too_many_members_are_said():
    data = crafted(*((f"f{number}", tarfile.REGTYPE, b"x") for number in range(30)))
    found = content(opened(data, "t.tar", members=10))
    assert len(found) == 11
    assert found["(after member 10)"] == Reason.TOO_MANY_MEMBERS


def test_a_member_larger_than_the_limit():
    data = crafted(("petit", tarfile.REGTYPE, b"x"), ("grand", tarfile.REGTYPE, b"x" * 5000))
    assert content(opened(data, "t.tar", member_bytes=1000)) == {"petit": b"x", "grand": Reason.TOO_LARGE}


@pytest.mark.parametrize("options", [["-mhe=on"], []])
def test_a_7z_without_its_password_waits_for_it(folder, options):
    data, name = made(folder, "7z", "a", "-pcolchique", *options, "OUT", "d", "7z")
    try:
        found = set(content(opened(data, name)).values())
    except Unreadable as fault:
        found = {fault.reason}
    assert found == {Reason.LOCKED}


@pytest.mark.parametrize(
    "data",
    [b"7z\xbc\xaf\x27\x1c" + NOISE[:300], b"Rar!\x1a\x07\x00" + NOISE[:300], b"MSCF\0\0\0\0" + NOISE[:300]],
)
def test_rubbish_under_a_known_mark(data):
    with pytest.raises(Unreadable) as found:
        content(opened(data, "t.7z"))
    assert found.value.reason in (Reason.DAMAGED, Reason.PACKING_NOT_READ)


def test_a_missing_library_is_a_reason(monkeypatch):
    plain = process._environment
    monkeypatch.setattr(process, "_environment", lambda: {**plain(), "LIBARCHIVE": "/nowhere/libarchive.so"})
    data = crafted(("a", tarfile.REGTYPE, b"x"))
    with bounded(Bounds()), pytest.raises(Unreadable) as found:
        content(opened(data, "t.tar"))
    assert found.value.reason == Reason.NEEDS_LIBARCHIVE


def test_when_the_process_dies_the_rest_goes_on(folder):
    data, name = made(folder, "tar", "--sort=name", "-cf", "OUT", "d", "tar")
    with bounded(Bounds()):
        walk = opened(data, name)
        first = next(walk)
        for child in psutil.Process().children():
            child.kill()
            child.wait()
        with pytest.raises(Unreadable) as found:
            first.source.open().read()
        assert found.value.reason == Reason.PARSER_DIED
        assert set(content(walk)) == {one for one in WHOLE if not first.name.endswith(one)}


def test_archives_within_archives(folder):
    inner, _ = made(folder, "7z", "a", "OUT", "d", "7z")
    outer = crafted(("dedans.7z", tarfile.REGTYPE, inner))
    (member,) = opened(gzip.compress(outer), "t.tgz")
    found = content(ArchiveContainer().members(member.source, Limits()))
    assert found == WHOLE


PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


def single(data, name="dossier/a.csv.gz", **limits):
    container = CompressedContainer()
    assert container.recognises(data, name) > 90
    (member,) = container.members(source(data, name), Limits(**limits))
    return member


@pytest.mark.parametrize("ending", PACKERS)
@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("padding", [b"", bytes(700)])
def test_single_files_under_compression(ending, times, padding):
    data = PACKERS[ending](TEXT.encode()) * times + padding
    member = single(data, f"dossier/a.csv.{ending}")
    assert member.name == f"dossier/a.csv.{ending}!a.csv"
    with member.source.open() as raw:
        assert raw.read() == TEXT.encode() * times
        raw.seek(100)
        assert raw.read(10) == TEXT.encode()[100:110]


@pytest.mark.parametrize("program", ["zstd", "gzip", "xz", "bzip2"])
def test_single_files_of_real_programs(program):
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    data = subprocess.run([program, "-c"], input=TEXT.encode(), stdout=subprocess.PIPE, check=True).stdout
    with single(data).source.open() as raw:
        assert raw.read() == TEXT.encode()


@pytest.mark.parametrize("ending", PACKERS)
def test_a_cut_file_is_read_up_to_the_cut(ending):
    data = PACKERS[ending](NOISE)[:-5000]
    good, reason = drained(single(data).source)
    assert reason == Reason.DAMAGED
    assert NOISE.startswith(good)
    if ending != "bz2":  # whose blocks hold 900 kB
        assert len(good) > 150_000


def test_what_follows_a_compressed_file_is_not_passed_over():
    with single(gzip.compress(b"a") + b"et la suite").source.open() as raw, pytest.raises(Unreadable):
        raw.read()


@pytest.mark.parametrize("ending", PACKERS)
def test_a_single_bomb_is_stopped(ending):
    data = PACKERS[ending](bytes(20 << 20))
    good, reason = drained(single(data, ratio_free=1 << 20, ratio=50).source)
    assert (reason, len(good) < 2 << 20) == (Reason.RATIO, True)


@pytest.mark.parametrize("name", ["a.tar.gz", "noms"])
def test_a_tar_under_compression_is_one_archive(name):
    data = gzip.compress(crafted(("a", tarfile.REGTYPE, b"x")))
    assert ArchiveContainer().recognises(data, name) > CompressedContainer().recognises(data, name)
    assert content(ArchiveContainer().members(source(data, name), Limits())) == {"a": b"x"}


def test_zip_is_left_to_the_reader_of_zip():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a", "x")
    assert ArchiveContainer().recognises(out.getvalue(), "a.zip") == 0

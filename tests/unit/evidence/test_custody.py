"""Taking evidence: what is written down, what is kept, what is refused."""

import hashlib
import os
import socket

import pytest

from factories import PLANTED, leak
from hemostat.errors import EvidenceError
from hemostat.evidence import Reason, check_there, run, take


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "evidence").mkdir()
    return tmp_path / "evidence"


def test_what_is_written_down(case, folder):
    path = leak(folder)
    [taken] = take(
        case,
        path,
        role="leak",
        actor="Inès",
        source="forum",
        reason="to warn people",
        legal_basis="GDPR art. 33",
    )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert (taken.name, taken.sha256, taken.bytes, taken.new) == (
        str(path),
        digest,
        path.stat().st_size,
        True,
    )
    [row] = case.rows(
        "select name, role, sha256, bytes, actor, source, reason, legal_basis, sealed, state, added_at from custody"
    )
    assert row[:10] == (
        str(path), "leak", digest, path.stat().st_size,
        "Inès", "forum", "to warn people", "GDPR art. 33", True, "taken",
    )  # fmt: skip
    assert row[10].endswith("+00:00")
    assert case.rows("select action from journal order by seq")[-1] == ("custody.take",)


def test_the_sealed_copy_is_the_original_and_unreadable(case, folder):
    path = leak(folder)
    take(case, path, role="leak")
    [sealed] = (case.path / "sealed").iterdir()
    assert case.open_sealed(sealed.name).read() == path.read_bytes()
    assert PLANTED[0].encode() not in sealed.read_bytes()


def test_the_same_content_counts_once_in_a_role(case, folder):
    path = leak(folder)
    copy = folder / "copy.csv"
    copy.write_bytes(path.read_bytes())
    [first] = take(case, path, role="leak")
    [again] = take(case, copy, role="leak")
    [other] = take(case, copy, role="patients")
    assert (again.new, again.custody_id, other.new) == (False, first.custody_id, True)
    assert len(list((case.path / "sealed").iterdir())) == 2
    assert case.rows("select count(*) from custody") == [(2,)]


def test_a_folder_is_taken_whole_in_the_order_of_names(case, folder, tmp_path):
    for name in ("b.csv", "a/z.csv", "a/Y.csv", "c.csv"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(f"nom\n{name}\n")
    (folder / "empty.csv").touch()
    (tmp_path / "elsewhere.csv").write_text("nom\nX\n")
    (folder / "link.csv").symlink_to(tmp_path / "elsewhere.csv")
    (folder / "away").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        os.chdir(folder)  # the name of a socket is short
        listening.bind("sock")
        taken = take(case, folder, role="leak")
    names = [t.name.removeprefix(f"{folder}/") for t in taken]
    assert names == ["a/Y.csv", "a/z.csv", "away", "b.csv", "c.csv", "empty.csv", "link.csv", "pipe", "sock"]
    assert {t.name.split("/")[-1]: t.reason for t in taken if t.reason} == {
        "away": Reason.LINK, "link.csv": Reason.LINK, "pipe": Reason.NOT_A_FILE, "sock": Reason.NOT_A_FILE,
    }  # fmt: skip
    assert [t.new for t in take(case, folder, role="leak")] == [False] * 5 + [True] + [False] * 3
    run(case)
    assert case.rows("select count(*), sum(units) from quarantine") == [(4, 4)]
    assert case.rows("select kind, units_in from evidence where name like '%empty.csv'")[0] == ("empty", 0)


def test_the_case_itself_is_not_evidence(case, tmp_path):
    leak(tmp_path / "evidence")
    names = [taken.name for taken in take(case, tmp_path, role="leak")]
    assert not [name for name in names if str(case.path) in name]
    assert any(name.endswith("patients.csv") for name in names)


def test_a_link_that_the_user_names_is_followed(case, folder):
    path = leak(folder)
    (folder / "link.csv").symlink_to(path)
    [taken] = take(case, folder / "link.csv", role="leak")
    assert taken.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_names_are_shown_in_one_plain_line(case, folder):
    path = folder / "a\nb\x1b[31m.csv"
    path.write_text("nom\nX\n")
    (folder / os.fsdecode(b"caf\xe9.csv")).write_text("nom\nY\n")
    taken = take(case, folder, role="leak")
    assert [t.name.split("/")[-1] for t in taken] == ["a\\nb\\x1b[31m.csv", "caf\\xe9.csv"]


@pytest.mark.parametrize("name", ["missing.csv", "a\0b", "pipe", "oracle://host/db"])
def test_what_cannot_be_taken_is_said_plainly(case, folder, name):
    os.mkfifo(folder / "pipe")
    place = name if "://" in name else folder / name
    for refused in (lambda: check_there(place), lambda: take(case, place, role="leak")):
        with pytest.raises(EvidenceError) as said:
            refused()
        assert said.value.exit_code == 3
        assert len(said.value.en.split(". ")) <= 2
        assert said.value.fr != said.value.en
    assert case.rows("select count(*) from custody") == [(0,)]


def test_left_in_place_it_is_not_copied_and_a_change_is_seen(case, folder):
    path = leak(folder)
    take(case, path, role="leak", in_place=True)
    assert not (case.path / "sealed").exists()
    path.write_bytes(path.read_bytes() + b"X;Y\n")
    with pytest.raises(EvidenceError, match="changed since"):
        run(case)
    path.unlink()
    with pytest.raises(EvidenceError, match="no longer be read"):
        run(case)
    leak(folder)
    run(case)
    assert case.rows("select units_in, state from evidence") == [(41, "read")]


def test_a_taking_that_is_stopped_leaves_nothing_behind(case, folder):
    class Stop:
        def step(self, label, done, total=None):
            assert (label, total) == ("custody", sum(path.stat().st_size for path in folder.iterdir()))
            if done:
                raise KeyboardInterrupt

    leak(folder)
    leak(folder, 50, "second.csv")
    with pytest.raises(KeyboardInterrupt):
        take(case, folder, role="leak", progress=Stop())
    assert len(take(case, folder, role="leak")) == 2
    assert case.rows("select count(*) from custody") == [(2,)]

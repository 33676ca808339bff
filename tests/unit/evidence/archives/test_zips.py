"""Zip archives, honest and hostile."""

import hashlib
import io
import shutil
import struct
import subprocess
import zipfile

import pytest

from hemostat.evidence import Limits, passwords

CSV = "nom;prenom;age\n" + "".join(f"N{n};P{n};{n}\n" for n in range(10, 40))


@pytest.fixture
def put(tmp_path):
    (tmp_path / "evidence").mkdir()

    def putting(data, name="a.zip"):
        path = tmp_path / "evidence" / name
        path.write_bytes(data)
        return path

    return putting


def reasons(lines):
    return {
        name.split("!", 1)[-1]: line.aside[0][4]
        for name, line in lines.items()
        if line.state == "quarantined"
    }


def test_members_nested_archives_and_names(ledger, put, zipped, book):
    sheet = '<row r="1"><c r="A1" t="str"><v>x</v></c></row>'
    inner = zipped({"in/b.csv": CSV, "c.xlsx": book(("S", None, sheet))})
    path = put(zipped({"../../etc/passwd": CSV, "dir/": "", "a\nb.csv": CSV, "n.zip": inner}))
    lines = ledger(path)
    assert [name.removeprefix(str(path)) for name in lines] == [
        "!../../etc/passwd", "!a\\nb.csv", "!n.zip!in/b.csv", "!n.zip!c.xlsx#S",
    ]  # fmt: skip
    assert all(line.unexplained == 0 and line.records for line in lines.values())
    assert lines[f"{path}!a\\nb.csv"].records == 30


def test_two_members_of_one_name(ledger, put):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.csv", CSV)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.csv", CSV + "Z;Z;99\n")
    lines = ledger(put(out.getvalue()))
    assert [(name.split("!")[1], line.records) for name, line in lines.items()] == [
        ("a.csv", 30),
        ("a.csv (2)", 31),
    ]


def test_encrypted_members_are_set_aside(ledger, case, put, zipped):
    data = bytearray(zipped({"a.csv": CSV, "b.csv": CSV}))
    data[6] |= 1  # the local header of the first member, then its entry in the directory
    data[data.index(b"PK\x01\x02") + 8] |= 1
    lines = ledger(put(bytes(data)))
    assert reasons(lines) == {"a.csv": "locked"}
    assert case.rows("select members, read, quarantined from container") == [(2, 1, 1)]


def test_what_only_looks_small(ledger, put, zipped):
    bomb = zipped({"zeros.csv": b"a;b\n" * 300_000, "fine.csv": CSV})
    lines = ledger(put(bomb), limits=Limits(ratio_free=100_000, ratio=100))
    assert reasons(lines) == {"zeros.csv": "ratio"}
    lines = ledger(
        put(zipped({"b.csv": CSV * 100, "c.csv": CSV}), "b.zip"), limits=Limits(member_bytes=10_000)
    )
    assert reasons(lines)["b.csv"] == "too_large"


def test_a_directory_that_lies_about_sizes(ledger, put, zipped):
    data = bytearray(zipped({"a.csv": b"a;b\n" * 300_000}))
    entry = data.index(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 1000)
    lines = ledger(put(bytes(data)), limits=Limits(ratio_free=100_000, ratio=100))
    assert all(line.unexplained == 0 and line.quarantined for line in lines.values())


def test_all_members_together_have_a_budget(ledger, put, zipped):
    lines = ledger(
        put(zipped({f"{n}.csv": CSV for n in range(9)})), limits=Limits(total_bytes=len(CSV) * 3 + 10)
    )
    assert reasons(lines) == {f"{n}.csv": "too_large" for n in range(3, 9)}


def test_too_many_members_and_too_deep(ledger, put, zipped):
    path = put(zipped({f"{n}.csv": CSV + str(n) for n in range(5)}))
    assert [line.aside[0][4] for line in ledger(path, limits=Limits(members=4)).values()] == [
        "too_many_members"
    ]
    nested = zipped({"x.csv": CSV})
    for _ in range(4):
        nested = zipped({"in.zip": nested})
    lines = ledger(put(nested, "deep.zip"), limits=Limits(depth=3))
    assert [line.aside[0][4] for name, line in lines.items() if "deep" in name] == ["too_deep"]


def test_members_that_overlap(ledger, put, zipped):
    data = bytearray(zipped({"a.csv": CSV, "b.csv": CSV}))
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    lines = ledger(put(bytes(data)))
    assert all(line.quarantined and not line.records for line in lines.values())


def test_links_and_unknown_packings(ledger, put, zipped):
    data = bytearray(zipped({"a.csv": CSV, "b.csv": CSV}))
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    data[first + 38 : first + 42] = struct.pack("<I", 0o120777 << 16)
    data[second + 10 : second + 12] = struct.pack("<H", 9)
    assert reasons(ledger(put(bytes(data)))) == {"a.csv": "link", "b.csv": "packing_not_read"}


def test_a_damaged_member_is_read_as_far_as_it_goes(ledger, put, zipped):
    text = "nom;prenom;age\n" + "".join(f"N{n};P{n * 7919 % 10007};{n % 90}\n" for n in range(20_000))
    data = bytearray(zipped({"a.csv": text, "b.csv": CSV}))
    place = data.index(b"PK\x03\x04", 4) * 3 // 4
    data[place : place + 400] = b"\xff" * 400
    path = put(bytes(data))
    lines = ledger(path)
    damaged = lines[f"{path}!a.csv"]
    assert (damaged.unexplained, damaged.sha256) == (0, None)
    assert damaged.records > 5000
    assert "damaged=yes" in damaged.note
    assert damaged.aside[-1][4] == "damaged"
    assert lines[f"{path}!b.csv"].records == 30


def test_an_archive_cut_at_once(ledger, case, put, zipped):
    path = put(zipped({"a.csv": CSV})[:10])
    (line,) = ledger(path).values()
    assert (line.units_in, line.quarantined, line.aside[0][4]) == (1, 1, "damaged")
    assert case.rows("select name, members, read, quarantined from container") == [(str(path), 1, 0, 1)]


@pytest.mark.parametrize(("cut", "records"), [(100, (0, 29)), (-30, (30, 30))])
def test_members_before_a_cut_are_read(ledger, case, put, zipped, cut, records):
    path = put(zipped({"a.csv": CSV})[:cut])
    lines = ledger(path)
    assert all(line.unexplained == 0 for line in lines.values())
    assert records[0] <= lines[f"{path}!a.csv"].records <= records[1]
    assert lines[f"{path}!(after member 1)"].aside[0][4] == "reading_stopped"
    assert case.rows("select members, quarantined > 0 from container") == [(2, True)]


@pytest.mark.usefixtures("put")
@pytest.mark.parametrize("packing", ["ZipCrypto", "AES128", "AES256"])
@pytest.mark.parametrize("stored", [True, False])
def test_a_password_opens_what_waited_for_it(ledger, case, tmp_path, packing, stored):
    if shutil.which("7z") is None:
        pytest.skip("7z is not installed: apt-get install p7zip-full")
    folder = tmp_path / "evidence"
    (folder / "à lire").mkdir()
    (folder / "à lire" / "a.csv").write_text(CSV)
    (folder / "libre.csv").write_text(CSV + "Z;Z;99\n")
    manner = "-mx0" if stored else "-mx9"
    for options in ([f"-mem={packing}", "-pKx9!colchique", "a.zip", "à lire"], ["a.zip", "libre.csv"]):
        subprocess.run(["7z", "a", "-tzip", manner, *options], cwd=folder, check=True, capture_output=True)
    path = folder / "a.zip"
    lines = ledger(path)
    assert {name.split("!")[1]: line.aside[0][4] for name, line in lines.items() if line.aside} == {
        "à lire/a.csv": "locked"
    }
    assert passwords.keep(case, [f"mauvais {n}" for n in range(20)]) == 20
    assert ledger()[f"{path}!à lire/a.csv"].aside[0][4] == "locked"
    assert passwords.keep(case, ["mauvais 3", "Kx9!colchique"]) == 1
    lines = ledger()
    assert {name.split("!")[1]: (line.records, line.units_in) for name, line in lines.items()} == {
        "libre.csv": (31, 32),
        "à lire/a.csv": (30, 31),
    }
    assert lines[f"{path}!à lire/a.csv"].sha256 == hashlib.sha256(CSV.encode()).hexdigest()
    assert case.rows("select members, read, quarantined from container") == [(2, 2, 0)]
    assert not case.rows("select 1 from quarantine")
    assert "colchique" not in str(case.rows("select * from journal"))


def test_a_wrong_check_sum_is_found(ledger, put, zipped):
    data = bytearray(zipped({"a.csv": CSV, "b.csv": CSV}))
    for mark, place in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        data[data.index(mark) + place] ^= 1
    path = put(bytes(data))
    lines = ledger(path)
    assert lines[f"{path}!a.csv"].aside[-1][4] == "damaged"
    assert (lines[f"{path}!b.csv"].records, lines[f"{path}!b.csv"].aside) == (30, [])


def test_what_systems_leave_behind_is_out_of_scope(ledger, put, zipped):
    mac = b"\0\x05\x16\x07\0\x02\0\0Mac OS X"
    lines = ledger(put(zipped({"a.csv": CSV, "__MACOSX/._a.csv": mac, "._b.csv": CSV})))
    counts = {name.split("!")[1]: (line.out_of_scope, line.records) for name, line in lines.items()}
    assert counts == {"a.csv": (0, 30), "__MACOSX/._a.csv": (1, 0), "._b.csv": (0, 30)}

import io
from pathlib import Path

import pytest

from hemostat.evidence import passwords
from hemostat.evidence.reasons import Reason

msoffcrypto = pytest.importorskip("msoffcrypto", reason="install hemostat[unlocking]")
from msoffcrypto.format.ooxml import OOXMLFile  # noqa: E402 - after the check that it is there

CORPUS = Path(__file__).parents[3] / "corpus"


def locked(name, word="Kx9!colchique"):
    out = io.BytesIO()
    with (CORPUS / name).open("rb") as raw:
        OOXMLFile(raw).encrypt(word, out)
    return out.getvalue()


@pytest.mark.parametrize(("name", "kind"), [("book.xlsx", "xlsx"), ("letter.docx", "office")])
def test_a_password_opens_a_document(ledger, case, tmp_path, name, kind):
    (tmp_path / "evidence").mkdir()
    plain = tmp_path / "evidence" / f"clair-{name}"
    plain.write_bytes((CORPUS / name).read_bytes())
    path = tmp_path / "evidence" / name
    path.write_bytes(locked(name))
    assert ledger(path)[str(path)].aside[0][4] == "locked"
    passwords.keep(case, ["faux"])
    assert ledger()[str(path)].aside[0][4] == "locked"
    passwords.keep(case, ["Kx9!colchique"])
    lines = ledger(plain)
    opened = {
        key.removeprefix(f"{path}!{name}"): one for key, one in lines.items() if key.startswith(str(path))
    }
    known = {key.removeprefix(str(plain)): one for key, one in lines.items() if key.startswith(str(plain))}
    assert {key: one.records for key, one in opened.items()} == {
        key: one.records for key, one in known.items()
    }
    assert all(one.unexplained == 0 for one in lines.values())
    assert (str(path), 1, 1, 0) in case.rows("select name, members, read, quarantined from container")
    assert kind in {one.kind for one in opened.values()} or name == "letter.docx"


def test_its_directory_may_lie_anywhere(ledger, tmp_path):
    data = bytearray(locked("book.xlsx"))
    shift, first = data[30], int.from_bytes(data[48:52], "little")
    directory = bytes(data[(first + 1) << shift : (first + 2) << shift])
    data[(first + 1) << shift : (first + 2) << shift] = bytes(len(directory))
    data += bytes(-len(data) % (1 << shift)) + bytes(100 << 10)
    data += bytes(-len(data) % (1 << shift))
    data[48:52] = ((len(data) >> shift) - 1).to_bytes(4, "little")
    data += directory
    (tmp_path / "evidence").mkdir()
    path = tmp_path / "evidence" / "sans nom"
    path.write_bytes(data)
    assert ledger(path)[str(path)].aside[0][4] == Reason.LOCKED


@pytest.mark.parametrize("share", [0.3, 0.7, 0.98])
def test_a_cut_document_is_damaged(ledger, case, tmp_path, share):
    data = locked("book.xlsx")
    (tmp_path / "evidence").mkdir()
    path = tmp_path / "evidence" / "b.xlsx"
    path.write_bytes(data[: int(len(data) * share)])
    passwords.keep(case, ["Kx9!colchique"])
    lines = ledger(path)
    assert {one.aside[0][4] for one in lines.values() if one.aside} <= {"damaged", "locked", "encrypted"}
    assert all(one.unexplained == 0 for one in lines.values())
    assert sum(one.quarantined for one in lines.values()) >= 1

"""One incident, several controllers: each file holds its own rows only, is encrypted, and is made once."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pyrage
import pytest
import pyzipper

import factories

sys.path.insert(0, str(Path(__file__).parent))
from letters_made import FACTS

from hemostat.notify import sealing

HEADINGS = ("cabinet", "nom", "prenom", "date_naissance", "num_secu", "email", "telephone")
SETS = [part for name, value in FACTS.items() for part in ("--set", f"{name}={value}")]


def opened(path: Path, identity) -> dict[str, str]:
    archive = zipfile.ZipFile(io.BytesIO(pyrage.decrypt(path.read_bytes(), [identity])))
    return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.fixture
def case(hemostat, tmp_path):
    """Two practices and rows of nobody; one person is in both, her e-mail in the second alone."""
    rows = []
    for n, row in enumerate(factories.people(30)):
        cabinet = "Cabinet des Lilas" if n < 14 else "Cabinet du Moulin" if n < 28 else ""
        rows.append((cabinet, row[0], row[1], row[3], row[4], row[5], row[6]))
    shared = rows[1]
    rows[1] = (*shared[:5], "", shared[6])
    rows.append(("Cabinet du Moulin", *shared[1:4], "", shared[5], shared[6]))
    leak = tmp_path / "evidence" / "fichier.csv"
    leak.parent.mkdir()
    leak.write_text(factories.csv_text(rows, HEADINGS), "utf-8")
    folder = tmp_path / "affaire"
    assert hemostat("respond", leak, "--case", folder, "--tenant-column", "cabinet")[0] == 0
    return folder


def unlocked(path, secret):
    """The texts of a file without a key, by name."""
    with pyzipper.AESZipFile(path) as outer:
        outer.setpassword(secret.encode())
        inner = outer.read(sealing.INSIDE)
    with zipfile.ZipFile(io.BytesIO(inner)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_seven_zip_opens_what_an_office_gets(tmp_path):
    seven = shutil.which("7z") or shutil.which("7zz")
    if seven is None:
        pytest.skip("7-Zip is not installed")
    content, slip = sealing.sealed(b"the archive inside", None, "00001-x")
    place = tmp_path / "out.zip"
    place.write_bytes(content)
    secret = slip.splitlines()[2].strip()
    listed = subprocess.run([seven, "l", "-slt", place], capture_output=True, text=True, check=True).stdout
    assert "AES-256" in listed
    told = [seven, "x", f"-p{secret}", f"-o{tmp_path / 'there'}", place]
    assert subprocess.run(told, capture_output=True, check=False).returncode == 0
    assert (tmp_path / "there" / sealing.INSIDE).read_bytes() == b"the archive inside"
    told[2] = "-pwrong"
    assert subprocess.run([*told, "-y"], capture_output=True, check=False).returncode != 0


def test_passphrases_differ_and_hold_a_hundred_bits():
    drawn = {sealing.passphrase() for _ in range(100)}
    assert len(drawn) == 100
    assert all(re.fullmatch(r"([0-9a-hjkmnp-tv-z]{4}-){4}[0-9a-hjkmnp-tv-z]{4}", one) for one in drawn)


def test_without_the_library_the_secret_is_an_age_key(monkeypatch):
    monkeypatch.setattr(sealing, "available", lambda: False)
    content, slip = sealing.sealed(b"x", None, "00001-x")
    own = pyrage.x25519.Identity.from_str(slip.splitlines()[-1])
    assert pyrage.decrypt(content, [own]) == b"x"
    assert sealing.ending(None) == ".zip.age"


def test_each_controller_gets_its_own_rows_and_nothing_else(hemostat, case, tmp_path):
    out, slips = tmp_path / "out" / "dossiers", tmp_path / "keys" / "fiches"
    key = pyrage.x25519.Identity.generate()
    listed = tmp_path / "evidence" / "tenants.csv"
    listed.write_text(
        "tenant,siren,contact,told_at,dpo,key,mandate\n"
        f"Cabinet du Moulin,552100554,Dr Exemple,2026-01-12T09:00+01:00,aucun,{key.to_public()},\n",
        "utf-8",
    )
    told = ("notify", case, "tenants", "--out", out, "--list", listed)
    assert hemostat(*told, "--slips", slips)[0] == 6
    assert hemostat("notify", case, "letters", *SETS)[0] == 0
    assert hemostat(*told)[0] == 6
    assert not out.exists()
    code, said, _ = hemostat(*told, "--slips", slips)
    assert code == 0
    assert said.startswith("3 files made, 0 already there; 30 distinct people, 31 when")
    files = sorted(out.iterdir())
    assert all(b"@example" not in path.read_bytes() for path in files)
    assert [path.stem for path in sorted(slips.iterdir())] == [
        "00001-sans-organisme",
        "00002-cabinet-des-lilas",
    ]
    assert [path.suffix for path in files] == [".zip", ".zip", ".age"]
    slip = (slips / "00002-cabinet-des-lilas.txt").read_text("utf-8")
    secret = slip.splitlines()[2].strip()
    assert "7-Zip" in slip
    assert "L'explorateur de Windows, seul, n'ouvre pas" in slip
    lilas = unlocked(files[1], secret)
    with pytest.raises(RuntimeError):
        unlocked(files[1], secret[:-1] + ("2" if secret[-1] != "2" else "3"))
    moulin = opened(files[2], key)
    assert len(lilas["personnes.csv"].splitlines()) == 15
    assert len(moulin["personnes.csv"].splitlines()) == 16
    email = factories.people(2)[1][5]
    assert email not in "".join(lilas.values())
    assert email in moulin["personnes.csv"]
    person = next(line for line in moulin["personnes.csv"].splitlines() if email in line)
    assert "nir" not in person
    assert "nir" in next(
        line for line in lilas["personnes.csv"].splitlines() if line.startswith(person.split(",")[0])
    )
    notice = {field["id"]: field for field in json.loads(moulin["notification.json"])}
    assert notice["nb_personnes"]["values"] == ["15"]
    assert notice["siren"]["values"] == ["552100554"]
    assert "12/01/2026 09:00" in notice["prise_connaissance"]["values"][0]
    assert any("Cabinet du Moulin" in text for name, text in moulin.items() if name.startswith("lettres/"))
    assert "descriptif" in moulin["lisez-moi.txt"]
    code, said, _ = hemostat(*told, "--slips", slips)
    assert (code, said.startswith("0 files made, 3 already there")) == (0, True)


def test_a_wrong_list_is_refused(hemostat, case, tmp_path):
    listed = tmp_path / "evidence" / "tenants.csv"
    for text in ("nom,cle\n1,2\n", "tenant,key\nA,not-a-key\n", "tenant,told_at\nA,hier\n"):
        listed.write_text(text, "utf-8")
        assert hemostat("notify", case, "tenants", "--out", tmp_path / "out", "--list", listed)[0] == 2

"""The documents say what the program is: every command, category, exit code and column; every link leads somewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import quote

import docs
from hemostat.cli.commands import root
from hemostat.errors import HemostatError
from hemostat.model import Category

ROOT = docs.HERE
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], key=lambda path: path.relative_to(ROOT).as_posix()
)
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in DOCUMENTS}
OUTSIDE = {"keepachangelog.com", "semver.org"}
"""Sites the documents may send a reader to. A new one is a decision."""

every_document = pytest.mark.parametrize("name", TEXTS)


def prose(text: str) -> str:
    """The text without its code blocks, where a link is no link."""
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def links(text: str) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", prose(text)) + re.findall(r"<(https?://[^>]+)>", prose(text))


def anchors(text: str) -> set[str]:
    """The anchors of the headings, as hosting sites make them."""
    found = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def shell_lines(program: str) -> list[str]:
    """Every command line of every ``sh`` block that begins with ``program``, once."""
    found = {
        part.strip(): None
        for text in TEXTS.values()
        for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
        for line in block.replace("\\\n", " ").splitlines()
        for part in line.split("&&")
    }
    return [line for line in found if line.startswith(program + " ")]


def test_generated_blocks_are_in_step():
    assert docs.main(["--check"]) == 0


def test_a_document_that_lags_is_noticed(tmp_path, monkeypatch, capfd):
    lagging = tmp_path / "out" / "README.md"
    lagging.parent.mkdir()
    lagging.write_text(TEXTS["README.md"].replace("| `70` |", "| `71` |"), "utf-8")
    monkeypatch.setattr(docs, "DOCUMENTS", (str(lagging),))
    assert docs.main(["--check"]) == 1
    assert docs.main([]) == 0
    assert lagging.read_text("utf-8") == TEXTS["README.md"]
    capfd.readouterr()


def test_documents_with_blocks_are_all_regenerated():
    with_blocks = {name for name, text in TEXTS.items() if "<!-- [[[cog" in text}
    assert with_blocks == set(docs.DOCUMENTS)


def test_every_command_has_its_page():
    paths = {context.command_path for context in quote.walk()}
    headings = set(re.findall(r"^## (hemostat.*)$", TEXTS["docs/reference/commands.md"], re.MULTILINE))
    assert headings == paths


def test_every_category_is_in_the_glossary():
    rows = re.findall(r"^\| \d+ \| `(\w+)` \|", TEXTS["GLOSSARY.md"], re.MULTILINE)
    assert rows == [str(category) for category in Category]


def test_every_exit_code_is_in_the_readme():
    kinds, codes = [HemostatError], set(quote.OTHER_CODES)
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        codes.add(kind.exit_code)
    assert {int(code) for code in re.findall(r"^\| `(\d+)` \|", TEXTS["README.md"], re.MULTILINE)} == codes


@pytest.mark.parametrize("line", shell_lines("hemostat"))
def test_quoted_command_lines_are_understood(line):
    command, arguments, context = root, shlex.split(line, comments=True)[1:], None
    while isinstance(command, click.Group):
        context = command.make_context(command.name, arguments, parent=context)
        found, command, arguments = command.resolve_command(
            context, [*context._protected_args, *context.args]
        )
        assert found
    command.make_context(command.name, arguments, parent=context)


@pytest.mark.parametrize("line", shell_lines("make"))
def test_quoted_make_targets_exist(line):
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert line.split()[1] in targets


@every_document
def test_links_lead_somewhere(name):
    for link in links(TEXTS[name]):
        target = urlsplit(link)
        if target.scheme:
            assert target.hostname in OUTSIDE, link
            continue
        place = (ROOT / name).parent / target.path if target.path else ROOT / name
        assert place.is_file(), link
        if target.fragment:
            assert target.fragment in anchors(place.read_text("utf-8")), link


@every_document
def test_addresses_are_known(name):
    hosts = {urlsplit(found).hostname for found in re.findall(r"https?://[^\s)>\"'`]+", TEXTS[name])}
    assert hosts <= OUTSIDE


@every_document
def test_no_place_of_one_machine(name):
    assert not re.findall(r"(?<![\w.~])/(?:home|root|tmp|work|mnt|Users|opt|var)/\S*", TEXTS[name])


@every_document
def test_the_project_speaks_of_itself_alone(name):
    assert not re.findall(r"(?<![\w&/])#\d+\b|\bAI\b|\bLLM\b", TEXTS[name])


def test_every_document_is_reached_from_the_readme():
    seen, ahead = set(), ["README.md"]
    while ahead:
        name = ahead.pop()
        seen.add(name)
        for link in links(TEXTS[name]):
            place = ((ROOT / name).parent / urlsplit(link).path).resolve()
            if place.suffix == ".md" and place.is_relative_to(ROOT):
                target = place.relative_to(ROOT).as_posix()
                ahead += [target] if target not in seen else []
    assert seen == set(TEXTS)


def test_every_table_of_the_case_is_named():
    named = re.findall(r"^\| `(\w+)` \| `", TEXTS["ARCHITECTURE.md"], re.MULTILINE)
    text = (ROOT / "src/hemostat/case/schema.sql").read_text("utf-8")
    assert named == re.findall(r"^create table (\w+)", text, re.MULTILINE)


def test_docs_refuses_other_arguments():
    script = [sys.executable, str(ROOT / "tools" / "docs.py"), "--chek"]
    assert subprocess.run(script, capture_output=True, check=False).returncode == 2

"""Help pages speak French or English; no text of a command or option is left without its French."""

import click
import pytest

from hemostat.cli import edge
from hemostat.cli.commands import COMMANDS, root
from hemostat.cli.help_fr import HELP_FR, LIBRARY_FR


def walk(command, path=("hemostat",)):
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from walk(child, (*path, name))


def texts(command):
    yield command.help
    yield from (p.help for p in command.params if isinstance(p, click.Option))


@pytest.mark.parametrize(
    ("path", "command"), list(walk(root)), ids=lambda v: " ".join(v) if isinstance(v, tuple) else ""
)
def test_each_text_has_its_french(path, command):
    known = {*HELP_FR, *HELP_FR.values(), *LIBRARY_FR}
    assert [text for text in texts(command) if text is None or text not in known] == [], path


def test_no_french_is_left_over_for_texts_that_are_gone():
    said = {text for _, command in walk(root) for text in texts(command)}
    assert {en for en, fr in HELP_FR.items() if not {en, fr} & said} == set()


def test_the_page_speaks_the_language_asked_for(capfd):
    assert edge.run(["--lang", "fr", "decide", "x", "claim", "--help"]) == 0
    french = capfd.readouterr().out
    assert french.startswith("Usage : hemostat decide CASE_DIR claim")
    assert "Dit ce qu'une annonce est devenue." in french
    assert "[obligatoire]" in french
    assert edge.run(["--lang", "en", "decide", "x", "claim", "--help"]) == 0
    english = capfd.readouterr().out
    assert "Say what became of a claim." in english
    assert "[required]" in english


def test_commands_are_listed_in_the_order_of_work(capfd):
    edge.run(["--lang", "en", "--help"])
    lines = capfd.readouterr().out.split("Commands:")[1].splitlines()
    listed = [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "]
    assert listed == [command.name for command in COMMANDS]


def test_help_on_a_command_of_a_case_needs_no_case(capfd):
    assert edge.run(["--lang", "en", "notify", "letters", "--help"]) == 0
    assert capfd.readouterr().out.startswith("Usage: hemostat notify CASE_DIR letters")


def test_a_list_of_commands_cuts_no_sentence_at_an_abbreviation(capfd):
    assert edge.run(["--lang", "en", "notify", "--help"]) == 0
    assert "Make and check the letters of art. 34, one per person\n" in capfd.readouterr().out

"""Whatever happens inside leaves as one sentence and an exit code, in the user's language, without data."""

import errno

import pytest

from factories import PLANTED
from hemostat.cli import commands, edge
from hemostat.cli.words import TABLES, language_of_the_machine, speak
from hemostat.errors import (
    CaseError,
    EvidenceError,
    HemostatError,
    Refused,
    RuleError,
    StorageError,
    UsageError,
)


def failing(monkeypatch, fault):
    def fail(*_args, **_kwargs):
        raise fault

    monkeypatch.setattr(commands.report, "callback", fail)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (UsageError("in English", "en français"), 2),
        (EvidenceError("in English", "en français"), 3),
        (CaseError("in English", "en français"), 4),
        (RuleError("in English", "en français"), 5),
        (Refused("in English", "en français"), 6),
        (StorageError("in English", "en français"), 74),
    ],
)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_each_error_has_its_code_and_both_languages(monkeypatch, capfd, fault, code, lang):
    failing(monkeypatch, fault)
    assert edge.run(["--lang", lang, "report", "x"]) == code
    assert capfd.readouterr().err == (fault.fr if lang == "fr" else fault.en) + "\n"


def test_our_own_fault_gives_a_reference_and_no_data(monkeypatch, capfd):
    failing(monkeypatch, ValueError(f"cannot parse {PLANTED[0]} {PLANTED[2]}"))
    assert edge.run(["--lang", "en", "report", "x"]) == 70
    err = capfd.readouterr().err
    assert "reference ValueError@" in err
    assert "Traceback" not in err
    assert not [v for v in PLANTED if v in err]


def test_an_error_while_handling_an_error_shows_no_chain(monkeypatch, capfd):
    inner = HemostatError("one", "un")
    inner.__cause__ = ValueError(PLANTED[0])
    failing(monkeypatch, inner)
    assert edge.run(["--lang", "en", "report", "x"]) == 70
    assert capfd.readouterr().err == "one\n"


@pytest.mark.parametrize(
    ("fault", "code", "word"),
    [
        (KeyboardInterrupt(), 130, "goes on"),
        (OSError(errno.ENOSPC, "no space"), 74, "disk is full"),
        (OSError(errno.EDQUOT, "quota"), 74, "disk is full"),
        (MemoryError(), 74, "Memory"),
    ],
)
def test_outside_events(monkeypatch, capfd, fault, code, word):
    failing(monkeypatch, fault)
    assert edge.run(["--lang", "en", "report", "x"]) == code
    assert word in capfd.readouterr().err


def test_both_tables_say_the_same_things():
    assert TABLES["fr"].keys() == TABLES["en"].keys()
    for key, sentence in TABLES["fr"].items():
        fields = [part.split("}")[0] for part in sentence.split("{")[1:]]
        assert sorted(fields) == sorted(part.split("}")[0] for part in TABLES["en"][key].split("{")[1:]), key


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "C.UTF-8"}, "fr"),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "fr_FR.UTF-8"}, "en"),
    ],
)
def test_language_comes_from_the_locale_else_french(monkeypatch, environment, lang):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language_of_the_machine() == lang


@pytest.fixture(autouse=True)
def _reset_language():
    yield
    speak("fr")

import pytest

from hemostat.report.text import ledger_text


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("name", ["telemedecine", "laboratoires", "annonce"])
def test_no_line_is_wider_than_the_terminal(make, name, lang, width):
    lines = ledger_text(make(name).summary, lang, width).split("\n")
    assert max(map(len, lines)) <= width
    assert not [line for line in lines if line != line.rstrip()]


def test_figures_stand_under_each_other(make):
    text = ledger_text(make().summary, "en", 80)
    lines = text[text.index("Units found") :].split("\n\n")[0].split("\n")
    figures = [
        "100,413",
        "−1",
        "−1",
        "−43",
        "100,368",
        "−457",
        "99,911",
        "−388",
        "99,523",
        "28,512",
        "27,840",
    ]
    ends = {line.index(f" {figure}") + len(figure) for line, figure in zip(lines, figures, strict=True)}
    assert len(ends) == 1


def test_it_says_the_same_as_the_report(make):
    text = ledger_text(make().summary, "en", 200)
    assert text.startswith(
        "28,512 distinct people (between 28,390 and 28,641, at 95%) are in the files. At most 28,943.\n"
    )
    assert "Claimed by DumpSec" in text
    assert "and 13 more categories" in text


def test_what_does_not_add_up_comes_first(make):
    assert ledger_text(make("laboratoires").summary, "en").startswith("The count does not add up: 37 units")


def test_a_claim_alone(make):
    text = ledger_text(make("annonce").summary, "fr")
    assert text == (
        "Nous n’avons encore reçu aucun fichier. Nous ne savons pas encore qui est\nconcerné.\n\n"
        "Annoncé par DumpSec  32\u202f000  personnes\n"
    )


def test_small_counts_are_hidden_here_too(make):
    counts = {"pregnancy": {"persons": 3, "records": 3, "valid": None}}
    text = ledger_text({**make().summary, "categories": counts}, "en", 80)
    assert text.endswith("Data exposed\n  Pregnancy (art.\u00a09)  <5\n")

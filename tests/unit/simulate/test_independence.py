"""The fiction knows nothing of the rules that will judge it: how much both share is printed, and stays partial."""

import re
import tomllib
from importlib.resources import files

import numpy as np
import pytest

from hemostat.detect.folded import fold
from hemostat.detect.names import lexicon
from hemostat.simulate.names import ORIGIN_NAMES, draw_first_names, draw_surnames
from hemostat.simulate.texts import grammar

DRAWN = 200_000
WORDS = 3
"""A phrase has so many words; shorter ones are the language's own."""


def drawn(kind):
    rng = np.random.default_rng(7)
    origins = rng.integers(0, len(ORIGIN_NAMES), DRAWN)
    if kind == "surnames":
        return draw_surnames(rng, origins)
    return draw_first_names(rng, origins, rng.integers(1, 3, DRAWN), rng.integers(1930, 2020, DRAWN))


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def phrases(texts):
    found = {" ".join(re.findall(r"\w+", fold(text))) for text in texts}
    return {text for text in found if len(text.split()) >= WORDS}


@pytest.mark.parametrize(("kind", "most"), [("surnames", 0.4), ("first_names", 0.8)])
def test_names_drawn_and_names_known_overlap_only_in_part(kind, most):
    known = lexicon().surnames if kind == "surnames" else frozenset(lexicon().first)
    folded = {fold(name) for name in drawn(kind).unique()}
    shared = {name for name in folded if name.split()[0] in known}
    print(f"{kind}: {len(folded):,} drawn, {len(shared) / len(folded):.1%} of them known to the detectors")
    assert len(folded) > 2_000
    assert len(shared) < most * len(folded)
    assert len(known - folded) > 50, "the detectors' list is not the fiction's own"


def test_hardly_a_phrase_of_the_fiction_is_an_entry_of_the_rules():
    rules = [path for path in files("hemostat.rules").iterdir() if path.name.endswith(".toml")]
    listed = phrases(text for path in rules for text in strings(tomllib.loads(path.read_text("utf-8"))))
    written = set()
    for name in ("care_texts", "remarks"):
        found = grammar(name)
        written |= phrases(text for values in found.slots.values() for text in values)
        written |= phrases(form for sort in found.sorts for form in sort.forms)
    shared = written & listed
    print(f"{len(shared)} of {len(written)} phrases of the fiction are entries of the rules")
    assert len(written) > 100
    assert len(shared) < 0.05 * len(written)

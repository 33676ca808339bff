"""Whether a text speaks of somebody at all: a remark in a market report, a leaflet or a match is nobody's.

A text is of somebody when a word tells of a person (« patiente », « Mme », « je », « sa mère »), when it holds a name,
an identifier or care, or when it is typed as notes are, almost without articles. Running prose that has none of these
tells of the world, and what looks like a remark there is a figure of speech, a rule or a title.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hemostat.detect.text.lexicon import Trait

if TYPE_CHECKING:
    import numpy.typing as npt

    from hemostat.detect.text.context import Cues, Line
    from hemostat.detect.text.page import Page
    from hemostat.detect.text.spans import Spans
    from hemostat.detect.text.tokens import Tokens

    Bools = npt.NDArray[np.bool_]

_ARTICLES = 0.12
"""Share of articles among the words from which a text reads as prose; notes have fewer."""
_PROSE = 16
"""Words from which a text can be running prose: what stands alone in a field is a remark about its row."""


def of_somebody(page: Page, tokens: Tokens, found: Line, cues: Cues, others: list[Spans]) -> Bools:
    """For each text of the page, whether it speaks of somebody; ``others`` are the spans that tell so by themselves."""
    size = len(page.starts)
    out = np.zeros(size, dtype=np.bool_)
    told = cues.places("somebody")
    out[np.searchsorted(page.starts, tokens.start[told], side="right") - 1] = True
    for spans in others:
        out[np.searchsorted(page.starts, spans.start, side="right") - 1] = True
    text = np.searchsorted(page.starts, tokens.start, side="right") - 1
    words = np.bincount(text, minlength=size)
    articles = np.bincount(text[(found.traits & Trait.ARTICLE) > 0], minlength=size)
    return np.asarray(out | (articles < _ARTICLES * words) | (words < _PROSE))

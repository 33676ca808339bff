"""The stories: tables of settings. One table more is one story more."""

from __future__ import annotations

from hemostat.simulate.stories_dumps import CEGEDIM, DEDALUS, MEDECINDIRECT
from hemostat.simulate.stories_logs import GRADES, WEDA
from hemostat.simulate.stories_more import ALEO, CNAV, DUMPSEC, VIAMEDIS

STORIES = {
    story.name: story
    for story in (MEDECINDIRECT, WEDA, GRADES, DEDALUS, CEGEDIM, ALEO, CNAV, VIAMEDIS, DUMPSEC)
}
"""All stories by name."""

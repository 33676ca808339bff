"""The stories: tables of settings. One table more is one story more."""

from __future__ import annotations

from hemostat.simulate.stories_dumps import CEGEDIM, DEDALUS, MEDECINDIRECT

STORIES = {story.name: story for story in (MEDECINDIRECT, DEDALUS, CEGEDIM)}
"""All stories by name."""

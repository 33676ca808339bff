"""What each row of a leak is: matched, plausible, doubtful, fabricated or recycled. It informs, and removes nobody."""

from hemostat.resolve.standing.judge import Judged, Vouched, judge
from hemostat.resolve.standing.rules import reasons, worded
from hemostat.resolve.standing.signs import signs
from hemostat.resolve.standing.stage import known, run, why

__all__ = ["Judged", "Vouched", "judge", "known", "reasons", "run", "signs", "why", "worded"]

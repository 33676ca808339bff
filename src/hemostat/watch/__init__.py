"""Access logs as evidence of exposure: who saw what, from the logs of the systems themselves.

``keep`` records the choice of accounts and window; ``run`` makes exposures of it; ``ranking`` helps to choose.
"""

from hemostat.watch.accounts import ranking
from hemostat.watch.choice import Choice, choice, keep
from hemostat.watch.scope import figures
from hemostat.watch.stage import run

__all__ = ["Choice", "choice", "figures", "keep", "ranking", "run"]

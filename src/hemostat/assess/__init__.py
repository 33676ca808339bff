"""How bad, for whom, which scams it makes possible, and what the clocks say."""

from hemostat.assess.clocks import Clock, clocks, controller_zone, due, set_time, times_of
from hemostat.assess.instants import instant
from hemostat.assess.reach import CALLED_FIRST, answers, intimate_mask, reach
from hemostat.assess.said import Said, latest, say_fact
from hemostat.assess.scams import named_scams, price_rules, scam_rules, scams_of
from hemostat.assess.severity import Circumstances, Severity, severity, severity_rules
from hemostat.assess.stage import Cohort, circumstances, cohorts, judge, run, severity_counts

__all__ = [
    "CALLED_FIRST",
    "Circumstances",
    "Clock",
    "Cohort",
    "Said",
    "Severity",
    "answers",
    "circumstances",
    "clocks",
    "cohorts",
    "controller_zone",
    "due",
    "instant",
    "intimate_mask",
    "judge",
    "latest",
    "named_scams",
    "price_rules",
    "reach",
    "run",
    "say_fact",
    "scam_rules",
    "scams_of",
    "set_time",
    "severity",
    "severity_counts",
    "severity_rules",
    "times_of",
]

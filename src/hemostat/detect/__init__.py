"""Which data are in a column, in a value, in a text.

``examine`` says what a table holds, without a case. ``judge`` names the categories of a column from its heading and
a sample of its values; ``name_batch`` names, counts and checks every value; ``run`` does both for a whole case.
"""

from hemostat.detect.columns import sample
from hemostat.detect.detectors import DETECTORS, Detector
from hemostat.detect.judge import judge, judge_table
from hemostat.detect.samples import ColumnSample
from hemostat.detect.stage import run
from hemostat.detect.stream import Examined, examine, examine_stream
from hemostat.detect.values import Facts, name_batch
from hemostat.detect.view import Candidate

__all__ = [
    "DETECTORS",
    "Candidate",
    "ColumnSample",
    "Detector",
    "Examined",
    "Facts",
    "examine",
    "examine_stream",
    "judge",
    "judge_table",
    "name_batch",
    "run",
    "sample",
]

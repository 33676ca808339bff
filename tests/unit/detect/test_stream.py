"""A table examined while it is read: threads, processes and one batch after the other say the same."""

import signal
from datetime import date

import pyarrow as pa
import pytest

from hemostat.detect import crew, examine_stream
from hemostat.detect.plan import TablePlan
from hemostat.errors import StorageError

TODAY = date(2026, 11, 22)


def batch(first, rows=700):
    """Rows of which every column says something else; a column more from some batch on."""
    numbers = range(first, first + rows)
    cells = {
        "_line": pa.array(numbers, pa.int64()),
        "nom": [f"GARNIER{n % 31}" if n % 7 else None for n in numbers],
        "naissance": [f"{n % 28 + 1:02}/{n % 12 + 1:02}/{1930 + n % 80}" for n in numbers],
        "tel": [f"06399{n % 90_000:05}" if n % 3 else "x" for n in numbers],
        "mdp": [f"azerty{n % 900}" for n in numbers],
        "remarque": [f"rappeler sophie{n}@example.org, patiente séropositive depuis 2009" for n in numbers],
    }
    if first >= 2100:
        cells["email"] = [f"a{n}@example.net" for n in numbers]
    return pa.table(cells)


BATCHES = [batch(first) for first in range(0, 4900, 700)]


def examined(**how):
    return examine_stream(lambda: iter(BATCHES), table="t.csv", today=TODAY, **how)


def test_processes_say_what_threads_and_one_thread_say():
    alone = examined()
    assert {(f.category, f.values) for f in alone.findings} >= {
        ("phone", 3266),
        ("remark_hiv", 4900),
        ("email", 2800),
    }
    assert alone.rows == 4900
    assert examined(workers=3) == alone
    assert examined(workers=2, apart=True) == alone
    assert examined(workers=1, apart=True) == alone


def test_a_process_that_dies_is_told_in_a_sentence_without_data():
    with crew.Crew(1) as counting:
        counting._members[0]._process.kill()
        with pytest.raises(StorageError) as told:
            counting.count(BATCHES[0], TablePlan(()), TODAY, {})
    assert "run the same command again" in told.value.en
    assert told.value.__cause__ is None
    assert "GARNIER" not in str(told.value)


def test_an_interruption_does_not_reach_the_processes_and_none_is_left():
    with crew.Crew(1) as counting:
        (member,) = counting._members
        counting.count(BATCHES[0], TablePlan(()), TODAY, {})
        member._process.send_signal(signal.SIGINT)
        part = counting.count(BATCHES[1], TablePlan(()), TODAY, {})
        assert member._process.poll() is None
    assert {one.heading: one.rows for one in part.sampler.samples()}["nom"] == 700
    assert member._process.poll() is not None

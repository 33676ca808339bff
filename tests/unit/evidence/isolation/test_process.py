import io
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hemostat.evidence.base import Limits, Source, Unreadable
from hemostat.evidence.isolation import process
from hemostat.evidence.isolation.process import Bounds, Isolated, bounded, isolated_tables
from hemostat.evidence.reasons import Reason
from hemostat.evidence.tables.columnar import ParquetReader
from reading import adds_up, source

TABLES = "misbehaving:tables"


@pytest.fixture(autouse=True)
def _workers(monkeypatch):
    """Workers that know the badly behaved parsers, and are short of everything."""
    plain = process._environment

    def environment():
        known = plain()
        known["PYTHONPATH"] += os.pathsep + str(Path(__file__).parents[3])
        return known

    monkeypatch.setattr(process, "_environment", environment)
    with bounded(Bounds(processor=2, wall=8)):
        yield


def tables(order, **given):
    return isolated_tables(TABLES, source(order.encode(), "evidence.bin"), Limits(), given)


def idle():
    return [worker._process.pid for worker in process._pool._idle]


def test_tables_come_through_whole():
    found = list(tables("be good", password="Kx9"))
    assert [(one.name, one.kind, one.count_method) for one in found] == [
        ("evidence.bin#1", "obedient", "declared"), ("evidence.bin#2", "obedient", "declared"),
    ]  # fmt: skip
    batches = list(found[0].batches(None))
    for batch in batches:
        adds_up(batch)
    assert [batch.rows.to_pylist() for batch in batches] == [[{"a": "0"}], [{"a": "1"}], [{"a": "2"}]]
    assert [batch.resume for batch in found[1].batches({"row": 2})] == [{"row": 3}]
    assert (found[0].count_units(), found[1].note) == (3, "Kx9")


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ("die", Reason.PARSER_DIED),
        ("loop", Reason.PARSER_SLOW),
        ("sleep", Reason.PARSER_SLOW),
        ("eat", Reason.TOO_MUCH_MEMORY),
        ("recurse", Reason.DAMAGED),
        ("raise", Reason.DAMAGED),
        ("refuse", Reason.ENCRYPTED),
        ("write", Reason.DAMAGED),
    ],
)
def test_what_befalls_a_parser_costs_one_source(order, reason, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Unreadable) as found:
        list(tables(f"at once: {order}"))
    assert found.value.reason == reason
    if reason != Reason.PARSER_SLOW:  # waiting once is enough
        with pytest.raises(Unreadable) as found:
            list(next(tables(order)).batches(None))
        assert found.value.reason == reason
    assert [len(list(one.batches(None))) for one in tables("be good")] == [3, 3]
    assert not (tmp_path / "trace.txt").exists() or not (tmp_path / "trace.txt").read_bytes()


def test_what_was_read_before_a_death_stands():
    table = next(tables("die"))
    batches = table.batches(None)
    assert next(batches).rows.to_pylist() == [{"a": "0"}]
    with pytest.raises(Unreadable):
        next(batches)


def test_what_a_parser_prints_goes_nowhere(capfd):
    assert len(list(tables("print"))) == 2
    assert capfd.readouterr() == ("", "")


def test_workers_are_kept_and_replaced():
    list(tables("one"))
    first = idle()
    list(tables("two"))
    assert idle() == first
    with pytest.raises(Unreadable):
        list(tables("at once: die"))
    list(tables("three"))
    assert idle() != first
    assert all(psutil.pid_exists(pid) for pid in idle())


def test_several_sources_at_once_have_a_worker_each():
    walks = [tables("be good") for _ in range(4)]
    names = [next(walk).name for walk in walks]
    assert names == ["evidence.bin#1"] * 4
    for walk in walks:
        walk.close()
    assert len(idle()) == Bounds().idle


def test_a_worker_says_nothing_of_the_evidence_in_its_title():
    walk = isolated_tables(
        TABLES, source(b"QUENOUILLARD", "QUENOUILLARD.pdf"), Limits(), {"password": "Kx9!colchique"}
    )
    next(walk)
    children = psutil.Process().children()
    told = [" ".join(child.cmdline()) + str(child.environ()) for child in children]
    walk.close()
    assert children
    assert not any("QUENOUILLARD" in text or "colchique" in text for text in told)


def test_a_fault_of_the_evidence_itself_is_told_as_such():
    class Torn(io.BytesIO):
        def read(self, _=-1):
            raise Unreadable(Reason.RATIO)

    with pytest.raises(Unreadable) as found:
        list(isolated_tables(TABLES, Source("evidence.bin", 9, Torn), Limits()))
    assert found.value.reason == Reason.RATIO
    assert len(list(tables("be good"))) == 2


def test_an_interruption_ends_the_worker():
    class Impatient(io.BytesIO):
        def read(self, _=-1):
            raise KeyboardInterrupt

    before = {child.pid for child in psutil.Process().children()}
    with pytest.raises(KeyboardInterrupt):
        list(isolated_tables(TABLES, Source("evidence.bin", 9, Impatient), Limits()))
    assert {child.pid for child in psutil.Process().children()} <= before


def test_any_reader_can_be_put_behind_the_door():
    out = io.BytesIO()
    pq.write_table(pa.table({"nom": ["BELLORGET"], "n": [1.0]}), out)
    reader = Isolated(ParquetReader(), "hemostat.evidence.tables.columnar:ParquetReader")
    assert reader.recognises(out.getvalue()[:100], "t.parquet") == ParquetReader().recognises(
        out.getvalue()[:100], "t.parquet"
    )
    (table,) = reader.tables(source(out.getvalue(), "t.parquet"), Limits())
    assert [batch.rows.to_pylist() for batch in table.batches(None)] == [[{"nom": "BELLORGET", "n": "1"}]]
    assert (reader.kind, reader.seeks, table.kind) == ("parquet", True, "parquet")


def test_the_road_of_plain_text_pays_nothing(tmp_path):
    told = (
        "import sys, psutil, hemostat.evidence\n"
        "heavy = {'libarchive', 'pypdfium2', 'defusedxml', 'fastavro'} & set(sys.modules)\n"
        "print(sorted(heavy), len(psutil.Process().children()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.split() == ["[]", "0"]

"""Archives, workbooks, documents and mail, cut or changed anywhere: the ledger adds up, and the case stays whole."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from hemostat.case import Case, Opening
from hemostat.evidence import Limits, run, take

CORPUS = Path(__file__).parents[1] / "corpus"
NAMES = (
    "book.ods", "book.xls", "book.xlsx", "box.mbox", "folder.7z", "folder.zip", "letter.docx", "letter.html",
    "letter.odt", "letter.pdf", "letter.rtf", "list.csv.zst", "locked.zip", "mail.eml", "nested.tar.gz",
    "table.arrow", "table.parquet",
)  # fmt: skip
TIGHT = Limits(ratio_free=4 << 20, total_bytes=64 << 20, book_bytes=64 << 20)
SUMS = """
select e.name, e.units_in, coalesce(b.units, 0) + coalesce(q.units, 0), e.state
from evidence e
left join (select evidence_id, sum(rows + blank + header + out_of_scope) as units from batch group by 1) b
  using (evidence_id)
left join (select evidence_id, sum(units) as units from quarantine group by 1) q using (evidence_id)
"""


def ledger_of(files):
    """The lines of the ledger for files of these names and octets, and the containers."""
    folder = Path(tempfile.mkdtemp())
    try:
        (folder / "evidence").mkdir()
        for name, data in files.items():
            (folder / "evidence" / name).write_bytes(data)
        with Case.create(folder / "case", Opening(folder / "key")) as case:
            take(case, folder / "evidence", role="leak")
            run(case, limits=TIGHT)
            assert case.rows("select distinct state from custody") == [("read",)]
            return case.rows(SUMS), case.rows('select name, members, "read", quarantined from container')
    finally:
        shutil.rmtree(folder)


def holds(files):
    lines, containers = ledger_of(files)
    for name, units, accounted, state in lines:
        assert units == accounted, name
        assert state in ("read", "quarantined")
    for name, members, read, aside in containers:
        assert members == read + aside, name
    said = [line[0] for line in lines] + [container[0] for container in containers]
    for name in {
        data: name for name, data in reversed(files.items()) if data
    }.values():  # the same octets count once
        assert any(f"/evidence/{name}" in one for one in said), name


damage = st.tuples(st.floats(0, 1), st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=4))


@settings(deadline=None, max_examples=4)
@given(st.lists(damage, min_size=len(NAMES), max_size=len(NAMES)))
def test_cut_and_changed_anywhere_it_adds_up(harm):
    files = {}
    for name, (share, changes) in zip(NAMES, harm, strict=True):
        data = bytearray((CORPUS / name).read_bytes())
        for place, octet in changes:
            data[int(place * len(data))] = octet
        files[name] = bytes(data[: round(share * len(data))])
    holds(files)


@settings(deadline=None, max_examples=4)
@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.binary(max_size=200)), min_size=8, max_size=8, unique=True)
)
def test_any_octets_after_a_known_beginning_add_up(files):
    holds(
        {
            f"{number}-{name}": (CORPUS / name).read_bytes()[:64] + noise
            for number, (name, noise) in enumerate(files)
        }
    )


def test_the_corpus_is_read_whole():
    lines, _ = ledger_of({name: (CORPUS / name).read_bytes() for name in NAMES})
    aside = [name.partition("/evidence/")[2] for name, _, _, state in lines if state == "quarantined"]
    assert {name for name in aside if "bout.bin" not in name} == {"locked.zip!s.csv"}

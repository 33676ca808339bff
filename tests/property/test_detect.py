"""Laws of detection: order and chunks change nothing, kernels take any text, the NIR agrees with its definition."""

from __future__ import annotations

import itertools
import string
from collections import Counter
from datetime import date

import polars as pl
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from hemostat.detect import (
    address,
    card,
    codes,
    columns,
    dates,
    days,
    email,
    iban,
    judge_table,
    name_batch,
    names,
    nir,
    password,
    phone,
    professional,
    text,
)
from hemostat.detect.plan import plan

TODAY = date(2025, 11, 28)
ANY = st.lists(
    st.one_of(st.none(), st.text(max_size=40), st.text("0123456789ABab /.-+@()é ", max_size=24)), max_size=12
)

KERNELS = (
    address.city_valid, address.code_and_city, address.postal_normal, address.postal_valid, address.street_valid,
    address.whole, card.lost, card.valid_array, codes.blood_valid, codes.cip13_valid, codes.imei_valid, codes.ins_valid,
    codes.ip_valid, email.normal, email.valid_array, iban.valid_array, names.first_valid, names.full_valid, names.sex,
    names.sex_valid, names.surname_valid, nir.canonical, nir.key, nir.lost, nir.parse, nir.valid_array,
    password.clear_valid, password.hash_valid, phone.normal, phone.valid_array, professional.adeli_valid,
    professional.finess_valid, professional.rpps_valid, professional.siret_valid,
)  # fmt: skip


@settings(deadline=None)
@given(ANY, st.sampled_from(KERNELS))
def test_a_kernel_takes_any_text_and_keeps_its_length(values, kernel):
    out = kernel(pl.Series(values, dtype=pl.String))
    assert len(out) == len(values)


@settings(deadline=None)
@given(ANY, st.sampled_from(list(dates.Order)), st.sampled_from(list(dates.Numeric)))
def test_dates_take_any_text_and_a_day_is_of_its_year(values, order, numeric):
    read = days.read(pl.Series(values, dtype=pl.String), dates.Style(order, numeric), TODAY)
    for day, year in zip(read.date, read.year, strict=True):
        assert day is None or day.year == year


@settings(deadline=None)
@given(st.dates(date(1900, 1, 1), TODAY))
def test_a_date_written_in_any_way_is_read_back(day):
    short = day.strftime("%d/%m/%y") if (TODAY - day).days < 36_000 else day.strftime("%d/%m/%Y")
    forms = [
        day.isoformat(),
        day.strftime("%d/%m/%Y"),
        day.strftime("%Y%m%d"),
        f"{day.day}.{day.month}.{day.year}",
        short,
    ]
    assert days.read(pl.Series(forms), dates.Style(), TODAY).date.to_list() == [day] * len(forms)
    american = pl.Series([f"{day.month}/{day.day}/{day.year}"])
    assert days.read(american, dates.Style(dates.Order.MONTH), TODAY).date.to_list() == [day]
    serial = pl.Series([str((day - date(1899, 12, 30)).days)])
    assert days.read(serial, dates.Style(numeric=dates.Numeric.SERIAL), TODAY).date.to_list() == [day]


def reference_key(body: str) -> int:
    """The key by its definition: A and B are 0, less one and two millions."""
    less = {"A": 1_000_000, "B": 2_000_000}.get(body[6], 0)
    return 97 - (int(body.replace("A", "0").replace("B", "0")) - less) % 97


BODIES = st.builds(
    lambda sex, year, month, place, rest: f"{sex}{year:02d}{month:02d}{place}{rest:06d}",
    st.sampled_from([1, 2]),
    st.integers(0, 99),
    st.integers(1, 12),
    st.sampled_from([f"{n:02d}" for n in range(1, 96)] + ["2A", "2B", "97", "99"]),
    st.integers(1001, 999_999).filter(lambda n: n % 1000),
)


@settings(deadline=None)
@given(st.lists(BODIES, min_size=1, max_size=20), st.integers(1, 96))
def test_the_key_of_a_nir_is_that_of_its_definition(bodies, shift):
    keys = [reference_key(b) for b in bodies]
    assert nir.key(pl.Series(bodies)).to_list() == keys
    assert nir.valid_array(pl.Series([f"{b}{k:02d}" for b, k in zip(bodies, keys, strict=True)])).all()
    wrong = [(k + shift - 1) % 97 + 1 for k in keys]
    assert not nir.valid_array(pl.Series([f"{b}{k:02d}" for b, k in zip(bodies, wrong, strict=True)])).any()


@settings(deadline=None)
@given(BODIES, st.sampled_from([" ", ".", ""]))
def test_spaces_dots_case_and_floats_do_not_change_a_nir(body, sign):
    full = f"{body}{reference_key(body):02d}"
    cuts = (0, 1, 3, 5, 7, 10, 13, 15)
    written = [sign.join(full[a:b] for a, b in itertools.pairwise(cuts)), full.lower()]
    if full.isdigit():
        written += [f"{full}.0", f"{full[0]}.{full[1:]}E+14"]
    assert nir.canonical(pl.Series(written)).to_list() == [full] * len(written)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_no_column_of_random_digits_is_named_a_nir(seed):
    rng = pl.Series(range(400)).hash(seed)
    column = (rng % 10**15).cast(pl.String).str.zfill(15).to_list()
    found = judge_table([columns.ColumnSample.of("col_1", column)], table="", today=TODAY)[0]
    assert "nir" not in {c.category for c in found}


CELLS = {
    "nom": st.sampled_from(["GARNIER", "LE GOFF", "BENALI", "DIALLO", " PETIT ", "NULL"]),
    "prenom": st.sampled_from(["Sophie", "Paul", "Aïcha", "Mamadou", "Loïc"]),
    "date_naissance": st.sampled_from(["12/03/1984", "03/04/1951", "1990-05-06", "00/00/0000", "2/11/1938"]),
    "num_secu": st.sampled_from(["255081416802538", "1 79 04 63 119 042 45", "1790463119042", "x"]),
    "contact": st.sampled_from(["0639980123", "a.petit@example.org", "0199000412", "c@example.net"]),
    "cpville": st.sampled_from(["56000 VANNES", "1000 BOURG", "2A004 AJACCIO"]),
    "commentaire": st.sampled_from(["rappeler au 06 39 98 01 23 demain", "rien à signaler pour le moment"]),
    "id": st.integers(0, 50).map(str),
}
ROWS = st.lists(
    st.fixed_dictionaries({k: st.one_of(st.none(), v) for k, v in CELLS.items()}), min_size=1, max_size=30
)


def facts_of(rows, cut):
    """Findings, counts and facts of a table read in chunks of ``cut`` rows."""
    schema = pa.schema([("_line", pa.int64()), ("_locator", pa.string()), *((k, pa.string()) for k in CELLS)])
    batches = [
        pa.Table.from_pylist([{"_line": None, "_locator": None, **r} for r in rows[i : i + cut]], schema)
        for i in range(0, len(rows), cut)
    ]
    samples = columns.sample(batches)
    judged = judge_table(samples, table="t.csv", today=TODAY)
    table = plan(samples, judged)
    facts = [name_batch(b, table, i, b"k" * 32, TODAY) for i, b in enumerate(batches)]
    counts = Counter()
    for fact in facts:
        for place, count in fact.counts.items():
            counts[place] += count.values
            counts[*place, "valid"] += count.valid or 0
    record = pl.concat([f.record for f in facts]).drop("record_id")
    identity = [f.identity.drop("record_id") for f in facts if f.identity is not None]
    lines = record.hstack(pl.concat(identity)) if identity else record
    return judged, counts, Counter(lines.rows())


@settings(deadline=None, max_examples=25)
@given(ROWS, st.randoms(use_true_random=False), st.integers(1, 30))
def test_row_order_and_chunk_size_change_nothing(rows, random, cut):
    shuffled = rows.copy()
    random.shuffle(shuffled)
    assert facts_of(rows, len(rows)) == facts_of(shuffled, cut)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.text(string.ascii_letters, min_size=1, max_size=6), min_size=1, max_size=3000),
    st.integers(1, 900),
)
def test_the_sample_is_the_same_however_it_is_cut(values, cut):
    pieces = [pa.table({"h": values[start : start + cut]}) for start in range(0, len(values), cut)]
    (whole,), (parts,) = columns.sample([pa.table({"h": values})]), columns.sample(pieces)
    merged = columns.Sampler()
    for piece in pieces:
        apart = columns.Sampler(merged.limits())
        apart.add(piece)
        merged.merge(apart)
    (joined,) = merged.samples()
    for one in (parts, joined):
        assert one.values.to_list() == whole.values.to_list()
        assert (one.rows, one.filled, one.distinct) == (whole.rows, whole.filled, whole.distinct)


@settings(deadline=None)
@given(st.lists(st.text(max_size=60), max_size=8))
def test_scanning_takes_any_text(values):
    for seen in text.scan(pl.Series(values, dtype=pl.String)):
        assert seen.valid <= seen.matches
        assert set(seen.rows) <= set(range(len(values)))

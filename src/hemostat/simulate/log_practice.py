"""The access log of practice software: sixty honest days, and the evening on which usurped accounts read everybody."""

# ruff: noqa: PLR2004 - a fiction is made of chosen figures

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from hemostat.simulate.contacts import fold
from hemostat.simulate.draw import groups, weighted
from hemostat.simulate.logs import Made, Usurped, stamped
from hemostat.simulate.names import ORIGINS, draw_surnames

if TYPE_CHECKING:
    from hemostat.simulate.draw import Bools, Floats, Ints, Rng, Streams
    from hemostat.simulate.logs import Log
    from hemostat.simulate.story import Story

_PARIS = ZoneInfo("Europe/Paris")
_SCREENS = ("identity", "record", "prescription", "letter", "document", "results")
_START, _END = 19 * 3600 + 600, 22 * 3600 + 57 * 60
"""The attack, in seconds of the evening: it ends a little before the service is cut."""
_SKEW = 90
"""One server of three is so many seconds ahead."""


@dataclass(frozen=True, slots=True)
class _Staff:
    """Accounts and whose they are. ``tenant`` is where an account works on a day: see ``_where``."""

    names: pl.Series
    tenant: Ints
    locum: int
    """From this place on: locums, who work elsewhere every week."""


def practice_log(streams: Streams, story: Story, log: Log, plan: pl.DataFrame) -> Made:
    """All lines of the log, in order of time.

    Args:
        streams: the sources of chance.
        story: its day and tenants.
        log: its settings.
        plan: one row per patient: person, account (the patient's number), tenant.
    """
    rng = streams.of("log")
    tenants = story.tenants.count(plan.height) if story.tenants else 1
    staff = _staff(rng, tenants)
    dormant, helpers, campaigner = _chosen(rng, staff)
    attack, usurped = _attack(rng, story, log, plan, staff, (dormant, *helpers))
    campaign = _campaign(rng, plan, staff, campaigner, log.days - 1)
    size = round(log.per_person * plan.height) - attack.height - campaign.height
    honest = _honest(rng, log, plan, staff, (dormant, *helpers), max(size, 0))
    events = pl.concat([honest, campaign, attack]).sort("second", maintain_order=True)
    tenant = plan["tenant"].gather(events["row"])
    # The clock that writes the line is the server's, and servers go by tenant.
    written = events["second"] + pl.select(pl.when(tenant % 3 == 1).then(_SKEW).otherwise(0).alias("s"))["s"]
    first = datetime.combine(story.today - timedelta(days=log.days - 1), time(), _PARIS)
    account = staff.names.gather(events["account"])
    where = staff.tenant[events["account"].to_numpy()]
    usurped_here = (events["kind"] == "usurped").to_numpy()
    known = rng.random(events.height) < 0.98
    frame = pl.DataFrame(
        {
            "t": stamped(first, written),
            "account": account,
            "tenant": "cab" + (tenant + 1).cast(pl.String).str.zfill(4),
            "patient": plan["account"].gather(events["row"]),
            "action": events["action"],
            "object_type": events["object"],
            "ip": np.where(usurped_here, -1, where),
            "session": events["account"] * 1_000_003 + events["second"] // 14_400,
        }
    ).with_columns(
        pl.when(pl.col("ip") < 0)
        .then(pl.lit("203.0.113.66"))
        .otherwise(pl.format("198.51.100.{}", pl.col("ip") % 250 + 1))
        .alias("ip"),
        pl.when(pl.Series(known)).then(pl.format("s{}", "session")).otherwise(None).alias("session"),
    )
    return Made(
        lines=frame.select(pl.struct(pl.all()).struct.json_encode().alias("line"))["line"],
        person=plan["person"].gather(events["row"]),
        account=account,
        kind=events["kind"],
        screen=events["object"],
        moment=frame["t"],
        listed=events["action"] == "list",
        part=frame["tenant"],
        usurped=usurped,
    )


def _staff(rng: Rng, tenants: int) -> _Staff:
    """A few doctors and secretaries per practice, then locums."""
    sizes = rng.integers(2, 6, tenants)
    locums = max(4, tenants // 8)
    tenant = np.concatenate([np.repeat(np.arange(tenants), sizes), rng.integers(0, tenants, locums)]).astype(
        np.int64
    )
    origins = weighted(rng, [share for _, share in ORIGINS], len(tenant))
    names = fold(draw_surnames(rng, origins))
    role = pl.Series(["dr.", "dr.", "sec.", "ide."]).gather(rng.integers(0, 4, len(tenant)))
    role = pl.select(
        pl.when(pl.Series(np.arange(len(tenant)) >= len(tenant) - locums))
        .then(pl.lit("rempl."))
        .otherwise(role)
        .alias("r")
    )["r"]
    number = pl.Series(np.arange(len(tenant)) + 1).cast(pl.String)
    return _Staff((role + names + number).alias("account"), tenant, len(tenant) - locums)


def _chosen(rng: Rng, staff: _Staff) -> tuple[int, tuple[int, ...], int]:
    """The dormant account, six further ones, and the one with an honest campaign that evening."""
    doctors = np.flatnonzero(staff.names.str.starts_with("dr.").to_numpy())
    drawn = rng.permutation(doctors if len(doctors) > 8 else np.arange(staff.locum))[:8].tolist()
    return drawn[0], tuple(drawn[1:7]), drawn[7]


def _honest(
    rng: Rng, log: Log, plan: pl.DataFrame, staff: _Staff, usurped: tuple[int, ...], size: int
) -> pl.DataFrame:
    """Visits: a list of names, one of them opened, some screens of the record. Exactly ``size`` lines."""
    steps = rng.integers(2, 9, size // 3 + 8)
    reach = np.cumsum(steps)
    visits = int(np.searchsorted(reach, size)) + 1 if size else 0
    steps, total = steps[:visits], int(reach[visits - 1]) if visits else 0
    account = weighted(rng, rng.gamma(2.0, 1.0, len(staff.tenant)) + 0.1, visits)
    weekday = (np.datetime64(log.last) - np.arange(log.days)[::-1]).astype("datetime64[D]").astype(int)
    odds = np.where((weekday + 3) % 7 >= 5, 0.12, 1.0)
    day = weighted(rng, odds, visits)
    # The doctor left: nothing from that account for forty days.
    away = (account == usurped[0]) & (day >= log.days - 1 - log.dormant_days)
    day[away] = rng.integers(0, max(log.days - 1 - log.dormant_days, 1), int(away.sum()))
    on_call = rng.random(visits) < 0.015
    second = rng.normal(13.2, 2.9, visits) * 3600
    second = np.where(
        (second < 7.5 * 3600) | (second > 20 * 3600), rng.uniform(8 * 3600, 19 * 3600, visits), second
    )
    last = day == log.days - 1
    # That evening the service closes at 23:00, and the owners of the other usurped accounts are at home.
    on_call &= ~(last & np.isin(account, usurped))
    second = np.where(on_call, rng.uniform(20 * 3600, np.where(last, 22.8, 23.4) * 3600), second)
    second = np.where(last & np.isin(account, usurped), np.minimum(second, 17 * 3600 + second % 1800), second)
    works_at = _where(rng, staff, account, day)
    row = _patients_of(rng, plan, works_at)
    row = np.where(on_call, rng.integers(0, plan.height, visits), row)
    visit = np.repeat(np.arange(visits), steps)
    step = np.arange(total) - np.repeat(reach[:visits] - steps, steps)
    listed = np.minimum(np.repeat(rng.integers(1, 4, visits), steps), np.repeat(steps, steps) - 1)
    in_list = step < listed
    # Who stands beside in the list is another patient of the same practice, whom nobody opens.
    beside = in_list & (step > 0)
    shown = row[visit]
    shown[beside] = _patients_of(rng, plan, plan["tenant"].to_numpy()[row[visit[beside]]])
    screen = weighted(rng, (0, 5, 3, 1, 2, 2), total)
    opened = step - listed
    screen = np.where(opened == 0, 0, np.where(opened == 1, 1, screen))
    moment = second[visit] + step * 17 + rng.integers(0, 9, total) + 86_400 * day[visit]
    kind = np.where(on_call[visit], 2, np.where(account[visit] >= staff.locum, 1, 0))
    return _frame(
        moment,
        account[visit],
        shown,
        ~in_list,
        screen,
        pl.Series(["normal", "locum", "on_call"]).gather(kind),
    )[:size]


def _where(rng: Rng, staff: _Staff, account: Ints, day: Ints) -> Ints:
    """The practice an account works at: its own; a locum is elsewhere every week."""
    tenants = int(staff.tenant.max()) + 1
    rota = rng.integers(0, tenants, (len(staff.tenant), 12))
    return np.where(account >= staff.locum, rota[account, day // 7 % 12], staff.tenant[account])


def _patients_of(rng: Rng, plan: pl.DataFrame, tenant: Ints) -> Ints:
    """One patient of each practice asked for, regulars more often."""
    drawn = np.zeros(len(tenant), dtype=np.int64)
    panels = dict(groups(plan["tenant"].to_numpy()))
    for number, places in groups(tenant):
        panel = panels.get(number, np.arange(plan.height))
        drawn[places] = panel[np.floor(rng.random(len(places)) ** 1.6 * len(panel)).astype(np.int64)]
    return drawn


def _campaign(rng: Rng, plan: pl.DataFrame, staff: _Staff, account: int, day: int) -> pl.DataFrame:
    """A doctor calls in all patients of the practice for a vaccine, the same evening."""
    panel = np.flatnonzero(plan["tenant"].to_numpy() == staff.tenant[account])[:400]
    size = len(panel)
    moment = 86_400 * day + 18.4 * 3600 + np.sort(rng.random(size)) * 7200
    who = np.full(size, account, dtype=np.int64)
    return _frame(
        moment,
        who,
        panel,
        np.ones(size, dtype=np.bool_),
        np.zeros(size, dtype=np.int64),
        _all("campaign", size),
    )


def _attack(
    rng: Rng, story: Story, log: Log, plan: pl.DataFrame, staff: _Staff, accounts: tuple[int, ...]
) -> tuple[pl.DataFrame, list[Usurped]]:
    """Each account walks through the patients' numbers: a list, an opening, mostly the record."""
    frames, told = [], []
    midnight = datetime.combine(story.today, time(), _PARIS)
    order = np.argsort(plan["account"].to_numpy(), kind="stable")
    for rank, account in enumerate(accounts):
        start = _START if rank == 0 else int(rng.integers(20 * 3600, 21 * 3600 + 2400))
        rate = log.rate_per_minute if rank == 0 else float(rng.uniform(3.5, 7.5))
        patients = max(1, min(int(rate * (_END - start) / 60), plan.height))
        first = int(rng.integers(0, plan.height))
        row = order[(first + np.arange(patients)) % plan.height]
        at = start + np.arange(patients) * (_END - start) / patients
        opened, read = rng.random(patients) < 0.9, rng.random(patients) < 0.72
        opened[0] = True
        for offset, mask, is_open, screen in (
            (0, None, False, 0),
            (1, opened, True, 0),
            (2, opened & read, True, 1),
        ):
            rows_of = row if mask is None else row[mask]
            moment = 86_400 * (log.days - 1) + (at if mask is None else at[mask]) + offset
            size = len(rows_of)
            frames.append(
                _frame(
                    moment,
                    np.full(size, account, dtype=np.int64),
                    rows_of,
                    np.full(size, is_open, dtype=np.bool_),
                    np.full(size, screen, dtype=np.int64),
                    _all("usurped", size),
                )
            )
        begins = midnight + timedelta(seconds=start - start % 60)
        told.append(
            Usurped(staff.names[account], begins.isoformat(), (midnight + timedelta(hours=23)).isoformat())
        )
    return pl.concat(frames), told


def _all(word: str, size: int) -> pl.Series:
    return pl.Series([word]).new_from_index(0, size)


def _frame(
    moment: Floats,
    account: Ints,
    row: Ints,
    opened: Bools,
    screen: Ints,
    kind: pl.Series,
) -> pl.DataFrame:
    """Events: second from the first day's midnight, account, patient (row of the plan), action, object, kind."""
    return pl.DataFrame(
        {
            "second": moment.astype(np.int64),
            "account": account.astype(np.int64),
            "row": row.astype(np.int64),
            "action": pl.Series(["list", "open"]).gather(opened.astype(np.int64)),
            "object": pl.select(
                pl.when(pl.Series(opened))
                .then(pl.Series(_SCREENS).gather(screen))
                .otherwise(pl.lit("search_list"))
                .alias("o")
            )["o"],
            "kind": kind.alias("kind"),
        }
    )

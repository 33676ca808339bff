"""The access log of a regional identity store, as FHIR audit events; five usurped accounts read in bursts."""

# ruff: noqa: PLR2004 - a fiction is made of chosen figures

from __future__ import annotations

import base64
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from hemostat.simulate.draw import patchwork, put
from hemostat.simulate.logs import Made, Usurped, inserted, stamped

if TYPE_CHECKING:
    from hemostat.simulate.draw import Bools, Floats, Ints, Rng, Streams
    from hemostat.simulate.logs import Log
    from hemostat.simulate.story import Story

_PARIS = ZoneInfo("Europe/Paris")
_RPPS = 10_000_000_000
_PER_ACCOUNT = 400
"""People per account of an identity desk, about."""


def identity_log(streams: Streams, story: Story, log: Log, plan: pl.DataFrame, people: pl.DataFrame) -> Made:
    """All audit events, in order of time.

    An event is a read of one identity or a search; half of them are logged by the client too, under the same
    request. A search may find nobody.

    Args:
        streams: the sources of chance.
        story: its day.
        log: its settings.
        plan: one row per identity: person, account (the identity's number), tenant (the region).
        people: the frame of all people, for the words of searches.
    """
    rng = streams.of("log")
    desks = max(20, plan.height // _PER_ACCOUNT)
    attack, usurped = _bursts(rng, story, log, plan, desks)
    wanted = round(log.per_person * plan.height)
    requests = pl.concat([attack, _honest(rng, log, plan, desks, wanted)])
    # Half of the requests are logged twice; the honest ones beyond the wanted number of lines are dropped.
    twice = rng.random(requests.height) < 0.5
    lines = np.cumsum(1 + twice)
    kept = int(np.searchsorted(lines, wanted, side="right"))
    requests, twice = requests[:kept], twice[:kept]
    numbered = requests.with_columns(
        pl.Series("request", _uuids(rng, kept)),
        pl.Series("r5", rng.random(kept) < 0.3),
        pl.Series("empty", (rng.random(kept) < 0.2) & (requests["search"].to_numpy())),
        _query(plan, people, requests).alias("query"),
    )
    both = pl.concat(
        [
            numbered.with_columns(pl.lit("server").alias("side")),
            numbered.filter(pl.Series(twice)).with_columns(
                pl.col("second") + 1, pl.lit("client").alias("side")
            ),
        ]
    ).sort("second", "request", "side")
    region = plan["tenant"].gather(both["row"])
    first = datetime.combine(log.last - timedelta(days=log.days - 1), time(), _PARIS)
    events = both.with_columns(
        stamped(first, both["second"]).alias("t"),
        plan["account"].gather(both["row"]).alias("patient"),
        pl.Series(list(log.regions)).gather(region).alias("region"),
        _rpps(both["account"].to_numpy()).alias("who"),
        pl.Series(_uuids(rng, both.height)).alias("id"),
        pl.when(pl.col("kind") == "usurped")
        .then(pl.lit("203.0.113.90"))
        .otherwise(pl.format("192.0.2.{}", pl.col("account") % 250 + 1))
        .alias("ip"),
    )
    person = pl.select(
        pl.when(both["empty"]).then(None).otherwise(plan["person"].gather(both["row"])).alias("p")
    )["p"]
    return Made(
        lines=_written(events),
        person=person,
        account=events["who"],
        kind=events["kind"],
        screen=pl.Series(["identity"]).new_from_index(0, both.height),
        moment=events["t"],
        listed=both["search"],
        part=events["region"],
        usurped=usurped,
        request=both["request"],
    )


def _rpps(account: Ints) -> pl.Series:
    """Professional numbers of eleven digits with a right Luhn digit."""
    body = _RPPS // 10 + account * 7919 % 90_000_000
    digits = (body[:, None] // 10 ** np.arange(10)[None, :]) % 10
    doubled = digits[:, ::2] * 2
    total = (doubled // 10 + doubled % 10).sum(axis=1) + digits[:, 1::2].sum(axis=1)
    return pl.Series(body * 10 + -total % 10).cast(pl.String)


def _uuids(rng: Rng, size: int) -> pl.Series:
    """Random identifiers in the usual shape."""
    words = pl.Series(
        [value.tobytes().hex() for value in rng.integers(0, 2**63, (size, 2), dtype=np.int64)],
        dtype=pl.String,
    )
    return words.str.replace(r"^(.{8})(.{4})(.{4})(.{4})(.{12})$", "$1-$2-$3-$4-$5")


def _honest(rng: Rng, log: Log, plan: pl.DataFrame, desks: int, size: int) -> pl.DataFrame:
    """Reads and searches of identity desks: strangers all, at office hours."""
    account = rng.integers(0, desks, size)
    day = rng.integers(0, log.days, size)
    second = rng.normal(12.6, 3.0, size) * 3600
    second = np.where(
        (second < 6.5 * 3600) | (second > 22 * 3600), rng.uniform(7 * 3600, 21 * 3600, size), second
    )
    # The owners of the accounts that will be usurped are on leave when it happens.
    owners = account < log.usurped
    day[owners] = rng.integers(0, max(log.days - 40, 1), int(owners.sum()))
    return _frame(
        86_400 * day + second, account, rng.integers(0, plan.height, size), rng.random(size) < 0.4, "normal"
    )


def _bursts(
    rng: Rng, story: Story, log: Log, plan: pl.DataFrame, desks: int
) -> tuple[pl.DataFrame, list[Usurped]]:
    """Bursts of one reading per minute, on some days, by some of the usurped accounts."""
    days = np.sort(rng.choice(np.arange(log.days - 38, log.days), log.burst_days, replace=False))
    frames, told = [], []
    for account in range(min(log.usurped, desks)):
        mine = days[rng.random(len(days)) < 0.6]
        mine = mine if len(mine) else days[:1]
        start = rng.uniform(18.0, 21.0, len(mine)) * 3600
        minute = np.arange(log.burst_minutes) * 60 / log.rate_per_minute
        at = (
            (86_400 * mine + start)[:, None] + minute[None, :] + rng.integers(0, 30, (len(mine), len(minute)))
        )
        moment = np.sort(at.reshape(-1))
        size = len(moment)
        frames.append(
            _frame(
                moment,
                np.full(size, account, dtype=np.int64),
                rng.integers(0, plan.height, size),
                rng.random(size) < 0.15,
                "usurped",
            )
        )
        begin = datetime.combine(story.today, time(), _PARIS) - timedelta(days=log.days - 1 - int(mine[0]))
        end = datetime.combine(story.today, time(), _PARIS) - timedelta(days=log.days - 2 - int(mine[-1]))
        told.append(Usurped(_rpps(np.array([account]))[0], begin.isoformat(), end.isoformat()))
    return pl.concat(frames), told


def _frame(moment: Floats, account: Ints, row: Ints, search: Bools, kind: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "second": moment.astype(np.int64),
            "account": account.astype(np.int64),
            "row": row.astype(np.int64),
            "search": search,
            "kind": pl.Series([kind]).new_from_index(0, len(moment)),
        }
    )


def _query(plan: pl.DataFrame, people: pl.DataFrame, requests: pl.DataFrame) -> pl.Series:
    """The words of the searches, in base64 as the standard asks; null for reads."""
    searches = np.flatnonzero(requests["search"].to_numpy())
    who = people[plan["person"].gather(requests["row"].gather(searches)).to_numpy()]
    words = who.select(
        pl.format(
            "family={}&given={}&_count=20", pl.col("birth_name").str.to_uppercase(), pl.col("first_name")
        ).alias("q")
    )["q"]
    coded = [base64.b64encode(word.encode()).decode() for word in words]
    empty = pl.Series("query", [None], dtype=pl.String).new_from_index(0, requests.height)
    return put(empty, searches, pl.Series(coded, dtype=pl.String))


_ROLES = "http://terminology.hl7.org/CodeSystem/object-role"
_REST = "http://hl7.org/fhir/restful-interaction"
_WHO = '"agent":[{"who":{"identifier":{"system":"urn:oid:1.2.250.1.71.4.2.1","value":"§"}},"requestor":true,'
_R4 = (
    '{"resourceType":"AuditEvent","id":"§",'
    '"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-event-type",'
    f'"code":"rest"}},"subtype":[{{"system":"{_REST}","code":"§"}}],"action":"§","recorded":"§","outcome":"0",'
    f'{_WHO}"network":{{"address":"§","type":"2"}}}}],'
    '"source":{"site":"§","observer":{"display":"identity-store §"}},'
    '"entity":[§§{"what":{"identifier":{"value":"§"}},"type":{"code":"XrequestId"}}]}'
)
_R5 = (
    '{"resourceType":"AuditEvent","id":"§","category":[{"coding":[{"code":"rest"}]}],'
    f'"code":{{"coding":[{{"system":"{_REST}","code":"§"}}]}},"action":"§","recorded":"§",'
    f'"outcome":{{"code":{{"code":"success"}}}},{_WHO}"networkString":"§"}}],'
    '"source":{"site":{"display":"§"},"observer":{"display":"identity-store §"}},'
    '"entity":[§§{"what":{"identifier":{"value":"§"}},"role":{"coding":[{"code":"XrequestId"}]}}]}'
)
_SUBJECT_R4 = f'{{"what":{{"reference":"Patient/§"}},"role":{{"system":"{_ROLES}","code":"1"}}}},'
_SUBJECT_R5 = (
    f'{{"what":{{"reference":"Patient/§"}},"role":{{"coding":[{{"system":"{_ROLES}","code":"1"}}]}}}},'
)
_ASKED = f'{{"role":{{"system":"{_ROLES}","code":"24"}},"query":"§"}},'
_COLUMNS = ("id", "verb", "letter", "t", "who", "ip", "region", "side", "subject", "asked", "request")


def _written(events: pl.DataFrame) -> pl.Series:
    """JSON of each event, in R4 or R5."""
    someone = ~pl.col("empty")
    events = events.with_columns(
        pl.when(someone & pl.col("r5"))
        .then(inserted(_SUBJECT_R5, "patient"))
        .when(someone)
        .then(inserted(_SUBJECT_R4, "patient"))
        .otherwise(pl.lit(""))
        .alias("subject"),
        inserted(_ASKED, "query").fill_null("").alias("asked"),
        pl.when("search").then(pl.lit("search-type")).otherwise(pl.lit("read")).alias("verb"),
        pl.when("search").then(pl.lit("E")).otherwise(pl.lit("R")).alias("letter"),
    )

    def written(version: int, places: Ints) -> pl.Series:
        return events[places].select(inserted((_R4, _R5)[version], *_COLUMNS).alias("line"))["line"]

    return patchwork(events["r5"].to_numpy().astype(np.int64), written)

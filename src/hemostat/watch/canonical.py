"""Log entries as accesses: one row per entry and patient, in the same columns whatever the log.

In: staged batches of the log readers, or of any reader of tables. Nothing here knows which accounts are suspected.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from hemostat.watch import screens
from hemostat.watch.words import fold

if TYPE_CHECKING:
    from collections.abc import Callable

    from hemostat.watch.maps import LogMap

TEXTS = (
    "written", "account", "tenant", "patient", "action", "object_type", "n_records", "outcome", "ip", "device",
    "session", "purpose", "request_id", "sequence",
)  # fmt: skip
"""The canonical columns as a log writes them; ``written`` is its time."""
_SEVERAL = "\x1f"
_OK_STATUS = r"^(?:2\d\d|304)$"
_LONGEST = 200
"""Characters kept of a text that is no name of anything."""


def accesses(batch: pl.DataFrame, kind: str, mapping: LogMap) -> pl.DataFrame | None:
    """The accesses of a staged batch; None when nothing in it says an account or a time.

    Out: ``row`` (number of the entry in the batch), line, locator, ``nth`` (0 for the first patient of an entry),
    the texts of ``TEXTS`` cleaned, ``n_records`` int, ``ok`` bool, and ``shown``: what was shown, of ``screens``:
    record, list, count (so many records, of whom is not said), unknown, failed, nothing.
    """
    raw = _READ.get(kind, _by_field)(batch, mapping)
    if raw is None:
        return None
    frame = raw.with_columns(
        pl.lit(None, pl.String).alias(name) for name in TEXTS if name not in raw.columns
    ).with_columns(batch["_line"].alias("line"), batch["_locator"].alias("locator"))
    frame = frame.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    frame = _patients(_cleaned(frame, mapping))
    return _judged(frame, kind, mapping)


def _column(batch: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if name in batch.columns else pl.lit(None, pl.String)


def _translated(values: pl.Series, meaning: Callable[[str], str | None]) -> pl.Series:
    """Each value's meaning, found once for each distinct value."""
    distinct = values.drop_nulls().unique()
    table = {value: meaning(value) for value in distinct.to_list()}
    return values.replace_strict(table, default=None, return_dtype=pl.String)


# -- one kind of log each: its columns under canonical names


def _by_field(batch: pl.DataFrame, mapping: LogMap) -> pl.DataFrame | None:
    """JSON logs and tables: fields by their names, or by the last part of a dotted name."""
    named: dict[str, list[str]] = {}
    for name in batch.columns:
        if name not in ("_line", "_locator"):
            named.setdefault(fold(name), []).append(name)
            if "." in name:
                named.setdefault(fold(name.rsplit(".", 1)[1]), []).append(name)
    chosen: dict[str, str] = {}
    for column, forms in mapping.fields.items():
        for form in forms:
            free = [name for name in named.get(form, ()) if name not in chosen.values()]
            if free:
                chosen[column] = free[0]
                break
    if "t" not in chosen or "account" not in chosen:
        return None
    renamed = {"t": "written"}
    return batch.select(pl.col(name).alias(renamed.get(column, column)) for column, name in chosen.items())


def _fhir(batch: pl.DataFrame, mapping: LogMap) -> pl.DataFrame:
    raw = batch.select(
        _column(batch, name).alias(name)
        for name in (
            "recorded", "account", "tenant", "patient", "action", "type", "subtype", "object", "query", "n_records",
            "outcome", "ip", "device", "session", "purpose", "request_id",
        )
    )  # fmt: skip
    query = _decoded(raw["query"])
    said = pl.coalesce(
        *(
            _translated(raw[name], lambda word: mapping.actions.get(fold(word)))
            for name in ("subtype", "type")
        ),
        _translated(
            raw["action"], lambda word: mapping.actions.get(fold(word)) if fold(word) != "e" else None
        ),
    )
    asked = query.is_not_null() & (raw["action"] == "E").fill_null(value=True)
    of_object = raw["object"].str.extract(r"^(?:.*/)?([A-Z][A-Za-z]+)/[^/]+", 1)
    of_query = query.str.extract(r"(?:^|/)([A-Z][A-Za-z]{2,40})(?:/_search)?(?:\?|$)", 1)
    return raw.select(
        pl.col("recorded").alias("written"), "account", "tenant", "patient",
        pl.coalesce(said, pl.when(asked).then(pl.lit("search")).otherwise(pl.lit("R"))).alias("action"),
        pl.coalesce(of_object, of_query, pl.lit("Patient")).alias("object_type"),
        "n_records", "outcome", "ip", "device", "session", "purpose", "request_id",
    )  # fmt: skip


def _decoded(query: pl.Series) -> pl.Series:
    """Base64 as text; what is no base64 as it stands."""
    octets = query.str.decode("base64", strict=False)
    text = octets.cast(pl.String, strict=False)
    return pl.select(pl.coalesce(text, query).str.slice(0, 2000)).to_series()


def _http(batch: pl.DataFrame, mapping: LogMap) -> pl.DataFrame:
    path = batch["path"]
    found = {
        name: pl.repeat(None, len(batch), dtype=pl.String, eager=True)
        for name in ("patient", "object_type", "action", "account", "tenant")
    }
    free = path.is_not_null()
    for rule in mapping.paths:
        groups = path.str.extract_groups(rule.pattern).struct.unnest()
        fits = free & path.str.contains(rule.pattern).fill_null(value=False)
        if not fits.any():
            continue
        constants = {"action": rule.action, "object_type": rule.object_type}
        for name, before in found.items():
            value = pl.coalesce(
                groups[name] if name in groups.columns else pl.lit(None, pl.String),
                pl.lit(constants.get(name), pl.String),
            )
            found[name] = pl.select(pl.when(fits).then(value).otherwise(before)).to_series()
        free = free & ~fits
    verb = _translated(batch["method"], lambda word: mapping.actions.get(fold(word)))
    unmapped = pl.when(found["patient"].is_not_null()).then(verb).otherwise(pl.lit("none"))
    return pl.select(
        batch["time"].alias("written"),
        pl.coalesce(found["account"], batch["user"]).alias("account"),
        found["tenant"].alias("tenant"),
        found["patient"].str.replace_all("%2F", "/", literal=True).alias("patient"),
        pl.coalesce(found["action"], unmapped).alias("action"),
        found["object_type"].alias("object_type"),
        batch["status"].alias("outcome"),
        batch["ip"].alias("ip"),
        batch["agent"].str.slice(0, _LONGEST).alias("device"),
        batch["rest"].str.extract(r'(?:^|[\s"=])([0-9a-fA-F-]{16,64})(?:["\s]|$)', 1).alias("request_id"),
    )


def _pgaudit(batch: pl.DataFrame, mapping: LogMap) -> pl.DataFrame:
    columns = "|".join(re.escape(name) for name in mapping.patient_columns)
    equals = rf'(?i)(?:^|[\s(.,"])(?:{columns})"?\s*=\s*'
    statement = batch["statement"]
    number = statement.str.extract(equals + r"\$(\d{1,3})", 1).cast(pl.Int64, strict=False)
    literal = statement.str.extract(equals + r"(?:'([^']*)'|(\d+))", 1).fill_null(
        statement.str.extract(equals + r"(\d+)", 1)
    )
    given = (batch["parameter"] != "<not logged>").fill_null(value=False)
    parameters = pl.select(pl.when(given).then(batch["parameter"])).to_series().str.split(",")
    named = parameters.list.get(number - 1, null_on_oob=True).str.strip_chars("\"' ")
    service = _translated(
        batch["application_name"], lambda name: None if fold(name) in mapping.service_names else name
    )
    rows = batch["rows"].cast(pl.Int64, strict=False)
    patient = pl.select(pl.coalesce(named, literal)).to_series()
    command = batch["command"].str.to_uppercase()
    act = (
        pl.when(batch["class"] == "READ")
        .then(
            pl.when(command.str.starts_with("COPY"))
            .then(pl.lit("export"))
            .when(patient.is_null())
            .then(pl.lit("search"))
            .otherwise(pl.lit("R"))
        )
        .when((batch["class"] == "WRITE") & patient.is_not_null())
        .then(pl.lit("U"))
        .otherwise(pl.lit("none"))
    )
    return pl.select(
        batch["log_time"].alias("written"),
        pl.coalesce(service, batch["user_name"]).alias("account"),
        batch["database_name"].alias("tenant"),
        patient.alias("patient"),
        act.alias("action"),
        batch["object_name"].str.extract(r"([^.]+)$", 1).alias("object_type"),
        rows.cast(pl.String).alias("n_records"),
        pl.when(batch["severity"].is_in(["ERROR", "FATAL", "PANIC"])).then(pl.lit("error")).alias("outcome"),
        batch["connection_from"].str.extract(r"^(.*?)(?::\d+)?$", 1).alias("ip"),
        batch["session_id"].alias("session"),
        (batch["session_id"] + "/" + batch["statement_id"]).alias("request_id"),
    )


_READ: dict[str, Callable[[pl.DataFrame, LogMap], pl.DataFrame | None]] = {
    "fhir-auditevent": _fhir,
    "http-log": _http,
    "pgaudit": _pgaudit,
}


# -- the same for all


def _cleaned(frame: pl.DataFrame, mapping: LogMap) -> pl.DataFrame:
    """Names without what a protocol puts around them."""
    frame = frame.with_columns(pl.col(TEXTS).str.strip_chars().replace("", None))
    bare = pl.col("account").str.replace(
        r"^(?:.*/)?(?:Practitioner|PractitionerRole|Person|Device)/([^/]+).*$", "${1}"
    )
    frame = frame.with_columns(account=bare.str.slice(0, _LONGEST))
    if mapping.accounts:
        frame = frame.with_columns(
            account=pl.coalesce(
                pl.col(name).replace_strict(dict(mapping.accounts), default=None, return_dtype=pl.String)
                for name in ("account", "session", "ip")
            ).fill_null(pl.col("account"))
        )
    return frame


def _patients(frame: pl.DataFrame) -> pl.DataFrame:
    """One row per entry and patient; ``nth`` counts them."""
    several = pl.col("patient").str.contains(r"\x1f|^\s*\[")
    if not frame.select(several.any()).item():
        return frame.with_columns(nth=pl.lit(0, pl.Int64), patient=_bare_patient(pl.col("patient")))
    inner = pl.col("patient").str.strip_chars('[]" ').str.replace_all(r'"?\s*,\s*"?', _SEVERAL)
    one = (
        pl.when(pl.col("patient").str.contains(_SEVERAL, literal=True))
        .then(pl.col("patient"))
        .when(several)
        .then(inner)
        .otherwise(pl.col("patient"))
    )
    split = frame.with_columns(patient=one.str.split(_SEVERAL)).explode("patient")
    split = split.with_columns(patient=_bare_patient(pl.col("patient"))).unique(
        ["row", "patient"], keep="first", maintain_order=True
    )
    return split.with_columns(nth=pl.int_range(pl.len()).over("row"))


def _bare_patient(patient: pl.Expr) -> pl.Expr:
    bare = patient.str.replace(r"^(?:.*/)?Patient/([^/?|]+).*$", "${1}").str.replace(r"^.*\|([^|]+)$", "${1}")
    return bare.str.strip_chars().replace("", None).replace("-", None).str.slice(0, _LONGEST)


def _judged(frame: pl.DataFrame, kind: str, mapping: LogMap) -> pl.DataFrame:
    """What each access did, whether it worked, and what it showed."""
    action = frame["action"]
    if kind not in _READ:
        action = _translated(action, lambda word: _meaning(word, mapping))
    status = frame["outcome"].str.contains(r"^[1-5]\d\d$")
    refused = (
        _translated(frame["outcome"], lambda word: "no" if fold(word) in mapping.failures else "yes") == "no"
    )
    frame = frame.with_columns(
        action=action.fill_null("R"),
        ok=pl.when(status)
        .then(pl.col("outcome").str.contains(_OK_STATUS))
        .otherwise(~refused)
        .fill_null(value=True),
        n_records=pl.col("n_records").cast(pl.Int64, strict=False),
    ).with_columns(n_records=pl.when(pl.col("n_records") >= 0).then(pl.col("n_records")))
    listing = (
        _translated(frame["object_type"], lambda name: "list" if screens.is_list(name) else None) == "list"
    )
    about_one = (
        (frame["object_type"] != "Patient").fill_null(value=False)
        if kind == "fhir-auditevent"
        else pl.lit(value=False)
    )
    search = pl.col("action") == "search"
    shown = (
        pl.when(~pl.col("ok"))
        .then(pl.lit("failed"))
        .when((pl.col("action") == "none") | (pl.col("n_records") == 0).fill_null(value=False))
        .then(pl.lit("nothing"))
        .when(pl.col("patient").is_null() & ~pl.col("action").is_in(["search", "export"]))
        .then(pl.lit("nothing"))
        .when(pl.col("patient").is_null() & pl.col("n_records").is_null() & search)
        .then(pl.lit("unknown"))
        .when(pl.col("patient").is_null())
        .then(pl.lit("count"))
        .when((search & ~about_one) | (listing.fill_null(value=False) & (pl.col("action") == "R")))
        .then(pl.lit("list"))
        .otherwise(pl.lit("record"))
    )
    return _with_masks(frame.with_columns(shown=shown), mapping)


def _meaning(word: str, mapping: LogMap) -> str | None:
    """An action in a site's own words: the whole, or its first part that means one (``patient.read``)."""
    name = fold(word)
    if name in mapping.actions:
        return mapping.actions[name]
    parts = name.split()
    return next((mapping.actions[part] for part in reversed(parts) if part in mapping.actions), None)


def _with_masks(frame: pl.DataFrame, mapping: LogMap) -> pl.DataFrame:
    """What each kind of access shows, by screen; a screen about nobody shows nothing."""
    kinds = frame.select("shown", "object_type").unique()
    names = ("always_lo", "always_hi", "held_lo", "held_hi")
    masks = []
    for shown, object_type in kinds.rows():
        what = screens.NOTHING
        if shown == "record":
            what = screens.of_record(object_type, mapping.screens)
        elif shown == "list":
            what = screens.of_list()
        masks.append((*what.always, *what.when_held))
    table = kinds.hstack(pl.DataFrame(masks, schema=dict.fromkeys(names, pl.UInt64), orient="row"))
    found = frame.join(
        table, on=["shown", "object_type"], how="left", nulls_equal=True, maintain_order="left"
    )
    empty = (pl.col("shown") == "record") & (pl.col("always_lo") == 0) & (pl.col("always_hi") == 0)
    return found.with_columns(
        shown=pl.when(empty).then(pl.lit("nothing")).otherwise(pl.col("shown")),
        screen_known=_translated(
            frame["object_type"], lambda n: "y" if screens.known(n) or fold(n) in mapping.screens else None
        )
        == "y",
    )

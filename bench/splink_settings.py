"""What Splink is told, and its run: every field that Hemostat uses. Runs in an environment of its own.

Usage: python splink_settings.py ROWS.parquet OUT_FOLDER [model.json]. ROWS holds one row a record, folded as Hemostat
folds them: unique_id, surname, surname2, given, first, birth, swapped, year, sex, nir, email, phones, address,
postcode, area, city, birth_place, id. Writes edges.parquet (every pair from probability 0.5), clusters-T.parquet for
each threshold T, model.json, and told.json (CPU seconds of training, prediction, clustering). With a model, nothing is
trained.

The settings follow Splink's own guide: term frequencies on names, dates and contacts, one comparison for the place as
its parts depend on one another, married names across, columns reversed, one slip in dates and numbers. They were
written before any score was seen.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

import pyarrow.parquet as pq
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999)

_MARRIED = '"surname_l" = "surname2_r" or "surname2_l" = "surname_r" or "surname2_l" = "surname2_r"'
_REVERSED = '"surname_l" = "given_r" and "given_l" = "surname_r"'


def _surname() -> cl.CustomComparison:
    return cl.CustomComparison(
        output_column_name="surname",
        comparison_levels=[
            cll.NullLevel("surname"),
            cll.ExactMatchLevel("surname", term_frequency_adjustments=True),
            cll.CustomLevel(_MARRIED, label_for_charts="married name"),
            cll.CustomLevel(_REVERSED, label_for_charts="reversed"),
            cll.JaroWinklerLevel("surname", 0.92),
            cll.JaroWinklerLevel("surname", 0.85),
            cll.ElseLevel(),
        ],
    )


def _given() -> cl.CustomComparison:
    return cl.CustomComparison(
        output_column_name="given",
        comparison_levels=[
            cll.NullLevel("given"),
            cll.ExactMatchLevel("given", term_frequency_adjustments=True),
            cll.CustomLevel('"first_l" = "first_r"', label_for_charts="first word"),
            cll.CustomLevel(_REVERSED, label_for_charts="reversed"),
            cll.JaroWinklerLevel("first", 0.92),
            cll.JaroWinklerLevel("first", 0.85),
            cll.ElseLevel(),
        ],
    )


def _birth() -> cl.CustomComparison:
    return cl.CustomComparison(
        output_column_name="birth",
        comparison_levels=[
            cll.NullLevel("birth"),
            cll.ExactMatchLevel("birth", term_frequency_adjustments=True),
            cll.CustomLevel('"birth_l" = "swapped_r"', label_for_charts="day and month exchanged"),
            cll.DamerauLevenshteinLevel("birth", 1),
            cll.CustomLevel('"year_l" = "year_r"', label_for_charts="same year"),
            cll.ElseLevel(),
        ],
    )


def _nir() -> cl.CustomComparison:
    return cl.CustomComparison(
        output_column_name="nir",
        comparison_levels=[
            cll.NullLevel("nir"),
            cll.ExactMatchLevel("nir"),
            cll.DamerauLevenshteinLevel("nir", 2),
            cll.ElseLevel(),
        ],
    )


def _place() -> cl.CustomComparison:
    same = '"address_l" = "address_r" and "postcode_l" = "postcode_r"'
    near = 'jaro_winkler_similarity("address_l", "address_r") >= 0.9 and "postcode_l" = "postcode_r"'
    return cl.CustomComparison(
        output_column_name="place",
        comparison_levels=[
            cll.CustomLevel(
                '("address_l" is null or "address_r" is null) and ("postcode_l" is null or "postcode_r" is null)'
            ).configure(is_null_level=True),
            cll.CustomLevel(same, label_for_charts="same address"),
            cll.CustomLevel(near, label_for_charts="address alike"),
            cll.ExactMatchLevel("postcode", term_frequency_adjustments=True),
            cll.ExactMatchLevel("city"),
            cll.ExactMatchLevel("area"),
            cll.ElseLevel(),
        ],
    )


def settings() -> SettingsCreator:
    """The whole of what Splink is told."""
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            _surname(),
            _given(),
            _birth(),
            cl.ExactMatch("sex"),
            _nir(),
            cl.ExactMatch("email").configure(term_frequency_adjustments=True),
            cl.ArrayIntersectAtSizes("phones", [1]),
            _place(),
            cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
            cl.ExactMatch("id"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("nir"),
            block_on("id"),
            block_on("birth", "first"),
            block_on("birth", "surname"),
            block_on("email", "first"),
            block_on("phones", "first", arrays_to_explode=["phones"]),
            block_on("address", "first"),
            block_on("surname", "first", "year"),
            block_on("surname", "first", "postcode"),
            'l."birth" = r."swapped" and l."surname" = r."surname" and l."first" = r."first"',
        ],
        retain_matching_columns=False,
    )


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _peak_mb() -> float:
    """Peak of this process. A child inherits its parent's in getrusage, not here."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def _train(linker: Linker) -> None:
    linker.training.estimate_probability_two_random_records_match(
        [block_on("nir", "first"), block_on("surname", "given", "birth")], recall=0.8
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    for rule in (block_on("birth", "first"), block_on("surname", "first"), block_on("nir")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)


def main(arguments: list[str]) -> None:
    """Trains, predicts, clusters; writes what came out and what it cost."""
    out = Path(arguments[1])
    began = _cpu()
    rows = DuckDBAPI().register(pq.read_table(arguments[0]), dataset_display_name="rows")
    if len(arguments) > 2:
        linker = Linker(rows, arguments[2])
    else:
        linker = Linker(rows, settings())
        _train(linker)
        linker.misc.save_model_to_json(str(out / "model.json"), overwrite=True)
    trained = _cpu()
    edges = linker.inference.predict(threshold_match_probability=0.5)
    edges.to_parquet(str(out / "edges.parquet"), overwrite=True)
    predicted = _cpu()
    costs = {}
    for threshold in THRESHOLDS:
        start = _cpu()
        found = linker.clustering.cluster_pairwise_predictions_at_threshold(edges, threshold)
        found.to_parquet(str(out / f"clusters-{threshold}.parquet"), overwrite=True)
        costs[threshold] = _cpu() - start
    told = {
        "training": trained - began,
        "prediction": predicted - trained,
        "clustering": costs,
        "whole": _cpu(),
        "peak_mb": _peak_mb(),
    }
    (out / "told.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1:])

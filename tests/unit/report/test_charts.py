import re
from xml.etree import ElementTree as ET

import altair as alt
import pytest

from hemostat.report.charts import NARROW, WIDE, Bar, picture, specification
from hemostat.report.drawing import category_bars, ledger_bars
from hemostat.report.facts import category_rows, compared, way
from hemostat.report.wording import wording

LAYOUTS = pytest.mark.parametrize("layout", [WIDE, NARROW], ids=lambda one: one.name)
BARS = (
    Bar("Claimed by <script>alert(1)</script> & co", "claimed", 0, 300, "300 people", "300"),
    Bar("Units", "total", 0, 200, "200", "200"),
    Bar("Set aside", "minus", 150, 200, "−50", "−50"),
    Bar(
        "A name that is far too long to stand on one line of any picture",
        "people",
        0,
        100,
        "100",
        "100",
        90,
        120,
    ),
)


def lengths(svg):
    """Start and length of each bar, in the order drawn."""
    return [
        (float(start), float(length))
        for start, length in re.findall(r'<path d="M([\d.]+),[\d.]+h([\d.]+)v', svg)
    ]


@LAYOUTS
def test_the_specification_is_one_that_altair_accepts(layout):
    chart = alt.LayerChart.from_dict(specification(BARS, layout))
    assert len(chart.layer) == 4


@LAYOUTS
def test_bars_are_as_long_as_what_they_say(layout):
    unit = layout.bars / 300
    expected = [(0, 300), (0, 200), (150, 50), (0, 100)]
    drawn = lengths(picture(BARS, layout, "x", "T", "D"))
    assert drawn == [
        (pytest.approx(a * unit, abs=0.1), pytest.approx(b * unit, abs=0.1)) for a, b in expected
    ]


def test_pictures_can_share_a_scale():
    assert lengths(picture(BARS[1:2], WIDE, "x", "T", "D", 400)) == [(0, WIDE.bars / 2)]


@LAYOUTS
def test_nothing_but_drawing_is_kept(layout):
    svg = picture(BARS, layout, "x", "A title <&>", "How to read it")
    root = ET.fromstring(svg)
    tags = {one.tag.rpartition("}")[2] for one in root.iter()}
    assert tags == {"svg", "title", "desc", "g", "path", "line", "text", "tspan"}
    attributes = {name for one in root.iter() if one is not root for name in one.attrib}
    geometry = {"d", "transform", "x", "y", "dy", "x1", "x2", "y1", "y2"}
    assert attributes <= geometry | {
        "id",
        "fill",
        "stroke",
        "stroke-width",
        "text-anchor",
        "font-size",
        "font-weight",
    }
    words = " ".join(root.itertext())
    assert "<script>" in words
    assert "A title <&>" in words


def test_a_long_name_takes_two_lines_at_most():
    svg = picture(BARS[3:], WIDE, "x", "T", "D")
    assert svg.count("<tspan") == 2
    assert "…" in picture((Bar("word " * 40, "total", 0, 1, "", ""),), WIDE, "x", "T", "D")


def test_nothing_to_draw_draws_nothing():
    assert picture((), WIDE, "x", "T", "D") == ""


def test_the_waterfall_stands_where_each_step_ends(make):
    view = make()
    bars = [bar for bar in ledger_bars(way(view), compared(view), wording("en")) if bar.kind != "claimed"]
    end = 0
    for bar in bars:
        if bar.kind == "minus":
            assert bar.end == end
            end = bar.start
        elif bar.kind == "total":
            assert (bar.start, bar.end) == (0, end or bar.end)
            end = bar.end
    people = next(bar for bar in bars if bar.kind == "people")
    assert (people.low, people.high) == (28390, 28641)


def test_a_claim_of_millions_is_cut_and_says_so(make):
    view = make("laboratoires")
    claim = ledger_bars(way(view), compared(view), wording("en"))[0]
    assert claim.kind == "claimed"
    assert claim.end == 1.5 * 492_778
    assert claim.words == "65,000,000 rows (bar cut short)"


def test_a_hidden_count_has_no_length(make):
    summary = {
        **make().summary,
        "categories": {"pregnancy": {"persons": "<5", "records": "<5", "valid": None}},
    }
    (bar,) = category_bars(category_rows(make(summary=summary)), wording("fr"))
    assert (bar.end, bar.words, bar.kind) == (0, "<5", "sensitive")

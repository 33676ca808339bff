"""The two pictures of the report, as inline SVG: no script, no font, no outside reference.

Both are Vega-Lite specifications drawn by vl-convert, offline. The specifications are plain data rather than built
with altair, whose import alone costs more than both drawings (0.7 s against 0.5 s); a test checks them with altair.
Text is placed, never measured, so that a picture does not depend on the fonts of the machine that draws it.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"

LINE = 15
"""Height of a line of text, in pixels."""

INK, MUTED, PAPER = "#1c2430", "#5a6573", "#ffffff"
COLOURS = {
    "total": "#24506e",
    "minus": "#c2863b",
    "people": "#0c6b58",
    "claimed": PAPER,
    "sensitive": "#8a1538",
    "plain": "#6f8ba3",
}
"""Fill of a bar by kind. Labels say the same in words: colour never stands alone."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: from ``start`` to ``end`` on the common scale, its name, and the words at its end.

    ``short`` stands in for ``words`` where room lacks; ``kind`` is a key of COLOURS;
    ``low``–``high`` is an interval drawn over the bar.
    """

    label: str
    kind: str
    start: float
    end: float
    words: str
    short: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand, in pixels: narrow puts each name above its bar, wide on its left."""

    name: str
    bars: int
    gutter: int
    right: int
    step: int
    thick: int
    characters: int


WIDE = Layout("wide", bars=370, gutter=248, right=262, step=34, thick=20, characters=34)
NARROW = Layout("narrow", bars=338, gutter=1, right=1, step=46, thick=14, characters=32)


def picture(
    bars: Sequence[Bar], layout: Layout, ident: str, title: str, description: str, top: float = 0
) -> str:
    """The SVG of horizontal bars, from top to bottom; empty when there is nothing to draw.

    Args:
        bars: what to draw.
        layout: ``WIDE`` or ``NARROW``.
        ident: an id, unique in the page, to tie the picture to its title and description.
        title: what the picture shows.
        description: how to read it, for whoever cannot see it.
        top: where the scale ends, when several pictures share one; else at the longest bar.
    """
    if not bars:
        return ""
    import vl_convert  # noqa: PLC0415 - starts a JavaScript engine: only when something is drawn

    drawn = vl_convert.vegalite_to_svg(specification(bars, layout, top))
    return _inline(drawn, layout, ident, title, description)


def specification(bars: Sequence[Bar], layout: Layout, top: float = 0) -> dict[str, Any]:
    """The Vega-Lite specification of the bars, on a scale that ends at ``top`` or at the longest of them."""
    top = top or max([bar.end for bar in bars] + [bar.high or 0 for bar in bars]) or 1
    rows = [_row(order, bar, layout) for order, bar in enumerate(bars)]
    narrow = layout is NARROW
    step = layout.step + (LINE if narrow and any("\n" in row["label"] for row in rows) else 0)
    shift = step / 2 - layout.thick / 2 - 6 if narrow else 0
    above = shift - layout.thick / 2 - 10
    along = {"scale": {"domain": [0, top], "range": [0, layout.bars]}, "axis": None, "type": "quantitative"}
    text = {"type": "text", "baseline": "middle", "fontSize": 13, "color": INK, "lineHeight": LINE}
    base, lift = (above, LINE) if narrow else (0, LINE / 2)
    placed = {"expr": f"{base} - (indexof(datum.label, '\\n') < 0 ? 0 : {lift})"}
    name = {**text, "align": "left" if narrow else "right", "dy": placed}
    words = {**text, "align": "right", "dy": above} if narrow else {**text, "align": "left", "dx": 8}
    return {
        "$schema": SCHEMA,
        "width": layout.bars,
        "height": step * len(bars),
        "padding": {"left": layout.gutter, "right": layout.right, "top": 2, "bottom": 2},
        "autosize": {"type": "none", "contains": "content"},
        "config": {"view": {"stroke": None}},
        "data": {"values": rows},
        "encoding": {
            "y": {
                "field": "order",
                "type": "ordinal",
                "axis": None,
                "scale": {"paddingInner": 0, "paddingOuter": 0, "rangeMin": 0},
            }
        },
        "layer": [
            {
                "mark": {"type": "bar", "height": layout.thick, "yOffset": shift, "strokeWidth": 1.5},
                "encoding": {
                    "x": {"field": "start", **along},
                    "x2": {"field": "end"},
                    "fill": {"field": "fill", "type": "nominal", "scale": None},
                    "stroke": {"field": "stroke", "type": "nominal", "scale": None},
                },
            },
            {
                "transform": [{"filter": "isValid(datum.low)"}],
                "mark": {"type": "rule", "strokeWidth": 3, "color": INK, "yOffset": shift},
                "encoding": {"x": {"field": "low", **along}, "x2": {"field": "high"}},
            },
            {
                "mark": {**name, "lineBreak": "\n"},
                "encoding": {
                    "x": {"value": 0 if narrow else -10},
                    "text": {"field": "label", "type": "nominal"},
                },
            },
            {
                "mark": words,
                "encoding": {
                    "x": {"value": layout.bars} if narrow else {"field": "edge", **along},
                    "text": {"field": "words", "type": "nominal"},
                },
            },
        ],
    }


def _row(order: int, bar: Bar, layout: Layout) -> dict[str, Any]:
    lines = textwrap.wrap(bar.label, layout.characters, break_long_words=True)
    if len(lines) > 2:  # noqa: PLR2004 - two lines fit in a step
        lines = [lines[0], lines[1][: layout.characters - 1] + "…"]
    return {
        "order": order,
        "label": "\n".join(lines),
        "start": bar.start,
        "end": bar.end,
        "edge": max(bar.end, bar.high or 0),
        "low": bar.low,
        "high": bar.high,
        "words": bar.short if layout is NARROW else bar.words,
        "fill": COLOURS[bar.kind],
        "stroke": MUTED if bar.kind == "claimed" else COLOURS[bar.kind],
    }


_KEPT = {
    "g": {"transform"},
    "path": {"d", "fill", "stroke", "stroke-width", "transform"},
    "line": {"x1", "x2", "y1", "y2", "stroke", "stroke-width", "transform"},
    "text": {"text-anchor", "transform", "font-size", "font-weight", "fill"},
    "tspan": {"x", "dy"},
}
"""Elements and attributes that draw; anything else the engine writes (roles, classes, styles) is left out."""


def _inline(svg: str, layout: Layout, ident: str, title: str, description: str) -> str:
    root = ET.fromstring(svg)  # noqa: S314 - written by our own drawing engine, not received
    body = "".join(_kept(root))
    size = f'viewBox="{escape(root.attrib["viewBox"])}" width="{root.attrib["width"]}" height="{root.attrib["height"]}"'
    return (
        f'<svg class="{layout.name}" {size} role="img" aria-labelledby="{ident}-t {ident}-d" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{ident}-t">{escape(title)}</title>'
        f'<desc id="{ident}-d">{escape(description)}</desc>{body}</svg>'
    )


def _kept(parent: ET.Element) -> Iterator[str]:
    for child in parent:
        tag = child.tag.rpartition("}")[2]
        if tag not in _KEPT or child.attrib.get("display") == "none" or _blank(tag, child):
            continue
        inside = escape(child.text or "", quote=False) + "".join(_kept(child))
        if tag == "g" and not inside:
            continue
        attributes = "".join(
            f' {key}="{escape(_LONG.sub(_short, value))}"'
            for key, value in child.attrib.items()
            if key in _KEPT[tag] and value not in ("", "translate(0,0)")
        )
        yield f"<{tag}{attributes}>{inside}</{tag}>" if attributes or tag != "g" else inside


_LONG = re.compile(r"\d+\.\d\d+")


def _short(found: re.Match[str]) -> str:
    return f"{float(found[0]):.1f}"


def _blank(tag: str, child: ET.Element) -> bool:
    return child.attrib.get("class") == "background" or (tag == "path" and not child.attrib.get("d"))

"""Charts as static SVG: plain Vega-Lite specifications, drawn by vl-convert, with an alternative text each.

They are drawn 400 pixels wide, so that they can be read on a phone; the label of a bar stands above it. Colours
differ in lightness as well as in hue.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from netprint.report.markup import Html, tag
from netprint.report.numbers import THIN

Spec = dict[str, Any]
WIDTH = 400
DARK, MIDDLE, LIGHT, WARM, INK = "#12355b", "#3f88b5", "#a9cbb7", "#d98e2b", "#1b2733"
#: One colour for each scope; what has no scope is grey.
SCOPES = {"1": DARK, "2": MIDDLE, "3": LIGHT}
SERIES = ((DARK, "circle"), (WARM, "square"), (MIDDLE, "diamond"), ("#7a8791", "triangle-up"))
_GROUPED = f"replace(format(datum.value, ',~f'), regexp(',', 'g'), '{THIN}')"
_CONFIG: Spec = {
    "aria": False, "background": None, "font": "sans-serif", "view": {"stroke": None}, "padding": 2,
    "axis": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelColor": INK,
             "titleColor": INK, "gridColor": "#e3e8ec", "domainColor": "#9aa7b1", "tickColor": "#9aa7b1"},
    "legend": {"labelFontSize": 12, "labelColor": INK, "orient": "top", "title": None, "symbolSize": 70,
               "labelLimit": 180, "columns": 2, "symbolOpacity": 1},
}  # fmt: skip


def bars(rows: Sequence[Mapping[str, Any]], unit: str, mark: str = "bar") -> Spec:
    """Horizontal bars (or points) with their intervals. Rows: name, value, low, high, color."""
    values = [{"i": i, **row} for i, row in enumerate(rows)]
    y = _names(rows)
    x = {"field": "value", "type": "quantitative", "axis": _amounts(unit), "scale": {"zero": mark == "bar"}}
    colour = {"field": "color", "type": "nominal", "scale": None}
    encoding = {"y": y, "x": x, "color": colour}
    bar = {"mark": {"type": "bar", "height": 13, "yOffset": 9}, "encoding": encoding}
    point = {
        "mark": {"type": "point", "filled": True, "size": 80, "yOffset": 9, "opacity": 1},
        "encoding": encoding,
    }
    return _spec(values, [
        *([bar] if mark == "bar" else []),
        _whisker(y, "white", 4.0), _whisker(y, INK, 1.5), *([] if mark == "bar" else [point]),
    ], {"step": 40})  # fmt: skip


def tornado(rows: Sequence[Mapping[str, Any]], unit: str, point: float) -> Spec:
    """Bars from low to high around the point. Rows: name, low, high, color."""
    values = [{"i": i, **row} for i, row in enumerate(rows)]
    y = _names(rows)
    x = {"field": "low", "type": "quantitative", "axis": _amounts(unit), "scale": {"zero": False}}
    colour = {"field": "color", "type": "nominal", "scale": None}
    return _spec(values, [
        {"mark": {"type": "bar", "height": 13, "yOffset": 9},
         "encoding": {"y": y, "x": x, "x2": {"field": "high"}, "color": colour}},
        {"data": {"values": [{"point": point}]}, "mark": {"type": "rule", "color": INK, "strokeDash": [3, 2]},
         "encoding": {"x": {"field": "point", "type": "quantitative"}}},
    ], {"step": 40})  # fmt: skip


def waterfall(rows: Sequence[Mapping[str, Any]], unit: str) -> Spec:
    """A bridge: bars from where the one above ends. Rows: name, start, end, low, high (of the end), color."""
    values = [{"i": i, **row} for i, row in enumerate(rows)]
    y = _names(rows)
    x = {"field": "start", "type": "quantitative", "axis": _amounts(unit), "scale": {"zero": True}}
    colour = {"field": "color", "type": "nominal", "scale": None}
    return _spec(values, [
        {"mark": {"type": "bar", "height": 13, "yOffset": 9},
         "encoding": {"y": y, "x": x, "x2": {"field": "end"}, "color": colour}},
        _whisker(y, "white", 4.0), _whisker(y, INK, 1.5),
    ], {"step": 40})  # fmt: skip


def years(rows: Sequence[Mapping[str, Any]], labels: Sequence[str], unit: str) -> Spec:
    """Series over years with intervals. Rows: year (its label), series, value, low, high."""
    names = list(dict.fromkeys(str(r["series"]) for r in rows))
    values = [
        {**r, "at": labels.index(str(r["year"])) + 0.14 * (names.index(str(r["series"])) - (len(names) - 1) / 2)}
        for r in rows
    ]  # fmt: skip
    x = {
        "field": "at", "type": "quantitative", "scale": {"domain": [-0.5, len(labels) - 0.5], "nice": False},
        "axis": {"title": None, "values": list(range(len(labels))), "grid": False, "labelOverlap": True,
                 "labelExpr": f"{json.dumps(list(labels))}[datum.value]"},
    }  # fmt: skip
    y = {
        "field": "value", "type": "quantitative", "scale": {"zero": True},
        "axis": {**_amounts(unit), "titleAngle": 0, "titleAlign": "left", "titleAnchor": "end", "titleY": -10,
                 "titleX": -40},
    }  # fmt: skip
    paints = [SERIES[i % len(SERIES)] for i in range(len(names))]
    order = {"field": "series", "type": "nominal", "sort": names}
    colour = {**order, "scale": {"domain": names, "range": [p[0] for p in paints]}}
    shape = {**order, "scale": {"domain": names, "range": [p[1] for p in paints]}}
    ranged = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": colour}
    return _spec(values, [
        {"mark": {"type": "line", "strokeWidth": 1, "opacity": 0.5}, "encoding": {"x": x, "y": y, "color": colour}},
        {"transform": [{"filter": "isValid(datum.low)"}], "mark": {"type": "rule", "strokeWidth": 2},
         "encoding": ranged},
        {"mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
         "encoding": {"x": x, "y": y, "color": colour, "shape": shape}},
    ], 220)  # fmt: skip


def _names(rows: Sequence[Mapping[str, Any]]) -> Spec:
    """A band for each row, its name above the bar."""
    listed = json.dumps([str(r["name"]) for r in rows], ensure_ascii=False)
    return {
        "field": "i", "type": "nominal", "sort": None,
        "axis": {"title": None, "domain": False, "ticks": False, "labelAlign": "left", "labelPadding": 0,
                 "labelOffset": -7, "zindex": 1, "labelLimit": WIDTH - 8, "labelExpr": f"{listed}[datum.value]"},
    }  # fmt: skip


def _amounts(unit: str) -> Spec:
    return {"title": unit, "tickCount": 4, "labelExpr": _GROUPED, "labelOverlap": True, "titlePadding": 6}


def _whisker(y: Spec, colour: str, width: float) -> Spec:
    return {
        "transform": [{"filter": "isValid(datum.low)"}],
        "mark": {"type": "rule", "color": colour, "strokeWidth": width, "yOffset": 9},
        "encoding": {"y": y, "x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}},
    }


def _spec(values: list[Spec], layers: list[Spec], height: Any) -> Spec:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json", "config": _CONFIG, "width": WIDTH - 8,
        "height": height, "autosize": {"type": "fit-x", "contains": "padding"}, "data": {"values": values},
        "layer": layers,
    }  # fmt: skip


# -- drawing -------------------------------------------------------------------------------------------------------


def draw(spec: Spec, title: str, description: str) -> Html:
    """The chart as an inline SVG of its own size, labelled, its redundant attributes removed."""
    import vl_convert

    drawn = str(vl_convert.vegalite_to_svg(json.dumps(spec)))
    head = re.match(r'<svg[^>]*viewBox="0 0 ([\d.]+) ([\d.]+)"[^>]*>', drawn)
    if head is None:
        raise ValueError("vl-convert returned no SVG")
    inner = small(drawn[head.end() : drawn.rindex("</svg>")])
    label = tag("title", title) + tag("desc", description)
    return tag(
        "svg", Html(label), Html(inner), viewBox=f"0 0 {head[1]} {head[2]}", role="img",
        aria_label=f"{title}. {description}",
    )  # fmt: skip


_NOTHING = re.compile(
    r' (?:class|role|aria-[a-z]+|pointer-events|font-family|xmlns(?::xlink)?)="[^"]*"'
    r'| opacity="1"| stroke-miterlimit="10"'
)
_LONG = re.compile(r"(\d\.\d)\d+")
_EMPTY = re.compile(
    r'<path d=""[^>]*/>|<path d="M0,0h[\d.]+v[\d.]+h-?[\d.]+Z"/>|<g(?: transform="[^"]*")?></g>'
)
_BARE = re.compile(r"<g>((?:(?!</?g[ >]).)*)</g>")


def small(drawn: str) -> str:
    """An SVG without attributes that change nothing here, numbers to a tenth of a pixel."""
    found = _NOTHING.sub("", drawn)
    found = re.sub(r'(?<=")[^"<>]*(?=")', lambda m: _LONG.sub(r"\1", m[0]), found)
    before = ""
    while before != found:
        before, found = found, _BARE.sub(r"\1", _EMPTY.sub("", found))
    return found

"""The marginal abatement cost curve with bands: a static SVG, with title and description for who cannot see it."""

from __future__ import annotations

from typing import Any

from netprint.report.charts import DARK, INK, MIDDLE, draw
from netprint.report.numbers import THIN

Spec = dict[str, Any]
WIDTH, HEIGHT = 640, 320
_GROUPED = f"replace(format(datum.value, ',~f'), regexp(',', 'g'), '{THIN}')"
_WORDS = {
    "en": ("Marginal abatement cost curve", "net t CO2e a year", "per t CO2e", "saves money", "costs money"),
    "fr": ("Courbe des coûts marginaux de réduction", "t CO2e nettes par an", "par t CO2e", "fait économiser", "coûte"),
    "es": ("Curva de costos marginales de reducción", "t CO2e netas al año", "por t CO2e", "ahorra dinero", "cuesta"),
    "ar": ("منحنى تكاليف الخفض الحدية", "طن مكافئ CO2 صافٍ في السنة", "لكل طن مكافئ CO2", "توفر المال", "تكلّف مالاً"),
    "zh": ("边际减排成本曲线", "每年净减排吨CO2e", "每吨CO2e", "节省资金", "需要支出"),
    "ru": ("Кривая предельных затрат на сокращение", "т CO2e нетто в год", "за т CO2e", "экономит", "стоит денег"),
}  # fmt: skip


def curve(applied: Any, language: str = "en") -> str:
    """The curve of an :class:`netprint.apply.Applied` as SVG, in order of merit: the width of a bar is what a practice
    avoids net, its height the cost per tonne, its line the 95 % interval of that cost where there is one."""
    title, across, per, saves, costs = _WORDS.get(language, _WORDS["en"])
    rows = [
        _bar(row, applied, language, saves, costs)
        for row in applied.curve
        if row["cost_per_tonne"] is not None
    ]
    money = applied.assumptions["currency"]
    told = "; ".join(
        f"{r['n']}. {r['name']}: {r['cost']:,.4g} {money} {per}, {r['net']:,.4g} {across}" for r in rows
    )
    drawn = draw(_spec(rows, across, f"{money} {per}"), f"{title}, {applied.title}, {applied.year}", told)
    return drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" ', 1)


def _bar(row: Spec, applied: Any, language: str, saves: str, costs: str) -> Spec:
    practice = next(p for p in applied.practices if p["id"] == row["id"])
    cost = row["cost_per_tonne"]
    return {
        "n": row["rank"], "name": practice["title"].get(language) or practice["title"].get("en") or row["id"],
        "from": row["from"], "to": row["to"], "middle": (row["from"] + row["to"]) / 2, "cost": cost["point"], "zero": 0,
        "low": cost["low"], "high": cost["high"], "net": row["net"]["point"], "what": saves if row["saves"] else costs,
    }  # fmt: skip


def _spec(rows: list[Spec], across: str, up: str) -> Spec:
    axis = {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "labelColor": INK,
        "titleColor": INK,
        "gridColor": "#e3e8ec",
    }
    x = {
        "field": "from",
        "type": "quantitative",
        "axis": {"title": across, "labelExpr": _GROUPED, "tickCount": 5},
    }
    y = {
        "field": "cost",
        "type": "quantitative",
        "axis": {"title": up, "labelExpr": _GROUPED, "tickCount": 5},
    }
    names = list(dict.fromkeys(r["what"] for r in rows))
    paints = {"range": [DARK, MIDDLE][: len(names)], "domain": names}
    colour = {"field": "what", "type": "nominal", "scale": paints, "legend": {"orient": "top", "title": None}}
    middle = {"field": "middle", "type": "quantitative"}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json", "width": WIDTH, "height": HEIGHT,
        "config": {"aria": False, "background": None, "font": "sans-serif", "axis": axis, "view": {"stroke": None}},
        "data": {"values": rows},
        "layer": [
            {"mark": {"type": "rect", "stroke": "white"},
             "encoding": {"x": x, "x2": {"field": "to"}, "y": y, "y2": {"field": "zero"}, "color": colour}},
            {"transform": [{"filter": "isValid(datum.low)"}],
             "mark": {"type": "rule", "color": INK, "strokeWidth": 1.5},
             "encoding": {"x": middle, "y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}}},
            {"mark": {"type": "text", "dy": -8, "color": INK, "fontSize": 12},
             "encoding": {"x": middle, "y": {"field": "cost", "type": "quantitative"}, "text": {"field": "n"}}},
            {"mark": {"type": "rule", "color": INK}, "encoding": {"y": {"datum": 0}}},
        ],
    }  # fmt: skip

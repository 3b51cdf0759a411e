"""The coverage of a factor as a world map: one static SVG, with its legend, a table beside and the disclaimer below."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from netprint import places
from netprint.ask.coverage import LABELS, QUALITIES, Coverage
from netprint.load.factors import CATALOG

COLOURS = {
    "verified": "#00523b", "provisional": "#4fa37e", "year": "#b9dca8", "group": "#f6d55c", "world": "#e58a2e",
    "gap": "#c9c9c9",
}  # fmt: skip
"""From dark to light and then warm, so that they differ without colour vision too."""
DISCLAIMER = (
    "The boundaries and names shown and the designations used on this map do not imply official endorsement or "
    "acceptance by the United Nations, nor the expression of any opinion whatsoever concerning the legal status of any "
    "country, territory, city or area or of its authorities, or concerning the delimitation of its frontiers or "
    "boundaries."
)
TABLE, MARGIN, LINE, DOT = 860, 40, 34, 7
FONT = "font-family='Noto Sans, DejaVu Sans, Arial, sans-serif'"


@lru_cache(maxsize=1)
def shapes() -> dict[str, Any]:
    """Outlines and dots by ISO code, on a canvas of ``width`` and ``height``."""
    found: dict[str, Any] = json.loads((CATALOG / "places" / "shapes.json").read_text("utf-8"))
    return found


def world(covered: Coverage) -> str:
    """The map of one factor as SVG. Places without an outline or a dot stand in the table only, which says so."""
    drawn = shapes()
    top = 2 * MARGIN + 2 * LINE
    width = drawn["width"] + TABLE + 3 * MARGIN
    height = top + drawn["height"] + 6 * LINE
    at = ", ".join(f"{c} {v}" for c, v in covered.at.items() if v)
    title = f"{covered.title or covered.factor}{f' ({at})' if at else ''}: where the values come from"
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' role='img' {FONT} "
        f"aria-labelledby='title desc'>",
        f"<title id='title'>{escape(title)}</title>",
        f"<desc id='desc'>{escape('; '.join(f'{LABELS[q]}: {n} places' for q, n in covered.counts.items()))}</desc>",
        f"<rect width='{width}' height='{height}' fill='#ffffff'/>",
        _text(MARGIN, MARGIN + LINE, title, 34, "bold"),
        f"<g transform='translate({MARGIN} {top})' stroke='#ffffff' stroke-width='1' stroke-linejoin='round'>",
        *_countries(covered, drawn), "</g>",
        *_table(covered, drawn["width"] + 2 * MARGIN, top + 2 * LINE, drawn),
        *_notes(MARGIN, top + drawn["height"] + LINE, drawn), "</svg>",
    ]  # fmt: skip
    return "\n".join(parts) + "\n"


def _countries(covered: Coverage, drawn: dict[str, Any]) -> Iterator[str]:
    known = places.load()
    for code, quality in covered.places.items():
        value = f", {covered.values[code]}" if code in covered.values else ""
        told = f"<title>{escape(f'{known.name(code)}: {LABELS[quality]}{value}')}</title>"
        look = f"id={quoteattr(code)} fill='{COLOURS[quality]}'"
        if code in drawn["shapes"]:
            yield f"<path {look} d='{drawn['shapes'][code]}'>{told}</path>"
        elif code in drawn["dots"]:
            x, y = drawn["dots"][code]
            yield f"<circle {look} cx='{x}' cy='{y}' r='{DOT}' stroke='#555555'>{told}</circle>"


def _table(covered: Coverage, left: int, top: int, drawn: dict[str, Any]) -> Iterator[str]:
    """Legend with counts, then the counts by region."""
    yield _text(left, top, "Places", 28, "bold")
    y = top
    for quality, count in covered.counts.items():
        y += LINE + 6
        yield f"<rect x='{left}' y='{y - 22}' width='40' height='26' fill='{COLOURS[quality]}'/>"
        yield _text(left + 56, y, LABELS[quality], 26)
        yield _text(left + 520, y, str(count), 26, anchor="end")
    y += 2 * LINE
    ends = [left + 330 + 88 * i for i in range(len(QUALITIES))]
    for quality, x in zip(QUALITIES, ends, strict=True):
        yield f"<rect x='{x - 40}' y='{y - 22}' width='40' height='26' fill='{COLOURS[quality]}'/>"
    for row in covered.regions():
        y += LINE + 6
        weight = "bold" if row["region"] == "all" else "normal"
        yield _text(left, y, row["region"], 26, weight)
        for quality, x in zip(QUALITIES, ends, strict=True):
            yield _text(x, y, str(row[quality]), 26, weight, "end")
    hidden = sum(c not in drawn["shapes"] and c not in drawn["dots"] for c in covered.places)
    if hidden:
        yield _text(left, y + 2 * LINE, f"{hidden} of them are not on the map.", 24)


def _notes(left: int, top: int, drawn: dict[str, Any]) -> Iterator[str]:
    lines = textwrap.wrap(DISCLAIMER, 175)
    small = "Places too small for the scale are dots."
    for i, line in enumerate([*lines, f"{small} {drawn['projection']} projection. Made with Natural Earth."]):
        yield _text(left, top + i * LINE, line, 22)


def _text(x: int, y: int, text: str, size: int, weight: str = "normal", anchor: str = "start") -> str:
    return (
        f"<text x='{x}' y='{y}' font-size='{size}' font-weight='{weight}' text-anchor='{anchor}' "
        f"fill='#222222'>{escape(text)}</text>"
    )

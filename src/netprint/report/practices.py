"""A page of what practices would do for an inventory: no script, no network, in six languages."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from netprint.errors import UsageError
from netprint.report.macc import curve
from netprint.report.markup import Column, Html, Row, foreign, table, tag
from netprint.report.numbers import number

FOLDER = Path(__file__).parent


def page(applied: Any, language: str = "en") -> str:
    """A :class:`netprint.apply.Applied` as one self-contained HTML file. Raises :class:`UsageError` for a language that
    there is none of."""
    texts = json.loads((FOLDER / "practice_texts.json").read_text("utf-8"))
    if language not in texts:
        raise UsageError(f"There is no page in '{language}'; these are: {', '.join(texts)}.")
    made = _Page(applied, texts[language], language)
    style = re.sub(r"\s+", " ", (FOLDER / "style.css").read_text("utf-8"))
    head = tag(
        "head", Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'),
        tag("title", made.heading), tag("style", Html(style)),
    )  # fmt: skip
    body = tag("body", tag("header", tag("h1", made.heading)), tag("main", *made.sections()))
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang=language, dir='rtl' if language == 'ar' else 'ltr')}\n"


class _Page:
    def __init__(self, applied: Any, words: Mapping[str, str], language: str) -> None:
        self.applied, self.words, self.language = applied, words, language

    @property
    def heading(self) -> str:
        return self.words["heading"].format(title=self.applied.title, year=self.applied.year)

    def sections(self) -> list[Html]:
        made = [self.totals(), self.practices(), self.curve(), self.ranks(), self.sets(), self.information()]
        return [*made, self.beside(), self.benefits(), self.warnings(), self.assumptions()]

    def titled(self, row: Mapping[str, Any]) -> Html:
        return foreign(row["title"].get(self.language) or row["title"].get("en") or row["id"])

    def ranged(self, row: Mapping[str, float] | None) -> str:
        if row is None:
            return self.words["unknown"]
        if row["low"] is None:
            return number(row["point"])
        return f"{number(row['point'])} [{number(row['low'])}; {number(row['high'])}]"

    def section(self, key: str, *parts: Any) -> Html:
        return tag("section", tag("h2", self.words[key]), *parts)

    def totals(self) -> Html:
        total = self.applied.total
        lines = [
            (self.words["before"].format(account=self.applied.account), self.ranged(self.applied.baseline)),
            *((self.words[k], self.ranged(total[w])) for k, w in (
                ("together", "avoided"), ("own", "own"), ("rebound", "rebound"), ("net", "net"), ("after", "after"),
                ("lifetime", "lifetime"))),
            (self.words["reduces"], number(total["reduces"], 3)),
        ]  # fmt: skip
        rows = [Row([name, value]) for name, value in lines]
        return tag("section", table("", [Column(""), Column("t CO2e", True)], rows))

    def practices(self) -> Html:
        names = ("practice", "effect", "avoided", "own", "rebound", "net", "cost", "grade", "status")
        heads = [Column(self.words[n], 0 < i < 7) for i, n in enumerate(names)]
        rows = [
            Row([
                self.titled(r), _effect(r["effect"]),
                *(self.ranged(r[k]) for k in ("avoided", "own", "rebound", "net", "cost_per_tonne")), r["grade"],
                f"{r['status']}{', ' + self.words['provisional'] if r['provisional'] else ''}",
            ])
            for r in self.applied.practices
        ]  # fmt: skip
        return self.section("practice", table("", heads, rows), tag("p", self.words["unit"]))

    def curve(self) -> Html:
        if not self.applied.curve:
            return Html("")
        return self.section("curve", tag("figure", Html(curve(self.applied, self.language))))

    def ranks(self) -> Html:
        order = self.applied.ranks.get("order", [])
        if len(order) < 2:
            return Html("")
        titles = {r["id"]: self.titled(r) for r in self.applied.practices}
        chances = self.applied.ranks["probability"]
        rows = [Row([str(i + 1), titles[n], number(chances[n][i], 3)]) for i, n in enumerate(order)]
        heads = [
            Column(self.words["rank"]),
            Column(self.words["practice"]),
            Column(self.words["probability"], True),
        ]
        return self.section("ranks", table("", heads, rows))

    def sets(self) -> Html:
        found = self.applied.sets
        if not found:
            return Html("")
        parts = [
            tag("p", f"{self.words[k]}: {', '.join(found[k]['practices']) or self.words['none']}")
            for k in ("budget", "target")
            if k in found
        ]
        rows = [
            Row([", ".join(s["practices"]) or self.words["none"], self.ranged(s["net"]),
                 number(s["outlay"]) if s["outlay"] is not None else ""])
            for s in found["front"]
        ]  # fmt: skip
        heads = [Column(self.words[k], k != "practice") for k in ("practice", "net", "outlay")]
        return self.section("sets", *parts, table("", heads, rows), tag("p", found["note"]))

    def information(self) -> Html:
        worth = [r for r in self.applied.information if r["value"] > 0][:10]
        if not worth:
            return Html("")
        rows = [Row([r["parameter"], number(r["value"], 3)]) for r in worth]
        return self.section(
            "measure", table("", [Column(self.words["parameter"]), Column(self.words["worth"], True)], rows)
        )

    def beside(self) -> Html:
        rows = [Row([self.titled(r), self.ranged(r["avoided"])]) for r in self.applied.beside]
        heads = [Column(self.words["practice"]), Column(self.words["avoided"], True)]
        return self.section("beside", table("", heads, rows)) if rows else Html("")

    def benefits(self) -> Html:
        items = [tag("li", self.titled(r), ": ", r["what"]) for r in self.applied.benefits]
        return self.section("benefits", tag("ul", *items)) if items else Html("")

    def warnings(self) -> Html:
        items: Sequence[Html] = [tag("li", text) for text in self.applied.warnings]
        return self.section("warnings", tag("ul", *items)) if items else Html("")

    def assumptions(self) -> Html:
        made = self.applied.assumptions
        prices = "; ".join(f"{name} {price}" for name, price in made["prices"].items())
        parts = [tag("p", self.words["draws"].format(**made)), *([tag("p", prices)] if prices else [])]
        return self.section("assumptions", *parts)


def _effect(effect: Mapping[str, Any]) -> str:
    return number(effect["value"]) if effect["unit"] == "1" else f"{number(effect['value'])} {effect['unit']}"

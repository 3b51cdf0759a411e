"""What applying practices to a study found: records, for the terminal, JSON and the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netprint.explain import number
from netprint.result import statistics

Array = NDArray[np.float64]
Row = dict[str, Any]
TONNE = 1000.0
STATISTICS = ("point", "mean", "low", "high")


def told(draws: Array | None, per: float = 1.0) -> dict[str, float] | None:
    """Point, mean and 95 % interval of draws; None where there are none."""
    if draws is None:
        return None
    found = statistics(np.atleast_2d(draws) / per)
    return {name: float(found[name][0]) for name in STATISTICS}


@dataclass(frozen=True)
class Applied:
    """Practices on one year of a study. Amounts are t CO2e of that year unless they say otherwise.

    ``practices``: one row a practice that was run, by its Shapley share. ``beside``: practices on other sectors, shown
    and never subtracted. ``benefits``: adaptation and other benefits, in words. ``total``: avoided with interactions,
    own footprint, rebound, net, after, and the probability that the net is a reduction. ``draws``: by practice, of the
    net, kg CO2e, the point first.
    """

    title: str
    year: str
    account: str
    baseline: Mapping[str, float]
    practices: tuple[Row, ...]
    beside: tuple[Row, ...]
    benefits: tuple[Row, ...]
    total: Row
    ranks: Row
    curve: tuple[Row, ...]
    sets: Row
    information: tuple[Row, ...]
    assumptions: Mapping[str, Any]
    warnings: tuple[str, ...]
    draws: Mapping[str, Array] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {k: v for k, v in vars(self).items() if k != "draws"}

    def __str__(self) -> str:
        return "\n".join(self._told())

    def _told(self) -> Iterator[str]:
        yield f"{self.title}, {self.year}, {self.account}"
        yield f"Before: {ranged(self.baseline)} t CO2e"
        yield ""
        yield from _table(self.practices)
        if len(self.practices) > 1:
            yield ""
        yield f"Avoided together, interactions in: {ranged(self.total['avoided'])} t CO2e a year"
        for key, words in (("own", "Own footprint"), ("rebound", "Rebound")):
            lacking = self.total["not_known"][key]
            without = f", without that of {', '.join(lacking)}, which is not known" if lacking else ""
            yield f"{words}: {ranged(self.total[key])} t CO2e a year{without}"
        known = "" if not any(self.total["not_known"].values()) else ", by what is known"
        chance = f"a reduction with probability {self.total['reduces']:.3g}{known}"
        yield f"Net: {ranged(self.total['net'])} t CO2e a year; {chance}"
        yield f"After: {ranged(self.total['after'])} t CO2e"
        if self.total["lifetime"] is not None:
            yield f"Over the years that they last, at this year's factors: {ranged(self.total['lifetime'])} t CO2e"
        yield from _curve(self.curve)
        yield from _ranks(self.ranks)
        yield from _sets(self.sets)
        yield from _information(self.information)
        if self.beside:
            yield ""
            yield "Beside the inventory, never subtracted from it:"
            for row in self.beside:
                yield f"  {row['title']}: {ranged(row['avoided'])} t CO2e a year where these rows lie"
        if self.benefits:
            yield ""
            yield "Benefits in a ledger of their own, never added to emissions:"
            yield from (f"  {row['title']}: {row['what']}" for row in self.benefits)
        if self.warnings:
            yield ""
            yield "Warnings:"
            yield from (f"  {text}" for text in self.warnings)


def ranged(row: Mapping[str, float] | None) -> str:
    """``point [low, high]``."""
    if row is None:
        return "not known"
    return f"{number(row['point'], 4)} [{number(row['low'], 4)}, {number(row['high'], 4)}]"


def _table(rows: Sequence[Row]) -> Iterator[str]:
    head = ("practice", "avoided", "95 % interval", "own", "rebound", "net", "cost per t", "grade", "status")
    lines = [head]
    for row in rows:
        a, cost = row["avoided"], row["cost_per_tonne"]
        lines.append((
            row["id"], number(a["point"], 4), f"{number(a['low'], 4)} to {number(a['high'], 4)}",
            *("?" if row[k] is None else number(row[k]["point"], 4) for k in ("own", "rebound")),
            number(row["net"]["point"], 4), "?" if cost is None else number(cost["point"], 4),
            row["grade"], row["status"] + (", provisional" if row["provisional"] else ""),
        ))  # fmt: skip
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    for line in lines:
        cells = [
            c.rjust(w) if 0 < i < 7 else c.ljust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
    yield "Amounts in t CO2e a year; avoided by Shapley share; ? is not known and not zero."


def _curve(rows: Sequence[Row]) -> Iterator[str]:
    if rows:
        yield ""
        yield "In order of merit (those that save money by what they save, the others by cost per tonne):"
        for row in rows:
            what = (
                f"saves {number(-row['net_cost']['point'], 4)} {row['currency']} a year"
                if row["saves"]
                else f"{number(row['cost_per_tonne']['point'], 4)} {row['currency']} per t"
            )
            yield f"  {row['rank']}. {row['id']}: {what}, {ranged(row['net'])} t CO2e a year"


def _ranks(ranks: Row) -> Iterator[str]:
    if len(ranks.get("order", ())) > 1:
        yield ""
        yield f"Ranking by net tonnes: {', '.join(ranks['order'])}"
        whole = f"that the whole order is right: {ranks['whole']:.3g}"
        yield f"Probability that the first is the first: {ranks['first']:.3g}; {whole}"


def _sets(sets: Row) -> Iterator[str]:
    for key, words in (
        ("budget", "Best set within the budget"),
        ("target", "Cheapest set that reaches the target"),
    ):
        found = sets.get(key)
        if found is not None:
            yield ""
            yield f"{words}: {', '.join(found['practices']) or 'none'}"
            if found["practices"]:
                yield f"  net {ranged(found['net'])} t CO2e a year" + (
                    f", first year {number(found['outlay'], 4)} {found['currency']}, of which investment "
                    f"{number(found['investment'], 4)}"
                    if found["outlay"] is not None
                    else ""
                )
            if found.get("probability") is not None:
                yield f"  probability that it reaches the target: {found['probability']:.3g}"
    if sets.get("note") and ("budget" in sets or "target" in sets):
        yield ""
        yield str(sets["note"])


def _information(rows: Sequence[Row]) -> Iterator[str]:
    worth = [row for row in rows if row["value"] > 0][:5]
    if worth:
        yield ""
        yield "What to measure to rank them better (t CO2e a year that a right order would gain):"
        yield from (f"  {row['parameter']}: {number(row['value'], 3)}" for row in worth)

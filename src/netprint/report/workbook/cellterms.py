"""The sheets CellTerms and Indicators: what is computed for each cell from sums, with live formulas."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from netprint.engine.derive import Derived
from netprint.engine.labels import labels
from netprint.formula.evaluate import label
from netprint.formula.parse import Call, Lookup, Name, Tree, children
from netprint.load.method import Term
from netprint.report.workbook.factors import Factors
from netprint.report.workbook.formulas import Live, Place, size, transcribe
from netprint.report.workbook.grid import Column, Grid, label_columns
from netprint.report.workbook.recomputed import Recomputed, base
from netprint.report.workbook.say import Say
from netprint.report.workbook.sums import Source, Sums
from netprint.units import parse

Row = dict[str, Any]
UNDEFINED = "n.a."
_KEPT = (
    "indicator",
    "title",
    "cell",
    "unit",
    "mean",
    "median",
    "low",
    "high",
    "completeness",
    "note",
    "cites",
)
_BOOKED = ("year", "scope", "category", "account", "flow")


def summed(tree: Tree, known: Mapping[str, object]) -> tuple[set[str], set[tuple[str, tuple[str, ...]]]]:
    """The names that a formula uses as sums of its own cell; those inside ``sum`` with what they are summed over."""
    plain: set[str] = set()
    over: set[tuple[str, tuple[str, ...]]] = set()
    stack = [tree]
    while stack:
        match stack.pop():
            case Lookup():
                pass
            case Call("sum", (Name(name),), columns):
                over.add((name, columns))
            case Name(name) if name in known:
                plain.add(name)
            case node:
                stack.extend(children(node))
    return plain, over


class Cellwise:
    """How a formula over sums is written for one cell."""

    def __init__(self, found: Recomputed, factors: Factors, sums: Sums) -> None:
        self.found, self.factors, self.sums = found, factors, sums

    def place(self, derived: Derived, grid: Grid) -> Place:
        """Where its names stand; the sums that it needs are entered."""
        term, at, plan = derived.term, derived.cell, self.found.plan
        grain = tuple(at)
        cell = tuple(at.values())
        plain, over = summed(term.formula, self.sums.sources)
        values = {n: self.sums.value(n, grain, cell) for n in plain}
        cells = {n: self.sums.cell(n, grain, cell) for n in plain}
        for name, value in numeric(derived, self.found).items():
            values[name], cells[name] = value, grid.here(f"value.{name}")

        def kept(columns: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
            names = tuple(c for c in grain if c not in columns)
            return names, tuple(at[c] for c in names)

        totals = {(n, o): self.sums.value(n, *kept(o)) for n, o in over}
        return Place(
            self.found.names(at, values, totals), cells, self.factors.cell, plan.cards,
            lambda name, columns: self.sums.cell(name, *kept(columns)), self.factors.numbers,
        )  # fmt: skip


def numeric(derived: Derived, found: Recomputed) -> dict[str, float]:
    """The numeric columns of a cell, in base units."""
    at = derived.cell
    return {n: float(at[n]) * u.scale for n, u in found.plan.numeric.items() if at.get(n)}


class CellTerms:
    """The terms that are computed for each cell (``each``), one row a cell; gaps are not among them."""

    def __init__(self, found: Recomputed, cellwise: Cellwise, say: Say) -> None:
        self.found, self.cellwise, self.say = found, cellwise, say
        self.held = [d for d in found.run.derived if d.value is not None]
        self.at = {id(d): i for i, d in enumerate(self.held)}
        self.names = list(dict.fromkeys(c for t in found.plan.cell_terms for c in t.each or ()))
        self.values = sorted({n for d in self.held for n in numeric(d, found)})
        booked = [c for c in (*_BOOKED, *found.plan.cell) if c != "flow"]
        self.booked = list(dict.fromkeys(booked))
        heads = {n: say("c_booked", what=say.column(n)) for n in self.booked}
        columns = [
            Column("id", say("c_id"), "id", 8), Column("cell", say("c_cell"), "id", 8),
            Column("term", say("term"), "text", 24), *label_columns(self.names, {n: say.column(n) for n in self.names}),
            *label_columns(self.booked, heads, "booked."),
            *(Column(f"value.{n}", f"{n} {say('c_in_base')}", "factor", 14) for n in self.values),
            Column("value", say("value"), "amount", 18), Column("unit", say("c_base_unit"), "text", 12),
            Column("flow", say("c_flow"), "text", 12), Column("gwp", say("c_gwp"), "factor", 10),
            Column("impact", say("contribution"), "amount", 18), Column("factors", say("factor_rows"), "text", 14),
            Column("provisional", say("c_provisional"), "text", 12), Column("proxy", say("c_proxy"), "text", 9),
        ]  # fmt: skip
        self.grid = Grid("CellTerms", columns, len(self.held))
        run = found.run
        extra = {id(d): (cell, i) for i, (cell, d) in enumerate(run.extra)}
        self.cells = [extra.get(id(d)) for d in self.held]
        self.texts: list[str] = []
        self.sizes: list[float] = []

    def cell(self, row: int) -> int:
        """The number of the result's cell that a row is booked to, from 1; 0 for none."""
        held, run = self.cells[row], self.found.run
        return 0 if held is None else int(run.groups.group[len(run.booking) + held[1]]) + 1

    def enter(self) -> None:
        """Write the formulas, term by term: a term is summed only once it stands."""
        for term in self.found.plan.cell_terms:
            rows = np.array([i for i, d in enumerate(self.held) if d.term is term], dtype=np.int64)
            for i in rows.tolist():
                place = self.cellwise.place(self.held[i], self.grid)
                self.texts.append(transcribe(term.formula, place))
                self.sizes.append(size(term.formula, place))
            held = [self.held[i] for i in rows.tolist()]
            columns = {c: labels(d.cell[c] for d in held) for c in term.each or ()}
            block = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else None
            source = Source(self.grid, "impact", rows, columns, block=block)
            self.cellwise.sums.sources[term.id] = source

    def impact(self, row: int) -> tuple[float, float]:
        """(value, global warming potential) at the point, in base units."""
        derived = self.held[row]
        assert derived.value is not None
        flow = self.found.gas(derived)
        return float(derived.value[0]), float(self.found.run.gwp(flow)[0]) if flow else 1.0

    def rows(self) -> Iterator[Row]:
        yes, plan = self.say("yes"), self.found.plan
        for i, derived in enumerate(self.held):
            (value, gwp), flow, booked = self.impact(i), self.found.gas(derived), self.cells[i]
            provisional, proxy = self.found.rests_on(derived.needs, derived.term.status)
            row: Row = {f"at.{n}": derived.cell.get(n, "") for n in self.names}
            row |= {f"value.{n}": v for n, v in numeric(derived, self.found).items()}
            if booked is not None:
                row |= {f"booked.{n}": booked[0].get(n, "") for n in self.booked}
            row |= {
                "id": i + 1, "cell": self.cell(i) or None, "term": derived.term.id, "value": Live(self.texts[i], value),
                "unit": _unit(derived.term, flow, plan.units), "flow": flow or _flow(derived),
                "gwp": Live(self.cellwise.factors.cell(("gwp", (flow,))), gwp) if flow else 1.0,
                "impact": Live(f"{self.grid.here('value')}*{self.grid.here('gwp')}", value * gwp),
                "factors": self.cellwise.factors.ids(derived.needs), "provisional": yes if provisional else "",
                "proxy": yes if proxy else "",
            }  # fmt: skip
            yield row


def _flow(derived: Derived) -> str:
    return label(derived.term.books["flow"], derived.cell) if "flow" in derived.term.books else ""


def _unit(term: Term, gas: str, units: Mapping[str, Any]) -> str:
    return "kg" if gas else base(units[term.id])


class Indicators:
    """The indicators of the result, and its cell terms that book nothing."""

    def __init__(self, found: Recomputed, cellwise: Cellwise, terms: CellTerms, say: Say) -> None:
        self.found, self.cellwise, self.terms, self.say = found, cellwise, terms, say
        grain = found.grain
        columns = [
            Column("id", say("c_id"), "id", 7), Column("indicator", say("indicator"), "text", 24),
            Column("title", say("c_title"), "text", 40), *label_columns(grain, {n: say.column(n) for n in grain}),
            Column("cell", say("cell"), "text", 26), Column("point", say("c_live_point"), "factor", 18),
            Column("unit", say("c_unit"), "text", 18), Column("scale", say("c_scale"), "factor", 12),
            *(Column(n, say("c_monte_carlo", what=say(n)), "plain", 15) for n in ("mean", "median")),
            Column("low", say("c_low"), "plain", 15), Column("high", say("c_high"), "plain", 15),
            Column("completeness", say("completeness"), "share", 13), Column("note", say("note"), "text", 40),
            Column("cites", say("clause"), "text", 40), Column("status", say("status"), "text", 12),
        ]  # fmt: skip
        self.stored = list(found.result.indicators)
        self.grid = Grid("Indicators", columns, len(self.stored))
        self.points: list[Live | str | float | None] = []
        self.sizes: list[float] = []

    def enter(self) -> None:
        """Write the formulas of the result's rows."""
        by_key = {self._key(d): d for d in self.found.indicators}
        for row in self.stored:
            key = (
                str(row["indicator"]),
                tuple(str(row[c] or "") for c in self.found.grain),
                str(row["cell"] or ""),
            )
            point, size_ = self._point(row, by_key.get(key))
            self.points.append(point)
            self.sizes.append(size_)

    def _key(self, derived: Derived) -> tuple[str, tuple[str, ...], str]:
        grain, cell, term = self.found.grain, derived.cell, derived.term
        at = ", ".join(f"{k} {v}" for k, v in cell.items() if v and k not in grain)
        if term.indicator and set(cell) == {"year"} and grain != ("year",):
            at = f"all of {cell['year']}"
        return term.id, tuple(cell.get(c, "") for c in grain), at

    def _point(self, row: Row, derived: Derived | None) -> tuple[Live | str | float | None, float]:
        if derived is None:
            return self.say("not_recomputed"), 0.0
        if derived.gaps:
            return self.say("gap"), 0.0
        if row["point"] is None and derived.value is not None:
            return UNDEFINED, 0.0  # undefined in a draw, and so nowhere shown
        unit = parse(derived.term.unit).scale
        value = UNDEFINED if derived.value is None else float(derived.value[0]) / unit
        if id(derived) in self.terms.at:
            at = self.terms.at[id(derived)]
            text, magnitude = self.terms.grid.cell("value", at), self.terms.sizes[at]
            return Live(f"{text}/{self.grid.here('scale')}", value), magnitude / unit
        place = self.cellwise.place(derived, self.grid)
        text = transcribe(derived.term.formula, place)
        magnitude = 0.0 if derived.value is None else size(derived.term.formula, place) / unit
        text = f'IFERROR(({text})/{self.grid.here("scale")},"{UNDEFINED}")'
        return Live(text, value), magnitude if math.isfinite(magnitude) else 0.0

    def rows(self) -> Iterator[Row]:
        for i, (stored, point) in enumerate(zip(self.stored, self.points, strict=True)):
            row: Row = {f"at.{n}": stored[n] for n in self.found.grain}
            row |= {k: stored[k] for k in _KEPT}
            yield row | {
                "id": i + 1, "point": point, "scale": parse(_no_unit(stored["unit"])).scale,
                "status": self.say.label("status", str(stored["status"])),
            }  # fmt: skip


def _no_unit(unit: object) -> str:
    return "" if unit in (None, "1", 1) else str(unit)

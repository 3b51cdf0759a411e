"""The sheets Activities and Lines: the summed activity data, and each of its rows times the terms that take it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netprint.engine.labels import Labels
from netprint.engine.lines import Unique
from netprint.formula.evaluate import needed
from netprint.formula.parse import Tree
from netprint.formula.parse import parse as parse_formula
from netprint.load.method import Term
from netprint.report.workbook.factors import Factors
from netprint.report.workbook.formulas import Live, Place, transcribe
from netprint.report.workbook.grid import Column, Grid, label_columns
from netprint.report.workbook.recomputed import Recomputed, base
from netprint.report.workbook.say import Say
from netprint.units import parse

Codes = NDArray[np.int64]
Row = dict[str, Any]
#: Labels of the collapsed table that are no labels of a cell.
_INNER = ("times", "error_group")


class Activities:
    """The collapsed rows of the period."""

    def __init__(self, found: Recomputed, factors: Factors, say: Say) -> None:
        self.found, self.factors, self.say = found, factors, say
        rows = found.rows
        self.names = [c for c in rows.labels if c not in _INNER]
        columns = [Column("id", say("c_id"), "id", 7)]
        columns += label_columns(self.names, {n: say.column(n) for n in self.names})
        columns += [
            Column("quantity", say("quantity"), "input", 17), Column("unit", say("c_unit"), "text", 12),
            Column("scale", say("c_scale"), "factor", 12), Column("times", say("c_times"), "text", 16),
            Column("multiplier", say("c_multiplier"), "factor", 12),
            Column("amount", say("c_amount_base"), "amount", 18),
            Column("base_unit", say("c_base_unit"), "text", 12), Column("records", say("c_records"), "count", 10),
            Column("error_group", say("c_error_group"), "text", 18), Column("remark", say("c_remark"), "remark", 30),
        ]  # fmt: skip
        self.grid = Grid("Activities", columns, len(rows))
        self.amounts = [self._amount(i) for i in range(len(rows))]

    def _at(self, row: int) -> dict[str, str]:
        return {k: v.values[v.codes[row]] for k, v in self.found.rows.labels.items()}

    def _unit(self, at: Mapping[str, str]) -> str:
        known = self.found.plan.activities.get(at["activity"])
        return known.unit if known is not None else ""

    def _amount(self, row: int) -> tuple[float, Live | float | None]:
        """(amount in base units, multiplier); no multiplier where one of its factors is missing."""
        at = self._at(row)
        quantity = float(self.found.rows.quantity[row]) * parse(self._unit(at)).scale
        if not at.get("times"):
            return quantity, 1.0
        tree, plan = parse_formula(at["times"]), self.found.plan
        values = {k: float(at[k]) * u.scale for k, u in plan.numeric.items() if at.get(k)}
        held = self.found.run.coefficients.resolver.held
        if not all(held(a) and a in self.factors.at for a in needed(tree, at, values, plan.cards, held)):
            return 0.0, None
        names = self.found.names(at, values)
        cells = {k: repr(v) for k, v in values.items()}
        place = Place(names, cells, self.factors.cell, plan.cards, None, self.factors.numbers)
        value = place.value(tree)
        return quantity * value, Live(transcribe(tree, place), value)

    def rows(self) -> Iterator[Row]:
        rows, grid = self.found.rows, self.grid
        product = "*".join(grid.here(k) for k in ("quantity", "scale", "multiplier"))
        for i, (amount, multiplier) in enumerate(self.amounts):
            at = self._at(i)
            unit = self._unit(at)
            row: Row = {f"at.{n}": at[n] for n in self.names}
            row |= {
                "id": i + 1, "quantity": float(rows.quantity[i]), "unit": unit, "scale": parse(unit).scale,
                "times": at.get("times", ""), "multiplier": self.say("gap") if multiplier is None else multiplier,
                "amount": self.say("gap") if multiplier is None else Live(product, amount),
                "base_unit": base(parse(unit)), "records": int(rows.count[i]), "error_group": at.get("error_group", ""),
            }  # fmt: skip
            yield row


class Lines:
    """The lines of the trace, one for each collapsed row, term and point of its axes; gaps are not among them.

    Sorted by the cell of the result that they are booked to; those that book nothing last.
    """

    def __init__(self, found: Recomputed, factors: Factors, activities: Activities, say: Say) -> None:
        self.found, self.factors, self.activities, self.say = found, factors, activities, say
        run = found.run
        self.chosen, self.cell = self._chosen()
        self.position = np.full(len(run.lines), -1, dtype=np.int64)
        self.position[self.chosen] = np.arange(len(self.chosen))
        self.row, self.unique = run.lines.row[self.chosen], run.lines.unique[self.chosen]
        self.labels = self._labels()
        self.values = sorted({n for u in set(self.unique.tolist()) for n in run.lines.uniques[u].values})
        self.grid = Grid("Lines", self._columns(), len(self.chosen))

    def _chosen(self) -> tuple[Codes, Codes]:
        """The lines that count, by their place among the run's, and the number of each one's cell, from 1 (0: none)."""
        run = self.found.run
        cell = np.zeros(len(run.lines), dtype=np.int64)
        held = ~run.gap[run.booking]
        place = np.cumsum(~run.gap) - 1
        cell[place[run.booking[held]]] = run.groups.group[: len(run.booking)][held] + 1
        shown = np.flatnonzero(run.shown) if len(run.lines) else np.zeros(0, dtype=np.int64)
        last = np.where(cell == 0, np.iinfo(np.int64).max, cell)
        order = np.lexsort((run.lines.unique[shown], run.lines.row[shown], last[shown]))
        chosen = shown[order].astype(np.int64)
        return chosen, cell[chosen]

    def _labels(self) -> dict[str, Labels]:
        """The labels by which lines are summed: those of their cells, then those of their rows."""
        run = self.found.run
        cells = {k: v.take(self.chosen) for k, v in run.lines.cell.items()}
        rows = {
            k: v.take(self.row)
            for k, v in self.found.rows.labels.items()
            if k not in _INNER and k not in cells
        }
        return {**cells, **rows}

    def _columns(self) -> list[Column]:
        say = self.say
        shown = [n for n in self.labels if n != "flow"]
        columns = [
            Column("id", say("c_id"), "id", 8), Column("cell", say("c_cell"), "id", 8),
            Column("activity", say("c_activity_row"), "id", 9), Column("term", say("term"), "text", 24),
            *label_columns(shown, {n: say.column(n) for n in shown}),
            Column("point", say("c_axes"), "text", 16), Column("quantity", say("quantity"), "amount", 16),
            Column("unit", say("c_unit"), "text", 10), Column("scale", say("c_scale"), "factor", 11),
        ]  # fmt: skip
        columns += [Column(f"value.{n}", f"{n} {say('c_in_base')}", "factor", 14) for n in self.values]
        return [
            *columns, Column("multiplier", say("c_multiplier"), "factor", 11),
            Column("coefficient", say("coefficient"), "factor", 16), Column("per", say("c_per"), "text", 16),
            Column("flow", say("c_flow"), "text", 14), Column("amount", say("c_amount"), "amount", 17),
            Column("flow_unit", say("c_flow_unit"), "text", 11), Column("gwp", say("c_gwp"), "factor", 10),
            Column("impact", say("contribution"), "amount", 18), Column("impact_unit", say("c_unit"), "text", 11),
            Column("factors", say("factor_rows"), "text", 16), Column("provisional", say("c_provisional"), "text", 12),
            Column("proxy", say("c_proxy"), "text", 9),
        ]  # fmt: skip

    # -- rows --------------------------------------------------------------------------------------------------------

    @cached_property
    def parts(self) -> dict[int, Part]:
        """What the lines of one evaluation have in common."""
        return {u: self._part(self.found.run.lines.uniques[u]) for u in np.unique(self.unique).tolist()}

    def _part(self, unique: Unique) -> Part:
        found, plan = self.found, self.found.plan
        scale = plan.units[str(unique.term.activity)].scale
        values = {**unique.values, "quantity": scale}
        cells = {n: self.grid.here(f"value.{n}") for n in unique.values} | {
            "quantity": self.grid.here("scale")
        }
        names = found.names(unique.labels, values)
        place = Place(names, cells, self.factors.cell, plan.cards, None, self.factors.numbers)
        gwp = 1.0 if _counts_itself(unique.flow, found) else float(found.run.gwp(unique.flow)[0])
        return Part(
            unique, place.value(unique.term.formula), transcribe(unique.term.formula, place),
            *_multiplier(unique.times, place), gwp, "" if _counts_itself(unique.flow, found)
            else self.factors.cell(("gwp", (unique.flow,))), self.units(unique.term, unique.flow),
            self.factors.ids(unique.needs), *found.rests_on(unique.needs, unique.term.status),
        )  # fmt: skip

    def units(self, term: Term, flow: str) -> tuple[str, str]:
        """Base units of a flow and of its impact."""
        plan = self.found.plan
        if not flow:
            unit = base(plan.units[term.id])
            return unit, unit
        if flow in plan.impacts:
            unit = base(parse(plan.impacts[flow]))
            return unit, unit
        return ("kg CO2e" if flow == "CO2e" else "kg"), "kg CO2e"

    def amounts(self) -> NDArray[np.float64]:
        """The impact of every line at the point, in base units."""
        parts, quantity = self.parts, self.found.rows.quantity
        per = np.array([parts[u].coefficient * parts[u].times * parts[u].gwp for u in self.unique.tolist()])
        return per * quantity[self.row] if len(per) else np.zeros(0)

    def rows(self) -> Iterator[Row]:
        grid, quantity = self.grid, self.found.rows.quantity
        amount = "*".join(grid.here(k) for k in ("quantity", "multiplier", "coefficient"))
        impact = f"{grid.here('amount')}*{grid.here('gwp')}"
        units = {u: self._unit(part) for u, part in self.parts.items()}
        texts = {n: v.texts() for n, v in self.labels.items()}
        yes = self.say("yes")
        for i, (row, u) in enumerate(zip(self.row.tolist(), self.unique.tolist(), strict=True)):
            part, held = self.parts[u], float(quantity[row])
            flow = held * part.times * part.coefficient
            made: Row = {f"at.{n}": v[i] for n, v in texts.items() if n != "flow"}
            made |= {f"value.{n}": v for n, v in part.unique.values.items()}
            made |= {
                "id": i + 1, "cell": int(self.cell[i]) or None, "activity": row + 1, "term": part.unique.term.id,
                "point": part.point, "quantity": Live(self.activities.grid.cell("quantity", row), held),
                "unit": units[u][0], "scale": units[u][1],
                "multiplier": Live(part.times_text, part.times) if part.times_text else 1.0,
                "coefficient": Live(part.text, part.coefficient), "per": units[u][2],
                "flow": part.unique.flow, "amount": Live(amount, flow), "flow_unit": part.units[0],
                "gwp": Live(part.gwp_cell, part.gwp) if part.gwp_cell else 1.0,
                "impact": Live(impact, flow * part.gwp), "impact_unit": part.units[1], "factors": part.factors,
                "provisional": yes if part.provisional else "", "proxy": yes if part.proxy else "",
            }  # fmt: skip
            yield made

    def _unit(self, part: Part) -> tuple[str, float, str]:
        """Unit of the activity, its base units, and the unit of the coefficient."""
        unit = self.found.plan.activities[str(part.unique.term.activity)].unit
        below = f"({unit})" if set(unit) & set(" /*") else unit
        return unit, parse(unit).scale, f"{part.units[0]}/{below}"


class Part:
    """What is the same in all lines of one evaluation: formulas (with a mark for the row) and their values."""

    def __init__(
        self,
        unique: Unique,
        coefficient: float,
        text: str,
        times: float,
        times_text: str,
        gwp: float,
        gwp_cell: str,
        units: tuple[str, str],
        factors: str,
        provisional: bool,
        proxy: bool,
    ) -> None:
        self.unique, self.coefficient, self.text = unique, coefficient, text
        self.times, self.times_text, self.gwp, self.gwp_cell = times, times_text, gwp, gwp_cell
        self.units, self.factors, self.provisional, self.proxy = units, factors, provisional, proxy
        over = [(n, unique.labels[n]) for n in unique.term.over if n in unique.labels]
        self.point = ", ".join(f"{n} {v}" for n, v in over)


def _multiplier(times: Tree | None, place: Place) -> tuple[float, str]:
    return (1.0, "") if times is None else (place.value(times), transcribe(times, place))


def _counts_itself(flow: str, found: Recomputed) -> bool:
    """Whether an amount is its own impact: CO2e, an impact of the method, or nothing booked."""
    return flow in ("", "CO2e") or flow in found.plan.impacts

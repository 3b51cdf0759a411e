"""The sheets Cells, Results and Checks: sums of the lines, sums of those, and each beside what netprint stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netprint.engine.indicators import (
    FROM_SUPPLIERS,
    OF_SCOPE_3,
    SCOPE_3,
    of_suppliers,
    scope_3_accounts,
)
from netprint.engine.run import CLIMATE
from netprint.report.workbook.cellterms import CellTerms, Indicators
from netprint.report.workbook.formulas import Live
from netprint.report.workbook.grid import Column, Grid, label_columns
from netprint.report.workbook.lines import Lines
from netprint.report.workbook.recomputed import Recomputed
from netprint.report.workbook.say import Say
from netprint.report.workbook.sums import Source, Sums
from netprint.result import MEASURES

Row = dict[str, Any]
Array = NDArray[np.float64]
#: What a live value may differ by, of the sum of absolute values behind it.
TOLERANCE = 1e-9
_SHARES = ("coverage", "completeness", "provisional_share", "proxy_share")


class Cells:
    """The finest cells of the result: each the sum of its lines and of its cell terms."""

    def __init__(self, found: Recomputed, lines: Lines, terms: CellTerms, say: Say) -> None:
        self.found, self.lines, self.terms, self.say = found, lines, terms, say
        run, self.labels = found.run, found.run.groups.table()
        names = list(run.plan.cell)
        self.views = [n for n, t in _tables(found).items() if len(t)]
        columns = [
            Column("id", say("c_id"), "id", 8), *label_columns(names, {n: say.column(n) for n in names}),
            Column("impact", say("impact"), "text", 16), Column("parts", say("c_lines"), "count", 8),
            Column("lines", say("c_from_lines"), "amount", 18), Column("terms", say("c_from_terms"), "amount", 18),
            Column("scale", say("c_scale"), "factor", 12), Column("point", say("c_live_point"), "amount", 18),
            Column("unit", say("c_unit"), "text", 12),
            *(Column(f"view.{v}", say("c_in_results", what=view_name(v, say)), "id", 12) for v in self.views),
        ]  # fmt: skip
        self.grid = Grid("Cells", columns, len(run.groups))
        self._fill()

    def _fill(self) -> None:
        """Point, and the sum of absolute values, of every cell in base units; its lines and cell terms."""
        n, lines, terms = self.grid.count, self.lines, self.terms
        amounts = lines.amounts()
        inside = lines.cell > 0
        at = lines.cell[inside] - 1
        self.from_lines = np.bincount(at, amounts[inside], n) if n else np.zeros(0)
        self.size = np.bincount(at, np.abs(amounts[inside]), n) if n else np.zeros(0)
        self.from_terms = np.zeros(n)
        self.members: list[list[int]] = [[] for _ in range(n)]
        for i in range(terms.grid.count):
            cell = terms.cell(i)
            if cell:
                value, gwp = terms.impact(i)
                self.from_terms[cell - 1] += value * gwp
                self.size[cell - 1] += abs(terms.sizes[i] * gwp)
                self.members[cell - 1].append(i)
        self.first = np.searchsorted(at, np.arange(n))
        self.end = np.searchsorted(at, np.arange(n), side="right")

    @cached_property
    def at(self) -> list[dict[str, str]]:
        """The labels of every cell."""
        texts = {n: v.texts() for n, v in self.labels.items()}
        return [{n: v[c] for n, v in texts.items()} for c in range(self.grid.count)]

    @cached_property
    def impact(self) -> list[str]:
        return [self.found.run.impact(c) for c in range(self.grid.count)]

    def point(self, cell: int) -> float:
        scale = self.found.run.scale(self.impact[cell])
        return float(self.from_lines[cell] + self.from_terms[cell]) / scale

    def accounts(self, sums: Sums) -> None:
        """Make the accounts and totals known that indicators may name."""
        run = self.found.run
        labels, dims = self.labels, self.found.account_dims
        climate = np.array([i == CLIMATE for i in self.impact], dtype=bool)
        for name, (parts, held) in (self.found.accounts if run.plan.indicators else {}).items():
            own = np.isin(np.array(labels["account"].texts(), dtype=object), parts) & climate
            rows = [
                c for c in np.flatnonzero(own).tolist() if tuple(self.at[c].get(d, "") for d in dims) in held
            ]
            chosen = np.array(rows, dtype=np.int64)
            columns = {d: labels[d].take(chosen) for d in dims if d in labels}
            sums.sources[name] = Source(self.grid, "point", chosen, columns, tag=name)
        if "approach" in labels:
            self._suppliers(sums, climate)

    def _suppliers(self, sums: Sums, climate: NDArray[np.bool_]) -> None:
        """Make the two sums known that the share of suppliers' data is formed of."""
        run, labels = self.found.run, {n: v.texts() for n, v in self.labels.items()}
        scope_3 = climate & (np.array(labels["scope"], dtype=object) == SCOPE_3)
        scope_3 &= np.isin(np.array(labels["account"], dtype=object), scope_3_accounts(run))
        theirs = scope_3 & np.isin(np.array(labels["approach"], dtype=object), of_suppliers(run))
        for name, chosen in ((OF_SCOPE_3, scope_3), (FROM_SUPPLIERS, theirs)):
            rows = np.flatnonzero(chosen).astype(np.int64)
            columns = {"year": self.labels["year"].take(rows)}
            sums.sources[name] = Source(self.grid, "point", rows, columns, tag=name)

    def rows(self, results: Results) -> Iterator[Row]:
        run, grid, lines, terms = self.found.run, self.grid, self.lines.grid, self.terms.grid
        point = f"({grid.here('lines')}+{grid.here('terms')})/{grid.here('scale')}"
        for c in range(grid.count):
            impact = self.impact[c]
            below = np.arange(self.first[c], self.end[c])
            by_lines = lines.sum("impact", "cell", below, grid.count, at=grid.here("id"))
            members = np.array(self.members[c], dtype=np.int64)
            by_terms = terms.sum("impact", "cell", members, grid.count, at=grid.here("id"))
            row: Row = {f"at.{n}": v for n, v in self.at[c].items()}
            row |= {f"view.{v}": results.row_of(v, c) for v in self.views}
            yield row | {
                "id": c + 1, "impact": self.say.label("impact", impact), "parts": len(below) + len(members),
                "lines": Live(by_lines, float(self.from_lines[c])) if len(below) else 0.0,
                "terms": Live(by_terms, float(self.from_terms[c])) if len(members) else 0.0, "scale": run.scale(impact),
                "point": Live(point, self.point(c)), "unit": run.unit(impact),
            }  # fmt: skip


def _tables(found: Recomputed) -> dict[str, Any]:
    """The tables of the result by name: its views, then its cells by the dimensions asked for."""
    return {**found.result.views, "by": found.result.cells}


def view_name(view: str, say: Say) -> str:
    return say(f"v_{view}") if f"v_{view}" in say.own else say.column(view)


class Results:
    """Every number of the result's tables: the point live, the statistics of the Monte Carlo as they were stored."""

    def __init__(self, found: Recomputed, cells: Cells, say: Say) -> None:
        self.found, self.cells, self.say = found, cells, say
        self.stored: list[tuple[str, Row]] = []
        self._index: dict[tuple[str, tuple[str, ...]], int] = {}
        self.dims: dict[str, tuple[str, ...]] = {}
        for view in cells.views:
            table = _tables(found)[view]
            inner = (*MEASURES, "account", "impact", "unit")
            self.dims[view] = tuple(c for c in table.columns if c not in inner)
            for row in table:
                self._index[view, self._key(view, row, row["account"], row["impact"])] = len(self.stored)
                self.stored.append((view, row))
        self.names = list(dict.fromkeys(c for d in self.dims.values() for c in d))
        self.members = self._members()
        columns = [
            Column("id", say("c_id"), "id", 7), Column("view", say("c_view"), "text", 22),
            *label_columns(self.names, {n: say.column(n) for n in self.names}),
            Column("account", say("account"), "text", 20),
            Column("impact", say("impact"), "text", 16), Column("point", say("c_live_point"), "amount", 20),
            Column("unit", say("c_unit"), "text", 10),
            *(Column(n, say("c_monte_carlo", what=say(n)), "value", 18) for n in ("mean", "median")),
            Column("low", say("c_low"), "value", 18), Column("high", say("c_high"), "value", 18),
            *(Column(n, say(n), "share", 13) for n in _SHARES), Column("remark", say("c_remark"), "remark", 30),
        ]  # fmt: skip
        self.grid = Grid("Results", columns, len(self.stored))

    def _key(self, view: str, at: Mapping[str, Any], account: str, impact: str) -> tuple[str, ...]:
        return (*(str(at.get(d) or "") for d in self.dims[view]), account, impact)

    def row_of(self, view: str, cell: int) -> int | None:
        """The number of the row, from 1, that a cell is added to in a view."""
        at = self.cells.at[cell]
        found = self._index.get((view, self._key(view, at, at["account"], self.cells.impact[cell])))
        return None if found is None else found + 1

    def _members(self) -> list[list[int]]:
        """The cells of each row; of a total none, which adds rows."""
        members: list[list[int]] = [[] for _ in self.stored]
        for c in range(self.cells.grid.count):
            for view in self.cells.views:
                row = self.row_of(view, c)
                if row is not None:
                    members[row - 1].append(c)
        return members

    def parts(self, row: int) -> list[int]:
        """The rows that a total adds, by their place."""
        view, stored = self.stored[row]
        accounts = self.found.plan.totals.get(str(stored["account"]), ())
        keys = [(view, self._key(view, stored, a, stored["impact"])) for a in accounts]
        return [self._index[k] for k in keys if k in self._index]

    @cached_property
    def points(self) -> list[tuple[float, float]]:
        """The point of each row, and the sum of absolute values behind it."""
        run, cells = self.found.run, self.cells
        each = [(cells.point(c), cells.size[c] / run.scale(cells.impact[c])) for c in range(cells.grid.count)]

        def point(row: int) -> tuple[float, float]:
            parts = self.parts(row)
            both = [point(p) for p in parts] if parts else [each[c] for c in self.members[row]]
            return float(sum(b[0] for b in both)), float(sum(b[1] for b in both))

        return [point(row) for row in range(len(self.stored))]

    @cached_property
    def lives(self) -> list[Live | str]:
        return [self._live(row) for row in range(len(self.stored))]

    def _live(self, row: int) -> Live | str:
        """The point as a formula; a word where every record behind it is a gap."""
        view, stored = self.stored[row]
        if stored["point"] is None:
            return self.say("gap")
        parts = self.parts(row)
        if parts:
            letter, above = self.grid.letter("point"), self.grid.above
            text = f"SUM({','.join(f'${letter}${above + p + 1}' for p in parts)})"
        else:
            members = np.array(self.members[row], dtype=np.int64)
            sums = len(self.stored)
            text = self.cells.grid.sum("point", f"view.{view}", members, sums, at=self.grid.here("id"))
        return Live(text, self.points[row][0])

    def rows(self) -> Iterator[Row]:
        say = self.say
        for i, (view, stored) in enumerate(self.stored):
            total = stored["account"] in self.found.plan.totals
            row: Row = {f"at.{n}": stored.get(n) for n in self.names}
            row |= {k: stored[k] for k in ("mean", "median", "low", "high", "unit", *_SHARES)}
            yield row | {
                "id": i + 1, "view": view_name(view, say),
                "account": say.label("total" if total else "account", stored["account"]),
                "impact": say.label("impact", stored["impact"]), "point": self.lives[i],
            }  # fmt: skip


class Checks:
    """Each live value beside the one that netprint stored in the bundle."""

    def __init__(self, results: Results, indicators: Indicators, say: Say) -> None:
        self.results, self.indicators, self.say = results, indicators, say
        columns = [
            Column("id", say("c_id"), "id", 7), Column("sheet", say("c_sheet"), "text", 12),
            Column("row", say("c_row"), "id", 8), Column("what", say("c_what"), "text", 56),
            Column("live", say("c_live"), "factor", 20), Column("stored", say("c_stored"), "plain", 20),
            Column("unit", say("c_unit"), "text", 18), Column("difference", say("difference"), "factor", 14),
            Column("tolerance", say("c_tolerance"), "plain", 14), Column("verdict", say("c_verdict"), "verdict", 12),
            Column("remark", say("c_remark"), "remark", 30),
        ]  # fmt: skip
        self.grid = Grid("Checks", columns, results.grid.count + indicators.grid.count, above=5)

    @cached_property
    def failing(self) -> Live:
        """How many values differ from the stored ones, or cannot be compared."""
        count = sum(row["verdict"].value != "OK" for row in self.table)
        return Live(f'{self.grid.count}-COUNTIF({self.grid.area("verdict")},"OK")', float(count))

    @property
    def overall(self) -> Live:
        text, count = self.failing
        return Live(f'IF(({text})=0,"OK","NOT OK")', "NOT OK" if count else "OK")

    @property
    def summary(self) -> list[tuple[str, Live]]:
        return [(self.say("r_failing"), self.failing), (self.say("r_overall"), self.overall)]

    def rows(self) -> Iterator[Row]:
        yield from self.table

    @cached_property
    def table(self) -> list[Row]:
        return list(self._rows())

    def _rows(self) -> Iterator[Row]:
        for i, (_, stored) in enumerate(self.results.stored):
            names = [str(stored[n]) for n in self.results.names if stored.get(n)]
            what = ", ".join([*names, str(stored["account"]), str(stored["impact"])])
            value, size = self.results.points[i]
            live = self.results.lives[i]
            yield self._row(i, self.results.grid, i, what, stored, live, value, size)
        for i, stored in enumerate(self.indicators.stored):
            names = [str(stored[n]) for n in (*self.indicators.found.grain, "cell") if stored.get(n)]
            point = self.indicators.points[i]
            shown = point.value if isinstance(point, Live) else point
            at = self.results.grid.count + i
            what = ", ".join([str(stored["indicator"]), *names])
            yield self._row(at, self.indicators.grid, i, what, stored, point, shown, self.indicators.sizes[i])

    def _row(
        self, at: int, grid: Grid, row: int, what: str, stored: Row, live: Any, value: Any, size: float
    ) -> Row:
        here, kept = self.grid.here, stored["point"]
        number = isinstance(value, float) and isinstance(live, Live)
        difference: Live | None = None
        if kept is None:
            verdict = f'IF(ISNUMBER({here("live")}),"NOT OK","OK")'
            right = not number
        else:
            gap = value - kept if number else 0.0
            difference = Live(
                f'IF(ISNUMBER({here("live")}),{here("live")}-{here("stored")},"")', gap if number else ""
            )
            within = f"ABS({here('live')}-{here('stored')})<={here('tolerance')}"
            verdict = f'IF(ISNUMBER({here("live")}),IF({within},"OK","NOT OK"),"NOT OK")'
            right = number and abs(gap) <= _tolerance(kept, size)
        return {
            "id": at + 1, "sheet": grid.name, "row": row + 1, "what": what,
            "live": Live(grid.cell("point", row), live.value if isinstance(live, Live) else live),
            "stored": self.say("none") if kept is None else kept, "unit": stored["unit"], "difference": difference,
            "tolerance": None if kept is None else _tolerance(kept, size),
            "verdict": Live(verdict, "OK" if right else "NOT OK"),
        }  # fmt: skip


def _tolerance(stored: float, size: float) -> float:
    return TOLERANCE * max(abs(stored), size)

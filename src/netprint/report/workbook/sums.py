"""The sheet Sums: every sum of activities, terms and accounts that cell terms and indicators are computed from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netprint.engine.labels import Labels, group
from netprint.report.workbook.formulas import Live
from netprint.report.workbook.grid import Column, Grid, label_columns
from netprint.report.workbook.recomputed import Recomputed, base
from netprint.report.workbook.say import Say

Codes = NDArray[np.int64]
Cell = tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """Where the parts of a name stand: rows of a sheet with their labels, and the column that is summed.

    ``tag`` keeps the keys of names apart whose parts overlap (accounts and the totals that add them). ``block``:
    the rows among which sums look, so that terms that rest on each other make no circle.
    """

    grid: Grid
    column: str
    rows: Codes
    labels: Mapping[str, Labels]
    tag: str = ""
    block: tuple[int, int] | None = None


@dataclass(frozen=True)
class Entry:
    name: str
    grain: Cell
    cell: Cell
    key: str
    members: Codes
    value: float


class Sums:
    """Sums are entered when a formula asks for them."""

    def __init__(self, found: Recomputed, say: Say) -> None:
        self.found, self.say = found, say
        self.sources: dict[str, Source] = {}
        self.entries: list[Entry] = []
        self._known: dict[tuple[str, Cell, Cell], int] = {}
        self._members: dict[tuple[str, Cell], dict[Cell, Codes]] = {}
        plan = found.plan
        grains = [t.each or () for t in plan.cell_terms] + [found.grain, ("year",)]
        self.names = list(dict.fromkeys(c for g in grains for c in g))
        self.grid = Grid(
            "Sums",
            [
                Column("id", say("c_id"), "id", 8), Column("name", say("c_sum_of"), "text", 26),
                Column("where", say("c_stands_in"), "text", 12),
                *label_columns(self.names, {n: say.column(n) for n in self.names}),
                Column("parts", say("c_parts"), "count", 8), Column("value", say("c_sum"), "amount", 18),
                Column("unit", say("c_base_unit"), "text", 12),
            ],
        )  # fmt: skip

    def cell(self, name: str, grain: Cell, cell: Cell) -> str:
        """The cell of a sum; ``0`` where the name has no part there."""
        members = self._grouped(name, grain).get(cell)
        if members is None or not len(members):
            return "0"
        at = self._known.get((name, grain, cell))
        if at is None:
            at = self._enter(name, grain, cell, members)
        return self.grid.cell("value", at)

    def value(self, name: str, grain: Cell, cell: Cell) -> float:
        """The point, in base units."""
        total = self.found.run.sums.at(name, grain, cell)
        return 0.0 if total is None else float(total[0])

    def _enter(self, name: str, grain: Cell, cell: Cell, members: Codes) -> int:
        at = self._known[name, grain, cell] = len(self.entries)
        source = self.sources[name]
        key = f"sum.{source.tag}.{','.join(grain)}"
        head = self.say("c_key", what=", ".join(filter(None, [source.tag, *grain])) or self.say("all"))
        source.grid.key(key, head)[members] = at + 1
        self.entries.append(Entry(name, grain, cell, key, members, self.value(name, grain, cell)))
        self.grid.count = len(self.entries)
        return at

    def _grouped(self, name: str, grain: Cell) -> dict[Cell, Codes]:
        if (name, grain) not in self._members:
            source = self.sources[name]
            n = len(source.rows)
            empty = Labels(np.zeros(n, dtype=np.int64), ("",))
            groups = group({c: source.labels.get(c, empty) for c in grain}, n)
            order = np.argsort(groups.group, kind="stable")
            parts = np.split(order, np.searchsorted(groups.group[order], np.arange(1, len(groups))))
            cells = [tuple(groups.label(g)[c] for c in grain) for g in range(len(groups))]
            self._members[name, grain] = {c: source.rows[p] for c, p in zip(cells, parts, strict=False)}
        return self._members[name, grain]

    def rows(self) -> Iterator[dict[str, Any]]:
        asked = {id(s.grid): 0 for s in self.sources.values()}
        for entry in self.entries:
            asked[id(self.sources[entry.name].grid)] += 1
        for i, entry in enumerate(self.entries):
            source = self.sources[entry.name]
            text = source.grid.sum(
                source.column, entry.key, entry.members, asked[id(source.grid)], source.block,
                at=self.grid.here("id"),
            )  # fmt: skip
            unit = self.found.plan.units.get(entry.name)
            row = {f"at.{n}": v for n, v in zip(entry.grain, entry.cell, strict=True)}
            yield row | {
                "id": i + 1, "name": entry.name, "where": source.grid.name, "parts": len(entry.members),
                "value": Live(text, entry.value), "unit": "kg" if unit is None else base(unit),
            }  # fmt: skip

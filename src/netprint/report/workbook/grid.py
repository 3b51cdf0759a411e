"""The sheets as grids: which column and row holds what, so that formulas can name cells before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netprint.report.workbook.formulas import ROW

#: The rows of a sheet in Excel and LibreOffice.
MOST_ROWS = 1_048_576
#: The lines above a table: title, explanation, header.
ABOVE = 3
#: Pairs of sums and rows up to which a sum is written by its key; beyond, by the cells it adds (faster by far).
BY_KEY = 40_000_000
_MOST_AREAS = 200
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Column:
    """``key`` names it in this package, ``head`` on the sheet. ``look`` is one of ``style.LOOKS``."""

    key: str
    head: str
    look: str = "text"
    width: float = 14


@dataclass
class Grid:
    """One sheet: its columns, how many rows its table has, and numeric keys by which sums pick its rows.

    ``above``: the lines before the first row of the table. ``rows``: the table, column key → value, made when it is
    written.
    """

    name: str
    columns: list[Column]
    count: int = 0
    above: int = ABOVE
    keys: dict[str, Codes] = field(default_factory=dict)
    _at: dict[str, str] = field(default_factory=dict)

    def letter(self, key: str) -> str:
        if key not in self._at:
            at = next(i for i, c in enumerate(self.columns) if c.key == key)
            self._at[key] = letters(at)
        return self._at[key]

    def cell(self, key: str, row: int) -> str:
        """``Factors!$H$12``: a cell by its column and the number of its row in the table, from 0."""
        return f"{self.name}!${self.letter(key)}${self.above + row + 1}"

    def here(self, key: str) -> str:
        """A cell of the formula's own row."""
        return f"${self.letter(key)}{ROW}"

    def area(self, key: str, start: int = 0, end: int | None = None) -> str:
        """The cells of a column, of rows ``start`` to before ``end``."""
        last = self.above + (self.count if end is None else end)
        letter = self.letter(key)
        return f"{self.name}!${letter}${self.above + start + 1}:${letter}${max(last, self.above + start + 1)}"

    def key(self, key: str, head: str) -> Codes:
        """The numeric key column of that name, 0 where a row belongs to no sum; made when first asked for."""
        if key not in self.keys:
            self.columns.append(Column(key, head, "id", 11))
            self.keys[key] = np.zeros(self.count, dtype=np.int64)
        return self.keys[key]

    def keyed(self, row: int) -> Iterator[tuple[str, int]]:
        """The keys of a row."""
        for name, codes in self.keys.items():
            if codes[row]:
                yield name, int(codes[row])

    def sum(
        self,
        key: str,
        by: str,
        members: Codes,
        sums: int,
        block: tuple[int, int] | None = None,
        *,
        at: str,
    ) -> str:
        """The sum of ``members`` of a column: by the key that stands in the cell ``at``, or where there are many sums
        over many rows by the cells themselves. ``block``: the rows among which the key is looked for."""
        if not len(members):
            return "0"
        start, end = block or (0, self.count)
        if sums * (end - start) > BY_KEY:
            parts = runs(members)
            if len(parts) <= _MOST_AREAS:
                return f"SUM({','.join(self.area(key, a, b) for a, b in parts)})"
        return f"SUMIFS({self.area(key, start, end)},{self.area(by, start, end)},{at})"


def runs(members: Codes) -> list[tuple[int, int]]:
    """Rows as areas of consecutive ones, each (first, end)."""
    ordered = np.unique(members)
    cuts = np.flatnonzero(np.diff(ordered) != 1) + 1
    return [(int(p[0]), int(p[-1]) + 1) for p in np.split(ordered, cuts)]


def letters(column: int) -> str:
    """0 is ``A``, 26 ``AA``."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def in_order(grid: Grid, row: Mapping[str, Any]) -> list[Any]:
    """The values of a row in the order of the columns."""
    return [row.get(c.key) for c in grid.columns]


def label_columns(names: Sequence[str], heads: Mapping[str, str], prefix: str = "at.") -> list[Column]:
    """Columns of labels."""
    wide = {"category": 26, "entity": 18, "item": 20, "term": 22}
    return [Column(f"{prefix}{n}", heads.get(n, n), "text", wide.get(n, 12)) for n in names]

"""contract: quantities times coefficients, summed into cells, a block of cells at a time.

A row's quantity draws are Σq + Σq·s·E[group] + √Σ(q·s)²·Z[row]; a line adds coefficient × quantity to its cell.
Within a cell the certain parts of all rows with one coefficient are summed before they meet a draw, so uncertain
factors never touch a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from netprint.engine import draws
from netprint.engine.rows import Rows

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Coefficient = Callable[[int], Array]
MEMORY = 256 << 20


class Quantities:
    """The draws of collapsed rows' quantities, in the activity's own unit; ``(1 + N,)``, the point in column 0."""

    def __init__(self, rows: Rows, key: Sequence[str], seed: int, n: int) -> None:
        self.rows, self.key, self.seed, self.n = rows, tuple(k for k in key if k != "times"), seed, n
        self.certain, self.shared = rows.quantity, rows.shared
        self.independent = np.sqrt(np.maximum(rows.independent, 0.0)) * np.sign(rows.weight)
        self.group = rows.labels["error_group"]
        self.moving = self.independent != 0
        self._errors: dict[int, Array] = {}
        self._own: dict[int, Array] = {}
        self._sums: dict[bytes, Array] = {}
        self._room = max(MEMORY // (16 * (n + 1)), 16)

    def error(self, group: int) -> Array:
        """E of an error group, 0 in column 0."""
        if group not in self._errors:
            name = self.group.values[group]
            self._errors[group] = np.concatenate([[0.0], draws.error_group(self.seed, name, self.n)])
        return self._errors[group]

    def own(self, row: int) -> Array:
        """Z of a collapsed row, 0 in column 0."""
        if row not in self._own:
            if len(self._own) >= self._room:
                self._own.pop(next(iter(self._own)))
            z = draws.row(self.seed, self.rows.key(row, self.key), self.n)
            self._own[row] = np.concatenate([[0.0], z])
        return self._own[row]

    def sum(self, rows: Codes, weight: Array | None = None) -> Array:
        """Σ of the rows' quantities (times ``weight``); ``(1 + N,)``, or ``(1,)`` where nothing is uncertain."""
        if weight is None and len(rows) > 1:
            key = rows.tobytes()
            if key not in self._sums:  # several terms take the same rows
                if len(self._sums) >= self._room:
                    self._sums.pop(next(iter(self._sums)))
                self._sums[key] = self._sum(rows, np.ones(len(rows)))
            return self._sums[key]
        return self._sum(rows, np.ones(len(rows)) if weight is None else weight)

    def _sum(self, rows: Codes, w: Array) -> Array:
        total = np.array([float(np.sum(self.certain[rows] * w))])
        shared = self.shared[rows] * w
        for g in np.unique(self.group.codes[rows[shared != 0]]):
            total = total + self.error(int(g)) * float(np.sum(shared[self.group.codes[rows] == g]))
        for i in np.flatnonzero(self.moving[rows] & (w != 0)):
            total = total + self.own(int(rows[i])) * float(self.independent[rows[i]] * w[i])
        return total


def blocks(cell: Codes, whole: Codes, n: int, budget: int = 256 << 20) -> Iterator[tuple[int, int, Codes]]:
    """(first cell, end, lines) for consecutive cells whose draws fit into ``budget`` bytes.

    ``whole`` (cells,) numbers what must not be cut (the cells of one row of the result), rising.
    """
    size = max(int(budget // (8 * (n + 1))), 1)
    order = np.argsort(cell, kind="stable").astype(np.int64)
    ordered = cell[order]
    start = 0
    while start < len(whole):
        end = min(start + size, len(whole))
        while end < len(whole) and whole[end] == whole[end - 1]:
            end += 1
        yield start, end, order[np.searchsorted(ordered, start) : np.searchsorted(ordered, end)]
        start = end


def accumulate(
    out: Array, cell: Codes, row: Codes, unique: Codes, quantities: Quantities, coefficient: Coefficient
) -> Array:
    """Add every line's coefficient × quantity to ``out[cell]``; ``out`` is ``(c, 1 + N)``. Returns ``out``."""
    if not len(cell):
        return out
    order = np.lexsort((row, cell, unique))
    cell, row, unique = cell[order], row[order], unique[order]
    starts = np.flatnonzero(np.r_[True, (np.diff(unique) != 0) | (np.diff(cell) != 0)])
    ends = np.r_[starts[1:], len(cell)]
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        out[cell[start]] += coefficient(int(unique[start])) * quantities.sum(row[start:end])
    return out

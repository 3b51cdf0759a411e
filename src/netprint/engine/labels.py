"""Columns of labels as integer codes, so that grouping is arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Labels:
    """One column: ``values[codes[i]]`` is the label of row i. ``values`` are distinct."""

    codes: Codes
    values: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: NDArray[np.int64]) -> Labels:
        return Labels(self.codes[rows], self.values)

    def having(self, label: str) -> NDArray[np.bool_]:
        """Where the column has this label; (R,)."""
        return np.asarray(self.codes == (self.values.index(label) if label in self.values else -1))

    def texts(self) -> list[str]:
        return [self.values[c] for c in self.codes]


def labels(texts: Iterable[str]) -> Labels:
    """A column from its texts; codes in order of first appearance."""
    known: dict[str, int] = {}
    codes = np.fromiter((known.setdefault(t, len(known)) for t in texts), dtype=np.int64)
    return Labels(codes, tuple(known))


def constant(text: str, n: int) -> Labels:
    return Labels(np.zeros(n, dtype=np.int64), (text,))


def joined(parts: Sequence[Labels]) -> Labels:
    """Columns laid one below the other."""
    known: dict[str, int] = {}
    pieces = []
    for part in parts:
        mapping = np.array([known.setdefault(v, len(known)) for v in part.values] or [0], dtype=np.int64)
        pieces.append(mapping[part.codes] if len(part) else part.codes)
    return Labels(np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int64), tuple(known))


@dataclass(frozen=True)
class Groups:
    """Rows grouped by the labels of some columns: ``group[i]`` of row i, ``first[g]`` a row of group g.

    Groups are numbered in the order of their labels' texts, column by column, so that nothing depends on row order.
    """

    group: Codes
    first: Codes
    columns: Mapping[str, Labels]

    def __len__(self) -> int:
        return len(self.first)

    def label(self, g: int) -> dict[str, str]:
        return {name: column.values[column.codes[self.first[g]]] for name, column in self.columns.items()}

    def keys(self) -> list[tuple[str, ...]]:
        """The labels of every group, in the order of the columns."""
        if not self.columns:
            return [()] * len(self)
        texts = [
            np.array(c.values, dtype=object)[c.codes[self.first]].tolist() for c in self.columns.values()
        ]
        return list(zip(*texts, strict=True))

    def table(self) -> dict[str, Labels]:
        """The labels of the groups, one row a group."""
        return {name: column.take(self.first) for name, column in self.columns.items()}


def group(columns: Mapping[str, Labels], n: int) -> Groups:
    """Group ``n`` rows by ``columns`` (all of them in one group where there is no column)."""
    code = np.zeros(n, dtype=np.int64)
    for column in columns.values():
        order = (
            np.argsort(np.array(column.values, dtype=object))
            if column.values
            else np.zeros(0, dtype=np.int64)
        )
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        code = code * max(len(column.values), 1) + (rank[column.codes] if len(order) else 0)
        if n:
            code = np.unique(code, return_inverse=True)[1].astype(np.int64)
    _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
    return Groups(inverse.astype(np.int64), first.astype(np.int64), columns)

"""A scenario on collapsed rows: what it selects is multiplied, nothing is read again.

The rows' draws are kept, because `times` is no part of a row's identity.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from netprint.engine.labels import Labels, constant, group
from netprint.engine.labels import labels as as_labels
from netprint.engine.rows import Rows
from netprint.formula.evaluate import label_condition
from netprint.formula.parse import Binary, Compare, Name, Tree, walk, write
from netprint.load.scenario import Scenario


def multiplied(rows: Rows, scenario: Scenario) -> Rows:
    """The rows with those that the scenario selects multiplied by its ``times``."""
    if scenario.times is None or not len(rows):
        return rows
    chosen = selected(rows, scenario.select)
    return rows.relabelled("times", _times(rows, scenario.times, chosen))


def selected(rows: Rows, select: Tree | None) -> NDArray[np.bool_]:
    """Which rows a selector takes: comparisons of columns with texts, joined by ``*`` (and); all without one."""
    if select is None:
        return np.ones(len(rows), dtype=bool)
    named = {n.id for n in walk(select) if isinstance(n, Name)} & rows.labels.keys()
    groups = group({c: rows.labels[c] for c in sorted(named)}, len(rows))
    truth = np.array([_holds(select, groups.label(g)) for g in range(len(groups))], dtype=bool)
    return truth[groups.group]


def _holds(tree: Tree, at: Mapping[str, str]) -> bool:
    match tree:
        case Binary("*", left, right):
            return _holds(left, at) and _holds(right, at)
        case Binary("+", left, right):
            return _holds(left, at) or _holds(right, at)
        case Compare():
            return bool(label_condition(tree, at, {}))
    raise TypeError(f"`{write(tree)}` selects nothing")


def _times(rows: Rows, times: Tree, chosen: NDArray[np.bool_]) -> Labels:
    """The rows' own multipliers, times the scenario's where it applies."""
    before = rows.labels.get("times", constant("", len(rows)))
    new = write(times)
    texts = [f"({t}) * ({new})" if t else new for t in before.values]
    known = as_labels([*before.values, *texts])
    codes = np.where(chosen, len(before.values) + before.codes, before.codes)
    return Labels(known.codes[codes], known.values)

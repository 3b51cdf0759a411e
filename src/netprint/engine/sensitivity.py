"""What moves the totals: one input at a time for the tornado, and error propagation (IPCC approach 1).

All inputs are moved in one pass of the model: the columns that otherwise hold draws hold one moved input each, all
others at their stated values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netprint.engine.audit import leaves
from netprint.engine.coefficients import Coefficients, Identity, identities
from netprint.engine.contract import Quantities
from netprint.engine.distributions import Z95
from netprint.engine.rows import Rows
from netprint.engine.run import Run
from netprint.result import Table, table

Array = NDArray[np.float64]
MOST_INPUTS = 400
Family = tuple[str, str, tuple[str, ...]]


@dataclass
class Moves:
    """Which input stands at how many standard deviations, column by column.

    ``z``: identity of a standard normal → (column, z). ``groups`` and ``rows``: the same for shared errors and for
    independent errors of collapsed rows.
    """

    z: dict[Identity, list[tuple[int, float]]] = field(default_factory=dict)
    groups: dict[int, list[tuple[int, float]]] = field(default_factory=dict)
    rows: dict[int, list[tuple[int, float]]] = field(default_factory=dict)
    n: int = 0

    def column(self) -> int:
        self.n += 1
        return self.n - 1

    def shifts(self) -> dict[Identity, Array]:
        """For the coefficients: NaN where an input stands still."""
        return {identity: self._spread(moves, np.nan) for identity, moves in self.z.items()}

    def _spread(self, moves: Sequence[tuple[int, float]], still: float) -> Array:
        array = np.full(self.n, still)
        for column, z in moves:
            array[column] = z
        return array

    def error(self, moves: Sequence[tuple[int, float]]) -> Array:
        return np.concatenate([[0.0], self._spread(moves, 0.0)])


class _Moved(Quantities):
    """Quantities whose errors are set in place of drawn."""

    def __init__(self, rows: Rows, key: Sequence[str], moves: Moves) -> None:
        super().__init__(rows, key, 0, moves.n)
        self.moves = moves

    def error(self, group: int) -> Array:
        return self.moves.error(self.moves.groups.get(group, ()))

    def own(self, row: int) -> Array:
        return self.moves.error(self.moves.rows.get(row, ()))


def sensitivity(run: Run) -> tuple[Table, Table]:
    """(drivers, propagation) of a run's yearly totals.

    Drivers: each input from its 2.5th to its 97.5th percentile, all others at their stated values; an input is a
    factor with all its years, an error group, or the independent errors of an activity, added in quadrature.

    Propagation: IPCC (2006) Guidelines, Vol. 1, ch. 3, approach 1, from the same model. Every independent standard
    normal below it is moved by one standard deviation to either side; half the differences are added in quadrature.
    """
    moves, families = Moves(), _families(run)
    tornado = {family: _move_family(moves, members) for family, members in families.items()}
    single = {}
    for members in families.values():
        for identity in members:
            pair = (moves.column(), moves.column())
            moves.z.setdefault(identity, []).extend([(pair[0], -1.0), (pair[1], 1.0)])
            single[identity] = pair
    groups = _move_groups(run, moves)
    rows = _move_rows(run, moves)
    view = _view(run, moves)
    return (
        _drivers(view, tornado, groups, rows, run),
        _propagation(view, list(single.values()), [*groups.values(), *rows.values()], run),
    )


def _view(run: Run, moves: Moves) -> Mapping[tuple[str, ...], Array]:
    shifted = Coefficients(run.coefficients.resolver, 0, moves.n, moves.shifts())
    quantities = _Moved(run.quantities.rows, run.plan.key, moves)
    view = Run(run.plan, run.all_lines, quantities, shifted, run.period).view(("year",))
    return {k: np.broadcast_to(v, (moves.n + 1,)) for k, v in view.items()}


def _families(run: Run) -> dict[Family, dict[Identity, float]]:
    """The uncertain inputs below the result: (factor, source, index without year) → their standard normals."""
    needs = [a for u in run.lines.uniques for a in u.needs] + [a for d in run.derived for a in d.needs]
    found: dict[Family, dict[Identity, float]] = {}
    count = 0
    for _, answer in leaves(run, list(dict.fromkeys(needs))):
        for identity, weight in identities(answer):
            if count < MOST_INPUTS:
                _, name, source, index = identity
                rest = tuple(i for i in index if not (len(i) == 4 and i.isdigit()))
                found.setdefault((name, "" if name.startswith("proxy:") else source, rest), {})[identity] = (
                    weight
                )
                count += 1
    return found


def _move_family(moves: Moves, members: Mapping[Identity, float]) -> tuple[int, int]:
    """All rows of a factor together to their percentiles: the z of a row's series and own parts add to one."""
    low, high = moves.column(), moves.column()
    shared = sum(w for (part, *_), w in members.items() if part == "series")
    own = max((w for (part, *_), w in members.items() if part == "own"), default=0.0)
    share = 1.0 / (shared + own)
    for identity in members:
        moves.z.setdefault(identity, []).extend([(low, -Z95 * share), (high, Z95 * share)])
    return low, high


def _move_groups(run: Run, moves: Moves) -> dict[str, int]:
    names = run.quantities.group
    found = {}
    for g in np.unique(names.codes[run.quantities.shared != 0]).tolist():
        column = moves.column()
        moves.groups[g] = [(column, 1.0)]
        found[names.values[g]] = column
    return found


def _move_rows(run: Run, moves: Moves) -> dict[int, int]:
    """The independent errors that matter most, one at a time; rows that differ only in `times` share theirs."""
    weight = np.zeros(len(run.quantities.rows))
    uniques = run.lines.uniques
    points = np.array([0.0 if u.gaps else abs(float(run.coefficient(i)[0])) for i, u in enumerate(uniques)])
    if len(run.lines):
        np.maximum.at(weight, run.lines.row, points[run.lines.unique])
    errors = np.abs(run.quantities.independent)
    order = np.argsort(-errors * np.where(weight > 0, weight, 1.0), kind="stable")
    found: dict[int, int] = {}
    columns: dict[tuple[str, ...], int] = {}
    for i in order.tolist():
        key = tuple(run.quantities.rows.key(i, run.quantities.key)) if errors[i] else ()
        if not errors[i] or (key not in columns and len(columns) == MOST_INPUTS):
            continue
        if key not in columns:
            columns[key] = found[i] = moves.column()
        moves.rows[i] = [(columns[key], 1.0)]
    return found


def _drivers(
    view: Mapping[tuple[str, ...], Array],
    tornado: Mapping[Family, tuple[int, int]],
    groups: Mapping[str, int],
    rows: Mapping[int, int],
    run: Run,
) -> Table:
    found: list[dict[str, Any]] = []
    activity = run.quantities.rows.labels["activity"]
    for (year, account, impact), values in view.items():
        point = float(values[0])

        def enter(name: str, kind: str, low: float, high: float) -> None:
            if max(abs(low - point), abs(high - point)) > 1e-12 * max(abs(point), 1e-300):  # noqa: B023
                found.append(
                    {"year": year, "account": account, "impact": impact, "input": name, "kind": kind,  # noqa: B023
                     "low": min(low, high), "high": max(low, high), "point": point, "swing": abs(high - low)}  # noqa: B023
                )  # fmt: skip

        for (name, _, rest), (low, high) in tornado.items():
            label = f"{name}[{', '.join(rest)}]" if rest else name
            enter(label, "factor", float(values[low + 1]), float(values[high + 1]))
        for name, column in groups.items():
            half = Z95 * (float(values[column + 1]) - point)
            enter(name.replace("|", ", "), "activity data", point - half, point + half)
        independent: dict[str, float] = {}
        for i, column in rows.items():
            name = activity.values[activity.codes[i]]
            independent[name] = float(np.hypot(independent.get(name, 0.0), values[column + 1] - point))
        for name, sd in independent.items():
            enter(f"{name}, independent errors", "activity data", point - Z95 * sd, point + Z95 * sd)
    found.sort(key=lambda r: (r["year"], r["account"], r["impact"], -r["swing"]))
    return table(found, ["year", "account", "impact", "input", "kind", "low", "high", "point", "swing"])


def _propagation(
    view: Mapping[tuple[str, ...], Array], pairs: Sequence[tuple[int, int]], steps: Sequence[int], run: Run
) -> Table:
    found = []
    for (year, account, impact), values in sorted(view.items()):
        point = float(values[0])
        variance = sum((float(values[high + 1] - values[low + 1]) / 2) ** 2 for low, high in pairs)
        variance += sum((float(values[column + 1]) - point) ** 2 for column in steps)
        sd = variance**0.5
        found.append(
            {"year": year, "account": account, "impact": impact, "unit": run.unit(impact), "point": point, "sd": sd,
             "low": point - Z95 * sd, "high": point + Z95 * sd,
             "relative": 100 * Z95 * sd / abs(point) if point else np.nan}
        )  # fmt: skip
    return table(found, ["year", "account", "impact", "unit", "point", "sd", "low", "high", "relative"])

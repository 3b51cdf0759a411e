"""What moves the totals: one input at a time for the tornado, and error propagation (IPCC approach 1).

All inputs are moved in one pass of the model: the columns that otherwise hold draws hold one moved input each, all
others at their stated values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from netprint.engine.audit import all_needs, leaves
from netprint.engine.coefficients import Coefficients, Identity, identities
from netprint.engine.contract import Quantities
from netprint.engine.distributions import Z95
from netprint.engine.labels import constant, group
from netprint.engine.rows import Rows
from netprint.engine.run import Run
from netprint.formula.parse import Name, walk
from netprint.load.method import label_names
from netprint.result import Table, table

Array = NDArray[np.float64]
#: Inputs moved in one pass.
AT_ONCE = 256
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
        moved = np.zeros(len(rows), dtype=bool)
        moved[list(moves.rows)] = True
        self.moving &= moved

    def error(self, group: int) -> Array:
        return self.moves.error(self.moves.groups.get(group, ()))

    def own(self, row: int) -> Array:
        return self.moves.error(self.moves.rows.get(row, ()))


@dataclass(frozen=True)
class _Input:
    """One input to move: ``z`` sets identities, ``group`` a shared error, ``rows`` and ``size`` independent errors.

    ``tornado``: from the 2.5th to the 97.5th percentile (two columns), else one standard deviation to either side (two
    columns) or, where the model is linear in it (errors of quantities), to one side (one column).
    """

    name: str
    kind: str
    z: Mapping[Identity, float] = field(default_factory=dict)
    group: int | None = None
    rows: tuple[int, ...] = ()
    size: float = 1.0
    tornado: bool = False


View = Mapping[tuple[str, ...], Array]


def sensitivity(run: Run) -> tuple[Table, Table]:
    """(drivers, propagation) of a run's yearly totals.

    Drivers: each input from its 2.5th to its 97.5th percentile, all others at their stated values; an input is a
    factor with all its years, an error group, or the independent errors of an activity, added in quadrature.

    Propagation: IPCC (2006) Guidelines, Vol. 1, ch. 3, approach 1, from the same model. Every independent standard
    normal below it is moved by one standard deviation to either side; half the differences are added in quadrature.
    """
    inputs = [*_families(run), *_groups(run), *_rows(run)]
    drivers, propagation = _Drivers(), _Propagation()
    for start in range(0, max(len(inputs), 1), AT_ONCE):
        part = inputs[start : start + AT_ONCE]
        moves = Moves()
        columns = [_columns(moves, one) for one in part]
        for key, values in _view(run, moves).items():
            drivers.enter(key, values, part, columns)
            propagation.enter(key, values, part, columns)
    return drivers.table(), propagation.table(run)


def _columns(moves: Moves, one: _Input) -> tuple[int, ...]:
    """The columns in which an input stands moved."""
    if one.group is not None:
        column = moves.column()
        moves.groups[one.group] = [(column, 1.0)]
        return (column,)
    if one.rows:
        column = moves.column()
        for row in one.rows:
            moves.rows.setdefault(row, []).append((column, one.size))
        return (column,)
    low, high = moves.column(), moves.column()
    for identity, z in one.z.items():
        moves.z.setdefault(identity, []).extend([(low, -z), (high, z)])
    return low, high


def _view(run: Run, moves: Moves) -> View:
    shifted = Coefficients(run.coefficients.resolver, 0, moves.n, moves.shifts())
    quantities = _Moved(run.quantities.rows, run.plan.key, moves)
    view = Run(run.plan, run.all_lines, quantities, shifted, run.period, run.grouped).view(("year",))
    return {k: np.broadcast_to(v, (moves.n + 1,)) for k, v in view.items()}


def _families(run: Run) -> list[_Input]:
    """The uncertain factors below the result: each with all its years together, and each standard normal alone."""
    families: dict[Family, dict[Identity, float]] = {}
    for _, answer in leaves(run, all_needs(run)):
        for identity, weight in identities(answer):
            _, name, source, index = identity
            rest = tuple(i for i in index if not (len(i) == 4 and i.isdigit()))
            families.setdefault((name, "" if name.startswith("proxy:") else source, rest), {})[identity] = (
                weight
            )
    found = []
    for (name, _, rest), members in families.items():
        label = f"{name}[{', '.join(rest)}]" if rest else name
        found.append(_Input(label, "factor", _together(members), tornado=True))
        found += [_Input(label, "factor", {identity: 1.0}) for identity in members]
    return found


def _together(members: Mapping[Identity, float]) -> dict[Identity, float]:
    """All rows of a factor at their percentile: the z of a row's series and own parts add up to it."""
    shared = sum(w for (part, *_), w in members.items() if part == "series")
    own = max((w for (part, *_), w in members.items() if part == "own"), default=0.0)
    return {identity: Z95 / (shared + own) for identity in members}


def _groups(run: Run) -> list[_Input]:
    names = run.quantities.group
    moved = np.unique(names.codes[run.quantities.shared != 0]).tolist()
    return [_Input(names.values[g].replace("|", ", "), "activity data", group=g) for g in moved]


def _rows(run: Run) -> list[_Input]:
    """The independent errors of collapsed rows.

    Rows that differ only in columns that no formula, booking or grain names have the same effect for each unit: their
    errors are added in quadrature first. Rows that differ only in `times` share theirs.
    """
    rows, quantities = run.quantities.rows, run.quantities
    uncertain = np.flatnonzero(quantities.independent).astype(np.int64)
    columns = {c: rows.labels[c].take(uncertain) for c in _that_matter(run)}
    groups = group(columns, len(uncertain))
    shared = len(rows.labels.get("times", constant("", 0)).values) > 1
    found = []
    order = np.argsort(groups.group, kind="stable")
    cuts = np.searchsorted(groups.group[order], np.arange(1, len(groups)))
    activity = rows.labels["activity"]
    for part in np.split(order, cuts) if len(uncertain) else []:
        members = uncertain[part]
        first = int(members[0])
        size = float(np.linalg.norm(quantities.independent[members]) / quantities.independent[first])
        name = f"{activity.values[activity.codes[first]]}, independent errors"
        if not shared:
            found.append(_Input(name, "independent", rows=(first,), size=size))
    return found if not shared else _rows_by_key(run, uncertain)


def _rows_by_key(run: Run, uncertain: NDArray[np.int64]) -> list[_Input]:
    """One input for each error that rows share because they differ only in `times`."""
    quantities, activity = run.quantities, run.quantities.rows.labels["activity"]
    alike: dict[tuple[str, ...], list[int]] = {}
    for i in uncertain.tolist():
        alike.setdefault(tuple(quantities.rows.key(i, quantities.key)), []).append(i)
    return [
        _Input(
            f"{activity.values[activity.codes[rows[0]]]}, independent errors", "independent", rows=tuple(rows)
        )
        for rows in alike.values()
    ]


def _that_matter(run: Run) -> list[str]:
    """The columns of the key on which a year's totals depend."""
    plan = run.plan
    named = {"activity", "year", "entity"}
    for term in (*plan.terms, *plan.cell_terms):
        named |= {n.id for n in walk(term.formula) if isinstance(n, Name)} | set(term.each or ())
        named |= {c for t in term.books.values() for c in label_names(t)}
    return [c for c in plan.key if c in named or c == "times"]


class _Drivers:
    """The tornado, input by input."""

    def __init__(self) -> None:
        self.swings: dict[tuple[tuple[str, ...], str, str], tuple[float, float, float]] = {}

    def enter(
        self, key: tuple[str, ...], values: Array, part: Sequence[_Input], columns: Sequence[tuple[int, ...]]
    ) -> None:
        point = float(values[0])
        for one, at in zip(part, columns, strict=True):
            if one.kind == "factor" and not one.tornado:
                continue
            if len(at) == 2:
                low, high = (float(values[c + 1]) for c in at)
            else:
                half = Z95 * (float(values[at[0] + 1]) - point)
                before = self.swings.get((key, one.name, one.kind))
                if one.kind == "independent" and before is not None:
                    half = float(np.hypot(half, before[1] - point))
                low, high = point - abs(half), point + abs(half)
            if max(abs(low - point), abs(high - point)) > 1e-12 * max(abs(point), 1e-300):
                self.swings[key, one.name, one.kind] = (min(low, high), max(low, high), point)

    def table(self) -> Table:
        found = [
            {"year": key[0], "account": key[1], "impact": key[2], "input": name,
             "kind": "activity data" if kind == "independent" else kind,
             "low": low, "high": high, "point": point, "swing": high - low}
            for (key, name, kind), (low, high, point) in self.swings.items()
        ]  # fmt: skip
        found.sort(key=lambda r: (r["year"], r["account"], r["impact"], -float(str(r["swing"]))))
        return table(found, ["year", "account", "impact", "input", "kind", "low", "high", "point", "swing"])


class _Propagation:
    """Half the differences, added in quadrature."""

    def __init__(self) -> None:
        self.sums: dict[tuple[str, ...], tuple[float, float]] = {}

    def enter(
        self, key: tuple[str, ...], values: Array, part: Sequence[_Input], columns: Sequence[tuple[int, ...]]
    ) -> None:
        point = float(values[0])
        variance = self.sums.get(key, (point, 0.0))[1]
        for one, at in zip(part, columns, strict=True):
            if len(at) == 1:
                variance += (float(values[at[0] + 1]) - point) ** 2
            elif not one.tornado:
                variance += (float(values[at[1] + 1] - values[at[0] + 1]) / 2) ** 2
        self.sums[key] = (point, variance)

    def table(self, run: Run) -> Table:
        found = []
        for key, (point, variance) in sorted(self.sums.items()):
            sd = variance**0.5
            found.append(
                {"year": key[0], "account": key[1], "impact": key[2], "unit": run.unit(key[2]), "point": point,
                 "sd": sd, "low": point - Z95 * sd, "high": point + Z95 * sd,
                 "relative": 100 * Z95 * sd / abs(point) if point else np.nan}
            )  # fmt: skip
        return table(found, ["year", "account", "impact", "unit", "point", "sd", "low", "high", "relative"])

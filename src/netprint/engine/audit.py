"""What a result rests on: the trace, the factors used, what drives the totals, error propagation, the trend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netprint.engine.coefficients import Coefficients, Identity, identities
from netprint.engine.compute import Model
from netprint.engine.contract import Quantities
from netprint.engine.distributions import Z95
from netprint.engine.labels import Labels, group
from netprint.engine.lines import Lines, expand
from netprint.engine.resolve import Found
from netprint.engine.rows import Rows
from netprint.engine.run import CLIMATE, Run
from netprint.formula.evaluate import Asked
from netprint.formula.parse import write
from netprint.result import STATISTICS, Table, statistics, table

Array = NDArray[np.float64]
Draws = Mapping[tuple[str, str, str], Array]
#: Shares of variance are computed for the lines that contribute most.
TRACED_SHARES = 2000
MOST_DRIVERS = 60
MOST_INPUTS = 600


def describe(answer: Found) -> str:
    """A found factor as `grid_direct[KEN, 2022] (proxy, lag 1)`."""
    text = answer.factor.label
    if answer.formula is not None:
        text = (
            f"{answer.factor.card.name}[{', '.join(answer.asked)}]"
            if answer.asked
            else answer.factor.card.name
        )
        text += f" = {write(answer.formula)}"
    return text if answer.proxy is None else f"{text} (proxy, {answer.proxy.text})"


def leaves(run: Run, needs: Sequence[Asked]) -> list[tuple[Asked, Found]]:
    """Every factor row below a formula, those inside factor formulas included, once each."""
    found: dict[Asked, Found] = {}
    stack = list(reversed(needs))
    while stack:
        asked = stack.pop()
        answer = run.coefficients.resolver(asked)
        if isinstance(answer, Found) and asked not in found:
            found[asked] = answer
            stack.extend(reversed(answer.inputs))
    return list(found.items())


def trace(run: Run, draws: Draws) -> Table:
    """Lines (cell, term, labels, factor rows, quantity, contribution, share of variance); the largest first.

    A share of variance is cov(line, total) / var(total), the total being that of the line's account and year; the
    shares of one total add to one.
    """
    rows = [*_fed_lines(run), *_derived_lines(run)]
    rows.sort(key=lambda r: -abs(r["contribution"]))
    for row in rows[:TRACED_SHARES]:
        total = draws.get((row.get("year", ""), row["account"], row["impact"]))
        row["share_of_variance"] = _share(row.pop("_draws")(), total) if total is not None else np.nan
    for row in rows[TRACED_SHARES:]:
        row.pop("_draws")
        row["share_of_variance"] = np.nan
    columns = [
        *run.plan.cell,
        "impact",
        "term",
        "labels",
        "error_group",
        "records",
        "quantity",
        "quantity_unit",
    ]
    return table(
        rows,
        [
            *columns,
            "coefficient",
            "factors",
            "contribution",
            "unit",
            "share_of_variance",
            "provisional",
            "proxy",
        ],
    )


def _share(line: Array, total: Array) -> float:
    sample, whole = line[1:], total[1:]
    variance = float(np.var(whole))
    if len(sample) < 2 or variance == 0:
        return 0.0
    return float(np.mean((sample - sample.mean()) * (whole - whole.mean())) / variance)


def _fed_lines(run: Run) -> list[dict[str, Any]]:
    from netprint.engine.compute import rests_on

    booking = run.booking[~run.gap[run.booking]]
    if not len(booking):
        return []
    lines, rows, quantities = run.all_lines, run.quantities.rows, run.quantities
    cell = run.groups.group[: len(run.booking)][~run.gap[run.booking]]
    number = Labels(cell, tuple(str(i) for i in range(len(run.groups))))
    unique = Labels(lines.unique[booking], tuple(str(i) for i in range(len(lines.uniques))))
    groups = group(
        {"cell": number, "unique": unique, "group": rows.labels["error_group"].take(lines.row[booking])},
        len(booking),
    )
    order = np.argsort(groups.group, kind="stable")
    parts = np.split(order, np.searchsorted(groups.group[order], np.arange(1, len(groups))))
    found = []
    for part in parts:
        at, u = int(part[0]), int(lines.unique[booking[part[0]]])
        spec, members = lines.uniques[u], lines.row[booking[part]]
        coefficient = run.impact_coefficient(u)
        quantity = float(np.sum(rows.quantity[members]))
        impact = run.impact(int(cell[at]))
        provisional, proxy = rests_on(run, spec.needs, spec.term.status)

        def line_draws(u: int = u, members: NDArray[np.int64] = members, impact: str = impact) -> Array:
            wide = run.impact_coefficient(u) * quantities.sum(members) / run.scale(impact)
            return np.broadcast_to(wide, (run.n + 1,))

        found.append(
            {
                **run.groups.label(int(cell[at])),
                "impact": impact,
                "term": spec.term.id,
                "labels": ", ".join(
                    f"{k} {v}" for k, v in spec.labels.items() if v and k not in ("flow", "times")
                ),
                "error_group": rows.labels["error_group"].values[
                    rows.labels["error_group"].codes[members[0]]
                ],
                "records": int(np.sum(rows.count[members])),
                "quantity": quantity,
                "quantity_unit": run.plan.activities[str(spec.term.activity)].unit,
                "coefficient": float(coefficient[0]) / run.scale(impact),
                "factors": "; ".join(describe(f) for _, f in leaves(run, spec.needs)),
                "contribution": float(coefficient[0]) * quantity / run.scale(impact),
                "unit": run.unit(impact),
                "provisional": provisional,
                "proxy": proxy,
                "_draws": line_draws,
            }
        )
    return found


def _derived_lines(run: Run) -> list[dict[str, Any]]:
    from netprint.engine.compute import rests_on

    found = []
    for i, (cell, derived) in enumerate(run.extra):
        if derived.value is None:
            continue
        impact = run.impact(int(run.groups.group[len(run.booking) + i]))
        value = run._impact_of(derived) / run.scale(impact)
        provisional, proxy = rests_on(run, derived.needs, derived.term.status)
        found.append(
            {
                **cell,
                "impact": impact,
                "term": derived.term.id,
                "labels": ", ".join(f"{k} {v}" for k, v in derived.cell.items() if v),
                "error_group": "",
                "records": 0,
                "quantity": np.nan,
                "quantity_unit": "",
                "coefficient": np.nan,
                "factors": "; ".join(describe(f) for _, f in leaves(run, derived.needs)),
                "contribution": float(value[0]),
                "unit": run.unit(impact),
                "provisional": provisional,
                "proxy": proxy,
                "_draws": lambda value=value: np.broadcast_to(value, (run.n + 1,)),
            }
        )
    return found


def factors(run: Run) -> Table:
    """Every factor row that the result used, once for each index it was asked for."""
    _ = run.derived
    needs = [a for u in run.lines.uniques for a in u.needs] + [a for d in run.derived for a in d.needs]
    rows = []
    for (name, asked), found in leaves(run, list(dict.fromkeys(needs))):
        factor = found.factor
        rows.append(
            {
                "factor": factor.card.name,
                "named": name,
                "asked": ", ".join(asked),
                "found": ", ".join(i or "any" for i in factor.index),
                "value": float(run.coefficients.factor((name, asked))[0]) / factor.card.measure.scale,
                "unit": factor.card.unit,
                "formula": factor.text if factor.formula is not None else "",
                "distribution": factor.shape.distribution if factor.formula is None else "formula",
                "statistic": factor.shape.statistic,
                "kind": factor.card.kind,
                "boundary": factor.card.boundary,
                "proxy": found.proxy.text if found.proxy else "",
                "proxy_level": found.proxy.level if found.proxy else "",
                "whose": "own" if factor.own else "catalogue",
                "status": factor.status,
                "source": factor.source,
                "page": factor.page,
                "licence": factor.licence,
                "file": f"{factor.file}:{factor.line}" if factor.file else "",
                "note": factor.note,
            }
        )
    return table(rows)


# -- what moves the totals -----------------------------------------------------------------------------------------


class _Shifted(Quantities):
    """Quantities whose errors are set in place of drawn: one group or one row at given standard normals."""

    def __init__(
        self, rows: Rows, key: Sequence[str], n: int, group: int | None, row: int | None, z: Array
    ) -> None:
        super().__init__(rows, key, 0, n)
        self.moved_group, self.moved_row, self.z = group, row, np.concatenate([[0.0], z])
        self.still = np.zeros(n + 1)

    def error(self, group: int) -> Array:
        return self.z if group == self.moved_group else self.still

    def own(self, row: int) -> Array:
        return self.z if row == self.moved_row else self.still


def _moved(model: Model, rows: Rows, lines: Lines, run: Run, *, shift: Mapping[Identity, Array], z: Array,
           group: int | None = None, row: int | None = None) -> dict[tuple[str, ...], Array]:  # fmt: skip
    """Yearly totals with some inputs moved to ``z`` standard deviations and all others at their stated values."""
    coefficients = Coefficients(run.coefficients.resolver, model.seed, len(z), shift)
    quantities = _Shifted(rows, model.plan.key, len(z), group, row, z)
    return Run(model.plan, lines, quantities, coefficients).view(("year",))


def _families(run: Run) -> dict[tuple[str, str, tuple[str, ...]], dict[Identity, float]]:
    """The uncertain inputs below the result: (factor, source, index without year) → their standard normals."""
    _ = run.derived
    needs = [a for u in run.lines.uniques for a in u.needs] + [a for d in run.derived for a in d.needs]
    found: dict[tuple[str, str, tuple[str, ...]], dict[Identity, float]] = {}
    for _, answer in leaves(run, list(dict.fromkeys(needs))):
        for identity, weight in identities(answer):
            _, name, source, index = identity
            rest = tuple(i for i in index if not (len(i) == 4 and i.isdigit()))
            found.setdefault((name, "" if name.startswith("proxy:") else source, rest), {})[identity] = weight
    return found


def drivers(model: Model, rows: Rows, draws: Draws) -> Table:
    """One input at a time from its 2.5th to its 97.5th percentile, all others at their stated values.

    An input is a factor with all its years, an error group, or the independent errors of one activity (added in
    quadrature). Sorted by swing, for each account and year.
    """
    run = model.run(rows)
    lines = expand(rows, model.plan, run.coefficients.resolver)
    ends = np.array([-Z95, Z95])
    found: list[dict[str, Any]] = []
    for (name, _, rest), family in list(_families(run).items())[:MOST_DRIVERS]:
        shift = {identity: _full(identity, family) * ends for identity in family}
        label = f"{name}[{', '.join(rest)}]" if rest else name
        _enter_swings(found, label, "factor", _moved(model, rows, lines, run, shift=shift, z=ends))
    groups = run.quantities.group
    for g in np.unique(groups.codes[run.quantities.shared != 0])[:MOST_DRIVERS]:
        moved = _moved(model, rows, lines, run, shift={}, z=ends, group=int(g))
        _enter_swings(found, groups.values[g].replace("|", ", "), "activity data", moved)
    found += _independent(model, rows, lines, run)
    found.sort(key=lambda r: (r["year"], r["account"], r["impact"], -r["swing"]))
    return table(found, ["year", "account", "impact", "input", "kind", "low", "high", "point", "swing"])


def _full(identity: Identity, family: Mapping[Identity, float]) -> float:
    """A row at its own percentile: the z of series and own parts add up to one full deviation."""
    return 1.0 / sum(w for i, w in family.items() if i == identity or _twins(i, identity)) if family else 1.0


def _twins(a: Identity, b: Identity) -> bool:
    """The series and the own part of one row."""
    return a[0] != b[0] and a[1:3] == b[1:3]


def _enter_swings(
    found: list[dict[str, Any]], name: str, kind: str, moved: Mapping[tuple[str, ...], Array]
) -> None:
    for (year, account, impact), values in moved.items():
        point, low, high = float(values[0]), float(values[1]), float(values[2])
        if max(abs(low - point), abs(high - point)) > 1e-12 * max(abs(point), 1e-300):
            found.append(
                {"year": year, "account": account, "impact": impact, "input": name, "kind": kind, "low": min(low, high),
                 "high": max(low, high), "point": point, "swing": abs(high - low)}
            )  # fmt: skip


def _independent(model: Model, rows: Rows, lines: Lines, run: Run) -> list[dict[str, Any]]:
    """The independent errors of each activity's rows, added in quadrature."""
    by_activity: dict[str, dict[tuple[str, ...], list[float]]] = {}
    activity = rows.labels["activity"]
    points: dict[tuple[str, ...], float] = {}
    for i in _largest(run.quantities.independent, rows, run):
        name = activity.values[activity.codes[i]]
        for key, values in _moved(model, rows, lines, run, shift={}, z=np.array([Z95]), row=i).items():
            points[key] = float(values[0])
            by_activity.setdefault(name, {}).setdefault(key, []).append(float(values[1] - values[0]))
    found = []
    for name, totals in by_activity.items():
        for key, parts in totals.items():
            half, point = float(np.hypot.reduce(np.array(parts))), points[key]
            if half > 1e-12 * max(abs(point), 1e-300):
                found.append(
                    {"year": key[0], "account": key[1], "impact": key[2], "input": f"{name}, independent errors",
                     "kind": "activity data", "low": point - half, "high": point + half, "point": point, "swing": 2 * half}
                )  # fmt: skip
    return found


def _largest(independent: Array, rows: Rows, run: Run) -> list[int]:
    """The rows whose independent errors matter most, at most ``MOST_DRIVERS``."""
    weight = np.zeros(len(rows))
    points = np.array(
        [0.0 if u.gaps else abs(float(run.impact_coefficient(i)[0])) for i, u in enumerate(run.lines.uniques)]
    )
    if len(run.lines):
        np.maximum.at(weight, run.lines.row, points[run.lines.unique])
    order = np.argsort(-np.abs(independent) * np.where(weight > 0, weight, 1.0), kind="stable")
    return [int(i) for i in order[:MOST_DRIVERS] if independent[i] != 0]


def propagation(model: Model, rows: Rows) -> Table:
    """IPCC (2006) Guidelines, Vol. 1, ch. 3, approach 1 from the same model: the first-order propagation of error.

    Every independent standard normal below the model is moved by one standard deviation to either side; half the
    differences are added in quadrature. Columns: year, account, impact, point, sd, low, high, relative (% at 95 %).
    """
    run = model.run(rows)
    lines = expand(rows, model.plan, run.coefficients.resolver)
    step = np.array([-1.0, 1.0])
    variance: dict[tuple[str, ...], float] = {}
    point: dict[tuple[str, ...], float] = {}

    def add(moved: Mapping[tuple[str, ...], Array]) -> None:
        for key, values in moved.items():
            point[key] = float(values[0])
            variance[key] = (
                variance.get(key, 0.0) + float((values[2] - values[1]) / 2) ** 2 if len(values) > 1 else 0.0
            )

    add(_moved(model, rows, lines, run, shift={}, z=step))
    inputs = [i for family in _families(run).values() for i in family]
    for identity in inputs[:MOST_INPUTS]:
        add(_moved(model, rows, lines, run, shift={identity: step}, z=step))
    groups = run.quantities.group
    for g in np.unique(groups.codes[run.quantities.shared != 0]):
        add(_moved(model, rows, lines, run, shift={}, z=step, group=int(g)))
    for i in _largest(run.quantities.independent, rows, run):
        add(_moved(model, rows, lines, run, shift={}, z=step, row=i))
    found = []
    for key in sorted(point):
        sd, value = variance[key] ** 0.5, point[key]
        found.append(
            {"year": key[0], "account": key[1], "impact": key[2], "unit": run.unit(key[2]), "point": value, "sd": sd,
             "low": value - Z95 * sd, "high": value + Z95 * sd, "relative": 100 * Z95 * sd / abs(value) if value else np.nan}
        )  # fmt: skip
    return table(found, ["year", "account", "impact", "unit", "point", "sd", "low", "high", "relative"])


def trend(draws: Draws, base_year: int | None, period: tuple[int, int]) -> Table:
    """The change of every account from the base year, with its own interval from the same draws.

    What the years share (a factor's series part, a shared error) cancels, so the interval of a change is narrower
    than the two intervals suggest. ``change`` in the impact's unit, ``relative`` in % of the base year.
    """
    base = str(base_year if base_year is not None else period[0])
    found = []
    for (year, account, impact), values in sorted(draws.items()):
        start = draws.get((base, account, impact))
        if start is None or not year or year == base:
            continue
        wide, begun = np.broadcast_arrays(values, start)
        change = statistics((wide - begun)[None, :])
        with np.errstate(divide="ignore", invalid="ignore"):
            share = statistics((100 * (wide / begun - 1))[None, :]) if np.all(begun != 0) else None
        row = {"year": year, "base_year": base, "account": account, "impact": impact}
        row |= {s: float(change[s][0]) for s in STATISTICS}
        row |= {f"relative_{s}": float(share[s][0]) if share else np.nan for s in STATISTICS}
        found.append(row)
    return table(
        found, ["year", "base_year", "account", "impact", *STATISTICS, *(f"relative_{s}" for s in STATISTICS)]
    )


def gap_text(row: Mapping[str, Any]) -> str:
    index = f"[{row['asked']}]" if row["asked"] else ""
    amount = "" if row["quantity"] is None else f" for {row['quantity']:,.6g} {row['unit']}"
    near = (
        f"; {row['near']}"
        if str(row["near"]).startswith("it ")
        else f"; nearest known: {row['near']}"
        if row["near"]
        else ""
    )
    return f"{row['factor']}{index}, needed by the term {row['term']}{amount}{near}"


__all__ = ["CLIMATE", "describe", "drivers", "factors", "gap_text", "propagation", "trace", "trend"]

"""What a result rests on: the trace, the factors used, what drives the totals, error propagation, the trend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netprint.engine.distributions import Z95, quantile
from netprint.engine.labels import Labels, group
from netprint.engine.resolve import Found
from netprint.engine.run import Run
from netprint.formula.evaluate import Asked, stand_ins
from netprint.formula.parse import write
from netprint.load.factor import Factor, FactorTable
from netprint.result import STATISTICS, Table, statistics, table
from netprint.units import parse

Array = NDArray[np.float64]
Draws = Mapping[tuple[str, str, str], Array]
#: Shares of variance are computed for the lines that contribute most.
TRACED_SHARES = 2000


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


def all_needs(run: Run) -> list[Asked]:
    """Every (factor, index) that the lines and cell terms of a run rest on, once each."""
    of_lines = [a for u in run.lines.uniques for a in u.needs]
    return list(dict.fromkeys(of_lines + [a for d in run.derived for a in d.needs]))


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


def disclosures(run: Run) -> list[str]:
    """What must be told: factors of another kind that stand in, and amounts that a cell term warns of."""
    resolver, cards = run.coefficients.resolver, run.plan.cards
    told: dict[tuple[str, str, str], list[str]] = {}
    asked = [(u.term, u.labels) for u in run.lines.uniques] + [(d.term, d.cell) for d in run.derived]
    for term, labels in asked:
        for wanted, taken in stand_ins(term.formula, labels, cards, resolver.held):
            if not taken:  # a literal, or a formula without factors, stands in
                continue
            first, second = cards[wanted[0][0]], cards[taken[0][0]]
            if first.kind != second.kind:
                told.setdefault((term.id, first.name, second.name), []).append(f"[{', '.join(wanted[0][1])}]")
    found = [
        f"{term}: {first} is not known for {', '.join(dict.fromkeys(where))}; {second} stands in."
        for (term, first, second), where in told.items()
    ]
    for derived in run.derived:
        if derived.term.warn and derived.value is not None and derived.value[0] > 0:
            amount = float(derived.value[0]) / parse(derived.term.unit).scale
            at = ", ".join(f"{k} {v}" for k, v in derived.cell.items() if v)
            found.append(f"{derived.term.warn}: {amount:,.6g} {derived.term.unit} ({at}).")
    return found


def unused(run: Run, own: FactorTable) -> list[str]:
    """The user's own factor rows that no result rests on: a year or an item that nobody asked for."""
    used = {id(f.factor) for _, f in leaves(run, all_needs(run))}
    rows = (f for rows in own.rows.values() for f in rows.values() if f.own)
    idle = [f for f in rows if id(f) not in used and not _a_spread(f)]
    if not idle:
        return []
    named = ", ".join(f"{f.label} ({f.file}:{f.line})" for f in idle[:5])
    more = f" and {len(idle) - 5} more" if len(idle) > 5 else ""
    return [f"{len(idle)} of the study's own factor rows were not used: {named}{more}."]


def _a_spread(factor: Factor) -> bool:
    return factor.card.name.startswith("proxy:")


def limits(factor: Factor) -> tuple[float, float]:
    """The 2.5th and 97.5th percentile of a factor row, in its card's unit; NaN for a formula or a share of a whole."""
    if factor.formula is not None or factor.group:
        return np.nan, np.nan
    low, high = quantile(factor.value, factor.shape, np.array([-Z95, Z95]))
    return float(low), float(high)


def factors(run: Run) -> Table:
    """Every factor row that the result used, once for each index it was asked for."""
    _ = run.derived
    rows = []
    for (name, asked), found in leaves(run, all_needs(run)):
        factor = found.factor
        low, high = limits(factor)
        rows.append(
            {
                "factor": factor.card.name,
                "named": name,
                "asked": ", ".join(asked),
                "found": ", ".join(i or "any" for i in factor.index),
                "value": float(run.coefficients.factor((name, asked))[0]) / factor.card.measure.scale,
                "low": low,
                "high": high,
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
        row: dict[str, Any] = {"year": year, "base_year": base, "account": account, "impact": impact}
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

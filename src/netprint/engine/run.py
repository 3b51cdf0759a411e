"""One pass from collapsed rows to draws: lines, cell terms, flows, impacts, totals.

The same pass serves the Monte Carlo (N draws), the tornado and error propagation (a few shifted columns).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from netprint.engine.coefficients import Coefficients
from netprint.engine.contract import MEMORY, Quantities, accumulate, blocks
from netprint.engine.derive import Derived, Grouped, Summand, Sums, derive
from netprint.engine.labels import Groups, Labels, group, joined, labels
from netprint.engine.lines import Lines, Unique, as_held, no_whole_number
from netprint.engine.plan import Plan
from netprint.errors import InputError, Problem
from netprint.formula.evaluate import DivisionByZero, Names, NoWholeNumber, evaluate, label, needed
from netprint.formula.parse import Call, Compare, Name, Tree, walk, write
from netprint.formula.parse import parse as parse_formula
from netprint.load.method import EFFECTS, Range, Term
from netprint.units import parse

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
CLIMATE = "climate change"
LEFT_AT_END = 0.001


@dataclass(frozen=True)
class Block:
    """Consecutive cells and their draws: flows and impacts in coherent units, ``(c, 1 + N)``."""

    start: int
    end: int
    flows: Array
    impacts: Array


class Run:
    """The evaluation of a study's collapsed rows with one set of coefficients."""

    def __init__(
        self,
        plan: Plan,
        lines: Lines,
        quantities: Quantities,
        coefficients: Coefficients,
        period: tuple[int, int] | None = None,
        grouped: Grouped | None = None,
    ) -> None:
        self.plan, self.quantities, self.coefficients = plan, quantities, coefficients
        self.period = period
        self.grouped = Grouped() if grouped is None else grouped
        self.all_lines = lines
        gap = np.array([bool(u.gaps) for u in lines.uniques], dtype=bool)
        self.gap = gap[lines.unique] if len(lines) else np.zeros(0, dtype=bool)
        self.lines = lines.only(~self.gap)
        self.n = coefficients.n
        self._coefficient: dict[int, Array] = {}
        self._room = max((256 << 20) // (8 * (self.n + 1)), 16)

    # -- coefficients --------------------------------------------------------------------------------------------

    def coefficient(self, unique: int) -> Array:
        """Flow per unit of the activity, coherent; raises :class:`InputError` where it divides by zero."""
        if unique not in self._coefficient:
            if len(self._coefficient) >= self._room:
                self._coefficient.pop(next(iter(self._coefficient)))
            self._coefficient[unique] = self._evaluate(self.lines.uniques[unique])
        return self._coefficient[unique]

    def _evaluate(self, unique: Unique) -> Array:
        term = unique.term
        values = {k: np.array([v]) for k, v in unique.values.items()}
        values["quantity"] = np.array([self.plan.units[str(term.activity)].scale])
        names = Names(unique.labels, values, self.coefficients.factor, self.coefficients.resolver.held)
        tree = term.formula
        try:
            array = evaluate(tree, names)
            if unique.times is not None:
                tree = unique.times
                array = array * evaluate(tree, names)
        except DivisionByZero as error:
            raise InputError([_zero_divisor(unique, tree, str(error))]) from None
        if not np.isfinite(array).all():
            raise InputError([_not_finite(unique)])
        return array

    def gwp(self, flow: str) -> Array:
        """Impact per flow; 1 for CO2e and for flows that are their own impact."""
        if flow in ("", "CO2e") or flow in self.plan.impacts:
            return np.ones(1)
        return self.coefficients.factor(("gwp", (flow,)))

    def impact_coefficient(self, unique: int) -> Array:
        return self.coefficient(unique) * self.gwp(self.lines.uniques[unique].flow)

    def check_axes(self) -> None:
        """An axis that a weight runs out on must be wide enough: at most 0.1 % of the weight is left at its end."""
        ends: dict[tuple[str, str, object], dict[int, float]] = {}
        terms = {u.term.id: u.term for u in self.lines.uniques}
        for i in np.unique(self.lines.unique).tolist():
            unique = self.lines.uniques[i]
            for name in cut_axes(unique.term):
                rest = tuple(sorted((k, v) for k, v in unique.labels.items() if k != name))
                mean = float(np.mean(np.abs(self.coefficient(i)[-self.n :])))
                ends.setdefault((unique.term.id, name, rest), {})[int(unique.labels[name])] = mean
        problems = []
        for (term, name, _), weights in ends.items():
            total, last = sum(weights.values()), weights[max(weights)]
            if total > 0 and last > LEFT_AT_END * total and len(weights) > 1:
                problems.append(_left(terms[term], name, last / total))
        if problems:
            raise InputError(problems)

    # -- cell terms ----------------------------------------------------------------------------------------------

    @cached_property
    def sums(self) -> Sums:
        rows = self.quantities.rows
        activity = rows.labels["activity"]
        summands: dict[str, Summand] = {}
        for name, unit in self.plan.units.items():
            if name in self.plan.activities:
                code = activity.values.index(name) if name in activity.values else -1
                summands[name] = self._activity(
                    np.flatnonzero(activity.codes == code).astype(np.int64), unit.scale
                )
        for term in self.plan.terms:
            code_of = np.array([u.term.id == term.id for u in self.lines.uniques], dtype=bool)
            chosen = (
                np.flatnonzero(code_of[self.lines.unique] & self.shown) if len(self.lines) else np.zeros(0)
            )
            summands[term.id] = self._booked(chosen.astype(np.int64))
        return Sums(summands, self.grouped)

    def _activity(self, rows: Codes, scale: float) -> Summand:
        columns = {k: v.take(rows) for k, v in self.quantities.rows.labels.items()}
        return Summand(columns, len(rows), lambda part: self._amount(rows[part]) * scale)

    def _amount(self, rows: Codes) -> Array:
        """Σ of rows' quantities, each times its multiplier, in the activity's own unit."""
        times = self.quantities.rows.labels.get("times")
        if times is None or times.values == ("",):
            return self.quantities.sum(rows)
        plain = np.array([not text for text in times.values])[times.codes[rows]]
        total = self.quantities.sum(rows[plain])
        for i in rows[~plain].tolist():
            total = total + self._multiplier(i) * self.quantities.sum(np.array([i]))
        return total

    def _multiplier(self, row: int) -> Array:
        at = {k: v.values[v.codes[row]] for k, v in self.quantities.rows.labels.items()}
        values = {k: np.array([float(at[k]) * u.scale]) for k, u in self.plan.numeric.items() if at.get(k)}
        tree, held = parse_formula(at["times"]), self.coefficients.resolver.held
        missing = [a for a in needed(tree, at, values, self.plan.cards, held) if not held(a)]
        if missing:
            raise InputError([_no_multiplier(at["times"], str(self.coefficients.resolver(missing[0])))])
        try:
            return evaluate(tree, Names(at, values, self.coefficients.factor, held))
        except DivisionByZero as error:
            raise InputError([_zero_multiplier(at["times"], str(error))]) from None

    def _booked(self, chosen: Codes) -> Summand:
        """A term's lines; an amount that books a greenhouse gas is its impact."""
        columns = {k: v.take(self.lines.row[chosen]) for k, v in self.quantities.rows.labels.items()}
        columns |= {k: v.take(chosen) for k, v in self.lines.cell.items()}

        def total(part: Codes) -> Array:
            at = chosen[part]
            out = np.zeros((1, self.n + 1))
            zeros = np.zeros(len(at), dtype=np.int64)
            accumulate(
                out,
                zeros,
                self.lines.row[at],
                self.lines.unique[at],
                self.quantities,
                self.impact_coefficient,
            )
            return np.asarray(out[0])

        return Summand(columns, len(chosen), total)

    @cached_property
    def derived(self) -> list[Derived]:
        """Every cell term in every cell, in the order in which they need each other."""
        found: list[Derived] = []
        for term in self.plan.cell_terms:
            try:
                cells = derive(term, term.each or (), self.sums, self.plan, self.coefficients)
            except NoWholeNumber as error:
                raise InputError([no_whole_number(term, error)]) from None
            problems = [_undefined_in_cell(d) for d in cells if d.undefined]
            if problems:
                raise InputError(problems)
            found += cells
            held = [d for d in cells if d.value is not None]
            columns = {c: labels(d.cell[c] for d in held) for c in term.each or ()}
            values = [self._impact_of(d) for d in held]
            self.sums.summands[term.id] = Summand(columns, len(held), _adder(values))
        return found

    def _impact_of(self, derived: Derived) -> Array:
        assert derived.value is not None
        flow = label(derived.term.books["flow"], derived.cell) if "flow" in derived.term.books else ""
        return np.asarray(derived.value * self.gwp(flow))

    @cached_property
    def extra(self) -> list[tuple[dict[str, str], Derived]]:
        """The cell terms that book: the result cell and the value."""
        found = []
        for derived in self.derived:
            if "flow" in derived.term.books:
                booked = as_held(
                    {k: label(t, derived.cell) for k, t in derived.term.books.items()}, derived.cell
                )
                cell = {
                    d: booked.get(d, derived.cell.get(d, "inventory" if d == "account" else ""))
                    for d in self.plan.cell
                }
                if self.in_period(cell["year"]):
                    found.append((cell, derived))
        return found

    # -- cells ---------------------------------------------------------------------------------------------------

    @cached_property
    def booking(self) -> NDArray[np.int64]:
        """The lines (gaps included) that book a flow in a year of the period."""
        if not len(self.all_lines):
            return np.zeros(0, dtype=np.int64)
        books = np.array([bool(u.flow) for u in self.all_lines.uniques], dtype=bool)
        return np.flatnonzero(books[self.all_lines.unique] & self._shown(self.all_lines))

    @cached_property
    def shown(self) -> NDArray[np.bool_]:
        """The lines without gap that are booked to a year of the period."""
        return self._shown(self.lines)

    def _shown(self, lines: Lines) -> NDArray[np.bool_]:
        year = lines.cell["year"]
        inside = np.array([self.in_period(y) for y in year.values], dtype=bool)
        return inside[year.codes] if len(lines) else np.zeros(0, dtype=bool)

    def in_period(self, year: str) -> bool:
        """A booked year may lie outside the study's period and is then not shown."""
        return self.period is None or not year.isdigit() or self.period[0] <= int(year) <= self.period[1]

    @cached_property
    def groups(self) -> Groups:
        """The finest result cells: of the lines that book, then of the cell terms that book."""
        columns = {}
        for dim in self.plan.cell:
            below = labels(cell[dim] for cell, _ in self.extra)
            columns[dim] = joined([self.all_lines.cell[dim].take(self.booking), below])
        return group(columns, len(self.booking) + len(self.extra))

    def blocks(self, by: tuple[str, ...] = ()) -> Iterator[Block]:
        """Flows and impacts of all cells, a block of cells at a time; cells of one label of ``by`` stay together.

        Where all of them fit into one block they are computed once.
        """
        if len(self.groups) * (self.n + 1) * 16 > MEMORY:  # flows and impacts
            yield from self._blocks(by)
        else:
            yield from self._whole

    @cached_property
    def _whole(self) -> tuple[Block, ...]:
        return tuple(self._blocks(()))

    def _blocks(self, by: tuple[str, ...]) -> Iterator[Block]:
        table = self.groups.table()
        whole = (
            group({c: table[c] for c in by if c in table}, len(self.groups)).group
            if by
            else np.arange(len(self.groups))
        )
        held = ~self.gap[self.booking]
        place = np.cumsum(~self.gap) - 1  # position of a line among those that are not gaps
        cell = self.groups.group[: len(self.booking)][held]
        line = place[self.booking[held]]
        extra_cell = self.groups.group[len(self.booking) :]
        flow = self.groups.columns["flow"]
        for start, end, chosen in blocks(cell, whole, self.n):
            flows = np.zeros((end - start, self.n + 1))
            at = line[chosen]
            accumulate(
                flows,
                cell[chosen] - start,
                self.lines.row[at],
                self.lines.unique[at],
                self.quantities,
                self.coefficient,
            )
            for i, (_, derived) in enumerate(self.extra):
                if derived.value is not None and start <= extra_cell[i] < end:
                    flows[extra_cell[i] - start] += derived.value
            impacts = flows.copy()
            for c in range(start, end):
                name = flow.values[flow.codes[self.groups.first[c]]]
                if name != "CO2e" and name not in self.plan.impacts and flows[c - start].any():
                    impacts[c - start] *= self.gwp(name)
            yield Block(start, end, flows, impacts)

    # -- totals --------------------------------------------------------------------------------------------------

    def impact(self, cell: int) -> str:
        """The impact that a cell's flow is counted in."""
        flow = self.groups.columns["flow"]
        name = flow.values[flow.codes[self.groups.first[cell]]]
        return name if name in self.plan.impacts else CLIMATE

    def unit(self, impact: str) -> str:
        return "kg CO2e" if impact == CLIMATE else self.plan.impacts[impact]

    def scale(self, impact: str) -> float:
        return 1.0 if impact == CLIMATE else parse(self.plan.impacts[impact]).scale

    @cached_property
    def covered(self) -> NDArray[np.bool_]:
        """Which cells rest on at least one line, or cell term, that is no gap."""
        held = np.zeros(len(self.groups), dtype=bool)
        cells = self.groups.group
        held[cells[: len(self.booking)][~self.gap[self.booking]]] = True
        for cell, (_, derived) in zip(cells[len(self.booking) :].tolist(), self.extra, strict=True):
            held[cell] |= derived.value is not None
        return held

    def covered_keys(self, dims: tuple[str, ...]) -> set[tuple[str, ...]]:
        """The keys of a view (dims, account, impact) in which any cell is covered."""
        found = set()
        for c in np.flatnonzero(self.covered).tolist():
            at = self.groups.label(c)
            found.add((*(at.get(d, "") for d in dims), at["account"], self.impact(c)))
        return found

    def gapped_keys(self, dims: tuple[str, ...]) -> set[tuple[str, ...]]:
        """The keys of a view in which a factor is missing for any line or cell term."""
        cells = self.groups.group
        lacking = set(cells[: len(self.booking)][self.gap[self.booking]].tolist())
        extra = zip(cells[len(self.booking) :].tolist(), self.extra, strict=True)
        lacking |= {cell for cell, (_, derived) in extra if derived.value is None}
        labels_ = {c: self.groups.label(c) for c in lacking}
        return {(*(at.get(d, "") for d in dims), at["account"], self.impact(c)) for c, at in labels_.items()}

    def view(self, dims: tuple[str, ...]) -> dict[tuple[str, ...], Array]:
        """Impacts by ``dims``, account and impact (in the impact's unit), totals included; ``(1 + N,)`` each."""
        found: dict[tuple[str, ...], Array] = {}
        for block in self.blocks():
            add_to_view(self, block, dims, found)
        return with_totals(self, found, dims)


def add_to_view(run: Run, block: Block, dims: tuple[str, ...], found: dict[tuple[str, ...], Array]) -> None:
    for c in range(block.start, block.end):
        at = run.groups.label(c)
        impact = run.impact(c)
        key = (*(at.get(d, "") for d in dims), at["account"], impact)
        value = block.impacts[c - block.start] / run.scale(impact)
        if key in found:
            found[key] += value
        else:
            found[key] = value


def with_totals(
    run: Run, found: dict[tuple[str, ...], Array], dims: tuple[str, ...]
) -> dict[tuple[str, ...], Array]:
    """The same with the sums across accounts that the methods allow.

    An L.1480 total needs every order that it adds, whole, in each cell: NET without a first order, or with a gap in
    one, is not formed.
    """
    added: dict[tuple[str, ...], Array] = {}
    covered = run.covered_keys(dims) if run.plan.totals else set()
    effects = any(p in EFFECTS for parts in run.plan.totals.values() for p in parts)
    gapped = run.gapped_keys(dims) if effects else set()
    for name, parts in run.plan.totals.items():
        needed = [p for p in parts if p in EFFECTS]
        for at in dict.fromkeys((k[:-2], k[-1]) for k in found if k[-2] in parts):
            keys = {p: (*at[0], p, at[1]) for p in parts if (*at[0], p, at[1]) in found}
            if at[1] != CLIMATE and len(keys) < 2:
                continue  # an impact that stands in one account needs no total
            if all(p in keys and keys[p] in covered and keys[p] not in gapped for p in needed):
                added[(*at[0], name, at[1])] = np.sum([found[k] for k in keys.values()], axis=0)
    return {**found, **added}


def cut_axes(term: Term) -> list[str]:
    """The whole-number axes that a weight of the term runs out on: used inside a function or a comparison."""
    inside = {
        n.id
        for node in walk(term.formula)
        if isinstance(node, Call | Compare)
        and not (isinstance(node, Call) and node.function in ("exp", "log", "sqrt"))
        for n in _values(node)
    }
    return [name for name, axis in term.over.items() if isinstance(axis, Range) and name in inside]


def _values(tree: Call | Compare) -> Iterator[Name]:
    """Names used as numbers below a node; index entries are not."""
    from netprint.formula.parse import Lookup, children

    stack = list(children(tree))
    while stack:
        node = stack.pop()
        if isinstance(node, Name):
            yield node
        elif not isinstance(node, Lookup):
            stack.extend(children(node))


def _adder(values: list[Array]) -> Callable[[Codes], Array]:
    def total(part: Codes) -> Array:
        out = np.zeros(1)
        for i in part.tolist():
            out = out + values[i]
        return out

    return total


def _where(labels_: Mapping[str, str]) -> str:
    return ", ".join(f"{k} = {v}" for k, v in labels_.items() if v and k != "flow") or "every row"


def _zero_divisor(unique: Unique, tree: Tree, divisor: str) -> Problem:
    return Problem(
        unique.term.file, unique.term.line, f"{unique.term.id}.formula",
        f"`{write(tree)}` divides by `{divisor}`, which is zero at {_where(unique.labels)}",
        "a divisor that is not zero", "Mend the factor or column, or guard it with where(divisor > 0, …, …).",
    )  # fmt: skip


def _zero_multiplier(times: str, divisor: str) -> Problem:
    return Problem(
        "activities", None, "times", f"`{times}` divides by `{divisor}`, which is zero", "a divisor that is not zero",
        "Mend the factor, or guard it with where(divisor > 0, …, …).",
    )  # fmt: skip


def _no_multiplier(times: str, gap: str) -> Problem:
    return Problem(
        "activities", None, "times", f"`{times}`: no factor was found for {gap}", "a factor for every row",
        "Give the factor in the study's own factor table.",
    )  # fmt: skip


def _undefined_in_cell(derived: Derived) -> Problem:
    term = derived.term
    return Problem(
        term.file, term.line, f"{term.id}.formula",
        f"`{write(term.formula)}` is undefined at {_where(derived.cell)}: {derived.undefined}",
        "a finite number in every draw", "Mend the activity data, or guard it with where(divisor > 0, …, …).",
    )  # fmt: skip


def _not_finite(unique: Unique) -> Problem:
    return Problem(
        unique.term.file, unique.term.line, f"{unique.term.id}.formula",
        f"`{write(unique.term.formula)}` is not a finite number at {_where(unique.labels)}",
        "a finite number in every draw", "Check logarithms, powers and the ranges of the factors.",
    )  # fmt: skip


def _left(term: Term, axis: str, share: float) -> Problem:
    return Problem(
        term.file, term.line, f"{term.id}.over.{axis}",
        f"{share:.1%} of the weight stands at the last point of the axis `{axis}`",
        f"at most {LEFT_AT_END:.1%}, so that nothing is cut off", "Make the axis longer.",
    )  # fmt: skip


__all__ = ["CLIMATE", "Block", "Labels", "Run", "add_to_view", "with_totals"]

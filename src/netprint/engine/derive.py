"""derive: cell terms and indicators, per draw, any function of sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netprint.engine.coefficients import Coefficients
from netprint.engine.labels import Groups, Labels, group
from netprint.engine.plan import Plan
from netprint.engine.resolve import Gap
from netprint.formula.evaluate import Asked, DivisionByZero, Names, evaluate, needed
from netprint.formula.parse import Call, Lookup, Name, Tree, children
from netprint.load.method import Term

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Summand:
    """Something that cell terms and indicators may sum: an activity, a term, an account or a total.

    ``columns``: the labels of its parts; ``sum``: Σ over some of them, in coherent units, ``(1 + N,)`` or ``(1,)``.
    """

    columns: Mapping[str, Labels]
    size: int
    sum: Callable[[Codes], Array]


class Grouped(dict[tuple[str, tuple[str, ...]], tuple[Groups, dict[tuple[str, ...], int], list[Codes]]]):
    """How activities and terms fall into the cells of a grain; the same in every run of the same lines."""


class Sums:
    """Sums of summands over the cells of any grain, each computed once.

    ``grouped`` holds the cells of the summands given at the start, which runs of the same lines share.
    """

    def __init__(self, summands: Mapping[str, Summand], grouped: Grouped | None = None) -> None:
        self.summands = dict(summands)
        self._shared, self._groups = Grouped() if grouped is None else grouped, Grouped()
        self._fixed = frozenset(summands)
        self._sums: dict[tuple[str, tuple[str, ...], tuple[str, ...]], Array | None] = {}

    def cells(self, name: str, grain: tuple[str, ...]) -> list[tuple[str, ...]]:
        """The cells of ``grain`` in which ``name`` has parts."""
        return list(self._grouped(name, grain)[1])

    def at(self, name: str, grain: tuple[str, ...], cell: tuple[str, ...]) -> Array | None:
        """Σ of ``name`` over one cell, or None where it has no part there."""
        key = (name, grain, cell)
        if key not in self._sums:
            _, index, members = self._grouped(name, grain)
            self._sums[key] = self.summands[name].sum(members[index[cell]]) if cell in index else None
        return self._sums[key]

    def _grouped(
        self, name: str, grain: tuple[str, ...]
    ) -> tuple[Groups, dict[tuple[str, ...], int], list[Codes]]:
        groups_ = self._shared if name in self._fixed else self._groups
        if (name, grain) not in groups_:
            summand = self.summands[name]
            empty = Labels(np.zeros(summand.size, dtype=np.int64), ("",))
            groups = group({c: summand.columns.get(c, empty) for c in grain}, summand.size)
            order = np.argsort(groups.group, kind="stable").astype(np.int64)
            cuts = np.searchsorted(groups.group[order], np.arange(1, len(groups)))
            members = [m.astype(np.int64) for m in np.split(order, cuts)]
            index = {key: g for g, key in enumerate(groups.keys())}
            groups_[name, grain] = (groups, index, members)
        return groups_[name, grain]


@dataclass(frozen=True)
class Derived:
    """The value of a cell term or indicator in one cell; coherent units, ``(1 + N,)`` or ``(1,)``.

    ``value`` is None where a factor is a gap (``gaps``) or where the value is undefined (``undefined`` says why).
    """

    term: Term
    cell: Mapping[str, str]
    value: Array | None
    needs: tuple[Asked, ...] = ()
    gaps: tuple[Gap, ...] = ()
    undefined: str = ""


def derive(
    term: Term, grain: tuple[str, ...], sums: Sums, plan: Plan, coefficients: Coefficients
) -> list[Derived]:
    """One cell term or indicator for every cell of ``grain``.

    The cells are those in which a name that the formula uses plainly (not inside ``sum``) has parts.
    """
    plain, summed = _names(term, sums)
    cells: dict[tuple[str, ...], None] = {}
    for name in sorted(plain) or sorted({n for n, _ in summed}):
        cells.update(dict.fromkeys(sums.cells(name, grain)))
    return [
        derived
        for cell in sorted(cells)
        if (derived := _at(term, grain, cell, plain, summed, sums, plan, coefficients)) is not None
    ]


def _names(term: Term, sums: Sums) -> tuple[set[str], set[tuple[str, tuple[str, ...]]]]:
    """The summands that a formula uses plainly, and those inside ``sum`` with what they are summed over."""
    plain: set[str] = set()
    summed: set[tuple[str, tuple[str, ...]]] = set()
    stack: list[Tree] = [term.formula]
    while stack:
        match stack.pop():
            case Lookup():
                pass  # names inside an index are columns
            case Call("sum", (Name(name),), over):
                summed.add((name, over))
            case Name(name) if name in sums.summands:
                plain.add(name)
            case node:
                stack.extend(children(node))
    return plain, summed


def has_grain(term: Term, grain: tuple[str, ...], sums: Sums) -> bool:
    """Whether every name of an indicator is told apart by every column of ``grain`` by which another one is.

    Subscribers counted for the whole organisation say nothing about a site.
    """
    plain, _ = _names(term, sums)
    for column in grain:
        told = {
            n: any(cell != ("",) for cell in sums.cells(n, (column,))) for n in plain if sums.summands[n].size
        }
        if any(told.values()) and not all(told.values()):
            return False
    return True


def _at(
    term: Term,
    grain: tuple[str, ...],
    cell: tuple[str, ...],
    plain: set[str],
    summed: set[tuple[str, tuple[str, ...]]],
    sums: Sums,
    plan: Plan,
    coefficients: Coefficients,
) -> Derived | None:
    labels = dict(zip(grain, cell, strict=True))
    values = {n: sums.at(n, grain, cell) for n in plain}
    if term.indicator and any(v is None for v in values.values()):
        return None  # an indicator needs all its parts; absence is not zero
    zero = np.zeros(1)
    known = {n: zero if v is None else v for n, v in values.items()}
    known |= {n: np.array([float(labels[n])]) * u.scale for n, u in plan.numeric.items() if labels.get(n)}
    over = {}
    for name, columns in summed:
        kept = tuple(c for c in grain if c not in columns)
        total = sums.at(name, kept, tuple(labels[c] for c in kept))
        over[name, columns] = zero if total is None else total
    resolver = coefficients.resolver
    needs = tuple(dict.fromkeys(needed(term.formula, labels, known, plan.cards, resolver.held)))
    gaps = tuple(a for a in map(resolver, needs) if isinstance(a, Gap))
    if gaps:
        return Derived(term, labels, None, needs, gaps)
    try:
        value = evaluate(term.formula, Names(labels, known, coefficients.factor, resolver.held, over))
    except DivisionByZero as error:
        return Derived(term, labels, None, needs, undefined=f"{error} is zero")
    if not np.isfinite(value).all():
        return Derived(term, labels, None, needs, undefined="it is not a finite number")
    return Derived(term, labels, value, needs)

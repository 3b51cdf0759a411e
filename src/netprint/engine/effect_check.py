"""What multiplies one user's amounts, and whether its shares are shares: values outside 0 to 1 are refused."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from netprint.engine.run import Run
from netprint.errors import InputError, Problem
from netprint.formula.evaluate import Names, evaluate, needed
from netprint.formula.parse import Tree, parse
from netprint.load.effect_compile import GRID, Compiled

Array = NDArray[np.float64]
SCALES = ("users", "adoption", "already", "effective_use")
#: What a share may miss its ends by: the error of a sum.
CLOSE = 1e-9


def scaling(run: Run) -> list[str]:
    """The factors that scale, as far as an amount rests on them."""
    names = [f"scale_{n}" for n in SCALES]
    names += sorted(c for c in run.plan.cards if c.startswith("scale_left_"))
    return [n for n in names if n in run.plan.cards]


def worth(run: Run, tree: Tree, country: str, year: str) -> Array | None:
    """An expression of the study in coherent units, ``(1 + N,)``; None where a factor of it is a gap."""
    coefficients, labels = run.coefficients, {"country": country, "year": year}
    held = coefficients.resolver.held
    if not all(held(a) for a in needed(tree, labels, {}, run.plan.cards, held)):
        return None
    array = evaluate(tree, Names(labels, {}, coefficients.factor, held))
    return np.broadcast_to(array, (run.n + 1,))


def check_shares(compiled: Compiled, run: Run, where: str = "") -> None:
    """Raise :class:`InputError` naming each factor of the scale that lies outside its limits, in any draw.

    Users are 0 or more; adoption, already, effective use and what an overlap saves are shares from 0 to 1; what moves
    by itself does so by -1 to 1 a year (below zero it grows). ``where``: said behind each finding.
    """
    problems = [
        _outside(compiled, *named, low, high, where)
        for named, low, high in _limits(compiled, run)
        if low < named[2] - CLOSE or high > named[3] + CLOSE
    ]
    if problems:
        raise InputError(problems)


_Named = tuple[str, str, float, float]


def _limits(compiled: Compiled, run: Run) -> Iterator[tuple[_Named, float, float]]:
    """((factor, how the study calls it, least, most allowed), least, most found) over places and years."""
    effect = compiled.effect
    checked: list[tuple[_Named, Tree]] = []
    for name in scaling(run):
        called, most = f"scale.{name.removeprefix('scale_')}", np.inf if name == "scale_users" else 1.0
        tree = parse(f"{name}[country, year]")
        if name.startswith("scale_left_"):
            i = int(name.removeprefix("scale_left_")) - 1
            called, tree = f"scale.overlap.{i}.share", parse(f"1 - {name}[country, year]")
        checked.append(((name, called, 0.0, most), tree))
    for i, drift in enumerate(effect.autonomous):
        name = f"scale_autonomous_{i + 1}"
        if name in run.plan.cards:
            checked.append(((name, f"autonomous.{i}.yearly", -1.0, 1.0), drift.yearly))
    if effect.grid is not None and GRID in compiled.factors.rows:
        checked.append(((GRID, "grid.yearly", -1.0, 1.0), effect.grid.yearly))
    years = sorted({str(r["year"]) for r in compiled.rows})
    for named, tree in checked:
        values = [worth(run, tree, c, y) for c in effect.places or ("",) for y in years]
        held = [v for v in values if v is not None]
        if held:
            yield named, float(np.min(held)), float(np.max(held))


def _outside(
    compiled: Compiled, name: str, called: str, least: float, most: float, low: float, high: float, where: str
) -> Problem:
    row = next(iter(compiled.factors.rows[name].values()))
    told = f"{low:.4g}" if f"{low:.4g}" == f"{high:.4g}" else f"from {low:.4g} to {high:.4g}"
    if np.isinf(most):
        asked, remedy = "0 or more in every draw", "Count the users; take a distribution that begins at 0."
    else:
        asked = f"a share from {least:g} to {most:g} in every draw"
        remedy = (
            "Write 50 % as 0.5; for a range take a distribution that stays within it, such as triangular."
        )
    return Problem(row.file, row.line, called, f"it is {told}{where}", asked, remedy)

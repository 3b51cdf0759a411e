"""The default effect of a practice, by one written rule from its evidence.

1. At least three measured studies: the 95 % prediction interval of a new case, ``m ± t(n-1) · s · √(1 + 1/n)``, as a
   normal distribution (Higgins, Thompson and Spiegelhalter 2009, J. R. Stat. Soc. A 172, 137-159, section 3: the range
   of the effect in a new setting, not of the mean; here of the study values as they stand, without weights).
2. Else the widest range of all measured, life-cycle and arithmetic evidence; the median of the best grade among them
   is the mode of a triangular distribution. A lone value without a range says nothing of its spread: it is given a
   range from zero to twice the value.
3. Potentials and vendor claims stand beside it and are never pooled with it. Where there is nothing else there is no
   default; ``accept_claims`` then takes their widest range, uniform, and the result says so.

Evidence that contradicts itself, is of another context, is on another basis or that the file keeps out is never used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median, stdev

from netprint.apply.student import quantile
from netprint.load.factor import Shape
from netprint.load.practice import CLAIMS, GRADES, UNUSABLE, Evidence, Practice

ENOUGH = 3
PREDICTION, RANGE, LONE, CLAIMED, YOURS = (
    "prediction interval of a new case", "widest range of the studies", "lone value, from zero to twice it",
    "widest range of claims", "your own",
)  # fmt: skip


@dataclass(frozen=True)
class Default:
    """An effect that can be run: its value, distribution, the rule, the worst grade used, and whether verified."""

    value: float
    shape: Shape
    rule: str
    grade: str
    status: str
    used: tuple[Evidence, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def limits(self) -> tuple[float, float]:
        """The ends of the range, or the 95 % limits of the prediction interval."""
        exact = self.shape.distribution == "exact"
        return (self.value, self.value) if exact else (self.shape.low, self.shape.high)


def default_effect(practice: Practice, *, accept_claims: bool = False) -> Default | None:
    """The default effect, in the effect's unit; None where there is no evidence that gives one."""
    if practice.effect.kind == "benefit":
        return None
    rows = usable(practice)
    measured = [e for e in rows if e.grade == "measured"]
    points = [middle(e) for e in measured]
    if len(points) >= ENOUGH and len(set(points)) > 1:
        return _prediction(practice, measured)
    sound = [e for e in rows if e.grade not in CLAIMS]
    if sound:
        return _range(practice, sound)
    if accept_claims and rows:
        low, high = _ends(rows)
        return _made(practice, rows, (low + high) / 2, low, high, "uniform", CLAIMED)
    return None


def usable(practice: Practice) -> list[Evidence]:
    """The evidence in the effect's own unit, with a number, that nothing speaks against."""
    return [
        e
        for e in practice.evidence
        if e.used and not e.unit and not set(e.flags) & set(UNUSABLE) and (e.value is not None or e.high is not None)
    ]  # fmt: skip


def beside(practice: Practice) -> list[Evidence]:
    """Potentials and vendor claims, which stand beside the default."""
    return [e for e in practice.evidence if e.grade in CLAIMS]


def middle(row: Evidence) -> float:
    """The value, else the middle of the range; "up to" runs from zero."""
    return row.value if row.value is not None else sum(_range_of(row)) / 2


def _range_of(row: Evidence) -> tuple[float, float]:
    """The range of one study: what it states, and its value where it states none."""
    held = [v for v in (row.low, row.value, row.high) if v is not None]
    if row.value is None and row.low is None:
        held.append(0.0)
    return min(held), max(held)


def _ends(rows: Sequence[Evidence]) -> tuple[float, float]:
    ranges = [_range_of(e) for e in rows]
    return min(r[0] for r in ranges), max(r[1] for r in ranges)


def _prediction(practice: Practice, rows: Sequence[Evidence]) -> Default:
    points = [middle(e) for e in rows]
    n, centre = len(points), mean(points)
    half = quantile(0.975, n - 1) * stdev(points) * (1 + 1 / n) ** 0.5
    return _made(practice, rows, centre, centre - half, centre + half, "normal", PREDICTION)


def _range(practice: Practice, rows: Sequence[Evidence]) -> Default:
    best = min(GRADES.index(e.grade) for e in rows)
    centre = median(middle(e) for e in rows if GRADES.index(e.grade) == best)
    low, high = _ends(rows)
    if low < high:
        return _made(practice, rows, centre, low, high, "triangular", RANGE)
    ends = sorted((0.0, 2 * centre))
    if practice.effect.kind == "share":
        ends[1] = min(ends[1], 1.0)
    return _made(practice, rows, centre, ends[0], ends[1], "triangular", LONE)


def _made(
    practice: Practice, rows: Sequence[Evidence], value: float, low: float, high: float, how: str, rule: str
) -> Default:
    shape = Shape(how, "mode" if how == "triangular" else "mean", low, high) if low < high else Shape()
    verified = all(e.status == "verified" for e in rows)
    flags = [f for e in rows for f in e.flags]
    flags += [
        "promoter-made" for e in rows if e.source in practice.sources and practice.sources[e.source].promoter
    ]
    return Default(
        value, shape, rule, max((e.grade for e in rows), key=GRADES.index),
        "verified" if verified else "provisional", tuple(rows), tuple(dict.fromkeys(flags)),
    )  # fmt: skip

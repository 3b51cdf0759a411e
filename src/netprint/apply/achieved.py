"""What a practice achieved: a member's own measurements before and after it, normalised, as evidence for others.

Energy of each period is regressed on what drives it (traffic, degree days, load) over the periods before the practice;
the model then says what the periods after it would have used, and the saving is that less what was measured:
IPMVP Option C, whole facility (Efficiency Valuation Organization, Core Concepts 2022, recalled, not read here), with
the uncertainty of the sum as in ASHRAE Guideline 14 (recalled): prediction error, and first-order autocorrelation of
the residuals, which leaves fewer periods than were counted, ``n' = n (1 - ρ) / (1 + ρ)``. The test of significance is
Student's t of the saving.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netprint.apply.measurements import Measurements, read
from netprint.apply.student import cdf, quantile
from netprint.errors import UsageError

Array = NDArray[np.float64]
#: The least periods before (for each column of the model besides: three more) and after.
BEFORE, AFTER, EACH = 9, 6, 3
#: How far beyond its range before a driver may go after, as a share of that range.
BEYOND = 0.1
#: The least share of the variance that the model must explain where it has drivers.
FIT = 0.5
LEVEL = 0.05


@dataclass(frozen=True)
class Achieved:
    """A saving: as a share of what would have been used, and in the unit of the measurements, with 95 % intervals.

    ``p``: of no saving, two-sided. ``model``: coefficients by name. ``evidence``: a row for the practice's file.
    """

    practice: str
    share: tuple[float, float, float]
    amount: tuple[float, float, float]
    unit: str
    p: float
    significant: bool
    periods: tuple[int, int]
    fit: float
    autocorrelation: float
    model: Mapping[str, float]
    evidence: Mapping[str, Any]
    warnings: tuple[str, ...] = ()

    @property
    def saves(self) -> bool:
        """Whether a saving is significant; a significant increase is none."""
        return self.significant and self.share[0] > 0

    def as_dict(self) -> dict[str, Any]:
        return dict(vars(self))

    def _verdict(self) -> str:
        if not self.significant:
            return "Not significant"
        return "Significant" if self.saves else "A significant increase, no saving"

    def __str__(self) -> str:
        value, low, high = self.share
        amount, least, most = self.amount
        drivers = ", ".join(k for k in self.model if k != "constant") or "nothing (a constant)"
        lines = [
            f"{self.practice}: {'a saving' if value > 0 else 'an increase'} of {abs(value):.3g} of the energy, "
            f"95 % interval {low:.3g} to {high:.3g}",
            f"{amount:,.4g} {self.unit} over the {self.periods[1]} periods after ({least:,.4g} to {most:,.4g})",
            f"Normalised for {drivers}; the model explains {self.fit:.3g} of the variance of the "
            f"{self.periods[0]} periods before; autocorrelation {self.autocorrelation:.2g}",
            f"{self._verdict()}: p = {self.p:.3g}",
            "The row of evidence for others:",
            f"  {_flow(self.evidence)}",
            *(f"Warning: {w}" for w in self.warnings),
        ]
        return "\n".join(lines)


def _flow(row: Mapping[str, Any]) -> str:
    """A mapping as one line of YAML."""
    texts = [f"{k}: {v if isinstance(v, int | float) else _quoted(str(v))}" for k, v in row.items()]
    return f"- {{{', '.join(texts)}}}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def achieved(
    practice: str,
    measurements: str | Path | Sequence[Mapping[str, Any]],
    *,
    place: str = "",
    who: str = "member",
) -> Achieved:
    """The saving that a member measured. ``measurements``: a CSV file, or its rows, with the columns ``period``,
    ``phase`` (before or after), ``energy`` and ``unit``, in any order of rows; periods are written like 2023-01,
    2023-01-15 or 2023-W05, all in one way, and the unit is that of an activity, like kWh. Each other column
    is a number that the energy depends on.

    Raises :class:`netprint.errors.InputError` with every cell that cannot be read, and :class:`UsageError` with every
    reason for which the measurements say nothing: too few periods, one after that precedes one before, a driver
    that moves with the practice or beyond its range, a model that explains too little.
    """
    from netprint.load.practice import practice as known

    known(practice)
    data = read(measurements)
    wrong, warnings = _judged(data)
    if wrong:
        raise UsageError(
            "\n".join(["The measurements say nothing of the practice:", *(f"  {w}" for w in wrong)])
        )
    return _estimated(practice, data, place, who, warnings)


def _judged(data: Measurements) -> tuple[list[str], tuple[str, ...]]:
    """Why the measurements say nothing, and what a reader must know."""
    before = ~data.after
    n, m = int(before.sum()), int(data.after.sum())
    least = BEFORE + EACH * len(data.drivers)
    wrong, warnings = [], []
    if n < least:
        wrong.append(f"{n} periods before; a model with {len(data.drivers)} drivers needs {least}.")
    if m < AFTER:
        wrong.append(f"{m} periods after; at least {AFTER} are needed.")
    early = [p for p, late in zip(data.periods, data.after, strict=True) if late]
    ended = [p for p, late in zip(data.periods, data.after, strict=True) if not late]
    if early and ended and min(early) < max(ended):
        wrong.append(
            f"The period {min(early)} after precedes the period {max(ended)} before; all before the practice must come "
            "first. Check the phases."
        )
    for name, values in data.drivers.items():
        low, high = float(values[before].min(initial=np.inf)), float(values[before].max(initial=-np.inf))
        room = BEYOND * (high - low)
        outside = int(np.sum((values[data.after] < low - room) | (values[data.after] > high + room)))
        if n and high <= low:
            wrong.append(f"{name} does not vary before, so that its effect cannot be told from the constant.")
        elif outside > m / 2:
            wrong.append(
                f"{name} lies outside its range before in {outside} of {m} periods after: its effect cannot be told "
                "from the practice's (confounded)."
            )
        elif outside:
            warnings.append(f"{name} lies outside its range before in {outside} of {m} periods after.")
    if not wrong:
        design = data.design(before)
        if np.linalg.matrix_rank(design / np.abs(design).max(axis=0)) < design.shape[1]:
            wrong.append("Two drivers move together before, so that the model cannot tell them apart.")
        elif data.drivers and _fit(data)[2] < FIT:
            wrong.append(
                f"The model explains {_fit(data)[2]:.2g} of the variance before; at least {FIT} is needed. "
                "Something else drives the energy."
            )
    if not wrong and _drifts(_fit(data)[1]):
        warnings.append(
            "The energy drifts before the practice by more than its drivers say; a trend would go on after."
        )
    if m % 12:
        warnings.append("The periods after are no whole years; a season may be mistaken for the practice.")
    if not data.drivers:
        warnings.append(
            "Nothing was normalised: any other change between before and after counts as the practice's."
        )
    return wrong, tuple(warnings)


def _drifts(residuals: Array) -> bool:
    """Whether what the drivers leave rises or falls with time (a t-test of the correlation at 5 %)."""
    n = len(residuals)
    r = float(np.corrcoef(np.arange(n), residuals)[0, 1]) if np.ptp(residuals) > 0 else 0.0
    return 2 * (1 - cdf(abs(r) * ((n - 2) / max(1 - r * r, 1e-12)) ** 0.5, n - 2)) < LEVEL


def _fit(data: Measurements) -> tuple[Array, Array, float]:
    """Coefficients, residuals and R² of the model of the periods before."""
    design, energy = data.design(~data.after), data.energy[~data.after]
    coefficients = np.linalg.lstsq(design, energy, rcond=None)[0]
    residuals = energy - design @ coefficients
    spread = float(np.sum((energy - energy.mean()) ** 2))
    return (
        np.asarray(coefficients),
        np.asarray(residuals),
        1 - float(residuals @ residuals) / spread if spread else 0.0,
    )


def _estimated(
    practice: str, data: Measurements, place: str, who: str, warnings: tuple[str, ...]
) -> Achieved:
    coefficients, residuals, fit = _fit(data)
    before, after = data.design(~data.after), data.design(data.after)
    n, m, p = len(before), len(after), before.shape[1]
    expected, measured = float(np.sum(after @ coefficients)), float(np.sum(data.energy[data.after]))
    if expected <= 0:
        raise UsageError("The model expects no energy after; a share of nothing has no meaning.")
    rho = (
        max(float(residuals[1:] @ residuals[:-1]) / float(residuals @ residuals), 0.0)
        if residuals.any()
        else 0.0
    )
    thinner = (1 + rho) / (1 - rho) if rho < 1 else np.inf
    df = max(n / thinner - p, 1.0)
    variance = float(residuals @ residuals) / (n - p)
    total = after.sum(axis=0)
    of_model = variance * thinner * float(total @ np.linalg.solve(before.T @ before, total))
    of_periods = variance * thinner * m
    saved = expected - measured
    error = float(np.sqrt(of_model + of_periods))
    ratio = measured / expected
    share_error = float(np.sqrt(ratio**2 * of_model + of_periods)) / expected
    t = quantile(0.975, df)
    p_value = 2 * (1 - cdf(abs(saved) / error, df)) if error > 0 else 0.0
    share = (saved / expected, saved / expected - t * share_error, saved / expected + t * share_error)
    first, last = (sorted(data.periods)[i] for i in (0, -1))
    drivers = ", ".join(data.drivers) or "nothing"
    evidence = {
        "value": round(share[0], 4), "low": round(share[1], 4), "high": round(share[2], 4), "n": 1,
        "what": f"before and after at one {who}, {n} and {m} periods from {first} to {last}, normalised for {drivers}, "
        f"p = {p_value:.2g}",
        "place": place, "year": last[:4], "grade": "measured", "source": "own", "status": "provisional",
    }  # fmt: skip
    return Achieved(
        practice, share, (saved, saved - t * error, saved + t * error), data.unit, p_value, p_value < LEVEL, (n, m),
        fit, rho, dict(zip(("constant", *data.drivers), (float(c) for c in coefficients), strict=True)), evidence,
        warnings,
    )  # fmt: skip

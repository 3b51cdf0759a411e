"""The circularity score of ICT goods by Recommendation ITU-T L.1023 (08/2023).

For each indicator its relevance R is set and the margin of improvement MI assessed; a matrix gives a percentage for
each pair of them, and each of three aspects has the mean of its indicators. Seen: the summary of the Recommendation;
its matrix was not, so that the user gives it, and there is no score without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean
from types import MappingProxyType

from netprint.errors import GapError, Problems, did_you_mean

ASPECTS: Mapping[str, str] = MappingProxyType(
    {
        "durability": "Product durability",
        "3RUe": "Ability to recycle, repair, reuse and upgrade, of the equipment",
        "3RUm": "Ability to recycle, repair, reuse and upgrade, of its manufacturer",
    }
)
Matrix = Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class Indicator:
    """One indicator of an aspect: its relevance R and margin of improvement MI, as the matrix labels them.

    ``applies`` is False where it does not apply to the good; it is then left out of the mean.
    """

    id: str
    aspect: str
    relevance: str
    margin: str
    applies: bool = True


@dataclass(frozen=True)
class Score:
    """Percentages by indicator and aspect. ``overall`` is the mean of the aspects by the weights that were declared,
    and None where none were: the Recommendation gives no weights."""

    indicators: Mapping[str, float]
    aspects: Mapping[str, float]
    overall: float | None
    weights: Mapping[str, float] | None
    status: str = "provisional"


def circularity_score(
    indicators: Iterable[Indicator], matrix: Matrix | None, weights: Mapping[str, float] | None = None
) -> Score:
    """The score of a good. ``matrix``: (R, MI) → percentage 0 to 100, by the user from the Recommendation.

    Raises :class:`GapError` where there is no matrix or a pair is missing from it, and
    :class:`~netprint.errors.InputError` for unknown aspects, percentages outside 0 to 100, wrong weights and an aspect
    without an indicator that applies.
    """
    given = list(indicators)
    if matrix is None:
        raise GapError(["the matrix of relevance and margin of improvement of ITU-T L.1023"])
    _check(given, matrix, weights)
    used = [i for i in given if i.applies]
    missing = sorted({(i.relevance, i.margin) for i in used} - set(matrix))
    if missing:
        raise GapError([f"L.1023 matrix[R {r}, MI {m}]" for r, m in missing])
    scores = {i.id: matrix[i.relevance, i.margin] for i in used}
    aspects = {a: fmean(scores[i.id] for i in used if i.aspect == a) for a in ASPECTS}
    overall = None
    if weights is not None:
        overall = sum(weights[a] * aspects[a] for a in ASPECTS) / sum(weights.values())
    return Score(scores, aspects, overall, weights)


def _check(given: list[Indicator], matrix: Matrix, weights: Mapping[str, float] | None) -> None:
    problems = Problems()
    seen: set[str] = set()
    for line, indicator in enumerate(given, 1):
        if indicator.aspect not in ASPECTS:
            problems.add("indicators", line, "aspect", found=f"the aspect {indicator.aspect!r}",
                         expected=", ".join(ASPECTS),
                         remedy=did_you_mean(indicator.aspect, ASPECTS) or "Use one of these.")  # fmt: skip
        if indicator.id in seen:
            problems.add("indicators", line, "id", found=f"{indicator.id!r} a second time",
                         expected="each indicator once", remedy="Remove one of them.")  # fmt: skip
        seen.add(indicator.id)
    for aspect in ASPECTS:
        if not any(i.aspect == aspect and i.applies for i in given):
            problems.add("indicators", None, "aspect", found=f"no indicator of {aspect} applies",
                         expected="one or more for each of the three aspects", remedy="Assess one.")  # fmt: skip
    for (r, m), percentage in matrix.items():
        if not 0 <= percentage <= 100:
            problems.add("matrix", None, f"R {r}, MI {m}", found=f"{percentage}", expected="a percentage, 0 to 100",
                         remedy="Copy it from the Recommendation.")  # fmt: skip
    if weights is not None and (
        set(weights) != set(ASPECTS) or min(weights.values()) < 0 or not sum(weights.values())
    ):
        problems.add("weights", None, None, found=f"{dict(weights)}", expected=f"a weight for {', '.join(ASPECTS)}",
                     remedy="Declare all three, or none.")  # fmt: skip
    problems.raise_if_any()

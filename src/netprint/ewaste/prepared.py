"""From apparent consumption to a whole table: cleaned, cast back, every value that was changed or made listed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netprint.errors import UsageError
from netprint.ewaste import cleaning
from netprint.ewaste.keys import load_keys
from netprint.ewaste.trade import Placed

Array = NDArray[np.float64]
BELOW = "below zero"


@dataclass(frozen=True)
class Flag:
    """What was done to one value; ``given`` is NaN where there was none, ``used`` is what the account counts."""

    country: str
    key: str
    year: int
    given: float
    used: float
    what: str


@dataclass(frozen=True)
class Prepared:
    """``placed``: ``(countries, keys, years)`` in the unit given, NaN only where ``gaps`` says so (country, key)."""

    countries: tuple[str, ...]
    keys: tuple[str, ...]
    years: tuple[int, ...]
    placed: Array
    flags: tuple[Flag, ...]
    gaps: tuple[tuple[str, str], ...]


def as_array(
    given: Iterable[Placed],
    countries: Sequence[str],
    keys: Sequence[str],
    years: Sequence[int],
    in_mass: bool = True,
) -> Array:
    """``(countries, keys, years)`` in kg, or in units; NaN where nothing was given. Rows elsewhere are left out."""
    at = {
        (p.country, p.key, p.year): p.mass if in_mass else p.units
        for p in given
    }  # fmt: skip
    values = [[[at.get((c, k, y), np.nan) for y in years] for k in keys] for c in countries]
    return np.array(values, dtype=np.float64)


def prepare(
    placed: Array,
    countries: Sequence[str],
    keys: Sequence[str],
    years: Sequence[int],
    population: Array,
    *,
    first: int = 1980,
    outliers: bool = True,
) -> Prepared:
    """Clean amounts per inhabitant, then cast them back to ``first``, by the rules of :mod:`netprint.ewaste.cleaning`.

    ``placed``: ``(countries, keys, years)``, NaN where missing. ``population``: ``(countries, years from first on)``.
    ``outliers``: False fills holes only. Years before the introduction of a key are zero. A key is a gap where a hole
    of more than two years lies between its values, and where it has only zeros that begin after its introduction.
    Amounts below zero are kept and flagged.
    """
    whole = tuple(range(min(first, years[0]), years[-1] + 1))
    if placed.shape != (len(countries), len(keys), len(years)) or population.shape != (
        len(countries),
        len(whole),
    ):
        raise UsageError(
            f"What was placed has the shape {placed.shape} and population {population.shape}; "
            f"{(len(countries), len(keys), len(years))} and {(len(countries), len(whole))} are wanted."
        )
    out = np.full((len(countries), len(keys), len(whole)), np.nan)
    flags: list[Flag] = []
    gaps = []
    late = len(whole) - len(years)
    for c, country in enumerate(countries):
        for k, key in enumerate(keys):
            found = _series(placed[c, k], population[c, late:], years, key, first, outliers)
            if found is None or not np.isfinite(found.array).all():
                gaps.append((country, key))
                continue
            out[c, k] = found.array * population[c]
            told = found.told
            for t, year in enumerate(whole):
                before = float(placed[c, k, t - late]) if t >= late else float("nan")
                used = float(out[c, k, t])
                what = [told[year]] if year in told else []
                what += [BELOW] if used < 0 else []
                if what:
                    flags.append(Flag(country, key, year, before, used, "; ".join(what)))
    return Prepared(tuple(countries), tuple(keys), whole, out, tuple(flags), tuple(gaps))


def _series(
    placed: Array, population: Array, years: Sequence[int], key: str, first: int, outliers: bool
) -> cleaning.Series | None:
    """One key of one country per inhabitant, cleaned; None where no value is left."""
    given = cleaning.series(years, (placed / population).tolist())
    made = cleaning.clean(given) if outliers else cleaning.fill(given)
    introduced = load_keys()[key].introduced
    if (np.isfinite(made.array) & (made.array != 0)).any():
        return cleaning.back_cast(made, introduced, first)
    known = np.isfinite(made.array).all() and years[0] <= max(first, introduced)
    return cleaning.none_before(made, first) if known else None

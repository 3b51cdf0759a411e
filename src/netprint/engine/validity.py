"""Values used for a year for which their source does not state them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from netprint.engine.audit import leaves
from netprint.engine.run import Run
from netprint.formula.evaluate import Asked
from netprint.load.factor import Factor

NAMED = 3
"""How many of a source's factors a warning names."""


def overstepped(run: Run) -> list[str]:
    """A warning for each source and period of validity (``valid_from``, ``valid_to``) that a used year lies outside of.

    A factor indexed by year says its validity there; what stands in for another year is a proxy and told as one.
    """
    beyond: dict[tuple[str, str], tuple[dict[str, None], set[int]]] = {}
    dated: dict[Asked, tuple[Factor, ...]] = {}
    for needs, labels in _asked(run):
        years = _years(run, labels)
        for asked in needs:
            if asked not in dated:
                dated[asked] = tuple(f.factor for _, f in leaves(run, [asked]) if f.factor.validity)
            for factor in dated[asked]:
                out = {year for year in years if not factor.holds_in(year)}
                if out:
                    names, told = beyond.setdefault((factor.source, factor.validity), ({}, set()))
                    names[factor.label] = None
                    told |= out
    return [_told(*key, list(names), sorted(years)) for key, (names, years) in beyond.items()]


def _asked(run: Run) -> Iterator[tuple[tuple[Asked, ...], Mapping[str, str]]]:
    yield from ((tuple(u.needs), u.labels) for u in run.lines.uniques)
    yield from ((tuple(d.needs), d.cell) for d in run.derived)


def _years(run: Run, labels: Mapping[str, str]) -> list[int]:
    """The year of a line or cell; where neither has one, those of the study's period."""
    year = labels.get("year", "")
    if year.isdigit():
        return [int(year)]
    return list(range(run.period[0], run.period[1] + 1)) if run.period else []


def _told(source: str, validity: str, names: list[str], years: list[int]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return (
        f"{source} states {', '.join(names[:NAMED])}{more} for {validity}; here they stand for "
        f"{', '.join(map(str, years))}."
    )

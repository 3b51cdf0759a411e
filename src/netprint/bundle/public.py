"""What may be shown of a result: totals, cells and their statistics, nothing that gives an activity back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING

from netprint.bundle.withheld import shareable
from netprint.errors import InputError, UsageError
from netprint.formula.parse import Binary, FormulaError, Lookup, Name, Negative, Number, parse, walk
from netprint.load.method import ACCOUNTS
from netprint.result import Result, Table, table

if TYPE_CHECKING:
    from netprint.assess import Prepared

#: Of a public bundle's factor rows: a cell divided by a factor's value is the activity.
VALUES = ("value", "low", "high")
OTHER_RELEASE = "The bundle was made with another release of the catalogue; numbers may differ from it."


def published(result: Result) -> Result:
    """What may be shown of a result.

    No collapsed table, trace, drivers, sensitivities, study, hashes of the data, own factors or values of factors; no
    indicator but ratios of totals; no amount in warnings, gaps and figures reported.
    """
    kept = [{**row, **dict.fromkeys(VALUES)} for row in result.factors if row["whose"] != "own"]
    named = {row["source"] for row in kept}
    told = [{**row, "implied": None, "per": "", "per_unit": ""} for row in result.reported]
    warnings = tuple(_warnings(result))
    shown = shareable(result)
    tags = {k: v for k, v in shown.tags.items() if k not in ("collapsed", "study")}
    tags["preparation"] = []  # what the steps tell has amounts in it
    if "supersedes" in tags:  # a bar may be one entity's emissions
        tags["supersedes"] = {**tags["supersedes"], "bars": [], "entities": [], "measures": [], "notes": [],
                              "decision": ""}  # fmt: skip
    return replace(
        shown, tags={**tags, "sensitivities": {}}, warnings=warnings, study="", files={}, inputs={}, collapsed=None,
        draws={}, sensitivities={}, lines=_none(result.lines), drivers=_none(result.drivers),
        propagation=_none(result.propagation), factors=table(kept, list(result.factors.columns)),
        sources=table([s for s in result.sources if s["source"] in named], list(result.sources.columns)),
        gaps=table([{**row, "quantity": None} for row in result.gaps], list(result.gaps.columns)),
        reported=table(told), indicators=_indicators(result),
    )  # fmt: skip


def _none(of: Table) -> Table:
    return Table({name: [] for name in of.columns})


def _indicators(result: Result) -> Table:
    """Indicators that divide totals by totals; any other names an activity, or a factor that gives one back."""
    totals = {n.replace("-", "_") for n in (*ACCOUNTS, *result.tags["totals"])}
    formulas = {t["term"]: t.get("formula", "") for t in result.tags["terms"]}
    rows = [r for r in result.indicators if _of_totals(str(formulas.get(r["indicator"]) or ""), totals)]
    return table(rows, list(result.indicators.columns))


def _of_totals(formula: str, totals: set[str]) -> bool:
    try:
        nodes = list(walk(parse(formula)))
    except FormulaError:
        return False
    return all(
        node.id in totals if isinstance(node, Name) else isinstance(node, Number | Binary | Negative)
        for node in nodes
    )


# -- warnings --------------------------------------------------------------------------------------------------------


def _warnings(result: Result) -> Iterator[str]:
    """The warnings again, from the tables and the method; how many others there are, since these may hold amounts."""
    if result.collapsed is None:  # it is public already
        yield from result.warnings
        return
    left = list(result.warnings)
    for begins, holds, said in _known(result):
        same = [w for w in left if w.startswith(begins) and holds in w]
        left = [w for w in left if w not in same]
        if same:
            yield said
    if left:
        yield f"Warnings that may hold confidential values are not shown: {len(left)}."


def _known(result: Result) -> Iterator[tuple[str, str, str]]:
    """(how a warning begins, what it holds, what is said in its place)."""
    from netprint.assess import restore

    first, last = (int(y) for y in result.tags["period"])
    for row in result.views["all"]:
        begins = f"{row['account']}: factors were found for "
        yield (
            begins,
            "is a gap",
            f"{begins}{row['coverage']:.1%} of the records; the rest is a gap, not zero.",
        )
    for name in sorted(set(result.collapsed.labels["activity"].values)):
        begins = f"No term of the method takes the activity {name}"
        yield f"{begins}: ", "not assessed", f"{begins}; it is not assessed."
    yield "", " records state no uncertainty; ", "Some records state no uncertainty; they count as exact."
    yield "", " records lie outside the period ", "Some records lie outside the period and are not assessed."
    nothing = f"No record lies in the period {first} to {last}."
    yield nothing, "", nothing
    for year in range(first, last + 1):
        begins = f"{year} is not in the period of "
        yield begins, "", f"{begins}every bundle; its totals lack some."
    yield OTHER_RELEASE, "", OTHER_RELEASE
    try:
        prepared = restore(result)
    except (InputError, UsageError):
        return
    yield from _of_terms(prepared)


def _of_terms(prepared: Prepared) -> Iterator[tuple[str, str, str]]:
    """What cell terms warn of, and factors of another kind that stand in."""
    plan = prepared.plan
    terms = (*plan.terms, *plan.cell_terms, *plan.indicators)
    for term in terms:
        if term.warn:
            yield f"{term.warn}: ", "", f"{term.warn}."
    for term in terms:
        named = list(dict.fromkeys(n.factor for n in walk(term.formula) if isinstance(n, Lookup)))
        for one, other in permutations(named, 2):
            said = f"{term.id}: {one} is not known everywhere; {other} stands in."
            yield f"{term.id}: {one} is not known for ", f"; {other} stands in.", said

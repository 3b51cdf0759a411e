"""assess: from a study to its result. ``merge`` is the same on the collapsed tables of several bundles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netprint import places
from netprint.engine import audit
from netprint.engine.collapse import collapse
from netprint.engine.compute import Computed, Model, compute, gaps
from netprint.engine.labels import constant
from netprint.engine.plan import Plan, plan
from netprint.engine.rows import Rows
from netprint.errors import GapError, Problems
from netprint.load.activities import Schema, load_activities
from netprint.load.factors import catalog
from netprint.load.study import Scenario, Study, load_study
from netprint.result import Result, Table, table


def assess(
    study: str | Path | Mapping[str, Any] | Study, activities: Any = None, *, engine: str = "relational"
) -> Result:
    """Assess a study: a path, a mapping of the same form, or a loaded one.

    ``activities`` replaces the study's own: any dataframe, path or list of dicts. ``engine`` is the way rows are
    summed, ``relational`` or ``dense``; both give the same bits. Raises :class:`netprint.errors.InputError` with
    every problem found, and :class:`netprint.errors.GapError` where a factor is missing and the study says
    ``gaps: error``.
    """
    prepared = prepare(study, activities)
    return compute_result(prepared, collapse_activities(prepared, engine))


@dataclass(frozen=True)
class Prepared:
    """A study that has been loaded and planned; nothing has been read."""

    study: Study
    plan: Plan
    activities: Any


def prepare(study: str | Path | Mapping[str, Any] | Study, activities: Any = None) -> Prepared:
    """Load and plan. Raises :class:`netprint.errors.InputError` with every problem of study, methods and factors."""
    problems = Problems()
    if isinstance(study, Study):
        loaded: Study | None = study
    else:
        if activities is not None and isinstance(study, Mapping):
            study = {**study, "activities": activities}
        loaded = load_study(study, problems)
    if loaded is None:
        problems.raise_if_any()
        raise AssertionError
    cards = {**catalog().cards, **loaded.own.cards}
    extra = [t for s in loaded.sensitivities for t in (s.select, s.times) if t is not None]
    planned = plan(
        loaded.methods, loaded.by, cards, load_activities(), loaded.columns, extra, problems, loaded.file
    )
    problems.raise_if_any()
    return Prepared(loaded, planned, activities if activities is not None else loaded.activities)


def collapse_activities(prepared: Prepared, engine: str = "relational") -> Rows:
    """Read and sum the study's tables. Raises :class:`netprint.errors.InputError` with every bad row."""
    from netprint.engine.read import read
    from netprint.engine.tables import connect

    problems = Problems()
    with connect() as connection:
        view = read(
            _sources(prepared),
            schema(prepared),
            connection=connection,
            problems=problems,
            root=prepared.study.root,
        )
        problems.raise_if_any()
        return collapse(connection, view, prepared.plan.key, engine)


def _sources(prepared: Prepared) -> list[Any]:
    given = prepared.activities
    listed = list(given) if isinstance(given, list | tuple) and not _is_rows(given) else [given]
    return listed + ([prepared.study.instruments] if prepared.study.instruments is not None else [])


def _is_rows(given: list[Any] | tuple[Any, ...]) -> bool:
    return bool(given) and isinstance(given[0], Mapping)


def schema(prepared: Prepared) -> Schema:
    """What the study's tables may hold."""
    study, planned = prepared.study, prepared.plan
    first, last = study.period
    defaults = dict(study.defaults)
    if first == last:
        defaults.setdefault("year", str(first))
    return Schema(
        activities=planned.activities,
        families=planned.families,
        countries=places.load(),
        years=study.period,
        keep=planned.row_columns,
        numeric={k: str(u) for k, u in planned.numeric.items()},
        defaults=defaults,
    )


def model(study: Study, planned: Plan, scenario: Scenario | None = None) -> Model:
    """What collapsed rows of this study are assessed with, under a scenario where one is given."""
    return Model(
        planned,
        (study.own, catalog()),
        places.load().groups,
        {"gwp": f"gwp_{study.gwp.lower()}"},
        study.seed,
        study.draws,
        {} if scenario is None else scenario.factors,
    )


def compute_result(prepared: Prepared, rows: Rows) -> Result:
    """The result of collapsed rows: statistics, trace, drivers, gaps, sensitivities and tags."""
    study, planned = prepared.study, prepared.plan
    kept = within(rows, study.period)
    base = model(study, planned)
    computed = compute(base, kept, completeness(study, kept))
    missing = gaps(computed.run)
    if study.gaps == "error" and len(missing):
        raise GapError([audit.gap_text(row) for row in missing])
    return Result(
        title=study.title,
        kind=study.kind,
        by=study.by,
        cells=computed.cells,
        views=computed.views,
        indicators=computed.indicators,
        lines=audit.trace(computed.run, computed.draws),
        factors=audit.factors(computed.run),
        drivers=audit.drivers(base, kept, computed.draws),
        trend=audit.trend(computed.draws, study.base_year, study.period),
        propagation=audit.propagation(base, kept),
        gaps=missing,
        tags=tags(study, planned, kept),
        warnings=warnings(study, planned, kept, computed),
        draws=computed.draws,
        sensitivities={s.name: sensitivity(prepared, s, kept) for s in study.sensitivities},
        reported=table([vars(r) for r in study.reported]),
        collapsed=rows,
        study=study.text,
    )


def sensitivity(prepared: Prepared, scenario: Scenario, rows: Rows) -> Table:
    """The yearly totals under a scenario that replaces factors, on the same draws."""
    changed = model(prepared.study, prepared.plan, scenario)
    return compute(changed, rows, completeness(prepared.study, rows)).views["year"]


def tags(study: Study, planned: Plan, rows: Rows) -> dict[str, Any]:
    """What goes with every number of the result: no bare number."""
    return {
        "gwp": study.gwp,
        "methods": [m.id for m in study.methods],
        "cites": list(dict.fromkeys(c for m in study.methods for c in m.cites)),
        "terms": [
            {"term": t.id, "title": t.title, "cites": t.cites, "status": t.status}
            for t in (*planned.terms, *planned.cell_terms, *planned.indicators)
        ],
        "totals": {name: list(parts) for name, parts in planned.totals.items()},
        "period": list(study.period),
        "base_year": study.base_year,
        "consolidation": study.consolidation,
        "draws": study.draws,
        "seed": study.seed,
        "interval": "2.5th to 97.5th percentile",
        "collapsed": rows.hash,
        "study": study.hash,
        "statements": dict(study.statements),
    }


def warnings(study: Study, planned: Plan, rows: Rows, computed: Computed) -> tuple[str, ...]:
    """What a reader must know before using the numbers."""
    found = []
    fed = {t.activity for t in planned.terms}
    activity = rows.labels["activity"]
    for name in activity.values:
        here = activity.codes == activity.values.index(name)
        if not here.any():
            continue
        known = planned.activities.get(name)
        if name not in fed and not (known and known.kind == "driver"):
            amount = float(rows.quantity[here].sum())
            found.append(
                f"No term of the method takes the activity {name}: {amount:,.6g} {known.unit if known else ''} are not assessed."
            )
    records, unstated = int(rows.count.sum()), int(rows.unstated.sum())
    if unstated:
        found.append(f"{unstated:,} of {records:,} records state no uncertainty; they count as exact.")
    for row in computed.views["all"]:
        if row["coverage"] is not None and row["coverage"] < 1:
            found.append(
                f"{row['account']}: factors were found for {row['coverage']:.1%} of the records; the rest is a gap, not zero."
            )
    if len(rows) == 0:
        found.append(f"No record lies in the period {study.period[0]} to {study.period[1]}.")
    return tuple(found)


def within(rows: Rows, period: tuple[int, int]) -> Rows:
    """The rows of the study's period."""
    import numpy as np

    year = rows.labels.get("year", constant("", len(rows)))
    inside = np.array([not y.isdigit() or period[0] <= int(y) <= period[1] for y in year.values], dtype=bool)
    return rows.take(np.flatnonzero(inside[year.codes]).astype(np.int64)) if len(rows) else rows


def completeness(study: Study, rows: Rows):  # type: ignore[no-untyped-def]
    """The share of what there should be (sites, entities, subscribers) that the data hold; None where not stated."""
    stated = dict(study.completeness)

    def of(at: Mapping[str, str]) -> float | None:
        if "stated" in stated:
            return stated["stated"]
        shares = []
        for column, expected in stated.items():
            labels = rows.labels.get(column)
            if labels is not None:
                mask = [
                    i for i in range(len(rows))
                    if all(rows.labels[c].values[rows.labels[c].codes[i]] == v for c, v in at.items() if c in ("year", "country") and c in rows.labels)
                ]  # fmt: skip
                shares.append(len({labels.codes[i] for i in mask}) / expected)
        return min(shares) if shares else None

    return of

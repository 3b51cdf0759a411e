"""assess: from a study to its result. ``merge`` is the same on the collapsed tables of several bundles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from netprint import claims, places
from netprint.bundle import provenance, restored
from netprint.bundle import read as read_bundle
from netprint.engine import audit
from netprint.engine.collapse import collapse
from netprint.engine.compute import Computed, Model, compute, gaps
from netprint.engine.computed import inputs, with_columns
from netprint.engine.effect import described, effect_result
from netprint.engine.labels import constant
from netprint.engine.plan import HOLDING, Plan, plan
from netprint.engine.prepare.context import Calendar, Context, Note
from netprint.engine.rows import Rows
from netprint.engine.run import Run
from netprint.engine.scenarios import multiplied
from netprint.engine.sensitivity import sensitivity as sensitivity_of
from netprint.engine.validity import overstepped
from netprint.errors import GapError, InputError, Problems, UsageError, did_you_mean
from netprint.formula.parse import Name, walk, write
from netprint.load.activities import Schema, load_activities
from netprint.load.factors import catalog
from netprint.load.guards import own_warnings
from netprint.load.method import COLUMNS
from netprint.load.prepare import divides
from netprint.load.scenario import Scenario
from netprint.load.study import Study, load_study
from netprint.result import Result, Table, table
from netprint.units import parse, ratio


def assess(
    study: str | Path | Mapping[str, Any] | Study, activities: Any = None, *, engine: str = "relational"
) -> Result:
    """Assess a study: a path, a mapping of the same form, or a loaded one.

    ``activities`` replaces the study's own: any dataframe, path or list of dicts. ``engine`` is the way rows are
    summed, ``relational`` or ``dense``; both give the same bits. Raises :class:`netprint.errors.InputError` with
    every problem found, and :class:`netprint.errors.GapError` where a factor is missing and the study says
    ``gaps: error``.
    """
    return assess_prepared(prepare(study, activities), engine)


def assess_prepared(prepared: Prepared, engine: str = "relational") -> Result:
    """The result of a study that has been loaded; raises what :func:`assess` raises."""
    from netprint.restate import superseding

    gathered = collapse_activities(prepared, engine)
    hashes = provenance.hashes(prepared.study, prepared.files, prepared.activities, prepared.root)
    return superseding(compute_result(prepared, gathered.rows, hashes, gathered.notes), prepared.study)


def rerun(bundle: str | Path | Result) -> Result:
    """Assess the collapsed table of a bundle again, by the study that the bundle holds.

    With the catalogue of its release a bundle reproduces itself; with another one a warning says so. Raises
    :class:`netprint.errors.UsageError` for a public bundle, which holds no collapsed table.
    """
    kept = bundle if isinstance(bundle, Result) else read_bundle(bundle)
    prepared = restore(kept)
    notes = tuple(Note(**note) for note in kept.tags.get("preparation", ()))
    result = compute_result(prepared, kept.collapsed, kept.inputs, notes)
    if "supersedes" in kept.tags:
        result = replace(result, tags={**result.tags, "supersedes": kept.tags["supersedes"]})
    if kept.versions.get("catalogue") != result.versions["catalogue"]:
        other = "The bundle was made with another release of the catalogue; numbers may differ from it."
        result = replace(result, warnings=(*result.warnings, other))
    return result


def restore(kept: Result) -> Prepared:
    """The study of a bundle, loaded and planned again from what the bundle holds."""
    if kept.collapsed is None:
        raise UsageError(
            f"'{kept.title}' is a public bundle: it holds no collapsed table and cannot be assessed again."
        )
    with restored(kept) as path:
        prepared = prepare(path)
    study = replace(prepared.study, draws=kept.tags["draws"], seed=kept.tags["seed"])
    return replace(prepared, study=study)


@dataclass(frozen=True)
class Prepared:
    """A study that has been loaded and planned; no activity data have been read.

    ``files``: its own methods, factor tables and cards, by their names in its folder. ``root``: the folder that the
    paths of its tables may not leave.
    """

    study: Study
    plan: Plan
    activities: Any
    files: Mapping[str, bytes] = field(default_factory=dict)
    root: Path | None = None


def prepare(study: str | Path | Mapping[str, Any] | Study, activities: Any = None) -> Prepared:
    """Load and plan. Raises :class:`netprint.errors.InputError` with every problem of study, methods and factors."""
    problems = Problems()
    if isinstance(study, Study):
        loaded: Study | None = study
    else:
        if activities is not None and isinstance(study, Mapping):
            study = {**study, "activities": activities}
        loaded = load_study(study, problems)
        if loaded is not None and isinstance(study, Mapping):
            loaded = replace(loaded, text=provenance.as_text(study))
    if loaded is None:
        problems.raise_if_any()
        raise AssertionError
    claims.check_methods(loaded.methods, loaded.kind, loaded.file, problems)
    if loaded.effect is not None:
        problems.extend(claims.refused(loaded.effect, loaded.file))
    cards = {**catalog().cards, **loaded.own.cards}
    planned = plan(
        loaded.methods,
        loaded.by,
        cards,
        load_activities(),
        loaded.columns,
        loaded.sensitivities,
        problems,
        loaded.file,
        counted=tuple(c for c in loaded.completeness if c != "stated"),
        held=bool(loaded.holdings),
    )
    problems.raise_if_any()
    given = activities if activities is not None else loaded.activities
    root = loaded.root if activities is None else None  # a path given from Python may lie anywhere
    return Prepared(loaded, planned, given, provenance.own_files(loaded), root)


@dataclass(frozen=True)
class Gathered:
    """The collapsed table of a study's activity data, and what its preparation did that a reader must know."""

    rows: Rows
    notes: tuple[Note, ...] = ()


def collapse_activities(prepared: Prepared, engine: str = "relational") -> Gathered:
    """Read, prepare and sum the study's tables. Raises :class:`netprint.errors.InputError` with every bad row."""
    from netprint.engine.prepare.steps import prepared as in_steps
    from netprint.engine.reading.read import read
    from netprint.engine.reading.rules import broken
    from netprint.engine.reading.tables import connect

    problems = Problems()
    with connect() as connection:
        sources = [*_sources(prepared.activities), *_instruments(prepared, connection, problems)]
        view = read(sources, schema(prepared), connection=connection, problems=problems, root=prepared.root)
        notes: list[Note] = []
        study = prepared.study
        if not len(problems):
            problems.extend(broken((r for m in study.methods for r in m.rules), view, connection))
            known = prepared.plan.activities
            context = Context(
                connection,
                problems,
                known,
                study.period,
                prepared.plan.key,
                divides(study.prepare),
                Calendar(*study.year_begins),
            )
            view, notes = in_steps(view, study.prepare, study.holdings, context)
        _raise_with_rows(problems, connection)
        plan_ = prepared.plan
        ready = with_columns(connection, view, plan_.columns, plan_.key, study.file, plan_.told_apart)
        rows = collapse(connection, ready, plan_.key, engine)
    _grouped_by(prepared.study, rows).raise_if_any()
    return Gathered(rows, tuple(notes))


def _raise_with_rows(problems: Problems, connection: Any) -> None:
    """Raise what was found, with the rows that were refused."""
    from netprint.engine.reading.rejected import write_rejected

    try:
        problems.raise_if_any()
    except InputError as error:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "rejected.csv"
            if write_rejected(path, connection):
                error.rejected = path.read_text(encoding="utf-8-sig")
        raise


def _grouped_by(study: Study, rows: Rows) -> Problems:
    """A column of `by` in which no row has a label is a misspelt one."""
    problems = Problems()
    known = [c for c, column in rows.labels.items() if any(column.values)]
    for column in study.by:
        if column in COLUMNS:
            continue  # a column that any table may have, and may leave empty
        if len(rows) and column in rows.labels and not any(rows.labels[column].values):
            problems.add(
                study.file,
                None,
                "by",
                found=f"no row has a value in the column {column!r}",
                expected="a column that the tables have",
                remedy=did_you_mean(column, known) or f"The columns used are {', '.join(known)}.",
            )
    return problems


def _sources(given: Any) -> list[Any]:
    """The tables given: one, or a list of them; a list of dicts is one table."""
    many = isinstance(given, list | tuple) and not (given and isinstance(given[0], Mapping))
    return list(given) if many else [given]


def _instruments(prepared: Prepared, connection: Any, problems: Problems) -> list[Any]:
    """The study's contractual instruments as rows of the activity `instrument`."""
    from netprint.engine.prepare.instruments import as_activities

    if prepared.study.instruments is None:
        return []
    opened = [
        as_activities(s, connection, problems, prepared.study.root)
        for s in _sources(prepared.study.instruments)
    ]
    return [table for table in opened if table is not None]


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
        keep=tuple(
            dict.fromkeys(
                [*(c for c in planned.row_columns if c != HOLDING), *sorted(inputs(planned.columns))]
            )
        ),
        numeric={k: str(u) for k, u in planned.numeric.items()},
        defaults=defaults,
        split_periods=divides(study.prepare),
        nested="net_meters" in {step.name for step in study.prepare},
        year_begins=study.year_begins,
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
        study.period,
    )


def compute_result(
    prepared: Prepared, rows: Rows, inputs: Mapping[str, str] | None = None, notes: tuple[Note, ...] = ()
) -> Result:
    """The result of collapsed rows: statistics, trace, drivers, gaps, sensitivities and tags.

    ``inputs``: the hashes of what the rows came from. ``notes``: what their preparation did.
    """
    study, planned = prepared.study, prepared.plan
    kept = within(rows, study.period)
    base = model(study, planned)
    computed = compute(base, kept, completeness(study, kept))
    missing = gaps(computed.run)
    if study.gaps == "error" and len(missing):
        raise GapError([audit.gap_text(row) for row in missing])
    effects = effects_of(prepared, computed.run, kept)
    used = audit.factors(computed.run)
    drivers, propagation = sensitivity_of(computed.run)
    return Result(
        title=study.title,
        kind=study.kind,
        by=study.by,
        cells=computed.cells,
        views=computed.views,
        indicators=computed.indicators,
        lines=audit.trace(computed.run, computed.draws),
        factors=used,
        drivers=drivers,
        trend=audit.trend(computed.draws, study.base_year, study.period),
        propagation=propagation,
        gaps=missing,
        tags={**tags(study, planned, kept), "preparation": [vars(note) for note in notes], **effects},
        warnings=(
            *(note.text for note in notes),
            *_effect_warnings(effects),
            *warnings(study, planned, rows, computed),
        ),
        draws=computed.draws,
        sensitivities={s.name: sensitivity(prepared, s, kept) for s in study.sensitivities},
        reported=reported(study, planned, kept),
        collapsed=rows,
        study=study.text,
        study_file=study.file,
        sources=provenance.sources_of(used, prepared.files),
        inputs={study.file: study.hash} if inputs is None else dict(inputs),
        files=prepared.files,
        versions=provenance.versions(),
    )


def effects_of(prepared: Prepared, run: Run, rows: Rows) -> dict[str, Any]:
    """What an effect study says, under the tag ``effect``; nothing for another kind.

    Raises :class:`netprint.errors.InputError` where the study wants a public statement that its tier does not bear.
    """
    study, compiled = prepared.study, prepared.study.effect
    if compiled is None:
        return {}

    def scenarios() -> Iterator[tuple[str, str, Run]]:
        for s in study.sensitivities:
            yield s.name, s.title, model(study, prepared.plan, s).run(multiplied(rows, s))

    before = None
    if compiled.effect.split:
        was = (
            collapse_activities(replace(prepared, activities=list(compiled.before))).rows
            if compiled.before
            else None
        )
        before = None if was is None else model(study, prepared.plan).run(was)
    told = effect_result(compiled, run, before, scenarios)
    problems = Problems(claims.refused_public(compiled.effect, told, study.file))
    problems.raise_if_any()
    said = claims.statements(compiled.effect, told)
    return {
        "effect": {
            **described(compiled.effect),
            **told,
            "claims": said,
            "warnings": claims.warned(compiled, told),
        }
    }


def _effect_warnings(effects: Mapping[str, Any]) -> list[str]:
    return list(effects.get("effect", {}).get("warnings", ()))


def reported(study: Study, planned: Plan, rows: Rows) -> Table:
    """The figures that the organisation published, each with the factor that it implies where it says of what."""
    found = []
    for figure in study.reported:
        row: dict[str, Any] = {**vars(figure), "implied": None}
        known = planned.activities.get(figure.per)
        if known is not None:
            unit = figure.per_unit or known.unit
            here = rows.labels["activity"].having(figure.per) & rows.labels["year"].having(figure.year)
            amount = float(rows.quantity[here].sum()) * ratio(parse(known.unit), parse(unit))
            row |= {"per_unit": unit, "implied": figure.value / amount if amount else None}
        found.append(row)
    return table(found)


def sensitivity(prepared: Prepared, scenario: Scenario, rows: Rows) -> Table:
    """The yearly totals under a scenario that multiplies rows or replaces factors, on the same draws."""
    changed = model(prepared.study, prepared.plan, scenario)
    return compute(changed, multiplied(rows, scenario), completeness(prepared.study, rows)).views["year"]


def tags(study: Study, planned: Plan, rows: Rows) -> dict[str, Any]:
    """What goes with every number of the result: no bare number."""
    return {
        "gwp": study.gwp,
        "methods": [m.id for m in study.methods],
        "cites": list(dict.fromkeys(c for m in study.methods for c in m.cites)),
        "terms": [
            {
                "term": t.id,
                "title": t.title,
                "cites": t.cites,
                "status": t.status,
                "formula": write(t.formula),
            }
            for t in (*planned.terms, *planned.cell_terms, *planned.indicators)
        ],
        "totals": {name: list(parts) for name, parts in planned.totals.items()},
        "sensitivities": {s.name: s.title for s in study.sensitivities},
        "period": list(study.period),
        "base_year": study.base_year,
        **({"restatement": study.restatement.as_dict()} if study.restatement else {}),
        "consolidation": study.consolidation,
        "draws": study.draws,
        "seed": study.seed,
        "interval": "2.5th to 97.5th percentile",
        "collapsed": rows.hash,
        "study": study.hash,
        "statements": dict(study.statements),
    }


def warnings(study: Study, planned: Plan, given: Rows, computed: Computed) -> tuple[str, ...]:
    """What a reader must know before using the numbers."""
    run = computed.run
    found = [*row_warnings(study, planned, given), *audit.disclosures(run), *audit.unused(run, study.own)]
    found += [*computed.contradictions, *overstepped(run), *own_warnings(study.own)]
    for row in computed.views["all"]:
        if row["coverage"] < 1 and row["account"] not in planned.totals:
            found.append(
                f"{row['account']}: factors were found for {row['coverage']:.1%} of the records; "
                "the rest is a gap, not zero."
            )
    return tuple(found)


def row_warnings(study: Study, planned: Plan, given: Rows) -> list[str]:
    """What a reader must know about the activity data, those outside the period included."""
    rows = within(given, study.period)
    records, unstated = int(rows.count.sum()), int(rows.unstated.sum())
    found = _not_assessed(planned, rows)
    outside = int(given.count.sum()) - records
    if outside and records:
        years = ", ".join(sorted(set(given.labels["year"].texts()) - set(rows.labels["year"].texts())))
        found.append(f"{outside:,} records lie outside the period and are not assessed (years: {years}).")
    if unstated:
        found.append(f"{unstated:,} of {records:,} records state no uncertainty; they count as exact.")
    if not records:
        found.append(f"No record lies in the period {study.period[0]} to {study.period[1]}.")
    return found


def _not_assessed(planned: Plan, rows: Rows) -> list[str]:
    """Activities in the data that no term of the method names."""
    named = {t.activity for t in planned.terms}
    for term in (*planned.cell_terms, *planned.indicators):
        named |= {n.id for n in walk(term.formula) if isinstance(n, Name)}
    found = []
    activity = rows.labels["activity"]
    for code, name in enumerate(activity.values):
        here = activity.codes == code
        known = planned.activities.get(name)
        if here.any() and name not in named and not (known and known.kind != "activity"):
            amount = f"{float(rows.quantity[here].sum()):,.6g} {known.unit if known else ''}"
            found.append(f"No term of the method takes the activity {name}: {amount} are not assessed.")
    return found


def within(rows: Rows, period: tuple[int, int]) -> Rows:
    """The rows of the study's period."""
    year = rows.labels.get("year", constant("", len(rows)))
    inside = np.array([not y.isdigit() or period[0] <= int(y) <= period[1] for y in year.values], dtype=bool)
    return rows.take(np.flatnonzero(inside[year.codes]).astype(np.int64)) if len(rows) else rows


def completeness(study: Study, rows: Rows) -> Callable[[Mapping[str, str]], float | None]:
    """The share of what there should be (sites, entities, subscribers) that the data hold; None where not stated.

    A stated share holds for every cell; an expected number is compared with the distinct labels that the cell's
    year and country have.
    """
    stated = dict(study.completeness)
    known: dict[tuple[tuple[str, str], ...], float | None] = {}

    def of(at: Mapping[str, str]) -> float | None:
        within = tuple((c, v) for c, v in at.items() if c in ("year", "country") and c in rows.labels)
        if within not in known:
            known[within] = _share_held(stated, rows, within)
        return known[within]

    return of


def _share_held(stated: Mapping[str, float], rows: Rows, within: tuple[tuple[str, str], ...]) -> float | None:
    if "stated" in stated:
        return stated["stated"]
    if any(column == "country" for column, _ in within):
        return None  # the number stated is the organisation's, not a country's
    mask = np.ones(len(rows), dtype=bool)
    for column, label in within:
        values = rows.labels[column].values
        mask &= rows.labels[column].codes == (values.index(label) if label in values else -1)
    shares = []
    for column, expected in stated.items():
        if column in rows.labels:
            held = {
                v
                for v in np.array(rows.labels[column].values, dtype=object)[rows.labels[column].codes[mask]]
                if v
            }
            shares.append(len(held) / expected)
    return min(shares, default=None)

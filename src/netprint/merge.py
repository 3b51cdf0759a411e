"""merge: the bundles of disjoint entities added up. It is `assess` on the collapsed tables of several bundles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from netprint.assess import Prepared, compute_result, restore, within
from netprint.bundle import read
from netprint.bundle.provenance import as_text, catalogue
from netprint.claims import RULES
from netprint.engine.prepare.context import Note
from netprint.engine.rows import Rows, below, summed
from netprint.errors import UsageError
from netprint.formula.parse import write
from netprint.load.factors import FactorTable
from netprint.load.method import Method, Term
from netprint.load.scenario import Scenario
from netprint.load.study import Study
from netprint.load.yaml import load
from netprint.result import Result
from netprint.units import Unit, parse

#: What a study says of one entity alone; the sum has it from its rows.
_OF_ONE = ("entity", "reported", "restatement", "organisation", "contact", "verification", "completeness")


@dataclass(frozen=True)
class _Member:
    """A bundle with its study loaded again and its rows of the study's own period."""

    name: str
    kept: Result
    prepared: Prepared
    rows: Rows

    @property
    def study(self) -> Study:
        return self.prepared.study


def merge(bundles: Iterable[str | Path | Result], *, title: str = "") -> Result:
    """One result from several bundles; the sum of the parts in every draw.

    The bundles must have the same catalogue release, seed, draws, methods, own factors, GWP set, key, columns, units,
    impacts, totals and sensitivities, and no entity in common. Raises :class:`UsageError` with everything
    that does not fit.
    """
    members = [_member(b, i) for i, b in enumerate(bundles, start=1)]
    if len(members) < 2:
        raise UsageError("There is nothing to merge: give two bundles or more.")
    reasons = [
        *_effects_apart(members),
        *_different(members),
        *_shared_entities(members),
        *_across_entities(members[0]),
    ]
    if reasons:
        raise UsageError(
            "\n".join(["These bundles do not add up; nothing was merged.", *(f"  {r}" for r in reasons)])
        )
    rows = summed(below([m.rows for m in members]))
    prepared = _joined(members, title)
    notes = tuple(Note(**note) for m in members for note in m.kept.tags.get("preparation", ()))
    result = compute_result(prepared, rows, _inputs(members), notes)
    return replace(result, warnings=(*result.warnings, *_years(members)))


def _member(given: str | Path | Result, position: int) -> _Member:
    kept = given if isinstance(given, Result) else read(given)
    name = f"'{kept.title}'" if isinstance(given, Result) else str(given)
    if kept.collapsed is None:
        raise UsageError(
            f"Bundle {position}, {name}, is public: it holds no collapsed table and cannot be merged."
        )
    prepared = restore(kept)
    return _Member(name, kept, prepared, within(kept.collapsed, prepared.study.period))


# -- what keeps bundles from adding up -------------------------------------------------------------------------------


def _different(members: Sequence[_Member]) -> list[str]:
    """Every way in which a bundle differs from the first."""
    first, reasons = members[0], []
    if first.kept.versions.get("catalogue") != catalogue():
        reasons.append(
            _say("release of the catalogue", first.name, _release(first), "this netprint", catalogue()[:12])
        )
    for other in members[1:]:
        a, b = first.study, other.study
        pairs = (
            ("release of the catalogue", _release(first), _release(other)),
            ("seed", a.seed, b.seed),
            ("number of draws", a.draws, b.draws),
            ("GWP set", a.gwp, b.gwp),
            ("kind of study", a.kind, b.kind),
            ("consolidation", a.consolidation, b.consolidation),
            ("first day of the year", a.year_begins, b.year_begins),
            ("methods", ", ".join(m.id for m in a.methods), ", ".join(m.id for m in b.methods)),
            ("grouping", ", ".join(a.by), ", ".join(b.by)),
            (
                "key of the collapsed table",
                ", ".join(first.prepared.plan.key),
                ", ".join(other.prepared.plan.key),
            ),
        )
        found = [_say(what, first.name, x, other.name, y) for what, x, y in pairs if x != y]
        if not any("methods" in f for f in found) and terms_of(a.methods) != terms_of(b.methods):
            found.append(f"The methods of {first.name} and {other.name} have the same name and other terms.")
        found += [_say(w, first.name, x, other.name, y) for w, x, y in unlike(first.prepared, other.prepared)]
        reasons += found + own_factors(first.name, a.own, other.name, b.own)
    return reasons


def _effects_apart(members: Sequence[_Member]) -> list[str]:
    """An effect and an inventory are never added; the rule is named before all else that differs."""
    effects = [m.name for m in members if m.study.kind == "effect"]
    others = [m.name for m in members if m.study.kind != "effect"]
    if not effects or not others:
        return []
    return [f"{', '.join(effects)} is an effect and {', '.join(others)} is not; {RULES['inventory']}."]


def _say(what: str, one: str, x: object, other: str, y: object) -> str:
    verb = "differ" if what == "methods" else "differs"
    return f"The {what} {verb}: {x or 'none'} in {one}, {y or 'none'} in {other}."


def _release(member: _Member) -> str:
    return member.kept.versions.get("catalogue", "")[:12]


def terms_of(methods: Sequence[Method]) -> list[Any]:
    def of(term: Term) -> tuple[Any, ...]:
        books = {k: write(v) for k, v in term.books.items()}
        return term.id, write(term.formula), term.activity, term.each, dict(term.over), books, term.unit

    return [[of(t) for t in m.terms] for m in methods]


def unlike(a: Prepared, b: Prepared) -> Iterator[tuple[str, str, str]]:
    """(what, as it is in a, as it is in b) of everything beside terms by which equal rows would mean another thing.

    Units of columns and activities, computed columns, impacts, totals and sensitivities; what only one has is empty in
    the other.
    """
    kinds = (
        ("unit of the column {}", _units(a.plan.numeric), _units(b.plan.numeric)),
        ("formula of the column {}", _formulas(a), _formulas(b)),
        ("unit of the activity {}", _activities(a), _activities(b)),
        ("unit of the impact {}", a.plan.impacts, b.plan.impacts),
        ("total {}", _sums(a), _sums(b)),
        ("sensitivity {}", _scenarios(a), _scenarios(b)),
    )
    for what, one, other in kinds:
        for name in sorted({*one, *other}):
            x, y = one.get(name, ""), other.get(name, "")
            if _meaning(what, x) != _meaning(what, y):
                yield what.format(name), x, y


def _meaning(what: str, text: str) -> object:
    """Units that are spelt otherwise may be equal."""
    return parse(text) if text and what.startswith("unit") else text


def _units(units: Mapping[str, Unit]) -> dict[str, str]:
    return {name: unit.text for name, unit in units.items()}


def _formulas(prepared: Prepared) -> dict[str, str]:
    columns = prepared.plan.columns
    return {n: write(c.formula) for n, c in columns.items() if c.formula is not None}


def _activities(prepared: Prepared) -> dict[str, str]:
    return {name: activity.unit for name, activity in prepared.plan.activities.items()}


def _sums(prepared: Prepared) -> dict[str, str]:
    return {name: " + ".join(parts) for name, parts in prepared.plan.totals.items()}


def _scenarios(prepared: Prepared) -> dict[str, str]:
    """What each sensitivity changes, in words of a study."""

    def text(s: Scenario) -> str:
        parts = {
            "select": s.select,
            "times": s.times,
            **{f"factors.{n}": t for n, t in sorted(s.factors.items())},
        }
        said = [f"{name}: {write(tree)}" for name, tree in parts.items() if tree is not None]
        return "; ".join(said)

    return {s.name: text(s) for s in prepared.study.sensitivities}


def own_factors(one: str, a: FactorTable, other: str, b: FactorTable) -> list[str]:
    """Own factors hold for every row of an assessment, so they must be the same."""
    rows = [
        {f.label: (f.value, f.shape, f.source, f.text) for t in x.rows.values() for f in t.values()}
        for x in (a, b)
    ]
    labels = sorted(k for k in {*rows[0], *rows[1]} if rows[0].get(k) != rows[1].get(k))
    cards = sorted(n for n in {*a.cards, *b.cards} if a.cards.get(n) != b.cards.get(n))
    named = [*labels, *(f"the card of {n}" for n in cards if not any(x.startswith(n) for x in labels))]
    if not named:
        return []
    more = f" and {len(named) - 5} more" if len(named) > 5 else ""
    return [f"The own factors of {one} and {other} differ: {', '.join(named[:5])}{more}."]


def _entities(member: _Member) -> set[str]:
    column = member.rows.labels["entity"]
    return {column.values[c] for c in set(column.codes.tolist())}


def _shared_entities(members: Sequence[_Member]) -> list[str]:
    """An entity in two bundles would be counted twice."""
    holders: dict[str, list[str]] = {}
    for member in members:
        for entity in _entities(member):
            holders.setdefault(entity, []).append(member.name)
    reasons = []
    for entity, names in sorted(holders.items()):
        if len(names) > 1:
            where = " and ".join(names)
            reasons.append(
                f"The entity '{entity}' is in {where}; it would be counted twice." if entity else
                f"{where} have rows without an entity, which may be the same. State `entity:` in each study."
            )  # fmt: skip
    return reasons


def _across_entities(member: _Member) -> list[str]:
    """A cell term that books must be computed for each entity apart; else the sum is not that of its parts."""
    return [
        f"The term {t.id} is computed across entities (its `each` has no entity), so that bundles do not add up."
        for t in member.prepared.plan.cell_terms
        if "flow" in t.books and "entity" not in (t.each or ())
    ]


# -- the study of the sum --------------------------------------------------------------------------------------------


def _joined(members: Sequence[_Member], title: str) -> Prepared:
    first = members[0]
    studies = [m.study for m in members]
    period = (min(s.period[0] for s in studies), max(s.period[1] for s in studies))
    bases = {s.base_year for s in studies}
    base = bases.pop() if len(bases) == 1 else None
    title = title or " + ".join(s.title for s in studies)
    complete = _completeness([s.completeness for s in studies])
    text = _text(first.kept, title, period, base, complete)
    study = replace(
        first.study, title=title, period=period, base_year=base, completeness=complete, reported=(), restatement=None,
        text=text,
        statements={k: v for k, v in first.study.statements.items() if k not in _OF_ONE},
        defaults={k: v for k, v in first.study.defaults.items() if k != "entity"},
    )  # fmt: skip
    return replace(first.prepared, study=study)


def _completeness(stated: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """How many there should be is added up where every bundle says it; a share of the whole cannot be."""
    columns = set.intersection(*(set(s) for s in stated)) - {"stated"}
    return {c: sum(s[c] for s in stated) for c in sorted(columns)}


def _text(
    kept: Result, title: str, period: tuple[int, int], base: int | None, complete: Mapping[str, float]
) -> str:
    """The study file of the sum: the first one's, without what it says of its entity alone."""
    data = dict(load(kept.study, kept.study_file).data)
    for key in (*_OF_ONE, "base_year", "instruments"):
        data.pop(key, None)
    data |= {
        "title": title,
        "period": f"{period[0]}..{period[1]}",
        "activities": "(collapsed tables of bundles)",
    }
    data |= {"base_year": base} if base is not None else {}
    data |= {"completeness": dict(complete)} if complete else {}
    return as_text(data)


def _inputs(members: Sequence[_Member]) -> dict[str, str]:
    """The hashes of the collapsed tables, by bundle, and of all that they came from."""
    found = {}
    for i, member in enumerate(members, start=1):
        found[f"bundle {i}, {member.kept.title}, collapsed table"] = member.kept.tags["collapsed"]
        found |= {f"bundle {i}, {name}": value for name, value in member.kept.inputs.items()}
    return found


def _years(members: Sequence[_Member]) -> list[str]:
    """Years that not every bundle covers: their totals must not be compared with the others'."""
    first, last = (f(m.study.period[i] for m in members) for i, f in ((0, min), (1, max)))
    found = []
    for year in range(first, last + 1):
        without = [m.name for m in members if not m.study.period[0] <= year <= m.study.period[1]]
        if without:
            found.append(f"{year} is not in the period of {', '.join(without)}; its totals lack them.")
    return found


__all__ = ["merge", "own_factors", "terms_of", "unlike"]

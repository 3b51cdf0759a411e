"""The keys of an effect study: a YAML mapping to the records of :mod:`netprint.load.effect`, every problem listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netprint.errors import did_you_mean
from netprint.formula.parse import Tree, parse
from netprint.load import effect as e
from netprint.load.document import Fields
from netprint.load.effect_node import read_nodes, read_places

_NOTHING = parse("0")


def read_effect(fields: Fields, period: tuple[int, int]) -> e.Effect:
    """The effect part of a study; what does not hold is added to the problems of ``fields``."""
    term = fields.choice("term", e.TERMS, "immediate")
    where = read_places(fields, "places")
    perspective, extent = _perspective(fields)
    scenario = _inside(fields, "reference")
    public = fields.take("public", False)
    if not isinstance(public, bool):
        fields.wrong(
            "public", f"`public` is {public!r}", "true or false", "Say whether a public statement is meant."
        )
    found = e.Effect(
        solution=fields.text("solution", "", required=True),
        functional_unit=fields.text("functional_unit", "", required=True),
        commissioner=fields.text("commissioner", "", required=True),
        funder=fields.text("funder", ""),
        reviewer=fields.text("reviewer", ""),
        perspective=perspective,
        extent=extent,
        reference=scenario.text("scenario", "", required=True),
        reference_kind=scenario.choice("kind", e.REFERENCES, "business as usual"),
        reference_why=scenario.text("why", "", required=True),
        term=term,
        places=where,
        nodes=read_nodes(fields, term),
        scale=_scale(fields, period, perspective),
        autonomous=tuple(_drift(f) for f in fields.listing("autonomous")),
        grid=_drift(_inside(fields, "grid")) if fields.has("grid") else fields.take("grid"),
        contributions=tuple(_contribution(f) for f in fields.listing("contribution")),
        gates=_gates(fields),
        about=_about(fields),
        public=bool(public),
        data_quality=fields.text("data_quality", ""),
        boundaries=fields.text("boundaries", ""),
        line=fields.line("nodes"),
    )
    scenario.nothing_else()
    _check_tree(fields, found, period)
    return found


def _inside(fields: Fields, key: str) -> Fields:
    """The fields of a mapping below a key."""
    return Fields(fields.mapping(key), fields.file, (*fields.path, key), fields.document, fields.problems)


def _perspective(fields: Fields) -> tuple[str, str]:
    """`user context`, `at scale: country` or `contribution`: the three perspectives of L.1480."""
    value = fields.take("perspective", required=True)
    if value is None:
        return e.PERSPECTIVES[0], ""
    if isinstance(value, Mapping) and len(value) == 1:
        name, extent = (str(v) for v in next(iter(value.items())))
    else:
        name, _, extent = (part.strip() for part in str(value).partition(":"))
    if name not in e.PERSPECTIVES or (name == "at scale") != (extent in e.EXTENTS):
        fields.wrong(
            "perspective", f"`perspective` is {value!r}",
            "user context, at scale: organisation (city, country, world) or contribution",
            did_you_mean(name, e.PERSPECTIVES) or "Use one of these.",
        )  # fmt: skip
        return e.PERSPECTIVES[0], ""
    return name, extent


# -- from one user to all ------------------------------------------------------------------------------------------


def _scale(fields: Fields, period: tuple[int, int], perspective: str) -> e.Scale:
    if not fields.has("scale"):
        fields.take("scale")
        if perspective != "user context":
            fields.wrong(
                "perspective", f"the perspective is {perspective} and the study has no `scale`",
                "`scale: {users: …, adoption: …}`", "Say how many use the solution, and how many of them adopt it.",
            )  # fmt: skip
        return e.Scale()
    inner = _inside(fields, "scale")
    if perspective == "user context" and inner.has("users"):
        inner.wrong(
            "users", "the perspective is one user's context and the study states `users`", "no `users`, or at scale",
            "Write `perspective: {at scale: organisation}`, or take `users` out.",
        )  # fmt: skip
    shape = (
        "logistic"
        if isinstance(inner.data.get("adoption"), Mapping) and "saturation" in inner.data["adoption"]
        else ""
    )
    found = e.Scale(
        users=_path(inner, "users", period),
        adoption=_path(inner, "adoption", period),
        already=_path(inner, "already", period),
        effective_use=_path(inner, "effective_use", period),
        overlaps=tuple(_overlap(f, period) for f in inner.listing("overlap")),
        evidence=inner.choice("evidence", ("", *e.EVIDENCE), ""),
        representativeness=inner.text("representativeness", ""),
        shape=shape,
    )
    inner.nothing_else()
    return found


def _overlap(fields: Fields, period: tuple[int, int]) -> e.Overlap:
    found = e.Overlap(
        fields.text("solution", "", required=True),
        _path(fields, "share", period),
        tuple(fields.texts("nodes")),
    )
    if not fields.has("share"):
        fields.wrong("share", "`share` is missing", "the share that the other solution saves", "Add it.")
    fields.nothing_else()
    return found


def _path(fields: Fields, key: str, period: tuple[int, int]) -> dict[int, Tree]:
    """One value for all years; years with values, and straight lines between them; or a logistic curve."""
    value = fields.take(key)
    if value is None:
        return {}
    years = range(period[0], period[1] + 1)
    if not isinstance(value, Mapping):
        tree = fields.formula((key,), value)
        return {} if tree is None else dict.fromkeys(years, tree)
    if "saturation" in value:
        return _logistic(_inside(fields, key), years)
    known: dict[int, str] = {}
    for year, text in value.items():
        if str(year).isdigit() and fields.formula((key, year), text) is not None:
            known[int(str(year))] = str(text)
        elif not str(year).isdigit():
            fields.wrong(
                (key, str(year)), f"`{year}` is no year", "2025: 0.1", "Write a year before each value."
            )
    return {y: parse(_between(known, y)) for y in years} if known else {}


def _between(known: Mapping[int, str], year: int) -> str:
    """The value of a year on the straight line between the years given; beyond them the nearest."""
    before, after = (
        max((y for y in known if y <= year), default=None),
        min((y for y in known if y >= year), default=None),
    )
    if before is None or after is None or before == after:
        return known[before if before is not None else after]  # type: ignore[index]
    share = (year - before) / (after - before)
    return f"({known[before]}) * {1 - share!r} + ({known[after]}) * {share!r}"


def _logistic(fields: Fields, years: range) -> dict[int, Tree]:
    """saturation / (1 + exp(-growth * (year - midpoint)))"""
    trees = {
        k: fields.formula((k,), fields.take(k, required=True)) for k in ("saturation", "midpoint", "growth")
    }
    texts = {k: str(fields.data.get(k)) for k in trees}
    fields.nothing_else()
    if None in trees.values():
        return {}
    form = "({saturation}) / (1 + exp(-({growth}) * ({year} - ({midpoint}))))"
    return {y: parse(form.format(year=y, **texts)) for y in years}


def _drift(fields: Fields) -> e.Drift:
    yearly = fields.formula(("yearly",), fields.take("yearly", required=True))
    found = e.Drift(
        yearly or _NOTHING, fields.whole("since", 2025, 1990, 2100), tuple(fields.texts("nodes")),
        fields.text("why", ""), fields.path,
    )  # fmt: skip
    if not fields.has("since"):
        fields.wrong(
            "since", "`since` is missing", "the year from which it moves", "Add a line `since: 2025`."
        )
    fields.nothing_else()
    return found


# -- what is said beside the numbers -------------------------------------------------------------------------------


def _contribution(fields: Fields) -> e.Contribution:
    share = fields.take("share", required=True)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        fields.wrong("share", f"`share` is {share!r}", "a number from 0 to 1", "Write it as a share.")
        share = 0.0
    found = e.Contribution(
        fields.text("actor", "", required=True), float(share), fields.text("key", "", required=True),
        fields.text("who_else", ""),
    )  # fmt: skip
    fields.nothing_else()
    return found


def _gates(fields: Fields) -> tuple[e.Gate, ...]:
    given = fields.mapping("wbcsd")
    fields.only(("wbcsd",), given, e.GATES)
    found = []
    for name in e.GATES:
        entry: Any = given.get(name)
        said = entry if isinstance(entry, Mapping) else {"met": entry}
        met = said.get("met")
        if met is not None and not isinstance(met, bool):
            fields.wrong(
                ("wbcsd", name), f"`met` is {met!r}", "true or false", "Leave it out where nobody checked it."
            )
            met = None
        found.append(e.Gate(name, met, str(said.get("evidence") or "")))
    return tuple(found)


def _about(fields: Fields) -> dict[str, str]:
    """What each sensitivity is about; the scenarios themselves are read as in every study."""
    found = {}
    for i, entry in enumerate(fields.data.get("sensitivities") or ()):
        if isinstance(entry, Mapping):
            about = str(entry.get("about", "other"))
            if about not in e.ABOUT:
                fields.wrong(
                    ("sensitivities", i, "about"), f"`about` is {about!r}", ", ".join(e.ABOUT),
                    did_you_mean(about, e.ABOUT) or "Use one of these.",
                )  # fmt: skip
            found[str(entry.get("id", ""))] = about
    return found


def _check_tree(fields: Fields, found: e.Effect, period: tuple[int, int]) -> None:
    """Parents and the nodes that others name are there; no node stands above itself; drifts begin in time."""
    known = {n.id: n for n in found.nodes}
    for node in found.nodes:
        _check_parents(fields, node, known)
        if node.group and not any(n.parent == node.id for n in found.nodes):
            fields.wrong(
                node.path, f"the node {node.id!r} is neither quantified nor described nor excluded",
                "`quantified`, `described`, or `included: {excluded: reason}`",
                "Say at least its direction and size class; it is not dropped in silence.",
            )  # fmt: skip
    drifts = [*found.autonomous, *([found.grid] if found.grid else [])]
    named = [((*n.path, "depends_on"), n.depends_on) for n in found.nodes]
    named += [((*d.path, "nodes"), d.nodes) for d in drifts]
    named += [(("scale", "overlap"), o.nodes) for o in found.scale.overlaps]
    for path, names in named:
        for name in names:
            if name not in known:
                _unknown(fields, path, name, known)
    for drift in drifts:
        if drift.since > period[0]:
            fields.wrong(
                (*drift.path, "since"), f"it moves from {drift.since}, after the period begins",
                f"{period[0]} or earlier", "Name the year that the values are of.",
            )  # fmt: skip


def _check_parents(fields: Fields, node: e.Node, known: Mapping[str, e.Node]) -> None:
    seen, at = {node.id}, node.parent
    while at and at in known and at not in seen:
        seen.add(at)
        at = known[at].parent
    if at in seen:
        fields.wrong((*node.path, "parent"), f"{node.id!r} stands above itself", "a tree", "Mend `parent`.")
    elif at:
        _unknown(fields, (*node.path, "parent"), at, known)


def _unknown(fields: Fields, path: tuple[str | int, ...], name: str, known: Mapping[str, e.Node]) -> None:
    fields.wrong(
        path, f"the node {name!r} is not known", "the id of a node",
        did_you_mean(name, known) or f"The nodes are {', '.join(known)}.",
    )  # fmt: skip

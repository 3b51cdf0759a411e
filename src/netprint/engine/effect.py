"""The result of an effect study (ITU-T L.1480): effects by order, node, stage and year, and what they mean.

Emission increases are positive. FO = Σ life-cycle emissions of the solution less those of ICT that it displaces;
SO = Σ over nodes (with - without); NET = SO + FO; HO stands apart; TOTAL = NET + HO where all of HO is known. A sum
that a factor is missing from is None, never the rest of it: a gap is not zero. By our reading of ITU-T L.1480, whose
full text was not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netprint.engine.effect_check import check_shares, scaling, worth
from netprint.engine.run import CLIMATE, Run
from netprint.formula.parse import parse, write
from netprint.load.effect import ACCOUNT, Drift, Effect, Node
from netprint.load.effect_compile import Compiled
from netprint.result import statistics

Array = NDArray[np.float64]
#: The nodes of a tier and of weaker ones matter where together they make this share of the sum of all amounts, taken
#: without sign.
MATTERS = 0.05
#: What one amount is, with and without the solution: (node, case, stage, year).
Part = tuple[str, str, str, str]


def parts(run: Run) -> dict[Part, Array]:
    """Emissions by node, case, stage and year in kg CO2e, ``(1 + N,)`` each; those without the solution negative."""
    found: dict[Part, Array] = {}
    for (node, case, stage, year, _, impact), value in run.view(("node", "case", "stage", "year")).items():
        if impact == CLIMATE:
            found[node, case, stage, year] = np.broadcast_to(value, (run.n + 1,))
    return found


def gaps(run: Run) -> set[Part]:
    """What a factor is missing for: the amounts that :func:`parts` does not hold, or holds in part."""
    found: set[Part] = set()
    columns = ("node", "case", "stage", "year")
    for i in np.flatnonzero(run.gap).tolist():
        labels = {c: run.all_lines.cell[c] for c in columns}
        found.add(tuple(v.values[v.codes[i]] for v in labels.values()))
    found |= {tuple(cell[c] for c in columns) for cell, derived in run.extra if derived.gaps}  # type: ignore[misc]
    return found


def node_draws(run: Run) -> dict[str, Array]:
    """The effect of each node (with less without) over the period, ``(1 + N,)``."""
    found: dict[str, Array] = {}
    for (node, *_), value in parts(run).items():
        found[node] = found.get(node, 0) + value
    return found


def effect_result(
    compiled: Compiled, run: Run, before: Run | None, scenarios: Callable[[], Iterable[tuple[str, str, Run]]]
) -> dict[str, Any]:
    """What the report of an effect study says, as plain values.

    ``before``: the run of what was there before the solution. ``scenarios``: the sensitivities with their titles.
    Raises :class:`netprint.errors.InputError` where a share of the scale is none.
    """
    check_shares(compiled, run)
    return _Effects(compiled.effect, run, before).as_dict() | {
        "sensitivities": [_sensitivity(compiled, *s) for s in scenarios()]
    }


def described(effect: Effect) -> dict[str, Any]:
    """What the study says beside its numbers: the fields of the reporting template of L.1480, by our reading."""
    plain = (
        "solution", "functional_unit", "commissioner", "funder", "reviewer", "perspective", "extent", "reference",
        "reference_kind", "reference_why", "term", "boundaries", "data_quality", "public",
    )  # fmt: skip
    scale = effect.scale
    return {
        **{name: getattr(effect, name) for name in plain},
        "places": list(effect.places),
        "evidence": scale.evidence,
        "representativeness": scale.representativeness,
        "overlaps": [o.solution for o in scale.overlaps],
        "autonomous": [_drift(d) for d in effect.autonomous],
        "grid": None if effect.grid is None else _drift(effect.grid),
        "contributions": [vars(c) for c in effect.contributions],
        "gates": [vars(g) for g in effect.gates],
    }


def _drift(drift: Drift) -> dict[str, Any]:
    return {"yearly": write(drift.yearly), "since": drift.since, "nodes": list(drift.nodes), "why": drift.why}


class _Effects:
    def __init__(self, effect: Effect, run: Run, before: Run | None) -> None:
        self.effect, self.run = effect, run
        self.parts = parts(run)
        self.before = {} if before is None else parts(before)
        self.lacking = gaps(run)
        self.lacking_before = set() if before is None else gaps(before)
        self.years = sorted({p[3] for p in {*self.parts, *self.lacking}})

    def sum(self, chosen: Callable[[Part], bool]) -> Array | None:
        """The sum of the parts chosen; None where there is none, and where a factor of one of them is missing."""
        if any(chosen(p) for p in self.lacking):
            return None
        values = [v for p, v in self.parts.items() if chosen(p)]
        return np.sum(values, axis=0) if values else None

    def order(self, order: str, year: str = "") -> Array | None:
        names = {n.id for n in self.effect.of(order)}
        return self.sum(lambda p: p[0] in names and year in ("", p[3]))

    def as_dict(self) -> dict[str, Any]:
        whole = self.orders()
        net = whole["net"]
        nodes = [self.node(n) for n in self.effect.nodes]
        return {
            "unit": "kg CO2e",
            **{name: _stats(value) for name, value in whole.items()},
            "probability": _probability(net),
            "verdict": _verdict(_stats(net)),
            "years": [self.year(y) for y in self.years],
            "stages": self.stages(),
            "terms": self.terms(),
            "nodes": _shared(nodes),
            "reduction": self.reduction(self.effect.of("second")),
            "scale": [self.scale(y) for y in self.years],
            "whole": self.effect.whole,
            "missing": [n.id for n in self.effect.nodes if n.id in {p[0] for p in self.lacking}],
            **_tier(_shared(nodes)),
        }

    def orders(self, year: str = "") -> dict[str, Array | None]:
        """The effects by order; NET needs the first and the second, the total all three and every node of the third."""
        first, second, higher = (self.order(o, year) for o in ("first", "second", "higher"))
        net = None if first is None or second is None else first + second
        total = None if net is None or higher is None or not self.effect.whole else net + higher
        return {
            "first_order": first,
            "second_order": second,
            "net": net,
            "higher_order": higher,
            "total": total,
        }

    def year(self, year: str) -> dict[str, Any]:
        found = self.orders(year)
        told = {name: _stats(value) for name, value in found.items()}
        return {"year": year, **told, "probability": _probability(found["net"])}

    def node(self, node: Node) -> dict[str, Any]:
        """What the report says of one node: its sides, its effect and, where told, the kind of its reduction."""
        sides = {case: self.sum(lambda p, c=case: p[:2] == (node.id, c)) for case in ("with", "without")}  # type: ignore[misc]
        effect = self.sum(lambda p: p[0] == node.id)
        said = node.described
        return {
            "id": node.id, "title": node.title, "parent": node.parent, "order": node.order,
            "mechanism": node.mechanism, "stage": node.stage, "tier": node.tier, "term": node.term,
            "excluded": node.excluded, "depends_on": list(node.depends_on), "note": node.note, "group": node.group,
            "described": None if said is None else {
                "direction": said.direction, "size": said.size, "why": said.why,
                "bounds": None if said.bounds is None else vars(said.bounds),
            },
            "with": _stats(sides["with"]),
            "without": _stats(None if sides["without"] is None else -sides["without"]),
            "effect": _stats(effect),
            "reduction": self.reduction((node,)) if node.order == "second" and node.quantified else None,
        }  # fmt: skip

    def stages(self) -> list[dict[str, Any]]:
        """The first-order effect by stage of L.1410: of the solution, of the ICT that it displaces, and both."""
        names = {n.id for n in self.effect.of("first")}
        found = []
        for stage in sorted({p[2] for p in {*self.parts, *self.lacking} if p[0] in names}):
            row: dict[str, Any] = {"stage": stage}
            for key, cases in (
                ("solution", ("with",)),
                ("displaced", ("without",)),
                ("effect", ("with", "without")),
            ):
                row[key] = _stats(self.sum(lambda p: p[0] in names and p[2] == stage and p[1] in cases))  # noqa: B023
            found.append(row)
        return found

    def terms(self) -> list[dict[str, Any]]:
        """Effects by order and by when they come about."""
        found = []
        for term in dict.fromkeys(n.term for n in self.effect.nodes if n.booked):
            row: dict[str, Any] = {"term": term}
            for order, account in ACCOUNT.items():
                names = {n.id for n in self.effect.of(order) if n.term == term}
                row[account] = _stats(self.sum(lambda p: p[0] in names))  # noqa: B023
            found.append(row)
        return found

    def reduction(self, nodes: Iterable[Node]) -> dict[str, Any] | None:
        """Avoided amounts as actual reductions and lesser increases, and increases; None where it is not told.

        By node and year, in every draw: with the solution W, in the reference R, before it B. Of what is avoided,
        R - W, the part below B is an actual reduction, max(min(B, R) - W, 0), and the rest a lesser increase.
        """
        chosen = [n for n in nodes if n.quantified]
        if not chosen or not all("before" in a.given for n in chosen for a in n.amounts):
            return None
        if {p[0] for p in self.lacking | self.lacking_before} & {n.id for n in chosen}:
            return None
        zero = np.zeros(self.run.n + 1)
        actual, lesser, increase = zero, zero, zero
        for node in chosen:
            for year in self.years:
                one = self.sum(lambda p: p[0] == node.id and p[1] == "with" and p[3] == year)  # noqa: B023
                other = self.sum(lambda p: p[0] == node.id and p[1] == "without" and p[3] == year)  # noqa: B023
                was = [v for p, v in self.before.items() if p[0] == node.id and p[1] == f"before {year}"]
                w, r = zero if one is None else one, zero if other is None else -other
                b = np.sum(was, axis=0) if was else zero
                real = np.where(r > w, np.maximum(np.minimum(b, r) - w, 0), 0)
                actual, lesser = actual + real, lesser + np.maximum(r - w, 0) - real
                increase = increase + np.maximum(w - r, 0)
        return {"actual": _stats(actual), "lesser": _stats(lesser), "increase": _stats(increase)}

    def scale(self, year: str) -> dict[str, Any]:
        """What one user's amounts are multiplied by in a year, the mean over the study's places where they differ."""
        found: dict[str, Any] = {"year": year}
        for name in scaling(self.run):
            tree = parse(f"{name}[country, year]")
            values = [worth(self.run, tree, c, year) for c in self.effect.places or ("",)]
            held = [v for v in values if v is not None]
            summed = (
                np.sum(held, axis=0) if name == "scale_users" else np.mean(held, axis=0) if held else None
            )
            found[name.removeprefix("scale_")] = _stats(summed if held else None)
        return found


def _sensitivity(compiled: Compiled, name: str, title: str, run: Run) -> dict[str, Any]:
    """NET, and what stands beside it, under another assumption, on the same draws."""
    effect = compiled.effect
    check_shares(compiled, run, f" in the sensitivity {name!r}")
    found = _Effects(effect, run, None).orders()
    told = {account: _stats(value) for account, value in found.items()}
    about = effect.about.get(name, "other")
    return {"id": name, "title": title, "about": about, **told, "probability": _probability(found["net"])}


def _stats(value: Array | None) -> dict[str, float] | None:
    if value is None:
        return None
    return {k: float(v[0]) for k, v in statistics(np.asarray(value)[None, :]).items()}


def _probability(net: Array | None) -> float | None:
    """The share of draws in which the net effect is a reduction."""
    return None if net is None else float(np.mean(net[1:] < 0))


def _verdict(net: Mapping[str, float] | None) -> str:
    """Whether the 95 % interval of NET lies below zero, above zero, or on both sides."""
    if net is None:
        return "not formed"
    return "reduction" if net["high"] < 0 else "increase" if net["low"] > 0 else "not told from zero"


def _shared(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The nodes with their share of the sum of all amounts, taken without sign."""
    sizes = [0.0 if n["effect"] is None else abs(n["effect"]["mean"]) for n in nodes]
    whole = sum(sizes)
    return [{**n, "share": s / whole if whole else 0.0} for n, s in zip(nodes, sizes, strict=True)]


def _tier(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    """The tier of NET is the weakest one whose first- and second-order nodes, together with those of weaker tiers, make
    at least 5 % of the sum of all amounts without sign. A node of medium or large size that is only described matters
    by itself and counts as Tier 3, whatever it states. `tier_higher` is the same for the higher-order nodes, which are
    no part of NET. Our reading of L.1480."""
    found: dict[str, Any] = {}
    for key, orders in (("", ("first", "second")), ("_higher", ("higher",))):
        chosen = [n for n in nodes if n["order"] in orders and n["excluded"] is None and not n["group"]]
        words = [n for n in chosen if only_described(n)]
        tiers = {n["id"]: 3 if n in words else n["tier"] for n in chosen}
        reached = [
            t for t in (3, 2, 1)
            if sum(n["share"] for n in chosen if tiers[n["id"]] >= t) >= MATTERS or (words and t == 3)
        ]  # fmt: skip
        found[f"tier{key}"] = tier = max(reached, default=3)
        if not key:
            by = [n for n in chosen if tiers[n["id"]] == tier and (n["share"] > 0 or n in words)]
            found["tier_by"] = [n["id"] for n in by]
    return found


def only_described(node: Mapping[str, Any]) -> bool:
    """Whether a node of medium or large size has words only: neither amounts nor bounds."""
    said = node["described"]
    return (
        node["excluded"] is None and said is not None and said["bounds"] is None and said["size"] != "small"
    )

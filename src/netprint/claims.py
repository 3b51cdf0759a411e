"""The claim guard: what an effect study may and may not say (ITU-T L.1480, by our reading; WBCSD guidance).

Refused are a NET without the first-order effect, a node left out without a reason, a public statement from Tier 3,
an effect added to an inventory, and shares of registered actors above one. Warned of are the usual ways to make an
effect look better than it is. Nothing here computes an amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from netprint import places
from netprint.engine.effect import only_described
from netprint.errors import Problem, Problems, UsageError
from netprint.formula.parse import Name, Number, Text, Tree
from netprint.load import effect as e
from netprint.load.effect import Effect
from netprint.load.effect_compile import Compiled
from netprint.load.method import EFFECTS, Method

READING = "by our reading of L.1480"
#: The rules by which something is refused, named in every message.
RULES = {
    "first order": f"{READING}, a net second-order effect is what is left after the solution's own first-order effect",
    "reason": f"{READING}, a consequence that is left out of the tree is named with the reason",
    "tier 3": f"{READING}, a Tier 3 assessment is a screening and no ground for a public statement",
    "inventory": f"{READING} and of the GHG Protocol, an effect is never added to, or taken off, an inventory",
    "gap": f"{READING}, a net effect holds every amount of the first and the second order; a gap is not zero",
    "shares": f"{READING}, several actors bring an effect about; what they register adds up to one at most",
}
#: What may never be said of an effect, and what may not be said of this one; texts in the report's six languages.
#: ICT displaced beyond so many times the own life cycle is warned of; a threshold of netprint.
FAR = 2
NEVER = ("inventory", "offset", "neutral", "gross", "compare")


def refused(compiled: Compiled, file: str) -> list[Problem]:
    """What the guard refuses before anything is computed, each with the rule named."""
    effect = compiled.effect
    return [
        *_without_first(effect, compiled.rows, file), *_without_reason(effect, file), *_shares(effect, file),
    ]  # fmt: skip


def check_methods(methods: Iterable[Method], kind: str, file: str, problems: Problems) -> None:
    """Add a problem for every total that adds an effect to an inventory, and for an effect method in an inventory."""
    for method in methods:
        for name, accounts in method.totals.items():
            effects = [a for a in accounts if a in EFFECTS]
            others = [a for a in accounts if a not in EFFECTS]
            if effects and others:
                problems.add(
                    method.file or file, None, f"totals.{name}",
                    found=f"the total {name!r} adds {effects[0]} to {others[0]}; {RULES['inventory']}",
                    expected="totals of effects apart from totals of an inventory",
                    remedy="Take the effects out of the total, and state them beside it.",
                )  # fmt: skip
        if kind == "effect" and not _effects_alone(method):
            problems.add(
                file, None, "method",
                found=f"the method {method.id or method.file} books to an inventory; {RULES['inventory']}",
                expected="methods of effects, like itu-t-l1480", remedy="Assess the inventory in a study of its own.",
            )  # fmt: skip
        if kind != "effect" and method.id == "itu-t-l1480":
            problems.add(
                file, None, "method",
                found=f"a study of the kind {kind} has the method itu-t-l1480; {RULES['inventory']}",
                expected="`kind: effect`", remedy="Write the effect as a study of its own, with its consequence tree.",
            )  # fmt: skip


def _effects_alone(method: Method) -> bool:
    """Whether all that a method books goes to accounts of effects, or to the account that the rows state."""
    accounts = [t.books.get("account") for t in method.terms if "flow" in t.books]
    return all(a == Name("account") or (isinstance(a, Text) and a.value in EFFECTS) for a in accounts)


def _without_first(effect: Effect, rows: Iterable[Mapping[str, Any]], file: str) -> list[Problem]:
    """NET needs the first-order effect, in every year in which there is a second-order one."""
    years = {order: {str(r["year"]) for r in rows if r["account"] == e.ACCOUNT[order]} for order in e.ORDERS}
    missing = sorted(years["second"] - years["first"])
    if not missing:
        return []
    when = "" if not years["first"] else f" of {', '.join(missing)}"
    return [Problem(
        file, effect.line, "nodes",
        f"the second-order effect{when} stands without the first-order effect of the solution; {RULES['first order']}",
        "a quantified node of first order in every year",
        "Add a node with `order: first` and the life cycle of the ICT solution.",
    )]  # fmt: skip


def _without_reason(effect: Effect, file: str) -> list[Problem]:
    return [
        Problem(
            file, None, f"nodes.{n.id}", f"the node {n.id!r} is excluded without a reason; {RULES['reason']}",
            "`included: {excluded: the reason}`", "Say why it is left out, or include it.",
        )
        for n in effect.nodes if n.excluded is not None and not _says(n.excluded)
    ]  # fmt: skip


def _says(reason: str) -> bool:
    """Whether a reason is a word: three letters, or two signs of a script that writes syllables or words."""
    letters = [c for c in reason if c.isalpha()]
    return len(letters) >= 3 or sum(c > "\u2e80" for c in letters) >= 2


def _shares(effect: Effect, file: str) -> list[Problem]:
    whole = sum(c.share for c in effect.contributions)
    if whole <= 1 + 1e-9:
        return []
    told = ", ".join(f"{c.actor} {c.share:g}" for c in effect.contributions)
    return [Problem(
        file, None, "contribution", f"the shares of the actors ({told}) add up to {whole:g}; {RULES['shares']}",
        "shares that add up to one at most", "State the enabling role instead, or agree on a key.",
    )]  # fmt: skip


def check_shares(registered: Iterable[Iterable[e.Contribution]]) -> None:
    """Raise :class:`UsageError` where the shares that several studies register of one effect exceed one."""
    found = [c for entries in registered for c in entries]
    whole = sum(c.share for c in found)
    if whole > 1 + 1e-9:
        told = ", ".join(f"{c.actor} {c.share:g}" for c in found)
        raise UsageError(f"The shares of the actors ({told}) add up to {whole:g}; {RULES['shares']}.")


# -- what follows from the result ----------------------------------------------------------------------------------


def refused_public(effect: Effect, told: Mapping[str, Any], file: str) -> list[Problem]:
    """A study that wants a public statement, and whose NET lacks a factor or rests on nodes of Tier 3."""
    if not effect.public:
        return []
    if told["net"] is None and told["missing"]:
        return [Problem(
            file, None, "public",
            f"a public statement is wanted and a factor is missing for {', '.join(told['missing'])}, so that no net "
            f"effect is formed; {RULES['gap']}",
            "a factor for every amount", "Give the factors, or write `public: false`.",
        )]  # fmt: skip
    if told["tier"] < 3:
        return []
    return [Problem(
        file, None, "public",
        f"a public statement is wanted and the assessment is of Tier 3 (by {', '.join(told['tier_by'])}); "
        f"{RULES['tier 3']}",
        "Tier 1 or 2 in every node that matters", "Better the data of these nodes, or write `public: false`.",
    )]  # fmt: skip


def check_publishable(effects: Mapping[str, Any] | None) -> None:
    """Raise :class:`UsageError` where the result of an effect study may not be published."""
    if effects is not None and effects["net"] is None and effects.get("missing"):
        raise UsageError(
            f"A factor is missing for {', '.join(effects['missing'])}, so that no net effect is formed; {RULES['gap']}"
            ". Nothing public was written. Give the factors, or write the bundle without --public."
        )
    if effects is not None and effects["tier"] >= 3:
        raise UsageError(
            f"The assessment is of Tier 3 (by {', '.join(effects['tier_by'])}); {RULES['tier 3']}. "
            "Nothing public was written. Better the data of these nodes, or write the bundle without --public."
        )


def statements(effect: Effect, told: Mapping[str, Any]) -> dict[str, list[str]]:
    """The codes of the statements that may be made, and of those that may not."""
    bars = _bars(told)
    may = {"increase": "net_increase", "reduction": "net_reduction", "not formed": "unformed"}.get(
        str(told["verdict"]), "net_unclear"
    )
    if bars and may == "net_reduction":
        may = "net_outweighed" if "total_increase" in bars else "net_unclear"
    allowed = [may] if told["tier"] < 3 or may == "unformed" else ["internal"]
    barred = [*NEVER, *bars]
    if told["tier"] >= 3:
        barred.insert(0, "public")
    if told["verdict"] != "reduction":
        barred.append("reduces")
    if told["reduction"] is None or told["reduction"]["lesser"]["mean"] > 0:
        barred.append("actual")
    if told["total"] is None or told["tier_higher"] >= 3:
        barred.append("total")
    barred.append("sole")
    return {"may": allowed, "may_not": barred}


def _bars(told: Mapping[str, Any]) -> list[str]:
    """What keeps a reduction of NET from being said: a total that is none, and an increase that has words only."""
    found = []
    if told["total"] is not None and told["total"]["high"] >= 0:
        found.append("total_increase")
    if any(only_described(n) and n["described"]["direction"] == "increase" for n in told["nodes"]):
        found.append("unquantified")
    return found


def warned(compiled: Compiled, told: Mapping[str, Any]) -> list[str]:
    """What makes an effect look better than it is, one sentence each; they hold no amounts."""
    effect = compiled.effect
    return [
        *_favourable(effect, told), *_reference(effect), *_adoption(effect, told), *_grid(compiled),
        *_rebound(effect), *_pilot(effect), *_sensitivities(effect), *_same_tonne(effect), *_footprint(told),
    ]  # fmt: skip


def _footprint(told: Mapping[str, Any]) -> list[str]:
    """A solution without a footprint, or one that displaces far more ICT than it takes."""
    found = []
    whole = told["first_order"]
    if whole is not None and whole["point"] <= 0:
        found.append(
            "The first-order effect is zero or below zero; the life cycle of a solution is never free."
        )
    for node in told["nodes"]:
        own, displaced = node["with"], node["without"]
        if node["order"] != "first" or displaced is None:
            continue
        if displaced["point"] > FAR * max(own["point"] if own else 0.0, 0.0):
            found.append(
                f"The node {node['id']} displaces more than {FAR} times what the solution itself takes there."
            )
    return found


def _favourable(effect: Effect, told: Mapping[str, Any]) -> list[str]:
    """Only consequences that save: cherry-picking."""
    signs = [n["effect"]["mean"] for n in told["nodes"] if n["order"] != "first" and n["effect"] is not None]
    worse = [n for n in effect.nodes if n.included and n.described and n.described.direction == "increase"]
    if not signs or any(s > 0 for s in signs) or worse:
        return []
    return [
        "The consequence tree holds only favourable nodes; L.1480 asks for positive and negative effects alike."
    ]


def _reference(effect: Effect) -> list[str]:
    if effect.reference_kind != "nothing":
        return []
    return [
        "The reference scenario is nothing instead of what the market would do; the effect may be overstated."
    ]


def _adoption(effect: Effect, told: Mapping[str, Any]) -> list[str]:
    found = []
    for name, what in (
        ("adoption", "All users adopt the solution"),
        ("effective_use", "All adopters use it effectively"),
    ):
        points = [row[name]["point"] for row in told["scale"] if row.get(name)]
        if any(p >= 1 for p in points):
            found.append(f"{what} (100 %) in some year; measured adoption is lower as a rule.")
    if effect.scale.users and not effect.scale.adoption:
        found.append("No adoption is stated: all users count as adopting the solution (100 %).")
    return found


def _grid(compiled: Compiled) -> list[str]:
    codes = {str(r["country"]) for r in compiled.rows if r["activity"] == "electricity"}
    groups = sorted(codes - set(places.load().countries))
    if not groups:
        return []
    return [
        f"Electricity takes the mean of {', '.join(g or 'no place' for g in groups)}, not that of its country."
    ]


def _rebound(effect: Effect) -> list[str]:
    if any(n.mechanism in e.REBOUNDS for n in effect.nodes):
        return []
    return ["No node is a rebound or an induction; L.1480 asks for higher-order effects, at least in words."]


def _pilot(effect: Effect) -> list[str]:
    scale = effect.scale
    if not (scale.users and scale.evidence == "pilot"):
        return []
    if scale.effective_use and scale.representativeness and not _all(scale.effective_use.values()):
        return []
    return [
        "What a pilot found is scaled linearly to all users; pilots are chosen, and mostly do better than the rest."
    ]


def _all(trees: Iterable[Tree]) -> bool:
    return all(isinstance(t, Number) and t.value >= 1 for t in trees)


def _sensitivities(effect: Effect) -> list[str]:
    rebound = any(n.mechanism in e.REBOUNDS and n.booked for n in effect.nodes)
    asked = [a for a in e.ASKED if (a != "rebound" or rebound) and (a != "adoption" or effect.scale.adoption)]
    lacking = [a for a in asked if a not in effect.about.values()]
    if not lacking:
        return []
    return [f"No sensitivity is about {', '.join(lacking)}."]


def _same_tonne(effect: Effect) -> list[str]:
    alone = [c.actor for c in effect.contributions if not c.who_else]
    if effect.perspective == "contribution" and not effect.contributions:
        return [
            "The study is of an organisation's contribution and names no actor, share, key and who else shares."
        ]
    if not alone:
        return []
    return [
        f"Who else shares in the effect is not said for {', '.join(alone)}; vendor and customer may claim it twice."
    ]

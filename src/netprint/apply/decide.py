"""From accounts of practices to decisions: ranks, the abatement cost curve, the best sets, the value of information."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from netprint.apply.account import Account
from netprint.apply.applied import TONNE, Row, told
from netprint.apply.choices import budget_of
from netprint.apply.choosing import ALL, merit, pareto, per_tonne, rank_probabilities, sets, whole_order
from netprint.apply.information import information
from netprint.apply.interaction import EXACT
from netprint.apply.setting import Setting
from netprint.apply.stack import Stack
from netprint.errors import UsageError

Array = NDArray[np.float64]
OUTLAY = (
    "Sets are compared and held against a budget by what the first year takes: the investment and one yearly cost, the "
    "savings not taken off. Yearly costs come again in every later year."
)


@dataclass(frozen=True)
class Decided:
    ranks: Row = field(default_factory=dict)
    curve: tuple[Row, ...] = ()
    sets: Row = field(default_factory=dict)
    information: tuple[Row, ...] = ()


def decide(
    made: Stack,
    accounts: Sequence[Account],
    setting: Setting,
    parameters: Mapping[str, Array],
    budget: str | None,
    target: tuple[float, bool] | None,
    money: str,
) -> Decided:
    """What follows from the accounts of the practices that were run. Nothing where none was."""
    if not accounts:
        return Decided()
    names = [a.one.id for a in made.acting]
    net = np.stack([np.broadcast_to(a.net, (setting.draws + 1,)) for a in accounts]) / TONNE
    return Decided(
        _ranks(names, net),
        _curve(names, accounts, net, money),
        _sets(made, accounts, setting, budget, target, money),
        tuple(
            information(
                net[:, 1:], {n: np.broadcast_to(a, (setting.draws + 1,))[1:] for n, a in parameters.items()},
                setting.prepared.study.seed,
            )
        ),
    )  # fmt: skip


def _ranks(names: Sequence[str], net: Array) -> Row:
    """Practices by mean net tonnes, and how certain each rank is."""
    order = sorted(range(len(names)), key=lambda i: (-float(np.mean(net[i, 1:])), names[i]))
    chances = rank_probabilities(net[:, 1:])
    return {
        "order": [names[i] for i in order],
        "probability": {names[i]: [float(p) for p in chances[i]] for i in order},
        "first": float(chances[order[0], 0]),
        "whole": whole_order(net[:, 1:], order),
    }


def _curve(names: Sequence[str], accounts: Sequence[Account], net: Array, money: str) -> tuple[Row, ...]:
    """The marginal abatement cost curve in order of merit; practices without cost or price are not on it."""
    held = [i for i, a in enumerate(accounts) if a.yearly_cost is not None and a.money_saved is not None]
    costs = [np.asarray(accounts[i].yearly_cost) - np.asarray(accounts[i].money_saved) for i in held]
    order = merit([float(c[0]) for c in costs], [float(net[i, 0]) for i in held])
    found, start = [], 0.0
    for rank, k in enumerate(order, start=1):
        i = held[k]
        width = float(net[i, 0])
        if width <= 0:
            continue
        found.append({
            "rank": rank, "id": names[i], "saves": float(costs[k][0]) < 0, "from": start, "to": start + width,
            "net": told(net[i]), "net_cost": told(costs[k]), "cost_per_tonne": per_tonne(costs[k], net[i] * TONNE),
            "currency": money,
        })  # fmt: skip
        start += width
    return tuple(found)


def _sets(
    made: Stack,
    accounts: Sequence[Account],
    setting: Setting,
    budget: str | None,
    target: tuple[float, bool] | None,
    money: str,
) -> Row:
    """The best set within a budget, the cheapest that reaches a target, and the sets that no other beats."""
    names = [a.one.id for a in made.acting]
    priced = [i for i, a in enumerate(accounts) if a.outlay is not None]
    counted = not priced
    if counted and budget is None and target is None:
        return {}
    if budget is not None and counted:
        raise UsageError(
            "A budget needs costs, and none of these practices states one. Give them with --investment PRACTICE=MONEY."
        )
    held = list(range(len(names))) if counted else priced
    costs = [1.0 if counted else _point(accounts[i].outlay) for i in held]
    once = [_point(accounts[i].investment) for i in held]
    value = _Net(made, accounts, held)
    valued = sets(costs, value, ALL if setting.linear else EXACT)
    front = pareto(valued, costs)

    def row(chosen: frozenset[int]) -> Row:
        return {
            "practices": [names[held[i]] for i in sorted(chosen)], "net": told(value(chosen), TONNE),
            "investment": None if counted else sum(once[i] for i in chosen),
            "outlay": None if counted else sum(costs[i] for i in chosen), "currency": money,
        }  # fmt: skip

    left = [names[i] for i in range(len(names)) if i not in held]
    notes = [f"Left out of the sets because no cost is known: {', '.join(left)}."] if left else []
    if counted:
        notes.append("No cost is known; the sets are ranked by how few practices they need.")
    else:
        notes.append(OUTLAY)
    found: Row = {"front": [row(s) for s in front], "note": " ".join(notes)}
    if budget is not None:
        most, unit = budget_of(budget)
        if money and unit != money:
            raise UsageError(f"The budget is in {unit} and prices are in {money}; give both in one currency.")
        within = [s for s in front if sum(costs[i] for i in s) <= most]
        found["budget"] = row(max(within, key=lambda s: valued[s]))
    if target is not None:
        asked = target[0] * (float(setting.baseline[0]) if target[1] else TONNE)
        enough = [s for s in front if valued[s] >= asked]
        chosen = min(enough, key=lambda s: sum(costs[i] for i in s)) if enough else None
        found["target"] = {
            "practices": [],
            "net": None,
            "investment": None,
            "outlay": None,
            "currency": money,
            "probability": None,
        }
        if chosen is not None:
            found["target"] = {**row(chosen), "probability": float(np.mean(value(chosen)[1:] >= asked))}
        else:
            found["note"] = f"{found['note']} No set reaches {asked / TONNE:,.6g} t CO2e a year.".strip()
    return found


def _point(money: Array | None) -> float:
    return 0.0 if money is None else float(np.atleast_1d(money)[0])


class _Net:
    """Net kg CO2e of sets: avoided with interactions, less the rebound of their mix and their own footprints."""

    def __init__(self, made: Stack, accounts: Sequence[Account], held: Sequence[int]) -> None:
        self.made, self.accounts, self.held = made, accounts, held
        self.known: dict[frozenset[int], Array] = {}

    def __call__(self, chosen: frozenset[int]) -> Array:
        if chosen not in self.known:
            self.known[chosen] = self.of(frozenset(self.held[i] for i in chosen))
        return self.known[chosen]

    def of(self, chosen: frozenset[int]) -> Array:
        avoided = self.made.avoided_by(chosen)
        accounts = [self.accounts[i] for i in sorted(chosen)]
        together = sum((a.avoided for a in accounts), np.zeros_like(avoided))
        back = sum((a.rebound for a in accounts if a.rebound is not None), np.zeros_like(avoided))
        own = sum((a.own for a in accounts if a.own is not None), np.zeros_like(avoided))
        share = np.divide(back, together, out=np.zeros_like(avoided), where=together != 0)
        return np.asarray(avoided * (1 - share) - own)

"""The rows of a result: what each practice avoids, adds, costs and rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netprint.apply.account import Account
from netprint.apply.applied import TONNE, Row, told
from netprint.apply.choosing import per_tonne
from netprint.apply.default import CLAIMED, beside
from netprint.apply.setting import Setting
from netprint.apply.stack import Acting, Stack
from netprint.load.practice import Practice

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Told:
    """One practice with what was found."""

    acting: Acting
    avoided: Array
    alone: Array
    saved: Mapping[str, Array]
    account: Account


def summed(arrays: Sequence[Array], setting: Setting) -> Array:
    total = np.zeros(setting.draws + 1)
    for array in arrays:
        total += array
    return total


def _known(arrays: Sequence[Array | None], setting: Setting) -> dict[str, float] | None:
    """The sum of what is known; None where nothing is."""
    held = [a for a in arrays if a is not None]
    return told(summed(held, setting), TONNE) if held or not arrays else None


def total_row(made: Stack, run: Sequence[Told], net: Array, setting: Setting) -> Row:
    lasting = [t.account.lifetime for t in run]
    return {
        "avoided": told(made.total, TONNE),
        "own": _known([t.account.own for t in run], setting),
        "rebound": _known([t.account.rebound for t in run], setting),
        "net": told(net, TONNE),
        "after": told(setting.baseline - net, TONNE),
        "reduces": float(np.mean(net[1:] > 0)),
        "lifetime": None if not lasting or any(x is None for x in lasting) else _known(lasting, setting),
        "not_known": {
            "own": [t.acting.one.id for t in run if t.account.own is None],
            "rebound": [t.acting.one.id for t in run if t.account.rebound is None],
        },
        "interaction": told(summed([t.alone for t in run], setting) - made.total, TONNE),
    }


def row(t: Told, setting: Setting, currency: str) -> Row:
    one, account_ = t.acting.one, t.account
    assert one.effect is not None
    practice, cost = one.practice, account_.yearly_cost
    low, high = one.effect.limits
    net_cost = None if cost is None or account_.money_saved is None else cost - account_.money_saved
    return {
        "id": one.id, "title": dict(practice.title), "domain": practice.domain, "order": practice.order,
        "stream": one.stream, "status": practice.status, "maturity": practice.maturity,
        "effect": {
            "value": one.effect.value, "low": low, "high": high, "unit": practice.effect.unit,
            "what": practice.effect.what, "rule": one.effect.rule, "grade": one.effect.grade,
            "status": one.effect.status, "flags": list(one.effect.flags), "claims": one.effect.rule == CLAIMED,
        },
        "grade": one.effect.grade, "provisional": one.effect.status != "verified" or one.share.status != "verified",
        "adoption": one.adoption.point, "share": told(t.acting.share),
        "acts_on": _amounts(t.acting, setting), "saved": _saved(t.saved, setting),
        "avoided": told(t.avoided, TONNE), "alone": told(t.alone, TONNE), "own": told(account_.own, TONNE),
        "rebound": told(account_.rebound, TONNE), "net": told(account_.net, TONNE),
        "reduces": float(np.mean(account_.net[1:] > 0)), "years": told(account_.years),
        "lifetime": told(account_.lifetime, TONNE), "investment": told(account_.investment),
        "yearly_cost": told(cost), "money_saved": told(account_.money_saved), "net_cost": told(net_cost),
        "cost_per_tonne": per_tonne(net_cost, account_.net), "currency": currency,
        "gaps": [*account_.gaps, *account_.unpriced],
        "warnings": list(practice.warnings), "claims": [f"{e.grade}: {e.what}" for e in beside(practice)],
    }  # fmt: skip


def _amounts(acting: Acting, setting: Setting) -> list[Row]:
    """The activity data selected, and the emissions behind them."""
    column, found = setting.rows.labels["activity"], []
    for name in sorted({column.values[c] for c in np.unique(column.codes[acting.rows])}):
        here = acting.rows & column.having(name)
        found.append({
            "activity": name, "quantity": float(setting.quantity(here)[0]),
            "unit": setting.prepared.plan.activities[name].unit, "emissions": told(setting.of_rows(here), TONNE),
        })  # fmt: skip
    return found


def _saved(saved: Mapping[str, Array], setting: Setting) -> list[Row]:
    return [
        {"activity": name, "unit": setting.prepared.plan.activities[name].unit, **(told(array) or {})}
        for name, array in saved.items()
    ]


def benefit(practice: Practice) -> Row:
    return {
        "id": practice.id,
        "title": dict(practice.title),
        "order": practice.order,
        "what": practice.effect.what,
    }

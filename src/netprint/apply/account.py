"""What carrying a practice out adds, brings back, costs and lasts; kg CO2e and money of one year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from netprint.apply.choices import Choices, currency
from netprint.apply.parameters import Parameters
from netprint.apply.setting import Setting
from netprint.apply.stack import Acting
from netprint.engine.run import CLIMATE
from netprint.errors import GapError, InputError, NetprintError
from netprint.load.practice import ACTED, SAVED, WHOLE, Added, Money
from netprint.units import parse, ratio

Array = NDArray[np.float64]
#: The methods that assess what a practice adds where the study's own do not take the activity.
METHODS = (
    "ghgp-scope3-purchases",
    "ghgp-corporate",
    "ghgp-scope2-2015",
    "ghgp-scope3-waste",
    "ghgp-scope3-transport",
)
COUNTED = ("inventory", "location")
CAPITAL_GOODS = "2 capital goods"


@dataclass
class Account:
    """One practice's account of a year. What is not known is None, and ``gaps`` says so.

    ``net`` is avoided - rebound - own, of what is known. Money in the currency of the prices: ``running`` is spent
    each year, ``yearly_cost`` is that and the investment spread over the years that it lasts.
    """

    avoided: Array
    rebound: Array | None = None
    own: Array | None = None
    years: Array | None = None
    investment: Array | None = None
    running: Array | None = None
    yearly_cost: Array | None = None
    money_saved: Array | None = None
    gaps: list[str] = field(default_factory=list)
    unpriced: list[str] = field(default_factory=list)

    @property
    def net(self) -> Array:
        found = self.avoided
        for taken in (self.rebound, self.own):
            found = found if taken is None else found - taken
        return found

    @property
    def outlay(self) -> Array | None:
        """What the first year takes: the investment and one yearly cost, savings not taken off."""
        known = [m for m in (self.investment, self.running) if m is not None]
        return np.asarray(sum(known)) if known else None

    @property
    def lifetime(self) -> Array | None:
        """Net over the years that it lasts, the year's emission factors held."""
        return None if self.years is None else self.net * self.years


@dataclass(frozen=True)
class Basis:
    """What an account is made with; ``saved``: by activity."""

    acting: Acting
    saved: Mapping[str, Array]
    setting: Setting
    parameters: Parameters
    choices: Choices
    currency: str


def account(avoided: Array, basis: Basis) -> Account:
    """The account of one practice that avoids ``avoided`` kg CO2e in the year."""
    found = Account(avoided)
    practice, parameters = basis.acting.one.practice, basis.parameters
    years = basis.choices.years.get(practice.id, practice.persistence)
    if years.known:
        found.years = parameters.of(f"persistence of {practice.id}", years, "persistence", practice.id)
    if practice.rebound.known:
        found.rebound = avoided * parameters.of(
            f"rebound of {practice.id}", practice.rebound, "rebound", practice.id
        )
    else:
        found.gaps.append(f"Rebound is not known and not taken off. {practice.rebound.note}".strip())
    _own(found, basis)
    _costs(found, basis)
    _saved_money(found, basis)
    return found


# -- its own footprint -------------------------------------------------------------------------------------------------


def _own(found: Account, basis: Basis) -> None:
    practice = basis.acting.one.practice
    if practice.own_footprint is None:
        found.gaps.append(
            f"Its own footprint is not known and not taken off. {practice.own_footprint_reason}".strip()
        )
        return
    total = np.zeros(basis.setting.draws + 1)
    missing = []
    for i, added in enumerate(practice.own_footprint):
        try:
            total = total + _added(added, i, found, basis)
        except _Unknown as why:
            name = f"{added.activity} {added.item}".strip()
            missing.append(f"Its own footprint lacks {name}: {why}")
    found.gaps += missing
    found.own = None if missing and len(missing) == len(practice.own_footprint) else total


class _Unknown(Exception):
    """Why an amount cannot be had."""


def _added(added: Added, i: int, found: Account, basis: Basis) -> Array:
    practice = basis.acting.one.practice
    if not added.quantity.known:
        raise _Unknown(f"no quantity is known. {added.quantity.note}".strip())
    units = per(added.per, basis)
    each = basis.parameters.of(
        f"own {added.activity} of {practice.id}", added.quantity, "own", practice.id, str(i)
    )
    yearly = each * units
    if added.when == "once":
        if found.years is None:
            raise _Unknown("it is spent once, and no source says how long the practice lasts (--years).")
        yearly = yearly / found.years
    return yearly * emissions(added, basis.setting)


def per(what: str, basis: Basis) -> Array | float:
    """How many units a cost or an added activity is for. Raises :class:`_Unknown`."""
    if what == WHOLE:
        return 1.0
    if what == SAVED:
        _one_unit(basis)
        return np.sum(list(basis.saved.values()), axis=0) if basis.saved else 0.0
    if what == ACTED:
        _one_unit(basis)
        adoption = basis.parameters.adoption(basis.acting.one)
        return basis.setting.quantity(basis.acting.rows) * basis.acting.share * adoption
    held = basis.setting.driver(what, basis.acting.select)
    if held is None:
        raise _Unknown(f"it is stated per {what}, and the study has no row of that activity in the year.")
    return held * basis.parameters.adoption(basis.acting.one)


def _one_unit(basis: Basis) -> None:
    """Raises :class:`_Unknown` where the rows selected are of activities in several units."""
    column, plan = basis.setting.rows.labels["activity"], basis.setting.prepared.plan
    names = {column.values[c] for c in np.unique(column.codes[basis.acting.rows])}
    if len({plan.activities[n].unit for n in names}) > 1:
        raise _Unknown(
            f"the activities {', '.join(sorted(names))} have several units; apply it to one of them."
        )


def emissions(added: Added, setting: Setting) -> Array:
    """kg CO2e of one unit of an activity, by the study's methods or those of the catalogue, on the study's draws.

    Raises :class:`_Unknown` where no method takes it or a factor is missing.
    """
    from netprint.assess import assess

    study = setting.prepared.study
    row = {
        "activity": added.activity,
        "item": added.item,
        "year": setting.year,
        "quantity": 1,
        "unit": added.unit,
    }
    held = set(setting.rows.labels["country"].texts()) - {""} if "country" in setting.rows.labels else set()
    row["country"] = held.pop() if len(held) == 1 else "WORLD"
    if added.activity.startswith(("ict_goods", "goods_", "spend_")):
        row["category"] = CAPITAL_GOODS
    why = "no method of the catalogue takes it."
    for method in METHODS:
        if not _takes(method, added.activity):
            continue
        given = {
            "title": "own footprint", "method": method, "period": setting.year, "gwp": study.gwp, "gaps": "error",
            "activities": [row], "draws": study.draws, "seed": study.seed,
        }  # fmt: skip
        try:
            result = assess(given)
        except NetprintError as error:
            why = reason(error)
            continue
        drawn = [v for (y, a, i), v in result.draws.items() if y and a in COUNTED and i == CLIMATE]
        if drawn:
            return np.broadcast_to(np.sum(drawn, axis=0), (study.draws + 1,))
    raise _Unknown(why)


def reason(error: NetprintError) -> str:
    """What is wrong, in one sentence."""
    if isinstance(error, GapError):
        return error.gaps[0]
    return error.problems[0].found if isinstance(error, InputError) else str(error)


def _takes(method: str, activity: str) -> bool:
    from netprint.errors import Problems
    from netprint.load.activities import families, load_activities
    from netprint.load.method import load_method, shipped

    loaded = load_method(shipped()[method], Problems())
    names = {activity, *families(load_activities().values()).get(activity, ())}
    return loaded is not None and any(t.activity in names for t in loaded.terms)


# -- money -------------------------------------------------------------------------------------------------------------


def _costs(found: Account, basis: Basis) -> None:
    practice = basis.acting.one.practice
    investment = basis.choices.investment.get(practice.id, practice.cost.investment)
    yearly = basis.choices.yearly.get(practice.id, practice.cost.yearly)
    if investment is None and yearly is None:
        found.unpriced.append(f"Its cost is not known. {practice.cost.unknown}".strip())
        return
    try:
        spread = np.zeros(basis.setting.draws + 1)
        if yearly is not None:
            found.running = _money(yearly, "yearly cost", basis)
        if investment is not None:
            found.investment = _money(investment, "investment", basis)
            if found.years is None:
                raise _Unknown("it is spent once, and no source says how long the practice lasts (--years).")
            spread = found.investment * recovery(basis.choices.discount, found.years)
        found.yearly_cost = spread + (0.0 if found.running is None else found.running)
    except _Unknown as why:
        found.unpriced.append(f"Its cost of a year is not known: {why}")


def recovery(rate: float, years: Array) -> Array:
    """The capital recovery factor ``r / (1 - (1 + r)^-n)``: what a unit invested costs each year of its life."""
    return 1 / years if rate == 0 else rate / (1 - (1 + rate) ** -years)


def _money(money: Money, what: str, basis: Basis) -> Array:
    practice = basis.acting.one.practice
    stated = currency(money.amount.unit, f"The {what} of {practice.id}")
    if basis.currency and stated != basis.currency:
        raise _Unknown(
            f"the {what} is in {stated} and prices are in {basis.currency}; state it in {basis.currency}."
        )
    each = basis.parameters.of(f"{what} of {practice.id}", money.amount, what, practice.id)
    return np.asarray(each * per(money.per, basis))


def _saved_money(found: Account, basis: Basis) -> None:
    total = np.zeros(basis.setting.draws + 1)
    activities = basis.setting.prepared.plan.activities
    for name, amount in basis.saved.items():
        price = basis.choices.prices.get(name)
        if price is None:
            found.unpriced.append(
                f"The money saved is not known: give the price of {name} (--price {name}=…)."
            )
            return
        total = total + amount * price.value * ratio(parse(activities[name].unit), price.unit)
    found.money_saved = total


__all__ = ["Account", "Basis", "account", "emissions", "per", "recovery"]

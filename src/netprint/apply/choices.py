"""What the user says about practices: how far each is taken up, an effect or a share of their own, prices and costs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from netprint.errors import UsageError, did_you_mean
from netprint.formula.parse import FormulaError, Tree, parse
from netprint.load.practice import WHOLE, Estimate, Money, Practice
from netprint.load.selector import selects
from netprint.units import Unit, UnitError
from netprint.units import parse as parse_unit

#: For one practice, or for all.
Given = float | str | Mapping[str, float | str] | None
_NUMBER = r"[-+]?(?:\d[\d ]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"^\s*({_NUMBER})(?:\s*\.\.\s*({_NUMBER}))?(?:\s*\.\.\s*({_NUMBER}))?\s*(%?)\s*$")
_AMOUNT = re.compile(rf"^\s*({_NUMBER})\s*([^\d\s.].*?)\s*$")
_TARGET = re.compile(rf"^\s*({_NUMBER})\s*(%|t\s*CO2e?|t)\s*$")
_CURRENCY = re.compile(r"^([A-Z]{3})(\d{4})?$")


@dataclass(frozen=True)
class Choices:
    """By practice: adoption, effect, share, selector, stream and costs; by activity: price. ``discount`` a year."""

    adoption: Mapping[str, Estimate] = field(default_factory=dict)
    effects: Mapping[str, Estimate] = field(default_factory=dict)
    shares: Mapping[str, Estimate] = field(default_factory=dict)
    on: Mapping[str, Tree] = field(default_factory=dict)
    streams: Mapping[str, str] = field(default_factory=dict)
    investment: Mapping[str, Money] = field(default_factory=dict)
    yearly: Mapping[str, Money] = field(default_factory=dict)
    years: Mapping[str, Estimate] = field(default_factory=dict)
    prices: Mapping[str, Price] = field(default_factory=dict)
    discount: float = 0.05


@dataclass(frozen=True)
class Price:
    """Money for one unit of an activity: ``value`` in ``currency`` per ``unit``."""

    value: float
    currency: str
    unit: Unit


def estimate(text: float | str, what: str) -> Estimate:
    """A number, ``low..high`` or ``low..value..high``; per cent are allowed. Raises :class:`UsageError`."""
    if not isinstance(text, str):
        return Estimate(float(text), source="you")
    match = _RANGE.match(text)
    if match is None:
        raise UsageError(f"{what} is {text!r}; expected a number, or a range like 0.05..0.15 or 5..15 %.")
    scale = 0.01 if match[4] else 1.0
    held = [float(g.replace(" ", "")) * scale for g in match.groups()[:3] if g]
    if held != sorted(held):
        raise UsageError(f"{what} is {text!r}; expected numbers that rise.")
    if len(held) == 1:
        return Estimate(held[0], source="you")
    return Estimate(held[1] if len(held) == 3 else None, held[0], held[-1], source="you")


def by_practice(given: Given, practices: Mapping[str, Practice], what: str) -> dict[str, Estimate]:
    """One estimate for all practices, or for those named. Raises :class:`UsageError` for a name not applied."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        return {name: estimate(given, what) for name in practices}
    known(given, practices, what)
    return {name: estimate(text, f"{what} of {name}") for name, text in given.items()}


def fractions(found: Mapping[str, Estimate], what: str) -> Mapping[str, Estimate]:
    """The same, refused where one lies outside 0 to 1."""
    for name, one in found.items():
        held = [v for v in (one.low, one.value, one.high) if v is not None]
        if any(not 0 <= v <= 1 for v in held):
            raise UsageError(f"{what} of {name} is {held}; expected a fraction from 0 to 1, or per cent.")
    return found


def effects_within(found: Mapping[str, Estimate], practices: Mapping[str, Practice]) -> dict[str, Estimate]:
    """The same. Raises :class:`UsageError` with every effect on a share of the rows that lies outside -1 to 1."""
    wrong = []
    for name, one in found.items():
        held = [v for v in (one.low, one.value, one.high) if v is not None]
        if practices[name].effect.kind == "share" and any(not -1 <= v <= 1 for v in held):
            shown = "..".join(f"{v:g}" for v in held)
            wrong.append(
                f"The effect of {name} is {shown}; expected a share from -1 to 1 of what it acts on, or per cent: 12 % "
                "is written 0.12 or 12%."
            )
    if wrong:
        raise UsageError("\n".join(wrong))
    return dict(found)


def positive(found: Mapping[str, Estimate], what: str) -> dict[str, Estimate]:
    """The same. Raises :class:`UsageError` where a number, or an end of its range, is not above zero."""
    for name, one in found.items():
        held = [v for v in (one.low, one.value, one.high) if v is not None]
        if any(not (v > 0 and math.isfinite(v)) for v in held):
            shown = "..".join(f"{v:g}" for v in held)
            raise UsageError(f"{what} of {name} is {shown}; expected a number above 0.")
    return dict(found)


def rate(discount: float) -> float:
    """A discount rate a year, ``0 <= rate < 1``. Raises :class:`UsageError`."""
    if not isinstance(discount, int | float) or not 0 <= discount < 1:
        raise UsageError(
            f"The discount rate is {discount!r}; expected a number from 0 to less than 1 a year: 5 % is written 0.05."
        )
    return float(discount)


def budget_of(text: str) -> tuple[float, str]:
    """A budget and its currency, like ``1e6 USD``. Raises :class:`UsageError` for one below zero."""
    value, unit = amount(text, "The budget")
    if value < 0:
        raise UsageError(f"The budget is {text!r}; expected money that is not below 0.")
    return value, currency(unit, "The budget")


def target_of(text: str) -> tuple[float, bool]:
    """A target above zero: t CO2e a year, or a share of the total where the second is true.

    Raises :class:`UsageError` for a number without a unit, below zero, or in another unit.
    """
    match = _TARGET.match(str(text))
    if match is None:
        number = re.fullmatch(_NUMBER, str(text).strip())
        held = float(number[0].replace(" ", "")) if number else 0.0
        share = f"{held * 100:g}% or " if 0 < held <= 1 else ""
        hint = f" Say {share}{held:g} t." if held > 0 else ""
        raise UsageError(
            f"The target is {text!r}; expected t CO2e a year like 5000t, or per cent like 10%.{hint}"
        )
    value = float(match[1].replace(" ", ""))
    if not value > 0:
        raise UsageError(f"The target is {text!r}; expected an amount above 0 that is to be avoided.")
    return (value / 100, True) if match[2] == "%" else (value, False)


def one_currency(prices: Mapping[str, Price], moneys: Iterable[Money], budget: str | None) -> str:
    """The currency that all is told in: of the prices, else of the costs given, else of the budget; may be empty.

    Raises :class:`UsageError` where prices, or without any prices costs, are in several currencies.
    """
    of_prices = {p.currency for p in prices.values()}
    of_costs = {currency(m.amount.unit, "A cost") for m in moneys}
    for held, what in ((of_prices, "Prices"), (of_costs, "Costs")):
        if len(held) > 1:
            raise UsageError(f"{what} are in {' and '.join(sorted(held))}; give all in one currency.")
        if held:
            return held.pop()
    return "" if budget is None else budget_of(budget)[1]


def known(given: Mapping[str, Any], practices: Mapping[str, Practice], what: str) -> None:
    for name in given:
        if name not in practices:
            near = did_you_mean(name, practices) or f"Applied are {', '.join(practices)}."
            raise UsageError(f"{what} is given for '{name}', which is not applied. {near}")


def selectors(given: Mapping[str, str], practices: Mapping[str, Practice]) -> dict[str, Tree]:
    known(given, practices, "A selector")
    found = {}
    for name, text in given.items():
        try:
            tree = parse(text)
        except FormulaError as error:
            raise UsageError(f"The selector of {name}, `{text}`: {error}") from None
        if not selects(tree):
            raise UsageError(
                f"The selector of {name} is `{text}`; expected comparisons of columns with texts, joined by * or +, "
                "like (activity == 'electricity') * (network == 'mobile')."
            )
        found[name] = tree
    return found


def amount(text: str, what: str) -> tuple[float, str]:
    """A number and its unit, like ``5e6 USD``. Raises :class:`UsageError`."""
    match = _AMOUNT.match(text)
    if match is None:
        raise UsageError(f"{what} is {text!r}; expected a number and a unit, like 5000000USD.")
    return float(match[1].replace(" ", "")), match[2]


def moneys(given: Mapping[str, str], practices: Mapping[str, Practice], what: str) -> dict[str, Money]:
    """Costs of whole programmes, in a currency."""
    known(given, practices, what)
    found = {}
    for name, text in given.items():
        value, unit = amount(text, f"{what} of {name}")
        currency(unit, f"{what} of {name}")
        found[name] = Money(Estimate(value, unit=unit, source="you"), WHOLE)
    return found


def currency(unit: str, what: str) -> str:
    """The currency of a unit, its price year left off: ``USD`` of ``USD2022``. Raises :class:`UsageError`."""
    match = _CURRENCY.match(unit.strip())
    if match is None:
        raise UsageError(f"{what} is in {unit!r}; expected a currency like USD or USD2022.")
    return match[1]


def prices(given: Mapping[str, str], activities: Mapping[str, Any]) -> dict[str, Price]:
    """Prices by activity, like ``{"electricity": "0.12 USD/kWh"}``. Raises :class:`UsageError`."""
    found = {}
    for name, text in given.items():
        what = f"The price of {name}"
        if name not in activities:
            near = did_you_mean(name, activities) or "`netprint activities` lists them."
            raise UsageError(f"{what} is given, and '{name}' is no activity. {near}")
        value, unit = amount(text, what)
        money, _, per = unit.partition("/")
        if not per:
            raise UsageError(f"{what} is {text!r}; expected money per unit, like 0.12USD/kWh.")
        try:
            parsed = parse_unit(per)
        except UnitError as error:
            raise UsageError(f"{what}: {error}") from None
        if parsed.dims != parse_unit(activities[name].unit).dims:
            raise UsageError(f"{what} is per {per}; expected per {activities[name].unit} or a unit like it.")
        found[name] = Price(value, currency(money, what), parsed)
    return found

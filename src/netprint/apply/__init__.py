"""apply: practices on a user's own inventory.

A practice changes activity data as a scenario does: the same collapsed rows, multiplied; the same factors and draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netprint.apply.account import Basis, account
from netprint.apply.applied import TONNE, Applied, Row, told
from netprint.apply.choices import (
    Choices,
    Given,
    by_practice,
    effects_within,
    fractions,
    moneys,
    one_currency,
    positive,
    rate,
    selectors,
    target_of,
)
from netprint.apply.choices import prices as read_prices
from netprint.apply.decide import decide
from netprint.apply.default import CLAIMED, beside
from netprint.apply.parameters import Parameters, Runnable, runnable
from netprint.apply.rows import Told, benefit, row, summed, total_row
from netprint.apply.setting import Setting, Study, open_setting
from netprint.apply.stack import Acting, Stack, act, stack
from netprint.engine.audit import all_needs, leaves
from netprint.errors import UsageError
from netprint.formula.parse import write
from netprint.load.activities import load_activities
from netprint.load.practice import Practice, find
from netprint.load.selector import columns_of

Array = NDArray[np.float64]
OVERLAPS = ("refuse", "one-stream")


def apply(
    practices: str | Path | Practice | Sequence[str | Path | Practice],
    study: Study,
    *,
    adoption: Given = None,
    year: str | int | None = None,
    total: str | None = None,
    effects: Given = None,
    shares: Given = None,
    on: Mapping[str, str] | None = None,
    streams: Mapping[str, str] | None = None,
    prices: Mapping[str, str] | None = None,
    investment: Mapping[str, str] | None = None,
    yearly: Mapping[str, str] | None = None,
    years: Given = None,
    discount: float = 0.05,
    budget: str | None = None,
    target: str | None = None,
    accept_claims: bool = False,
    overlap: str = "refuse",
) -> Applied:
    """Apply practices to one year of a study or result bundle.

    ``practices``: ids of the catalogue, paths of own files, or loaded ones; their order changes nothing. ``adoption``,
    ``effects``, ``shares`` and ``years`` (how long one lasts): a number, a range like ``0.05..0.15`` or a mapping by
    practice. ``on`` replaces selectors, ``streams`` the streams. ``prices`` by activity (``0.12 USD/kWh``);
    ``investment`` and ``yearly``: costs of whole programmes by practice. ``budget``: money of the first year
    (investment and one yearly cost); ``target``: ``5000 t`` CO2e a year, or ``10 %`` of the total.
    ``accept_claims`` runs practices that only potentials or vendor claims stand behind.

    Raises :class:`UsageError` with every practice that cannot be run and why, and what assessing raises.
    """
    given = [practices] if isinstance(practices, str | Path | Practice) else list(practices)
    found = {p.id: p for p in sorted((find(g) for g in given), key=lambda p: p.id)}
    if not found:
        raise UsageError("There is nothing to apply: name a practice. `netprint practices list` shows them.")
    if overlap not in OVERLAPS:
        raise UsageError(f"overlap is {overlap!r}; expected {' or '.join(OVERLAPS)}.")
    choices = Choices(
        adoption=fractions(by_practice(adoption, found, "The adoption"), "The adoption"),
        effects=effects_within(by_practice(effects, found, "The effect"), found),
        shares=fractions(by_practice(shares, found, "The share"), "The share"),
        on=selectors(on or {}, found),
        streams=dict(streams or {}),
        investment=moneys(investment or {}, found, "The investment"),
        yearly=moneys(yearly or {}, found, "The yearly cost"),
        years=positive(by_practice(years, found, "The number of years"), "The number of years"),
        prices=read_prices(prices or {}, load_activities()),
        discount=rate(discount),
    )
    aim = None if target is None else target_of(target)
    moneys_given = [*choices.investment.values(), *choices.yearly.values()]
    currency = one_currency(choices.prices, moneys_given, budget)
    ones = [
        runnable(p, choices, accept_claims=accept_claims)
        for p in found.values()
        if p.effect.kind != "benefit"
    ]
    trees = {o.id: t for o in ones if (t := choices.on.get(o.id, o.practice.select)) is not None}
    setting = open_setting(study, trees, None if year is None else str(year), total)
    parameters = Parameters(setting.run.coefficients)
    acting = _acting(ones, trees, setting, parameters)
    first = [a for a in acting if a.one.practice.order == "first"]

    def accounted(made: Stack) -> list[Told]:
        return [
            Told(
                a,
                avoided,
                alone,
                saved,
                account(avoided, Basis(a, saved, setting, parameters, choices, currency)),
            )
            for a, avoided, alone, saved in zip(
                made.acting, made.avoided, made.alone, made.saved, strict=True
            )
        ]

    together = stack(first, setting, one_stream=overlap == "one-stream")
    run = accounted(together)
    others = [t for a in acting if a.one.practice.order != "first" for t in accounted(stack([a], setting))]
    net = summed([t.account.net for t in run], setting)
    decided = decide(
        together,
        [t.account for t in run],
        setting,
        {**parameters.used, **_factors(setting)},
        budget,
        aim,
        currency,
    )
    return Applied(
        title=setting.title,
        year=setting.year,
        account=setting.total,
        baseline=told(setting.baseline, TONNE) or {},
        practices=tuple(row(t, setting, currency) for t in run),
        beside=tuple(row(t, setting, currency) for t in others),
        benefits=tuple(benefit(p) for p in found.values() if p.effect.kind == "benefit"),
        total=total_row(together, run, net, setting),
        ranks=decided.ranks,
        curve=decided.curve,
        sets=decided.sets,
        information=decided.information,
        assumptions=_assumptions(choices, setting, together, currency),
        warnings=tuple(
            _warnings(run, others, setting, together, priced=bool(choices.prices or moneys_given))
        ),
        draws={t.acting.one.id: t.account.net for t in run},
    )


def _acting(
    ones: Sequence[Runnable], trees: Mapping[str, Any], setting: Setting, parameters: Parameters
) -> list[Acting]:
    """The practices on their rows. Raises :class:`UsageError` with all that cannot be run."""
    found, wrong = [], []
    for one in ones:
        try:
            found.append(_act(one, trees.get(one.id), setting, parameters))
        except UsageError as error:
            wrong.append(str(error))
    if wrong:
        raise UsageError("\n".join(wrong))
    return found


def _act(one: Runnable, tree: Any, setting: Setting, parameters: Parameters) -> Acting:
    if one.effect is None:
        known = "; ".join(f"{e.grade}: {e.what}" for e in beside(one.practice)) or "none"
        raise UsageError(
            f"{one.id} has no default effect: no measured, life-cycle or arithmetic evidence gives one (potentials and "
            f"claims: {known}). Give your own with --effect {one.id}=0.1, or run the claims with --accept-claims."
        )
    if tree is None:
        raise UsageError(
            f"{one.id} acts on no activity data of an inventory. {one.practice.conditions.get('note', '')} Select rows "
            f"of yours with --on {one.id}=SELECTOR."
        )
    lacking = sorted(setting.lacking & columns_of(tree))
    if lacking:
        raise UsageError(
            f"{one.id} selects by {', '.join(lacking)}, which the bundle's collapsed table does not hold. Apply it to "
            f"the study, or select by other columns with --on {one.id}=SELECTOR."
        )
    rows = setting.select(tree)
    if not rows.any():
        raise UsageError(
            f"{one.id} has no baseline: no row of {setting.year} is one of `{write(tree)}`. {_hint(tree, setting)}"
            f"Select rows of yours with --on {one.id}=SELECTOR."
        )
    return act(one, tree, rows, setting, parameters)


def _hint(tree: Any, setting: Setting) -> str:
    """Which of the selector's columns the inventory leaves empty."""
    empty = [c for c in sorted(columns_of(tree)) if not any(setting.rows.labels[c].texts())]
    return f"The column {', '.join(empty)} is empty in the activity data. " if empty else ""


def _factors(setting: Setting) -> dict[str, Array]:
    """The uncertain factors below the baseline's total."""
    run, found = setting.run, {}
    for asked, answer in leaves(run, all_needs(run)):
        array = run.coefficients.factor(asked)
        if answer.formula is None and len(array) > 1:
            found[f"{asked[0]}[{', '.join(asked[1])}]" if asked[1] else asked[0]] = array
    return found


def _assumptions(choices: Choices, setting: Setting, made: Stack, currency: str) -> Row:
    return {
        "draws": setting.draws, "seed": setting.prepared.study.seed, "discount": choices.discount,
        "currency": currency, "prices": {n: f"{p.value:g} {p.currency}/{p.unit}" for n, p in choices.prices.items()},
        "shapley": "exact" if made.exact else "sampled orders",
        "interaction": "1 - Π(1 - adoption × effect) within a stream; streams add",
        "unit": "t CO2e of one year; lifetime = net × years at the factors of that year",
    }  # fmt: skip


def _warnings(
    run: Sequence[Told], others: Sequence[Told], setting: Setting, made: Stack, *, priced: bool
) -> list[str]:
    found = []
    for t in (*run, *others):
        one, effect = t.acting.one, t.acting.one.effect
        assert effect is not None
        if effect.rule == CLAIMED:
            found.append(
                f"{one.id} runs on potentials and vendor claims alone, as you asked; no study backs it."
            )
        if "promoter-made" in effect.flags:
            found.append(f"{one.id}: the effect is a number of those who promote the practice.")
        if "favourable-baseline" in effect.flags:
            found.append(f"{one.id}: the effect was found against a baseline that favours it.")
        money = t.account.unpriced if priced else []
        found += t.acting.warnings
        found += [f"{one.id}: {text}" for text in (*one.practice.warnings, *t.account.gaps, *money)]
    lines, rows = setting.run.all_lines, [t.acting.rows for t in (*run, *others)]
    touched = np.any(rows, axis=0) if rows else np.zeros(len(setting.rows), dtype=bool)
    lost = int(np.sum(np.isin(lines.row[setting.run.gap], np.flatnonzero(touched))))
    if lost:
        found.append(
            f"{lost} lines of the rows selected have no factor; what is saved on them is a gap, not zero."
        )
    found += made.warnings
    if not made.exact:
        found.append(
            "The total is not a sum over rows; Shapley shares rest on sampled orders and add up to the whole."
        )
    return list(dict.fromkeys(found))


__all__ = ["Applied", "apply"]

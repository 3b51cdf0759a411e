"""Which practices apply to a user's own inventory: those whose selector takes rows of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from netprint.apply.applied import TONNE
from netprint.apply.default import default_effect
from netprint.apply.setting import Setting, Study, open_setting, without
from netprint.load.practice import Practice
from netprint.load.selector import columns_of

Row = dict[str, Any]


def offers(
    practices: Sequence[Practice], study: Study, year: str | None = None, total: str | None = None
) -> tuple[list[Row], list[Row]]:
    """(those that take rows, those that would if a column were filled), those of the first order
    first, then by the emissions behind them.

    Rows: id, title, order, amounts by activity, emissions in t CO2e of the year (the point), the default effect, and
    what it would avoid at full adoption; None where no default or share is known. Raises what assessing raises.
    """
    held = {p.id: p for p in practices if p.select is not None}
    trees = {name: p.select for name, p in held.items() if p.select is not None}
    setting = open_setting(study, trees, year, total, draws=1)
    found, could = [], []
    for name, tree in trees.items():
        if columns_of(tree) & setting.lacking:
            could.append(_wanted(held[name], sorted(columns_of(tree) & setting.lacking)))
            continue
        rows = setting.select(tree)
        if rows.any():
            found.append(_row(held[name], rows, setting))
            continue
        empty = [c for c in sorted(columns_of(tree)) if not any(setting.rows.labels[c].texts())]
        if empty and setting.select(without(tree, set(empty))).any():
            could.append(_wanted(held[name], empty))
    found.sort(key=lambda r: (r["order"] != "first", -r["emissions"], r["id"]))
    return found, could


def _row(practice: Practice, rows: Any, setting: Setting) -> Row:
    column = setting.rows.labels["activity"]
    amounts = [
        {"activity": name, "quantity": float(setting.quantity(rows & column.having(name))[0]),
         "unit": setting.prepared.plan.activities[name].unit}
        for name in sorted({column.values[c] for c in np.unique(column.codes[rows])})
    ]  # fmt: skip
    behind = float(setting.of_rows(rows)[0]) / TONNE
    effect = default_effect(practice)
    share = practice.share.point if practice.share.known else None
    runs = effect is not None and share is not None and practice.effect.kind == "share"
    return {
        "id": practice.id, "title": dict(practice.title), "order": practice.order, "domain": practice.domain,
        "status": practice.status, "year": setting.year, "account": setting.total, "amounts": amounts,
        "emissions": behind, "effect": None if effect is None else effect.value,
        "grade": "" if effect is None else effect.grade,
        "avoids": behind * share * effect.value if runs and effect is not None and share is not None else None,
    }  # fmt: skip


def _wanted(practice: Practice, columns: Sequence[str]) -> Row:
    return {
        "id": practice.id,
        "title": dict(practice.title),
        "columns": list(columns),
        "applies": practice.applies,
    }

"""One field of a form, filled from a result at one place (a year, and a country, entity or site where told apart)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netprint.exchange.exports.crosswalk import Field
from netprint.exchange.exports.held import WITHHELD, Absent, Array, Held
from netprint.result import statistics
from netprint.units import parse, ratio

CLIMATE = "climate change"
UNDIVIDED = "(not told apart)"
_VIEWS = {(): "year", ("scope",): "scope", ("scope", "category"): "category", ("flow",): "flow"}
_NUMBER = re.compile(r"\s*(\d+)\b")
#: Numbers of categories in a text: "category 12", "categories 4, 9 and 12", "categories 10–12".
_CATEGORIES = re.compile(r"\bcat(?:\.|egor(?:y|ies))\s*(\d+(?:\s*(?:,|and|or|to|&|-|–)\s*\d+)*)", re.I)
_SPAN = re.compile(r"(\d+)\s*(?:to|-|–)\s*(\d+)")
_LOCATION = "location-based: it holds electricity of what is held and not consolidated (category 15)"
_DIMENSIONS = ("year", "country", "entity", "site", "network", "market", "supplier", "counterparty", "item")


@dataclass(frozen=True)
class Filled:
    """What stands in a field: a number with its 95 % interval, or a text; else a notation key with its reason."""

    value: float | str | None = None
    low: float | None = None
    high: float | None = None
    notation: str = ""
    reason: str = ""
    coverage: float | None = None
    provisional_share: float | None = None


def fill(field: Field, held: Held, at: Mapping[str, str], shown: Mapping[str, str]) -> Filled:
    """The field at one place; ``shown`` are the labels of the table's row, also where nothing is told apart by them."""
    try:
        if field.needs:
            if held.public:
                raise Absent("C", WITHHELD)
            if not held.has(field.needs, at):
                what = field.needs.replace("_", " ")
                raise Absent("NA", f"no activity data of {what} here, so the form does not apply")
            mixed = [c for c in field.per if shown.get(c) == UNDIVIDED]
            if mixed:
                lacking = [c for c in ("year", *mixed) if c not in held.result.by]
                raise Absent(
                    "NE",
                    f"{' and '.join(mixed)} are not told apart; add {' and '.join(lacking)} to `by` of the study",
                )
        return _FILLERS[field.kind](field, held, at, shown)
    except Absent as absent:
        return Filled(notation=absent.key, reason=absent.reason)


def told(field: Field, reason: str) -> Absent:
    return Absent(field.absent, field.reason or reason)


# -- emissions -----------------------------------------------------------------------------------------------------


def emissions(field: Field, held: Held, at: Mapping[str, str], _: Mapping[str, str]) -> Filled:
    """A sum of the bundle's cells of one account or total, in the unit of the field.

    A total across accounts is taken only where the account that sets it apart is there: heat alone is no market-based
    result. Scope 3 is the location-based total where the methods form one, and says where electricity of what is held
    and not consolidated (category 15) is in it.
    """
    wanted = field.options
    rows = _rows(held, at, tuple(d for d in ("scope", "category", "flow") if d in wanted))
    rows = [
        r
        for r in rows
        if all(_is(r.get(d, ""), d, wanted[d]) for d in ("scope", "category", "flow") if d in wanted)
    ]
    totals: Mapping[str, Sequence[str]] = held.result.tags["totals"]
    account = next((a for a in wanted["account"] if a in {r["account"] for r in rows}), "")
    if not account:
        raise Absent("NE", _missing(held, wanted))
    apart = {p for parts in totals.values() for p in parts if p != "inventory"}
    there = {r["account"] for r in rows} & apart
    own = set(totals.get(account, (account,))) - {"inventory"}
    if account in totals and there and not there & own:
        raise Absent(
            "NE", f"the result has the account {', '.join(sorted(there))} and not {', '.join(sorted(own))}"
        )
    chosen = [r for r in rows if r["account"] == account]
    if any(r["point"] is None for r in chosen):
        raise Absent("NE", "no factor was found for some of it; see the gaps of the bundle")
    per = ratio(parse(chosen[0]["unit"]), parse(field.unit))
    single = chosen[0] if len(chosen) == 1 else {}
    return Filled(
        value=sum(r["point"] for r in chosen) * per,
        low=_times(single.get("low"), per), high=_times(single.get("high"), per),
        reason="; ".join(filter(None, [
            _LOCATION if "3" in wanted.get("scope", ()) and there & own else "",
            "" if single else f"the sum of {len(chosen)} cells; intervals are not added",
        ])),
        coverage=min(r["coverage"] for r in chosen), provisional_share=_mean_share(chosen),
    )  # fmt: skip


def _rows(held: Held, at: Mapping[str, str], dims: tuple[str, ...]) -> list[dict[str, Any]]:
    """The rows of the finest table that has just these dimensions: a view by year, else the bundle's cells."""
    result = held.result
    if set(at) == {"year"} and dims in _VIEWS:
        rows = list(result.views[_VIEWS[dims]].where(year=at["year"], impact=CLIMATE))
    else:
        lacking = [d for d in (*at, *dims) if d not in result.by]
        if lacking:
            raise Absent(
                "NE", f"emissions are not told apart by {' and '.join(lacking)}; add it to `by` of the study"
            )
        rows = list(result.cells.where(impact=CLIMATE, **at))
    return rows


def _is(label: object, dimension: str, wanted: tuple[str, ...]) -> bool:
    text = str(label)
    if dimension == "category":
        number = _NUMBER.match(text)
        return number is not None and number[1] in wanted
    if dimension == "flow":
        return any(text == w or text.startswith((f"{w}_", f"{w.removesuffix('s')}-")) for w in wanted)
    return text in wanted


def _missing(held: Held, wanted: Mapping[str, tuple[str, ...]]) -> str:
    scope, category = "".join(wanted.get("scope", ())), "".join(wanted.get("category", ()))
    what = " ".join(f"{d} {' or '.join(v)}" for d, v in wanted.items() if d != "account")
    reason = f"the result has nothing of {what or ' or '.join(wanted['account'])}"
    stated = held.result.tags["statements"].get("exclusions") or []
    for entry in stated if isinstance(stated, list) else []:
        said = str(entry.get("what", "")) if isinstance(entry, Mapping) else ""
        if said.casefold() == f"scope {scope}" or (category and category in _named(said)):
            reason += f"; excluded by the study: {said} ({entry.get('reason', '')})"
    return reason


def _named(text: str) -> set[str]:
    """The numbers of the categories that a text names."""
    found = set[str]()
    for listed in _CATEGORIES.findall(text):
        found |= set(re.findall(r"\d+", listed))
        for first, last in _SPAN.findall(listed):
            found |= {str(n) for n in range(int(first), int(last) + 1)}
    return found


def _mean_share(rows: Sequence[Mapping[str, Any]]) -> float | None:
    total = sum(abs(r["point"]) for r in rows)
    known: list[float | None] = [r["provisional_share"] for r in rows]
    if not total:
        return known[0]
    return float(sum(abs(r["point"]) * r["provisional_share"] for r in rows) / total)


def _times(value: float | None, per: float) -> float | None:
    return None if value is None else value * per


def _measure(field: Field, held: Held, at: Mapping[str, str], _: Mapping[str, str]) -> Filled:
    """Coverage or completeness: the least of the accounts that the result adds up, at the place."""
    accounts = {p for parts in held.result.tags["totals"].values() for p in parts}
    values = [r[field.words[0]] for r in _rows(held, at, ()) if not accounts or r["account"] in accounts]
    if not values or any(v is None for v in values):
        raise told(field, "the result does not tell it")
    return Filled(value=min(values) / parse(field.unit).scale)


# -- activities, energies and ratios ---------------------------------------------------------------------------------


def _activity(field: Field, held: Held, at: Mapping[str, str], _: Mapping[str, str]) -> Filled:
    return _number(field, held.activity(field.words[0], at, field.options.get("item", ())))


def _energy(field: Field, held: Held, at: Mapping[str, str], _: Mapping[str, str]) -> Filled:
    return _number(field, held.amount(field.words[0], at))


def _ratio(field: Field, held: Held, at: Mapping[str, str], _: Mapping[str, str]) -> Filled:
    """A quotient of two amounts, draw by draw."""
    above, below = (held.amount(name, at) for name in field.words)
    if not (below > 0).all():
        raise Absent("NE", f"{field.words[1].replace('_', ' ')} is zero in some draw")
    return _number(field, above / below)


def _number(field: Field, values: Array) -> Filled:
    found = {k: float(v[0]) for k, v in statistics((values / parse(field.unit).scale)[None, :]).items()}
    return Filled(value=found["point"], low=found["low"], high=found["high"])


def _indicator(field: Field, held: Held, at: Mapping[str, str], _: Mapping[str, str]) -> Filled:
    """The bundle's own indicator: the first of the names that it has."""
    known = {t["term"] for t in held.result.tags["terms"]} | {r["indicator"] for r in held.result.indicators}
    name = next((n for n in field.words if n in known), field.words[0])
    rows = [r for r in held.result.indicators if r["indicator"] == name and _stands_at(r, at)]
    if not rows:
        if held.public and name in known:
            raise Absent("C", WITHHELD)
        if name in known:
            raise Absent("NE", f"the data lack a part of the indicator '{name}' here")
        raise told(field, f"the method has no indicator '{name}'")
    row = rows[0]
    if row["point"] is None:
        raise Absent("NE", f"the indicator '{name}' is {row['note'] or 'a gap'}")
    per = ratio(parse(row["unit"]), parse(field.unit))
    values = [_times(row[c], per) for c in ("point", "low", "high")]
    return Filled(value=values[0], low=values[1], high=values[2], reason=row["note"] or "")


def _stands_at(row: Mapping[str, Any], at: Mapping[str, str]) -> bool:
    """Whether an indicator's row is that of just this place."""
    if set(at) == {"year"} and row["cell"] == f"all of {at['year']}":
        return True
    if row["cell"]:
        return False
    held = {c: str(row[c] or "") for c in row if c in _DIMENSIONS}
    return all(held.get(c, "") == v for c, v in at.items()) and not any(
        v for c, v in held.items() if c not in at
    )


# -- texts ---------------------------------------------------------------------------------------------------------


def _tag(field: Field, held: Held, _: Mapping[str, str], __: Mapping[str, str]) -> Filled:
    value = held.result.tags.get(field.words[0])
    return _text(field, ", ".join(value) if isinstance(value, list | tuple) else value)


def _statement(field: Field, held: Held, _: Mapping[str, str], __: Mapping[str, str]) -> Filled:
    return _text(field, held.result.tags["statements"].get(field.words[0]))


def _label(field: Field, _: Held, __: Mapping[str, str], shown: Mapping[str, str]) -> Filled:
    return _text(field, shown.get(field.words[0]))


def _text(field: Field, value: object) -> Filled:
    if value in (None, ""):
        raise told(field, "the study does not state it")
    return Filled(value=str(value))


def _constant(field: Field, _: Held, __: Mapping[str, str], ___: Mapping[str, str]) -> Filled:
    return Filled(value=" ".join(field.words))


def _none(field: Field, _: Held, __: Mapping[str, str], ___: Mapping[str, str]) -> Filled:
    raise Absent(field.absent, field.reason)


_FILLERS = {
    "emissions": emissions, "measure": _measure, "activity": _activity, "energy": _energy, "ratio": _ratio,
    "indicator": _indicator, "tag": _tag, "statement": _statement, "label": _label, "text": _constant, "none": _none,
}  # fmt: skip

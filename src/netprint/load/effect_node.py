"""The nodes of a consequence tree, read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netprint import places
from netprint.formula.parse import Tree
from netprint.load import effect as e
from netprint.load.document import Fields

_PER = ("adopter", "user", "whole")
SIGN = {"increase": 1, "decrease": -1}
_LABELS = ("treatment", "supplier", "network", "site")


def read_nodes(fields: Fields, term: str) -> tuple[e.Node, ...]:
    found: dict[str, e.Node] = {}
    given = fields.listing("nodes")
    if not given:
        fields.wrong(
            "nodes", "the study has no nodes", "the consequence tree, a list of nodes", "Add `nodes:`."
        )
    for inner in given:
        node = _node(inner, term)
        if node.id in found:
            inner.wrong("id", f"the id {node.id!r} stands twice", "an id of its own", "Rename one of them.")
        found[node.id] = node
    return tuple(found.values())


def _node(fields: Fields, term: str) -> e.Node:
    identifier = fields.name("id")
    order = fields.choice("order", e.ORDERS, "second")
    described = _described(fields) if fields.has("described") else fields.take("described")
    amounts = _amounts(fields, identifier, order)
    if described is not None and amounts:
        fields.wrong(
            "described", f"the node {identifier!r} is quantified and described", "one of them",
            "Put words that explain the amounts into `note`.",
        )  # fmt: skip
    found = e.Node(
        id=identifier,
        title=fields.text("title", identifier.replace("_", " ")),
        order=order,
        mechanism=_mechanism(fields, order),
        parent=fields.text("parent", ""),
        tier=fields.whole("tier", 3, 1, 3),
        term=fields.choice("term", e.TERMS, term),
        stage=_stage(fields, order),
        per=fields.choice("per", _PER, "adopter" if order == "first" else "user"),
        excluded=_excluded(fields),
        amounts=amounts,
        described=described,
        depends_on=tuple(fields.texts("depends_on")),
        note=fields.text("note", ""),
        path=fields.path,
    )
    fields.nothing_else()
    return found


def _mechanism(fields: Fields, order: str) -> str:
    if order == "first":
        if fields.has("mechanism"):
            fields.wrong(
                "mechanism",
                "a first-order node has a mechanism",
                "`stage`, a stage of ITU-T L.1410",
                "Take it out.",
            )
        fields.take("mechanism")
        return ""
    if not fields.has("mechanism"):
        fields.wrong(
            "mechanism", "`mechanism` is missing", ", ".join(e.MECHANISMS), "Say how the node comes about."
        )
    return fields.choice("mechanism", e.MECHANISMS, e.MECHANISMS[0])


def _stage(fields: Fields, order: str) -> str:
    """A stage of ITU-T L.1410 by letter, with a unit process (`C1`) where it is given."""
    if order != "first":
        if fields.has("stage"):
            fields.wrong("stage", f"a node of {order} order has a stage", "`mechanism`", "Take it out.")
        fields.take("stage")
        return ""
    text = fields.text("stage", "ABCD").replace(" ", "")
    letters = text.rstrip("0123456789.")
    if letters not in e.STAGES:
        fields.wrong(
            "stage", f"`stage` is {text!r}", "A, B, C or D (with a unit process like C1), ABD or ABCD",
            "Use the letters of ITU-T L.1410.",
        )  # fmt: skip
        return e.STAGES["ABCD"]
    return e.STAGES[letters] if letters == text else f"{e.STAGES[letters]} ({text})"


def _excluded(fields: Fields) -> str | None:
    """None where the node is included, else the reason (empty where none is given: the claim guard refuses that)."""
    value = fields.take("included", True)
    if value is True:
        return None
    if value is False:
        return ""
    if isinstance(value, Mapping) and set(value) == {"excluded"}:
        return str(value["excluded"] or "").strip()
    fields.wrong(
        "included", f"`included` is {value!r}", "true, or `{excluded: reason}`", "Say why it is left out."
    )
    return None


def _described(fields: Fields) -> e.Described:
    inner = Fields(
        fields.mapping("described"),
        fields.file,
        (*fields.path, "described"),
        fields.document,
        fields.problems,
    )
    for key in ("direction", "size"):
        if not inner.has(key):
            inner.wrong(key, f"`{key}` is missing", "a word", "Say direction and size class.")
    found = e.Described(
        inner.choice("direction", e.DIRECTIONS, e.DIRECTIONS[0]),
        inner.choice("size", e.SIZES, e.SIZES[0]),
        inner.text("why", "", required=True),
        _bounds(inner) if inner.has("bounds") else inner.take("bounds"),
    )
    if found.bounds is not None and (found.bounds.low + found.bounds.high) * SIGN[found.direction] < 0:
        low, high = found.bounds.low, found.bounds.high
        inner.wrong(
            "bounds", f"the direction is {found.direction!r} and the middle of the bounds {low:g} and {high:g} is not",
            "increases above zero, decreases below zero", "Mend the direction, or the signs of the bounds.",
        )  # fmt: skip
    inner.nothing_else()
    return found


def _bounds(fields: Fields) -> e.Bounds | None:
    inner = Fields(
        fields.mapping("bounds"), fields.file, (*fields.path, "bounds"), fields.document, fields.problems
    )
    low, high = inner.take("low", required=True), inner.take("high", required=True)
    unit, source = inner.text("unit", "kg CO2e"), inner.text("source", "", required=True)
    inner.nothing_else()
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in (low, high)) or low > high:
        inner.wrong(
            "low", f"the bounds are {low!r} and {high!r}", "two numbers, the lower first", "Mend them."
        )
        return None
    return e.Bounds(float(low), float(high), unit, source)


# -- amounts -------------------------------------------------------------------------------------------------------


def _amounts(fields: Fields, node: str, order: str) -> tuple[e.Amount, ...]:
    """`quantified:` is the list of activities, or `activities:` below it."""
    value = fields.data.get("quantified")
    if isinstance(value, Mapping):
        inner = Fields(
            fields.mapping("quantified"),
            fields.file,
            (*fields.path, "quantified"),
            fields.document,
            fields.problems,
        )
        listed = inner.listing("activities")
        inner.nothing_else()
    else:
        listed = fields.listing("quantified")
    return tuple(
        _amount(f, node if len(listed) == 1 else f"{node}_{i}", order) for i, f in enumerate(listed, 1)
    )


def _amount(fields: Fields, name: str, order: str) -> e.Amount:
    given: dict[str, Tree] = {}
    sides = {"with": "with", ("displaced" if order == "first" else "without"): "without", "before": "before"}
    for key, side in sides.items():
        tree = fields.formula((key,), fields.take(key))
        if tree is not None:
            given[side] = tree
    if not {"with", "without"} & set(given):
        fields.wrong(
            "with", "neither `with` nor what it is compared with is given", ", ".join(f"`{k}`" for k in sides),
            "Give the amount with the solution and the amount in the reference scenario.",
        )  # fmt: skip
    elif order != "first" and not {"with", "without"} <= set(given):
        lacking = "without" if "with" in given else "with"
        fields.wrong(
            lacking,
            f"`{lacking}` is missing",
            "both sides of the comparison",
            f"Write `{lacking}: 0` where it is nothing.",
        )
    found = e.Amount(
        id=fields.name("id") if fields.has("id") else name,
        activity=fields.text("activity", "", required=True),
        item=fields.text("item", ""),
        countries=_countries(fields),
        years=tuple(_year(fields, y) for y in _listed(fields.take("year"))),
        unit=fields.text("unit", ""),
        given=given,
        labels=_labels(fields),
        path=fields.path,
    )
    fields.nothing_else()
    return found


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]


def _year(fields: Fields, value: Any) -> int:
    if not str(value).isdigit():
        fields.wrong("year", f"`year` is {value!r}", "a year of the period", "Mend the year.")
        return 0
    return int(value)


def _countries(fields: Fields) -> tuple[str, ...]:
    return read_places(fields, "country") if fields.has("country") else fields.take("country") or ()


def _labels(fields: Fields) -> dict[str, str]:
    """Further columns of the row, such as `treatment` of waste."""
    found = {}
    for key in _LABELS:
        if fields.has(key):
            found[key] = fields.text(key, "")
    return found


def read_places(fields: Fields, key: str) -> tuple[str, ...]:
    """Countries or groups by code or name, as codes."""
    found = []
    for text in fields.texts(key):
        code = text if places.load().known(text) else places.load().find(text)
        if code is None:
            near = places.load().nearest(text)
            fields.wrong(
                key, f"the place {text!r} is not known", "a country or group by its code or name",
                f"Did you mean {' or '.join(near)}?" if near else "Write its code of three letters.",
            )  # fmt: skip
        else:
            found.append(code)
    return tuple(dict.fromkeys(found))

"""explain: where a number comes from: cell → terms → factor rows → source, licence, page; and forward from a factor."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netprint.errors import UsageError, did_you_mean
from netprint.result import Result

Row = dict[str, Any]
LARGEST = 20
_ORDER = ("year", "scope", "category", "account", "flow", "term")
_PROXY = re.compile(r"(.*?)(?: \(proxy, ([^)]*)\))?")


@dataclass(frozen=True)
class Explanation:
    """What a number rests on.

    ``cells``: the statistics of what was asked for, one row an account. ``lines``: the largest lines below, each
    with its ``multiplication``, ``title``, ``cites`` and ``rests_on``, the factor rows with their sources;
    ``left_out``: how many smaller lines are not listed, and what they add.
    """

    title: str
    asked: str
    cells: tuple[Row, ...]
    lines: tuple[Row, ...]
    left_out: tuple[int, float] = (0, 0.0)
    supersedes: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "title": self.title, "asked": self.asked, "cells": list(self.cells), "lines": list(self.lines),
            "left_out": {"lines": self.left_out[0], "contribution": self.left_out[1]},
            "supersedes": self.supersedes,
        }  # fmt: skip

    def __str__(self) -> str:
        parts = [f"{self.title}: {self.asked}"]
        parts += [f"  {_headline(cell)}" for cell in self.cells]
        parts += [f"  {self.supersedes}"] if self.supersedes else []
        for line in self.lines:
            parts += ["", *_told(line)]
        if self.left_out[0]:
            parts += ["", f"{self.left_out[0]} smaller lines add {number(self.left_out[1])} more."]
        return "\n".join(parts)


def explain(
    bundle: str | Path | Result, cell: str | None = None, *, factor: str | None = None
) -> Explanation:
    """Explain a cell, the totals (without ``cell``), or what rests on a ``factor``.

    ``cell`` is written ``2023/2/location`` or ``year=2023,scope=2``. ``factor`` is a name, or a row such as
    ``grid_direct[KEN, 2022]``. Raises :class:`UsageError` where the result has no such cell or factor, or is public
    and so has no trace.
    """
    from netprint.bundle import read

    result = bundle if isinstance(bundle, Result) else read(bundle)
    if not len(result.lines):
        why = "it is a public bundle" if result.collapsed is None else "no activity data led to a number"
        raise UsageError(f"'{result.title}' has no trace to explain: {why}.")
    if factor is not None:
        return _forward(result, factor)
    at = cell_labels(result, cell) if cell else {}
    return _backward(result, at, cell)


# -- cells -----------------------------------------------------------------------------------------------------------


def cell_labels(result: Result, cell: str) -> dict[str, str]:
    """``2023/2/location`` or ``year=2023,scope=2`` as labels by column. Raises :class:`UsageError`."""
    known = _known_labels(result)
    if "=" in cell:
        found = {}
        for pair in cell.split(","):
            name, _, label = (p.strip() for p in pair.partition("="))
            if name not in known:
                raise UsageError(
                    f"The result has no column '{name}'; it has {', '.join(known)}. {did_you_mean(name, known)}".strip()
                )
            if label not in known[name]:
                raise UsageError(_no_label(label, f"{name} of the result", known[name]))
            found[name] = label
        return found
    found = {}
    for label in (p.strip() for p in cell.split("/")):
        column = next((c for c in known if c not in found and label in known[c]), None)
        if column is None:
            everything = sorted({v for c, values in known.items() if c not in found for v in values})
            where = " or ".join(c for c in known if c not in found)
            raise UsageError(_no_label(label, f"{where} of the result", everything))
        found[column] = label
    return found


def _no_label(label: str, where: str, known: Sequence[str]) -> str:
    few = f" Known: {', '.join(known)}." if len(known) <= 12 else ""
    return f"'{label}' is no {where}.{few} {did_you_mean(label, known)}".strip()


def _known_labels(result: Result) -> dict[str, list[str]]:
    """The labels by column, in the order in which a path is read."""
    names = [n for n in result.lines.columns if n in {*result.by, *_ORDER}]
    ordered = [*(n for n in _ORDER if n in names), *(n for n in names if n not in _ORDER)]
    known = {n: sorted({str(v) for v in result.lines.columns[n] if v}) for n in ordered}
    known["account"] += [t for t in result.tags["totals"] if t not in known["account"]]
    return {n: v for n, v in known.items() if v}


def _accounts(result: Result, account: str | None) -> tuple[str, ...] | None:
    """The accounts behind a total; None for all."""
    if account is None:
        return None
    return tuple(result.tags["totals"].get(account, (account,)))


def _matching(result: Result, at: Mapping[str, str]) -> list[Row]:
    accounts = _accounts(result, at.get("account"))
    rest = {k: v for k, v in at.items() if k != "account"}
    return [
        row for row in result.lines
        if (accounts is None or row["account"] in accounts) and all(row.get(k) == v for k, v in rest.items())
    ]  # fmt: skip


def _statistics(result: Result, at: Mapping[str, str], lines: Sequence[Row]) -> list[Row]:
    """The result's own cells of these labels; where no table holds them, the sums of the lines, one an account."""
    dims = {k for k in at if k != "account"}
    for view in (*result.views.values(), result.cells):
        columns = set(view.columns)
        own = {c for c in columns if c in {*_ORDER, *result.by}} - {"account"}
        if own == dims and len(view):
            return list(view.where(**at))
    sums: dict[tuple[str, str, str], list[float]] = {}
    for row in lines:
        sums.setdefault((row["account"], row["impact"], row["unit"]), []).append(row["contribution"])
    return [
        {**at, "account": a, "impact": i, "unit": u, "point": math.fsum(v), "low": None, "high": None}
        for (a, i, u), v in sums.items()
    ]


# -- backward and forward --------------------------------------------------------------------------------------------


def _backward(result: Result, at: Mapping[str, str], cell: str | None) -> Explanation:
    lines = _matching(result, at)
    if not lines:
        raise UsageError(f"The result has no cell {cell}: its labels are known, but not together.")
    cells = _statistics(result, at, lines) if at else list(result.views["all"])
    asked = ", ".join(f"{k} {v}" for k, v in at.items()) or "totals"
    replaced = _replaced(result.tags.get("supersedes"))
    return Explanation(result.title, asked, tuple(cells), *_largest(result, lines), replaced)


def _replaced(told: Mapping[str, Any] | None) -> str:
    """What the result supersedes, and by how much its base year differs; empty where it replaces nothing."""
    if not told:
        return ""
    amounts = f"{number(told['point'])} to {number(told['after'])} {told['unit']}"
    why = ", ".join(f"{bar['cause']} {'+' if bar['contribution'] > 0 else ''}{number(bar['contribution'])}"
                    for bar in told["bars"])  # fmt: skip
    return (
        f"It supersedes '{told['title']}': base year {told['base_year']}, {told['total']}, {amounts} ({why})."
    )


def _forward(result: Result, factor: str) -> Explanation:
    """Which cells rest on a factor."""
    names = sorted({str(r[c]) for r in result.factors for c in ("factor", "named")})
    name = factor.partition("[")[0]
    if name not in names:
        raise UsageError(
            f"No number of the result rests on the factor '{factor}'. {did_you_mean(name, names)}".strip()
        )
    trail = Trail(result)
    lines = [
        row for row in result.lines
        if any(factor in (f["label"], f["factor"], f["named"]) for f in trail.of(row["factors"]))
    ]  # fmt: skip
    if not lines:
        known = sorted({f["label"] for r in result.lines for f in trail.of(r["factors"])})
        raise UsageError(f"No number of the result rests on {factor}. {did_you_mean(factor, known)}".strip())
    held = {(r.get("year", ""), r["account"], r["impact"]): r for r in result.views["year"]}
    sums: dict[tuple[str, ...], list[float]] = {}
    for row in lines:
        key = (row["year"], row["scope"], row["category"], row["account"], row["impact"], row["unit"])
        sums.setdefault(key, []).append(row["contribution"])
    cells = []
    for (year, scope, category, account, impact, unit), parts in sums.items():
        total = held[year, account, impact]["point"]
        share = math.fsum(parts) / total if total else None
        cells.append(
            {"year": year, "scope": scope, "category": category, "account": account, "impact": impact, "unit": unit,
             "point": math.fsum(parts), "low": None, "high": None, "share_of_account": share}
        )  # fmt: skip
    return Explanation(result.title, f"what rests on {factor}", tuple(cells), *_largest(result, lines))


def _largest(result: Result, lines: Sequence[Row]) -> tuple[tuple[Row, ...], tuple[int, float]]:
    terms = {t["term"]: t for t in result.tags["terms"]}
    shown, trail = [], Trail(result)
    for row in lines[:LARGEST]:
        term = terms.get(row["term"], {})
        shown.append(
            {**row, "title": term.get("title", ""), "cites": term.get("cites", ""),
             "status": term.get("status", ""), "formula": term.get("formula", ""),
             "multiplication": multiplication(row), "rests_on": trail.of(row["factors"])}
        )  # fmt: skip
    rest = lines[LARGEST:]
    return tuple(shown), (len(rest), math.fsum(r["contribution"] for r in rest))


class Trail:
    """The factor rows of a result, found by the text that a line of its trace names them with."""

    def __init__(self, result: Result) -> None:
        self.sources = {row["source"]: row for row in result.sources}
        self.rows: dict[str, Row] = {}
        for row in result.factors:
            index = row["asked"] if row["formula"] else row["found"]
            label = f"{row['factor']}[{index}]" if index else row["factor"]
            proxy = f" (proxy, {row['proxy']})" if row["proxy"] else ""
            self.rows.setdefault(label + proxy, row)

    def of(self, factors: str) -> list[Row]:
        """The rows that a line names, with title, address and licence of their sources."""
        return [self._row(text) for text in filter(None, factors.split("; ")) if self._key(text) in self.rows]

    @staticmethod
    def _key(text: str) -> str:
        """`name[index] = formula (proxy, lag 1)` without its formula."""
        label, proxy = _parts(text)
        return label.partition(" = ")[0] + (f" (proxy, {proxy})" if proxy else "")

    def _row(self, text: str) -> Row:
        row, (label, proxy) = self.rows[self._key(text)], _parts(text)
        source = self.sources.get(row["source"], {})
        return {
            "label": label, "factor": row["factor"], "named": row["named"], "value": row["value"], "unit": row["unit"],
            "asked": row["asked"], "proxy": proxy, "status": row["status"], "kind": row["kind"],
            "boundary": row["boundary"], "source": row["source"], "title": source.get("title", ""),
            "publisher": source.get("publisher", ""), "published": source.get("published", ""),
            "url": source.get("url", ""), "page": row["page"] or source.get("table", ""),
            "licence": row["licence"] or source.get("licence", ""), "note": row["note"],
        }  # fmt: skip


def _parts(text: str) -> tuple[str, str]:
    """A factor's text and its proxy, empty where it is none."""
    match = _PROXY.fullmatch(text)
    assert match is not None
    return match[1], match[2] or ""


# -- as text ---------------------------------------------------------------------------------------------------------


def number(value: float | None, digits: int = 6) -> str:
    """``1234567.8`` as ``1 234 568``: at most ``digits`` significant digits, thousands apart."""
    if value is None or value != value:
        return "–"
    if value and not 1e-4 <= abs(value) < 1e15:
        return f"{value:.{digits}g}"
    places = max(digits - 1 - math.floor(math.log10(abs(value))), 0) if value else 0
    text = f"{value:,.{places}f}".replace(",", " ")
    return text.rstrip("0").rstrip(".") if "." in text else text


def multiplication(row: Mapping[str, Any]) -> str:
    """``500 000 kWh × 0.1 kg CO2e/kWh = 50 000 kg CO2e``; of a cell term its value alone."""
    if row["quantity"] is None:
        return f"= {number(row['contribution'])} {row['unit']}"
    per = f"{row['unit']}/{row['quantity_unit']}"
    left = f"{number(row['quantity'])} {row['quantity_unit']} × {number(row['coefficient'])} {per}"
    return f"{left} = {number(row['contribution'])} {row['unit']}"


def _headline(cell: Mapping[str, Any]) -> str:
    labels = ", ".join(str(cell[c]) for c in (*_ORDER, "country", "entity") if c != "account" and cell.get(c))
    text = f"{cell['account']}{f' ({labels})' if labels else ''}: {number(cell['point'], 5)} {cell['unit']}"
    if cell.get("low") is not None:
        text += f", 95 % interval {number(cell['low'], 5)} to {number(cell['high'], 5)}"
    if cell.get("share_of_account") is not None:
        text += f", {100 * cell['share_of_account']:.1f} % of the account"
    return text


def _told(line: Mapping[str, Any]) -> Iterator[str]:
    where = ", ".join(f"{c} {line[c]}" for c in _ORDER[:4] if line.get(c))
    share = line["share_of_variance"]
    spread = "" if share is None else f"   {100 * share:.1f} % of the variance of its account and year"
    labels = f" ({line['labels']})" if line["labels"] else ""
    yield f"{line['term']}{labels}, {where}"
    yield f"  {line['multiplication']}{spread}"
    cites = f", {line['cites']}" if line["cites"] else ""
    yield f"  term: {line['formula'] or line['title']}{cites}, {line['status']}"
    if line["error_group"]:
        yield f"  the records share an error: {line['error_group'].replace('|', ', ')}"
    for factor in line["rests_on"]:
        proxy = f", stands in for [{factor['asked']}] ({factor['proxy']})" if factor["proxy"] else ""
        yield f"  {factor['label']} = {number(factor['value'])} {factor['unit']}, {factor['status']}{proxy}"
        source = ", ".join(
            str(factor[k]) for k in ("title", "publisher", "published", "page", "url", "licence") if factor[k]
        )
        yield f"    source: {factor['source']}{f': {source}' if source else ''}"


__all__ = ["Explanation", "Trail", "cell_labels", "explain", "multiplication", "number"]

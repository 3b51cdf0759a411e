"""What a result says, in the form that the pages ask for it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netprint import places
from netprint.load.factors import CATALOG, read_csv
from netprint.report import numbers
from netprint.report.markup import Html, Part, foreign, text
from netprint.report.words import Words
from netprint.result import Result, statistics

Row = dict[str, Any]
CLIMATE = "climate change"
#: Accounts that are stated apart and never added to an inventory, unless a method's totals name them.
MEMO = ("biogenic", "non_kyoto", "removals", "credits", "adaptation")
ORDER = ("inventory", "location", "market", "first_order", "second_order", "higher_order", *MEMO)


class Facts:
    """A result seen as years, accounts and totals; amounts in ``unit``, which is ``scale`` times the result's."""

    def __init__(self, result: Result, words: Words) -> None:
        self.result, self.words = result, words
        self.tags: Mapping[str, Any] = result.tags
        self.views = {name: list(table) for name, table in result.views.items()}
        impacts = list(dict.fromkeys(r["impact"] for r in self.views["year"]))
        self.impact = CLIMATE if CLIMATE in impacts or not impacts else impacts[0]
        self.impacts = [i for i in impacts if i != self.impact]
        self.yearly = {(r["account"], str(r["year"])): r for r in self.of("year")}
        self.unit, self.scale = self._unit()

    def category(self, name: object) -> Part:
        """A category in the report's language, else as the method writes it."""
        if isinstance(name, Html):
            return name
        said = self.words.label("category", str(name))
        return foreign(said) if said == str(name) and self.words.lang != "en" else text(said)

    def of(self, view: str, **labels: str) -> list[Row]:
        """The rows of a view with this impact and these labels."""
        rows = [r for r in self.views.get(view, []) if r["impact"] == self.impact]
        return [r for r in rows if all(str(r.get(k, "")) == v for k, v in labels.items())]

    def _unit(self) -> tuple[str, float]:
        stated = next((r["unit"] for r in self.of("year")), "kg CO2e")
        largest = max((abs(r["point"]) for r in self.of("year") if r["point"] is not None), default=0.0)
        return ("t CO2e", 1e-3) if stated == "kg CO2e" and largest >= 1000 else (stated, 1.0)

    @property
    def shown_unit(self) -> str:
        return numbers.unit(self.unit)

    # -- years and accounts ------------------------------------------------------------------------------------------

    @cached_property
    def years(self) -> list[str]:
        first, last = (self.tags.get("period") or (None, None))[:2]
        years = sorted({year for _, year in self.yearly})
        if first is None or last is None:
            return years
        return [y for y in years if not y.isdigit() or int(first) <= int(y) <= int(last)]

    @cached_property
    def latest(self) -> str:
        """The last year that has a value."""
        held = [y for (_, y), r in self.yearly.items() if y in self.years and r["point"] is not None]
        return max(held, default=self.years[-1] if self.years else "")

    @cached_property
    def parts(self) -> dict[str, tuple[str, ...]]:
        """The totals by name and the accounts that each is the sum of."""
        held = {account for account, _ in self.yearly}
        return {name: tuple(p) for name, p in (self.tags.get("totals") or {}).items() if name in held}

    @cached_property
    def accounts(self) -> list[str]:
        """The accounts that rows are booked to, memo accounts apart."""
        held = {account for account, _ in self.yearly} - set(self.parts) - set(self.memo)
        return sorted(held, key=place)

    @cached_property
    def memo(self) -> list[str]:
        added = {account for parts in self.parts.values() for account in parts}
        held = {account for account, _ in self.yearly}
        return [a for a in MEMO if a in held and a not in added]

    @cached_property
    def totals(self) -> list[str]:
        """What the headline shows: the totals by name, else the accounts."""
        return list(self.parts) or self.accounts

    @property
    def main(self) -> str:
        return self.totals[0] if self.totals else ""

    def total(self, account: str, year: str) -> Row | None:
        return self.yearly.get((account, year))

    def scoped(self, year: str) -> list[Row]:
        """Scope by account of a year, without totals and memo accounts; in their order."""
        rows = [r for r in self.of("scope", year=year) if r["account"] in self.accounts]
        return sorted(rows, key=lambda r: (str(r["scope"]) or "~", place(r["account"])))

    def categories(self, year: str, scope: str, account: str) -> list[Row]:
        rows = self.of("category", year=year, scope=scope, account=account)
        return sorted(rows, key=lambda r: -abs(r["point"] or 0))

    # -- names -------------------------------------------------------------------------------------------------------

    def account(self, name: str, inside: bool = False) -> str:
        """An account or total; in small letters inside a sentence."""
        spelled = self.words.label("total" if name in self.parts else "account", name)
        return spelled if inside else spelled[:1].upper() + spelled[1:]

    def label(self, column: str, name: str) -> str:
        """A label of a dimension: a country by its name and code, anything else as it stands."""
        known = column in ("country", "market") and name and places.load().known(name)
        return f"{places.load().name(name, self.words.lang)} ({name})" if known else name

    def scope(self, name: object) -> str:
        return self.words.plain("scope_n", n=str(name)) if str(name) else self.words.plain("scope_none")

    def flow(self, name: str) -> str:
        """A gas by name; what is booked as CO2e stands for gases that are not told apart."""
        if name == "CO2e":
            return self.words.plain("flow_together")
        origin = name.partition("_")[2]
        return f"{numbers.gas(name)} ({self.words.label('origin', origin)})" if origin else numbers.gas(name)

    def input(self, name: str) -> str:
        """An uncertain input: the title of a factor with its index, else as it stands."""
        factor, bracket, index = name.partition("[")
        title = factor_titles().get(factor, "")
        return f"{title} {bracket}{index}".strip() if title else name

    # -- statistics --------------------------------------------------------------------------------------------------

    def draws(self, account: str, year: str) -> NDArray[np.float64] | None:
        return self.result.draws.get((year, account, self.impact))

    def difference(self, a: str, b: str, year: str) -> Row | None:
        """Account ``b`` less account ``a`` in a year, with an interval where the draws are at hand."""
        one, two = self.draws(a, year), self.draws(b, year)
        if one is not None and two is not None:
            wide, begun = np.broadcast_arrays(two, one)
            return {k: float(v[0]) for k, v in statistics((wide - begun)[None, :]).items()}
        low, high = self.total(a, year), self.total(b, year)
        if low is None or high is None or low["point"] is None or high["point"] is None:
            return None
        return {"point": high["point"] - low["point"], "low": None, "high": None}

    def trend(self, account: str, year: str) -> Row | None:
        found = [
            r for r in self.result.trend
            if r["account"] == account and str(r["year"]) == year and r["impact"] == self.impact
        ]  # fmt: skip
        return found[0] if found else None

    @cached_property
    def lines(self) -> list[Row]:
        """The trace, the largest contribution first."""
        rows = [r for r in self.result.lines if r.get("impact", self.impact) == self.impact]
        return sorted(rows, key=lambda r: -abs(r["contribution"] or 0.0))

    def drivers(self, account: str, year: str) -> list[Row]:
        """The inputs that move a total most, each with its share of the summed squared swings."""
        rows = [
            dict(r) for r in self.result.drivers
            if r["account"] == account and str(r["year"]) == year and r["impact"] == self.impact
        ]  # fmt: skip
        whole = math.fsum(r["swing"] ** 2 for r in rows)
        for row in rows:
            row["share"] = row["swing"] ** 2 / whole if whole else 0.0
        return sorted(rows, key=lambda r: -r["swing"])


def place(account: str) -> tuple[int, str]:
    """Where an account stands in a table."""
    return (ORDER.index(account) if account in ORDER else len(ORDER), account)


@lru_cache(maxsize=1)
def factor_titles() -> dict[str, str]:
    """What the catalogue calls its factors."""
    return {
        row["factor"]: row.get("title", "")
        for path in sorted((CATALOG / "factors").glob("cards*.csv"))
        for _, row in read_csv(path)
    }

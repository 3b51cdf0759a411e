"""The parts of a practice file that hold numbers: estimates with their sources, what it adds, what it costs."""

from __future__ import annotations

import math
from typing import Any

from netprint.errors import did_you_mean
from netprint.load.activities import Activity, families, load_activities
from netprint.load.document import Fields
from netprint.load.practice import (
    ACTED,
    OWN,
    SAVED,
    WHOLE,
    Added,
    Cost,
    Estimate,
    Money,
    Source,
)
from netprint.units import UnitError, parse

VERIFICATION = ("verified", "provisional")
WHEN = ("once", "yearly")


class Parts:
    """Reads numbers of a practice file; what is wrong is added to the problems of ``fields``."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self.activities = load_activities()
        self.sources = self.read_sources()

    def number(self, fields: Fields, key: str) -> float | None:
        value = fields.take(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            fields.wrong(key, f"`{key}` is {value!r}", "a number like 0.15", "Write the number alone.")
            return None
        return float(value)

    def estimate(self, fields: Fields, value: str = "value", more: tuple[str, ...] = ()) -> Estimate:
        found = Estimate(
            self.number(fields, value), self.number(fields, "low"), self.number(fields, "high"),
            unit=fields.text("unit", "1"), source=self.source(fields), page=fields.text("page", ""),
            status=fields.choice("status", VERIFICATION, "provisional"), note=fields.text("note", ""),
        )  # fmt: skip
        for key in more:
            fields.take(key)
        self.in_order(fields, found.low, found.value, found.high)
        return found

    def in_order(self, fields: Fields, low: float | None, value: float | None, high: float | None) -> None:
        held = [v for v in (low, value, high) if v is not None]
        if held != sorted(held):
            fields.wrong(
                "value", f"low, value and high are {low}, {value} and {high}", "numbers that rise",
                "Mend them; a saving is positive, an increase negative.",
            )  # fmt: skip

    def part(self, key: str, value: str = "value", more: tuple[str, ...] = ()) -> Estimate:
        """An estimate of one mapping below ``key``."""
        fields = self.below(key)
        if fields is None:
            return Estimate()
        found = self.estimate(fields, value, more)
        fields.nothing_else()
        return found

    def below(self, key: str) -> Fields | None:
        given = self.fields.mapping(key)
        if not given:
            return None
        return Fields(given, self.fields.file, (key,), self.fields.document, self.fields.problems)

    def source(self, fields: Fields) -> str:
        name = fields.text("source", "")
        if name and name != OWN and name not in self.sources:
            fields.wrong(
                "source", f"{name!r} is none of the file's sources", "the id of a source below `sources`, or own",
                did_you_mean(name, self.sources) or "Add it to `sources`.",
            )  # fmt: skip
        return name

    def read_sources(self) -> dict[str, Source]:
        found: dict[str, Source] = {}
        for fields in self.fields.listing("sources"):
            name = fields.text("id", "", required=True)
            if name in found:
                fields.wrong("id", f"the source {name!r} stands twice", "each source once", "Rename one.")
            texts = {
                k: fields.text(k, "")
                for k in ("author", "publisher", "published", "url", "licence", "contradicts", "seen")
            }
            promoter = fields.take("promoter", False)
            if not isinstance(promoter, bool):
                fields.wrong(
                    "promoter", f"`promoter` is {promoter!r}", "true or false", "Write true or false."
                )
            found[name] = Source(
                name, fields.text("title", "", required=True), promoter=promoter is True, **texts
            )
            fields.nothing_else()
        return found

    # -- what it adds and costs ------------------------------------------------------------------------------------

    def own_footprint(self) -> tuple[tuple[Added, ...] | None, str]:
        reason = self.fields.text("own_footprint_reason", "")
        if self.fields.data.get("own_footprint") is None:
            self.fields.take("own_footprint")
            return None, reason
        found = tuple(self.added(f) for f in self.fields.listing("own_footprint"))
        if not found and not reason:
            self.fields.wrong(
                "own_footprint", "nothing is added, and no reason is given", "a line `own_footprint_reason: …`",
                "Say why, or leave `own_footprint` out where it is unknown.",
            )  # fmt: skip
        return found, reason

    def added(self, fields: Fields) -> Added:
        name = fields.text("activity", "", required=True)
        known: Activity | None = self.activities.get(name)
        if name and known is None and name not in families(self.activities.values()):
            fields.wrong(
                "activity", f"{name!r} is no activity of the catalogue", "an activity of the catalogue",
                did_you_mean(name, self.activities) or "`netprint activities` lists them.",
            )  # fmt: skip
        fields.data.setdefault("value", fields.data.get("quantity"))
        fields.take("quantity")
        found = Added(
            name, fields.text("item", ""), fields.text("unit", known.unit if known else "1"),
            self.estimate(fields), self.per(fields), fields.choice("when", WHEN, "once"),
        )  # fmt: skip
        fields.nothing_else()
        return found

    def per(self, fields: Fields, *more: str) -> str:
        name = fields.text("per", ACTED)
        known = (ACTED, SAVED, *more, *self.activities)
        if name not in known:
            fields.wrong(
                "per", f"{name!r} is not known here", f"{', '.join((ACTED, SAVED, *more))}, or an activity",
                did_you_mean(name, known) or "Say per what, like sites.",
            )  # fmt: skip
        return name

    def cost(self) -> Cost:
        fields = self.below("cost")
        if fields is None:
            return Cost(unknown="The file states no cost.")
        found = Cost(
            self.money(fields, "investment"), self.money(fields, "yearly"), fields.text("unknown", ""),
            fields.choice("status", VERIFICATION, "provisional"), self.source(fields), fields.text("note", ""),
        )  # fmt: skip
        if found.investment is None and found.yearly is None and not found.unknown:
            fields.wrong(
                "unknown", "no cost is stated", "investment, yearly or unknown", "Say why it is unknown."
            )
        fields.nothing_else()
        return found

    def money(self, above: Fields, key: str) -> Money | None:
        given: dict[str, Any] = above.mapping(key)
        if not given:
            return None
        fields = Fields(given, above.file, (*above.path, key), above.document, above.problems)
        amount = self.estimate(fields)
        found = Money(amount, self.per(fields, WHOLE))
        try:
            parse(amount.unit)
        except UnitError as error:
            fields.wrong("unit", str(error), "a currency with its price year, like USD2022", "Mend the unit.")
        if not amount.known:
            fields.wrong(
                "value", "no amount is stated", "value, or low and high", "Leave it out, with a note."
            )
        fields.nothing_else()
        return found

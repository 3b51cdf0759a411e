"""Reading a practice file: every key checked, every problem listed, once."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from netprint.errors import Problems, did_you_mean
from netprint.formula.parse import Binary, Compare, Name, Text, Tree
from netprint.load.activities import Activity, families, load_activities
from netprint.load.document import Fields, open_document
from netprint.load.method import COLUMNS
from netprint.load.practice import (
    ACTED,
    ACTORS,
    CLAIMS,
    DOMAINS,
    FLAGS,
    GRADES,
    KINDS,
    LANGUAGES,
    MATURITIES,
    ORDERS,
    OWN,
    SAVED,
    STATUSES,
    WHOLE,
    Added,
    Cost,
    Effect,
    Estimate,
    Evidence,
    Money,
    Practice,
    Source,
)
from netprint.load.selector import columns_of, read_selector
from netprint.units import UnitError, parse, same_dimension

VERIFICATION = ("verified", "provisional")
SCORES = ("high", "medium", "low")
WHEN = ("once", "yearly")


def load_practice(path: Path, problems: Problems) -> Practice | None:
    """Read a practice file; what is wrong is added to ``problems``. None where it cannot be read at all."""
    fields = open_document(path, "practice", problems)
    return None if fields is None else _Reader(fields, path).practice()


class _Reader:
    def __init__(self, fields: Fields, path: Path) -> None:
        self.fields, self.path = fields, path
        self.activities = load_activities()
        self.sources = self.read_sources()

    def practice(self) -> Practice:
        fields = self.fields
        order = fields.choice("order", ORDERS, "first")
        effect = self.effect(order)
        select = self.selector()
        own, reason = self.own_footprint()
        found = Practice(
            id=self.identity(),
            title=self.texts("title"),
            summary=self.texts("summary"),
            domain=fields.choice("domain", DOMAINS, DOMAINS[0]),
            order=order,
            actors=self.among("actors", ACTORS),
            status=fields.choice("status", STATUSES, "draft"),
            maturity=fields.choice("maturity", MATURITIES, "early"),
            select=select,
            applies=" ".join(str(fields.data.get("applies") or "").split()),
            stream=fields.text("stream", ""),
            share=self.part("share", more=("title",)),
            effect=effect,
            evidence=tuple(self.evidence(f, effect) for f in fields.listing("evidence")),
            own_footprint=own,
            own_footprint_reason=reason,
            rebound=self.part("rebound"),
            persistence=self.part("persistence", value="years"),
            cost=self.cost(),
            conditions=self.words("conditions", ("climate", "grid", "traffic", "off_grid", "note")),
            sdg=tuple(fields.texts("sdg")),
            measure=fields.text("measure", ""),
            replicability=self.replicability(),
            warnings=tuple(fields.texts("warnings")),
            sources=self.sources,
            seed=tuple(int(s) for s in fields.texts("seed") if s.isdigit()),
            file=self.path.name,
        )
        fields.nothing_else()
        self.hangs_together(found)
        return found

    def identity(self) -> str:
        name = self.fields.text("id", "", required=True)
        if name and name != self.path.stem:
            self.fields.wrong(
                "id", f"the id is {name!r} and the file is {self.path.name!r}", "the same name",
                "Rename one of them.",
            )  # fmt: skip
        return name

    def texts(self, key: str) -> dict[str, str]:
        given = self.fields.mapping(key)
        self.fields.only((key,), given, LANGUAGES)
        missing = [language for language in LANGUAGES if not given.get(language)]
        if missing:
            self.fields.wrong(
                key, f"`{key}` has no text in {', '.join(missing)}", "a text in " + ", ".join(LANGUAGES),
                "Add the languages that are missing.",
            )  # fmt: skip
        return {k: str(v) for k, v in given.items() if v}

    def words(self, key: str, known: tuple[str, ...]) -> dict[str, str]:
        given = self.fields.mapping(key)
        self.fields.only((key,), given, known)
        return {k: str(v) for k, v in given.items() if v is not None}

    def among(self, key: str, known: tuple[str, ...]) -> tuple[str, ...]:
        found = self.fields.texts(key)
        for word in found:
            if word not in known:
                self.fields.wrong(
                    key, f"{word!r} is not known here", "some of " + ", ".join(known),
                    did_you_mean(word, known) or "Use these words.",
                )  # fmt: skip
        return tuple(found)

    def replicability(self) -> dict[str, str]:
        given = self.words("replicability", ("score", "note"))
        if given and given.get("score") not in SCORES:
            self.fields.wrong(
                "replicability", f"the score is {given.get('score')!r}", ", ".join(SCORES), "Use one of these."
            )
        return given

    # -- what it applies to ----------------------------------------------------------------------------------------

    def selector(self) -> Tree | None:
        tree = read_selector(self.fields, "applies")
        if tree is None:
            return None
        strange = columns_of(tree) - set(COLUMNS)
        for column in sorted(strange):
            self.fields.wrong(
                "applies", f"`{column}` is no column of activity data", "some of " + ", ".join(COLUMNS),
                did_you_mean(column, COLUMNS) or "Select by these columns.",
            )  # fmt: skip
        return self.with_members(tree)

    def with_members(self, tree: Tree) -> Tree:
        """The selector with a family of activities (``fuel``) written out as its members."""
        match tree:
            case Binary(operator, left, right):
                return Binary(operator, self.with_members(left), self.with_members(right))
            case Compare(operator, Name("activity"), Text(name)):
                return self.members(tree, operator, name)
        return tree

    def members(self, tree: Tree, operator: str, name: str) -> Tree:
        if name in self.activities:
            return tree
        members = families(self.activities.values()).get(name, ())
        if not members:
            known = {*self.activities, *families(self.activities.values())}
            self.fields.wrong(
                "applies", f"{name!r} is no activity of the catalogue", "an activity, or a family of activities",
                did_you_mean(name, known) or "`netprint activities` lists them.",
            )  # fmt: skip
            return tree
        found: Tree | None = None
        for member in members:
            one = Compare(operator, Name("activity"), Text(member))
            found = one if found is None else Binary("+" if operator == "==" else "*", found, one)
        assert found is not None
        return found

    # -- numbers ---------------------------------------------------------------------------------------------------

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
                fields.wrong("promoter", f"`promoter` is {promoter!r}", "true or false", "Write true or false.")
            found[name] = Source(
                name, fields.text("title", "", required=True), promoter=promoter is True, **texts
            )
            fields.nothing_else()
        return found

    # -- effect and evidence ---------------------------------------------------------------------------------------

    def effect(self, order: str) -> Effect:
        fields = self.below("effect")
        if fields is None:
            self.fields.wrong("effect", "`effect` is missing", "kind, unit and what", "Say what is saved.")
            return Effect("benefit", "1", "")
        kind = fields.choice("kind", KINDS, "share")
        found = Effect(kind, fields.text("unit", "1"), fields.text("what", ""), fields.text("driver", ""))
        if kind == "share" and found.unit != "1":
            fields.wrong("unit", f"the unit is {found.unit!r}", '"1", a share', "Write shares as fractions.")
        if kind == "absolute":
            self.per_driver(fields, found)
        if order == "adaptation" and kind != "benefit":
            fields.wrong(
                "kind", f"the kind is {kind!r} and the order adaptation", "benefit",
                "A benefit of adaptation is told in a ledger of its own and never added to emissions.",
            )  # fmt: skip
        fields.nothing_else()
        return found

    def per_driver(self, fields: Fields, effect: Effect) -> None:
        driver = self.activities.get(effect.driver)
        if driver is None:
            fields.wrong(
                "driver", f"{effect.driver!r} is no activity of the catalogue", "what the saving is per, like sites",
                did_you_mean(effect.driver, self.activities) or "`netprint activities` lists them.",
            )  # fmt: skip
            return
        try:
            saved = parse(effect.unit) * parse(driver.unit)
        except UnitError as error:
            fields.wrong("unit", str(error), f"a unit like kWh/{driver.unit}", "Mend the unit.")
            return
        units = {a.unit for a in self.activities.values()}
        if not any(same_dimension(saved, parse(u)) for u in units):
            fields.wrong(
                "unit", f"{effect.unit} times {driver.unit} is {saved}, the unit of no activity",
                f"an activity's unit per {driver.unit}, like kWh/{driver.unit}", "Mend the unit or the driver.",
            )  # fmt: skip

    def evidence(self, fields: Fields, effect: Effect) -> Evidence:
        flags = tuple(fields.texts("flags"))
        for flag in flags:
            if flag not in FLAGS:
                fields.wrong(
                    "flags", f"{flag!r} is not known here", "some of " + ", ".join(FLAGS),
                    did_you_mean(flag, FLAGS) or "Use these words.",
                )  # fmt: skip
        used = fields.take("use", True)
        found = Evidence(
            self.number(fields, "value"), self.number(fields, "low"), self.number(fields, "high"),
            grade=fields.choice("grade", GRADES, CLAIMS[-1]), what=fields.text("what", "", required=True),
            source=self.source(fields), n=self.number(fields, "n"), place=fields.text("place", ""),
            year=fields.text("year", ""), page=fields.text("page", ""),
            status=fields.choice("status", VERIFICATION, "provisional"), flags=flags,
            note=fields.text("note", ""), unit=fields.text("unit", ""), used=used is not False,
        )  # fmt: skip
        self.in_order(fields, found.low, found.value, found.high)
        if not found.source:
            fields.wrong("source", "the evidence has no source", "the id of a source", "Say where it comes from.")
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
            fields.wrong("unknown", "no cost is stated", "investment, yearly or unknown", "Say why it is unknown.")
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
            fields.wrong("value", "no amount is stated", "value, or low and high", "Leave it out, with a note.")
        fields.nothing_else()
        return found

    # -- the whole -------------------------------------------------------------------------------------------------

    def hangs_together(self, found: Practice) -> None:
        """What no single key shows: a practice that is run needs a selector and a stream; a share is no more than 1."""
        if found.effect.kind != "benefit" and found.select is not None and not found.stream:
            self.fields.wrong(
                "stream", "`stream` is missing", "the amount that the practice saves, like RAN electricity",
                "Practices of one stream interact: name it.",
            )  # fmt: skip
        held = [v for v in (found.share.low, found.share.value, found.share.high) if v is not None]
        if any(not 0 <= v <= 1 for v in held):
            self.fields.wrong("share", f"the share is {held}", "fractions from 0 to 1", "Mend the share.")
        if found.effect.kind == "share":
            for i, row in enumerate(found.evidence):
                values = [v for v in (row.value, row.low, row.high) if v is not None]
                if not row.unit and any(v > 1 for v in values):
                    self.fields.wrong(
                        ("evidence", i), f"the evidence saves {max(values):g} of the whole", "at most 1",
                        "Write fractions, or give the unit of what is no share.",
                    )  # fmt: skip

"""Reading a practice file: every key checked, every problem listed, once."""

from __future__ import annotations

from pathlib import Path

from netprint.errors import Problems, did_you_mean
from netprint.formula.parse import Binary, Compare, Name, Text, Tree
from netprint.load.activities import families
from netprint.load.document import Fields, open_document
from netprint.load.method import COLUMNS
from netprint.load.practice import (
    ACTORS,
    CLAIMS,
    DOMAINS,
    FLAGS,
    GRADES,
    KINDS,
    LANGUAGES,
    MATURITIES,
    ORDERS,
    STATUSES,
    Effect,
    Evidence,
    Practice,
)
from netprint.load.practice_parts import VERIFICATION, Parts
from netprint.load.selector import columns_of, read_selector
from netprint.units import UnitError, parse, same_dimension

SCORES = ("high", "medium", "low")


def load_practice(path: Path, problems: Problems) -> Practice | None:
    """Read a practice file; what is wrong is added to ``problems``. None where it cannot be read at all."""
    fields = open_document(path, "practice", problems)
    return None if fields is None else _Reader(fields, path).practice()


class _Reader(Parts):
    def __init__(self, fields: Fields, path: Path) -> None:
        super().__init__(fields)
        self.path = path

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
                "replicability",
                f"the score is {given.get('score')!r}",
                ", ".join(SCORES),
                "Use one of these.",
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
            fields.wrong(
                "source", "the evidence has no source", "the id of a source", "Say where it comes from."
            )
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
        lasting = [
            v
            for v in (found.persistence.low, found.persistence.value, found.persistence.high)
            if v is not None
        ]
        if any(v <= 0 for v in lasting):
            self.fields.wrong(
                "persistence", f"it lasts {lasting} years", "years above zero", "Mend the years."
            )
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

"""A study: goal and scope, data, methods and scenarios, in one YAML file that can be re-run for ever."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from netprint.errors import Problems, UsageError, did_you_mean
from netprint.formula.parse import FormulaError
from netprint.load.document import Fields, Source, open_document
from netprint.load.effect_compile import Compiled, compile_effect
from netprint.load.effect_read import read_effect
from netprint.load.entities import COLUMNS as ENTITY_COLUMNS
from netprint.load.entities import EQUITY, FINANCIAL, OPERATIONAL, Holding, holdings, stakes
from netprint.load.factors import (
    CARD_COLUMNS,
    NOT_INDEX,
    PREFIX,
    Card,
    FactorTable,
    cards_of,
    catalog,
    check_formulas,
    check_mapping,
    optional_names,
    optional_table,
    own_table,
    read_table,
)
from netprint.load.method import Column, Method, check_together, find, load_method, read_columns
from netprint.load.prepare import Step, in_order, read_steps
from netprint.load.restatement import Restatement, read_restatement, structured
from netprint.load.scenario import Scenario
from netprint.load.selector import read_selector

KINDS = ("inventory", "effect", "account")
EFFECT, EFFECT_METHOD = "effect", "itu-t-l1480"
GWP_SETS = ("AR4", "AR5", "AR6")
CONSOLIDATIONS = (OPERATIONAL, FINANCIAL, EQUITY)
_PERIOD = re.compile(r"^\s*(\d{4})(?:\s*\.\.\s*(\d{4}))?\s*$")


@dataclass(frozen=True)
class Reported:
    """A figure that the organisation itself published, shown beside the result and never used in it.

    ``per``: an activity; the figure divided by its amount, in ``per_unit``, is the factor that it implies.
    """

    year: str
    account: str
    scope: str
    value: float
    unit: str
    note: str
    source: str
    per: str = ""
    per_unit: str = ""


@dataclass(frozen=True)
class Study:
    title: str
    kind: str
    methods: tuple[Method, ...]
    period: tuple[int, int]
    activities: Any
    instruments: Any
    own: FactorTable
    by: tuple[str, ...]
    gwp: str
    draws: int
    seed: int
    gaps: str
    base_year: int | None = None
    restatement: Restatement | None = None
    consolidation: str = ""
    columns: Mapping[str, Column] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    completeness: Mapping[str, float] = field(default_factory=dict)
    prepare: tuple[Step, ...] = ()
    holdings: tuple[Holding, ...] = ()
    year_begins: tuple[int, int, bool] = (1, 1, False)
    sensitivities: tuple[Scenario, ...] = ()
    reported: tuple[Reported, ...] = ()
    statements: Mapping[str, Any] = field(default_factory=dict)
    effect: Compiled | None = None
    root: Path = field(default_factory=Path)
    file: str = "study"
    text: str = ""
    inputs: tuple[Path, ...] = ()

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def load_study(source: str | Path | Mapping[str, Any], problems: Problems) -> Study | None:
    """Read a study file, or a mapping of the same form; its problems, and those of its methods and factor tables,
    are added to ``problems``."""
    if isinstance(source, str | Path):
        path: Source = Path(source)
        root, file = Path(source).parent, Path(source).name
        if not Path(source).is_file():
            problems.add(
                str(source),
                None,
                None,
                found="the study file does not exist",
                expected="a YAML file",
                remedy="Check the path, or begin one with `netprint new inventory`.",
            )
            return None
        text = Path(source).read_bytes().decode("utf-8", "replace")
    else:
        path, root, file, text = (
            source,
            Path(str(source.get("root", "."))),
            "study",
            repr(sorted(source.items(), key=str)),
        )
    fields = open_document(path, "study", problems)
    return None if fields is None else _Reader(fields, root, file, text, problems).study()


class _Reader:
    def __init__(self, fields: Fields, root: Path, file: str, text: str, problems: Problems) -> None:
        self.fields, self.root, self.file, self.text, self.problems = fields, root, file, text, problems
        self.inputs: list[Path] = []

    def study(self) -> Study:
        fields = self.fields
        self.check_root()
        methods = tuple(m for m in (self.method(given) for given in self.methods()) if m is not None)
        check_together(methods, self.file, fields.line("method"), self.problems)
        period = self.period()
        restatement = read_restatement(fields)
        study = Study(
            title=fields.text("title", "", required=True),
            kind=fields.choice("kind", KINDS, "inventory"),
            methods=methods,
            period=period,
            activities=fields.take("activities", required=fields.data.get("kind") != EFFECT),
            instruments=fields.take("instruments"),
            own=self.own_factors(),
            by=tuple(fields.texts("by")),
            gwp=fields.choice("gwp", GWP_SETS, "AR5" if fields.data.get("kind") == "account" else "AR6"),
            draws=fields.whole("draws", 10_000, 100, 1_000_000),
            seed=fields.whole("seed", 1429, 0, 2**53),
            gaps=fields.choice("gaps", ("error", "report"), "error"),
            base_year=self.base_year(period),
            restatement=restatement,
            consolidation=fields.choice("consolidation", ("", *CONSOLIDATIONS), ""),
            columns=read_columns(fields),
            defaults=self.defaults(),
            completeness=self.completeness(),
            prepare=in_order((*(s for m in methods for s in m.prepare), *read_steps(fields))),
            holdings=structured(self.holdings(), restatement),
            year_begins=self.year_begins(),
            sensitivities=tuple(self.scenarios("sensitivities")),
            reported=tuple(self.reported()),
            statements={k: fields.take(k) for k in STATEMENTS if fields.has(k)},
            root=self.root,
            file=self.file,
            text=self.text,
            inputs=tuple(self.inputs),
        )
        if study.kind == EFFECT:
            study = self.with_effect(study)
        self.check_mappings(study)
        for key in STATEMENTS:
            fields.take(key)
        fields.nothing_else()
        return study

    def with_effect(self, study: Study) -> Study:
        """An effect study: its nodes become the activity data and factors of its own."""
        fields = self.fields
        if study.activities is not None:
            fields.wrong(
                "activities", "an effect study has `activities`", "`nodes`, with what each of them changes",
                "Put the activities into the nodes.",
            )  # fmt: skip
        compiled = compile_effect(
            read_effect(fields, study.period), study.methods, study.own, study.period, fields
        )
        barred = () if compiled.effect.whole else ("total",)
        methods = tuple(
            replace(m, totals={n: p for n, p in m.totals.items() if n not in barred}) for m in study.methods
        )
        by = tuple(dict.fromkeys(("node", "case", "stage", *study.by)))
        own = _join(study.own, compiled.factors)
        return replace(
            study, methods=methods, activities=list(compiled.rows), own=own, by=by, effect=compiled
        )

    def methods(self) -> list[Any]:
        if self.fields.data.get("kind") == EFFECT:
            return _listed(self.fields.take("method", EFFECT_METHOD))
        value = self.fields.take("method", required=True)
        return _listed(value)

    def method(self, given: Any) -> Method | None:
        if isinstance(given, Mapping):
            return load_method(given, self.problems)
        return find(str(given), self.root, self.problems, (self.file, self.fields.line("method")))

    def period(self) -> tuple[int, int]:
        value = self.fields.take("period", required=True)
        match = _PERIOD.match(str(value)) if value is not None else None
        if match is None:
            if value is not None:
                self.fields.wrong(
                    "period",
                    f"`period` is {value!r}",
                    "a year or years like 2019..2023",
                    "Write the first and the last year.",
                )
            return (1990, 2100)
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            self.fields.wrong(
                "period",
                f"the period ends in {last}, before it begins in {first}",
                "first..last",
                "Swap the years.",
            )
        return first, last

    def check_root(self) -> None:
        """The folder of a study that is given as a mapping; that of a file is where the file lies."""
        if self.fields.document is None or "root" in self.fields.data:
            self.fields.take("root")
        if self.fields.document is not None and "root" in self.fields.data:
            self.fields.wrong(
                "root",
                "`root` stands in a study file",
                "no such line: the tables of a study file lie in its own folder",
                "Take the line out, and keep the tables beside the study.",
            )

    def base_year(self, period: tuple[int, int]) -> int | None:
        if not self.fields.has("base_year"):
            self.fields.take("base_year")
            return None
        before = len(self.problems)
        year = self.fields.whole("base_year", period[0], 1990, 2100)
        if len(self.problems) == before and not period[0] <= year <= period[1]:
            self.fields.wrong(
                "base_year",
                f"the base year {year} lies outside the period {period[0]}..{period[1]}",
                "a year of the period",
                "Extend the period to the base year, with its activity data, or name another year.",
            )
        return year

    def defaults(self) -> dict[str, str]:
        """What holds for every row that does not say otherwise."""
        return {
            key: self.fields.text(key, "")
            for key in ("entity", "country", "market")
            if self.fields.has(key) or self.fields.take(key)
        }

    def completeness(self) -> dict[str, float]:
        """How many of a column's values there should be (`site: 1200`), or a share stated by the reporter."""
        value = self.fields.take("completeness")
        if value is None:
            return {}
        given = (
            {"stated": value}
            if isinstance(value, int | float)
            else dict(value)
            if isinstance(value, Mapping)
            else None
        )
        if given is None or not all(isinstance(v, int | float) and v > 0 for v in given.values()):
            self.fields.wrong(
                "completeness",
                f"`completeness` is {value!r}",
                "a share like 0.97, or `site: 1200`",
                "State how much there should be.",
            )
            return {}
        return {str(k): float(v) for k, v in given.items()}

    def holdings(self) -> tuple[Holding, ...]:
        """What the organisation answers for of each entity; `entities:` needs the approach of `consolidation:`."""
        value = self.fields.take("entities")
        if value is None:
            return ()
        if not self.fields.has("consolidation"):
            self.fields.wrong(
                "entities", "`entities` without `consolidation`", " or ".join(CONSOLIDATIONS),
                "State the approach: consolidation: operational control.",
            )  # fmt: skip
            return ()
        before = len(self.problems)
        rows: list[tuple[int, dict[str, str]]] = []
        name = self.origin("entities")
        if isinstance(value, list | tuple):
            for i, row in enumerate(value):
                if isinstance(row, Mapping):
                    self.fields.only(("entities", i), row, ENTITY_COLUMNS)
                    rows.append((self.entry("entities", i, i), _texts(row)))
                else:
                    self.fields.wrong(("entities", i), f"{row!r}", "`entity: …` lines", "Mend the entry.")
        elif (path := self.beside("entities", str(value))) is not None:
            name = path.name
            rows = read_table(
                path, self.problems, needs=("entity", "parent", "share", "control"), known=ENTITY_COLUMNS
            )
        found = stakes(rows, name, self.problems)
        return holdings(found, str(self.fields.data["consolidation"])) if len(self.problems) == before else ()

    def year_begins(self) -> tuple[int, int, bool]:
        """`year_begins: 04-01` names a year after the one in which it begins, `year_ends: 03-31` after its end."""
        begins, ends = self.fields.take("year_begins"), self.fields.take("year_ends")
        given = begins if begins is not None else ends
        if given is None:
            return 1, 1, False
        key = "year_begins" if begins is not None else "year_ends"
        try:
            day = date.fromisoformat(f"2001-{given}")
        except ValueError:
            day = None
        if day is None or (begins is not None and ends is not None):
            self.fields.wrong(
                key, f"`{key}` is {given!r}", "one of year_begins: 04-01 and year_ends: 03-31, month and day",
                "Write the first day of the financial year, or its last.",
            )  # fmt: skip
            return 1, 1, False
        first = day if begins is not None else day + timedelta(days=1)
        return first.month, first.day, ends is not None and (first.month, first.day) != (1, 1)

    def own_factors(self) -> FactorTable:
        known, cards = catalog(), self.own_cards()
        tables = FactorTable(cards, {})
        given: list[tuple[int, dict[str, str]]] = []
        entries = self.factor_sources()
        shipped = [entry for entry in entries if isinstance(entry, str) and entry.startswith(PREFIX)]
        for entry in shipped:
            tables = _join(tables, self.optional(entry))
        for i, entry in enumerate(entries):
            if isinstance(entry, Mapping):
                given.append((self.entry("factors", i, len(given)), _texts(entry)))
                continue
            path = None if entry in shipped else self.beside("factors", entry)
            if path is not None:
                rows = read_table(path, self.problems, needs=("factor", "value"))
                tables = _join(tables, own_table(rows, path.name, known, self.problems, tables.cards))
        if given:
            tables = _join(
                tables, own_table(given, self.origin("factors"), known, self.problems, tables.cards)
            )
        tables = _join(tables, self.parameters(known, tables.cards))
        check_formulas(tables, known.cards, self.problems)
        return tables

    def optional(self, entry: str) -> FactorTable:
        """A table that is shipped beside the catalogue, which only a study that names it uses."""
        try:
            return optional_table(entry.removeprefix(PREFIX))
        except UsageError as error:
            names = ", ".join(PREFIX + name for name in optional_names())
            self.fields.wrong("factors", f"{entry!r} is no table of the catalogue", names, str(error))
            return FactorTable({}, {})

    def origin(self, key: str) -> str:
        """What the rows of a list in the study are said to be from: the study file, or the key of a mapping."""
        return key if self.fields.document is None else self.file

    def entry(self, key: str, at: int, number: int) -> int:
        """The line of the entry ``at`` of a list in the study file; in a mapping, the place of the row."""
        return self.fields.line(key, at) or number + 1

    def beside(self, key: str, name: str) -> Path | None:
        path = self.root / str(name)
        if not path.is_file():
            self.fields.wrong(
                key, f"the table {name!r} does not exist", "a CSV file beside the study", "Check the name."
            )
            return None
        if not path.resolve().is_relative_to(self.root.resolve()):
            self.fields.wrong(
                key,
                f"the path {name!r} leaves the study's folder",
                "a file inside it",
                "Copy the file beside the study.",
            )
            return None
        self.inputs.append(path)
        return path

    def own_cards(self) -> dict[str, Card]:
        """The user's cards: `cards:` in the study, else a `cards.csv` beside it."""
        value = self.fields.take("cards")
        if isinstance(value, list | tuple):
            rows = []
            for i, row in enumerate(value):
                if isinstance(row, Mapping):
                    self.fields.only(("cards", i), row, CARD_COLUMNS)
                    rows.append((self.entry("cards", i, i), _texts(row)))
                else:
                    self.fields.wrong(
                        ("cards", i),
                        f"entry {i + 1} of `cards` is {row!r}",
                        "`key: value` lines",
                        "Write the card as `factor: …`, `unit: …`, `index: …`.",
                    )
            return cards_of(rows, self.origin("cards"), self.problems)
        path = self.beside("cards", value) if value else self.root / "cards.csv"
        if path is None or not path.is_file():
            return {}
        rows = read_table(path, self.problems, needs=("factor", "unit"), known=CARD_COLUMNS)
        return cards_of(rows, path.name, self.problems)

    def factor_sources(self) -> list[Any]:
        value = self.fields.take("factors")
        return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]

    def parameters(self, known: FactorTable, cards: Mapping[str, Card]) -> FactorTable:
        """Parameters are factors without index."""
        rows = []
        for name, value in self.fields.mapping("parameters").items():
            row = {"factor": name, "source": "study", "status": "provisional"}
            if isinstance(value, Mapping):
                row |= {str(k): "" if v is None else str(v) for k, v in value.items()}
                for key in value:
                    if key not in NOT_INDEX:
                        self.fields.wrong(
                            "parameters",
                            f"the parameter {name} has the key `{key}`",
                            ", ".join(sorted(NOT_INDEX)),
                            "Mend the key.",
                        )
            else:
                row["value"] = str(value)
            rows.append((self.fields.line("parameters", name) or 0, row))
        return own_table(rows, self.file, known, self.problems, cards)

    def scenarios(self, key: str) -> list[Scenario]:
        found: dict[str, Scenario] = {}
        for fields in self.fields.listing(key):
            name = fields.name("id")
            if name in found:
                fields.wrong(
                    "id",
                    f"the id {name!r} stands twice under `{key}`",
                    "an id of its own for each",
                    "Rename one of them.",
                )
            factors = {n: fields.formula(("factors", n), t) for n, t in fields.mapping("factors").items()}
            if self.fields.data.get("kind") == EFFECT:
                fields.take("about")  # read with the effect
            found[name] = Scenario(
                name=name,
                title=fields.text("title", ""),
                select=read_selector(fields, "select"),
                times=fields.formula(("times",), fields.take("times")),
                factors={n: t for n, t in factors.items() if t is not None},
            )
            self.changes_something(fields, name)
            fields.nothing_else()
        return list(found.values())

    def changes_something(self, fields: Fields, name: str) -> None:
        """`select` says which rows `times` multiplies; a scenario without either and without factors does nothing."""
        if fields.has("select") and not fields.has("times"):
            fields.wrong(
                "select",
                "`select` stands without `times`",
                "`times`, by which the selected rows are multiplied",
                "Add `times`, or take `select` out: `factors` holds for all rows.",
            )
        elif not fields.has("times") and not fields.has("factors"):
            fields.wrong(
                "id",
                f"{name!r} changes nothing",
                "`times` (with or without `select`) or `factors`",
                "Say what it multiplies, or which factor it replaces.",
            )

    def check_mappings(self, study: Study) -> None:
        """What a sensitivity puts in a factor's place must hold as that factor does."""
        cards = {**catalog().cards, **study.own.cards}
        for i, scenario in enumerate(study.sensitivities):
            for name, tree in scenario.factors.items():
                field, line = (
                    f"sensitivities.{i}.factors.{name}",
                    self.fields.line("sensitivities", i, "factors", name),
                )
                try:
                    if name not in cards:
                        raise FormulaError(
                            f"the factor `{name}` is not known", "a factor of the study or the catalogue",
                            did_you_mean(name, cards) or "Name the factor that is replaced.",
                        )  # fmt: skip
                    check_mapping(tree, cards[name], cards)
                except FormulaError as error:
                    self.problems.add(
                        self.file,
                        line,
                        field,
                        found=error.found,
                        expected=error.expected,
                        remedy=error.remedy,
                    )

    def reported(self) -> list[Reported]:
        found = []
        for fields in self.fields.listing("reported"):
            value = fields.take("value", required=True)
            if not isinstance(value, int | float):
                fields.wrong("value", f"`value` is {value!r}", "a number", "Write it without separators.")
                value = 0.0
            found.append(
                Reported(
                    fields.text("year", "", required=True),
                    fields.text("account", ""),
                    fields.text("scope", ""),
                    float(value),
                    fields.text("unit", "t CO2e"),
                    fields.text("note", ""),
                    fields.text("source", ""),
                    fields.text("per", ""),
                    fields.text("per_unit", ""),
                )
            )
            fields.nothing_else()
        return found


#: What a reader of the report needs to know and no table says: the fields of ITU-T L.1420 and the GHG Protocol.
STATEMENTS = (
    "organisation",
    "boundary",
    "description",
    "exclusions",
    "recalculation_policy",
    "verification",
    "quality_criteria",
    "contact",
    "licence",
    "source",
    "note",
)


def _join(a: FactorTable, b: FactorTable) -> FactorTable:
    return FactorTable(
        {**a.cards, **b.cards}, {**a.rows, **{n: {**a.rows.get(n, {}), **t} for n, t in b.rows.items()}}
    )


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]


def _texts(row: Mapping[Any, Any]) -> dict[str, str]:
    """The cells of a row given as a mapping, as texts; a list becomes its entries with spaces between them."""

    def text(value: Any) -> str:
        if isinstance(value, list | tuple):
            return " ".join(map(str, value))
        return "" if value is None else str(value)

    return {str(k): text(v).strip() for k, v in row.items()}

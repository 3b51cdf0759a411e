"""plan: everything that can be known and checked before a row is read.

Every formula is checked (names, units, degree), and the *key* is collected: every column that a formula, `by`, a
cell term or a selector names, and always `entity` and `activity`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

from netprint.engine import computed
from netprint.errors import Problems, did_you_mean
from netprint.formula.check import Scope, check, check_label
from netprint.formula.functions.registry import LANGUAGE, functions
from netprint.formula.parse import Call, FormulaError, Lookup, Name, Text, Tree, walk, write
from netprint.load.activities import Activity, families
from netprint.load.factor_rows import gas_of
from netprint.load.factors import Card
from netprint.load.method import ACCOUNTS, BOOKED, Column, Items, Method, Range, Term, label_names
from netprint.load.scenario import Scenario
from netprint.units import DIMENSIONLESS, Unit, UnitError, parse, same_dimension

#: The order of the key's columns, which is part of every row's identity; others follow in alphabetical order.
FIRST = ("entity", "activity", "item", "country", "year")
LAST = ("times", "error_group")
#: The column of rows of entities: empty for what is consolidated, `investment` for a part of what is not.
HOLDING = "holding"
MASS, CO2E = parse("kg"), parse("kg CO2e")


@dataclass(frozen=True)
class Plan:
    """What the engine needs of a study's methods. ``units``: of activities, terms and totals inside formulas.

    ``told_apart``: for a column of the key that only some activities need, those; rows of others are summed over it.
    """

    terms: tuple[Term, ...]
    cell_terms: tuple[Term, ...]
    indicators: tuple[Term, ...]
    columns: Mapping[str, Column]
    numeric: Mapping[str, Unit]
    key: tuple[str, ...]
    told_apart: Mapping[str, frozenset[str]]
    by: tuple[str, ...]
    totals: Mapping[str, tuple[str, ...]]
    impacts: Mapping[str, str]
    activities: Mapping[str, Activity]
    families: Mapping[str, tuple[str, ...]]
    cards: Mapping[str, Card]
    units: Mapping[str, Unit]

    @property
    def cell(self) -> tuple[str, ...]:
        """The labels of the finest result cells: `by`, then what every report shows."""
        booked = {b for t in (*self.terms, *self.cell_terms) for b in t.books}
        told = [b for b in ("approach", "quality") if b in booked]
        return tuple(dict.fromkeys([*self.by, "year", "scope", "category", *told, "account", "flow"]))

    @property
    def row_columns(self) -> tuple[str, ...]:
        """The columns of the key that a table of activity data provides."""
        return tuple(k for k in self.key if k not in ("activity", "error_group"))


def plan(
    methods: Iterable[Method],
    by: tuple[str, ...],
    cards: Mapping[str, Card],
    activities: Mapping[str, Activity],
    study_columns: Mapping[str, Column],
    scenarios: Iterable[Scenario],
    problems: Problems,
    file: str = "study",
    counted: tuple[str, ...] = (),
    held: bool = False,
) -> Plan:
    """Check and join the methods of a study.

    ``cards``: the factors known (the user's on top of the catalogue's). ``scenarios``: sensitivities and practices; the
    columns of their selectors and multipliers belong to the key. ``counted``: columns whose distinct labels the study
    states a number for. ``held``: the study has entities, some of which may be held and not consolidated; a cell
    term then tells these apart. What does not hold is added to ``problems``.
    """
    return _Planner(
        list(methods), by, cards, activities, study_columns, list(scenarios), problems, file, counted, held
    ).plan()


class _Planner:
    def __init__(
        self,
        methods: list[Method],
        by: tuple[str, ...],
        cards: Mapping[str, Card],
        activities: Mapping[str, Activity],
        study_columns: Mapping[str, Column],
        scenarios: list[Scenario],
        problems: Problems,
        file: str,
        counted: tuple[str, ...],
        held: bool,
    ) -> None:
        self.counted, self.held = counted, held
        self.by, self.cards, self.problems, self.file = by, dict(cards), problems, file
        self.scenarios = scenarios
        self.extra = [t for s in scenarios for t in (s.select, s.times) if t is not None]
        self.terms: list[Term] = []
        for term in (t for m in methods for t in m.terms):
            if held and term.each is not None:
                term = replace(term, each=(*term.each, HOLDING))
            if term not in self.terms:  # two profiles may include the same method
                self.terms.append(term)
        self.totals = {k: v for m in methods for k, v in m.totals.items()}
        self.impacts = {k: v for m in methods for k, v in m.impacts.items()}
        self.columns = {k: v for m in methods for k, v in m.columns.items()} | dict(study_columns)
        self.activities = dict(activities)
        for method in methods:
            for name, text in method.activities.items():
                if self.unit(text, f"activities.{name}", method.file or method.id) is not None:
                    self.activities[name] = Activity(name, text, sign="any")
        self.numeric = {
            name: unit
            for name, column in self.columns.items()
            if column.unit and (unit := self.unit(column.unit, f"columns.{name}", file)) is not None
        }
        self.units: dict[str, Unit] = {n: parse(a.unit) for n, a in self.activities.items()}

    def unit(self, text: str, field: str, file: str) -> Unit | None:
        try:
            return parse(text)
        except UnitError as error:
            self.problems.add(
                file, None, field, found=error.found, expected=error.expected, remedy=error.remedy
            )
            return None

    def wrong(self, term: Term, field: str, found: str, expected: str, remedy: str) -> None:
        self.problems.add(
            term.file, term.line, f"{term.id}.{field}", found=found, expected=expected, remedy=remedy
        )

    def plan(self) -> Plan:
        fed = [t for t in self.terms if t.activity is not None]
        self.clashes()
        computed.check(self.columns, self.file, self.problems)
        self.row_formulas()
        for term in fed:
            self.fed_term(term)
        ordered = self.cell_terms([t for t in self.terms if t.each is not None])
        for name in (*self.totals, *ACCOUNTS):
            self.units.setdefault(name.replace("-", "_"), CO2E)
        indicators = [t for t in self.terms if t.indicator]
        for term in indicators:
            self.indicator(term)
        return Plan(
            terms=tuple(fed),
            cell_terms=tuple(ordered),
            indicators=tuple(indicators),
            columns=self.columns,
            numeric=self.numeric,
            key=self.key(),
            told_apart=self.told_apart(),
            by=self.by,
            totals=self.totals,
            impacts=self.impacts,
            activities=self.activities,
            families=families(self.activities.values()),
            cards=self.cards,
            units=self.units,
        )

    # -- names ---------------------------------------------------------------------------------------------------

    def clashes(self) -> None:
        """Activities, terms, factors, columns and functions share one namespace."""
        nodes = [n for t in self.terms for n in walk(t.formula)]
        used = {n.factor for n in nodes if isinstance(n, Lookup)} | {
            n.id for n in nodes if isinstance(n, Name)
        }
        fed_by = {t.activity for t in self.terms}
        owners = {
            "an activity": {a for a in self.activities if a in fed_by | used},
            "a factor": {c for c in self.cards if c in used},
            "a column": set(self.columns),
            "a function": {*functions(), *LANGUAGE},
        }
        for (one, names), (other, others) in combinations(owners.items(), 2):
            for name in sorted(names & others):
                self.problems.add(
                    self.file, None, name, found=f"{name!r} is {one} and also {other}",
                    expected="a name of its own", remedy="Rename one of them.",
                )  # fmt: skip
        seen: dict[str, Term] = {}
        for term in self.terms:
            for owner, names in owners.items():
                if term.id in names:
                    self.wrong(
                        term, "id", f"{term.id!r} is also {owner}", "a name of its own", "Rename the term."
                    )
            if term.id in seen:
                self.wrong(
                    term, "id", f"{term.id!r} stands twice ({seen[term.id].file}:{seen[term.id].line})",
                    "one term of that name", "Rename one of them.",
                )  # fmt: skip
            seen[term.id] = term

    def row_scope(self, term: Term | None) -> Scope:
        """What a formula over one row may name."""
        values = {**self.numeric}
        axes: Mapping[str, object] = term.over if term is not None else {}
        if term is not None:
            if term.activity is not None:
                values["quantity"] = self.units.get(term.activity, DIMENSIONLESS)
            for name, axis in term.over.items():
                if isinstance(axis, Range):
                    unit = self.unit(axis.unit, f"{term.id}.over.{name}", term.file)
                    values[name] = unit if unit is not None else DIMENSIONLESS
        return Scope(values, frozenset({*self.known_columns, *axes}), self.cards, {"quantity": 1})

    @cached_property
    def known_columns(self) -> frozenset[str]:
        """Columns are not known before a table is read; what a formula uses as an index must then be there."""
        return frozenset(
            {n for t in self.terms for n in self.index_names(t)}
            | set(self.columns)
            | set(FIRST)
            | set(self.by)
        )

    def index_names(self, term: Term) -> set[str]:
        found: set[str] = set()
        for tree in walk(term.formula):
            if isinstance(tree, Lookup):
                found |= {n.id for i in tree.index for n in walk(i) if isinstance(n, Name)}
            if isinstance(tree, Call):
                found |= set(tree.over)
        for tree in term.books.values():
            found |= label_names(tree)
        found |= self.compared(term.formula)
        return found | set(term.each or ())

    def compared(self, tree: Tree) -> set[str]:
        """Columns that a formula compares with a text."""
        from netprint.formula.parse import Compare

        found = set()
        for node in walk(tree):
            if isinstance(node, Compare):
                sides = (node.left, node.right)
                if any(isinstance(s, Text) for s in sides):
                    found |= {s.id for s in sides if isinstance(s, Name)}
        return found

    def row_formulas(self) -> None:
        """The selectors and multipliers of scenarios."""
        compared = frozenset(c for t in self.extra for c in self.compared(t))
        row = self.row_scope(None)
        for scenario in self.scenarios:
            for part, tree in (("select", scenario.select), ("times", scenario.times)):
                if tree is not None:
                    self.scenario_formula(
                        scenario, part, tree, replace(row, labels=row.labels | compared), DIMENSIONLESS
                    )

    def scenario_formula(self, scenario: Scenario, part: str, tree: Tree, scope: Scope, unit: Unit) -> None:
        place = f"{scenario.name}.{part}"
        try:
            kind = check(tree, scope)
        except FormulaError as error:
            self.problems.add(
                self.file, None, place, found=error.found, expected=error.expected, remedy=error.remedy
            )
            return
        if kind.unit is not None and not same_dimension(kind.unit, unit):
            self.problems.add(
                self.file, None, place, found=f"`{write(tree)}` is in {kind.unit or '1'}", expected=f"{unit}",
                remedy="Multiply by a factor or parameter that carries the unit.",
            )  # fmt: skip

    # -- terms ---------------------------------------------------------------------------------------------------

    def fed_term(self, term: Term) -> None:
        if term.activity not in self.activities:
            self.wrong(
                term, "activity", f"the activity {term.activity!r} is not known",
                "an activity of the catalogue, or one declared with its unit under `activities:`",
                did_you_mean(str(term.activity), self.activities) or "Declare it.",
            )  # fmt: skip
            return
        self.axes(term)
        try:
            kind = check(term.formula, self.row_scope(term))
            for tree in term.books.values():
                check_label(tree, self.row_scope(term))
        except FormulaError as error:
            self.wrong(term, "formula", error.found, error.expected, error.remedy)
            return
        if kind.degree not in (1, None):
            self.wrong(
                term, "formula", f"`{write(term.formula)}` has degree {kind.degree} in quantity",
                "degree 1: the term is linear in quantity",
                "Write quantity exactly once in each product, or make it a cell term (`each`).",
            )  # fmt: skip
        self.booked_unit(term, kind.unit)

    def axes(self, term: Term) -> None:
        for name, axis in term.over.items():
            if isinstance(axis, Items):
                card = self.cards.get(axis.factor)
                if card is None or name not in card.index:
                    self.wrong(
                        term, f"over.{name}", f"items({axis.factor}) has no index `{name}`",
                        f"a factor whose card has the index `{name}`",
                        did_you_mean(axis.factor, self.cards) or "Name the axis like the factor's index.",
                    )  # fmt: skip

    def single_gas(self, term: Term) -> None:
        """A factor of one gas is no factor of CO2 equivalents, though both are masses."""
        for node in walk(term.formula):
            named = node.factor if isinstance(node, Lookup) else node.id if isinstance(node, Name) else ""
            card = self.cards.get(named)
            gas = gas_of(card.unit) if card is not None else ""
            if gas and card is not None:
                self.wrong(
                    term, "books", f"the factor {named} is in {card.unit} and the term books the flow CO2e",
                    f"the flow {gas}", f"Book the flow {gas}: its global warming potential is then applied.",
                )  # fmt: skip

    def booked_unit(self, term: Term, unit: Unit | None) -> None:
        """What a term books must have the unit of its flow; its sums are then known in formulas by that unit."""
        declared = self.unit(term.unit, f"{term.id}.unit", term.file) if term.unit else None
        if declared is not None and unit is not None and not same_dimension(declared, unit):
            self.wrong(
                term,
                "unit",
                f"the formula gives {unit}",
                f"the unit declared, {declared}",
                "Mend one of them.",
            )
        unit = unit if unit is not None else declared if declared is not None else DIMENSIONLESS
        flow = term.books.get("flow")
        if flow is None:
            self.units[term.id] = unit
            return
        name = flow.value if isinstance(flow, Text) else None
        if name == "CO2e":
            self.single_gas(term)
        if name is not None and name in self.impacts:
            wanted = self.unit(self.impacts[name], f"impacts.{name}", term.file)
            fits = wanted is None or same_dimension(unit, wanted)
            self.units[term.id] = unit
            expected = self.impacts[name]
        else:
            fits = same_dimension(unit, MASS) or (same_dimension(unit, CO2E) and name in ("CO2e", None))
            self.units[term.id] = CO2E
            expected = "kg CO2e (or kg)" if name == "CO2e" else "kg"
        if not fits:
            self.wrong(
                term, "formula", f"the formula gives {unit} and books the flow {name or write(flow)}", expected,
                "Mend the formula, or declare the flow and its unit under `impacts:`.",
            )  # fmt: skip

    def cell_scope(self, term: Term, grain: tuple[str, ...]) -> Scope:
        values = {**self.units, **{k: v for k, v in self.numeric.items() if k in grain}}
        return Scope(
            values, frozenset({*grain, *self.known_columns}), self.cards, summable=frozenset(self.units)
        )

    def cell_terms(self, terms: list[Term]) -> list[Term]:
        """Cell terms in the order in which they need each other."""
        waiting = {t.id: t for t in terms}
        ordered: list[Term] = []
        while waiting:
            ready = [t for t in waiting.values() if not (self.names(t) & (waiting.keys() - {t.id}))]
            if not ready:
                for term in waiting.values():
                    self.wrong(
                        term, "formula", f"the cell terms {', '.join(waiting)} need each other",
                        "terms that can be computed one after the other", "Break the circle.",
                    )  # fmt: skip
                return ordered
            for term in ready:
                del waiting[term.id]
                self.cell_term(term)
                ordered.append(term)
        return ordered

    def names(self, term: Term) -> set[str]:
        return {n.id for n in walk(term.formula) if isinstance(n, Name)}

    def cell_term(self, term: Term) -> None:
        try:
            kind = check(term.formula, self.cell_scope(term, term.each or ()))
        except FormulaError as error:
            self.wrong(term, "formula", error.found, error.expected, error.remedy)
            declared = self.unit(term.unit, f"{term.id}.unit", term.file)
            self.units[term.id] = CO2E if "flow" in term.books or declared is None else declared
            return
        self.booked_unit(term, kind.unit)

    def indicator(self, term: Term) -> None:
        if term.books:
            self.wrong(
                term,
                "books",
                "an indicator books something",
                "no `books`",
                "Give the term an `activity` or `each`.",
            )
        try:
            kind = check(term.formula, self.cell_scope(term, self.by))
        except FormulaError as error:
            self.wrong(term, "formula", error.found, error.expected, error.remedy)
            return
        declared = self.unit(term.unit, f"{term.id}.unit", term.file)
        if declared is not None and kind.unit is not None and not same_dimension(declared, kind.unit):
            self.wrong(
                term,
                "unit",
                f"the formula gives {kind.unit}",
                f"the unit declared, {term.unit or '1'}",
                "Mend one of them.",
            )
        self.cross_check(term, declared)

    def cross_check(self, term: Term, declared: Unit | None) -> None:
        """The other way to an indicator has its unit."""
        if term.equals is None:
            return
        try:
            unit = check(term.equals, self.cell_scope(term, self.by)).unit
        except FormulaError as error:
            self.wrong(term, "equals", error.found, error.expected, error.remedy)
            return
        if declared is not None and unit is not None and not same_dimension(declared, unit):
            self.wrong(
                term, "equals", f"it is in {unit}", f"the unit declared, {term.unit or '1'}", "Mend it."
            )

    # -- key -----------------------------------------------------------------------------------------------------

    def columns_of(self, term: Term) -> set[str]:
        """The columns of the key that a term names."""
        named = self.index_names(term) - set(term.over)
        return named | {n.id for n in walk(term.formula) if isinstance(n, Name) and n.id in self.numeric}

    def feeds(self, term: Term, above: frozenset[str]) -> set[str]:
        """The activities that a term rests on, through the terms that it names."""
        if term.activity is not None:
            return {term.activity}
        named = self.names(term)
        below = (t for t in self.terms if t.id in named - above)
        return (named & self.activities.keys()).union(*(self.feeds(t, above | {term.id}) for t in below))

    def told_apart(self) -> dict[str, frozenset[str]]:
        """The columns that nothing names but terms fed by rows, and the activities that feed those.

        A cell term tells its own columns apart in what it sums. What an indicator, a scenario, a count or the result
        names is told apart in every row, and so are the first columns of the key, which belong to every identity.
        """
        fed: dict[str, set[str]] = {}
        for term in self.terms:
            for column in () if term.indicator else self.columns_of(term):
                fed.setdefault(column, set()).update(self.feeds(term, frozenset()))
        everywhere = {*FIRST, *LAST, HOLDING} | self.named_by_cells()
        return {column: frozenset(of) for column, of in fed.items() if column not in everywhere}

    def key(self) -> tuple[str, ...]:
        named = {"entity", "activity", "year"} | self.named_by_cells()
        for term in self.terms:
            named |= self.columns_of(term)
        named -= {"flow", "term"}
        others = sorted(named - set(FIRST) - set(LAST))
        return (*(c for c in FIRST if c in named), *others, "times", "error_group")

    def named_by_cells(self) -> set[str]:
        """The columns that something names beside the terms that rows and cells feed."""
        named: set[str] = set()
        booked = {b for t in self.terms for b in t.books} | {"flow", "account"}
        for term in self.terms:
            if term.indicator:
                named |= self.columns_of(term)
        for tree in self.extra:
            named |= {n.id for n in walk(tree) if isinstance(n, Name) and n.id not in self.cards}
            named |= self.compared(tree)
        named |= {b for b in self.by if b not in BOOKED or (b == "year") or b not in booked}
        return named | {*self.counted, *([HOLDING] if self.held else [])}

"""The amounts of an effect study as factors of their own: names, units and what rests on what are checked here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from netprint.errors import did_you_mean
from netprint.formula.check import Scope, check
from netprint.formula.parse import (
    Binary,
    Call,
    Compare,
    FormulaError,
    Lookup,
    Name,
    Negative,
    Tree,
    parse,
    walk,
    write,
)
from netprint.load import effect as e
from netprint.load.activities import Activity, families, load_activities
from netprint.load.document import Fields
from netprint.load.factor import Card, Factor, FactorTable, Shape
from netprint.load.factors import catalog
from netprint.load.method import Method
from netprint.units import DIMENSIONLESS, Unit, UnitError, ratio, same_dimension
from netprint.units import parse as parse_unit

#: Every factor of an amount, and of what scales it, is known by place and year.
INDEX = ("country", "year")
_AT = (Name("country"), Name("year"))
_PER_TIME = parse_unit("h")


class Amounts:
    """The amounts of the included nodes, and the cards and rows of the factors that stand for them."""

    def __init__(
        self,
        effect: e.Effect,
        methods: list[Method],
        own: FactorTable,
        period: tuple[int, int],
        fields: Fields,
    ) -> None:
        self.fields, self.problems = fields, fields.problems
        self.period, self.years = period, tuple(range(period[0], period[1] + 1))
        self.known: Mapping[str, Card] = {**catalog().cards, **own.cards}
        self.activities = dict(load_activities())
        for method in methods:
            for name, unit in method.activities.items():
                self.activities[name] = Activity(name, unit, sign="any")
        self.terms = [t for m in methods for t in m.terms if t.activity]
        self.fed = {t.activity for t in self.terms}
        self.amounts = {a.id: (n, a) for n in effect.nodes if n.included for a in n.amounts}
        self.cards: dict[str, Card] = {}
        self.rows: dict[str, dict[tuple[str, ...], Factor]] = {}
        self.effect = replace(effect, nodes=tuple(self.resting(n) for n in effect.nodes))

    def wrong(self, path: tuple[str | int, ...], found: str, expected: str, remedy: str) -> None:
        self.fields.wrong(path, found, expected, remedy)

    # -- names -----------------------------------------------------------------------------------------------------

    def names(self) -> None:
        """What the compiler names must not be a factor or parameter already."""
        seen: set[str] = set()
        for identifier, (node, amount) in self.amounts.items():
            for name in (identifier, f"{identifier}_with", f"{identifier}_without"):
                if name in self.known or name in seen:
                    self.wrong(
                        amount.path, f"the amount {identifier!r} of the node {node.id!r} and another factor are both "
                        f"called {name!r}", "a name of its own", "Rename the node, or give the activity an `id`.",
                    )  # fmt: skip
                seen.add(name)

    def used_in(self, tree: Tree) -> set[str]:
        """The amounts of other activities that an expression names."""
        named = {n.id for n in walk(tree) if isinstance(n, Name)}
        return {i for i in self.amounts if named & {i, f"{i}_with", f"{i}_without"}}

    def resting(self, node: e.Node) -> e.Node:
        """The node with the nodes whose amounts its expressions name among those that it depends on."""
        used = [
            self.amounts[i][0].id
            for a in node.amounts
            for t in a.given.values()
            for i in sorted(self.used_in(t))
        ]
        others = dict.fromkeys([*node.depends_on, *(u for u in used if u != node.id)])
        return replace(node, depends_on=tuple(others))

    def indexed(self, tree: Tree) -> Tree:
        """The expression with place and year behind the amounts that it names."""
        match tree:
            case Name(name) if name in self.cards:
                return Lookup(name, _AT)
            case Negative(operand):
                return Negative(self.indexed(operand))
            case Binary(operator, left, right):
                return Binary(operator, self.indexed(left), self.indexed(right))
            case Compare(operator, left, right):
                return Compare(operator, self.indexed(left), self.indexed(right))
            case Call(function, arguments, over):
                return Call(function, tuple(self.indexed(a) for a in arguments), over)
        return tree

    def circles(self) -> None:
        """Amounts that rest on each other in a circle, and amounts of other places or years than those they rest on."""
        rests = {
            i: {u for t in a.given.values() for u in self.used_in(t)} for i, (_, a) in self.amounts.items()
        }
        for identifier, (_, amount) in self.amounts.items():
            found, more = set(rests[identifier]), set(rests[identifier])
            while more:
                more = {u for m in more for u in rests[m]} - found
                found |= more
            if identifier in found:
                self.wrong(
                    amount.path,
                    f"the amount {identifier!r} rests on itself",
                    "amounts in an order",
                    "Break the circle.",
                )
            for used in sorted(rests[identifier]):
                other = self.amounts[used][1]
                if not self.matches(amount, other):
                    self.wrong(
                        amount.path,
                        f"the amount {identifier!r} rests on {used!r}, which is of other places or years",
                        "the same places and years, or one place each", "Give both the same `country` and `year`.",
                    )  # fmt: skip

    def matches(self, a: e.Amount, b: e.Amount) -> bool:
        one, other = self.places(a), self.places(b)
        return (one == other or len(one) == len(other) == 1) and self.in_years(a) == self.in_years(b)

    def places(self, amount: e.Amount) -> tuple[str, ...]:
        return amount.countries or self.effect.places or ("",)

    def in_years(self, amount: e.Amount) -> tuple[int, ...]:
        return amount.years or self.years

    # -- factors ---------------------------------------------------------------------------------------------------

    def card(self, name: str, unit: str, index: tuple[str, ...] = INDEX, title: str = "") -> Card:
        self.cards[name] = Card(name, unit, index, "part of the study", title=title)
        return self.cards[name]

    def enter(self, name: str, index: tuple[str, ...], tree: Tree, path: tuple[str | int, ...]) -> None:
        line = self.fields.line(*path) or 0
        self.rows.setdefault(name, {})[index] = Factor(
            self.cards.get(name) or self.known[name], index, 0.0, Shape(), "study", "verified", formula=tree,
            text=f"={write(tree)}", file=self.fields.file, line=line, own=True,
        )  # fmt: skip

    def exact(self, name: str, unit: str) -> None:
        """One of a unit, by which numbers become amounts and amounts numbers."""
        if name not in self.cards:
            card = self.card(name, unit, (), f"1 {unit}")
            self.rows[name] = {(): Factor(card, (), 1.0, Shape(), "definition", "verified", own=True)}

    def unit(self, tree: Tree, path: tuple[str | int, ...]) -> tuple[bool, Unit | None]:
        """(whether the expression holds, its unit)"""
        scope = Scope({}, frozenset(INDEX), {**self.known, **self.cards})
        try:
            return True, check(tree, scope).unit
        except FormulaError as error:
            self.wrong(path, error.found, error.expected, error.remedy)
            return False, None

    def amount_cards(self) -> None:
        """Cards of all amounts first, since they may name each other."""
        for identifier, (_, amount) in self.amounts.items():
            activity = self.activity(amount)
            if activity is not None:
                for name in (identifier, f"{identifier}_with", f"{identifier}_without"):
                    self.card(name, activity.unit, title=identifier.replace("_", " "))

    def activity(self, amount: e.Amount) -> Activity | None:
        """The activity that a row names, or the member of a family that its unit chooses."""
        members = families(self.activities.values()).get(amount.activity, ())
        for name in members if amount.activity not in self.activities or len(members) > 1 else ():
            if self.same_unit(amount.unit, self.activities[name].unit):
                return self.activities[name]
        if amount.activity in self.fed:
            return self.activities[amount.activity]
        fed = sorted(filter(None, self.fed))
        self.wrong(
            (*amount.path, "activity"), f"no term of the method takes the activity {amount.activity!r}",
            "an activity of the method", did_you_mean(amount.activity, fed) or f"It takes {', '.join(fed)}.",
        )  # fmt: skip
        return None

    def same_unit(self, one: str, other: str) -> bool:
        try:
            return same_dimension(parse_unit(one), parse_unit(other))
        except UnitError:
            return False

    def amount_factors(self, node: e.Node, amount: e.Amount) -> None:
        """The amounts with and without the solution, in the unit of the activity; and their difference where used."""
        activity = self.activity(amount) if amount.id in self.cards else None
        if activity is None:
            return
        self.countless(node, amount)
        for side in ("with", "without"):
            tree = self.measured(amount.given.get(side, parse("0")), amount, activity, side)
            if tree is not None:
                self.enter(f"{amount.id}_{side}", ("", ""), tree, amount.path)
        if any(amount.id in self.used_in(t) for _, a in self.amounts.values() for t in a.given.values()):
            difference = Binary("-", Lookup(f"{amount.id}_with", _AT), Lookup(f"{amount.id}_without", _AT))
            self.enter(amount.id, ("", ""), difference, amount.path)

    def measured(self, tree: Tree, amount: e.Amount, activity: Activity, side: str) -> Tree | None:
        """An expression in the unit of its activity: as it is, a number in the row's unit, or an amount per year."""
        first = self.amounts[amount.id][0].order == "first"
        key = "displaced" if first and side == "without" else side
        path, tree, wanted = (*amount.path, key), self.indexed(tree), parse_unit(activity.unit)
        holds, unit = self.unit(tree, path)
        if not holds:
            return None
        given = self.row_unit(amount, activity)
        if given is None:
            return None
        if unit is None or same_dimension(unit, wanted):
            return tree
        if same_dimension(unit * _PER_TIME, wanted):
            return Binary("*", tree, Name("one_year"))
        if same_dimension(unit, DIMENSIONLESS) and amount.unit:
            one = f"unit_of_{activity.name}"
            self.exact(one, activity.unit)
            times = parse(repr(ratio(given, wanted)))
            return Binary("*", tree if times == parse("1") else Binary("*", tree, times), Name(one))
        self.wrong(
            path, f"`{write(tree)}` is in {unit}", f"an amount of {activity.name}, like {activity.unit}",
            "Multiply by a parameter that carries the unit, or give the row its `unit` and the expression none.",
        )  # fmt: skip
        return None

    def row_unit(self, amount: e.Amount, activity: Activity) -> Unit | None:
        wanted = parse_unit(activity.unit)
        try:
            given = parse_unit(amount.unit) if amount.unit else wanted
        except UnitError as error:
            self.wrong((*amount.path, "unit"), error.found, error.expected, error.remedy)
            return None
        if not same_dimension(given, wanted):
            self.wrong(
                (*amount.path, "unit"), f"{activity.name} is given in {amount.unit}", f"a unit like {activity.unit}",
                "Mend the unit, or name another activity.",
            )  # fmt: skip
            return None
        return given

    def countless(self, node: e.Node, amount: e.Amount) -> None:
        """An amount that says nothing of the place would be counted once for each place of the study."""
        trees = [*amount.given.values(), *(self.effect.scale.users.values() if node.per != "whole" else ())]
        trees += [
            t
            for i in amount.given.values()
            for u in self.used_in(i)
            for t in self.amounts[u][1].given.values()
        ]
        if len(self.places(amount)) > 1 and not any(Name("country") in set(walk(t)) for t in trees):
            self.wrong(
                amount.path, f"the amount {amount.id!r} is the same for each of {len(self.places(amount))} places",
                "a `country` of its own, or `users` by place, like users[country]",
                "It would be counted once for each place.",
            )  # fmt: skip

"""An effect study as activity rows: what each node has with the solution, times 1, and without it, times -1.

A row has the quantity 1 and is multiplied by an expression over factors, so that the one engine assesses it. Amounts,
users, adoption and overlaps are factors of the study given by formulas; they have no draws of their own, only those of
the parameters that they rest on. What the grid will be is the same: a formula on the grid of a known year.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from netprint.formula.parse import Binary, Lookup, Name, Tree, parse, walk, write
from netprint.load import effect as e
from netprint.load.activities import Activity
from netprint.load.document import Fields
from netprint.load.effect_factors import Amounts
from netprint.load.factor import Factor, FactorTable, Shape
from netprint.load.method import Method
from netprint.units import DIMENSIONLESS, Unit, UnitError, ratio, same_dimension
from netprint.units import parse as parse_unit

#: The factor of the grid that the others of a country are formulas on where no figure of the year is published.
GRID = "grid_lifecycle"
_ON_GRID = ("grid_", "car_lifecycle")
Row = dict[str, object]


@dataclass(frozen=True)
class Compiled:
    """An effect study ready for the engine: ``rows`` of activity data; ``before``, what was there before the solution,
    which is in no account and only tells actual reductions from lesser increases; the factors of both."""

    effect: e.Effect
    rows: tuple[Row, ...] = ()
    before: tuple[Row, ...] = ()
    factors: FactorTable = field(default_factory=lambda: FactorTable({}, {}))


def compile_effect(
    effect: e.Effect, methods: Iterable[Method], own: FactorTable, period: tuple[int, int], fields: Fields
) -> Compiled:
    """Rows and factors of an effect study. Names, units and the places and years of nodes that rest on each other are
    checked here; what does not hold is added to the problems of ``fields``."""
    return _Compiler(effect, list(methods), own, period, fields).compiled()


class _Compiler(Amounts):
    def compiled(self) -> Compiled:
        before = len(self.problems)
        self.names()
        self.amount_cards()
        self.scaling()
        for node, amount in self.amounts.values():
            self.amount_factors(node, amount)
        self.circles()
        if len(self.problems) > before:
            return Compiled(self.effect)
        nodes = [n for n in self.effect.nodes if n.included]
        rows = [r for n in nodes for a in n.amounts for r in self.sides(n, a)]
        rows += [r for n in nodes if n.bounded for r in self.bounded(n)]
        was = [r for n in nodes if n.order == "second" for a in n.amounts for r in self.was(n, a)]
        self.grid(rows)
        return Compiled(self.effect, tuple(rows), tuple(was), self.named([*rows, *was]))

    def named(self, rows: list[Row]) -> FactorTable:
        """The factors that rows rest on; the grid's stand on the catalogue's and are all kept."""
        waiting = {n for r in rows for n in _factors_of(parse(str(r["times"])))}
        kept: set[str] = set()
        while waiting:
            name = waiting.pop()
            kept.add(name)
            trees = [f.formula for f in self.rows.get(name, {}).values() if f.formula is not None]
            waiting |= {n for t in trees for n in _factors_of(t)} - kept
        cards = {n: c for n, c in self.cards.items() if n in kept}
        return FactorTable(cards, {n: r for n, r in self.rows.items() if n in cards or n == GRID})

    # -- from one user to all --------------------------------------------------------------------------------------

    def scaling(self) -> None:
        """users, adoption, already, effective use, what other solutions leave, and what moves by itself, by year."""
        scale = self.effect.scale
        for name, path in (
            ("users", scale.users), ("adoption", scale.adoption), ("already", scale.already),
            ("effective_use", scale.effective_use),
        ):  # fmt: skip
            self.by_year(f"scale_{name}", path, ("scale", name))
        for i, overlap in enumerate(scale.overlaps, 1):
            left = {y: Binary("-", parse("1"), t) for y, t in overlap.share.items()}
            self.by_year(f"scale_left_{i}", left, ("scale", "overlap", i - 1, "share"))
        for i, drift in enumerate(self.effect.autonomous, 1):
            moved = {y: _moved(drift, y) for y in self.years}
            self.by_year(f"scale_autonomous_{i}", moved, (*drift.path, "yearly"))
        if self.effect.grid is not None:
            holds, unit = self.unit(self.effect.grid.yearly, ("grid", "yearly"))
            if holds and unit is not None:
                self.no_unit(unit, ("grid", "yearly"))

    def by_year(self, name: str, path: e.Path, place: tuple[str | int, ...]) -> None:
        if not path:
            return
        self.card(name, "1", title=name.replace("_", " "))
        asked = {y for _, a in self.amounts.values() for y in self.in_years(a)}
        for year, tree in path.items():
            if year not in asked:
                continue
            holds, unit = self.unit(tree, place)
            if holds and unit is not None:
                self.no_unit(unit, place)
            self.enter(name, ("", str(year)), tree, place)

    def no_unit(self, unit: Unit, place: tuple[str | int, ...]) -> None:
        if not same_dimension(unit, DIMENSIONLESS):
            self.wrong(
                place, f"it is in {unit}", "a number or a share", "Divide it by what it is counted in."
            )

    def multiplier(self, node: e.Node, year: str, *, drifts: bool = True) -> list[str]:
        """The factors that an amount for one user is multiplied by; ``year``: the column, or a year."""
        if node.per == "whole":
            return []
        scale, at = self.effect.scale, f"[country, {year}]"
        found = [f"scale_users{at}"] if scale.users else []
        if scale.already:
            adoption = f"scale_adoption{at}" if scale.adoption else "1"
            found.append(f"max({adoption} - scale_already{at}, 0)")
        elif scale.adoption:
            found.append(f"scale_adoption{at}")
        if node.per == "user" and scale.effective_use:
            found.append(f"scale_effective_use{at}")
        for i, overlap in enumerate(scale.overlaps, 1):
            if self.acted_on(node, overlap.nodes):
                found.append(f"scale_left_{i}{at}")
        for i, drift in enumerate(self.effect.autonomous if drifts else (), 1):
            if self.acted_on(node, drift.nodes):
                found.append(f"scale_autonomous_{i}{at}")
        return found

    def acted_on(self, node: e.Node, named: tuple[str, ...]) -> bool:
        """What acts on a node acts on all that rest on it; without names it acts on all nodes but the solution's."""
        return node.id in self.effect.below(named) if named else node.order != "first"

    def grid(self, rows: list[Row]) -> None:
        """The grid of the years after the last known one, as formulas on that one: the same draws, moved."""
        drift = self.effect.grid
        if drift is None:
            return
        asked = {(str(r["country"]), int(str(r["year"]))) for r in rows if self.on_grid(r)}
        for country, year in sorted(asked):
            if country and year > drift.since:
                moved = f"{GRID}[country, {drift.since}] * ({write(_moved(drift, year))})"
                self.enter(GRID, (country, str(year)), parse(moved), ("grid", "yearly"))

    def on_grid(self, row: Row) -> bool:
        """Whether what a row is multiplied by, or its amount, may rest on the grid."""
        named = set().union(*(_factors_of(t.formula) for t in self.terms if t.activity == row["activity"]))
        amounts = [a for i in _factors_of(parse(str(row["times"]))) for a in self.rows.get(i, {}).values()]
        named = named.union(*(_factors_of(f.formula) for f in amounts if f.formula is not None))
        return any(n.startswith(_ON_GRID) for n in named)

    # -- rows ------------------------------------------------------------------------------------------------------

    def row(self, node: e.Node, amount: e.Amount, country: str, year: int, case: str, times: str) -> Row:
        activity = self.activity(amount)
        assert activity is not None
        return {
            **amount.labels, "activity": activity.name, "item": amount.item, "country": country, "year": str(year),
            "quantity": 1, "unit": activity.unit, "uncertainty": 0, "node": node.id, "case": case,
            "account": e.ACCOUNT[node.order], "category": node.mechanism, "stage": node.stage, "times": times,
        }  # fmt: skip

    def per_unit(self, activity: Activity) -> str:
        """What an amount is divided by to become a number."""
        if same_dimension(parse_unit(activity.unit), DIMENSIONLESS):
            return ""
        self.exact(f"unit_of_{activity.name}", activity.unit)
        return f" / unit_of_{activity.name}"

    def sides(self, node: e.Node, amount: e.Amount) -> list[Row]:
        activity = self.activity(amount)
        assert activity is not None
        found = []
        for side, sign in (("with", ""), ("without", "-")):
            other = amount.given.get("without" if side == "with" else "with", parse("0"))
            if side not in amount.given or (
                _zero(amount.given[side]) and not (_zero(other) and side == "with")
            ):
                continue
            parts = [
                *self.multiplier(node, "year"),
                f"{amount.id}_{side}[country, year]{self.per_unit(activity)}",
            ]
            times = f"{sign}{' * '.join(parts)}"
            for country in self.places(amount):
                found += [self.row(node, amount, country, y, side, times) for y in self.in_years(amount)]
        return found

    def was(self, node: e.Node, amount: e.Amount) -> list[Row]:
        """What was there before, with the factors of the first year; `case` says for which year it is compared."""
        if "before" not in amount.given or _zero(amount.given["before"]):
            return []
        activity = self.activity(amount)
        assert activity is not None
        tree = self.measured(amount.given["before"], amount, activity, "before")
        if tree is None:
            return []
        found = []
        for year in self.in_years(amount):
            parts = [
                *self.multiplier(node, str(year), drifts=False),
                f"({write(tree)}){self.per_unit(activity)}",
            ]
            for country in self.places(amount):
                found.append(
                    self.row(node, amount, country, self.period[0], f"before {year}", " * ".join(parts))
                )
        return found

    def bounded(self, node: e.Node) -> list[Row]:
        """A node of which only the range is known: uniform between its ends, for the whole of one year."""
        assert node.described is not None and node.described.bounds is not None
        bounds, name = node.described.bounds, f"bounds_of_{node.id}"
        card = self.card(name, "kg CO2e", (), f"{node.title}, bounds")
        try:
            scale = ratio(parse_unit(bounds.unit), card.measure)
        except (UnitError, ValueError):
            self.wrong(
                (*node.path, "described", "bounds"),
                f"the unit is {bounds.unit!r}",
                "like kg CO2e",
                "Mend it.",
            )
            return []
        low, high = bounds.low * scale, bounds.high * scale
        shape = Shape("uniform", "mean", low, high) if high > low else Shape()
        line = self.fields.line(*node.path) or 0
        self.rows[name] = {
            (): Factor(
                card, (), (low + high) / 2, shape, bounds.source, "provisional", file=self.fields.file, line=line,
                own=True,
            )
        }  # fmt: skip
        amount = e.Amount(node.id, "given_emissions", "", (), (), "", {}, {}, node.path)
        if len(self.places(amount)) > 1:
            amount = replace(amount, countries=(self.effect.places[0],))
        times = f"{name}{self.per_unit(self.activities['given_emissions'])}"
        return [self.row(node, amount, c, y, "with", times) for c in self.places(amount) for y in self.years]


def _moved(drift: e.Drift, year: int) -> Tree:
    """(1 - yearly) to the power of the years gone by."""
    return parse(f"(1 - ({write(drift.yearly)})) ** {max(year - drift.since, 0)}")


def _factors_of(tree: Tree) -> set[str]:
    """The names that an expression may look up."""
    return {n.factor if isinstance(n, Lookup) else n.id for n in walk(tree) if isinstance(n, Lookup | Name)}


def _zero(tree: Tree) -> bool:
    return tree == parse("0")


__all__ = ["Compiled", "compile_effect"]

"""resolve: for each distinct (factor, index) the row that answers it: exact, else by the card's fallback, else a gap.

The user's own table wins over the catalogue at every step. A proxy is the found factor times the mean-one factor
``proxy:<factor>``, whose quantiles are the leave-one-out spread by level and lag.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from netprint.engine.distributions import Z95
from netprint.errors import nearest
from netprint.formula.evaluate import Asked, Index, needed
from netprint.formula.parse import Tree, write
from netprint.load.factors import Card, Factor, FactorTable, Shape

#: The pedigree matrix's uncertainty factors (95 %, squared geometric standard deviation) for a value from another
#: time or place: Ciroth et al. (2016), Int. J. Life Cycle Assess. 21, temporal scores 2 to 5 and geographical 3 and
#: 5, as restated in brightway-lca/pedigree_matrix. They are the floor of a proxy's spread, and serve alone where
#: the catalogue has no table for it.
PEDIGREE_YEAR = ((3, 1.03), (6, 1.10), (10, 1.19), (math.inf, 1.29))
PEDIGREE_PLACE = {"group": 1.08, "world": 1.11}
#: How many factors given by formulas may rest on each other; more is a formula that calls itself for ever.
DEEPEST = 60


@dataclass(frozen=True)
class Proxy:
    """How far the factor that was found is from what was asked.

    ``spreads`` are the rows of ``proxy:<factor>`` that it is multiplied by: that of the level, and that of the lag
    where a group's or the world's value is of another year.
    """

    level: str
    lag: int
    spreads: tuple[Factor, ...]

    @property
    def text(self) -> str:
        lag = f"lag {self.lag}" if self.lag else ""
        return " ".join(filter(None, ["" if self.level == "year" else self.level, lag])) or self.level


@dataclass(frozen=True)
class Found:
    """The factor row that answers; ``inputs`` of a factor that is a formula, evaluated for the index ``at``."""

    factor: Factor
    asked: Index
    proxy: Proxy | None = None
    inputs: tuple[Asked, ...] = ()
    formula: Tree | None = None
    at: Index = ()

    @property
    def provisional(self) -> bool:
        return self.factor.provisional


@dataclass(frozen=True)
class Gap:
    """Nothing answers; ``near`` names what the table does have."""

    factor: str
    asked: Index
    near: tuple[str, ...] = ()
    because: tuple[Asked, ...] = ()

    def __str__(self) -> str:
        text = (
            f"{self.factor}[{', '.join(i or '(empty)' for i in self.asked)}]" if self.asked else self.factor
        )
        if self.near and self.near[0].startswith("it "):
            return f"{text}: {self.near[0]}"
        return f"{text}: the nearest known are {', '.join(self.near)}" if self.near else text


@dataclass
class Resolver:
    """Answers (factor, index) from the tables, once each.

    ``groups``: country → its groups, nearest first, ``WORLD`` last. ``aliases``: names that stand for another
    factor (``gwp`` → ``gwp_ar6``). ``mapped``: factors that a scenario replaces by a formula on their index.
    """

    tables: Sequence[FactorTable]
    cards: Mapping[str, Card]
    groups: Callable[[str], Sequence[str]]
    aliases: Mapping[str, str] = field(default_factory=dict)
    mapped: Mapping[str, Tree] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._answers: dict[Asked, Found | Gap] = {}
        self._open: set[Asked] = set()
        self._by_rest: dict[tuple[int, str], dict[Index, list[tuple[int, Factor]]]] = {}
        self._masks: dict[tuple[int, str], tuple[tuple[bool, ...], ...]] = {}

    def __call__(self, asked: Asked) -> Found | Gap:
        if asked not in self._answers:
            self._answers[asked] = self._resolve(asked)
        return self._answers[asked]

    def held(self, asked: Asked) -> bool:
        return isinstance(self(asked), Found)

    def tables_of(self, name: str) -> Sequence[FactorTable]:
        """Nearest first; a factor to which a table gives a card is that table's alone."""
        for i, table in enumerate(self.tables):
            if name in table.cards:
                return self.tables[: i + 1]
        return self.tables

    @property
    def answers(self) -> Mapping[Asked, Found | Gap]:
        return self._answers

    def _resolve(self, asked: Asked) -> Found | Gap:
        name, index = self.aliases.get(asked[0], asked[0]), asked[1]
        card = self.cards.get(name)
        if card is None:
            return Gap(asked[0], index)
        if asked in self._open or len(self._open) >= DEEPEST:
            return Gap(asked[0], index, near=("it is defined by itself",))
        self._open.add(asked)
        try:
            mapping = self.mapped.get(asked[0]) or self.mapped.get(name)
            if mapping is not None:
                return self._by_formula(
                    _scenario_row(card, index, mapping), index, None, mapping, (asked[0],)
                )
            for level, lag, factor in self._candidates(card, index):
                proxy = None if level == "exact" else Proxy(level, lag, self._spreads(card.name, level, lag))
                if factor.formula is not None:
                    return self._by_formula(factor, index, proxy, factor.formula)
                return Found(factor, index, proxy)
            return Gap(asked[0], index, self._near(card, index))
        finally:
            self._open.discard(asked)

    def _by_formula(
        self, factor: Factor, index: Index, proxy: Proxy | None, formula: Tree, itself: Sequence[str] = ()
    ) -> Found | Gap:
        """A factor given by a formula over its own index; it is a gap where one of its inputs is."""
        at = index if proxy is None else tuple(f or i for f, i in zip(factor.index, index, strict=True))
        labels = dict(zip(factor.card.index, at, strict=True))
        base = Resolver(self.tables, self.cards, self.groups, self.aliases) if itself else self
        inputs = tuple(needed(formula, labels, {}, self.cards, base.held))
        missing = tuple(i for i in inputs if not base.held(i))
        if missing:
            near = tuple(str(base(m)) for m in missing)
            return Gap(factor.card.name, index, (f"it needs {'; '.join(near)}",), missing)
        return Found(factor, index, proxy, inputs, formula, at)

    # -- candidates, best first ----------------------------------------------------------------------------------

    def _candidates(self, card: Card, index: Index) -> list[tuple[str, int, Factor]]:
        for factor in filter(None, (self._exact(t, card.name, index) for t in self.tables_of(card.name))):
            return [("exact", 0, factor)]
        for level in card.fallback:
            found = [
                f
                for t in self.tables_of(card.name)
                if (f := self._fallback(t, card, index, level)) is not None
            ]
            if found:  # the nearest year of all tables; of two equally near the user's
                lag, factor = min(found, key=lambda f: f[0])
                return [(level, lag, factor)]
        return []

    def _exact(self, table: FactorTable, name: str, index: Index) -> Factor | None:
        rows = table.rows.get(name)
        if rows is None:
            return None
        if index in rows:
            return rows[index]
        for mask in self._any_masks(table, name):
            blanked = tuple("" if any_ else i for i, any_ in zip(index, mask, strict=True))
            if blanked in rows:
                return rows[blanked]
        return None

    def _any_masks(self, table: FactorTable, name: str) -> tuple[tuple[bool, ...], ...]:
        """Which index cells the table leaves empty (any), fewest first."""
        key = (id(table), name)
        if key not in self._masks:
            masks = {tuple(i == "" for i in index) for index in table.rows[name]}
            self._masks[key] = tuple(sorted((m for m in masks if any(m)), key=sum))
        return self._masks[key]

    def _fallback(
        self, table: FactorTable, card: Card, index: Index, level: str
    ) -> tuple[int, Factor] | None:
        if level == "year":
            return self._nearest_year(table, card, index)
        if "country" not in card.index:
            return None
        place = card.index.index("country")
        codes = (
            [g for g in self.groups(index[place]) if (g == "WORLD") == (level == "world")]
            if index[place]
            else []
        )
        if level == "world" and "WORLD" not in codes:
            codes = ["WORLD"]
        for code in codes:
            moved = (*index[:place], code, *index[place + 1 :])
            factor = self._exact(table, card.name, moved)
            if factor is not None:
                return 0, factor
            found = self._nearest_year(table, card, moved)
            if found is not None:
                return found
        return None

    def _nearest_year(self, table: FactorTable, card: Card, index: Index) -> tuple[int, Factor] | None:
        """The same index (or any, where a row says so) in the nearest year; of two equally near the earlier."""
        rows = table.rows.get(card.name)
        if rows is None or "year" not in card.index:
            return None
        at = card.index.index("year")
        if not index[at].lstrip("-").isdigit():
            return None
        asked = int(index[at])
        rest = (*index[:at], *index[at + 1 :])
        series = self._series(table, card, at)
        for mask in ((), *self._any_masks(table, card.name)):
            if mask and mask[at]:
                continue
            blank = (*mask[:at], *mask[at + 1 :]) or (False,) * len(rest)
            found = series.get(tuple("" if any_ else i for i, any_ in zip(rest, blank, strict=True)))
            if found:
                year, factor = min(found, key=lambda f: (abs(f[0] - asked), f[0]))
                return abs(year - asked), factor
        return None

    def _series(self, table: FactorTable, card: Card, at: int) -> dict[Index, list[tuple[int, Factor]]]:
        key = (id(table), card.name)
        if key not in self._by_rest:
            series: dict[Index, list[tuple[int, Factor]]] = {}
            for index, factor in table.rows[card.name].items():
                if index[at].isdigit():
                    series.setdefault((*index[:at], *index[at + 1 :]), []).append((int(index[at]), factor))
            self._by_rest[key] = series
        return self._by_rest[key]

    # -- spread of a proxy ---------------------------------------------------------------------------------------

    def _spreads(self, name: str, level: str, lag: int) -> tuple[Factor, ...]:
        if level == "year" or lag == 0:
            return (self._spread(name, level, lag),)
        return self._spread(name, level, 0), self._spread(name, "year", lag)

    def _spread(self, name: str, level: str, lag: int) -> Factor:
        """The row of ``proxy:<factor>`` for this level and the largest lag that is not above the one needed; never
        narrower than the pedigree matrix."""
        floor = pedigree(level, lag)
        card = self.cards.get(f"proxy:{name}", Card(f"proxy:{name}", "1", ("level", "lag")))
        for table in self.tables_of(f"proxy:{name}"):
            rows = table.rows.get(f"proxy:{name}", {})
            lags = [
                int(i[1] or 0)
                for i in rows
                if i[0] == level and int(i[1] or 0) <= max(lag, 1 if level == "year" else 0)
            ]
            if lags:
                row = rows.get((level, str(max(lags)))) or rows[level, ""]
                if _log_spread(row.shape) >= math.log(floor):
                    return row
        source = f"pedigree {level} lag {lag}"
        shape = Shape("lognormal", "mean", gsd=floor)
        return Factor(
            card, (level, str(lag)), 1.0, shape, source, "provisional", note="pedigree matrix alone"
        )

    def _near(self, card: Card, index: Index) -> tuple[str, ...]:
        """What the tables have instead, where one entry of the index differs."""
        known = [i for t in self.tables_of(card.name) for i in t.rows.get(card.name, {})]
        if not known:
            return ()
        for at in range(len(index)):
            same = {i[at] for i in known if i[:at] + i[at + 1 :] == index[:at] + index[at + 1 :]}
            if same:
                close = nearest(index[at], same) or sorted(same)[:3]
                return tuple(f"{card.name}[{', '.join((*index[:at], c, *index[at + 1 :]))}]" for c in close)
        at = max(range(len(index)), key=lambda j: index[j] not in {i[j] for i in known}, default=0)
        return tuple(nearest(index[at], {i[at] for i in known})) if index else ()


def pedigree(level: str, lag: int) -> float:
    """The geometric standard deviation that the pedigree matrix gives for another place or year."""
    squared = 1.0
    if lag:
        squared *= next(u for limit, u in PEDIGREE_YEAR if lag <= limit)
    if level in PEDIGREE_PLACE:
        squared = math.exp(math.hypot(math.log(squared), math.log(PEDIGREE_PLACE[level])))
    return math.sqrt(squared)


def _log_spread(shape: Shape) -> float:
    """About one standard deviation of the logarithm."""
    if shape.distribution == "lognormal":
        return math.log(shape.gsd)
    if shape.distribution == "empirical":
        inside = [x for p, x in shape.points if 0.02 <= p <= 0.98 and x > 0]
        return math.log(max(inside) / min(inside)) / (2 * Z95) if inside else 0.0
    return math.inf


def _scenario_row(card: Card, index: Index, formula: Tree) -> Factor:
    return Factor(
        card, index, 0.0, Shape(), "scenario", "provisional", formula=formula, text=f"={write(formula)}"
    )

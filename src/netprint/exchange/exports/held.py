"""What a result holds, as the fields of a form ask for it: sums of activity data and of fuels' energy, with draws.

Sums are made of the bundle's collapsed table and, for calorific values, of the factors that the study is assessed
with; so a number here has the draws of the bundle's own numbers. A public bundle has no collapsed table: what would
give an activity back is confidential there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from netprint.assess import Prepared, model, restore, within
from netprint.engine.coefficients import Coefficients
from netprint.engine.contract import Quantities
from netprint.engine.plan import HOLDING
from netprint.engine.rows import Rows
from netprint.errors import InputError, UsageError
from netprint.load.activities import load_activities
from netprint.load.entities import INVESTMENT
from netprint.result import Result
from netprint.units import parse

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Place = Mapping[str, str]
WITHHELD = "withheld in a public bundle, which holds no activity data"
_STATIONARY, _VEHICLES = "fuel", "vehicle_fuel"
_OWN = ("electricity_generated", "electricity_generated_sold")
_GENERATORS = "generator_electricity"
_PPA = re.compile(r"\bppas?\b|power purchase", re.I)
_CERTIFICATE = re.compile(
    r"\b(i-?recs?|recs?|gos?|goos?|guarantees? of origin|regos?|tigrs?|lgcs?|gecs?|eacs?|certificates?)\b",
    re.I,
)
_GREEN = re.compile(r"\b(green|renewable)\b", re.I)
_OTHER = re.compile(r"nuclear|residual|fossil|\bcoal\b|\bgas\b", re.I)


class Absent(Exception):
    """Why a field cannot be filled: a notation key and a reason in words."""

    def __init__(self, key: str, reason: str) -> None:
        self.key, self.reason = key, reason
        super().__init__(f"{key}: {reason}")


class Held:
    """A result's activity sums by place; arrays are ``(1 + N,)`` or ``(1,)``, the point first, energies in kWh."""

    def __init__(self, result: Result) -> None:
        self.result = result
        self.public = result.collapsed is None
        self._energies: dict[tuple[str, tuple[tuple[str, str], ...]], Array | Absent] = {}

    # -- labels --------------------------------------------------------------------------------------------------

    @cached_property
    def rows(self) -> Rows:
        """The collapsed rows of the period. Raises :class:`Absent` for a public bundle."""
        if self.public:
            raise Absent("C", WITHHELD)
        first, last = (int(y) for y in self.result.tags["period"])
        return within(self.result.collapsed, (first, last))

    def labels(self, column: str) -> tuple[str, ...]:
        """The labels that a column has, in the cells where these are told apart by it, else in the rows."""
        if column in self.result.by and column in self.result.cells.columns:
            return tuple(dict.fromkeys(str(v) for v in self.result.cells.columns[column]))
        if self.public or column not in self.rows.labels:
            return ()
        return tuple(sorted({t for t in self.rows.labels[column].texts() if t}))

    def years(self) -> tuple[str, ...]:
        """The years of the period that have data."""
        found = {str(r["year"]) for r in self.result.views["year"]}
        if not self.public:
            found |= set(self.rows.labels["year"].texts())
        return tuple(sorted(y for y in found if y))

    # -- activity sums -------------------------------------------------------------------------------------------

    def has(self, activity: str, at: Place) -> bool:
        return bool(self._mask(activity, at).any())

    def activity(self, name: str, at: Place, items: tuple[str, ...] = ()) -> Array:
        """Σ of an activity over a place, in coherent units. Raises :class:`Absent` where it has no row."""
        rows = self._chosen(name, at)
        if not len(rows):
            raise Absent("NE", f"no activity data of {_title(name)} in this study")
        if items:
            kept = rows[np.isin(self._texts("item")[rows], [i.casefold() for i in items])]
            if not len(kept):
                raise Absent("NE", f"{_title(name)} is not told apart as {' or '.join(items)} in this study")
            rows = kept
        return self._sum(name, rows)

    def _texts(self, column: str) -> NDArray[np.str_]:
        held = self.rows.labels.get(column)
        texts = [t.casefold() for t in held.texts()] if held is not None else [""] * len(self.rows)
        return np.array(texts, dtype=np.str_)

    def _mask(self, activity: str, at: Place) -> NDArray[np.bool_]:
        """Which rows are an activity's at a place; what is held and not consolidated is not the organisation's own."""
        mask = self.rows.labels["activity"].having(activity)
        for column, label in at.items():
            held = self.rows.labels.get(column)
            mask = mask & (held.having(label) if held is not None else not label)
        holding = self.rows.labels.get(HOLDING)
        return mask if holding is None else mask & ~holding.having(INVESTMENT)

    def _chosen(self, activity: str, at: Place) -> Codes:
        """The rows of an activity at a place. Raises :class:`Absent` where one is multiplied: its quantity is no amount
        of its own."""
        mask, times = self._mask(activity, at), self.rows.labels.get("times")
        if times is not None and bool((mask & ~times.having("")).any()):
            raise Absent(
                "NE", f"{_title(activity)} has rows with a multiplier, whose product is not told here"
            )
        return np.flatnonzero(mask).astype(np.int64)

    @cached_property
    def _quantities(self) -> Quantities:
        tags = self.result.tags
        return Quantities(self.rows, tuple(self.rows.labels), int(tags["seed"]), int(tags["draws"]))

    def _sum(self, activity: str, rows: Codes) -> Array:
        known = load_activities().get(activity) or self._prepared.plan.activities[activity]
        return self._quantities.sum(rows) * parse(known.unit).scale

    # -- fuels ---------------------------------------------------------------------------------------------------

    @cached_property
    def _prepared(self) -> Prepared:
        try:
            return restore(self.result)
        except (InputError, UsageError) as error:
            raise Absent("C", f"the study cannot be had from the bundle: {error}") from None

    @cached_property
    def _coefficients(self) -> Coefficients:
        made = model(self._prepared.study, self._prepared.plan)
        return Coefficients(made.resolver(), made.seed, made.draws)

    def _factor(self, name: str, item: str) -> Array | None:
        asked = (name, (item,))
        return self._coefficients.factor(asked) if self._coefficients.resolver.held(asked) else None

    def fuel(self, at: Place, gross: bool, families: tuple[str, ...] = (_STATIONARY, _VEHICLES)) -> Array:
        """The energy of the fuels burnt, by net or gross calorific value.

        Raises :class:`Absent` where there is no fuel, or a calorific value is not known.
        """
        total, seen = np.zeros(1), False
        for name, activity in load_activities().items():
            if activity.family not in families:
                continue
            rows = self._chosen(name, at)
            items = self.rows.labels["item"].take(rows).texts() if len(rows) else []
            for item in sorted(set(items)):
                seen = True
                amount = self._sum(name, rows[[i for i, t in enumerate(items) if t == item]])
                total = total + amount * self._calorific(name, item, gross)
        if not seen:
            raise Absent("NE", "no activity data of fuels in this study")
        return total

    def _calorific(self, activity: str, item: str, gross: bool) -> Array:
        """kWh per coherent unit of the activity."""
        form = activity.rpartition("fuel_")[2]
        per_gross = self._factor("net_per_gross", item) if gross != (form == "energy_gross") else np.ones(1)
        if form in ("energy_net", "energy_gross"):
            net: Array | None = np.ones(1)
        elif form == "mass":
            net = self._factor("net_calorific_value", item)
        else:
            net = self._factor("net_calorific_value_volume", item)
            density, by_mass = self._factor("density", item), self._factor("net_calorific_value", item)
            if net is None and density is not None and by_mass is not None:
                net = density * by_mass
        if net is None or per_gross is None:
            which = "calorific value" if net is None else "ratio of net to gross calorific value"
            raise Absent(
                "NE", f"no {which} of {item} is known, so that the energy of the fuels is not complete"
            )
        if form == "energy_gross":
            return net if gross else net * per_gross
        return net / per_gross

    # -- energies ------------------------------------------------------------------------------------------------

    def amount(self, name: str, at: Place) -> Array:
        """An energy by its name in the crosswalk (in kWh), or an activity. Raises :class:`Absent`."""
        key = (name, tuple(sorted(at.items())))
        if key not in self._energies:
            try:
                self._energies[key] = self._energy(name)(at)
            except Absent as reason:
                self._energies[key] = reason
        found = self._energies[key]
        if isinstance(found, Absent):
            raise found
        return found

    def _energy(self, name: str) -> Callable[[Place], Array]:
        known: dict[str, Callable[[Place], Array]] = {
            "electricity": self._electricity,
            "grid": lambda at: self.activity("electricity", at),
            "fuel_net": lambda at: self.fuel(at, gross=False),
            "generators": self._generators,
            "data_centre": self._data_centre,
            "total_net": lambda at: self._total(at, gross=False),
            "total_gross": lambda at: self._total(at, gross=True),
            "renewable": self._renewable,
            "renewable_bought": lambda at: self.covered(at, renewable),
            "non_renewable_bought": self._not_renewable,
            "certificates": lambda at: self.covered(at, is_certificate),
            "ppa": lambda at: self.covered(at, is_ppa),
        }
        return known.get(name, lambda at: self.activity(name, at))

    def _electricity(self, at: Place) -> Array:
        """Electricity bought and self-generated."""
        return self._parts(at, ("electricity", *_OWN))

    def _parts(self, at: Place, names: tuple[str, ...]) -> Array:
        """The sum of those of the activities that the study has; raises :class:`Absent` where it has none."""
        held = [self.activity(name, at) for name in names if self.has(name, at)]
        if not held:
            raise Absent("NE", f"no activity data of {' or '.join(_title(n) for n in names)} in this study")
        return np.asarray(sum(held[1:], held[0]))

    def _total(self, at: Place, gross: bool) -> Array:
        """Electricity, heat and fuels; those of them that the study has."""
        return self._with_fuel(at, ("electricity", *_OWN, "heat"), gross, (_STATIONARY, _VEHICLES))

    def _with_fuel(self, at: Place, names: tuple[str, ...], gross: bool, families: tuple[str, ...]) -> Array:
        there = any(self.has(name, at) for name in names)
        if not there or any(self.has(n, at) for n, a in load_activities().items() if a.family in families):
            fuel = self.fuel(at, gross, families)
            return fuel + self._parts(at, names) if there else fuel
        return self._parts(at, names)

    def _generators(self, at: Place) -> Array:
        """The electricity of backup generators, else the energy of all fuel burnt in stationary plant."""
        if self.has(_GENERATORS, at):
            return self.activity(_GENERATORS, at)
        return self.fuel(at, gross=False, families=(_STATIONARY,))

    def _data_centre(self, at: Place) -> Array:
        """The energy of a data centre: electricity, own generation, generators and heat.

        Generators count by their electricity where it is told, else by the fuel burnt.
        """
        names = ("electricity", *_OWN, "heat")
        if self.has(_GENERATORS, at):
            return self._parts(at, (*names, _GENERATORS))
        return self._with_fuel(at, names, gross=False, families=(_STATIONARY,))

    # -- contractual instruments ---------------------------------------------------------------------------------

    def _renewable(self, at: Place) -> Array:
        """Renewable electricity: what instruments cover and own generation; of a site, first its own figure.

        Own generation whose certificates were sold is not counted. `renewable_electricity` is what one data centre
        counts, and says nothing of an organisation that uses electricity elsewhere too.
        """
        if self.has("renewable_electricity", at) and self.is_site(at):
            return self.activity("renewable_electricity", at)
        parts: list[Array] = []
        if self.has("electricity_generated", at):
            parts.append(self.activity("electricity_generated", at))
        if self._instruments(at):
            parts.append(self.covered(at, renewable))
        if not parts:
            raise Absent("NE", "the study tells neither contractual instruments nor own generation")
        return np.asarray(sum(parts[1:], parts[0]))

    def is_site(self, at: Place) -> bool:
        """Whether a place is one site: it is told apart by site, or all electricity there is that of one site."""
        site = self.rows.labels.get("site")
        names = ("electricity", *_OWN, "renewable_electricity")
        rows = np.flatnonzero(np.any([self._mask(n, at) for n in names], axis=0))
        used = {""} if site is None else set(site.take(rows.astype(np.int64)).texts())
        return bool(at.get("site")) or (len(used) == 1 and "" not in used)

    def _not_renewable(self, at: Place) -> Array:
        return self.activity("electricity", at) - self.covered(at, renewable)

    def _instruments(self, at: Place) -> bool:
        return self.has("instrument", {k: v for k, v in at.items() if k == "year"})

    def covered(self, at: Place, kind: Callable[[str], bool]) -> Array:
        """Electricity that instruments of a kind cover (GHG Protocol Scope 2 Guidance, ch. 6, by volume).

        Within an entity, a market and a year; of a surplus every instrument counts in proportion. Raises
        :class:`Absent` where there is no instrument, or instruments are not told by the place asked for.
        """
        if not self._instruments(at):
            raise Absent("NE", "no contractual instrument for electricity in this study")
        told = [c for c in at if c not in ("year", "entity", "country")]
        if told:
            raise Absent("NE", f"contractual instruments are told by market, not by {' and '.join(told)}")
        rows, columns = self._chosen("instrument", at), ("entity", "market", "year")
        if not len(rows):
            raise Absent("NE", "contractual instruments are told by market; none is told of this country")
        items, total = self.rows.labels["item"].texts(), np.zeros(1)
        wanted = np.array([kind(items[i]) for i in rows.tolist()], dtype=bool)
        keys = {self._key(i, columns) for i in rows[wanted].tolist()}
        for key in sorted(keys):
            cell = {c: v for c, v in zip(columns, key, strict=True) if c in self.rows.labels}
            electricity = self._chosen("electricity", cell)
            if "country" in at and len({*self._texts("country")[electricity].tolist()}) > 1:
                raise Absent(
                    "NE", f"the market {cell.get('market', '')} spans countries, which its instruments do not"
                )
            bought = self._sum("electricity", electricity)
            there = self._chosen("instrument", cell)
            held = self._sum("instrument", there)
            used = np.minimum(np.maximum(bought, 0.0), held)
            with np.errstate(divide="ignore", invalid="ignore"):
                share = np.where(held > 0, used / held, 0.0)
            chosen = np.array([i for i in there.tolist() if kind(items[i])], dtype=np.int64)
            total = total + share * self._sum("instrument", chosen)
        if not keys:
            raise Absent("NE", f"no instrument of this kind; those held are {_listed(items, rows)}")
        return total

    def _key(self, row: int, columns: tuple[str, ...]) -> tuple[str, ...]:
        held = self.rows.labels
        return tuple(held[c].values[held[c].codes[row]] if c in held else "" for c in columns)


def is_ppa(kind: str) -> bool:
    """Whether an instrument's type names a power purchase agreement."""
    return bool(_PPA.search(kind)) and not _OTHER.search(kind)


def is_certificate(kind: str) -> bool:
    """Whether an instrument's type names a certificate that comes without a power purchase agreement."""
    return bool(_CERTIFICATE.search(kind)) and not _PPA.search(kind) and not _OTHER.search(kind)


def renewable(kind: str) -> bool:
    """Whether an instrument's type names renewable electricity: agreement, certificate, or a green rate."""
    return is_ppa(kind) or is_certificate(kind) or (bool(_GREEN.search(kind)) and not _OTHER.search(kind))


def _listed(items: list[str], rows: Codes) -> str:
    return ", ".join(sorted({items[i] or "(without type)" for i in rows.tolist()}))


def _title(activity: str) -> str:
    return activity.replace("_", " ")

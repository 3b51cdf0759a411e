"""PACT: a ProductFootprint from a result and a description of the product that it is the footprint of.

A bundle tells emissions; what the product is, its declared unit and how many of them the year made must be stated.
The document holds only what the specification allows (Technical Specifications 3.0, data model).
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from netprint.errors import Problems, did_you_mean
from netprint.exchange.exports.crosswalk import Field, fields_of
from netprint.exchange.exports.fill import CLIMATE, Filled
from netprint.exchange.exports.held import Absent
from netprint.result import Result

REQUIRED = (
    "id", "specVersion", "created", "status", "companyName", "companyIds", "productDescription", "productIds",
    "productNameCompany", "declaredUnitOfMeasurement", "declaredUnitAmount", "productMassPerDeclaredUnit",
    "referencePeriodStart", "referencePeriodEnd", "pcfExcludingBiogenicUptake", "pcfIncludingBiogenicUptake",
    "fossilGhgEmissions", "fossilCarbonContent", "ipccCharacterizationFactors", "crossSectoralStandards",
    "exemptedEmissionsPercent",
)  # fmt: skip
#: What a description states beside fields of the specification: declared units made in the year, and the account.
OWN = ("quantity", "account")
_NAMESPACE = uuid.UUID("6a5f0f57-6a0e-5b6f-8d0c-1429a1429a14")
Values = tuple[float, float | None, float | None]


def described(product: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The description of a product; raises :class:`netprint.errors.InputError` with every key that is none."""
    problems, known = Problems(), {f.name: f for f in fields_of("pact")}
    allowed = [n for n, f in known.items() if f.kind in ("product", "pact")] + list(OWN)
    for key, value in (product or {}).items():
        if key not in allowed:
            problems.add("product", None, str(key), found=f"'{key}' is no field of the description",
                         expected="a field of a PACT footprint, quantity or account",
                         remedy=did_you_mean(str(key), allowed) or "See docs/exporting.md.")  # fmt: skip
        elif key == "quantity" and not _amounts(value):
            problems.add("product", None, "quantity", found=f"{value!r}",
                         expected="a number above zero, or one for each year",
                         remedy="Write how many declared units the year made.")  # fmt: skip
    problems.raise_if_any()
    return dict(product or {})


def _amounts(value: object) -> bool:
    many = list(value.values()) if isinstance(value, Mapping) else [value]
    return bool(many) and all(isinstance(v, int | float) and not isinstance(v, bool) and v > 0 for v in many)


def decimal(value: object) -> str:
    """A number as the specification writes it: digits without exponent."""
    return format(Decimal(repr(value) if isinstance(value, float) else str(value)), "f")


class Footprint:
    """One year of a result as a ProductFootprint."""

    def __init__(self, result: Result, year: str, product: Mapping[str, Any]) -> None:
        self.result, self.year, self.product = result, year, product
        self.makers: dict[str, Callable[[], Filled]] = {
            "id": lambda: Filled(value=str(uuid.uuid5(_NAMESPACE, self._identity()))),
            "created": lambda: Filled(value=_now()),
            "start": lambda: Filled(value=f"{year}-01-01T00:00:00Z"),
            "end": lambda: Filled(value=f"{int(year) + 1}-01-01T00:00:00Z"),
            "pcf": lambda: self._filled(self._total()),
            "including": self._including,
            "fossil": self._fossil,
            "methane": lambda: self._filled(self._flows(lambda f: f.endswith("_biogenic"))),
            "gwp": lambda: Filled(value=str(result.tags["gwp"])),
            "sources": lambda: Filled(value=f"netprint catalogue {_release(result)}"),
        }

    def fill(self, field: Field) -> Filled:
        """A field of the specification; what the description states goes before what the bundle tells."""
        if field.name in self.product:
            return Filled(
                value=_shown(self.product[field.name]), reason="stated in the product's description"
            )
        if field.kind == "text":
            return Filled(value=" ".join(field.words))
        try:
            if field.kind == "product":
                raise Absent(field.absent, field.reason)
            return self.makers[field.words[0]]()
        except Absent as absent:
            return Filled(notation=absent.key, reason=absent.reason)

    def missing(self, fields: tuple[Field, ...]) -> list[str]:
        """The mandatory fields that are not filled, with their reasons."""
        found = {f.name: self.fill(f) for f in fields if f.name in REQUIRED}
        return [f"{self.year}, {n}: {v.notation}, {v.reason}" for n, v in found.items() if v.value is None]

    def document(self, fields: tuple[Field, ...]) -> dict[str, Any]:
        """The ProductFootprint with what is filled; complete where :meth:`missing` is empty."""
        top: dict[str, Any] = {}
        pcf: dict[str, Any] = {}
        for field in fields:
            value = self.product.get(field.name, self.fill(field).value)
            if value is None:
                continue
            if field.name == "ipccCharacterizationFactors" and isinstance(value, str):
                value = [value]
            elif field.name == "secondaryEmissionFactorSources" and isinstance(value, str):
                value = [{"name": "netprint catalogue", "version": _release(self.result)}]
            elif isinstance(value, int | float) and not isinstance(value, bool):
                value = decimal(value)
            (pcf if field.table == "CarbonFootprint" else top)[field.name] = value
        return {**top, "pcf": pcf}

    # -- numbers -------------------------------------------------------------------------------------------------

    def _identity(self) -> str:
        tags = self.result.tags
        return "|".join(
            [
                self.result.title,
                self.year,
                str(tags.get("collapsed", "")),
                str(self.product.get("productIds", "")),
            ]
        )

    def _account(self) -> str:
        if "account" in self.product:
            return str(self.product["account"])
        held = {str(r["account"]) for r in self.result.views["year"]}
        totals = [t for t in self.result.tags["totals"] if t in held]
        if len(totals) > 1:
            raise Absent("NE", f"the description names no account of {', '.join(totals)}")
        return totals[0] if totals else "inventory"

    def _quantity(self) -> float:
        if "quantity" not in self.product:
            raise Absent(
                "NE", "the description does not state the quantity, the declared units made in the year"
            )
        stated = self.product["quantity"]
        if isinstance(stated, Mapping):
            made = {str(y): q for y, q in stated.items()}.get(self.year)
            if made is None:
                raise Absent("NE", f"the description states no quantity for {self.year}")
            return float(made)
        if self.result.tags["period"][0] != self.result.tags["period"][1]:
            raise Absent(
                "NE", "the bundle has several years, and the description states one quantity for all"
            )
        return float(stated)

    def _total(self) -> Values:
        quantity, account = self._quantity(), self._account()
        try:
            row = self.result.total(account, self.year, CLIMATE)
        except KeyError:
            raise Absent("NE", f"the result has no account '{account}' in {self.year}") from None
        if row["point"] is None:
            raise Absent("NE", "no factor was found; see the gaps of the bundle")
        return row["point"] / quantity, row["low"] / quantity, row["high"] / quantity

    def _flows(self, chosen: Callable[[str], bool]) -> Values:
        """The sum of flows of the account; only where every flow of it is a gas."""
        parts = self.result.tags["totals"].get(self._account(), (self._account(),))
        rows = [
            r
            for r in self.result.views["flow"].where(year=self.year, impact=CLIMATE)
            if r["account"] in parts
        ]
        if any(r["flow"] == "CO2e" and r["point"] for r in rows):
            raise Absent("NE", "a part is known as CO2e only, fossil and biogenic gases together")
        kept = [r for r in rows if chosen(str(r["flow"]))]
        return sum(r["point"] for r in kept) / self._quantity(), None, None

    def _fossil(self) -> Filled:
        return self._filled(self._flows(lambda flow: not flow.endswith("_biogenic")))

    def _including(self) -> Filled:
        if "biogenicCO2Uptake" not in self.product:
            raise Absent("NE", "the description does not state biogenicCO2Uptake (0 where there is none)")
        uptake = float(self.product["biogenicCO2Uptake"])
        point, low, high = self._total()
        return self._filled((point + uptake, (low or 0.0) + uptake, (high or 0.0) + uptake))

    def _filled(self, values: Values) -> Filled:
        return Filled(value=values[0], low=values[1], high=values[2])


def _release(result: Result) -> str:
    return str(result.versions.get("release") or result.versions.get("catalogue") or "unknown")


def _shown(value: object) -> float | str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _now() -> str:
    moment = int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))

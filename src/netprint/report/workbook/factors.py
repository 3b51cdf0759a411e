"""The sheets Factors and Sources: every value that a number rests on, where it comes from, and its cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from netprint.engine.audit import limits
from netprint.engine.resolve import Found
from netprint.formula.evaluate import Asked
from netprint.report.workbook.formulas import Live, Place, transcribe
from netprint.report.workbook.grid import Column, Grid
from netprint.report.workbook.recomputed import Recomputed, base
from netprint.report.workbook.say import Say

SOURCE_COLUMNS = (
    "source",
    "author",
    "title",
    "publisher",
    "published",
    "table",
    "url",
    "licence",
    "attribution",
)


class Factors:
    """Factor rows in their order; a cell of the sheet for each (factor, index)."""

    def __init__(self, found: Recomputed, say: Say, numbers: list[str]) -> None:
        self.found, self.say, self.numbers = found, say, numbers
        self.at = {asked: i for i, (asked, _) in enumerate(found.factors)}
        heads = (
            ("id", "id", 7), ("factor", "text", 26), ("named", "text", 16), ("asked", "text", 22),
            ("found", "text", 22), ("value", "input", 15), ("unit", "text", 18), ("low", "plain", 13),
            ("high", "plain", 13), ("distribution", "text", 13), ("formula", "text", 24), ("scale", "factor", 13),
            ("base", "factor", 15), ("base_unit", "text", 18), ("kind", "text", 16), ("boundary", "text", 18),
            ("proxy", "text", 16), ("whose", "text", 11), ("status", "text", 12), ("source", "text", 24),
            ("page", "text", 16), ("licence", "text", 18), ("file", "text", 22), ("note", "text", 30),
            ("remark", "remark", 30),
        )  # fmt: skip
        columns = [Column(key, say(f"c_{key}"), look, width) for key, look, width in heads]
        self.grid = Grid("Factors", columns, len(self.at))

    def cell(self, asked: Asked) -> str:
        """The cell of a factor's value in base units."""
        return self.grid.cell("base", self.at[asked])

    def ids(self, needs: Sequence[Asked]) -> str:
        """The rows that something rests on, as their numbers."""
        return ", ".join(f"F{i + 1}" for i in sorted({self.at[a] for a in needs if a in self.at}))

    @cached_property
    def values(self) -> list[float]:
        """In base units."""
        factor = self.found.run.coefficients.factor
        return [float(factor(asked)[0]) for asked in self.at]

    def rows(self) -> Iterator[dict[str, Any]]:
        for i, (asked, found) in enumerate(self.found.factors):
            factor, card = found.factor, found.factor.card
            low, high = limits(factor)
            scale = card.measure.scale
            yield {
                "id": f"F{i + 1}", "factor": card.name, "named": asked[0] if asked[0] != card.name else "",
                "asked": ", ".join(asked[1]), "found": ", ".join(e or "*" for e in factor.index),
                "value": factor.value if found.formula is None else self._formula(i, found, scale),
                "unit": card.unit, "low": low, "high": high,
                "distribution": factor.shape.distribution if found.formula is None else self.say("formula"),
                "formula": factor.text if found.formula is not None else "", "scale": scale,
                "base": Live(f"{self.grid.here('value')}*{self.grid.here('scale')}", self.values[i]),
                "base_unit": base(card.measure), "kind": card.kind, "boundary": card.boundary,
                "proxy": found.proxy.text if found.proxy else "",
                "whose": self.say("own" if factor.own else "catalogue"),
                "status": self.say.label("status", factor.status), "source": factor.source, "page": factor.page,
                "licence": factor.licence, "file": f"{factor.file}:{factor.line}" if factor.file else "",
                "note": factor.note, "remark": "",
            }  # fmt: skip

    def _formula(self, at: int, found: Found, scale: float) -> Live:
        """A factor given by a formula: live, in the unit of its card."""
        assert found.formula is not None
        card = found.factor.card
        names = self.found.names(dict(zip(card.index, found.at, strict=True)), {})
        place = Place(names, {}, self.cell, self.found.plan.cards, None, self.numbers)
        text = transcribe(found.formula, place)
        value = self.values[at] / scale
        return Live(text if scale == 1 else f"({text})/{self.grid.here('scale')}", value)


class Sources:
    """What the sources of the factors are."""

    def __init__(self, found: Recomputed, say: Say) -> None:
        self.found = found
        wide = {"title": 44, "url": 40, "attribution": 40, "source": 24, "publisher": 26}
        columns = [Column(c, say(f"s_{c}"), "text", wide.get(c, 18)) for c in SOURCE_COLUMNS]
        self.grid = Grid("Sources", columns, len(found.result.sources))

    def rows(self) -> Iterator[dict[str, Any]]:
        yield from self.found.result.sources

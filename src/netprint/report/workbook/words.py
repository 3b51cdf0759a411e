"""The sheets Terms and Gaps: the formulas of the methods with their clauses, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from netprint.report.workbook.grid import Column, Grid
from netprint.report.workbook.recomputed import Recomputed
from netprint.report.workbook.say import Say


class Terms:
    """Every term of the methods as it stands in them."""

    def __init__(self, found: Recomputed, say: Say) -> None:
        self.found, self.say = found, say
        columns = [
            Column("term", say("term"), "text", 28), Column("title", say("c_title"), "text", 50),
            Column("formula", say("formula"), "text", 70), Column("cites", say("clause"), "text", 50),
            Column("status", say("status"), "text", 12),
        ]  # fmt: skip
        self.grid = Grid("Terms", columns, len(found.result.tags["terms"]))

    def rows(self) -> Iterator[dict[str, Any]]:
        for term in self.found.result.tags["terms"]:
            yield {**term, "status": self.say.label("status", term["status"])}


class Gaps:
    """Factors that were not found: what rests on them adds nothing to any number."""

    def __init__(self, found: Recomputed, say: Say) -> None:
        self.found = found
        columns = [
            Column("state", say("state"), "text", 10), Column("factor", say("factor"), "text", 26),
            Column("asked", say("asked_for"), "text", 26), Column("term", say("term"), "text", 26),
            Column("quantity", say("not_assessed"), "amount", 18), Column("unit", say("c_unit"), "text", 12),
            Column("near", say("nearest_known"), "text", 60), Column("added", say("c_added"), "amount", 14),
        ]  # fmt: skip
        self.grid = Grid("Gaps", columns, len(found.result.gaps))

    def rows(self) -> Iterator[dict[str, Any]]:
        for row in self.found.result.gaps:
            yield {**row, "added": 0}

"""The workbook that an auditor trusts: results, trace, factors and sources, with live formulas.

Every point value follows, by formulas that Excel and LibreOffice compute without netprint, from the summed activity
data and the values of the factors. Statistics of the Monte Carlo stand as numbers. The sheet Checks compares each live
value with the one in the bundle.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from netprint.bundle.atomic import refused
from netprint.report.workbook.say import Say
from netprint.result import Result

if TYPE_CHECKING:
    from netprint.report.workbook.grid import Grid


def write_workbook(result: Result, target: str | Path, lang: str = "en") -> Path:
    """Write a result as an XLSX workbook with live formulas; the path written, whole or not at all.

    ``lang`` is ar, en, es, fr, ru or zh. Raises :class:`netprint.errors.UsageError` for another language, for a public
    bundle, where a licence keeps a factor's value back, where a sheet would have more rows than Excel takes, and where
    the file system refuses.
    """
    path, say = Path(target), Say(lang)
    contents = Contents(result, say)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.netprint-", dir=path.parent) as folder:
            part = Path(folder) / "book.xlsx"
            contents.write(part, folder)
            part.replace(path)
    except OSError as error:
        raise refused(path, error) from None
    return path


class Contents:
    """Everything that the sheets hold, with every formula; nothing is written yet."""

    def __init__(self, result: Result, say: Say) -> None:
        from netprint.report.workbook.cellterms import CellTerms, Cellwise, Indicators
        from netprint.report.workbook.factors import Factors, Sources
        from netprint.report.workbook.lines import Activities, Lines
        from netprint.report.workbook.recomputed import recompute
        from netprint.report.workbook.results import Cells, Checks, Results
        from netprint.report.workbook.sums import Sums
        from netprint.report.workbook.words import Gaps, Terms

        self.say, self.numbers = say, list[str]()
        self.found = found = recompute(result)
        self.factors = Factors(found, say, self.numbers)
        self.activities = Activities(found, self.factors, say)
        self.lines = Lines(found, self.factors, self.activities, say)
        self.sums = Sums(found, say)
        self._sources()
        cellwise = Cellwise(found, self.factors, self.sums)
        self.cell_terms = CellTerms(found, cellwise, say)
        self.cell_terms.enter()
        self.cells = Cells(found, self.lines, self.cell_terms, say)
        self.cells.accounts(self.sums)
        self.results = Results(found, self.cells, say)
        self.indicators = Indicators(found, cellwise, self.cell_terms, say)
        self.indicators.enter()
        self.checks = Checks(self.results, self.indicators, say)
        self.sources, self.terms, self.gaps = Sources(found, say), Terms(found, say), Gaps(found, say)
        self._fits()

    def _sources(self) -> None:
        """What formulas over cells may sum: activities, and the lines of each term."""
        from netprint.report.workbook.sums import Source

        found, lines = self.found, self.lines
        activity = found.rows.labels["activity"]
        for name in (n for n in found.plan.units if n in found.plan.activities):
            rows = np.flatnonzero(activity.having(name)).astype(np.int64)
            columns = {k: v.take(rows) for k, v in found.rows.labels.items()}
            self.sums.sources[name] = Source(self.activities.grid, "amount", rows, columns)
        term = np.array([found.run.lines.uniques[u].term.id for u in lines.unique.tolist()], dtype=object)
        for name in (t.id for t in found.plan.terms):
            rows = np.flatnonzero(term == name).astype(np.int64)
            columns = {k: v.take(rows) for k, v in lines.labels.items()}
            self.sums.sources[name] = Source(lines.grid, "impact", rows, columns)

    @property
    def sheets(self) -> list[tuple[Grid, Callable[[], Iterable[Mapping[str, Any]]]]]:
        """The sheets behind README in their order, each with its rows."""
        named = (self.results, self.checks, self.indicators, self.cells, self.lines, self.cell_terms, self.sums,
                 self.activities, self.factors, self.sources, self.terms, self.gaps)  # fmt: skip
        rows = {id(self.cells): lambda: self.cells.rows(self.results)}
        return [(s.grid, rows.get(id(s), getattr(s, "rows", list))) for s in named]

    def _fits(self) -> None:
        from netprint.report.workbook.sheets import fits

        rows = self.found.rows.labels
        by = {n: len(np.unique(rows[n].codes)) for n in self.found.result.by if n in rows}
        for grid, _ in self.sheets:
            fits(grid, by)

    def write(self, path: Path, folder: str) -> None:
        """Write the file; ``folder`` holds its parts for as long as it is written."""
        import xlsxwriter

        from netprint.report.workbook.front import NAME, Front
        from netprint.report.workbook.page import page_class
        from netprint.report.workbook.sheets import Writer
        from netprint.report.workbook.style import Style

        plain = {
            "constant_memory": True,
            "tmpdir": folder,
            "strings_to_formulas": False,
            "strings_to_urls": False,
        }
        book = xlsxwriter.Workbook(str(path), plain)
        created = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH") or time.time()), UTC)
        about = {"title": self.found.result.title, "comments": self.say("r_what"), "created": created}
        book.set_properties(about)
        style = Style(book, self.say.rtl)
        sheets = self.sheets
        names = (NAME, *(grid.name for grid, _ in sheets))
        pages = [book.add_worksheet(name, page_class()) for name in names]
        front = Writer(pages[0], style)
        for page, (grid, rows) in zip(pages[1:], sheets, strict=True):
            page.set_tab_color("#1F4E79" if grid.name in ("Results", "Checks") else "#9DC3E6")
            title, explained = self.say(f"t_{grid.name}"), self.say(f"a_{grid.name}")
            summary = self.checks.summary if grid is self.checks.grid else ()
            Writer(page, style).table(grid, title, explained, rows(), summary)
        Front(self.found, self.say, self.checks, self.numbers).write(pages[0], front, [g for g, _ in sheets])
        pages[0].activate()
        book.close()


__all__ = ["Contents", "write_workbook"]

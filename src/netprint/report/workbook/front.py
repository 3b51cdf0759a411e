"""The sheet README: what the workbook is, what its numbers rest on, and how to check them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from netprint.bundle import licences
from netprint.report.workbook.grid import Grid
from netprint.report.workbook.recomputed import Recomputed
from netprint.report.workbook.results import Checks
from netprint.report.workbook.say import Say
from netprint.report.workbook.sheets import Writer, plain
from netprint.report.workbook.style import DARK, PALE

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

NAME = "README"
_STEPS = 7
_WIDE = 100


class Front:
    """The page while it is written, from top to bottom; ``row`` is the next one."""

    def __init__(self, found: Recomputed, say: Say, checks: Checks, numbers: Sequence[str]) -> None:
        self.found, self.say, self.checks = found, say, checks
        self.numbers = list(dict.fromkeys(numbers))
        self.row = 0

    def write(self, page: Worksheet, writer: Writer, grids: Sequence[Grid]) -> None:
        say, style, result = self.say, writer.style, self.found.result
        self.page, self.style = page, style
        page.set_column(0, 0, 30)
        page.set_column(1, 1, _WIDE)
        page.hide_gridlines(2)
        self.line(result.title, style.words(bold=True, font_size=16, font_color=DARK), 24)
        self.line(say("r_what"), style.words(italic=True), 18)
        self.row += 1
        self.verdict(writer)
        self.pairs("r_basis", self.basis())
        self.pairs("r_warnings", [(str(i + 1), w) for i, w in enumerate(self.warnings())])
        self.pairs("r_check", [(str(i), say(f"r_step_{i}", draws=self.draws)) for i in range(1, _STEPS + 1)])
        self.pairs("r_sheets", [(g.name, say(f"a_{g.name}")) for g in grids], links=True)
        self.pairs("r_licences", [(row["licence"], "; ".join(row["name"])) for row in licences(result)])
        writer.finish()
        page.set_portrait()
        page.fit_to_pages(1, 0)

    @property
    def draws(self) -> str:
        return f"{self.found.result.tags['draws']:,}"

    def line(self, text: str, look: object, height: float) -> None:
        self.page.set_row(self.row, height)
        self.page.write_string(self.row, 0, plain(text), look)
        self.row += 1

    def verdict(self, writer: Writer) -> None:
        """Whether every live value is the one that was stored."""
        bold = self.style.words(bold=True, bg_color=PALE)
        for name, live in self.checks.summary:
            self.page.write_string(self.row, 0, name, bold)
            self.page.write_formula(
                self.row, 1, f"={live.text}", self.style(bold=True, align="left"), live.value
            )
            self.row += 1
        writer.coloured(self.row - 1, 1, self.row - 1)

    def pairs(self, head: str, rows: Sequence[tuple[str, str]], links: bool = False) -> None:
        """A heading and a table of two columns."""
        if not rows:
            return
        self.row += 1
        self.line(self.say(head), self.style.words(bold=True, font_size=13, font_color=DARK), 20)
        left = self.style.words(bg_color=PALE, text_wrap=True)
        right = self.style.words(text_wrap=True)
        for name, text in rows:
            self.page.set_row(self.row, 15 * max(1, -(-_width(text) // _WIDE), -(-_width(name) // 28)))
            if links:
                link = self.style(font_color="blue", underline=1, bg_color=PALE)
                self.page.write_url(self.row, 0, f"internal:'{name}'!A1", link, name)
            else:
                self.page.write_string(self.row, 0, plain(name), left)
            self.page.write_string(self.row, 1, plain(text), right)
            self.row += 1

    def basis(self) -> list[tuple[str, str]]:
        """What goes with every number."""
        return [(name, text) for name, text in self._basis() if text]

    def _basis(self) -> Iterator[tuple[str, str]]:
        say, result = self.say, self.found.result
        tags, words = result.tags, self.say.words
        first, last = tags["period"]
        yield say("r_period"), str(first) if first == last else f"{first}..{last}"
        yield say("field_base_year"), str(tags["base_year"] or "")
        yield say("methods"), ", ".join(tags["methods"])
        yield say("r_cites"), "; ".join(tags["cites"])
        yield say("gwp_set"), words.plain("gwp_is", set=str(tags["gwp"]))
        yield say("consolidation"), words.label("consolidation", str(tags["consolidation"] or ""))
        yield from ((words.texts.get(f"field_{k}", k), _told(v)) for k, v in tags["statements"].items())
        for name, parts in tags["totals"].items():
            yield words.label("total", name), " + ".join(words.label("account", p) for p in parts)
        yield say("made_interval"), f"95 %, {say('interval_how')}"
        yield say("made_draws"), self.draws
        yield say("made_seed"), str(tags["seed"])
        yield say("r_release"), result.versions.get("release", "")
        yield say("r_catalogue"), result.versions.get("catalogue", "")
        yield say("r_netprint"), result.versions.get("netprint", "")
        yield say("made_study"), tags["study"]
        yield say("made_collapsed"), tags["collapsed"]

    def warnings(self) -> list[str]:
        """Those of the result, and what this workbook cannot keep."""
        found = list(self.found.result.warnings)
        if not self.found.same_catalogue:
            found.append(self.say("r_other_catalogue"))
        if len(self.found.result.gaps):
            found.append(self.say("r_gaps", n=str(len(self.found.result.gaps))))
        if self.numbers:
            found.append(self.say("r_numbers", what="; ".join(f"`{n}`" for n in self.numbers)))
        return found


def _told(value: object) -> str:
    """A statement of the study as one line."""
    if isinstance(value, list | tuple):
        return "; ".join(_told(v) for v in value)
    if isinstance(value, dict):
        return ", ".join(f"{k}: {v}" for k, v in value.items())
    return "" if value is None else str(value)


def _width(text: str) -> int:
    import unicodedata

    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)

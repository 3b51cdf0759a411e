"""The trace: from a cell to its lines, from a line to its factor rows, from a factor row to its source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from netprint.load.factors import sources as catalogue_sources
from netprint.report import numbers
from netprint.report.facts import Facts, place
from netprint.report.facts import Row as Data
from netprint.report.markup import Html, Row, foreign, join, link, outside, table, tag, text
from netprint.report.parts import Page

Cell = tuple[str, str, str, str]
MOST_LINES = 200
_ABOUT = ("author", "title", "publisher", "published", "table")
_NOTE = re.compile(r" \(proxy, (.*)\)$")


@dataclass(frozen=True)
class Trace:
    """The lines that a page prints and the anchors that lead through them.

    ``most`` lines are printed: the largest of each cell as far as they reach, then the largest of all.
    """

    facts: Facts
    most: int = MOST_LINES

    @cached_property
    def cells(self) -> dict[Cell, list[int]]:
        """The lines of each (year, scope, account, category), the largest first."""
        found: dict[Cell, list[int]] = {}
        for i, line in enumerate(self.facts.lines):
            key = (str(line.get("year", "")), str(line["scope"]), str(line["account"]), str(line["category"]))
            if key[0] in self.facts.years and (line["contribution"] or key not in found):
                found.setdefault(key, []).append(i)
        latest = sorted(found, key=lambda k: (-self.facts.years.index(k[0]), k[1] or "~", place(k[2]), k[3]))
        return {key: found[key] for key in latest}

    @cached_property
    def printed(self) -> set[int]:
        first = [members[0] for members in self.cells.values()]
        rest = sorted(i for members in self.cells.values() for i in members[1:])
        return set([*sorted(first), *rest][: self.most])

    @cached_property
    def anchors(self) -> dict[tuple[str, ...], str]:
        return {key: f"c{i}" for i, key in enumerate(self.cells)}

    @cached_property
    def rows(self) -> dict[str, Data]:
        """Factor rows by the name that a line gives them; a row that was asked for by several indices is one."""
        found: dict[str, Data] = {}
        for row in self.facts.result.factors:
            index = row["asked"] if row["formula"] else row["found"]
            found.setdefault(f"{row['factor']}[{index}]" if index else str(row["factor"]), row)
        return found

    def named(self, line: Data) -> list[tuple[str, str]]:
        """(name of the factor row, what stands in for it) of a line."""
        found = []
        for part in str(line["factors"] or "").split("; "):
            if part:
                note = _NOTE.search(part)
                name = _NOTE.sub("", part).split(" = ")[0]
                found.append((name, note[1] if note else ""))
        return found

    @cached_property
    def used(self) -> dict[str, list[int]]:
        """The factor rows below the printed lines, each with those lines."""
        found: dict[str, list[int]] = {}
        for i in sorted(self.printed):
            for name, _ in self.named(self.facts.lines[i]):
                if name in self.rows:
                    found.setdefault(name, []).append(i)
        return dict(sorted(found.items()))

    @cached_property
    def factor_anchor(self) -> dict[str, str]:
        return {name: f"f{i}" for i, name in enumerate(self.used)}

    @cached_property
    def sources(self) -> dict[str, str]:
        """The anchors of the sources that the printed factor rows name."""
        return {s: f"s{i}" for i, s in enumerate(sorted({str(self.rows[n]["source"]) for n in self.used}))}


def trace(page: Page, found: Trace) -> Html:
    lines = sum(len(m) for m in found.cells.values())
    return page.section(
        "trace", _lines(page, found), page.cut(len(found.printed), lines, "trace.csv"), _factors(page, found),
        page.cut(len(found.used), len(found.rows), "factors.csv"), _sources(page, found),
    )  # fmt: skip


def _lines(page: Page, found: Trace) -> Html:
    words = page.words
    body: list[Row] = []
    for key, members in found.cells.items():
        printed = [i for i in members if i in found.printed]
        name = join(_cell_name(page, key), " · ")
        count = words("lines_of", shown=numbers.count(len(printed)), n=numbers.count(len(members)))
        body.append(Row([join([name, tag("small", count)], " ")], id=found.anchors[key]))
        body += [_line(page, found, i) for i in printed]
    columns = page.columns(
        "line", "quantity#", "coefficient#", "factor_rows", "contribution@", "share_of_variance#", "rests_on"
    )
    return table(words("lines"), columns, body, "fine")


def _cell_name(page: Page, key: Cell) -> list[Any]:
    year, scope, account, category = key
    parts: list[Any] = [numbers.isolated(year), page.facts.scope(scope), page.facts.account(account)]
    return [*parts, page.facts.category(category)] if category else parts


def _line(page: Page, found: Trace, i: int) -> Row:
    line, words = page.facts.lines[i], page.words
    known = ("year", "scope", "account", "category", "flow", "impact")
    extra = [d for d in page.facts.result.by if d not in known and line.get(d)]
    labels = str(line["labels"] or "")
    more = [f"{d} {line[d]}" for d in extra if f"{d} {line[d]}" not in labels]
    unit = str(line["quantity_unit"] or "")
    per = f"{numbers.unit(str(line['unit']))}/{numbers.unit(unit)}"
    flags = [words.label("flag", k) for k in ("provisional", "proxy") if line[k]]
    group = str(line.get("error_group") or "").replace("|", ", ")
    return Row([
        join([_term(page, str(line["term"])), tag("small", foreign(", ".join(filter(None, [labels, *more]))))], " "),
        _number(line["quantity"], unit, 6), _number(line["coefficient"], per, 4),
        join([_factor(found, name, note) for name, note in found.named(line)], "; "),
        page.value(line["contribution"]), page.share(line["share_of_variance"]),
        foreign(", ".join(filter(None, [*flags, group]))),
    ], id=f"l{i}")  # fmt: skip


def _term(page: Page, name: str) -> Html:
    anchor = page.terms.get(name)
    return link(anchor, name) if anchor else text(name)


def _number(value: float | None, unit: str, digits: int) -> Html:
    if value is None:
        return text("–")
    return numbers.isolated(f"{numbers.number(value, digits)}{numbers.THIN}{numbers.unit(unit)}")


def _factor(found: Trace, name: str, note: str) -> Html:
    anchor = found.factor_anchor.get(name)
    shown = link(anchor, name) if anchor else text(name)
    return join([shown, tag("small", note)], " ") if note else shown


def _factors(page: Page, found: Trace) -> Html:
    words = page.words
    body = []
    for name, lines in found.used.items():
        row = found.rows[name]
        value = _number(row["value"], str(row["unit"]) if row["unit"] != "1" else "", 6)
        if row["unit"] == "1":
            value = join([value, tag("small", words("ratio"))], " ")
        shape = ", ".join(filter(None, [str(row["distribution"]), str(row["statistic"] or "")]))
        if row["formula"]:
            shape = f"= {row['formula'].removeprefix('=')}"
        kind = ", ".join(filter(None, [str(row["kind"] or ""), str(row["boundary"] or "")]))
        source = str(row["source"])
        body.append(Row([
            tag("code", name), value, foreign(shape), foreign(kind),
            words.label("status", str(row["status"])),
            join([link(found.sources[source], source), foreign(row["page"])], ", ") if row["page"]
            else link(found.sources[source], source),
            foreign(row["note"]),
            join([link(f"l{lines[0]}", numbers.count(len(lines)))]),
        ], id=found.factor_anchor[name]))  # fmt: skip
    columns = page.columns(
        "factor", "value#", "distribution", "kind_of_factor", "status", "source", "note", "lines_using#"
    )
    return table(words("factors"), columns, body, "fine")


def _sources(page: Page, found: Trace) -> Html:
    known, words = catalogue_sources(), page.words
    licences: dict[str, list[str]] = {}
    for row in found.rows.values():
        if row["licence"]:
            licences.setdefault(str(row["source"]), []).append(str(row["licence"]))
    body = []
    for source, anchor in found.sources.items():
        held = known.get(source, {})
        about = ", ".join(filter(None, (held.get(k, "") for k in _ABOUT)))
        licence = [held["licence"]] if held.get("licence") else list(dict.fromkeys(licences.get(source, [])))
        url = held.get("url", "")
        body.append(Row([
            tag("code", source), foreign(about or words("own_source")), outside(url, url),
            foreign("; ".join(licence)) if licence else words("not_stated"), foreign(held.get("attribution", "")),
            foreign(held.get("seen", "")),
        ], id=anchor))  # fmt: skip
    columns = page.columns("source", "what_it_is", "address", "licence", "attribution", "what_was_read")
    return table(words("sources"), columns, body, "fine")

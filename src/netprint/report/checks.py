"""How sure the numbers are: statistics side by side, sensitivities, gaps and stand-ins, indicators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netprint.report import charts, numbers
from netprint.report.facts import Row as Data
from netprint.report.markup import Column, Html, Row, foreign, join, table, tag, text
from netprint.report.parts import Page, scaled, simple

MOST = 40


def statistics_beside(page: Page) -> Html:
    """Point, mean and median; Monte Carlo (IPCC approach 2) beside the propagation of error (approach 1)."""
    facts, words = page.facts, page.words
    one = {
        str(r["account"]): r for r in facts.result.propagation
        if str(r["year"]) == facts.latest and r["impact"] == facts.impact
    }  # fmt: skip
    body, drawn = [], []
    for account in [*facts.parts, *facts.accounts]:
        row, first = facts.total(account, facts.latest), one.get(account)
        if row is None or row["point"] is None:
            continue
        body.append([
            facts.account(account), page.point(row), page.point(row, "mean"), page.point(row, "median"),
            _approach(page, row), _approach(page, first),
        ])  # fmt: skip
        if account in facts.totals:
            for by, found, colour in (("approach_2", row, charts.DARK), ("approach_1", first, charts.WARM)):
                if found is not None:
                    name = f"{facts.account(account)}, {words.plain(by)}"
                    drawn.append({"name": name, "color": colour, **scaled(found, facts.scale)})
    columns = page.columns("account", "point@", "mean@", "median@", "approach_2@", "approach_1@")
    caption = words("statistics_of", year=numbers.isolated(facts.latest))
    beside = simple(caption, columns, body)
    if not drawn:
        return page.section("statistics", beside)
    title = words.plain("approaches_beside")
    return page.section(
        "statistics",
        page.figure(charts.bars(drawn, page.unit, "point"), title, page.named(drawn[0]), beside),
    )


def _approach(page: Page, row: Data | None) -> Html:
    """The 95 % interval, and below it half of it as a share of the point."""
    if row is None or not row["point"] or row["low"] is None or row["high"] is None:
        return page.interval(row)
    half = (row["high"] - row["low"]) / 2 / abs(row["point"])
    said = numbers.isolated(f"±{numbers.THIN}{numbers.percent(half)}")
    return join([page.interval(row), tag("small", said, cls="below")])


def sensitivities(page: Page) -> Html:
    facts, words = page.facts, page.words
    found = facts.result.sensitivities
    if not found:
        return page.section("sensitivities", tag("p", words("no_sensitivities"), cls="note"))
    titles: Mapping[str, Any] = facts.tags.get("sensitivities") or {}
    base = facts.total(facts.main, facts.latest)
    drawn = [] if base is None else [
        {"name": words.plain("this_result"), "color": charts.DARK, **scaled(base, facts.scale)}
    ]  # fmt: skip
    body = []
    for name, changed in found.items():
        title = str(titles.get(name) or name.replace("_", " "))
        rows = {(str(r["account"]), str(r["year"])): r for r in changed if r["impact"] == facts.impact}
        for account in facts.totals:
            row, ours = rows.get((account, facts.latest)), facts.total(account, facts.latest)
            if row is None or row["point"] is None:
                continue
            moved = 100 * (row["point"] / ours["point"] - 1) if ours and ours["point"] else None
            body.append([
                foreign(title), facts.account(account), page.both(row), page.both(ours),
                numbers.isolated(numbers.change(moved)),
            ])  # fmt: skip
            if account == facts.main:
                drawn.append({"name": title, "color": charts.WARM, **scaled(row, facts.scale)})
    columns = page.columns("sensitivity", "account", "point@", "this_result@", "difference#")
    beside = simple(words("sensitivities_in", year=numbers.isolated(facts.latest)), columns, body)
    title = page.title(words.plain("h_sensitivities"), facts.account(facts.main), facts.latest)
    chart = page.figure(
        charts.bars(drawn, page.unit, "point"), title, "; ".join(page.named(d) for d in drawn), beside
    )
    return page.section("sensitivities", chart)


# -- what the result lacks -----------------------------------------------------------------------------------------


def quality(page: Page) -> Html:
    return page.section("quality", _gaps(page), _estimates(page), _proxies(page), _provisional(page))


def _gaps(page: Page) -> Html:
    words, gaps = page.words, list(page.facts.result.gaps)
    if not gaps:
        return tag("p", words("no_gaps"))
    body = [
        [foreign(g["state"]), tag("code", f"{g['factor']}[{g['asked']}]" if g["asked"] else g["factor"]),
         foreign(g["term"]), _with_unit(g["quantity"], g["unit"]), foreign(g["near"])]
        for g in gaps[:MOST]
    ]  # fmt: skip
    columns = page.columns("state", "factor", "term", "not_assessed#", "nearest_known")
    return join([simple(words("gaps"), columns, body), page.cut(len(body), len(gaps), "result.json")])


def _with_unit(value: float | None, unit: str) -> Html:
    return numbers.isolated("–" if value is None else f"{numbers.number(value)} {numbers.unit(unit)}")


def _estimates(page: Page) -> Html:
    """Amounts that were not metered: the contribution of each error group in the latest year."""
    facts, words = page.facts, page.words
    sums: dict[tuple[str, str], float] = {}
    for line in facts.lines:
        if (
            line.get("error_group")
            and str(line.get("year")) == facts.latest
            and line["account"] in facts.accounts
        ):
            key = (str(line["account"]), str(line["error_group"]))
            sums[key] = sums.get(key, 0.0) + (line["contribution"] or 0.0)
    if not sums:
        return tag("p", words("no_estimates"))
    body = [
        [foreign(group.replace("|", ", ")), facts.account(account), page.value(amount, 3)]
        for (account, group), amount in sorted(sums.items(), key=lambda s: -abs(s[1]))[:MOST]
    ]
    columns = page.columns("estimated_data", "account", "point@")
    return simple(words("estimates_in", year=numbers.isolated(facts.latest)), columns, body)


def _proxies(page: Page) -> Html:
    words = page.words
    rows = [r for r in page.facts.result.factors if r["proxy"]]
    if not rows:
        return tag("p", words("no_proxies"))
    body = [
        [tag("code", f"{r['factor']}[{r['asked']}]"), tag("code", f"{r['factor']}[{r['found']}]"),
         foreign(r["proxy"])]
        for r in rows[:MOST]
    ]  # fmt: skip
    caption = words("proxies")
    columns = page.columns("asked_for", "stands_in", "how_far")
    return join([simple(caption, columns, body), page.cut(len(body), len(rows), "factors.csv")])


def _provisional(page: Page) -> Html:
    """Factors by name: how many of the rows that were used are provisional."""
    words = page.words
    counts: dict[str, list[int]] = {}
    for row in page.facts.result.factors:
        held = counts.setdefault(str(row["factor"]), [0, 0])
        held[0] += row["status"] != "verified"
        held[1] += 1
    body = [
        [join([tag("code", name), foreign(page.facts.input(name))], " "), numbers.isolated(numbers.count(held[0])),
         numbers.isolated(numbers.count(held[1]))]
        for name, held in sorted(counts.items(), key=lambda c: -c[1][0]) if held[0]
    ]  # fmt: skip
    if not body:
        return tag("p", words("no_provisional"))
    return simple(words("provisional"), page.columns("factor", "provisional_rows#", "used_rows#"), body)


# -- indicators ----------------------------------------------------------------------------------------------------


def indicators(page: Page) -> Html:
    """Indicators by year: a row for each cell, below a heading with the unit, the clause and its status."""
    facts, words = page.facts, page.words
    rows = list(facts.result.indicators)
    if not rows:
        return page.section("indicators", tag("p", words("no_indicators"), cls="note"))
    held = [r for r in rows if r["point"] is not None]
    defined = {r["indicator"] for r in held}
    missing = {
        str(r["title"] or r["indicator"]): str(r["note"]) for r in rows if r["indicator"] not in defined
    }
    parts = [_indicator_table(page, held)] if held else []
    if missing:
        listed = join([foreign(f"{t} ({n})" if n else t) for t, n in missing.items()], "; ")
        parts.append(tag("p", words("not_computed", what=listed), cls="note"))
    return page.section("indicators", *parts)


def _indicator_table(page: Page, held: list[Data]) -> Html:
    facts, words = page.facts, page.words
    dims = [c for c in facts.result.by if c in facts.result.indicators.columns and c != "year"]
    dated = "year" in facts.result.indicators.columns
    years = [y for y in facts.years if any(str(r.get("year")) == y for r in held)] if dated else [""]
    found: dict[str, dict[tuple[str, ...], dict[str, Data]]] = {}
    for row in held:
        cell = (*(facts.label(d, str(row[d])) for d in dims), str(row.get("cell") or ""))
        found.setdefault(str(row["indicator"]), {}).setdefault(cell, {})[str(row.get("year", ""))] = row
    body = []
    for cells in found.values():
        one = next(iter(next(iter(cells.values())).values()))
        status = words.label("status", str(one["status"]))
        about = join([_unit(page, one["unit"]), foreign(one["cites"]), status], " · ")
        body.append(Row([join([foreign(one["title"] or one["indicator"]), tag("small", about)], " ")]))
        for cell, by_year in cells.items():
            body.append(
                Row([foreign(", ".join(filter(None, cell))), *(_indicator(by_year.get(y)) for y in years)])
            )
    columns = [*page.columns("cell"), *(Column(numbers.isolated(y), True) for y in years)]
    shown = table(words("h_indicators"), columns, body[: 2 * MOST])
    return join([shown, page.cut(min(len(body), 2 * MOST), len(body), "indicators.csv")])


def _indicator(row: Data | None) -> Html:
    if row is None:
        return text("–")
    return join([numbers.point(row), tag("small", numbers.interval(row), cls="below")])


def _unit(page: Page, unit: str) -> Html:
    return page.words("ratio") if unit in ("", "1") else text(numbers.unit(unit))

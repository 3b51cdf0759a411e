"""What moves the totals: the inputs that drive them, the two Scope 2 methods, the years."""

from __future__ import annotations

from typing import Any

from netprint.report import charts, numbers
from netprint.report.facts import Row as Data
from netprint.report.front import relative_interval
from netprint.report.markup import Column, Html, foreign, join, tag
from netprint.report.parts import Page, scaled, simple


def drivers(page: Page) -> Html:
    facts, words = page.facts, page.words
    rows = facts.drivers(facts.main, facts.latest)
    if not rows:
        return page.section("drivers", tag("p", words("no_drivers")))
    scale, colours = facts.scale, {"factor": charts.DARK, "activity data": charts.WARM}
    drawn = [
        {"name": facts.input(r["input"]), "low": r["low"] * scale, "high": r["high"] * scale,
         "color": colours.get(r["kind"], "#7a8791")}
        for r in rows[:10]
    ]  # fmt: skip
    body = [
        [_input(page, str(r["input"])), words.label("driver", r["kind"]),
         page.interval(r), page.share(r["share"])]
        for r in rows[:15]
    ]  # fmt: skip
    caption = words("tornado_of", total=facts.account(facts.main), year=numbers.isolated(facts.latest))
    beside = simple(caption, page.columns("input", "kind_of_input", "from_to@", "share_of_variance#"), body)
    title = page.title(words.plain("tornado"), facts.account(facts.main, inside=True), facts.latest)
    said = f"{drawn[0]['name']}, {numbers.number(drawn[0]['low'])}–{numbers.number(drawn[0]['high'])} {page.unit}"
    chart = page.figure(charts.tornado(drawn, page.unit, rows[0]["point"] * scale), title, said, beside)
    return page.section("drivers", chart, page.cut(len(body), len(rows), "result.json"), _line_variance(page))


def _input(page: Page, name: str) -> Html:
    """An input by its title, and by the name that formulas use where that is another."""
    title = page.facts.input(name)
    return foreign(title) if title == name else join([foreign(title), tag("code", name)], " ")


def _line_variance(page: Page) -> Html:
    """Shares of variance of each account and year, summed over the lines of a category."""
    facts, words = page.facts, page.words
    sums: dict[tuple[str, str, str], list[float]] = {}
    for line in facts.lines:
        if str(line.get("year")) == facts.latest and line["account"] in facts.accounts:
            key = (str(line["account"]), str(line["scope"]), str(line["category"]))
            held = sums.setdefault(key, [0.0, 0.0])
            held[0] += line["contribution"] or 0.0
            held[1] += line["share_of_variance"] or 0.0
    order = sorted(sums, key=lambda k: (facts.accounts.index(k[0]), -sums[k][1]))
    body = [
        [facts.account(a), join([facts.scope(s), foreign(c)], " · ") if c else facts.scope(s),
         page.value(sums[a, s, c][0], 3), page.share(sums[a, s, c][1])]
        for a, s, c in order[:30]
    ]  # fmt: skip
    columns = page.columns("account", "what", "point@", "share_of_variance#")
    return simple(words("variance_of", year=numbers.isolated(facts.latest)), columns, body)


def methods_beside(page: Page) -> Html:
    """Location against market: both Scope 2 results and both totals, never added."""
    facts, words = page.facts, page.words
    pair = [t for t in facts.parts if "market" in facts.parts[t] or "location" in facts.parts[t]]
    if len(pair) != 2:
        return Html("")
    body = []
    for year in facts.years:
        gap = facts.difference(pair[0], pair[1], year)
        cells = [page.point(facts.total(t, year)) for t in pair]
        body.append([year, *cells, page.point(gap), page.interval(gap)])
    columns = [
        *page.columns("year"), *(_amount_column(page, facts.account(t)) for t in pair),
        *page.columns("difference@", "interval@"),
    ]  # fmt: skip
    beside = simple(words("h_location_market"), columns, body)
    values = [
        {"year": str(r["year"]), "series": facts.account(str(r["account"])), **scaled(r, facts.scale)}
        for account in ("location", "market") for r in facts.of("scope", scope="2", account=account)
        if str(r["year"]) in facts.years and r["point"] is not None
    ]  # fmt: skip
    if not values:
        return page.section("location_market", beside)
    title = words.plain("scope2_by_method")
    spec = charts.years(values, facts.years, page.unit)
    return page.section("location_market", page.figure(spec, title, _series_said(page, values), beside))


def _amount_column(page: Page, name: str) -> Column:
    return Column(join([name, tag("small", page.unit)], " "), True)


def _series_said(page: Page, values: list[dict[str, Any]]) -> str:
    last = max(v["year"] for v in values)
    return "; ".join(
        f"{v['series']} {v['year']}: {numbers.number(v['value'])} {page.unit}"
        for v in values
        if v["year"] == last
    )


def years(page: Page) -> Html:
    facts, words = page.facts, page.words
    values, body = [], []
    for account in facts.totals:
        for year in facts.years:
            row = facts.total(account, year)
            if row is None:
                continue
            if row["point"] is not None:
                values.append({"year": year, "series": facts.account(account), **scaled(row, facts.scale)})
            trend = facts.trend(account, year)
            body.append([
                year, facts.account(account), page.both(row), page.both(trend), _relative(trend) if trend else "–",
            ])  # fmt: skip
    base = facts.tags.get("base_year") or (facts.years[0] if facts.years else "")
    columns = page.columns("year", "account", "point@", "change@", "change_relative#")
    beside = simple(words("years_since", base=numbers.isolated(str(base))), columns, body)
    if len(facts.years) < 2 or not values:
        return page.section("years", tag("p", words("one_year"), cls="note"), beside)
    spec = charts.years(values, facts.years, page.unit)
    return page.section(
        "years", page.figure(spec, words.plain("h_years"), _series_said(page, values), beside)
    )


def _relative(trend: Data) -> Html:
    point = numbers.isolated(numbers.change(trend["relative_point"]))
    return join([point, tag("small", relative_interval(trend), cls="below")])

"""The results of the latest year and of all years by scope and category, and by gas."""

from __future__ import annotations

from netprint.report import charts, numbers
from netprint.report.approaches import approaches
from netprint.report.facts import Row as Data
from netprint.report.markup import Column, Html, Part, Row, foreign, join, link, table, tag, text
from netprint.report.parts import Page, scaled, simple

MOST_BARS = 12
MOST_CELLS = 60


def scopes(page: Page) -> Html:
    """The latest year with intervals beside its chart; then every year, each cell linked to its lines."""
    facts, words = page.facts, page.words
    rows = facts.scoped(facts.latest)
    if not rows:
        return page.section("scopes", tag("p", words("nothing")))
    drawn = []
    for row in rows:
        for part in facts.categories(facts.latest, str(row["scope"]), str(row["account"])):
            if part["point"] is not None:
                category = page.words.label("category", str(part["category"]))
                name = [facts.scope(part["scope"]), category, _told_account(page, part)]
                colour = charts.SCOPES.get(str(part["scope"]), "#7a8791")
                drawn.append(
                    {"name": " · ".join(n for n in name if n), "color": colour, **scaled(part, facts.scale)}
                )
    drawn = sorted(drawn, key=lambda d: -abs(d["value"]))[:MOST_BARS]
    title = page.title(words.plain("h_scopes"), facts.latest)
    latest = _latest(page, rows)
    chart = page.figure(charts.bars(drawn, page.unit), title, page.named(drawn[0]) if drawn else "", latest)
    return page.section(
        "scopes", chart, _every_year(page), approaches(page), _others(page), _dimensions(page)
    )


def _told_account(page: Page, row: Data) -> str:
    """The account, where a scope has more than one."""
    same = {r["account"] for r in page.facts.scoped(str(row["year"])) if r["scope"] == row["scope"]}
    return page.facts.account(str(row["account"]), inside=True) if len(same) > 1 else ""


def _latest(page: Page, rows: list[Data]) -> Html:
    facts, words = page.facts, page.words
    body = []
    for row in rows:
        parts = facts.categories(facts.latest, str(row["scope"]), str(row["account"]))
        body.append(_measured(page, row, _cell_name(page, row), "sum"))
        body += [
            _measured(
                page, p, facts.category(p["category"]) if p["category"] else words("category_none"), "part"
            )
            for p in parts
        ]
    body += [_total_row(page, name) for name in facts.parts]
    columns = page.columns("what", "point@", "interval@", "coverage#", "provisional_share#", "proxy_share#")
    return table(words("scopes_in", year=numbers.isolated(facts.latest)), columns, body)


def _cell_name(page: Page, row: Data) -> Html:
    account = page.facts.account(str(row["account"]), inside=True)
    return join([page.facts.scope(row["scope"]), tag("small", account)], " ")


def _measured(page: Page, row: Data, name: Part, cls: str) -> Row:
    shares = [page.share(row[k]) for k in ("coverage", "provisional_share", "proxy_share")]
    value = page.words("not_estimated") if row["point"] is None else page.point(row)
    return Row([name, value, page.interval(row), *shares], cls=cls)


def _total_row(page: Page, name: str) -> Row:
    facts = page.facts
    row = facts.total(name, facts.latest)
    parts = " + ".join(facts.account(p, inside=True) for p in facts.parts[name])
    said = join([facts.account(name), tag("small", "= ", parts)], " ")
    return _measured(page, row, said, "total") if row else Row([said, "–", "–", "–", "–", "–"], cls="total")


def _every_year(page: Page) -> Html:
    """Points by scope, account and category; each cell links to the lines of the trace below it."""
    facts, words = page.facts, page.words
    keys = sorted({
        (str(r["scope"]), facts.accounts.index(r["account"]), str(r["category"]))
        for y in facts.years for r in facts.of("category", year=y) if r["account"] in facts.accounts
    }, key=lambda k: (k[0] or "~", k[1], k[2]))  # fmt: skip
    cells = {
        (str(r["year"]), str(r["scope"]), str(r["account"]), str(r["category"])): r
        for r in facts.of("category")
    }
    body = []
    for scope, place, category in keys:
        account = facts.accounts[place]
        said = [facts.scope(scope), facts.category(category)] if category else [facts.scope(scope)]
        name = join([join(said, " · "), tag("small", facts.account(account, inside=True))], " ")
        body.append(Row([name, *(_linked(page, (y, scope, account, category), cells) for y in facts.years)]))
    for total in facts.parts:
        body.append(
            Row(
                [facts.account(total), *(page.point(facts.total(total, y)) for y in facts.years)], cls="total"
            )
        )
    years = [year_column(y) for y in facts.years]
    return table(words("every_year", unit=page.unit), [*page.columns("what"), *years], body)


def year_column(year: str) -> Column:
    return Column(numbers.isolated(year), True)


def _linked(page: Page, key: tuple[str, str, str, str], cells: dict[tuple[str, str, str, str], Data]) -> Html:
    row = cells.get(key)
    if row is None:
        return text("–")
    shown = page.words("not_estimated") if row["point"] is None else page.point(row)
    anchor = page.anchors.get(key)
    return link(anchor, shown) if anchor else shown


def _others(page: Page) -> Html:
    """Impacts other than the headline's, each in its own unit."""
    facts, words = page.facts, page.words
    rows = [r for r in facts.views["year"] if r["impact"] in facts.impacts and r["account"] not in facts.memo]
    if not rows:
        return Html("")
    body = [
        [str(r["year"]), words.label("impact", r["impact"]), facts.account(str(r["account"])),
         join([numbers.point(r), " ", numbers.unit(r["unit"])]), numbers.interval(r)]
        for r in rows
    ]  # fmt: skip
    columns = page.columns("year", "impact", "account", "point#", "interval#")
    return simple(words("other_impacts"), columns, body)


def _dimensions(page: Page) -> Html:
    """The largest cells of the latest year by the dimensions that the study asked for beyond scope and category."""
    facts, words = page.facts, page.words
    known = ("year", "scope", "category", "flow", "account", "impact", "stage")
    extra = [d for d in facts.result.by if d not in known and d in facts.result.cells.columns]
    if not extra:
        return Html("")
    rows = [
        r for r in facts.result.cells
        if r["impact"] == facts.impact and r["account"] in facts.accounts and r["point"]
        and str(r.get("year", facts.latest)) == facts.latest
    ]  # fmt: skip
    rows.sort(key=lambda r: -abs(r["point"]))
    dims = [*extra, *(d for d in ("scope", "category") if d in facts.result.by)]
    body = [
        [
            *(facts.category(r[d]) if d == "category" else foreign(facts.label(d, str(r[d]))) for d in dims),
            facts.account(str(r["account"])),
            page.point(r),
            page.interval(r),
        ]
        for r in rows[:MOST_CELLS]
    ]
    heads = [head for d in dims for head in _heading(page, d)]
    columns = [*heads, *page.columns("account", "point@", "interval@")]
    caption = words("by_dimensions", year=numbers.isolated(facts.latest))
    return join([simple(caption, columns, body), page.cut(len(body), len(rows), "results.csv")])


def _heading(page: Page, dimension: str) -> list[Column]:
    return [Column(page.words.label("column", dimension))]


# -- gases ---------------------------------------------------------------------------------------------------------


def gases(page: Page) -> Html:
    facts, words = page.facts, page.words
    rows = [r for r in facts.of("flow", year=facts.latest, account=facts.main) if r["point"] is not None]
    rows.sort(key=lambda r: -abs(r["point"]))
    drawn = [
        {"name": facts.flow(str(r["flow"])), "color": charts.DARK, **scaled(r, facts.scale)} for r in rows
    ]
    body = [[facts.flow(str(r["flow"])), page.point(r), page.interval(r)] for r in rows]
    caption = words("gases_of", total=facts.account(facts.main), year=numbers.isolated(facts.latest))
    beside = simple(caption, page.columns("gas", "point@", "interval@"), body)
    title = page.title(words.plain("h_gases"), facts.latest)
    chart = page.figure(
        charts.bars(drawn[:MOST_BARS], page.unit), title, page.named(drawn[0]) if drawn else "", beside
    )
    return page.section("gases", chart, _by_scope_and_gas(page), _memo(page))


def _by_scope_and_gas(page: Page) -> Html:
    """Points by scope and gas of the latest year, from the trace."""
    facts, words = page.facts, page.words
    sums: dict[tuple[str, str], dict[str, float]] = {}
    for line in facts.lines:
        if str(line.get("year")) == facts.latest and line["account"] in facts.accounts and line.get("flow"):
            cell = sums.setdefault((str(line["scope"]), str(line["account"])), {})
            cell[str(line["flow"])] = cell.get(str(line["flow"]), 0.0) + (line["contribution"] or 0.0)
    flows = list(dict.fromkeys(f for cell in sums.values() for f in cell))
    if not flows:
        return Html("")
    order = sorted(sums, key=lambda k: (k[0] or "~", facts.accounts.index(k[1])))
    body = [
        [_cell_name(page, {"scope": s, "account": a}),
         *(page.value(sums[s, a][f], 3) if f in sums[s, a] else "–" for f in flows)]
        for s, a in order
    ]  # fmt: skip
    columns = [*page.columns("what"), *(Column(facts.flow(f), True) for f in flows)]
    return simple(words("scope_by_gas", year=numbers.isolated(facts.latest), unit=page.unit), columns, body)


def _memo(page: Page) -> Html:
    """Accounts that are stated apart and added to nothing."""
    facts, words = page.facts, page.words
    if not facts.memo:
        return tag("p", words("no_memo"), cls="note")
    body = [[facts.account(a), *(page.both(facts.total(a, y)) for y in facts.years)] for a in facts.memo]
    columns = [*page.columns("account"), *(year_column(y) for y in facts.years)]
    return simple(words("memo", unit=page.unit), columns, body)

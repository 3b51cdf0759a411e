"""By which calculation methods Scope 3 was computed, on which quality of data, and how much on data of suppliers: GHG
Protocol Scope 3 Standard, ch. 11."""

from __future__ import annotations

from netprint.report import numbers
from netprint.report.markup import Html, foreign, join, tag
from netprint.report.parts import Page, simple


def approaches(page: Page) -> Html:
    """The latest year by category, calculation method and data quality; nothing where no method books them."""
    facts, words = page.facts, page.words
    rows = [
        r for r in facts.of("approach", year=facts.latest)
        if r.get("approach") and r["account"] in facts.accounts and r["point"] is not None
    ]  # fmt: skip
    if not rows:
        return Html("")
    rows.sort(key=lambda r: (_number(r["category"]), -abs(r["point"])))
    body = [
        [facts.category(r["category"]), foreign(r["approach"]), foreign(r.get("quality") or "–"), page.point(r),
         page.interval(r)]
        for r in rows
    ]  # fmt: skip
    columns = page.columns("column_category", "column_approach", "column_data_quality", "point@", "interval@")
    caption = words("by_approach", year=numbers.isolated(facts.latest))
    return join([simple(caption, columns, body), _of_suppliers(page)])


def _number(category: object) -> tuple[int, str]:
    """A category's place: by its number, where it has one."""
    first = str(category).split(" ", 1)[0]
    return (int(first) if first.isdigit() else 99, str(category))


def _of_suppliers(page: Page) -> Html:
    """The share of Scope 3 from data of suppliers; an indicator that has a row for each year."""
    for row in page.facts.result.indicators.where(indicator="supplier_share"):
        if page.facts.latest in (row.get("year"), str(row["cell"]).removeprefix("year ")):
            said = {"share": numbers.percent(row["point"]), "year": numbers.isolated(page.facts.latest)}
            return tag("p", page.words("from_suppliers", **said), cls="note")
    return Html("")

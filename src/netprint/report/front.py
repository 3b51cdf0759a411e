"""The first screen: the totals, what they stand on, what a reader must know; beside it what was reported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netprint.report import charts, numbers
from netprint.report.markup import Html, definitions, foreign, join, link, listing, tag, text
from netprint.report.parts import Page, scaled, simple
from netprint.units import UnitError, parse, ratio, same_dimension


def header(page: Page) -> Html:
    facts, words = page.facts, page.words
    stated = facts.tags.get("statements") or {}
    about = [words.label("kind", facts.result.kind), period(page)]
    parts = [
        tag("p", join(about, " · "), cls="kicker"),
        tag("h1", foreign(facts.result.title)),
    ]
    if stated.get("organisation") is not None:
        parts.append(tag("p", foreign(_first(stated["organisation"])), cls="who"))
    return tag("header", *parts)


def _first(stated: Any) -> str:
    if isinstance(stated, Mapping):
        stated = next(iter(stated.values()), "")
    return ", ".join(map(str, stated)) if isinstance(stated, list | tuple) else str(stated)


def period(page: Page) -> Html:
    first, last = [*(page.facts.tags.get("period") or ["", ""]), ""][:2]
    return numbers.isolated(str(first) if first == last else f"{first}–{last}")


def headline(page: Page) -> Html:
    """A card for each total of the latest year, one sentence on what it is made of, and the terms of the numbers."""
    facts, words = page.facts, page.words
    if not facts.totals:
        return tag("section", tag("p", words("nothing")), id="headline")
    cards = [_card(page, account) for account in facts.totals]
    return tag(
        "section",
        tag("h2", words("h_headline", year=numbers.isolated(facts.latest))),
        tag("div", *cards, cls="cards"),
        tag("p", *_summary(page), cls="summary"),
        definitions(_terms(page), "terms"),
        id="headline",
    )


def _card(page: Page, account: str) -> Html:
    facts, words = page.facts, page.words
    row = facts.total(account, facts.latest)
    name = tag("p", facts.account(account), cls="name")
    if row is None or row["point"] is None:
        return tag("div", name, tag("p", words("not_estimated"), cls="big"), cls="card")
    parts = [
        name,
        tag("p", numbers.point(row, facts.scale), tag("span", " ", page.unit, cls="unit"), cls="big"),
        tag("p", words("interval_is", interval=page.interval(row)), cls="range"),
    ]
    trend = facts.trend(account, facts.latest)
    if trend is not None and trend["relative_point"] is not None:
        said = words(
            "since_base",
            base=numbers.isolated(str(trend["base_year"])),
            change=numbers.isolated(numbers.change(trend["relative_point"])),
            interval=_relative(trend),
        )
        parts.append(tag("p", said, cls="range"))
    return tag("div", *parts, cls="card")


def _relative(trend: Mapping[str, Any]) -> Html:
    low, high = trend.get("relative_low"), trend.get("relative_high")
    if low is None or high is None:
        return numbers.isolated("–")
    return numbers.isolated(f"[{numbers.change(low)}, {numbers.change(high)}]")


relative_interval = _relative


def _summary(page: Page) -> list[Html]:
    facts, words = page.facts, page.words
    whole = facts.total(facts.main, facts.latest)
    parts = []
    scopes = _scopes(page)
    if whole and whole["point"] and scopes:
        top = max(scopes, key=lambda r: abs(r["point"]))
        share = page.share(top["point"] / whole["point"])
        parts.append(words("summary_scope", scope=facts.scope(top["scope"]), share=share,
                           total=facts.account(facts.main, inside=True)))  # fmt: skip
    drivers = facts.drivers(facts.main, facts.latest)
    if drivers:
        parts.append(words("summary_driver", input=foreign(facts.input(drivers[0]["input"]))))
    return [join(parts, " ")]


def _scopes(page: Page) -> list[Mapping[str, Any]]:
    """The scopes of the main total in the latest year: each whole, across the accounts that the total adds."""
    facts = page.facts
    rows = [r for r in facts.of("scope", year=facts.latest, account=facts.main) if r["scope"]]
    members = facts.parts.get(facts.main, (facts.main,))
    rows = rows or [r for r in facts.scoped(facts.latest) if r["account"] in members]
    return [r for r in rows if r["point"] is not None]


def _terms(page: Page) -> list[tuple[Html, Html]]:
    facts, words, tags = page.facts, page.words, page.facts.tags
    rows = [r for a in facts.totals if (r := facts.total(a, facts.latest)) is not None]

    def each(key: str) -> Html:
        """A share, once where all totals have the same, else by total."""
        shares = [page.complete(r[key]) if key == "completeness" else page.share(r[key]) for r in rows]
        if len(set(shares)) == 1:
            return shares[0]
        named = [join([facts.account(str(r["account"])), ": ", s]) for r, s in zip(rows, shares, strict=True)]
        return join(named, "; ")

    return [
        (words("coverage"), join([each("coverage"), " ", tag("small", words("coverage_of"))])),
        (words("completeness"), each("completeness")),
        (words("consolidation"), text(words.label("consolidation", str(tags["consolidation"])))
         if tags.get("consolidation") else words("not_stated")),
        (words("gwp_set"), words("gwp_is", set=str(tags.get("gwp", "–")))),
        (words("provisional_share"), each("provisional_share")),
        (words("proxy_share"), each("proxy_share")),
        (words("methods"), link("methods", foreign(", ".join(map(str, tags.get("methods") or ["–"]))))),
    ]  # fmt: skip


def notices(page: Page) -> Html:
    """Warnings and gaps, before anything else is read."""
    facts, words = page.facts, page.words
    found: list[Html] = [tag("span", w, lang="en", dir="ltr") for w in facts.result.warnings]
    gaps = len(facts.result.gaps)
    if gaps:
        found.insert(0, join([words("gaps_n", n=numbers.count(gaps)), " ", link("quality", words("see"))]))
    body = listing(found) if found else tag("p", words("no_warnings"))
    return tag(
        "section", tag("h2", words("h_notices")), body, id="notices", cls="warn" if found else "calm",
        role="note",
    )  # fmt: skip


# -- beside what the organisation reported -------------------------------------------------------------------------


def reported(page: Page) -> Html:
    facts, words = page.facts, page.words
    given = list(facts.result.reported)
    if not given:
        return Html("")
    rows, drawn = [], []
    for row in given:
        account, ours = _match(page, row)
        theirs = _in_result_unit(page, float(row["value"]), str(row["unit"]))
        known = ours is not None and ours["point"] is not None and theirs
        difference = 100 * (ours["point"] / theirs - 1) if ours and known and theirs else None
        factor = _implied(row)
        rows.append([
            str(row["year"]),
            join([facts.scope(row["scope"]) if row["scope"] else words("all_scopes"),
                  tag("small", facts.account(account, inside=True))], " "),
            page.value(theirs) if theirs is not None else f"{row['value']} {row['unit']}",
            page.both(ours), numbers.isolated(numbers.change(difference)), factor or "–",
        ])  # fmt: skip
        if ours is not None and theirs is not None:
            drawn.append((row, account, ours, theirs))
    columns = page.columns("year", "what", "reported@", "this_result@", "difference#", "implied_factor#")
    told = dict.fromkeys("; ".join(str(row[k]) for k in ("source", "note") if row.get(k)) for row in given)
    said = join([foreign(t) for t in told if t], ". ")
    note = tag("p", words("said"), ": ", said, cls="note") if said else ""
    return page.section(
        "reported", _reported_chart(page, drawn, simple(words("reported_table"), columns, rows)), note
    )


def _reported_chart(page: Page, drawn: list[Any], table: Html) -> Html:
    """The scope with the largest reported figure, ours with intervals beside the reported ones."""
    if not drawn:
        return table
    facts, words = page.facts, page.words
    scope, account = max(((r["scope"], a, t) for r, a, _, t in drawn), key=lambda d: d[2])[:2]
    chosen = [d for d in drawn if d[0]["scope"] == scope and d[1] == account]
    values = [
        {"year": str(r["year"]), "series": words.plain("this_result"), **scaled(ours, facts.scale)}
        for r, _, ours, _ in chosen
    ] + [
        {"year": str(r["year"]), "series": words.plain("reported"), "value": t * facts.scale, "low": None, "high": None}
        for r, _, _, t in chosen
    ]  # fmt: skip
    labels = sorted({v["year"] for v in values})
    what = facts.scope(scope) if scope else words.plain("all_scopes")
    title = page.title(what, facts.account(account, inside=True), words.plain("reported_table"))
    said = "; ".join(f"{v['year']} {v['series']}: {numbers.number(v['value'])} {page.unit}" for v in values)
    return page.figure(charts.years(values, labels, page.unit), title, said, table)


def _match(page: Page, row: Mapping[str, Any]) -> tuple[str, Mapping[str, Any] | None]:
    """The account and the row of this result that a reported figure stands beside."""
    facts = page.facts
    year, scope, account = str(row["year"]), str(row["scope"] or ""), str(row["account"] or "")
    held = {str(r["account"]) for r in facts.of("scope", year=year, scope=scope)} if scope else set()
    alone = [a for a in facts.parts.get(facts.main, ()) if a in held]
    candidates = (
        [account] if account else [*(alone if len(alone) == 1 else []), *facts.totals, *facts.accounts]
    )
    for name in candidates:
        found = facts.of("scope", year=year, scope=scope, account=name) if scope else [
            r for r in [facts.total(name, year)] if r is not None
        ]  # fmt: skip
        if found:
            return name, found[0]
    return candidates[0] if candidates else "", None


def _in_result_unit(page: Page, value: float, unit: str) -> float | None:
    """A reported amount in the unit of the result's rows; None where it is not the same quantity."""
    stated = next((str(r["unit"]) for r in page.facts.of("year")), "")
    try:
        given, ours = parse(unit), parse(stated)
    except UnitError:
        return None
    return value * ratio(given, ours) if same_dimension(given, ours) else None


def _implied(row: Mapping[str, Any]) -> Html | None:
    """The reported figure over the activity that the study names: the factor that the reporter must have used."""
    if row.get("implied") is None:
        return None
    return numbers.isolated(
        f"{numbers.number(row['implied'], 3)} {numbers.unit(str(row['unit']))}/{row['per_unit']}"
    )

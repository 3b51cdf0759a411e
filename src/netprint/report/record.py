"""What the Recommendations ask a report to state, the methods and their terms, and how the numbers were made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import netprint
from netprint.report import numbers, restatement
from netprint.report.front import period
from netprint.report.markup import Html, Part, Row, foreign, join, link, table, tag, text
from netprint.report.parts import Page, simple, told

CORPORATE = "GHG Protocol Corporate Standard, ch. 9"
SCOPE2 = "GHG Protocol Scope 2 Guidance, ch. 7"
L1420 = "ITU-T L.1420"
BOTH = f"{L1420}; {CORPORATE}"


def fields(page: Page) -> Html:
    """The reporting fields, filled from the study's statements, else said not to be stated."""
    words = page.words
    stated: Mapping[str, Any] = page.facts.tags.get("statements") or {}

    def said(*keys: str) -> Html:
        found = [told(stated[k]) for k in keys if stated.get(k) not in (None, "", [], {})]
        return join(found, "; ") if found else tag("span", words("not_stated_by_reporter"), cls="missing")

    rows: list[tuple[str, str, Html]] = [
        ("organisation", BOTH, said("organisation")),
        ("boundary", BOTH, said("boundary")),
        ("description", L1420, said("description")),
        ("consolidation", BOTH, _consolidation(page)),
        ("reporting_period", BOTH, period(page)),
        ("base_year", BOTH, _base_year(page)),
        ("recalculation_policy", BOTH, said("recalculation_policy")),
        ("restatement", BOTH, restatement.policy(page)),
        ("scopes_by_gas", BOTH, _scopes_by_gas(page)),
        ("biogenic_apart", CORPORATE, _biogenic(page)),
        ("exclusions", BOTH, said("exclusions")),
        ("methods_and_gwp", BOTH, _methods(page)),
        ("uncertainty_statement", BOTH, _uncertainty(page)),
        ("scope2_methods", SCOPE2, _scope2(page)),
        ("instruments", SCOPE2, said("instruments")),
        ("quality_criteria", SCOPE2, said("quality_criteria")),
        ("verification", BOTH, said("verification")),
        ("contact", CORPORATE, said("contact")),
        ("data_source", "", said("source")),
        ("data_licence", "", said("licence")),
        ("remark", "", said("note")),
    ]
    known = {"organisation", "boundary", "description", "recalculation_policy", "exclusions", "instruments",
             "quality_criteria", "verification", "contact", "source", "licence", "note"}  # fmt: skip
    body: list[list[Part]] = [[words(f"field_{key}"), value, text(asked)] for key, asked, value in rows]
    body += [[foreign(k.replace("_", " ")), told(v), ""] for k, v in stated.items() if k not in known]
    return page.section(
        "fields", simple(words("h_fields"), page.columns("field", "stated", "asked_by"), body)
    )


def _consolidation(page: Page) -> Html:
    approach = page.facts.tags.get("consolidation")
    if approach:
        return text(page.words.label("consolidation", str(approach)))
    return tag("span", page.words("not_stated_by_reporter"), cls="missing")


def _base_year(page: Page) -> Html:
    base = page.facts.tags.get("base_year")
    if base is None:
        return tag("span", page.words("not_stated_by_reporter"), cls="missing")
    values = [
        join([page.facts.account(a), ": ", page.amount(r)])
        for a in page.facts.totals if (r := page.facts.total(a, str(base))) is not None
    ]  # fmt: skip
    return join([numbers.isolated(str(base)), *values], "; ")


def _scopes_by_gas(page: Page) -> Html:
    facts = page.facts
    parts = [
        join(
            [
                facts.scope(r["scope"]),
                " (",
                facts.account(str(r["account"]), inside=True),
                "): ",
                page.amount(r),
            ]
        )
        for r in facts.scoped(facts.latest)
    ]
    return join([*parts, link("gases", page.words("see_gases"))], "; ")


def _biogenic(page: Page) -> Html:
    row = page.facts.total("biogenic", page.facts.latest)
    if row is None:
        return page.words("none_booked")
    return join([page.amount(row), " (", numbers.isolated(page.facts.latest), ")"])


def _methods(page: Page) -> Html:
    cites = [foreign(c) for c in page.facts.tags.get("cites") or ()]
    return join([*cites, page.words("gwp_is", set=str(page.facts.tags.get("gwp", "–")))], "; ")


def _uncertainty(page: Page) -> Html:
    facts, words = page.facts, page.words
    parts = []
    for account in facts.totals:
        row = facts.total(account, facts.latest)
        if row is not None and row["point"] is not None:
            parts.append(join([facts.account(account), ": ", page.amount(row), ", ",
                               words("interval_is", interval=page.interval(row))]))  # fmt: skip
    made = words("uncertainty_made", draws=numbers.count(float(facts.tags.get("draws") or 0)))
    return join([*parts, made], "; ")


def _scope2(page: Page) -> Html:
    held = [a for a in ("location", "market") if a in page.facts.accounts]
    if not held:
        return page.words("none_booked")
    return join([page.facts.account(a) for a in held], "; ")


def methods(page: Page) -> Html:
    """Every term with its clause, and whether that clause was read."""
    words, tags = page.words, page.facts.tags
    terms = list(tags.get("terms") or ())
    body = [
        Row([
            _term(t), foreign(t.get("cites", "")), words.label("status", str(t.get("status", "provisional"))),
        ], id=page.terms[str(t["term"])])
        for t in terms
    ]  # fmt: skip
    verified = sum(t.get("status") == "verified" for t in terms)
    said = words("terms_verified", verified=numbers.count(verified), n=numbers.count(len(terms)))
    named = join([tag("code", m) for m in tags.get("methods") or ()], ", ")
    cited = join([tag("li", foreign(c)) for c in tags.get("cites") or ()])
    parts = " ; ".join(
        f"{page.facts.account(name)} = {' + '.join(page.facts.account(p) for p in members)}"
        for name, members in page.facts.parts.items()
    )
    return page.section(
        "methods", tag("p", named, ". ", said), tag("ul", cited), tag("p", parts, cls="note") if parts else "",
        table(words("terms"), page.columns("term", "clause", "status"), body),
    )  # fmt: skip


def _term(term: Mapping[str, Any]) -> Html:
    """A term's title, its name and, where the tags hold it, its formula."""
    formula = f"{term['term']} = {term['formula']}" if term.get("formula") else term["term"]
    return (
        join([foreign(term["title"]), tag("code", formula)], " ")
        if term.get("title")
        else tag("code", formula)
    )


def made(page: Page) -> Html:
    """Draws, seed, hashes, versions; whatever else the tags hold."""
    words, tags = page.words, page.facts.tags
    shown: dict[str, Callable[[Any], Part]] = {
        "draws": lambda v: numbers.isolated(numbers.count(float(v))),
        "seed": lambda v: tag("code", v),
        "interval": lambda v: words("interval_how"),
        "gwp": lambda v: words("gwp_is", set=str(v)),
        "study": lambda v: tag("code", v),
        "collapsed": lambda v: tag("code", v),
    }
    held = {k: show for k, show in shown.items() if tags.get(k) is not None}
    body: list[list[Part]] = [[words(f"made_{k}"), show(tags[k])] for k, show in held.items()]
    if "version" not in tags and "versions" not in tags:
        body.append([words("made_version"), tag("code", f"netprint {netprint.__version__}")])
    body.append([words("made_lines"), numbers.isolated(numbers.count(len(page.facts.result.lines)))])
    body.append([words("made_factors"), numbers.isolated(numbers.count(len(page.facts.result.factors)))])
    elsewhere = {*shown, "methods", "cites", "terms", "totals", "period", "base_year", "consolidation", "statements",
                 "sensitivities", "restatement", "supersedes", "effect"}  # fmt: skip
    body += [[foreign(words.label("made", k)), told(v)] for k, v in tags.items() if k not in elsewhere and v]
    return page.section("made", simple(words("h_made"), page.columns("what", "value"), body))

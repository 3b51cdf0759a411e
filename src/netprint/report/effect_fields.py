"""The fields that a report of an effect states (ITU-T L.1480, by our reading), and the gates of the WBCSD guidance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netprint import places
from netprint.report import numbers
from netprint.report.effect import ACCOUNTS, name, of, tier
from netprint.report.front import period
from netprint.report.markup import Html, Part, foreign, join, link, tag
from netprint.report.parts import Page, simple
from netprint.report.parts import told as statement

Data = Mapping[str, Any]


def fields(page: Page) -> Html:
    """Every field of the reporting template; one that the study leaves empty says so."""
    words, effect = page.words, of(page)
    exact = ("net", "first_order", "second_order", "higher_order", "total")
    rows: list[tuple[str, Part]] = [
        ("commissioner", _stated(page, effect["commissioner"], effect["funder"])),
        ("solution", _stated(page, effect["solution"], effect["functional_unit"])),
        ("perspective", _perspective(page)),
        ("reference", _reference(page)),
        ("period", join([period(page), _places(page), words(f"ef_term_{effect['term']}")], "; ")),
        ("boundaries", _boundaries(page)),
        ("term", _terms(page)),
        ("tier", tier(page)),
        ("data", join([_stated(page, effect["data_quality"]), link("quality", words("see"))], " ")),
        ("source", _source(page)),
        ("scale", _scale(page)),
        ("moving", _moving(page)),
        (
            "uncertainty",
            words("uncertainty_made", draws=numbers.count(float(page.facts.tags.get("draws") or 0))),
        ),
        ("reviewer", _stated(page, effect["reviewer"])),
        ("contribution", _contribution(page)),
        ("comparability", words("ef_not_compare")),
        ("offset", words("ef_not_offset")),
    ]
    amounts: list[list[Part]] = [
        [name(page, a), page.both(effect[a]) if effect[a] is not None else words("not_estimated")]
        for a in exact
    ]
    body: list[list[Part]] = [
        [words("field_data_source" if key == "source" else f"ef_f_{key}"), value] for key, value in rows
    ]
    body[6:6] = amounts
    body.append([words("h_effect_tree"), link("effect_tree", words("see"))])
    body.append([words("h_sensitivities"), link("effect_other", words("see"))])
    return page.section(
        "effect_fields", simple(words("h_effect_fields"), page.columns("field", "stated"), body)
    )


def _stated(page: Page, *values: str) -> Html:
    found = [foreign(v) for v in values if v]
    return join(found, "; ") if found else tag("span", page.words("not_stated_by_reporter"), cls="missing")


def _source(page: Page) -> Html:
    """The source that the study names for all of it."""
    stated = (page.facts.tags.get("statements") or {}).get("source")
    return statement(stated) if stated else _stated(page)


def _perspective(page: Page) -> Html:
    words, effect = page.words, of(page)
    parts = [words(f"ef_perspective_{effect['perspective']}")]
    if effect["extent"]:
        parts.append(words(f"ef_extent_{effect['extent']}"))
    return join(parts, ": ")


def _reference(page: Page) -> Html:
    effect = of(page)
    kind = page.words(f"ef_reference_{effect['reference_kind']}")
    return join([foreign(effect["reference"]), kind, foreign(effect["reference_why"])], "; ")


def _places(page: Page) -> Html:
    known = places.load()
    named = [f"{known.name(code, page.words.lang)} ({code})" for code in of(page)["places"]]
    return _stated(page, page.words.plain("comma").join(named))


def _boundaries(page: Page) -> Html:
    """What the study says of its boundaries, and every node that is left out, with the reason."""
    effect = of(page)
    left = [
        join([foreign(n["title"]), " (", page.words("ef_excluded"), "): ", foreign(n["excluded"])])
        for n in effect["nodes"] if n["excluded"] is not None
    ]  # fmt: skip
    return join([_stated(page, effect["boundaries"]), *left], "; ")


def _terms(page: Page) -> Html:
    """Effects by when they come about."""
    found = []
    for row in of(page)["terms"]:
        held = [a for a in ACCOUNTS if row.get(a) is not None]
        told = [join([name(page, a), " ", page.amount(row[a])]) for a in held]
        found.append(
            join([page.words(f"ef_term_{row['term']}"), ": ", join(told, page.words.plain("comma"))])
        )
    return join(found, "; ")


def _scale(page: Page) -> Html:
    effect = of(page)
    kind = page.words.plain(f"ef_evidence_{effect['evidence']}") if effect["evidence"] else ""
    return _stated(page, kind, effect["representativeness"])


def _moving(page: Page) -> Html:
    """The grid of the years and what gets more efficient by itself, on both sides."""
    words, effect = page.words, of(page)
    titles = {n["id"]: n["title"] for n in effect["nodes"]}
    moving = [(words.plain("ef_about_grid"), effect["grid"])] if effect["grid"] else []
    for drift in effect["autonomous"]:
        moving.append((", ".join(titles[i] for i in drift["nodes"]) or name(page, "second_order"), drift))
    told = [
        words("ef_drift", what=foreign(what), yearly=tag("code", d["yearly"]), since=numbers.isolated(str(d["since"])),
              why=foreign(d["why"]))
        for what, d in moving
    ]  # fmt: skip
    return join(told, "; ") if told else _stated(page)


def _contribution(page: Page) -> Html:
    words = page.words
    told = [
        words("ef_shared", actor=foreign(c["actor"]), share=numbers.isolated(numbers.percent(c["share"])),
              by=foreign(c["key"]), others=foreign(c["who_else"]) or "–")
        for c in of(page)["contributions"]
    ]  # fmt: skip
    return join(told, "; ") if told else _stated(page)


def gates(page: Page) -> Html:
    """The company-level gates of the WBCSD guidance (2023, 2025): a checklist beside the result."""
    words = page.words
    answers = {True: "ef_yes", False: "ef_no", None: "ef_unanswered"}
    body: list[list[Part]] = [
        [words(f"ef_gate_{g['name']}"), words(answers[g["met"]]), _stated(page, g["evidence"])]
        for g in of(page)["gates"]
    ]
    return page.section(
        "effect_gates", simple(words("h_effect_gates"), page.columns("what", "status", "stated"), body)
    )

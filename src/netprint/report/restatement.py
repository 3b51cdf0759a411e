"""The base year: by which policy it is calculated again, what this result supersedes, and the bridge between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netprint.report import charts, numbers
from netprint.report.markup import Html, foreign, join, tag
from netprint.report.parts import Page, simple


def policy(page: Page) -> Html:
    """The policy as a field of the record: threshold, triggers, what is measured against it."""
    words, told = page.words, page.facts.tags.get("restatement")
    if not told:
        return tag("span", words("not_stated_by_reporter"), cls="missing")
    triggers = words.plain("comma").join(words.label("cause", t) for t in told["triggers"])
    measured = words.plain("comma").join(words.label("measured", m) for m in told["of"])
    parts = [words("restatement_threshold", share=page.share(told["threshold"]), of=measured),
             words("restatement_triggers", triggers=triggers)]  # fmt: skip
    if told.get("structure"):
        parts.append(words("restatement_structure", day=numbers.isolated(told["structure"])))
    return join(parts, "; ")


def restated(page: Page) -> Html:
    """What this result supersedes: the waterfall from the old base year to the new, the decision, the chain."""
    told: Mapping[str, Any] = page.facts.tags.get("supersedes") or {}
    if not told:
        return Html("")
    words, rows = page.words, list(told["bars"])
    ends = (words.plain("base_year_was"), words.plain("base_year_is"))
    body = [
        [ends[0], page.value(told["point"]), "–"],
        *([_cause(page, r), page.value(r["contribution"]), page.interval(r) if r["low"] is not None else "–"]
          for r in rows),
        [ends[1], page.value(told["after"]), "–"],
    ]  # fmt: skip
    caption = words("restatement_of", title=foreign(told["title"]), year=numbers.isolated(told["base_year"]),
                    total=page.facts.account(str(told["total"]), inside=True))  # fmt: skip
    beside = simple(caption, page.columns("what", "point@", "interval@"), body)
    title = page.title(words.plain("h_restated"), str(told["base_year"]))
    spec = charts.waterfall(_bars(page, told, ends), page.unit)
    return page.section("restated", page.figure(spec, title, _said(page, told, ends), beside),
                        _against(page, told) if told["measures"] else "", _chain(page, told))  # fmt: skip


def _cause(page: Page, row: Mapping[str, Any]) -> str:
    """A cause in the page's language; causes that changed together are joined."""
    parts = [page.words.label("cause", part) for part in str(row["cause"]).split(" and ")]
    named = page.words.plain("comma").join(parts)
    return named if row["counts"] is not False else page.words.plain("no_trigger", cause=named)


def _bars(page: Page, told: Mapping[str, Any], ends: tuple[str, str]) -> list[dict[str, Any]]:
    """The bars of the chart: each begins where the one above ends."""
    scale, at = page.facts.scale, float(told["point"])
    ended = {"low": None, "high": None, "color": charts.DARK}
    found = [{"name": ends[0], "start": 0.0, "end": at * scale, **ended}]
    for row in told["bars"]:
        drawn = [None if row[k] is None else (at + row[k]) * scale for k in ("low", "high")]
        up = row["contribution"] > 0
        found.append({"name": _cause(page, row), "start": at * scale, "end": (at + row["contribution"]) * scale,
                      "low": drawn[0], "high": drawn[1], "color": charts.WARM if up else charts.MIDDLE})  # fmt: skip
        at += row["contribution"]
    return [*found, {"name": ends[1], "start": 0.0, "end": told["after"] * scale, **ended}]


def _said(page: Page, told: Mapping[str, Any], ends: tuple[str, str]) -> str:
    scale = page.facts.scale
    parts = [(ends[0], told["point"]), *((_cause(page, r), r["contribution"]) for r in told["bars"]),
             (ends[1], told["after"])]  # fmt: skip
    return "; ".join(f"{name}: {numbers.number(value * scale)} {page.unit}" for name, value in parts)


def _against(page: Page, told: Mapping[str, Any]) -> Html:
    """Each total and scope against the threshold."""
    words, facts = page.words, page.facts
    body = [
        [facts.account(str(m["total"])), facts.scope(m["scope"]) if m["scope"] else words("all_scopes"),
         page.value(m["before"]), page.value(m["change"]), page.share(m["share"]), page.share(m["chance"]),
         "–" if m["due"] is None else words("due" if m["due"] else "not_due")]
        for m in told["measures"]
    ]  # fmt: skip
    columns = page.columns("account", "what", "base_year_was@", "change@", "restated_share#", "restated_chance#",
                           "restated_due")  # fmt: skip
    return simple(words("restated_table"), columns, body)


def _chain(page: Page, told: Mapping[str, Any]) -> Html:
    """The bundles superseded, the newest first."""
    body = [
        [foreign(r["title"]), numbers.isolated(r["base_year"]), page.value(r["point"]), tag("code", r["hash"][:12])]
        for r in told["chain"]
    ]  # fmt: skip
    columns = page.columns("superseded", "base_year", "point@", "hash")
    return simple(page.words("restated_chain"), columns, body)

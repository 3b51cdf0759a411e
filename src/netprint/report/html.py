"""One page that says everything a result holds: no script, no network, readable on paper and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from netprint.report import (
    checks,
    effect,
    effect_fields,
    evidence,
    front,
    record,
    restatement,
    results,
    trends,
)
from netprint.report.facts import Facts
from netprint.report.markup import Html, link, tag
from netprint.report.parts import Page
from netprint.report.words import Words
from netprint.result import Result

LARGEST = 300_000
#: How many lines of the trace are printed: fewer where the page would become too large.
LINES = (evidence.MOST_LINES, 120, 60, 25, 5)
SECTIONS: tuple[Callable[[Page], Html], ...] = (
    front.reported, results.scopes, results.gases, trends.drivers, trends.methods_beside, trends.years,
    restatement.restated,
    checks.statistics_beside, checks.sensitivities, checks.quality, checks.indicators,
)  # fmt: skip
EFFECT: tuple[Callable[[Page], Html], ...] = (
    effect.claims, effect.picture, effect.nodes, effect.first, effect.years, effect.other, trends.drivers,
    checks.quality,
)  # fmt: skip
AFTER_TRACE: tuple[Callable[[Page], Html], ...] = (record.fields, record.methods, record.made)
AFTER_EFFECT: tuple[Callable[[Page], Html], ...] = (
    effect_fields.fields, effect_fields.gates, record.methods, record.made,
)  # fmt: skip


def render(result: Result, lang: str = "en") -> str:
    """A result as one self-contained HTML file of less than 300 kB.

    ``lang`` is ar, en, es, fr, ru or zh; numbers keep Western digits. Raises
    :class:`netprint.errors.UsageError` for another language.
    """
    words = Words(lang)
    facts = Facts(result, words)
    page = Page(facts, words, evidence.Trace(facts).anchors)
    told = "effect" in result.tags
    top = effect.headline(page) if told else front.headline(page)
    first = [front.header(page), top, front.notices(page)]
    before = [section(page) for section in (EFFECT if told else SECTIONS)]
    after = [section(page) for section in (AFTER_EFFECT if told else AFTER_TRACE)]
    for most in LINES:
        middle = evidence.trace(page, evidence.Trace(facts, most))
        written = _document(page, first, [*before, middle, *after])
        if len(written.encode()) < LARGEST:
            break
    return written


def _document(page: Page, first: list[Html], sections: list[Html]) -> str:
    words = page.words
    style = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
    head = tag(
        "head", Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'),
        tag("title", page.facts.result.title), tag("style", Html(_packed(style))),
    )  # fmt: skip
    header, headline, notices = first
    main = tag("main", headline, notices, _contents(words, sections), *sections)
    foot = tag("footer", tag("p", words("footer")))
    whole = tag("html", head, tag("body", header, main, foot), lang=words.lang, dir=words.direction)
    return f"<!DOCTYPE html>\n{whole}\n"


def _contents(words: Words, sections: list[Html]) -> Html:
    idents = [m[1] for s in sections if (m := re.match(r'<section id="([a-z_]+)"', s))]
    return tag(
        "nav", tag("ul", *(tag("li", link(i, words(f"h_{i}"))) for i in idents)),
        aria_label=words.plain("contents"),
    )  # fmt: skip


def _packed(style: str) -> str:
    """A style sheet without comments and line ends."""
    return re.sub(r"\s*\n\s*", "", re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL))

"""What a publication owes to those whose data it uses: attributions ready to paste, by licence.

Share-alike and non-commercial licences are flagged, and so is a source of which only the page, not the facts taken from
it, is under such a licence. The shipped tables hold none of the former; a user's own tables may.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from netprint.load.factors import sources

Row = dict[str, Any]
_SHARE = re.compile(r"\bSA\b|share.?alike|\bODbL\b|\bGPL|copyleft", re.IGNORECASE)
_TRADE = re.compile(r"\bNC\b|non.?commercial", re.IGNORECASE)
_NOCHANGE = re.compile(r"\bND\b|no.?deriv", re.IGNORECASE)
_PAGE = re.compile(r"\(page [^)]*\)")
_FILE = re.compile(r"\bMPL|\bLGPL|\bEPL")
FLAGS = (("share-alike", _SHARE), ("non-commercial", _TRADE), ("no derivatives", _NOCHANGE),
         ("share-alike by file", _FILE))  # fmt: skip
NEVER = ("share-alike", "non-commercial", "no derivatives")
"""What no shipped table may be under."""


def flags(licence: str) -> tuple[str, ...]:
    """What a licence asks that an attribution alone does not settle.

    ``facts, cite the source (page CC BY-SA 4.0)`` asks nothing more: facts were taken, not the page.
    """
    data = _PAGE.sub("", licence).replace("-", " ")
    return tuple(name for name, pattern in FLAGS if pattern.search(data))


def attributions(used: Iterable[Mapping[str, Any]]) -> list[Row]:
    """One row for each source, sorted by licence and id: source, text, licence, url, flags.

    ``used``: rows with ``source`` and perhaps ``attribution``, ``licence``, ``title`` and ``url``. A joint source is
    taken apart.
    """
    known, found = sources(), dict[str, Row]()
    for row in used:
        for name in str(row["source"]).split(" + "):
            about = {**row, **known.get(name, {})}
            licence = about.get("licence") or "not stated"
            if licence == "not stated" and not about.get("publisher"):
                continue  # a definition, a figure of this project
            found[name] = {
                "source": name, "text": _text(name, about), "licence": licence, "url": about.get("url") or "",
                "flags": list(flags(licence)), "known": name in known,
            }  # fmt: skip
    return sorted(found.values(), key=lambda r: (r["licence"].casefold(), r["source"]))


def _text(name: str, about: Mapping[str, Any]) -> str:
    """The attribution that the licence asks for, with the title where it does not name it."""
    own, title = about.get("attribution") or "", about.get("title") or ""
    told = ", ".join(str(about[c]) for c in ("author", "title", "publisher", "published") if about.get(c))
    if not own:
        return told or name
    return own if not title or title in own else f"{told}. {own}"


def of_catalogue() -> list[Row]:
    """The attributions of every source that a shipped factor rests on."""
    from netprint.load.factors import catalog

    used = {f.source for rows in catalog().rows.values() for f in rows.values()}
    return attributions({"source": name} for name in sorted(used) if name in sources())


def of_result(path: Path) -> list[Row]:
    """Those of a bundle, or of what a study uses: it is assessed for that, its gaps reported.

    Raises what reading a bundle or assessing a study raises.
    """
    from dataclasses import replace

    from netprint.assess import assess_prepared, prepare
    from netprint.bundle import provenance, read

    if path.suffix in (".yaml", ".yml"):
        prepared = prepare(path)
        result = assess_prepared(replace(prepared, study=replace(prepared.study, draws=100, gaps="report")))
    else:
        result = read(path)
    spread = {"spread group", "spread world"}
    rows = provenance.sources_of(result.factors)
    return attributions(
        r for r in rows if r["source"] not in spread and not r["source"].startswith("spread lag")
    )


def told(rows: Iterable[Row]) -> Iterator[str]:
    """The attributions as text, a paragraph for each licence."""
    licence, seen = None, set[str]()
    for row in rows:
        if row["licence"] != licence:
            licence = row["licence"]
            flagged = (
                f"   ** {', '.join(row['flags'])}: to be met before publishing **" if row["flags"] else ""
            )
            yield f"Under {licence}:{flagged}"
        url = f" {row['url']}" if row["url"] and row["url"] not in row["text"] else ""
        line = f"  {row['text'].rstrip('.')}.{url}"
        if line not in seen:
            yield line
        seen.add(line)

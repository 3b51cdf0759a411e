"""What a publication owes to those whose data it uses: attributions ready to paste, by licence.

Share-alike and non-commercial licences are flagged, and so is a source of which only the page, not the facts taken from
it, is under such a licence. The shipped tables hold none of the former; a user's own tables may.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
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
NEVER = ("share-alike", "non-commercial", "no derivatives", "share-alike by file")
"""What no shipped table may be under."""
NAMES = {
    "CC-BY-4.0": "CC BY 4.0", "CC-BY-3.0": "CC BY 3.0", "CC0-1.0": "CC0 1.0", "OGL-UK-3.0": "OGL v3.0",
    "US public domain": "United States public domain", "ODbL-1.0": "ODbL 1.0", "etalab-2.0": "Licence Ouverte 2.0",
    "CC-BY-SA-4.0": "CC BY-SA 4.0", "CC-BY-NC-4.0": "CC BY-NC 4.0", "CC-BY-NC-SA-4.0": "CC BY-NC-SA 4.0",
    "CC-BY-NC-SA-3.0-IGO": "CC BY-NC-SA 3.0 IGO",
}  # fmt: skip
"""One name for each licence, whichever way a table spells it."""
_CC = "https://creativecommons.org/licenses"
LINKS = {
    "CC BY 4.0": f"{_CC}/by/4.0/", "CC BY 3.0": f"{_CC}/by/3.0/", "CC BY-SA 4.0": f"{_CC}/by-sa/4.0/",
    "CC BY-NC 4.0": f"{_CC}/by-nc/4.0/", "CC BY-NC-SA 4.0": f"{_CC}/by-nc-sa/4.0/",
    "CC BY-NC-SA 3.0 IGO": f"{_CC}/by-nc-sa/3.0/igo/", "CC0 1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "OGL v3.0": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    "ODbL 1.0": "https://opendatacommons.org/licenses/odbl/1-0/", "MPL-2.0": "https://www.mozilla.org/MPL/2.0/",
    "Apache-2.0": "https://www.apache.org/licenses/LICENSE-2.0",
    "Licence Ouverte 2.0": "https://github.com/etalab/licence-ouverte/blob/master/LO.md",
}  # fmt: skip
"""Where a licence stands: those of Creative Commons and the others here ask for the link, or are well served by it."""
CHANGED = "selected and converted to other units by netprint"
"""What licences of Creative Commons with attribution ask to be told."""
SPREAD = "spread "
"""Sources of spreads that netprint computed: what they were computed from is owed, not they."""


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
            if name.startswith(SPREAD):
                continue
            about = {**row, **known.get(name, {})}
            licence = about.get("licence") or "not stated"
            licence = NAMES.get(licence, licence)
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
    parts = (str(about.get(c) or "") for c in ("author", "title", "publisher", "published"))
    told = ", ".join(dict.fromkeys(filter(None, parts)))
    text = (told or name) if not own else own if not title or title in own else f"{told}. {own}"
    return text.replace("this project", "netprint")


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
        own = _own(result.files, path.parent)
    else:
        result = read(path)
        own = _own(result.files)
    rows = provenance.sources_of(result.factors)
    return attributions({**row, **own.get(str(row["source"]), {})} for row in rows)


def _own(files: Mapping[str, bytes], root: Path | None = None) -> Row:
    """The sources that stand in a ``sources.csv`` beside the study's own ``files``, as every import leaves one.

    ``root``: the folder in which to look; None to look among the files alone.
    """
    beside = {PurePosixPath(name).with_name("sources.csv").as_posix() for name in files}
    texts = [files[n].decode("utf-8-sig") for n in sorted(beside & files.keys())]
    if root is not None:
        texts += [(root / n).read_text("utf-8-sig") for n in sorted(beside) if (root / n).is_file()]
    rows = (row for text in texts for row in csv.DictReader(io.StringIO(text)))
    return {row["source"]: {c: v for c, v in row.items() if c and v} for row in rows if row.get("source")}


def told(rows: Iterable[Row]) -> Iterator[str]:
    """The attributions as text, a paragraph for each licence."""
    licence, seen = None, set[str]()
    for row in rows:
        if row["licence"] != licence:
            licence = row["licence"]
            flagged = (
                f"   ** {', '.join(row['flags'])}: to be met before publishing **" if row["flags"] else ""
            )
            yield f"{_heading(licence)}:{flagged}"
        url = f" {row['url']}" if row["url"] and row["url"] not in row["text"] else ""
        line = f"  {row['text'].rstrip('.')}.{url}"
        if line not in seen:
            yield line
        seen.add(line)


def _heading(licence: str) -> str:
    """The licence with its address; a source that has none is cited."""
    if licence == "not stated":
        return "Licence not stated, so ask before publishing more than single figures"
    if licence not in LINKS and "cite" in licence:
        return f"Cited as a source ({licence})"
    link = f" ({LINKS[licence]})" if licence in LINKS else ""
    return f"Under {licence}{link}{f'; {CHANGED}' if licence.startswith('CC BY') else ''}"

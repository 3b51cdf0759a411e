"""What a bundle must not hand on: own factors whose licence forbids redistribution, and passwords.

Such a factor's value stands neither in the tables, the report nor the study that is shipped. What follows from other
numbers of the same bundle is not hidden: a contribution divided by its quantity is a coefficient.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from netprint.bundle.provenance import as_text
from netprint.errors import InputError
from netprint.load.document import masked
from netprint.load.factors import NOT_INDEX
from netprint.load.yaml import load
from netprint.result import Result, Table, table

Row = dict[str, Any]
WITHHELD = "withheld (licence)"
#: Licences of factor rows that a bundle must not hand on.
_FORBIDS = re.compile(
    r"no redistribution|(?:not|never) (?:be |to be |for )?(?:redistribut|shar|pass)"
    r"|redistribution (?:is )?(?:not|pro|for)|all rights reserved|confidential|proprietary|non.?commercial|\bNC\b",
    re.I,
)
_WORD = re.compile(r"\w+")
_PROXY = re.compile(r" \(proxy, .*\)$")
_INLINE = "factors"


def forbids(licence: object) -> bool:
    """Whether a licence keeps a factor from being handed on."""
    return bool(_FORBIDS.search(str(licence or "")))


def shareable(result: Result) -> Result:
    """The result without the values that a licence keeps back, and without passwords of databases."""
    kept = _kept_back(result)
    text = masked(_cut(result))
    tags, inputs = _masked(result.tags), dict(result.inputs)
    if text != result.study:  # the hash of a text that holds a secret would confirm a guess of it
        tags["study"] = hashlib.sha256(text.encode()).hexdigest()
        if result.study_file in inputs:
            inputs[result.study_file] = tags["study"]
    names = {str(r["factor"]) for r in kept.values()}
    return replace(
        result, study=text, tags=tags, inputs=inputs, title=masked(result.title), factors=_factors(result, kept),
        lines=_lines(result.lines, {_label(r) for r in kept.values()}),
        warnings=tuple(_warning(w, names) for w in result.warnings),
    )  # fmt: skip


def _masked(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _masked(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_masked(v) for v in value)
    return masked(value) if isinstance(value, str) else value


# -- factor rows -----------------------------------------------------------------------------------------------------


def _kept_back(result: Result) -> dict[int, Row]:
    """The factor rows kept back by position: own ones by their licence, and every formula that names one of them."""
    rows = list(result.factors)
    found = {i: r for i, r in enumerate(rows) if r["whose"] == "own" and forbids(r["licence"])}
    while True:
        names = {str(r[c]) for r in found.values() for c in ("factor", "named")}
        more = {
            i: r
            for i, r in enumerate(rows)
            if i not in found and names.intersection(_WORD.findall(str(r["formula"] or "")))
        }
        if not more:
            return found
        found |= more


def _label(row: Row) -> str:
    """The name that the trace gives a factor row."""
    index = row["asked"] if row["formula"] else row["found"]
    return f"{row['factor']}[{index}]" if index else str(row["factor"])


def _factors(result: Result, kept: Mapping[int, Row]) -> Table:
    if not kept:
        return result.factors
    rows = [
        {**r, "value": None, "low": None, "high": None, "note": WITHHELD,
         "formula": f"={WITHHELD}" if r["formula"] else ""} if i in kept else r
        for i, r in enumerate(result.factors)
    ]  # fmt: skip
    return table(rows, list(result.factors.columns))


def _lines(lines: Table, labels: set[str]) -> Table:
    """The trace without the coefficients that rest on these factor rows."""
    if not labels or not len(lines):
        return lines
    coefficients, texts = [], []
    for row in lines:
        parts = str(row["factors"] or "").split("; ")
        hidden = {p: n for p in parts if (n := _PROXY.sub("", p).partition(" = ")[0]) in labels}
        coefficients.append(None if hidden else row["coefficient"])
        said = [f"{hidden[p]} = {WITHHELD}{p[len(_PROXY.sub('', p)) :]}" if p in hidden else p for p in parts]
        texts.append("; ".join(said))
    return Table({**lines.columns, "coefficient": coefficients, "factors": texts})


def _warning(text: str, names: set[str]) -> str:
    """A warning about a factor that is kept back may hold its value."""
    named = sorted(names.intersection(_WORD.findall(text)))
    if not named or " own factor rows were not used: " in text:
        return masked(text)
    return f"There is a warning about {', '.join(named)}: {WITHHELD}."


# -- the study and its files -----------------------------------------------------------------------------------------


def _cut(result: Result) -> str:
    """The study's text; an inline factor or parameter that is kept back is named in its place."""
    try:
        data = load(result.study, result.study_file).data if result.study else None
    except InputError:
        return result.study
    if not isinstance(data, dict):
        return result.study
    given = data.get("factors")
    entries = given if isinstance(given, list) else [] if given is None else [given]
    parameters = data.get("parameters")
    named = parameters if isinstance(parameters, dict) else {}
    kept = [n for n, v in named.items() if isinstance(v, dict) and forbids(v.get("licence"))]
    hidden = [isinstance(e, dict) and forbids(e.get("licence")) for e in entries]
    if not kept and not any(hidden):
        return result.study
    shown = [f"{_entry(e)}: {WITHHELD}" if h else e for e, h in zip(entries, hidden, strict=True)]
    changed = {**data, "factors": [*shown, *(f"{n}: {WITHHELD}" for n in kept)]}
    if named:
        changed["parameters"] = {n: v for n, v in named.items() if n not in kept}
    return as_text(changed)


def _entry(entry: Mapping[str, Any]) -> str:
    index = ", ".join(str(v) for k, v in entry.items() if k not in NOT_INDEX and v is not None)
    return f"{entry.get('factor')}[{index}]" if index else str(entry.get("factor"))


def shipped(result: Result) -> dict[str, bytes]:
    """The study's own files but for tables with a row whose licence keeps it back."""
    used = {str(r["file"]).rpartition(":")[0] for r in _kept_back(result).values() if r["whose"] == "own"}
    return {n: b for n, b in result.files.items() if PurePosixPath(n).name not in used and not _holds(n, b)}


def _holds(name: str, content: bytes) -> bool:
    """Whether a table has a row whose licence keeps it back, used or not."""
    if PurePosixPath(name).suffix.lower() != ".csv":
        return False
    reader = csv.reader(io.StringIO(content.decode("utf-8-sig", "replace"), newline=""))
    at = [i for i, h in enumerate(next(reader, [])) if h.strip() == "licence"]
    return any(forbids(cells[i]) for cells in reader for i in at if i < len(cells))


def missing(result: Result) -> list[str]:
    """The factors that a result read from a bundle lacks, because they were withheld; such a one cannot be run."""
    if WITHHELD not in result.study and not any(r["note"] == WITHHELD for r in result.factors):
        return []
    try:
        data = load(result.study, result.study_file).data
    except InputError:
        data = {}
    entries = data.get("factors") if isinstance(data, dict) else None
    marked = [e for e in (entries if isinstance(entries, list) else [entries]) if isinstance(e, str)]
    found = [e.removesuffix(f": {WITHHELD}") for e in marked if e.endswith(f": {WITHHELD}")]
    held = {PurePosixPath(n).name for n in result.files} | {_INLINE, result.study_file}
    for row in result.factors:
        own = row["whose"] == "own" and row["note"] == WITHHELD and forbids(row["licence"])
        if own and str(row["file"]).rpartition(":")[0] not in held:
            found.append(_label(row))
    return list(dict.fromkeys(found))

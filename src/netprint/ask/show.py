"""What the catalogue knows of one factor: its card, the row that answers an index, its source, what else there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from netprint.ask import answers, evidence
from netprint.ask.attributions import attributions, flags
from netprint.load.factor import Factor
from netprint.load.factors import catalog, sources

DRAWS = 10_000
MEASURED = (0.025, 0.975)

Row = dict[str, Any]
Index = tuple[str, ...]


def cards() -> Iterator[Row]:
    """Every factor, by name."""
    table = catalog()
    for name, card in sorted(table.cards.items()):
        yield {
            "factor": name, "unit": card.unit, "index": " ".join(card.index), "kind": card.kind,
            "boundary": card.boundary, "fallback": " ".join(card.fallback), "rows": len(table.rows.get(name, {})),
            "title": card.title, "note": card.note,
        }  # fmt: skip


def value(row: Factor) -> float | str:
    return row.text if row.formula is not None else row.value


def answer(name: str, index: Index) -> Row:
    """What netprint uses for an index: the row that answers, its value and 95 % interval, proxies included; the other
    values that are kept for it, why this one, and its history."""
    import numpy as np

    from netprint.engine.coefficients import Coefficients
    from netprint.engine.resolve import Gap

    resolver = answers.resolver()
    found = resolver((name, index))
    if isinstance(found, Gap):
        return {"state": "gap", "asked": list(index), "nearest": list(found.near)}
    factor = found.factor
    drawn = Coefficients(resolver, answers.SEED, DRAWS).factor((name, index)) / factor.card.measure.scale
    low, high = (float(x) for x in np.quantile(drawn[1:], MEASURED)) if len(drawn) > 1 else (None, None)
    source, kept = sources().get(factor.source, {}), evidence.choice(factor)
    licence = factor.licence or source.get("licence", "")
    below = answers.inputs(name, index)
    owed = ({"source": r["source"]} for r in ({"source": factor.source}, *below))
    return {
        "state": "found", "asked": list(index), "found": [i or "any" for i in factor.index],
        "value": float(drawn[0]), "unit": factor.card.unit, "low": low, "high": high,
        "distribution": "formula" if found.formula is not None else factor.shape.distribution,
        "formula": factor.text if found.formula is not None else "", "status": answers.status(name, index),
        "proxy": found.proxy.text if found.proxy else "", "source": factor.source,
        "source_title": source.get("title", ""), "publisher": source.get("publisher", ""),
        "published": source.get("published", ""), "validity": factor.validity,
        "page": factor.page or source.get("table", ""),
        "url": source.get("url", ""), "seen": source.get("seen", ""), "licence": licence,
        "duties": list(flags(licence)), "attribution": source.get("attribution", ""), "note": factor.note,
        "inputs": below, "cite": [r["text"] for r in attributions(owed)],
        "why": kept.why, "alternatives": list(kept.alternatives),
        "crosschecks": list(evidence.crosschecks(name, factor.index)),
        "series": _series(name, index) if found.formula is not None else evidence.series(factor),
        "releases": list(evidence.history(name, factor.index)),
    }  # fmt: skip


def _series(name: str, index: Index) -> list[Row]:
    """The values of a formula in the years that its inputs have."""
    names = catalog().cards[name].index
    if "year" not in names:
        return []
    labels = dict(zip(names, index, strict=True))
    rows = ((y, tuple(y if c == "year" else labels[c] for c in names)) for y in answers.years(name, labels))
    return [{"year": y, "value": answers.point(name, at)} for y, at in rows]


def matching(name: str, labels: Mapping[str, str]) -> list[Row]:
    """The rows of a factor that have the labels given, or any there."""
    table = catalog()
    names = table.cards[name].index
    return [
        {"index": ", ".join(i or "any" for i in index), "value": value(row), "status": row.status, "source": row.source}
        for index, row in sorted(table.rows.get(name, {}).items())
        if all(index[names.index(c)] in (v, "") for c, v in labels.items())
    ]  # fmt: skip


def spreads(name: str) -> list[Row]:
    """The levels at which a value from another place or year may stand in: the 95 % interval of true over found."""
    import numpy as np

    rows = catalog().rows.get(f"proxy:{name}", {}) if f"proxy:{name}" in catalog().cards else {}
    found = []
    for (level, lag), row in rows.items():
        at = np.array(row.shape.points)
        low, high = (float(x) for x in np.interp(MEASURED, at[:, 0], at[:, 1]))
        text = f"{level} {f'lag {lag}' if lag not in ('', '0') else ''}".strip()
        found.append({"level": text, "low": low, "high": high, "status": row.status, "note": row.note})
    return found

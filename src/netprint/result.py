"""Result, and the tables it is made of: plain records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netprint.units import parse, ratio

Array = NDArray[np.float64]

#: The columns of `results.csv` after the dimensions.
STATISTICS = ("point", "mean", "median", "low", "high")
#: Accounts that are reported apart and belong to no total.
MEMO = ("biogenic", "non_kyoto")
MEASURES = (*STATISTICS, "coverage", "completeness", "provisional_share", "proxy_share")


@dataclass(frozen=True)
class Table:
    """Columns of one length. Texts are lists of str, numbers float arrays (NaN where a value is absent)."""

    columns: Mapping[str, Sequence[Any]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Row by row, as dicts of plain Python values; an absent number is None."""
        plain = {k: _plain(v) for k, v in self.columns.items()}
        for i in range(len(self)):
            yield {k: v[i] for k, v in plain.items()}

    def where(self, **labels: object) -> Table:
        """The rows whose columns have these labels."""
        keep = [i for i, row in enumerate(self) if all(str(row.get(k)) == str(v) for k, v in labels.items())]
        return Table({k: [v[i] for i in keep] for k, v in self.columns.items()})

    def one(self, **labels: object) -> dict[str, Any]:
        """The only row with these labels. Raises ``KeyError`` where there is none or more than one."""
        rows = list(self.where(**labels))
        if len(rows) != 1:
            raise KeyError(f"{len(rows)} rows have {labels}")
        return rows[0]


def _plain(values: Sequence[Any]) -> list[Any]:
    listed = (
        values.tolist()
        if isinstance(values, np.ndarray)
        else [getattr(v, "item", lambda v=v: v)() for v in values]
    )
    return [None if isinstance(v, float) and v != v else v for v in listed]


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = ()) -> Table:
    """A table from dicts of one form."""
    names = list(columns) or list(dict.fromkeys(k for r in rows for k in r))
    return Table({n: [r.get(n) for r in rows] for n in names})


def stacked(parts: Sequence[Table]) -> Table:
    """Tables of the same columns, one below the other."""
    names = list(parts[0].columns)
    return Table({n: _below([p.columns[n] for p in parts]) for n in names})


def _below(columns: Sequence[Sequence[Any] | NDArray[Any]]) -> Any:
    if all(isinstance(c, np.ndarray) for c in columns):
        return np.concatenate([np.asarray(c) for c in columns])
    return [v for c in columns for v in c]


def statistics(draws: Array) -> dict[str, Array]:
    """point, mean, median and the 95 % interval of ``(c, 1 + N)`` arrays; each ``(c,)``.

    The point has every factor at its stated value. The interval runs from the 2.5th to the 97.5th percentile.
    """
    sample = draws[:, 1:] if draws.shape[1] > 1 else draws
    low, median, high = np.quantile(sample, [0.025, 0.5, 0.975], axis=1)
    return {"point": draws[:, 0], "mean": sample.mean(axis=1), "median": median, "low": low, "high": high}


@dataclass(frozen=True)
class Result:
    """What an assessment found.

    ``cells``: by the dimensions asked for, account and impact. ``views``: the same by year, scope, category and
    flow. ``lines``: the trace. ``factors``: every factor row used. ``drivers``: what moves the totals.
    ``draws``: (year, account, impact) → ``(1 + N,)`` in the impact's unit, the point first. ``sources``: of the
    factors used, with their licences. ``inputs``: the SHA-256 of every input, by its name beside the study.
    ``versions``: netprint and its catalogue. ``study``, ``study_file`` and ``files``: the study's text, its name,
    and the study's own methods, factor tables and cards, so that the collapsed table can be assessed again.
    """

    title: str
    kind: str
    by: tuple[str, ...]
    cells: Table
    views: Mapping[str, Table]
    indicators: Table
    lines: Table
    factors: Table
    drivers: Table
    trend: Table
    propagation: Table
    gaps: Table
    tags: Mapping[str, Any]
    warnings: tuple[str, ...]
    draws: Mapping[tuple[str, str, str], Array] = field(default_factory=dict)
    sensitivities: Mapping[str, Table] = field(default_factory=dict)
    reported: Table = field(default_factory=lambda: Table({}))
    collapsed: Any = None
    study: str = ""
    study_file: str = ""
    sources: Table = field(default_factory=lambda: Table({}))
    inputs: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    def total(self, account: str, year: object = None, impact: str = "climate change") -> dict[str, Any]:
        """One account's (or total's) statistics, of one year or, without ``year``, of all years.

        Raises ``KeyError`` where the result has no such account.
        """
        if year is None:
            return self.views["all"].one(account=account, impact=impact)
        return self.views["year"].one(account=account, year=year, impact=impact)

    def account_for(self, scope: str = "") -> str:
        """The account that a figure without one is compared with: the only one that the scope has beside memo
        accounts, else the first total that the methods form, else the first account."""
        view = self.views["scope" if scope else "year"]
        held = list(dict.fromkeys(str(r["account"]) for r in view if not scope or r["scope"] == scope))
        single = [a for a in held if a not in self.tags["totals"] and a not in MEMO]
        if len(single) == 1:
            return single[0]
        return next((a for a in (*self.tags["totals"], *single, *held) if a in held), "")

    def beside_reported(self) -> list[dict[str, Any]]:
        """The figures that the organisation published, each with the result in its unit and the difference in %
        of the published figure; ``result`` is None where the result has no such cell."""
        found = []
        for row in self.reported:
            scope = row["scope"] or ""
            account = row["account"] or self.account_for(scope)
            view = self.views["scope" if scope else "year"]
            at = {"account": account, "year": row["year"], "impact": "climate change"}
            cells = list(view.where(**at, **({"scope": scope} if scope else {})))
            filled: dict[str, Any] = {**row, "account": account, "result": None, "low": None, "high": None}
            if cells and cells[0]["point"] is not None:
                per = ratio(parse(cells[0]["unit"]), parse(row["unit"]))
                filled |= {
                    "result": cells[0]["point"] * per,
                    "low": cells[0]["low"] * per,
                    "high": cells[0]["high"] * per,
                }
            filled.setdefault("implied", None)
            known = filled["result"] is not None and row["value"]
            filled["difference"] = 100 * (filled["result"] / row["value"] - 1) if known else None
            found.append(filled)
        return found

    def __repr__(self) -> str:
        lines = [f"{self.title}: {len(self.cells)} cells"]
        for row in self.views["year"]:
            if row["point"] is not None:
                lines.append(
                    f"  {row.get('year', '')} {row['account']:<16} {row['point']:>16,.0f}"
                    f" [{row['low']:,.0f}, {row['high']:,.0f}] {row['unit']}"
                )
        return "\n".join(lines)

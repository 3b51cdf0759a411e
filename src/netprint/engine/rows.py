"""The collapsed table: what is left of the activity data once rows of one key are summed.

Sums are exact integers in units of 2⁻⁶⁰ of the activity's own unit (squares of errors: 2⁻⁴⁰), so that order, threads
and engine change no bit of them. A sum is kept as two 64-bit limbs, ``high * 2**60 + low`` with ``0 <= low < 2**60``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from netprint.engine.labels import Labels, joined

#: Binary places kept of each sum. A sum of quantities may reach 9e18, one of squared errors 9e24.
FRACTION_BITS = {"quantity": 60, "shared": 60, "independent": 40}
LIMB_BITS = 60
SUMS = ("quantity", "shared", "independent")
Limbs = NDArray[np.int64]
Array = NDArray[np.float64]


def to_float(limbs: Limbs, bits: int) -> Array:
    """(R, 2) limbs → (R,) floats, the same on every machine; ``bits`` binary places."""
    total = np.ldexp(limbs[:, 0].astype(np.float64), LIMB_BITS) + limbs[:, 1].astype(np.float64)
    return np.asarray(np.ldexp(total, -bits))


def to_limbs(total: int) -> tuple[int, int]:
    """An exact sum as its two limbs."""
    return total >> LIMB_BITS, total & ((1 << LIMB_BITS) - 1)


def exact(value: float, sum_: str = "quantity") -> int:
    """A single float as every engine rounds it into a sum: floor(x) and its fraction to the last binary place."""
    bits, whole = FRACTION_BITS[sum_], np.floor(value)
    return (int(whole) << bits) + int(np.floor((value - whole) * 2.0**bits + 0.5))


@dataclass(frozen=True)
class Rows:
    """The collapsed table; R rows.

    ``labels``: the plan's key, column → (R,). ``limbs``: quantity Σq, shared Σq·s and independent Σ(q·s)², each
    (R, 2) in the activity's own unit (squared for the last). ``count`` (R,): the input rows summed. ``unstated``
    (R,): how many of them gave no uncertainty. ``weight`` (R,): a multiplier, 1 or that of a scenario.
    """

    labels: Mapping[str, Labels]
    limbs: Mapping[str, Limbs]
    count: NDArray[np.int64]
    unstated: NDArray[np.int64]
    weight: Array

    def __len__(self) -> int:
        return len(self.count)

    @property
    def quantity(self) -> Array:
        return to_float(self.limbs["quantity"], FRACTION_BITS["quantity"]) * self.weight

    @property
    def shared(self) -> Array:
        return to_float(self.limbs["shared"], FRACTION_BITS["shared"]) * self.weight

    @property
    def independent(self) -> Array:
        return to_float(self.limbs["independent"], FRACTION_BITS["independent"]) * self.weight**2

    def take(self, rows: NDArray[np.int64]) -> Rows:
        return Rows(
            {k: v.take(rows) for k, v in self.labels.items()},
            {k: v[rows] for k, v in self.limbs.items()},
            self.count[rows],
            self.unstated[rows],
            self.weight[rows],
        )

    def relabelled(self, column: str, texts: Labels) -> Rows:
        return replace(self, labels={**self.labels, column: texts})

    def key(self, row: int, columns: Sequence[str]) -> list[str]:
        """The identity of a row's independent errors; scenario left out."""
        return [self.labels[c].values[self.labels[c].codes[row]] for c in columns]

    def sorted(self) -> Rows:
        """Ordered by the labels' texts, so that the table's bytes do not depend on the order of its sources."""
        columns = [
            np.array(c.values, dtype=object).astype(str)[c.codes] if c.values else c.codes
            for c in self.labels.values()
        ]
        return self.take(np.lexsort(columns[::-1]).astype(np.int64)) if len(self) else self

    @property
    def hash(self) -> str:
        """SHA-256 of the table's labels and integers; floats are not hashed."""
        digest = hashlib.sha256()
        ordered = self.sorted()
        for name, column in ordered.labels.items():
            digest.update(f"{name}\x1f".encode() + "\x1f".join(column.texts()).encode() + b"\x1e")
        for name in SUMS:
            digest.update(ordered.limbs[name].astype("<i8").tobytes())
        digest.update(ordered.count.astype("<i8").tobytes())
        return digest.hexdigest()


def below(parts: Sequence[Rows]) -> Rows:
    """Collapsed tables laid one below the other; a column that one lacks is empty there."""
    from netprint.engine.labels import constant

    names = list(dict.fromkeys(n for p in parts for n in p.labels))
    return Rows(
        {n: joined([p.labels.get(n, constant("", len(p))) for p in parts]) for n in names},
        {s: np.concatenate([p.limbs[s] for p in parts]) for s in SUMS},
        np.concatenate([p.count for p in parts]),
        np.concatenate([p.unstated for p in parts]),
        np.concatenate([p.weight for p in parts]),
    )


def summed(rows: Rows) -> Rows:
    """Rows of one key added exactly (the sums of merged bundles)."""
    from netprint.engine.labels import group

    groups = group(rows.labels, len(rows))
    if len(groups) == len(rows):
        return rows.sorted()
    limbs = {}
    for name in SUMS:
        totals = [0] * len(groups)
        for g, (high, low) in zip(groups.group.tolist(), rows.limbs[name].tolist(), strict=True):
            totals[g] += (high << LIMB_BITS) + low
        limbs[name] = np.array([to_limbs(t) for t in totals], dtype=np.int64).reshape(-1, 2)
    count, unstated = np.zeros(len(groups), dtype=np.int64), np.zeros(len(groups), dtype=np.int64)
    np.add.at(count, groups.group, rows.count)
    np.add.at(unstated, groups.group, rows.unstated)
    return Rows(groups.table(), limbs, count, unstated, rows.weight[groups.first]).sorted()

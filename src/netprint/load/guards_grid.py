"""Guards of grid factors: losses on another base than stated, direct intensities that the life cycle denies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netprint.load.factor import Factor, FactorTable
from netprint.load.guards_look import Finding, Look, finding

_BASES = {
    "delivered": re.compile(r"\b(deliver|sold|sale|billed|consum)", re.IGNORECASE),
    "generated": re.compile(
        r"\b(of output|domestic generation|per unit generated|EG\.ELC\.LOSS)", re.IGNORECASE
    ),
    "fed in": re.compile(r"\bfed in", re.IGNORECASE),
}
"""Bases of losses, as cards say them, and the words of notes that speak of one."""
_PAIRS = {"grid_losses": "grid_losses_generated", "grid_losses_generated": "grid_losses"}
NO_PLANT, ABOVE_LIFE = 0.06, 1.25
"""kg CO2e/kWh over the life cycle: more than any grid has without burning something. Then: how far a direct value may
lie above the life-cycle one, as they rest on different statistics."""


def losses_base(look: Look, factor: Factor) -> Iterator[Finding]:
    """A loss on another base than its card says: per unit delivered, fed into the grid, or generated."""
    base = next((b for b in _BASES if factor.card.kind == f"loss per unit {b}"), "")
    if not base:
        return
    for other, value, told in _on_other_bases(look, factor, base):
        if abs(factor.value / value - 1) < 0.01:
            yield finding("losses base", True, factor, told, f"a loss per unit {base}", _rebase(base, other))
            return
    text = f"{factor.note} {factor.page}"
    if not _BASES[base].search(text):
        other = next((b for b, words in _BASES.items() if words.search(text)), "")
        if other:
            told = f"the note speaks of losses per unit {other} ({factor.note or factor.page})"
            yield finding(
                "losses base", False, factor, told, f"a loss per unit {base}", _rebase(base, other), "note"
            )


def _on_other_bases(look: Look, factor: Factor, base: str) -> Iterator[tuple[str, float, str]]:
    """(base, value, what to say) of what the catalogue has for the index on another base, where that is far apart."""
    near = look.like(factor)
    if (
        near is None
        or not 0 < near.value < 1
        or not factor.value
        or abs(factor.value / near.value - 1) <= 0.03
    ):
        return
    swapped = near.value / (1 + near.value) if base == "delivered" else near.value / (1 - near.value)
    other = "fed in" if base == "delivered" else "delivered"
    yield other, swapped, f"{factor.value:.4g} is the catalogue's {near.value:.4g} per unit {other}"
    name = _PAIRS.get(factor.card.name, "")
    twin = look.known.rows.get(name, {}).get(near.index) if look.known else None
    if twin is not None and twin.formula is None and twin.value:
        other = "generated" if base == "fed in" else "fed in"
        yield other, twin.value, f"{factor.value:.4g} is the catalogue's {name}, per unit {other}"


def _rebase(base: str, other: str) -> str:
    if {base, other} == {"fed in", "delivered"}:
        way = "x / (1 + x)" if base == "fed in" else "x / (1 - x)"
        return f"Convert it: per unit {base} = {way}, x per unit {other}."
    if "delivered" in (base, other):
        return f"Give a loss per unit {base}, or another name."
    other_name = "grid_losses_generated" if other == "generated" else "grid_losses"
    over = "generation over what is fed in" if base == "fed in" else "what is fed in over generation"
    return f"Multiply it by {over} (generation plus imports less exports), or name it {other_name}."


SHARES = ("grid_direct", "grid_direct_share", "grid_direct_share_year")


def direct(look: Look) -> Iterator[Finding]:
    """Direct intensities, stated or by a share, that the life cycle of the same place and year denies: once a row."""
    stated = {name: look.table.rows.get(name, {}) for name in SHARES}
    if not any(stated.values()):
        return
    places = {index[0] for rows in stated.values() for index in rows}
    told: set[int] = set()
    for table in filter(None, (look.table, look.known)):
        for index, life in table.rows.get("grid_lifecycle", {}).items():
            if len(index) == 2 and index[0] in places and index[1] and life.formula is None:
                value, row = _direct_at(look.table, index, life.value)
                if row is not None and id(row) not in told:
                    found = list(_denied(row, index, value, life.value))
                    told.update(id(row) for _ in found)
                    yield from found


def _denied(row: Factor, index: tuple[str, ...], value: float, life: float) -> Iterator[Finding]:
    told = f"the direct intensity of {', '.join(index)} is {value:.4g}, the life-cycle one {life:.4g} kg CO2e/kWh"
    if value == 0 and life > NO_PLANT:
        remedy = "Some plant burns fuel there: give a direct share of that year, or leave the row out."
        expected = f"above zero where the life cycle has more than {NO_PLANT:g}"
        yield finding("direct", True, row, told, expected, remedy)
    elif value > life * ABOVE_LIFE:
        remedy = "See that both are of one base: generation or consumption, the same year, CO2e."
        expected = f"at most {ABOVE_LIFE:g} times the life-cycle value"
        yield finding("direct", False, row, told, expected, remedy)


def _direct_at(table: FactorTable, index: tuple[str, ...], life: float) -> tuple[float, Factor | None]:
    """The direct intensity that a table gives, and the row that decides it; none where it gives none."""
    stated = table.rows.get("grid_direct", {}).get(index)
    if stated is not None and stated.formula is None:
        return stated.value, stated
    shares = table.rows.get("grid_direct_share", {})
    share = table.rows.get("grid_direct_share_year", {}).get(index) or shares.get((index[0],))
    if share is None or share.formula is not None:
        return 0.0, None
    return share.value * life, share

"""Numbers for readers: rounded with their interval, grouped by thin no-break spaces, Western digits."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from netprint.report.markup import Html, text

THIN = "\u202f"
MINUS = "\u2212"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def decimals(value: float, digits: int) -> int:
    """Decimal places that give ``value`` so many significant digits; negative before the point."""
    return 0 if value == 0 or not math.isfinite(value) else digits - 1 - math.floor(math.log10(abs(value)))


def fixed(value: float, places: int) -> str:
    """A number rounded to so many decimal places, grouped: ``12 300``, ``0.057``, ``−4.1``."""
    if not math.isfinite(value):
        return "–"
    if places > 9 and value:
        power = math.floor(math.log10(abs(value)))
        return (
            f"{fixed(value / 10.0**power, places + power)}{THIN}×{THIN}10{str(power).translate(_SUPERSCRIPT)}"
        )
    rounded = round(value, places)
    written = f"{abs(rounded):,.{max(places, 0)}f}".replace(",", THIN)
    return f"{MINUS}{written}" if rounded < 0 else written


def number(value: float | None, digits: int = 4) -> str:
    """A number to so many significant digits, without zeros that say nothing."""
    if value is None or not math.isfinite(value):
        return "–"
    written = fixed(value, decimals(value, digits))
    return re.sub(r"\.?0+$", "", written) if "." in written and "×" not in written else written


def count(value: float) -> str:
    """A whole number in full."""
    return fixed(float(value), 0)


def percent(share: float | None, digits: int = 3) -> str:
    """A share as ``12.3 %``; all and nothing without decimals, almost all never as all."""
    if share is None or not math.isfinite(share):
        return "–"
    value = 100 * share
    if value and round(value, 1) in (0, 100) and value not in (0, 100):
        return f"{'<' if abs(value) < 1 else '>'}{THIN}{'0.1' if abs(value) < 1 else '99.9'}{THIN}%"
    return f"{fixed(value, 0 if value in (0, 100) else max(0, min(decimals(value, digits), 1)))}{THIN}%"


def change(relative: float | None) -> str:
    """A relative change in per cent with its sign: ``+3.2 %``."""
    if relative is None or not math.isfinite(relative):
        return "–"
    written = f"{fixed(relative, 1 if abs(relative) < 100 else 0)}{THIN}%"
    return f"+{written}" if relative > 0 and not written.startswith("0.0") else written


def places_of(row: Mapping[str, Any], scale: float = 1.0) -> int:
    """Decimal places for a point and its interval: the point to three significant digits, to four where the
    interval is within ± 5 %, and nothing to more than four."""
    ends = [row[k] * scale for k in ("point", "low", "high") if row.get(k) is not None]
    size = max((abs(e) for e in ends), default=0.0)
    narrow = len(ends) == 3 and size > 0 and (ends[2] - ends[1]) / 2 < 0.05 * size
    middle = ends[0] if ends and ends[0] else size
    return min(decimals(middle, 4 if narrow else 3), decimals(size, 4))


def point(row: Mapping[str, Any], scale: float = 1.0, key: str = "point") -> Html:
    """One statistic of a row, rounded as its interval asks for."""
    value = row.get(key)
    if value is not None and row.get("low") == row.get("high") == row.get("point"):
        return isolated(number(value * scale))
    return isolated("–" if value is None else fixed(value * scale, places_of(row, scale)))


def interval(row: Mapping[str, Any], scale: float = 1.0, low: str = "low", high: str = "high") -> Html:
    """The 95 % interval of a row as ``[low, high]``."""
    if row.get(low) is None or row.get(high) is None:
        return isolated("–")
    if row[low] == row[high] == row.get("point"):
        return isolated(f"[{number(row[low] * scale)}, {number(row[high] * scale)}]")
    places = places_of({"point": row.get("point"), "low": row[low], "high": row[high]}, scale)
    return isolated(f"[{fixed(row[low] * scale, places)}, {fixed(row[high] * scale, places)}]")


def isolated(written: str) -> Html:
    """A number that stays left to right, and on one line, in any text."""
    return Html(f'<span class="n">{text(written)}</span>')


def unit(name: str) -> str:
    """A unit as it is printed: ``t CO₂e``, ``m²``."""
    spelled = re.sub(r"\b(CO2|CH4|N2O|SF6|NF3)", lambda m: m[1].translate(_SUBSCRIPT), name)
    return re.sub(r"\b(k?m)([23])\b", lambda m: m[1] + m[2].translate(_SUPERSCRIPT), spelled)


def gas(flow: str) -> str:
    """A gas as it is printed: ``CH₄``, ``HFC-134a``; the origin of its carbon is left to the caller."""
    return unit(flow.split("_", 1)[0])


_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

"""Countries and groups of countries: codes, names in six languages, what lies in what, and since when.

Country codes are ISO 3166-1 alpha-3, and XKX for Kosovo. Groups are the regions of UN M49 (``M49-202``), the
dated groups LDC, LLDC, SIDS, EU, EU27 and the income groups of the World Bank (``WB-LIC``, ``WB-LMC``,
``WB-UMC``, ``WB-HIC``), and ``WORLD``. The tables in ``catalog/places`` say where each row is from.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from importlib import resources

from netprint.errors import UsageError, did_you_mean, nearest

LANGUAGES = ("en", "fr", "es", "ru", "zh", "ar")
"""The languages in which every place has a name."""

WORLD = "WORLD"
_LEVELS = ("intermediate_region", "sub_region", "region")
_MARKS = str.maketrans({"’": "'", "ʼ": "'", "‘": "'", "–": "-", "‑": "-"})


def _key(text: str) -> str:
    """``text`` as it is compared: letter case, kind of apostrophe and runs of spaces do not matter."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_MARKS).casefold().split())


@dataclass(frozen=True)
class Membership:
    """One spell of a country in a dated group, from ``start`` until ``end``, the first day outside.

    Both are ISO dates, empty where open.
    """

    start: str
    end: str
    status: str
    source: str
    note: str

    def holds(self, day: str) -> bool:
        return self.start <= day and (not self.end or day < self.end)


@dataclass(frozen=True)
class Places:
    """All places. Built by :func:`load`.

    ``names``: code -> language -> name. ``within``: code -> the M49 groups it lies in, nearest first.
    ``kinds``: code -> country, intermediate_region, sub_region, region, world or dated. ``others``: (language, further
    name, code). ``spells``: (dated group, country) -> its spells.
    """

    names: Mapping[str, Mapping[str, str]]
    kinds: Mapping[str, str]
    within: Mapping[str, tuple[str, ...]]
    alpha2: Mapping[str, str]
    others: tuple[tuple[str, str, str], ...]
    spells: Mapping[tuple[str, str], tuple[Membership, ...]]
    notes: Mapping[str, str]

    def known(self, code: str) -> bool:
        """Is ``code`` a country or group code, exactly as written?"""
        return code in self.names

    @cached_property
    def countries(self) -> tuple[str, ...]:
        """The codes of all countries and areas, in order."""
        return tuple(code for code, kind in self.kinds.items() if kind == "country")

    @cached_property
    def m49_groups(self) -> tuple[str, ...]:
        """The codes of the M49 groups, in order."""
        return tuple(code for code, kind in self.kinds.items() if kind in _LEVELS)

    def find(self, text: str, language: str | None = None) -> str | None:
        """The code that ``text`` stands for: a code, an alpha-2 code or a name, compared without letter case.

        With ``language`` only names of that language count. ``None`` where nothing or more than one place
        fits, so that "Micronesia" (a country and a region) is never guessed.
        """
        if language is not None:
            self._check_language(language)
        key = _key(text)
        if key in self._codes:
            return self._codes[key]
        found = {code for lang, code in self._by_name.get(key, ()) if language in (None, lang)}
        return found.pop() if len(found) == 1 else None

    def nearest(self, text: str, count: int = 3) -> list[str]:
        """What ``text`` may have meant, like ``KEN (Kenya)``, best first; all places of that very name."""
        key = _key(text)
        same = sorted({code for _, code in self._by_name.get(key, ())})
        near: list[str] = []
        for hit in nearest(key, [*self._by_name, *self._codes], count):
            near += [self._codes[hit]] if hit in self._codes else [code for _, code in self._by_name[hit]]
        codes = list(dict.fromkeys([*same, *near]))[: max(count, len(same))]
        return [f"{code} ({self.name(code)})" for code in codes]

    def name(self, code: str, lang: str = "en") -> str:
        """The name of ``code`` in ``lang``: the UN name where the UN has one. Raises :class:`UsageError`."""
        self._check_language(lang)
        if code not in self.names:
            raise UsageError(f"'{code}' is no place code. {did_you_mean(code, self.names)}".rstrip())
        return self.names[code][lang]

    def groups(self, country: str, year: int | None = None) -> tuple[str, ...]:
        """The groups that may stand in for ``country``, nearest first: M49 groups, then ``WORLD``.

        With ``year`` the dated groups of which the country is a member come between the two. A group lies in
        the groups around it; the world and an unknown code lie in nothing.
        """
        if country == WORLD or country not in self.names:
            return ()
        dated = () if year is None else tuple(g for g in self._dated if self.member(country, g, year))
        return (*self.within.get(country, ()), *dated, WORLD)

    def member(self, country: str, group: str, when: int | date) -> bool:
        """Is ``country`` a member of ``group`` at the day ``when``, or on 1 July where ``when`` is a year?

        Raises :class:`UsageError` for codes that are not known.
        """
        for code in (country, group):
            if code not in self.names:
                raise UsageError(f"'{code}' is no place code. {did_you_mean(code, self.names)}".rstrip())
        if group in (country, WORLD) or group in self.within.get(country, ()):
            return True
        day = when.isoformat() if isinstance(when, date) else f"{when:04d}-07-01"
        return any(spell.holds(day) for spell in self.spells.get((group, country), ()))

    def members(self, group: str, when: int | date) -> tuple[str, ...]:
        """The countries in ``group`` at ``when`` (see :meth:`member`), in order of code."""
        return tuple(code for code in self.countries if self.member(code, group, when))

    @cached_property
    def _dated(self) -> tuple[str, ...]:
        return tuple(code for code, kind in self.kinds.items() if kind == "dated")

    @cached_property
    def _codes(self) -> dict[str, str]:
        by_alpha2 = {_key(alpha2): code for code, alpha2 in self.alpha2.items()}
        return by_alpha2 | {_key(code): code for code in self.names}

    @cached_property
    def _by_name(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """Name as compared -> (language, code) of the places that bear it."""
        out: dict[str, tuple[tuple[str, str], ...]] = {}
        for lang, name, code in self._all_names():
            key = _key(name)
            out[key] = (*out.get(key, ()), (lang, code))
        return out

    def _all_names(self) -> Iterator[tuple[str, str, str]]:
        for code, names in self.names.items():
            for lang, name in names.items():
                yield lang, name, code
        yield from self.others

    @staticmethod
    def _check_language(language: str) -> None:
        if language not in LANGUAGES:
            raise UsageError(f"There are no place names in '{language}'. Use one of {', '.join(LANGUAGES)}.")


def _table(name: str) -> list[dict[str, str]]:
    text = resources.files("netprint").joinpath("catalog", "places", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _chain(code: str, wider: Mapping[str, str]) -> tuple[str, ...]:
    out: list[str] = []
    while code and code != WORLD:
        out.append(code)
        code = wider.get(code, "")
    return tuple(out)


@lru_cache(maxsize=1)
def load() -> Places:
    """The places of the catalogue; read once, about 10 ms."""
    countries, groups = _table("countries.csv"), _table("groups.csv")
    wider = {row["code"]: row["within"] for row in groups}
    within = {row["code"]: tuple(row[level] for level in _LEVELS if row[level]) for row in countries}
    within |= {code: _chain(outer, wider) for code, outer in wider.items() if outer}
    spells: dict[tuple[str, str], tuple[Membership, ...]] = {}
    for row in _table("memberships.csv"):
        spell = Membership(row["from"], row["to"], row["status"], row["source"], row["note"])
        at = row["group"], row["country"]
        spells[at] = (*spells.get(at, ()), spell)
    return Places(
        names={row["code"]: {lang: row[lang] for lang in LANGUAGES} for row in (*countries, *groups)},
        kinds={row["code"]: row.get("kind", "country") for row in (*countries, *groups)},
        within=within,
        alpha2={row["code"]: row["alpha2"] for row in countries},
        others=tuple((row["language"], row["name"], row["code"]) for row in _table("names.csv")),
        spells=spells,
        notes={row["code"]: row["note"] for row in (*countries, *groups) if row["note"]},
    )

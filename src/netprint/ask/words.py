"""What somebody asks for, in any of the six languages: words to terms of the catalogue, places, years.

``catalog/words/<language>.csv`` (word, term) leads from a word to the English term, ``en.csv`` from what people say to
what the catalogue says. A word that is in no list is compared as it stands; where it is none of the catalogue's either,
the word of the lists with the longest common beginning serves, so that inflected words are found.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import lru_cache

from netprint import places
from netprint.load.release import CATALOG

LONGEST = 6
"""Words in a row that may be one name or term."""
BEGINNING = 4
"""Letters that an inflected word must share with the word of a list."""
IDLE = frozenset(
    "a an and at by for from in of on per the to what is de des du d en et la le les l un une pour dans par au aux del "
    "el los las una y por para con в во на и для с из по 的 在 和 في من على و".split()
)
"""Words that say nothing of what is asked for."""
LITTLE = frozenset(
    "emission emissions factor factors coefficient coefficients facteur facteurs emision emisiones factores "
    "coeficiente coeficientes выброс выбросы выбросов коэффициент коэффициенты фактор факторы 排放 排放因子 因子 系数 "
    "انبعاث انبعاثات الانبعاث الانبعاثات معامل معاملات".split()
)
"""Words that all of the catalogue is about: they count where nothing else is asked for."""
CODES = frozenset("and are can car com fin gin lie man nor pan per ton".split())
"""Codes and short names of countries that are words too: they are places only where they are in capitals."""
_JOINED = re.compile(r"(r|hfc|hcfc|pfc|hfo|cfc)(\d\w*)")
_PIECES = re.compile(r"[\w./+-]+")
_UNSPACED = re.compile(r"[\u3400-\u9fff]+")
_YEAR = re.compile(r"(?:19|20|21)\d\d")


@dataclass(frozen=True)
class Asked:
    """``terms``: for each thing asked for, its possible spellings, each the words that must all be found."""

    terms: tuple[tuple[tuple[str, ...], ...], ...]
    places: tuple[str, ...]
    year: str


def folded(text: str) -> str:
    """As words are compared: without letter case and, in Latin, Cyrillic and Arabic letters, without marks."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(c for c in plain if not unicodedata.combining(c)))


def pieces(text: str) -> list[str]:
    """The words of a text."""
    return [w for w in (p.strip("./+-") for p in _PIECES.findall(folded(text))) if w]


@lru_cache(maxsize=1)
def _lists() -> dict[str, tuple[str, ...]]:
    """Words of all languages as compared, to their terms."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted((CATALOG / "words").glob("??.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                key = " ".join(pieces(row["word"]))
                found[key] = tuple(dict.fromkeys((*found.get(key, ()), row["term"])))
    return found


@lru_cache(maxsize=1)
def _places() -> dict[str, tuple[str, ...]]:
    """Names of places as compared, to their codes; three-letter codes are names too."""
    known = places.load()
    found: dict[str, tuple[str, ...]] = {}
    named = [(name, code) for code, names in known.names.items() for name in (*names.values(), code)]
    for name, code in [*named, *((name, code) for _, name, code in known.others)]:
        key = " ".join(pieces(name))
        if code not in found.get(key, ()):
            found[key] = (*found.get(key, ()), code)
    return found


@lru_cache(maxsize=1)
def _beginnings() -> dict[str, list[str]]:
    """Single words of the lists and names of places by their first letters, for inflected words."""
    found: dict[str, list[str]] = {}
    for key in dict.fromkeys((*_lists(), *_places())):
        if " " not in key and len(key) >= BEGINNING:
            found.setdefault(key[:BEGINNING], []).append(key)
    return found


def warm() -> None:
    """Read the lists, so that the first question is answered as fast as the others."""
    _beginnings()


def asked(text: str, vocabulary: Container[str]) -> Asked:
    """What ``text`` asks for. ``vocabulary``: the words of the catalogue, as compared."""
    capitals = {w.casefold() for w in text.split() if w.isupper()}
    words = list(_split(text))
    plain = CODES - capitals
    found = _asked([w for w in words if w not in LITTLE], vocabulary, plain)
    return found if found.terms or found.places else _asked(words, vocabulary, plain)


def _asked(words: list[str], vocabulary: Container[str], plain: Container[str]) -> Asked:
    """``plain``: words that are no places here."""
    terms: list[tuple[tuple[str, ...], ...]] = []
    codes: list[str] = []
    year, at = "", 0
    while at < len(words):
        if _YEAR.fullmatch(words[at]) and not year:
            year, at = words[at], at + 1
            continue
        key, size = _longest(words, at, vocabulary)
        if key in IDLE:
            at += 1
            continue
        if key in _places() and key not in plain and not (key in vocabulary and key in _lists()):
            codes += _places()[key]
        else:
            terms.append(_spellings(key))
        at += size
    return Asked(tuple(terms), tuple(dict.fromkeys(codes)), year)


def _longest(words: list[str], at: int, vocabulary: Container[str]) -> tuple[str, int]:
    """The longest name or term that begins at ``at``, and how many words it takes."""
    for size in range(min(LONGEST, len(words) - at), 0, -1):
        key = " ".join(words[at : at + size])
        if key in _places() or key in _lists():
            return key, size
    word = words[at]
    if len(words) > at + 1 and (joined := f"{word}-{words[at + 1]}") in vocabulary:
        return joined, 2  # R 410A
    if word in vocabulary:
        return word, 1
    if (told := _JOINED.fullmatch(word)) and (joined := f"{told[1]}-{told[2]}") in vocabulary:
        return joined, 1  # R410A
    for prefix in ("ال", "وال", "بال", "لل"):
        if word.startswith(prefix) and (rest := word[len(prefix) :]) in _lists():
            return rest, 1
    return _inflected(word) or word, 1


def _inflected(word: str) -> str:
    """The word of the lists with the longest common beginning, where all but at most three letters are common."""
    best, most = "", 0
    for key in _beginnings().get(word[:BEGINNING], ()):
        least, longer = sorted((len(word), len(key)))
        common = next((i for i, (a, b) in enumerate(zip(word, key, strict=False)) if a != b), least)
        if common > most and common >= max(BEGINNING, longer - 3):
            best, most = key, common
    return best


def _spellings(key: str) -> tuple[tuple[str, ...], ...]:
    """A word as it stands, and the terms it leads to, those of the second list included."""
    found = [tuple(key.split())]
    for term in _lists().get(key, ()):
        words = tuple(pieces(term))
        found += [words, *(tuple(pieces(t)) for t in _lists().get(" ".join(words), ()))]
    return tuple(dict.fromkeys(found))


def _split(text: str) -> Iterator[str]:
    """Words; a run of Chinese letters is cut into the longest names and terms known."""
    for word in pieces(text):
        run = _UNSPACED.search(word)
        if run is None:
            yield word
            continue
        if word[: run.start()]:
            yield word[: run.start()]
        yield from _cut(run[0])
        yield from _split(word[run.end() :])


def _cut(run: str) -> Iterator[str]:
    at = 0
    while at < len(run):
        size = next((n for n in range(min(12, len(run) - at), 0, -1)
                     if run[at : at + n] in _lists() or run[at : at + n] in _places()
                     or run[at : at + n] in LITTLE), 0)  # fmt: skip
        if size:
            yield run[at : at + size]
        at += size or 1

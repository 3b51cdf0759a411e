"""Finding practices by words of any of the six languages, with or without accents.

A word is compared without letter case and marks with the words of a practice's titles and summaries in all languages,
its domain, stream and actors, and through the lists of words (:mod:`netprint.ask.words`) with their English terms.
Chinese and Arabic words, which are not parted by blanks or carry articles, are looked for inside the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

from netprint.load.practice import Head

#: The letters that a word and an inflected one share at least, and how many may be other ones.
BEGINNING, ENDING = 4, 3
_INSIDE = re.compile(r"[\u0600-\u06ff\u3400-\u9fff]")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_PARTS = re.compile(r"[./+-]")


@dataclass(frozen=True)
class _Text:
    whole: str
    words: frozenset[str]

    def holds(self, word: str) -> bool:
        """Whether a word, or one with another ending, is in the text."""
        if _INSIDE.search(word):
            return word in self.whole
        return word in self.words or any(_alike(word, w) for w in self.words)


def _alike(a: str, b: str) -> bool:
    common = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return common >= max(BEGINNING, max(len(a), len(b)) - ENDING)


def search(heads: Sequence[Head], words: Iterable[str]) -> tuple[list[Head], bool]:
    """The practices that hold all words, or those that hold the most of them, rare words first; whether all."""
    from netprint.ask.words import folded

    texts = [_Text(folded(h.text), _tokens(h.text)) for h in heads]
    everything = "\n".join(t.whole for t in texts)
    vocabulary = frozenset().union(*(t.words for t in texts))
    asked = _asked(" ".join(words), everything, vocabulary)
    held = [[any(all(map(t.holds, way)) for way in ways) for ways in asked] for t in texts]
    weights = [log(1 + len(texts) / n) if (n := sum(column)) else 0.0 for column in zip(*held, strict=True)]
    found = [sum(w for w, here in zip(weights, row, strict=True) if here) for row in held]
    most = max(found, default=0.0)
    if not most:
        return [], True
    best = [i for i, worth in enumerate(found) if worth >= most - 1e-9]
    return [heads[i] for i in best], all(held[best[0]])


def _tokens(text: str) -> frozenset[str]:
    from netprint.ask.words import pieces

    held = pieces(text)
    return frozenset([*held, *(part for word in held for part in _PARTS.split(word) if part)])


Way = tuple[str, ...]


def _asked(text: str, everything: str, vocabulary: frozenset[str]) -> list[list[Way]]:
    """What is asked for: for each word the ways to say it, each the words that must all be found."""
    from netprint.ask.words import IDLE, LONGEST, asked, pieces

    words = [w for p in pieces(text) for w in _parted(p, everything) if w not in IDLE]
    found: list[list[Way]] = []
    at = 0
    while at < len(words):
        size = next(
            (n for n in range(min(LONGEST, len(words) - at), 1, -1) if _listed(words[at : at + n])), 1
        )
        said = tuple(words[at : at + size])
        terms = asked(" ".join(said), vocabulary).terms
        ways = [said, *(terms[0] if len(terms) == 1 else ())]
        if (one := list(dict.fromkeys(ways))) not in found:
            found.append(one)
        at += size
    return found


def _parted(word: str, everything: str) -> list[str]:
    """A run of Chinese letters as the longest parts that any practice's text or the lists of words hold."""
    if not _CHINESE.fullmatch(word):
        return [word]
    found, at = [], 0
    while at < len(word):
        size = next(
            (
                n
                for n in range(len(word) - at, 1, -1)
                if word[at : at + n] in everything or _listed([word[at : at + n]])
            ),
            1,
        )
        found.append(word[at : at + size])
        at += size
    return found


def _listed(words: Sequence[str]) -> bool:
    """Whether the lists of words lead from these words to a term."""
    from netprint.ask.words import asked

    terms = asked(" ".join(words), ()).terms
    return len(terms) == 1 and terms[0][0] == tuple(words) and len(terms[0]) > 1

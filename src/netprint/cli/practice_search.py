"""Finding practices by words of any of the six languages, with or without accents.

A word is compared without letter case and marks with the words of a practice's titles and summaries in all languages,
its domain, stream and actors, and through the lists of words (:mod:`netprint.ask.words`) with their English terms.
Chinese and Arabic words, which are not parted by blanks or carry articles, are looked for inside the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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
    short, long = sorted((a, b), key=len)
    return len(short) >= BEGINNING and len(long) - len(short) <= ENDING and long.startswith(short)


def search(heads: Sequence[Head], words: Iterable[str]) -> tuple[list[Head], bool]:
    """The practices that hold all words, or those that hold the most of them; whether they hold all."""
    from netprint.ask.words import folded

    texts = [_Text(folded(h.text), _tokens(h.text)) for h in heads]
    everything = "\n".join(t.whole for t in texts)
    vocabulary = frozenset().union(*(t.words for t in texts))
    asked = _asked(" ".join(words), everything, vocabulary)
    found = [sum(any(all(map(t.holds, way)) for way in ways) for ways in asked) for t in texts]
    most = max(found, default=0)
    if not most:
        return [], True
    return [h for h, n in zip(heads, found, strict=True) if n == most], most == len(asked)


def _tokens(text: str) -> frozenset[str]:
    from netprint.ask.words import pieces

    held = pieces(text)
    return frozenset([*held, *(part for word in held for part in _PARTS.split(word) if part)])


Way = tuple[str, ...]


def _asked(text: str, everything: str, vocabulary: frozenset[str]) -> list[list[Way]]:
    """What is asked for: for each word the ways to say it, each the words that must all be found."""
    from netprint.ask.words import IDLE, asked, pieces

    found: list[list[Way]] = []
    for word in dict.fromkeys(w for p in pieces(text) for w in _parted(p, everything)):
        if word in IDLE:
            continue
        terms = asked(word, vocabulary).terms
        ways: list[Way] = [(word,), *(way for way in terms[0] if len(terms) == 1)]
        found.append(list(dict.fromkeys(ways)))
    return found


def _parted(word: str, everything: str) -> list[str]:
    """A run of Chinese letters as the longest parts that any practice's text or the lists of words hold."""
    if not _CHINESE.fullmatch(word):
        return [word]
    from netprint.ask.words import asked

    found, at = [], 0
    while at < len(word):
        size = next(
            (
                n
                for n in range(len(word) - at, 1, -1)
                if word[at : at + n] in everything
                or _listed(asked(word[at : at + n], ()).terms, word[at : at + n])
            ),
            1,
        )
        found.append(word[at : at + size])
        at += size
    return found


def _listed(terms: tuple[tuple[Way, ...], ...], word: str) -> bool:
    """Whether the lists of words lead from a word to a term."""
    return len(terms) == 1 and terms[0][0] == (word,) and len(terms[0]) > 1

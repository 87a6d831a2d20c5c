"""
Which words does a message hold, and where do its clauses and sentences end?

May not know which words are signs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from bot.text import clean
from bot.triage.spelling import Slips

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"\d+(?:[.,]\d+)?|[{_HAN}]|[^\W\d_{_HAN}]+(?:'[^\W\d_{_HAN}]+)*(?:(?<=o)2|(?<=b)4)?|[^\W_]")
_STOP = re.compile(r"[.!?;。！？।؟]|\n\s*\n")
_COMMA = re.compile(r"[,:()\n\u2013\u2014\"]|\s-+\s|\.\.+|…|/")
_ENDINGS = {"s", "m", "re", "ve", "ll", "d"}


@dataclass(frozen=True, slots=True)
class Token:
    """One word: as read (spelling mended), and where it stands in the message as typed."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Message:
    """
    The words of a message with what separates them.

    `stops[k]`: a sentence ends before word k. `pauses[k]`: a comma, dash or line stands before it.
    """

    raw: str
    plain: str
    tokens: tuple[Token, ...]
    stops: tuple[bool, ...]
    pauses: tuple[bool, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The words alone."""
        return tuple(token.text for token in self.tokens)


class Reader:
    """Turns a message into words: chat shorthand written out, fillers dropped, slips of spelling mended."""

    def __init__(self, shorthand: Mapping[str, str], fillers: frozenset[str], slips: Slips) -> None:
        self._shorthand = {short: tuple(long.split()) for short, long in shorthand.items()}
        self._fillers = fillers
        self._slips = slips

    def read(self, raw: str) -> Message:
        """The words of `raw`, in time proportional to its length."""
        cleaned = clean(raw)
        text, places = cleaned.text, cleaned.places
        tokens: list[Token] = []
        stops: list[bool] = []
        pauses: list[bool] = []
        stop = pause = False
        last = 0
        for found in _WORD.finditer(text):
            start, end = found.span()
            if start > last:
                between = text[last:start]
                if between != " ":
                    dots = ".." in between or "…" in between
                    stop = stop or (not dots and _STOP.search(between) is not None)
                    pause = pause or dots or _COMMA.search(between) is not None
            last = end
            raw_start, raw_end = places[start], places[end - 1] + 1
            for word in self._words(found.group()):
                if word in self._fillers:
                    continue
                tokens.append(Token(word, raw_start, raw_end))
                stops.append(stop)
                pauses.append(pause or stop)
                stop = pause = False
        return Message(raw, text, tuple(tokens), _joined(stops, pauses), tuple(pauses))

    def knows(self, word: str) -> bool:
        """Whether this is a word of the rules, or known as a word beside them."""
        return self._slips.is_real(word)

    def _words(self, word: str) -> tuple[str, ...]:
        if long := self._shorthand.get(word):
            return long
        if "'" in word:
            stem, _, tail = word.rpartition("'")
            stem = stem.replace("'", "")
            if tail in _ENDINGS:
                return (*(self._shorthand.get(stem) or (self._mend(stem),)), tail)
            whole = stem + tail
            return self._shorthand.get(whole) or (self._mend(whole),)
        if self._slips.is_real(word):
            return (word,)
        if meant := self._slips.correct(word):
            return (meant,)
        return self._slips.split(word) or (word,)

    def _mend(self, word: str) -> str:
        return self._slips.correct(word) or word


def _joined(stops: list[bool], pauses: list[bool]) -> tuple[bool, ...]:
    """
    Take a full stop between fragments for a pause: "Chest. Pain. Bad." is one statement.

    People who struggle for words write so, and so do people in a fright.
    """
    starts = [0, *(place for place, pause in enumerate(pauses) if pause and place), len(stops)]
    lengths = {start: after - start for start, after in pairwise(starts)}
    joined = list(stops)
    for before, start in pairwise(starts[:-1]):
        if lengths[before] <= 2 and lengths[start] <= 3:
            joined[start] = False
    return tuple(joined)

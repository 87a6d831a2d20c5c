"""
Which known word was meant by a word that is spelt wrong, run together or drawn out?

May not know what the words mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.text import Speller

_SHORTEST_PAIR = 7
_LONGEST_PAIR = 24


class Slips:
    """
    Mends words towards the vocabulary of the signs.

    `vocabulary` says how much each word weighs where two are equally near. `real_words` are words of their own that
    lie close to one of the vocabulary ("chess" is not "chest") and stay.
    """

    def __init__(self, vocabulary: Mapping[str, int], real_words: Iterable[str]) -> None:
        self._words = frozenset(vocabulary)
        self._real = frozenset(real_words) | self._words
        self._speller = Speller(vocabulary, known=self._real)

    def is_real(self, word: str) -> bool:
        """Whether this is a word as it stands."""
        return word in self._real

    def correct(self, word: str) -> str | None:
        """The word of the vocabulary that was meant, or None."""
        return self._speller.correct(word) if word.isascii() else None

    def split(self, word: str) -> tuple[str, str] | None:
        """Two known words written as one ("chestpain"), or None."""
        if word in self._real or not _SHORTEST_PAIR <= len(word) <= _LONGEST_PAIR:
            return None
        for cut in range(3, len(word) - 2):
            left, right = word[:cut], word[cut:]
            if left in self._words and right in self._words:
                return left, right
        return None

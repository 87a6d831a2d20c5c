"""
What did the person mean to type?

May not know meanings. Corrects to words of the phrases, and never touches everyday English.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bot.text import Speller, clean, spelled_out, words

_LONGEST_WORDS = 160
_LONGEST_CHARACTERS = 2500


class Spelling:
    """Brings a message into the spelling of the phrases."""

    def __init__(self, texts: Iterable[str], everyday: frozenset[str], common: frozenset[str]) -> None:
        """`everyday` words are never corrected; to `common` ones a word is corrected last."""
        counts = Counter(word.text for text in texts for word in words(text))
        # A word of one phrase that is nearly a frequent one is a slip the writer put in on purpose.
        # It stays known, but nothing is corrected towards it.
        trusted = {word: count for word, count in counts.items() if word in everyday or count >= 2}
        rare = {word: count for word, count in counts.items() if word not in trusted}
        first = Speller(trusted)
        trusted |= {word: count for word, count in rare.items() if first.correct(word) is None}
        self._known = everyday | counts.keys()
        self._speller = Speller(trusted, self._known)
        self._common = Speller({word: 1 for word in sorted(common) if len(word) >= 4}, self._known)

    def corrected(self, text: str) -> str:
        """The cleaned text with chat spellings written out and slips mended."""
        return " ".join(self._word(word.text) for word in words(text[:_LONGEST_CHARACTERS])[:_LONGEST_WORDS])

    def reads_enough_of(self, typed: str, corrected: str) -> bool:
        """
        Whether at least every third word of a corrected text is known; the rest is noise to us.

        Noise now and then looks like a slip of some word: where no word is known as it was typed, half must be.
        """
        mended = corrected.split()
        known = sum(word in self._known for word in mended)
        if not any(word.text in self._known for word in words(typed[:_LONGEST_CHARACTERS])):
            return 2 * known >= len(mended)
        return 3 * known >= len(mended)

    def _word(self, word: str) -> str:
        written = spelled_out(word)
        if written != word:
            return written
        return self._speller.correct(word) or self._split(word) or self._common.correct(word) or word

    def _split(self, word: str) -> str | None:
        """Two known words typed as one ("sideeffects")."""
        if len(word) < 7 or self._speller.knows(word) or not word.isalpha():
            return None
        cuts: list[tuple[int, str]] = []
        for at in range(3, len(word) - 2):
            first, second = word[:at], word[at:]
            if self._speller.knows(first) and self._speller.knows(second):
                cuts.append((min(len(first), len(second)), f"{first} {second}"))
        return max(cuts)[1] if cuts else None



def normal(raw: str) -> str:
    """A phrase in the form it is compared in: cleaned, chat spellings written out, marks dropped."""
    return " ".join(spelled_out(word.text) for word in words(clean(raw).text))

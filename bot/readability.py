"""
How hard is this text to read: the Flesch-Kincaid grade.

May not know topics. Pure; English only.

"grade = 0.39 (words / sentences) + 11.8 (syllables / words) - 15.59" -- Kincaid, Fishburne, Rogers and
Chissom 1975, Research Branch Report 8-75.

Syllables are counted by spelling, since a pronouncing dictionary would have to be downloaded. Departures from
a reader's ear, decided here: a number is one syllable, letters said one by one (MS, MRI) are one each, a
placeholder in braces is one word of one syllable, and a line's end ends a sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]?\s+|\n+")
_WORD = re.compile(r"[A-Za-z0-9À-ÿ][A-Za-z0-9À-ÿ'’.,/%-]*")
_NUMBER = re.compile(r"[\d.,/%-]+")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_VOWELS = re.compile(r"[aeiouyà-ÿ]+")
_SPOKEN_APART = re.compile(
    r"ia(?!l|n\b|ns\b|r)|io(?!n|u)|eo(?!us|n\b|ns\b)|(?<!q)ua|uou|iu|ie(?:ty|t\b)|ying|[aeo]ing|ism\b|^dia|^rea(?=ct)|ience"
)
_SILENT_END = re.compile(r"(?:(?<![aeiouyl])e|(?<=[aeiouyrw])le|(?<![aeiouydt])ed|(?<![aeiouysxzcghl])es)$")
_COUNTS = {
    1: """
        ache aches clothes cream else home homes live lived lives nerve nerves nurse once one ones
        real said says the through use used vein veins while whole
    """,
    2: """
        basement being bodies business careful client closely create diet disease doctor doing
        evening every fluid fluids going grapefruit guideline guidelines headache headaches homecare
        immune ivig lifestyle lifetime likely maybe movement nurses patient patients people plasma
        quiet rarely really relapse safely safety science seeing sideline someone something
        sometimes somewhere statement statements surely trial trials uses vaccine vaccines vial
        vials
    """,
    3: """
        area areas arrangement average carefully completely denial different diseases entirely
        everyone extremely family idea ideas measurement medicine medicines nausea period reaction
        reactions relapses serious several severely takeaway
    """,
    4: """
        actually antibodies antibody diabetes diarrhea diarrhoea especially material materials
        usually
    """,
}
_SMALL = {word: count for count, words in _COUNTS.items() for word in words.split()}


@dataclass(frozen=True)
class Reading:
    """A text's counts and its grade in US school years."""

    words: int
    sentences: int
    syllables: int

    @property
    def grade(self) -> float:
        """Flesch-Kincaid grade; a text without words is grade 0."""
        if not self.words:
            return 0.0
        return 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59


def syllables(word: str) -> int:
    """Syllables of one word, counted by spelling; at least 1."""
    if _NUMBER.fullmatch(word):
        return 1
    parts = [part for part in re.split(r"[-/’']", word) if part]
    if len(parts) > 1:
        tail = parts[1:] if "-" in word or "/" in word else []
        return syllables(parts[0]) + sum(syllables(part) for part in tail)
    letters = "".join(letter for letter in word if letter.isalpha())
    if letters.isupper() and 1 < len(letters) <= 4 and not re.search(r"[AEIOU].*[AEIOU]", letters):
        return len(letters)
    low = letters.lower()
    if low in _SMALL:
        return _SMALL[low]
    if len(low) <= 2:
        return 1
    stem = _SILENT_END.sub("", low)
    groups = len(_VOWELS.findall(stem))
    apart = len(_SPOKEN_APART.findall(stem))
    return max(1, groups + apart)


def read(text: str) -> Reading:
    """Count the words, sentences and syllables of `text`."""
    plain = _PLACEHOLDER.sub("two", text)
    words = [word.rstrip(".,/-") for word in _WORD.findall(plain)]
    sentences = [part for part in _SENTENCE_END.split(plain) if _WORD.search(part)]
    return Reading(len(words), max(1, len(sentences)), sum(syllables(word) for word in words))


def grade(text: str) -> float:
    """The Flesch-Kincaid grade of `text`, unrounded."""
    return read(text).grade

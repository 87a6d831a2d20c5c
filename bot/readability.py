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
_SPOKEN_APART = re.compile(r"ia(?!l|n\b|ns\b|r)|io(?!n|u)|eo(?!us|n\b|ns\b)|(?<!q)ua|uou|iu|ie(?:ty|t\b)|ying|[aeo]ing|ism\b|^dia|^rea(?=ct)|ience")
_SILENT_END = re.compile(r"(?:(?<![aeiouyl])e|(?<=[aeiouyrw])le|(?<![aeiouydt])ed|(?<![aeiouysxzcghl])es)$")
_SMALL = {
    "the": 1, "people": 2, "something": 2, "someone": 2, "sometimes": 2, "every": 2, "everyone": 3, "being": 2,
    "doing": 2, "going": 2, "seeing": 2, "area": 3, "areas": 3, "idea": 3, "ideas": 3, "trial": 2, "trials": 2,
    "science": 2, "diet": 2, "quiet": 2, "client": 2, "patient": 2, "patients": 2, "vein": 1, "veins": 1,
    "use": 1, "used": 1, "uses": 2, "clothes": 1, "live": 1, "lives": 1, "lived": 1, "medicine": 3, "medicines": 3,
    "vaccine": 2, "vaccines": 2, "antibody": 4, "antibodies": 4, "plasma": 2, "nerve": 1, "nerves": 1, "bodies": 2,
    "immune": 2, "disease": 2, "diseases": 3, "relapse": 2, "relapses": 3, "headache": 2, "headaches": 2, "ache": 1,
    "aches": 1, "one": 1, "ones": 1, "once": 1, "else": 1, "whole": 1, "while": 1, "cream": 1, "create": 2,
    "real": 1, "really": 2, "said": 1, "says": 1, "through": 1, "business": 2, "evening": 2, "different": 3,
    "several": 3, "average": 3, "family": 3, "usually": 4, "actually": 4, "especially": 4, "fluid": 2, "fluids": 2,
    "reaction": 3, "reactions": 3, "period": 3, "serious": 3, "doctor": 2, "nurse": 1, "nurses": 2, "ivig": 2,
    "diabetes": 4, "nausea": 3, "diarrhoea": 4, "diarrhea": 4, "guideline": 2, "guidelines": 2, "denial": 3, "vial": 2, "vials": 2, "material": 4, "materials": 4,
    "sideline": 2, "lifetime": 2, "home": 1, "homes": 1, "somewhere": 2, "maybe": 2, "safety": 2, "safely": 2,
    "likely": 2, "lifestyle": 2, "grapefruit": 2, "careful": 2, "carefully": 3, "homecare": 2, "takeaway": 3,
    "severely": 3, "rarely": 2, "closely": 2, "extremely": 3, "entirely": 3, "completely": 3, "surely": 2,
    "statement": 2, "statements": 2, "movement": 2, "arrangement": 3, "measurement": 3, "basement": 2,
}


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

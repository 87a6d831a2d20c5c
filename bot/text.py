"""
What is the normal form of what a person typed: letters, words, sentences, spelling?

May not know topics, medicine, or which language is written. Everything takes time in line with the length.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA


@dataclass(frozen=True, slots=True)
class Cleaned:
    """
    A message in normal form.

    `places[i]` is the index in the raw message of the character that became `text[i]`; `lines` holds the
    offsets in `text` where the writer began a new line.
    """

    text: str
    places: Sequence[int]
    lines: tuple[int, ...] = ()

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` stood in the raw message."""
        if start >= end:
            place = self.places[start] if start < len(self.places) else 0
            return place, place
        return self.places[start], self.places[end - 1] + 1


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or a whole sentence, with the offsets where it stands in the text it was cut from."""

    text: str
    start: int
    end: int


# What is typed for one sign but looks like another. Apostrophes and dashes are folded so that "can’t" and
# "can't" are one word. Those marked with "" cannot be seen and are dropped.
_SIGNS = {
    **dict.fromkeys("’‘‛ʼʹ′`´＇ʻ", "'"),
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
    **dict.fromkeys("⁄∕", "/"),
    **dict.fromkeys("\u3164\u115f\u1160\uffa0", ""),
    "\u2800": " ",
    "ß": "ss", "ẞ": "ss", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l",
    "đ": "d", "Đ": "d", "ı": "i", "þ": "th", "Þ": "th", "ð": "d", "Ð": "d", "ħ": "h", "Ħ": "h",
    "。": ". ", "，": ", ", "、": ", ", "；": "; ", "？": "? ", "！": "! ", "؟": "?", "।": ". ",
}  # fmt: skip

# Cyrillic, Greek and other letters that pass for Latin ones.
_LOOK_ALIKES = {
    "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "ғ": "f", "һ": "h", "і": "i", "ї": "i", "ј": "j",
    "к": "k", "ӏ": "l", "м": "m", "н": "h", "о": "o", "р": "p", "ԛ": "q", "г": "r", "ѕ": "s", "т": "t",
    "у": "y", "ѵ": "v", "ԝ": "w", "х": "x", "з": "3", "ь": "b", "α": "a", "ε": "e", "η": "n", "ι": "i",
    "κ": "k", "ν": "v", "ο": "o", "ρ": "p", "τ": "t", "υ": "u", "χ": "x", "ω": "w", "ɡ": "g", "ɑ": "a",
    "ʟ": "l", "ո": "n", "ս": "u", "օ": "o", "ց": "g", "հ": "h",
}  # fmt: skip

_SIMPLE = re.compile(r"[!-_a-~](?:[!-_a-~]| (?=[!-_a-~]))*")
_LETTERS = re.compile(r"[^\W\d_]+")
_MARKS = "\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963"
_WORD = re.compile(rf"\d+(?:[.,]\d+)+|(?:[^\W_]|[{_MARKS}])+(?:'(?:[^\W_]|[{_MARKS}])+)*")
# Begins only where a run of marks begins, and gives nothing back: thousands of dots are looked at once.
_STOP = re.compile(r"(?<![.!?;])[.!?;]++[\"')\]]*+(?=\s|$)")
_LONGEST_DECOMPOSITION = 4


def clean(raw: str) -> Cleaned:
    """
    The normal form of a message: lower case, accents and look-alikes folded, nothing that cannot be seen.

    Vulgar fractions become "1/2" ("1½" becomes "1 1/2"); superscript and subscript digits stay what they are,
    so that 10² is never read as 102. Runs of white space become one space.
    """
    if raw.isascii() and _SIMPLE.fullmatch(raw):
        return Cleaned(raw.lower(), range(len(raw)))

    characters: list[str] = []
    places: list[int] = []
    lines: list[int] = []
    pending_space = -1
    new_line = False
    for place, character in enumerate(raw):
        for folded in _folded(character):
            if folded == " " or folded == "\n":
                pending_space = place if pending_space < 0 else pending_space
                new_line = new_line or folded == "\n"
                continue
            if "fraction" in _kind(character) and places and places[-1] != place and characters[-1].isdigit():
                pending_space = place if pending_space < 0 else pending_space
            if pending_space >= 0 and characters:
                characters.append(" ")
                places.append(pending_space)
            if new_line and characters:
                lines.append(len(characters))
            pending_space, new_line = -1, False
            characters.append(folded)
            places.append(place)
    return Cleaned(_without_look_alikes("".join(characters)), tuple(places), tuple(lines))


@lru_cache(maxsize=4096)
def _kind(character: str) -> str:
    return unicodedata.decomposition(character).partition(" ")[0] if character > "\x7f" else ""


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    """What one character becomes: nothing, itself, or a few plain ones."""
    if "!" <= character <= "~" and character != "`":
        return character.lower()
    if character in "\n\r\v\f\x85\u2028\u2029":
        return "\n"
    if character.isspace():
        return " "
    sign = _SIGNS.get(character)
    if sign is not None:
        return sign
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Cs", "Co", "Me"):
        return ""
    if category == "Cn":
        return " "
    if "\uac00" <= character <= "\ud7a3":
        return character
    if character.isdigit() and _kind(character) in ("<super>", "<sub>"):
        return character
    decomposed = unicodedata.normalize("NFKD", character)
    if len(decomposed) > _LONGEST_DECOMPOSITION:
        return character
    return "".join(_SIGNS.get(part, part.lower()) for part in decomposed if not _is_accent(part))


def _is_accent(character: str) -> bool:
    """Marks that only decorate Latin letters or cannot be seen; vowel signs of other scripts stay."""
    return (
        "\u0300" <= character <= "\u036f"
        or "\u1ab0" <= character <= "\u1aff"
        or "\u1dc0" <= character <= "\u1dff"
        or "\u20d0" <= character <= "\u20ff"
        or "\ufe00" <= character <= "\ufe2f"
        or "\u180b" <= character <= "\u180d"
        or "\u17b4" <= character <= "\u17b5"
        or "\U000e0100" <= character <= "\U000e01ef"
    )


def _without_look_alikes(text: str) -> str:
    """
    The text with foreign letters that pass for Latin ones replaced, where the word or message is Latin.

    A word that is wholly Cyrillic or Greek stays, so that its language can still be seen.
    """
    if text.isascii() or not any(character in _LOOK_ALIKES for character in text):
        return text
    is_latin = any("a" <= character <= "z" for character in text)

    def folded(match: re.Match[str]) -> str:
        run = match.group()
        has_latin = any("a" <= character <= "z" for character in run)
        all_fold = all("a" <= character <= "z" or character in _LOOK_ALIKES for character in run)
        if has_latin or (is_latin and all_fold):
            return "".join(_LOOK_ALIKES.get(character, character) for character in run)
        return run

    return _LETTERS.sub(folded, text)


def words(text: str) -> tuple[Word, ...]:
    """The words of a cleaned text: letters and digits with inner apostrophes; 0.4 and 1,000 are one word."""
    return tuple(Word(match.group(), match.start(), match.end()) for match in _WORD.finditer(text))


# A full stop after one of these ends no sentence.
_ABBREVIATIONS = frozenset(
    ("dr", "mr", "mrs", "ms", "prof", "st", "vs", "eg", "e.g", "ie", "i.e", "approx", "no", "nr", "am",
     "pm", "a.m", "p.m")
)  # fmt: skip


def sentences(text: str | Cleaned) -> tuple[Word, ...]:
    """
    The sentences of a cleaned text, without their end marks' following space.

    Hand in the `Cleaned` to have new lines end sentences as well.
    """
    lines = frozenset(text.lines) if isinstance(text, Cleaned) else frozenset()
    text = text.text if isinstance(text, Cleaned) else text
    ends = {match.end() for match in _STOP.finditer(text) if not _is_abbreviation(text, match)} | lines
    found: list[Word] = []
    start = 0
    for end in (*sorted(ends), len(text)):
        piece = text[start:end]
        if stripped := piece.strip():
            offset = start + len(piece) - len(piece.lstrip())
            found.append(Word(stripped, offset, offset + len(stripped)))
        start = end
    return tuple(found)


def _is_abbreviation(text: str, stop: re.Match[str]) -> bool:
    if stop.group() != ".":
        return False
    begin = text.rfind(" ", 0, stop.start()) + 1
    return stop.end() < len(text) and text[begin : stop.start()] in _ABBREVIATIONS


# How people shorten words in chats. Only what cannot be a word of its own in a question about a treatment.
_CHAT_SPELLINGS = {
    "u": "you", "ur": "your", "r": "are", "im": "i'm", "ive": "i've", "pls": "please", "plz": "please",
    "thx": "thanks", "thnx": "thanks", "tnx": "thanks", "ty": "thank you", "tx": "treatment", "dr": "doctor",
    "doc": "doctor", "docs": "doctors", "wat": "what", "wot": "what", "whats": "what's", "wats": "what's",
    "hows": "how's", "b4": "before", "bc": "because", "cuz": "because", "coz": "because", "cos": "because",
    "bcuz": "because", "becuz": "because", "abt": "about", "cud": "could", "shud": "should", "wud": "would",
    "wen": "when", "wenever": "whenever", "wont": "won't", "cant": "can't", "dont": "don't",
    "didnt": "didn't", "doesnt": "doesn't", "isnt": "isn't", "wasnt": "wasn't", "havent": "haven't",
    "hasnt": "hasn't", "couldnt": "couldn't", "shouldnt": "shouldn't", "wouldnt": "wouldn't",
    "aint": "isn't", "gonna": "going to", "wanna": "want to", "gotta": "have to", "gimme": "give me",
    "kinda": "kind of", "dunno": "don't know", "idk": "i don't know", "hv": "have", "hav": "have",
    "giv": "give", "gud": "good", "nite": "night", "tmrw": "tomorrow", "tmr": "tomorrow",
    "tomoz": "tomorrow", "2moro": "tomorrow", "2day": "today", "2nite": "tonight", "yr": "year",
    "yrs": "years", "wk": "week", "wks": "weeks", "mth": "month", "mths": "months", "hr": "hour",
    "hrs": "hours", "mins": "minutes", "appt": "appointment", "meds": "medicines", "med": "medicine",
    "rx": "prescription", "dx": "diagnosis", "hubby": "husband", "hub": "husband", "mom": "mum",
    "preg": "pregnant", "preggo": "pregnant", "bf": "breastfeeding", "temp": "temperature",
    "bp": "blood pressure", "w": "with", "w/o": "without", "btw": "by the way", "ppl": "people",
    "sth": "something", "smth": "something", "thru": "through", "tho": "though", "nd": "and", "n": "and",
    "da": "the", "dis": "this", "dat": "that", "wd": "with", "wif": "with", "wiv": "with", "frm": "from",
    "hosp": "hospital", "neuro": "neurologist",
}  # fmt: skip


def spelled_out(word: str) -> str:
    """A chat spelling written out ("pls" is "please"); any other word unchanged. May return several words."""
    return _CHAT_SPELLINGS.get(word, word)


_RUN_OF_THREE = re.compile(r"(.)\1\1+")
_RUN_OF_TWO = re.compile(r"(.)\1+")

_SHORTEST_TO_CORRECT = 4
_SHORTEST_FOR_TWO = 8
_KEYBOARD_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _neighbours() -> frozenset[tuple[str, str]]:
    """Pairs of letters that lie side by side on a keyboard."""
    at = {letter: (row, column + row * 0.5) for row, line in enumerate(_KEYBOARD_ROWS)
          for column, letter in enumerate(line)}  # fmt: skip
    return frozenset(
        (one, other)
        for one, (row, column) in at.items()
        for other, (other_row, other_column) in at.items()
        if one != other and abs(row - other_row) <= 1 and abs(column - other_column) <= 1
    )


_NEIGHBOURS = _neighbours()


class Speller:
    """
    Corrects a misspelt word to one of a vocabulary.

    `vocabulary` holds the words one may correct to (a mapping holds how often each is used: the more frequent
    one wins a tie); `known` holds further words that are right as they are, and are never corrected.
    Words under 4 letters or with digits are left alone; one error is mended from 4 letters on, two from 8.
    """

    def __init__(self, vocabulary: Iterable[str] | Mapping[str, int], known: Iterable[str] = ()) -> None:
        counted = dict(vocabulary) if isinstance(vocabulary, Mapping) else dict.fromkeys(vocabulary, 1)
        self._counts: dict[str, int] = {word: count for word, count in counted.items() if word}
        self._known = known if isinstance(known, frozenset) else frozenset(known)
        self._by_deletion: dict[str, tuple[str, ...]] = {}
        self._by_start: dict[tuple[str, int], tuple[str, ...]] = {}
        deletions: dict[str, list[str]] = {}
        starts: dict[tuple[str, int], list[str]] = {}
        for word in sorted(self._counts):
            if len(word) < _SHORTEST_TO_CORRECT - 1 or not word.replace("'", "").isalpha():
                continue
            for shorter in {word, *_deletions(word)}:
                deletions.setdefault(shorter, []).append(word)
            if len(word) >= _SHORTEST_FOR_TWO - 1:
                starts.setdefault((word[0], len(word)), []).append(word)
        self._by_deletion = {shorter: tuple(found) for shorter, found in deletions.items()}
        self._by_start = {start: tuple(found) for start, found in starts.items()}

    def knows(self, word: str) -> bool:
        """Whether the word is right as it is."""
        return word in self._counts or word in self._known

    def correct(self, word: str) -> str | None:
        """The word that was most likely meant, or None when the word is known or nothing is near enough."""
        if self.knows(word) or not word.replace("'", "").isalpha():
            return None
        if _RUN_OF_THREE.search(word):
            for shorter in (_RUN_OF_THREE.sub(r"\1\1", word), _RUN_OF_TWO.sub(r"\1", word)):
                if self.knows(shorter):
                    return shorter
            word = _RUN_OF_THREE.sub(r"\1", word)
        if not _SHORTEST_TO_CORRECT <= len(word) <= 24:
            return None
        return self._nearest(word, self._one_away(word)) or self._nearest(word, self._two_away(word))

    def _one_away(self, word: str) -> list[str]:
        keys = (word, *_deletions(word))
        found = {candidate for key in keys for candidate in self._by_deletion.get(key, ())}
        return [candidate for candidate in found if OSA.distance(word, candidate, score_cutoff=1) <= 1]

    def _two_away(self, word: str) -> list[str]:
        if len(word) < _SHORTEST_FOR_TWO:
            return []
        return [
            candidate
            for length in range(len(word) - 2, len(word) + 3)
            for candidate in self._by_start.get((word[0], length), ())
            if OSA.distance(word, candidate, score_cutoff=2) <= 2
        ]

    def _nearest(self, word: str, candidates: list[str]) -> str | None:
        if not candidates:
            return None
        return min(candidates, key=lambda candidate: (self._unlikeness(word, candidate), candidate))

    def _unlikeness(self, word: str, candidate: str) -> float:
        """How odd it would be to type `word` for `candidate`; used only among equally distant candidates."""
        odd = 0.0 if word[0] == candidate[0] else 2.0
        same_but_doubled = _RUN_OF_TWO.sub(r"\1", word) == _RUN_OF_TWO.sub(r"\1", candidate)
        if same_but_doubled or sorted(word) == sorted(candidate):
            odd -= 1.0
        elif len(word) == len(candidate):
            wrong = [pair for pair in zip(word, candidate, strict=True) if pair[0] != pair[1]]
            odd -= 0.5 if all(pair in _NEIGHBOURS for pair in wrong) else 0.0
        # A word seen a thousand times outweighs a rare one a little; letters weigh more.
        return odd - 0.1 * min(self._counts[candidate], 1000).bit_length()


def _deletions(word: str) -> list[str]:
    return [word[:at] + word[at + 1 :] for at in range(len(word))]

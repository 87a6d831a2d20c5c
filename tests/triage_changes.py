"""
What can be done to a message without making it less urgent: the metamorphic changes.

May not know what triage makes of any of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_THIRD_PERSON = (
    (r"\bi'?m\b", "she's"),
    (r"\bi am\b", "she is"),
    (r"\bi'?ve\b", "she's"),
    (r"\bi have\b", "she has"),
    (r"\bi'?ll\b", "she'll"),
    (r"\bi'?d\b", "she'd"),
    (r"\bam i\b", "is she"),
    (r"\bi\b", "she"),
    (r"\bmy\b", "her"),
    (r"\bme\b", "her"),
    (r"\bmyself\b", "herself"),
)
_PAST = (
    (r"\bis\b", "was"),
    (r"\bare\b", "were"),
    (r"\bhurts\b", "hurt"),
    (r"\bfeels\b", "felt"),
    (r"(?<!can't )\bfeel\b", "felt"),
    (r"\bcan't\b", "couldn't"),
    (r"\bi'm\b", "i was"),
    (r"\bhas gone\b", "went"),
)
_PARAGRAPH = (
    "We set off early because the car park at the hospital fills up fast, and my cousin had packed sandwiches and a "
    "flask of tea. The lady at the desk remembered us from the spring and asked about the garden. The tomatoes did "
    "well this year, the beans less so. We talked about the choir, about the new bus route and about a film that "
    "everybody likes except my neighbour. The unit has new curtains, and the wifi works at last. I read two chapters "
    "of my book, then listened to a podcast on old railways, and somebody brought round a plate of shortbread. "
)
_STORY = _PARAGRAPH * 5


def _mapped(text: str, table: tuple[tuple[str, str], ...]) -> str:
    for pattern, new in table:
        text = re.sub(pattern, new, text, flags=re.IGNORECASE)
    return text


def in_third_person(text: str) -> str:
    """The same told about somebody else."""
    return _mapped(text, _THIRD_PERSON)


def in_the_past(text: str) -> str:
    """The same told afterwards."""
    return _mapped(text, _PAST)


def with_swapped_letters(text: str) -> str:
    """Two neighbouring letters inside every word of six letters or more swapped."""
    return re.sub(r"[A-Za-z]{6,}", lambda word: word[0][:2] + word[0][3] + word[0][2] + word[0][4:], text)


def with_a_letter_missing(text: str) -> str:
    """The last letter but one of every word of eight letters or more left out."""
    return re.sub(r"[A-Za-z]{8,}", lambda word: word[0][:-2] + word[0][-1], text)


def without_punctuation(text: str) -> str:
    """No sentence ends, no commas."""
    return re.sub(r"[.,;:!?]+(?=\s|$)", "", text)


def with_zero_width_characters(text: str) -> str:
    """An invisible character inside every word."""
    return re.sub(r"\b(\w)(\w)", "\\1\u200b\\2", text)


CHANGES: dict[str, Callable[[str], str]] = {
    "in capitals": str.upper,
    "in small letters": str.lower,
    "in the third person": in_third_person,
    "in the past": in_the_past,
    "with swapped letters": with_swapped_letters,
    "with a letter missing": with_a_letter_missing,
    "without punctuation": without_punctuation,
    "with zero-width characters": with_zero_width_characters,
    "with curly apostrophes": lambda text: text.replace("'", "’"),
    "with full-width letters": lambda text: "".join(
        chr(ord(letter) + 0xFEE0) if "a" <= letter <= "z" else letter for letter in text
    ),
    "minimised after": lambda text: f"{text}. It's probably nothing, I don't want to make a fuss.",
    "minimised before": lambda text: f"Not sure this matters, but {text}",
    "played down by a relative": lambda text: f"{text}. My brother says I'm overreacting and should just sleep on it.",
    "laughed off": lambda text: f"{text} lol 😂",
    "with a denied neighbour after": lambda text: f"{text}. No rash and no nausea.",
    "with a denied neighbour before": lambda text: f"I don't have a sore throat. {text}",
    "with a question after": lambda text: f"{text}. Also how do I store the vials?",
    "with thanks before": lambda text: f"Hi, thanks for this bot! {text}",
    "at the start of a story": lambda text: f"{text}. {_STORY}",
    "in the middle of a story": lambda text: f"{_PARAGRAPH * 2}{text}. {_PARAGRAPH * 3}",
    "at the end of a story": lambda text: f"{_STORY}{text}",
}

# Changes of English words, not done to messages in other languages or misspelt already.
ENGLISH_ONLY = frozenset({"with swapped letters", "with a letter missing", "in the third person", "in the past"})

"""
What is the normal form of a text with amounts, and which numbers, words and signs does it hold?

May not know units or what amounts mean. Time is in line with the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

LONGEST_TEXT = 20_000
BROKEN = "¤"  # stands for a sign that makes the number beside it unreadable, such as a superscript digit

_SIGNS = {
    **dict.fromkeys("’‘‛ʼʹ′`´＇ʻ", "'"),
    **dict.fromkeys("“”„‟″", '"'),
    **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
    **dict.fromkeys("⁄∕÷\\", "/"),
    **dict.fromkeys("×✕✖∗*·⋅", " x "),
    "µ": "u", "μ": "u", "٫": ".", "٬": ",", "，": ",", "．": ".", "٪": "%", "㎏": "kg", "㎎": "mg", "㎖": "ml",
    "㎝": "cm", "㏄": "ml", "＄": "$", "￡": "£", "ß": "ss",
}  # fmt: skip
_VULGAR = {
    "½": (1, 2), "¼": (1, 4), "¾": (3, 4), "⅓": (1, 3), "⅔": (2, 3), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8),
    "⅞": (7, 8), "⅕": (1, 5), "⅖": (2, 5), "⅗": (3, 5), "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6), "⅒": (1, 10),
}  # fmt: skip
FRACTIONS = {sign: Decimal(over) / Decimal(under) for sign, (over, under) in _VULGAR.items()}

# 0·4 is 0.4 in older British print and 0 times 4 elsewhere: nothing is made of it.
_RAISED_DOT = re.compile(r"(?<=\d)[·⋅](?=\d)")

_TOKEN = re.compile(
    r"(?P<number>\d+(?:[.,]\d+|'\d{3}(?!\d))*)"
    r"|(?P<fraction>[½¼¾⅓⅔⅛⅜⅝⅞⅕⅖⅗⅘⅙⅚⅒])"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<sign>\S)"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A number, a fraction sign, a word or another sign; `glued` where no space stands before it."""

    kind: str
    text: str
    start: int
    end: int
    glued: bool


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    if " " < character <= "~" and character not in "`*\\":
        return character.lower()
    if character.isspace():
        return " "
    if character in _SIGNS:
        return _SIGNS[character]
    if character in FRACTIONS:
        return character
    figure = unicodedata.decimal(character, None)
    if figure is not None:
        return str(figure)
    if character.isdigit() or character.isnumeric():
        return BROKEN
    if unicodedata.category(character) in ("Cc", "Cf", "Mn", "Me"):
        return ""
    plain = unicodedata.normalize("NFKD", character)
    return "".join(part for part in plain if not unicodedata.combining(part)).lower() if len(plain) <= 4 else " "


def normal(text: str) -> str:
    """The text in lower case with plain digits, signs and single spaces; nothing invisible stays."""
    return " ".join("".join(map(_folded, _RAISED_DOT.sub(BROKEN, text[:LONGEST_TEXT]))).split())


def tokens(text: str) -> list[Token]:
    """The tokens of a text in its normal form."""
    found: list[Token] = []
    end = -1
    for match in _TOKEN.finditer(text):
        found.append(Token(match.lastgroup or "sign", match.group(), match.start(), match.end(), match.start() == end))
        end = match.end()
    return found

"""
Which number stands here, in digits, fractions or words, and can it be read in two ways?

May not know units or what is counted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.quantities.tokens import BROKEN, FRACTIONS, Token

_ONES = {
    "zero": 0, "nought": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
NUMBER_WORDS = frozenset((*_ONES, *_TENS, "hundred", "thousand", "point", "half", "oh"))
_GREAT = {"hundred": 100, "thousand": 1000}
_LONGEST_IN_WORDS = 12
_SPLIT = re.compile(r"[.,']")
_PARTS_OF_ONE = {2, 3, 4, 5, 8}


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as read: all its readings (none where it is broken), and the place of the token behind it."""

    readings: tuple[Decimal, ...]
    end: int
    in_words: bool = False
    is_broken: bool = False


def digits(text: str) -> tuple[Decimal, ...]:
    """
    The readings of a run of digits with separators: "70,5" has one, "1.000" and "70,500" have two, "1.2.3" none.

    The first of two readings is the one with decimals.
    """
    groups = _SPLIT.split(text)
    marks = _SPLIT.findall(text)
    if not marks:
        return (Decimal(text),)
    in_threes = all(len(group) == 3 for group in groups[1:]) and len(groups[0]) <= 3 and not groups[0].startswith("0")
    if len(marks) == 1:
        with_decimals = Decimal(f"{groups[0]}.{groups[1]}")
        if marks[0] == "'":
            return (Decimal("".join(groups)),) if in_threes else ()
        return (with_decimals, Decimal("".join(groups))) if in_threes else (with_decimals,)
    if len(set(marks)) == 1:
        return (Decimal("".join(groups)),) if in_threes else ()
    whole_in_threes = all(len(group) == 3 for group in groups[1:-1]) and len(groups[0]) <= 3
    if len(set(marks[:-1])) == 1 and whole_in_threes and marks[-1] != "'":
        return (Decimal("".join(groups[:-1]) + "." + groups[-1]),)
    return ()


def _text(found: Sequence[Token], place: int) -> str:
    return found[place].text if 0 <= place < len(found) else ""


def _small_fraction(found: Sequence[Token], place: int) -> tuple[Decimal, int] | None:
    """A fraction written 1/2, or as one sign, at this place."""
    if place >= len(found):
        return None
    if found[place].kind == "fraction":
        return FRACTIONS[found[place].text], place + 1
    over, mark, under = _text(found, place), _text(found, place + 1), _text(found, place + 2)
    if mark != "/" or len(over) != 1 or len(under) != 1 or not (over + under).isdigit():
        return None
    is_part = int(under) in _PARTS_OF_ONE and 0 < int(over) < int(under)
    return (Decimal(over) / Decimal(under), place + 3) if is_part else None


def _in_digits(found: Sequence[Token], place: int) -> Numeral:
    token = found[place]
    readings = digits(token.text)
    end = place + 1
    # 1 000 with a space: thousands, where each further group has three digits and a word follows them.
    if token.text.isdigit() and len(token.text) <= 3 and not token.text.startswith("0"):
        groups, stop = [token.text], end
        while stop < len(found) and found[stop].kind == "number" and len(found[stop].text) == 3 and len(groups) < 5:
            if not found[stop].text.isdigit() or found[stop].glued:
                break
            groups.append(found[stop].text)
            stop += 1
        if len(groups) > 1 and stop < len(found) and found[stop].kind == "word":
            return Numeral((Decimal("".join(groups)),), stop)
    if _text(found, end) == BROKEN:
        return Numeral((), end + 1, is_broken=True)
    if _text(found, end) == "e" and found[end].glued and end + 1 < len(found) and found[end + 1].glued:
        return Numeral((), end + 2, is_broken=True)
    if _is_joined_oddly(found, end):
        return Numeral((), end + 2, is_broken=True)
    if not readings:
        return Numeral((), end, is_broken=True)
    if len(readings) == 1 and _text(found, end) in _GREAT:
        return _with_great_word(readings[0], found, end)
    if len(readings) == 1 and readings[0] == readings[0].to_integral_value():
        joined = end + 1 if _text(found, end) in ("and", "&") else end
        fraction = _small_fraction(found, joined)
        if fraction is None and _text(found, joined) in ("a", "1") and _text(found, joined + 1) == "half":
            fraction = (Decimal("0.5"), joined + 2)
        if fraction is None and joined > end and _text(found, joined) == "half":
            fraction = (Decimal("0.5"), joined + 1)
        if fraction is not None:
            return Numeral((readings[0] + fraction[0],), fraction[1])
    return Numeral(readings, end)


def _is_joined_oddly(found: Sequence[Token], end: int) -> bool:
    """1_070 and 0x46 are a programmer's numbers; nothing is made of their pieces."""
    if end + 1 >= len(found) or not (found[end].glued and found[end + 1].glued and found[end + 1].kind == "number"):
        return False
    return found[end].text == "_" or (found[end].text == "x" and found[end - 1].text == "0")


def _with_great_word(value: Decimal, found: Sequence[Token], place: int) -> Numeral:
    """2 hundred, 1 hundred and fifty, 2 thousand."""
    great = _GREAT[_text(found, place)]
    value, end = value * great, place + 1
    rest = _in_words(found, end + 1 if _text(found, end) == "and" else end)
    if rest is not None and rest.is_broken:
        return rest
    if rest is not None and rest.readings[0] < great:
        return Numeral((value + rest.readings[0],), rest.end)
    return Numeral((value,), end)


def _decimals_in_words(found: Sequence[Token], place: int) -> tuple[str, int]:
    figures = ""
    while True:
        word = _text(found, place)
        if word in ("o", "oh"):
            figures += "0"
        elif word in _ONES and _ONES[word] < 10:
            figures += str(_ONES[word])
        elif word in _TENS and not figures:
            figures += str(_TENS[word])
        elif word.isdigit() and not figures and found[place].kind == "number":
            figures += word
        else:
            break
        place += 1
    return figures, place


def _joins(word: str, following: str, so_far: int) -> bool:
    """Whether "and" or a hyphen goes on with the number: a hundred and four, fifty-four."""
    if word == "and":
        return following in (_ONES | _TENS) and so_far % 100 == 0
    return word == "-" and following in _ONES and so_far % 100 >= 20


def _spoken_hundreds(found: Sequence[Token], place: int) -> Numeral | None:
    """
    One fifty-four for 154, one oh five for 105.

    "Two twenty gram bottles" sounds the same, so both readings are handed on.
    """
    hundreds = _ONES.get(_text(found, place), 0)
    if not 1 <= hundreds <= 9:
        return None
    following = _text(found, place + 1)
    at = place + 2 if following in ("o", "oh") and _ONES.get(_text(found, place + 2), 10) < 10 else place + 1
    if at == place + 1 and following not in _TENS and not 10 <= _ONES.get(following, 0) <= 19:
        return None
    rest = _in_words(found, at)
    if rest is not None and rest.is_broken:
        return rest
    if rest is None or not 0 < rest.readings[0] < 100:
        return None
    return Numeral((hundreds * 100 + rest.readings[0], rest.readings[0]), rest.end, in_words=True)


def _in_words(found: Sequence[Token], place: int) -> Numeral | None:
    """Seventy; a hundred and fifty-four; one point five; point four; half."""
    start, total, current, seen = place, 0, 0, False
    while place < len(found) and place - start < _LONGEST_IN_WORDS:
        word = found[place].text
        if word in _ONES and (not seen or current % (10 if _ONES[word] < 10 else 100) == 0) and current % 100 != 10:
            current += _ONES[word]
        elif word in _TENS and current % 100 == 0:
            current += _TENS[word]
        elif word == "hundred" and current < 10 and (seen or place == start):
            current = max(current, 1) * 100
        elif word == "thousand" and current > 0 and total == 0:
            total, current = current * 1000, 0
        elif seen and _joins(word, _text(found, place + 1), current):
            place += 1
            continue
        else:
            break
        seen = True
        place += 1
    if seen and _text(found, place) in (_ONES | _TENS):
        # "One five four pounds" is no sum of its words; nothing is made of the last of them.
        stop = place + _LONGEST_IN_WORDS
        while place < stop and _text(found, place) in NUMBER_WORDS:
            place += 1
        return Numeral((), place, in_words=True, is_broken=True)
    whole = Decimal(total + current)
    if _text(found, place) == "point":
        figures, end = _decimals_in_words(found, place + 1)
        if figures:
            return Numeral((whole + Decimal(f"0.{figures}"),), end, in_words=True)
    if not seen:
        return None
    if _text(found, place) == "and" and _text(found, place + 1) in ("a", "") and _text(found, place + 2) == "half":
        return Numeral((whole + Decimal("0.5"),), place + 3, in_words=True)
    fraction = _small_fraction(found, place) if place < len(found) and found[place].kind == "fraction" else None
    if fraction is not None:
        return Numeral((whole + fraction[0],), fraction[1], in_words=True)
    return Numeral((whole,), place, in_words=True)


def numeral(found: Sequence[Token], place: int) -> Numeral | None:
    """The number that begins at this token, or None."""
    if place >= len(found):
        return None
    token = found[place]
    if token.kind == "number":
        fraction = _small_fraction(found, place)
        if fraction is not None and _text(found, fraction[1]) != "/":
            return Numeral((fraction[0],), fraction[1])
        return _in_digits(found, place)
    if token.kind == "fraction":
        return Numeral((FRACTIONS[token.text],), place + 1)
    if token.text in (".", ",") and place + 1 < len(found) and found[place + 1].glued:
        follower = found[place + 1]
        if follower.kind == "number" and (not token.glued or place == 0) and follower.text.isdigit():
            return Numeral((Decimal(f"0.{follower.text}"),), place + 2)
        return None
    if token.text == "half":
        end = place + 2 if _text(found, place + 1) in ("a", "of", "an") else place + 1
        return Numeral((Decimal("0.5"),), end, in_words=True)
    if token.text == "a" and _text(found, place + 1) == "hundred":
        return _in_words(found, place + 1)
    if token.kind == "word":
        return _spoken_hundreds(found, place) or _in_words(found, place)
    return None

"""
Which day is written here, and can day and month be read either way round?

May not know today's date, nor what happens on the day.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass

from bot.quantities.amounts import Day
from bot.quantities.tokens import Token
from bot.quantities.units import UNIT_OF

_NAMES = {
    name: month
    for month, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
            "september sept sep", "october oct", "november nov", "december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_RELATIVE = {"today": 0, "tomorrow": 1, "yesterday": -1}
_ORDINALS = frozenset(("st", "nd", "rd", "th"))
_SEPARATED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})")
_LEAP_YEAR = 2024
_FIRST_YEAR, _LAST_YEAR = 1900, 2199


@dataclass(frozen=True, slots=True)
class WrittenDay:
    """A date as read: one reading, two where the order is open, none where there is no such day."""

    days: tuple[Day, ...]
    end: int


def exists(year: int | None, month: int, day: int) -> bool:
    """Whether the calendar has such a day; without a year 29 February counts."""
    if not 1 <= month <= 12 or (year is not None and not _FIRST_YEAR <= year <= _LAST_YEAR):
        return False
    return 1 <= day <= monthrange(year or _LEAP_YEAR, month)[1]


def _word(found: Sequence[Token], place: int) -> str:
    return found[place].text if 0 <= place < len(found) else ""


def _small(found: Sequence[Token], place: int) -> int | None:
    text = _word(found, place)
    return int(text) if text.isdigit() and len(text) <= 2 else None


def _year(found: Sequence[Token], place: int) -> tuple[int | None, int]:
    """
    A year of four digits here, after a comma or "of" where there is one.

    One that no calendar here has is handed on too: "3 Nov 2222" is no day of this year.
    """
    at = place + 1 if _word(found, place) in (",", "of") else place
    text = _word(found, at)
    if text.isdigit() and len(text) == 4 and text[0] != "0" and _word(found, at + 1) not in UNIT_OF:
        return int(text), at + 1
    return None, place


def _one(year: int | None, month: int, day: int, end: int) -> WrittenDay:
    return WrittenDay((Day(month, day, year),) if exists(year, month, day) else (), end)


def _either_way(first: int, second: int, year: int | None, end: int) -> WrittenDay:
    """The American reading (month first) and the other one, where both exist and differ."""
    readings = {Day(first, second, year): None, Day(second, first, year): None}
    return WrittenDay(tuple(day for day in readings if exists(day.year, day.month, day.day)), end)


def _full_year(text: str) -> int | None:
    if not text.isdigit() or len(text) not in (2, 4):
        return None
    return int(text) + 2000 if len(text) == 2 else int(text)


def _named(found: Sequence[Token], place: int) -> WrittenDay | None:
    """3 Nov 2026, 3rd of November, November 3, Nov 3rd 2026."""
    day = _small(found, place)
    if day is not None:
        at = place + 1
        at += 1 if _word(found, at) in _ORDINALS else 0
        at += 1 if _word(found, at) in ("of", "-", "/", ".") else 0
        month = _NAMES.get(_word(found, at))
        if month is None:
            return None
        at += 1
        at += 1 if _word(found, at) in ("-", "/", ".") and _word(found, at + 1).isdigit() else 0
        year, end = _year(found, at)
        return _one(year, month, day, end)
    month = _NAMES.get(_word(found, place))
    if month is None:
        return None
    at = place + 1
    at += 1 if _word(found, at) in (".", "the") else 0
    day = _small(found, at)
    if day is None:
        return None
    at += 1
    at += 1 if _word(found, at) in _ORDINALS else 0
    if _word(found, at) in ("kg", "kgs", "lb", "lbs", "g", "mg", "%", "days", "weeks", "/"):
        return None
    year, end = _year(found, at)
    return _one(year, month, day, end)


def written_day(found: Sequence[Token], place: int) -> WrittenDay | None:
    """The date that begins at this token, or None."""
    word = _word(found, place)
    if word in _RELATIVE:
        return WrittenDay((Day(relative=_RELATIVE[word]),), place + 1)
    named = _named(found, place)
    if named is not None:
        return named
    if found[place].kind != "number":
        return None
    dotted = _SEPARATED.fullmatch(word)
    if dotted is not None:
        first, second, year = int(dotted[1]), int(dotted[2]), _full_year(dotted[3])
        return _one(year, second, first, place + 1)
    mark = _word(found, place + 1)
    if mark not in ("/", "-") or not found[place + 1].glued or place + 2 >= len(found) or not found[place + 2].glued:
        return None
    middle = _small(found, place + 2)
    third_mark, third = _word(found, place + 3), _word(found, place + 4)
    is_three = third_mark == mark and third.isdigit() and found[place + 4].glued and found[place + 3].glued
    if middle is not None and len(word) == 4 and word.isdigit() and is_three and len(third) <= 2:
        return _one(int(word), middle, int(third), place + 5)
    first_number = _small(found, place)
    if first_number is None or middle is None:
        return None
    if is_three and _full_year(third) is not None:
        return _either_way(first_number, middle, _full_year(third), place + 5)
    if mark == "/" and third_mark != "/" and len(_word(found, place + 2)) == 2:
        # 11/03 is a date; 1/2 is a fraction and 120/80 a blood pressure.
        either = _either_way(first_number, middle, None, place + 3)
        return either if either.days else None
    return None

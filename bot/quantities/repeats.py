"""
How many times, or how often, does something happen here: twice, 5 times, days 1 to 5, four-weekly, twice a year?

May not know what happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.quantities.amounts import Kind
from bot.quantities.numbers import numeral
from bot.quantities.tokens import Token
from bot.quantities.units import UNIT_OF, unit_at

_ALONE = {"twice": 2, "thrice": 3}
_PERIODS = {"daily": "day", "weekly": "week", "monthly": "month", "yearly": "year", "annually": "year"}
_PER = frozenset(("a", "an", "per", "each", "every", "in", "/"))
_COMPARED = frozenset(("as", "more", "the", "higher", "what", "that", "my", "less", "lower"))
_DAYS = frozenset(("day", "days"))
_AND = frozenset((",", "and", "&", "+"))
_MONTHS_IN_A_YEAR = 12
_MOST = 60


@dataclass(frozen=True, slots=True)
class Repeat:
    """A count, a number of days or an interval; two values where it can be read two ways, none where in no way."""

    kind: Kind
    values: tuple[Decimal, ...]
    unit: str
    role: str
    end: int


def repeat_at(found: Sequence[Token], place: int) -> Repeat | None:
    """The repetition that begins at this token, or None."""
    return _span_of_days(found, place) or _weekly(found, place) or _times_over(found, place)


def _word(found: Sequence[Token], place: int) -> str:
    return found[place].text if place < len(found) else ""


def _whole(found: Sequence[Token], place: int) -> tuple[int, int] | None:
    """A whole number from 1 to 60 at this token, and the place behind it."""
    value = numeral(found, place)
    if value is None or len(value.readings) != 1:
        return None
    number = value.readings[0]
    if number != number.to_integral_value() or not 1 <= number <= _MOST:
        return None
    return int(number), value.end


def _span_of_days(found: Sequence[Token], place: int) -> Repeat | None:
    """Days 1-5: both ends count. Day 1 and day 2; days 1, 3 and 5: as many as are named."""
    if _word(found, place) not in _DAYS:
        return None
    first = _whole(found, place + 1)
    if first is None:
        return None
    if _word(found, first[1]) in ("-", "to", "through", "until"):
        last = _whole(found, _past(found, first[1] + 1, _DAYS))
        if last is None or last[0] <= first[0]:
            return None
        return Repeat(Kind.DURATION, (Decimal(last[0] - first[0] + 1),), "day", "for", last[1])
    named, (day, end) = 1, first
    while named < _MOST and _word(found, end) in _AND:
        following = _whole(found, _past(found, _past(found, end, _AND), _DAYS))
        if following is None or following[0] <= day or _belongs_elsewhere(found, following[1]):
            break
        named, (day, end) = named + 1, following
    return Repeat(Kind.DURATION, (Decimal(named),), "day", "for", end) if named > 1 else None


def _belongs_elsewhere(found: Sequence[Token], end: int) -> bool:
    """Whether a number that could be a further day has a unit of its own: "on days 1 and 2, 55 kg"."""
    return unit_at(found, end) is not None or _word(found, end) in ("%", "/", "-", "x", "$", "€", "£", "'")


def _past(found: Sequence[Token], place: int, words: frozenset[str]) -> int:
    """The place behind at most two of these words."""
    for _ in range(2):
        place += 1 if _word(found, place) in words else 0
    return place


def _weekly(found: Sequence[Token], place: int) -> Repeat | None:
    """
    Four-weekly is every four weeks; "four weekly" may also be four of them, one a week.

    Two readings are handed on where there is no hyphen.
    """
    count = _whole(found, place)
    if count is None or count[0] == 1:
        return None
    has_hyphen = _word(found, count[1]) == "-"
    at = count[1] + 1 if has_hyphen else count[1]
    unit = _PERIODS.get(_word(found, at))
    if unit is None:
        return None
    values = (Decimal(count[0]),) if has_hyphen else (Decimal(count[0]), Decimal(1))
    return Repeat(Kind.INTERVAL, values, unit, "every", at + 1)


def _times_over(found: Sequence[Token], place: int) -> Repeat | None:
    """Twice, 5 times; twice a year is every 6 months; how often a week or a month is not turned into anything."""
    word = _word(found, place)
    if word in _ALONE:
        number, end = _ALONE[word], place + 1
    else:
        count = _whole(found, place)
        if count is None or _word(found, count[1]) != "times":
            return None
        number, end = count[0], count[1] + 1
    following = _word(found, end)
    if following in _COMPARED:
        return Repeat(Kind.OTHER, (), "", "", end)
    period = _PERIODS.get(following)
    if period is None and following in _PER:
        end += 1
        period = UNIT_OF.get(_word(found, end))
    if period is None:
        return Repeat(Kind.COUNT, (Decimal(number),), "", "times", end)
    if period == "year" and _MONTHS_IN_A_YEAR % number == 0:
        return Repeat(Kind.INTERVAL, (Decimal(_MONTHS_IN_A_YEAR // number),), "month", "every", end + 1)
    return Repeat(Kind.OTHER, (), "", "", end + 1)

"""
How often, how long and how many times, in the words around a number: every 4 weeks, over 5 days, x5?

May not know what happens so often.
"""

from __future__ import annotations

from decimal import Decimal

from bot.quantities.amounts import Doubt, Kind
from bot.quantities.findings import Findings
from bot.quantities.numbers import Numeral, numeral
from bot.quantities.repeats import repeat_at
from bot.quantities.units import UNIT_OF, Unit, unit_at

CALENDAR = frozenset(("day", "week", "month", "year"))
CONSECUTIVE = frozenset(("consecutive", "straight", "successive", "full", "whole", "running", "separate"))
_ALONE = {
    "daily": ("1", "day"), "weekly": ("1", "week"), "fortnightly": ("2", "week"), "monthly": ("1", "month"),
    "yearly": ("1", "year"), "annually": ("1", "year"), "quarterly": ("3", "month"), "bimonthly": ("2", "month"),
}  # fmt: skip


def interval(found: Findings, place: int) -> int | None:
    """Monthly, q3w, every 4 weeks, once a month, a month."""
    word = found.word(place)
    if word in _ALONE and found.word(place + 1) != "cost":
        value, unit = _ALONE[word]
        return found.add(Kind.INTERVAL, (Decimal(value),), unit, place, place + 1, role="every")
    if word == "q" and found.kind(place + 1) == "number":
        count = numeral(found.tokens, place + 1)
        unit = UNIT_OF.get(found.word(count.end), "") if count is not None else ""
        if count is not None and unit in CALENDAR:
            return found.add(Kind.INTERVAL, count.readings, unit, place, count.end + 1, role="every")
        return None
    if word == "once" and found.word(place + 1) in ("a", "per", "every", "each", "in"):
        return _counted(found, place, place + 2, Decimal(1))
    if word in ("every", "each"):
        following = found.word(place + 1)
        if following in ("other", "second"):
            return _counted(found, place, place + 2, Decimal(2))
        if following == "single":
            return _counted(found, place, place + 2, Decimal(1))
        return _counted(found, place, place + 1, Decimal(1))
    if word in ("per", "/", "a") and UNIT_OF.get(found.word(place + 1)) in ("month", "year", "week"):
        return _counted(found, place, place + 1, Decimal(1))
    return None


def _counted(found: Findings, place: int, at: int, alone: Decimal) -> int | None:
    count = numeral(found.tokens, at)
    second: Numeral | None = None
    if count is not None:
        at = count.end
        if found.word(at) in ("-", "to", "or"):
            second = numeral(found.tokens, at + 1)
            at = second.end if second is not None else at
        at += 1 if found.word(at) == "-" else 0
    unit = UNIT_OF.get(found.word(at), "")
    if unit not in CALENDAR:
        return None
    values = (alone,) if count is None else count.readings
    if second is not None:
        readings = (*values, *second.readings)
        return found.add(Kind.INTERVAL, readings, unit, place, at + 1, role="every", doubt=Doubt.RANGE)
    return found.add(Kind.INTERVAL, values, unit, place, at + 1, role="every")


def times(found: Findings, place: int) -> int | None:
    """x 5, x5d, times 5."""
    if found.word(place) not in ("x", "times"):
        return None
    count = numeral(found.tokens, place + 1)
    if count is None or len(count.readings) != 1:
        return None
    at = count.end + 1 if found.word(count.end) in CONSECUTIVE else count.end
    unit = unit_at(found.tokens, at)
    if unit is not None and unit.text in CALENDAR:
        return found.add(Kind.DURATION, count.readings, unit.text, place, unit.end, role="for")
    if unit is not None and unit.kind == Kind.COUNT:
        return found.add(Kind.COUNT, count.readings, unit.text, place, unit.end, per=unit.per, role="times")
    is_whole = count.readings[0] == count.readings[0].to_integral_value()
    if unit is not None or found.word(count.end) == "%" or not is_whole:
        return None
    return found.add(Kind.COUNT, count.readings, "", place, count.end, role="times")


def repeated(found: Findings, place: int) -> int | None:
    """Twice, 5 times, days 1 to 5, four-weekly."""
    repeat = repeat_at(found.tokens, place)
    if repeat is None:
        return None
    doubt = Doubt.UNIT if len(repeat.values) > 1 else None
    return found.add(repeat.kind, repeat.values, repeat.unit, place, repeat.end, role=repeat.role, doubt=doubt)


def duration(found: Findings, value: Numeral, unit: Unit, place: int) -> int:
    """5 days, and whether they are counted on, back, or again and again."""
    role, end = found.role(place), unit.end
    if found.word(end) in ("ago", "later", "earlier"):
        role, end = "ago", end + 1
    elif role == "every":
        return found.add(Kind.INTERVAL, value.readings, unit.text, place, end, role=role)
    return found.add(Kind.DURATION, value.readings, unit.text, place, end, role=role)

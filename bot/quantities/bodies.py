"""
How heavy, how tall and how old is somebody, in the ways that only people are measured: stones, feet, years?

May not know units of medicines, nor whose body it is.
"""

from __future__ import annotations

from decimal import Decimal

from bot.quantities.amounts import INCHES_IN_A_FOOT, POUNDS_IN_A_STONE, Doubt, Kind, Quantity
from bot.quantities.findings import Findings
from bot.quantities.numbers import Numeral, numeral
from bot.quantities.units import UNIT_OF

OUNCES_IN_A_POUND = 16
_OLD = frozenset(("old", "yo"))
_WEIGHING = frozenset(("weigh", "weighs", "weighing", "weight", "weighed", "wt", "wgt"))
_NOT_WEIGHING = frozenset(
    ("gain", "gained", "lost", "lose", "loss", "losing", "put", "bmi", "age", "aged", "igg", "iga", "bp", "height",
     "tall", "dose", "since", "ago", "years", "old", "by", "under", "below")
)  # fmt: skip
_LOOK_BACK = 5


def measure(found: Findings, value: Numeral, place: int, end: int) -> int | None:
    """The age, weight or height whose number ends here, or None."""
    for way in (_age, _stone, _pounds, _feet):
        stop = way(found, value, place, end)
        if stop is not None:
            return stop
    return None


def _age(found: Findings, value: Numeral, place: int, end: int) -> int | None:
    """45 years old, a 45-year-old, 45 yo, aged 45."""
    at = end
    if UNIT_OF.get(found.word(at)) in ("year", "month"):
        at += 1
        at += 1 if found.word(at) in ("-", "s") else 0
        if found.word(at) == "/" and found.word(at + 1) == "o":
            return found.add(Kind.AGE, value.readings, "year", place, at + 2)
        at += 1 if found.word(at) == "of" and found.word(at + 1) == "age" else 0
        if found.word(at) in ("old", "age"):
            return found.add(Kind.AGE, value.readings, "year", place, at + 1)
        return None
    if found.word(at) in _OLD:
        return found.add(Kind.AGE, value.readings, "year", place, at + 1)
    if found.word(place - 1) in ("aged", "age") or (
        found.word(place - 1) in ("is", "of", ":", "=") and found.word(place - 2) == "age"
    ):
        return found.add(Kind.AGE, value.readings, "year", place, value.end)
    return None


def _stone(found: Findings, value: Numeral, place: int, end: int) -> int | None:
    """11 stone 4, 11st4lb, 11½ stone; "21st" alone is a place in a row."""
    if UNIT_OF.get(found.word(end)) != "st":
        return None
    whole = value.readings[0] if len(value.readings) == 1 else None
    if whole is None:
        return found.add(Kind.MASS, value.readings, "st", place, end + 1)
    at = end + 1
    at += 1 if found.word(at) in (",", "and") and found.kind(at + 1) == "number" else 0
    rest = numeral(found.tokens, at)
    if rest is not None and rest.is_broken and at == end + 1:
        return found.add(Kind.MASS, (), "st", place, rest.end)
    further = UNIT_OF.get(found.word(rest.end)) if rest is not None else None
    if rest is not None and (further == "lb" or (further is None and _may_be_pounds(found, rest, at, end))):
        stop = rest.end + 1 if further == "lb" else rest.end
        if len(rest.readings) == 1 and 0 <= rest.readings[0] < POUNDS_IN_A_STONE and whole == whole.to_integral():
            pounds = rest.readings[0] if whole >= 0 else -rest.readings[0]
            return found.add(Kind.MASS, (whole * POUNDS_IN_A_STONE + pounds,), "st lb", place, stop)
        return found.add(Kind.MASS, (), "st lb", place, stop)
    if found.word(end) == "st" and found.glued(end) and whole % 10 == 1 and whole != 11:
        return found.add(Kind.OTHER, (), "", place, end + 1)
    return found.add(Kind.MASS, (whole,), "st", place, end + 1)


def _may_be_pounds(found: Findings, rest: Numeral, at: int, end: int) -> bool:
    """Whether a bare number behind "stone" is its pounds: right after it, below 14, and nothing else follows."""
    is_next = at == end + 1 or found.word(end + 1) == "and"
    if not is_next or len(rest.readings) != 1 or (rest.in_words and rest.readings[0] >= POUNDS_IN_A_STONE):
        return False
    following = found.word(rest.end)
    return rest.readings[0] < POUNDS_IN_A_STONE and following not in ("/", "%", "-", "x", "$", "€", "£", ":", "'")


def _pounds(found: Findings, value: Numeral, place: int, end: int) -> int | None:
    """154 lb 8 oz is 154.5 lb."""
    if UNIT_OF.get(found.word(end)) != "lb" or len(value.readings) != 1:
        return None
    ounces = numeral(found.tokens, end + 1)
    if ounces is None or len(ounces.readings) != 1 or UNIT_OF.get(found.word(ounces.end)) != "oz":
        return None
    pounds = value.readings[0] + ounces.readings[0] / OUNCES_IN_A_POUND
    return found.add(Kind.MASS, (pounds,), "lb", place, ounces.end + 1)


def _feet(found: Findings, value: Numeral, place: int, end: int) -> int | None:
    """5'4", 5 ft 4, 5 feet 4 inches, 1m63."""
    word = found.word(end)
    if word == "m":
        return _metres(found, value, place, end)
    is_mark = word == "'" and found.glued(end)
    if (UNIT_OF.get(word) != "ft" and not is_mark) or len(value.readings) != 1:
        return None
    feet = value.readings[0]
    rest = numeral(found.tokens, end + 1)
    following = found.word(rest.end) if rest is not None else ""
    closes = following in ("in", "ins", "inch", "inches", '"', "'")
    ends_here = closes or (UNIT_OF.get(following) is None and following not in ("/", "%", "-"))
    if rest is not None and len(rest.readings) == 1 and 0 <= rest.readings[0] < INCHES_IN_A_FOOT and ends_here:
        stop = rest.end + (2 if following == "'" and found.word(rest.end + 1) == "'" else 1 if closes else 0)
        unit = "ft in" if feet == feet.to_integral_value() else "in"
        return found.add(Kind.LENGTH, (feet * INCHES_IN_A_FOOT + rest.readings[0],), unit, place, stop)
    if rest is not None and closes and not rest.in_words:
        # 5'12" has more inches than a foot: nothing is made of it.
        return found.add(Kind.LENGTH, (), "in", place, rest.end + 1)
    if is_mark and found.kind(end + 1) == "word":
        return None
    if feet != feet.to_integral_value():
        # 5.4 ft may be 5 feet 4 inches, or four tenths of a foot.
        whole, tenths = divmod(feet, 1)
        inches = Decimal(str(tenths).partition(".")[2].rstrip("0") or "0")
        readings = (Quantity(feet, "ft"), Quantity(whole * INCHES_IN_A_FOOT + inches, "ft in"))
        return found.keep(Kind.LENGTH, readings, place, end + 1, doubt=Doubt.UNIT)
    return found.add(Kind.LENGTH, (feet * INCHES_IN_A_FOOT,), "ft in", place, end + 1)


def _metres(found: Findings, value: Numeral, place: int, end: int) -> int | None:
    """1m63, 1.63 m; a bigger number in front of "m" is no height."""
    if len(value.readings) != 1:
        return None
    rest = found.word(end + 1)
    if found.glued(end) and found.glued(end + 1) and rest.isdigit() and len(rest) == 2:
        return found.add(Kind.LENGTH, (value.readings[0] * 100 + Decimal(rest),), "cm", place, end + 2)
    if Decimal(1) < value.readings[0] < 3 and UNIT_OF.get(rest) is None:
        return found.add(Kind.LENGTH, value.readings, "m", place, end + 1)
    return None


def bare_weight(found: Findings, value: Numeral, place: int) -> int | None:
    """A number without a unit where weighing is spoken of: a weight with both readings."""
    if not _speaks_of_weighing(found, value, place):
        return None
    units = {UNIT_OF.get(found.word(place - back)) for back in range(1, _LOOK_BACK)} & {"kg", "lb"}
    if len(units) == 1:
        return found.add(Kind.MASS, value.readings, str(*units), place, value.end)
    readings = tuple(Quantity(each, unit) for each in value.readings for unit in ("kg", "lb"))
    doubt = Doubt.UNIT if readings else Doubt.BROKEN
    return found.keep(Kind.MASS, readings, place, value.end, doubt=doubt)


def _speaks_of_weighing(found: Findings, value: Numeral, place: int) -> bool:
    if len(value.readings) == 1 and 1900 <= value.readings[0] < 2100 and found.word(place - 1) in ("in", "since"):
        return False
    for back in range(1, _LOOK_BACK + 1):
        word = found.word(place - back)
        if word in _NOT_WEIGHING:
            return False
        if place - back < found.taken:
            break
        if word in _WEIGHING:
            return True
    return found.word(value.end) == "in" and found.word(value.end + 1) in _WEIGHING

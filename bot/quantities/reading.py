"""
Which amounts does a text state, and which of them are open to more than one reading?

May not know what the amounts are amounts of. Each step looks at a bounded number of words ahead and behind, so time is
in line with the length of the text; nothing is ever evaluated, and no text raises.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from bot.quantities.amounts import ARITHMETIC, Doubt, Found, Kind, Quantity
from bot.quantities.bodies import bare_weight, measure
from bot.quantities.dates import written_day
from bot.quantities.findings import Findings
from bot.quantities.intervals import CALENDAR, CONSECUTIVE, duration, interval, repeated, times
from bot.quantities.money import currency_after, price_or_money, priced
from bot.quantities.numbers import Numeral, numeral
from bot.quantities.strangers import clock_time, telephone
from bot.quantities.tokens import BROKEN, normal, tokens
from bot.quantities.units import UNIT_OF, Unit, unit_at

MOST_AMOUNTS = 300  # nobody writes more; a wall of numbers is not read to its end


@dataclass(frozen=True, slots=True)
class Reading:
    """A text in its normal form and every amount found in it, in order."""

    text: str
    found: tuple[Found, ...]

    def of(self, *kinds: Kind) -> tuple[Found, ...]:
        """The amounts of these kinds."""
        return tuple(found for found in self.found if found.kind in kinds)


def read(text: str) -> Reading:
    """Every amount a text states."""
    plain = normal(text)
    found = Findings(tokens(plain))
    place = 0
    while place < len(found.tokens) and len(found.amounts) < MOST_AMOUNTS:
        for way in _WAYS:
            end = way(found, place)
            if end is not None:
                found.taken = place = end
                break
        else:
            place += 1
    return Reading(plain, tuple(found.amounts))


def _day(found: Findings, place: int) -> int | None:
    written = written_day(found.tokens, place)
    if written is None:
        return None
    doubt = None if len(written.days) == 1 else Doubt.DATE_ORDER if written.days else Doubt.BROKEN
    return found.keep(Kind.DATE, (), place, written.end, doubt=doubt, days=written.days, role=found.role(place))


def _amount(found: Findings, place: int) -> int | None:
    """A number and what follows it."""
    if found.kind(place) == "word" and found.word(place) in ("a", "an", "one"):
        return _a_gram_per_kilo(found, place)
    value = numeral(found.tokens, place)
    if value is None:
        return None
    token = found.tokens[place]
    stuck = token.glued and found.kind(place - 1) == "word" and found.taken != place and not value.in_words
    if stuck and found.word(place - 1) not in ("x", "for", "at"):
        return found.add(Kind.OTHER, (), "", place, value.end)
    if found.word(place - 1) == BROKEN and token.glued:
        value = Numeral((), value.end, is_broken=True)
    if found.word(place - 1) in ("-", "minus") and _is_minus(found, place):
        value = Numeral(tuple(-reading for reading in value.readings), value.end, value.in_words, value.is_broken)
    value = _split_by_a_space(found, value, place)
    return _ranged(found, value, place) or _with_unit(found, value, place) or _bare(found, value, place)


def _split_by_a_space(found: Findings, value: Numeral, place: int) -> Numeral:
    """
    "70. 5 kg" may be 70.5 kg torn apart, so that 5 kg is not the only reading; "..5 kg" and "70/80 kg" are none.
    """
    token = found.tokens[place]
    mark, before = found.word(place - 1), found.word(place - 2)
    if before in (".", ",") and mark in (".", ",") and token.glued:
        return Numeral((), value.end, is_broken=True)
    if found.kind(place - 2) != "number" or not before.isdigit() or len(value.readings) != 1:
        return value
    if mark == "/" and token.glued and unit_at(found.tokens, value.end) is not None:
        return Numeral((), value.end, is_broken=True)
    is_bare = bool(found.amounts) and found.amounts[-1].kind == Kind.NUMBER
    if not is_bare or mark not in (".", ",") or token.glued or len(token.text) != 1 or token.kind != "number":
        return value
    return Numeral((Decimal(f"{before}.{token.text}"), *value.readings), value.end)


def _a_gram_per_kilo(found: Findings, place: int) -> int | None:
    """ "A gram per kilo" means one; "one" alone may be a pronoun and needs its unit."""
    unit = unit_at(found.tokens, place + 1)
    if found.word(place) == "one" and unit is None:
        value = numeral(found.tokens, place)
        return None if value is None else _ranged(found, value, place) or _with_unit(found, value, place)
    after_number = found.taken == place and place > 0
    if unit is None or (after_number and found.word(place) != "one"):
        return None
    if found.word(place) != "one" and unit.kind != Kind.MASS_PER_MASS:
        return None
    if unit.text in CALENDAR:
        return found.add(Kind.DURATION, (Decimal(1),), unit.text, place, unit.end, role=found.role(place))
    return found.add(unit.kind, (Decimal(1),), unit.text, place, unit.end, per=unit.per)


def _is_minus(found: Findings, place: int) -> bool:
    if found.word(place - 1) == "minus":
        return True
    return found.glued(place) and not found.glued(place - 1) and found.kind(place - 2) != "number"


def _ranged(found: Findings, low: Numeral, place: int) -> int | None:
    """0.15-0.2 g/kg, 2 to 5 days, between 60 and 70 kg."""
    mark = found.word(low.end)
    if mark not in ("-", "to", "or") and not (mark == "and" and found.word(place - 1) == "between"):
        return None
    high = numeral(found.tokens, low.end + 1)
    if high is None or len(low.readings) != 1 or len(high.readings) != 1:
        return None
    at = high.end + 1 if found.word(high.end) == "-" or found.word(high.end) in CONSECUTIVE else high.end
    unit = unit_at(found.tokens, at)
    if unit is None:
        return None
    readings = (*low.readings, *high.readings)
    role = found.role(place)
    return found.add(unit.kind, readings, unit.text, place, unit.end, per=unit.per, role=role, doubt=Doubt.RANGE)


def _with_unit(found: Findings, value: Numeral, place: int) -> int | None:
    end = value.end
    if found.word(end) == BROKEN:
        value, end = Numeral((), end + 1, is_broken=True), end + 1
    if found.word(end) == "%" or found.word(end) in ("percent", "pct"):
        return found.add(Kind.PERCENT, value.readings, "%", place, end + 1)
    if found.word(end) == "per" and found.word(end + 1) == "cent":
        return found.add(Kind.PERCENT, value.readings, "%", place, end + 2)
    currency = currency_after(found.tokens, end)
    if currency is not None:
        return priced(found, value, currency[0], place, currency[1])
    end = _past_hyphen(found, end)
    measured = measure(found, value, place, end)
    if measured is not None:
        return measured
    unit = unit_at(found.tokens, end)
    if unit is None:
        return _without_numerator(found, value, place, end)
    if unit.text in ("lb/g", "lb/mg"):
        return found.add(Kind.PRICE, value.readings, f"money:GBP/{unit.text[3:]}", place, unit.end)
    if unit.text in CALENDAR and unit.kind == Kind.DURATION:
        return duration(found, value, unit, place)
    strength = _in_a_volume(found, value, unit, place)
    if strength is not None:
        return strength
    role = found.role(place)
    return found.add(unit.kind, value.readings, unit.text, place, unit.end, per=unit.per, role=role)


def _in_a_volume(found: Findings, value: Numeral, unit: Unit, place: int) -> int | None:
    """5 g/50 mL is a strength; of "2 g/kg/5 days" the days stand for themselves; "5 g/2" is nothing."""
    if found.word(unit.end) not in ("/", "per"):
        return None
    count = numeral(found.tokens, unit.end + 1)
    if count is None:
        return None
    further = unit_at(found.tokens, count.end)
    if further is not None and further.text in CALENDAR:
        return None
    if unit.text in ("g", "mg") and further is not None and further.kind == Kind.VOLUME:
        readings = [
            Quantity(ARITHMETIC.divide(mass, volume), f"{unit.text}/{further.text}").to("mg/mL").value
            for mass in value.readings
            for volume in count.readings
            if volume > 0
        ]
        return found.add(Kind.CONCENTRATION, readings, "mg/mL", place, further.end)
    return found.add(Kind.OTHER, value.readings, f"{unit.text}/", place, count.end)


def _past_hyphen(found: Findings, end: int) -> int:
    if found.word(end) == "-" and found.word(end + 1) in UNIT_OF and found.glued(end + 1):
        return end + 1
    return end + 1 if found.word(end) in CONSECUTIVE and found.word(end + 1) in UNIT_OF else end


def _without_numerator(found: Findings, value: Numeral, place: int, end: int) -> int | None:
    """0.4 per kilo, 400/kg, 80 a gram: what stands in front of "per" is missing."""
    word, following = found.word(end), found.word(end + 1)
    if word not in ("/", "per", "a", "each", "every") or value.is_broken or not value.readings:
        return None
    unit = UNIT_OF.get(following)
    if unit in ("kg", "lb"):
        per = UNIT_OF.get(found.word(end + 3), "") if found.word(end + 2) in ("/", "per", "a", "each") else ""
        stop = end + 4 if per in CALENDAR else end + 2
        readings = tuple(Quantity(each, f"{of}/{unit}") for each in value.readings for of in ("g", "mg"))
        per = per if per in CALENDAR else ""
        return found.keep(Kind.MASS_PER_MASS, readings, place, stop, doubt=Doubt.UNIT, per=per)
    if unit == "g":
        return found.add(Kind.PRICE, value.readings, "money:/g", place, end + 2)
    return None


def _bare(found: Findings, value: Numeral, place: int) -> int | None:
    """A number without a unit: a weight with both readings where weighing is spoken of, else just a number."""
    following = found.word(value.end)
    if following in ("st", "nd", "rd", "th") and found.glued(value.end):
        return found.add(Kind.OTHER, (), "", place, value.end + 1)
    if found.word(place - 1) in ("day", "days", "week", "no", "number", "#"):
        return found.add(Kind.OTHER, (), "", place, value.end)
    weight = bare_weight(found, value, place)
    if weight is not None:
        return weight
    is_whole = len(value.readings) == 1 and value.readings[0] == value.readings[0].to_integral_value()
    if following == "x" and numeral(found.tokens, value.end + 1) is not None and is_whole:
        return found.add(Kind.COUNT, value.readings, "", place, value.end + 1, role="times")
    if value.in_words:
        return None
    return found.add(Kind.NUMBER, value.readings, "", place, value.end, role=found.role(place))


_WAYS: tuple[Callable[[Findings, int], int | None], ...] = (
    _day, telephone, clock_time, price_or_money, interval, times, repeated, _amount,
)  # fmt: skip

"""
Which amounts does a text state, and which of them are open to more than one reading?

May not know what the amounts are amounts of. Each step looks at a bounded number of words ahead and behind, so time is
in line with the length of the text; nothing is ever evaluated, and no text raises.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.quantities.amounts import POUNDS_IN_A_STONE, Doubt, Found, Kind, Quantity
from bot.quantities.dates import written_day
from bot.quantities.money import currency_after, currency_before, per_so_many_grams, per_what
from bot.quantities.numbers import Numeral, numeral
from bot.quantities.repeats import repeat_at
from bot.quantities.tokens import BROKEN, Token, normal, tokens
from bot.quantities.units import UNIT_OF, Unit, unit_at

_ROLES = {
    "over": "over", "across": "over", "spread": "over", "within": "over", "for": "for", "during": "for", "on": "for",
    "every": "every", "each": "every", "in": "in", "after": "after", "x": "times", "times": "times", "first": "first",
}  # fmt: skip
_BETWEEN_ROLE_AND_NUMBER = frozenset(("the", "next", "of", "each", "a", "total", "about", "just", "only", "all"))
_CONSECUTIVE = frozenset(("consecutive", "straight", "successive", "full", "whole", "whole", "running", "separate"))
_WEIGHING = frozenset(("weigh", "weighs", "weighing", "weight", "weighed", "wt", "wgt"))
_NOT_WEIGHING = frozenset(
    ("gain", "gained", "lost", "lose", "loss", "losing", "put", "bmi", "age", "aged", "igg", "iga", "bp", "height",
     "tall", "dose", "since", "ago", "years", "old", "by", "under", "below")
)  # fmt: skip
_CALENDAR = frozenset(("day", "week", "month", "year"))
_ALONE = {
    "daily": ("1", "day"), "weekly": ("1", "week"), "fortnightly": ("2", "week"), "monthly": ("1", "month"),
    "yearly": ("1", "year"), "annually": ("1", "year"), "quarterly": ("3", "month"), "bimonthly": ("2", "month"),
}  # fmt: skip
_OLD = frozenset(("old", "yo"))
_LOOK_BACK = 5
OUNCES_IN_A_POUND = 16
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
    return _Reader(plain, tokens(plain)).run()


class _Reader:
    def __init__(self, text: str, found: Sequence[Token]) -> None:
        self.text = text
        self.tokens = found
        self.amounts: list[Found] = []
        self.taken = 0  # the token behind the last amount

    def run(self) -> Reading:
        place = 0
        ways: tuple[Callable[[int], int | None], ...] = (
            self._day, self._telephone, self._clock_time, self._money, self._interval, self._times, self._repeated,
            self._amount,
        )  # fmt: skip
        while place < len(self.tokens) and len(self.amounts) < MOST_AMOUNTS:
            for way in ways:
                end = way(place)
                if end is not None:
                    self.taken = place = end
                    break
            else:
                place += 1
        return Reading(self.text, tuple(self.amounts))

    # -- small helpers -------------------------------------------------------------------------------------------

    def _word(self, place: int) -> str:
        return self.tokens[place].text if 0 <= place < len(self.tokens) else ""

    def _kind(self, place: int) -> str:
        return self.tokens[place].kind if 0 <= place < len(self.tokens) else ""

    def _glued(self, place: int) -> bool:
        return 0 <= place < len(self.tokens) and self.tokens[place].glued

    def _add(self, kind: Kind, values: Sequence[Decimal], unit: str, place: int, end: int, **more: object) -> int:
        readings = tuple(Quantity(value, unit) for value in values)
        return self._keep(kind, readings, place, end, **more)

    def _keep(self, kind: Kind, readings: tuple[Quantity, ...], place: int, end: int, **more: object) -> int:
        doubt = more.pop("doubt", None)
        if doubt is None and not readings and kind not in (Kind.OTHER, Kind.DATE):
            doubt = Doubt.BROKEN
        if doubt is None and len(readings) > 1:
            doubt = Doubt.SEPARATOR
        start, stop = self.tokens[place].start, self.tokens[end - 1].end
        self.amounts.append(Found(kind, readings, start, stop, doubt=doubt, **more))  # type: ignore[arg-type]
        return end

    def _role(self, place: int) -> str:
        for back in range(1, 4):
            word = self._word(place - back)
            if word in _ROLES and place - back >= self.taken:
                return _ROLES[word]
            if word not in _BETWEEN_ROLE_AND_NUMBER:
                return ""
        return ""

    # -- what is no amount of anything ---------------------------------------------------------------------------

    def _telephone(self, place: int) -> int | None:
        """Groups of digits that make a telephone number, or a number far too long to be an amount."""
        if self._kind(place) != "number" and self._word(place) not in ("+", "("):
            return None
        figures, groups, marks, at = 0, 0, 0, place
        while at < len(self.tokens) and at - place < 16:
            token = self.tokens[at]
            if token.kind == "number" and token.text.isdigit():
                figures, groups = figures + len(token.text), groups + 1
            elif token.text in ("-", "(", ")", "+") and token.kind == "sign":
                marks += 1
            else:
                break
            at += 1
        starts_plus = self._word(place) == "+"
        is_long = figures >= 9 and (groups >= 3 or starts_plus or marks >= 2)
        is_local = groups == 2 and marks == 1 and figures == 7 and self._word(place + 1) == "-"
        if not (is_long or is_local) or unit_at(self.tokens, at) is not None:
            return None
        return self._add(Kind.OTHER, (), "", place, at)

    def _clock_time(self, place: int) -> int | None:
        """10:30, and ratios such as a blood pressure of 120/80."""
        if self._kind(place) != "number" or self._kind(place + 2) != "number":
            return None
        if self._word(place + 1) == ":" and self._glued(place + 1) and self._glued(place + 2):
            return self._add(Kind.OTHER, (), "", place, place + 3)
        if self._word(place + 1) == "/" and numeral(self.tokens, place) is not None:
            first = numeral(self.tokens, place)
            is_fraction = first is not None and first.end == place + 3
            if not is_fraction and unit_at(self.tokens, place + 3) is None:
                return self._add(Kind.OTHER, (), "", place, place + 3)
        return None

    def _day(self, place: int) -> int | None:
        written = written_day(self.tokens, place)
        if written is None:
            return None
        doubt = None if len(written.days) == 1 else Doubt.DATE_ORDER if written.days else Doubt.BROKEN
        return self._keep(Kind.DATE, (), place, written.end, doubt=doubt, days=written.days, role=self._role(place))

    # -- money ---------------------------------------------------------------------------------------------------

    def _money(self, place: int) -> int | None:
        before = currency_before(self.tokens, place)
        if before is None:
            return None
        currency, at = before
        value = numeral(self.tokens, at)
        if value is None:
            return None
        return self._priced(value, currency, place, value.end)

    def _priced(self, value: Numeral, currency: str, place: int, end: int) -> int:
        """Money, or a price where a unit of mass follows. Three digits behind a sign are thousands: cents have two."""
        values = value.readings[-1:]
        if self._word(end) in ("k", "thousand") and values:
            values, end = (values[0] * 1000,), end + 1
        count, end = per_so_many_grams(self.tokens, end)
        if count is not None and values:
            return self._add(Kind.PRICE, (values[0] / count,), f"money:{currency}/g", place, end)
        per, end = per_what(self.tokens, end)
        if per in ("g", "mg", "kg"):
            return self._add(Kind.PRICE, values, f"money:{currency}/{per}", place, end)
        return self._add(Kind.MONEY, values, f"money:{currency}", place, end, per=per, role=self._role(place))

    # -- how often -----------------------------------------------------------------------------------------------

    def _interval(self, place: int) -> int | None:
        word = self._word(place)
        if word in _ALONE and self._word(place + 1) != "cost":
            value, unit = _ALONE[word]
            return self._add(Kind.INTERVAL, (Decimal(value),), unit, place, place + 1, role="every")
        if word == "q" and self._kind(place + 1) == "number":
            count = numeral(self.tokens, place + 1)
            unit = UNIT_OF.get(self._word(count.end), "") if count is not None else ""
            if count is not None and unit in _CALENDAR:
                return self._add(Kind.INTERVAL, count.readings, unit, place, count.end + 1, role="every")
            return None
        if word == "once" and self._word(place + 1) in ("a", "per", "every", "each", "in"):
            return self._counted_interval(place, place + 2, Decimal(1))
        if word in ("every", "each"):
            following = self._word(place + 1)
            if following in ("other", "second"):
                return self._counted_interval(place, place + 2, Decimal(2))
            if following in ("single",):
                return self._counted_interval(place, place + 2, Decimal(1))
            return self._counted_interval(place, place + 1, Decimal(1))
        if word in ("per", "/", "a") and UNIT_OF.get(self._word(place + 1)) in ("month", "year", "week"):
            return self._counted_interval(place, place + 1, Decimal(1))
        return None

    def _counted_interval(self, place: int, at: int, alone: Decimal) -> int | None:
        count = numeral(self.tokens, at)
        second: Numeral | None = None
        if count is not None:
            at = count.end
            if self._word(at) in ("-", "to", "or"):
                second = numeral(self.tokens, at + 1)
                at = second.end if second is not None else at
            at += 1 if self._word(at) == "-" else 0
        unit = UNIT_OF.get(self._word(at), "")
        if unit not in _CALENDAR:
            return None
        values = (alone,) if count is None else count.readings
        if second is not None:
            readings = (*values, *second.readings)
            return self._add(Kind.INTERVAL, readings, unit, place, at + 1, role="every", doubt=Doubt.RANGE)
        return self._add(Kind.INTERVAL, values, unit, place, at + 1, role="every")

    def _times(self, place: int) -> int | None:
        """x 5, x5d, times 5, twice."""
        if self._word(place) not in ("x", "times"):
            return None
        count = numeral(self.tokens, place + 1)
        if count is None or len(count.readings) != 1:
            return None
        at = count.end + 1 if self._word(count.end) in _CONSECUTIVE else count.end
        unit = unit_at(self.tokens, at)
        if unit is not None and unit.text in _CALENDAR:
            return self._add(Kind.DURATION, count.readings, unit.text, place, unit.end, role="for")
        if unit is not None and unit.kind == Kind.COUNT:
            return self._add(Kind.COUNT, count.readings, "", place, unit.end, role="times")
        if unit is not None or self._word(count.end) == "%":
            return None
        return self._add(Kind.COUNT, count.readings, "", place, count.end, role="times")

    def _repeated(self, place: int) -> int | None:
        """Twice, 5 times, days 1 to 5, four-weekly."""
        found = repeat_at(self.tokens, place)
        if found is None:
            return None
        doubt = Doubt.UNIT if len(found.values) > 1 else None
        return self._add(found.kind, found.values, found.unit, place, found.end, role=found.role, doubt=doubt)

    # -- a number and what follows it ----------------------------------------------------------------------------

    def _amount(self, place: int) -> int | None:
        if self._kind(place) == "word" and self._word(place) in ("a", "an", "one"):
            return self._a_gram_per_kilo(place)
        value = numeral(self.tokens, place)
        if value is None:
            return None
        token = self.tokens[place]
        stuck = token.glued and self._kind(place - 1) == "word" and self.taken != place and not value.in_words
        if stuck and self._word(place - 1) not in ("x", "for", "at"):
            return self._add(Kind.OTHER, (), "", place, value.end)
        if self._word(place - 1) == BROKEN and token.glued:
            value = Numeral((), value.end, is_broken=True)
        if self._word(place - 1) in ("-", "minus") and self._is_minus(place):
            value = Numeral(tuple(-reading for reading in value.readings), value.end, value.in_words, value.is_broken)
        value = self._split_by_a_space(value, place)
        return self._ranged(value, place) or self._with_unit(value, place) or self._bare(value, place)

    def _split_by_a_space(self, value: Numeral, place: int) -> Numeral:
        """
        "70. 5 kg" may be 70.5 kg torn apart, so that 5 kg is not the only reading; "..5 kg" and "70/80 kg" are none.
        """
        token = self.tokens[place]
        mark, before = self._word(place - 1), self._word(place - 2)
        if before in (".", ",") and mark in (".", ",") and token.glued:
            return Numeral((), value.end, is_broken=True)
        if self._kind(place - 2) != "number" or not before.isdigit() or len(value.readings) != 1:
            return value
        if mark == "/" and token.glued and unit_at(self.tokens, value.end) is not None:
            return Numeral((), value.end, is_broken=True)
        is_bare = bool(self.amounts) and self.amounts[-1].kind == Kind.NUMBER
        if not is_bare or mark not in (".", ",") or token.glued or len(token.text) != 1 or token.kind != "number":
            return value
        return Numeral((Decimal(f"{before}.{token.text}"), *value.readings), value.end)

    def _a_gram_per_kilo(self, place: int) -> int | None:
        """ "A gram per kilo" means one; "one" alone may be a pronoun and needs its unit."""
        unit = unit_at(self.tokens, place + 1)
        if self._word(place) == "one" and unit is None:
            value = numeral(self.tokens, place)
            return None if value is None else self._ranged(value, place) or self._with_unit(value, place)
        after_number = self.taken == place and place > 0
        if unit is None or (after_number and self._word(place) != "one"):
            return None
        if self._word(place) != "one" and unit.kind != Kind.MASS_PER_MASS:
            return None
        if unit.text in _CALENDAR:
            return self._add(Kind.DURATION, (Decimal(1),), unit.text, place, unit.end, role=self._role(place))
        return self._add(unit.kind, (Decimal(1),), unit.text, place, unit.end, per=unit.per)

    def _is_minus(self, place: int) -> bool:
        if self._word(place - 1) == "minus":
            return True
        return self._glued(place) and not self._glued(place - 1) and self._kind(place - 2) != "number"

    def _ranged(self, low: Numeral, place: int) -> int | None:
        """0.15-0.2 g/kg, 2 to 5 days, between 60 and 70 kg."""
        mark = self._word(low.end)
        if mark not in ("-", "to", "or") and not (mark == "and" and self._word(place - 1) == "between"):
            return None
        high = numeral(self.tokens, low.end + 1)
        if high is None or len(low.readings) != 1 or len(high.readings) != 1:
            return None
        at = high.end + 1 if self._word(high.end) == "-" or self._word(high.end) in _CONSECUTIVE else high.end
        unit = unit_at(self.tokens, at)
        if unit is None:
            return None
        readings = (*low.readings, *high.readings)
        role = self._role(place)
        return self._add(unit.kind, readings, unit.text, place, unit.end, per=unit.per, role=role, doubt=Doubt.RANGE)

    def _with_unit(self, value: Numeral, place: int) -> int | None:
        end = value.end
        if self._word(end) == BROKEN:
            value, end = Numeral((), end + 1, is_broken=True), end + 1
        if self._word(end) == "%" or self._word(end) in ("percent", "pct"):
            return self._add(Kind.PERCENT, value.readings, "%", place, end + 1)
        if self._word(end) == "per" and self._word(end + 1) == "cent":
            return self._add(Kind.PERCENT, value.readings, "%", place, end + 2)
        currency = currency_after(self.tokens, end)
        if currency is not None:
            return self._priced(value, currency[0], place, currency[1])
        end = self._past_hyphen(end)
        aged = self._age(value, place, end)
        if aged is not None:
            return aged
        by_feet = self._stone(value, place, end) or self._pounds(value, place, end) or self._feet(value, place, end)
        if by_feet is not None:
            return by_feet
        unit = unit_at(self.tokens, end)
        if unit is None:
            return self._without_numerator(value, place, end)
        if unit.text in ("lb/g", "lb/mg"):
            return self._add(Kind.PRICE, value.readings, f"money:GBP/{unit.text[3:]}", place, unit.end)
        if unit.text in _CALENDAR and unit.kind == Kind.DURATION:
            return self._duration(value, unit, place)
        role = self._role(place)
        return self._add(unit.kind, value.readings, unit.text, place, unit.end, per=unit.per, role=role)

    def _past_hyphen(self, end: int) -> int:
        if self._word(end) == "-" and self._word(end + 1) in UNIT_OF and self._glued(end + 1):
            return end + 1
        return end + 1 if self._word(end) in _CONSECUTIVE and self._word(end + 1) in UNIT_OF else end

    def _duration(self, value: Numeral, unit: Unit, place: int) -> int:
        role, end = self._role(place), unit.end
        if self._word(end) in ("ago", "later", "earlier"):
            role, end = "ago", end + 1
        elif role == "every":
            return self._add(Kind.INTERVAL, value.readings, unit.text, place, end, role=role)
        return self._add(Kind.DURATION, value.readings, unit.text, place, end, role=role)

    def _age(self, value: Numeral, place: int, end: int) -> int | None:
        """45 years old, a 45-year-old, 45 yo, aged 45."""
        at = end
        if UNIT_OF.get(self._word(at)) in ("year", "month"):
            at += 1
            at += 1 if self._word(at) in ("-", "s") else 0
            if self._word(at) == "/" and self._word(at + 1) == "o":
                return self._add(Kind.AGE, value.readings, "year", place, at + 2)
            at += 1 if self._word(at) == "of" and self._word(at + 1) == "age" else 0
            if self._word(at) in ("old", "age"):
                return self._add(Kind.AGE, value.readings, "year", place, at + 1)
            return None
        if self._word(at) in _OLD:
            return self._add(Kind.AGE, value.readings, "year", place, at + 1)
        if self._word(place - 1) in ("aged", "age") or (
            self._word(place - 1) in ("is", "of", ":", "=") and self._word(place - 2) == "age"
        ):
            return self._add(Kind.AGE, value.readings, "year", place, value.end)
        return None

    def _stone(self, value: Numeral, place: int, end: int) -> int | None:
        """11 stone 4, 11st4lb, 11½ stone; "21st" alone is a place in a row."""
        if UNIT_OF.get(self._word(end)) != "st":
            return None
        whole = value.readings[0] if len(value.readings) == 1 else None
        if whole is None:
            return self._add(Kind.MASS, value.readings, "st", place, end + 1)
        at = end + 1
        at += 1 if self._word(at) in (",", "and") and self._kind(at + 1) == "number" else 0
        rest = numeral(self.tokens, at)
        if rest is not None and rest.is_broken and at == end + 1:
            return self._add(Kind.MASS, (), "st", place, rest.end)
        further = UNIT_OF.get(self._word(rest.end)) if rest is not None else None
        if rest is not None and (further == "lb" or (further is None and self._may_be_pounds(rest, at, end))):
            stop = rest.end + 1 if further == "lb" else rest.end
            if len(rest.readings) == 1 and 0 <= rest.readings[0] < POUNDS_IN_A_STONE and whole == whole.to_integral():
                return self._add(Kind.MASS, (whole * POUNDS_IN_A_STONE + rest.readings[0],), "lb", place, stop)
            return self._add(Kind.MASS, (), "lb", place, stop)
        if self._word(end) == "st" and self._glued(end) and whole % 10 == 1 and whole != 11:
            return self._add(Kind.OTHER, (), "", place, end + 1)
        return self._add(Kind.MASS, (whole,), "st", place, end + 1)

    def _may_be_pounds(self, rest: Numeral, at: int, end: int) -> bool:
        """Whether a bare number behind "stone" is its pounds: right after it, below 14, and nothing else follows."""
        is_next = at == end + 1 or self._word(end + 1) == "and"
        if not is_next or len(rest.readings) != 1 or (rest.in_words and rest.readings[0] >= POUNDS_IN_A_STONE):
            return False
        following = self._word(rest.end)
        return rest.readings[0] < POUNDS_IN_A_STONE and following not in ("/", "%", "-", "x", "$", "€", "£", ":", "'")

    def _pounds(self, value: Numeral, place: int, end: int) -> int | None:
        """154 lb 8 oz is 154.5 lb."""
        if UNIT_OF.get(self._word(end)) != "lb" or len(value.readings) != 1:
            return None
        ounces = numeral(self.tokens, end + 1)
        if ounces is None or len(ounces.readings) != 1 or UNIT_OF.get(self._word(ounces.end)) != "oz":
            return None
        pounds = value.readings[0] + ounces.readings[0] / OUNCES_IN_A_POUND
        return self._add(Kind.MASS, (pounds,), "lb", place, ounces.end + 1)

    def _feet(self, value: Numeral, place: int, end: int) -> int | None:
        """5'4", 5 ft 4, 5 feet 4 inches, 1m63."""
        word = self._word(end)
        if word == "m":
            return self._metres(value, place, end)
        is_mark = word == "'" and self._glued(end)
        if (UNIT_OF.get(word) != "ft" and not is_mark) or len(value.readings) != 1:
            return None
        feet = value.readings[0]
        rest = numeral(self.tokens, end + 1)
        following = self._word(rest.end) if rest is not None else ""
        closes = following in ("in", "ins", "inch", "inches", '"', "'")
        ends_here = closes or (UNIT_OF.get(following) is None and following not in ("/", "%", "-"))
        if rest is not None and len(rest.readings) == 1 and 0 <= rest.readings[0] < 12 and ends_here:
            stop = rest.end + (2 if following == "'" and self._word(rest.end + 1) == "'" else 1 if closes else 0)
            return self._add(Kind.LENGTH, (feet * 12 + rest.readings[0],), "in", place, stop)
        if rest is not None and closes and not rest.in_words:
            # 5'12" has more inches than a foot: nothing is made of it.
            return self._add(Kind.LENGTH, (), "in", place, rest.end + 1)
        if is_mark and self._kind(end + 1) == "word":
            return None
        if feet != feet.to_integral_value():
            # 5.4 ft may be 5 feet 4 inches, or four tenths of a foot.
            whole, tenths = divmod(feet, 1)
            inches = Decimal(str(tenths).partition(".")[2].rstrip("0") or "0")
            readings = (feet * 12, whole * 12 + inches)
            return self._add(Kind.LENGTH, readings, "in", place, end + 1, doubt=Doubt.UNIT)
        return self._add(Kind.LENGTH, (feet * 12,), "in", place, end + 1)

    def _metres(self, value: Numeral, place: int, end: int) -> int | None:
        """1m63, 1.63 m; a bigger number in front of "m" is no height."""
        if len(value.readings) != 1:
            return None
        rest = self._word(end + 1)
        if self._glued(end) and self._glued(end + 1) and rest.isdigit() and len(rest) == 2:
            return self._add(Kind.LENGTH, (value.readings[0] * 100 + Decimal(rest),), "cm", place, end + 2)
        if Decimal(1) < value.readings[0] < 3 and UNIT_OF.get(rest) is None:
            return self._add(Kind.LENGTH, value.readings, "m", place, end + 1)
        return None

    def _without_numerator(self, value: Numeral, place: int, end: int) -> int | None:
        """0.4 per kilo, 400/kg, 80 a gram: what stands in front of "per" is missing."""
        word, following = self._word(end), self._word(end + 1)
        if word not in ("/", "per", "a", "each", "every") or value.is_broken or not value.readings:
            return None
        unit = UNIT_OF.get(following)
        if unit in ("kg", "lb"):
            per = UNIT_OF.get(self._word(end + 3), "") if self._word(end + 2) in ("/", "per", "a", "each") else ""
            stop = end + 4 if per in _CALENDAR else end + 2
            readings = tuple(Quantity(each, f"{of}/{unit}") for each in value.readings for of in ("g", "mg"))
            per = per if per in _CALENDAR else ""
            return self._keep(Kind.MASS_PER_MASS, readings, place, stop, doubt=Doubt.UNIT, per=per)
        if unit == "g":
            return self._add(Kind.PRICE, value.readings, "money:/g", place, end + 2)
        return None

    def _bare(self, value: Numeral, place: int) -> int | None:
        """A number without a unit: a weight with both readings where weighing is spoken of, else just a number."""
        following = self._word(value.end)
        if following in ("st", "nd", "rd", "th") and self._glued(value.end):
            return self._add(Kind.OTHER, (), "", place, value.end + 1)
        if self._word(place - 1) in ("day", "days", "week", "no", "number", "#"):
            return self._add(Kind.OTHER, (), "", place, value.end)
        if self._speaks_of_weighing(place, value):
            units = {UNIT_OF.get(self._word(place - back)) for back in range(1, _LOOK_BACK)} & {"kg", "lb"}
            if len(units) == 1:
                return self._add(Kind.MASS, value.readings, str(*units), place, value.end)
            readings = tuple(Quantity(each, unit) for each in value.readings for unit in ("kg", "lb"))
            doubt = Doubt.UNIT if readings else Doubt.BROKEN
            return self._keep(Kind.MASS, readings, place, value.end, doubt=doubt)
        if following == "x" and numeral(self.tokens, value.end + 1) is not None and len(value.readings) == 1:
            return self._add(Kind.COUNT, value.readings, "", place, value.end + 1, role="times")
        if value.in_words:
            return None
        return self._add(Kind.NUMBER, value.readings, "", place, value.end, role=self._role(place))

    def _speaks_of_weighing(self, place: int, value: Numeral) -> bool:
        if len(value.readings) == 1 and 1900 <= value.readings[0] < 2100 and self._word(place - 1) in ("in", "since"):
            return False
        for back in range(1, _LOOK_BACK + 1):
            word = self._word(place - back)
            if word in _NOT_WEIGHING:
                return False
            if place - back < self.taken:
                break
            if word in _WEIGHING:
                return True
        return self._word(value.end) == "in" and self._word(value.end + 1) in _WEIGHING

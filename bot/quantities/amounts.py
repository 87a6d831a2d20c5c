"""
What is an amount, what kind can it be, and how is it turned from one unit into another?

May not know what the amounts are amounts of, or that medicine exists.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum

from bot.quantities.printing import amount, count, money, number, rounded

# Enough places that no sum a person types is cut; divisions that never end are cut at the 40th digit.
ARITHMETIC = Context(prec=40, rounding=ROUND_HALF_UP)

POUND_IN_KG = Decimal("0.45359237")  # exact by definition (international pound, 1959)
POUNDS_IN_A_STONE = Decimal(14)
INCHES_IN_A_FOOT = Decimal(12)


class QuantityError(ValueError):
    """A text or a unit that states no amount of the wanted kind."""


class Kind(StrEnum):
    """What an amount measures."""

    MASS = "mass"
    MASS_PER_MASS = "mass_per_mass"
    MASS_RATE_PER_MASS = "mass_rate_per_mass"
    LENGTH = "length"
    VOLUME = "volume"
    VOLUME_PER_MASS = "volume_per_mass"
    VOLUME_RATE = "volume_rate"
    VOLUME_RATE_PER_MASS = "volume_rate_per_mass"
    CONCENTRATION = "concentration"
    PERCENT = "percent"
    DROP_RATE = "drop_rate"
    DROP_FACTOR = "drop_factor"
    MONEY = "money"
    PRICE = "price"
    DURATION = "duration"
    INTERVAL = "interval"
    AGE = "age"
    COUNT = "count"
    DATE = "date"
    NUMBER = "number"
    OTHER = "other"


class Doubt(StrEnum):
    """Why an amount cannot be taken as it stands."""

    UNIT = "unit"
    SEPARATOR = "separator"
    RANGE = "range"
    DATE_ORDER = "date_order"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit, such as 70 kg; an empty unit means that none was given."""

    value: Decimal
    unit: str

    @property
    def text(self) -> str:
        """In print: "70 kg", "0.4 g/kg", "11 stone 4 lb", "5 days", "10%", "$98", "$98/g"."""
        return _printed(self)

    def to(self, unit: str) -> Quantity:
        """The same amount in another unit; raises QuantityError where the two do not measure the same thing."""
        if unit == self.unit:
            return self
        return Quantity(ARITHMETIC.divide(ARITHMETIC.multiply(self.value, factor(self.unit, unit)), Decimal(1)), unit)


@dataclass(frozen=True, slots=True)
class Day:
    """A day as written: the year may be missing; `relative` counts days from today where no date was written."""

    month: int = 0
    day: int = 0
    year: int | None = None
    relative: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """
    One amount in a text.

    `readings` has one entry where the text is clear and all that are possible where it is not; `doubt` says why.
    `role` is the word that led it in ("over", "for", "every", "times"), `per` what it is counted by ("day",
    "infusion", "week", "month", "year"). `start` and `end` are places in the normal form of the text.
    """

    kind: Kind
    readings: tuple[Quantity, ...]
    start: int
    end: int
    doubt: Doubt | None = None
    role: str = ""
    per: str = ""
    days: tuple[Day, ...] = field(default=())

    @property
    def is_clear(self) -> bool:
        """Whether there is exactly one way to read it."""
        return self.doubt is None

    @property
    def quantity(self) -> Quantity:
        """The amount where it is clear; raises QuantityError where it is not."""
        if self.doubt is not None or len(self.readings) != 1:
            raise QuantityError(f"{len(self.readings)} readings")
        return self.readings[0]


# How many of its base unit one unit holds. The base units are kg, cm, mL, min (for rates) and day (for calendars).
_MASS = {
    "kg": Decimal(1),
    "g": Decimal("0.001"),
    "mg": Decimal("0.000001"),
    "mcg": Decimal("0.000000001"),
    "lb": POUND_IN_KG,
    "oz": POUND_IN_KG / 16,
    "st": POUND_IN_KG * POUNDS_IN_A_STONE,
    "st lb": POUND_IN_KG,  # counted in pounds, written as stones and pounds: 158 is 11 stone 4 lb
}
_LENGTH = {
    "cm": Decimal(1),
    "m": Decimal(100),
    "mm": Decimal("0.1"),
    "in": Decimal("2.54"),
    "ft": Decimal("30.48"),
    "ft in": Decimal("2.54"),  # counted in inches, written as feet and inches: 64 is 5 feet 4 inches
}
_VOLUME = {"mL": Decimal(1), "dL": Decimal(100), "L": Decimal(1000)}
_CLOCK = {"min": Decimal(1), "h": Decimal(60)}
_CALENDAR = {"day": Decimal(1), "week": Decimal(7)}
_MONTHS = {"month": Decimal(1), "year": Decimal(12)}
_FAMILIES = (_MASS, _LENGTH, _VOLUME, _CLOCK, _CALENDAR, _MONTHS)


def _part_factor(unit: str, wanted: str) -> Decimal:
    for family in _FAMILIES:
        if unit in family and wanted in family:
            return ARITHMETIC.divide(family[unit], family[wanted])
    raise QuantityError(f"{unit} is not {wanted}")


def factor(unit: str, wanted: str) -> Decimal:
    """By what an amount in `unit` is multiplied to be in `wanted`; units may be joined with "/", as in mg/kg/min."""
    parts, wanted_parts = unit.split("/"), wanted.split("/")
    if len(parts) != len(wanted_parts):
        raise QuantityError(f"{unit} is not {wanted}")
    result = _part_factor(parts[0], wanted_parts[0]) if parts[0] != wanted_parts[0] else Decimal(1)
    for part, wanted_part in zip(parts[1:], wanted_parts[1:], strict=True):
        if part != wanted_part:
            result = ARITHMETIC.divide(result, _part_factor(part, wanted_part))
    return result


_LONGEST = 12
_EXACT_PLACES = 5
_COUNTED = {"day": "day", "week": "week", "month": "month", "year": "year", "h": "hour", "min": "minute",
            "infusion": "infusion"}  # fmt: skip
_IN_TWO_PARTS = {
    "st lb": (POUNDS_IN_A_STONE, "stone", "lb"),
    "ft in": (INCHES_IN_A_FOOT, "feet", "inches"),
}
_ONE = {"feet": "foot", "inches": "inch"}
_IN_WORDS = {"st": "stone", "ft": "feet", "in": "inches", "gtt/min": "drops a minute", "gtt/mL": "drops per mL"}


def figure(value: Decimal) -> str:
    """
    A number in print: exact where it ends within five places, so that the next line can be worked out from it by hand.

    Any other is rounded half-up to two places; one below 0.1 keeps its first two digits and never becomes 0. A number
    too long to mean anything is not printed.
    """
    if not value.is_finite() or value.adjusted() >= _LONGEST:
        return "a number with too many digits"
    if value == rounded(value, _EXACT_PLACES):
        return number(value.normalize())
    if value != 0 and value.adjusted() < -1:
        return number(rounded(value, min(1 - value.adjusted(), _LONGEST)))
    return number(rounded(value))


def _printed(quantity: Quantity) -> str:
    value, unit = quantity.value, quantity.unit
    shown = figure(value)
    if unit.startswith("money:"):
        currency, _, per = unit.removeprefix("money:").partition("/")
        sum_of_money = money(value, currency) if value.is_finite() and value.adjusted() < _LONGEST else shown
        return f"{sum_of_money.strip()}/{per}" if per else sum_of_money.strip()
    if unit in _COUNTED:
        return count(int(value), _COUNTED[unit]) if shown.isdigit() else f"{shown} {_COUNTED[unit]}s"
    if unit in _IN_TWO_PARTS and value.is_finite() and value.adjusted() < _LONGEST:
        return _in_two_parts(value, *_IN_TWO_PARTS[unit])
    if unit == "%":
        return amount(rounded(value), unit) if shown[0].isdigit() else shown
    return f"{shown} {_IN_WORDS.get(unit, unit)}".rstrip()


def _in_two_parts(value: Decimal, size: Decimal, greater: str, smaller: str) -> str:
    """11 stone 4 lb, 5 feet 4 inches; a part that is nothing is left out."""
    whole, rest = divmod(abs(value), size)
    named = [(figure(part), unit) for part, unit in ((whole, greater), (rest, smaller)) if part] or [("0", smaller)]
    shown = " ".join(f"{part} {_ONE.get(unit, unit) if part == '1' else unit}" for part, unit in named)
    return f"-{shown}" if value < 0 else shown


def every(interval: Quantity) -> str:
    """An interval in words: "every week", "every 3 weeks", "every month"."""
    return f"every {interval.unit}" if interval.value == 1 else f"every {interval.text}"

"""
What does a dose add up to: a day, a course, a month, a year; and back from grams to grams per kilogram?

May not know words, chats, or today's date. Every result carries its lines of working, made where the number is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bot.dosing.limits import OutOfRange, Standing, checked
from bot.dosing.tables import Limits
from bot.quantities import ARITHMETIC, POUND_IN_KG, POUNDS_IN_A_STONE, Quantity, figure, rounded

GRAMS_IN_A_KILOGRAM = Decimal(1000)
MONTHS_IN_A_YEAR = Decimal(12)
WEEKS_IN_A_YEAR = Decimal(52)
KEPT_PLACES_OF_KG = 2


def divided(over: Decimal, under: Decimal) -> Decimal:
    """A quotient, cut at the 40th digit where it never ends."""
    return ARITHMETIC.divide(over, under)


def equals(value: Decimal, unit: str) -> str:
    """ "= 28 g", or "= about 46.67 g" where the print is rounded."""
    exact = rounded(value) == value or figure(value).replace(",", "") == f"{value.normalize():f}"
    return f"= {'' if exact else 'about '}{Quantity(value, unit).text}"


@dataclass(frozen=True, slots=True)
class Weight:
    """A body weight in kg: `lines` is empty where it was given in kg."""

    kg: Decimal
    lines: tuple[str, ...] = ()
    standing: Standing = Standing.PLAIN


@dataclass(frozen=True, slots=True)
class Course:
    """One course: so much a day, on so many days, so much in all; per kg where the weight is known."""

    daily_g: Decimal
    days: int
    course_g: Decimal
    daily_g_per_kg: Decimal | None
    course_g_per_kg: Decimal | None
    lines: tuple[str, ...]
    standing: Standing = Standing.PLAIN


@dataclass(frozen=True, slots=True)
class Total:
    """What courses add up to in a year, and how many of them that are."""

    courses: Decimal
    grams: Decimal
    lines: tuple[str, ...]
    factor: str  # the courses as they stand in a line: 12, or 52 ÷ 3 where the quotient never ends


def weight_in_kg(given: Quantity, limits: Limits) -> Weight:
    """
    A body weight in kg, kept to 0.01 kg, half-up.

    "Pound = 0.45359237 kg exactly; stone = 14 lb." The one rounding stands here, in sight, so that every later line
    can be worked out again by hand from the line before it. Raises OutOfRange, QuantityError.
    """
    exact = given.to("kg").value
    if not exact.is_finite() or exact <= 0 or exact > GRAMS_IN_A_KILOGRAM:
        raise OutOfRange(exact, limits.weight)
    kept = rounded(exact, KEPT_PLACES_OF_KG)
    standing = checked(kept, limits.weight)
    if given.unit == "kg":
        return Weight(kept, () if kept == exact else (f"{exact.normalize():f} kg = about {figure(kept)} kg",), standing)
    lines = []
    pounds = given
    if given.unit == "st":
        pounds = Quantity(given.value * POUNDS_IN_A_STONE, "lb")
        lines.append(f"{given.text} × {POUNDS_IN_A_STONE} = {pounds.text}")
    elif given.unit == "st lb":
        pounds = Quantity(given.value, "lb")
        stones, rest = divmod(given.value, POUNDS_IN_A_STONE)
        added = f" + {figure(rest)} lb" if rest else ""
        lines.append(f"{figure(stones)} stone × {POUNDS_IN_A_STONE}{added} = {pounds.text}")
    if pounds.unit == "lb":
        equal = "=" if kept == exact else "= about"
        lines.append(f"{pounds.text} × {POUND_IN_KG} {equal} {figure(kept)} kg")
    else:
        lines.append(f"{given.text} = {figure(kept)} kg")
    return Weight(kept, tuple(lines), standing)


def course(dose: Quantity, days: int, weight_kg: Decimal | None, limits: Limits, *, spread: bool = False) -> Course:
    """
    What a dose comes to.

    "'over N days' divides; 'a day for N days' multiplies; both the daily amount and the course total are always shown
    and named." -- `spread` is the first of the two.

        daily_g = weight_kg * dose_g_per_kg          course_g = daily_g * days
        course_g = weight_kg * dose_g_per_kg         daily_g = course_g / days          where spread

    `dose` is in g/kg, mg/kg (both need the weight), g or mg. Leaves out bottles, rate and kidney function. Raises
    OutOfRange where a day or the course is refused, ValueError where the weight is missing.
    """
    lines: list[str] = []
    if "/" in dose.unit:
        if weight_kg is None:
            raise ValueError("a dose per kilogram needs a weight")
        whole_g = _grams_by_weight(dose, weight_kg, lines)
    else:
        whole_g = dose.to("g").value
        if dose.unit != "g":
            lines.append(f"{dose.text} {equals(whole_g, 'g')}")
    count = Decimal(days)
    if days == 1:
        daily_g = course_g = whole_g
    elif spread:
        course_g, daily_g = whole_g, divided(whole_g, count)
        lines[-1:] = [f"{lines[-1]} in all"] if lines else []
        lines.append(f"{figure(course_g)} g ÷ {days} days {equals(daily_g, 'g')} a day")
    else:
        daily_g, course_g = whole_g, whole_g * count
        lines[-1:] = [f"{lines[-1]} a day"] if lines else []
        lines.append(f"{figure(daily_g)} g × {days} days {equals(course_g, 'g')} in all")
    daily_per_kg = course_per_kg = None
    worst = Standing.PLAIN
    if weight_kg is not None:
        daily_per_kg, course_per_kg = divided(daily_g, weight_kg), divided(course_g, weight_kg)
        if dose.unit == "g/kg":
            # The typed dose itself, not a quotient of a product: 2 stays 2 and is not above 2.
            daily_per_kg = divided(dose.value, count) if spread else dose.value
            course_per_kg = dose.value if spread else dose.value * count
        standings = {checked(daily_per_kg, limits.dose_per_kg), checked(course_per_kg, limits.dose_per_kg)}
        worst = next((each for each in (Standing.ASK, Standing.WARN_HIGH) if each in standings), Standing.PLAIN)
        if "/" not in dose.unit:
            lines.extend(per_kilogram(daily_g, weight_kg, " a day" if days > 1 else ""))
    return Course(daily_g, days, course_g, daily_per_kg, course_per_kg, tuple(lines), worst)


def _grams_by_weight(dose: Quantity, weight_kg: Decimal, lines: list[str]) -> Decimal:
    numerator, _, denominator = dose.unit.partition("/")
    if denominator != "kg":
        per_kg = dose.to(f"{numerator}/kg")
        lines.append(f"{dose.text} ÷ {POUND_IN_KG} {equals(per_kg.value, per_kg.unit)}")
        dose = per_kg
    amount = weight_kg * dose.value
    grams = Quantity(amount, numerator).to("g").value
    line = f"{figure(weight_kg)} kg × {dose.text} {equals(amount, numerator)}"
    if numerator != "g":
        line += f" {equals(grams, 'g')}"
    lines.append(line)
    return grams


def per_kilogram(grams: Decimal, weight_kg: Decimal, what: str = "") -> tuple[str, ...]:
    """
    The line that turns grams back into grams per kilogram: the reverse sum.

    "35 g every 3 weeks, 70 kg" is 0.5 g/kg per infusion.
    """
    return (f"{figure(grams)} g ÷ {figure(weight_kg)} kg {equals(divided(grams, weight_kg), 'g/kg')}{what}",)


def in_a_year(course_g: Decimal, interval: Quantity) -> tuple[Total, ...]:
    """
    What courses come to in a year, at an interval in days, weeks, months or years.

    Once a month is 12 a year and every 4 weeks is 13; both are given where the interval is one of the two, since one is
    often said for the other. Other numbers of weeks are an average over 52 weeks.
    """
    monthly = (interval.unit, interval.value) in (("month", Decimal(1)), ("week", Decimal(4)))
    if monthly:
        twelve = Total(
            MONTHS_IN_A_YEAR,
            course_g * MONTHS_IN_A_YEAR,
            (f"{figure(course_g)} g × 12 months {equals(course_g * MONTHS_IN_A_YEAR, 'g')} a year",),
            "12",
        )
        thirteen = Total(
            Decimal(13),
            course_g * 13,
            (f"{figure(course_g)} g × 13 cycles of 4 weeks {equals(course_g * 13, 'g')} a year",),
            "13",
        )
        return (twelve, thirteen) if interval.unit == "month" else (thirteen, twelve)
    if interval.unit in ("month", "year"):
        months = interval.to("month").value
        times, over, under = divided(MONTHS_IN_A_YEAR, months), "12 months", figure(months)
    else:
        weeks = interval.to("week").value
        times, over, under = divided(WEEKS_IN_A_YEAR, weeks), "52 weeks", figure(weeks)
    grams = course_g * times
    often = equals(times, "")
    # No line goes on from a rounded number: where it is one, the numbers it came from stand again.
    factor = f"{over.partition(' ')[0]} ÷ {under}" if "about" in often else figure(times)
    lines = (f"{over} ÷ {under} {often} a year", f"{figure(course_g)} g × {factor} {equals(grams, 'g')} a year")
    return (Total(times, grams, lines, factor),)


def a_month(total: Total) -> str:
    """The line for the month that a year's grams come to on average: a twelfth of the year."""
    year = equals(total.grams, "g")
    # No line goes on from a rounded number: where the year is one, what it was worked out from stands again.
    start = total.lines[-1].partition(" = ")[0] if "about" in year else year.removeprefix("= ")
    return f"{start} ÷ 12 {equals(divided(total.grams, MONTHS_IN_A_YEAR), 'g')} a month"


def several(dose_g: Decimal, infusions: int) -> tuple[Decimal, str]:
    """What so many infusions of one dose come to, with the line; they may lie weeks apart."""
    total_g = dose_g * infusions
    return total_g, f"{figure(dose_g)} g × {infusions} infusions {equals(total_g, 'g')} in all"


def volume_ml(grams: Decimal, mg_per_ml: Decimal, limits: Limits) -> tuple[Decimal, str]:
    """
    The millilitres that hold so many grams, with the line.

        volume_ml = grams * 1000 / concentration_mg_per_ml

    Raises OutOfRange for a strength that no infusion has.
    """
    checked(mg_per_ml, limits.concentration)
    value = divided(grams * GRAMS_IN_A_KILOGRAM, mg_per_ml)
    return value, f"{figure(grams)} g × 1,000 ÷ {figure(mg_per_ml)} mg/mL {equals(value, 'mL')}"

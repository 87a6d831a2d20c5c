"""
How is a number, an amount, a day or a length of time printed so that it cannot be misread.

May not know what the number means. The error-prone list of the Institute for Safe Medication Practices is followed:
no zero after the decimals, a zero before the point, separated thousands, a space before the unit, whole unit words.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext

_SIGNS = {"$": "$", "USD": "$", "GBP": "£", "EUR": "€", "CAD": "C$", "AUD": "A$", "NZD": "NZ$"}
MINUTES_PER_HOUR = 60
# Not from the machine's locale: the words around them are English.
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def number(value: Decimal | int) -> str:
    """Separated thousands, no zero at the end of the decimals, never an exponent."""
    text = f"{Decimal(value):,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def amount(value: Decimal | int, unit: str) -> str:
    """A number and its unit, a space between; per cent is written without one."""
    return f"{number(value)}%" if unit == "%" else f"{number(value)} {unit}"


def rounded(value: Decimal, places: int = 2) -> Decimal:
    """Half away from zero, as people learn it in school; never half to even."""
    return _to(value, places, ROUND_HALF_UP)


def rounded_down(value: Decimal, places: int = 2) -> Decimal:
    """Towards zero for a positive value: what a maximum needs."""
    return _to(value, places, ROUND_FLOOR)


def rounded_up(value: Decimal, places: int = 0) -> Decimal:
    """Away from zero for a positive value: what an "at least" needs."""
    return _to(value, places, ROUND_CEILING)


def _to(value: Decimal, places: int, rounding: str) -> Decimal:
    with localcontext() as context:
        context.prec = 60
        return value.quantize(Decimal(1).scaleb(-places), rounding=rounding)


def money(value: Decimal, currency: str) -> str:
    """An amount of money: whole, or with two decimals; the currency as it was typed."""
    cents = rounded(value, 2)
    if cents < 0:
        return f"-{money(-cents, currency)}"
    text = f"{cents:,.0f}" if cents == cents.to_integral_value() else f"{cents:,.2f}"
    sign = _SIGNS.get(currency)
    return f"{sign}{text}" if sign else f"{text} {currency}".rstrip()


def hours(minutes: Decimal | int) -> str:
    """A length of time in hours and minutes; a part of a minute counts as a whole one."""
    whole = int(rounded_up(Decimal(minutes)))
    hour, minute = divmod(whole, MINUTES_PER_HOUR)
    parts = []
    if hour:
        parts.append("1 hour" if hour == 1 else f"{hour:,} hours")
    if minute or not hour:
        parts.append("1 minute" if minute == 1 else f"{minute} minutes")
    return " ".join(parts)


def day(when: date) -> str:
    """A day in words that no country reads the wrong way round: 24 November 2026."""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def weekday(when: date) -> str:
    """A day with the name of its weekday: Tuesday 24 November 2026."""
    return f"{_WEEKDAYS[when.weekday()]} {day(when)}"


def count(value: int, word: str) -> str:
    """A number of things, with the plural's s."""
    return f"1 {word}" if value == 1 else f"{value:,} {word}s"


def listed(words: list[str] | tuple[str, ...], last: str = "and") -> str:
    """Several words in a row: a, b and c."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"

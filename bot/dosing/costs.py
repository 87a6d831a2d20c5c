"""
What do so many grams cost, and what share of it is left to the person?

May not know words, chats, or today's date. The currency stays as typed; nothing is exchanged.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bot.dosing.course import Total, divided
from bot.dosing.limits import Standing, checked
from bot.dosing.tables import Limits
from bot.quantities import figure, rounded
from bot.quantities.printing import money

WHOLE = Decimal(100)
KEPT_PLACES = 2


@dataclass(frozen=True, slots=True)
class Cost:
    """A sum of money in its currency, and the lines."""

    value: Decimal
    currency: str
    lines: tuple[str, ...]
    standing: Standing = Standing.PLAIN


def cost(grams: Decimal, price_per_gram: Decimal, currency: str, limits: Limits) -> Cost:
    """
    What so many grams cost, to the cent.

        cost = grams * price_per_gram

    Leaves out the place, nurses, tests and fees. Raises OutOfRange for a price that no gram has.
    """
    found = checked(price_per_gram, limits.price_per_gram)
    value = rounded(grams * price_per_gram, KEPT_PLACES)
    line = f"{figure(grams)} g × {money(price_per_gram, currency)}/g = {money(value, currency)}"
    return Cost(value, currency, (line,), found)


def repeated(single: Cost, year: Total) -> Cost:
    """The same cost as often as a year has courses."""
    value = rounded(single.value * year.courses, KEPT_PLACES)
    line = f"{money(single.value, single.currency)} × {year.factor} = {money(value, single.currency)}"
    return Cost(value, single.currency, (line,), single.standing)


def share(bill: Cost, percent: Decimal, deductible: Decimal, cap: Decimal | None, limits: Limits) -> Cost:
    """
    What is left to the person of a bill: the deductible first, then a part of the rest, at most the cap.

        share = min(deductible, bill) + (bill - deductible) * percent / 100          at most cap

    Raises OutOfRange for a percentage outside 0 to 100, ValueError for a negative amount.
    """
    checked(percent, limits.percent)
    if deductible < 0 or (cap is not None and cap < 0):
        raise ValueError("a negative amount of money")
    currency = bill.currency
    first = min(deductible, bill.value)
    rest = bill.value - first
    part = rounded(divided(rest * percent, WHOLE), KEPT_PLACES)
    total = first + part
    lines = []
    if first:
        lines.append(f"{money(bill.value, currency)} − {money(first, currency)} = {money(rest, currency)}")
    lines.append(f"{money(rest, currency)} × {figure(percent)}% = {money(part, currency)}")
    if first:
        lines.append(f"{money(first, currency)} + {money(part, currency)} = {money(total, currency)}")
    if cap is not None and total > cap:
        lines.append(f"{money(total, currency)}, but at most {money(cap, currency)}")
        total = cap
    return Cost(total, currency, tuple(lines), bill.standing)

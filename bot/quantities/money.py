"""
Which currency stands here, and for how much of what is it paid?

May not know what is paid for.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bot.quantities.amounts import Kind
from bot.quantities.findings import Findings
from bot.quantities.numbers import Numeral, numeral
from bot.quantities.tokens import Token
from bot.quantities.units import UNIT_OF, unit_at

_SYMBOLS = {"$": "$", "€": "EUR", "£": "GBP", "₹": "INR", "rs": "INR"}
_BEFORE = {"us": "USD", "usd": "USD", "a": "AUD", "au": "AUD", "aud": "AUD", "c": "CAD", "ca": "CAD", "cad": "CAD",
           "nz": "NZD", "nzd": "NZD", "eur": "EUR", "gbp": "GBP"}  # fmt: skip
_AFTER = {
    "$": "$", "€": "EUR", "£": "GBP", "dollar": "$", "dollars": "$", "bucks": "$", "usd": "USD", "euro": "EUR",
    "euros": "EUR", "eur": "EUR", "gbp": "GBP", "quid": "GBP", "cad": "CAD", "aud": "AUD", "nzd": "NZD",
    "zloty": "PLN", "pln": "PLN", "chf": "CHF", "francs": "CHF", "sek": "SEK", "nok": "NOK", "dkk": "DKK",
    "rupees": "INR", "inr": "INR", "yen": "JPY", "jpy": "JPY",
}  # fmt: skip


def _word(found: Sequence[Token], place: int) -> str:
    return found[place].text if 0 <= place < len(found) else ""


def currency_before(found: Sequence[Token], place: int) -> tuple[str, int] | None:
    """A currency in front of a number, and the place of the number: $, US$, €, GBP, A$."""
    word = _word(found, place)
    if word in _SYMBOLS:
        return _SYMBOLS[word], place + 1
    if word in _BEFORE:
        if _word(found, place + 1) == "$" and found[place + 1].glued:
            return _BEFORE[word], place + 2
        if len(word) == 3 and place + 1 < len(found) and found[place + 1].kind == "number":
            return _BEFORE[word], place + 1
    return None


def currency_after(found: Sequence[Token], place: int) -> tuple[str, int] | None:
    """A currency behind a number, and the place after it: €, dollars, USD, US dollars."""
    word = _word(found, place)
    if word in ("us", "canadian", "australian") and _word(found, place + 1) in ("dollar", "dollars", "$"):
        return {"us": "USD", "canadian": "CAD", "australian": "AUD"}[word], place + 2
    return (_AFTER[word], place + 1) if word in _AFTER else None


def per_so_many_grams(found: Sequence[Token], place: int) -> tuple[Decimal | None, int]:
    """The grams in "$800 per 10 grams", and the place behind them; None where no such words follow."""
    count = numeral(found, place + 1) if _word(found, place) in ("/", "per", "for") else None
    if count is None or len(count.readings) != 1 or count.readings[0] <= 0:
        return None, place
    unit = unit_at(found, count.end)
    return (count.readings[0], unit.end) if unit is not None and unit.text == "g" else (None, place)


def per_what(found: Sequence[Token], place: int) -> tuple[str, int]:
    """What a sum of money is paid for (a gram, an infusion, a year), and the place behind it."""
    word = _word(found, place)
    if word in ("yearly", "annually", "monthly", "weekly", "daily"):
        return {"daily": "day", "weekly": "week", "monthly": "month"}.get(word, "year"), place + 1
    if word in ("/", "per", "a", "an", "each", "every", "pro", "for"):
        at = place + 2 if _word(found, place + 1) in ("each", "every", "one", "a") else place + 1
        unit = UNIT_OF.get(_word(found, at), "")
        if unit and not (word == "for" and at == place + 1):
            return unit, at + 1
    return "", place


def price_or_money(found: Findings, place: int) -> int | None:
    """The sum of money that begins with its currency here, or None."""
    before = currency_before(found.tokens, place)
    if before is None:
        return None
    currency, at = before
    value = numeral(found.tokens, at)
    if value is None:
        return None
    if found.word(place - 1) == "-" and found.glued(place) and not found.glued(place - 1):
        value = Numeral(tuple(-reading for reading in value.readings), value.end)
    return priced(found, value, currency, place, value.end)


def priced(found: Findings, value: Numeral, currency: str, place: int, end: int) -> int:
    """Money, or a price where a unit of mass follows. Three digits behind a sign are thousands: cents have two."""
    values = value.readings[-1:]
    if found.word(end) in ("k", "thousand") and values:
        values, end = (values[0] * 1000,), end + 1
    count, end = per_so_many_grams(found.tokens, end)
    if count is not None and values:
        return found.add(Kind.PRICE, (values[0] / count,), f"money:{currency}/g", place, end)
    per, end = per_what(found.tokens, end)
    if per in ("g", "mg", "kg"):
        return found.add(Kind.PRICE, values, f"money:{currency}/{per}", place, end)
    return found.add(Kind.MONEY, values, f"money:{currency}", place, end, per=per, role=found.role(place))

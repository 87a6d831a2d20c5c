"""
Which currency stands here, and for how much of what is it paid?

May not know what is paid for.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bot.quantities.numbers import numeral
from bot.quantities.tokens import Token
from bot.quantities.units import UNIT_OF, unit_at

_SYMBOLS = {"$": "$", "€": "EUR", "£": "GBP"}
_BEFORE = {"us": "USD", "usd": "USD", "a": "AUD", "au": "AUD", "aud": "AUD", "c": "CAD", "ca": "CAD", "cad": "CAD",
           "nz": "NZD", "nzd": "NZD", "eur": "EUR", "gbp": "GBP"}  # fmt: skip
_AFTER = {
    "$": "$", "€": "EUR", "£": "GBP", "dollar": "$", "dollars": "$", "bucks": "$", "usd": "USD", "euro": "EUR",
    "euros": "EUR", "eur": "EUR", "gbp": "GBP", "quid": "GBP", "cad": "CAD", "aud": "AUD", "nzd": "NZD",
    "zloty": "PLN", "pln": "PLN", "chf": "CHF", "francs": "CHF", "sek": "SEK", "nok": "NOK", "dkk": "DKK",
    "rupees": "INR", "inr": "INR",
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

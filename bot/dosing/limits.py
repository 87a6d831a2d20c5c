"""
Is a value plausible, worth a warning, worth a question, or refused?

May not know words, chats, or today's date. The limits stand in dosing.yaml; nothing is ever clamped to one.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from bot.dosing.tables import Limit


class Standing(StrEnum):
    """What a limit says about a value."""

    PLAIN = "plain"
    WARN_LOW = "warn_low"
    WARN_HIGH = "warn_high"
    ASK = "ask"
    REFUSE = "refuse"


class OutOfRange(ValueError):  # noqa: N818 -- it names where the value lies
    """A value with which nothing is calculated, and the limit that it breaks."""

    def __init__(self, value: Decimal, limit: Limit) -> None:
        super().__init__(f"{value} {limit.unit}")
        self.value = value
        self.limit = limit


def standing(value: Decimal, limit: Limit) -> Standing:
    """Where a value lies; a value that is not finite is refused."""
    if not value.is_finite():
        return Standing.REFUSE
    refused = (
        (limit.refuse_at_most is not None and value <= limit.refuse_at_most)
        or (limit.refuse_below is not None and value < limit.refuse_below)
        or (limit.refuse_from is not None and value >= limit.refuse_from)
        or (limit.refuse_above is not None and value > limit.refuse_above)
    )
    if refused:
        return Standing.REFUSE
    if limit.ask_at_most is not None and value <= limit.ask_at_most:
        return Standing.ASK
    if limit.warn_below is not None and value < limit.warn_below:
        return Standing.WARN_LOW
    if limit.warn_above is not None and value > limit.warn_above:
        return Standing.WARN_HIGH
    return Standing.PLAIN


def checked(value: Decimal, limit: Limit) -> Standing:
    """Where a value lies; raises OutOfRange where it is refused."""
    found = standing(value, limit)
    if found == Standing.REFUSE:
        raise OutOfRange(value, limit)
    return found

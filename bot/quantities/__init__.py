"""
What amount does this text state, and how is it printed.

May not know that medicine exists.
"""

from bot.quantities.amounts import (
    ARITHMETIC,
    INCHES_IN_A_FOOT,
    POUND_IN_KG,
    POUNDS_IN_A_STONE,
    Day,
    Doubt,
    Found,
    Kind,
    Quantity,
    QuantityError,
    every,
    figure,
)
from bot.quantities.printing import rounded
from bot.quantities.reading import Reading, read
from bot.quantities.tokens import normal

__all__ = [
    "ARITHMETIC",
    "INCHES_IN_A_FOOT",
    "POUNDS_IN_A_STONE",
    "POUND_IN_KG",
    "Day",
    "Doubt",
    "Found",
    "Kind",
    "Quantity",
    "QuantityError",
    "Reading",
    "every",
    "figure",
    "normal",
    "read",
    "rounded",
]

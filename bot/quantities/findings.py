"""
What has been found of a text so far, and which words stand around a place in it?

May not know what any of the words mean, beyond those that lead an amount in ("over", "for", "every").
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bot.quantities.amounts import Doubt, Found, Kind, Quantity
from bot.quantities.tokens import Token

_ROLES = {
    "over": "over", "across": "over", "spread": "over", "within": "over", "for": "for", "during": "for", "on": "for",
    "every": "every", "each": "every", "in": "in", "after": "after", "x": "times", "times": "times", "first": "first",
    "/": "in", "per": "in",
}  # fmt: skip
_BETWEEN_ROLE_AND_NUMBER = frozenset(("the", "next", "of", "a", "total", "about", "just", "only", "all"))


class Findings:
    """The tokens of a text, the amounts found in them so far, and the place behind the last of these."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.amounts: list[Found] = []
        self.taken = 0

    def word(self, place: int) -> str:
        """The word, number or sign at a place; nothing before the first and behind the last."""
        return self.tokens[place].text if 0 <= place < len(self.tokens) else ""

    def kind(self, place: int) -> str:
        """What stands at a place: a number, a fraction, a word or a sign."""
        return self.tokens[place].kind if 0 <= place < len(self.tokens) else ""

    def glued(self, place: int) -> bool:
        """Whether no space stands before a place."""
        return 0 <= place < len(self.tokens) and self.tokens[place].glued

    def add(self, kind: Kind, values: Sequence[Decimal], unit: str, place: int, end: int, **more: object) -> int:
        """Note an amount from one place to another with all its values in one unit; returns the place behind it."""
        readings = tuple(Quantity(value, unit) for value in values)
        return self.keep(kind, readings, place, end, **more)

    def keep(self, kind: Kind, readings: tuple[Quantity, ...], place: int, end: int, **more: object) -> int:
        """Note an amount with its readings; none at all is a broken one, and several are in doubt."""
        doubt = more.pop("doubt", None)
        if doubt is None and not readings and kind not in (Kind.OTHER, Kind.DATE):
            doubt = Doubt.BROKEN
        if doubt is None and len(readings) > 1:
            doubt = Doubt.SEPARATOR
        start, stop = self.tokens[place].start, self.tokens[end - 1].end
        self.amounts.append(Found(kind, readings, start, stop, doubt=doubt, **more))  # type: ignore[arg-type]
        return end

    def role(self, place: int) -> str:
        """The role of the word that leads in the amount at this place, such as "over" in "over the next 5 days"."""
        for back in range(1, 4):
            word = self.word(place - back)
            if word in _ROLES and place - back >= self.taken:
                return _ROLES[word]
            if word not in _BETWEEN_ROLE_AND_NUMBER:
                return ""
        return ""

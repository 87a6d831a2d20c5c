"""
Which numbers are no amount of anything: telephone numbers, times of day, blood pressures?

May not know what the amounts beside them mean.
"""

from __future__ import annotations

from bot.quantities.amounts import Kind
from bot.quantities.findings import Findings
from bot.quantities.numbers import numeral
from bot.quantities.units import unit_at

_MOST_TOKENS = 16


def telephone(found: Findings, place: int) -> int | None:
    """Groups of digits that make a telephone number, or a number far too long to be an amount."""
    if found.kind(place) != "number" and found.word(place) not in ("+", "("):
        return None
    figures, groups, marks, at = 0, 0, 0, place
    while at < len(found.tokens) and at - place < _MOST_TOKENS:
        token = found.tokens[at]
        if token.kind == "number" and token.text.isdigit():
            figures, groups = figures + len(token.text), groups + 1
        elif token.text in ("-", "(", ")", "+") and token.kind == "sign":
            marks += 1
        else:
            break
        at += 1
    starts_plus = found.word(place) == "+"
    is_long = figures >= 9 and (groups >= 3 or starts_plus or marks >= 2)
    is_local = groups == 2 and marks == 1 and figures == 7 and found.word(place + 1) == "-"
    if not (is_long or is_local) or unit_at(found.tokens, at) is not None:
        return None
    return found.add(Kind.OTHER, (), "", place, at)


def clock_time(found: Findings, place: int) -> int | None:
    """10:30, and ratios such as a blood pressure of 120/80."""
    if found.kind(place) != "number" or found.kind(place + 2) != "number":
        return None
    if found.word(place + 1) == ":" and found.glued(place + 1) and found.glued(place + 2):
        return found.add(Kind.OTHER, (), "", place, place + 3)
    if found.word(place + 1) == "/":
        first = numeral(found.tokens, place)
        is_fraction = first is not None and first.end == place + 3
        if not is_fraction and unit_at(found.tokens, place + 3) is None:
            return found.add(Kind.OTHER, (), "", place, place + 3)
    return None

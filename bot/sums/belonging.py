"""
Is a message a sum at all, or do its numbers belong to something else?

May not know what was said before, wording, files, Telegram, or the clock.
"""

from __future__ import annotations

import re
from decimal import Decimal

from bot.quantities import Quantity
from bot.sums import cues
from bot.sums.understanding import Understood

_ONE_GRAM = Quantity(Decimal(1), "g")
_UNIT_WANTS = frozenset(("kilograms", "pounds"))
_BARE_WEIGHT = re.compile(r"\b(?:dose|dosage|grams) (?:for|at|of ivig for) (?:a |an |someone of |me at )?\d")
_LEAST_BARE, _MOST_BARE = Decimal(30), Decimal(450)


def is_a_sum(got: Understood) -> bool:
    """Whether a message that answers no question is a sum of its own."""
    pieces = got.pieces
    text = got.text
    asks_for_a_wait = "vaccine" in pieces.wants or pieces.last_day is not None
    if cues.is_elsewhere(text) or (asks_for_a_wait and cues.names_no_live_vaccine(text)):
        return False
    opened = {each.piece for each in got.open} | set(got.broken)
    has_weight = pieces.weight is not None or "weight" in opened or "weight" in got.broken
    has_dose = pieces.dose is not None or "dose" in opened
    others = cues.other_words(text)
    if cues.judges(text) and not ("cost" in pieces.wants and has_weight):
        return False
    if has_weight and has_dose:
        return others <= 14
    if has_weight and pieces.rate is not None:
        return others <= 8
    if has_weight and cues.is_past(text) and not cues.asks(text) and not set(pieces.wants) - _UNIT_WANTS:
        return False
    if has_weight:
        return (cues.asks(text) or bool(set(pieces.wants) - _UNIT_WANTS) or others <= 1) and others <= 8
    if has_dose:
        if cues.asks_about_a_dose(text) and not set(pieces.wants) - _UNIT_WANTS - {"per_kg"}:
            return False
        if pieces.given == ("dose",) and pieces.dose == _ONE_GRAM:
            return False  # "how much is 1 gram of IVIG" asks for the price, not for a sum
        if "vaccine" in pieces.wants and pieces.last_day is not None:
            return others <= 10
        if pieces.dose is not None and "/" not in pieces.dose.unit and not cues.speaks_of_ivig(text):
            return (bool(set(pieces.wants) & {"bottles", "volume", "hours", "cost"}) and others <= 6) or others <= 1
        return others <= 8
    if pieces.rate is not None:
        known = pieces.volume or pieces.strength or pieces.drop_factor or pieces.product
        return known is not None and others <= 8
    if pieces.volume is not None and pieces.strength is not None:
        return others <= 8
    if pieces.first_day is not None or pieces.last_day is not None or {"first_day", "last_day"} & opened:
        wanted = pieces.interval is not None or "vaccine" in pieces.wants or "dates" in pieces.wants
        is_course = pieces.days is not None and (others <= 2 or cues.speaks_of_ivig(text))
        return (wanted and others <= 10) or (is_course and others <= 8)
    if pieces.interval is not None and cues.asks_for_dates(text):
        return others <= 4
    if pieces.bill is not None or pieces.share_percent is not None:
        return pieces.bill is not None and pieces.share_percent is not None
    return is_bare_weight(got)


def is_bare_weight(got: Understood) -> bool:
    """ "Dose for 70": one number that can only be a weight without its unit."""
    if len(got.numbers) != 1 or got.pieces.given or not _BARE_WEIGHT.search(got.text):
        return False
    return _LEAST_BARE <= got.numbers[0].value <= _MOST_BARE and cues.other_words(got.text) <= 2

"""
How sure is sure enough: answer, offer, or neither?

May not know topics. The weights were fitted on left-out questions; a wrong answer costs more than a question back.
"""

from __future__ import annotations

import math
from enum import Enum


class Band(Enum):
    """What a part of a message comes to."""

    SURE = "sure"
    LIKELY = "likely"
    UNKNOWN = "unknown"
    OUTSIDE = "outside"
    TALK = "talk"


ANSWER_FROM = 0.5
ANSWER_FROM_CAREFUL = 0.6
OFFER_FROM = 0.12


def sureness(best: float, second: float, outside: float, closest: float) -> float:
    """
    How likely the best topic is the one meant, 0 to 1.

    `best` and `second` are the scores of the first two topics, `outside` that of the best class outside scope,
    `closest` the likeness of the nearest example of all.
    """
    strength = -3.0 + 5.0 * best + 6.0 * (best - second) - 2.0 * max(outside, 0.0) + 1.0 * closest
    return 1.0 / (1.0 + math.exp(-strength))


def band_of(sure: float, careful: bool) -> Band:
    """The band of a topic; `careful` ones must be surer."""
    if sure >= (ANSWER_FROM_CAREFUL if careful else ANSWER_FROM):
        return Band.SURE
    return Band.LIKELY if sure >= OFFER_FROM else Band.UNKNOWN

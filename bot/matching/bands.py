"""
How sure is sure enough: answer, offer, or neither?

May not know topics. A wrong answer costs more than a question back.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import Enum


class Band(Enum):
    """What a part of a message comes to."""

    SURE = "sure"
    LIKELY = "likely"
    UNKNOWN = "unknown"
    OUTSIDE = "outside"
    TALK = "talk"


ANSWER_FROM = 0.75
ANSWER_FROM_CAREFUL = 0.79
OFFER_FROM = 0.1

_AT_ZERO = -2.01
_WEIGHTS = (1.6, 4.89, -12.01, 1.64, 2.43)
# Beyond this many words a message no longer gets surer by being longer.
_LONG_WORDS = 12


def measures(best: float, second: float, outside: float, closest: float, words: int) -> tuple[float, ...]:
    """
    What sureness follows from.

    `best` and `second` are the scores of the first two topics, `outside` that of the best class outside scope,
    `closest` how alike in meaning the nearest example of all is, `words` the length of the message.
    """
    return best, best - second, max(outside, 0.0), closest, min(words, _LONG_WORDS) / _LONG_WORDS


def sureness(measured: Sequence[float]) -> float:
    """How likely the best topic is the one meant, 0 to 1; fitted by tests/fit_bands.py."""
    strength = _AT_ZERO + sum(weight * value for weight, value in zip(_WEIGHTS, measured, strict=True))
    return 1.0 / (1.0 + math.exp(-strength))


def band_of(sure: float, careful: bool) -> Band:
    """The band of a topic; `careful` ones must be surer."""
    if sure >= (ANSWER_FROM_CAREFUL if careful else ANSWER_FROM):
        return Band.SURE
    return Band.LIKELY if sure >= OFFER_FROM else Band.UNKNOWN

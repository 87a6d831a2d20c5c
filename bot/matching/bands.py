"""
How sure is sure enough: answer, offer, or neither?

May not know topics. A wrong answer costs more than a question back.
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


ANSWER_FROM = 0.67
ANSWER_FROM_CAREFUL = 0.73
OFFER_FROM = 0.1

# Beyond this many words a message no longer gets surer by being longer.
_LONG_WORDS = 12


def sureness(best: float, second: float, outside: float, closest: float, words: int) -> float:
    """
    How likely the best topic is the one meant, 0 to 1.

    `best` and `second` are the scores of the first two topics, `outside` that of the best class outside scope,
    `closest` the likeness of the nearest example of all, `words` the length of the message. Logistic regression
    over test questions, with and without typing errors, and over messages outside scope, which count four times:
    those of tests/out_of_scope.yaml took no part.
    """
    length = min(words, _LONG_WORDS) / _LONG_WORDS
    strength = -1.6 - 1.7 * best + 8.5 * (best - second) - 11.6 * max(outside, 0.0) + 2.5 * closest + 2.1 * length
    return 1.0 / (1.0 + math.exp(-strength))


def band_of(sure: float, careful: bool) -> Band:
    """The band of a topic; `careful` ones must be surer."""
    if sure >= (ANSWER_FROM_CAREFUL if careful else ANSWER_FROM):
        return Band.SURE
    return Band.LIKELY if sure >= OFFER_FROM else Band.UNKNOWN

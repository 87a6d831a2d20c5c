"""
Does a message lie close to those that were urgent, though told in quite other words?

May not know the rules, nor where vectors come from: the function that gives them is handed in.

A second opinion: it can only raise a level. Where the message denies, asks, imagines or looks back it must be surer.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, StringConstraints

from bot.model import Identifier, Level, Noun

Vector = NDArray[np.float32]
# The vectors of a message: of the whole first, then of its sentences.
Embed = Callable[[str], Sequence[Vector]]

Share = Annotated[float, Field(gt=0, lt=1)]

_STORED = np.dtype("<f2")
_ROUNDS = 30
_PENALTY = 0.02


class FittedLevel(Noun):
    """
    What was learned about one level: a row that tells messages of this level or above from the rest, and where each
    pathway lies.

    A message is of this level when it is likelier than `above`, or than `above_if_unclear` where it denies, asks,
    imagines or looks back. `numbers` holds (1 + pathways) rows of (width + 1) half-precision floats, as base64; nobody
    edits it by hand.
    """

    level: Level
    above: Share
    above_if_unclear: Share
    pathways: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    numbers: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/=\s]+$")]

    def rows(self, width: int) -> Vector:
        """The numbers as rows; raises ValueError when they do not fit the width and the pathways."""
        flat = np.frombuffer(base64.b64decode("".join(self.numbers.split())), dtype=_STORED).astype(np.float32)
        return flat.reshape(1 + len(self.pathways), width + 1)


class Fitted(Noun):
    """What was learned from written messages, the most urgent level first."""

    width: Annotated[int, Field(ge=1, le=4096)]
    levels: Annotated[tuple[FittedLevel, ...], Field(min_length=1)]


class SecondOpinion:
    """Names the level and the pathway of a message that lies among urgent ones."""

    def __init__(self, fitted: Fitted, embed: Embed) -> None:
        self._width = fitted.width
        self._levels = [(one, one.rows(fitted.width)) for one in fitted.levels]
        self._embed = embed

    def of(self, text: str, is_clear: bool) -> tuple[Level, str] | None:
        """The level and pathway of the messages that this one, or a sentence of it, is like; None where unlikely."""
        vectors = self._embed(text)
        if not vectors or vectors[0].shape != (self._width,):
            return None
        stacked = np.stack(vectors)
        for fitted, rows in self._levels:
            strength = stacked @ rows[0, :-1] + rows[0, -1]
            surest = int(np.argmax(strength))
            likely = 1.0 / (1.0 + float(np.exp(-np.clip(strength[surest], -30, 30))))
            if likely > (fitted.above if is_clear else fitted.above_if_unclear):
                return fitted.level, fitted.pathways[int(np.argmax(rows[1:, :-1] @ stacked[surest]))]
        return None


def fit_level(
    vectors: Vector, is_of_level: Sequence[bool], pathways: Sequence[str | None], fitted: FittedLevel
) -> FittedLevel:
    """
    Learn one level from messages: `pathways` names the pathway of each that shows where one lies, None for others.

    Logistic regression by Newton's method, both classes weighing the same, with a fixed penalty: deterministic. The
    thresholds and the names of the pathways are taken from `fitted`.
    """
    wanted = np.array(is_of_level, dtype=bool)
    extended = np.hstack([vectors.astype(np.float64), np.ones((len(vectors), 1))])
    share = np.where(wanted, 0.5 / wanted.sum(), 0.5 / (~wanted).sum()) * len(vectors)
    penalty = np.full(extended.shape[1], _PENALTY)
    penalty[-1] = 0.0
    weights = np.zeros(extended.shape[1])
    for _ in range(_ROUNDS):
        likely = 1 / (1 + np.exp(-np.clip(extended @ weights, -30, 30)))
        slope = extended.T @ (share * (likely - wanted)) + penalty * weights
        curve = (extended * (share * likely * (1 - likely))[:, None]).T @ extended + np.diag(penalty + 1e-9)
        weights -= np.linalg.solve(curve, slope)
    rows = [weights]
    for name in fitted.pathways:
        place = vectors[[pathway == name for pathway in pathways]].mean(axis=0)
        rows.append(np.append(place / np.linalg.norm(place), 0.0))
    numbers = base64.b64encode(np.stack(rows).astype(_STORED).tobytes()).decode()
    return fitted.model_copy(update={"numbers": numbers})

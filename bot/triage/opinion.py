"""
Does a message lie close to those that were urgent, though told in quite other words?

May not know the rules, nor where vectors come from: the function that gives them is handed in.

A second opinion: it can only raise a level. What the rules saw of how a message is meant (denied, asked, imagined, told
of a film, long past) counts beside what it is like.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Mapping, Sequence
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


class FittedLevel(Noun):
    """
    What was learned about one level: what tells messages of this level or above from the rest, and where each pathway
    lies.

    A message is of this level when it is likelier than `above`. `cues` says how much each way of meaning something adds
    to the strength or takes from it. `numbers` holds rows of (width + 1) half-precision floats, as base64; nobody edits
    it by hand. The first row counts as it is, and its last number is a constant; then come `directions` rows of which
    each counts squared, times its last number; then a row for each pathway.
    """

    level: Level
    above: Share
    cues: Mapping[Identifier, float] = Field(default_factory=dict)
    directions: Annotated[int, Field(ge=0, le=256)] = 0
    pathways: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    numbers: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/=\s]+$")]

    def rows(self, width: int) -> Vector:
        """The numbers as rows; raises ValueError when they do not fit the width, the directions and the pathways."""
        flat = np.frombuffer(base64.b64decode("".join(self.numbers.split())), dtype=_STORED).astype(np.float32)
        return flat.reshape(1 + self.directions + len(self.pathways), width + 1)


class Fitted(Noun):
    """What was learned from written messages, the most urgent level first."""

    width: Annotated[int, Field(ge=1, le=4096)]
    levels: Annotated[tuple[FittedLevel, ...], Field(min_length=1)]


class _Read:
    """A level with its numbers taken apart."""

    def __init__(self, fitted: FittedLevel, rows: Vector) -> None:
        self.fitted = fitted
        end = 1 + fitted.directions
        self._row, self._constant = rows[0, :-1], float(rows[0, -1])
        self._directions, self._strengths = rows[1:end, :-1], rows[1:end, -1]
        self.pathways = rows[end:, :-1]

    def strength(self, stacked: Vector) -> Vector:
        """How strongly each vector speaks for the level; above 0 is likelier than not."""
        bent = np.square(stacked @ self._directions.T) @ self._strengths
        return np.asarray(stacked @ self._row + bent + self._constant, dtype=np.float32)


class SecondOpinion:
    """Names the level and the pathway of a message that lies among urgent ones."""

    def __init__(self, fitted: Fitted, embed: Embed) -> None:
        self._width = fitted.width
        self._levels = [_Read(one, one.rows(fitted.width)) for one in fitted.levels]
        self._embed = embed

    def of(self, text: str, cues: Collection[str]) -> tuple[Level, str] | None:
        """
        The level and pathway of the messages that this one, or a sentence of it, is like; None where unlikely.

        `cues` names the ways of meaning something that were found in it.
        """
        vectors = self._embed(text)
        if not vectors or vectors[0].shape != (self._width,):
            return None
        stacked = np.stack(vectors)
        for read in self._levels:
            strength = read.strength(stacked)
            surest = int(np.argmax(strength))
            meant = float(strength[surest]) + sum(read.fitted.cues.get(cue, 0.0) for cue in cues)
            if 1.0 / (1.0 + float(np.exp(-np.clip(meant, -30, 30)))) > read.fitted.above:
                return read.fitted.level, read.fitted.pathways[int(np.argmax(read.pathways @ stacked[surest]))]
        return None


def logistic(measured: Vector, is_so: NDArray[np.bool_], penalty: float) -> NDArray[np.float64]:
    """
    The weights, the one of a constant last, that tell the rows that are so from the rest.

    Logistic regression by Newton's method, both classes weighing the same: deterministic.
    """
    extended = np.hstack([measured.astype(np.float64), np.ones((len(measured), 1))])
    share = np.where(is_so, 0.5 / is_so.sum(), 0.5 / (~is_so).sum()) * len(measured)
    held = np.full(extended.shape[1], penalty)
    held[-1] = 0.0
    weights = np.zeros(extended.shape[1])
    for _ in range(_ROUNDS):
        likely = 1 / (1 + np.exp(-np.clip(extended @ weights, -30, 30)))
        slope = extended.T @ (share * (likely - is_so)) + held * weights
        curve = (extended * (share * likely * (1 - likely))[:, None]).T @ extended + np.diag(held + 1e-9)
        weights -= np.linalg.solve(curve, slope)
    return weights

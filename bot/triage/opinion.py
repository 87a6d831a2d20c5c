"""
Does a short message lie close to emergencies that were told in quite other words?

May not know the rules, nor where vectors come from: the function that embeds a text is handed in.

A second opinion: it can only raise a level, and it is asked only where the rules found no emergency and nothing in the
message is denied, asked about, imagined, long past or a figure of speech.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, StringConstraints

from bot.model import Identifier, Noun

Vector = NDArray[np.float32]
Embed = Callable[[str], Vector]

_STORED = np.dtype("<f2")
_ROUNDS = 30


class Fitted(Noun):
    """
    What was learned from written messages: a row that tells emergencies from the rest, and where each pathway lies.

    `numbers` holds (1 + pathways) rows of (width + 1) half-precision floats, as base64; nobody edits it by hand.
    """

    pathways: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    width: Annotated[int, Field(ge=1, le=4096)]
    surely_above: Annotated[float, Field(gt=0.5, lt=1)]
    numbers: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/=\s]+$")]

    def rows(self) -> Vector:
        """The numbers as rows; raises ValueError when they do not fit the width and the pathways."""
        flat = np.frombuffer(base64.b64decode("".join(self.numbers.split())), dtype=_STORED).astype(np.float32)
        return flat.reshape(1 + len(self.pathways), self.width + 1)


class SecondOpinion:
    """Names the pathway of a message that lies among emergencies."""

    def __init__(self, fitted: Fitted, embed: Embed) -> None:
        rows = fitted.rows()
        self._pathways = fitted.pathways
        self._surely_above = fitted.surely_above
        self._weights, self._bias = rows[0, :-1], float(rows[0, -1])
        self._places = rows[1:, :-1]
        self._embed = embed

    def pathway(self, text: str) -> str | None:
        """The pathway of the emergencies this text is like, or None when it is not surely like one."""
        vector = self._embed(text)
        if vector.shape != self._weights.shape:
            return None
        score = 1.0 / (1.0 + float(np.exp(-np.clip(vector @ self._weights + self._bias, -30, 30))))
        return self._pathways[int(np.argmax(self._places @ vector))] if score > self._surely_above else None


def fit(vectors: Vector, pathways: Sequence[str | None], surely_above: float) -> Fitted:
    """
    Learn from messages: the pathway of each emergency, None for every other message.

    Logistic regression by Newton's method, both classes weighing the same, with a fixed penalty: deterministic.
    """
    names = tuple(sorted({pathway for pathway in pathways if pathway}))
    is_emergency = np.array([pathway is not None for pathway in pathways])
    extended = np.hstack([vectors.astype(np.float64), np.ones((len(vectors), 1))])
    share = np.where(is_emergency, 0.5 / is_emergency.sum(), 0.5 / (~is_emergency).sum()) * len(vectors)
    penalty = np.full(extended.shape[1], 0.1)
    penalty[-1] = 0.0
    weights = np.zeros(extended.shape[1])
    for _ in range(_ROUNDS):
        likely = 1 / (1 + np.exp(-np.clip(extended @ weights, -30, 30)))
        slope = extended.T @ (share * (likely - is_emergency)) + penalty * weights
        curve = (extended * (share * likely * (1 - likely))[:, None]).T @ extended + np.diag(penalty + 1e-9)
        weights -= np.linalg.solve(curve, slope)
    rows = [weights]
    for name in names:
        place = vectors[[pathway == name for pathway in pathways]].mean(axis=0)
        rows.append(np.append(place / np.linalg.norm(place), 0.0))
    numbers = base64.b64encode(np.stack(rows).astype(_STORED).tobytes()).decode()
    return Fitted(pathways=names, width=vectors.shape[1], surely_above=surely_above, numbers=numbers)

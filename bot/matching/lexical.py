"""
How alike are two texts in their very words and letters?

May not know meanings. TF-IDF of words, word pairs and groups of 3 to 5 letters, as one sparse index in numpy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bot.text import words

_LETTER_GROUPS = (3, 4, 5)


def features(text: str) -> Counter[str]:
    """The words, word pairs and letter groups of a cleaned text, counted."""
    tokens = [word.text for word in words(text)]
    found: Counter[str] = Counter(tokens)
    found.update(f"{first} {second}" for first, second in pairwise(tokens))
    for token in tokens:
        marked = f"^{token}$"
        for size in _LETTER_GROUPS:
            found.update("~" + marked[at : at + size] for at in range(len(marked) - size + 1))
    return found


class LexicalIndex:
    """An inverted index over examples; gives the cosine of a text to every example."""

    def __init__(self, examples: Sequence[str]) -> None:
        counted = [features(example) for example in examples]
        frequency: Counter[str] = Counter()
        for counts in counted:
            frequency.update(counts.keys())
        self._size = len(examples)
        self._column = {feature: column for column, feature in enumerate(sorted(frequency))}
        total = 1.0 + len(examples)
        self._rarity = np.array(
            [np.log(total / (1.0 + frequency[feature])) + 1.0 for feature in self._column], dtype=np.float64
        )
        rows: list[NDArray[np.int32]] = []
        columns: list[NDArray[np.int64]] = []
        weights: list[NDArray[np.float64]] = []
        for row, counts in enumerate(counted):
            places, weight = self._weighed(counts)
            rows.append(np.full(len(places), row, dtype=np.int32))
            columns.append(places)
            weights.append(weight)
        flat = np.concatenate(columns) if columns else np.zeros(0, dtype=np.int64)
        order = np.argsort(flat, kind="stable")
        self._rows = np.concatenate(rows)[order] if rows else np.zeros(0, dtype=np.int32)
        self._weights = (np.concatenate(weights)[order] if weights else np.zeros(0)).astype(np.float32)
        self._starts = np.searchsorted(flat[order], np.arange(len(self._column) + 1)).astype(np.int64)

    def _weighed(self, counts: Counter[str]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        known = sorted((self._column[feature], count) for feature, count in counts.items() if feature in self._column)
        if not known:
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        places = np.array([place for place, _ in known], dtype=np.int64)
        weight = (1.0 + np.log([count for _, count in known])) * self._rarity[places]
        return places, weight / np.sqrt(np.sum(weight * weight))

    def similarity(self, text: str) -> NDArray[np.float32]:
        """The cosine, 0 to 1, of the text to each example."""
        places, weights = self._weighed(features(text))
        starts, ends = self._starts[places], self._starts[places + 1]
        lengths = ends - starts
        if not lengths.sum():
            return np.zeros(self._size, dtype=np.float32)
        at = np.repeat(starts - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths) + np.arange(lengths.sum())
        products = self._weights[at] * np.repeat(weights, lengths)
        return np.bincount(self._rows[at], weights=products, minlength=self._size).astype(np.float32)

"""
How alike are two texts in their very words and letters?

May not know meanings. TF-IDF of words, word pairs and groups of 3 to 5 letters, as one sparse index in numpy.
"""

from __future__ import annotations

import zlib
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.text import words

Array = NDArray[Any]

_LETTER_GROUPS = (3, 4, 5)
_COLUMNS = 1 << 18


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
    """
    An inverted index over examples; gives the cosine of a text to every example.

    Features are known by a checksum of 18 bits, so that no text is kept; two that fall together blur nothing that
    could be measured.
    """

    def __init__(self, arrays: Mapping[str, Array], size: int) -> None:
        """Use `LexicalIndex.over`, or hand in the `arrays` of an earlier one over as many examples."""
        self.arrays = dict(arrays)
        self._size = size
        self._rows, self._weights = self.arrays["rows"], self.arrays["weights"]
        self._starts, self._rarity = self.arrays["starts"], self.arrays["rarity"]

    @classmethod
    def over(cls, examples: Sequence[str]) -> LexicalIndex:
        """An index over these texts."""
        places, counts, lengths = array("i"), array("i"), array("i")
        for example in examples:
            found = _numbered(example)
            places.extend(found.keys())
            counts.extend(found.values())
            lengths.append(len(found))
        columns = np.array(places, dtype=np.int32)
        frequency = np.bincount(columns, minlength=_COLUMNS)
        rarity = np.where(frequency > 0, np.log((1.0 + len(examples)) / (1.0 + frequency)) + 1.0, 0.0)
        rows = np.repeat(np.arange(len(examples), dtype=np.int32), np.array(lengths, dtype=np.int32))
        weights = (1.0 + np.log(np.array(counts, dtype=np.float64))) * rarity[columns]
        norms = np.sqrt(np.bincount(rows, weights=weights * weights, minlength=len(examples)))
        order = np.argsort(columns, kind="stable")
        return cls(
            {
                "rows": rows[order],
                "weights": (weights / norms[rows])[order].astype(np.float32),
                "starts": np.concatenate(([0], np.cumsum(frequency))).astype(np.int32),
                "rarity": rarity.astype(np.float32),
            },
            len(examples),
        )

    def similarity(self, text: str) -> NDArray[np.float32]:
        """The cosine, 0 to 1, of the text to each example."""
        found = _numbered(text)
        columns = np.fromiter(found.keys(), dtype=np.int32, count=len(found))
        counts = np.fromiter(found.values(), dtype=np.float64, count=len(found))
        weights = (1.0 + np.log(counts)) * self._rarity[columns]
        length = np.sqrt(np.sum(weights * weights))
        starts = self._starts[columns]
        spans = self._starts[columns + 1] - starts
        total = int(spans.sum())
        if not total:
            return np.zeros(self._size, dtype=np.float32)
        at = np.repeat(starts - (np.cumsum(spans) - spans), spans) + np.arange(total)
        products = self._weights[at] * np.repeat(weights / length, spans)
        return np.bincount(self._rows[at], weights=products, minlength=self._size).astype(np.float32)


def _numbered(text: str) -> dict[int, int]:
    """The features as columns, in a fixed order."""
    found: dict[int, int] = {}
    for feature, count in features(text).items():
        column = zlib.crc32(feature.encode()) % _COLUMNS
        found[column] = found.get(column, 0) + count
    return found

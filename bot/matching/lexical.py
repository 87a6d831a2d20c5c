"""
How alike are two texts in their very words and letters?

May not know meanings. TF-IDF of words, word pairs and groups of 3 to 5 letters. Features are known by a checksum of
18 bits, so that no text is kept; two that fall together blur nothing that could be measured.
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
# What fewer examples have says more about the one who wrote them than about the class.
_FEWEST_EXAMPLES = 3


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
    """An inverted index over examples, for fitting: the cosine of a text to every example."""

    def __init__(self, examples: Sequence[str]) -> None:
        places, counts, lengths = array("i"), array("i"), array("i")
        for example in examples:
            found = _numbered(example)
            places.extend(found.keys())
            counts.extend(found.values())
            lengths.append(len(found))
        columns = np.array(places, dtype=np.int32)
        frequency = np.bincount(columns, minlength=_COLUMNS)
        common = frequency >= _FEWEST_EXAMPLES
        rarity = np.where(common, np.log((1.0 + len(examples)) / (1.0 + frequency)) + 1.0, 0.0)
        rows = np.repeat(np.arange(len(examples), dtype=np.int32), np.array(lengths, dtype=np.int32))
        weights = (1.0 + np.log(np.array(counts, dtype=np.float64))) * rarity[columns]
        norms = np.sqrt(np.bincount(rows, weights=weights * weights, minlength=len(examples)))
        order = np.argsort(columns, kind="stable")
        order = order[common[columns[order]]]
        self._size = len(examples)
        self._columns = np.flatnonzero(common).astype(np.int32)
        self._rarity = rarity[self._columns].astype(np.float32)
        self._rows = rows[order]
        self._weights = (weights / np.maximum(norms, 1e-12)[rows])[order].astype(np.float32)
        self._starts = np.concatenate(([0], np.cumsum(frequency[self._columns]))).astype(np.int32)

    def similarity(self, text: str) -> NDArray[np.float32]:
        """The cosine, 0 to 1, of the text to each example."""
        at, weights = _weighed(text, self._columns, self._rarity)
        starts = self._starts[at]
        spans = self._starts[at + 1] - starts
        total = int(spans.sum())
        if not total:
            return np.zeros(self._size, dtype=np.float32)
        places = np.repeat(starts - (np.cumsum(spans) - spans), spans) + np.arange(total)
        products = self._weights[places] * np.repeat(weights, spans)
        return np.bincount(self._rows[places], weights=products, minlength=self._size).astype(np.float32)

    def weights(self, coefficients: NDArray[np.float32]) -> LexicalWeights:
        """
        What each feature says for each class, given the `coefficients` of each example (a row) for each class.

        `similarity(text) @ coefficients` is linear in the features of the text: summed up once, not at every message.
        """
        table = np.empty((len(self._columns), coefficients.shape[1]), dtype=np.float16)
        for number in range(len(self._columns)):
            span = slice(self._starts[number], self._starts[number + 1])
            table[number] = self._weights[span] @ coefficients[self._rows[span]]
        return LexicalWeights({"columns": self._columns, "rarity": self._rarity, "table": table})


class LexicalWeights:
    """What the words of a text say for each class."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        """`columns` of the features in order, the `rarity` of each, and a `table`: rows features, columns classes."""
        self.arrays = dict(arrays)
        self._columns, self._rarity, self._table = (arrays[name] for name in ("columns", "rarity", "table"))

    def scores(self, text: str) -> NDArray[np.float32]:
        """The lexical cosine to every example times its coefficients, for each class."""
        at, weights = _weighed(text, self._columns, self._rarity)
        return np.asarray(weights @ self._table[at].astype(np.float32), dtype=np.float32)


def _weighed(text: str, columns: Array, rarity: Array) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Where the known features of a text stand in `columns`, and their weights, of length 1 together."""
    found = _numbered(text)
    wanted = np.fromiter(found.keys(), dtype=np.int32, count=len(found))
    counts = np.fromiter(found.values(), dtype=np.float32, count=len(found))
    at = np.searchsorted(columns, wanted)
    is_known = at < len(columns)
    is_known[is_known] = columns[at[is_known]] == wanted[is_known]
    at, counts = at[is_known], counts[is_known]
    weights = (1.0 + np.log(counts)) * rarity[at]
    length = float(np.sqrt(weights @ weights))
    return at, np.asarray(weights / length if length else weights, dtype=np.float32)


def _numbered(text: str) -> dict[int, int]:
    """The features as columns, in a fixed order."""
    found: dict[int, int] = {}
    for feature, count in features(text).items():
        column = zlib.crc32(feature.encode()) % _COLUMNS
        found[column] = found.get(column, 0) + count
    return found

"""
Where does a sentence, or a part of one, lie among all sentences: a vector of unit length.

May not know topics. One thread, one text at a time, so that a vector never depends on what came with it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

Vectors = NDArray[np.float32]

LONGEST_TOKENS = 128
_THREADS = 2
_COMMON = 10_000
_WHOLE_WORD = re.compile(r"[a-z]{2,}")


@dataclass(frozen=True)
class Reading:
    """A text as the model read it: a row of `tokens` for each piece of it, and where each piece stands (start, end)."""

    text: str
    tokens: Vectors
    places: NDArray[np.int64]

    @property
    def whole(self) -> Vectors:
        """The vector of the text, of length 1."""
        return _pooled(self.tokens)

    def part(self, start: int, end: int) -> Vectors | None:
        """The vector of `text[start:end]` as it was meant among the rest; None when it was cut off."""
        inside = (self.places[:, 0] >= start) & (self.places[:, 1] <= end)
        # The marks before and after every text, which stand nowhere in it, colour every vector alike.
        inside[0] = inside[-1] = True
        return _pooled(self.tokens[inside]) if inside.sum() > 2 else None


class SentenceModel:
    """A sentence-embedding model in ONNX form with its tokenizer."""

    def __init__(self, model: bytes, tokenizer: str) -> None:
        onnxruntime.disable_telemetry_events()  # on Windows this, elsewhere the variable set in bot/__init__.py
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        # The arena keeps the largest message's memory for ever and gains nothing on short texts.
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        # The wrapper keeps the file's bytes for a second session that is never made: 23 MB.
        self._session._model_bytes = None
        self._tokenizer = Tokenizer.from_str(tokenizer)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LONGEST_TOKENS)
        self.width = int(self._session.get_outputs()[0].shape[-1])
        self.digest = hashlib.sha256(hashlib.sha256(model).digest() + tokenizer.encode()).hexdigest()

    def read(self, text: str) -> Reading:
        """One text, read once: its vector and those of its parts follow from it."""
        encoding = self._tokenizer.encode(text)
        (tokens,) = self._session.run(None, {"input_ids": np.array(encoding.ids, dtype=np.int64)})
        return Reading(text, np.asarray(tokens, dtype=np.float32), np.array(encoding.offsets, dtype=np.int64))

    def embed(self, text: str) -> Vectors:
        """The vector of one text, of length 1."""
        return self.read(text).whole

    def embed_all(self, texts: Iterable[str]) -> Vectors:
        """One row a text. Two threads, each text by itself: the same bits as `embed` one after the other."""
        with ThreadPoolExecutor(_THREADS) as pool:
            rows = list(pool.map(self.embed, texts))
        return np.stack(rows) if rows else np.zeros((0, self.width), dtype=np.float32)

    def whole_words(self) -> frozenset[str]:
        """The words the tokenizer knows whole: everyday English, which is never misspelt."""
        return frozenset(word for word in self._tokenizer.get_vocab() if _WHOLE_WORD.fullmatch(word))

    def common_words(self) -> frozenset[str]:
        """The most used of them: the tokenizer numbers its words by how often they are used."""
        numbered = self._tokenizer.get_vocab().items()
        return frozenset(word for word, number in numbered if number < _COMMON and _WHOLE_WORD.fullmatch(word))


def _pooled(tokens: Vectors) -> Vectors:
    """The mean of the rows, scaled to length 1."""
    mean = tokens.mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), dtype=np.float32)

"""
Which topics does a text mean, best first, and with which phrase?

May not know doses, Telegram or files. Everything is fixed once built, so threads may share one matcher.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.matching.cache import packed, unpacked
from bot.matching.examples import Example, examples_of
from bot.matching.head import fit, left_out
from bot.matching.lexical import LexicalIndex
from bot.matching.scope import ScopeRules, runs_of
from bot.matching.sentence_model import Reading, SentenceModel, Vectors
from bot.matching.spelling import Spelling
from bot.matching.understanding import Judge, Understanding
from bot.model import Topic
from bot.text import clean

# How much the meaning (its cosine squared) counts against the words, and how far the head trusts an example.
# Measured on tests/questions; the form of the likeness is part of the key of the cache.
MEANING_SHARE = 0.8
RIDGE = 0.3

_LONGEST_CHARACTERS = 4096


@dataclass(frozen=True, slots=True)
class Ranked:
    """A topic, how surely it is meant (about 0 to 1), and the phrase of it that is most like the text."""

    topic: str
    score: float
    phrase: str


@dataclass(frozen=True)
class Scores:
    """What every class scored for one text; `normal` is the text as it was compared."""

    normal: str
    classes: NDArray[np.float32]
    likeness: NDArray[np.float32]
    closest: float


class Matcher:
    """Ranks topics for a text and judges whether to answer, to offer, or to say that it is not known."""

    def __init__(
        self,
        topics: tuple[Topic, ...],
        scope: ScopeRules,
        model: SentenceModel,
        cache: bytes | None,
    ) -> None:
        """Use `Matcher.build`."""
        self.topics = {topic.id: topic for topic in topics}
        self.scope = scope
        self._model = model
        self._last: Reading | None = None
        self._examples: tuple[Example, ...] = examples_of(topics, scope)
        self.classes = tuple(dict.fromkeys(example.label for example in self._examples))
        self.is_topic = np.array([name in self.topics for name in self.classes])
        self._spelling = Spelling(
            [*(example.text for example in self._examples), *sorted(scope.vocabulary)],
            model.whole_words(),
            model.common_words(),
        )
        # By class, once: inline search ranks at every letter typed.
        labels = self._labels()
        self._rows_of = [np.flatnonzero(labels == column) for column in range(len(self.classes))]
        self._key = self._digest()
        kept = unpacked(self._key, cache)
        self.is_restored = kept is not None and self._fits(kept)
        if kept is not None and self.is_restored:
            self._vectors, self._coefficients = kept.pop("vectors"), kept.pop("coefficients")
            self._lexical = LexicalIndex(kept, len(self._examples))
        else:
            self._lexical = LexicalIndex.over([example.text for example in self._examples])
            self._vectors = model.embed_all(example.text for example in self._examples)
            self._coefficients = fit(self._kernel_rows, labels, self._ridge())
        self._judge = Judge(self, {topic.id: runs_of(_said_by(topic), scope.name_forms) for topic in topics})

    @classmethod
    def build(
        cls, topics: Iterable[Topic], scope: ScopeRules, model: bytes, tokenizer: str, cache: bytes | None = None
    ) -> Matcher:
        """
        A matcher over these topics. `cache` is what `cache_bytes` gave before; it is used if it fits, else ignored.

        The order of the topics changes nothing.
        """
        ordered = tuple(sorted(topics, key=lambda topic: topic.id))
        return cls(ordered, scope, SentenceModel(model, tokenizer), cache)

    def embed(self, cleaned: str) -> Vectors:
        """The vector of a cleaned text in the spelling of the examples, of length 1."""
        return self._read(self.normal(cleaned)).whole

    def cache_bytes(self) -> bytes:
        """What was computed at the start, to be handed in the next time; the same bytes for the same knowledge."""
        return packed(
            self._key,
            {"vectors": self._vectors, "coefficients": self._coefficients, **self._lexical.arrays},
        )

    def rank(self, text: str) -> list[Ranked]:
        """Every topic, the best first."""
        scores = self.scores(self.normal(clean(text[:_LONGEST_CHARACTERS]).text))
        return [
            Ranked(self.classes[column], float(scores.classes[column]), self._winning_phrase(column, scores.likeness))
            for column in np.argsort(-scores.classes, kind="stable")
            if self.is_topic[column]
        ]

    def understand(self, text: str, context: tuple[str, ...] = ()) -> Understanding:
        """What to do with a message; `context` holds the ids of the topics spoken of last."""
        return self._judge.understand(text[:_LONGEST_CHARACTERS], context)

    def reads_enough_of(self, normal: str) -> bool:
        """Whether enough words of a text in normal form are known to guess at its meaning."""
        return self._spelling.reads_enough_of(normal)

    def normal(self, cleaned: str) -> str:
        """A cleaned text in the spelling of the examples, as it is compared."""
        return self._spelling.corrected(cleaned)

    def scores(self, normal: str, within: str = "") -> Scores:
        """The score of every class for a text in normal form; `within` is a text it stands in, and is read with."""
        likeness = self._likeness(self._vector(normal, within), self._lexical.similarity(normal))
        return Scores(normal, likeness @ self._coefficients, likeness, float(likeness.max(initial=0.0)))

    def _vector(self, normal: str, within: str) -> Vectors:
        start = within.find(normal)
        if start >= 0:
            part = self._read(within).part(start, start + len(normal))
            if part is not None:
                return part
        return self._read(normal).whole

    def _read(self, normal: str) -> Reading:
        """Triage's second opinion, the whole and the parts of a message are of one text: the last one is kept."""
        last = self._last
        if last is None or last.text != normal:
            last = self._last = self._model.read(normal)
        return last

    def left_out(self) -> list[tuple[str, str, NDArray[np.float32]]]:
        """
        Every example with its class and the scores it would get were it not an example.

        Shows which topics steal from each other. Takes some seconds, so nothing needs it while answering.
        """
        scores = left_out(self._kernel_rows, self._labels(), self._ridge())
        return [(example.text, example.label, scores[row]) for row, example in enumerate(self._examples)]

    def _winning_phrase(self, column: int, likeness: NDArray[np.float32]) -> str:
        rows = self._rows_of[column]
        return self._examples[int(rows[np.argmax(likeness[rows])])].raw

    def _likeness(self, vector: NDArray[np.float32], lexical: NDArray[np.float32]) -> NDArray[np.float32]:
        return _mixed(self._vectors @ vector, lexical)

    def _kernel_rows(self, start: int, end: int) -> NDArray[np.float32]:
        # All rows of a block at once: row by row the memory is read anew for each, which takes ten times as long.
        lexical = np.stack([self._lexical.similarity(example.text) for example in self._examples[start:end]])
        return _mixed(self._vectors[start:end] @ self._vectors.T, lexical)

    def _labels(self) -> NDArray[np.int64]:
        column = {name: number for number, name in enumerate(self.classes)}
        return np.array([column[example.label] for example in self._examples], dtype=np.int64)

    def _ridge(self) -> NDArray[np.float64]:
        return np.full(len(self._examples), RIDGE)

    def _digest(self) -> str:
        """What the computed arrays depend on: the model, every example, and how they are computed."""
        content = json.dumps(
            [
                self._model.digest,
                "cosine squared and lexical cosine",
                MEANING_SHARE,
                RIDGE,
                np.__version__,
                [[example.text, example.label] for example in self._examples],
            ],
            ensure_ascii=False,
        )
        return hashlib.sha256(content.encode()).hexdigest()

    def _fits(self, arrays: dict[str, NDArray[Any]]) -> bool:
        """Whether kept arrays have the right names and sizes; their content is vouched for by the key."""
        size, classes = len(self._examples), len(self.classes)
        return (
            arrays.keys() == {"vectors", "coefficients", "rows", "weights", "starts", "rarity"}
            and arrays["vectors"].shape == (size, self._model.width)
            and arrays["coefficients"].shape == (size, classes)
        )


def _mixed(cosine: NDArray[np.float32], lexical: NDArray[np.float32]) -> NDArray[np.float32]:
    """How alike two texts are: the meaning's cosine squared, joined with the words'."""
    meaning = np.maximum(cosine, 0.0)
    return np.asarray(MEANING_SHARE * meaning**2 + (1.0 - MEANING_SHARE) * lexical, dtype=np.float32)


def _said_by(topic: Topic) -> tuple[str, ...]:
    said = tuple(claim.text for claim in topic.says)
    return (topic.title, topic.question, topic.short, *topic.phrases, *said)

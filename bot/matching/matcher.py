"""
Which topics does a text mean, best first, and with which phrase?

May not know doses, Telegram or files. Everything is fixed once built, so threads may share one matcher.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from bot.matching.cache import Halfway, packed, unpacked
from bot.matching.examples import Example, examples_of
from bot.matching.head import Directions, condensed, fit, left_out
from bot.matching.lexical import LexicalIndex, LexicalWeights
from bot.matching.scope import ScopeRules, runs_of
from bot.matching.sentence_model import Reading, SentenceModel, Vectors
from bot.matching.spelling import Spelling
from bot.matching.understanding import Judge, Understanding
from bot.model import Topic
from bot.text import clean, sentences

# How much the meaning (its cosine squared) counts against the words, and how far the head trusts an example.
# Measured on tests/questions; the form of the likeness is part of the key of the cache.
MEANING_SHARE = 0.8
RIDGE = 0.3

_LONGEST_CHARACTERS = 4096
_WORDS_OF_A_READING = 80
_SENTENCES_AT_AN_END = 20
_READINGS_KEPT = 4
# Among the topics that score best, those gain that use the same words and that hold an example which is very near: a
# score sums up what all examples say. Measured on tests/questions: 95.5 % of first places are right, without it 94.7 %.
_TOPICS_LOOKED_INTO = 6
_GAIN_OF_WORDS = 0.8
_GAIN_OF_NEARNESS = 0.9
_CLASSES_OUTSIDE_LOOKED_INTO = 2


@dataclass(frozen=True, slots=True)
class Ranked:
    """A topic, how surely it is meant (about 0 to 1), and the phrase of it that is most like the text."""

    topic: str
    score: float
    phrase: str


@dataclass(frozen=True)
class Scores:
    """
    What every class scored for one text; `normal` is the text as it was compared.

    `closest` is how alike in meaning the nearest example of the best classes is, 0 to 1.
    """

    normal: str
    classes: NDArray[np.float32]
    closest: float


class Matcher:
    """Ranks topics for a text and judges whether to answer, to offer, or to say that it is not known."""

    def __init__(
        self,
        topics: tuple[Topic, ...],
        scope: ScopeRules,
        model: SentenceModel,
        cache: bytes | None,
        aside: IO[bytes] | None,
        halfway: Halfway | None,
        on_fitting: Callable[[], None],
    ) -> None:
        """Use `Matcher.build`."""
        self.topics = {topic.id: topic for topic in topics}
        self.scope = scope
        self._model = model
        self._recent: tuple[Reading, ...] = ()
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
            self._vectors = kept.pop("vectors")
            self._directions = Directions(kept.pop("directions"), kept.pop("strengths"))
            self._lexical = LexicalWeights(kept)
        else:
            on_fitting()
            index = self._index()
            self._vectors = self._embedded(halfway)
            coefficients = fit(self._kernel_rows(index), labels, self._ridge(), aside)
            self._directions = condensed(self._vectors, MEANING_SHARE * coefficients)
            self._lexical = index.weights((1.0 - MEANING_SHARE) * coefficients)
        self._judge = Judge(self, {topic.id: runs_of(_said_by(topic), scope.name_forms) for topic in topics})

    @classmethod
    def build(
        cls,
        topics: Iterable[Topic],
        scope: ScopeRules,
        model: SentenceModel,
        cache: bytes | None = None,
        aside: IO[bytes] | None = None,
        halfway: Halfway | None = None,
        on_fitting: Callable[[], None] = lambda: None,
    ) -> Matcher:
        """
        A matcher over these topics. `cache` is what `cache_bytes` gave before; it is used if it fits, else ignored, and
        `aside` an open file to lay numbers aside in while fitting anew. What is computed first is laid down `halfway`.
        `on_fitting` is called before that work begins.

        The order of the topics changes nothing.
        """
        return cls(tuple(sorted(topics, key=lambda topic: topic.id)), scope, model, cache, aside, halfway, on_fitting)

    def vectors(self, text: str) -> list[Vectors]:
        """
        The vectors of a message in the spelling of the examples, of length 1: of the whole, then of each sentence.

        What stands beyond the reach of one reading is read in further ones, the first and the last of them. Of very
        many sentences those at the beginning and at the end are taken.
        """
        cleaned = clean(text[:_LONGEST_CHARACTERS])
        several = [sentence.text for sentence in sentences(cleaned)]
        if len(several) > 2 * _SENTENCES_AT_AN_END:
            several = [*several[:_SENTENCES_AT_AN_END], *several[-_SENTENCES_AT_AN_END:]]
        said = [normal for normal in map(self.normal, several) if normal]
        whole = self._read(self.normal(cleaned.text))
        found = [whole.whole]
        if len(said) <= 1:
            return found
        beyond: list[list[str]] = [[]]
        at = 0
        for sentence in said:
            start = whole.text.find(sentence, at)
            part = whole.part(start, start + len(sentence)) if start >= 0 and not beyond[-1] else None
            if part is not None:
                found.append(part)
                at = start + len(sentence)
                continue
            if sum(len(one.split()) for one in beyond[-1]) > _WORDS_OF_A_READING:
                beyond.append([])
            beyond[-1].append(sentence)
        for rest in (beyond[:1] + beyond[1:][-1:]) if beyond[0] else ():
            reading, at = self._model.read(" ".join(rest)), 0
            for sentence in rest:
                part = reading.part(at, at + len(sentence))
                if part is not None:
                    found.append(part)
                at += len(sentence) + 1
        return found

    def cache_bytes(self) -> bytes:
        """What was computed at the start, to be handed in the next time; the same bytes for the same knowledge."""
        return packed(
            self._key,
            {
                "vectors": self._vectors,
                "directions": self._directions.rows,
                "strengths": self._directions.strengths,
                **self._lexical.arrays,
            },
        )

    def rank(self, text: str) -> list[Ranked]:
        """Every topic, the best first."""
        normal = self.normal(clean(text[:_LONGEST_CHARACTERS]).text)
        scores = self.scores(normal)
        meaning = self._vectors @ self._read(normal).whole
        return [
            Ranked(self.classes[column], float(scores.classes[column]), self._winning_phrase(column, meaning))
            for column in np.argsort(-scores.classes, kind="stable")
            if self.is_topic[column]
        ]

    def understand(self, text: str, context: tuple[str, ...] = ()) -> Understanding:
        """What to do with a message; `context` holds the ids of the topics spoken of last."""
        return self._judge.understand(text[:_LONGEST_CHARACTERS], context)

    def foreign(self, normal: str, topic: str) -> list[str]:
        """The classes of the names in a text in normal form that are not IVIG's, nor spoken of by the topic."""
        return self._judge.foreign(normal, topic)

    def reads_enough_of(self, cleaned: str, normal: str) -> bool:
        """Whether enough words of a text, cleaned and in normal form, are known to guess at its meaning."""
        return self._spelling.reads_enough_of(cleaned, normal)

    def normal(self, cleaned: str) -> str:
        """A cleaned text in the spelling of the examples, as it is compared."""
        return self._spelling.corrected(cleaned)

    def scores(self, normal: str, within: str = "") -> Scores:
        """The score of every class for a text in normal form; `within` is a text it stands in, and is read with."""
        vector = self._vector(normal, within)
        in_words = self._lexical.scores(normal)
        classes = self._directions.scores(vector) + in_words
        order = np.argsort(-classes, kind="stable")
        ranked = order[self.is_topic[order]]
        topics, rest = ranked[:_TOPICS_LOOKED_INTO], ranked[_TOPICS_LOOKED_INTO:]
        outside = order[~self.is_topic[order]][:_CLASSES_OUTSIDE_LOOKED_INTO]
        near = np.array([self._nearness(column, vector) for column in topics], dtype=np.float32)
        gained = classes[topics] + _GAIN_OF_WORDS * in_words[topics] + _GAIN_OF_NEARNESS * near
        if len(topics):
            # The first keeps its score, so that scores mean what they meant; the rest stay as far behind as they are.
            gained += classes[topics[np.argmax(gained)]] - gained.max()
            if len(rest):
                classes[rest] -= max(0.0, float(classes[rest[0]] - gained.min()))
            classes[topics] = gained
        closest = max([0.0, *map(float, near), *(self._nearness(column, vector) for column in outside)])
        return Scores(normal, classes, closest)

    def _nearness(self, column: int, vector: Vectors) -> float:
        """How alike in meaning the nearest example of a class is, 0 to 1."""
        return max(float((self._vectors[self._rows_of[column]] @ vector).max()), 0.0) ** 2

    def _vector(self, normal: str, within: str) -> Vectors:
        start = within.find(normal)
        if start >= 0:
            part = self._read(within).part(start, start + len(normal))
            if part is not None:
                return part
        return self._read(normal).whole

    def _read(self, normal: str) -> Reading:
        """Triage, the whole and the parts of a message go back to the same texts: the last few are kept."""
        for reading in self._recent:
            if reading.text == normal:
                return reading
        reading = self._model.read(normal)
        # Taken over at once: another thread sees the old readings or the new ones.
        self._recent = (reading, *self._recent[: _READINGS_KEPT - 1])
        return reading

    def left_out(self) -> list[tuple[str, str, NDArray[np.float32]]]:
        """
        Every example with its class and the scores it would get were it not an example.

        Shows which topics steal from each other. Takes some seconds, so nothing needs it while answering.
        """
        scores = left_out(self._kernel_rows(self._index()), self._labels(), self._ridge())
        return [(example.text, example.label, scores[row]) for row, example in enumerate(self._examples)]

    def _winning_phrase(self, column: int, meaning: NDArray[np.float32]) -> str:
        rows = self._rows_of[column]
        return self._examples[int(rows[np.argmax(meaning[rows])])].raw

    def _index(self) -> LexicalIndex:
        return LexicalIndex([example.text for example in self._examples])

    def _kernel_rows(self, index: LexicalIndex) -> Callable[[int, int], NDArray[np.float32]]:
        """How alike the examples from one to another place are to all that stand before its end."""

        def rows(start: int, end: int) -> NDArray[np.float32]:
            # All rows of a block at once: row by row the memory is read anew for each, which takes ten times as long.
            meaning = _meaning(self._vectors[start:end] @ self._vectors[:end].T)
            meaning *= MEANING_SHARE
            for row, example in enumerate(self._examples[start:end]):
                meaning[row] += (1.0 - MEANING_SHARE) * index.similarity(example.text)[:end]
            return meaning

        return rows

    def _embedded(self, halfway: Halfway | None) -> Vectors:
        """
        The vectors of the examples: those that an earlier start laid down, which did not come to its end, or anew.

        Who starts the program may not wait as long as the first fitting takes; the next start is the shorter for it.
        """
        texts = [example.text for example in self._examples]
        key = hashlib.sha256(json.dumps([self._model.digest, texts]).encode()).hexdigest()
        kept = unpacked(key, halfway.read(key)) if halfway is not None else None
        if kept is not None and "vectors" in kept and kept["vectors"].shape == (len(texts), self._model.width):
            return kept["vectors"]
        vectors = self._model.embed_all(texts)
        if halfway is not None:
            halfway.write(key, packed(key, {"vectors": vectors}))
        return vectors

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
                "cosine squared in the strongest directions, and lexical cosine of features in three examples",
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
            arrays.keys() == {"vectors", "directions", "strengths", "columns", "rarity", "table"}
            and arrays["vectors"].shape == (size, self._model.width)
            and arrays["strengths"].shape[0] == classes
            and arrays["directions"].shape == (arrays["strengths"].size, self._model.width)
            and arrays["table"].shape == (len(arrays["columns"]), classes)
        )


def _meaning(cosine: NDArray[np.float32]) -> NDArray[np.float32]:
    """How alike texts are in meaning: the cosine squared, nothing where they point apart."""
    np.maximum(cosine, 0.0, out=cosine)
    np.square(cosine, out=cosine)
    return cosine


def _said_by(topic: Topic) -> tuple[str, ...]:
    said = tuple(claim.text for claim in topic.says)
    return (topic.title, topic.question, topic.short, *topic.phrases, *said)

"""
Which sentences stand for which topic or class?

May not know how they are compared. Phrases count in full, sentences of the answer a little.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.matching.scope import ScopeRules
from bot.matching.spelling import normal
from bot.model import Topic
from bot.text import clean, sentences

# Titles and questions are as good as phrases; the answer's own sentences tell what it is about, but nobody asks so.
_ANSWER_WEIGHT = 0.3


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence in normal form, as it was written, the class it stands for, and how far it is trusted."""

    text: str
    raw: str
    label: str
    weight: float


def examples_of(topics: Iterable[Topic], scope: ScopeRules) -> tuple[Example, ...]:
    """The examples of all classes, in an order that depends on the ids only; a sentence stands once a class."""
    found: dict[tuple[str, str], Example] = {}
    for topic in topics:
        for sentence in (*topic.phrases, topic.title, topic.question):
            _add(found, topic.id, sentence, 1.0)
        cleaned = clean(topic.short)
        for piece in sentences(cleaned):
            start, end = cleaned.raw_span(piece.start, piece.end)
            _add(found, topic.id, topic.short[start:end], _ANSWER_WEIGHT)
    for scope_class in scope.classes:
        for phrase in scope_class.phrases:
            _add(found, scope_class.id, phrase, 1.0)
    return tuple(found.values())


def _add(found: dict[tuple[str, str], Example], label: str, raw: str, weight: float) -> None:
    text = normal(raw)
    if text and (label, text) not in found:
        found[label, text] = Example(text, raw, label, weight)

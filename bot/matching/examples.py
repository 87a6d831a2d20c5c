"""
Which sentences stand for which topic or class?

May not know how they are compared. Sentences of the answers are left out: measured, they change nothing but the time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.matching.scope import ScopeRules
from bot.matching.spelling import normal
from bot.model import Topic


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence in normal form, as it was written, and the class it stands for."""

    text: str
    raw: str
    label: str


def examples_of(topics: Iterable[Topic], scope: ScopeRules) -> tuple[Example, ...]:
    """The examples of all classes, in an order that depends on the ids only; a sentence stands once a class."""
    found: dict[tuple[str, str], Example] = {}
    for topic in topics:
        for sentence in (*topic.phrases, topic.title, topic.question):
            _add(found, topic.id, sentence)
    for scope_class in scope.classes:
        for phrase in scope_class.phrases:
            _add(found, scope_class.id, phrase)
    return tuple(found.values())


def _add(found: dict[tuple[str, str], Example], label: str, raw: str) -> None:
    text = normal(raw)
    if text and (label, text) not in found:
        found[label, text] = Example(text, raw, label)

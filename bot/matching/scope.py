"""
What lies outside what the bot knows, and what is said then?

May not know topics. Classes are learned from phrases as topics are; names are words whose presence changes the
reading of a message that otherwise sounds like a question about IVIG.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, model_validator

from bot.matching.spelling import normal
from bot.model import Identifier, Noun, Text

_LONGEST_NAME_WORDS = 4


class ScopeClass(Noun):
    """
    Messages of one kind that no topic answers, and the reply to them; `topic` says more about it, if any does.

    Small talk that `leans` on what was said before, such as "yes", is about the topic spoken of last, if there is one.
    """

    id: Identifier
    kind: Literal["out_of_scope", "small_talk"]
    reply: Text
    topic: Identifier | None = None
    leans: bool = False
    phrases: Annotated[tuple[Text, ...], Field(min_length=4)]


class NameGroup(Noun):
    """
    Names of things that are not IVIG: other medicines, illnesses, infusions, animals.

    `unless` says which words make the message one about IVIG after all: "ivig" its own names only, "together" also
    words such as "with it" or "before my infusion", "never" none. A topic that itself speaks of the name is always
    answered.
    """

    scope: Identifier
    unless: Literal["ivig", "together", "never"]
    names: Annotated[tuple[Text, ...], Field(min_length=1)]


class ScopeRules(Noun):
    """Everything in knowledge/scope.yaml."""

    ivig_words: Annotated[tuple[Text, ...], Field(min_length=1)]
    together_words: Annotated[tuple[Text, ...], Field(min_length=1)]
    classes: Annotated[tuple[ScopeClass, ...], Field(min_length=1)]
    names: tuple[NameGroup, ...] = ()

    @model_validator(mode="after")
    def _ids_are_known_and_stand_once(self) -> ScopeRules:
        ids = [scope.id for scope in self.classes]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"the class {', '.join(twice)} stands twice")
        unknown = sorted({group.scope for group in self.names} - set(ids))
        if unknown:
            raise ValueError(f"names lead to a class that does not exist: {', '.join(unknown)}")
        return self

    def reply(self, scope_id: str) -> str:
        """What is said to a message of this class; raises KeyError for an unknown one."""
        return self._by_id[scope_id].reply

    def kind(self, scope_id: str) -> str:
        """Whether the class is out of scope or small talk."""
        return self._by_id[scope_id].kind

    def leans(self, scope_id: str) -> bool:
        """Whether messages of this class lean on what was said before."""
        return self._by_id[scope_id].leans

    def topic_of(self, scope_id: str) -> str | None:
        """The topic that says more about this class, if there is one."""
        found = self._by_id.get(scope_id)
        return found.topic if found else None

    @cached_property
    def _by_id(self) -> dict[str, ScopeClass]:
        return {scope.id: scope for scope in self.classes}

    @cached_property
    def _groups(self) -> dict[str, tuple[NameGroup, ...]]:
        found: dict[str, tuple[NameGroup, ...]] = {}
        for group in self.names:
            for name in group.names:
                found[normal(name)] = (*found.get(normal(name), ()), group)
        return found

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word of the names, which are spelt right as they stand."""
        texts = (*self._groups, *self._ivig, *self._together)
        return frozenset(word for text in texts for word in text.split())

    @cached_property
    def _ivig(self) -> frozenset[str]:
        return frozenset(normal(word) for word in self.ivig_words)

    @cached_property
    def _together(self) -> frozenset[str]:
        return frozenset(normal(word) for word in self.together_words)

    @cached_property
    def name_forms(self) -> frozenset[str]:
        """Every form in which a topic may speak of a name."""
        return frozenset(form for name in self._groups for form in (name, _singular(name), f"{name}s"))

    def foreign_names(self, text: str) -> tuple[tuple[str, NameGroup], ...]:
        """The names in a normal text that point away from IVIG, with their groups; empty where it is named too."""
        runs = _runs(text)
        about_ivig = not self._ivig.isdisjoint(runs)
        together = about_ivig or not self._together.isdisjoint(runs)
        excused = {"ivig": about_ivig, "together": together, "never": False}
        return tuple(
            (run, group)
            for run in sorted(runs)
            for group in (*self._groups.get(run, ()), *self._groups.get(_singular(run), ()))
            if not excused[group.unless]
        )


def speaks_of(runs: Iterable[str], name: str) -> bool:
    """Whether a topic's own words hold the name, in the singular or plural."""
    held = runs if isinstance(runs, (set, frozenset)) else set(runs)
    return name in held or _singular(name) in held or f"{name}s" in held


def _singular(run: str) -> str:
    return run[:-1] if run.endswith("s") and len(run) > 3 else run


def _runs(text: str) -> set[str]:
    tokens = text.split()
    return {
        " ".join(tokens[start:end])
        for start in range(len(tokens))
        for end in range(start + 1, min(start + _LONGEST_NAME_WORDS, len(tokens)) + 1)
    }


def runs_of(texts: Iterable[str], wanted: frozenset[str]) -> frozenset[str]:
    """The runs of up to four words in the texts, in normal form, that are wanted."""
    return frozenset(run for text in texts for run in _runs(normal(text)) if run in wanted)

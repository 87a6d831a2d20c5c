"""
What a whole, valid knowledge base holds.

May not know where the files lie.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from bot.dosing.tables import DosingTables, Product
from bot.matching.scope import ScopeRules
from bot.messages import Messages, Notices
from bot.model import Chapter, Citation, Identifier, Noun, Source, Text, Topic
from bot.sums.wording import SumWording
from bot.triage.rules import EmergencyNumbers, TriageRules


class MenuChapter(Noun):
    """A chapter's id and title, in the order of the menu."""

    id: Identifier
    title: Annotated[str, StringConstraints(min_length=2, max_length=32)]


class Menu(Noun):
    """The chapters in the order a newcomer reads them, and the topics an empty inline search shows."""

    chapters: Annotated[tuple[MenuChapter, ...], Field(min_length=1)]
    featured: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=10)]

    @model_validator(mode="after")
    def _each_chapter_once(self) -> Menu:
        ids = [chapter.id for chapter in self.chapters]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"the chapter {', '.join(twice)} stands twice")
        return self


class Trial(Noun):
    """One study as the chart of the evidence shows it."""

    id: Identifier
    name: Text
    year: Annotated[int, Field(ge=1980, le=2100)]
    setting: Literal[
        "relapsing",
        "first_attack",
        "secondary_progressive",
        "primary_progressive",
        "relapse_treatment",
        "repair",
        "optic_neuritis",
        "pregnancy_and_after_birth",
    ]
    people: Annotated[int, Field(gt=0)]
    design: Literal["randomised_placebo", "randomised", "crossover", "cohort", "case_series", "meta_analysis"]
    direction: Literal["better", "no_difference", "mixed", "unclear"]
    result: Text
    cite: Citation
    checked: date


class Trials(Noun):
    """The trial table."""

    trials: Annotated[tuple[Trial, ...], Field(min_length=1)]


class Knowledge(Noun):
    """Everything the bot can say, read whole and checked as a whole."""

    topics: Mapping[str, Topic]
    sources: Mapping[str, Source]
    chapters: tuple[Chapter, ...]
    featured: tuple[str, ...]
    messages: Messages
    notices: Notices
    tables: DosingTables
    products: tuple[Product, ...]
    sum_wording: SumWording
    triage_rules: TriageRules
    numbers: EmergencyNumbers
    scope: ScopeRules
    trials: tuple[Trial, ...]
    digest: str

    def messages_in(self, language: str | None) -> Messages:
        """The fixed sentences for a group of this language; English where there are none in it."""
        return self._by_language.get(language or "", self.messages)

    @cached_property
    def _by_language(self) -> dict[str, Messages]:
        return self.notices.over(self.messages)

    def resolve(self, topic_id: str) -> Topic | None:
        """The topic of an id, or of an id it once had."""
        found = self.topics.get(topic_id)
        if found is not None:
            return found
        return next((topic for topic in self.topics.values() if topic_id in topic.was), None)


def texts_of(topic: Topic) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text of a topic that a patient reads, with its place in the file."""
    yield ("title",), topic.title
    yield ("question",), topic.question
    yield ("short",), topic.short
    for number, claim in enumerate(topic.says):
        yield ("says", number, "text"), claim.text
    if topic.unknown:
        yield ("unknown",), topic.unknown
    for number, text in enumerate(topic.ask):
        yield ("ask", number), text
    for number, text in enumerate(topic.do):
        yield ("do", number), text
    if topic.alarm:
        yield ("alarm",), topic.alarm
    for region, note in topic.regions.items():
        yield ("regions", region, "text"), note.text

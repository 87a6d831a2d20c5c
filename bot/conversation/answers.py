"""
How a topic becomes an answer: the short one, "More", "Sources", "Ask my team".

May not know what was asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.library import Knowledge
from bot.model import (
    Button,
    ChatKind,
    Citation,
    Paragraph,
    Preferences,
    Question,
    Source,
    SourceKind,
    Style,
    Topic,
)
from bot.quantities.printing import day

LOW_ENERGY_WORDS = 40
SAYS_LITTLE = 3
LABEL_CHARACTERS = 40
HALF_A_ROW = 26  # a longer label beside another is cut off on a phone
LONGEST_SOURCE_NAME = 48
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_AUTHOR = re.compile(r"[\w'’ -]{2,40} [A-Z]{1,4}")
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
_EU = frozenset(
    "at be bg hr cy cz dk ee fi fr de gr hu ie it lv lt lu mt nl pl pt ro sk si es se".split()  # noqa: SIM905
)
_REGION_OF_COUNTRY = {"us": "us", "gb": "uk", "uk": "uk", "ca": "ca", "au": "au", "nz": "nz"}
_REGION_NAMES = {
    "us": "In the United States",
    "uk": "In the United Kingdom",
    "ca": "In Canada",
    "au": "In Australia",
    "eu": "In the European Union",
    "nz": "In New Zealand",
    "ie": "In Ireland",
}


def region_of(preferences: Preferences) -> tuple[str, ...]:
    """The regions whose notes hold for a person, nearest first; none where no country is set."""
    country = (preferences.country or "").lower()
    if preferences.region:
        return (preferences.region,)
    if country == "ie":
        return ("ie", "eu")
    if country in _REGION_OF_COUNTRY:
        return (_REGION_OF_COUNTRY[country],)
    return ("eu",) if country in _EU else ()


def short_citation(source: Source) -> str:
    """A source in a few words: who, or which document, and the year where it is in the citation."""
    lead, _, rest = source.citation.partition(". ")
    if re.search(r"\b[A-Z]$", lead) and "," not in lead:  # an initial, not the end of the names
        more, _, rest = rest.partition(". ")
        lead = f"{lead}. {more}"
    names = [name.strip() for name in lead.split(",")]
    if len(names) > 2 and all(_AUTHOR.fullmatch(name) or name == "et al" for name in names[:2]):
        lead = f"{names[0]} et al"
    lead = lead.strip(" .,;:")
    if len(lead) > LONGEST_SOURCE_NAME:
        lead = lead[:LONGEST_SOURCE_NAME].rsplit(" ", 1)[0].rstrip(" .,;:(") + "…"
    year = _YEAR.search(rest)
    return f"{lead}, {year.group()}" if year and source.kind != SourceKind.ARTICLE else lead


class Answers:
    """Writes the pages of a topic."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._messages = knowledge.messages

    def first(self, topics: Sequence[Topic], question: Question) -> tuple[Paragraph, ...]:
        """The first answer: the short text of each topic, the alarm, how fresh it is and where it is from."""
        if question.preferences.low_energy:
            return self._low_energy(topics)
        paragraphs: list[Paragraph] = []
        for topic in topics:
            paragraphs.append(Paragraph(text=topic.title, style=Style.HEADING))
            paragraphs.append(Paragraph(text=topic.short))
            paragraphs.extend(self._where_you_live(topic, question.preferences))
            if topic.alarm:
                paragraphs.append(Paragraph(text=topic.alarm, style=Style.STRONG))
            if topic.contested:
                paragraphs.append(Paragraph(text=self._messages.contested, style=Style.NOTE))
            if topic.is_overdue(question.now.date()):
                overdue = self._messages.overdue.format(date=day(topic.next_check))
                paragraphs.append(Paragraph(text=overdue, style=Style.STRONG))
        paragraphs.append(Paragraph(text=self._standing(topics), style=Style.NOTE))
        paragraphs.append(Paragraph(text=self._messages.footer, style=Style.NOTE))
        return tuple(paragraphs)

    def more(self, topic: Topic) -> tuple[Paragraph, ...]:
        """Every claim with the source behind it, what is unknown, what to do."""
        messages = self._messages
        paragraphs = [Paragraph(text=f"{topic.title}: {messages.more_heading.lower()}", style=Style.HEADING)]
        for claim in topic.says:
            names = "; ".join(self._short(citation) for citation in claim.cite)
            paragraphs.append(Paragraph(text=f"{claim.text} [{names}]", style=Style.ITEM))
        if topic.contested:
            paragraphs.append(Paragraph(text=messages.contested, style=Style.NOTE))
        if topic.unknown:
            paragraphs.append(Paragraph(text=messages.unknown_heading, style=Style.HEADING))
            paragraphs.append(Paragraph(text=topic.unknown))
        if topic.do:
            paragraphs.append(Paragraph(text=messages.do_heading, style=Style.HEADING))
            paragraphs.extend(Paragraph(text=text, style=Style.ITEM) for text in topic.do)
        if topic.regions:
            paragraphs.append(Paragraph(text=messages.region_heading, style=Style.HEADING))
            for region, note in topic.regions.items():
                paragraphs.append(Paragraph(text=f"{_REGION_NAMES[region]}: {note.text}", style=Style.ITEM))
        if topic.alarm:
            paragraphs.append(Paragraph(text=topic.alarm, style=Style.STRONG))
        paragraphs.append(Paragraph(text=self._standing((topic,), with_sources=False), style=Style.NOTE))
        return tuple(paragraphs)

    def sources(self, topic: Topic) -> tuple[Paragraph, ...]:
        """Each source behind a topic once, with the place in it and where it can be opened."""
        places: dict[str, list[str]] = {}
        for citation in self.citations((topic,)):
            places.setdefault(citation.source, [])
            if citation.at not in places[citation.source]:
                places[citation.source].append(citation.at)
        paragraphs = [Paragraph(text=self._messages.sources_of.format(title=topic.title), style=Style.HEADING)]
        for source_id, where in places.items():
            source = self._knowledge.sources[source_id]
            link = f" {source.link}" if source.link else ""
            note = f" ({source.note.rstrip('.')})" if source.note else ""
            text = f"{source.citation} Read {day(source.read)}: {', '.join(where)}.{note}{link}"
            paragraphs.append(Paragraph(text=text, style=Style.ITEM))
        return tuple(paragraphs)

    def ask_team(self, topic: Topic) -> tuple[Paragraph, ...]:
        """Questions a person can read out or show to their team."""
        paragraphs = [
            Paragraph(text=f"{topic.title}: {self._messages.ask_heading.lower()}", style=Style.HEADING),
            *(Paragraph(text=text, style=Style.ITEM) for text in topic.ask),
            Paragraph(text=self._messages.ask_intro, style=Style.NOTE),
        ]
        return tuple(paragraphs)

    def citations(self, topics: Iterable[Topic]) -> tuple[Citation, ...]:
        """Every citation behind these topics, each once, in reading order."""
        return tuple(dict.fromkeys(citation for topic in topics for citation in topic.citations()))

    def buttons(self, topics: Sequence[Topic], question: Question) -> tuple[tuple[Button, ...], ...]:
        """What can be pressed under a first answer."""
        messages = self._messages
        if len(topics) > 1:
            return tuple(
                (Button(label=f"{messages.button_more}: {label(topic.title)}", code=f"more-{topic.id}"),)
                for topic in topics
            )
        topic = topics[0]
        more = Button(label=messages.button_more, code=f"more-{topic.id}")
        sources = Button(label=messages.button_sources, code=f"sources-{topic.id}")
        menu = Button(label=messages.button_menu, code="menu")
        if question.preferences.low_energy:
            return ((more, menu),)
        share = Button(label=messages.button_share, code=f"share-{topic.id}", inline_query=topic.question)
        if question.chat != ChatKind.PRIVATE:
            return ((more, sources),)
        rows: list[tuple[Button, ...]] = [(more, sources)]
        if topic.ask:
            rows.append((Button(label=messages.button_ask, code=f"ask-{topic.id}"), share))
        else:
            rows.append((share, menu))
        near = [self._knowledge.topics[other] for other in topic.related if other in self._knowledge.topics][:2]
        beside = [Button(label=label(other.title), code=f"topic-{other.id}") for other in near]
        if all(len(button.label) <= HALF_A_ROW for button in beside):
            rows.extend([tuple(beside)] if beside else [])
        else:
            rows.extend((button,) for button in beside)
        thumbs = (
            Button(label=messages.button_good, code=f"good-{topic.id}"),
            Button(label=messages.button_bad, code=f"bad-{topic.id}"),
        )
        rows.append((*thumbs, menu) if topic.ask else thumbs)
        return tuple(rows)

    def _low_energy(self, topics: Sequence[Topic]) -> tuple[Paragraph, ...]:
        """The first sentence; then of the alarm, which names what is gravest first, and of the rest what has room."""
        topic = topics[0]
        first, *rest = _SENTENCE.split(topic.short)
        if _words_in(first) < SAYS_LITTLE:  # a bare "Yes." before an alarm would be read as its answer
            first = f"{topic.title}: {first}"
        alarm, room = _fitting(_SENTENCE.split(topic.alarm) if topic.alarm else [], LOW_ENERGY_WORDS - _words_in(first))
        said, _ = _fitting(rest, room)
        paragraphs = [Paragraph(text=" ".join([first, *said]))]
        if alarm:
            paragraphs.append(Paragraph(text=" ".join(alarm), style=Style.STRONG))
        return tuple(paragraphs)

    def _where_you_live(self, topic: Topic, preferences: Preferences) -> list[Paragraph]:
        for region in region_of(preferences):
            for key, note in topic.regions.items():
                if key == region:
                    return [Paragraph(text=f"{_REGION_NAMES[region]}: {note.text}")]
        return []

    def _standing(self, topics: Sequence[Topic], with_sources: bool = True) -> str:
        messages = self._messages
        checked = messages.checked.format(date=day(min(topic.checked for topic in topics)))
        clinicians = {topic.clinician for topic in topics if topic.clinician}
        reviewed = (
            messages.reviewed.format(name=", ".join(sorted(clinicians)))
            if clinicians and all(topic.clinician for topic in topics)
            else messages.not_reviewed
        )
        line = f"{checked}, {reviewed}."
        if not with_sources:
            return line
        names: dict[str, None] = {}
        for topic in topics:
            for claim in topic.says:
                names.update(dict.fromkeys(self._short(citation) for citation in claim.cite))
        shown = list(names)[:3]
        rest = len(names) - len(shown)
        more = f" and {rest} more" if rest else ""
        return f"{line} {messages.sources_heading}: {'; '.join(shown)}{more}."

    def named(self, citations: Sequence[Citation]) -> str:
        """The line that names sources in a few words each; empty without any."""
        names = list(dict.fromkeys(self._short(citation) for citation in citations))
        return f"{self._messages.sources_heading}: {'; '.join(names).rstrip('…')}." if names else ""

    def _short(self, citation: Citation) -> str:
        return short_citation(self._knowledge.sources[citation.source])


def label(text: str) -> str:
    """A button's label that fits in a row on a phone."""
    return text if len(text) <= LABEL_CHARACTERS else text[: LABEL_CHARACTERS - 1].rsplit(" ", 1)[0] + "…"


def _words_in(text: str) -> int:
    return len(text.split())


def _fitting(texts: Sequence[str], room: int) -> tuple[list[str], int]:
    """The first of these texts that have room for this many words together, and the room that is left."""
    kept = []
    for text in texts:
        if _words_in(text) > room:
            break
        kept.append(text)
        room -= _words_in(text)
    return kept, room

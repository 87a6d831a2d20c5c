"""
Pages that do not depend on what was typed: menu, chapters, help, sources, countries, the evidence.

May not know how a question was understood.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

from bot.conversation.answers import Answers, short_citation
from bot.library import Knowledge, Trial
from bot.model import (
    Button,
    Paragraph,
    Picture,
    PictureKind,
    Question,
    Reply,
    ReplyKind,
    State,
    Style,
    Topic,
    TopicScore,
)
from bot.quantities.printing import day

T = TypeVar("T")

TOPICS_A_PAGE = 8
COUNTRIES_A_PAGE = 12
SETTING_NAMES = {
    "relapsing": "Relapsing MS",
    "first_attack": "After a first attack (CIS)",
    "secondary_progressive": "Secondary progressive MS",
    "primary_progressive": "Primary progressive MS",
    "relapse_treatment": "Treating a relapse",
    "repair": "Repair of old damage",
    "optic_neuritis": "Optic neuritis",
    "pregnancy_and_after_birth": "Pregnancy and after birth",
}
DIRECTION_NAMES = {
    "better": "better with IVIG",
    "no_difference": "no difference",
    "mixed": "mixed",
    "unclear": "cannot tell",
}
BAD_REASONS = (
    ("wrong", "Wrong topic"),
    ("hard", "Hard to read"),
    ("old", "Out of date"),
    ("missing", "Something missing"),
)


class Pages:
    """Writes the fixed pages."""

    def __init__(self, knowledge: Knowledge, answers: Answers) -> None:
        self._knowledge = knowledge
        self._messages = knowledge.messages
        self._answers = answers
        self._chapters = {chapter.id: chapter for chapter in knowledge.chapters}

    def menu_row(self) -> tuple[tuple[Button, ...], ...]:
        """One row that always helps."""
        return (
            (
                Button(label=self._messages.button_topics, code="menu"),
                Button(label=self._messages.button_dose, code="dose"),
            ),
        )

    def chapter_rows(self) -> tuple[tuple[Button, ...], ...]:
        """The chapters two in a row, and the way to a sum."""
        buttons = [Button(label=chapter.title, code=f"chapter-{chapter.id}") for chapter in self._knowledge.chapters]
        buttons.append(Button(label=self._messages.button_dose, code="dose"))
        return tuple(tuple(buttons[place : place + 2]) for place in range(0, len(buttons), 2))

    def start(self) -> Reply:
        """The greeting: what this is, what it is not, and where to begin."""
        messages = self._messages
        return self._page((messages.greeting, messages.purpose, messages.greeting_hint), self.chapter_rows())

    def menu(self) -> Reply:
        """The chapters; takes the place of the menu that was pressed."""
        return self._page((self._messages.menu,), self.chapter_rows(), edits=True)

    def chapter(self, rest: str) -> Reply | None:
        """The questions of one chapter, a page at a time."""
        chapter_id, _, number = rest.partition("-")
        chapter = self._chapters.get(chapter_id)
        if chapter is None or (number and not (number.isdigit() and len(number) <= 2)):
            return None
        shown, turn = _page_of(chapter.topics, int(number or 0), TOPICS_A_PAGE, f"chapter-{chapter_id}")
        rows = [(Button(label=self._knowledge.topics[name].question, code=f"topic-{name}"),) for name in shown]
        turn.append(Button(label=self._messages.button_topics, code="menu"))
        text = self._messages.chapter.format(title=chapter.title)
        return self._page((text,), (*rows, tuple(turn)), edits=True)

    def of_topic(self, verb: str, topic: Topic, reason: str = "") -> Reply | None:
        """A page of one topic by the button pressed."""
        back = Button(label=self._messages.button_back, code=f"topic-{topic.id}")
        menu = Button(label=self._messages.button_menu, code="menu")
        sources = Button(label=self._messages.button_sources, code=f"sources-{topic.id}")
        more = Button(label=self._messages.button_more, code=f"more-{topic.id}")
        match verb:
            case "more":
                return self._topic_page(topic, self._answers.more(topic), ((sources, back, menu),))
            case "sources":
                return self._topic_page(topic, self._answers.sources(topic), ((more, back, menu),))
            case "ask" if topic.ask:
                return self._topic_page(topic, self._answers.ask_team(topic), ((more, back, menu),))
            case "share":
                text = self._messages.share_text.format(title=topic.title, short=topic.short)
                return self._topic_page(topic, (Paragraph(text=text),), ((back, menu),))
            case "good":
                return self._notice(self._messages.thanks_good, topic)
            case "bad":
                rows = tuple((Button(label=words, code=f"badwhy-{name}-{topic.id}"),) for name, words in BAD_REASONS)
                return self._topic_page(topic, (Paragraph(text=self._messages.thanks_bad),), rows)
            case "badwhy" if reason in dict(BAD_REASONS):
                return self._notice(self._messages.thanks_good, topic)
        return None

    def named(self, name: str) -> Reply | None:
        """A page by its command."""
        messages = self._messages
        match name:
            case "help":
                return self._page((messages.purpose, *messages.help), self.menu_row())
            case "topics" | "menu":
                return self._page((messages.topics,), self.chapter_rows())
            case "sources":
                text = messages.sources.format(count=len(self._knowledge.sources))
                return self._page((text,), self.menu_row())
            case "privacy":
                return self._page(messages.privacy, self.menu_row())
            case "about":
                topics = self._knowledge.topics.values()
                dates = [topic.checked for topic in topics]
                first = messages.about[0].format(
                    topics=len(dates), sources=len(self._knowledge.sources), first=day(min(dates)), last=day(max(dates))
                )
                reviewed = sum(1 for topic in topics if topic.clinician)
                rest = messages.about[1:] if not reviewed else ()
                return self._page((messages.purpose, first, *rest), self.menu_row())
        return None

    def countries(self, countries: Sequence[tuple[str, str]], page: int, question: Question) -> Reply:
        """The countries to choose from, a page at a time."""
        shown, turn = _page_of(countries, page, COUNTRIES_A_PAGE, "countries")
        buttons = [Button(label=name, code=f"country-{code}") for code, name in shown]
        rows = [tuple(buttons[place : place + 2]) for place in range(0, len(buttons), 2)]
        if turn:
            rows.append(tuple(turn))
        reply = self._page((self._messages.country_question,), tuple(rows))
        return reply.model_copy(update={"state": question.state})

    def evidence(self) -> Reply:
        """Every trial in words by setting, and the same as a picture."""
        paragraphs = [Paragraph(text=self._messages.evidence_caption)]
        by_setting: dict[str, list[Trial]] = {}
        for trial in self._knowledge.trials:
            by_setting.setdefault(trial.setting, []).append(trial)
        rows = []
        for setting, trials in by_setting.items():
            paragraphs.append(Paragraph(text=SETTING_NAMES[setting], style=Style.HEADING))
            for trial in sorted(trials, key=lambda trial: trial.year):
                direction = DIRECTION_NAMES[trial.direction]
                text = f"{trial.name}, {trial.year}, {trial.people:,} people: {direction}. {trial.result}"
                paragraphs.append(Paragraph(text=text, style=Style.ITEM))
                rows.append(
                    {
                        "name": trial.name,
                        "year": trial.year,
                        "people": trial.people,
                        "setting": SETTING_NAMES[setting],
                        "direction": trial.direction,
                        "design": trial.design,
                    }
                )
        names = "; ".join(
            dict.fromkeys(
                short_citation(self._knowledge.sources[trial.cite.source])
                for trial in self._knowledge.trials
                if trial.cite.source in self._knowledge.sources
            )
        )
        paragraphs.append(Paragraph(text=f"{self._messages.sources_heading}: {names}.", style=Style.NOTE))
        picture = Picture(kind=PictureKind.TRIALS, values={"trials": rows}, text=self._messages.evidence_caption)
        return Reply(
            kind=ReplyKind.ANSWER,
            paragraphs=tuple(paragraphs),
            picture=picture,
            buttons=self.menu_row(),
            sources=tuple(dict.fromkeys(trial.cite for trial in self._knowledge.trials)),
        )

    def fingerprint(self, topic: Topic) -> str:
        """Six characters that change when what the topic says changes."""
        said = topic.model_dump_json(include={"short", "says", "unknown", "do", "alarm", "regions", "level"})
        return hashlib.sha256(said.encode()).hexdigest()[:6]

    def _notice(self, text: str, topic: Topic) -> Reply:
        return Reply(
            kind=ReplyKind.SMALL_TALK,
            paragraphs=(Paragraph(text=text),),
            notice=text,
            state=State(last_topics=(topic.id,)),
        )

    def _topic_page(
        self, topic: Topic, paragraphs: tuple[Paragraph, ...], buttons: tuple[tuple[Button, ...], ...]
    ) -> Reply:
        return Reply(
            kind=ReplyKind.ANSWER,
            topics=(TopicScore(id=topic.id, score=1.0),),
            paragraphs=paragraphs,
            sources=self._answers.citations((topic,)),
            buttons=buttons,
            state=State(last_topics=(topic.id,)),
        )

    def _page(self, texts: Sequence[str], buttons: tuple[tuple[Button, ...], ...], edits: bool = False) -> Reply:
        return Reply(
            kind=ReplyKind.SMALL_TALK,
            paragraphs=tuple(Paragraph(text=text) for text in texts),
            buttons=buttons,
            edits=edits,
        )


def _page_of(items: Sequence[T], page: int, size: int, code: str) -> tuple[Sequence[T], list[Button]]:
    """What stands on a page, the last one where there are not so many, and the buttons that turn to its neighbours."""
    pages = max(1, -(-len(items) // size))
    page = min(page, pages - 1)
    turn = []
    if page > 0:
        turn.append(Button(label=f"Page {page}", code=f"{code}-{page - 1}"))
    if page + 1 < pages:
        turn.append(Button(label=f"Page {page + 2}", code=f"{code}-{page + 1}"))
    return items[page * size : (page + 1) * size], turn

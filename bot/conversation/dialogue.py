"""
The order of things: triage, then an open dialogue, then sums, then topics.

May not know Telegram, files or the clock. Nothing here keeps a person's words.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.conversation.answers import Answers, label, region_of
from bot.conversation.pages import Pages
from bot.library import Knowledge
from bot.matching import Matcher, Understanding
from bot.model import (
    Button,
    Card,
    ChatKind,
    Level,
    Paragraph,
    Question,
    Reply,
    ReplyKind,
    State,
    Style,
    Topic,
    TopicScore,
)
from bot.sums import WHOLE, Sums
from bot.triage import Assessment, Triage

LONGEST_READ = 20_000
FORGET_AFTER = timedelta(minutes=30)
_KIND_OF_LEVEL = {
    Level.EMERGENCY: ReplyKind.EMERGENCY,
    Level.URGENT: ReplyKind.URGENT,
    Level.CALL_TEAM: ReplyKind.CALL_TEAM,
}


class Conversation:
    """
    One door for every surface: `reply` to words, `press` for buttons and links, `command`, `cards` for inline.

    Holds no state of its own: the state of a chat is handed in with the question and comes back in the reply, so the
    same object serves every chat and thread.
    """

    def __init__(
        self, knowledge: Knowledge, triage: Triage, matcher: Matcher, sums: Sums, forget_after: timedelta = FORGET_AFTER
    ) -> None:
        self.knowledge = knowledge
        self.triage = triage
        self.matcher = matcher
        self.sums = sums
        self._messages = knowledge.messages
        self._answers = Answers(knowledge)
        self._pages = Pages(knowledge, self._answers)
        self._forget_after = forget_after

    def reply(self, question: Question) -> Reply:
        """What is said back to what a person typed."""
        question = self._fresh(question)
        text = question.text[:LONGEST_READ]
        assessment = self.triage.assess(question.text)  # the whole of it: a plea may stand at the end
        reply = self._by_urgency(assessment, text, question)
        return self._finished(reply, question)

    def press(self, code: str, question: Question) -> Reply:
        """What is said back to a button or a deep link; an unknown code gets the menu and says why."""
        question = self._fresh(question)
        return self._finished(self._pressed(code, question), question)

    def command(self, name: str, argument: str, question: Question) -> Reply:
        """What is said back to a command without its slash; an argument in words is triaged first."""
        question = self._fresh(question)
        argument = argument.strip()
        if argument and name != "start":
            assessment = self.triage.assess(argument)
            if assessment.level >= Level.URGENT:
                return self._finished(self._urgent(assessment, argument, question), question)
            if name.lower() == "ask":
                asked = question.model_copy(update={"text": argument})
                return self._finished(self._by_urgency(assessment, argument, asked), question)
        return self._finished(self._commanded(name.lower(), argument, question), question)

    def cards(self, question: Question, limit: int = 10) -> tuple[Card, ...]:
        """Inline results as one types, best first; an emergency comes first, a sum leads to the private chat."""
        question = self._fresh(question.model_copy(update={"chat": ChatKind.INLINE}))
        text = question.text[:LONGEST_READ].strip()
        if not text:
            topics = [self.knowledge.topics[name] for name in self.knowledge.featured]
            return tuple(self._card(topic, question) for topic in topics[:limit])
        assessment = self.triage.assess(text)
        found: list[Card] = []
        if assessment.level >= Level.URGENT:
            found.append(self._urgent_card(assessment, text, question))
        elif self.sums.read(question) is not None:
            return (self._private_card(),)
        elif assessment.notice_language:
            return ()
        understanding = self.matcher.understand(text)
        if understanding.kind in ("answer", "clarify"):
            ids = [score.id for score in (*understanding.topics, *understanding.offers)]
            ids += [ranked.topic for ranked in self.matcher.rank(text)[:limit]]
            for topic_id in dict.fromkeys(ids):
                found.append(self._card(self.knowledge.topics[topic_id], question))
        return tuple(found[:limit])

    # -- words ---------------------------------------------------------------------------------------------------

    def _by_urgency(self, assessment: Assessment, text: str, question: Question) -> Reply:
        if assessment.level >= Level.URGENT:
            return self._urgent(assessment, text, question)
        if not text.strip():
            return self._say(ReplyKind.NOT_UNDERSTOOD, self._messages.empty, buttons=self._pages.menu_row())
        if assessment.notice_language:
            return self._foreign(assessment, question)
        ordinary = self._ordinary(text, question)
        if assessment.level == Level.CALL_TEAM:
            return self._call_team(assessment, ordinary, question)
        return ordinary

    def _urgent(self, assessment: Assessment, text: str, question: Question) -> Reply:
        """Help first; the ordinary question waits behind a button, except in a crisis, which stands alone."""
        waiting: tuple[str, ...] = ()
        if assessment.pathway != "crisis":
            understanding = self.matcher.understand(text)
            if understanding.kind == "answer":
                waiting = tuple(score.id for score in understanding.topics)
        return self._urgent_page(assessment.level, assessment.pathway, question, waiting).model_copy(
            update={"signs": assessment.signs}
        )

    def _urgent_page(
        self, level: Level, pathway: str | None, question: Question, waiting: tuple[str, ...] = ()
    ) -> Reply:
        rows: list[tuple[Button, ...]] = []
        if question.preferences.country is None:
            rows.append((Button(label=self._messages.button_country, code="countries"),))
        if waiting and question.chat == ChatKind.PRIVATE:
            rows.append((Button(label=self._messages.button_resume, code="resume"),))
        elif waiting:
            # Where others read along, the other question is carried into the private chat as its topic.
            topics = [self.knowledge.topics[name] for name in waiting[:2]]
            rows.extend((Button(label=label(topic.title), code=f"private-topic-{topic.id}"),) for topic in topics)
        return Reply(
            kind=_KIND_OF_LEVEL[level],
            level=level,
            pathway=pathway,
            paragraphs=self.triage.answer(level, pathway, question.preferences.country),
            buttons=tuple(rows),
            state=State(waiting_topics=waiting, level=level, pathway=pathway),
        )

    def _call_team(self, assessment: Assessment, ordinary: Reply, question: Question) -> Reply:
        """The team first; the topic's own answer, sum or offers follow at once."""
        paragraphs = self.triage.answer(assessment.level, assessment.pathway, question.preferences.country)
        update = {
            "kind": ReplyKind.CALL_TEAM,
            "level": Level.CALL_TEAM,
            "pathway": assessment.pathway,
            "signs": assessment.signs,
        }
        if question.preferences.low_energy and ordinary.kind in (ReplyKind.ANSWER, ReplyKind.CLARIFY):
            # One idea at a time: the topic is a button away.
            return ordinary.model_copy(update={**update, "paragraphs": paragraphs})
        if ordinary.kind in (ReplyKind.ANSWER, ReplyKind.CALCULATION, ReplyKind.CLARIFY):
            return ordinary.model_copy(update={**update, "paragraphs": (*paragraphs, *ordinary.paragraphs)})
        return ordinary.model_copy(
            update={**update, "paragraphs": paragraphs, "buttons": self._pages.menu_row(), "state": State()}
        )

    def _foreign(self, assessment: Assessment, question: Question) -> Reply:
        return Reply(
            kind=ReplyKind.OUT_OF_SCOPE,
            paragraphs=self.triage.notice(assessment.notice_language or "", question.preferences.country),
            buttons=self._pages.menu_row(),
        )

    def _ordinary(self, text: str, question: Question) -> Reply:
        by_sum = self.sums.read(self._where_they_live(question))
        if by_sum is not None:
            return self._with_sources(by_sum, question)
        return self._by_topic(self.matcher.understand(text, question.state.last_topics), question)

    def _by_topic(self, understanding: Understanding, question: Question) -> Reply:
        match understanding.kind:
            case "answer" if self._is_said_again(understanding, question):
                # "Why?" and "tell me more" after an answer: what stands behind it, not the same words again.
                topic = self.knowledge.topics[understanding.topics[0].id]
                page = self._pages.of_topic("more", topic)
                return page if page is not None else self._answer(understanding.topics, question)
            case "answer":
                return self._answer(understanding.topics, question, partly=bool(understanding.unmatched))
            case "clarify":
                return self._clarify(understanding.offers, question)
            case "small_talk" | "out_of_scope":
                return self._scope(understanding, question)
            case _:
                return self._not_understood(question)

    @staticmethod
    def _is_said_again(understanding: Understanding, question: Question) -> bool:
        """Whether a short follow-up leads to the one topic that was just answered."""
        said = tuple(score.id for score in understanding.topics)
        just_answered = question.state.last_reply in (ReplyKind.ANSWER, ReplyKind.CALL_TEAM)
        return just_answered and said == question.state.last_topics and len(question.text.split()) <= 4

    def _answer(self, scores: Sequence[TopicScore], question: Question, partly: bool = False) -> Reply:
        topics = [self.knowledge.topics[score.id] for score in scores]
        paragraphs = self._answers.first(topics, question)
        if partly:
            paragraphs = (*paragraphs, Paragraph(text=self._messages.partly_understood))
        level = Level.CALL_TEAM if any(topic.level == "call_team" for topic in topics) else Level.NONE
        return Reply(
            kind=ReplyKind.ANSWER,
            level=level,
            topics=tuple(scores),
            paragraphs=paragraphs,
            sources=self._answers.citations(topics),
            buttons=self._answers.buttons(topics, question),
            state=State(last_topics=tuple(score.id for score in scores)),
        )

    def _clarify(self, offers: Sequence[TopicScore], question: Question) -> Reply:
        leads = self._messages.clarify
        lead = leads[question.state.misses % len(leads)]
        few = question.preferences.low_energy
        shown = offers[: 2 if few else 3]
        rows = [(Button(label=self.knowledge.topics[offer.id].question, code=f"topic-{offer.id}"),) for offer in shown]
        if not few:
            rows.append((Button(label=self._messages.button_none_of_these, code="none"),))
        return Reply(
            kind=ReplyKind.CLARIFY,
            topics=tuple(shown),
            paragraphs=(Paragraph(text=lead),),
            buttons=tuple(rows),
            state=State(
                last_topics=question.state.last_topics,
                offered=tuple(offer.id for offer in shown),
                misses=question.state.misses,
            ),
        )

    def _scope(self, understanding: Understanding, question: Question) -> Reply:
        kind = ReplyKind.SMALL_TALK if understanding.kind == "small_talk" else ReplyKind.OUT_OF_SCOPE
        name = understanding.scope or ""
        topic = self.knowledge.topics.get(self.knowledge.scope.topic_of(name) or "")
        buttons = self._pages.menu_row()
        if topic is not None:
            own = (Button(label=label(topic.title), code=f"topic-{topic.id}"),)
            buttons = ((*own, buttons[0][0]),) if question.preferences.low_energy else (own, *buttons)
        return Reply(
            kind=kind,
            topics=(TopicScore(id=topic.id, score=1.0),) if topic is not None else (),
            paragraphs=(Paragraph(text=self.knowledge.scope.reply(name)),),
            buttons=buttons,
            state=State(last_topics=question.state.last_topics),
        )

    def _not_understood(self, question: Question) -> Reply:
        """Never the same words twice in a row; from the second miss on, the menu and people to ask."""
        wordings = self._messages.not_understood
        misses = question.state.misses
        paragraphs = [Paragraph(text=wordings[misses % len(wordings)])]
        buttons = self._pages.menu_row()
        if misses:
            paragraphs.append(Paragraph(text=self._messages.people_to_ask))
            if not question.preferences.low_energy:
                buttons = self._pages.chapter_rows()
        return Reply(
            kind=ReplyKind.NOT_UNDERSTOOD,
            paragraphs=tuple(paragraphs),
            buttons=buttons,
            state=State(last_topics=question.state.last_topics, misses=misses + 1),
        )

    # -- buttons -------------------------------------------------------------------------------------------------

    def _pressed(self, code: str, question: Question) -> Reply:
        verb, _, rest = code.partition("-")
        if verb in ("topic", "more", "sources", "ask", "share", "good", "bad", "badwhy"):
            return self._pressed_topic(verb, rest, question)
        match code:
            case "menu" | "topics":
                return self._pages.menu()
            case "countries":
                return self._pages.countries(self.triage.countries(), 0, question)
            case "none":
                return self._not_understood(question)
            case "resume":
                return self._resume(question)
            case "evidence" | "picture-trials":
                return self._pages.evidence()
            case "help" | "privacy" | "about":
                return self._commanded(code, "", question)
        if verb == "countries" and rest.isdigit() and len(rest) <= 3:
            return self._pages.countries(self.triage.countries(), int(rest), question)
        if verb == "country":
            return self._country_set(rest, question)
        if verb == "chapter":
            return self._pages.chapter(rest) or self._old_button(question)
        by_sum = self.sums.press(code, self._where_they_live(question))
        return self._with_sources(by_sum, question) if by_sum is not None else self._old_button(question)

    @staticmethod
    def _where_they_live(question: Question) -> Question:
        """The question with the region of the country that was set: tables and products follow it."""
        regions = region_of(question.preferences)
        if not regions:
            return question
        preferences = question.preferences.model_copy(update={"region": regions[0]})
        return question.model_copy(update={"preferences": preferences})

    def _with_sources(self, reply: Reply, question: Question) -> Reply:
        """A sum with the names of what its numbers were read in; a short one has them behind its button."""
        line = self._answers.named(reply.sources)
        short = question.preferences.low_energy and any(one.code == WHOLE for row in reply.buttons for one in row)
        if not line or short or reply.kind != ReplyKind.CALCULATION:
            return reply
        return reply.model_copy(update={"paragraphs": (*reply.paragraphs, Paragraph(text=line, style=Style.NOTE))})

    def _pressed_topic(self, verb: str, rest: str, question: Question) -> Reply:
        reason, _, tail = rest.partition("-") if verb == "badwhy" else ("", "", rest)
        topic_id, _, digest = tail.partition("-")
        topic = self.knowledge.resolve(topic_id)
        if topic is None:
            return self._old_button(question)
        if verb == "topic":
            reply = self._answer((TopicScore(id=topic.id, score=1.0),), question)
            if digest:
                now = self._pages.fingerprint(topic)
                same = digest == now
                text = self._messages.unchanged_since if same else self._messages.changed_since
                reply = reply.model_copy(
                    update={"paragraphs": (*reply.paragraphs, Paragraph(text=text, style=Style.NOTE))}
                )
            return reply
        return self._pages.of_topic(verb, topic, reason) or self._old_button(question)

    def _resume(self, question: Question) -> Reply:
        waiting = [name for name in question.state.waiting_topics if name in self.knowledge.topics]
        if not waiting:
            return self._say(ReplyKind.NOT_UNDERSTOOD, self._messages.resume_nothing, buttons=self._pages.menu_row())
        return self._answer([TopicScore(id=name, score=1.0) for name in waiting], question)

    def _country_set(self, code: str, question: Question) -> Reply:
        """Acknowledge the country; after an emergency answer, say it again with that country's numbers."""
        names = dict(self.triage.countries())
        code = code.upper()
        if code not in names:
            return self._old_button(question)
        preferences = question.preferences.model_copy(update={"country": code, "region": None})
        acknowledged = Paragraph(text=self._messages.country_set.format(country=names[code]), style=Style.NOTE)
        state = question.state
        if state.level >= Level.URGENT:
            asked = question.model_copy(update={"preferences": preferences})
            page = self._urgent_page(state.level, state.pathway, asked, state.waiting_topics)
            return page.model_copy(update={"paragraphs": (*page.paragraphs, acknowledged)})
        return Reply(
            kind=ReplyKind.SMALL_TALK,
            paragraphs=(acknowledged,),
            buttons=self._pages.menu_row(),
            state=State(last_topics=state.last_topics),
        )

    def _old_button(self, question: Question) -> Reply:
        menu = self._pages.menu()
        return menu.model_copy(
            update={
                "paragraphs": (Paragraph(text=self._messages.old_button), *menu.paragraphs[-1:]),
                "notice": self._messages.old_button,
                "edits": False,
            }
        )

    # -- commands ------------------------------------------------------------------------------------------------

    def _commanded(self, name: str, argument: str, question: Question) -> Reply:
        match name:
            case "start":
                return self._pressed(argument, question) if argument else self._pages.start()
            case "ask":
                return self._pages.menu()
            case "dose":
                started = self.sums.start(question)
                if not argument or question.chat != ChatKind.PRIVATE:
                    return started
                # A number alone after /dose is an answer to its first question.
                for state in (question.state, started.state):
                    asked = question.model_copy(update={"text": argument, "state": state})
                    by_sum = self.sums.read(self._where_they_live(asked))
                    if by_sum is not None:
                        return self._with_sources(by_sum, question)
                return started
            case "evidence":
                return self._pages.evidence()
            case "country":
                return self._pages.countries(self.triage.countries(), 0, question)
            case "cancel":
                pending = question.state.sum is not None
                text = self._messages.cancelled if pending else self._messages.nothing_to_cancel
                return self._say(ReplyKind.SMALL_TALK, text, buttons=self._pages.menu_row())
        page = self._pages.named(name)
        if page is not None:
            return page
        return self._say(ReplyKind.NOT_UNDERSTOOD, self._messages.unknown_command, buttons=self._pages.menu_row())

    # -- inline --------------------------------------------------------------------------------------------------

    def _card(self, topic: Topic, question: Question) -> Card:
        print_of = self._pages.fingerprint(topic)
        reply = self._answer((TopicScore(id=topic.id, score=1.0),), question)
        code = f"topic-{topic.id}-{print_of}"
        buttons = ((Button(label=self._messages.button_private, code=code),),)
        return Card(
            id=code,
            title=topic.title,
            description=topic.short,
            reply=reply.model_copy(update={"buttons": buttons}),
            personal=bool(question.preferences.country or question.preferences.low_energy),
        )

    def _urgent_card(self, assessment: Assessment, text: str, question: Question) -> Card:
        reply = self._urgent(assessment, text, question)
        first = reply.paragraphs[0].text
        return Card(id="urgent", title=label(first), description=reply.text, reply=reply, personal=True)

    def _private_card(self) -> Card:
        messages = self._messages
        reply = Reply(
            kind=ReplyKind.ASK_BACK,
            paragraphs=(Paragraph(text=messages.inline_private_text),),
            buttons=((Button(label=messages.button_private, code="dose"),),),
        )
        return Card(
            id="private",
            title=messages.inline_private_title,
            description=messages.inline_private_description,
            reply=reply,
            personal=True,
        )

    # -- state ---------------------------------------------------------------------------------------------------

    def _fresh(self, question: Question) -> Question:
        """The question without what is too old to be meant."""
        touched = question.state.touched
        if touched is not None and not timedelta(0) <= question.now - touched <= self._forget_after:
            return question.model_copy(update={"state": State()})
        return question

    def _finished(self, reply: Reply, question: Question) -> Reply:
        """The reply with the state stamped, and what stays true kept."""
        state = reply.state.model_copy(update={"last_reply": reply.kind, "touched": question.now})
        return reply.model_copy(update={"state": state})

    def _say(self, kind: ReplyKind, text: str, buttons: tuple[tuple[Button, ...], ...] = ()) -> Reply:
        return Reply(kind=kind, paragraphs=(Paragraph(text=text),), buttons=buttons)

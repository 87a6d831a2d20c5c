"""
What the handlers share: the conversation as it is now, what chats set, what is remembered for half an hour.

May not know how anything is sent. Nothing here is written to disk but through the store.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from pydantic import ValidationError

from bot.config import Settings
from bot.conversation import Conversation
from bot.library import Knowledge, texts_of
from bot.messages import Messages
from bot.model import ChatKind, Level, Paragraph, Picture, Preferences, Question, Reply, State, Style
from bot.store import Store
from bot.telemetry import Figures, line
from bot.transport import current_turn
from bot.unanswered import Unanswered, vocabulary

_CODE_OF_A_CARD = re.compile(r"(?<![a-z0-9_])#?([a-z][a-z0-9_]{0,47})-([0-9a-f]{6})(?![A-Za-z0-9_-])")
PREFERENCES = ("country", "language", "low_energy")
_RANKS = {Level.EMERGENCY: 0, Level.URGENT: 1}


def _vocabulary(knowledge: Knowledge) -> frozenset[str]:
    """The words our own texts use: never somebody's name."""
    topics = knowledge.topics.values()
    return vocabulary(text for topic in topics for text in (*topic.phrases, *(said for _, said in texts_of(topic))))


class Whole(Protocol):
    """What answers: replaced as a whole when the knowledge was edited."""

    @property
    def conversation(self) -> Conversation:
        """The conversation as it is now."""

    @property
    def knowledge(self) -> Knowledge:
        """What it answers from."""

    def marks(self) -> dict[str, tuple[int, int]]:
        """Size and time of change of every file of the folder, by path."""

    def reload(self) -> list[Any]:
        """Take over the edited folder, or say why not."""


class Key(NamedTuple):
    """Whose conversation it is: a person in a chat; 0 for somebody who writes as the group."""

    chat_id: int
    user_id: int


class Desk:
    """One for the whole process."""

    def __init__(
        self, settings: Settings, whole: Whole, store: Store, figures: Figures,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.settings = settings
        self.store = store
        self.figures = figures
        self.whole = whole
        self.clock = clock
        self.username = ""
        self.inline_on = True
        kept = settings.unanswered
        self._unanswered = (
            Unanswered(Path(kept.path), kept.days, _vocabulary(whole.knowledge)) if kept.keep else None
        )
        self.bot_id = 0
        self._states: OrderedDict[Key, tuple[State, Picture | None]] = OrderedDict()

    @property
    def conversation(self) -> Conversation:
        """The conversation as it is now."""
        return self.whole.conversation

    @property
    def messages(self) -> Messages:
        """The fixed wording as it is now."""
        return self.whole.knowledge.messages

    def notices(self, chat_id: int) -> Messages:
        """The fixed wording in the language that the admins of a group chose."""
        language = self.store.read(chat_id).get("language")
        return self.whole.knowledge.messages_in(language if isinstance(language, str) else None)

    # -- questions -------------------------------------------------------------------------------------------------

    def preferences(self, chat_id: int) -> Preferences:
        """What a chat set; what cannot be read counts as not set."""
        kept = self.store.read(chat_id)
        try:
            return Preferences.model_validate({name: kept[name] for name in PREFERENCES if name in kept})
        except ValidationError:
            return Preferences()

    def question(self, text: str, key: Key, kind: ChatKind) -> Question:
        """A question with what is known: a group's own language, never a person's settings, where others read."""
        return Question(
            text=text, chat=kind, now=self.clock(), state=self.state(key), preferences=self.preferences(key.chat_id)
        )

    def code_of_card(self, text: str) -> str | None:
        """The page of a card whose short code somebody sends, alone or in the sentence that stands under the card."""
        found = _CODE_OF_A_CARD.search(text[:200])
        if found is None or self.whole.knowledge.resolve(found.group(1)) is None:
            return None
        code = f"{found.group(1)}-{found.group(2)}"
        sentence = self.messages.inline_code.format(code=code, bot=self.username)
        rest = text.replace(sentence, "").replace(self.messages.button_read_on, "").replace(found.group(0), "")
        return None if rest.strip(" .\n") else f"topic-{code}"

    def code_of_own(self, text: str) -> str | None:
        """The page that our own words come from, where somebody forwards them to us; None where that is not plain."""
        knowledge = self.whole.knowledge
        for topic_id, digest in _CODE_OF_A_CARD.findall(text):
            if knowledge.resolve(topic_id) is not None:
                return f"topic-{topic_id}-{digest}"
        first = text.strip().split("\n", 1)[0]
        for topic in knowledge.topics.values():
            if first in (topic.title, self.messages.sources_of.format(title=topic.title)) or first.startswith(
                f"{topic.title}: "
            ):
                return f"topic-{topic.id}"
        return None

    def answer(self, text: str, key: Key, kind: ChatKind) -> Reply:
        """The reply to words: what the conversation says, or a card that somebody asks about by its code."""
        question = self.question(text, key, kind)
        code = self.code_of_card(text)
        return self.conversation.press(code, question) if code is not None else self.conversation.reply(question)

    def needs_help(self, text: str, key: Key) -> bool:
        """Whether these words call for help today or now."""
        return self.conversation.reply(self.question(text, key, ChatKind.PRIVATE)).level >= Level.URGENT

    def state(self, key: Key) -> State:
        """What this person and the bot spoke about, if it is not too long ago."""
        kept = self._states.get(key)
        return kept[0] if kept else State()

    def picture(self, key: Key) -> Picture | None:
        """The picture last offered to this person."""
        kept = self._states.get(key)
        return kept[1] if kept else None

    def remember(self, key: Key, reply: Reply) -> None:
        """Keep the state a reply hands over; the longest silent are dropped first."""
        self._states[key] = (reply.state, reply.picture)
        self._states.move_to_end(key)
        most = self.settings.conversation.most_remembered_chats
        oldest = self.clock() - timedelta(minutes=self.settings.conversation.forget_after_minutes)
        while self._states:
            first = next(iter(self._states))
            touched = self._states[first][0].touched
            if len(self._states) <= most and (touched is None or touched >= oldest or first == key):
                break
            del self._states[first]

    def forget(self, chat_id: int) -> None:
        """Forget everything about a chat, on disk and in memory."""
        self.store.forget(chat_id)
        for key in [key for key in self._states if chat_id in key]:
            del self._states[key]

    async def keep_unanswered(self, text: str) -> None:
        """Keep a question without its person, where the operator chose to."""
        if self._unanswered is not None:
            await asyncio.to_thread(self._unanswered.keep, text)

    # -- replies ---------------------------------------------------------------------------------------------------

    def note(self, reply: Reply, chat: str) -> None:
        """Say what the update came to, and let an emergency overtake."""
        current = line()
        current.kind = str(reply.kind)
        current.level = str(reply.level)
        current.chat = chat
        if reply.topics:
            current.topic, current.score = reply.topics[0].id, reply.topics[0].score
        turn = current_turn()
        if turn is not None:
            turn.rank = _RANKS.get(reply.level, 2)

    def with_own_language(self, reply: Reply, preferences: Preferences) -> Reply:
        """An urgent reply with a line in the person's language, where one was chosen."""
        language = preferences.language
        if reply.level < Level.URGENT or not language or language == "en":
            return reply
        notice = self.conversation.triage.notice(language, preferences.country)
        return reply.model_copy(update={"paragraphs": (*reply.paragraphs, *(notice or ()))})

    def with_note(self, reply: Reply, text: str) -> Reply:
        """A reply with a remark: first, but after the words where help is needed."""
        note = Paragraph(text=text, style=Style.NOTE)
        paragraphs = (*reply.paragraphs, note) if reply.level >= Level.URGENT else (note, *reply.paragraphs)
        return reply.model_copy(update={"paragraphs": paragraphs})

    def lateness(self, sent: datetime | None) -> str | None:
        """The remark for a message that waited long; a clock that was set back says nothing."""
        if sent is None:
            return None
        minutes = (self.clock() - sent).total_seconds() / 60
        if minutes < self.settings.conversation.late_after_minutes:
            return None
        return self.messages.late.format(minutes=f"{minutes:.0f}")

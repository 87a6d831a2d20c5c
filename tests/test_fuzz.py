"""
Whole conversations at random: nothing a person does makes the bot fall silent, say too much, or miss an emergency.

IVIG_BOT_FUZZ_STEPS=1000000 walks as many steps, with a new seed each time; without it the walk is the same on every
machine, so that a red test stays red.
"""

import json
import os
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import ClassVar

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from bot import render
from bot.conversation import Conversation
from bot.model import Card, ChatKind, Level, Preferences, Question, Reply, ReplyKind, State
from tests.conftest import NOON

STEPS = int(os.environ.get("IVIG_BOT_FUZZ_STEPS", "10000"))
STEPS_A_WALK = 50
# Typed into messages that are no emergency; must never turn up in what is remembered.
CANARY = "zebrafinchcanary"

# Said so plainly that nothing around them may hide them.
EMERGENCIES = (
    "I can't breathe",
    "my throat is closing up and I can't breathe",
    "I have crushing chest pain",
    "my face is drooping and my speech is slurred",
    "she collapsed during the infusion",
    "I want to kill myself",
    "I took an overdose of my pills",
    "sudden worst headache of my life",
    "my husband had a seizure after the drip",
    "my lips and tongue are swelling",
)

PIECES = (
    "headache", "after my infusion", "is it safe", "what is ivig", "how much does it cost", "70 kg", "154 lb",
    "0.4 g/kg",
    "400 mg/kg", "for 5 days", "every 4 weeks", "11 st 4", "1.000", "70,5 kg", "1½", "², ³", "٧٠ kg", "-3", "1e999",
    "nan", "privigen", "ocrevus", "pregnant", "vaccine", "why?", "how long?", "and for kids?", "yes", "no",
    "the second",
    "thanks", "hello", "can I drive", "does it work for ppms", "my dog", "¿qué es ivig?", "bonjour j'ai mal à la tête",
    "كيف حالك", "это безопасно", "免疫球蛋白", "IVIG", "?", "!!!", ".", "\n", "\u200b", "\u202e", "\x00",
    "<b>", "</b>&amp;",
    "{five_day_course.dose}", "%s", "😀", "👩‍⚕️", "a" * 300, "1" * 500, "(" * 200, "in 2 weeks", "on 3 May", "kg kg kg",
    "g per kg per day", "$100 per gram", "starting monday", "i weigh", "blood pressure 120/80", "5'4\"", CANARY,
)  # fmt: skip
COMMANDS = (
    "start", "help", "menu", "topics", "dose", "sources", "about", "privacy", "evidence", "country", "cancel", "ask",
    "mydata", "language", "nonsense", "", "DOSE",
)  # fmt: skip
CODES = (
    "menu", "topic-headache", "more-headache", "sources-headache", "ask-headache", "share-headache", "topic-",
    "more-nothing",
    "chapter-basics", "chapter-nowhere", "good-headache", "bad-headache", "countries", "country-gb", "country-zz",
    "resume", "dose", "dose-five_day_course", "unit-kg", "sum-", "none", "yes-headache", "no", "private-dose", "x",
    "A" * 64, "topic-" + "b" * 58, "country-", "dose-nothing", "product-privigen", "regimen-", "-", "_",
)  # fmt: skip

TYPED = st.one_of(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map(" ".join),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("".join),
    st.text(max_size=60),
    st.sampled_from(PIECES).map(lambda piece: (piece + " ") * 40),
)
# How people wrap what matters. Questions about an emergency and things long past are not among them.
AROUND = st.sampled_from(
    ("{}", "{}!!!", "please help {}", "hi, {}", "{} what should i do", "ok so {} right now",
     "um. {}. sorry to bother you",
     "{}\n\nthanks", "thank you for the last answer. {}", "{} after my ivig today", "PLEASE {}", "i am 70 kg. {}")
)  # fmt: skip


class _Tags(HTMLParser):
    """Telegram's few tags, opened and closed in order."""

    ALLOWED: ClassVar = {"b", "i", "u", "s", "a", "code", "pre", "blockquote", "tg-spoiler"}

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.ALLOWED
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_entityref(self, name: str) -> None:
        assert name in ("lt", "gt", "amp", "quot")


def length_at_telegram(html: str) -> int:
    """What Telegram counts: UTF-16 units of the text without its tags."""
    text = re.sub(r"<[^>]*>", "", html)
    for name, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(name, sign)
    return len(text.encode("utf-16-le")) // 2


def hold_against_limits(reply: Reply) -> None:
    """A reply that every surface can show, and that remembers no words."""
    messages = render.telegram_html(reply)
    assert messages
    for message in messages:
        assert 0 < length_at_telegram(message) <= 4096
        assert message.strip()
        _Tags(message)
    buttons = [button for row in reply.buttons for button in row]
    assert len(buttons) <= 100
    assert all(1 <= len(row) <= 8 for row in reply.buttons)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", button.code) for button in buttons)
    assert len({button.code for button in buttons}) == len(buttons)
    assert not reply.notice or len(reply.notice) <= 200
    assert not reply.attachment or len(reply.attachment.caption) <= 1024
    written = json.loads(render.json_line(render.as_json(reply, 1)))
    assert written["kind"] == str(reply.kind)
    assert written["text"].strip()
    assert render.terminal(reply).strip()
    remembered = reply.state.model_dump_json()
    assert CANARY not in remembered
    assert len(remembered) < 4000
    assert State.model_validate_json(remembered) == reply.state


class Walk(RuleBasedStateMachine):
    """One person and one bot, in any order."""

    conversation: ClassVar[Conversation]

    def __init__(self) -> None:
        super().__init__()
        self.state = State()
        self.now = NOON
        self.preferences = Preferences()
        self.chat = ChatKind.PRIVATE
        self.last: Reply | None = None

    def question(self, text: str = "") -> Question:
        return Question(text=text, chat=self.chat, now=self.now, state=self.state, preferences=self.preferences)

    def take(self, reply: Reply) -> Reply:
        hold_against_limits(reply)
        self.state = reply.state
        self.last = reply
        return reply

    @initialize(chat=st.sampled_from((ChatKind.PRIVATE, ChatKind.PRIVATE, ChatKind.GROUP)))
    def begin(self, chat: ChatKind) -> None:
        self.chat = chat

    @rule(text=TYPED)
    def say(self, text: str) -> None:
        self.take(self.conversation.reply(self.question(text)))

    @rule(text=TYPED, again=TYPED)
    def say_twice(self, text: str, again: str) -> None:
        """The same question in the same state gets the same answer, whatever was asked meanwhile by others."""
        first = self.conversation.reply(self.question(text))
        self.conversation.reply(Question(text=again, now=self.now))
        assert self.take(self.conversation.reply(self.question(text))) == first

    @precondition(lambda self: self.last is not None and self.last.buttons)
    @rule(number=st.integers(0, 99))
    def press_what_is_offered(self, number: int) -> None:
        assert self.last is not None
        buttons = [button for row in self.last.buttons for button in row if not button.url]
        if buttons:
            self.take(self.conversation.press(buttons[number % len(buttons)].code, self.question()))

    @rule(code=st.one_of(st.sampled_from(CODES), st.from_regex(r"\A[A-Za-z0-9_-]{1,64}\Z"), st.text(max_size=70)))
    def press_anything(self, code: str) -> None:
        self.take(self.conversation.press(code, self.question()))

    @rule(name=st.one_of(st.sampled_from(COMMANDS), st.text(max_size=12)), argument=st.one_of(st.just(""), TYPED))
    def command(self, name: str, argument: str) -> None:
        self.take(self.conversation.command(name, argument, self.question()))

    @rule(code=st.sampled_from(CODES))
    def follow_a_link(self, code: str) -> None:
        self.take(self.conversation.command("start", code, self.question()))

    @rule(text=TYPED)
    def search_inline(self, text: str) -> None:
        cards: tuple[Card, ...] = self.conversation.cards(self.question(text))
        assert len(cards) <= 10
        assert len({card.id for card in cards}) == len(cards)
        for card in cards:
            hold_against_limits(card.reply)

    @rule(
        minutes=st.one_of(
            st.integers(-5, 60), st.sampled_from((-60 * 24 * 400, 29, 30, 31, 60 * 24 * 300, 60 * 24 * 365 * 40))
        )
    )
    def time_passes(self, minutes: int) -> None:
        then = self.now + timedelta(minutes=minutes)
        if datetime(2000, 1, 1, tzinfo=UTC) < then < datetime(2200, 1, 1, tzinfo=UTC):
            self.now = then

    @rule(
        country=st.sampled_from((None, "us", "gb", "au", "de", "in", "zz", "")),
        region=st.sampled_from((None, "us", "uk", "ca", "au", "eu", "nz", "ie")),
        language=st.sampled_from((None, "en", "es", "xx")),
        low_energy=st.booleans(),
    )
    def prefer(self, country: str | None, region: str | None, language: str | None, low_energy: bool) -> None:
        self.preferences = Preferences.model_validate(
            {"country": country, "region": region, "language": language, "low_energy": low_energy}
        )

    @rule(words=st.sampled_from(EMERGENCIES), around=AROUND)
    def emergency(self, words: str, around: str) -> None:
        reply = self.take(self.conversation.reply(self.question(around.format(words))))
        assert reply.level == Level.EMERGENCY
        assert reply.kind == ReplyKind.EMERGENCY

    @rule(words=st.sampled_from(EMERGENCIES), name=st.sampled_from(("ask", "dose", "help", "nonsense", "menu")))
    def emergency_behind_a_command(self, words: str, name: str) -> None:
        reply = self.take(self.conversation.command(name, words, self.question()))
        assert reply.level == Level.EMERGENCY

    @rule(words=st.sampled_from(EMERGENCIES))
    def emergency_inline(self, words: str) -> None:
        cards = self.conversation.cards(self.question(words))
        assert cards
        assert cards[0].reply.level == Level.EMERGENCY


def test_no_conversation_breaks_the_bot_or_hides_an_emergency(conversation: Conversation) -> None:
    class OfThisBase(Walk):
        pass

    OfThisBase.conversation = conversation
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        OfThisBase,
        settings=settings(
            max_examples=max(1, STEPS // STEPS_A_WALK),
            stateful_step_count=STEPS_A_WALK,
            deadline=None,
            derandomize="IVIG_BOT_FUZZ_STEPS" not in os.environ,
            database=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


@pytest.mark.parametrize("words", EMERGENCIES)
def test_an_emergency_is_one_from_the_first_word(conversation: Conversation, words: str) -> None:
    reply = conversation.reply(Question(text=words, now=NOON))

    assert (reply.kind, reply.level) == (ReplyKind.EMERGENCY, Level.EMERGENCY)

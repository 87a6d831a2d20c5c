"""What a person sees: buttons for a shaky hand, words for a screen reader, long answers in parts, short ones."""

import json
import re
from collections.abc import Iterator

import pytest

from bot import render
from bot.assembly import Assembly
from bot.conversation import Conversation
from bot.handlers import private, settings
from bot.handlers.desk import Key
from bot.handlers.keyboards import keyboard
from bot.handlers.languages import NAMES
from bot.model import Button, ChatKind, Level, Paragraph, Preferences, Question, Reply, ReplyKind, State, Style
from tests.conftest import NOON
from tests.telegram_emulator import Emulator, Person
from tests.telegram_emulator.core import Refusal
from tests.telegram_emulator.inside import Inside

VERBS = ("topic", "more", "sources", "ask", "share", "good", "bad")
PAGES = ("menu", "topics", "evidence", "countries", "countries-1", "dose", "none", "help", "privacy", "about", "x")
COMMANDS = ("start", "help", "topics", "sources", "evidence", "privacy", "about", "dose", "country", "cancel", "nosuch")
SAID = (
    "0.4 g per kg for 5 days, 70 kg", "how long does 70 g of privigen take, 70 kg", "what would 70 kg cost", "70",
    "1 g/kg every 4 weeks, 70 kg, from 1 December 2026", "when does ivig wear off", "kidney", "hello", "thanks",
    "what is the capital of France", "qwpo zmxn", "I have chest pain and I cannot breathe", "I have a fever",
    "i dont want to be here anymore", "hace dos dias que tengo dolor de cabeza", "my doctor said 1.000 kg", "   ",
    "what are the side effects and how much does it cost",
)
TIRED = Preferences(low_energy=True)


def replies(conversation: Conversation, kind: ChatKind, preferences: Preferences) -> Iterator[tuple[str, Reply]]:
    """Every page, and an answer of every kind."""
    asked = Question(text="", chat=kind, now=NOON, preferences=preferences)
    chapters = [chapter.id for chapter in conversation.knowledge.chapters]
    codes = [*PAGES, *(f"chapter-{chapter}-{page}" for chapter in chapters for page in (0, 1))]
    codes += [f"{verb}-{topic}" for topic in conversation.knowledge.topics for verb in VERBS]
    for code in codes:
        yield code, conversation.press(code, asked)
    for name in COMMANDS:
        yield f"/{name}", conversation.command(name, "", asked)
    for text in SAID:
        yield text, conversation.reply(asked.model_copy(update={"text": text}))
        missed = State(misses=1, touched=NOON)
        yield f"{text} again", conversation.reply(asked.model_copy(update={"text": text, "state": missed}))


async def pages_of_settings(bot: Inside) -> list[Reply]:
    """Every page a person or a group can set something on, empty and full."""
    key, group = Key(5, 5), -100_5
    pages = []
    for kept in ({}, {"country": "GB", "language": "es", "low_energy": True, "quiet": [22, 7], "clock": -14}):
        bot.store.write(key.chat_id, kept)
        bot.store.write(group, {**kept, "no_cards": True} if kept else {})
        pages += [settings.personal(bot.desk, key), settings.my_data(bot.desk, key)]
        pages += [settings.languages(bot.desk.notices(group))]
        pages += [settings.group(bot.desk, group), private.poster(bot.desk), private.not_text(bot.desk)]
    for language in NAMES:
        bot.store.write(group, {"language": language})
        pages += [settings.group(bot.desk, group), settings.languages(bot.desk.notices(group))]
    return [*pages, settings.deleted(bot.desk, key)]


def refused(emulator: Emulator, reply: Reply, kind: ChatKind) -> str | None:
    """What Telegram has against this reply, or None."""
    markup = keyboard(reply.buttons, kind, "ivig_test_bot")
    for text in render.telegram_html(reply):
        parameters = {"chat_id": 1, "text": text, "parse_mode": "HTML"}
        if markup is not None:
            parameters["reply_markup"] = json.loads(markup.to_json())
        try:
            emulator.call("sendMessage", parameters)
        except Refusal as refusal:
            return refusal.description
    return None


@pytest.mark.parametrize("preferences", [Preferences(), TIRED, Preferences(country="GB", language="es")])
@pytest.mark.parametrize("kind", list(ChatKind))
def test_every_reply_of_every_kind_keeps_telegrams_limits(
    conversation: Conversation, kind: ChatKind, preferences: Preferences
) -> None:
    emulator = Emulator()
    found = [(name, refused(emulator, reply, kind)) for name, reply in replies(conversation, kind, preferences)]

    assert [(name, said) for name, said in found if said] == []


async def test_every_page_of_settings_and_every_fixed_sentence_keeps_telegrams_limits(
    bot: Inside, assembly: Assembly
) -> None:
    fixed = []
    for value in assembly.knowledge.messages.model_dump().values():
        fixed += [value] if isinstance(value, str) else list(value)
    plain = [Reply(kind=ReplyKind.SMALL_TALK, paragraphs=(Paragraph(text=text),)) for text in fixed]
    emulator = Emulator()
    pages = [*await pages_of_settings(bot), *plain]

    assert [said for kind in ChatKind for page in pages if (said := refused(emulator, page, kind))] == []


async def test_buttons_are_few_in_a_row_and_say_in_words_what_they_do(
    bot: Inside, conversation: Conversation
) -> None:
    found = [reply for _, reply in replies(conversation, ChatKind.PRIVATE, Preferences())]
    found += await pages_of_settings(bot)
    rows = [row for reply in found for row in reply.buttons]
    labels = {button.label for row in rows for button in row}

    assert len(labels) > 100
    assert [row for row in rows if len(row) > 3] == []
    assert [label for label in labels if not re.match(r"[^\W_]", label) or not re.search(r"[^\W\d_]", label)] == []
    assert [label for label in labels if len(label) > 80] == []


def test_related_topics_share_a_row_only_where_both_can_be_read(conversation: Conversation) -> None:
    asked = Question(text="", now=NOON)
    rows = [
        row
        for topic in conversation.knowledge.topics
        for row in conversation.press(f"topic-{topic}", asked).buttons
        if row and all(button.code.startswith("topic-") for button in row)
    ]

    assert len(rows) > 100
    assert [row for row in rows if len(row) > 1 and max(len(button.label) for button in row) > 26] == []


async def test_a_screen_reader_can_say_every_reply(bot: Inside, conversation: Conversation) -> None:
    """No tables, no text drawn with characters, no emoji that carries the meaning alone."""
    found = [*replies(conversation, ChatKind.PRIVATE, Preferences()), *replies(conversation, ChatKind.PRIVATE, TIRED)]
    found += [("settings", page) for page in await pages_of_settings(bot)]
    drawn = re.compile("[\u2500-\u257f\u2580-\u259f\U0001f000-\U0001faff]|\\|.*\\||\t| {3,}")
    spoken = [
        (name, text) for name, reply in found for text in render.telegram_html(reply) if name != "settings"
        if drawn.search(text) or "<pre" in text
    ]

    assert spoken == []
    labels = {button.label for _, reply in found for row in reply.buttons for button in row}
    assert [label for label in labels if drawn.search(label)] == []


# -- long answers ----------------------------------------------------------------------------------------------------


def a_reply(*texts: str, style: Style = Style.PLAIN) -> Reply:
    button = Button(label="Menu", code="menu")
    paragraphs = tuple(Paragraph(text=text, style=style) for text in texts)
    return Reply(kind=ReplyKind.ANSWER, paragraphs=paragraphs, buttons=((button,),))


def test_a_long_answer_is_cut_between_paragraphs_and_loses_nothing() -> None:
    texts = [f"Paragraph {number} <&>." + " word" * 120 for number in range(30)]
    parts = render.telegram_html(a_reply(*texts))
    emulator = Emulator()
    for part in parts:
        emulator.call("sendMessage", {"chat_id": 1, "text": part, "parse_mode": "HTML"})

    assert len(parts) > 3
    assert "\n\n".join(parts) == "\n\n".join(render.escape(text) for text in texts)
    assert all(part.startswith("Paragraph") for part in parts)


def test_one_endless_paragraph_is_cut_at_its_sentences_then_at_its_words() -> None:
    sentences = render.telegram_html(a_reply("This is a sentence. " * 600))
    words = render.telegram_html(a_reply("word " * 3000))
    letters = render.telegram_html(a_reply("ä" * 9000, style=Style.STRONG))

    assert all(part.endswith(".") for part in sentences)
    assert all(set(part.split()) == {"word"} for part in words)
    assert sum(part.count("ä") for part in letters) == 9000
    assert all(len(part) <= 4096 for part in (*sentences, *words, *letters))


async def test_the_parts_of_a_long_answer_come_in_order_with_the_buttons_under_the_last(
    bot: Inside, ana: Person
) -> None:
    calls = await bot.take(ana.says("/evidence"))

    assert len(calls) > 1
    assert [bool(call.buttons) for call in calls] == [False] * (len(calls) - 1) + [True]


# -- pages that turn -------------------------------------------------------------------------------------------------


async def test_settings_turn_their_own_message_instead_of_piling_up(bot: Inside, ana: Person) -> None:
    page = await bot.one(ana.says("/settings"))
    codes = ["set-languages", "set-language-es", "set-lowenergy", "countries", "countries-1", "country-GB"]
    for code in (*codes, "set-personal", "menu", "chapter-money", "menu"):
        calls = await bot.take(ana.presses(code, page.result))
        assert [call.method for call in calls] == ["answerCallbackQuery", "editMessageText"], code


async def test_choosing_a_country_in_an_emergency_leaves_the_answer_standing_and_says_it_again(
    bot: Inside, ana: Person
) -> None:
    answer = await bot.one(ana.says("I have chest pain and I cannot breathe"))
    choice = (await bot.take(ana.presses("countries", answer.result)))[-1]
    turned = (await bot.take(ana.presses("countries-1", choice.result)))[-1]
    again = (await bot.take(ana.presses("country-GB", turned.result)))[-1]

    assert [call.method for call in (choice, turned, again)] == ["sendMessage", "editMessageText", "sendMessage"]
    assert "999" in " ".join(again.text.split()[:12])


async def test_every_button_of_an_answer_leads_somewhere(bot: Inside, ana: Person) -> None:
    for question in ("headache after ivig", "what does ivig cost", "can I get live vaccines"):
        card = await bot.one(ana.says(question))
        assert {"More", "Sources", "Ask my team", "Share", "Helpful", "Not helpful"} <= {
            button["text"] for button in card.buttons
        }
        assert sum(code.startswith("topic-") for code in card.codes) >= 1
        for code in card.codes:
            calls = await bot.take(ana.presses(code, bot.emulator.messages[ana.id, card.result["message_id"]]))
            shown = [call for call in calls if call.text]
            assert shown, code
            assert bot.desk.messages.old_button not in shown[-1].text, code


async def test_share_hands_the_question_on_to_another_chat_where_it_finds_its_card(bot: Inside, ana: Person) -> None:
    card = await bot.one(ana.says("headache after ivig"))
    share = next(button for button in card.buttons if button["text"] == "Share")
    found = (await bot.take(ana.types(share["switch_inline_query"])))[0]

    assert found.parameters["results"][0]["id"].startswith("topic-headache-")


# -- little energy ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [text for text in SAID if not text[:1].isdigit() and "privigen" not in text])
def test_with_little_energy_no_answer_in_words_has_more_than_two_buttons(
    conversation: Conversation, name: str
) -> None:
    """Sums are left out: their lines are there to be checked."""
    asked = Question(text=name, now=NOON, preferences=TIRED)
    for misses in range(4):
        reply = conversation.reply(asked.model_copy(update={"state": State(misses=misses, touched=NOON)}))
        if reply.kind in (ReplyKind.CALCULATION, ReplyKind.ASK_BACK):
            continue
        assert sum(map(len, reply.buttons)) <= 2, reply.kind
        # Help has its own measure: sixty words, and never fewer than it needs.
        assert len(reply.text.split()) <= (40 if reply.level == Level.NONE else 60), reply.text


def test_with_little_energy_a_call_to_the_team_is_not_followed_by_an_essay(conversation: Conversation) -> None:
    tired = conversation.reply(Question(text="I have a fever after ivig", now=NOON, preferences=TIRED))
    full = conversation.reply(Question(text="I have a fever after ivig", now=NOON))

    assert tired.level == full.level == Level.CALL_TEAM
    assert full.text.startswith(tired.text)
    assert len(tired.text.split()) <= 42


def test_with_little_energy_a_bare_yes_is_not_put_before_an_alarm(conversation: Conversation) -> None:
    tired = Question(text="", now=NOON, preferences=TIRED)
    for topic in conversation.knowledge.topics:
        reply = conversation.press(f"topic-{topic}", tired)
        assert len(reply.paragraphs[0].text.split()) >= 3, topic
        assert len(reply.text.split()) <= 40, topic

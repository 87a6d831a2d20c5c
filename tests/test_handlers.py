"""A private chat through Telegram's own types: real handlers, the real knowledge, and an emulator that refuses."""

import asyncio
import json

import pytest

from bot import render
from bot.assembly import Assembly
from bot.handlers.application import ALLOWED_UPDATES
from bot.handlers.desk import Key
from bot.handlers.keyboards import CODE, keyboard, may_be_linked
from bot.handlers.languages import NAMES
from bot.model import ChatKind, Question
from tests.conftest import NOON
from tests.telegram_emulator import Person
from tests.telegram_emulator.core import Refusal
from tests.telegram_emulator.inside import Inside

EMERGENCY = "I have chest pain and I cannot breathe"


async def test_start_says_the_purpose_and_offers_the_chapters(
    bot: Inside, ana: Person, assembly: Assembly
) -> None:
    sent = await bot.one(ana.says("/start"))

    assert assembly.knowledge.messages.purpose in sent.text
    assert {f"chapter-{chapter.id}" for chapter in assembly.knowledge.chapters} <= set(sent.codes)


async def test_a_question_is_answered_in_one_message_without_link_previews(bot: Inside, ana: Person) -> None:
    sent = await bot.one(ana.says("headache after my infusion"))

    assert "headache" in sent.text.lower()
    assert sent.parameters["link_preview_options"] == {"is_disabled": True}
    assert "more-headache" in sent.codes


async def test_an_emergency_is_answered_first_with_a_number_to_call(bot: Inside, ana: Person) -> None:
    sent = await bot.one(ana.says(EMERGENCY))

    assert "call" in " ".join(sent.text.lower().split()[:12])


@pytest.mark.parametrize("command", ["/help", "/dose", "/nosuchcommand", "/country", "/delete_my_data"])
async def test_an_emergency_after_a_command_comes_before_the_command(
    bot: Inside, ana: Person, command: str
) -> None:
    plain = await bot.one(ana.says(EMERGENCY))
    after = await bot.one(ana.says(f"{command} {EMERGENCY}"))

    assert after.text == plain.text


async def test_an_emergency_in_a_caption_or_an_edit_is_seen(bot: Inside, ana: Person) -> None:
    plain = await bot.one(ana.says(EMERGENCY))
    caption = await bot.one(
        ana.says(
            None, caption=EMERGENCY, photo=[{"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1}]
        )
    )
    first = ana.says("hello")
    await bot.take(first)
    edited = await bot.one(ana.edits(first, EMERGENCY))

    assert caption.text == plain.text
    assert edited.text.startswith(plain.text)


async def test_an_edited_question_is_answered_anew_with_a_note_on_the_message_itself(
    bot: Inside, ana: Person
) -> None:
    first = ana.says("headache after ivig")
    await bot.take(first)
    sent = await bot.one(ana.edits(first, "what does ivig cost"))

    assert bot.desk.messages.edited in sent.text
    assert sent.parameters["reply_parameters"]["message_id"] == first["message"]["message_id"]


async def test_a_late_message_is_answered_with_a_note_and_a_clock_set_back_says_nothing(
    bot: Inside, ana: Person
) -> None:
    bot.later(hours=6)
    late = await bot.one(ana.says("headache after ivig"))
    bot.later(hours=-12)
    early = await bot.one(ana.says("headache after ivig"))

    assert "360" in late.text
    assert late.text.endswith(early.text)


UNREADABLE = {
    "voice": {"voice": {"file_id": "v", "file_unique_id": "v", "duration": 1}},
    "photo": {"photo": [{"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}]},
    "sticker": {
        "sticker": {
            "file_id": "s",
            "file_unique_id": "s",
            "width": 1,
            "height": 1,
            "type": "regular",
            "is_animated": False,
            "is_video": False,
        }
    },
    "document": {"document": {"file_id": "d", "file_unique_id": "d"}},
    "contact": {"contact": {"phone_number": "+100", "first_name": "X"}},
    "location": {"location": {"latitude": 1.0, "longitude": 2.0}},
    "dice": {"dice": {"emoji": "🎲", "value": 3}},
    "poll": {
        "poll": {
            "id": "1",
            "question": "?",
            "options": [],
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": False,
            "members_only": False,
        }
    },
}


@pytest.mark.parametrize("kind", UNREADABLE)
async def test_what_cannot_be_read_gets_the_fixed_answer_with_the_emergency_line(
    bot: Inside, ana: Person, kind: str
) -> None:
    sent = await bot.one(ana.says(None, **UNREADABLE[kind]))

    assert sent.text == bot.desk.messages.not_text
    assert "112" in sent.text


async def test_an_album_is_answered_once_by_its_caption(bot: Inside, ana: Person) -> None:
    first = ana.says(None, media_group_id="7", **UNREADABLE["photo"])
    second = ana.says(None, media_group_id="7", caption="headache after ivig", **UNREADABLE["photo"])
    third = ana.says(None, media_group_id="7", **UNREADABLE["photo"])
    await asyncio.gather(bot.take(first), bot.take(second), bot.take(third))

    sent = bot.emulator.sent()
    assert len(sent) == 1
    assert "headache" in sent[0].text.lower()


async def test_a_service_message_and_another_bot_are_not_answered(bot: Inside, ana: Person) -> None:
    pinned = ana.says(None, pinned_message={"message_id": 1, "date": 0, "chat": ana.chat})
    robot = ana.says("hello", **{"from": {"id": 5, "is_bot": True, "first_name": "Robot"}})

    assert await bot.take(pinned) == []
    assert await bot.take(robot) == []


async def test_an_empty_or_enormous_or_hostile_message_is_answered(bot: Inside, ana: Person) -> None:
    for text in (
        "\u200b",
        "x" * 4096,
        "<b>&\"'</i>",
        "/",
        "//",
        "😀" * 200,
        "\u202eabc",
        "a\ud7ffb",
        "🫠️",
        "0 kg",
    ):
        assert await bot.take(ana.says(text))


async def test_chapters_turn_their_own_message_instead_of_piling_up(bot: Inside, ana: Person) -> None:
    menu = await bot.one(ana.says("/topics"))
    chapter = next(code for code in menu.codes if code.startswith("chapter-"))
    calls = await bot.take(ana.presses(chapter, menu.result))

    assert [call.method for call in calls] == ["answerCallbackQuery", "editMessageText"]
    assert any(code.startswith("topic-") for code in calls[1].codes)


async def test_more_sources_and_back_turn_pages_of_one_card(bot: Inside, ana: Person) -> None:
    card = await bot.one(ana.says("headache after ivig"))
    for code in ("more-headache", "topic-headache", "sources-headache"):
        calls = await bot.take(ana.presses(code, bot.emulator.messages[ana.id, card.result["message_id"]]))
        assert "answerCallbackQuery" in [call.method for call in calls], code
        assert bot.emulator.refusals == []


async def test_pressing_twice_is_no_error(bot: Inside, ana: Person) -> None:
    menu = await bot.one(ana.says("/topics"))
    await bot.take(ana.presses("menu", menu.result))
    await bot.take(ana.presses("menu", menu.result))

    refused = [call.refused for call in bot.emulator.refusals]
    assert all("not modified" in str(text) for text in refused)
    assert len(bot.emulator.sent()) == 1
    bot.emulator.refusals.clear()


@pytest.mark.parametrize(
    "code", ["garbage", "x" * 64, "topic-no_such", "v1:old", "😀", "../..", "chapter-zzz-99", ""]
)
async def test_an_old_or_forged_button_is_answered_and_offers_the_menu(
    bot: Inside, ana: Person, code: str
) -> None:
    menu = await bot.one(ana.says("/topics"))
    calls = await bot.take(ana.presses(code, menu.result))

    answer = next(call for call in calls if call.method == "answerCallbackQuery")
    assert answer.parameters["text"] == bot.desk.messages.old_button
    assert "menu" in " ".join(bot.emulator.sent()[-1].codes) or bot.emulator.sent()[-1].codes


async def test_a_button_of_a_message_too_old_to_be_seen_still_works(bot: Inside, ana: Person) -> None:
    gone = {"chat": ana.chat, "message_id": 3, "date": 0}
    calls = await bot.take(ana.presses("topic-headache", gone))

    assert [call.method for call in calls] == ["answerCallbackQuery", "sendMessage"]


async def test_a_thumb_is_thanked_in_a_toast_and_counted_without_the_person(bot: Inside, ana: Person) -> None:
    card = await bot.one(ana.says("headache after ivig"))
    calls = await bot.take(ana.presses("good-headache", card.result))

    assert [call.method for call in calls] == ["answerCallbackQuery"]
    assert b'ivig_verdicts_total{topic="headache",verdict="good"} 1.0' in bot.figures.text()


async def test_a_thumb_down_asks_for_a_short_reason(bot: Inside, ana: Person) -> None:
    card = await bot.one(ana.says("headache after ivig"))
    calls = await bot.take(ana.presses("bad-headache", card.result))
    reason = next(code for code in calls[-1].codes if code.startswith("badwhy-"))
    await bot.take(ana.presses(reason, bot.emulator.messages[ana.id, card.result["message_id"]]))

    assert b'verdict="bad_' in bot.figures.text()


async def test_a_topic_opens_by_link_and_a_forged_setting_by_link_changes_nothing(
    bot: Inside, ana: Person
) -> None:
    topic = await bot.one(ana.says("/start topic-headache"))
    await bot.take(ana.says("/start country-DE"))
    await bot.take(ana.says("/start set-lowenergy"))

    assert "more-headache" in topic.codes
    assert bot.store.read(ana.id) == {}


@pytest.mark.parametrize(
    "payload", ["x", "A" * 64, "___", "-1", "0", "topic-", "menu", "dose", "mydata", "settings"]
)
async def test_every_link_is_answered(bot: Inside, ana: Person, payload: str) -> None:
    assert await bot.take(ana.says(f"/start {payload}"))


async def test_a_short_code_opens_a_card_again_and_says_whether_it_changed(bot: Inside, ana: Person) -> None:
    card = bot.desk.conversation.cards(bot.desk.question("headache", Key(0, 0), ChatKind.INLINE))[0]
    code = card.id.removeprefix("topic-")
    same = await bot.one(ana.says(f"#{code}"))
    changed = await bot.one(ana.says(code[:-6] + "000000"))

    assert bot.desk.messages.unchanged_since in same.text
    assert bot.desk.messages.changed_since in changed.text


# -- settings and privacy --------------------------------------------------------------------------------------------


async def test_nothing_is_stored_by_asking(bot: Inside, ana: Person) -> None:
    for text in ("/start", "headache after ivig", EMERGENCY, "/help", "/privacy"):
        await bot.take(ana.says(text))

    assert bot.store.read(ana.id) == {}


async def test_the_country_is_kept_shown_and_used(bot: Inside, ana: Person) -> None:
    page = await bot.one(ana.says("/country"))
    code = next(code for code in page.codes if code.startswith("country-"))
    await bot.take(ana.presses(code, page.result))
    data = await bot.one(ana.says("/mydata"))

    assert json.loads(data.text.split("\n\n", 1)[1]) == {
        "settings": {"country": code.removeprefix("country-")}
    }
    assert bot.desk.preferences(ana.id).country == code.removeprefix("country-")


async def test_everything_that_was_set_is_shown_as_json_and_nothing_else(bot: Inside, ana: Person) -> None:
    await bot.take(ana.says("headache after ivig, I am Zqx and weigh 71.3 kg"))
    page = await bot.one(ana.says("/settings"))
    for code in ("set-lowenergy", "set-language-es", "country-GB"):
        await bot.take(ana.presses(code, page.result))
    data = await bot.one(ana.says("/mydata"))
    button = next(code for code in data.codes if code.startswith("set-"))
    calls = await bot.take(ana.presses(button, data.result))
    after = await bot.one(ana.says("/mydata"))

    kept = {"country": "GB", "language": "es", "low_energy": True}
    assert json.loads(data.text.split("\n\n", 1)[1]) == {"settings": kept}
    assert calls[-1].text == bot.desk.messages.deleted
    assert json.loads(after.text.split("\n\n", 1)[1]) == {"settings": {}}


async def test_low_energy_is_remembered_and_answers_are_short_with_two_buttons(
    bot: Inside, ana: Person
) -> None:
    await bot.one(ana.says("/lowenergy"))
    sent = await bot.one(ana.says("headache after ivig"))

    assert len(sent.text.split()) <= 40
    assert len(sent.buttons) <= 2


async def test_deleting_works_at_once_in_the_store_and_in_memory(bot: Inside, ana: Person) -> None:
    await bot.take(ana.says("/lowenergy"))
    await bot.take(ana.says("headache after ivig"))
    await bot.take(ana.says("/delete_my_data"))

    assert bot.store.read(ana.id) == {}
    assert bot.desk.state(Key(ana.id, ana.id)).last_topics == ()


async def test_blocking_the_bot_forgets_the_chat(bot: Inside, ana: Person) -> None:
    await bot.take(ana.says("/lowenergy"))
    body = {"chat": ana.chat, "from": ana.json, "date": 0}
    member = {"user": bot.emulator.me}
    body |= {
        "old_chat_member": {"status": "member", **member},
        "new_chat_member": {"status": "kicked", "until_date": 0, **member},
    }
    await bot.take(bot.emulator.push("my_chat_member", body))

    assert bot.store.read(ana.id) == {}


async def test_writing_to_somebody_who_blocked_the_bot_is_no_error(bot: Inside, ana: Person) -> None:
    bot.emulator.blocked.add(ana.id)
    calls = await bot.take(ana.says("hello"))

    assert len(calls) == 1
    bot.emulator.refusals.clear()


async def test_the_emergency_line_comes_in_the_language_that_was_set(bot: Inside, ana: Person) -> None:
    plain = await bot.one(ana.says(EMERGENCY))
    page = await bot.one(ana.says("/language"))
    await bot.take(ana.presses("set-language-es", page.result))
    sent = await bot.one(ana.says(EMERGENCY))

    assert sent.text.startswith(plain.text)
    assert len(sent.text) > len(plain.text)


def test_every_language_offered_has_a_line(assembly: Assembly) -> None:
    triage = assembly.conversation.triage

    assert [code for code in NAMES if code != "en" and not triage.notice(code, None)] == []


# -- failures --------------------------------------------------------------------------------------------------------


class _Broken:
    def __init__(self, whole: Assembly) -> None:
        self.knowledge = whole.knowledge

    @property
    def conversation(self) -> object:
        raise RuntimeError("my weight is 70 kg")


async def test_a_failing_program_says_so_with_the_emergency_line_and_logs_no_words(
    assembly: Assembly, caplog: pytest.LogCaptureFixture
) -> None:
    async with Inside(assembly) as bot:
        bot.desk.whole = _Broken(assembly)  # type: ignore[assignment]
        ana = Person(bot.emulator)
        sent = await bot.one(ana.says("hello"))
        calls = await bot.take(ana.presses("menu", sent.result))

    assert sent.text == assembly.knowledge.messages.failure
    assert [call.method for call in calls] == ["answerCallbackQuery"]


async def test_markup_that_telegram_refuses_goes_out_as_plain_text(
    bot: Inside, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "telegram_html", lambda reply, sources=None: ["<broken>"])
    await bot.take(ana.says("/help"))

    assert bot.emulator.sent()[-1].parameters.get("parse_mode") is None
    bot.emulator.refusals.clear()


# -- everything it can send ------------------------------------------------------------------------------------------


def test_every_page_of_every_topic_keeps_telegrams_limits(assembly: Assembly) -> None:
    """All topics, all their pages, in every kind of chat, with every keyboard."""
    conversation = assembly.conversation
    from tests.telegram_emulator import Emulator

    emulator = Emulator()
    codes = ["menu", "topics", "evidence", "countries", "dose", "none", "help", "privacy", "about"]
    codes += [f"chapter-{chapter.id}-{page}" for chapter in assembly.knowledge.chapters for page in range(3)]
    verbs = ("topic", "more", "sources", "ask", "share", "good", "bad")
    codes += [f"{verb}-{topic}" for topic in assembly.knowledge.topics for verb in verbs]
    refused = []
    for kind in ChatKind:
        for code in codes:
            reply = conversation.press(code, Question(text="", chat=kind, now=NOON))
            markup = keyboard(reply.buttons, kind, "ivig_test_bot")
            for text in render.telegram_html(reply):
                parameters = {"chat_id": 1, "text": text, "parse_mode": "HTML"}
                if markup is not None:
                    parameters["reply_markup"] = json.loads(markup.to_json())
                try:
                    emulator.call("sendMessage", parameters)
                except Refusal as refusal:
                    refused.append((kind, code, refusal.description))

    assert refused == []


def test_no_link_can_ask_for_a_setting_or_a_vote() -> None:
    forbidden = [
        "country-DE",
        "set-lowenergy",
        "set-forget",
        "good-headache",
        "badwhy-old-headache",
        "delete_my_data",
        "",
    ]

    assert [code for code in forbidden if may_be_linked(code)] == []
    assert CODE.fullmatch("x" * 65) is None


def test_what_is_subscribed_to_is_listed_and_holds_no_business_or_channel_updates() -> None:
    assert set(ALLOWED_UPDATES) == {
        "message",
        "edited_message",
        "callback_query",
        "inline_query",
        "guest_message",
        "my_chat_member",
    }

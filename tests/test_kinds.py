"""Everything Telegram can send in a private chat: words are read, what has none is met with the fixed line."""

import asyncio
from typing import Any

import pytest

from bot.handlers.desk import Key
from tests.telegram_emulator import Group, Person
from tests.telegram_emulator.core import Json, Refusal
from tests.telegram_emulator.inside import Inside

EMERGENCY = "I have chest pain and I cannot breathe"
FILE = {"file_id": "f", "file_unique_id": "f"}
PHOTO: Json = {"photo": [{**FILE, "width": 1, "height": 1}]}
WORDLESS: dict[str, Json] = {
    "video": {"video": {**FILE, "width": 1, "height": 1, "duration": 1}},
    "video_note": {"video_note": {**FILE, "length": 1, "duration": 1}},
    "audio": {"audio": {**FILE, "duration": 1}},
    "animation": {"animation": {**FILE, "width": 1, "height": 1, "duration": 1}, "document": FILE},
    "venue": {
        "venue": {"location": {"latitude": 1.0, "longitude": 2.0}, "title": "x", "address": "y"},
        "location": {"latitude": 1.0, "longitude": 2.0},
    },
    "game": {"game": {"title": "x", "description": "y", "photo": PHOTO["photo"]}},
    "story": {"story": {"id": 1, "chat": {"id": 5, "type": "private"}}},
    "several_photos_of_one_album": {**PHOTO, "media_group_id": "1"},
    "something_newer_than_this_program": {"hologram": {"id": 1}},
}


@pytest.mark.parametrize("kind", WORDLESS)
async def test_what_has_no_words_is_met_with_the_fixed_line(bot: Inside, ana: Person, kind: str) -> None:
    sent = await bot.one(ana.says(None, **WORDLESS[kind]))

    assert sent.text == bot.desk.messages.not_text


@pytest.mark.parametrize("kind", ["video", "audio", "animation", "several_photos_of_one_album"])
async def test_the_words_under_it_are_read(bot: Inside, ana: Person, kind: str) -> None:
    sent = await bot.one(ana.says(None, caption="headache after ivig", **WORDLESS[kind]))

    assert "more-headache" in sent.codes


async def test_a_live_location_that_moves_is_answered_once(bot: Inside, ana: Person) -> None:
    place = ana.says(None, location={"latitude": 1.0, "longitude": 2.0, "live_period": 60})
    first = await bot.take(place)
    moved = {**place["message"], "location": {"latitude": 1.1, "longitude": 2.0}, "edit_date": int(bot.now.timestamp())}

    assert len(first) == 1
    assert await bot.take(bot.emulator.push("edited_message", moved)) == []


@pytest.mark.parametrize("service", ["new_chat_title", "delete_chat_photo", "connected_website"])
async def test_a_service_message_is_no_question(bot: Inside, ana: Person, service: str) -> None:
    values: dict[str, Any] = {"new_chat_title": "x", "delete_chat_photo": True, "connected_website": "example.org"}

    assert await bot.take(ana.says(None, **{service: values[service]})) == []


# -- albums ----------------------------------------------------------------------------------------------------------


def album(ana: Person, captions: list[str | None], name: str = "7") -> list[Json]:
    return [ana.says(None, media_group_id=name, **PHOTO, **({"caption": words} if words else {})) for words in captions]


async def answers(bot: Inside, updates: list[Json]) -> list[str]:
    await asyncio.gather(*(bot.take(update) for update in updates))
    return [call.text for call in bot.emulator.sent()]


async def test_an_album_without_words_is_answered_once(bot: Inside, ana: Person) -> None:
    assert await answers(bot, album(ana, [None, None, None])) == [bot.desk.messages.not_text]


async def test_of_two_captions_one_is_answered_and_an_emergency_always(bot: Inside, ana: Person) -> None:
    two = await answers(bot, album(ana, ["headache after ivig", "what does ivig cost"]))
    bot.emulator.calls.clear()
    urgent = await answers(bot, album(ana, ["headache after ivig", EMERGENCY], name="8"))

    assert len(two) == 1
    assert len(urgent) == 2
    assert "call" in " ".join(urgent[1].lower().split()[:12])


async def test_words_that_come_after_the_album_was_answered_are_still_answered(bot: Inside, ana: Person) -> None:
    await answers(bot, album(ana, [None, None]))
    late = await bot.one(album(ana, ["headache after ivig"])[0])
    again = await bot.take(album(ana, ["what does ivig cost"])[0])

    assert "more-headache" in late.codes
    assert again == []


async def test_the_edited_caption_of_an_album_is_answered_anew(bot: Inside, ana: Person) -> None:
    first = album(ana, ["headache after ivig"])[0]
    await bot.take(first)
    changed = {**first["message"], "caption": EMERGENCY, "edit_date": int(bot.now.timestamp())}
    sent = await bot.one(bot.emulator.push("edited_message", changed))

    assert "call" in " ".join(sent.text.lower().split()[:12])
    assert bot.desk.messages.edited in sent.text


# -- commands --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["/nosuchcommand", "/nosuchcommand what does ivig cost", "/help@another_bot"])
async def test_an_unknown_command_gets_a_hint_and_a_way_on(bot: Inside, ana: Person, text: str) -> None:
    sent = await bot.one(ana.says(text))

    assert sent.text == bot.desk.messages.unknown_command
    assert "menu" in sent.codes


# -- who is gone -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (403, "Forbidden: bot was blocked by the user"),
        (403, "Forbidden: user is deactivated"),
        (403, "Forbidden: bot was kicked from the supergroup chat"),
        (403, "Forbidden: the group chat was deleted"),
        (400, "Bad Request: chat not found"),
        (400, "Bad Request: not enough rights to send text messages to the chat"),
    ],
)
@pytest.mark.parametrize("in_group", [False, True])
async def test_a_chat_that_is_gone_is_no_failure_and_is_not_asked_again(
    bot: Inside, ana: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, code: int, said: str,
    in_group: bool,
) -> None:
    def gone(_: Json) -> Any:
        raise Refusal(code, said)

    group = Group(bot.emulator)
    chat = group.id if in_group else ana.id
    bot.store.write(chat, {"language": "es"})
    monkeypatch.setattr(bot.emulator, "_do_send_message", gone)
    calls = await bot.take(group.says(ana, "/help") if in_group else ana.says("headache after ivig"))

    assert [call.method for call in calls] == ["sendMessage"]
    assert [record for record in caplog.records if record.exc_info] == []
    assert (bot.store.read(chat) == {}) is (code == 403)
    bot.emulator.refusals.clear()


async def test_a_button_of_a_chat_that_is_gone_is_no_failure(
    bot: Inside, ana: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(_: Json) -> Any:
        raise Refusal(403, "Forbidden: bot was blocked by the user")

    menu = await bot.one(ana.says("/topics"))
    monkeypatch.setattr(bot.emulator, "_do_edit_message_text", gone)
    monkeypatch.setattr(bot.emulator, "_do_send_message", gone)
    await bot.take(ana.presses("chapter-basics", menu.result))

    assert [record for record in caplog.records if record.exc_info] == []
    bot.emulator.refusals.clear()


@pytest.mark.parametrize("kind", ["business_message", "edited_business_message", "channel_post", "edited_channel_post"])
async def test_what_was_not_subscribed_to_is_not_answered_if_it_comes_all_the_same(
    bot: Inside, ana: Person, kind: str
) -> None:
    body = ana.says("headache after ivig")["message"]
    if kind.endswith("business_message"):
        body["business_connection_id"] = "b"
    else:
        body["chat"] = {"id": -100_999, "type": "channel", "title": "News"}

    assert await bot.take(bot.emulator.push(kind, body)) == []
    assert bot.desk.state(Key(ana.id, ana.id)).last_topics == ()


@pytest.mark.parametrize("kind", ["message_reaction", "poll_answer", "chat_member", "something_new"])
async def test_an_update_of_a_kind_nobody_asked_for_is_passed_over(bot: Inside, ana: Person, kind: str) -> None:
    bodies: dict[str, Json] = {
        "message_reaction": {
            "chat": ana.chat, "message_id": 1, "date": 1, "user": ana.json, "old_reaction": [], "new_reaction": [],
        },
        "poll_answer": {"poll_id": "1", "option_ids": [0], "option_persistent_ids": ["0"], "user": ana.json},
        "chat_member": {
            "chat": ana.chat, "from": ana.json, "date": 1,
            "old_chat_member": {"status": "left", "user": ana.json},
            "new_chat_member": {"status": "member", "user": ana.json},
        },
        "something_new": {"x": 1},
    }

    assert await bot.take(bot.emulator.push(kind, bodies[kind])) == []

"""To whom and where a group is answered: topics of a forum, helpers, albums, stickers, and a bot just added."""

import asyncio
from typing import Any

import pytest

from bot.handlers.desk import Key
from bot.model import Level
from tests.telegram_emulator import Group, Person
from tests.telegram_emulator.core import Call, Json
from tests.telegram_emulator.inside import Inside

ME = "@ivig_test_bot"
EMERGENCY = "I have chest pain and I cannot breathe"
PHOTO = {"photo": [{"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}]}
STICKER = {
    "sticker": {
        "file_id": "s", "file_unique_id": "s", "width": 1, "height": 1, "type": "regular",
        "is_animated": False, "is_video": False,
    }
}


def in_topic(bot: Inside, group: Group, opener: Json) -> Json:
    """How a message in a forum's topic comes: as if it answered the one that opened the topic."""
    opened = {
        "message_id": 9, "date": 1, "chat": group.chat, "from": opener, "message_thread_id": 9,
        "is_topic_message": True, "forum_topic_created": {"name": "IVIG", "icon_color": 1},
    }
    bot.emulator.messages[(group.id, 9)] = opened
    return {"message_thread_id": 9, "is_topic_message": True, "reply_to_message": opened}


def shown(calls: list[Call]) -> list[str]:
    return [call.text for call in calls if call.method.startswith("send")]


# -- the topics of a forum -------------------------------------------------------------------------------------------


async def test_ask_in_a_forums_topic_is_no_reply_to_the_message_that_opened_it(
    bot: Inside, group: Group, ana: Person, ben: Person
) -> None:
    sent = await bot.one(group.says(ana, "/ask", **in_topic(bot, group, ben.json)))

    assert sent.text == bot.desk.messages.group_ask_hint
    assert sent.parameters["message_thread_id"] == 9


async def test_chatter_in_a_topic_that_the_bot_opened_is_left_alone(bot: Inside, group: Group, ana: Person) -> None:
    for text in ("good morning", "what is IVIG?", EMERGENCY):
        assert await bot.take(group.says(ana, text, **in_topic(bot, group, bot.emulator.me))) == []


async def test_in_a_topic_whoever_opened_it_owns_no_buttons(
    bot: Inside, group: Group, ana: Person, ben: Person
) -> None:
    place = in_topic(bot, group, ben.json)
    asked = group.says(ana, "/ask headache after ivig", **place)
    card = await bot.one(asked)
    # The question was deleted: Telegram then hangs the answer on the message that opened the topic.
    orphan = {**card.result, "reply_to_message": place["reply_to_message"]}
    calls = await bot.take(ana.presses("more-headache", orphan))

    assert [call.method for call in calls] == ["answerCallbackQuery", "editMessageText"]


# -- helping ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [2, 3])
async def test_helping_twice_with_the_same_question_points_to_the_first_answer(
    bot: Inside, group: Group, ana: Person, ben: Person, times: int
) -> None:
    question = group.says(ana, "my head hurts after ivig")["message"]
    first = await bot.one(group.says(ben, "/ask", reply_to_message=question))
    for _ in range(times - 1):
        again = await bot.one(group.says(ben, "/ask", reply_to_message=question))

        assert again.text == bot.desk.messages.group_answered_before.format(minutes=1)
        assert again.links == [f"https://t.me/c/{-group.id - 10**12}/{first.result['message_id']}"]
        assert again.parameters["reply_parameters"]["message_id"] == question["message_id"]


async def test_helping_with_an_emergency_is_never_answered_by_pointing(
    bot: Inside, group: Group, ana: Person, ben: Person
) -> None:
    cry = group.says(ana, EMERGENCY)["message"]
    for _ in range(2):
        sent = await bot.one(group.says(ben, "/ask", reply_to_message=cry))
        assert "call" in " ".join(sent.text.lower().split()[:12])


async def test_helping_with_what_an_admin_asked_as_the_group_is_answered_to_that_message(
    bot: Inside, group: Group, ben: Person
) -> None:
    question = group.says_as_group("how much does ivig cost?")["message"]
    sent = await bot.one(group.says(ben, "/ask", reply_to_message=question))

    assert "cost" in sent.text.lower()
    assert sent.parameters["reply_parameters"]["message_id"] == question["message_id"]


async def test_there_is_nothing_to_help_with_in_the_bots_own_words(
    bot: Inside, group: Group, ana: Person, ben: Person
) -> None:
    answer = await bot.one(group.says(ana, "/ask headache after ivig"))
    card = group.says(ana, "Headache after IVIG. Call now if it is the worst ever.", via_bot=bot.emulator.me)
    joined = group.says(ana, None, new_chat_members=[ana.json])
    for theirs in (answer.result, card["message"], joined["message"]):
        sent = await bot.one(group.says(ben, "/ask", reply_to_message=theirs))
        assert sent.text == bot.desk.messages.group_ask_hint


async def test_helping_with_a_picture_or_a_voice_says_that_only_text_is_read(
    bot: Inside, group: Group, ana: Person, ben: Person
) -> None:
    voice = {"voice": {"file_id": "v", "file_unique_id": "v", "duration": 1}}
    for kind in (PHOTO, voice):
        sent = await bot.one(group.says(ben, "/ask", reply_to_message=group.says(ana, None, **kind)["message"]))
        assert sent.text == bot.desk.messages.not_text


async def test_helping_with_the_words_under_a_picture_answers_them(
    bot: Inside, group: Group, ana: Person, ben: Person
) -> None:
    question = group.says(ana, None, caption="can I fly after my infusion?", **PHOTO)["message"]
    sent = await bot.one(group.says(ben, "/ask", reply_to_message=question))

    assert "fly" in sent.text.lower() or "travel" in sent.text.lower()


# -- pictures, albums, stickers --------------------------------------------------------------------------------------


async def several(bot: Inside, updates: list[Json]) -> list[str]:
    before = len(bot.emulator.calls)
    await asyncio.gather(*(bot.take(update) for update in updates))
    return shown(bot.emulator.calls[before:])


async def test_an_album_in_reply_to_the_bot_is_answered_once(bot: Inside, group: Group, ana: Person) -> None:
    answer = await bot.one(group.says(ana, "/ask headache after ivig"))
    album: dict[str, Any] = {"media_group_id": "8", "reply_to_message": answer.result, **PHOTO}
    wordless = await several(bot, [group.says(ana, None, **album) for _ in range(3)])
    album["media_group_id"] = "9"
    captions = [None, "can I fly after my infusion", None]
    with_words = await several(bot, [group.says(ana, None, caption=words, **album) for words in captions])

    assert wordless == [bot.desk.messages.not_text]
    assert len(with_words) == 1
    assert with_words != wordless


async def test_an_album_with_a_command_under_one_picture_is_answered_once(
    bot: Inside, group: Group, ana: Person
) -> None:
    captions = ["/ask headache after ivig", None, "/ask can I fly"]
    said = await several(bot, [group.says(ana, None, caption=words, media_group_id="7", **PHOTO) for words in captions])

    assert len(said) == 1


async def test_an_emergency_under_a_second_picture_is_answered_as_well(
    bot: Inside, group: Group, ana: Person
) -> None:
    captions = ["/ask headache after ivig", f"/ask {EMERGENCY}"]
    said = await several(bot, [group.says(ana, None, caption=words, media_group_id="6", **PHOTO) for words in captions])

    assert len(said) == 2
    assert any("call" in " ".join(text.lower().split()[:12]) for text in said)


async def test_a_sticker_under_an_answer_is_thanks_and_a_voice_is_a_question(
    bot: Inside, group: Group, ana: Person
) -> None:
    answer = await bot.one(group.says(ana, "/ask headache after ivig"))
    for kind in (STICKER, {"dice": {"emoji": "🎲", "value": 3}}):
        assert await bot.take(group.says(ana, None, reply_to_message=answer.result, **kind)) == []
    voice = {"voice": {"file_id": "v", "file_unique_id": "v", "duration": 1}}
    sent = await bot.one(group.says(ana, None, reply_to_message=answer.result, **voice))

    assert sent.text == bot.desk.messages.not_text


# -- commands --------------------------------------------------------------------------------------------------------


async def test_an_unknown_command_is_answered_only_where_it_names_the_bot(
    bot: Inside, group: Group, ana: Person
) -> None:
    sent = await bot.one(group.says(ana, f"/nosuchcommand{ME}"))

    assert sent.text == bot.desk.messages.unknown_command


async def test_an_edited_question_in_a_group_is_answered_once_anew_and_a_removed_command_is_not(
    bot: Inside, group: Group, ana: Person
) -> None:
    asked = group.says(ana, "/ask headache after ivig")
    await bot.take(asked)
    changed = {**asked["message"], "text": "/ask can I fly after my infusion", "edit_date": int(bot.now.timestamp())}
    anew = await bot.one(bot.emulator.push("edited_message", changed))
    plain = {**changed, "text": "never mind", "entities": []}

    assert anew.text.startswith(bot.desk.messages.edited)
    assert await bot.take(bot.emulator.push("edited_message", plain)) == []


async def test_an_old_button_in_a_group_says_so_and_keeps_the_answer(bot: Inside, group: Group, ana: Person) -> None:
    card = await bot.one(group.says(ana, "/ask headache after ivig"))
    for code in ("topic-no_such", "v1:old", "more-no_such"):
        calls = await bot.take(ana.presses(code, card.result))
        assert [(call.method, call.text) for call in calls] == [
            ("answerCallbackQuery", bot.desk.messages.button_gone)
        ], code


async def test_the_poster_is_offered_in_private_and_comes_there(bot: Inside, group: Group, ana: Person) -> None:
    offered = await bot.one(group.says(ana, "/poster"))
    code = offered.links[0].partition("?start=")[2]
    calls = await bot.take(ana.says(f"/start {code}"))

    assert offered.text == bot.desk.messages.group_poster
    assert [call.method for call in calls] == ["sendChatAction", "sendPhoto"]


async def test_the_trials_lead_to_their_page_and_picture_in_private(bot: Inside, group: Group, ana: Person) -> None:
    in_group = await bot.one(group.says(ana, "/evidence"))
    codes = {button["text"]: button["url"].partition("?start=")[2] for button in in_group.buttons if "url" in button}
    page = await bot.take(ana.says(f"/start {codes[bot.desk.messages.button_read_on]}"))
    picture = await bot.take(ana.says(f"/start {codes[bot.desk.messages.button_picture]}"))

    assert page[0].text.startswith(bot.desk.messages.evidence_caption)
    assert picture[-1].method == "sendPhoto"


async def test_after_an_emergency_the_other_question_is_carried_into_the_private_chat_as_a_code(
    bot: Inside, group: Group, ana: Person
) -> None:
    words = "my face is swelling up and I can hardly breathe during the drip, also how much does ivig cost"
    sent = await bot.one(group.says(ana, f"/ask {words}"))
    codes = [link.partition("?start=")[2] for link in sent.links]
    answer = await bot.one(ana.says("/start topic-cost"))

    assert "call" in " ".join(sent.text.lower().split()[:12])
    assert "topic-cost" in codes
    assert "cost" in answer.text.lower()


# -- notices and quiet -----------------------------------------------------------------------------------------------


async def test_the_language_an_admin_chose_is_added_where_help_is_needed_and_nowhere_else(
    bot: Inside, group: Group, ana: Person
) -> None:
    plain = await bot.one(group.says(ana, f"/ask {EMERGENCY}"))
    bot.emulator.admins.add(ana.id)
    page = next(call for call in await bot.take(group.says(ana, "/settings")) if call.method == "sendMessage")
    await bot.take(ana.presses("set-language-es", page.result))
    urgent = await bot.one(group.says(ana, f"/ask {EMERGENCY}"))
    ordinary = await bot.one(group.says(ana, "/ask headache after ivig"))

    assert urgent.text.startswith(plain.text)
    assert "emergencia" in urgent.text
    assert "emergencia" not in ordinary.text


async def test_a_persons_own_settings_do_not_show_in_a_group(bot: Inside, group: Group, ana: Person) -> None:
    plain = await bot.one(group.says(ana, f"/ask {EMERGENCY}"))
    bot.store.write(ana.id, {"country": "GB", "language": "es", "low_energy": True})
    same = await bot.one(group.says(ana, f"/ask {EMERGENCY}"))

    assert same.text == plain.text


async def test_in_quiet_time_nothing_but_help_makes_a_sound(bot: Inside, group: Group, ana: Person) -> None:
    bot.store.write(group.id, {"quiet": [bot.now.hour, (bot.now.hour + 2) % 24]})
    for text in ("/help", "/topics", "/poster", "/nosuchcommand@ivig_test_bot", "/ask kidney"):
        sent = await bot.one(group.says(ana, text))
        assert sent.parameters["disable_notification"] is True, text
    urgent = await bot.one(group.says(ana, f"/ask {EMERGENCY}"))

    assert not urgent.parameters.get("disable_notification")


async def test_an_admin_who_writes_as_the_group_may_change_its_settings(
    bot: Inside, group: Group, ana: Person
) -> None:
    page = await bot.one(group.says_as_group("/settings"))
    bot.emulator.admins.add(ana.id)  # the press comes from the person behind it
    await bot.take(ana.presses("set-cards", page.result))

    assert page.text.startswith(bot.desk.messages.group_settings)
    assert bot.store.read(group.id) == {"no_cards": True}


async def test_a_channel_may_not_change_the_settings_of_a_group(bot: Inside, group: Group, ana: Person) -> None:
    channel = {"id": -100_999, "type": "channel", "title": "News"}

    assert await bot.take(group.says(ana, f"/settings{ME}", sender_chat=channel)) == []


# -- coming, going, moving -------------------------------------------------------------------------------------------


async def test_a_bot_added_by_a_link_says_one_line_and_not_two(bot: Inside, group: Group, ana: Person) -> None:
    joined = await bot.take(group.membership(ana, "left", "member"))
    started = await bot.take(group.says(ana, f"/start{ME} menu"))
    by_hand = await bot.one(group.says(ana, f"/start{ME}"))
    bot.later(minutes=5)
    later = await bot.one(group.says(ana, f"/start{ME} menu"))

    assert shown(joined) == [bot.desk.messages.group_greeting]
    assert started == []
    assert by_hand.text == later.text == bot.desk.messages.group_greeting


async def test_in_a_forum_joining_says_nothing(bot: Inside, group: Group, ana: Person) -> None:
    forum = {**group.chat, "is_forum": True}

    assert await bot.take(group.membership(ana, "left", "member", chat=forum)) == []


@pytest.mark.parametrize("told_in_the_old_group", [True, False])
async def test_a_group_that_moved_keeps_its_settings_and_is_not_greeted_again(
    bot: Inside, group: Group, ana: Person, told_in_the_old_group: bool
) -> None:
    small = Group(bot.emulator, id=-4_245, kind="group")
    bot.store.write(small.id, {"quiet": [22, 7], "language": "de"})
    if told_in_the_old_group:
        await bot.take(small.says(ana, None, migrate_to_chat_id=group.id))
    await bot.take(group.says(ana, None, migrate_from_chat_id=small.id))
    calls = await bot.take(group.membership(ana, "left", "member"))

    assert calls == []
    assert bot.store.read(group.id) == {"quiet": [22, 7], "language": "de"}
    assert bot.store.read(small.id) == {}


async def test_removed_from_a_group_the_bot_remembers_nothing_of_it(bot: Inside, group: Group, ana: Person) -> None:
    await bot.take(group.membership(ana, "left", "member"))
    await bot.one(group.says(ana, "/ask headache after ivig"))
    bot.store.write(group.id, {"clock": 2})
    await bot.take(group.membership(ana, "member", "left"))

    assert bot.store.read(group.id) == {}
    assert bot.desk.state(Key(group.id, ana.id)).last_topics == ()
    await bot.take(group.membership(ana, "left", "member"))
    fresh = await bot.one(group.says(ana, "/ask headache after ivig"))
    assert fresh.text != bot.desk.messages.group_answered_before.format(minutes=1)


async def test_an_answer_for_one_topic_of_a_forum_is_not_pointed_to_from_another(
    bot: Inside, group: Group, ana: Person, ben: Person
) -> None:
    first = await bot.one(group.says(ana, "/ask headache after ivig", message_thread_id=9, is_topic_message=True))
    other = await bot.one(group.says(ben, "/ask headache after ivig", message_thread_id=11, is_topic_message=True))
    again = await bot.one(group.says(ana, "/ask headache after ivig", message_thread_id=9, is_topic_message=True))

    assert other.text == first.text
    assert again.text == bot.desk.messages.group_answered_before.format(minutes=1)


async def test_one_persons_talk_does_not_colour_the_answer_to_another(
    bot: Inside, group: Group, ana: Person, ben: Person
) -> None:
    await bot.one(group.says(ana, "/ask headache after ivig"))
    sent = await bot.one(group.says(ben, "/ask how long does it last?"))

    assert bot.desk.state(Key(group.id, ben.id)).level == Level.NONE
    assert "headache" not in sent.text.lower()

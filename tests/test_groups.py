"""Groups through Telegram's own types: silent unless addressed, nothing about a person, once and in turn."""


import pytest

from bot.assembly import Assembly
from bot.handlers.languages import NAMES
from bot.handlers.settings import is_quiet
from tests.conftest import NOON
from tests.telegram_emulator import Group, Person
from tests.telegram_emulator.inside import Inside

ME = "@ivig_test_bot"
EMERGENCY = "I have chest pain and I cannot breathe"


@pytest.mark.parametrize(
    "text",
    [
        "good morning",
        "does anyone have a headache after the infusion?",
        "what is IVIG?",
        "😀",
        "/help@another_bot",
        "/nosuchcommand",
        EMERGENCY,
    ],
)
async def test_what_is_not_addressed_to_the_bot_is_left_alone(
    bot: Inside, group: Group, ana: Person, text: str
) -> None:
    assert await bot.take(group.says(ana, text)) == []


async def test_a_command_a_mention_and_a_reply_to_the_bot_are_answered_as_replies(
    bot: Inside, group: Group, ana: Person
) -> None:
    asked = group.says(ana, f"/ask{ME} how long does a headache last after ivig")
    first = await bot.one(asked)
    mentioned = await bot.one(group.says(ana, f"{ME} can I fly after my infusion"))
    followed = await bot.one(group.says(ana, "what does ivig cost", reply_to_message=first.result))

    assert first.parameters["reply_parameters"]["message_id"] == asked["message"]["message_id"]
    assert mentioned.parameters["reply_parameters"]
    assert followed.parameters["reply_parameters"]


async def test_a_late_or_edited_command_is_answered_with_a_note(bot: Inside, group: Group, ana: Person) -> None:
    asked = group.says(ana, f"/ask{ME} how long does a headache last after ivig")
    bot.later(hours=2)
    late = await bot.one(asked)
    text = f"/ask{ME} can I fly after my infusion"
    changed = {**asked["message"], "text": text, "edit_date": int(bot.now.timestamp())}
    edited = await bot.one(bot.emulator.push("edited_message", changed))

    assert late.text.startswith(bot.desk.messages.late.format(minutes="120"))
    assert edited.text.startswith(bot.desk.messages.edited)


async def test_an_answer_stays_in_its_forum_topic_and_never_names_the_general_one(
    bot: Inside, group: Group, ana: Person
) -> None:
    inside = await bot.one(group.says(ana, f"/help{ME}", message_thread_id=9, is_topic_message=True))
    general = await bot.one(group.says(ana, f"/help{ME}", message_thread_id=1, is_topic_message=True))

    assert inside.parameters["message_thread_id"] == 9
    assert "message_thread_id" not in general.parameters


async def test_ask_as_a_reply_answers_that_message_for_the_one_who_wrote_it(
    bot: Inside, group: Group, ana: Person, ben: Person
) -> None:
    question = group.says(ana, "my head hurts after ivig")["message"]
    sent = await bot.one(group.says(ben, "/ask", reply_to_message=question))

    assert "headache" in sent.text.lower()
    assert sent.parameters["reply_parameters"]["message_id"] == question["message_id"]


async def test_helping_with_an_emergency_tells_the_person_to_call_and_repeats_no_words(
    bot: Inside, group: Group, ana: Person, ben: Person
) -> None:
    cry = group.says(ana, f"{EMERGENCY}, I weigh 71.3 kilos")["message"]
    sent = await bot.one(group.says(ben, "/ask", reply_to_message=cry))

    assert "call" in " ".join(sent.text.lower().split()[:12])
    assert "71.3" not in sent.text


async def test_ask_without_a_question_says_how_to_ask(bot: Inside, group: Group, ana: Person) -> None:
    sent = await bot.one(group.says(ana, "/ask"))

    assert sent.text == bot.desk.messages.group_ask_hint


@pytest.mark.parametrize(
    "text", ["/ask 0.4 g per kg for 5 days, 71.3 kg", "/dose 71.3 kg", "/ask what dose for 71.3 kg"]
)
async def test_a_weight_in_a_group_is_never_answered_with_a_dose(
    bot: Inside, group: Group, ana: Person, text: str
) -> None:
    sent = await bot.one(group.says(ana, text))

    assert "71.3" not in sent.text
    assert " g" not in sent.text.replace(" g/kg", "")
    assert any("?start=" in link for link in sent.links)


async def test_links_to_the_private_chat_hold_a_code_and_no_words(
    bot: Inside, group: Group, ana: Person
) -> None:
    for text in ("/ask 0.4 g per kg, 71.3 kg", "/mydata", "/country", "/poster", "/lowenergy"):
        sent = await bot.one(group.says(ana, text))
        assert [link for link in sent.links if not link.startswith("https://t.me/ivig_test_bot?start=")] == []
        assert "71" not in "".join(sent.links)


async def test_the_same_question_within_ten_minutes_points_to_the_first_answer(
    bot: Inside, group: Group, ana: Person, ben: Person
) -> None:
    first = await bot.one(group.says(ana, "/ask headache after ivig"))
    bot.later(minutes=4)
    second = await bot.one(group.says(ben, "/ask headache after ivig"))
    bot.later(minutes=7)
    third = await bot.one(group.says(Person(bot.emulator), "/ask headache after ivig"))

    assert second.text == bot.desk.messages.group_answered_before.format(minutes=4)
    assert second.links == [f"https://t.me/c/{-group.id - 10**12}/{first.result['message_id']}"]
    assert third.text == first.text


async def test_in_an_ordinary_group_the_pointer_is_a_reply_to_the_answer_itself(
    bot: Inside, ana: Person
) -> None:
    small = Group(bot.emulator, id=-4_242, kind="group")
    first = await bot.one(small.says(ana, "/ask headache after ivig"))
    second = await bot.one(small.says(ana, "/ask headache after ivig"))

    assert second.parameters["reply_parameters"]["message_id"] == first.result["message_id"]


async def test_an_emergency_is_answered_every_time_and_at_once(assembly: Assembly) -> None:
    async with Inside(assembly, answer_every_seconds=60) as bot:
        group, ana = Group(bot.emulator), Person(bot.emulator)
        await bot.one(group.says(ana, "/help"))
        for _ in range(3):
            sent = await bot.one(group.says(ana, f"/ask {EMERGENCY}"))
            assert "call" in " ".join(sent.text.lower().split()[:12])


async def test_answers_in_a_group_keep_their_distance_and_a_flood_is_left_unanswered(
    assembly: Assembly,
) -> None:
    import asyncio
    import time

    async with Inside(assembly, answer_every_seconds=0.15) as bot:
        group, ana = Group(bot.emulator), Person(bot.emulator)
        began = time.monotonic()
        asked = [group.says(ana, "/help") for _ in range(12)]
        await asyncio.gather(*(bot.take(update) for update in asked))
        spent = time.monotonic() - began

    sent = bot.emulator.sent()
    assert 6 <= len(sent) <= 8
    assert spent >= 0.15 * (len(sent) - 1) - 0.02


async def test_other_buttons_are_for_the_one_who_asked(
    bot: Inside, group: Group, ana: Person, ben: Person
) -> None:
    card = await bot.one(group.says(ana, "/ask headache after ivig"))
    stranger = await bot.take(ben.presses("more-headache", card.result))
    owner = await bot.take(ana.presses("more-headache", card.result))

    assert [call.method for call in stranger] == ["answerCallbackQuery"]
    assert stranger[0].parameters["text"] == bot.desk.messages.not_your_button
    assert [call.method for call in owner] == ["answerCallbackQuery", "editMessageText"]


async def test_an_admin_who_writes_as_the_group_is_answered_and_nobody_is_remembered(
    bot: Inside, group: Group
) -> None:
    sent = await bot.one(group.says_as_group(f"/ask{ME} headache after ivig"))

    assert "headache" in sent.text.lower()
    assert bot.desk.state((group.id, 1087968824)).last_topics == ()  # type: ignore[arg-type]


async def test_channels_forwards_of_the_linked_channel_and_bots_are_ignored(
    bot: Inside, group: Group, ana: Person
) -> None:
    channel = {"id": -100_999, "type": "channel", "title": "News"}
    as_channel = group.says(ana, f"/help{ME}", sender_chat=channel)
    forwarded = group.says(ana, f"/help{ME}", sender_chat=channel, is_automatic_forward=True)
    robot = group.says(ana, f"/help{ME}", **{"from": {"id": 9, "is_bot": True, "first_name": "R"}})
    post = bot.emulator.push(
        "channel_post", {"message_id": 1, "date": 0, "chat": channel, "text": f"/help{ME}"}
    )

    for update in (as_channel, forwarded, robot, post):
        assert await bot.take(update) == []


# -- coming, going, moving -------------------------------------------------------------------------------------------


async def test_joining_says_at_most_one_line_and_leaving_leaves_no_trace(
    bot: Inside, group: Group, ana: Person
) -> None:
    joined = await bot.take(group.membership(ana, "left", "member"))
    bot.store.write(group.id, {"clock": 2})
    left = await bot.take(group.membership(ana, "member", "kicked"))

    assert [call.text for call in joined] == [bot.desk.messages.group_greeting]
    assert left == []
    assert bot.store.read(group.id) == {}


async def test_becoming_an_admin_says_nothing(bot: Inside, group: Group, ana: Person) -> None:
    body = group.membership(ana, "member", "left")
    body["my_chat_member"]["new_chat_member"] = {
        "status": "restricted",
        "user": bot.emulator.me,
        "is_member": True,
        **dict.fromkeys(
            (
                "can_send_messages",
                "can_send_audios",
                "can_send_documents",
                "can_send_photos",
                "can_send_videos",
                "can_send_video_notes",
                "can_send_voice_notes",
                "can_send_polls",
                "can_send_other_messages",
                "can_add_web_page_previews",
                "can_change_info",
                "can_invite_users",
                "can_pin_messages",
                "can_manage_topics",
                "can_edit_tag",
                "can_react_to_messages",
            ),
            True,
        ),
        "until_date": 0,
    }

    assert await bot.take(body) == []


async def test_a_group_that_becomes_a_supergroup_keeps_its_settings(bot: Inside, ana: Person) -> None:
    small = Group(bot.emulator, id=-4_243, kind="group")
    bot.store.write(small.id, {"clock": 2})
    await bot.take(small.says(ana, None, migrate_to_chat_id=-100_4243))

    assert bot.store.read(-100_4243) == {"clock": 2}
    assert bot.store.read(small.id) == {}


async def test_an_answer_follows_a_group_that_moved_meanwhile(bot: Inside, ana: Person) -> None:
    small = Group(bot.emulator, id=-4_244, kind="group")
    bot.store.write(small.id, {"clock": 2})
    bot.emulator.moved[small.id] = -100_4244
    await bot.take(small.says(ana, "/help"))

    assert bot.emulator.sent(-100_4244)
    assert bot.store.read(-100_4244) == {"clock": 2}
    bot.emulator.refusals.clear()


# -- settings --------------------------------------------------------------------------------------------------------


async def test_only_admins_change_settings(bot: Inside, group: Group, ana: Person, ben: Person) -> None:
    refused = await bot.one(group.says(ben, "/settings"))
    bot.emulator.admins.add(ana.id)
    page = next(call for call in await bot.take(group.says(ana, "/settings")) if call.method == "sendMessage")
    await bot.take(ben.presses("set-quiet-22-7", page.result))
    untouched = bot.store.read(group.id)
    await bot.take(ana.presses("set-quiet-22-7", page.result))

    assert refused.text == bot.desk.messages.group_not_admin
    assert untouched == {}
    assert bot.store.read(group.id) == {"quiet": [22, 7]}


async def test_every_setting_of_a_group_can_be_set_and_unset(bot: Inside, group: Group, ana: Person) -> None:
    bot.emulator.admins.add(ana.id)
    page = next(call for call in await bot.take(group.says(ana, "/settings")) if call.method == "sendMessage")
    for code in ("set-quiet-23-8", "set-clock-on", "set-clock-back", "set-cards", "set-language-es"):
        await bot.take(ana.presses(code, page.result))
    kept = bot.store.read(group.id)
    for code in ("set-quiet-off", "set-cards", "set-quiet-99-3", "set-nothing"):
        await bot.take(ana.presses(code, page.result))

    assert kept == {"quiet": [23, 8], "no_cards": True, "language": "es"}
    assert bot.store.read(group.id) == {"language": "es"}


async def test_in_quiet_time_only_help_is_given_aloud(bot: Inside, group: Group, ana: Person) -> None:
    hour = bot.now.hour
    bot.store.write(group.id, {"quiet": [hour, (hour + 2) % 24]})
    ordinary = await bot.one(group.says(ana, "/ask headache after ivig"))
    urgent = await bot.one(group.says(ana, f"/ask {EMERGENCY}"))

    assert ordinary.text == bot.desk.messages.group_quiet
    assert ordinary.parameters["disable_notification"] is True
    assert ordinary.links == ["https://t.me/ivig_test_bot?start=topic-headache"]
    assert "call" in " ".join(urgent.text.lower().split()[:12])
    assert not urgent.parameters.get("disable_notification")


def test_quiet_time_goes_over_midnight_and_by_the_clock_of_the_group() -> None:
    assert [is_quiet({"quiet": [22, 7]}, NOON.replace(hour=hour)) for hour in (21, 22, 3, 7)] == [
        False,
        True,
        True,
        False,
    ]
    assert is_quiet({"quiet": [22, 7], "clock": 10}, NOON)
    assert not is_quiet({"quiet": "always", "clock": 99}, NOON)


async def test_cards_are_no_questions_and_are_removed_where_a_group_wants_none(
    bot: Inside, group: Group, ana: Person
) -> None:
    card = {"via_bot": bot.emulator.me}
    left = await bot.take(group.says(ana, f"Headache. More: {ME}", **card))
    bot.store.write(group.id, {"no_cards": True})
    removed = await bot.take(group.says(ana, "Headache", **card))

    assert left == []
    assert [call.method for call in removed] == ["deleteMessage"]


@pytest.mark.parametrize("language", [language for language in NAMES if language != "en"])
async def test_what_is_said_about_the_group_itself_is_in_the_language_its_admins_chose(
    bot: Inside, group: Group, ana: Person, ben: Person, language: str
) -> None:
    bot.emulator.admins.add(ana.id)
    page = next(call for call in await bot.take(group.says(ana, "/settings")) if call.method == "sendMessage")
    pressed = await bot.take(ana.presses(f"set-language-{language}", page.result))
    own = bot.desk.whole.knowledge.messages_in(language)
    hint = await bot.one(group.says(ben, "/ask"))
    hello = await bot.one(group.says(ben, f"/start{ME}"))
    refused = await bot.one(group.says(ben, "/settings"))
    poster = await bot.one(group.says(ben, "/poster"))
    personal = await bot.one(group.says(ben, "/mydata"))
    numbers = await bot.one(group.says(ben, "/ask 0.4 g per kg, 71.3 kg"))
    await bot.one(group.says(ben, "/ask headache after ivig"))
    again = await bot.one(group.says(ben, "/ask headache after ivig"))
    bot.store.write(group.id, {**bot.store.read(group.id), "quiet": [bot.now.hour, (bot.now.hour + 2) % 24]})
    quiet = await bot.one(group.says(ben, "/ask can I fly after my infusion"))

    english = bot.desk.messages
    assert own.group_greeting != english.group_greeting
    assert [call.text for call in (hint, hello, refused, poster, personal, numbers, again, quiet)] == [
        own.group_ask_hint, own.group_greeting, own.group_not_admin, own.group_poster, own.group_in_private,
        own.private_only, own.group_answered_before.format(minutes=1), own.group_quiet,
    ]  # fmt: skip
    assert own.button_private in str(quiet.parameters["reply_markup"])
    assert own.button_first_answer in str(again.parameters["reply_markup"])
    assert own.group_saved in [call.parameters.get("text") for call in pressed]
    changed = next(call for call in pressed if call.method == "editMessageText")
    assert changed.text.startswith(own.group_settings)
    assert own.button_later in str(changed.parameters["reply_markup"])
    assert "{" not in changed.text


async def test_somebody_elses_buttons_answer_in_the_language_of_the_group(
    bot: Inside, group: Group, ana: Person, ben: Person
) -> None:
    bot.store.write(group.id, {"language": "de"})
    sent = await bot.one(group.says(ana, "/ask headache after ivig"))
    refused = await bot.take(ben.presses("more-headache", sent.result))

    assert [call.parameters["text"] for call in refused] == [bot.desk.whole.knowledge.messages_in("de").not_your_button]


@pytest.mark.parametrize("kept", ["en", "xx", 7, None])
async def test_a_group_without_a_language_of_its_own_reads_english(
    bot: Inside, group: Group, ana: Person, kept: object
) -> None:
    bot.store.write(group.id, {"language": kept})
    sent = await bot.one(group.says(ana, "/ask"))

    assert sent.text == bot.desk.messages.group_ask_hint

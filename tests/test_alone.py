"""Commands in a group that one person and the bot alone see, and the plain way where a server knows none."""

from typing import Any

from tests.telegram_emulator import Group, Person
from tests.telegram_emulator.core import Call, Json
from tests.telegram_emulator.inside import Inside

EMERGENCY = "I have chest pain and I cannot breathe"


def alone(group: Group, person: Person, text: str, **more: Any) -> Json:
    """A message that only its sender and the bot see (Bot API 10.2)."""
    update = group.says(person, text, ephemeral_message_id=5, **more)
    update["message"]["message_id"] = 0
    return update


def seen_by_all(calls: list[Call]) -> list[Call]:
    return [call for call in calls if call.method.startswith("send") and "receiver_user_id" not in call.parameters]


async def test_a_command_only_the_bot_sees_is_answered_to_that_person_alone(
    bot: Inside, group: Group, ana: Person
) -> None:
    sent = await bot.one(alone(group, ana, "/mydata"))

    assert sent.parameters["receiver_user_id"] == ana.id
    assert sent.text.startswith(bot.desk.messages.my_data)


async def test_a_weight_typed_after_it_is_worked_out_for_that_person_alone(
    bot: Inside, group: Group, ana: Person
) -> None:
    asked = await bot.one(alone(group, ana, "/dose"))
    calls = await bot.take(alone(group, ana, "0.4 g per kg, 71.3 kg", reply_to_message=asked.result))

    assert "28.52 g" in calls[0].text
    assert calls[0].parameters["receiver_user_id"] == ana.id
    assert seen_by_all(calls) == []


async def test_a_calendar_and_a_picture_of_one_person_never_stand_in_the_group(
    bot: Inside, group: Group, ana: Person
) -> None:
    dates = await bot.take(alone(group, ana, "/dose 1 g/kg every 4 weeks, 70 kg, from 1 December 2026"))
    rate = await bot.take(alone(group, ana, "/dose how long does 70 g of privigen take, 70 kg"))
    forged = await bot.take(ana.presses("picture-infusion_rate", rate[0].result))

    assert [call.method for call in (*dates, *rate)] == ["sendMessage", "sendMessage"]
    assert [code for call in (*dates, *rate) for code in call.codes if code.startswith("picture")] == []
    assert [(call.method, call.text) for call in forged] == [
        ("answerCallbackQuery", bot.desk.messages.button_gone)
    ]


async def test_its_buttons_set_what_is_the_persons_own_and_nothing_of_the_group(
    bot: Inside, group: Group, ana: Person
) -> None:
    page = await bot.one(alone(group, ana, "/settings"))
    for code in ("set-lowenergy", "set-language-es", "countries", "country-GB"):
        calls = await bot.take(ana.presses(code, page.result))
        assert [call.method for call in calls] == ["answerCallbackQuery", "editEphemeralMessageText"], code

    assert bot.store.read(ana.id) == {"low_energy": True, "language": "es", "country": "GB"}
    assert bot.store.read(group.id) == {}

    await bot.take(ana.presses("set-forget", page.result))

    assert bot.store.read(ana.id) == {}


async def test_an_admins_own_page_changes_nothing_of_the_group(bot: Inside, group: Group, ana: Person) -> None:
    bot.emulator.admins.add(ana.id)
    bot.store.write(group.id, {"language": "de"})
    page = await bot.one(alone(group, ana, "/language"))
    await bot.take(ana.presses("set-language-es", page.result))

    assert bot.store.read(group.id) == {"language": "de"}
    assert bot.store.read(ana.id) == {"language": "es"}


async def test_an_emergency_seen_by_one_is_answered_with_the_persons_country_and_language(
    bot: Inside, group: Group, ana: Person
) -> None:
    bot.store.write(ana.id, {"country": "GB", "language": "es"})
    sent = await bot.one(alone(group, ana, f"/dose {EMERGENCY}"))

    assert "999" in " ".join(sent.text.split()[:12])
    assert "emergencia" in sent.text
    assert sent.parameters["receiver_user_id"] == ana.id


async def test_where_the_server_does_not_know_such_answers_nothing_personal_stays_in_the_group(
    bot: Inside, group: Group, ana: Person
) -> None:
    bot.emulator.knows_ephemeral = False
    calls = await bot.take(alone(group, ana, "/mydata"))

    assert [call.method for call in calls] == ["sendMessage", "deleteMessage", "sendMessage"]
    assert calls[-1].links
    assert "settings" not in calls[-1].text


async def test_where_the_server_does_not_know_such_answers_a_weight_leads_to_the_private_chat(
    bot: Inside, group: Group, ana: Person
) -> None:
    bot.emulator.knows_ephemeral = False
    calls = await bot.take(alone(group, ana, "/dose 71.3 kg"))

    assert calls[-1].text == bot.desk.messages.private_only
    assert calls[-1].links == ["https://t.me/ivig_test_bot?start=dose"]
    left = [call for call in calls if call.method == "sendMessage" and bot.emulator.messages.get(
        (group.id, call.result["message_id"])
    )]
    assert [call.text for call in left] == [bot.desk.messages.private_only]


async def test_where_the_server_does_not_know_such_answers_an_emergency_is_answered_aloud(
    bot: Inside, group: Group, ana: Person
) -> None:
    bot.emulator.knows_ephemeral = False
    calls = await bot.take(alone(group, ana, f"/dose {EMERGENCY}, I weigh 71.3 kg"))

    assert "call" in " ".join(calls[-1].text.lower().split()[:12])
    assert "71.3" not in calls[-1].text

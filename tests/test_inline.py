"""Cards and guest mode through Telegram's own types."""

from collections.abc import AsyncIterator

import pytest

from bot.assembly import Assembly
from tests.telegram_emulator import Call, Person
from tests.telegram_emulator.inside import Inside

EMERGENCY = "I have chest pain and I cannot breathe"


@pytest.fixture
async def bot(assembly: Assembly) -> AsyncIterator[Inside]:
    async with Inside(assembly) as inside:
        yield inside
    assert inside.emulator.refusals == []


@pytest.fixture
def ana(bot: Inside) -> Person:
    return Person(bot.emulator)


async def cards(bot: Inside, ana: Person, query: str) -> Call:
    calls = await bot.take(ana.types(query))
    assert [call.method for call in calls] == ["answerInlineQuery"]
    return calls[0]


async def test_an_empty_query_shows_a_menu_that_everybody_may_share(bot: Inside, ana: Person) -> None:
    answer = await cards(bot, ana, "")

    assert 1 <= len(answer.parameters["results"]) <= 10
    assert not answer.parameters.get("is_personal")
    assert answer.parameters["cache_time"] == 300


async def test_the_best_card_comes_first_and_stands_for_itself(bot: Inside, ana: Person) -> None:
    answer = await cards(bot, ana, "live vaccines")
    first = answer.parameters["results"][0]
    text = first["input_message_content"]["message_text"]

    assert first["id"].startswith("topic-live_vaccines-")
    assert "Checked" in text
    assert "Sources" in text
    assert f"?start={first['id']}" in text
    assert all(
        "callback_data" not in button for row in first["reply_markup"]["inline_keyboard"] for button in row
    )


async def test_an_emergency_has_the_first_card_and_is_kept_for_nobody_else(bot: Inside, ana: Person) -> None:
    answer = await cards(bot, ana, EMERGENCY)

    assert answer.parameters["results"][0]["id"] == "urgent"
    assert answer.parameters["is_personal"] is True
    assert answer.parameters["cache_time"] == 0


async def test_numbers_lead_to_the_private_chat_and_are_not_repeated(bot: Inside, ana: Person) -> None:
    answer = await cards(bot, ana, "0.4 g per kg for 5 days 71.3 kg")

    assert [result["id"] for result in answer.parameters["results"]] == ["private"]
    assert "71.3" not in str(answer.parameters)
    assert answer.parameters["button"]["start_parameter"] == "dose"


async def test_what_depends_on_a_persons_settings_is_kept_for_that_person(bot: Inside, ana: Person) -> None:
    bot.store.write(ana.id, {"low_energy": True})
    answer = await cards(bot, ana, "live vaccines")

    assert answer.parameters["is_personal"] is True
    assert answer.parameters["cache_time"] == 0


@pytest.mark.parametrize("query", ["x" * 256, "😀", "<b>&", "zzzz", "a"])
async def test_what_is_not_understood_gets_no_cards_and_a_way_in(
    bot: Inside, ana: Person, query: str
) -> None:
    answer = await cards(bot, ana, query)

    assert answer.parameters["results"] or answer.parameters["button"]["start_parameter"] == "menu"


async def test_a_second_page_of_cards_is_empty(bot: Inside, ana: Person) -> None:
    calls = await bot.take(ana.types("live vaccines", offset="10"))

    assert calls[0].parameters["results"] == []


async def test_every_topic_makes_a_card_that_telegram_takes(
    bot: Inside, ana: Person, assembly: Assembly
) -> None:
    for topic in list(assembly.knowledge.topics.values())[::7]:
        answer = await cards(bot, ana, topic.question)
        assert answer.parameters["results"], topic.id


# -- guest mode ------------------------------------------------------------------------------------------------------


async def test_a_guest_is_answered_once_and_by_no_other_handler(bot: Inside, ana: Person) -> None:
    calls = await bot.take(ana.asks_as_guest("@ivig_test_bot live vaccines?"))

    assert [call.method for call in calls] == ["answerGuestQuery"]
    content = calls[0].parameters["result"]["input_message_content"]["message_text"]
    assert "vaccine" in content.lower()


async def test_a_guest_in_danger_is_told_to_call(bot: Inside, ana: Person) -> None:
    calls = await bot.take(ana.asks_as_guest(f"@ivig_test_bot {EMERGENCY}"))
    content = calls[0].parameters["result"]["input_message_content"]["message_text"]

    assert "call" in " ".join(content.lower().split()[:12])


async def test_a_guest_who_replies_to_a_message_has_it_answered(bot: Inside, ana: Person) -> None:
    replied = {
        "message_id": 1,
        "date": 0,
        "chat": {"id": -1, "type": "group", "title": "x"},
        "text": "can I get live vaccines",
    }
    calls = await bot.take(ana.asks_as_guest("@ivig_test_bot", reply_to_message=replied))

    assert "vaccine" in calls[0].parameters["result"]["input_message_content"]["message_text"].lower()


async def test_a_guests_numbers_are_not_worked_out(bot: Inside, ana: Person) -> None:
    calls = await bot.take(ana.asks_as_guest("@ivig_test_bot 0.4 g per kg, 71.3 kg"))

    assert "71.3" not in str(calls[0].parameters)
    assert "start=" in str(calls[0].parameters["result"]["reply_markup"])


async def test_another_bot_as_guest_is_ignored(bot: Inside, ana: Person) -> None:
    update = ana.asks_as_guest(
        "@ivig_test_bot hello", **{"from": {"id": 9, "is_bot": True, "first_name": "R"}}
    )

    assert await bot.take(update) == []

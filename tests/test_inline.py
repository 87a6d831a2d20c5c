"""Cards and guest mode through Telegram's own types."""

from typing import Any

import pytest

from bot.assembly import Assembly
from tests.telegram_emulator import Call, Person
from tests.telegram_emulator.core import Json, Refusal
from tests.telegram_emulator.inside import Inside

EMERGENCY = "I have chest pain and I cannot breathe"


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


async def test_a_guest_may_use_a_command_and_one_in_danger_behind_it_is_told_to_call(bot: Inside, ana: Person) -> None:
    for text, expected in (("/help", "emergency number"), (f"/ask {EMERGENCY}", "call"), ("", "purpose")):
        calls = await bot.take(ana.asks_as_guest(f"@ivig_test_bot {text}".strip()))
        content = calls[0].parameters["result"]["input_message_content"]["message_text"].lower()
        assert (bot.desk.messages.purpose.lower() if expected == "purpose" else expected) in content


async def test_a_long_answer_to_a_guest_is_one_message_with_the_way_on_in_private(bot: Inside, ana: Person) -> None:
    calls = await bot.take(ana.asks_as_guest("@ivig_test_bot /evidence"))

    assert [call.method for call in calls] == ["answerGuestQuery"]
    assert "start=" in str(calls[0].parameters["result"]["reply_markup"])


async def test_an_edited_or_forgotten_guest_question_that_telegram_holds_too_old_is_no_failure(
    bot: Inside, ana: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def too_old(_: Json) -> Any:
        raise Refusal(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")

    monkeypatch.setattr(bot.emulator, "_do_answer_guest_query", too_old)
    monkeypatch.setattr(bot.emulator, "_do_answer_inline_query", too_old)
    await bot.take(ana.asks_as_guest("@ivig_test_bot live vaccines"))
    await bot.take(ana.types("live vaccines"))

    assert [record for record in caplog.records if record.exc_info] == []
    bot.emulator.refusals.clear()


class _Broken:
    def __init__(self, whole: Assembly) -> None:
        self.knowledge = whole.knowledge

    @property
    def conversation(self) -> object:
        raise RuntimeError("my weight is 70 kg")


async def test_where_the_program_fails_a_guest_and_a_card_get_the_fixed_line_and_nobody_else_answers(
    assembly: Assembly,
) -> None:
    async with Inside(assembly) as bot:
        bot.desk.whole = _Broken(assembly)  # type: ignore[assignment]
        ana = Person(bot.emulator)
        guest = await bot.take(ana.asks_as_guest("@ivig_test_bot live vaccines?"))
        typed = await bot.take(ana.types("live vaccines"))

    assert [call.method for call in guest] == ["answerGuestQuery"]
    assert [call.method for call in typed] == ["answerInlineQuery"]
    failure = assembly.knowledge.messages.failure
    assert guest[0].parameters["result"]["input_message_content"]["message_text"] == failure
    [card] = typed[0].parameters["results"]
    assert card["input_message_content"]["message_text"] == failure
    assert typed[0].parameters["cache_time"] == 0
    assert typed[0].parameters["is_personal"] is True


async def test_at_most_ten_cards_come_each_once_and_each_short_enough_to_read_in_the_list(
    bot: Inside, ana: Person
) -> None:
    for query in ("", "ivig", "side effects", "cost", "vaccines", EMERGENCY):
        results = (await cards(bot, ana, query)).parameters["results"]
        assert 1 <= len(results) <= 10, query
        assert len({result["id"] for result in results}) == len(results)
        for result in results:
            assert len(result["title"]) <= 64
            assert len(result["description"]) <= 200


@pytest.mark.parametrize("setting", [{"country": "GB"}, {"language": "es"}, {"low_energy": True}])
async def test_any_setting_keeps_cards_from_being_shown_to_others(
    bot: Inside, ana: Person, setting: Json
) -> None:
    bot.store.write(ana.id, setting)
    answer = await cards(bot, ana, "live vaccines")
    ben = await cards(bot, Person(bot.emulator, "Ben"), "live vaccines")

    assert (answer.parameters["is_personal"], answer.parameters["cache_time"]) == (True, 0)
    assert (ben.parameters.get("is_personal", False), ben.parameters["cache_time"]) == (False, 300)


async def test_a_card_of_an_emergency_names_the_number_of_the_country_that_was_set(bot: Inside, ana: Person) -> None:
    bot.store.write(ana.id, {"country": "GB"})
    first = (await cards(bot, ana, EMERGENCY)).parameters["results"][0]

    assert "999" in " ".join(first["input_message_content"]["message_text"].split()[:12])

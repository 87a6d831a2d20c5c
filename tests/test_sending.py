"""What goes out besides words: pictures, files, buttons; and what becomes of it where Telegram refuses a part."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot import pictures
from bot.assembly import Assembly
from bot.model import Picture
from tests.telegram_emulator import Person
from tests.telegram_emulator.core import Call, Json, Refusal
from tests.telegram_emulator.inside import Inside

RATE = "how long does 70 g of privigen take, 70 kg"


@pytest.fixture
async def bot(assembly: Assembly) -> AsyncIterator[Inside]:
    async with Inside(assembly) as inside:
        yield inside


@pytest.fixture
def ana(bot: Inside) -> Person:
    return Person(bot.emulator)


def share_button(call: Call) -> Json:
    return next((button for button in call.buttons if button["text"] == "Share"), {})


async def test_a_picture_is_offered_once_and_drawn_only_when_asked_for(
    bot: Inside, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Picture] = []

    def draw(picture: Picture) -> bytes:
        drawn.append(picture)
        return b"\x89PNG"

    monkeypatch.setattr(pictures, "draw", draw)
    answer = await bot.one(ana.says(RATE))

    assert answer.codes.count("picture-infusion_rate") == 1
    assert drawn == []

    calls = await bot.take(ana.presses("picture-infusion_rate", answer.result))

    assert [call.method for call in calls] == ["answerCallbackQuery", "sendChatAction", "sendPhoto"]
    assert drawn[0].text.split(".")[0] in calls[-1].text
    assert bot.emulator.refusals == []


async def test_the_chart_of_the_trials_is_drawn_from_the_button_alone_after_a_restart(
    bot: Inside, ana: Person
) -> None:
    *_, answer = await bot.take(ana.says("/evidence"))
    assert "picture-trials" in answer.codes
    await bot.take(ana.says("/delete_my_data"))

    calls = await bot.take(ana.presses("picture-trials", answer.result))

    assert calls[-1].method == "sendPhoto"
    assert 0 < len(calls[-1].text) <= 1024


async def test_a_picture_that_cannot_be_drawn_is_told_in_words(
    bot: Inside, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(picture: Picture) -> bytes:
        raise ValueError(picture.text)

    monkeypatch.setattr(pictures, "draw", fails)
    answer = await bot.one(ana.says(RATE))
    sent = await bot.take(ana.presses("picture-infusion_rate", answer.result))

    assert sent[-1].method == "sendMessage"
    assert "at least" in sent[-1].text


@pytest.mark.parametrize("kind", ["infusion_rate", "nothing", ""])
async def test_a_picture_nobody_offered_is_not_drawn(bot: Inside, ana: Person, kind: str) -> None:
    calls = await bot.take(ana.presses(f"picture-{kind}", {"message_id": 5, "date": 0, "chat": ana.chat}))

    assert [call.method for call in calls] == ["answerCallbackQuery"]
    assert calls[0].parameters["text"]


async def test_dates_of_a_course_come_with_a_calendar_file(bot: Inside, ana: Person) -> None:
    calls = await bot.take(ana.says("1 g/kg every 4 weeks, 70 kg, from 1 December 2026"))

    assert [call.method for call in calls] == ["sendMessage", "sendDocument"]
    assert calls[1].text


async def test_the_poster_is_one_picture_with_its_address_in_words(bot: Inside, ana: Person) -> None:
    calls = await bot.take(ana.says("/poster"))

    assert [call.method for call in calls] == ["sendChatAction", "sendPhoto"]
    assert "https://t.me/ivig_test_bot?start=" in calls[-1].text


async def test_without_inline_mode_share_shows_the_words_for_copying(bot: Inside, ana: Person) -> None:
    with_inline = await bot.one(ana.says("/start topic-headache"))
    assert share_button(with_inline)["switch_inline_query"]

    bot.desk.inline_on = False
    answer = await bot.one(ana.says("/start topic-headache"))
    assert share_button(answer) == {"text": "Share", "callback_data": "share-headache"}

    calls = await bot.take(ana.presses("share-headache", answer.result))
    assert any("headache" in call.text.lower() for call in calls if call.method == "editMessageText")


async def test_buttons_that_telegram_refuses_cost_nobody_the_answer(
    bot: Inside, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = bot.emulator._do_send_message

    def refuses_keyboards(parameters: Json) -> Any:
        if parameters.get("reply_markup"):
            raise Refusal(400, "Bad Request: BUTTON_TYPE_INVALID")
        return send(parameters)

    monkeypatch.setattr(bot.emulator, "_do_send_message", refuses_keyboards)
    calls = await bot.take(ana.says("I have chest pain and I cannot breathe"))

    assert calls[-1].refused is None
    assert "call" in calls[-1].text.lower()
    assert calls[-1].buttons == []

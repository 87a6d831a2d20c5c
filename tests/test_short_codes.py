"""What leads back to an answer: links, short codes, cards and answers that somebody forwards."""

from typing import Any

import pytest

from bot.handlers.desk import Key
from bot.model import ChatKind
from tests.telegram_emulator import Group, Person
from tests.telegram_emulator.inside import Inside
from tests.telegram_emulator.markup import read

EMERGENCY = "I have chest pain and I cannot breathe"
CHANGED = "live_vaccines-000000"


async def card(bot: Inside, ana: Person) -> tuple[str, str]:
    """The first card for "live vaccines": its code, and what it posts."""
    answer = (await bot.take(ana.types("live vaccines")))[0]
    found = answer.parameters["results"][0]
    return found["id"], read(found["input_message_content"]["message_text"], "HTML")


def forwarded(of: Any) -> Any:
    return {"forward_origin": {"type": "user", "date": 1, "sender_user": of}}


async def test_the_link_under_a_card_opens_its_answer_and_says_whether_it_changed(bot: Inside, ana: Person) -> None:
    code, _ = await card(bot, ana)
    same = await bot.one(ana.says(f"/start {code}"))
    changed = await bot.one(ana.says(f"/start topic-{CHANGED}"))

    assert bot.desk.messages.unchanged_since in same.text
    assert bot.desk.messages.changed_since in changed.text
    assert "more-live_vaccines" in same.codes


async def test_the_sentence_under_a_card_may_be_sent_as_it_stands(bot: Inside, ana: Person) -> None:
    code, text = await card(bot, ana)
    sentence = text.rsplit("\n\n", 1)[1]
    for said in (sentence, sentence.partition(". ")[2], code.removeprefix("topic-"), f" #{CHANGED} "):
        sent = await bot.one(ana.says(said))
        expected = bot.desk.messages.changed_since if "000000" in said else bot.desk.messages.unchanged_since
        assert expected in sent.text, said


async def test_a_code_works_in_a_group_and_for_a_guest_also_where_the_answer_was_given_before(
    bot: Inside, group: Group, ana: Person
) -> None:
    first = await bot.one(group.says(ana, "/ask live vaccines"))
    asked = await bot.one(group.says(ana, f"/ask {CHANGED}"))
    replied = await bot.one(group.says(ana, CHANGED, reply_to_message=first.result))
    guest = (await bot.take(ana.asks_as_guest(f"@ivig_test_bot {CHANGED}")))[0]

    assert bot.desk.messages.changed_since in asked.text
    assert bot.desk.messages.changed_since in replied.text
    assert bot.desk.messages.changed_since in str(guest.parameters["result"])


@pytest.mark.parametrize(
    "text", [f"{CHANGED} {EMERGENCY}", f"#{CHANGED}\n{EMERGENCY}", f"{EMERGENCY} {CHANGED}"]
)
async def test_a_code_does_not_hide_an_emergency_beside_it(bot: Inside, ana: Person, text: str) -> None:
    sent = await bot.one(ana.says(text))

    assert "call" in " ".join(sent.text.lower().split()[:12])


@pytest.mark.parametrize("text", ["nosuch_topic-000000", "live_vaccines-00000", "live_vaccines-00000g", "-000000"])
async def test_what_only_looks_like_a_code_is_read_as_words(bot: Inside, ana: Person, text: str) -> None:
    sent = await bot.one(ana.says(text))

    assert bot.desk.messages.changed_since not in sent.text
    assert bot.desk.messages.unchanged_since not in sent.text


async def test_a_card_forwarded_to_the_bot_asks_whether_it_is_still_so(bot: Inside, ana: Person) -> None:
    _, text = await card(bot, ana)
    ben = Person(bot.emulator, "Ben")
    sent = await bot.one(ana.says(text, via_bot=bot.emulator.me, **forwarded(ben.json)))
    posted = await bot.take(ana.says(text, via_bot=bot.emulator.me))

    assert bot.desk.messages.unchanged_since in sent.text
    assert posted == []  # a card somebody posts here through us is an answer already


async def test_the_bots_own_words_forwarded_to_it_raise_no_alarm(bot: Inside, ana: Person) -> None:
    answer = await bot.one(ana.says("headache after ivig"))
    for code in ("topic-headache", "more-headache", "sources-headache", "ask-headache"):
        page = bot.desk.conversation.press(code, bot.desk.question("", Key(ana.id, ana.id), ChatKind.PRIVATE))
        words = "\n\n".join(paragraph.text for paragraph in page.paragraphs)
        sent = await bot.one(ana.says(words[:4000], **forwarded(bot.emulator.me)))
        assert sent.text == answer.text, code


async def test_an_emergency_answer_forwarded_to_the_bot_is_still_one(bot: Inside, ana: Person) -> None:
    urgent = await bot.one(ana.says(EMERGENCY))
    sent = await bot.one(ana.says(urgent.text, **forwarded(bot.emulator.me)))

    assert "call" in " ".join(sent.text.lower().split()[:12])


async def test_what_somebody_else_wrote_is_read_like_any_question_when_forwarded(bot: Inside, ana: Person) -> None:
    ben = Person(bot.emulator, "Ben")
    hidden = {"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Somebody"}}
    channel = {"id": -100_999, "type": "channel", "title": "News"}
    posted = {"forward_origin": {"type": "channel", "date": 1, "chat": channel, "message_id": 3}}
    for origin in (forwarded(ben.json), hidden, posted):
        asked = await bot.one(ana.says("can I have the flu jab on ivig?", **origin))
        cry = await bot.one(ana.says(EMERGENCY, **origin))
        assert "more-nonlive_vaccines" in asked.codes
        assert "call" in " ".join(cry.text.lower().split()[:12])


@pytest.mark.parametrize("kind", ["trials", "wear_off"])
async def test_a_link_to_a_picture_brings_the_picture(bot: Inside, ana: Person, kind: str) -> None:
    calls = await bot.take(ana.says(f"/start picture-{kind}"))

    assert [call.method for call in calls] == ["sendChatAction", "sendPhoto"]
    assert 0 < len(calls[-1].text) <= 1024


@pytest.mark.parametrize("kind", ["infusion_rate", "poster", "nothing", ""])
async def test_a_link_to_a_picture_of_nothing_is_answered_in_words(bot: Inside, ana: Person, kind: str) -> None:
    sent = await bot.one(ana.says(f"/start picture-{kind}"))

    assert sent.method == "sendMessage"
    assert sent.text

"""Whole conversations as YAML: what a person sees over several turns, held against the core and through Telegram."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import render
from bot.assembly import Assembly
from bot.conversation import Conversation
from bot.handlers.desk import Key
from bot.model import ChatKind, Preferences, Question, Reply, State
from tests.conftest import NOON
from tests.telegram_emulator import Person
from tests.telegram_emulator.core import Call
from tests.telegram_emulator.inside import Inside

FOLDER = Path(__file__).resolve().parent / "conversations"
CASES = [
    (path.stem, case)
    for path in sorted(FOLDER.glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]


def labels(reply: Reply) -> list[str]:
    return [button.label for row in reply.buttons for button in row]


def take_turn(conversation: Conversation, turn: dict[str, Any], question: Question, last: Reply | None) -> Reply:
    if "command" in turn:
        return conversation.command(turn["command"], turn.get("argument", ""), question)
    if "press" in turn:
        assert last is not None
        code = next(button.code for row in last.buttons for button in row if button.label == turn["press"])
        return conversation.press(code, question)
    if "code" in turn:
        return conversation.press(turn["code"], question)
    return conversation.reply(question.model_copy(update={"text": turn["says"]}))


def judge(turn: dict[str, Any], reply: Reply, last: Reply | None) -> list[str]:
    """What of a turn's expectations does not hold."""
    text = render.plain(reply)
    wrong = []
    for key in ("kind", "level", "pathway"):
        if key in turn and getattr(reply, key) != turn[key]:
            wrong.append(f"{key} is {getattr(reply, key)}, not {turn[key]}")
    if "topics" in turn and [topic.id for topic in reply.topics][: len(turn["topics"])] != turn["topics"]:
        wrong.append(f"topics are {[topic.id for topic in reply.topics]}, not {turn['topics']}")
    wrong += [f"does not say {part!r}" for part in turn.get("must", ()) if part not in text]
    wrong += [f"says {part!r}" for part in turn.get("never", ()) if part in text]
    wrong += [f"has no button {part!r}" for part in turn.get("buttons", ()) if part not in labels(reply)]
    if turn.get("differs") and last is not None and render.plain(last) == text:
        wrong.append("says the same as before")
    if "most_words" in turn and len(text.split()) > turn["most_words"]:
        wrong.append(f"has {len(text.split())} words")
    if "most_buttons" in turn and len(labels(reply)) > turn["most_buttons"]:
        wrong.append(f"has {len(labels(reply))} buttons")
    return wrong


@pytest.mark.parametrize(("file", "case"), CASES, ids=[f"{file}: {case['name']}" for file, case in CASES])
def test_a_conversation_goes_as_written(conversation: Conversation, file: str, case: dict[str, Any]) -> None:
    preferences = Preferences(low_energy=case.get("low_energy", False), country=case.get("country"))
    chat = ChatKind(case.get("chat", "private"))
    state, last, now = State(), None, NOON
    failures = []
    for number, turn in enumerate(case["turns"], 1):
        now += timedelta(minutes=turn.get("after_minutes", 0.5))
        question = Question(text="", chat=chat, now=now, state=state, preferences=preferences)
        reply = take_turn(conversation, turn, question, last)
        failures += [f"turn {number}: {wrong}\n{render.plain(reply)}" for wrong in judge(turn, reply, last)]
        state, last = reply.state, reply

    assert failures == []


# -- the same, through Telegram's own types ----------------------------------------------------------------------------


async def telegram_turn(bot: Inside, person: Person, turn: dict[str, Any], last: list[Call]) -> list[Call]:
    """Do what the turn says as a person does it on a phone; returns what was shown, or the toast alone."""
    if "command" in turn:
        update = person.says(f"/{turn['command']} {turn.get('argument', '')}".strip())
    elif "press" in turn or "code" in turn:
        shown = next(
            (one for one in reversed(last) for button in one.buttons if button["text"] == turn.get("press")), last[-1]
        )
        code = turn.get("code") or next(
            button["callback_data"] for button in shown.buttons if button["text"] == turn["press"]
        )
        update = person.presses(code, bot.emulator.messages[(person.id, shown.result["message_id"])])
    else:
        update = person.says(turn["says"])
    calls = await bot.take(update)
    shown_now = [call for call in calls if call.method in ("sendMessage", "editMessageText")]
    return shown_now or [call for call in calls if call.method == "answerCallbackQuery"]


def judge_screen(turn: dict[str, Any], calls: list[Call], state: State) -> list[str]:
    """What of a turn's expectations does not hold on the screen."""
    text = "\n".join(call.text for call in calls)
    shown = [button["text"] for call in calls for button in call.buttons]
    wrong = [f"Telegram refused {call.method}: {call.refused}" for call in calls if call.refused]
    if "kind" in turn and state.last_reply != turn["kind"]:
        wrong.append(f"kind is {state.last_reply}, not {turn['kind']}")
    wrong += [f"does not say {part!r}" for part in turn.get("must", ()) if part not in text]
    wrong += [f"says {part!r}" for part in turn.get("never", ()) if part in text]
    wrong += [f"has no button {part!r}" for part in turn.get("buttons", ()) if part not in shown]
    if len(shown) > turn.get("most_buttons", 100):
        wrong.append(f"has {len(shown)} buttons")
    return wrong


@pytest.mark.parametrize(
    ("file", "case"),
    [(file, case) for file, case in CASES if case.get("chat", "private") == "private"],
    ids=[f"{file}: {case['name']}" for file, case in CASES if case.get("chat", "private") == "private"],
)
async def test_the_same_conversation_goes_as_written_on_telegram(
    assembly: Assembly, file: str, case: dict[str, Any]
) -> None:
    failures = []
    async with Inside(assembly) as bot:
        bot.now = NOON
        person = Person(bot.emulator)
        kept = {name: case[name] for name in ("low_energy", "country") if name in case}
        bot.store.write(person.id, kept)
        shown = [await bot.one(person.says("/start"))]
        for number, turn in enumerate(case["turns"], 1):
            bot.later(minutes=turn.get("after_minutes", 0.5))
            shown = await telegram_turn(bot, person, turn, shown)
            state = bot.desk.state(Key(person.id, person.id))
            failures += [f"turn {number}: {wrong}" for wrong in judge_screen(turn, shown, state)]
        if not any("country" in turn.get("code", "") for turn in case["turns"]):
            assert bot.store.read(person.id) == kept

    assert failures == []
    assert bot.emulator.refusals == []


def test_an_alarm_is_never_dropped_for_people_with_little_energy(conversation: Conversation) -> None:
    tired = Question(text="", now=NOON, preferences=Preferences(low_energy=True))
    for topic in conversation.knowledge.topics.values():
        reply = conversation.press(f"topic-{topic.id}", tired)
        said = " ".join(paragraph.text for paragraph in reply.paragraphs)

        assert len(said.split()) <= 40, topic.id
        if topic.alarm:
            assert topic.alarm.split(". ")[0] in said, topic.id

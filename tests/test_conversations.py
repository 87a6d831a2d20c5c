"""Whole conversations as YAML: what a person sees over several turns, held against the core."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import render
from bot.conversation import Conversation
from bot.model import ChatKind, Preferences, Question, Reply, State
from tests.conftest import NOON

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

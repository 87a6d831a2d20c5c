"""
How well does the bot understand: a scorecard over question files, and what to add for what it did not understand.

May not know Telegram. Every question starts a conversation of its own, as a stranger would.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np

from bot.conversation import Conversation
from bot.model import ChatKind, Level, Question, Reply, ReplyKind
from bot.strictyaml import FaultyFiles, read_bytes

Outcome = Literal["right", "offered", "wrong", "fallback"]
_OUTCOMES: tuple[Outcome, ...] = ("right", "offered", "wrong", "fallback")
_SEED = 20261124
_SHOWN_CONFUSIONS = 25


@dataclass(frozen=True, slots=True)
class Case:
    """
    A message and the topic it means; None where no topic answers it. `group` says which list it came from.

    `also` names topics whose answers serve it as well.
    """

    text: str
    means: str | None
    group: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TriageCase:
    """A message and the least urgent level it must get."""

    text: str
    level: Level


@dataclass
class Tally:
    """How many messages came to each outcome."""

    right: int = 0
    offered: int = 0
    wrong: int = 0
    fallback: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count one."""
        setattr(self, outcome, getattr(self, outcome) + 1)

    @property
    def count(self) -> int:
        """All of them."""
        return self.right + self.offered + self.wrong + self.fallback

    def percent(self, *outcomes: Outcome) -> float:
        """The share of these outcomes, 0 to 100; 0 of nothing is 0."""
        return 100.0 * sum(getattr(self, outcome) for outcome in outcomes) / self.count if self.count else 0.0

    def as_dict(self) -> dict[str, float | int]:
        """Counts and shares."""
        return {
            "count": self.count,
            **asdict(self),
            "right_percent": round(self.percent("right"), 2),
            "right_or_offered_percent": round(self.percent("right", "offered"), 2),
            "wrong_percent": round(self.percent("wrong"), 2),
        }


@dataclass
class Scorecard:
    """What `ivig-bot evaluate` prints."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    chapters: dict[str, Tally] = field(default_factory=dict)
    confusions: Counter[tuple[str, str]] = field(default_factory=Counter)
    misses: list[tuple[str, str, str]] = field(default_factory=list)
    outside: dict[str, Counter[str]] = field(default_factory=dict)
    triage: dict[str, tuple[int, int]] = field(default_factory=dict)
    latency_ms: dict[str, float] = field(default_factory=dict)
    memory_mb: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Everything, as plain values."""
        return {
            "questions": {name: tally.as_dict() for name, tally in self.tallies.items()},
            "chapters": {name: tally.as_dict() for name, tally in sorted(self.chapters.items())},
            "out_of_scope": {
                name: {"count": counts.total(), "answered": counts["answered"], "offered": counts["offered"]}
                for name, counts in self.outside.items()
            },
            "confusions": [
                {"means": means, "answered": answered, "count": count}
                for (means, answered), count in self.confusions.most_common()
            ],
            "misses": [
                {"text": text, "means": means, "outcome": outcome} for text, means, outcome in self.misses
            ],
            "triage": {name: {"count": count, "reached": reached} for name, (count, reached) in self.triage.items()},
            "latency_ms": self.latency_ms,
            "memory_mb": self.memory_mb,
        }

    def as_text(self) -> str:
        """The same for reading in a terminal."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{'questions':34}{'count':>7}{'right':>9}{'or offered':>12}{'wrong':>8}{'fallback':>10}"
        for name, tally in self.tallies.items():
            yield _row(name, tally)
        for name, tally in sorted(self.chapters.items(), key=lambda pair: pair[1].percent("right")):
            yield _row(f"  {name}", tally)
        for name, counts in self.outside.items():
            total = counts.total()
            yield (
                f"out of scope, {name}: {total} messages, answered with confidence {counts['answered']} "
                f"({100 * counts['answered'] / total:.1f} %), offered {counts['offered']}"
            )
        for name, (count, reached) in self.triage.items():
            yield f"triage, {name}: {reached} of {count} ({100 * reached / count:.1f} %)"
        if self.confusions:
            yield "mixed up (meant > answered):"
        for (means, answered), count in self.confusions.most_common(_SHOWN_CONFUSIONS):
            yield f"  {means} > {answered}: {count}"
        if self.latency_ms:
            yield f"one message: p50 {self.latency_ms['p50']:.2f} ms, p99 {self.latency_ms['p99']:.2f} ms"
        if self.memory_mb is not None:
            yield f"memory at its highest: {self.memory_mb:.0f} MB"


def _row(name: str, tally: Tally) -> str:
    return (
        f"{name:34}{tally.count:7d}{tally.percent('right'):8.1f}%{tally.percent('right', 'offered'):11.1f}%"
        f"{tally.percent('wrong'):7.1f}%{tally.percent('fallback'):9.1f}%"
    )


def evaluate(conversation: Conversation, paths: Sequence[Path]) -> Scorecard:
    """The scorecard over these files or folders; raises OSError or FaultyFiles for one that cannot be read."""
    questions, outside, triage = read_cases(paths)
    card = Scorecard()
    seconds: list[float] = []
    meant = [case for case in questions if case.group == "questions"]
    for case in questions:
        reply, taken = _asked(conversation, case.text)
        seconds.append(taken)
        outcome = outcome_of(reply, case.means, case.also)
        card.tallies.setdefault(case.group, Tally()).add(outcome)
        if case.group == "questions":
            card.tallies.setdefault("questions, one topic alone right", Tally()).add(outcome_of(reply, case.means))
        topic = conversation.knowledge.topics.get(case.means or "")
        if case.group == "questions" and topic is not None:
            card.chapters.setdefault(topic.chapter, Tally()).add(outcome)
        if outcome != "right":
            card.misses.append((case.text, case.means or "", outcome))
        if outcome == "wrong" and reply.topics:
            card.confusions[case.means or "", reply.topics[0].id] += 1
    for count in (1, 2):
        for number, case in enumerate(meant):
            reply, _ = _asked(conversation, with_typos(case.text, count, _SEED + number))
            name = f"questions, {count} typing error{'s' if count > 1 else ''}"
            card.tallies.setdefault(name, Tally()).add(outcome_of(reply, case.means, case.also))
    for case in outside:
        reply, taken = _asked(conversation, case.text)
        seconds.append(taken)
        card.outside.setdefault(case.group, Counter())[_kind_outside(reply)] += 1
        if _kind_outside(reply) == "answered":
            card.misses.append((case.text, f"nothing ({case.group})", reply.topics[0].id if reply.topics else ""))
    _triaged(conversation, triage, card)
    if seconds:
        in_ms = np.array(seconds) * 1000
        card.latency_ms = {
            "p50": round(float(np.percentile(in_ms, 50)), 3),
            "p99": round(float(np.percentile(in_ms, 99)), 3),
            "worst": round(float(in_ms.max()), 3),
        }
    card.memory_mb = _memory_mb()
    return card


def outcome_of(reply: Reply, means: str | None, also: Sequence[str] = ()) -> Outcome:
    """
    What a reply is worth for a message that means this topic, or is served as well by those in `also`.

    The first topic of an answer counts; among offers any place does. Where help came first, the topic that waits behind
    a button counts as offered.
    """
    served = {means, *also}
    ids = [score.id for score in reply.topics]
    if reply.level >= Level.URGENT:
        return "offered" if served & set(reply.state.waiting_topics) else "fallback"
    if reply.kind is ReplyKind.CLARIFY or (reply.kind is ReplyKind.CALL_TEAM and len(ids) > 1):
        return "offered" if served & set(ids) else "fallback"
    if reply.kind in (ReplyKind.ANSWER, ReplyKind.CALL_TEAM, ReplyKind.SMALL_TALK) and ids:
        return "right" if ids[0] in served else "wrong"
    return "fallback"


def _kind_outside(reply: Reply) -> str:
    if reply.kind is ReplyKind.ANSWER:
        return "answered"
    return "offered" if reply.kind is ReplyKind.CLARIFY else "kept apart"


def _asked(conversation: Conversation, text: str) -> tuple[Reply, float]:
    question = Question(text=text, chat=ChatKind.PRIVATE, now=datetime.now(UTC))
    start = time.perf_counter()
    reply = conversation.reply(question)
    return reply, time.perf_counter() - start


def _triaged(conversation: Conversation, cases: Sequence[TriageCase], card: Scorecard) -> None:
    counts: dict[str, list[int]] = {}
    for case in cases:
        level = conversation.triage.assess(case.text).level
        if case.level is Level.NONE:
            name, reached = "no false alarm", level < Level.URGENT
        else:
            name, reached = f"recall of {case.level.value}", level >= case.level
        tally = counts.setdefault(name, [0, 0])
        tally[0] += 1
        tally[1] += reached
    card.triage = {name: (count, reached) for name, (count, reached) in sorted(counts.items())}


def _memory_mb() -> float | None:
    """The most memory this process has held, where the system says so."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


# -- reading ---------------------------------------------------------------------------------------------------------


def read_cases(paths: Iterable[Path]) -> tuple[list[Case], list[Case], list[TriageCase]]:
    """The questions, the messages outside scope and the triage messages in these files and folders."""
    questions: list[Case] = []
    outside: list[Case] = []
    triage: list[TriageCase] = []
    for path in _files(paths):
        document = read_bytes(path.read_bytes(), str(path))
        if document.problems:
            raise FaultyFiles(document.problems)
        content = document.content
        if "triage" in path.parts[:-1]:
            triage += _triage_cases(content)
        elif isinstance(content, Mapping) and "means_this" in content:
            also = {str(one["text"]): tuple(one["by"]) for one in content.get("also") or ()}
            for text in content["means_this"]:
                questions.append(Case(str(text), path.stem, "questions", also.get(str(text), ())))
            for near in content.get("not_this") or ():
                if near.get("means"):
                    questions.append(Case(str(near["text"]), near["means"], "near ones of another topic"))
                else:
                    outside.append(Case(str(near["text"]), None, "near a topic"))
        elif isinstance(content, Mapping) and {"far", "near"} <= content.keys():
            name = path.stem
            outside += [Case(str(text), None, f"{name} far") for text in content["far"]]
            outside += [Case(str(text), None, f"{name} near") for text in content["near"]]
            for within in content.get("in_scope") or ():
                questions.append(Case(str(within["text"]), within["means"], f"{name}, other names but IVIG meant"))
    return questions, outside, triage


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.rglob("*.yaml"))
        else:
            yield path


def _triage_cases(content: object) -> list[TriageCase]:
    """Messages with the level they must reach, however the file groups them."""
    found: list[TriageCase] = []
    if isinstance(content, Mapping):
        if isinstance(content.get("text"), str) and content.get("level") in list(Level):
            found.append(TriageCase(content["text"], Level(content["level"])))
        else:
            for key, value in content.items():
                if key in list(Level) and isinstance(value, Sequence) and not isinstance(value, str):
                    found += [TriageCase(str(text), Level(key)) for text in value if isinstance(text, str)]
                else:
                    found += _triage_cases(value)
    elif isinstance(content, Sequence) and not isinstance(content, str):
        for value in content:
            found += _triage_cases(value)
    return found


# -- typing errors ---------------------------------------------------------------------------------------------------

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEXT_KEYS = {
    letter: [
        other
        for other_row, keys in enumerate(_ROWS)
        for other_column, other in enumerate(keys)
        if other != letter and abs(other_row - row) <= 1 and abs(other_column - column) <= 1
    ]
    for row, letters in enumerate(_ROWS)
    for column, letter in enumerate(letters)
}
_SHORTEST_WORD = 4


def with_typos(text: str, count: int, seed: int) -> str:
    """
    The text with this many keyboard errors, the same for the same seed.

    An error leaves out, doubles, swaps or mistypes one letter of a word of four letters or more, and never hits a
    word twice unless there are too few.
    """
    chance = random.Random(seed)  # noqa: S311 - repeatable noise, nothing secret
    pieces = text.split(" ")
    long = [place for place, piece in enumerate(pieces) if sum(map(str.isalpha, piece)) >= _SHORTEST_WORD]
    for place in chance.sample(long, min(count, len(long))):
        pieces[place] = _mistyped(pieces[place], chance)
    return " ".join(pieces)


def _mistyped(word: str, chance: random.Random) -> str:
    letters = [place for place, letter in enumerate(word) if letter.lower() in _NEXT_KEYS]
    if not letters:
        return word
    at = chance.choice(letters)
    match chance.randrange(4):
        case 0:
            return word[:at] + word[at + 1 :]
        case 1:
            return word[:at] + word[at] + word[at:]
        case 2 if at + 1 < len(word) and word[at] != word[at + 1]:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case _:
            return word[:at] + chance.choice(_NEXT_KEYS[word[at].lower()]) + word[at + 1 :]


# -- suggestions -----------------------------------------------------------------------------------------------------

_NEAREST = 3


def suggestions(conversation: Conversation, questions: Iterable[str]) -> Iterator[str]:
    """For each question that is not answered: the nearest topics, and where its phrasing could be added."""
    seen: set[str] = set()
    missed = 0
    for text in questions:
        if text in seen:
            continue
        seen.add(text)
        understood = conversation.matcher.understand(text)
        if understood.kind in ("answer", "small_talk"):
            continue
        missed += 1
        verdict = understood.scope if understood.kind == "out_of_scope" else understood.kind
        yield f"{text}  [{verdict}]"
        for ranked in conversation.matcher.rank(text)[:_NEAREST]:
            topic = conversation.knowledge.topics[ranked.topic]
            yield f"    {ranked.score:5.2f}  topics/{topic.chapter}/{topic.id}.yaml  nearest phrase: {ranked.phrase}"
        if understood.kind != "out_of_scope":
            yield "    Add it, in other words too, to the phrases of the topic that is meant; or write a new topic."
    yield f"{missed} of {len(seen)} different questions need a look"

"""
Time grows with the length of a message and no faster: every regular expression, and every reader of what was typed.

Time of this thread is measured, not of the clock, so that a busy machine does not turn a test red.
"""

import importlib
import json
import re
import re._parser as grammar  # what `re` itself reads a pattern with
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.conversation import Conversation
from bot.languages import language_of
from bot.model import Question
from bot.quantities import read
from bot.readability import grade
from bot.render import as_json, telegram_html, terminal
from bot.strictyaml import read_bytes
from bot.text import clean, sentences, words
from bot.unanswered import without_the_person
from tests.conftest import NOON

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 4096
# What doubles at most to three times as long, or is done this fast in any case, cannot be used to stop the bot.
MOST_GROWTH = 3.0
HARMLESS_SECONDS = 0.004
# 50 ms are aimed at, on a machine that does nothing else; those that run tests are shared, and some are slow just now:
# as much slower as they do the sum below, as much longer may it take.
MOST_SECONDS = 0.1
SECONDS_OF_A_SUM = 0.006
_ANYWHERE = ("search", "finditer", "findall", "sub", "subn", "split")

# Run in a process of its own: every pattern that our code compiles, by us or through re.sub and the like, at import or
# while a whole bot is built and answers.
COLLECT = """
import json, re, sys
from datetime import datetime, timezone
from pathlib import Path
bot, found, compile_ = str(Path("bot").resolve()), {}, re._compile
def recorded(pattern, flags):
    frame = sys._getframe(1)
    while frame.f_code.co_filename.endswith(("/re/__init__.py", "\\\\re\\\\__init__.py")):
        frame = frame.f_back
    if frame.f_code.co_filename.startswith(bot) and isinstance(pattern, str):
        place = Path(frame.f_code.co_filename).relative_to(Path(bot).parent).as_posix()
        found.setdefault((pattern, int(flags)), place)
    return compile_(pattern, flags)
re._compile = recorded
import importlib, pkgutil
import bot as package
for module in pkgutil.walk_packages(package.__path__, "bot."):
    importlib.import_module(module.name)
from bot.assembly import Assembly
from bot.assets import Cache
from bot.model import Question
conversation = Assembly(Path("knowledge"), Cache(Path(sys.argv[1]))).conversation
now = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
for text in ("headache after ivig and 70 kg 0.4 g/kg", "no chest pain", "hola, una pregunta", "2 g/kg over 5 days"):
    conversation.reply(Question(text=text, now=now))
print(json.dumps([[place, pattern, flags] for (pattern, flags), place in found.items()]))
"""


@pytest.fixture(scope="module")
def patterns(conversation: Conversation, cache_folder: Path) -> list[tuple[str, re.Pattern[str]]]:
    assert conversation.knowledge.topics  # what is collected below then finds its cache filled
    done = subprocess.run(
        [sys.executable, "-c", COLLECT, cache_folder], cwd=ROOT, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    return [(place, re.compile(pattern, flags)) for place, pattern, flags in json.loads(done.stdout)]


def seconds(act: Callable[[], object], tries: int = 3) -> float:
    """The least time of this thread that it takes."""
    best = float("inf")
    for _ in range(tries):
        begun = time.thread_time()
        act()
        best = min(best, time.thread_time() - begun)
    return best


def slowness() -> float:
    """How many times slower this machine is at the moment than the one that the limit was chosen on; at least 1."""
    return max(1.0, seconds(lambda: sum(number * number for number in range(200_000))) / SECONDS_OF_A_SUM)


def too_slow(act: Callable[[str], object], piece: str, end: str) -> str | None:
    """What is wrong with the time it takes on this piece repeated, or None."""

    def at(length: int, tries: int = 3) -> float:
        text = (piece * (length // len(piece) + 1))[: length - len(end)] + end
        return seconds(lambda: act(text), tries)

    whole = at(LONGEST, tries=1)
    if whole <= HARMLESS_SECONDS:
        return None
    whole, half, quarter = at(LONGEST), at(LONGEST // 2), at(LONGEST // 4)
    if whole <= HARMLESS_SECONDS or whole / max(half, 1e-6) <= MOST_GROWTH or half / max(quarter, 1e-6) <= MOST_GROWTH:
        return None if whole <= MOST_SECONDS * slowness() else f"{whole:.3f} s on {piece[:20]!r}…{end!r}"
    return f"{quarter:.4f}, {half:.4f}, {whole:.4f} s as {piece[:20]!r} doubles before {end!r}"


# -- regular expressions -------------------------------------------------------------------------------------------


def atoms(tree: Any) -> Iterator[str]:
    """One text for each thing that a pattern can match once, in order."""
    for kind, value in tree:
        name = str(kind)
        if name == "LITERAL":
            yield chr(value)
        elif name == "NOT_LITERAL":
            yield "a" if value != ord("a") else "b"
        elif name == "ANY":
            yield "x"
        elif name == "IN":
            yield from _of_a_class(value)
        elif name == "BRANCH":
            for branch in value[1]:
                yield from atoms(branch)
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            yield from atoms(value[2])
        elif name == "SUBPATTERN":
            yield from atoms(value[3])
        elif name in ("ASSERT", "ASSERT_NOT"):
            yield from atoms(value[1])
        elif name == "ATOMIC_GROUP":
            yield from atoms(value)


def _of_a_class(members: Any) -> Iterator[str]:
    of_categories = {"CATEGORY_DIGIT": "7", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "w", "CATEGORY_NOT_SPACE": "z"}
    negated = any(str(kind) == "NEGATE" for kind, _ in members)
    if negated:
        yield from ("a", "-")
        return
    for kind, value in members:
        if str(kind) == "LITERAL":
            yield chr(value)
        elif str(kind) == "RANGE":
            yield chr(value[0])
        elif str(kind) == "CATEGORY":
            yield of_categories.get(str(value), "-")


def repeated(tree: Any) -> Iterator[str]:
    """For each part that a pattern repeats: one text that it matches, to be typed over and over."""
    for kind, value in tree:
        name = str(kind)
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            yield "".join(atoms(value[2]))[:60]
            yield from repeated(value[2])
        elif name == "BRANCH":
            for branch in value[1]:
                yield from repeated(branch)
        elif name == "SUBPATTERN":
            yield from repeated(value[3])
        elif name in ("ASSERT", "ASSERT_NOT"):
            yield from repeated(value[1])


def pieces(pattern: re.Pattern[str]) -> list[str]:
    """What to type over and over against a pattern: what it repeats, its own letters, alone and in pairs."""
    tree = grammar.parse(pattern.pattern, pattern.flags & ~re.UNICODE)
    single = list(dict.fromkeys(atoms(tree)))[:12]
    pairs = [first + second for first in single[:5] for second in single[:5] if first != second]
    found = [*repeated(tree), *single, *pairs, "".join(atoms(tree))[:80], "a", "1", " ", "1.", "a ", "\n"]
    return list(dict.fromkeys(piece for piece in found if piece))


def only_from_the_start(place: str, pattern: re.Pattern[str]) -> bool:
    """Whether our code holds this pattern only against the beginning of a text (`match`, `fullmatch`)."""
    source = (ROOT / place).read_text(encoding="utf-8")
    module = importlib.import_module(place.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    names = [name for name, value in vars(module).items() if value == pattern]
    uses = {use for name in names for use in re.findall(rf"\b{name}\.(\w+)", source)}
    return bool(uses) and uses.isdisjoint(_ANYWHERE)


def test_patterns_are_found_in_most_modules(patterns: list[tuple[str, re.Pattern[str]]]) -> None:
    places = {place for place, _ in patterns}

    assert len(patterns) >= 45
    assert {"bot/text.py", "bot/readability.py", "bot/strictyaml.py", "bot/unanswered.py"} <= places
    assert any(place.startswith("bot/triage/") for place in places)


def test_no_regular_expression_grows_faster_than_its_text(patterns: list[tuple[str, re.Pattern[str]]]) -> None:
    slow = []
    for place, pattern in patterns:
        search: Callable[[str], object] = pattern.fullmatch
        if not only_from_the_start(place, pattern):
            search = partial(_everywhere, pattern)
        for piece in pieces(pattern):
            for end in ("", "\x01"):
                if what := too_slow(search, piece, end):
                    slow.append(f"{place}: {pattern.pattern[:80]!r}: {what}")

    assert slow == []


def _everywhere(pattern: re.Pattern[str], text: str) -> int:
    return sum(1 for _ in pattern.finditer(text))


def test_the_measure_finds_a_pattern_that_grows() -> None:
    bad = re.compile("[ab]*c")  # from each letter on, all the letters that follow are looked at in vain

    assert any(too_slow(bad.search, piece, "\x01") for piece in pieces(bad))


# -- everything that reads what was typed --------------------------------------------------------------------------

HOSTILE = {
    "one letter": "a", "digits": "1", "spaces": " ", "new lines": "\n", "full stops": ". ", "dots": ".", "marks": "?!",
    "commas": "1,", "brackets": "(", "quotes": "'a", "ends of quotes": "\"'", "words": "no ", "ands": "and ",
    "negations": "no chest pain ", "signs": "chest pain and ", "questions": "can i? ", "numbers": "70 kg ",
    "doses": "0.4 g/kg ", "slashes": "1/", "units": "kg/", "fractions": "½", "dates": "3 may 2026 ", "accents": "é",
    "joined marks": "a\u0301", "hidden": "a\u200b", "wide": "ﷺ", "emoji": "👩\u200d⚕️", "Arabic": "ألم ",
    "Chinese": "痛",
    "look-alikes": "сhеst ", "typos": "hedache ", "long words": "x" * 40 + " ", "tags": "<b>&", "addresses": "a@b.c ",
    "typed numbers": "two hundred and ", "mixed": "aA1 .-",
}  # fmt: skip


def readers(conversation: Conversation) -> dict[str, Callable[[str], object]]:
    """Every function that meets a person's words first."""
    known = frozenset(("no", "and", "can", "i"))

    def reply(text: str) -> object:
        return conversation.reply(Question(text=text, now=NOON))

    def shown(text: str) -> object:
        said = reply(text)
        return telegram_html(said), terminal(said), as_json(said, text)  # type: ignore[arg-type]

    return {
        "clean": clean,
        "words": lambda text: words(clean(text).text),
        "sentences": lambda text: sentences(clean(text)),
        "language": language_of,
        "quantities": read,
        "triage": conversation.triage.assess,
        "matching": conversation.matcher.understand,
        "sums": lambda text: conversation.sums.read(Question(text=text, now=NOON)),
        "reply": reply,
        "shown": shown,
        "inline": lambda text: conversation.cards(Question(text=text, now=NOON)),
        "button": lambda text: conversation.press(text, Question(text="", now=NOON)),
        "link": lambda text: conversation.command("start", text, Question(text="", now=NOON)),
        "unanswered": lambda text: without_the_person(text[:2000], known),
    }


@pytest.mark.parametrize("name", [
    "clean", "words", "sentences", "language", "quantities", "triage", "matching", "sums", "reply", "shown", "inline",
    "button", "link", "unanswered",
])  # fmt: skip
def test_the_longest_hostile_message_is_read_in_time(conversation: Conversation, name: str) -> None:
    act = readers(conversation)[name]
    act("a first call fills what is kept")
    slow = {kind: what for kind, piece in HOSTILE.items() if (what := too_slow(act, piece, "!"))}

    assert slow == {}


@pytest.mark.parametrize(
    "piece", ["a: b\n", "- a\n", "a", "[", "{a: ", '"', "&a *a ", "? ", "#", "|\n ", "'", "\\", "!!"]
)
def test_a_hostile_yaml_file_is_refused_in_time(piece: str) -> None:
    half, whole = (piece * 120_000)[:100_000].encode(), (piece * 240_000)[:200_000].encode()
    at_half = seconds(lambda: read_bytes(half, "x.yaml"), tries=2)
    at_whole = seconds(lambda: read_bytes(whole, "x.yaml"), tries=2)

    assert at_whole <= max(0.05, MOST_GROWTH * at_half)
    assert at_whole < 3


@pytest.mark.parametrize("piece", ["a", "ia", "a.", "1", "e's ", "{a}", "é", "ying", "\n"])
def test_the_reading_grade_is_measured_in_time(piece: str) -> None:
    assert too_slow(grade, piece, ".") is None

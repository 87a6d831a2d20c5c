"""What is understood, what is not answered with confidence, and that nothing a person types makes it fail."""

import errno
import hashlib
import io
import random
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot import assets
from bot.assembly import Assembly
from bot.evaluation import with_typos
from bot.matching import Matcher, ScopeRules
from bot.matching.head import condensed, fit, left_out
from bot.matching.lexical import LexicalIndex
from bot.matching.scope import speaks_of
from bot.matching.sentence_model import SentenceModel
from bot.matching.spelling import Spelling, normal
from bot.matching.splitting import correction_in, is_follow_up, parts_of
from bot.readability import grade
from bot.text import clean

MODELS = Path(assets.__file__).parent / "models" / "minilm"


@pytest.fixture(scope="session")
def matcher(assembly: Assembly) -> Matcher:
    return assembly.conversation.matcher


@pytest.fixture(scope="session")
def small(assembly: Assembly) -> list[object]:
    """Few topics, so that building again and again stays quick."""
    topics = assembly.knowledge.topics
    return [topics[name] for name in ("headache", "cost", "driving", "interactions_nsaids", "how_long")]


@lru_cache
def model() -> SentenceModel:
    return SentenceModel(assets.model_bytes(), assets.tokenizer_text())


def build(topics: list[object], scope: ScopeRules, cache: bytes | None = None) -> Matcher:
    return Matcher.build(topics, scope, model(), cache)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def small_matcher(small: list[object], assembly: Assembly) -> Matcher:
    return build(small, assembly.knowledge.scope)


# -- the model files -------------------------------------------------------------------------------------------------


def test_the_model_files_are_the_ones_the_readme_names() -> None:
    readme = (MODELS / "README.md").read_text(encoding="utf-8")
    for name in ("model.int8.onnx", "tokenizer.json"):
        assert hashlib.sha256((MODELS / name).read_bytes()).hexdigest() in readme
    assert "Apache License" in (MODELS / "LICENSE").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "scope"),
    [("thank you", "thanks"), ("cheers", "thanks"), ("bye", "goodbye"), ("sorry", "sorry"), ("hi", "greeting")],
)
def test_thanks_and_the_like_are_not_about_the_topic_spoken_of_last(matcher: Matcher, text: str, scope: str) -> None:
    assert matcher.understand(text, ("does_it_work",)).scope == scope


@pytest.mark.parametrize("text", ["why", "really?", "yes", "ok", "who says so"])
def test_what_leans_on_the_answer_before_it_is_about_its_topic(matcher: Matcher, text: str) -> None:
    found = matcher.understand(text, ("does_it_work",))

    assert [topic.id for topic in found.topics] == ["does_it_work"]
    assert matcher.understand(text).topics == ()


# -- a start that does not come to its end ---------------------------------------------------------------------------


class Laid:
    """Keeps what is laid down, and counts how often somebody had to lay it down."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.written = 0

    def read(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def write(self, key: str, body: bytes) -> None:
        self.kept[key] = body
        self.written += 1


def test_a_start_that_was_stopped_halfway_spares_the_next_one_the_reading(
    small: list[object], assembly: Assembly, small_matcher: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid = Laid()
    parts = (small, assembly.knowledge.scope, model(), None, None, laid)
    with monkeypatch.context() as stopped:
        stopped.setattr("bot.matching.matcher.fit", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            Matcher.build(*parts)  # type: ignore[arg-type]
    with monkeypatch.context() as unread:
        unread.setattr(SentenceModel, "embed_all", Mock(side_effect=AssertionError("read twice")))
        again = Matcher.build(*parts)  # type: ignore[arg-type]

    assert laid.written == 1
    assert again.cache_bytes() == small_matcher.cache_bytes()


@pytest.mark.parametrize("spoil", [lambda body: body[:-1] + b"x", lambda body: b"", lambda body: body[:200]])
def test_what_lies_there_halfway_is_not_taken_where_it_is_damaged(
    small: list[object], assembly: Assembly, small_matcher: Matcher, spoil: Callable[[bytes], bytes]
) -> None:
    laid = Laid()
    scope = assembly.knowledge.scope
    Matcher.build(small, scope, model(), None, None, laid)  # type: ignore[arg-type]
    laid.kept = {key: spoil(body) for key, body in laid.kept.items()}
    again = Matcher.build(small, scope, model(), None, None, laid)  # type: ignore[arg-type]

    assert laid.written == 2
    assert again.cache_bytes() == small_matcher.cache_bytes()


# -- answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("is a sore head usual after the drip", "headache"),
        ("can i take ibuprofen with it", "interactions_nsaids"),
        ("what does it cost", "cost"),
        ("WHAT DOES IT COST???", "cost"),
        ("waht dose it csot", "cost"),
        ("am I allowed to drive home after my infusion", "driving"),
        ("сan I drivе home аfter IVIG", "driving"),
        ("can I dr\u200bive home after IV\u200dIG", "driving"),
    ],
)
def test_a_question_is_answered_with_its_topic(matcher: Matcher, text: str, topic: str) -> None:
    understood = matcher.understand(text)

    assert understood.kind == "answer"
    assert understood.topics[0].id == topic
    assert 0.0 <= understood.topics[0].score <= 1.0


def test_every_phrase_of_a_topic_finds_its_topic(matcher: Matcher) -> None:
    chance = random.Random(3)
    topics = [topic for topic in matcher.topics.values() if chance.random() < 0.25]
    phrases = [(topic.id, phrase) for topic in topics for phrase in topic.phrases[:4]]

    missed = [(phrase, name) for name, phrase in phrases if matcher.rank(phrase)[0].topic != name]

    assert len(missed) <= 0.02 * len(phrases), missed


def test_the_winning_phrase_belongs_to_the_topic(matcher: Matcher) -> None:
    for ranked in matcher.rank("is a headache normal after the drip")[:5]:
        topic = matcher.topics[ranked.topic]
        assert ranked.phrase in (*topic.phrases, topic.title, topic.question) or ranked.phrase in topic.short


# -- out of scope and small talk -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("ivig for my dog", "animals"),
        ("what is the dose of methylprednisolone", "other_medicine"),
        ("does ocrevus make your hair fall out", "other_medicine"),
        ("headache after my iron infusion", "other_infusion"),
        ("who won the football", "everyday"),
        ("hi", "greeting"),
        ("thank you so much", "thanks"),
    ],
)
def test_what_no_topic_answers_gets_its_own_reply(matcher: Matcher, text: str, scope: str) -> None:
    understood = matcher.understand(text)

    assert understood.scope == scope
    assert understood.kind == matcher.scope.kind(scope)
    assert matcher.scope.reply(scope)


def test_asking_for_a_person_is_told_that_this_is_a_bot(matcher: Matcher) -> None:
    understood = matcher.understand("are you a real person")

    named = [score.id for score in (*understood.topics, *understood.offers)]
    assert understood.scope == "are_you_a_bot" or "bot_role" in named


@pytest.mark.parametrize("text", ["my igg is 400, is that low", "methylprednisolone dosage", "is my cat allowed ivig"])
def test_near_misses_are_never_answered_with_confidence(matcher: Matcher, text: str) -> None:
    assert matcher.understand(text).kind != "answer"


def test_small_talk_around_a_question_does_not_hide_it(matcher: Matcher) -> None:
    understood = matcher.understand("Hello there! What does IVIG cost? Thanks!")

    assert understood.kind == "answer"
    assert [score.id for score in understood.topics] == ["cost"]


def test_another_language_is_never_matched(matcher: Matcher) -> None:
    understood = matcher.understand("¿Cuánto cuesta el tratamiento y es seguro en el embarazo?")

    assert (understood.kind, understood.language) == ("nothing", "es")


# -- several questions, follow-ups, corrections ----------------------------------------------------------------------


def test_two_questions_in_one_message_get_two_answers_in_order(matcher: Matcher) -> None:
    understood = matcher.understand("How much does IVIG cost, and can I drive home after IVIG?")

    assert [score.id for score in understood.topics] == ["cost", "driving"]


def test_a_part_that_is_not_understood_is_named(matcher: Matcher) -> None:
    understood = matcher.understand("How much does IVIG cost? Can I drive home after IVIG? What about the blue zebra?")

    assert [score.id for score in understood.topics] == ["cost", "driving"]
    assert len(understood.unmatched) == 1
    assert "zebra" in understood.unmatched[0]


def test_a_follow_up_leans_on_the_topic_before(matcher: Matcher) -> None:
    understood = matcher.understand("and how long does it last?", ("headache",))

    offered = [score.id for score in (*understood.topics, *understood.offers)]
    assert "headache" in offered or "side_effects_duration" in offered


def test_a_correction_leaves_out_what_was_wrong(matcher: Matcher) -> None:
    understood = matcher.understand("no, I meant the cost", ("headache",))

    assert understood.correction
    assert "cost" in [score.id for score in (*understood.topics, *understood.offers)]
    assert "headache" not in [score.id for score in (*understood.topics, *understood.offers)]


def test_an_unknown_topic_in_the_context_is_ignored(matcher: Matcher) -> None:
    assert matcher.understand("why?", ("no_such_topic",)) == matcher.understand("why?")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("does it hurt and how long does it take", ("does it hurt", "how long does it take")),
        ("what is it? what does it cost?", ("what is it?", "what does it cost?")),
        ("fever and chills after ivig", ("fever and chills after ivig",)),
        ("can I fly, can I drive", ("can i fly", "can i drive")),
        ("why?", ("why?",)),
    ],
)
def test_a_message_is_split_where_a_new_question_begins(text: str, parts: tuple[str, ...]) -> None:
    assert parts_of(clean(text)) == parts


@pytest.mark.parametrize(
    ("text", "has_context", "meant"),
    [
        ("no, i meant the cost", True, "the cost"),
        ("sorry i meant the cost", False, "the cost"),
        ("not that, the cost", True, "the cost"),
        ("no ivig for me this month", False, None),
        ("what does it cost", True, None),
    ],
)
def test_a_correction_is_told_from_a_question(text: str, has_context: bool, meant: str | None) -> None:
    assert correction_in(text, has_context) == meant


@pytest.mark.parametrize(
    ("text", "follows"),
    [("why?", True), ("and for kids?", True), ("how long?", True), ("", False),
     ("can I have a flu vaccine a week before my infusion", False)],
)  # fmt: skip
def test_a_short_open_message_is_a_follow_up(text: str, follows: bool) -> None:
    assert is_follow_up(text) is follows


# -- the same answer every time --------------------------------------------------------------------------------------


def test_the_same_question_gets_the_same_bits_in_every_thread(matcher: Matcher) -> None:
    texts = [f"is {word} normal after ivig" for word in ("fever", "headache", "a rash", "tiredness", "nausea")]
    expected = [matcher.rank(text) for text in texts]
    found: list[object] = []

    def ask() -> None:
        found.append([matcher.rank(text) for text in texts])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [expected] * 4


def test_the_order_of_topics_changes_nothing(small: list[object], small_matcher: Matcher, assembly: Assembly) -> None:
    other = build(list(reversed(small)), assembly.knowledge.scope)

    assert other.rank("how long is the drive") == small_matcher.rank("how long is the drive")


def test_a_cache_changes_nothing_but_the_time(small: list[object], small_matcher: Matcher, assembly: Assembly) -> None:
    kept = small_matcher.cache_bytes()
    again = build(small, assembly.knowledge.scope, kept)

    assert again.cache_bytes() == kept
    for text in ("what does it cost", "headache", "who won the match", "can i drive and how long does it take"):
        assert again.rank(text) == small_matcher.rank(text)
        assert again.understand(text) == small_matcher.understand(text)


@pytest.mark.parametrize("harm", ["empty", "cut", "flipped", "other", "noise"])
def test_a_damaged_or_foreign_cache_is_made_anew(
    small: list[object], small_matcher: Matcher, assembly: Assembly, harm: str
) -> None:
    kept = small_matcher.cache_bytes()
    middle = len(kept) // 2
    harmed = {
        "empty": b"",
        "cut": kept[:middle],
        "flipped": kept[:middle] + bytes([kept[middle] ^ 1]) + kept[middle + 1 :],
        "other": build(small[:3], assembly.knowledge.scope).cache_bytes(),
        "noise": random.Random(1).randbytes(5000),
    }[harm]

    assert build(small, assembly.knowledge.scope, harmed).cache_bytes() == kept


def test_a_topic_with_one_more_phrase_is_learned_at_once(small: list[object], assembly: Assembly) -> None:
    headache = assembly.knowledge.topics["headache"]
    taught = headache.model_copy(update={"phrases": (*headache.phrases, "my skull plays drums")})
    matcher = build([taught, *small[1:]], assembly.knowledge.scope)

    assert matcher.rank("my skull plays drums")[0].topic == "headache"
    assert matcher.rank("my skull plays drums")[0].phrase == "my skull plays drums"


# -- nothing makes it fail -------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=400))
def test_no_text_makes_it_fail(small_matcher: Matcher, raw: str) -> None:
    understood = small_matcher.understand(raw)

    assert understood.kind in ("answer", "clarify", "out_of_scope", "small_talk", "nothing")
    assert (understood.kind == "answer") == bool(understood.topics)
    assert (understood.kind == "clarify") == bool(understood.offers)
    assert (understood.kind in ("out_of_scope", "small_talk")) == (understood.scope is not None)


@pytest.mark.parametrize("raw", ["", " ", "\n\n", "?!?", "...", "\u200b", "😀😀", "\x00"])
def test_a_message_without_words_is_nothing(matcher: Matcher, raw: str) -> None:
    assert matcher.understand(raw).kind == "nothing"


def test_a_hostile_message_takes_little_time(matcher: Matcher) -> None:
    chance = random.Random(8)
    hostile = [
        "and what " * 450,
        "? ".join("cost" for _ in range(700)),
        "".join(chance.choice("abcdefghij ,.?!") for _ in range(4096)),
        "a" * 4096,
        "no, " * 1000,
        "\u0301" * 4096,
    ]
    for raw in hostile:
        matcher.understand(raw)
        start = time.perf_counter()
        matcher.understand(raw)
        # Six parts of at most 128 tokens and the whole: far below this on a quiet machine.
        assert time.perf_counter() - start < 1.0


# -- the parts -------------------------------------------------------------------------------------------------------


def test_the_head_solves_the_same_as_a_plain_inverse() -> None:
    chance = np.random.default_rng(4)
    points = chance.normal(size=(600, 30))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    kernel = np.maximum(points @ points.T, 0) ** 2
    labels = chance.integers(0, 9, 600)
    ridge = chance.uniform(0.2, 1.0, 600)
    inverse = np.linalg.inv(kernel + np.diag(ridge))
    alpha = inverse @ np.eye(9)[labels]

    def rows(start: int, end: int) -> np.ndarray:
        return kernel[start:end].astype(np.float32)

    assert np.allclose(fit(lambda start, end: rows(start, end)[:, :end].copy(), labels, ridge), alpha, atol=1e-4)
    expected = np.eye(9)[labels] - alpha / np.diag(inverse)[:, None]
    assert np.allclose(left_out(rows, labels, ridge), expected, atol=1e-4)


def test_a_few_directions_say_what_all_examples_say() -> None:
    chance = np.random.default_rng(5)
    vectors = chance.normal(size=(200, 12)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    coefficients = chance.normal(size=(200, 7)).astype(np.float32)

    directions = condensed(vectors, coefficients)

    for vector in vectors[:20]:
        assert np.allclose(directions.scores(vector), np.square(vectors @ vector) @ coefficients, atol=1e-3)


def test_where_there_are_more_directions_the_strongest_are_kept() -> None:
    along = np.eye(40, dtype=np.float32)
    strength = np.linspace(1.0, 40.0, 40, dtype=np.float32)[:, None] * np.array([[1.0, -1.0]], dtype=np.float32)

    directions = condensed(along, strength)

    assert directions.scores(along[39]) == pytest.approx([40.0, -40.0])
    assert directions.scores(along[0]) == pytest.approx([0.0, 0.0], abs=1e-5)


class FullDisk(io.BytesIO):
    """A file whose disk has room for one block only."""

    def write(self, data: object, /) -> int:
        if self.tell():
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)  # type: ignore[arg-type]


@pytest.mark.parametrize("aside", [None, io.BytesIO(), FullDisk()], ids=["memory", "file", "full disk"])
def test_the_head_is_the_same_wherever_numbers_are_laid_aside(aside: io.BytesIO | None) -> None:
    chance = np.random.default_rng(7)
    points = chance.normal(size=(1300, 40)).astype(np.float32)
    labels = chance.integers(0, 5, 1300)
    ridge = np.full(1300, 3.0)

    def rows(start: int, end: int) -> np.ndarray:
        return points[start:end] @ points[:end].T

    expected = np.linalg.solve(points @ points.T + np.diag(ridge), np.eye(5)[labels])
    assert np.allclose(fit(rows, labels, ridge, aside), expected, atol=1e-3)


SAID = ["headache after the drip", "a headache", "my headache", "what does it cost", "what cost", "the cost"]


def test_an_example_is_wholly_like_itself_and_not_like_a_stranger() -> None:
    index = LexicalIndex(SAID)

    assert index.similarity("headache after the drip")[[0, 3]] == pytest.approx([1.0, 0.0], abs=0.05)
    assert not index.similarity("").any()
    assert not index.similarity("ζζζ").any()


def test_what_was_summed_up_scores_as_every_example_would() -> None:
    index = LexicalIndex(SAID)
    coefficients = np.random.default_rng(3).normal(size=(len(SAID), 4)).astype(np.float32)
    weights = index.weights(coefficients)

    for text in ("my headache costs", "the drip", "", "ζζζ", "headache headache"):
        assert weights.scores(text) == pytest.approx(index.similarity(text) @ coefficients, abs=5e-3)


def test_an_empty_index_answers_with_nothing() -> None:
    index = LexicalIndex([])

    assert index.similarity("cost").shape == (0,)
    assert not index.weights(np.zeros((0, 3), dtype=np.float32)).scores("cost").any()


def test_a_part_is_read_among_the_rest_and_the_whole_as_if_alone() -> None:
    text = "does it hurt and what does it cost"
    reading = model().read(text)
    part = reading.part(17, len(text))

    assert part is not None
    assert np.array_equal(reading.whole, model().embed(text))
    assert part @ model().embed("what does it cost") > part @ model().embed("does it hurt")
    assert reading.part(0, 0) is None


def test_spelling_mends_slips_and_keeps_everyday_words() -> None:
    spelling = Spelling(
        ["headache after the infusion", "side effects of ocrevus", "infusion headache", "ocrevus side effects"],
        frozenset({"house", "cheap"}),
        frozenset({"after"}),
    )

    assert spelling.corrected(clean("headahce aftr teh infsion").text).split()[0] == "headache"
    assert spelling.corrected("sideeffects of ocrevis") == "side effects of ocrevus"
    assert spelling.corrected("cheap house pls") == "cheap house please"


def test_a_name_is_found_in_the_singular_and_plural(assembly: Assembly) -> None:
    scope = assembly.knowledge.scope

    assert {group.scope for _, group in scope.foreign_names(normal("is ivig ok for dogs"))} == {"animals"}
    assert scope.foreign_names(normal("can i have ivig and ocrevus")) == ()
    assert speaks_of({"statins"}, "statin")


def test_scope_rules_refuse_names_that_lead_nowhere(assembly: Assembly) -> None:
    plain = assembly.knowledge.scope.model_dump()
    plain["names"][0]["scope"] = "nowhere"

    with pytest.raises(ValidationError, match="nowhere"):
        ScopeRules.model_validate(plain)


def test_every_reply_outside_scope_is_easy_to_read(assembly: Assembly) -> None:
    hard = [scope.id for scope in assembly.knowledge.scope.classes if grade(scope.reply) > 6]

    assert hard == []


def test_typing_errors_are_the_same_for_the_same_seed() -> None:
    text = "how long does the headache last"

    assert with_typos(text, 2, 7) == with_typos(text, 2, 7)
    assert sum(a != b for a, b in zip(text.split(), with_typos(text, 2, 7).split(), strict=True)) == 2
    assert with_typos("a b c", 2, 7) == "a b c"

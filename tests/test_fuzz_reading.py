"""Whatever is typed or saved, the readers read it or say what is wrong with it: no other error, no other promise."""

import json
import os
import random
import shutil
import unicodedata
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.config import Settings, load_settings
from bot.conversation import Conversation
from bot.knowledge import load
from bot.languages import language_of
from bot.library import Knowledge
from bot.model import Level, Question, Topic
from bot.quantities import read
from bot.readability import grade
from bot.strictyaml import FaultyFiles, Problem, read_bytes, validate
from bot.text import clean, sentences, words
from tests.conftest import NOON

ROOT = Path(__file__).resolve().parent.parent
KNOWLEDGE = ROOT / "knowledge"
TODAY = date(2026, 11, 24)
OFTEN = settings(max_examples=300, deadline=None, database=None, derandomize="IVIG_BOT_FUZZ_STEPS" not in os.environ)
RARELY = settings(OFTEN, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])

# Text as people, phones and attackers make it.
ANY_TEXT = st.one_of(
    st.text(max_size=300),
    st.text(alphabet="abc 123.,/kg'\"!?-½²٧७\u200b\u202e\u0301\u0345\ufb01\ufdfaßİıſΣς", max_size=120),
    st.lists(
        st.sampled_from(
            ["70 kg", "0.4", "g/kg", "1.000", "1½", "10²", "٧٠", "70,5", "1e9", "--", "1/0", "0/0", "½½", "1 1/2",
             "5'4\"", "12:30", "31/02/2026", "2026-13-45", "nan", "inf", "-0", "9" * 400, "two hundred", "every",
             "weeks", "$", "€1,2,3"]
        ),
        max_size=8,
    ).map(" ".join),
)  # fmt: skip


# -- the normal form -----------------------------------------------------------------------------------------------


@OFTEN
@given(ANY_TEXT)
@example("İ" * 50)
@example("ﷺ½")
@example("a\u0345b")
def test_the_normal_form_keeps_the_place_of_every_letter(raw: str) -> None:
    cleaned = clean(raw)

    assert len(cleaned.places) == len(cleaned.text)
    assert all(0 <= place < len(raw) for place in cleaned.places)
    assert list(cleaned.places) == sorted(cleaned.places)
    assert all(unicodedata.category(character) not in ("Cc", "Cf", "Cs") for character in cleaned.text)
    assert "  " not in cleaned.text
    assert cleaned.text == cleaned.text.strip()
    assert clean(cleaned.text).text == cleaned.text


@OFTEN
@given(ANY_TEXT)
def test_words_and_sentences_stand_where_they_say(raw: str) -> None:
    cleaned = clean(raw)

    for found in (words(cleaned.text), sentences(cleaned)):
        for piece in found:
            assert cleaned.text[piece.start : piece.end] == piece.text
            start, end = cleaned.raw_span(piece.start, piece.end)
            assert 0 <= start < end <= len(raw)
        assert [piece.start for piece in found] == sorted(piece.start for piece in found)


@OFTEN
@given(ANY_TEXT)
def test_a_language_is_one_of_those_we_know_or_none(raw: str) -> None:
    known = {"en", "es", "fr", "de", "pt", "it", "nl", "pl", "ar", "hi", "zh", "other", None}

    assert language_of(raw) in known


# -- amounts -------------------------------------------------------------------------------------------------------


@OFTEN
@given(ANY_TEXT)
@example("1/0 kg")
@example("9" * 5000 + " kg")
@example("²/₃ kg and ⅞⅞")
def test_every_amount_read_is_a_finite_exact_number(raw: str) -> None:
    for found in read(raw).found:
        assert 0 <= found.start < found.end
        for quantity in found.readings:
            assert isinstance(quantity.value, Decimal)
            assert quantity.value.is_finite()
            assert quantity.text.strip()


@OFTEN
@given(st.integers(1, 399), st.integers(0, 99), st.sampled_from(["kg", " kg", " kilos", " kilograms"]))
def test_a_plain_weight_is_read_as_it_stands(whole: int, hundredths: int, unit: str) -> None:
    number = f"{whole}.{hundredths:02d}".rstrip("0").rstrip(".")
    (found,) = read(f"i weigh {number}{unit} now").found

    assert found.is_clear
    assert found.quantity.to("kg").value == Decimal(number)


# -- triage --------------------------------------------------------------------------------------------------------


@OFTEN
@given(ANY_TEXT)
def test_triage_reads_anything_and_points_into_the_text(conversation: Conversation, raw: str) -> None:
    assessment = conversation.triage.assess(raw)

    assert assessment.level in Level
    assert (assessment.level == Level.NONE) == (assessment.pathway is None)
    for sign in assessment.signs:
        assert 0 <= sign.start < sign.end <= len(raw)
        assert raw[sign.start : sign.end] == sign.words


@OFTEN
@given(ANY_TEXT, ANY_TEXT)
def test_nothing_around_an_emergency_hides_it(conversation: Conversation, before: str, after: str) -> None:
    for words_of_need in ("I can't breathe", "I want to kill myself", "my face is drooping on one side"):
        message = f"{before}\n\n{words_of_need}.\n\n{after}"

        assert conversation.triage.assess(message).level == Level.EMERGENCY, message


@pytest.mark.parametrize("length", [4_000, 20_000, 100_000])
@pytest.mark.parametrize("place", ["first", "last"])
def test_an_emergency_is_found_in_a_very_long_message(conversation: Conversation, length: int, place: str) -> None:
    story = ("we drove to the clinic and talked about the weather and the garden. " * (length // 66))[:length]
    need = "I can't breathe and my throat is closing."
    message = f"{need}\n{story}" if place == "first" else f"{story}\n{need}"

    assert conversation.reply(Question(text=message, now=NOON)).level == Level.EMERGENCY


# -- files ---------------------------------------------------------------------------------------------------------

TOPIC = (KNOWLEDGE / "topics" / "side_effects" / "headache.yaml").read_bytes()
BITS = [
    b"- ", b": ", b"\n", b"  ", b"\t", b"[", b"]", b"{", b"}", b"&a", b"*a", b"!!python/object:os.system", b"|", b">-",
    b"#", b"'", b'"', b"\\", b"<<: *x", b"---\n", b"...", b"yes", b"12:30", b"010", b".nan", b"1e999", b"null", b"~",
    b"\xff", b"\x00", b"\xc3\x28", b"\xef\xbb\xbf", "\u2028".encode(), b"%YAML 1.2\n", b"? ", b"2026-02-30",
    b"short: again\n",
]  # fmt: skip


def spoiled(content: bytes, seed: int, times: int) -> bytes:
    """A file after some slips of the hand: bytes lost, doubled, moved, or put in from elsewhere."""
    dice = random.Random(seed)
    for _ in range(times):
        at = dice.randrange(len(content) + 1)
        length = dice.choice((1, 1, 3, 20, 200))
        content = dice.choice((
            content[:at] + content[at + length :],
            content[:at] + dice.choice(BITS) + content[at:],
            content[:at] + content[at : at + length] * 2 + content[at + length :],
            content[:at] + bytes(dice.randrange(256) for _ in range(3)) + content[at:],
        ))  # fmt: skip
    return content


@settings(OFTEN, max_examples=600)
@given(st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(BITS), max_size=25).map(b"".join)))
def test_any_bytes_are_content_or_faults_with_a_line(raw: bytes) -> None:
    document = read_bytes(raw, "x.yaml")

    assert (document.content is not None) or document.problems
    lines = raw.count(b"\n") + raw.count(b"\r") + raw.count(b"\xe2\x80") + raw.count(b"\xc2\x85") + 1
    for problem in document.problems:
        assert problem.path == "x.yaml"
        assert 1 <= problem.line <= lines + 1
        assert problem.what


@settings(OFTEN, max_examples=600)
@given(st.integers(0, 2**32), st.integers(1, 6))
def test_a_spoiled_topic_is_a_topic_or_faults(seed: int, times: int) -> None:
    document = read_bytes(spoiled(TOPIC, seed, times), "headache.yaml")
    topic = validate(Topic, document, {"id": "headache", "chapter": "side_effects"})

    assert (topic is None) == bool(document.problems)
    if topic is not None:
        assert len(topic.says) >= 1
        assert all(claim.cite for claim in topic.says)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy") / "knowledge"
    shutil.copytree(KNOWLEDGE, folder)
    return folder


@RARELY
@given(number=st.integers(0, 10_000), seed=st.integers(0, 2**32), times=st.integers(1, 4))
def test_a_folder_with_a_spoiled_file_loads_whole_or_names_that_file(
    copy: Path, number: int, seed: int, times: int
) -> None:
    files = sorted(copy.rglob("*.yaml"))
    file = files[number % len(files)]
    sound = file.read_bytes()
    file.write_bytes(spoiled(sound, seed, times))
    try:
        knowledge, problems = loaded(copy)
    finally:
        file.write_bytes(sound)

    assert (knowledge is None) == bool(problems)
    assert all(problem.line >= 1 and problem.what for problem in problems)
    if knowledge is not None:
        assert set(knowledge.topics) == {path.stem for path in (copy / "topics").rglob("*.yaml")}


def loaded(folder: Path) -> tuple[Knowledge | None, list[Problem]]:
    """The knowledge of a folder, or its faults; any other error is one of ours."""
    try:
        return load(folder, TODAY), []
    except FaultyFiles as faulty:
        return None, faulty.problems


@pytest.mark.parametrize("name", ["menu.yaml", "sources.yaml", "dosing.yaml", "triage.yaml", "sums.yaml", "topics"])
def test_a_folder_without_a_part_is_refused_with_faults(copy: Path, name: str, tmp_path: Path) -> None:
    (copy / name).rename(tmp_path / "aside")
    try:
        with pytest.raises(FaultyFiles) as refused:
            load(copy, TODAY)
        assert refused.value.problems
    finally:
        (tmp_path / "aside").rename(copy / name)


@RARELY
@given(seed=st.integers(0, 2**32), times=st.integers(1, 4))
def test_spoiled_settings_are_settings_or_faults(tmp_path: Path, seed: int, times: int) -> None:
    file = tmp_path / "config.yaml"
    file.write_bytes(spoiled((ROOT / "config.yaml").read_bytes(), seed, times))
    problems = []
    try:
        found = load_settings(file)
    except FaultyFiles as faulty:
        found, problems = None, faulty.problems

    assert isinstance(found, Settings) or problems


@OFTEN
@given(ANY_TEXT)
def test_any_text_has_a_reading_grade(text: str) -> None:
    measured = grade(text)

    assert isinstance(measured, float)
    assert measured == measured  # not NaN, which JSON cannot hold
    json.dumps(measured, allow_nan=False)

"""What a message looks like after cleaning, and which misspellings are mended."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import Cleaned, Speller, clean, sentences, spelled_out, words


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Is IVIG Safe?", "is ivig safe?"),
        ("  two   spaces\tand tabs \n", "two spaces and tabs"),
        ("Müdigkeit, fièvre, señal", "mudigkeit, fievre, senal"),
        ("can’t ‘quote’ “this”", "can't 'quote' \"this\""),
        ("I\u200bV\u200dI\ufeffG", "ivig"),
        ("\u202egivi\u202c", "givi"),
        ("ch\u0000est pa\u0007in", "chest pain"),
        ("сhеst раin", "chest pain"),
        ("ＩＶＩＧ １２", "ivig 12"),
        ("half ½, 1½ and ¾", "half 1/2, 1 1/2 and 3/4"),
        ("10² and CO₂", "10² and co₂"),
        ("привет", "привет"),
        ("c\u0301\u0302\u0303\u0304hest", "chest"),
        ("70㎏ and 5µg", "70kg and 5μg"),
        ("wait…what — no", "wait...what - no"),
        ("\ud800lone", "lone"),
        ("", ""),
        ("\u200b\u200b", ""),
    ],
)
def test_a_message_is_folded_to_its_normal_form(raw: str, expected: str) -> None:
    assert expected == clean(raw).text


@given(st.text(max_size=200))
def test_every_kept_character_knows_its_place_and_cleaning_again_changes_nothing_but_marks(raw: str) -> None:
    cleaned = clean(raw)

    assert len(cleaned.text) == len(cleaned.places)
    assert all(0 <= place < len(raw) for place in cleaned.places)
    assert list(cleaned.places) == sorted(cleaned.places)
    assert cleaned.text == cleaned.text.strip(" ")
    assert "  " not in cleaned.text


@given(st.text(max_size=200))
def test_words_and_sentences_stand_where_they_say(raw: str) -> None:
    cleaned = clean(raw)
    for piece in (*words(cleaned.text), *sentences(cleaned)):
        assert cleaned.text[piece.start : piece.end] == piece.text


def test_a_word_leads_back_to_what_was_typed() -> None:
    raw = "My  Сhest\u200b hurts"
    cleaned = clean(raw)
    chest = words(cleaned.text)[1]

    assert chest.text == "chest"
    start, end = cleaned.raw_span(chest.start, chest.end)
    assert raw[start:end] == "Сhest"


def test_words_keep_apostrophes_and_decimal_numbers_whole() -> None:
    assert [
        word.text for word in words("can't take 0.4 g or 1,000 mg - b12!")
    ] == ["can't", "take", "0.4", "g", "or", "1,000", "mg", "b12"]


def test_hindi_and_arabic_words_are_not_cut_at_their_vowel_signs() -> None:
    assert [word.text for word in words(clean("मुझे दर्द").text)] == ["मुझे", "दर्द"]


def test_sentences_end_at_marks_and_new_lines_but_not_inside_numbers_or_after_dr() -> None:
    cleaned = clean("Is 0.4 g ok? dr. Smith says no.\nAnd the cost\nthanks")

    assert [
        sentence.text for sentence in sentences(cleaned)
    ] == ["is 0.4 g ok?", "dr. smith says no.", "and the cost", "thanks"]


def test_chat_spellings_are_written_out_and_other_words_stay() -> None:
    assert [spelled_out(word) for word in ("pls", "u", "headache")] == ["please", "you", "headache"]


@pytest.fixture(scope="module")
def speller() -> Speller:
    vocabulary = {"headache": 40, "infusion": 90, "ocrevus": 8, "kidney": 20, "immunoglobulin": 9, "drip": 30,
                  "chest": 10, "tired": 12, "really": 3, "good": 5}  # fmt: skip
    return Speller(vocabulary, known=("cheat", "dropped", "trip"))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("headahce", "headache"),
        ("hedache", "headache"),
        ("infussion", "infusion"),
        ("ocrevis", "ocrevus"),
        ("kidny", "kidney"),
        ("imunoglobulin", "immunoglobulin"),
        ("immunogloblin", "immunoglobulin"),
        ("tiiiiired", "tired"),
        ("goooood", "good"),
        ("realllly", "really"),
    ],
)
def test_a_misspelt_word_is_mended(speller: Speller, typed: str, meant: str) -> None:
    assert meant == speller.correct(typed)


@pytest.mark.parametrize("typed", ["cheat", "trip", "headache", "drp", "ivg", "zebra", "", "'", "x" * 999])
def test_a_known_short_or_far_word_is_left_alone(speller: Speller, typed: str) -> None:
    assert speller.correct(typed) is None


def test_an_empty_vocabulary_corrects_nothing() -> None:
    assert Speller(()).correct("headahce") is None


def test_time_grows_in_line_with_a_hostile_message(speller: Speller) -> None:
    chance = random.Random(5)
    hostile = "".join(chance.choice("abсе \u0301\u200b½½.?\n'ﷺаzzz") for _ in range(4096))

    def seconds(raw: str) -> float:
        start = time.perf_counter()
        cleaned = clean(raw)
        sentences(cleaned)
        for word in words(cleaned.text):
            speller.correct(word.text)
        return time.perf_counter() - start

    seconds(hostile)
    assert min(seconds(hostile) for _ in range(5)) < 0.05
    assert min(seconds(hostile * 4) for _ in range(3)) < 12 * min(seconds(hostile) for _ in range(3))


def test_a_plain_message_takes_the_short_way_with_the_same_result() -> None:
    raw = "Can I fly after IVIG?"

    assert Cleaned(raw.lower(), range(len(raw))) == clean(raw)
    assert clean(raw + "\n").text == clean(raw).text

"""The reading grade agrees with published values and behaves at the edges."""

import pytest

from bot.readability import grade, read, syllables


@pytest.mark.parametrize(
    ("text", "published"),
    [
        # Both worked examples are in the public literature on the formula; the second counts 24 syllables.
        ("The cat sat on the mat.", -1.45),
        ("The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.", 11.3),
    ],
)
def test_the_grade_is_the_published_one(text: str, published: float) -> None:
    measured = round(grade(text), 2)

    assert measured == pytest.approx(published, abs=0.05)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("immunoglobulin", 6),
        ("kidney", 2),
        ("hours", 1),
        ("bottles", 2),
        ("called", 1),
        ("doses", 2),
        ("table", 2),
        ("MS", 2),
        ("MRI", 3),
        ("IVIG", 2),
        ("400", 1),
        ("x-ray", 2),
        ("doctor's", 2),
        ("diabetes", 4),
        ("a", 1),
    ],
)
def test_syllables_of_the_words_we_use(word: str, expected: int) -> None:
    counted = syllables(word)

    assert counted == expected


def test_a_text_without_words_is_grade_zero() -> None:
    grades = [grade(""), grade("..."), grade("🙂\n")]

    assert grades == [0.0, 0.0, 0.0]


def test_a_placeholder_is_one_word_and_a_line_end_ends_a_sentence() -> None:
    reading = read("You get {five_day_course.dose}\nThen you rest.")

    assert (reading.words, reading.sentences) == (6, 2)

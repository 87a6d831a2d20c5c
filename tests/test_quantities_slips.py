"""Amounts a slip of the pen or of the program would read as something else: each near miss beside its neighbour."""

from decimal import Decimal

import pytest

from bot.quantities import Doubt, Kind, Quantity, read
from bot.quantities.dates import exists

ONES = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def only(text: str, kind: Kind) -> Quantity:
    (found,) = read(text).of(kind)
    return found.quantity


@pytest.mark.parametrize(("word", "value"), [(word, number) for number, word in enumerate(ONES, 1)])
def test_every_small_number_in_words_is_its_number(word: str, value: int) -> None:
    assert only(f"{word} grams", Kind.MASS) == Quantity(Decimal(value), "g")
    assert only(f"one hundred and {word} pounds", Kind.MASS) == Quantity(Decimal(100 + value), "lb")


@pytest.mark.parametrize(("word", "value"), [(word, number * 10) for number, word in enumerate(TENS, 2)])
def test_every_ten_in_words_is_its_number_alone_and_with_its_ones(word: str, value: int) -> None:
    assert only(f"{word} kilos", Kind.MASS) == Quantity(Decimal(value), "kg")
    for place, one in enumerate(ONES[:9], 1):
        assert only(f"{word}-{one} kilos", Kind.MASS) == Quantity(Decimal(value + place), "kg")
        assert only(f"{word} {one} kilos", Kind.MASS) == Quantity(Decimal(value + place), "kg")


@pytest.mark.parametrize("hundreds", range(1, 10))
def test_hundreds_go_from_one_to_nine(hundreds: int) -> None:
    expected = Quantity(Decimal(hundreds * 100), "mg")

    assert only(f"{ONES[hundreds - 1]} hundred mg", Kind.MASS) == expected
    assert only(f"{hundreds} hundred mg", Kind.MASS) == expected


def test_a_half_without_a_unit_is_a_number_and_no_ratio() -> None:
    assert only("1/2", Kind.NUMBER) == Quantity(Decimal("0.5"), "")
    assert read("120/80").of(Kind.NUMBER) == ()


def test_a_date_has_one_kind_of_mark() -> None:
    assert read("3-11/2026").of(Kind.DATE) == ()
    assert len(read("3/11/2026").of(Kind.DATE)) == 1
    assert len(read("3-11-2026").of(Kind.DATE)) == 1


def test_a_date_is_read_where_it_stands_alone_and_where_it_ends_the_text() -> None:
    for text in ("11/03", "on 11/03", "11/03 please"):
        (found,) = read(text).of(Kind.DATE)

        assert found.doubt == Doubt.DATE_ORDER
        assert [(day.month, day.day) for day in found.days] == [(11, 3), (3, 11)]
    assert read("11 /03").of(Kind.DATE) == ()
    assert read("11/ 03").of(Kind.DATE) == ()


def test_metres_are_a_height_only_between_one_and_three() -> None:
    assert only("1.63 m", Kind.LENGTH) == Quantity(Decimal("1.63"), "m")
    assert only("1m63", Kind.LENGTH) == Quantity(Decimal(163), "cm")
    assert [each.quantity.text for each in read("1m 63 kg").found] == ["1 m", "63 kg"]
    for text in ("0.5 m", "3 m", "30 m"):
        assert read(text).of(Kind.LENGTH) == () or "cm" not in read(text).of(Kind.LENGTH)[0].quantity.unit
    assert read("0.5 m").of(Kind.LENGTH) == ()


@pytest.mark.parametrize("text", ["5'12\"", "5 ft 12 in", "6'13\""])
def test_more_inches_than_a_foot_has_are_not_dropped_in_silence(text: str) -> None:
    (found,) = read(text).of(Kind.LENGTH)

    assert found.doubt == Doubt.BROKEN


@pytest.mark.parametrize(("inches", "total"), [(0, 60), (1, 61), (11, 71)])
def test_every_inch_of_a_foot_counts(inches: int, total: int) -> None:
    assert only(f"5'{inches}\"", Kind.LENGTH) == Quantity(Decimal(total), "ft in")
    assert only(f"5 ft {inches}", Kind.LENGTH) == Quantity(Decimal(total), "ft in")


@pytest.mark.parametrize(("pounds", "total"), [(0, 154), (1, 155), (13, 167)])
def test_every_pound_of_a_stone_counts(pounds: int, total: int) -> None:
    assert only(f"11 stone {pounds}", Kind.MASS) == Quantity(Decimal(total), "st lb")
    assert only(f"11st{pounds}lb", Kind.MASS) == Quantity(Decimal(total), "st lb")


def test_fourteen_pounds_make_another_stone_and_are_not_read() -> None:
    (found,) = read("11 st 14 lb").of(Kind.MASS)

    assert found.doubt == Doubt.BROKEN


def test_a_year_after_weight_is_no_weight_and_a_weight_after_in_is_one() -> None:
    assert read("my weight in 1950").of(Kind.MASS) == ()
    (found,) = read("I weigh in at 154").of(Kind.MASS)
    assert [reading.text for reading in found.readings] == ["154 kg", "154 lb"]
    (found,) = read("I weigh in 154").of(Kind.MASS)
    assert found.doubt == Doubt.UNIT
    (found,) = read("my weight is 1950").of(Kind.MASS)
    assert found.doubt == Doubt.UNIT


def test_a_long_number_alone_is_a_number_and_with_a_plus_a_telephone() -> None:
    assert len(read("5551234567").of(Kind.NUMBER)) == 1
    assert read("+5551234567").of(Kind.NUMBER) == ()


def test_a_price_without_a_currency_is_printed_without_a_gap() -> None:
    assert only("98 a gram", Kind.PRICE).text == "98/g"
    assert only("$98 a gram per kilo", Kind.PRICE).text == "$98/g"


@pytest.mark.parametrize(
    ("year", "month", "day", "there"),
    [
        (2026, 2, 29, False), (2028, 2, 29, True), (None, 2, 29, True), (None, 2, 30, False), (2026, 4, 31, False),
        (2026, 12, 31, True), (2026, 13, 1, False), (2026, 0, 1, False), (2026, 1, 0, False), (1900, 1, 1, True),
        (1899, 12, 31, False), (2199, 12, 31, True), (2200, 1, 1, False),
    ],
)  # fmt: skip
def test_a_day_is_in_the_calendar_or_not(year: int | None, month: int, day: int, there: bool) -> None:
    assert exists(year, month, day) is there


def test_a_gram_per_kilo_is_one_wherever_it_stands_and_none_behind_a_price() -> None:
    for text in ("a gram per kilo", "I get a gram per kilo", "so, a gram per kilo a day"):
        assert only(text, Kind.MASS_PER_MASS) == Quantity(Decimal(1), "g/kg")
    assert read("$98 a gram per kilo").of(Kind.MASS_PER_MASS) == ()

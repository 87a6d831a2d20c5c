"""How amounts are turned into other units and printed: exactly, and so that they cannot be misread."""

from datetime import date
from decimal import Decimal

import pytest

from bot.quantities import POUND_IN_KG, Quantity, QuantityError, every, figure, rounded
from bot.quantities.printing import amount, count, day, hours, listed, money, number, rounded_down, rounded_up, weekday


def test_a_pound_is_exact_and_halves_round_up() -> None:
    assert Decimal("0.45359237") == POUND_IN_KG
    assert Quantity(Decimal(154), "lb").to("kg").value == Decimal("69.85322498")
    assert Quantity(Decimal(1), "st").to("lb").value == 14
    assert Quantity(Decimal(158), "st lb").to("lb").value == 158
    assert Quantity(Decimal(64), "ft in").to("cm").value == Decimal("162.56")
    assert rounded(Decimal("32.5"), 0) == 33
    assert rounded(Decimal("0.125")) == Decimal("0.13")
    assert rounded_down(Decimal("3.996")) == Decimal("3.99")
    assert rounded_up(Decimal("2.01")) == 3


@pytest.mark.parametrize(
    ("quantity", "unit", "expected"),
    [
        ("1 g", "mg", "1000"),
        ("400 mg/kg", "g/kg", "0.4"),
        ("1 g/lb", "g/kg", "2.20462262184877580722973801345027"),
        ("5 L", "mL", "5000"),
        ("1 L/h", "mL/min", "16.66666666666666666666666666666666666667"),
        ("2 week", "day", "14"),
        ("1 year", "month", "12"),
    ],
)
def test_an_amount_in_another_unit(quantity: str, unit: str, expected: str) -> None:
    value, _, given = quantity.partition(" ")

    assert f"{Quantity(Decimal(value), given).to(unit).value:f}".startswith(expected[:30])


@pytest.mark.parametrize(
    ("unit", "wanted"), [("kg", "cm"), ("g/kg", "g"), ("g", "g/kg"), ("", "kg"), ("g/kg", "g/mL"), ("month", "day")]
)
def test_what_cannot_be_turned_into_another_unit_is_refused(unit: str, wanted: str) -> None:
    with pytest.raises(QuantityError):
        Quantity(Decimal(1), unit).to(wanted)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("70.0", "kg", "70 kg"),
        ("0.5", "g/kg", "0.5 g/kg"),
        ("7000", "g", "7,000 g"),
        ("0.046", "g", "0.046 g"),
        ("0.0004567", "g", "0.00046 g"),
        ("8.73125", "g", "8.73125 g"),
        ("8.731251", "g", "8.73 g"),
        ("0", "g", "0 g"),
        ("1", "day", "1 day"),
        ("5", "day", "5 days"),
        ("1.5", "h", "1.5 hours"),
        ("10", "%", "10%"),
        ("98", "money:$", "$98"),
        ("98.5", "money:GBP/g", "£98.50/g"),
        ("3", "CHF", "3 CHF"),
        ("1E+20", "kg", "a number with too many digits kg"),
        ("NaN", "kg", "a number with too many digits kg"),
        ("1E+20", "%", "a number with too many digits"),
        ("1E+30", "money:$", "a number with too many digits"),
        ("12", "st", "12 stone"),
        ("158", "st lb", "11 stone 4 lb"),
        ("154", "st lb", "11 stone"),
        ("13.5", "st lb", "13.5 lb"),
        ("-158", "st lb", "-11 stone 4 lb"),
        ("0", "st lb", "0 lb"),
        ("NaN", "st lb", "a number with too many digits st lb"),
        ("1E+12", "ft in", "a number with too many digits ft in"),
        ("64", "ft in", "5 feet 4 inches"),
        ("13", "ft in", "1 foot 1 inch"),
        ("72", "ft in", "6 feet"),
        ("11.5", "ft in", "11.5 inches"),
        ("1234567", "day", "1,234,567 days"),
        ("1E-20", "g", "0 g"),
        ("-0.001", "kg", "-0.001 kg"),
        ("70", "", "70"),
    ],
)
def test_an_amount_in_print(value: str, unit: str, expected: str) -> None:
    assert Quantity(Decimal(value), unit).text == expected


def test_a_day_in_print_is_read_the_same_way_everywhere() -> None:
    assert day(date(2026, 11, 3)) == "3 November 2026"
    assert [weekday(date(2026, 11, 2 + number)).partition(" ")[0] for number in range(7)] == [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ]
    assert [day(date(2026, month, 1)).split()[1][:3] for month in range(1, 13)] == (
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    )


def test_numbers_money_times_and_lists_in_print() -> None:
    assert [number(Decimal(text)) for text in ("70.00", "1234.50", "-0.0", "100")] == ["70", "1,234.5", "0", "100"]
    assert number(7) == "7"
    assert amount(10, "%") == "10%"
    assert amount(10, "g") == "10 g"
    assert [money(Decimal(text), "USD") for text in ("6985", "6985.5", "0.005")] == ["$6,985", "$6,985.50", "$0.01"]
    assert money(Decimal("1.5"), "PLN") == "1.50 PLN"
    assert money(Decimal("-98"), "$") == "-$98"
    assert money(Decimal("90"), "") == "90"
    assert [money(Decimal(1), sign) for sign in ("$", "GBP", "EUR", "CAD", "AUD", "NZD")] == [
        "$1",
        "£1",
        "€1",
        "C$1",
        "A$1",
        "NZ$1",
    ]
    assert [hours(Decimal(text)) for text in ("0", "1", "59.1", "60", "61", "125", "60000")] == [
        "0 minutes",
        "1 minute",
        "1 hour",
        "1 hour",
        "1 hour 1 minute",
        "2 hours 5 minutes",
        "1,000 hours",
    ]
    assert [count(value, "bottle") for value in (1, 2, 1000)] == ["1 bottle", "2 bottles", "1,000 bottles"]
    assert [listed(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert listed(["a", "b"], "or") == "a or b"
    assert figure(Decimal("0.099")) == "0.099"
    assert figure(Decimal("0.1049")) == "0.1049"
    assert figure(Decimal("0.1049999")) == "0.1"
    assert [every(Quantity(Decimal(value), "week")) for value in (1, 3)] == ["every week", "every 3 weeks"]

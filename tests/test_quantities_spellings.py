"""Every spelling that is understood, one by one: a word lost from a list would be a message misread."""

from decimal import Decimal

import pytest

from bot.quantities import Kind, Quantity, read

SEVEN = Decimal(7)
UNITS = {
    "kg": "kg kgs kilo kilos kilogram kilograms kilogramm kilogramme kilogrammes kilogramo kilogramos kgm kgms",
    "g": "g gm gms gr gram grams gramm gramme grammes grs",
    "mg": "mg mgs mgm milligram milligrams milligramme milligrammes milligramm",
    "mcg": "mcg ug microgram micrograms microgramme microgrammes",
    "lb": "lb lbs pound pounds lbm",
    "st": "stone stones st",
    "oz": "oz ounce ounces",
    "mL": "ml mls millilitre millilitres milliliter milliliters cc ccs",
    "dL": "dl decilitre decilitres deciliter deciliters",
    "L": "litre litres liter liters",
    "cm": "cm cms centimetre centimetres centimeter centimeters",
    "mm": "mm millimetre millimetres millimeter millimeters",
    "in": "inch inches",
    "min": "min mins minute minutes",
    "h": "h hr hrs hour hours",
    "day": "day days dy dys",
    "week": "wk wks week weeks",
    "month": "mo mos mth mths month months mnth mnths",
    "year": "yr yrs year years",
    "infusion": "infusion infusions treatment treatments session sessions dose doses visit visits cycle cycles",
}
GLUED = {"L": "l", "m": "m metre metres meter meters", "day": "d", "week": "w", "year": "y"}
JOINED = {
    "mg/kg": "mgkg", "g/kg": "gkg", "mL/h": "mlh mlhr", "mL/kg/h": "mlkgh", "mg/kg/min": "mgkgmin", "mg/mL": "mgml",
}  # fmt: skip
BEFORE = {
    "USD": "us$ usd", "AUD": "a$ au$ aud", "CAD": "c$ ca$ cad", "NZD": "nz$ nzd", "EUR": "€ eur", "GBP": "£ gbp",
    "$": "$", "INR": "₹ rs",
}  # fmt: skip
AFTER = {
    "$": "$ dollar dollars bucks", "EUR": "€ euro euros eur", "GBP": "£ gbp quid", "USD": "usd", "CAD": "cad",
    "AUD": "aud", "NZD": "nzd", "PLN": "zloty pln", "CHF": "chf francs", "SEK": "sek", "NOK": "nok", "DKK": "dkk",
    "INR": "rupees inr", "JPY": "yen jpy",
}  # fmt: skip
MONTHS = [
    "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
    "september sept sep", "october oct", "november nov", "december dec",
]  # fmt: skip
ROLES = {
    "over": "over across spread within", "for": "for during on", "in": "in", "after": "after", "times": "x times",
    "first": "first",
}  # fmt: skip
INTERVALS = {
    ("1", "week"): "weekly", ("2", "week"): "fortnightly", ("1", "month"): "monthly", ("1", "year"): "yearly annually",
    ("3", "month"): "quarterly", ("2", "month"): "bimonthly", ("1", "day"): "daily",
}  # fmt: skip


def spelt(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(spelling, meant) for meant, spellings in table.items() for spelling in spellings.split()]


@pytest.mark.parametrize(("spelling", "unit"), spelt(UNITS))
def test_every_spelling_of_a_unit(spelling: str, unit: str) -> None:
    (found,) = read(f"about 7 {spelling}").found

    assert found.quantity == Quantity(SEVEN, unit)


@pytest.mark.parametrize(("spelling", "unit"), [each for each in spelt(GLUED) if each[1] != "m"])
def test_a_single_letter_is_a_unit_where_it_is_glued(spelling: str, unit: str) -> None:
    assert read(f"7{spelling}").found[0].quantity == Quantity(SEVEN, unit)
    assert read(f"7 {spelling}").found[0].kind == Kind.NUMBER


def test_metres_in_every_spelling_and_feet() -> None:
    for spelling in GLUED["m"].split():
        assert read(f"1.7 {spelling}").found[0].quantity.to("cm").value == 170
    for spelling in ("ft", "foot", "feet"):
        assert read(f"6 {spelling}").found[0].quantity == Quantity(Decimal(72), "ft in")


@pytest.mark.parametrize(("spelling", "unit"), spelt(JOINED))
def test_units_that_lost_their_strokes(spelling: str, unit: str) -> None:
    assert read(f"7 {spelling}").found[0].quantity == Quantity(SEVEN, unit)


@pytest.mark.parametrize("per", ["/", " per ", " pro ", " each ", " every ", " p ", " a ", " per single ", " per one "])
def test_every_word_for_a_stroke(per: str) -> None:
    assert read(f"7 mg{per}kg").found[0].quantity == Quantity(SEVEN, "mg/kg")


@pytest.mark.parametrize(
    "behind",
    ["of body weight", "of my body weight", "of the body", "bw", "bodyweight", "lean body", "b", "of your weight"],
)
def test_every_word_for_the_body(behind: str) -> None:
    (found,) = read(f"7 mg/kg {behind}").found

    assert found.quantity == Quantity(SEVEN, "mg/kg")
    assert found.end == len(f"7 mg/kg {behind}")
    assert read(f"7 mg/kg {behind} x 5").found[-1].quantity.value == 5


@pytest.mark.parametrize(
    ("word", "per"),
    [("daily", "day"), ("weekly", "week"), ("monthly", "month"), ("yearly", "year"), ("annually", "year")],
)
def test_a_dose_is_counted_by_what_stands_behind_it(word: str, per: str) -> None:
    (found,) = read(f"7 g {word}").found

    assert (found.quantity, found.per) == (Quantity(SEVEN, "g"), per)
    assert read("7 mL hourly").found[0].quantity == Quantity(SEVEN, "mL/h")


@pytest.mark.parametrize(("sign", "currency"), spelt(BEFORE))
def test_every_currency_in_front(sign: str, currency: str) -> None:
    assert read(f"{sign} 7" if len(sign) == 3 and sign.isalpha() else f"{sign}7").found[0].quantity == Quantity(
        SEVEN, f"money:{currency}"
    )


@pytest.mark.parametrize(("word", "currency"), spelt(AFTER))
def test_every_currency_behind(word: str, currency: str) -> None:
    assert read(f"7 {word}").found[0].quantity == Quantity(SEVEN, f"money:{currency}")
    assert read(f"7 {word} per gram").found[0].quantity == Quantity(SEVEN, f"money:{currency}/g")


def test_dollars_with_their_country() -> None:
    for country, currency in (("us", "USD"), ("canadian", "CAD"), ("australian", "AUD")):
        for dollars in ("dollar", "dollars", "$"):
            assert read(f"7 {country} {dollars}").found[0].quantity == Quantity(SEVEN, f"money:{currency}")


@pytest.mark.parametrize(
    ("word", "per"),
    [("yearly", "year"), ("annually", "year"), ("monthly", "month"), ("weekly", "week"), ("daily", "day")]
    + [(f"{lead} infusion", "infusion") for lead in "per / a an each every pro".split()]  # noqa: SIM905
    + [("for each infusion", "infusion"), ("per one infusion", "infusion"), ("per a infusion", "infusion")],
)
def test_what_money_is_paid_for(word: str, per: str) -> None:
    assert read(f"$7 {word}").found[0].per == per


@pytest.mark.parametrize(
    ("name", "month"), [(name, month) for month, names in enumerate(MONTHS, start=1) for name in names.split()]
)
def test_every_name_of_a_month_on_either_side_of_its_day(name: str, month: int) -> None:
    for text in (f"3 {name} 2027", f"{name} 3 2027", f"3rd of {name}, 2027", f"3-{name}-2027", f"{name} the 3rd 2027"):
        (found,) = read(text).found
        assert [(day.year, day.month, day.day) for day in found.days] == [(2027, month, 3)], text


@pytest.mark.parametrize(("written", "day"), [("1st", 1), ("2nd", 2), ("3rd", 3), ("4th", 4)])
def test_every_ending_of_a_day(written: str, day: int) -> None:
    for text in (f"{written} nov 2027", f"nov {written} 2027"):
        assert [each.day for each in read(text).found[0].days] == [day]


@pytest.mark.parametrize(("word", "role"), spelt(ROLES))
def test_every_word_that_leads_in_an_amount(word: str, role: str) -> None:
    expected = {"x": "for", "times": "for"}.get(word, role)

    assert read(f"{word} 7 days").found[0].role == expected
    for between in ("the", "next", "of", "a", "total", "about", "just", "only", "all"):
        assert read(f"over {between} 7 days").found[0].role == "over", between


@pytest.mark.parametrize(
    ("word", "amount"), [(word, key) for key, words in INTERVALS.items() for word in words.split()]
)
def test_every_word_for_how_often(word: str, amount: tuple[str, str]) -> None:
    assert read(word).found[0].quantity == Quantity(Decimal(amount[0]), amount[1])


@pytest.mark.parametrize("word", ["consecutive", "straight", "successive", "full", "whole", "running", "separate"])
def test_days_in_a_row_in_every_word(word: str) -> None:
    for text in (f"7 {word} days", f"x 7 {word} days", f"6 to 7 {word} days"):
        assert read(text).found[0].readings[-1] == Quantity(SEVEN, "day"), text


@pytest.mark.parametrize("word", ["weigh", "weighs", "weighing", "weight", "weighed", "wt", "wgt"])
def test_every_word_for_weighing(word: str) -> None:
    assert [each.text for each in read(f"{word} 154").found[0].readings] == ["154 kg", "154 lb"]


NO_WEIGHT = """
gain gained lost lose loss losing put bmi age aged igg iga bp height tall dose since ago years old by under below
"""


@pytest.mark.parametrize("word", NO_WEIGHT.split())
def test_every_word_that_says_a_number_is_no_weight(word: str) -> None:
    assert read(f"weight {word} 154").of(Kind.MASS) == ()


@pytest.mark.parametrize("word", ["old", "yo"])
def test_every_word_for_an_age(word: str) -> None:
    assert read(f"7 {word}").found[0].kind == Kind.AGE


@pytest.mark.parametrize("word", ["ago", "later", "earlier"])
def test_every_word_for_a_day_counted_from_today(word: str) -> None:
    assert read(f"7 weeks {word}").found[0].role == "ago"


@pytest.mark.parametrize("word", ["as", "more", "the", "higher", "what", "that", "my", "less", "lower"])
def test_a_comparison_is_no_count(word: str) -> None:
    assert read(f"twice {word} much").found[0].kind == Kind.OTHER


@pytest.mark.parametrize("word", ["-", "to", "through", "until"])
def test_every_word_between_two_days(word: str) -> None:
    assert read(f"days 1 {word} 5").found[0].quantity == Quantity(Decimal(5), "day")


@pytest.mark.parametrize("word", ["and", "&", "+", ","])
def test_every_word_that_names_a_further_day(word: str) -> None:
    assert read(f"days 1 {word} 5").found[0].quantity == Quantity(Decimal(2), "day")


@pytest.mark.parametrize("following", ["%", "/", "-", "x", "$", "€", "£", "'"])
def test_a_number_with_a_sign_of_its_own_is_no_further_day(following: str) -> None:
    assert read(f"days 1 and 5 {following}").of(Kind.DURATION) == ()


SIGNS = {
    "'": "’‘‛ʼʹ′`´＇ʻ", '"': "“”„‟″", "-": "‐‑‒–—―−﹣－", "/": "⁄∕÷\\",
}  # fmt: skip


def test_every_sign_that_stands_for_a_plain_one() -> None:
    for sign in SIGNS["'"]:
        assert read(f"5{sign}4").found[0].quantity == Quantity(Decimal(64), "ft in"), sign
    for sign in SIGNS['"']:
        assert read(f"5'4{sign} 7 kg").found[0].quantity == Quantity(Decimal(64), "ft in"), sign
        assert len(read(f"5'4{sign} 7 kg").found) == 2
    for sign in SIGNS["-"]:
        assert [each.text for each in read(f"60{sign}70 kg").found[0].readings] == ["60 kg", "70 kg"], sign
    for sign in SIGNS["/"]:
        assert read(f"7 mg{sign}kg").found[0].quantity == Quantity(SEVEN, "mg/kg"), sign
    for sign in "×✕✖∗*":
        assert read(f"7 g{sign}5").found[1].quantity.value == 5, sign


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7 µg", "7 mcg"), ("7 μg", "7 mcg"), ("7٫5 kg", "7.5 kg"), ("7，5 kg", "7.5 kg"), ("7．5 kg", "7.5 kg"),
        ("7٪", "7%"), ("7㎏", "7 kg"), ("7㎎", "7 mg"), ("7㎖", "7 mL"), ("7㎝", "7 cm"), ("7㏄", "7 mL"),
        ("＄7", "$7"), ("￡7", "£7"), ("1٬234٬567 mg", "1,234,567 mg"), ("7 Ｋｇ", "7 kg"), ("7 kg", "7 kg"),
    ],
)  # fmt: skip
def test_every_sign_from_other_keyboards(text: str, expected: str) -> None:
    assert read(text).found[0].quantity.text == expected

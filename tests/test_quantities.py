"""How amounts are read: what doses.yaml cannot say, such as doubt, odd spellings and what is no amount."""

import unicodedata
from decimal import Decimal

import pytest

from bot.quantities import Day, Doubt, Found, Kind, Quantity, QuantityError, read
from bot.quantities.dates import exists


def shown(text: str) -> list[str]:
    """Every amount of a text on one line each: kind, readings, and what else is known of it."""
    return [_line(found) for found in read(text).found]


def _line(found: Found) -> str:
    days = [
        f"{day.year or '?'}-{day.month}-{day.day}" if day.relative is None else f"{day.relative:+}"
        for day in found.days
    ]
    parts = [str(found.kind), " | ".join([each.text for each in found.readings] or days)]
    parts += [f"{name} {value}" for name, value in (("per", found.per), ("role", found.role)) if value]
    if found.doubt is not None:
        parts.append(f"doubt {found.doubt}")
    return ", ".join(part for part in parts if part)


WEIGHTS = """
70 kg | 70kg | 70 KG | 70 kilo | 70 kilos | 70-kg | 70 kilograms | 70 ㎏ | ７０ｋｇ | ٧٠ kg | ७० kg
seventy kilos | 70,0 kg | 00070 kg | 70.0kg | 70\u00a0kg | 70\u2009kg | 70 kg\u200b | 7\u200b0 kg | 70 kg.
weight:70kg | (70 kg) | +70 kg | ~70kg | 70 kgs
""".replace("\n", "|")


@pytest.mark.parametrize("text", [text.strip() for text in WEIGHTS.split("|") if text.strip()])
def test_every_spelling_of_seventy_kilograms_is_seventy(text: str) -> None:
    (found,) = read(text).found

    assert found.quantity == Quantity(Decimal(70), "kg")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("154 lbs", "154 lb"),
        ("154 pounds", "154 lb"),
        ("154.5lbs", "154.5 lb"),
        ("150 pound woman", "150 lb"),
        ("a hundred and fifty four pounds", "154 lb"),
        ("one hundred fifty-four lbs", "154 lb"),
        ("2 hundred lbs", "200 lb"),
        ("1 hundred and fifty pounds", "150 lb"),
        ("2 hundred lbs and one more", "200 lb"),
        ("154 lb 8 oz", "154.5 lb"),
        ("11 stone 4", "11 stone 4 lb"),
        ("11st4lb", "11 stone 4 lb"),
        ("11 stone and 4 pounds", "11 stone 4 lb"),
        ("ten stone four", "10 stone 4 lb"),
        ("9 st 7 lbs", "9 stone 7 lb"),
        ("12st 13.5lb", "12 stone 13.5 lb"),
        ("11 stone 0", "11 stone"),
        ("minus 11 stone 4", "-11 stone 4 lb"),
        ("11½ stone", "11.5 stone"),
        ("11 st", "11 stone"),
        ("70½ kg", "70.5 kg"),
        ("70 1/2 kg", "70.5 kg"),
        ("70 and a half kilos", "70.5 kg"),
        ("1½ kg", "1.5 kg"),
        ("seventy-five and a half kilos", "75.5 kg"),
        ("seventy five point five kg", "75.5 kg"),
        ("70,5 kg", "70.5 kg"),
        ("1.234,5 g", "1,234.5 g"),
        ("1,234.5 g", "1,234.5 g"),
        ("1'000 g", "1,000 g"),
        ("1 000 mg", "1,000 mg"),
        ("12 345 678 mg", "12,345,678 mg"),
        ("1,234,567 mg", "1,234,567 mg"),
        ("two thousand five hundred mg", "2,500 mg"),
        ("2 thousand mg", "2,000 mg"),
        ("nineteen g", "19 g"),
        ("zero kg", "0 kg"),
        ("-70 kg", "-70 kg"),
        ("1 kg×0.4", "1 kg"),
        ("minus 70 kg", "-70 kg"),
        ("0.400 g", "0.4 g"),
        (".5 g", "0.5 g"),
        ("5 ounces", "5 oz"),
        ("thirty five g", "35 g"),
        ("seventy ½ kg", "70.5 kg"),
        ("one kg", "1 kg"),
        ("70 kg kg", "70 kg"),
        ("four and a half g", "4.5 g"),
        ("weight (kg): 70", "70 kg"),
        ("weight in lbs 154", "154 lb"),
        ("weight in kg: 70", "70 kg"),
        ("11 stone and 4", "11 stone 4 lb"),
        ("11 stone, 4", "11 stone"),
        ("11 stone 5'4\"", "11 stone"),
        ("11 stone twenty", "11 stone"),
        ("70 and half kilos", "70.5 kg"),
        ("70 & ½ kg", "70.5 kg"),
        ("fourty kg", "40 kg"),
        ("11 stone 5 x 2", "11 stone"),
        ("11 stone thirteen", "11 stone 13 lb"),
        ("11 stone fourteen", "11 stone"),
        ("I take 1 2.5 kg", "2.5 kg"),
        ("one oh zero kg", "0 kg"),
        ("11 stone, 70 kg", "11 stone"),
    ],
)
def test_a_mass_as_people_write_it(text: str, expected: str) -> None:
    masses = read(text).of(Kind.MASS)

    assert masses[0].quantity.text == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 g/kg", "1 g/kg"),
        ("1g per kilo", "1 g/kg"),
        ("400 mg/kg", "400 mg/kg"),
        ("400mg kg", "400 mg/kg"),
        ("a gram per kilo", "1 g/kg"),
        ("one gram per kilogram of body weight", "1 g/kg"),
        ("half a gram per kilo", "0.5 g/kg"),
        ("point four grams per kilo", "0.4 g/kg"),
        ("zero point four grams for each kg", "0.4 g"),
        ("1/2 g/kg", "0.5 g/kg"),
        ("zero point four oh five g/kg", "0.405 g/kg"),
        ("one point 5 g/kg", "1.5 g/kg"),
        ("point twenty g/kg", "0.2 g/kg"),
        ("¾ g/kg", "0.75 g/kg"),
        ("400 mg/kg daily", "400 mg/kg"),
        ("1 mL/kg/h/day", "1 mL/kg/h"),
        ("1 mL/kg/h/min/day", "1 mL/kg/h/min"),
        ("2 g/kg/5 days", "2 g/kg"),
        ("2 g/kg per 5 days", "2 g/kg"),
        ("10 g/100 mL", "100 mg/mL"),
        ("2.5 g per 50 ml", "50 mg/mL"),
        ("600 mg/6 mL", "100 mg/mL"),
        ("70 kg*1 g/kg", "70 kg"),
        ("*70 kg*", "70 kg"),
        ("point one two three four five six seven eight nine one two three four g/kg", "0.12 g/kg"),
        ("1.5 g per lean kg", "1.5 g/"),
        ("1 g/lb", "1 g/lb"),
        ("400mg\\kg", "400 mg/kg"),
        ("1 g-kg", "1 g/kg"),
        ("1g.kg-1", "1 g/kg"),
        ("5 mgkg", "5 mg/kg"),
        ("5 mL/kg", "5 mL/kg"),
        ("2 kg/kg", "2 kg/kg"),
        ("1 g each kilo of my body-weight", "1 g/kg"),
        ("100 g/L", "100 g/L"),
        ("100 mg per ml", "100 mg/mL"),
        ("70 kg/m2", "70 kg/m"),
        ("5 ml/day/day", "5 mL/day"),
        ("5 mL/min", "5 mL/min"),
        ("20 gtt/mL", "20 drops per mL"),
        ("40 drops/min", "40 drops a minute"),
        ("3 gtt", "3 gtt"),
        ("3 gtt/kg", "3 gtt/kg"),
        ("8 kg/kg/min", "8 kg/kg/min"),
        ("1 mg per single kg", "1 mg/kg"),
        ("10 %", "10%"),
        ("ten percent", "10%"),
        ("10 per cent", "10%"),
        ("10 pct", "10%"),
    ],
)
def test_a_unit_in_whatever_spelling(text: str, expected: str) -> None:
    assert read(text).found[0].readings[0].text == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I weigh 154", ["mass, 154 kg | 154 lb, doubt unit"]),
        ("my weight is about 70", ["mass, 70 kg | 70 lb, doubt unit"]),
        ("70 in weight", ["mass, 70 kg | 70 lb, doubt unit"]),
        ("weight 1.000", ["mass, 1 kg | 1 lb | 1,000 kg | 1,000 lb, doubt unit"]),
        ("weight 1.2.3", ["mass, doubt broken"]),
        ("0.4 per kilo", ["mass_per_mass, 0.4 g/kg | 0.4 mg/kg, doubt unit"]),
        ("400/kg/day", ["mass_per_mass, 400 g/kg | 400 mg/kg, per day, doubt unit"]),
        ("400/kg/min", ["mass_per_mass, 400 g/kg | 400 mg/kg, doubt unit"]),
        ("0.4 per kilo.", ["mass_per_mass, 0.4 g/kg | 0.4 mg/kg, doubt unit"]),
        ("0.4 a kilo each week", ["mass_per_mass, 0.4 g/kg | 0.4 mg/kg, per week, doubt unit"]),
        ("80 a gram", ["price, 80/g"]),
        ("1.000 kg", ["mass, 1 kg | 1,000 kg, doubt separator"]),
        ("70,500 kg", ["mass, 70.5 kg | 70,500 kg, doubt separator"]),
        ("60-70 kg", ["mass, 60 kg | 70 kg, doubt range"]),
        ("between 60 and 70 kg", ["mass, 60 kg | 70 kg, doubt range"]),
        ("1 to 2 g/kg", ["mass_per_mass, 1 g/kg | 2 g/kg, doubt range"]),
        ("over 2 to 5 consecutive days", ["duration, 2 days | 5 days, role over, doubt range"]),
        ("2-5-day course", ["duration, 2 days | 5 days, doubt range"]),
        ("1.000-2 kg", ["number, 1 | 1,000, doubt separator", "mass, 2 kg"]),
        ("60 or 70", ["number, 60", "number, 70"]),
        ("70. 5 kg", ["number, 70", "mass, 70.5 kg | 5 kg, doubt separator"]),
        ("70 , 5 kg", ["number, 70", "mass, 70.5 kg | 5 kg, doubt separator"]),
        ("70 kg. 5 g", ["mass, 70 kg", "mass, 5 g"]),
        ("one fifty four pounds", ["mass, 154 lb | 54 lb, doubt separator"]),
        ("one oh five lbs", ["mass, 105 lb | 5 lb, doubt separator"]),
        ("one eighteen lbs", ["mass, 118 lb | 18 lb, doubt separator"]),
        ("one ten lbs", ["mass, 110 lb | 10 lb, doubt separator"]),
        ("one nineteen lbs", ["mass, 119 lb | 19 lb, doubt separator"]),
        ("5.4 ft", ["length, 5.4 feet | 5 feet 4 inches, doubt unit"]),
        ("11/03", ["date, ?-11-3 | ?-3-11, doubt date_order"]),
        ("4 weekly", ["interval, 4 weeks | 1 week, role every, doubt unit"]),
        ("every 4-6 weeks", ["interval, 4 weeks | 6 weeks, role every, doubt range"]),
        ("every 4 - weeks", ["interval, 4 weeks, role every"]),
        ("every 4 or weeks", ["number, 4, role every"]),
    ],
)
def test_what_is_open_to_two_readings_is_handed_on_with_both(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "70² kg",
        "²70 kg",
        "1e3 kg",
        "1.5.2 kg",
        "1_070 kg",
        "0x46 kg",
        "70/80 kg",
        "11/2 kg",
        "..5 kg",
        "5,,5 kg",
        "12 st 15 lb",
        "1,23,456 kg",
        "1,2.3,4 kg",
        "1.234'567 kg",
        "1.000,5,5 kg",
        "70¤ kg",
        "70·5 kg",
        "0⋅5 kg",
        "11² stone",
        "11 stone 4²",
        "70 ² kg",
        "seventy² kg",
        "½² kg",
        "one five four pounds",
        "seventy eighty kg",
        "2 hundred one five lbs",
        "one fifty four five lbs",
        "1.2.3-70² kg",
    ],
)
def test_a_broken_number_makes_no_amount(text: str) -> None:
    masses = read(text).of(Kind.MASS)

    assert masses
    assert all(found.doubt == Doubt.BROKEN and not found.readings for found in masses)
    with pytest.raises(QuantityError):
        _ = masses[0].quantity


@pytest.mark.parametrize(
    "text",
    [
        "I was 70 when it started",
        "my phone is 07700 900123",
        "555-1234",
        "+44 7700 900123",
        "BP 120/80",
        "at 10:30",
        "room 70",
        "B12",
        "IgG1",
        "covid19",
        "day 3",
        "no 70",
        "number 70",
        "the 21st",
        "2nd",
        "nan kg",
        "inf kg",
        "Ⅶ kg",
        "七十 kg",
        "a kg",
        "a pound",
        "kg",
        "g/kg",
        "seventy",
        "70",
        "l54 lbs",
        "",
        "   ",
        "🙂",
        "1:2:3",
        "I gained 7",
        "my age 70",
        "in 1998",
        "(020) 7946-0018-22",
        "a70kg",
        "weigh since 1998",
        "weighs less than in 1998",
        "weigh it all as you may, then 70",
        "a b c d e f 70",
        "seven point kg",
        "70 k",
        "kg 70",
        "one",
        "one day",
        "..",
        ".",
    ],
)
def test_what_is_no_amount_states_neither_weight_nor_dose(text: str) -> None:
    assert read(text).of(Kind.MASS, Kind.MASS_PER_MASS, Kind.PRICE, Kind.VOLUME_RATE) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$98/g", "price, $98/g"),
        ("45 € per gram", "price, €45/g"),
        ("£60 a gram", "price, £60/g"),
        ("60 quid a gram", "price, £60/g"),
        ("USD 98 per gram", "price, $98/g"),
        ("US$98/g", "price, $98/g"),
        ("98 us dollars a gram", "price, $98/g"),
        ("98 dollars a gram", "price, $98/g"),
        ("A$110 per gram", "price, A$110/g"),
        ("₹9000 per gram", "price, 9,000 INR/g"),
        ("Rs 9000/g", "price, 9,000 INR/g"),
        ("9000 yen per gram", "price, 9,000 JPY/g"),
        ("-$98/g", "price, -$98/g"),
        ("0.098 $/mg", "price, $0.10/mg"),
        ("98 PLN for each gram", "price, 98 PLN/g"),
        ("$800 per 10 grams", "price, $80/g"),
        ("$8 for 0 g", "money, $8"),
        ("$7,000", "money, $7,000"),
        ("$7.000", "money, $7,000"),
        ("€1.234,50", "money, €1,234.50"),
        ("$7k", "money, $7,000"),
        ("$7 thousand", "money, $7,000"),
        ("7 thousand dollars", "money, $7,000"),
        ("$100 per infusion", "money, $100, per infusion"),
        ("$100 yearly", "money, $100, per year"),
        ("$100 daily", "money, $100, per day"),
        ("$5 for each visit", "money, $5, per infusion"),
        ("$5 for a friend", "money, $5"),
        ("$5 for days", "money, $5"),
        ("€45,50/g", "price, €45.50/g"),
        ("2 lb/g", "price, £2/g"),
        ("$1.2.3 a gram", "price, doubt broken"),
        ("$1 per 5 mL", "money, $1"),
        ("eur 45 a g", "price, €45/g"),
        ("$2 k", "money, $2,000"),
        ("over $283", "money, $283, role over"),
    ],
)
def test_money(text: str, expected: str) -> None:
    assert shown(text)[0] == expected


def test_a_currency_without_a_number_is_nothing() -> None:
    assert shown("$") == shown("us dollars") == shown("$ per gram") == shown("us") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5'4\"", "5 feet 4 inches"),
        ("5’4”", "5 feet 4 inches"),
        ("5 ft 4", "5 feet 4 inches"),
        ("5 foot 4 in", "5 feet 4 inches"),
        ("5ft4in", "5 feet 4 inches"),
        ("six foot two", "6 feet 2 inches"),
        ("6 ft", "6 feet"),
        ("5'4''", "5 feet 4 inches"),
        ("6'", "6 feet"),
        ("64 inches", "64 inches"),
        ("5 ft 1", "5 feet 1 inch"),
        ("1 ft 0.5", "1 foot 0.5 inches"),
        ("163 cm", "163 cm"),
        ("1.63 m", "1.63 m"),
        ("1,63 m", "1.63 m"),
        ("1m63", "163 cm"),
        ("1630 mm", "1,630 mm"),
        ("5 ft 4 70 kg", "5 feet 4 inches"),
        ("5 ft 70 kg", "5 feet"),
        ("5 ft 4 kg", "5 feet"),
        ("5.5 ft 2", "68 inches"),
    ],
)
def test_a_height(text: str, expected: str) -> None:
    assert read(text).of(Kind.LENGTH)[0].readings[0].text == expected


@pytest.mark.parametrize("text", ["70 m", "5 m", "1.000 m", "5'tall", "5'", "1.5.1 ft", "1.2.3m63"])
def test_what_is_no_height(text: str) -> None:
    clear = [found for found in read(text).of(Kind.LENGTH) if found.is_clear]

    assert [found for found in clear if found.readings[0].unit not in ("in", "ft in")] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("every 4 weeks", "interval, 4 weeks, role every"),
        ("q3w", "interval, 3 weeks, role every"),
        ("q 4 wks", "interval, 4 weeks, role every"),
        ("monthly", "interval, 1 month, role every"),
        ("fortnightly", "interval, 2 weeks, role every"),
        ("every month", "interval, 1 month, role every"),
        ("every other week", "interval, 2 weeks, role every"),
        ("every second month", "interval, 2 months, role every"),
        ("each day", "interval, 1 day, role every"),
        ("every single day", "interval, 1 day, role every"),
        ("once a month", "interval, 1 month, role every"),
        ("once every 4 weeks", "interval, 4 weeks, role every"),
        ("per month", "interval, 1 month, role every"),
        ("four-weekly", "interval, 4 weeks, role every"),
        ("twice a year", "interval, 6 months, role every"),
        ("3 times per year", "interval, 4 months, role every"),
        ("each 2 weeks", "interval, 2 weeks, role every"),
        ("every 28 days", "interval, 28 days, role every"),
    ],
)
def test_how_often(text: str, expected: str) -> None:
    assert shown(text)[0] == expected


@pytest.mark.parametrize(
    "text",
    [
        "every 70 kg",
        "q",
        "q4 kg",
        "q4",
        "once more",
        "every",
        "5 times a year",
        "twice a week",
        "twice weekly",
        "monthly cost",
    ],
)
def test_what_is_no_interval(text: str) -> None:
    assert read(text).of(Kind.INTERVAL) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x5", ["count, 5, role times"]),
        ("x 5 days", ["duration, 5 days, role for"]),
        ("x5d", ["duration, 5 days, role for"]),
        ("x 5 full days", ["duration, 5 days, role for"]),
        ("x 3 infusions", ["count, 3 infusions, role times"]),
        ("x 5 infusions monthly", ["count, 5 infusions, per month, role times"]),
        ("0.4g/kg×5d", ["mass_per_mass, 0.4 g/kg", "duration, 5 days, role for"]),
        ("28 g/5 days", ["mass, 28 g", "duration, 5 days, role in"]),
        ("5 g/2", ["other, 5 g/"]),
        ("5 mL/10 kg", ["other, 5 mL/"]),
        ("10 g/0 mL", ["concentration, doubt broken"]),
        ("day 1 and day 2", ["duration, 2 days, role for"]),
        ("days 1, 3, and 5", ["duration, 3 days, role for"]),
        ("day 1 to day 5", ["duration, 5 days, role for"]),
        ("days 1 and 2 and x", ["duration, 2 days, role for"]),
        ("days 1 and 2, 55 kg", ["duration, 2 days, role for", "mass, 55 kg"]),
        ("days 1 and 2, 10%", ["duration, 2 days, role for", "percent, 10%"]),
        ("day 1 and 55 kg", ["other", "mass, 55 kg"]),
        ("days 2 and 2", ["other", "number, 2"]),
        ("3m", ["length, 3 m"]),
        ("3 m", ["number, 3"]),
        ("days 2 and 1", ["other", "number, 1"]),
        ("3 x 10 g", ["count, 3, role times", "mass, 10 g"]),
        ("times 5", ["count, 5, role times"]),
        ("5 times", ["count, 5, role times"]),
        ("twice", ["count, 2, role times"]),
        ("thrice", ["count, 3, role times"]),
        ("five times", ["count, 5, role times"]),
        ("twice as much", ["other"]),
        ("x 5 g", ["mass, 5 g, role times"]),
        ("x5%", ["percent, 5%"]),
        ("x 1.000", ["number, 1 | 1,000, role times, doubt separator"]),
        ("x", []),
        ("5 x", ["number, 5"]),
        ("0.4 x 5", ["number, 0.4", "count, 5, role times"]),
        ("1.000 x 5", ["number, 1 | 1,000, doubt separator", "count, 5, role times"]),
        ("days 1-5", ["duration, 5 days, role for"]),
        ("day 1 to 3", ["duration, 3 days, role for"]),
        ("days 5-1", ["other", "number, 1"]),
        ("days 1-x", ["other"]),
        ("days off", []),
        ("for 5 days", ["duration, 5 days, role for"]),
        ("over five days", ["duration, 5 days, role over"]),
        ("5 consecutive days", ["duration, 5 days"]),
        ("on 5 days in a row", ["duration, 5 days, role for"]),
        ("2 weeks ago", ["duration, 2 weeks, role ago"]),
        ("5-day", ["duration, 5 days"]),
        ("in the next 3 weeks", ["duration, 3 weeks, role in"]),
        ("one day", ["duration, 1 day"]),
        ("3 infusions", ["count, 3 infusions"]),
        ("a 5 day course", ["duration, 5 days"]),
        ("every the 5 days", ["interval, 5 days, role every"]),
        ("90 minutes", ["duration, 90 minutes"]),
        ("1 hour", ["duration, 1 hour"]),
        ("1.5 h", ["duration, 1.5 hours"]),
        ("1.5h", ["duration, 1.5 hours"]),
        ("two", []),
        ("2 h", ["duration, 2 hours"]),
        ("in 5 years", ["duration, 5 years, role in"]),
        ("over the next total of 5 days", ["duration, 5 days"]),
    ],
)
def test_how_long_and_how_many_times(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "45 years old",
        "45-year-old",
        "45 yo",
        "45 y/o",
        "45yo",
        "aged 45",
        "age 45",
        "age: 45",
        "45 years of age",
        "age is 45",
        "age of 45",
        "age = 45",
        "45 old",
    ],
)
def test_an_age(text: str) -> None:
    assert [found.readings for found in read(text).of(Kind.AGE)] == [(Quantity(Decimal(45), "year"),)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 Nov 2026", "date, 2026-11-3"),
        ("3rd of November, 2026", "date, 2026-11-3"),
        ("Nov 3", "date, ?-11-3"),
        ("November 3rd 2026", "date, 2026-11-3"),
        ("Nov. 3 2026", "date, 2026-11-3"),
        ("2026-11-03", "date, 2026-11-3"),
        ("3-Nov-2026", "date, 2026-11-3"),
        ("3.11.2026", "date, 2026-11-3"),
        ("3.11.26", "date, 2026-11-3"),
        ("25/12/2026", "date, 2026-12-25"),
        ("25/12/26", "date, 2026-12-25"),
        ("11/11", "date, ?-11-11"),
        ("11-03-2026", "date, 2026-11-3 | 2026-3-11, doubt date_order"),
        ("30 Feb 2026", "date, doubt broken"),
        ("29 Feb", "date, ?-2-29"),
        ("29 Feb 2027", "date, doubt broken"),
        ("13/13/2026", "date, doubt broken"),
        ("today", "date, +0"),
        ("tomorrow", "date, +1"),
        ("on yesterday", "date, -1, role for"),
        ("3 nov 1850", "date, doubt broken"),
        ("2026-13-01", "date, doubt broken"),
        ("1 jan 2200", "date, doubt broken"),
        ("3 Nov 2222", "date, doubt broken"),
        ("3 nov 0930", "date, ?-11-3"),
        ("3 nov 2026 mg", "date, ?-11-3"),
        ("of nov 3, 2026", "date, 2026-11-3"),
    ],
)
def test_a_date(text: str, expected: str) -> None:
    assert shown(text)[0] == expected


@pytest.mark.parametrize(
    "text",
    [
        "3 bananas",
        "nov",
        "november rain",
        "march 5 kg",
        "11/3",
        "31/31",
        "1/2",
        "2026-11",
        "11 / 03",
        "11-",
        "11/",
        "11-03-123",
        "99/99/2026x",
        "may",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert [found for found in read(text).of(Kind.DATE) if found.is_clear] == []


def test_a_day_that_no_calendar_has() -> None:
    assert not exists(2026, 0, 1)
    assert not exists(1899, 1, 1)
    assert not exists(2200, 1, 1)
    assert exists(2199, 12, 31)
    assert exists(None, 2, 29)
    assert not exists(None, 2, 30)
    assert read("tomorrow").found[0].days == (Day(relative=1),)


@pytest.mark.parametrize("sign", "½¼¾⅓⅔⅛⅜⅝⅞⅕⅖⅗⅘⅙⅚⅒")
def test_every_fraction_sign_is_its_fraction(sign: str) -> None:
    (found,) = read(f"1{sign} kg").found

    assert abs(float(found.quantity.value) - 1 - unicodedata.numeric(sign)) < 1e-12


def test_an_unclear_number_of_stones_stays_unclear() -> None:
    assert shown("1.000 stone") == ["mass, 1 stone | 1,000 stone, doubt separator"]
    assert shown("1.2.3 a gram") == ["number, doubt broken"]
    assert shown("nine fifty lbs") == ["mass, 950 lb | 50 lb, doubt separator"]
    assert shown("I weigh 154 since 1998")[0] == "mass, 154 kg | 154 lb, doubt unit"


ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
ONES += ["thirteen", "fourteen", "fifteen", "sixteen"]
ONES += ["seventeen", "eighteen", "nineteen"]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
IN_WORDS = ONES + [f"{ten}{'-' + one if one != 'zero' else ''}" for ten in TENS for one in ONES[:10]]


def test_every_number_below_a_hundred_is_read_in_words() -> None:
    for value, words in enumerate(IN_WORDS):
        for written in {words, words.replace("-", " ")}:
            assert read(f"{written} kg").found[0].quantity == Quantity(Decimal(value), "kg"), written
        spoken = read(f"two hundred and {words} kg").found[0]
        assert value == 0 or spoken.quantity == Quantity(Decimal(200 + value), "kg"), words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("60 to a hundred kg", ["mass, 60 kg | 100 kg, doubt range"]),
        ("1234567890", ["number, 1,234,567,890"]),
        ("1/2", ["number, 0.5"]),
        ("70kg70g", ["mass, 70 kg", "mass, 70 g"]),
        ("20 gtt/g", ["other, 20 gtt/g"]),
        ("weight since 154", ["number, 154"]),
        ("two-weekly", ["interval, 2 weeks, role every"]),
        ("one weekly", ["interval, 1 week, role every"]),
        ("please do call me on my phone at home after six +44 7700 900123", ["other"]),
        ("a.b 11/ 03", ["other"]),
        ("11-03/2026", ["number, 11", "other"]),
        ("0.5 m", ["number, 0.5"]),
    ],
)
def test_what_lies_beside_the_usual(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


def test_a_wall_of_numbers_is_not_read_to_its_end() -> None:
    assert len(read("7 kg " * 1000).found) == 300

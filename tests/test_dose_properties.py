"""What holds for every sum and every text, tried on many made by hypothesis."""

import re
import time
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dosing.bottles import Policy, bottles
from bot.dosing.costs import Cost, share
from bot.dosing.course import course, divided, volume_ml, weight_in_kg
from bot.dosing.rates import converted, ladder_time, ml_per_kg_per_h
from bot.dosing.tables import Ladder, Product
from bot.quantities import POUND_IN_KG, Kind, Quantity, figure, read
from tests.test_doses import PRODUCTS, TABLES

LIMITS = TABLES.limits
LONGEST = 4096
LONGEST_SECONDS = 0.05  # of this thread alone: what else the machine does is not counted
LADDERS = [
    (product, ladder, strength)
    for product in PRODUCTS.values()
    for ladder in product.ladders
    for strength in product.strength.mg_per_ml
]

weights = st.decimals(min_value=40, max_value=200, places=2)
doses = st.decimals(min_value=Decimal("0.02"), max_value=Decimal("0.79"), places=2)
days = st.integers(min_value=1, max_value=5)
grams = st.decimals(min_value=Decimal("0.5"), max_value=400, places=2)
spaces = st.sampled_from(["", " ", "  ", "\u00a0", "\u2009", "\u202f", "\u200b", " \u2060"])
written = st.decimals(min_value=1, max_value=399, places=1)

SPELLINGS = {
    "kg": ["kg", "KG", "kgs", "kilo", "kilos", "kilograms", "㎏", "ｋｇ"],
    "lb": ["lb", "lbs", "LBS", "pound", "pounds"],
    "g": ["g", "gm", "gms", "gram", "grams", "grammes", "Ｇ"],
    "mg": ["mg", "mgs", "milligrams", "㎎"],
    "g/kg": [
        "g/kg",
        "g / kg",
        "g per kg",
        "grams per kilo",
        "gm/kilo",
        "g per kilogram of body weight",
        "g/kg bw",
        "g\\kg",
    ],
    "mg/kg": ["mg/kg", "mg per kg", "milligrams per kilo", "mg / kilogram", "mg-kg"],
    "mL/h": ["mL/h", "ml/hr", "mls per hour", "cc/h", "ml an hour"],
    "mL/kg/h": ["mL/kg/h", "ml per kg per hour", "ml/kg/hr"],
    "mg/kg/min": ["mg/kg/min", "mg per kg per minute", "mg/kg/minute"],
    "mg/mL": ["mg/mL", "mg per ml", "milligrams per millilitre"],
    "cm": ["cm", "CM", "centimetres", "centimeters"],
}
spelt = st.sampled_from([(unit, spelling) for unit, spellings in SPELLINGS.items() for spelling in spellings])
PIECES = """
7 0 70 . , ' " / - _ ½ ² $ € £ % kg g mg lb stone st oz per a an one two fifty hundred thousand point half and over for
every days day weeks x times twice weekly monthly weigh weight in of 11/03 2026-11-03 nov 5'4 ft cm ml h min q3w ( ) : =
+ ~ ٧ ７ 💉
"""
pieces = st.sampled_from([*PIECES.split(), "\u200b", "\u202e", "\x00"])
hostile = st.lists(st.one_of(pieces, st.just(" "), st.text(max_size=3)), max_size=400).map(
    lambda each: "".join(each)[:LONGEST]
)


def spelling(value: Decimal, comma: bool, wide: bool) -> str:
    text = f"{value:f}".replace(".", ",") if comma else f"{value:f}"
    return text.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)}) if wide else text


@given(written, spelt, spaces, st.booleans(), st.booleans())
def test_any_spelling_of_a_unit_gives_the_same_amount(
    value: Decimal, unit: tuple[str, str], space: str, comma: bool, wide: bool
) -> None:
    found = read(f"{spelling(value, comma, wide)}{space}{unit[1]}").found

    assert [each.quantity for each in found] == [Quantity(value, unit[0])]


@given(weights, doses, days, st.booleans(), st.integers(min_value=2, max_value=4))
def test_a_dose_is_in_line_with_the_weight(
    weight: Decimal, dose: Decimal, count: int, spread: bool, times: int
) -> None:
    single = course(Quantity(dose, "g/kg"), count, weight, LIMITS, spread=spread)
    several = course(Quantity(dose, "g/kg"), count, weight * times, LIMITS, spread=spread)

    assert several.course_g == single.course_g * times
    assert several.course_g_per_kg == single.course_g_per_kg


@given(weights, doses, days)
def test_over_divides_and_a_day_for_multiplies(weight: Decimal, dose: Decimal, count: int) -> None:
    over = course(Quantity(dose * count, "g/kg"), count, weight, LIMITS, spread=True)
    each_day = course(Quantity(dose, "g/kg"), count, weight, LIMITS)

    assert over.course_g == each_day.course_g
    assert abs(over.daily_g - each_day.daily_g) < Decimal("1e-30")


@given(weights, doses)
def test_back_from_grams_is_where_it_began(weight: Decimal, dose: Decimal) -> None:
    forward = course(Quantity(dose, "g/kg"), 1, weight, LIMITS)
    back = course(Quantity(forward.daily_g, "g"), 1, weight, LIMITS)

    assert back.daily_g_per_kg == dose
    assert divided(forward.daily_g, weight) == dose


@given(weights, doses)
def test_milligrams_grams_and_pounds_agree(weight: Decimal, dose: Decimal) -> None:
    in_grams = course(Quantity(dose, "g/kg"), 1, weight, LIMITS)
    in_milligrams = course(Quantity(dose * 1000, "mg/kg"), 1, weight, LIMITS)
    by_pound = course(Quantity(dose * POUND_IN_KG, "g/lb"), 1, weight, LIMITS)

    assert in_milligrams.daily_g == in_grams.daily_g
    assert abs(by_pound.daily_g - in_grams.daily_g) < Decimal("1e-30")


@given(st.decimals(min_value=90, max_value=440, places=1))
def test_a_pound_and_a_kilogram_are_the_same_body(pounds: Decimal) -> None:
    by_pound = weight_in_kg(Quantity(pounds, "lb"), LIMITS).kg
    by_kilogram = weight_in_kg(Quantity(pounds * POUND_IN_KG, "kg"), LIMITS).kg

    assert by_pound == by_kilogram
    assert abs(by_pound - pounds * POUND_IN_KG) <= Decimal("0.005")


@given(st.sampled_from(LADDERS), weights, weights, doses)
def test_time_does_not_depend_on_the_weight_that_dose_and_rate_share(
    ladder, one: Decimal, other: Decimal, dose: Decimal
) -> None:
    product, steps, strength = ladder
    slow = product.slow_rate.rate if product.slow_rate else None
    times = [ladder_time(weight * dose, weight, steps, strength, slow).minutes for weight in (one, other)]

    assert abs(times[0] - times[1]) < Decimal("0.0001")


@given(st.sampled_from(LADDERS), weights, doses)
def test_a_ladder_gives_all_of_the_dose_and_never_passes_its_top(
    ladder: tuple[Product, Ladder, Decimal], weight: Decimal, dose: Decimal
) -> None:
    product, steps, strength = ladder
    slow = product.slow_rate.rate if product.slow_rate else None
    whole = ladder_time(weight * dose, weight, steps, strength)
    careful = ladder_time(weight * dose, weight, steps, strength, slow)
    top = ml_per_kg_per_h(steps.steps[-1].rate, strength)

    assert abs(sum(stage.volume_ml for stage in whole.stages) - weight * dose * 1000 / strength) < Decimal("1e-20")
    assert all(stage.rate_ml_per_kg_per_h <= top for stage in whole.stages)
    assert careful.minutes >= whole.minutes


@given(st.sampled_from([product for product in PRODUCTS.values() if product.vials]), grams)
def test_bottles_cover_the_dose_and_are_never_none(product: Product, dose: Decimal) -> None:
    for strength in product.strength.mg_per_ml:
        sizes = product.sizes_g(strength)
        if not sizes:
            continue
        cover, down, nearest = (bottles(dose, sizes, policy) for policy in Policy)

        assert cover.total_g >= dose
        assert cover.total_g - dose < min(sizes)
        assert down.total_g <= dose or down.count == 1
        assert min(cover.count, down.count, nearest.count) >= 1
        assert nearest.total_g in (cover.total_g, down.total_g)
        assert abs(nearest.difference_g) <= abs(cover.difference_g)
        for each in (cover, down, nearest):
            assert sum(size * count for size, count in each.counts) == each.total_g
            assert {size for size, _ in each.counts} <= set(sizes)


@given(
    st.sampled_from(["mg/kg/min", "mL/kg/min", "mL/kg/h", "mg/kg/h"]),
    written,
    weights,
    st.sampled_from(["50", "100", "120"]),
)
def test_a_rate_in_print_never_grows(unit: str, value: Decimal, weight: Decimal, strength: str) -> None:
    found = converted(Quantity(value / 100, unit), weight, Decimal(strength))

    for rate, line in zip(found.rates, found.lines, strict=True):
        printed = Decimal(re.sub(r"[^\d.]", "", line.rpartition("= ")[2].partition(" " + rate.unit)[0]))
        assert printed <= rate.value


@given(grams, st.sampled_from(["50", "60", "100"]))
def test_a_volume_holds_the_dose(dose: Decimal, strength: str) -> None:
    value, _ = volume_ml(dose, Decimal(strength), LIMITS)

    assert abs(value * Decimal(strength) / 1000 - dose) < Decimal("1e-30")


@given(
    st.decimals(min_value=0, max_value=200_000, places=2),
    st.decimals(min_value=0, max_value=100, places=1),
    st.decimals(min_value=0, max_value=20_000, places=2),
    st.one_of(st.none(), st.decimals(min_value=0, max_value=20_000, places=2)),
)
def test_nobody_pays_more_than_the_bill_or_the_cap(
    value: Decimal, percent: Decimal, deductible: Decimal, cap: Decimal | None
) -> None:
    left = share(Cost(value, "$", ()), percent, deductible, cap, LIMITS).value

    assert 0 <= left <= value
    assert cap is None or left <= cap


@settings(deadline=None, max_examples=300)
@given(hostile)
def test_no_text_raises_takes_long_or_states_an_amount_without_a_unit(text: str) -> None:
    spent = []
    while not spent or (min(spent) >= LONGEST_SECONDS and len(spent) < 3):
        began = time.thread_time()
        found = read(text).found
        spent.append(time.thread_time() - began)

    assert min(spent) < LONGEST_SECONDS
    for each in found:
        assert 0 <= each.start < each.end
        if each.kind in (Kind.MASS, Kind.MASS_PER_MASS) and each.is_clear:
            assert each.quantity.unit
        if each.is_clear and each.kind not in (Kind.DATE, Kind.OTHER):
            assert each.quantity.value.is_finite()
            assert each.quantity.text


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_any_number_prints_without_an_exponent_or_a_zero_at_its_end(value: Decimal) -> None:
    text = figure(value)

    assert text == "a number with too many digits" or re.fullmatch(r"-?\d{1,3}(,\d{3})*(\.\d*[1-9])?", text)

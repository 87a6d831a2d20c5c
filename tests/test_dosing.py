"""What doses.yaml cannot say of the sums: their lines, what they refuse, and that they never do anything in silence."""

from dataclasses import FrozenInstanceError
from datetime import date
from decimal import Decimal
from itertools import combinations_with_replacement

import pytest
from pydantic import ValidationError

from bot.dosing.bottles import Policy, bottles
from bot.dosing.costs import Cost, cost, repeated, share
from bot.dosing.course import a_month, course, in_a_year, several, volume_ml, weight_in_kg
from bot.dosing.limits import OutOfRange, Standing, checked, standing
from bot.dosing.rates import converted, drops_per_minute, ladder_time, ml_per_kg_per_h, rate_of_drops, steady_time
from bot.dosing.tables import Ladder, Limit, Limits, Rate, Step, Strength, Vials, WeightRule, dosing_figures
from bot.dosing.weights import body_mass_index, dosing_weight, height_in_cm, ideal_weight, rounded_dose
from bot.model import Citation
from bot.quantities import Quantity, QuantityError
from tests.test_doses import PRODUCTS, TABLES

LIMITS: Limits = TABLES.limits
TEN_PERCENT = Decimal(100)
CITED = Citation(source="article", at="whole page")
DAY = date(2026, 11, 24)


def amount(text: str) -> Quantity:
    value, _, unit = text.partition(" ")
    return Quantity(Decimal(value), unit)


def ladder(*steps: tuple[str, int | None], unit: str = "mL/kg/h") -> Ladder:
    found = tuple(Step(rate=Rate.model_validate({"value": rate, "unit": unit}), minutes=at) for rate, at in steps)
    return Ladder(basis="label", use="a test", steps=found, cite=CITED, checked=DAY)


# -- limits ------------------------------------------------------------------------------------------------------


def test_a_limit_that_says_nothing_lets_everything_finite_pass() -> None:
    silent = Limit(unit="kg", reason="none", checked=DAY)

    assert standing(Decimal("-1e9"), silent) == Standing.PLAIN
    assert [standing(Decimal(odd), silent) for odd in ("NaN", "Infinity", "-Infinity")] == [Standing.REFUSE] * 3


def test_a_refusal_names_the_value_and_the_limit() -> None:
    with pytest.raises(OutOfRange, match=r"^401 kg$") as raised:
        checked(Decimal(401), LIMITS.weight)

    assert (raised.value.value, raised.value.limit) == (401, LIMITS.weight)


# -- weight ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kilograms", "lines"),
    [
        ("70 kg", "70", ()),
        ("70.5 kg", "70.5", ()),
        ("70.255 kg", "70.26", ("70.255 kg = about 70.26 kg",)),
        ("154 lb", "69.85", ("154 lb × 0.45359237 = about 69.85 kg",)),
        ("100000 lb", None, ()),
        ("10 st", "63.5", ("10 stone × 14 = 140 lb", "140 lb × 0.45359237 = about 63.5 kg")),
        ("70000 g", "70", ("70,000 g = 70 kg",)),
        ("158 st lb", "71.67", ("11 stone × 14 + 4 lb = 158 lb", "158 lb × 0.45359237 = about 71.67 kg")),
        ("154 st lb", "69.85", ("11 stone × 14 = 154 lb", "154 lb × 0.45359237 = about 69.85 kg")),
        ("1000 kg", None, ()),
        ("1000.01 kg", None, ()),
        ("0 kg", None, ()),
        ("0.001 kg", None, ()),
        ("-70 kg", None, ()),
        ("NaN kg", None, ()),
        ("Infinity kg", None, ()),
        ("400.004 kg", "400", ("400.004 kg = about 400 kg",)),
        ("400.005 kg", None, ()),
    ],
)
def test_a_body_weight_shows_how_it_became_kilograms(given: str, kilograms: str | None, lines: tuple[str, ...]) -> None:
    if kilograms is None:
        with pytest.raises(OutOfRange):
            weight_in_kg(amount(given), LIMITS)
        return
    found = weight_in_kg(amount(given), LIMITS)

    assert (found.kg, found.lines) == (Decimal(kilograms), lines)


def test_an_exact_conversion_is_not_called_about() -> None:
    assert weight_in_kg(Quantity(Decimal("0.5") / Decimal("0.45359237"), "lb"), LIMITS).kg == Decimal("0.5")


def test_a_light_and_a_heavy_person_are_marked() -> None:
    found = [weight_in_kg(amount(text), LIMITS).standing for text in ("39 kg", "88 lb", "40 kg", "201 kg", "32 st")]

    assert found == [Standing.WARN_LOW, Standing.WARN_LOW, Standing.PLAIN, Standing.WARN_HIGH, Standing.WARN_HIGH]


@pytest.mark.parametrize("given", ["70 cm", "70 mL", "70 g/kg"])
def test_what_is_no_mass_is_no_weight(given: str) -> None:
    with pytest.raises(QuantityError):
        weight_in_kg(amount(given), LIMITS)


# -- courses -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dose", "days", "weight", "spread", "lines"),
    [
        ("1 g/kg", 1, "70", False, ("70 kg × 1 g/kg = 70 g",)),
        ("400 mg/kg", 1, "70", False, ("70 kg × 400 mg/kg = 28,000 mg = 28 g",)),
        ("400 mg/kg", 5, "70", False, ("70 kg × 400 mg/kg = 28,000 mg = 28 g a day", "28 g × 5 days = 140 g in all")),
        ("2 g/kg", 5, "70", True, ("70 kg × 2 g/kg = 140 g in all", "140 g ÷ 5 days = 28 g a day")),
        ("2 g/kg", 3, "70", True, ("70 kg × 2 g/kg = 140 g in all", "140 g ÷ 3 days = about 46.67 g a day")),
        ("35 g", 1, "70", False, ("35 g ÷ 70 kg = 0.5 g/kg",)),
        ("35 g", 1, None, False, ()),
        ("10 g", 3, None, False, ("10 g × 3 days = 30 g in all",)),
        ("30 g", 3, None, True, ("30 g ÷ 3 days = 10 g a day",)),
        ("28000 mg", 1, None, False, ("28,000 mg = 28 g",)),
        ("28000 mg", 2, None, False, ("28,000 mg = 28 g a day", "28 g × 2 days = 56 g in all")),
        ("28000 mg", 2, None, True, ("28,000 mg = 28 g in all", "28 g ÷ 2 days = 14 g a day")),
        ("10 g", 3, "64", False, ("10 g × 3 days = 30 g in all", "10 g ÷ 64 kg = 0.15625 g/kg a day")),
        (
            "0.5 g/lb",
            1,
            "70",
            False,
            ("0.5 g/lb ÷ 0.45359237 = about 1.1 g/kg", "70 kg × 1.1 g/kg = about 77.16 g"),
        ),
    ],
)
def test_a_course_shows_each_line(
    dose: str, days: int, weight: str | None, spread: bool, lines: tuple[str, ...]
) -> None:
    found = course(amount(dose), days, Decimal(weight) if weight else None, LIMITS, spread=spread)

    assert found.lines == lines
    assert found.days == days


def test_grams_per_kilogram_stand_beside_a_course_only_where_the_weight_is_known() -> None:
    with_weight = course(amount("35 g"), 2, Decimal(70), LIMITS)
    without = course(amount("35 g"), 2, None, LIMITS)

    assert (with_weight.daily_g_per_kg, with_weight.course_g_per_kg) == (Decimal("0.5"), Decimal(1))
    assert (without.daily_g_per_kg, without.course_g_per_kg) == (None, None)


@pytest.mark.parametrize(
    ("dose", "days", "spread", "per_day", "in_all"),
    [("2 g/kg", 5, True, "0.4", "2"), ("0.4 g/kg", 5, False, "0.4", "2.0"), ("400 mg/kg", 5, False, "0.4", "2")],
)
def test_a_course_of_exactly_two_is_not_above_two(
    dose: str, days: int, spread: bool, per_day: str, in_all: str
) -> None:
    found = course(amount(dose), days, Decimal("69.85"), LIMITS, spread=spread)

    assert (found.daily_g_per_kg, found.course_g_per_kg) == (Decimal(per_day), Decimal(in_all))
    assert found.standing == Standing.PLAIN


@pytest.mark.parametrize(
    ("dose", "days", "spread", "expected"),
    [
        ("2.1 g/kg", 1, False, Standing.WARN_HIGH),
        ("1.5 g/kg", 2, False, Standing.WARN_HIGH),
        ("0.01 g/kg", 1, False, Standing.ASK),
        ("10 mg/kg", 1, False, Standing.ASK),
        ("0.04 g/kg", 5, True, Standing.ASK),
        ("1 mg", 1, False, Standing.ASK),
        ("1 g/kg", 1, False, Standing.PLAIN),
    ],
)
def test_a_day_and_the_course_are_both_held_to_the_limit(
    dose: str, days: int, spread: bool, expected: Standing
) -> None:
    assert course(amount(dose), days, Decimal(70), LIMITS, spread=spread).standing == expected


@pytest.mark.parametrize(("dose", "days"), [("4 g/kg", 1), ("1 g/kg", 4), ("400 g/kg", 1), ("280 g", 1), ("70 kg", 1)])
def test_four_grams_per_kilogram_are_refused_by_the_day_and_by_the_course(dose: str, days: int) -> None:
    with pytest.raises(OutOfRange):
        course(amount(dose), days, Decimal(70), LIMITS)


def test_a_dose_per_kilogram_without_a_weight_is_never_worked_out() -> None:
    with pytest.raises(ValueError, match="needs a weight"):
        course(amount("1 g/kg"), 1, None, LIMITS)


def test_a_year_shows_how_often() -> None:
    monthly = in_a_year(Decimal(70), amount("1 month"))
    six_weekly = in_a_year(Decimal(28), amount("6 week"))
    two_monthly = in_a_year(Decimal(28), amount("2 month"))

    assert [total.courses for total in monthly] == [12, 13]
    assert [total.lines for total in monthly] == [
        ("70 g × 12 months = 840 g a year",),
        ("70 g × 13 cycles of 4 weeks = 910 g a year",),
    ]
    assert [total.courses for total in in_a_year(Decimal(70), amount("4 week"))] == [13, 12]
    assert six_weekly[0].lines == ("52 weeks ÷ 6 = about 8.67 a year", "28 g × 52 ÷ 6 = about 242.67 g a year")
    assert two_monthly[0].lines == ("12 months ÷ 2 = 6 a year", "28 g × 6 = 168 g a year")
    assert in_a_year(Decimal(28), amount("1 year"))[0].courses == 1
    assert in_a_year(Decimal(28), amount("7 day"))[0].courses == 52


@pytest.mark.parametrize("strength", ["0", "201", "-100", "NaN"])
def test_a_strength_that_no_infusion_has_is_refused(strength: str) -> None:
    with pytest.raises(OutOfRange):
        volume_ml(Decimal(70), Decimal(strength), LIMITS)


# -- bottles -----------------------------------------------------------------------------------------------------


def test_bottles_show_their_line_and_what_is_left_over() -> None:
    sizes = [Decimal(5), Decimal(10), Decimal(20), Decimal(40)]

    assert bottles(Decimal("69.85"), sizes).lines == (
        "1 × 40 g + 1 × 20 g + 1 × 10 g = 70 g",
        "70 g − 69.85 g = 0.15 g more",
    )
    assert bottles(Decimal("69.85"), sizes, Policy.DOWN).lines[1:] == ("69.85 g − 65 g = 4.85 g less",)
    assert bottles(Decimal(70), sizes).lines == ("1 × 40 g + 1 × 20 g + 1 × 10 g = 70 g",)


@pytest.mark.parametrize("policy", list(Policy))
def test_bottles_agree_with_trying_every_combination(policy: Policy) -> None:
    sizes = [Decimal("2.5"), Decimal(5), Decimal(10)]
    for tenths in range(5, 400, 7):
        dose = Decimal(tenths) / 10
        tried = [
            (sum(chosen), len(chosen)) for many in range(1, 17) for chosen in combinations_with_replacement(sizes, many)
        ]
        above = min((total, many) for total, many in tried if total >= dose)
        below = max(((total, -many) for total, many in tried if total <= dose), default=(above[0], -above[1]))
        expected = above
        if policy == Policy.DOWN or (policy == Policy.NEAREST and dose - below[0] < above[0] - dose):
            expected = (below[0], -below[1])

        found = bottles(dose, sizes, policy)

        assert (found.total_g, found.count) == expected
        assert found.difference_g == found.total_g - dose


@pytest.mark.parametrize(
    ("dose", "sizes"), [("70", []), ("70", ["0"]), ("70", ["5", "-5"]), ("0", ["5"]), ("-1", ["5"]), ("4000.01", ["5"])]
)
def test_no_bottles_for_what_no_bottle_holds(dose: str, sizes: list[str]) -> None:
    with pytest.raises(ValueError, match="no sizes"):
        bottles(Decimal(dose), [Decimal(size) for size in sizes])


def test_the_most_grams_and_a_third_of_a_gram_have_bottles() -> None:
    assert bottles(Decimal(4000), [Decimal(40)]).count == 100
    assert bottles(Decimal("0.001"), [Decimal("0.5")]).counts == ((Decimal("0.5"), 1),)


# -- rates and time ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "strength", "expected"),
    [
        ("4.8 mL/kg/h", "100", "4.8"),
        ("0.08 mL/kg/min", "100", "4.80"),
        ("8 mg/kg/min", "100", "4.8"),
        ("480 mg/kg/h", "100", "4.8"),
        ("0.48 g/kg/h", "100", "4.8"),
        ("8 mg/kg/min", "50", "9.6"),
    ],
)
def test_every_unit_of_a_rate_comes_to_the_same(rate: str, strength: str, expected: str) -> None:
    assert ml_per_kg_per_h(amount(rate), Decimal(strength)) == Decimal(expected)


def test_a_rate_without_a_body_weight_in_its_unit_is_no_rate_by_weight() -> None:
    with pytest.raises(ValueError, match="no rate by weight"):
        ml_per_kg_per_h(amount("100 mL/h"), TEN_PERCENT)


def test_the_time_of_a_ladder_shows_each_step() -> None:
    steps = ladder(("1", 30), ("2", 30), ("4", None))
    found = ladder_time(Decimal(35), Decimal(70), steps, TEN_PERCENT)

    assert found.minutes == Decimal("112.5")
    assert found.text == "1 hour 53 minutes"
    assert found.lines == (
        "30 min at 1 mL/kg/h × 70 kg: 35 mL",
        "30 min at 2 mL/kg/h × 70 kg: 70 mL",
        "52.5 min at 4 mL/kg/h × 70 kg: 245 mL",
        "30 + 30 + 52.5 min = 1 hour 53 minutes",
    )
    assert [stage.rate_ml_per_kg_per_h for stage in found.stages] == [1, 2, 4]
    assert sum(stage.volume_ml for stage in found.stages) == 350


def test_a_dose_that_ends_exactly_with_a_step_needs_no_further_step() -> None:
    found = ladder_time(Decimal("3.5"), Decimal(70), ladder(("1", 30), ("2", None)), TEN_PERCENT)

    assert [stage.minutes for stage in found.stages] == [30]
    assert found.lines == ("30 min at 1 mL/kg/h × 70 kg: 35 mL",)


def test_nobody_at_risk_goes_faster_than_the_slow_rate_and_the_print_is_rounded_down() -> None:
    slow = Rate(value=Decimal("3.33"), unit="mg/kg/min")
    found = ladder_time(Decimal(70), Decimal(70), ladder(("1", 30), ("8", None)), Decimal(50), slow)

    assert [stage.rate_ml_per_kg_per_h for stage in found.stages] == [1, Decimal("3.996")]
    assert "at 3.996 mL/kg/h" in found.lines[1]


@pytest.mark.parametrize(
    ("grams", "weight", "strength"), [("0", "70", "100"), ("70", "0", "100"), ("70", "70", "0"), ("-1", "70", "100")]
)
def test_no_time_without_a_dose_a_weight_and_a_strength(grams: str, weight: str, strength: str) -> None:
    with pytest.raises(ValueError, match="above zero"):
        ladder_time(Decimal(grams), Decimal(weight), ladder(("1", None)), Decimal(strength))


def test_a_steady_time_shows_its_line_and_refuses_what_no_pump_runs_at() -> None:
    found = steady_time(Decimal(700), Decimal(200), LIMITS)

    assert (found.minutes, found.text, found.lines) == (210, "3 hours 30 minutes", ("700 mL ÷ 200 mL/h = 3.5 hours",))
    assert [(stage.minutes, stage.volume_ml) for stage in found.stages] == [(210, 700)]
    for rate in ("0", "-1", "1100.1"):
        with pytest.raises(OutOfRange):
            steady_time(Decimal(700), Decimal(rate), LIMITS)
    for volume in ("0", "-1"):
        with pytest.raises(ValueError, match="a volume above zero"):
            steady_time(Decimal(volume), Decimal(200), LIMITS)


@pytest.mark.parametrize(
    ("rate", "weight", "strength", "lines"),
    [
        ("336 mL/h", "70", None, ("336 mL/h ÷ 70 kg = 4.8 mL/kg/h",)),
        (
            "336 mL/h",
            "70",
            "100",
            ("336 mL/h ÷ 70 kg = 4.8 mL/kg/h", "4.8 mL/kg/h × 100 mg/mL ÷ 60 = 8 mg/kg/min"),
        ),
        ("4.8 mL/kg/h", None, None, ()),
        ("4.8 mL/kg/h", "70", None, ("4.8 mL/kg/h × 70 kg = 336 mL/h",)),
        ("5 mL/kg/h", None, "100", ("5 mL/kg/h × 100 mg/mL ÷ 60 = about 8.33 mg/kg/min",)),
        ("0.08 mL/kg/min", None, None, ("0.08 mL/kg/min × 60 = 4.8 mL/kg/h",)),
        ("3.33 mg/kg/min", None, "50", ("3.33 mg/kg/min × 60 ÷ 50 mg/mL = about 3.99 mL/kg/h",)),
        (
            "200 mg/kg/h",
            "70",
            "50",
            (
                "200 mg/kg/h ÷ 50 mg/mL = 4 mL/kg/h",
                "4 mL/kg/h × 70 kg = 280 mL/h",
                "4 mL/kg/h × 50 mg/mL ÷ 60 = about 3.33 mg/kg/min",
            ),
        ),
        (
            "0.2 g/kg/h",
            None,
            "100",
            ("0.2 g/kg/h × 1,000 ÷ 100 mg/mL = 2 mL/kg/h", "2 mL/kg/h × 100 mg/mL ÷ 60 = about 3.33 mg/kg/min"),
        ),
    ],
)
def test_a_rate_in_other_units(rate: str, weight: str | None, strength: str | None, lines: tuple[str, ...]) -> None:
    found = converted(amount(rate), Decimal(weight) if weight else None, Decimal(strength) if strength else None)

    assert found.lines == lines
    assert len(found.rates) == len(lines)
    assert rate not in [each.text for each in found.rates]


@pytest.mark.parametrize(
    ("rate", "strength", "why"),
    [
        ("100 mL/h", "100", "without a weight"),
        ("8 mg/kg/min", None, "only with a strength"),
        ("70 kg", "100", "is no rate"),
    ],
)
def test_a_rate_is_not_turned_without_what_it_needs(rate: str, strength: str | None, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        converted(amount(rate), None, Decimal(strength) if strength else None)


def test_drops_need_a_set_and_a_rate() -> None:
    assert drops_per_minute(Decimal(90), Decimal(20), LIMITS) == (
        30,
        "90 mL/h × 20 drops per mL ÷ 60 = 30 drops a minute",
    )
    for drops in ("0", "-20"):
        with pytest.raises(ValueError, match="drops per mL"):
            drops_per_minute(Decimal(90), Decimal(drops), LIMITS)
    with pytest.raises(OutOfRange):
        drops_per_minute(Decimal(0), Decimal(20), LIMITS)


# -- dosing weight -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "centimetres", "lines"),
    [
        ("163 cm", "163", ()),
        ("64 in", "162.56", ("64 inches × 2.54 = 162.56 cm",)),
        ("64 ft in", "162.56", ("5 feet × 12 + 4 = 64 inches", "64 inches × 2.54 = 162.56 cm")),
        ("72 ft in", "182.88", ("6 feet × 12 = 72 inches", "72 inches × 2.54 = 182.88 cm")),
        ("1.63 m", "163", ("1.63 m × 100 = 163 cm",)),
        ("5 ft", "152.4", ("5 feet × 30.48 = 152.4 cm",)),
        ("1630 mm", "163", ("1,630 mm × 0.1 = 163 cm",)),
    ],
)
def test_a_height_shows_how_it_became_centimetres(given: str, centimetres: str, lines: tuple[str, ...]) -> None:
    assert height_in_cm(amount(given), LIMITS) == (Decimal(centimetres), lines)


@pytest.mark.parametrize(
    ("given", "error"), [("119.9 cm", OutOfRange), ("7.6 ft", OutOfRange), ("70 kg", QuantityError)]
)
def test_a_height_that_nobody_has_is_refused(given: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        height_in_cm(amount(given), LIMITS)


def test_the_lines_of_an_adjusted_weight() -> None:
    rule = TABLES.weight_rules["ontario"]
    found = dosing_weight(rule, TABLES.ideal_weight, "female", Decimal(165), Decimal(95))

    assert found.is_adjusted
    assert found.lines == (
        "165 cm ÷ 2.54 = about 64.96 inches",
        "45.5 + 2.3 × (64.96 − 60) = about 56.91 kg",
        "56.91 + 0.4 × (95 − 56.91) = about 72.15 kg",
    )


def test_the_measured_weight_needs_no_line_and_the_ideal_itself_is_not_adjusted() -> None:
    rule = TABLES.weight_rules["australia"]
    ideal, lines = ideal_weight(TABLES.ideal_weight, "male", Decimal("175.26"))
    at_ideal = dosing_weight(rule, TABLES.ideal_weight, "male", Decimal("175.26"), ideal)
    short = dosing_weight(rule, TABLES.ideal_weight, "male", Decimal(150), Decimal(70))

    assert (ideal, at_ideal.kg, at_ideal.why, at_ideal.lines) == (
        Decimal("70.7"),
        Decimal("70.7"),
        "below_ideal",
        lines,
    )
    assert (short.lines, short.is_adjusted, short.must) == ((), False, False)


def test_a_rule_without_a_limit_of_body_mass_is_always_a_must() -> None:
    found = dosing_weight(TABLES.weight_rules["australia"], TABLES.ideal_weight, "male", Decimal(180), Decimal(80))

    assert found.must
    assert body_mass_index(Decimal(120), Decimal(200)) == 30


def test_a_rule_with_a_least_weight_looks_at_the_sex() -> None:
    rule: WeightRule = TABLES.weight_rules["ontario"]
    found = [dosing_weight(rule, TABLES.ideal_weight, sex, Decimal(153), Decimal(48)).why for sex in ("male", "female")]

    assert found == ["too_light", "adjusted"]


def test_rounding_a_dose_leaves_it_alone_where_the_rule_has_no_step() -> None:
    assert rounded_dose(Decimal("0.1"), TABLES.weight_rules["ontario"]) == 5
    assert rounded_dose(Decimal("32.49"), TABLES.weight_rules["ontario"]) == 30
    assert rounded_dose(Decimal("32.49"), TABLES.weight_rules["australia"]) == Decimal("32.49")


def test_what_was_worked_out_is_not_changed_afterwards() -> None:
    weight = weight_in_kg(amount("70 kg"), LIMITS)
    for found, field in ((weight, "kg"), (course(amount("35 g"), 1, None, LIMITS), "days"), (bill("1"), "value")):
        with pytest.raises(FrozenInstanceError):
            setattr(found, field, 1)


def test_a_whole_share_and_a_single_month_can_stand_in_the_tables() -> None:
    rule = TABLES.shares["medicare_part_b"]
    wait = TABLES.vaccine_waits["live_wait_eu"].model_copy(update={"months": 1})
    tables = TABLES.model_copy(update={"vaccine_waits": {"short": wait}})

    assert type(rule).model_validate({**rule.model_dump(), "percent": 100}).percent == 100
    with pytest.raises(ValidationError):
        type(rule).model_validate({**rule.model_dump(), "percent": 101})
    assert dosing_figures(tables)["short.months"] == "1 month"


def test_a_product_without_a_strength_or_a_size_is_no_product() -> None:
    for noun, field in ((Strength, "mg_per_ml"), (Vials, "sizes_g")):
        with pytest.raises(ValidationError):
            noun.model_validate({field: [], "cite": {"source": "article", "at": "x"}, "checked": DAY})


# -- cost --------------------------------------------------------------------------------------------------------


def bill(value: str) -> Cost:
    return Cost(Decimal(value), "$", ())


def test_a_cost_shows_its_line_and_its_standing() -> None:
    plain, dear = cost(Decimal("69.85"), Decimal(100), "$", LIMITS), cost(Decimal(70), Decimal(500), "EUR", LIMITS)

    assert (plain.value, plain.lines, plain.standing) == (6985, ("69.85 g × $100/g = $6,985",), Standing.PLAIN)
    assert (dear.lines, dear.standing) == (("70 g × €500/g = €35,000",), Standing.WARN_HIGH)
    twelve, _ = in_a_year(Decimal("69.85"), amount("1 month"))
    (uneven,) = in_a_year(Decimal("69.85"), amount("3 week"))
    assert repeated(dear, twelve).standing == Standing.WARN_HIGH
    assert repeated(plain, twelve).lines == ("$6,985 × 12 = $83,820",)
    assert repeated(plain, uneven).lines == ("$6,985 × 52 ÷ 3 = $121,073.33",)


@pytest.mark.parametrize("price", ["0", "-1", "5000.01", "NaN"])
def test_a_price_that_no_gram_has_is_refused(price: str) -> None:
    with pytest.raises(OutOfRange):
        cost(Decimal(70), Decimal(price), "$", LIMITS)


@pytest.mark.parametrize(
    ("percent", "deductible", "cap", "value", "lines"),
    [
        ("20", "0", None, "1400", ("$7,000 × 20% = $1,400",)),
        (
            "20",
            "283",
            None,
            "1626.40",
            ("$7,000 − $283 = $6,717", "$6,717 × 20% = $1,343.40", "$283 + $1,343.40 = $1,626.40"),
        ),
        ("20", "0", "1000", "1000", ("$7,000 × 20% = $1,400", "$1,400, but at most $1,000")),
        ("20", "0", "1400", "1400", ("$7,000 × 20% = $1,400",)),
        ("20", "0", "0", "0", ("$7,000 × 20% = $1,400", "$1,400, but at most $0")),
        ("100", "9000", None, "7000", ("$7,000 − $7,000 = $0", "$0 × 100% = $0", "$7,000 + $0 = $7,000")),
        ("0", "0", None, "0", ("$7,000 × 0% = $0",)),
    ],
)
def test_a_share_shows_each_line(
    percent: str, deductible: str, cap: str | None, value: str, lines: tuple[str, ...]
) -> None:
    found = share(bill("7000"), Decimal(percent), Decimal(deductible), Decimal(cap) if cap else None, LIMITS)

    assert (found.value, found.lines, found.currency) == (Decimal(value), lines, "$")


@pytest.mark.parametrize(("deductible", "cap"), [("-1", None), ("0", "-1")])
def test_a_negative_amount_of_money_is_refused(deductible: str, cap: str | None) -> None:
    with pytest.raises(ValueError, match="negative"):
        share(bill("7000"), Decimal(20), Decimal(deductible), Decimal(cap) if cap else None, LIMITS)


@pytest.mark.parametrize("percent", ["-0.1", "100.1"])
def test_a_share_outside_the_whole_is_refused(percent: str) -> None:
    with pytest.raises(OutOfRange):
        share(bill("7000"), Decimal(percent), Decimal(0), None, LIMITS)


def test_every_product_that_has_bottles_and_a_ladder_can_be_worked_out_for_seventy_grams() -> None:
    worked = 0
    for product in PRODUCTS.values():
        for strength in product.strength.mg_per_ml:
            sizes = product.sizes_g(strength)
            if sizes:
                assert bottles(Decimal(70), sizes).total_g >= 70
            for steps in product.ladders:
                assert (
                    ladder_time(
                        Decimal(70), Decimal(70), steps, strength, product.slow_rate and product.slow_rate.rate
                    ).minutes
                    > 60
                )
                worked += 1

    assert worked == sum(len(product.ladders) for product in PRODUCTS.values())


def test_a_month_is_a_twelfth_of_the_year() -> None:
    (total,) = in_a_year(Decimal(35), amount("3 week"))
    thirteen, twelve = in_a_year(Decimal(70), amount("4 week"))

    assert a_month(total) == "35 g × 52 ÷ 3 ÷ 12 = about 50.56 g a month"
    assert a_month(thirteen) == "910 g ÷ 12 = about 75.83 g a month"
    assert a_month(twelve) == "840 g ÷ 12 = 70 g a month"


def test_infusions_that_lie_apart_add_up() -> None:
    assert several(Decimal(28), 5) == (140, "28 g × 5 infusions = 140 g in all")


def test_drops_a_minute_come_to_a_rate_that_is_not_rounded_up() -> None:
    assert rate_of_drops(Decimal(40), Decimal(20), LIMITS) == (
        120,
        "40 drops a minute × 60 ÷ 20 drops per mL = 120 mL/h",
    )
    assert rate_of_drops(Decimal(50), Decimal(60), LIMITS)[1].endswith("= 50 mL/h")
    assert rate_of_drops(Decimal(5), Decimal(1), LIMITS)[0] == 300
    assert rate_of_drops(Decimal(20), Decimal(17), LIMITS)[1].endswith("= about 70.58 mL/h")
    for drops in ("0", "-20"):
        with pytest.raises(ValueError, match="drops per mL"):
            rate_of_drops(Decimal(40), Decimal(drops), LIMITS)
    with pytest.raises(OutOfRange):
        rate_of_drops(Decimal(0), Decimal(20), LIMITS)

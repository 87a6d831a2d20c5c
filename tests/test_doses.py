"""Runs tests/doses.yaml: the cases a pharmacist can check with a pencil, read and worked out by the real tables."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.dosing.bottles import Policy, bottles
from bot.dosing.costs import Cost, cost, repeated, share
from bot.dosing.course import a_month, course, in_a_year, per_kilogram, volume_ml, weight_in_kg
from bot.dosing.limits import Standing, standing
from bot.dosing.rates import converted, drops_per_minute, ladder_time, steady_time
from bot.dosing.tables import DosingTables, Product
from bot.dosing.weights import Sex, dosing_weight, height_in_cm, ideal_weight, rounded_dose
from bot.quantities import Found, Kind, Quantity, read, rounded
from bot.quantities.printing import money
from bot.schedule import live_vaccine_days
from bot.strictyaml import read_file, validate

ROOT = Path(__file__).resolve().parent.parent
CASES: dict[str, Any] = yaml.safe_load((ROOT / "tests" / "doses.yaml").read_text(encoding="utf-8"))
LEAST_CASES = 150


def tables_of_the_house() -> DosingTables:
    found = validate(DosingTables, read_file(ROOT / "knowledge" / "dosing.yaml", "dosing.yaml"))
    assert found is not None
    return found


def products_of_the_house() -> dict[str, Product]:
    found = {}
    for path in sorted((ROOT / "knowledge" / "products").glob("*.yaml")):
        product = validate(Product, read_file(path, path.name), {"id": path.stem})
        assert product is not None
        found[path.stem] = product
    return found


TABLES = tables_of_the_house()
PRODUCTS = products_of_the_house()
LIMITS = TABLES.limits


def cases(section: str) -> Any:
    return pytest.mark.parametrize("case", CASES[section], ids=lambda case: str(case.get("name", case)))


def only(text: str, *kinds: Kind) -> Found:
    """The one amount of these kinds that a text states."""
    found = read(text).of(*kinds)
    assert len(found) == 1, (text, found)
    return found[0]


def amounts(text: str, *kinds: Kind) -> Iterator[Quantity]:
    for found in read(text).of(*kinds):
        yield found.quantity


def body_and_drug(text: str) -> tuple[Quantity | None, Quantity]:
    """The body weight and the dose of a text: kg, lb or stone is a body, g and mg a drug."""
    by_weight = list(amounts(text, Kind.MASS_PER_MASS))
    masses = list(amounts(text, Kind.MASS))
    bodies = [mass for mass in masses if mass.unit in ("kg", "lb", "st", "st lb")]
    drugs = by_weight + [mass for mass in masses if mass.unit in ("g", "mg")]
    assert len(drugs) == 1, (text, drugs)
    assert len(bodies) <= 1, (text, bodies)
    return (bodies[0] if bodies else None), drugs[0]


def strength(text: str) -> Decimal:
    found = only(text, Kind.PERCENT, Kind.CONCENTRATION).quantity
    return found.value * 10 if found.unit == "%" else found.value


def grams(text: str) -> Decimal:
    return only(text, Kind.MASS).quantity.to("g").value


def test_there_are_enough_cases_and_each_names_its_source() -> None:
    unnamed = ("limits", "messages", "talks")
    sections = [found for section, found in CASES.items() if isinstance(found, list) and section not in unnamed]
    named = [case for found in sections for case in found]
    names = [case["name"] for case in named]

    assert len(names) + len(CASES["limits"]) >= LEAST_CASES
    assert len(set(names)) == len(names)
    assert all(case["source"] for case in named)


def test_every_regimen_of_the_tables_is_among_the_cases() -> None:
    worked = set()
    for case in CASES["courses"]:
        drug = body_and_drug(case["given"])[1]
        worked.add(drug.to(f"g{drug.unit[drug.unit.index('/'):]}" if "/" in drug.unit else "g").value)
    for regimen in TABLES.regimens.values():
        doses = [regimen.dose] if regimen.dose_to is None else [regimen.dose, regimen.dose_to]
        for dose in doses:
            value = dose.value / 1000 if dose.unit == "mg/kg" else dose.value
            assert value in worked or value * regimen.days in worked, regimen.name


def test_every_ladder_of_the_products_is_among_the_cases() -> None:
    with_ladder = {name for name, product in PRODUCTS.items() if product.ladders}

    assert {case["product"] for case in CASES["infusions"]} == with_ladder


@cases("courses")
def test_a_course(case: dict[str, Any]) -> None:
    body, dose = body_and_drug(case["given"])
    weight = None if body is None else weight_in_kg(body, LIMITS)
    days, spread = 1, False
    for found in read(case["given"]).of(Kind.DURATION, Kind.COUNT):
        days, spread = int(found.quantity.value), found.role == "over"
    worked = course(dose, days, None if weight is None else weight.kg, LIMITS, spread=spread)

    assert Quantity(worked.daily_g, "g").text == case["day"]
    assert Quantity(worked.course_g, "g").text == case["course"]
    if "weight" in case:
        assert weight is not None
        assert Quantity(weight.kg, "kg").text == case["weight"]
    if "course_per_kg" in case:
        assert worked.course_g_per_kg is not None
        assert Quantity(worked.course_g_per_kg, "g/kg").text == case["course_per_kg"]
    if "daily_per_kg" in case:
        assert worked.daily_g_per_kg is not None
        assert Quantity(worked.daily_g_per_kg, "g/kg").text == case["daily_per_kg"]
    assert worked.standing == case.get("standing", "plain")
    assert worked.lines or dose.unit == "g"


@cases("reverse")
def test_back_to_grams_per_kilogram(case: dict[str, Any]) -> None:
    body, dose = body_and_drug(case["given"])
    assert body is not None
    (line,) = per_kilogram(dose.to("g").value, weight_in_kg(body, LIMITS).kg)

    assert line.removesuffix(case["per_kg"]) != line


@cases("years")
def test_a_year(case: dict[str, Any]) -> None:
    dose, intervals = only(case["given"], Kind.MASS), list(amounts(case["given"], Kind.INTERVAL))
    interval = intervals[0] if intervals else Quantity(Decimal(1), dose.per)
    totals = in_a_year(dose.quantity.value, interval)

    assert [Quantity(total.grams, "g").text for total in totals] == case["totals"]
    assert all(total.lines for total in totals)


@cases("months")
def test_an_average_month(case: dict[str, Any]) -> None:
    dose, interval = only(case["given"], Kind.MASS).quantity, only(case["given"], Kind.INTERVAL).quantity
    first = in_a_year(dose.value, interval)[0]

    assert a_month(first).endswith(f" {case['a_month']} a month")


@cases("strengths")
def test_a_strength_as_bottles_print_it(case: dict[str, Any]) -> None:
    assert only(case["given"], Kind.CONCENTRATION).quantity.text == case["is"]


@cases("volumes")
def test_a_volume(case: dict[str, Any]) -> None:
    value, line = volume_ml(grams(case["given"]), strength(case["given"]), LIMITS)

    assert Quantity(value, "mL").text == case["mL"]
    assert line.endswith(case["mL"])


@cases("bottles")
def test_bottles(case: dict[str, Any]) -> None:
    product = PRODUCTS.get(case.get("product", ""))
    sizes = product.sizes_g() if product else [grams(size) for size in case["sizes"]]
    found = bottles(grams(case["dose"]), sizes, Policy(case.get("policy", "cover")))

    assert [f"{count} of {Quantity(size, 'g').text}" for size, count in found.counts] == case["holds"]
    assert Quantity(found.total_g, "g").text == case["total"]
    assert found.count == sum(int(held.split()[0]) for held in case["holds"])


@cases("infusions")
def test_an_infusion_takes_at_least(case: dict[str, Any]) -> None:
    product = PRODUCTS[case["product"]]
    weight = weight_in_kg(only(case["weight"], Kind.MASS).quantity, LIMITS)
    slow = product.slow_rate.rate if case.get("slow") and product.slow_rate else None
    assert (slow is not None) == bool(case.get("slow"))
    worked = ladder_time(grams(case["dose"]), weight.kg, product.ladders[0], product.strength.mg_per_ml[0], slow)

    expected = Decimal(case["minutes"])
    assert rounded(worked.minutes, -int(expected.as_tuple().exponent)) == expected
    assert worked.minutes == sum(stage.minutes for stage in worked.stages)


@cases("steady")
def test_a_volume_at_one_rate(case: dict[str, Any]) -> None:
    volume, rate = only(case["given"], Kind.VOLUME).quantity, only(case["given"], Kind.VOLUME_RATE).quantity

    assert steady_time(volume.to("mL").value, rate.to("mL/h").value, LIMITS).text == case["time"]


def rates_of(text: str) -> list[str]:
    rate = only(text, Kind.VOLUME_RATE, Kind.VOLUME_RATE_PER_MASS, Kind.MASS_RATE_PER_MASS).quantity
    bodies = list(amounts(text, Kind.MASS))
    weight = weight_in_kg(bodies[0], LIMITS).kg if bodies else None
    mg_per_ml = strength(text) if read(text).of(Kind.PERCENT, Kind.CONCENTRATION) else None
    worked = converted(rate, weight, mg_per_ml)
    return [line.rpartition("= ")[2].removeprefix("about ") for line in worked.lines]


@cases("rates")
def test_a_rate_in_another_unit(case: dict[str, Any]) -> None:
    assert case["is"] in rates_of(case["given"])


def test_the_rate_table_of_a_province_cell_by_cell() -> None:
    table = CASES["rate_table"]
    cells = 0
    for rate, row in table["mL_per_kg_per_min"].items():
        assert len(row) == len(table["kg"])
        for weight, printed in zip(table["kg"], row, strict=True):
            assert f"{printed:,} mL/h" in rates_of(f"{rate} for {weight} kg")
            cells += 1

    assert cells == 133


@cases("drops")
def test_drops_a_minute(case: dict[str, Any]) -> None:
    rate = only(case["rate"], Kind.VOLUME_RATE).quantity
    value, line = drops_per_minute(rate.value, Decimal(case["set"]), LIMITS)

    assert Quantity(value, "gtt/min").text == case["drops"]
    assert line.endswith(case["drops"])


@cases("weights")
def test_a_dosing_weight(case: dict[str, Any]) -> None:
    sex: Sex = case["sex"]
    centimetres, _ = height_in_cm(only(case["height"], Kind.LENGTH).quantity, LIMITS)
    weight = weight_in_kg(only(case["weight"], Kind.MASS).quantity, LIMITS)
    found = dosing_weight(
        TABLES.weight_rules[case["rule"]], TABLES.ideal_weight, sex, centimetres, weight.kg,
        age=case.get("age"), pregnant=case.get("pregnant", False),
    )  # fmt: skip

    assert Quantity(found.kg, "kg").text == case["used"]
    assert found.why == case["why"]
    if "ideal" in case:
        assert Quantity(ideal_weight(TABLES.ideal_weight, sex, centimetres)[0], "kg").text == case["ideal"]
    if "must" in case:
        assert found.must == case["must"]


@cases("rounding")
def test_a_dose_to_the_nearest_step(case: dict[str, Any]) -> None:
    assert Quantity(rounded_dose(grams(case["dose"]), TABLES.weight_rules[case["rule"]]), "g").text == case["gives"]


@cases("money")
def test_what_it_costs(case: dict[str, Any]) -> None:
    price = only(case["given"], Kind.PRICE).quantity
    currency = price.unit.removeprefix("money:").removesuffix("/g")
    bill: Cost = cost(grams(case["given"].partition(" at ")[0]), price.value, currency, LIMITS)
    if "times" in case:
        every_month = in_a_year(Decimal(1), Quantity(Decimal(1), "month"))
        bill = repeated(bill, next(total for total in every_month if total.courses == case["times"]))
    if "share" in case:
        rule = TABLES.shares[case["share"]]
        bill = share(bill, rule.percent, rule.deductible, None, LIMITS)
    elif "percent" in case:
        cap = None if "cap" not in case else Decimal(case["cap"])
        bill = share(bill, Decimal(case["percent"]), Decimal(case.get("deductible", 0)), cap, LIMITS)

    assert money(bill.value, bill.currency) == case["costs"]
    assert bill.lines[-1].endswith(case["costs"])


@pytest.mark.parametrize("case", CASES["limits"], ids=lambda case: f"{case['limit']} {case['value']}: {case['stands']}")
def test_both_sides_of_a_limit(case: dict[str, Any]) -> None:
    assert standing(Decimal(case["value"]), getattr(LIMITS, case["limit"])) == Standing(case["stands"])


@cases("waits")
def test_the_wait_before_a_live_vaccine(case: dict[str, Any]) -> None:
    last = case["last"]
    assert isinstance(last, date)
    per_kg = only(case["per_kg"], Kind.MASS_PER_MASS).quantity.to("g/kg").value
    (found,) = live_vaccine_days(last, per_kg, [TABLES.vaccine_waits[case["wait"]]])

    assert found.day == (None if case["until"] == "none" else case["until"])

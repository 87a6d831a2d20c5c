"""The number tables: what they refuse, what they print, and that they agree with the safety limits of the project."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.dosing.tables import DosingTables, IgA, Ladder, Product, Regimen, VaccineWait, dosing_figures
from bot.quantities.printing import number
from bot.strictyaml import read_file, validate

ROOT = Path(__file__).resolve().parent.parent
KNOWLEDGE = ROOT / "knowledge"
CHECKED: dict[str, Any] = {"cite": {"source": "article", "at": "whole page"}, "checked": "2026-11-24"}
PRODUCT_FILES = sorted((KNOWLEDGE / "products").glob("*.yaml"))
ERROR_PRONE = (
    r"\d\.\d*0(?!\d)(?! to)",
    r"(?<!\d)\.\d",
    r"\d(?:mg|mL|kg|g)\b",
    r"\d{4}",
    r"\bmcg\b",
    r"\bµg\b",
    r"[<>]",
)


@pytest.fixture(scope="module")
def tables() -> DosingTables:
    document = read_file(KNOWLEDGE / "dosing.yaml", "dosing.yaml")
    found = validate(DosingTables, document)
    assert found is not None, document.problems
    return found


def product(path: Path) -> Product:
    document = read_file(path, path.name)
    found = validate(Product, document, {"id": path.stem})
    assert found is not None, document.problems
    return found


def regimen(**changes: Any) -> Regimen:
    values = {"name": "x", "dose": {"value": "0.4", "unit": "g/kg"}, "days": 1, "standing": "y", **CHECKED}
    return Regimen.model_validate({**values, **changes})


def test_the_limits_are_those_of_the_safety_policy(tables: DosingTables) -> None:
    limits = tables.limits
    weight, dose, height, price = limits.weight, limits.dose_per_kg, limits.height, limits.price_per_gram
    assert (weight.warn_below, weight.warn_above, weight.refuse_at_most, weight.refuse_above) == (40, 200, 0, 400)
    assert (dose.warn_above, dose.refuse_from, dose.ask_at_most) == (2, 4, Decimal("0.01"))
    assert (height.warn_below, height.refuse_below, height.refuse_above) == (152, 120, 230)
    assert (price.warn_below, price.warn_above, price.refuse_at_most, price.refuse_above) == (40, 400, 0, 5000)
    assert limits.age.warn_below == 18


def test_the_articles_two_regimens_are_shown_for_a_weight(tables: DosingTables) -> None:
    shown = {name: regimen.dose.text for name, regimen in tables.regimens.items() if regimen.shown_for_weight}
    assert shown == {"article_monthly": "1 g/kg", "five_day_course": "400 mg/kg"}


def test_no_published_regimen_is_refused_by_the_limits(tables: DosingTables) -> None:
    most = tables.limits.dose_per_kg.refuse_from
    assert most is not None
    for name, row in tables.regimens.items():
        if row.dose.unit == "g":
            continue
        top = (row.dose_to or row.dose).value * (row.days_to or row.days)
        assert top / (1000 if row.dose.unit == "mg/kg" else 1) < most, name


def test_printed_figures(tables: DosingTables) -> None:
    figures = dosing_figures(tables)
    expected = {
        "article_monthly.dose": "1 g/kg",
        "article_monthly.interval": "month",
        "five_day_course.course": "2 g/kg",
        "five_day_course.days": "5",
        "aims_monthly.dose": "0.15 to 0.2 g/kg",
        "ontario_start.course": "1 to 2 g/kg",
        "ontario_start.days": "1 to 2",
        "ontario_repeat.interval": "4 to 6 weeks",
        "postpartum_flat.course": "30 g",
        "article_price.value": "$100",
        "medicare_price_us_2011.value": "$73.30",
        "live_wait_us.up_to_400_mg": "8 months",
        "live_wait_eu.months": "3 months",
        "article_price_per_gram": "$100 per gram",
    }
    assert {name: figures[name] for name in expected} == expected


def test_nothing_printed_can_be_misread(tables: DosingTables) -> None:
    for name, text in dosing_figures(tables).items():
        for pattern in ERROR_PRONE:
            found = re.search(pattern, re.sub(r"\$[\d,.]+", "", text))
            assert not found, (name, text, pattern)


def test_mixed_units_are_printed_whole() -> None:
    rows = regimen(interval={"value": 10, "unit": "day"}, interval_to={"value": 2, "unit": "week"})
    tables = {"x_row": rows}
    found = dosing_figures(DosingTables.model_construct(regimens=tables, figures={}, prices={}, vaccine_waits={}))
    assert found["x_row.interval"] == "10 days to 2 weeks"
    crossing = regimen(dose={"value": "400", "unit": "mg/kg"}, days=2, days_to=5)
    found = dosing_figures(
        DosingTables.model_construct(regimens={"x": crossing}, figures={}, prices={}, vaccine_waits={})
    )
    assert found["x.course"] == "800 mg/kg to 2 g/kg"


@pytest.mark.parametrize(
    "changes",
    [
        {"dose": {"value": "0", "unit": "g/kg"}},
        {"dose": {"value": "-1", "unit": "g/kg"}},
        {"dose": {"value": "NaN", "unit": "g/kg"}},
        {"dose": {"value": "1", "unit": "g"}, "dose_to": {"value": "2", "unit": "g/kg"}},
        {"dose_to": {"value": "0.4", "unit": "g/kg"}},
        {"days": 0},
        {"days": 2, "days_to": 2},
        {"interval_to": {"value": 6, "unit": "week"}},
        {"interval": {"value": 0, "unit": "week"}},
        {"cite": None},
        {"surplus": 1},
    ],
)
def test_a_regimen_that_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        regimen(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"months": 3, "rows": [{"up_to_g_per_kg": "1", "months": 10}]},
        {"rows": [{"up_to_g_per_kg": "1", "months": 10}, {"up_to_g_per_kg": "1", "months": 11}]},
        {"rows": [{"up_to_g_per_kg": "2", "months": 11}, {"up_to_g_per_kg": "1", "months": 10}]},
    ],
)
def test_a_wait_that_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        VaccineWait.model_validate({"region": "us", "vaccines": ["measles"], **CHECKED, **changes})


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [("1", "mg/kg/min", 30)],  # the last step has no end
        [("1", "mg/kg/min", None), ("2", "mg/kg/min", None)],
        [("2", "mg/kg/min", 30), ("1", "mg/kg/min", None)],
        [("1", "mg/kg/min", 30), ("1", "mg/kg/min", None)],
        [("0.6", "mL/kg/h", 30), ("2", "mg/kg/min", None)],
    ],
)
def test_a_ladder_that_cannot_be_is_refused(steps: list[tuple[str, str, int | None]]) -> None:
    rows = [{"rate": {"value": value, "unit": unit}, "minutes": minutes} for value, unit, minutes in steps]
    with pytest.raises(ValidationError):
        Ladder.model_validate({"basis": "label", "use": "x", "steps": rows, **CHECKED})


@pytest.mark.parametrize("amounts", [{}, {"most_mcg_per_ml": 25, "mean_mcg_per_ml": 10}])
def test_iga_is_a_limit_or_a_mean(amounts: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        IgA.model_validate({**amounts, **CHECKED})


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("regimens", {}, "shown_for_weight"),
        ("prices", {}, "price"),
        ("figures", {"article_monthly": {"text": "x", **CHECKED}}, "share the name"),
    ],
)
def test_tables_without_what_is_needed_are_refused(tables: DosingTables, key: str, value: Any, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        DosingTables.model_validate({**tables.model_dump(), key: value})


@pytest.mark.parametrize("path", PRODUCT_FILES, ids=lambda path: path.stem)
def test_a_product_holds_together(path: Path) -> None:
    """Strengths are those sold for a vein, no ladder rises above the label's own top, sizes are plausible bottles."""
    found = product(path)
    assert all(30 <= value <= 120 for value in found.strength.mg_per_ml)
    for vials in found.vials:
        assert len(set(vials.sizes_g)) == len(vials.sizes_g)
        assert all(Decimal("0.5") <= size <= 40 for size in vials.sizes_g)
    tops = [per_minute(row.rate.value, row.rate.unit, found.strength.mg_per_ml[0]) for row in found.top_rates]
    for ladder in found.ladders:
        steps = [per_minute(step.rate.value, step.rate.unit, found.strength.mg_per_ml[0]) for step in ladder.steps]
        assert tops
        assert steps[-1] <= max(tops) + Decimal("0.001")
    if found.slow_rate:
        slow = per_minute(found.slow_rate.rate.value, found.slow_rate.rate.unit, found.strength.mg_per_ml[0])
        assert slow <= max(tops)
    sugars = " ".join(fact.text.lower() for fact in found.facts if fact.what in ("sugar", "stabiliser"))
    cautions = " ".join(caution.text.lower() for caution in found.cautions)
    for sugar in ("maltose", "sorbitol", "proline"):
        assert (sugar in sugars) <= (sugar in cautions), sugar


def per_minute(value: Decimal, unit: str, mg_per_ml: Decimal) -> Decimal:
    """Any rate in mg/kg/min, worked out here a second time."""
    return {
        "mg/kg/min": value,
        "mg/kg/h": value / 60,
        "mL/kg/min": value * mg_per_ml,
        "mL/kg/h": value * mg_per_ml / 60,
    }[unit]


def test_there_are_the_products_and_no_two_share_a_name_in_a_region() -> None:
    products = [product(path) for path in PRODUCT_FILES]
    assert len(products) >= 27
    seen: set[tuple[str, str]] = set()
    for found in products:
        for region in found.regions:
            assert (found.name, region) not in seen
            seen.add((found.name, region))


def test_sizes_follow_the_strength_where_they_differ() -> None:
    sizes = {"sizes_g": [10, 5], **CHECKED}
    values = {"id": "x", "name": "X", "maker": "Y", "regions": ["us"], "form": "liquid"}
    strength = {"mg_per_ml": [50, 100], **CHECKED}
    both = Product.model_validate(
        {
            **values,
            "strength": strength,
            "vials": [{**sizes, "mg_per_ml": 50}, {"sizes_g": [20], "mg_per_ml": 100, **CHECKED}],
        }
    )
    assert both.sizes_g(Decimal(50)) == (5, 10)
    assert both.sizes_g(Decimal(100)) == (20,)
    assert both.sizes_g(Decimal(30)) == ()
    one = Product.model_validate({**values, "strength": strength, "vials": [{**sizes, "mg_per_ml": 50}]})
    assert one.sizes_g() == (5, 10)
    assert Product.model_validate({**values, "strength": strength}).sizes_g() == ()
    assert number(both.sizes_g(Decimal(50))[0]) == "5"

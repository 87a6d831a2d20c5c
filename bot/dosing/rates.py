"""
How long does an infusion take at least, and what is one rate in another unit?

May not know words, chats, or today's date. It explains printed rates; it never sets a pump.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bot.dosing.course import divided, equals
from bot.dosing.limits import checked
from bot.dosing.tables import Ladder, Limits, Rate
from bot.quantities import Quantity, figure, rounded
from bot.quantities.printing import hours, rounded_down

MINUTES_IN_AN_HOUR = Decimal(60)
GRAMS_TO_MG = Decimal(1000)
KEPT_PLACES_OF_A_MINUTE = 9
_BY_MASS = {"mg/kg/min": " × 60", "mg/kg/h": "", "g/kg/h": " × 1,000"}


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a ladder as it ran: minutes, rate, and the millilitres that went in."""

    minutes: Decimal
    rate_ml_per_kg_per_h: Decimal
    volume_ml: Decimal


@dataclass(frozen=True, slots=True)
class Duration:
    """How long an infusion takes at least; best case, without breaks, changes of bottle or watching afterwards."""

    minutes: Decimal
    stages: tuple[Stage, ...]
    lines: tuple[str, ...]
    text: str


def ml_per_kg_per_h(rate: Rate | Quantity, mg_per_ml: Decimal) -> Decimal:
    """
    A rate by weight in mL/kg/h.

        mL/kg/h = mg/kg/min * 60 / (mg/mL)          "10%: 1 mg/kg/min = 0.6 mL/kg/h. 5%: 1.2 mL/kg/h."
    """
    match rate.unit:
        case "mL/kg/h":
            return rate.value
        case "mL/kg/min":
            return rate.value * MINUTES_IN_AN_HOUR
        case "mg/kg/min":
            return divided(rate.value * MINUTES_IN_AN_HOUR, mg_per_ml)
        case "mg/kg/h":
            return divided(rate.value, mg_per_ml)
        case "g/kg/h":
            return divided(rate.value * GRAMS_TO_MG, mg_per_ml)
        case _:
            raise ValueError(f"{rate.unit} is no rate by weight")


def ladder_time(
    grams: Decimal,
    weight_kg: Decimal,
    ladder: Ladder,
    mg_per_ml: Decimal,
    slowest_top: Rate | None = None,
) -> Duration:
    """
    At least how long a dose takes on a ladder; the last step runs to the end.

        step_ml = rate_ml_per_kg_per_h * weight_kg * minutes / 60

    `slowest_top` is a maximum for people at risk: no step runs faster. The weight is the one the rate goes by, which
    may differ from the one the dose went by. Raises ValueError for a dose or weight that is not above zero.
    """
    if grams <= 0 or weight_kg <= 0 or mg_per_ml <= 0:
        raise ValueError("a dose, a weight and a strength above zero are needed")
    left = divided(grams * GRAMS_TO_MG, mg_per_ml)
    cap = None if slowest_top is None else ml_per_kg_per_h(slowest_top, mg_per_ml)
    stages: list[Stage] = []
    steps = iter(ladder.steps)
    while left > 0:
        step = next(steps)
        rate = ml_per_kg_per_h(step.rate, mg_per_ml)
        rate = rate if cap is None else min(rate, cap)
        per_hour = rate * weight_kg
        # Cut far below a second: a quotient that never ends must not make the last minute one more.
        minutes = rounded(divided(left * MINUTES_IN_AN_HOUR, per_hour), KEPT_PLACES_OF_A_MINUTE)
        volume = left
        if step.minutes is not None and step.minutes < minutes:
            minutes, volume = Decimal(step.minutes), divided(per_hour * step.minutes, MINUTES_IN_AN_HOUR)
        stages.append(Stage(minutes, rate, volume))
        left -= volume
    total = sum((stage.minutes for stage in stages), Decimal(0))
    lines = tuple(_stage_line(stage, weight_kg) for stage in stages)
    lines = (*lines, " + ".join(figure(stage.minutes) for stage in stages) + f" min = {hours(total)}")
    return Duration(total, tuple(stages), lines if len(stages) > 1 else lines[:1], hours(total))


def _stage_line(stage: Stage, weight_kg: Decimal) -> str:
    """One step as a line; the rate is printed rounded down, never up."""
    rate = figure(rounded_down(stage.rate_ml_per_kg_per_h, 3))
    start = f"{figure(stage.minutes)} min at {rate} mL/kg/h × {figure(weight_kg)} kg"
    return f"{start}: {figure(stage.volume_ml)} mL"


def steady_time(volume_ml: Decimal, ml_per_h: Decimal, limits: Limits) -> Duration:
    """
    How long a volume takes at one rate.

        minutes = volume_ml / mL/h * 60

    Raises OutOfRange for a rate no infusion runs at.
    """
    checked(ml_per_h, limits.rate)
    if volume_ml <= 0:
        raise ValueError("a volume above zero is needed")
    minutes = divided(volume_ml * MINUTES_IN_AN_HOUR, ml_per_h)
    line = f"{figure(volume_ml)} mL ÷ {figure(ml_per_h)} mL/h {equals(divided(minutes, MINUTES_IN_AN_HOUR), 'h')}"
    stage = Stage(minutes, ml_per_h, volume_ml)
    return Duration(minutes, (stage,), (line,), hours(minutes))


@dataclass(frozen=True, slots=True)
class Converted:
    """One rate in every unit that can be worked out, and the lines."""

    rates: tuple[Quantity, ...]
    lines: tuple[str, ...]


def converted(rate: Quantity, weight_kg: Decimal | None, mg_per_ml: Decimal | None) -> Converted:
    """
    A rate in its other units.

        mL/h = mL/kg/h * kg             mg/kg/min = mL/kg/h * (mg/mL) / 60

    "0.08 mL/kg/min is 8 mg/kg/min at 10% but 4 at 5%": without the strength no mg, without the weight no mL/h. Results
    are rounded down, so that a maximum never grows by rounding. Raises ValueError for what is no rate.
    """
    by_weight, start = _by_weight(rate, weight_kg, mg_per_ml)
    rates, lines = [], []
    if rate.unit != "mL/kg/h":
        rates.append(Quantity(by_weight, "mL/kg/h"))
        lines.append(f"{start} {_down(by_weight, 'mL/kg/h')}")
    if weight_kg is not None and rate.unit != "mL/h":
        per_hour = by_weight * weight_kg
        rates.append(Quantity(per_hour, "mL/h"))
        lines.append(f"{_shown(by_weight, 'mL/kg/h', start)} × {figure(weight_kg)} kg {_down(per_hour, 'mL/h')}")
    if mg_per_ml is not None and rate.unit != "mg/kg/min":
        mass = divided(by_weight * mg_per_ml, MINUTES_IN_AN_HOUR)
        rates.append(Quantity(mass, "mg/kg/min"))
        start = f"{_shown(by_weight, 'mL/kg/h', start)} × {figure(mg_per_ml)} mg/mL ÷ 60"
        lines.append(f"{start} {_down(mass, 'mg/kg/min')}")
    return Converted(tuple(rates), tuple(lines))


def _by_weight(rate: Quantity, weight_kg: Decimal | None, mg_per_ml: Decimal | None) -> tuple[Decimal, str]:
    """A rate in mL/kg/h, and the left side of the line that says so."""
    if rate.unit == "mL/h":
        if weight_kg is None:
            raise ValueError("mL/h says nothing by weight without a weight")
        return divided(rate.value, weight_kg), f"{figure(rate.value)} mL/h ÷ {figure(weight_kg)} kg"
    if rate.unit == "mL/kg/h":
        return rate.value, rate.text
    if rate.unit == "mL/kg/min":
        return rate.value * MINUTES_IN_AN_HOUR, f"{rate.text} × 60"
    if rate.unit not in _BY_MASS:
        raise ValueError(f"{rate.unit} is no rate")
    if mg_per_ml is None:
        raise ValueError("a rate in mg becomes mL only with a strength")
    return ml_per_kg_per_h(rate, mg_per_ml), f"{rate.text}{_BY_MASS[rate.unit]} ÷ {figure(mg_per_ml)} mg/mL"


def _shown(value: Decimal, unit: str, start: str) -> str:
    """The value where its print is exact, else what it was worked out from: no line goes on from a rounded number."""
    return f"{figure(value)} {unit}" if figure(value).replace(",", "") == f"{value.normalize():f}" else start


def _down(value: Decimal, unit: str) -> str:
    kept = rounded_down(value, 2)
    return f"= {'' if kept == value else 'about '}{figure(kept)} {unit}"


def rate_of_drops(drops_per_min: Decimal, drops_per_ml: Decimal, limits: Limits) -> tuple[Decimal, str]:
    """
    Millilitres an hour of so many drops a minute, with the line; the print is rounded down.

        mL/h = drops/min * 60 / drops/mL
    """
    if drops_per_ml <= 0:
        raise ValueError("drops per mL must be above zero")
    value = divided(drops_per_min * MINUTES_IN_AN_HOUR, drops_per_ml)
    checked(value, limits.rate)
    start = f"{figure(drops_per_min)} drops a minute × 60 ÷ {figure(drops_per_ml)} drops per mL"
    return value, f"{start} {_down(value, 'mL/h')}"


def drops_per_minute(ml_per_h: Decimal, drops_per_ml: Decimal, limits: Limits) -> tuple[Decimal, str]:
    """
    Drops a minute, as nurses count them, with the line.

        drops/min = mL/h * drops/mL / 60
    """
    checked(ml_per_h, limits.rate)
    if drops_per_ml <= 0:
        raise ValueError("drops per mL must be above zero")
    value = divided(ml_per_h * drops_per_ml, MINUTES_IN_AN_HOUR)
    start = f"{figure(ml_per_h)} mL/h × {figure(drops_per_ml)} drops per mL ÷ 60"
    return value, f"{start} {equals(value, 'gtt/min')}"

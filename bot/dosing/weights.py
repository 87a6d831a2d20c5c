"""
Which weight does a published rule put into the sum: the measured one, or one adjusted for height?

May not know words, chats, or today's date. It shows what rules say; it does not choose between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from bot.dosing.course import divided
from bot.dosing.limits import checked
from bot.dosing.tables import IdealWeight, Limits, WeightRule
from bot.quantities import INCHES_IN_A_FOOT, Quantity, figure, rounded

CM_IN_AN_INCH = Decimal("2.54")
ADULT_AGE = 18
KEPT_PLACES = 2
Sex = Literal["female", "male"]


class Why(StrEnum):
    """Why a rule takes the weight it takes."""

    ADJUSTED = "adjusted"
    TOO_SHORT = "too_short"
    TOO_LIGHT = "too_light"
    BELOW_IDEAL = "below_ideal"
    CHILD = "child"
    PREGNANT = "pregnant"


@dataclass(frozen=True, slots=True)
class DosingWeight:
    """The weight a rule uses, whether it must or only should, and the lines."""

    kg: Decimal
    why: Why
    must: bool
    lines: tuple[str, ...]

    @property
    def is_adjusted(self) -> bool:
        """Whether it differs from the measured weight."""
        return self.why == Why.ADJUSTED


def height_in_cm(given: Quantity, limits: Limits) -> tuple[Decimal, tuple[str, ...]]:
    """
    A height in cm, kept to 0.01 cm, with the line where it was converted. Raises OutOfRange, QuantityError.

    Two places, so that whole inches stay whole inches: 5 ft 4 is 162.56 cm and 64 inches again.
    """
    centimetres = rounded(given.to("cm").value, KEPT_PLACES)
    checked(centimetres, limits.height)
    if given.unit == "cm":
        return centimetres, ()
    lines = []
    if given.unit == "ft in":
        feet, rest = divmod(given.value, INCHES_IN_A_FOOT)
        added = f" + {figure(rest)}" if rest else ""
        given = Quantity(given.value, "in")
        lines.append(f"{figure(feet)} feet × {INCHES_IN_A_FOOT}{added} = {given.text}")
    factor = {"in": "2.54", "m": "100", "ft": "30.48", "mm": "0.1"}[given.unit]
    return centimetres, (*lines, f"{given.text} × {factor} = {figure(centimetres)} cm")


def body_mass_index(weight_kg: Decimal, height_cm: Decimal) -> Decimal:
    """kg divided by the square of metres."""
    metres = height_cm / 100
    return divided(weight_kg, metres * metres)


def ideal_weight(formula: IdealWeight, sex: Sex, height_cm: Decimal) -> tuple[Decimal, tuple[str, ...]]:
    """
    The ideal weight of Devine, in kg, kept to 0.01 kg.

    "male 50, female 45.5, + 2.3 kg per inch over 60 in." The caller asks the rule for its least height first; between
    152 cm and 60 inches the Australian formula subtracts, as it is printed.
    """
    base = formula.base_kg_male if sex == "male" else formula.base_kg_female
    inches = rounded(divided(height_cm, CM_IN_AN_INCH), KEPT_PLACES)
    exact = base + formula.kg_per_inch * (inches - formula.inches_above)
    ideal = rounded(exact, KEPT_PLACES)
    above = f"({figure(inches)} − {figure(formula.inches_above)})"
    lines = (
        f"{figure(height_cm)} cm ÷ 2.54 {_kept(divided(height_cm, CM_IN_AN_INCH), inches, 'inches')}",
        f"{figure(base)} + {figure(formula.kg_per_inch)} × {above} {_kept(exact, ideal, 'kg')}",
    )
    return ideal, lines


def _kept(exact: Decimal, kept: Decimal, unit: str) -> str:
    """ "= 54.7 kg", or "= about 56.91 kg" where the kept value is a rounded one."""
    return f"= {'' if exact == kept else 'about '}{figure(kept)} {unit}"


def dosing_weight(
    rule: WeightRule,
    formula: IdealWeight,
    sex: Sex,
    height_cm: Decimal,
    weight_kg: Decimal,
    *,
    age: int | None = None,
    pregnant: bool = False,
) -> DosingWeight:
    """
    The weight that a rule uses.

        adjusted_kg = ideal_kg + factor * (weight_kg - ideal_kg)

    The measured weight stays below the rule's least height or weight, under 18, in pregnancy, and where it is not above
    the ideal one: a dose is never scaled up.
    """
    least_kg = rule.least_weight_kg_male if sex == "male" else rule.least_weight_kg_female
    kept: Why | None = None
    if age is not None and age < ADULT_AGE:
        kept = Why.CHILD
    elif pregnant:
        kept = Why.PREGNANT
    elif height_cm < rule.least_height_cm:
        kept = Why.TOO_SHORT
    elif least_kg is not None and weight_kg <= least_kg:
        kept = Why.TOO_LIGHT
    if kept is not None:
        return DosingWeight(weight_kg, kept, False, ())
    ideal, lines = ideal_weight(formula, sex, height_cm)
    if weight_kg <= ideal:
        return DosingWeight(weight_kg, Why.BELOW_IDEAL, False, lines)
    exact = ideal + rule.factor * (weight_kg - ideal)
    adjusted = rounded(exact, KEPT_PLACES)
    above = f"({figure(weight_kg)} − {figure(ideal)})"
    line = f"{figure(ideal)} + {figure(rule.factor)} × {above} {_kept(exact, adjusted, 'kg')}"
    bmi = body_mass_index(weight_kg, height_cm)
    must = rule.must_above_bmi is None or bmi > rule.must_above_bmi
    return DosingWeight(adjusted, Why.ADJUSTED, must, (*lines, line))


def rounded_dose(grams: Decimal, rule: WeightRule) -> Decimal:
    """A dose to the rule's nearest step, half-up, and never none; unchanged where the rule has no step."""
    if rule.round_to_g is None:
        return grams
    steps = max(rounded(divided(grams, rule.round_to_g), 0), Decimal(1))
    return steps * rule.round_to_g

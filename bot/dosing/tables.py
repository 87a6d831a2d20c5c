"""
Which published regimens, limits, waits, prices and products are there to calculate with.

May not know how they are calculated with, nor what a person asked. The files are dosing.yaml and products/*.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from bot.model import Citation, Identifier, Noun, Region, Text
from bot.quantities.printing import amount, money, number

Positive = Annotated[Decimal, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1, le=366)]
DoseUnit = Literal["g/kg", "mg/kg", "g"]
MG_PER_G = 1000
RateUnit = Literal["mL/kg/h", "mL/kg/min", "mg/kg/min", "mg/kg/h"]


class Checked(Noun):
    """A fact with the place it was read in and the day somebody last looked."""

    cite: Citation
    checked: date


class Dose(Noun):
    """A dose as its source prints it."""

    value: Positive
    unit: DoseUnit

    @property
    def text(self) -> str:
        """As it may stand in a sentence."""
        return amount(self.value, self.unit)


class Every(Noun):
    """How far apart infusions are."""

    value: Count
    unit: Literal["day", "week", "month"]

    @property
    def text(self) -> str:
        """As it may stand after "every"."""
        return self.unit if self.value == 1 else f"{self.value} {self.unit}s"


class Regimen(Checked):
    """
    A dose a day, on how many days in a row, and how often that comes back.

    `dose` is the amount of one day. `dose_to` is the upper end where the source prints a range. `shown_for_weight`
    marks what is worked out when a person states a weight alone; `standing` says what the source claims for it.
    """

    name: Text
    dose: Dose
    dose_to: Dose | None = None
    days: Count
    days_to: Count | None = None
    interval: Every | None = None
    interval_to: Every | None = None
    weight: Literal["actual", "adjusted"] = "actual"
    standing: Text
    shown_for_weight: bool = False

    @model_validator(mode="after")
    def _ranges_ascend(self) -> Regimen:
        if self.dose_to is not None and (self.dose_to.unit != self.dose.unit or self.dose_to.value <= self.dose.value):
            raise ValueError("dose_to must be the same unit as dose, and larger")
        if self.days_to is not None and self.days_to <= self.days:
            raise ValueError("days_to must be larger than days")
        if self.interval_to is not None and self.interval is None:
            raise ValueError("interval_to needs an interval")
        return self


class Limit(Noun):
    """Outside which values a warning, a question or a refusal stands; the project's own policy unless it cites."""

    unit: Text
    warn_below: Decimal | None = None
    warn_above: Decimal | None = None
    ask_at_most: Decimal | None = None
    refuse_below: Decimal | None = None
    refuse_at_most: Decimal | None = None
    refuse_from: Decimal | None = None
    refuse_above: Decimal | None = None
    reason: Text
    checked: date


class Limits(Noun):
    """Every limit, by what it limits; a closed set."""

    weight: Limit
    age: Limit
    dose_per_kg: Limit
    height: Limit
    price_per_gram: Limit
    concentration: Limit
    rate: Limit
    percent: Limit


class WaitRow(Noun):
    """A dose up to and including `up_to_g_per_kg` asks for this many months."""

    up_to_g_per_kg: Positive
    months: Count


class VaccineWait(Checked):
    """
    How long after the last infusion day a live vaccine may work, in one region.

    Rows ascend; a dose between two rows takes the next higher one. `months` alone holds for any dose.
    """

    region: Region
    vaccines: tuple[Text, ...]
    rows: tuple[WaitRow, ...] = ()
    months: Count | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _rows_or_months(self) -> VaccineWait:
        if bool(self.rows) == (self.months is not None):
            raise ValueError("give either rows or months")
        doses = [row.up_to_g_per_kg for row in self.rows]
        if doses != sorted(set(doses)):
            raise ValueError("rows must ascend by dose")
        return self


class Price(Checked):
    """What a gram was said to cost, where and when."""

    value: Positive
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    per: Literal["g"] = "g"
    stated: Text
    leaves_out: Text


class Share(Checked):
    """What a payer leaves to the person."""

    name: Text
    percent: Annotated[Decimal, Field(ge=0, le=100)]
    deductible: Annotated[Decimal, Field(ge=0)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    year: int
    note: Text


class WeightRule(Checked):
    """A published rule that puts another weight than the measured one into the sum."""

    name: Text
    factor: Annotated[Decimal, Field(gt=0, lt=1)]
    factor_note: Text
    least_height_cm: Positive
    least_weight_kg_male: Positive | None = None
    least_weight_kg_female: Positive | None = None
    must_above_bmi: Positive | None = None
    round_to_g: Positive | None = None
    applies: Text


class IdealWeight(Checked):
    """The formula of Devine: a base, and so much an inch above sixty."""

    base_kg_male: Positive
    base_kg_female: Positive
    kg_per_inch: Positive
    inches_above: Positive


class HalfLife(Checked):
    """Between which days half of the antibodies are gone; a band, not a line."""

    from_days: Count
    to_days: Count
    note: Text


class Figure(Checked):
    """A printed figure that texts name in braces and nothing calculates with."""

    text: Text


class DosingTables(Noun):
    """Everything dosing.yaml states."""

    regimens: Mapping[Identifier, Regimen]
    limits: Limits
    vaccine_waits: Mapping[Identifier, VaccineWait]
    prices: Mapping[Identifier, Price]
    shares: Mapping[Identifier, Share]
    ideal_weight: IdealWeight
    weight_rules: Mapping[Identifier, WeightRule]
    half_life: HalfLife
    figures: Mapping[Identifier, Figure]

    @model_validator(mode="after")
    def _needed_names(self) -> DosingTables:
        if not any(regimen.shown_for_weight for regimen in self.regimens.values()):
            raise ValueError("at least one regimen must be shown_for_weight")
        if not self.prices:
            raise ValueError("at least one price is needed; the first one is used when none is typed")
        clash = set(self.regimens) & set(self.figures)
        if clash:
            raise ValueError(f"a regimen and a figure share the name {', '.join(sorted(clash))}")
        return self


class Rate(Noun):
    """A rate as its source prints it."""

    value: Positive
    unit: RateUnit


class Strength(Checked):
    """The strengths a product comes in, in mg of immunoglobulin a mL."""

    mg_per_ml: Annotated[tuple[Positive, ...], Field(min_length=1)]


class Vials(Checked):
    """The bottle sizes, in grams; `mg_per_ml` where they differ by strength."""

    sizes_g: Annotated[tuple[Positive, ...], Field(min_length=1)]
    mg_per_ml: Positive | None = None


class Step(Noun):
    """A rate and for how many minutes it runs; the last step has no minutes and runs to the end."""

    rate: Rate
    minutes: Count | None = None


class Ladder(Checked):
    """
    A rate that rises by steps.

    `basis` says whose it is: `label`, `maker` (an example or a trial protocol on the maker's pages) or `example`
    (somebody else's). `infusion` is first, later, or any where the source makes no difference.
    """

    basis: Literal["label", "maker", "example"]
    infusion: Literal["first", "later", "any"] = "any"
    use: Text
    mg_per_ml: Positive | None = None
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _only_the_last_step_is_open(self) -> Ladder:
        if any(step.minutes is None for step in self.steps[:-1]) or self.steps[-1].minutes is not None:
            raise ValueError("every step but the last needs minutes, and the last must have none")
        if len({step.rate.unit for step in self.steps}) != 1:
            raise ValueError("all steps must use one unit")
        if any(b.rate.value <= a.rate.value for a, b in zip(self.steps, self.steps[1:], strict=False)):
            raise ValueError("rates must rise")
        return self


class LabelRate(Checked):
    """A first or a highest rate of a label, and the use it is printed for."""

    use: Text
    rate: Rate
    minutes: Count | None = None
    infusion: Literal["first", "later", "any"] = "any"
    mg_per_ml: Positive | None = None


class IgA(Checked):
    """How much IgA a mL holds: the limit or the mean, as printed."""

    most_mcg_per_ml: Positive | None = None
    mean_mcg_per_ml: Positive | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> IgA:
        if (self.most_mcg_per_ml is None) == (self.mean_mcg_per_ml is None):
            raise ValueError("give either most_mcg_per_ml or mean_mcg_per_ml")
        return self


class ProductFact(Checked):
    """Something printed about a product that is read, not calculated with."""

    what: Literal["stabiliser", "sugar", "storage", "osmolality", "ph", "sodium", "diluent", "label_dose", "use"]
    text: Text


class ProductCaution(Checked):
    """What stands beside every sum with this product."""

    text: Text


class Product(Noun):
    """One brand as it is sold in one part of the world. What is not stated here was not verified."""

    id: Identifier
    name: Text
    maker: Text
    regions: Annotated[tuple[Region, ...], Field(min_length=1)]
    form: Literal["liquid", "powder"]
    also_called: tuple[Text, ...] = ()
    discontinued: Text | None = None
    strength: Strength
    vials: tuple[Vials, ...] = ()
    first_rates: tuple[LabelRate, ...] = ()
    top_rates: tuple[LabelRate, ...] = ()
    slow_rate: LabelRate | None = None
    ladders: tuple[Ladder, ...] = ()
    iga: IgA | None = None
    cautions: tuple[ProductCaution, ...] = ()
    facts: tuple[ProductFact, ...] = ()

    def sizes_g(self, mg_per_ml: Decimal | None = None) -> tuple[Decimal, ...]:
        """The bottle sizes for a strength, smallest first; empty when none was verified."""
        for vials in self.vials:
            if vials.mg_per_ml in (None, mg_per_ml) or len(self.vials) == 1:
                return tuple(sorted(vials.sizes_g))
        return ()


def dosing_figures(tables: DosingTables) -> dict[str, str]:
    """Every name a text may put in braces, and what is printed there."""
    found = {name: figure.text for name, figure in tables.figures.items()}
    for name, regimen in tables.regimens.items():
        found[f"{name}.name"] = regimen.name
        found[f"{name}.dose"] = _range(regimen.dose, regimen.dose_to)
        found[f"{name}.days"] = _span(regimen.days, regimen.days_to)
        found[f"{name}.course"] = _range(*_course(regimen))
        if regimen.interval is not None:
            found[f"{name}.interval"] = _apart(regimen.interval, regimen.interval_to)
    for name, price in tables.prices.items():
        found[f"{name}.value"] = money(price.value, price.currency)
    for name, wait in tables.vaccine_waits.items():
        for row in wait.rows:
            found[f"{name}.{_row_name(row.up_to_g_per_kg)}"] = _months(row.months)
        if wait.months is not None:
            found[f"{name}.months"] = _months(wait.months)
    return found


def _range(low: Dose, high: Dose | None) -> str:
    if high is None or high == low:
        return low.text
    return f"{number(low.value)} to {high.text}" if high.unit == low.unit else f"{low.text} to {high.text}"


def _course(regimen: Regimen) -> tuple[Dose, Dose]:
    """The least and the most of all days together, in grams where milligrams grow long."""
    top = regimen.dose_to or regimen.dose
    least = Dose(value=regimen.dose.value * regimen.days, unit=regimen.dose.unit)
    most = Dose(value=top.value * (regimen.days_to or regimen.days), unit=top.unit)
    return _in_grams(least), _in_grams(most)


def _span(low: int, high: int | None) -> str:
    return str(low) if high is None else f"{low} to {high}"


def _apart(low: Every, high: Every | None) -> str:
    """As it may stand after "every"."""
    if high is None:
        return low.text
    return f"{low.value} to {high.text}" if high.unit == low.unit else f"{low.text} to {high.text}"


def _in_grams(dose: Dose) -> Dose:
    if dose.unit == "mg/kg" and dose.value >= MG_PER_G:
        return Dose(value=dose.value / MG_PER_G, unit="g/kg")
    return dose


def _months(count: int) -> str:
    return "1 month" if count == 1 else f"{count} months"


def _row_name(dose_g_per_kg: Decimal) -> str:
    return f"up_to_{dose_g_per_kg * MG_PER_G:.0f}_mg"

"""
Which fixed sentences does a sum use: a closed set, worded in knowledge/sums.yaml.

May not know when they are said. A missing or extra sentence, or a brace that nothing fills, is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from bot.model import Noun, Text

Label = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]
_PLACE = re.compile(r"\{([^{}]*)\}")

# What may stand in braces, by sentence; a sentence not named here has no braces.
PLACES: Mapping[str, frozenset[str]] = {
    name: frozenset(places.split())
    for name, places in {
        "typed": "inputs",
        "regimen_standing": "standing",
        "price_assumed": "price stated checked",
        "price_leaves_out": "leaves_out",
        "price_typed": "price day",
        "unused": "amounts",
        "ask_which_dose": "first second",
        "ask_which_day": "first second",
        "used_strength": "strength",
        "vaccine_no_table": "region",
        "share_of_year": "bill",
        "ask_weight_unit": "kilograms pounds",
        "ask_dose_unit": "first second",
        "ask_which": "first second",
        "ask_range": "first second",
        "ask_spread": "dose days",
        "ask_price": "price",
        "ask_whose_weight": "first second",
        "ask_small_dose": "dose",
        "ask_flat_dose": "grams per_kilogram",
        "refuse_weight": "weight limit",
        "refuse_dose": "dose limit",
        "refuse_height": "height low high",
        "refuse_price": "price limit",
        "refuse_strength": "strength limit",
        "refuse_rate": "rate limit",
        "slip_decimal": "reading",
        "slip_unit": "reading",
        "slip_spread": "days",
        "slip_minus": "reading",
        "bottles_of": "product sizes",
        "hours_of": "product use basis infusion",
        "hours_at_least": "duration",
        "hours_at_risk": "rate duration",
        "top_rate": "product use rate",
        "no_sizes": "product",
        "no_ladder": "product",
        "discontinued": "product when",
        "date_line": "number day",
        "vaccine_line": "vaccines day months region",
        "vaccine_never": "region",
        "vaccine_no_figure": "region",
        "rule_heading": "name",
        "rule_measured": "weight reason",
        "rule_adjusted": "weight",
        "rule_rounding": "step grams",
        "share_heading": "percent",
        "share_source": "name year note",
        "wear_line": "line left",
        "wear_left": "left",
        "plan_line": "name days hours bottles",
        "pounds_line": "kilograms pounds",
        "regimen_range": "name",
        "assumed_strength": "product strength",
        "ics_title": "",
        "bill_per_gram": "price",
        "calendar_caption": "count",
        "converted_intro": "rate",
    }.items()
}


class SumWording(Noun):
    """Every fixed wording of the sums by its name."""

    purpose: Text
    typed: Text
    weight_alone: Text
    regimen_standing: Text
    regimen_range: Text
    regimen_adjusted: Text
    unused: Text
    article_rounds: Text
    price_assumed: Text
    price_typed: Text
    price_leaves_out: Text
    bill_per_gram: Text
    leaves_out: Text
    kidney: Text
    iga: Text
    decides: Text
    not_labelled: Text
    never_a_pump: Text
    rounding: Text
    brief_weight_alone: Text
    brief_price: Text
    brief_close: Text
    private_only: Text
    warnings: Annotated[Mapping[str, Text], Field(min_length=1)]
    # what is asked back
    ask_weight: Text
    ask_weight_unit: Text
    ask_dose: Text
    ask_dose_unit: Text
    ask_which: Text
    ask_which_dose: Text
    ask_which_day: Text
    ask_range: Text
    ask_spread: Text
    ask_price: Text
    ask_whose_weight: Text
    ask_small_dose: Text
    ask_flat_dose: Text
    ask_product: Text
    ask_date: Text
    ask_last_day: Text
    ask_interval: Text
    ask_height: Text
    ask_sex: Text
    ask_share: Text
    # what is refused
    refuse_weight: Text
    refuse_dose: Text
    refuse_height: Text
    refuse_price: Text
    refuse_strength: Text
    refuse_rate: Text
    refuse_number: Text
    refuse_date: Text
    refuse_share: Text
    slip_decimal: Text
    slip_unit: Text
    slip_spread: Text
    slip_minus: Text
    # products
    bottles_of: Text
    bottles_cover: Text
    bottles_down: Text
    bottles_spread: Text
    hours_of: Text
    hours_at_least: Text
    hours_leave_out: Text
    hours_at_risk: Text
    basis: Mapping[str, Text]
    infusion: Mapping[str, Text]
    top_rate: Text
    no_sizes: Text
    no_ladder: Text
    discontinued: Text
    assumed_strength: Text
    used_strength: Text
    other_country: Text
    # dates
    dates_heading: Text
    date_line: Text
    vaccine_heading: Text
    vaccine_line: Text
    vaccine_never: Text
    vaccine_no_table: Text
    vaccine_no_figure: Text
    vaccine_medicines: Text
    regions: Mapping[str, Text]
    ics_title: Text
    ics_note: Text
    calendar_caption: Text
    # weights
    rule_heading: Text
    rule_measured: Text
    rule_adjusted: Text
    rule_must: Text
    rule_should: Text
    rule_rounding: Text
    rule_choice: Text
    height_unused: Text
    reasons: Mapping[str, Text]
    pounds_line: Text
    # money and plans
    year_heading: Text
    cost_heading: Text
    share_heading: Text
    share_of_year: Text
    share_source: Text
    share_years: Text
    wear_line: Text
    wear_left: Text
    wear_not_benefit: Text
    plan_heading: Text
    plan_line: Text
    plan_same: Text
    plan_product: Text
    converted_intro: Text
    # guided
    start: Text
    start_dose: Text
    # buttons
    buttons: Mapping[str, Label]

    @model_validator(mode="after")
    def _only_known_places(self) -> SumWording:
        for name in type(self).model_fields:
            value = getattr(self, name)
            texts = value.values() if isinstance(value, Mapping) else (value,)
            for text in texts:
                unknown = set(_PLACE.findall(text)) - PLACES.get(name, frozenset())
                if unknown:
                    raise ValueError(f"{name}: nothing fills {{{sorted(unknown)[0]}}}")
        return self

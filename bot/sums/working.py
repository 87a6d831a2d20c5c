"""
How does a sum read once every piece is clear: its lines, its warnings, its cautions?

May not know how a message was understood, files, Telegram, or the clock (the day is handed in). Every number printed
here comes with the line that made it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from bot.dosing.course import (
    Course,
    Weight,
    a_month,
    course,
    divided,
    in_a_year,
    several,
    volume_ml,
    weight_in_kg,
)
from bot.dosing.limits import Standing, checked
from bot.dosing.rates import converted, drops_per_minute, rate_of_drops, steady_time
from bot.dosing.tables import DosingTables, Every, Product, Regimen
from bot.dosing.weights import dosing_weight, height_in_cm, rounded_dose
from bot.model import Style
from bot.quantities import Quantity, every, figure
from bot.quantities.printing import count, day, listed
from bot.sums.bills import Bills
from bot.sums.dates import Dates
from bot.sums.page import Page
from bot.sums.pieces import Pieces
from bot.sums.supplies import Supplies
from bot.sums.wording import SumWording

ADULT_AGE = 18
IN_POUNDS = frozenset(("lb", "st", "st lb"))
MOST_BOTTLE_SIZES = 8
ARTICLE_POUNDS = 154


class Working:
    """Writes sums with the tables, products and wording it was given."""

    def __init__(self, tables: DosingTables, products: Mapping[str, Product], wording: SumWording) -> None:
        self.tables = tables
        self.products = products
        self.wording = wording
        self.limits = tables.limits
        self._dates = Dates(tables, wording)
        self._bills = Bills(tables, wording)
        self._supplies = Supplies(products, wording, tables.limits)

    # -- the whole -----------------------------------------------------------------------------------------------

    def page(self, pieces: Pieces, now: datetime, unused: Sequence[Quantity] = ()) -> Page | None:
        """
        The sum these pieces make, or None where they make none; `unused` is what was typed and is no piece of it.

        Raises OutOfRange, QuantityError.
        """
        page = Page(today=now.date())
        self._warn_of_person(page, pieces)
        page.say(self.wording.typed.format(inputs=self._typed(pieces)))
        if unused:
            page.say(self.wording.unused.format(amounts=listed([each.text for each in unused])), Style.STRONG)
        before = len(page.paragraphs)
        weight = weight_in_kg(pieces.weight, self.limits) if pieces.weight else None
        if weight is not None:
            self._warn_of_weight(page, weight)
            page.lines(weight.lines)
            if "pounds" in pieces.wants and pieces.weight is not None and pieces.weight.unit not in IN_POUNDS:
                pounds = Quantity(weight.kg, "kg").to("lb")
                page.say(
                    self.wording.pounds_line.format(kilograms=f"{figure(weight.kg)} kg", pounds=pounds.text), Style.SUM
                )
        self._rates(page, pieces, weight)
        if "adjusted" in pieces.wants and weight is not None and pieces.height is not None and pieces.sex is not None:
            self._rules(page, pieces, weight)
        elif pieces.regimen is not None and weight is not None:
            self._regimen(page, pieces, weight, self.tables.regimens[pieces.regimen])
        elif pieces.dose is not None and ("/" not in pieces.dose.unit or weight is not None):
            self._dose(page, pieces, weight)
        elif weight is not None and pieces.dose is None and pieces.rate is None:
            self._weight_alone(page, pieces, weight)
        elif pieces.volume is not None and pieces.strength is not None and pieces.rate is None:
            grams = divided(pieces.volume.value * pieces.strength.value, Decimal(1000))
            line = (
                f"{figure(pieces.volume.value)} mL × {figure(pieces.strength.value)} mg/mL ÷ 1,000 = {figure(grams)} g"
            )
            page.lines((line,))
        if pieces.height is not None and "adjusted" not in pieces.wants and weight is not None:
            page.say(self.wording.height_unused)
        if pieces.bill is not None:
            self._bills.of_bill(page, pieces)
        self._dates.write(page, pieces, weight, now)
        if len(page.paragraphs) == before:
            return None
        self._close(page, pieces)
        return page

    def _typed(self, pieces: Pieces) -> str:
        """Every input again, with its unit."""
        said = []
        for name in pieces.given:
            value = getattr(pieces, name)
            match name:
                case "interval":
                    said.append(every(value))
                case "days":
                    words = "over" if pieces.spread else "for"
                    other = f" or {count(pieces.other_days, 'day')}" if pieces.other_days else ""
                    said.append(f"{words} {count(value, 'day')}{other}")
                case "infusions":
                    said.append(count(value, "infusion"))
                case "first_day" | "last_day":
                    which = "first infusion" if name == "first_day" else "last infusion"
                    said.append(f"{which} {day(value)}")
                case "age":
                    said.append(f"age {value}")
                case "height":
                    said.append(f"height {value.text}")
                case "product":
                    said.append(self.products[value].name)
                case "regimen":
                    said.append(self.tables.regimens[value].name)
                case "deductible":
                    said.append(f"deductible {value.text}")
                case "cap":
                    said.append(f"at most {value.text}")
                case "share_percent":
                    said.append(f"your part {value.text}")
                case "region":
                    said.append(self.wording.regions.get(value, value))
                case "sex":
                    said.append("woman" if value == "female" else "man")
                case _ if isinstance(value, Quantity):
                    said.append(value.text)
        return ", ".join(said) if said else "-"

    def _warn_of_person(self, page: Page, pieces: Pieces) -> None:
        if pieces.age is not None and pieces.age < ADULT_AGE:
            page.warn("child", self.wording.warnings)
        if "one_of_two" in pieces.confirmed:
            page.warn("other_person", self.wording.warnings)

    def _warn_of_weight(self, page: Page, weight: Weight) -> None:
        if weight.standing == Standing.WARN_LOW:
            page.warn("weight_low", self.wording.warnings)
        elif weight.standing == Standing.WARN_HIGH:
            page.warn("weight_high", self.wording.warnings)

    def _close(self, page: Page, pieces: Pieces) -> None:
        wording = self.wording
        for text in page.warnings.values():
            page.say(text, Style.STRONG)
        if pieces.product is not None:
            for caution in self.products[pieces.product].cautions:
                page.say(caution.text, Style.NOTE)
                page.sources.append(caution.cite)
        if any(each.style == Style.SUM and "about" in each.text for each in page.paragraphs):
            page.say(wording.rounding, Style.NOTE)
        page.say(wording.leaves_out, Style.NOTE)
        if page.has_label_number:
            page.say(wording.not_labelled, Style.NOTE)
        page.say(wording.kidney, Style.NOTE)
        page.say(wording.iga, Style.NOTE)
        page.say(wording.decides, Style.STRONG)
        page.say(wording.purpose, Style.NOTE)

    # -- doses ---------------------------------------------------------------------------------------------------

    def _weight_alone(self, page: Page, pieces: Pieces, weight: Weight) -> None:
        """Both schedules of the article, each with its source's standing; the dose is never chosen."""
        page.say(self.wording.weight_alone)
        for regimen in self.tables.regimens.values():
            if regimen.shown_for_weight:
                self._regimen(page, pieces, weight, regimen)
        self._article_rounds(page, pieces)

    def _article_rounds(self, page: Page, pieces: Pieces) -> None:
        """The article's own example: a person of 154 lb."""
        is_its_person = pieces.weight is not None and pieces.weight.to("lb").value == ARTICLE_POUNDS
        one = pieces.dose is None or (pieces.dose.unit in ("g/kg", "mg/kg") and pieces.dose.to("g/kg").value == 1)
        if is_its_person and one and not (pieces.days and pieces.days > 1):
            page.say(self.wording.article_rounds)

    def _regimen(self, page: Page, pieces: Pieces, weight: Weight, regimen: Regimen) -> None:
        page.say(regimen.name, Style.HEADING)
        page.sources.append(regimen.cite)
        page.say(self.wording.regimen_standing.format(standing=regimen.standing), Style.NOTE)
        if regimen.weight == "adjusted":
            page.say(self.wording.regimen_adjusted)
        # The least of a range is the lower dose at the longer interval, the most the higher one at the shorter.
        ends = [(regimen.dose, regimen.days, regimen.interval_to or regimen.interval)]
        if regimen.dose_to is not None or regimen.days_to is not None:
            page.say(self.wording.regimen_range.format(name=regimen.name))
            ends.append((regimen.dose_to or regimen.dose, regimen.days_to or regimen.days, regimen.interval))
        for dose, days, interval in ends:
            self._one(page, pieces, Quantity(dose.value, dose.unit), days, False, weight, _quantity(interval))

    def _dose(self, page: Page, pieces: Pieces, weight: Weight | None) -> None:
        assert pieces.dose is not None
        days = pieces.days or 1
        if pieces.other_days and days > 0:
            self._supplies.compare(page, pieces, weight, days, pieces.other_days)
            return
        found = self._one(page, pieces, pieces.dose, days, bool(pieces.spread), weight, pieces.interval)
        if pieces.infusions and pieces.infusions > 1:
            page.lines((several(found.course_g, pieces.infusions)[1],))
        self._article_rounds(page, pieces)

    def _one(
        self, page: Page, pieces: Pieces, dose: Quantity, days: int, spread: bool, weight: Weight | None,
        interval: Quantity | None,
    ) -> Course:  # fmt: skip
        kg = weight.kg if weight else None
        found = course(dose, days, kg, self.limits, spread=spread)
        page.lines(found.lines or (f"{dose.text} in all",))
        if found.standing == Standing.WARN_HIGH:
            page.warn("dose_high", self.wording.warnings)
        grams = found.course_g
        wants = pieces.wants
        if "year" in wants or (interval is not None and pieces.interval is not None):
            self._year(page, pieces, grams, interval)
        self._bills.write(page, pieces, grams, interval)
        self._supplies.write(page, pieces, found, weight)
        return found

    def _year(self, page: Page, pieces: Pieces, grams: Decimal, interval: Quantity | None) -> None:
        if interval is None or interval.unit == "year":
            return
        page.say(self.wording.year_heading, Style.HEADING)
        for total in in_a_year(grams, interval):
            page.lines(total.lines)
            if total.factor != "12":
                page.lines((a_month(total),))

    # -- rates ---------------------------------------------------------------------------------------------------

    def _rates(self, page: Page, pieces: Pieces, weight: Weight | None) -> None:
        rate = pieces.rate
        if rate is None:
            return
        if rate.unit == "gtt/min":
            if pieces.drop_factor is not None:
                page.lines((rate_of_drops(rate.value, pieces.drop_factor.value, self.limits)[1],))
                page.say(self.wording.never_a_pump, Style.NOTE)
            return
        if rate.unit == "mL/h" and checked(rate.value, self.limits.rate) == Standing.WARN_HIGH:
            page.warn("rate_high", self.wording.warnings)
        product = self.products.get(pieces.product or "")
        strength = pieces.strength.value if pieces.strength else (product.strength.mg_per_ml[0] if product else None)
        volume = pieces.volume.to("mL").value if pieces.volume else None
        if volume is None and strength is not None and pieces.dose is not None and "/" not in pieces.dose.unit:
            volume, line = volume_ml(pieces.dose.to("g").value, strength, self.limits)
            page.lines((line,) if pieces.strength is None else ())
        if rate.unit == "mL/h" and volume is not None:
            time = steady_time(volume, rate.value, self.limits)
            page.lines(time.lines)
            page.say(self.wording.hours_at_least.format(duration=time.text), Style.STRONG)
        elif rate.unit == "mL/h" and pieces.drop_factor is not None:
            page.lines((drops_per_minute(rate.value, pieces.drop_factor.value, self.limits)[1],))
        elif (rate.unit == "mL/h" and weight is not None) or rate.unit.startswith("mL/kg") or strength is not None:
            if rate.unit == "mL/h" and weight is None:
                return
            page.say(self.wording.converted_intro.format(rate=rate.text))
            page.lines(converted(rate, weight.kg if weight else None, strength).lines)
        else:
            return
        page.say(self.wording.never_a_pump, Style.NOTE)

    # -- weights by rule -----------------------------------------------------------------------------------------

    def _rules(self, page: Page, pieces: Pieces, weight: Weight) -> None:
        assert pieces.height is not None
        assert pieces.sex in ("female", "male")
        height, lines = height_in_cm(pieces.height, self.limits)
        page.lines(lines)
        page.sources.append(self.tables.ideal_weight.cite)
        for rule in self.tables.weight_rules.values():
            found = dosing_weight(
                rule, self.tables.ideal_weight, "female" if pieces.sex == "female" else "male", height, weight.kg,
                age=pieces.age, pregnant=bool(pieces.pregnant),
            )  # fmt: skip
            page.say(self.wording.rule_heading.format(name=rule.name), Style.HEADING)
            page.sources.append(rule.cite)
            page.lines(found.lines)
            kg = f"{figure(found.kg)} kg"
            if found.is_adjusted:
                page.say(self.wording.rule_adjusted.format(weight=kg))
                page.say(self.wording.rule_must if found.must else self.wording.rule_should)
            else:
                page.say(self.wording.rule_measured.format(weight=kg, reason=self.wording.reasons[found.why.value]))
                if found.why == "too_short":
                    page.warn("height_short", self.wording.warnings)
            if pieces.dose is not None and "/kg" in pieces.dose.unit:
                one = course(pieces.dose, pieces.days or 1, found.kg, self.limits, spread=bool(pieces.spread))
                page.lines(one.lines)
                if rule.round_to_g is not None:
                    step, grams = f"{figure(rule.round_to_g)} g", figure(rounded_dose(one.course_g, rule))
                    page.say(self.wording.rule_rounding.format(step=step, grams=f"{grams} g"))
        page.say(self.wording.rule_choice)


def _quantity(interval: Every | None) -> Quantity | None:
    return Quantity(Decimal(interval.value), interval.unit) if interval else None

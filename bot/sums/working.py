"""
How does a sum read once every piece is clear: its lines, its warnings, its cautions?

May not know how a message was understood, files, Telegram, or the clock (the day is handed in). Every number printed
here comes with the line that made it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from bot.charts import RateChart, RateStep
from bot.dosing.bottles import MOST_GRAMS, Policy, bottles
from bot.dosing.costs import Cost, cost, repeated, share
from bot.dosing.course import Course, Weight, course, divided, in_a_year, volume_ml, weight_in_kg
from bot.dosing.limits import Standing, checked
from bot.dosing.rates import Duration, converted, drops_per_minute, ladder_time, steady_time
from bot.dosing.tables import DosingTables, Every, Ladder, Price, Product, Regimen, Share
from bot.dosing.weights import dosing_weight, height_in_cm, rounded_dose
from bot.model import Picture, Style
from bot.quantities import Quantity, every, figure
from bot.quantities.printing import count, day, hours, listed, money
from bot.sums.dates import Dates
from bot.sums.page import Page
from bot.sums.pieces import Pieces
from bot.sums.wording import SumWording

ADULT_AGE = 18
MOST_BOTTLE_SIZES = 8


class Working:
    """Writes sums with the tables, products and wording it was given."""

    def __init__(self, tables: DosingTables, products: Mapping[str, Product], wording: SumWording) -> None:
        self.tables = tables
        self.products = products
        self.wording = wording
        self.limits = tables.limits
        self._dates = Dates(tables, wording)

    # -- the whole -----------------------------------------------------------------------------------------------

    def page(self, pieces: Pieces, now: datetime) -> Page | None:
        """The sum these pieces make, or None where they make none. Raises OutOfRange, QuantityError."""
        page = Page()
        self._warn_of_person(page, pieces)
        page.say(self.wording.typed.format(inputs=self._typed(pieces)))
        before = len(page.paragraphs)
        weight = weight_in_kg(pieces.weight, self.limits) if pieces.weight else None
        if weight is not None:
            self._warn_of_weight(page, weight)
            page.lines(weight.lines)
            if "pounds" in pieces.wants and pieces.weight is not None and pieces.weight.unit != "lb":
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
        if pieces.bill is not None:
            self._bill(page, pieces)
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
                    said.append(f"{words} {count(value, 'day')}")
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

    def _warn(self, page: Page, name: str) -> None:
        page.warnings[name] = self.wording.warnings[name]

    def _warn_of_person(self, page: Page, pieces: Pieces) -> None:
        if pieces.age is not None and pieces.age < ADULT_AGE:
            self._warn(page, "child")

    def _warn_of_weight(self, page: Page, weight: Weight) -> None:
        if weight.standing == Standing.WARN_LOW:
            self._warn(page, "weight_low")
        elif weight.standing == Standing.WARN_HIGH:
            self._warn(page, "weight_high")

    def _close(self, page: Page, pieces: Pieces) -> None:
        wording = self.wording
        for text in page.warnings.values():
            page.say(text, Style.STRONG)
        if pieces.product is not None:
            for caution in self.products[pieces.product].cautions:
                page.say(caution.text, Style.NOTE)
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
        if pieces.weight is not None and pieces.weight.text == "154 lb":
            page.say(self.wording.article_rounds)

    def _regimen(self, page: Page, pieces: Pieces, weight: Weight, regimen: Regimen) -> None:
        page.say(regimen.name, Style.HEADING)
        page.say(self.wording.regimen_standing.format(standing=regimen.standing), Style.NOTE)
        ends = [(regimen.dose, regimen.days)]
        if regimen.dose_to is not None or regimen.days_to is not None:
            page.say(self.wording.regimen_range.format(name=regimen.name))
            ends.append((regimen.dose_to or regimen.dose, regimen.days_to or regimen.days))
        for dose, days in ends:
            self._one(page, pieces, Quantity(dose.value, dose.unit), days, False, weight, _quantity(regimen.interval))

    def _dose(self, page: Page, pieces: Pieces, weight: Weight | None) -> None:
        assert pieces.dose is not None
        days = pieces.days or 1
        if pieces.other_days and days > 0 and "/" in pieces.dose.unit:
            self._compared(page, pieces, weight, days, pieces.other_days)
            return
        self._one(page, pieces, pieces.dose, days, bool(pieces.spread), weight, pieces.interval)

    def _one(
        self, page: Page, pieces: Pieces, dose: Quantity, days: int, spread: bool, weight: Weight | None,
        interval: Quantity | None,
    ) -> Course:  # fmt: skip
        kg = weight.kg if weight else None
        found = course(dose, days, kg, self.limits, spread=spread)
        page.lines(found.lines or (f"{dose.text} in all",))
        if found.standing == Standing.WARN_HIGH:
            self._warn(page, "dose_high")
        grams = found.course_g
        wants = pieces.wants
        if "year" in wants or (interval is not None and pieces.interval is not None):
            self._year(page, pieces, grams, interval)
        self._money(page, pieces, grams, interval)
        self._of_product(page, pieces, found, weight)
        return found

    def _year(self, page: Page, pieces: Pieces, grams: Decimal, interval: Quantity | None) -> None:
        if interval is None or interval.unit == "year":
            return
        page.say(self.wording.year_heading, Style.HEADING)
        for total in in_a_year(grams, interval):
            page.lines(total.lines)

    def _compared(self, page: Page, pieces: Pieces, weight: Weight | None, first: int, second: int) -> None:
        """One plan beside the other: the same grams in other numbers of days."""
        assert pieces.dose is not None
        kg = weight.kg if weight else None
        page.say(self.wording.plan_heading, Style.HEADING)
        product = self.products.get(pieces.product or "")
        for days in (first, second):
            found = course(pieces.dose, days, kg, self.limits, spread=True)
            page.lines(found.lines)
            time = bottle_text = ""
            if product is not None and weight is not None:
                ladder = self._ladder(product)
                if ladder is not None:
                    page.has_label_number = True
                    one = ladder_time(found.daily_g, weight.kg, ladder, self._strength(pieces, product))
                    time = f", at least {one.text} each time, {hours(one.minutes * days)} in all"
            if product is not None and product.sizes_g():
                need = bottles(found.daily_g, product.sizes_g(self._strength(pieces, product)))
                bottle_text = f", {count(need.count * days, 'bottle')}"
            line = self.wording.plan_line.format(
                name=count(days, "day"), days=count(days, "trip"), hours=time, bottles=bottle_text
            )
            page.say(line, Style.ITEM)
            if found.standing == Standing.WARN_HIGH:
                self._warn(page, "dose_high")
        page.say(self.wording.plan_same)

    # -- money ---------------------------------------------------------------------------------------------------

    def _money(self, page: Page, pieces: Pieces, grams: Decimal, interval: Quantity | None) -> None:
        if not {"cost", "share"} & set(pieces.wants) and pieces.price is None:
            return
        if pieces.bill is not None and pieces.price is None:
            return  # what was paid is known: no stated price is laid beside it
        page.say(self.wording.cost_heading, Style.HEADING)
        stated: Price | None = None
        if pieces.price is not None:
            price, currency = pieces.price.value, pieces.price.unit.removeprefix("money:").partition("/")[0]
        else:
            stated = next(iter(self.tables.prices.values()))
            price, currency = stated.value, stated.currency
        one = cost(grams, price, currency, self.limits)
        page.lines(one.lines)
        if one.standing in (Standing.WARN_LOW, Standing.WARN_HIGH, Standing.ASK):
            self._warn(page, "price_unusual")
        if interval is not None and "year" in pieces.wants and interval.unit != "year":
            for total in in_a_year(grams, interval):
                page.lines(repeated(one, total.courses).lines)
        if stated is not None and not page.has_stated_price:
            page.has_stated_price = True
            page.say(
                self.wording.price_assumed.format(
                    price=f"{money(price, currency)} per gram",
                    stated=stated.stated.rstrip("."),
                    checked=day(stated.checked),
                )
            )
            page.say(self.wording.price_leaves_out.format(leaves_out=stated.leaves_out.rstrip(".")))
        self._share(page, pieces, one)

    def _share(self, page: Page, pieces: Pieces, bill: Cost) -> None:
        rule = self.tables.shares.get(pieces.payer or "")
        if pieces.share_percent is None and pieces.deductible is None and rule is not None:
            self._published_share(page, rule, bill)
        if pieces.share_percent is None and pieces.deductible is None:
            return
        percent = pieces.share_percent.value if pieces.share_percent else Decimal(0)
        deductible = pieces.deductible.value if pieces.deductible else Decimal(0)
        cap = pieces.cap.value if pieces.cap else None
        page.say(self.wording.share_heading.format(percent=f"{figure(percent)}%"), Style.HEADING)
        page.lines(share(bill, percent, deductible, cap, self.limits).lines)
        page.say(self.wording.share_years, Style.NOTE)

    def _published_share(self, page: Page, rule: Share, bill: Cost) -> None:
        """What a payer's published rule leaves, in its own currency only."""
        if bill.currency not in (rule.currency, "$"):
            return
        page.say(self.wording.share_heading.format(percent=f"{figure(rule.percent)}%"), Style.HEADING)
        page.say(self.wording.share_source.format(name=rule.name, year=rule.year, note=rule.note.rstrip(".") + "."))
        page.lines(share(bill, rule.percent, rule.deductible, None, self.limits).lines)
        page.say(self.wording.share_years, Style.NOTE)

    def _bill(self, page: Page, pieces: Pieces) -> None:
        assert pieces.bill is not None
        currency = pieces.bill.unit.removeprefix("money:").partition("/")[0]
        if pieces.dose is not None and "/" not in pieces.dose.unit:
            grams = pieces.dose.to("g").value
            per_gram = divided(pieces.bill.value, grams)
            line = f"{money(pieces.bill.value, currency)} ÷ {figure(grams)} g = {money(per_gram, currency)}/g"
            page.lines((line,))
            page.say(self.wording.bill_per_gram.format(price=money(per_gram, currency)))
        self._share(page, pieces, Cost(pieces.bill.value, currency, ()))

    # -- bottles, millilitres, hours -----------------------------------------------------------------------------

    def _strength(self, pieces: Pieces, product: Product | None) -> Decimal:
        if pieces.strength is not None:
            return pieces.strength.value
        assert product is not None
        return product.strength.mg_per_ml[0]

    def _of_product(self, page: Page, pieces: Pieces, found: Course, weight: Weight | None) -> None:
        product = self.products.get(pieces.product or "")
        wants = set(pieces.wants)
        if product is None and pieces.strength is None:
            return
        mg_per_ml = self._strength(pieces, product)
        if checked(mg_per_ml, self.limits.concentration) in (Standing.WARN_LOW, Standing.WARN_HIGH, Standing.ASK):
            self._warn(page, "strength_unusual")
        if product is not None:
            page.has_label_number = True
            if product.discontinued:
                page.say(self.wording.discontinued.format(product=product.name, when=product.discontinued))
                self._warn(page, "product_discontinued")
            if pieces.strength is None:
                page.say(
                    self.wording.assumed_strength.format(product=product.name, strength=f"{figure(mg_per_ml)} mg/mL")
                )
        asked = wants & {"volume", "bottles", "hours"}
        if "volume" in asked or not asked:
            amount = found.daily_g if found.days > 1 else found.course_g
            page.lines((volume_ml(amount, mg_per_ml, self.limits)[1],))
        if product is not None and ("bottles" in asked or not asked):
            self._bottles(page, product, found, mg_per_ml)
        if product is not None and weight is not None and ("hours" in asked or not asked):
            self._hours(page, product, found, weight, mg_per_ml)

    def _bottles(self, page: Page, product: Product, found: Course, mg_per_ml: Decimal) -> None:
        sizes = product.sizes_g(mg_per_ml)
        if not sizes:
            page.say(self.wording.no_sizes.format(product=product.name))
            return
        if not 0 < found.daily_g <= MOST_GRAMS:
            return
        shown = listed([f"{figure(size)} g" for size in sizes[-MOST_BOTTLE_SIZES:]])
        page.say(self.wording.bottles_of.format(product=product.name, sizes=shown))
        cover = bottles(found.daily_g, sizes, Policy.COVER)
        page.say(self.wording.bottles_cover)
        page.lines(cover.lines)
        down = bottles(found.daily_g, sizes, Policy.DOWN)
        if down.total_g != cover.total_g:
            page.say(self.wording.bottles_down)
            page.lines(down.lines)
        if found.days > 1:
            page.say(self.wording.bottles_spread)

    def _ladder(self, product: Product, infusion: str = "any") -> Ladder | None:
        """The ladder for a first or a later infusion, the one for any where the source makes no difference."""
        wanted = [ladder for ladder in product.ladders if ladder.infusion in (infusion, "any")]
        return wanted[0] if wanted else (product.ladders[0] if product.ladders else None)

    def _hours(self, page: Page, product: Product, found: Course, weight: Weight, mg_per_ml: Decimal) -> None:
        ladders = [
            ladder
            for infusion in ("first", "later")
            if (ladder := self._ladder(product, infusion)) is not None and ladder.mg_per_ml in (None, mg_per_ml)
        ]
        if not ladders:
            page.say(self.wording.no_ladder.format(product=product.name))
            return
        for ladder in dict.fromkeys(ladders):
            one = ladder_time(found.daily_g, weight.kg, ladder, mg_per_ml)
            page.say(
                self.wording.hours_of.format(
                    product=product.name, use=ladder.use, basis=self.wording.basis[ladder.basis],
                    infusion=self.wording.infusion[ladder.infusion],
                )
            )  # fmt: skip
            page.lines(one.lines)
            page.say(self.wording.hours_at_least.format(duration=one.text), Style.STRONG)
            if page.picture is None:
                page.picture = self._picture(product, ladder, one)
        if product.slow_rate is not None:
            slow = ladder_time(found.daily_g, weight.kg, ladders[0], mg_per_ml, product.slow_rate.rate)
            rate = Quantity(product.slow_rate.rate.value, product.slow_rate.rate.unit).text
            page.say(self.wording.hours_at_risk.format(rate=rate, duration=slow.text))
        page.say(self.wording.hours_leave_out)
        page.say(self.wording.never_a_pump, Style.NOTE)

    def _picture(self, product: Product, ladder: Ladder, one: Duration) -> Picture:
        steps = tuple(
            RateStep(rate=stage.rate_ml_per_kg_per_h, minutes=stage.minutes)
            for stage in one.stages
            if stage.minutes > 0
        )
        chart = RateChart(
            title=f"One infusion with {product.name}"[:60],
            unit="mL/kg/h",
            steps=steps,
            whose=f"The steps are {self.wording.basis[ladder.basis]}.",
            leaves_out=self.wording.hours_leave_out,
        )
        return chart.picture()

    # -- rates ---------------------------------------------------------------------------------------------------

    def _rates(self, page: Page, pieces: Pieces, weight: Weight | None) -> None:
        rate = pieces.rate
        if rate is None:
            return
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
        for rule in self.tables.weight_rules.values():
            found = dosing_weight(
                rule, self.tables.ideal_weight, "female" if pieces.sex == "female" else "male", height, weight.kg,
                age=pieces.age, pregnant=bool(pieces.pregnant),
            )  # fmt: skip
            page.say(self.wording.rule_heading.format(name=rule.name), Style.HEADING)
            page.lines(found.lines)
            kg = f"{figure(found.kg)} kg"
            if found.is_adjusted:
                page.say(self.wording.rule_adjusted.format(weight=kg))
                page.say(self.wording.rule_must if found.must else self.wording.rule_should)
            else:
                page.say(self.wording.rule_measured.format(weight=kg, reason=self.wording.reasons[found.why.value]))
                if found.why == "too_short":
                    self._warn(page, "height_short")
            if pieces.dose is not None and "/kg" in pieces.dose.unit:
                one = course(pieces.dose, pieces.days or 1, found.kg, self.limits, spread=bool(pieces.spread))
                page.lines(one.lines)
                if rule.round_to_g is not None:
                    step, grams = f"{figure(rule.round_to_g)} g", figure(rounded_dose(one.course_g, rule))
                    page.say(self.wording.rule_rounding.format(step=step, grams=f"{grams} g"))
        page.say(self.wording.rule_choice)


def _quantity(interval: Every | None) -> Quantity | None:
    return Quantity(Decimal(interval.value), interval.unit) if interval else None

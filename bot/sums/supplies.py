"""
Which bottles hold a dose of a product, how many millilitres is it, and how long does it take at least?

May not know how the dose came about, files, Telegram, or the clock. What no source stated is said to be missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from bot.charts import RateChart, RateStep
from bot.dosing.bottles import MOST_GRAMS, Policy, bottles
from bot.dosing.course import Course, Weight, course, volume_ml
from bot.dosing.limits import Standing, checked
from bot.dosing.rates import Duration, ladder_time
from bot.dosing.tables import Ladder, Limits, Product
from bot.model import Picture, Style
from bot.quantities import Quantity, figure
from bot.quantities.printing import count, hours, listed, rounded_up
from bot.sums.page import Page
from bot.sums.pieces import Pieces
from bot.sums.wording import SumWording

MOST_BOTTLE_SIZES = 8


class Supplies:
    """Writes what a product makes of a dose with the products and wording it was given."""

    def __init__(self, products: Mapping[str, Product], wording: SumWording, limits: Limits) -> None:
        self.products = products
        self.wording = wording
        self.limits = limits

    def strength(self, pieces: Pieces, product: Product | None) -> Decimal:
        """The strength that was typed, else the first one the product comes in."""
        if pieces.strength is not None:
            return pieces.strength.value
        assert product is not None
        return product.strength.mg_per_ml[0]

    def write(self, page: Page, pieces: Pieces, found: Course, weight: Weight | None) -> None:
        """What was asked for of millilitres, bottles and hours; all of them where nothing was asked by name."""
        product = self.products.get(pieces.product or "")
        wants = set(pieces.wants)
        if product is None and pieces.strength is None:
            return
        mg_per_ml = self.strength(pieces, product)
        if checked(mg_per_ml, self.limits.concentration) in (Standing.WARN_LOW, Standing.WARN_HIGH, Standing.ASK):
            page.warn("strength_unusual", self.wording.warnings)
        if product is not None:
            page.has_label_number = True
            self._discontinued(page, product)
            self._name_strength(page, product, mg_per_ml, is_typed=pieces.strength is not None)
            if pieces.region is not None and pieces.region not in product.regions:
                page.say(self.wording.other_country)
        asked = wants & {"volume", "bottles", "hours"}
        if "volume" in asked or not asked:
            amount = found.daily_g if found.days > 1 else found.course_g
            page.lines((volume_ml(amount, mg_per_ml, self.limits)[1],))
        if product is not None and ("bottles" in asked or not asked):
            self._bottles(page, product, found, mg_per_ml)
        if product is not None and weight is not None and ("hours" in asked or not asked):
            self._hours(page, product, found, weight, mg_per_ml)

    def _discontinued(self, page: Page, product: Product) -> None:
        if product.discontinued:
            page.say(self.wording.discontinued.format(product=product.name, when=product.discontinued))
            page.warn("product_discontinued", self.wording.warnings)

    def _name_strength(self, page: Page, product: Product, mg_per_ml: Decimal, *, is_typed: bool) -> None:
        """The strengths a product comes in, and which of them is used where there are several or another was typed."""
        known = product.strength.mg_per_ml
        page.sources.append(product.strength.cite)
        if is_typed and mg_per_ml in known:
            return
        strengths = f"{listed([figure(each) for each in known], 'or')} mg/mL"
        page.say(self.wording.assumed_strength.format(product=product.name, strength=strengths))
        if is_typed or len(known) > 1:
            page.say(self.wording.used_strength.format(strength=f"{figure(mg_per_ml)} mg/mL"))
        if is_typed:
            page.warn("strength_mismatch", self.wording.warnings)

    def _bottles(self, page: Page, product: Product, found: Course, mg_per_ml: Decimal) -> None:
        sizes = product.sizes_g(mg_per_ml)
        if not sizes:
            page.say(self.wording.no_sizes.format(product=product.name))
            return
        if not 0 < found.daily_g <= MOST_GRAMS:
            return
        page.sources.extend(vials.cite for vials in product.vials)
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

    def _ladders(self, product: Product, mg_per_ml: Decimal | None) -> tuple[Ladder, ...]:
        """The ladders for a first and a later infusion at a strength; one where the source makes no difference."""
        fitting = [ladder for ladder in product.ladders if ladder.mg_per_ml in (None, mg_per_ml)]
        found = [
            next((ladder for ladder in fitting if ladder.infusion in (infusion, "any")), None)
            for infusion in ("first", "later")
        ]
        return tuple(dict.fromkeys(ladder for ladder in found if ladder is not None))

    def _name_ladder(self, page: Page, product: Product, ladder: Ladder) -> None:
        page.sources.append(ladder.cite)
        page.say(
            self.wording.hours_of.format(
                product=product.name, use=ladder.use, basis=self.wording.basis[ladder.basis],
                infusion=self.wording.infusion[ladder.infusion],
            )
        )  # fmt: skip

    def _hours(self, page: Page, product: Product, found: Course, weight: Weight, mg_per_ml: Decimal) -> None:
        ladders = self._ladders(product, mg_per_ml)
        if not ladders:
            page.say(self.wording.no_ladder.format(product=product.name))
            self._top_rates(page, product, mg_per_ml)
            return
        for ladder in ladders:
            one = ladder_time(found.daily_g, weight.kg, ladder, mg_per_ml)
            self._name_ladder(page, product, ladder)
            page.lines(one.lines)
            page.say(self.wording.hours_at_least.format(duration=one.text), Style.STRONG)
            if page.picture is None:
                page.picture = self._picture(product, ladder, one)
        if product.slow_rate is not None:
            page.sources.append(product.slow_rate.cite)
            slow = ladder_time(found.daily_g, weight.kg, ladders[0], mg_per_ml, product.slow_rate.rate)
            rate = Quantity(product.slow_rate.rate.value, product.slow_rate.rate.unit).text
            page.say(self.wording.hours_at_risk.format(rate=rate, duration=slow.text))
        page.say(self.wording.hours_leave_out)
        page.say(self.wording.never_a_pump, Style.NOTE)

    def _top_rates(self, page: Page, product: Product, mg_per_ml: Decimal) -> None:
        """The highest rates a label prints, where it prints no steps to work out a time with."""
        known = [top for top in product.top_rates if top.mg_per_ml in (None, mg_per_ml)]
        for top in known:
            page.sources.append(top.cite)
            rate = Quantity(top.rate.value, top.rate.unit).text
            page.say(self.wording.top_rate.format(product=product.name, use=top.use, rate=rate))
        if known:
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

    def compare(self, page: Page, pieces: Pieces, weight: Weight | None, first: int, second: int) -> None:
        """One plan beside the other: the same grams in other numbers of days."""
        assert pieces.dose is not None
        kg = weight.kg if weight else None
        page.say(self.wording.plan_heading, Style.HEADING)
        product = self.products.get(pieces.product or "")
        mg_per_ml = self.strength(pieces, product) if product is not None else None
        ladder = self._ladders(product, mg_per_ml)[:1] if product is not None and weight is not None else ()
        for days in (first, second):
            found = course(pieces.dose, days, kg, self.limits, spread=bool(pieces.spread))
            page.lines(found.lines or (f"{pieces.dose.text} in all",))
            time = bottle_text = ""
            if ladder and weight is not None and mg_per_ml is not None:
                one = ladder_time(found.daily_g, weight.kg, ladder[0], mg_per_ml)
                # Whole minutes times days, so that the two printed times agree with each other.
                whole = rounded_up(one.minutes) * days
                time = f", at least {one.text} each time, {hours(whole)} in all"
            if product is not None and product.sizes_g(mg_per_ml):
                need = bottles(found.daily_g, product.sizes_g(mg_per_ml))
                bottle_text = f", {count(need.count * days, 'bottle')}"
            line = self.wording.plan_line.format(
                name=count(days, "day"), days=count(days, "trip"), hours=time, bottles=bottle_text
            )
            page.say(line, Style.ITEM)
            if found.standing == Standing.WARN_HIGH:
                page.warn("dose_high", self.wording.warnings)
        if pieces.spread:
            page.say(self.wording.plan_same)
        if product is None:
            page.say(self.wording.plan_product)
            return
        page.has_label_number = True
        self._discontinued(page, product)
        page.sources.extend(vials.cite for vials in product.vials)
        if ladder:
            self._name_ladder(page, product, ladder[0])
            page.say(self.wording.hours_leave_out)
        elif weight is not None:
            page.say(self.wording.no_ladder.format(product=product.name))

"""
What do so many grams cost, and which part of a bill is left to the person?

May not know what the grams are for, files, Telegram, or the clock. The currency stays as typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bot.dosing.costs import Cost, cost, repeated, share
from bot.dosing.course import divided, in_a_year
from bot.dosing.limits import Standing
from bot.dosing.tables import DosingTables, Price, Share
from bot.model import Style
from bot.quantities import Quantity, figure
from bot.quantities.printing import day, money
from bot.sums.page import Page
from bot.sums.pieces import Pieces
from bot.sums.wording import SumWording


class Bills:
    """Writes sums of money with the tables and wording it was given."""

    def __init__(self, tables: DosingTables, wording: SumWording) -> None:
        self.tables = tables
        self.wording = wording
        self.limits = tables.limits

    def write(self, page: Page, pieces: Pieces, grams: Decimal, interval: Quantity | None) -> None:
        """What a dose costs, a year of it where that was asked for, and the part that is left to the person."""
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
        years: list[Cost] = []
        if one.standing in (Standing.WARN_LOW, Standing.WARN_HIGH, Standing.ASK):
            page.warn("price_unusual", self.wording.warnings)
        if interval is not None and "year" in pieces.wants and interval.unit != "year":
            years = [repeated(one, total) for total in in_a_year(grams, interval)]
            for bill in years:
                page.lines(bill.lines)
        if stated is None and not page.has_stated_price:
            page.has_stated_price = True
            leaves_out = next(iter(self.tables.prices.values())).leaves_out
            typed = pieces.price.text if pieces.price is not None else money(price, currency)
            page.say(self.wording.price_typed.format(price=typed, day=day(page.today)))
            page.say(self.wording.price_leaves_out.format(leaves_out=leaves_out.rstrip(".")))
        if stated is not None and not page.has_stated_price:
            page.has_stated_price = True
            page.sources.append(stated.cite)
            page.say(
                self.wording.price_assumed.format(
                    price=f"{money(price, currency)} per gram",
                    stated=stated.stated.rstrip("."),
                    checked=day(stated.checked),
                )
            )
            page.say(self.wording.price_leaves_out.format(leaves_out=stated.leaves_out.rstrip(".")))
        self._share(page, pieces, one, years)

    def _share(self, page: Page, pieces: Pieces, bill: Cost, years: Sequence[Cost] = ()) -> None:
        """The part of one infusion's bill that is left to the person, and of a year's where one was asked for."""
        rule = self.tables.shares.get(pieces.payer or "")
        if pieces.share_percent is None and pieces.deductible is None and rule is not None:
            self._published_share(page, rule, bill, years)
        if pieces.share_percent is None and pieces.deductible is None:
            return
        percent = pieces.share_percent.value if pieces.share_percent else Decimal(0)
        deductible = pieces.deductible.value if pieces.deductible else Decimal(0)
        cap = pieces.cap.value if pieces.cap else None
        page.say(self.wording.share_heading.format(percent=f"{figure(percent)}%"), Style.HEADING)
        self._parts(page, percent, deductible, cap, bill, years)

    def _parts(
        self, page: Page, percent: Decimal, deductible: Decimal, cap: Decimal | None, bill: Cost, years: Sequence[Cost]
    ) -> None:
        page.lines(share(bill, percent, deductible, cap, self.limits).lines)
        for year in years:
            page.say(self.wording.share_of_year.format(bill=money(year.value, year.currency)))
            page.lines(share(year, percent, deductible, cap, self.limits).lines)
        page.say(self.wording.share_years, Style.NOTE)

    def _published_share(self, page: Page, rule: Share, bill: Cost, years: Sequence[Cost]) -> None:
        """What a payer's published rule leaves, in its own currency only."""
        if bill.currency not in (rule.currency, "$"):
            return
        page.sources.append(rule.cite)
        page.say(self.wording.share_heading.format(percent=f"{figure(rule.percent)}%"), Style.HEADING)
        page.say(self.wording.share_source.format(name=rule.name, year=rule.year, note=rule.note.rstrip(".") + "."))
        self._parts(page, rule.percent, rule.deductible, None, bill, years)

    def of_bill(self, page: Page, pieces: Pieces) -> None:
        """What a typed bill comes to for a gram, and the part of it that is left to the person."""
        assert pieces.bill is not None
        currency = pieces.bill.unit.removeprefix("money:").partition("/")[0]
        if pieces.dose is not None and "/" not in pieces.dose.unit:
            grams = pieces.dose.to("g").value
            per_gram = divided(pieces.bill.value, grams)
            line = f"{money(pieces.bill.value, currency)} ÷ {figure(grams)} g = {money(per_gram, currency)}/g"
            page.lines((line,))
            page.say(self.wording.bill_per_gram.format(price=money(per_gram, currency)))
        self._share(page, pieces, Cost(pieces.bill.value, currency, ()))

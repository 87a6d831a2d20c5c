"""
What is asked back when a piece is missing, or open to two readings, and what is refused?

May not know files, Telegram, or the clock. A prompt and its buttons are made together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from bot.dosing.limits import OutOfRange
from bot.dosing.tables import DosingTables, Product
from bot.model import Button, Paragraph, Reply, ReplyKind, State, Style, SumState
from bot.quantities import Quantity, figure
from bot.quantities.printing import count
from bot.sums.pieces import Pieces
from bot.sums.understanding import Open
from bot.sums.wording import SumWording

PRODUCTS_OFFERED = 8
REGIMENS_OFFERED = ("article_monthly", "five_day_course", "esims_monthly", "ontario_start")
_ASK_OF = {
    "weight": "ask_weight", "dose": "ask_dose", "product": "ask_product", "first_day": "ask_date",
    "last_day": "ask_last_day", "region": "ask_region", "interval": "ask_interval", "height": "ask_height",
    "sex": "ask_sex", "share": "ask_share",
}  # fmt: skip


class Asking:
    """Writes prompts and refusals."""

    def __init__(self, tables: DosingTables, products: Mapping[str, Product], wording: SumWording) -> None:
        self.tables = tables
        self.products = products
        self.wording = wording

    def for_piece(self, piece: str, pieces: Pieces, lead: str | None = None) -> Reply:
        """Ask for a missing piece."""
        texts = ([lead] if lead else []) + [getattr(self.wording, _ASK_OF[piece])]
        return self._reply(texts, self._choices(piece, pieces), piece, pieces)

    def between(self, opened: Open, pieces: Pieces) -> Reply:
        """Ask which of several readings is meant; each is a button."""
        shown = [_shown(reading) for reading in opened.readings]
        first, second = (*shown, "", "")[:2]
        wording = self.wording
        match opened.doubt:
            case "unit" if opened.piece == "weight":
                text = wording.ask_weight_unit.format(kilograms=first, pounds=second)
            case "unit":
                text = wording.ask_dose_unit.format(first=first, second=second)
            case "range":
                text = wording.ask_range.format(first=first, second=second)
            case "several" if opened.piece == "weight":
                text = wording.ask_whose_weight.format(first=first, second=second)
            case "small":
                text = wording.ask_small_dose.format(dose=first)
            case "flat":
                text = wording.ask_flat_dose.format(grams=first, per_kilogram=second)
            case _:
                text = wording.ask_which.format(first=first, second=second)
        buttons = tuple((Button(label=label[:64], code=f"sum-pick-{place}"),) for place, label in enumerate(shown))
        readings = [[str(reading.value), reading.unit] for reading in opened.readings]
        extra = {"open": {"piece": opened.piece, "readings": readings}}
        return self._reply([text], buttons, f"open-{opened.piece}", pieces, extra)

    def spread(self, pieces: Pieces) -> Reply:
        """Ask whether a dose is given on each day or shared over them."""
        assert pieces.dose is not None
        assert pieces.days is not None
        text = self.wording.ask_spread.format(dose=pieces.dose.text, days=count(pieces.days, "day"))
        labels = self.wording.buttons
        buttons = (
            (Button(label=labels["each_day"], code="sum-spread-no"),),
            (Button(label=labels["shared"], code="sum-spread-yes"),),
        )
        return self._reply([text], buttons, "spread", pieces)

    def price(self, pieces: Pieces) -> Reply:
        """Ask whether an unusual price is that of one gram."""
        assert pieces.price is not None
        text = self.wording.ask_price.format(price=pieces.price.text.partition("/")[0])
        labels = self.wording.buttons
        buttons = (
            (Button(label=labels["yes_gram"], code="sum-price-yes"),),
            (Button(label=labels["no_gram"], code="sum-price-no"),),
        )
        return self._reply([text], buttons, "price", pieces)

    def refusal(self, error: OutOfRange, pieces: Pieces) -> Reply:
        """Refuse an implausible value, naming the slip that is suspected."""
        wording = self.wording
        limits = self.tables.limits
        texts: list[str] = []
        if error.limit is limits.weight:
            given = pieces.weight.text if pieces.weight else f"{figure(error.value)} kg"
            texts = [wording.refuse_weight.format(weight=given, limit=_top(limits.weight.refuse_above, "kg"))]
            texts += self._slip_of_weight(pieces.weight)
        elif error.limit is limits.dose_per_kg:
            given = pieces.dose.text if pieces.dose else f"{figure(error.value)} g/kg"
            limit = _top(limits.dose_per_kg.refuse_from, "g/kg")
            texts = [wording.refuse_dose.format(dose=given, limit=limit), *self._slip_of_dose(pieces)]
        elif error.limit is limits.height:
            given = pieces.height.text if pieces.height else f"{figure(error.value)} cm"
            low, high = _top(limits.height.refuse_below, "cm"), _top(limits.height.refuse_above, "cm")
            texts = [wording.refuse_height.format(height=given, low=low, high=high)]
        elif error.limit is limits.price_per_gram:
            given = pieces.price.text if pieces.price else figure(error.value)
            limit = figure(limits.price_per_gram.refuse_above or Decimal(0))
            texts = [wording.refuse_price.format(price=given, limit=limit)]
        elif error.limit is limits.concentration:
            given = f"{figure(error.value)} mg/mL"
            texts = [
                wording.refuse_strength.format(strength=given, limit=_top(limits.concentration.refuse_above, "mg/mL"))
            ]
        elif error.limit is limits.rate:
            given = pieces.rate.text if pieces.rate else f"{figure(error.value)} mL/h"
            texts = [wording.refuse_rate.format(rate=given, limit=_top(limits.rate.refuse_above, "mL/h"))]
        else:
            texts = [wording.refuse_share]
        return self.refused(texts, pieces)

    def refused(self, texts: Iterable[str], pieces: Pieces) -> Reply:
        """A refusal; what was clear stays, so that only the faulty piece is typed again."""
        return Reply(
            kind=ReplyKind.REFUSAL,
            paragraphs=tuple(Paragraph(text=text) for text in texts),
            buttons=((Button(label=self.wording.buttons["new"], code="dose"),),),
            state=State(),
        )

    def _slip_of_weight(self, given: Quantity | None) -> list[str]:
        if given is None:
            return []
        if given.value < 0:
            return [self.wording.slip_minus.format(reading=Quantity(-given.value, given.unit).text)]
        if given.unit == "kg" and Decimal(400) < given.value <= Decimal(880):
            return [self.wording.slip_unit.format(reading=Quantity(given.value, "lb").text)]
        tenth = Quantity(given.value / 10, given.unit)
        if given.value > 0 and Decimal(40) <= tenth.value <= Decimal(200):
            return [self.wording.slip_decimal.format(reading=tenth.text)]
        hundredth = Quantity(given.value / 100, given.unit)
        if given.value > 0 and Decimal(40) <= hundredth.value <= Decimal(200):
            return [self.wording.slip_decimal.format(reading=hundredth.text)]
        return []

    def _slip_of_dose(self, pieces: Pieces) -> list[str]:
        dose = pieces.dose
        if dose is None or dose.value <= 0:
            return []
        if dose.unit in ("g/kg", "g") and dose.value >= 100:
            return [self.wording.slip_unit.format(reading=Quantity(dose.value, "mg/kg").text)]
        if pieces.days and pieces.days > 1 and not pieces.spread:
            return [self.wording.slip_spread.format(days=count(pieces.days, "day"))]
        tenth = Quantity(dose.value / 10, dose.unit)
        if dose.unit == "g/kg" and tenth.value <= 2:
            return [self.wording.slip_decimal.format(reading=tenth.text)]
        return []

    def _choices(self, piece: str, pieces: Pieces) -> tuple[tuple[Button, ...], ...]:
        labels = self.wording.buttons
        if piece == "dose":
            rows = [
                (Button(label=self.tables.regimens[name].name[:64], code=f"sum-regimen-{name}"),)
                for name in REGIMENS_OFFERED
                if name in self.tables.regimens
            ]
            both = () if "vaccine" in pieces.wants else ((Button(label=labels["both"], code="sum-both"),),)
            return (*rows, *both)
        if piece == "product":
            named = set((pieces.product or "").split("|"))
            offered = [product for product in self.products.values() if product.id in named] or [
                product
                for product in self.products.values()
                if not product.discontinued and product.vials and (pieces.region or "us") in product.regions
            ]
            names = [product.name for product in offered]
            buttons = [
                Button(label=_named(product, names.count(product.name) > 1), code=f"sum-product-{product.id}")
                for product in offered[:PRODUCTS_OFFERED]
            ]
            return tuple(tuple(buttons[place : place + 2]) for place in range(0, len(buttons), 2))
        if piece == "region":
            regions = sorted({wait.region for wait in self.tables.vaccine_waits.values()})
            buttons = [Button(label=self.wording.regions[name], code=f"sum-region-{name}") for name in regions]
            return tuple(tuple(buttons[place : place + 2]) for place in range(0, len(buttons), 2))
        if piece == "sex":
            return (
                (
                    Button(label=labels["female"], code="sum-sex-female"),
                    Button(label=labels["male"], code="sum-sex-male"),
                ),
            )
        return ()

    def _reply(
        self, texts: Iterable[str], buttons: tuple[tuple[Button, ...], ...], awaiting: str, pieces: Pieces,
        extra: Mapping[str, object] | None = None,
    ) -> Reply:  # fmt: skip
        return Reply(
            kind=ReplyKind.ASK_BACK,
            paragraphs=tuple(Paragraph(text=text, style=Style.PLAIN) for text in texts),
            buttons=buttons,
            state=State(sum=SumState(awaiting=awaiting, values={**pieces.plain(), **(extra or {})})),
        )


def _named(product: Product, has_twin: bool) -> str:
    """A product's name, with the places it is sold in where another has the same name."""
    return f"{product.name[:40]} ({', '.join(product.regions).upper()})" if has_twin else product.name[:40]


def _shown(reading: Quantity) -> str:
    """A reading in print; a date stands as the number of its day in the calendar."""
    if reading.unit == "date":
        day = date.fromordinal(int(reading.value))
        return f"{day.day} {day:%B} {day.year}"
    return reading.text


def _top(value: Decimal | None, unit: str) -> str:
    return f"{figure(value)} {unit}" if value is not None else unit

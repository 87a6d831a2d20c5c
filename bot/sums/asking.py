"""
What is asked back when a piece is missing, or open to two readings, and what is refused?

May not know files, Telegram, or the clock. A prompt and its buttons are made together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Literal

from bot.dosing.limits import OutOfRange
from bot.dosing.tables import DosingTables, Product
from bot.model import Button, Paragraph, Reply, ReplyKind, State, Style, SumState
from bot.quantities import Quantity, figure
from bot.quantities.printing import count
from bot.quantities.printing import day as printed_day
from bot.sums.pieces import Pieces
from bot.sums.understanding import Open
from bot.sums.wording import SumWording

PRODUCTS_OFFERED = 8
REGIMENS_OFFERED = ("article_monthly", "five_day_course", "esims_monthly", "ontario_start")
_LEAST_LIKELY_KG, _MOST_LIKELY_KG = Decimal(40), Decimal(200)
_MOST_KG_OF_POUNDS = Decimal(250)  # above it, a digit too many is likelier than pounds
_ASK_OF = {
    "weight": "ask_weight", "dose": "ask_dose", "product": "ask_product", "first_day": "ask_date",
    "last_day": "ask_last_day", "interval": "ask_interval", "height": "ask_height",
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

    def for_dose(self, pieces: Pieces) -> Reply:
        """The guided way's second step."""
        return self._reply([self.wording.start_dose], self._choices("dose", pieces), "dose", pieces)

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
            case "several" if opened.piece == "dose":
                text = wording.ask_which_dose.format(first=first, second=second)
            case "several" | "date_order":
                text = wording.ask_which_day.format(first=first, second=second)
            case "small":
                text = wording.ask_small_dose.format(dose=first)
            case "flat":
                text = wording.ask_flat_dose.format(grams=first, per_kilogram=second)
            case _:
                text = wording.ask_which.format(first=first, second=second)
        buttons = tuple((Button(label=label[:64], code=f"sum-pick-{place}"),) for place, label in enumerate(shown))
        readings = [[str(reading.value), reading.unit] for reading in opened.readings]
        extra = {"open": {"piece": opened.piece, "readings": readings, "doubt": opened.doubt}}
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
            return self._with_slip(texts, self._slip_of_weight(pieces.weight), "weight", pieces)
        if error.limit is limits.dose_per_kg:
            given = pieces.dose.text if pieces.dose else f"{figure(error.value)} g/kg"
            if pieces.dose is not None and pieces.days and pieces.days > 1:
                given += f" {'over' if pieces.spread else 'for'} {count(pieces.days, 'day')}"
            limit = _top(limits.dose_per_kg.refuse_from, "g/kg")
            texts = [wording.refuse_dose.format(dose=given, limit=limit)]
            if pieces.dose is not None and pieces.days and pieces.days > 1 and not pieces.spread:
                shared = self._if_shared(pieces)
                if shared is not None:
                    return self.refused([*texts, shared], pieces, self._yes_shared(), "spread")
            return self._with_slip(texts, self._slip_of_dose(pieces), "dose", pieces)
        if error.limit is limits.height:
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

    def refused(
        self, texts: Iterable[str], pieces: Pieces, offered: tuple[Button, ...] = (), awaiting: str = "",
        extra: Mapping[str, object] | None = None,
    ) -> Reply:  # fmt: skip
        """A refusal; where a slip is suspected the corrected reading is a button, and the clear pieces stay."""
        new = Button(label=self.wording.buttons["new"], code="dose")
        kept = SumState(awaiting=awaiting, values={**pieces.plain(), **(extra or {})}) if offered else None
        return Reply(
            kind=ReplyKind.REFUSAL,
            paragraphs=tuple(Paragraph(text=text) for text in texts),
            buttons=(offered, (new,)) if offered else ((new,),),
            state=State(sum=kept),
        )

    def _with_slip(
        self, texts: list[str], slip: tuple[str, Quantity] | None, piece: Literal["weight", "dose"], pieces: Pieces
    ) -> Reply:
        """A refusal with the reading that is suspected behind it; nothing is corrected without a press."""
        if slip is None:
            return self.refused(texts, pieces)
        wording, reading = slip
        button = Button(label=reading.text[:64], code="sum-pick-0")
        without = replace(pieces, weight=None) if piece == "weight" else replace(pieces, dose=None)
        extra = {"open": {"piece": piece, "readings": [[f"{reading.value:f}", reading.unit]]}}
        return self.refused([*texts, wording.format(reading=reading.text)], without, (button,), f"open-{piece}", extra)

    def _yes_shared(self) -> tuple[Button, ...]:
        return (Button(label=self.wording.buttons["shared"], code="sum-spread-yes"),)

    def _if_shared(self, pieces: Pieces) -> str | None:
        """The question whether the dose is shared over its days, where that would make it plausible."""
        assert pieces.dose is not None
        most = self.tables.limits.dose_per_kg.refuse_from
        if not pieces.days or most is None:
            return None
        if "/" in pieces.dose.unit and pieces.dose.to("g/kg").value >= most:
            return None
        return self.wording.slip_spread.format(days=count(pieces.days, "day"))

    def _slip_of_weight(self, given: Quantity | None) -> tuple[str, Quantity] | None:
        if given is None or given.value == 0:
            return None
        if given.value < 0:
            return self.wording.slip_minus, Quantity(-given.value, given.unit)
        pounds = Quantity(given.value, "lb")
        if given.unit == "kg" and _LEAST_LIKELY_KG <= pounds.to("kg").value <= _MOST_KG_OF_POUNDS:
            return self.wording.slip_unit, pounds
        for part in (Decimal(10), Decimal(100)):
            reading = Quantity(given.value / part, given.unit)
            if _LEAST_LIKELY_KG <= reading.to("kg").value <= _MOST_LIKELY_KG:
                return self.wording.slip_decimal, reading
        return None

    def _slip_of_dose(self, pieces: Pieces) -> tuple[str, Quantity] | None:
        dose = pieces.dose
        if dose is None or dose.value <= 0:
            return None
        if dose.unit in ("g/kg", "g") and dose.value >= 100:
            return self.wording.slip_unit, Quantity(dose.value, "mg/kg")
        tenth = Quantity(dose.value / 10, dose.unit)
        if dose.unit == "g/kg" and tenth.value <= 2:
            return self.wording.slip_decimal, tenth
        return None

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
        return printed_day(day)
    return reading.text


def _top(value: Decimal | None, unit: str) -> str:
    return f"{figure(value)} {unit}" if value is not None else unit

"""
How much of an infusion's antibody may be left after so many days?

May not know files, Telegram, or the clock. It speaks of antibody, never of benefit.
"""

from __future__ import annotations

import re
from decimal import Decimal

from bot.charts import WearOffChart
from bot.dosing.course import equals
from bot.dosing.tables import HalfLife
from bot.model import Button, Paragraph, Reply, ReplyKind, State, Style
from bot.quantities import ARITHMETIC, Kind, Quantity, figure, normal, read, rounded
from bot.sums.wording import SumWording

DAYS_IN_A_MONTH = 30
MOST_DAYS = 366
_DAYS_OF = {"day": 1, "week": 7, "month": DAYS_IN_A_MONTH}
_ASKED = re.compile(r"\b(?:left|remains?|remaining|still in|worn off|gone|half[- ]li(?:fe|ves))\b")
_LEAD = re.compile(r"\b(?:how much|how many|what percent|percentage|level|half[- ]li(?:fe|ves))\b")


def days_asked(text: str) -> int | None:
    """The days of "how much is left after 28 days?"; None where nothing like it is asked."""
    plain = normal(text)
    if not _ASKED.search(plain) or not _LEAD.search(plain):  # before the amounts, which take ten times as long
        return None
    reading = read(text)
    found = [each for each in reading.of(Kind.DURATION) if each.is_clear and each.quantity.unit in _DAYS_OF]
    if len(found) != 1 or reading.of(Kind.MASS, Kind.MASS_PER_MASS):
        return None
    days = found[0].quantity.value * _DAYS_OF[found[0].quantity.unit]
    return int(days) if days == days.to_integral_value() and 1 <= days <= MOST_DAYS else None


def wear_off(days: int | None, half_life: HalfLife, wording: SumWording) -> Reply:
    """The band, with its lines where a number of days was asked for; the picture is offered, and drawn on request."""
    chart = WearOffChart.of(half_life)
    paragraphs = []
    if days is None:
        paragraphs.append(Paragraph(text=chart.text))
    else:
        paragraphs.append(Paragraph(text=wording.typed.format(inputs=Quantity(Decimal(days), "day").text)))
        for half, part in zip((half_life.from_days, half_life.to_days), chart.left(days), strict=True):
            halvings = ARITHMETIC.divide(Decimal(days), Decimal(half))
            line = f"{days} days ÷ {half} days {equals(halvings, '')} halvings"
            left = wording.wear_line.format(line=line, left=f"{figure(rounded(Decimal(part), 1))}%")
            paragraphs.append(Paragraph(text=left, style=Style.SUM))
        paragraphs.append(Paragraph(text=wording.wear_left.format(left=chart.left_text(days)), style=Style.STRONG))
        paragraphs.append(Paragraph(text=chart.note))
        paragraphs.append(Paragraph(text=wording.wear_not_benefit))
    paragraphs.append(Paragraph(text=wording.purpose, style=Style.NOTE))
    return Reply(
        kind=ReplyKind.CALCULATION,
        paragraphs=tuple(paragraphs),
        sources=(half_life.cite,),
        buttons=((Button(label=wording.buttons["picture"], code="picture-wear_off"),),),
        picture=chart.picture(),
        state=State(),
    )

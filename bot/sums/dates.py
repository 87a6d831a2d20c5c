"""
Which days does a sum show: the next infusions, and when live vaccines are possible again?

May not know files, Telegram, or the clock (the day is handed in).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from bot.dosing.course import Weight, course
from bot.dosing.tables import DosingTables, Every
from bot.model import Attachment, Style
from bot.quantities import Quantity
from bot.quantities.printing import count, day, listed, weekday
from bot.schedule import calendar_file, courses, live_vaccine_days
from bot.sums.page import Page
from bot.sums.pieces import Pieces
from bot.sums.wording import SumWording

DATES_SHOWN = 6
DATES_IN_CALENDAR = 13


class Dates:
    """Writes days with the tables and wording it was given."""

    def __init__(self, tables: DosingTables, wording: SumWording) -> None:
        self._tables = tables
        self._wording = wording

    def write(self, page: Page, pieces: Pieces, weight: Weight | None, now: datetime) -> None:
        """The next infusions with their calendar file, or the days from which live vaccines are possible."""
        repeat = _every(pieces.interval)
        start = pieces.first_day
        if "vaccine" in pieces.wants and pieces.last_day is not None:
            self._vaccines(page, pieces, weight, repeat)
            return
        if start is None and pieces.last_day is not None and repeat is not None:
            start = courses(pieces.last_day, 1, repeat, 2)[1].days[0]
        if start is None:
            return
        days = pieces.days or 1
        number = min(pieces.infusions or (DATES_IN_CALENDAR if repeat else 1), 60)
        planned = courses(start, days, repeat, number)
        page.say(self._wording.dates_heading, Style.HEADING)
        for one in planned[:DATES_SHOWN]:
            first, last = one.days[0], one.days[-1]
            text = weekday(first)
            if last != first:
                text += f" to {weekday(last)}"
            page.say(self._wording.date_line.format(number=one.number, day=text), Style.SUM)
        page.attachment = Attachment(
            name="ivig-infusions.ics",
            content=calendar_file(planned, self._wording.ics_title, self._wording.ics_note, now),
            caption=self._wording.calendar_caption.format(count=sum(len(one.days) for one in planned)),
        )

    def _vaccines(self, page: Page, pieces: Pieces, weight: Weight | None, repeat: Every | None) -> None:
        assert pieces.last_day is not None
        per_kg = self._dose_per_kg(pieces, weight)
        page.say(self._wording.vaccine_heading, Style.HEADING)
        waits = tuple(self._tables.vaccine_waits.values())
        found = live_vaccine_days(pieces.last_day, per_kg, waits, pieces.region, repeat, pieces.days or 1)
        if not found and pieces.region is not None:
            page.say(self._wording.vaccine_no_table.format(region=self._wording.regions[pieces.region]))
            found = live_vaccine_days(pieces.last_day, per_kg, waits, None, repeat, pieces.days or 1)
        for one in found:
            page.sources.append(one.wait.cite)
            name = self._wording.regions[one.wait.region]
            if one.day is None or one.months is None:
                page.say(self._wording.vaccine_no_figure.format(region=name), Style.ITEM)
                continue
            text = self._wording.vaccine_line.format(
                region=name, vaccines=listed(one.wait.vaccines), months=count(one.months, "month"),
                day=day(one.day),
            )  # fmt: skip
            page.say(text, Style.ITEM)
            if one.wait.note:
                page.say(one.wait.note, Style.NOTE)
            if one.never_while_repeated:
                page.say(self._wording.vaccine_never.format(region=name), Style.STRONG)
        page.say(self._wording.vaccine_medicines)

    def _dose_per_kg(self, pieces: Pieces, weight: Weight | None) -> Decimal | None:
        kg = weight.kg if weight else Decimal(1)
        if pieces.dose is None and pieces.regimen is not None:
            regimen = self._tables.regimens[pieces.regimen]
            top = regimen.dose_to or regimen.dose
            if weight is None and "/" not in top.unit:
                return None
            most = course(Quantity(top.value, top.unit), regimen.days_to or regimen.days, kg, self._tables.limits)
            return most.course_g_per_kg
        if pieces.dose is None:
            return None
        if "/" not in pieces.dose.unit and weight is None:
            return None
        whole = course(pieces.dose, pieces.days or 1, kg, self._tables.limits, spread=bool(pieces.spread))
        return whole.course_g_per_kg


def _every(interval: Quantity | None) -> Every | None:
    """An interval of whole days, weeks or months, as the calendar takes it."""
    if interval is None or interval.value != interval.value.to_integral_value() or not 0 < interval.value < 1000:
        return None
    if interval.unit == "year":
        return Every(value=int(interval.value) * 12, unit="month")
    if interval.unit == "day":
        return Every(value=int(interval.value), unit="day")
    if interval.unit == "week":
        return Every(value=int(interval.value), unit="week")
    return Every(value=int(interval.value), unit="month") if interval.unit == "month" else None

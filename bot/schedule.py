"""
Which dates follow: the days of a course, repeat infusions, the end of a wait before a live vaccine.

May not know chats, nor today's date: every date is handed in.
"""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from bot.dosing.tables import Every, VaccineWait
from bot.model import Noun, Text

MONTHS_PER_YEAR = 12
MOST_INFUSIONS = 60
FIRST_YEAR = 1900
LAST_YEAR = 2199
# Ireland follows the leaflets of the European Union; for the others nobody else's table is borrowed.
_TABLE_OF = {"ie": "eu"}


class BeyondCalendar(ValueError):  # noqa: N818 -- it names where the date lies, not the act of failing
    """A date or a number of dates that nobody plans."""


class Course(Noun):
    """One course: its number, counted from 1, and its days in a row."""

    number: int
    days: tuple[date, ...]


class VaccineDay(Noun):
    """
    When one region's wait ends. `months` and `day` are None when its table says nothing for this dose.

    `never_while_repeated`: the next infusion comes before `day`, so that the wait starts anew each time.
    """

    wait: VaccineWait
    row_g_per_kg: Decimal | None = None
    months: int | None = None
    day: date | None = None
    never_while_repeated: bool = False


def _checked(day: date) -> date:
    _check_year(day.year)
    return day


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BeyondCalendar(f"outside the years {FIRST_YEAR} to {LAST_YEAR}")


def after_months(start: date, months: int) -> date:
    """The same day of a later month; a day that month lacks becomes the first of the next (31 August + 8: 1 May)."""
    years, month = divmod(start.month - 1 + months, MONTHS_PER_YEAR)
    year, month = start.year + years, month + 1
    _check_year(year)
    length = monthrange(year, month)[1]
    if start.day <= length:
        return date(year, month, start.day)
    return _checked(date(year, month, length) + timedelta(days=1))


def after(start: date, every: Every, times: int = 1) -> date:
    """The date `times` intervals later, counted from the start so that month ends do not wander."""
    if every.unit == "month":
        return after_months(start, every.value * times)
    days = every.value * times * (7 if every.unit == "week" else 1)
    try:
        return _checked(start + timedelta(days=days))
    except OverflowError:
        raise BeyondCalendar(f"outside the years {FIRST_YEAR} to {LAST_YEAR}") from None


def course_days(first: date, days: int) -> tuple[date, ...]:
    """The days in a row of one course."""
    if not 1 <= days <= MOST_INFUSIONS:
        raise BeyondCalendar(f"a course of {days} days")
    return tuple(after(first, Every(value=1, unit="day"), number) for number in range(days))


def courses(first: date, days: int, every: Every | None, count: int = 1) -> tuple[Course, ...]:
    """`count` courses of `days` days in a row, the first days `every` apart."""
    if not 1 <= count <= MOST_INFUSIONS or (every is None and count > 1):
        raise BeyondCalendar(f"{count} courses")
    starts = [first if every is None else after(first, every, number) for number in range(count)]
    found = tuple(Course(number=number, days=course_days(start, days)) for number, start in enumerate(starts, 1))
    if any(later.days[0] <= course.days[-1] for course, later in pairwise(found)):
        raise BeyondCalendar("a course would begin before the one before it has ended")
    return found


def waits_of(waits: Iterable[VaccineWait], region: str | None) -> tuple[VaccineWait, ...]:
    """The waits of one region's table, or of all; empty where no table was read for the region."""
    table = None if region is None else _TABLE_OF.get(region, region)
    return tuple(wait for wait in waits if table in (None, wait.region))


def live_vaccine_days(
    last_infusion_day: date,
    dose_g_per_kg: Decimal | None,
    waits: Iterable[VaccineWait],
    region: str | None = None,
    repeated: Every | None = None,
    course_length: int = 1,
) -> tuple[VaccineDay, ...]:
    """
    When each wait ends, counted from the last infusion day; a course counts with the sum of its days.

    Without a region every table is answered, each naming its own. An empty answer means that no table was read for
    the region. `repeated` is how far apart first days are when infusions go on.
    """
    if not 1 <= course_length <= MOST_INFUSIONS:
        raise BeyondCalendar(f"a course of {course_length} days")
    first_day = _checked(_checked(last_infusion_day) - timedelta(days=course_length - 1))
    found = []
    for wait in waits_of(waits, region):
        row, months = _months(wait, dose_g_per_kg)
        day = None if months is None else after_months(last_infusion_day, months)
        never = False
        if repeated is not None and day is not None:
            never = day > after(first_day, repeated)
        found.append(VaccineDay(wait=wait, row_g_per_kg=row, months=months, day=day, never_while_repeated=never))
    return tuple(found)


def _months(wait: VaccineWait, dose_g_per_kg: Decimal | None) -> tuple[Decimal | None, int | None]:
    """The row that holds for a dose, the next higher one between two rows; nothing above the last."""
    if wait.months is not None:
        return None, wait.months
    if dose_g_per_kg is None or dose_g_per_kg <= 0:
        return None, None
    for row in wait.rows:
        if dose_g_per_kg <= row.up_to_g_per_kg:
            return row.up_to_g_per_kg, row.months
    return None, None


def calendar_file(planned: Sequence[Course], title: Text, note: Text, written: datetime) -> bytes:
    """
    The dates as an .ics file of whole days, to be opened by any calendar program.

    The same dates give the same identifiers, so that opening the file twice does not enter anything twice.
    """
    days = [(course, day) for course in planned for day in course.days]
    if not days or len(days) > MOST_INFUSIONS * MOST_INFUSIONS:
        raise BeyondCalendar(f"{len(days)} dates")
    # Imported only here: it takes a while, and most people never ask for dates.
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//ivig-bot//infusion dates//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    for number, (course, day) in enumerate(days, 1):
        event = Event()
        digest = hashlib.sha256(f"{title}\0{number}\0{day.isoformat()}".encode()).hexdigest()[:20]
        event.add("uid", f"{digest}@ivig-bot")
        event.add("dtstamp", written)
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
        event.add("summary", f"{title}{_which(course, day, len(planned))}")
        event.add("description", note)
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _which(course: Course, day: date, of: int) -> str:
    parts = []
    if of > 1:
        parts.append(f"{course.number} of {of}")
    if len(course.days) > 1:
        parts.append(f"day {course.days.index(day) + 1} of {len(course.days)}")
    return f" {', '.join(parts)}" if parts else ""

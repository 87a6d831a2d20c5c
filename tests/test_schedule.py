"""Dates of infusions, calendar files and live-vaccine waits, worked by hand and held over thousands of days."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from bot.dosing.tables import DosingTables, Every, VaccineWait
from bot.schedule import (
    BeyondCalendar,
    after,
    after_months,
    calendar_file,
    course_days,
    courses,
    live_vaccine_days,
)
from bot.strictyaml import read_file, validate

ROOT = Path(__file__).resolve().parent.parent
MONTHLY = Every(value=1, unit="month")
THREE_WEEKS = Every(value=3, unit="week")
WRITTEN = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAYS = st.dates(date(1950, 1, 1), date(2150, 12, 31))


@pytest.fixture(scope="module")
def waits() -> tuple[VaccineWait, ...]:
    document = read_file(ROOT / "knowledge" / "dosing.yaml", "dosing.yaml")
    tables = validate(DosingTables, document)
    assert tables is not None, document.problems
    return tuple(tables.vaccine_waits.values())


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2026, 11, 3), 8, date(2027, 7, 3)),
        (date(2026, 8, 31), 8, date(2027, 5, 1)),  # April has 30 days
        (date(2027, 1, 31), 1, date(2027, 3, 1)),
        (date(2028, 1, 29), 1, date(2028, 2, 29)),  # a leap year
        (date(2027, 1, 29), 1, date(2027, 3, 1)),
        (date(2026, 12, 31), 2, date(2027, 3, 1)),
        (date(2026, 1, 31), 11, date(2026, 12, 31)),
        (date(2026, 2, 28), 12, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_months_roll_forward(start: date, months: int, expected: date) -> None:
    assert after_months(start, months) == expected


@given(DAYS, st.integers(0, 24))
def test_a_wait_in_months_is_never_shorter_than_its_calendar_months(start: date, months: int) -> None:
    end = after_months(start, months)
    index = (end.year - start.year) * 12 + end.month - start.month
    assert (index, end.day) == (months, start.day) or (index, end.day) == (months + 1, 1)


@given(DAYS, st.integers(1, 12))
def test_a_longer_wait_never_ends_earlier(start: date, months: int) -> None:
    assert after_months(start, months) < after_months(start, months + 1) or start.day > 28


def test_month_ends_do_not_wander() -> None:
    days = [course.days[0] for course in courses(date(2027, 1, 31), 1, MONTHLY, 4)]
    assert days == [date(2027, 1, 31), date(2027, 3, 1), date(2027, 3, 31), date(2027, 5, 1)]


def test_a_course_of_five_days_over_a_year_end() -> None:
    assert course_days(date(2026, 12, 29), 5) == (
        date(2026, 12, 29),
        date(2026, 12, 30),
        date(2026, 12, 31),
        date(2027, 1, 1),
        date(2027, 1, 2),
    )


def test_two_days_every_three_weeks() -> None:
    planned = courses(date(2026, 11, 3), 2, THREE_WEEKS, 3)
    assert [course.days for course in planned] == [
        (date(2026, 11, 3), date(2026, 11, 4)),
        (date(2026, 11, 24), date(2026, 11, 25)),
        (date(2026, 12, 15), date(2026, 12, 16)),
    ]
    assert [course.number for course in planned] == [1, 2, 3]


@pytest.mark.parametrize(
    ("first", "days", "every", "count"),
    [
        (date(2026, 11, 3), 0, MONTHLY, 1),
        (date(2026, 11, 3), 61, MONTHLY, 1),
        (date(2026, 11, 3), 1, MONTHLY, 0),
        (date(2026, 11, 3), 1, MONTHLY, 61),
        (date(2026, 11, 3), 1, None, 2),
        (date(2026, 11, 3), 5, Every(value=3, unit="day"), 2),  # courses would overlap
        (date(2199, 12, 15), 1, MONTHLY, 2),
        (date(9999, 12, 31), 2, None, 1),
        (date(1, 1, 1), 1, MONTHLY, 2),
    ],
)
def test_what_nobody_plans_is_refused(first: date, days: int, every: Every | None, count: int) -> None:
    with pytest.raises(BeyondCalendar):
        courses(first, days, every, count)


def test_an_interval_beyond_the_last_possible_date_is_refused() -> None:
    with pytest.raises(BeyondCalendar):
        after(date(2026, 1, 1), Every(value=366, unit="week"), 9_999)


@pytest.mark.parametrize(
    ("dose", "row", "expected"),
    [
        ("0.15", "0.15", date(2027, 5, 3)),
        ("0.2", "0.4", date(2027, 7, 3)),  # between two rows: the next higher
        ("0.4", "0.4", date(2027, 7, 3)),
        ("0.401", "1", date(2027, 9, 3)),
        ("0.7", "1", date(2027, 9, 3)),
        ("1", "1", date(2027, 9, 3)),
        ("1.5", "2", date(2027, 10, 3)),
        ("2", "2", date(2027, 10, 3)),
    ],
)
def test_the_us_table_by_dose(waits: tuple[VaccineWait, ...], dose: str, row: str, expected: date) -> None:
    (found,) = live_vaccine_days(date(2026, 11, 3), Decimal(dose), waits, "us")
    assert (found.row_g_per_kg, found.day) == (Decimal(row), expected)
    assert found.wait.cite.source == "aciptab"


@pytest.mark.parametrize("dose", [None, "0", "-1", "2.001", "4"])
def test_no_date_without_a_row(waits: tuple[VaccineWait, ...], dose: str | None) -> None:
    (found,) = live_vaccine_days(date(2026, 11, 3), None if dose is None else Decimal(dose), waits, "us", MONTHLY)
    assert (found.months, found.day, found.never_while_repeated) == (None, None, False)


def test_regions_differ_and_are_named(waits: tuple[VaccineWait, ...]) -> None:
    last, dose = date(2026, 8, 31), Decimal("0.4")
    by_region = {(found.wait.region, found.day) for found in live_vaccine_days(last, dose, waits)}
    assert ("us", date(2027, 5, 1)) in by_region
    assert ("au", date(2027, 5, 31)) in by_region
    assert {("eu", date(2026, 12, 1)), ("eu", date(2027, 8, 31))} <= by_region
    assert {found.wait.region for found in live_vaccine_days(last, dose, waits, "ie")} == {"eu"}


def test_a_region_without_a_table_gets_nobody_elses(waits: tuple[VaccineWait, ...]) -> None:
    assert live_vaccine_days(date(2026, 8, 31), Decimal(1), waits, "nz") == ()


def test_the_date_never_comes_while_monthly_infusions_go_on(waits: tuple[VaccineWait, ...]) -> None:
    for found in live_vaccine_days(date(2026, 11, 3), Decimal("0.4"), waits, None, MONTHLY):
        assert found.never_while_repeated
    yearly = Every(value=12, unit="month")
    assert not any(
        found.never_while_repeated
        for found in live_vaccine_days(date(2026, 11, 3), Decimal("0.4"), waits, "us", yearly)
    )


def test_repeats_count_from_the_first_day_of_a_course(waits: tuple[VaccineWait, ...]) -> None:
    """Eight months after day 5 lies after the next course, which begins eight months after day 1."""
    eight = Every(value=8, unit="month")
    last = date(2026, 11, 7)
    (single,) = live_vaccine_days(last, Decimal("0.4"), waits, "us", eight)
    (course,) = live_vaccine_days(last, Decimal("0.4"), waits, "us", eight, course_length=5)
    assert (single.never_while_repeated, course.never_while_repeated) == (False, True)


@pytest.mark.parametrize(("last", "length"), [(date(9999, 12, 31), 1), (date(1, 1, 1), 5), (date(2026, 1, 1), 0)])
def test_waits_outside_the_calendar_are_refused(waits: tuple[VaccineWait, ...], last: date, length: int) -> None:
    with pytest.raises(BeyondCalendar):
        live_vaccine_days(last, Decimal(1), waits, "us", MONTHLY, length)


@given(DAYS, st.decimals("0.001", "2", places=3))
def test_more_antibody_never_means_a_shorter_wait(last: date, dose: Decimal) -> None:
    rows = (
        {"up_to_g_per_kg": "0.4", "months": 8},
        {"up_to_g_per_kg": "1", "months": 10},
        {"up_to_g_per_kg": "2", "months": 11},
    )
    wait = VaccineWait.model_validate(
        {
            "region": "us",
            "vaccines": ["measles"],
            "rows": rows,
            "cite": {"source": "aciptab", "at": "table"},
            "checked": "2026-11-24",
        }
    )
    (lower,) = live_vaccine_days(last, dose, (wait,))
    (higher,) = live_vaccine_days(last, min(dose * 2, Decimal(2)), (wait,))
    assert lower.day is not None
    assert higher.day is not None
    assert last < lower.day <= higher.day


def test_the_calendar_file_opens_in_another_program() -> None:
    planned = courses(date(2026, 11, 3), 2, THREE_WEEKS, 2)
    content = calendar_file(
        planned, "IVIG infusion", "Your team decides the dates; ask before you rely on them.", WRITTEN
    )
    calendar = Calendar.from_ical(content)
    events = calendar.walk("VEVENT")
    assert [event.decoded("dtstart") for event in events] == [day for course in planned for day in course.days]
    assert [str(event["summary"]) for event in events] == [
        "IVIG infusion 1 of 2, day 1 of 2",
        "IVIG infusion 1 of 2, day 2 of 2",
        "IVIG infusion 2 of 2, day 1 of 2",
        "IVIG infusion 2 of 2, day 2 of 2",
    ]
    assert all((event.decoded("dtend") - event.decoded("dtstart")).days == 1 for event in events)
    assert len({str(event["uid"]) for event in events}) == 4
    assert content.count(b"\r\n") == content.count(b"\n")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75


def test_opening_the_file_twice_enters_nothing_twice() -> None:
    planned = courses(date(2026, 11, 3), 1, MONTHLY, 3)
    once = Calendar.from_ical(calendar_file(planned, "IVIG", "note", WRITTEN))
    later = Calendar.from_ical(calendar_file(planned, "IVIG", "note", datetime(2026, 12, 1, tzinfo=UTC)))
    assert [str(event["uid"]) for event in once.walk("VEVENT")] == [str(event["uid"]) for event in later.walk("VEVENT")]


def test_words_cannot_break_out_of_the_file() -> None:
    hostile = "x\r\nEND:VEVENT\r\nBEGIN:VALARM; , \\ 😀" * 20
    content = calendar_file(courses(date(2026, 11, 3), 1, None), hostile, hostile, WRITTEN)
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert not event.subcomponents
    assert "END:VEVENT" in str(event["summary"])


def test_a_file_without_dates_is_refused() -> None:
    with pytest.raises(BeyondCalendar):
        calendar_file((), "IVIG", "note", WRITTEN)

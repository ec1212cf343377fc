"""Which hours are counted, and how far a budget is used up. Values only."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from messaging.budgets import judging, schedule
from messaging.budgets.judging import Spent

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
NOW = NOON + timedelta(minutes=10)


def an_hour(begin: datetime) -> schedule.Hour:
    return schedule.Hour(begin, begin + schedule.HOUR)


def ago(**span: int) -> datetime:
    return NOW - timedelta(**span)


@pytest.mark.parametrize(
    ("hours_back", "counted_at", "due"),
    [
        (0, None, True),
        (0, ago(seconds=14), False),
        (0, ago(seconds=16), True),
        # The hour before is over for ten minutes.
        (1, ago(minutes=10), False),
        (1, ago(minutes=31), True),
        (50, ago(minutes=29), False),
        (50, ago(minutes=31), True),
        (100, ago(hours=18), False),
        (100, ago(hours=20), True),
        (700, None, True),
    ],
)
def test_when_an_hour_is_counted(hours_back: int, counted_at: datetime | None, due: bool) -> None:
    hour = an_hour(NOON - timedelta(hours=hours_back))
    counted = {hour.begin: counted_at} if counted_at else {}
    assert schedule.to_count([hour], counted, NOW) == ([hour] if due else [])


def test_the_hour_that_has_just_ended_is_counted_as_often() -> None:
    at = NOON + timedelta(seconds=30)
    hour = an_hour(NOON - timedelta(hours=1))
    assert schedule.to_count([hour], {hour.begin: at - timedelta(seconds=20)}, at) == [hour]


def test_hours_begin_at_the_full_hour_and_the_latest_is_first() -> None:
    found = schedule.hours(NOON - timedelta(hours=2, minutes=30), NOW, month=NOON - timedelta(days=3))
    assert found == [an_hour(NOON - timedelta(hours=back)) for back in range(4)]


@pytest.mark.parametrize(
    ("zone", "now", "begin"),
    [
        ("UTC", "2026-11-15T12:00", "2026-11-01T00:00"),
        ("America/Los_Angeles", "2026-07-01T03:00", "2026-06-01T07:00"),
        pytest.param("Asia/Kolkata", "2026-10-31T18:29:59", "2026-09-30T18:30", id="half an hour, the last second"),
        pytest.param("Asia/Kolkata", "2026-10-31T18:30", "2026-10-31T18:30", id="half an hour, the first second"),
        pytest.param("Asia/Kathmandu", "2026-10-31T18:20", "2026-10-31T18:15", id="a quarter"),
        pytest.param("Pacific/Chatham", "2026-11-01T12:00", "2026-10-31T10:15", id="three quarters, in summer"),
        # Havana sets its clocks back on this day, from one o'clock to midnight.
        pytest.param("America/Havana", "2026-11-01T04:30", "2026-11-01T04:00", id="the first midnight"),
        pytest.param("America/Havana", "2026-11-01T05:30", "2026-11-01T04:00", id="after the second midnight"),
        pytest.param("America/Havana", "2026-11-15T12:00", "2026-11-01T04:00", id="later, with the other offset"),
        # Paraguay set them forward at midnight: there was none.
        pytest.param("America/Asuncion", "2023-10-01T03:59", "2023-09-01T04:00", id="before midnight that is not"),
        pytest.param("America/Asuncion", "2023-10-01T04:30", "2023-10-01T04:00", id="after midnight that was not"),
        # Lord Howe goes forward by half an hour, at two in the night.
        pytest.param("Australia/Lord_Howe", "2028-09-30T18:00", "2028-09-30T13:30", id="half an hour of summer"),
    ],
)
def test_when_a_month_began(zone: str, now: str, begin: str) -> None:
    found = schedule.month_begin(datetime.fromisoformat(now).replace(tzinfo=UTC), ZoneInfo(zone))
    assert found.isoformat() == datetime.fromisoformat(begin).replace(tzinfo=UTC).isoformat()


@pytest.mark.parametrize("minutes", [0, 15, 30, 45])
@pytest.mark.parametrize("days", [0, 20])
def test_hours_follow_each_other_without_gap_and_one_begins_with_the_month(minutes: int, days: int) -> None:
    month = datetime(2026, 10, 31, 18, minutes, tzinfo=UTC)
    now = month + timedelta(days=days, minutes=7)
    found = schedule.hours(min(month, now - schedule.NEWS_ENDS), now, month)
    assert all(later.begin == earlier.end for later, earlier in pairwise(found))
    assert month in {hour.begin for hour in found}
    assert all(timedelta(0) < hour.end - hour.begin <= schedule.HOUR for hour in found)
    assert found[-1].end > min(month, now - schedule.NEWS_ENDS)


@pytest.mark.parametrize(
    ("spent", "amount", "level"),
    [
        ("0", "100", "within"),
        ("79.99", "100", "within"),
        ("80", "100", "warned"),
        ("99.999999", "100", "warned"),
        ("100", "100", "reached"),
        ("101", "100", "reached"),
        ("0", "0", "reached"),
    ],
)
def test_the_level_of_a_budget(spent: str, amount: str, level: str) -> None:
    assert judging.level(Decimal(spent), Decimal(amount), 80) == level


@pytest.mark.parametrize(("charged", "table", "percent"), [("110", "100", 10), ("90", "100", -10), ("5", "0", None)])
def test_how_far_the_table_is_off(charged: str, table: str, percent: int | None) -> None:
    assert Spent(charged=Decimal(charged), charged_by_table=Decimal(table)).deviation_percent == percent

"""Which hours are counted, and how far a budget is used up. Values only."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from messaging.budgets import judging, schedule
from messaging.budgets.judging import Spent

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
NOW = NOON + timedelta(minutes=10)


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
    hour = NOON - timedelta(hours=hours_back)
    counted = {hour: counted_at} if counted_at else {}
    assert schedule.to_count([hour], counted, NOW) == ([hour] if due else [])


def test_the_hour_that_has_just_ended_is_counted_as_often() -> None:
    at = NOON + timedelta(seconds=30)
    hour = NOON - timedelta(hours=1)
    assert schedule.to_count([hour], {hour: at - timedelta(seconds=20)}, at) == [hour]


def test_hours_begin_at_the_full_hour_and_the_latest_is_first() -> None:
    found = schedule.hours(NOON - timedelta(hours=2, minutes=30), NOW)
    assert found == [NOON - timedelta(hours=back) for back in range(4)]


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

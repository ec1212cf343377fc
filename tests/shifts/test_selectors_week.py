"""What the database says of a week: which shifts begin, which go on, and the sums of its days."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from shifts import selectors, weeks
from shifts.models import Shift
from shifts.weeks import Slot, State, Sums

pytestmark = pytest.mark.django_db

FIRST = date(2030, 3, 25)
NOW = datetime(2030, 3, 28, 12, tzinfo=UTC)
# In Berlin clocks are put forward on the last day of that week.
ZONES = [ZoneInfo("UTC"), ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")]


@pytest.fixture
def many() -> list[Shift]:
    """Shifts around a week: of all lengths, some without an end, on the hour."""
    chance = random.Random(5)
    begin = datetime(2030, 3, 18, tzinfo=UTC)
    rows = []
    for number in range(400):
        starts_at = begin + timedelta(hours=chance.randrange(21 * 24))
        hours = chance.choice([None, 1, 8, 24, 47, 48, 49, 24 * 30, 24 * 400])
        places = chance.randrange(1, 5)
        ends_at = None if hours is None else starts_at + timedelta(hours=hours)
        booked = chance.randrange(places + 1)
        rows.append(Shift(shift_id=f"S{number}", starts_at=starts_at, ends_at=ends_at, places=places, booked=booked))
    rows.append(Shift(shift_id="NONE", places=9))
    return Shift.objects.bulk_create(rows)


@pytest.mark.parametrize("zone", ZONES)
def test_each_shift_counts_on_the_day_on_which_it_begins_and_only_what_can_be_booked_is_free(
    many: list[Shift], zone: ZoneInfo
) -> None:
    expected: dict[int, Sums] = {}
    for one in many:
        if one.starts_at is None:
            continue
        number = (one.starts_at.astimezone(zone).date() - FIRST).days
        if not 0 <= number < weeks.DAYS:
            continue
        before = expected.get(number, Sums())
        slot = Slot(one.pk, one.starts_at, one.ends_at, one.places, one.booked)
        free = one.places - one.booked if weeks.state(slot, NOW) is State.FREE else 0
        expected[number] = Sums(
            before.shifts + 1, before.places + one.places, before.booked + one.booked, before.free + free
        )
    _, end = weeks.span(FIRST, zone)
    assert selectors.sums(weeks.begins(FIRST, zone), end, NOW) == expected
    assert len(expected) == weeks.DAYS


@pytest.mark.parametrize("zone", ZONES)
def test_what_goes_on_at_midnight(many: list[Shift], zone: ZoneInfo) -> None:
    for begin in weeks.begins(FIRST, zone):
        expected = [one for one in many if one.starts_at and one.ends_at and one.starts_at < begin < one.ends_at]
        expected.sort(key=lambda one: (one.starts_at, one.pk), reverse=True)
        assert list(selectors.going_on(begin)) == expected
        assert any(
            one.ends_at - one.starts_at > timedelta(days=31) for one in expected if one.ends_at and one.starts_at
        )


def test_both_are_read_by_index() -> None:
    begin = datetime(2030, 7, 1, tzinfo=UTC)
    rows = [Shift(shift_id=f"S{n}", starts_at=begin + timedelta(hours=n), places=1) for n in range(-6000, 6000)]
    for one in rows:
        assert one.starts_at
        one.ends_at = one.starts_at + timedelta(hours=8)
    Shift.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE shifts_shift" if connection.vendor == "postgresql" else "ANALYZE")
    assert "shifts_by_start" in selectors.beginning(begin, begin + timedelta(days=1)).explain()
    plan = selectors.going_on(begin).explain()
    assert "shifts_by_start" in plan
    assert "shifts_long" in plan

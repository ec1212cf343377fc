"""Figures by day: when a day is counted, which rows are its own, and what is counted."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging import daily, registry
from messaging.daily.schedule import Counted, to_count
from messaging.daily.spans import within
from messaging.models import CountedDay, OutboundMessage
from messaging.work import Days
from tests.messaging.api.rows import NOON, inbound, outbound

TODAY = NOON.date()


def _end(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


def _ago(seconds: float = 0, **span: float) -> datetime:
    return NOON - timedelta(seconds=seconds, **span)


@pytest.mark.parametrize(
    ("back", "counted_at", "seconds", "is_due"),
    [
        (0, None, 0, True),
        (0, _ago(59), 0, False),
        (0, _ago(60), 0, True),
        # Two seconds of counting rest for a hundred.
        (0, _ago(90), 2, False),
        (0, _ago(100), 2, True),
        # Yesterday, counted before it was over, and after.
        (1, _ago(hours=13), 0, True),
        (1, _ago(minutes=59), 0, False),
        (1, _ago(hours=1), 0, True),
        # News of its texts has stopped coming.
        (4, _ago(hours=13), 0, True),
        (4, _ago(hours=11), 0, False),
        (13, None, 0, True),
        (13, _ago(days=9), 0, False),
        (13, _ago(days=11), 0, True),
    ],
)
def test_when_a_day_is_counted(back: int, counted_at: datetime | None, seconds: float, is_due: bool) -> None:
    day = TODAY - timedelta(days=back)
    counted = {} if counted_at is None else {day: Counted(counted_at, seconds)}
    assert to_count([day], counted, NOON, {day: _end(day)}) == ([day] if is_due else [])


def test_the_latest_day_comes_first() -> None:
    days = [TODAY - timedelta(days=back) for back in (2, 1, 0)]
    assert to_count(days, {}, NOON, {day: _end(day) for day in days}) == days[::-1]


def _queued(number: int, at: datetime, **fields: Any) -> None:
    OutboundMessage.objects.filter(pk=outbound(number, **fields).pk).update(queued_at=at)


@pytest.mark.django_db
class TestSpans:
    def _found(self, begin: datetime, end: datetime) -> list[datetime]:
        rows = within(OutboundMessage.objects.all(), "queued_at", begin, end)
        return sorted(rows.values_list("queued_at", flat=True))

    def test_only_what_is_within(self) -> None:
        times = [NOON + timedelta(hours=hour) for hour in range(-30, 30, 5)]
        for number, at in enumerate(times):
            _queued(number, at)
        begin, end = NOON - timedelta(hours=10), NOON + timedelta(hours=10)
        assert self._found(begin, end) == [at for at in times if begin <= at < end]

    def test_keys_a_little_out_of_order(self) -> None:
        for number, minute in enumerate((-9, 1, -1, 9, 4)):
            _queued(number, NOON + timedelta(minutes=minute))
        assert len(self._found(NOON, NOON + timedelta(hours=1))) == 3

    def test_an_empty_table_and_an_empty_span(self) -> None:
        assert self._found(NOON, NOON + timedelta(days=1)) == []
        _queued(1, NOON - timedelta(days=3))
        assert self._found(NOON, NOON + timedelta(days=1)) == []

    def test_it_does_not_read_the_table(self) -> None:
        for number in range(40):
            _queued(number, NOON + timedelta(hours=number))
        with CaptureQueriesContext(connection) as queries:
            self._found(NOON, NOON + timedelta(hours=1))
        assert len(queries) < 20


@pytest.mark.django_db
class TestCounting:
    @pytest.fixture(autouse=True)
    def time(self) -> Iterator[time_machine.Traveller]:
        with time_machine.travel(NOON, tick=False) as time:
            yield time

    def test_texts_of_a_day(self) -> None:
        _queued(1, NOON, status="delivered", conversation="shifts", parts=2, price=Decimal("0.0145"), currency="USD")
        _queued(2, NOON, status="delivered", conversation="shifts", parts=1, price=Decimal("0.01"), currency="USD")
        _queued(3, NOON, status="failed", conversation="incidents", error_reason="No such number")
        _queued(4, NOON - timedelta(days=1), status="delivered")
        inbound()
        texts = next(one for one in registry.daily() if one.name == "texts")
        figures = texts.of(_end(TODAY) - timedelta(days=1), _end(TODAY))
        assert figures["statuses"] == {"shifts": {"delivered": 2}, "incidents": {"failed": 1}}
        assert figures["spent"] == {"USD": "0.024500"}
        assert figures["inbound"] == 1

    def test_a_worker_counts_what_is_old_and_then_rests(self, time: time_machine.Traveller) -> None:
        work = Days()
        assert work.is_due(NOON)
        while daily.count_what_is_due(timedelta(0)):
            assert work.is_due(NOON)
        assert CountedDay.objects.count() == daily.DAYS
        assert not work.is_due(NOON)
        time.shift(61)
        assert work.is_due(NOON + timedelta(seconds=61))
        assert daily.due(NOON + timedelta(seconds=61)) == [TODAY]

    def test_a_page_reads_them_with_one_query(self) -> None:
        assert list(daily.recent(NOON).values()) == [{}] * daily.DAYS
        daily.count_what_is_due(timedelta(0))
        with CaptureQueriesContext(connection) as queries:
            days = daily.recent(NOON)
        assert len(queries) == 1
        assert list(days)[-1] == TODAY
        assert set(days[TODAY]) == {"texts", "incidents", "shifts", "consent"}

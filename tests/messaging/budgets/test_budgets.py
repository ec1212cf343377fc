"""Budgets over rows: what is counted, whose campaigns wait, and what is never stopped."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from messaging import clock
from messaging.budgets import counting, enforcing, spending
from messaging.models import Budget, Lane, OriginationIdentity, OutboundMessage, PartPrice, Priority, SpentHour, Status
from messaging.outbound import leases
from messaging.simulator import Simulator
from tests.house import House
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, queued, standing
from tests.moving import MovableTime

pytestmark = pytest.mark.django_db
LONG = timedelta(hours=1)
LONDON = "+447700900123"


@pytest.fixture(autouse=True)
def _prices(db: None) -> None:
    PartPrice.objects.all().delete()
    PartPrice.objects.create(iso_country_code="US", price="0.01")


def sent(price: str | None = None, to: str = ANN, **fields: Any) -> OutboundMessage:
    values: dict[str, Any] = {"attempted_at": clock.now(), "price": price, "currency": "USD" if price else ""}
    return standing(Status.SENT, to, **values | fields)


def look(time: MovableTime | None = None) -> None:
    if time:
        time.forward(20)
    while enforcing.look(LONG):
        pass


def budget(amount: str, number: OriginationIdentity | None = None, **fields: Any) -> Budget:
    return Budget.objects.create(amount=amount, origination_identity=number, **fields)


def level(row: Budget) -> str:
    row.refresh_from_db()
    return row.level


class TestCounting:
    def test_aws_price_where_it_is_known_and_the_tables_until_then(self, number: OriginationIdentity) -> None:
        sent("0.02")
        sent(parts=3)
        look()
        found = spending.of(spending.this_month(clock.now()), OUR_NUMBER, "USD")
        assert (found.charged, found.open, found.charged_by_table) == (
            Decimal("0.02"),
            Decimal("0.03"),
            Decimal("0.01"),
        )
        assert (found.parts, found.deviation_percent) == (4, 100)

    def test_the_price_that_comes_later_takes_the_place_of_the_tables(
        self, number: OriginationIdentity, time: MovableTime
    ) -> None:
        text = sent()
        look()
        OutboundMessage.objects.filter(pk=text.pk).update(price="0.5", currency="USD")
        time.forward(3601)
        look()
        found = spending.of(spending.this_month(clock.now()), None, "USD")
        assert (found.charged, found.open) == (Decimal("0.5"), Decimal(0))

    @pytest.mark.parametrize(
        ("status", "counts"),
        [
            (Status.SENT, True),
            (Status.DELIVERED, True),
            (Status.UNKNOWN, True),
            (Status.QUEUED, False),
            (Status.FAILED, False),
            (Status.SUPPRESSED, False),
        ],
    )
    def test_what_aws_has_or_may_have_counts(self, number: OriginationIdentity, status: Status, counts: bool) -> None:
        standing(status, attempted_at=clock.now())
        look()
        assert bool(spending.of(spending.this_month(clock.now()), None, "USD").parts) is counts

    @pytest.mark.parametrize("status", [Status.QUEUED, Status.FAILED])
    def test_what_is_sent_again_or_given_up_after_no_answer_may_have_cost(
        self, number: OriginationIdentity, status: Status
    ) -> None:
        standing(status, attempted_at=clock.now(), attempts=1, doubts=1)
        look()
        assert spending.of(spending.this_month(clock.now()), None, "USD").parts == 1

    def test_what_aws_charges_in_another_currency_takes_no_text_out_of_a_budget(
        self, number: OriginationIdentity, time: MovableTime
    ) -> None:
        PartPrice.objects.update(currency="EUR")
        row = budget("0.01", currency="EUR")
        text = sent()
        look()
        assert level(row) == "reached"
        OutboundMessage.objects.filter(pk=text.pk).update(price="0.005", currency="USD")
        time.forward(3601)
        look()
        assert level(row) == "reached"
        found = {name: spending.of(spending.this_month(clock.now()), None, name) for name in ("EUR", "USD")}
        assert (found["EUR"].all, found["USD"].all) == (Decimal("0.01"), Decimal("0.005"))

    def test_a_country_that_has_no_price_is_said(self, number: OriginationIdentity) -> None:
        sent(to=LONDON, parts=2)
        look()
        assert spending.of(spending.this_month(clock.now()), None, "USD").without_price == 2

    def test_a_month_begins_where_the_organisation_is(self, settings: Any) -> None:
        settings.TIME_ZONE = "America/Los_Angeles"
        at = datetime(2026, 7, 1, 3, tzinfo=ZoneInfo("UTC"))
        assert counting.month_begin(at).isoformat() == "2026-06-01T07:00:00+00:00"

    @pytest.mark.parametrize(("zone", "into"), [("Asia/Kolkata", 30), ("Asia/Kathmandu", 15), ("UTC", 0)])
    def test_a_month_that_begins_within_an_hour_has_what_was_sent_from_that_moment(
        self, number: OriginationIdentity, settings: Any, zone: str, into: int
    ) -> None:
        settings.TIME_ZONE = zone
        begin = datetime(2026, 10, 31, 18, into, tzinfo=UTC) if into else datetime(2026, 11, 1, tzinfo=UTC)
        sent("1", attempted_at=begin - timedelta(seconds=1))
        sent("2", attempted_at=begin)
        sent("4", attempted_at=begin + timedelta(minutes=10))
        for now in (begin + timedelta(minutes=12), begin + timedelta(days=20)):
            with time_machine.travel(now):
                look()
                assert spending.of(spending.this_month(clock.now()), None, "USD").charged == Decimal(6)

    def test_hours_that_nothing_can_change_any_more_are_left(
        self, number: OriginationIdentity, time: MovableTime
    ) -> None:
        look()
        time.forward(100 * 3600)
        look()
        first = SpentHour.objects.earliest("hour")
        assert counting.due(clock.now()) == []
        time.forward(3601)
        look()
        assert SpentHour.objects.get(pk=first.pk).counted_at == first.counted_at


class TestLevels:
    def test_it_warns_then_is_used_up_and_a_new_month_begins_anew(
        self, number: OriginationIdentity, time: MovableTime
    ) -> None:
        row = budget("1.00")
        sent("0.79")
        look()
        assert level(row) == "within"
        sent("0.01")
        look(time)
        assert level(row) == "warned"
        sent("0.20")
        look(time)
        assert (level(row), row.spent) == ("reached", Decimal("1.00"))
        time.forward(32 * 24 * 3600)
        look()
        assert (level(row), row.spent) == ("within", Decimal(0))

    def test_one_numbers_budget_counts_its_own_texts(self, number: OriginationIdentity) -> None:
        other = OriginationIdentity.objects.create(identity="+14255550109", kind="ten_dlc", mps=1)
        rows = budget("1", number), budget("1", other), budget("10")
        sent("2", origination_identity=OUR_NUMBER)
        look()
        assert [level(row) for row in rows] == ["reached", "within", "within"]
        assert list(Lane.objects.filter(limited_at__isnull=False).values_list("origination_identity__identity")) == [
            (OUR_NUMBER,)
        ]

    def test_another_currency_counts_for_nothing(self, number: OriginationIdentity) -> None:
        row = budget("1", currency="EUR")
        sent("5")
        look()
        assert level(row) == "within"


class TestStopping:
    def _used_up(self, **fields: Any) -> Budget:
        row = budget("0", **fields)
        look()
        return row

    def test_campaigns_wait_and_nothing_else_does(self, number: OriginationIdentity) -> None:
        self._used_up()
        queued(ANN, priority=Priority.CAMPAIGN)
        assert not leases.work_waits(clock.now())
        assert leases.lanes_with_work("me", clock.now()) == []
        for priority in (Priority.ALERT, Priority.REPLY, Priority.NOTICE):
            queued(BOB, priority=priority)
        assert leases.work_waits(clock.now())

    @pytest.mark.django_db(transaction=True)
    def test_an_alert_leaves_through_a_used_up_budget_and_campaigns_when_it_is_raised(
        self, house: House, simulator: Simulator
    ) -> None:
        row = self._used_up()
        queued(ANN, "shift?", priority=Priority.CAMPAIGN)
        queued(BOB, "fire", priority=Priority.ALERT)
        house.forward(5)
        assert [text.body for text in simulator.sent] == ["fire"]
        Budget.objects.filter(pk=row.pk).update(amount=100, counted_at=None)
        house.forward(5)
        assert sorted(text.body for text in simulator.sent) == ["fire", "shift?"]

    def test_one_that_only_warns_stops_nothing(self, number: OriginationIdentity) -> None:
        self._used_up(stops_campaigns=False)
        queued(priority=Priority.CAMPAIGN)
        assert leases.work_waits(clock.now())

    def test_a_budget_that_is_taken_away_lets_go(self, number: OriginationIdentity) -> None:
        row = self._used_up()
        row.delete()
        assert enforcing.is_due(clock.now())
        look()
        assert not Lane.objects.filter(limited_at__isnull=False).exists()
        assert not enforcing.is_due(clock.now())

    def test_without_budgets_nothing_is_counted(self, number: OriginationIdentity) -> None:
        sent("1")
        assert not enforcing.is_due(clock.now())

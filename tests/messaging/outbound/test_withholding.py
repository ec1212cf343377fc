"""A subject's texts are kept out of their lanes, cancelled, or brought back."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging import clock
from messaging.models import OriginationIdentity, OutboundMessage, Status, Withheld
from messaging.outbound import leases, outbox
from optout import ledger
from optout.ledger import Entry
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, queued, standing

pytestmark = pytest.mark.django_db


def campaign_text(to: str = ANN, subject: str = "july", **fields: Any) -> OutboundMessage:
    values: dict[str, Any] = {"conversation": "shifts", "subject": subject, "priority": 30}
    return queued(to, **values | fields)


def stands(status: Status, **fields: Any) -> OutboundMessage:
    values: dict[str, Any] = {"conversation": "shifts", "subject": "july", "priority": 30}
    return standing(status, **values | fields)


def several(count: int) -> list[OutboundMessage]:
    return [campaign_text(f"+1425555{place:04}") for place in range(200, 200 + count)]


def claim() -> list[OutboundMessage]:
    leases.take(OUR_NUMBER, "me", clock.now())
    limits = {"most_rows": 50, "most_parts": 1000, "most_parts_of_first": 100}
    return outbox.claim(OUR_NUMBER, owner="me", lease=timedelta(seconds=5), now=clock.now(), **limits)


def withheld() -> int:
    return OutboundMessage.objects.filter(withheld=True).count()


class TestWithhold:
    def test_at_once_and_twice_is_once(self, number: OriginationIdentity) -> None:
        several(2)
        outbox.withhold("shifts", "july")
        outbox.withhold("shifts", "july")
        assert Withheld.objects.count() == 1
        assert claim() == []

    @pytest.mark.parametrize(
        "other",
        [{"subject": "august"}, {"conversation": "incidents"}, {"priority": 10}, {"priority": 0}, {"priority": 20}],
    )
    def test_nothing_else_is(self, number: OriginationIdentity, other: dict[str, Any]) -> None:
        row = campaign_text(**other)
        outbox.withhold("shifts", "july")
        assert outbox.withhold_some("shifts", "july") == 0
        assert leases.work_waits(clock.now())
        assert [lane.identity for lane in leases.lanes_with_work("me", clock.now())] == [OUR_NUMBER]
        assert claim() == [row]

    def test_a_marked_row_is_not_claimed_even_without_the_subject(self, number: OriginationIdentity) -> None:
        stands(Status.QUEUED, withheld=True)
        assert claim() == []
        assert not leases.work_waits(clock.now())

    def test_a_few_at_a_time_the_oldest_first(self, number: OriginationIdentity) -> None:
        rows = several(5)
        outbox.withhold("shifts", "july")
        assert [outbox.withhold_some("shifts", "july", 2) for _ in range(4)] == [2, 2, 1, 0]
        assert withheld() == 5
        outbox.let_go_some("shifts", "july", 2)
        assert [row.pk for row in claim()] == [row.pk for row in rows[:2]]

    @pytest.mark.parametrize("status", [status for status in Status if status != Status.QUEUED])
    def test_what_does_not_wait_is_left_alone(self, number: OriginationIdentity, status: Status) -> None:
        stands(status)
        outbox.withhold("shifts", "july")
        assert outbox.withhold_some("shifts", "july") == 0
        assert outbox.cancel_some("shifts", "july") == 0
        assert OutboundMessage.objects.get().status == status

    def test_a_claim_asks_no_more_questions_for_it(self, number: OriginationIdentity) -> None:
        several(3)
        assert leases.take(OUR_NUMBER, "me", clock.now())
        with CaptureQueriesContext(connection) as free:
            assert len(claim()) == 3
        OutboundMessage.objects.update(status="queued", attempted_at=None)
        outbox.withhold("shifts", "august")
        with CaptureQueriesContext(connection) as some:
            assert len(claim()) == 3
        assert len(some) == len(free)


class TestLetGo:
    def test_it_is_withheld_no_longer_from_the_first_call(self, number: OriginationIdentity) -> None:
        several(3)
        outbox.withhold("shifts", "july")
        outbox.withhold_some("shifts", "july", 2)
        assert [outbox.let_go_some("shifts", "july", 1) for _ in range(3)] == [1, 1, 0]
        assert not Withheld.objects.exists()
        assert len(claim()) == 3

    def test_others_stay_withheld(self, number: OriginationIdentity) -> None:
        for subject in ("july", "august"):
            campaign_text(subject=subject)
            outbox.withhold("shifts", subject)
            outbox.withhold_some("shifts", subject)
        outbox.let_go_some("shifts", "july")
        assert [row.subject for row in claim()] == ["july"]

    @pytest.mark.parametrize(("marked", "expected"), [(True, True), (False, False)])
    def test_whether_one_is_kept_out_still(self, number: OriginationIdentity, marked: bool, expected: bool) -> None:
        stands(Status.QUEUED, withheld=marked)
        stands(Status.SUPPRESSED, withheld=True)
        stands(Status.QUEUED, withheld=True, subject="august")
        assert outbox.is_kept_out("shifts", "july") is expected


class TestCancel:
    def test_marked_or_not_a_few_at_a_time(self, number: OriginationIdentity) -> None:
        several(5)
        outbox.withhold("shifts", "july")
        outbox.withhold_some("shifts", "july", 2)
        assert [outbox.cancel_some("shifts", "july", 2) for _ in range(4)] == [2, 2, 1, 0]
        assert set(OutboundMessage.objects.values_list("status", "withheld")) == {("cancelled", False)}
        assert not OutboundMessage.objects.filter(ended_at=None).exists()


class TestUnderWay:
    @pytest.mark.parametrize(
        ("status", "fields", "under_way", "may_come_back"),
        [
            (Status.QUEUED, {}, True, True),
            (Status.QUEUED, {"withheld": True}, True, False),
            (Status.SENDING, {}, True, True),
            (Status.UNKNOWN, {"seconds_ago": 20}, False, True),
            (Status.UNKNOWN, {"seconds_ago": 121}, False, False),
            *((status, {}, False, False) for status in (Status.SENT, Status.DELIVERED, Status.FAILED)),
            *((status, {}, False, False) for status in (Status.SUPPRESSED, Status.EXPIRED, Status.CANCELLED)),
        ],
    )
    def test_by_status(
        self, db: None, status: Status, fields: dict[str, Any], under_way: bool, may_come_back: bool
    ) -> None:
        stands(status, **fields)
        assert outbox.is_under_way("shifts", "july") is under_way
        assert outbox.may_come_back("shifts", "july") is may_come_back
        assert not outbox.is_under_way("shifts", "august")
        assert not outbox.may_come_back("incidents", "july")

    def test_answers_are_no_texts_of_it(self, db: None) -> None:
        stands(Status.QUEUED, priority=10)
        stands(Status.SENDING, priority=10)
        assert not outbox.is_under_way("shifts", "july")
        assert not outbox.may_come_back("shifts", "july")

    def test_that_nothing_comes_back_is_one_question(self, db: None, django_assert_num_queries: Any) -> None:
        """Between two, a claim could take the text from where the second looks to where the first has looked."""
        with django_assert_num_queries(1):
            outbox.may_come_back("shifts", "july")


class TestStop:
    def say_stop(self) -> None:
        ledger.record(Entry(ANN, OUR_NUMBER, "opt_out", "sms"))

    def test_of_somebody_for_whom_thousands_are_withheld(self, number: OriginationIdentity) -> None:
        now = clock.now()
        OutboundMessage.objects.bulk_create(
            OutboundMessage(
                conversation="shifts",
                subject=f"c{place % 7}",
                priority=30,
                idempotency_key=f"k{place}",
                destination_phone_number=ANN,
                origination_identity=OUR_NUMBER,
                body="Hello",
                encoding="GSM",
                parts=1,
                due_at=now,
                queued_at=now,
            )
            for place in range(3000)
        )
        campaign_text(BOB, subject="c0")
        for place in range(7):
            outbox.withhold("shifts", f"c{place}")
            while outbox.withhold_some("shifts", f"c{place}"):
                pass
        self.say_stop()
        assert claim() == []
        assert not leases.work_waits(clock.now())
        # The first that comes back takes all others with it, by as many statements as one.
        for place in range(7):
            outbox.let_go_some("shifts", f"c{place}")
        with CaptureQueriesContext(connection) as context:
            assert claim() == []
        assert len(context) < 20
        assert [row.destination_phone_number for row in claim()] == [BOB]
        assert OutboundMessage.objects.filter(destination_phone_number=ANN, status="suppressed").count() == 3000
        assert not leases.work_waits(clock.now())

    def test_what_a_stop_ended_does_not_come_back(self, number: OriginationIdentity) -> None:
        row = campaign_text()
        outbox.withhold("shifts", "july")
        outbox.withhold_some("shifts", "july")
        self.say_stop()
        queued(ANN, priority=0, passes_guards=False, idempotency_key="alert")
        assert claim() == []
        outbox.let_go_some("shifts", "july")
        assert claim() == []
        row.refresh_from_db()
        assert row.status == "suppressed"

    def test_an_answer_that_passes_the_guards_leaves(self, number: OriginationIdentity) -> None:
        campaign_text()
        outbox.withhold("shifts", "july")
        outbox.withhold_some("shifts", "july")
        self.say_stop()
        confirmation = queued(ANN, priority=10, passes_guards=True, conversation="shifts", subject="july")
        assert claim() == [confirmation]

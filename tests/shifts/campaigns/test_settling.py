"""Paused, resumed, cancelled: at once for claims, then row by row."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from messaging import clock
from messaging.models import OriginationIdentity, OutboundMessage, Withheld
from messaging.models import Status as Sent
from messaging.outbound import leases, outbox
from messaging.outbound.carriers.base import CarrierError, Fate
from messaging.outbound.outbox import Result
from shifts.campaigns import audience, cancel, counts, pause, resume
from shifts.campaigns.expansion import expand_some
from shifts.campaigns.settling import settle_some
from shifts.campaigns.work import Campaigns
from shifts.models import Campaign
from tests.messaging.factories import OUR_NUMBER, queued
from tests.moving import MovableTime
from tests.shifts.campaigns.conftest import answer, claim, expand, fresh, person, rows, sent_to, settle, statuses
from tests.shifts.factories import campaign
from tests.together import together

pytestmark = pytest.mark.django_db

THROTTLED = CarrierError(Fate.REFUSED, "ThrottlingException", "Rate exceeded")


@pytest.fixture
def sending(number: OriginationIdentity, monkeypatch: pytest.MonkeyPatch) -> Campaign:
    """Seven texts that wait; settled in threes."""
    monkeypatch.setattr(outbox, "AT_ONCE", 3)
    row = sent_to(7)
    expand()
    return row


def kept_out() -> int:
    return rows(withheld=True, status="queued").count()


class TestPause:
    def test_from_its_commit_on_nothing_is_claimed(self, sending: Campaign) -> None:
        pause("july", actor="hr")
        assert kept_out() == 0, "no row has been touched yet"
        assert claim() == []

    def test_nor_while_its_rows_are_on_their_way_nor_afterwards(self, sending: Campaign) -> None:
        pause("july", actor="hr")
        for moved in (3, 6, 7):
            assert settle_some("july") is (moved < 7)
            assert kept_out() == moved
            assert claim() == []

    def test_then_there_is_nothing_left_to_do(self, sending: Campaign) -> None:
        pause("july", actor="hr")
        assert fresh(sending).settling
        assert Campaigns().is_due(clock.now())
        assert not leases.work_waits(clock.now()), "nor does the drainer go round for what it must not claim"
        assert leases.lanes_with_work("me", clock.now()) == []
        assert settle() == 3
        assert not fresh(sending).settling
        assert not Campaigns().is_due(clock.now())
        assert not leases.work_waits(clock.now()), "the drainer rests"
        assert leases.lanes_with_work("me", clock.now()) == []
        assert Withheld.objects.count() == 1
        assert not settle_some("july")

    def test_alerts_answers_and_other_campaigns_leave(self, sending: Campaign) -> None:
        alert = queued("+14255550111", priority=0, conversation="incidents", subject="july")
        pause("july", actor="hr")
        settle()
        reply = answer()
        other = queued("+14255550112", priority=30, conversation="shifts", subject="august")
        namesake = queued("+14255550113", priority=30, conversation="incidents", subject="july")
        assert claim() == [alert, reply, other, namesake]

    def test_what_was_claimed_before_goes_out(self, sending: Campaign) -> None:
        taken = claim(2)
        pause("july", actor="hr")
        outbox.record([Result(message, carrier_message_id=f"id-{message.pk}") for message in taken])
        assert statuses()[:2] == ["sent", "sent"]
        settle()
        assert kept_out() == 5

    def test_a_throttled_call_that_was_under_way_does_not_leave_later(self, sending: Campaign) -> None:
        taken = claim(2)
        pause("july", actor="hr")
        settle()
        assert fresh(sending).settling, "two may come back"
        outbox.record([Result(message, error=THROTTLED) for message in taken])
        OutboundMessage.objects.update(due_at=clock.now(), attempted_at=None)
        assert statuses() == ["queued"] * 7
        assert claim() == []
        settle()
        assert (kept_out(), fresh(sending).settling) == (7, False)
        assert not leases.work_waits(clock.now())

    def test_nor_what_was_given_back(self, sending: Campaign) -> None:
        taken = claim(2)
        pause("july", actor="hr")
        outbox.release(taken)
        assert claim() == []
        settle()
        assert kept_out() == 7

    def test_nor_what_turns_out_late_to_have_been_refused(self, sending: Campaign, time: MovableTime) -> None:
        """The worker was cut off from the database: its call was taken for dead, and then it records."""
        taken = claim(1)
        pause("july", actor="hr")
        time.forward(13)
        outbox.mark_dead_calls_unknown(clock.now())
        settle()
        outbox.record([Result(message, error=THROTTLED) for message in taken])
        time.forward(30)
        assert claim() == []
        settle()
        assert kept_out() == 7
        assert not leases.work_waits(clock.now())

    def test_a_text_that_stays_unknown_does_not_keep_it_settling(self, sending: Campaign, time: MovableTime) -> None:
        claim(1)
        pause("july", actor="hr")
        time.forward(13)
        outbox.mark_dead_calls_unknown(clock.now())
        settle()
        time.forward(120)
        settle()
        assert not fresh(sending).settling

    def test_paused_before_anybody_has_a_row(self, number: OriginationIdentity) -> None:
        row = sent_to(3)
        pause("july", actor="hr")
        settle()
        assert not fresh(row).settling
        resume("july", actor="hr")
        expand()
        assert claim() == [], "until it is settled"
        settle()
        assert len(claim()) == 3


class TestResume:
    def test_all_come_back_oldest_first_and_each_is_sent_once(self, sending: Campaign) -> None:
        pause("july", actor="hr")
        settle()
        resume("july", actor="hr")
        settle_some("july")
        assert [row.withheld for row in rows()] == [False] * 3 + [True] * 4
        settle()
        assert (kept_out(), fresh(sending).settling, Withheld.objects.count()) == (0, False, 0)
        assert [message.pk for message in claim()] == list(rows().values_list("pk", flat=True))
        assert claim() == []

    def test_before_the_pause_was_settled(self, sending: Campaign) -> None:
        pause("july", actor="hr")
        settle_some("july")
        resume("july", actor="hr")
        settle()
        assert len(claim()) == 7

    def test_paused_again_before_that_was_settled(self, sending: Campaign) -> None:
        pause("july", actor="hr")
        settle_some("july")
        settle_some("july")
        resume("july", actor="hr")
        settle_some("july")
        pause("july", actor="hr")
        assert claim() == []
        settle()
        assert kept_out() == 7
        assert claim() == []
        resume("july", actor="hr")
        settle()
        assert len(claim()) == 7

    def test_back_and_forth_without_any_settling(self, sending: Campaign) -> None:
        for _ in range(3):
            pause("july", actor="hr")
            assert claim() == []
            resume("july", actor="hr")
        settle()
        assert len(claim()) == 7

    def test_what_ended_meanwhile_stays_ended(self, sending: Campaign) -> None:
        pause("july", actor="hr")
        settle()
        OutboundMessage.objects.filter(pk=rows()[0].pk).update(status=Sent.SUPPRESSED)
        resume("july", actor="hr")
        settle()
        assert statuses()[0] == "suppressed"
        assert len(claim()) == 6


class TestCancel:
    def test_from_its_commit_on_nothing_is_claimed_for_ever(self, sending: Campaign) -> None:
        taken = claim(2)
        cancel("july", actor="hr")
        assert claim() == []
        settle()
        assert fresh(sending).settling, "two are under way"
        outbox.record([Result(taken[0], carrier_message_id="id"), Result(taken[1], error=THROTTLED)])
        OutboundMessage.objects.update(due_at=clock.now(), attempted_at=None)
        assert claim() == []
        settle()
        assert statuses() == ["sent"] + ["cancelled"] * 6
        assert not fresh(sending).settling
        assert not Withheld.objects.exists()
        assert claim() == []
        told = counts([sending])["july"]
        assert (told.recipients, told.sent, told.cancelled, told.queued) == (7, 1, 6, 0)

    @pytest.mark.parametrize("steps", [0, 1, 3])
    def test_a_paused_one_however_far_that_was_settled(self, sending: Campaign, steps: int) -> None:
        pause("july", actor="hr")
        for _ in range(steps):
            settle_some("july")
        cancel("july", actor="hr")
        settle()
        assert statuses() == ["cancelled"] * 7
        assert not rows(withheld=True).exists()
        assert not Campaigns().is_due(clock.now())

    def test_a_resumed_one_half_brought_back(self, sending: Campaign) -> None:
        pause("july", actor="hr")
        settle()
        resume("july", actor="hr")
        settle_some("july")
        cancel("july", actor="hr")
        assert claim() == []
        settle()
        assert statuses() == ["cancelled"] * 7

    def test_answers_still_leave(self, sending: Campaign) -> None:
        cancel("july", actor="hr")
        reply = answer()
        settle()
        assert claim() == [reply]

    def test_a_call_taken_for_dead_that_was_refused_does_not_leave_later(
        self, sending: Campaign, time: MovableTime
    ) -> None:
        taken = claim(1)
        cancel("july", actor="hr")
        time.forward(13)
        outbox.mark_dead_calls_unknown(clock.now())
        settle()
        outbox.record([Result(message, error=THROTTLED) for message in taken])
        time.forward(30)
        assert claim() == []
        settle()
        assert statuses() == ["cancelled"] * 7

    def test_of_one_without_rows(self, number: OriginationIdentity) -> None:
        row = sent_to(3)
        cancel("july", actor="hr")
        settle()
        assert (fresh(row).settling, Withheld.objects.count()) == (False, 0)


class TestOthersAtWork:
    """PostgreSQL locks rows; SQLite has one writer, who is never in the middle of anything."""

    pytestmark = pytest.mark.django_db(transaction=True)

    @pytest.fixture
    def held(self, sending: Campaign) -> Callable[[Callable[[], object]], None]:
        """Does something while somebody else holds the row of the first text."""

        def while_held(act: Callable[[], object]) -> None:
            with transaction.atomic():
                OutboundMessage.objects.select_for_update().get(pk=rows()[0].pk)
                together(act)

        return while_held

    @pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite locks no rows")
    @pytest.mark.parametrize("end", [pause, cancel])
    def test_a_row_that_somebody_holds_is_looked_at_again(
        self, sending: Campaign, held: Callable[[Callable[[], object]], None], end: Callable[..., object]
    ) -> None:
        end("july", actor="hr")
        held(settle)
        assert fresh(sending).settling
        settle()
        assert rows(status="queued", withheld=False).count() == 0
        assert not fresh(sending).settling

    @pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite locks no rows")
    def test_a_row_that_somebody_holds_comes_back_as_well(
        self, sending: Campaign, held: Callable[[Callable[[], object]], None]
    ) -> None:
        pause("july", actor="hr")
        settle()
        resume("july", actor="hr")
        held(settle)
        assert (kept_out(), fresh(sending).settling) == (1, True)
        settle()
        assert (kept_out(), fresh(sending).settling) == (0, False)

    def test_a_claim_and_a_pause_at_once_lose_nothing(self, sending: Campaign) -> None:
        def acted(act: Callable[..., Campaign]) -> int:
            return act("july", actor="hr").pk

        for _ in range(5):
            together(lambda: len(claim(2)), lambda: acted(pause), settle)
            assert claim() == []
            outbox.release(list(rows(status="sending")))
            settle()
            assert kept_out() == 7
            together(lambda: acted(resume), lambda: len(claim(2)), settle)
            outbox.release(list(rows(status="sending")))
            settle()
            assert (kept_out(), fresh(sending).settling) == (0, False)
        connections.close_all()

    def test_two_workers_settle_at_once(self, sending: Campaign) -> None:
        pause("july", actor="hr")
        together(settle, settle, settle)
        settle()
        assert kept_out() == 7


def test_expansion_and_settling_go_on_side_by_side(
    number: OriginationIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience, "CHUNK", 3)
    monkeypatch.setattr(outbox, "AT_ONCE", 2)
    sent_to(9)
    expand_some("july")
    pause("july", actor="hr")
    settle()
    resume("july", actor="hr")
    expand_some("july")
    settle_some("july")
    pause("july", actor="hr")
    settle()
    assert (rows().count(), kept_out()) == (6, 6)
    resume("july", actor="hr")
    expand()
    settle()
    assert len(claim(20)) == 9


@pytest.mark.parametrize("status", ["draft", "scheduled", "sending", "sent"])
def test_what_need_not_settle_is_left_alone(number: OriginationIdentity, status: str) -> None:
    campaign(status=status)
    assert not settle_some("july")


def test_the_rows_of_others_stay_as_they_are(sending: Campaign) -> None:
    other = queued(person(1), priority=30, conversation="shifts", subject="august")
    namesake = queued(person(2), priority=30, conversation="incidents", subject="july")
    cancel("july", actor="hr")
    settle()
    for message in (other, namesake):
        message.refresh_from_db()
        assert (message.status, message.withheld) == ("queued", False)


def test_a_lane_that_was_paused_by_staff_is_another_thing(sending: Campaign) -> None:
    pause("july", actor="hr")
    settle()
    assert leases.take(OUR_NUMBER, "me", clock.now() + timedelta(seconds=1))

"""Several workers, many rounds: no text is claimed twice, and none is left behind."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from messaging import clock
from messaging.contracts import Submission
from messaging.models import Lane, OriginationIdentity, OutboundMessage, Status
from messaging.outbound import lanes, leases, outbox
from messaging.outbound.carriers.memory import Memory
from messaging.outbound.lanes import Drainer
from messaging.outbound.outbox import LeaseLost
from tests.messaging.factories import OUR_NUMBER, queued, standing
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 12


def test_two_drainers_send_each_text_once(redis_server: object) -> None:
    identities = [OUR_NUMBER, "+14255550111", "+14255550112"]
    for identity in identities:
        OriginationIdentity.objects.create(identity=identity, kind="short_code", mps=1000)
    carrier = Memory()
    expected = 0
    for round_ in range(ROUNDS):
        for place, identity in enumerate(identities):
            for n in range(6):
                queued(f"+1425{round_:03}{place}{n:03}", origination_identity=identity)
                expected += 1
        together(Drainer(carrier).run, Drainer(carrier).run)
    # What a drainer found taken by the other is left to the next wake-up.
    Drainer(carrier).run()
    calls = Counter(submission.message_id for submission in carrier.sent)
    assert set(calls.values()) == {1}
    assert len(calls) == expected
    assert not OutboundMessage.objects.exclude(status=Status.SENT).exists()


def test_no_call_waits_for_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its text would have been judged and paced long before it leaves."""
    monkeypatch.setattr(lanes, "_THREADS", 4)
    go_on = threading.Event()
    under_way: list[int] = []
    wait = Drainer._wait

    class Hangs(Memory):
        def send(self, submission: Submission) -> str:
            go_on.wait(30)
            return super().send(submission)

    def noted(drainer: Drainer, until: datetime) -> None:
        # It has fed every lane, and waits now for calls to end.
        under_way.append(drainer._answers.under_way)
        go_on.set()
        wait(drainer, until)

    monkeypatch.setattr(Drainer, "_wait", noted)

    for place in range(2):
        identity = f"+1425555011{place}"
        OriginationIdentity.objects.create(identity=identity, kind="short_code", mps=1000)
        for n in range(10):
            queued(f"+1425{place}55{n:04}", origination_identity=identity)
    Drainer(Hangs()).run()
    assert under_way[0] == max(under_way) == 4
    assert not OutboundMessage.objects.exclude(status=Status.SENT).exists()


def test_numbers_whose_calls_hang_leave_a_thread_to_an_alert_of_another() -> None:
    alert, busy = "+14255550119", [f"+1425555011{place}" for place in range(3)]
    for identity in (*busy, alert):
        OriginationIdentity.objects.create(identity=identity, kind="short_code", mps=1000)
    for place, identity in enumerate(busy):
        for n in range(60):
            queued(f"+1425{place}55{n:04}", origination_identity=identity)
    began = threading.Event()
    hang = threading.Semaphore(0)
    alerts: list[OutboundMessage] = []

    class Hangs(Memory):
        def send(self, submission: Submission) -> str:
            if submission.origination_identity == alert:
                began.set()
                hang.release(1000)
            else:
                hang.acquire(timeout=30)
            return super().send(submission)

    drainer = Drainer(Hangs())
    wait = drainer._wait

    def once_all_are_busy(until: datetime) -> None:
        if not alerts:
            alerts.append(queued("+14256550000", origination_identity=alert))
        wait(until)

    drainer._wait = once_all_are_busy  # type: ignore[method-assign]
    drainer.run()
    alerts[0].refresh_from_db()
    assert began.is_set()
    first_of_busy = OutboundMessage.objects.filter(origination_identity__in=busy).order_by("sent_at")[0]
    assert alerts[0].sent_at is not None
    assert first_of_busy.sent_at is not None
    assert alerts[0].sent_at <= first_of_busy.sent_at
    assert not OutboundMessage.objects.exclude(status=Status.SENT).exists()


def test_what_one_number_frees_is_not_taken_by_the_same_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "_THREADS", 4)
    busy, other = "+14255550110", "+14255550111"
    for place, identity in enumerate((busy, other)):
        OriginationIdentity.objects.create(identity=identity, kind="short_code", mps=1000)
        for n in range(12):
            queued(f"+1425{place}55{n:04}", origination_identity=identity)
    goes_on = threading.Semaphore(0)
    began: list[str] = []
    wait = Drainer._wait

    class OneByOne(Memory):
        def send(self, submission: Submission) -> str:
            began.append(submission.origination_identity)
            goes_on.acquire(timeout=30)
            return super().send(submission)

    def one_ends(drainer: Drainer, until: datetime) -> None:
        goes_on.release()
        wait(drainer, until)

    monkeypatch.setattr(Drainer, "_wait", one_ends)
    Drainer(OneByOne()).run()
    assert set(began[:4]) == {busy}
    assert began[4] == other
    assert not OutboundMessage.objects.exclude(status=Status.SENT).exists()


def test_of_two_that_reach_for_one_lane_one_gets_it(number: OriginationIdentity) -> None:
    for _ in range(ROUNDS):
        Lane.objects.update(lease_owner="", lease_expires_at=None)
        got: list[str] = []

        def reach(owner: str, got: list[str] = got) -> None:
            if leases.take(OUR_NUMBER, owner, clock.now()):
                got.append(owner)

        together(lambda: reach("one"), lambda: reach("two"), lambda: reach("three"))
        assert len(got) == 1


def claim(owner: str, **fields: int) -> list[OutboundMessage]:
    limits = {"most_rows": 10, "most_parts": 100, "most_parts_of_first": 100} | fields
    return outbox.claim(OUR_NUMBER, owner=owner, lease=timedelta(seconds=5), now=clock.now(), **limits)


def test_who_lost_the_lease_claims_nothing(number: OriginationIdentity) -> None:
    queued()
    assert leases.take(OUR_NUMBER, "first", clock.now() - timedelta(seconds=6))
    assert leases.take(OUR_NUMBER, "second", clock.now())
    with pytest.raises(LeaseLost):
        claim("first")
    assert len(claim("second")) == 1


def test_who_is_paused_claims_nothing(number: OriginationIdentity) -> None:
    queued()
    assert leases.take(OUR_NUMBER, "first", clock.now())
    Lane.objects.update(paused_at=clock.now(), paused_reason="for a test")
    with pytest.raises(LeaseLost):
        claim("first")


def test_a_recipient_written_to_from_another_number_a_moment_ago_must_wait(number: OriginationIdentity) -> None:
    standing(Status.SENT, to="+14255550182", origination_identity="+14255550199")
    queued("+14255550182")
    queued("+14255550183")
    leases.take(OUR_NUMBER, "first", clock.now())
    assert [message.destination_phone_number for message in claim("first")] == ["+14255550183"]


def test_a_claim_takes_no_more_than_asked_but_a_first_text_of_more_parts(number: OriginationIdentity) -> None:
    leases.take(OUR_NUMBER, "first", clock.now())
    for n in range(4):
        queued(f"+1425555020{n}", "a" * 400)
    assert [message.parts for message in claim("first", most_parts=1)] == [3]
    assert claim("first", most_parts_of_first=2) == [], "it waits, and nothing overtakes it"
    assert len(claim("first", most_parts=6)) == 2
    assert len(claim("first", most_rows=1)) == 1


def test_a_text_past_its_time_to_live_expires_instead(number: OriginationIdentity) -> None:
    leases.take(OUR_NUMBER, "first", clock.now())
    message = queued(time_to_live=timedelta(seconds=10))
    OutboundMessage.objects.update(expires_at=clock.now())
    assert claim("first") == []
    message.refresh_from_db()
    assert message.status == Status.EXPIRED


@pytest.mark.parametrize(
    ("status", "claimed_ago", "sent_ago", "waits"),
    [
        (Status.SENT, 1.2, 1.2, True),
        (Status.SENT, 1.4, 1.3, False),
        # Its call arrived late, a moment before it was answered.
        (Status.SENT, 2.6, 0.1, True),
        (Status.SENT, 2.6, 1.1, False),
        # Its call is under way: nobody knows when it arrives.
        (Status.SENDING, 2.6, None, True),
        (Status.SENDING, 4.1, None, False),
        (Status.UNKNOWN, 1.2, None, True),
        (Status.UNKNOWN, 2.6, None, False),
    ],
)
def test_a_recipient_has_a_second_of_rest_from_when_a_text_can_have_arrived(
    number: OriginationIdentity, status: Status, claimed_ago: float, sent_ago: float | None, waits: bool
) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False):
        now = clock.now()
        other = standing(status, to="+14255550182", origination_identity="+14255550199")
        OutboundMessage.objects.filter(pk=other.pk).update(
            attempted_at=now - timedelta(seconds=claimed_ago),
            sent_at=None if sent_ago is None else now - timedelta(seconds=sent_ago),
        )
        queued("+14255550182")
        leases.take(OUR_NUMBER, "first", now)
        assert bool(claim("first")) != waits

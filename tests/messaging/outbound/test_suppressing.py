"""What waits for people is ended, when its conversation forbids it."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from messaging import clock, wakeups
from messaging.models import OriginationIdentity, OutboundMessage, Priority, Status
from messaging.outbound import leases, outbox
from messaging.outbound.outbox import queueing
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, standing
from tests.together import together

pytestmark = pytest.mark.django_db

CARLA = "+14255550184"
CAMPAIGN = Priority.CAMPAIGN


def stands(status: Status = Status.QUEUED, to: str = ANN, **fields: Any) -> OutboundMessage:
    values: dict[str, Any] = {"conversation": "shifts", "subject": "july", "priority": CAMPAIGN}
    return standing(status, to, **values | fields)


def forbid(*people: str, reason: str = "No.") -> int:
    return outbox.suppress("shifts", CAMPAIGN, people, code="NO", reason=reason)


@pytest.mark.parametrize("withheld", [False, True])
def test_what_waits_is_ended_with_the_reason(withheld: bool) -> None:
    row = stands(withheld=withheld)
    assert forbid(ANN, reason="x" * 501) == 1
    row.refresh_from_db()
    assert (row.status, row.error_code, row.error_reason, row.withheld) == ("suppressed", "NO", "x" * 500, False)
    assert row.ended_at is not None
    assert row.ended_at <= clock.now()
    assert forbid(ANN) == 0


@pytest.mark.parametrize(
    "fields",
    [{"to": BOB}, {"conversation": "incidents"}, {"priority": Priority.REPLY}, {"priority": Priority.ALERT}],
)
def test_nothing_else_is(fields: dict[str, Any]) -> None:
    stands(**fields)
    assert forbid(ANN) == 0
    assert OutboundMessage.objects.get().status == Status.QUEUED


@pytest.mark.parametrize("status", [status for status in Status if status != Status.QUEUED])
def test_what_does_not_wait_any_more_stays_as_it_is(status: Status) -> None:
    stands(status)
    assert forbid(ANN) == 0
    assert OutboundMessage.objects.get().status == status


def test_any_number_of_people_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    people = [ANN, BOB, CARLA]
    for person in people:
        stands(to=person), stands(to=person, subject="august")
    monkeypatch.setattr(queueing, "AT_ONCE", 2)
    with CaptureQueriesContext(connection) as context:
        assert forbid(*reversed(people)) == 6
    # Two of each, and the words of a savepoint.
    assert len(context) == 2 * 2 + 2
    assert forbid() == 0


def test_those_who_asked_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    woken = list[str]()
    monkeypatch.setattr(wakeups, "wake", woken.append)
    forbid(ANN)
    assert woken == []
    row = stands(reports_outcome=True)
    forbid(ANN)
    row.refresh_from_db()
    assert (row.outcome_pending, woken) == (True, ["outcomes"])


def pause() -> object:
    outbox.withhold("shifts", "july")
    return outbox.withhold_some("shifts", "july")


def claim() -> object:
    assert leases.take(OUR_NUMBER, "me", clock.now())
    limits = {"most_rows": 50, "most_parts": 1000, "most_parts_of_first": 100}
    return outbox.claim(OUR_NUMBER, owner="me", lease=timedelta(seconds=5), now=clock.now(), **limits)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("act", "becomes"), [(pause, Status.SUPPRESSED), (claim, Status.SENDING)])
def test_whoever_has_a_row_in_the_same_moment_is_waited_for(
    number: OriginationIdentity, act: Callable[[], object], becomes: Status
) -> None:
    """A pause must not save a text, which would leave when it ends; a claim keeps it."""
    row = stands()
    held, done = threading.Event(), threading.Event()

    def first() -> None:
        with transaction.atomic():
            assert act()
            held.set()
            # Nobody may be done before this ends, which it does when somebody has tried.
            assert not done.wait(0.5)

    def second() -> None:
        assert held.wait(10)
        forbid(ANN)
        done.set()

    together(first, second)
    row.refresh_from_db()
    assert row.status == becomes

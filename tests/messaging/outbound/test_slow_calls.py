"""Calls that take long: what a crash would leave in doubt stays bounded, and nobody else waits for them."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connections

from messaging import clock
from messaging.contracts import Draft, Submission
from messaging.models import OriginationIdentity, OutboundMessage, Priority, Status
from messaging.outbound import lanes, outbox
from messaging.outbound.carriers.memory import Memory
from messaging.outbound.lanes import Drainer
from tests.workers import until

pytestmark = pytest.mark.django_db(transaction=True)

_keys = itertools.count()


def text(body: str = "Hello", priority: Priority = Priority.CAMPAIGN) -> OutboundMessage:
    number = next(_keys)
    return outbox.queue(Draft(f"+1425556{number:04}", body, f"slow:{number}", priority=priority))


class Slow(Memory):
    """Answers those that should hang only when it is told to."""

    def __init__(self, hanging: set[int] | None = None) -> None:
        super().__init__()
        self.hanging, self.answer = hanging, threading.Event()

    def send(self, submission: Submission) -> str:
        if self.hanging is None or submission.message_id in self.hanging:
            assert self.answer.wait(30)
        return super().send(submission)


@contextmanager
def draining(carrier: Slow) -> Iterator[threading.Thread]:
    def drain() -> None:
        try:
            Drainer(carrier).run()
        finally:
            connections.close_all()

    thread = threading.Thread(target=drain)
    thread.start()
    try:
        yield thread
    finally:
        clock.request_stop()
        carrier.answer.set()
        thread.join()


def parts_under_way() -> int:
    return sum(OutboundMessage.objects.filter(status=Status.SENDING).values_list("parts", flat=True))


@pytest.mark.parametrize(("parts", "most"), [(1, 10), (3, 9), (10, 10)])
def test_no_more_parts_are_under_way_than_the_number_sends_in_a_second(
    number: OriginationIdentity, parts: int, most: int
) -> None:
    OriginationIdentity.objects.update(mps=10)
    for _ in range(14):
        assert text("x" * (153 * parts if parts > 1 else 100)).parts == parts
    carrier = Slow()
    seen: list[int] = []

    def as_many() -> bool:
        seen.append(parts_under_way())
        return seen[-1] == most

    with draining(carrier):
        until(as_many)
        # Three looks for lanes, each of which could claim more.
        threading.Event().wait(1.0)
        seen.append(parts_under_way())
    assert max(seen) == seen[-1] == most


def test_a_drain_whose_time_is_over_goes_on_while_a_call_hangs(
    number: OriginationIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "SLICE", timedelta(seconds=1))
    OriginationIdentity.objects.update(mps=1000)
    hangs = text()
    carrier = Slow({hangs.pk})
    with draining(carrier) as drain:
        until(lambda: OutboundMessage.objects.filter(pk=hangs.pk, status=Status.SENDING).exists())
        threading.Event().wait(1.2)
        alert = text("Cold store 3 is at +9 C", Priority.ALERT)
        until(lambda: OutboundMessage.objects.filter(pk=alert.pk, status=Status.SENT).exists())
        assert drain.is_alive()
        carrier.answer.set()
        # Nothing hangs any more: its time is over, though there may be work.
        drain.join(10)
        assert not drain.is_alive()
    hangs.refresh_from_db()
    assert hangs.status == Status.SENT


def test_but_not_for_ever(number: OriginationIdentity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "SLICE", timedelta(seconds=0))
    monkeypatch.setattr(lanes, "_LONGER_AT_MOST", timedelta(seconds=0.5))
    OriginationIdentity.objects.update(mps=1000)
    drainer = Drainer(Slow())
    drainer._answers._began[1] = 0.0
    looks: list[None] = []
    monkeypatch.setattr(drainer, "_look_for_lanes", lambda: looks.append(None))
    monkeypatch.setattr(drainer, "_lanes", {"": None})
    monkeypatch.setattr(drainer, "_feed", lambda pool: clock.now())
    monkeypatch.setattr(drainer, "_end", lambda: None)
    drainer.run()
    assert looks, "it went on at first"

"""The events of texts: nothing where nobody wants them, and one for each text where somebody does."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from messaging import clock
from messaging.api.messages import MessageSerializer
from messaging.contracts import Broadcast
from messaging.events import endpoints, subscriptions
from messaging.inbound import routing
from messaging.models import OutboundMessage, Status, WebhookEvent
from messaging.outbound import outbox
from messaging.outbound.carriers.base import CarrierError, Fate
from messaging.outbound.outbox import Result
from messaging.outbound.outbox.moves import move
from optout import ledger
from optout.ledger import Entry
from tests.messaging.events.looking import happened, latest
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, queued, received, standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("number")]

ALL = [
    f"message.{status}" for status in ("sent", "delivered", "failed", "suppressed", "unknown", "expired", "cancelled")
]


def somebody_wants(*event_types: str) -> None:
    endpoints.create(name="BI", url="https://example.com/", event_types=event_types or ALL, by="boss")
    # The look that a process takes once a second.
    subscriptions.wanted("")


def under_way(count: int) -> list[OutboundMessage]:
    return [standing(Status.SENDING, to=f"+1425555{n:04}") for n in range(count)]


def queries(act: Callable[[], Any]) -> list[str]:
    with CaptureQueriesContext(connection) as asked:
        act()
    return [one["sql"] for one in asked]


def test_recording_a_batch_that_nobody_wants_to_hear_of_asks_nothing_more() -> None:
    batch = under_way(50)
    results = [Result(message, carrier_message_id=f"c{message.pk}") for message in batch]
    # What else PostgreSQL is told: when to end a transaction that falls silent.
    asked = [one for one in queries(lambda: outbox.record(results)) if not re.search("SAVEPOINT|set_config", one)]
    assert len(asked) == 1, "one statement for all of them"
    assert 'UPDATE "messaging_outboundmessage"' in asked[0]
    assert not WebhookEvent.objects.exists()


def test_somebody_who_wants_something_else_costs_a_batch_nothing() -> None:
    results = [Result(message, carrier_message_id=f"c{message.pk}") for message in under_way(50)]
    nobody = len(queries(lambda: outbox.record(results)))
    somebody_wants("incident.opened", "message.failed")
    more = [Result(message, carrier_message_id=f"d{message.pk}") for message in under_way(50)]
    assert len(queries(lambda: outbox.record(more))) == nobody


def test_a_batch_that_somebody_wants_costs_a_fixed_number_of_statements() -> None:
    somebody_wants()

    def cost(count: int) -> int:
        results = [Result(message, carrier_message_id=f"{count}:{message.pk}") for message in under_way(count)]
        # executemany stands as one entry for all.
        return len(queries(lambda: outbox.record(results)))

    assert cost(40) == cost(4)
    assert happened() == ["message.sent"] * 44


def test_sent_as_the_api_shows_it_and_once() -> None:
    somebody_wants()
    (message,) = under_way(1)
    result = Result(message, carrier_message_id="carrier-x")
    outbox.record([result])
    outbox.record([result])
    assert happened() == ["message.sent"]
    told = latest()["data"]
    message.refresh_from_db()
    assert told == MessageSerializer(message).data
    assert told["status"] == "sent"


def test_a_life_of_a_text() -> None:
    somebody_wants()
    (message,) = under_way(1)
    outbox.record([Result(message, error=CarrierError(Fate.IN_DOUBT, "ReadTimeout", "no answer"))])
    outbox.record_event(message, Status.DELIVERED, carrier_message_id="c", at=clock.now())
    outbox.record_event(message, Status.FAILED, carrier_message_id="c", at=clock.now())
    assert happened() == ["message.unknown", "message.delivered"], "late news moves nothing, and tells of nothing"


def test_each_attempt_that_is_unknown_is_told() -> None:
    somebody_wants()
    (message,) = under_way(1)
    row = OutboundMessage.objects.filter(pk=message.pk)
    for attempt in (1, 2):
        row.update(status=Status.SENDING, attempts=attempt)
        move(row, [Status.SENDING], Status.UNKNOWN, clock.now())
        move(row, [Status.UNKNOWN], Status.QUEUED, clock.now())
    assert happened() == ["message.unknown"] * 2


def test_failed_expired_cancelled() -> None:
    somebody_wants()
    failed, expired, cancelled = standing(Status.SENDING), queued(BOB), queued("+14255550184", subject="x")
    outbox.record([Result(failed, error=CarrierError(Fate.REFUSED, "ValidationException", "INVALID"))])
    OutboundMessage.objects.filter(pk=expired.pk).update(expires_at=clock.now())
    outbox.expire(clock.now())
    outbox.cancel(conversation="", subject="x")
    assert happened() == ["message.failed", "message.expired", "message.cancelled"]
    assert {cancelled.pk} == {latest()["data"]["id"]}


def test_a_text_that_must_not_be_sent_is_told_of_when_it_is_queued() -> None:
    somebody_wants()
    ledger.record(Entry(ANN, OUR_NUMBER, "opt_out", "sms"))
    queued(ANN)
    queued(BOB)
    assert happened() == ["message.suppressed"]
    assert latest()["data"]["destination_phone_number"] == ANN


def test_of_a_campaign_those_who_must_not_get_it_and_each_once() -> None:
    somebody_wants("message.suppressed")
    ledger.record(Entry(ANN, OUR_NUMBER, "opt_out", "sms"))
    cast = Broadcast(body="Hello", conversation="shifts", subject="july", key_prefix="campaign:july:")
    for _ in range(2):
        outbox.queue_for_all(cast, [ANN, BOB])
    assert happened() == ["message.suppressed"]


def test_expanding_a_campaign_that_nobody_wants_to_hear_of_asks_nothing_more() -> None:
    ledger.record(Entry(ANN, OUR_NUMBER, "opt_out", "sms"))

    def expand(name: str) -> Callable[[], Any]:
        cast = Broadcast(body="Hello", conversation="shifts", subject=name, key_prefix=f"campaign:{name}:")
        return lambda: outbox.queue_for_all(cast, [ANN, BOB])

    queries(expand("warm"))
    nobody = queries(expand("july"))
    assert not any("webhook" in one for one in nobody)
    somebody_wants("message.delivered")
    assert len(queries(expand("august"))) == len(nobody)


def test_a_move_tells_of_what_it_moved_and_of_nothing_else() -> None:
    somebody_wants("message.cancelled")
    rows = [queued(subject="x"), standing(Status.SENT, subject="x"), queued(BOB, subject="x")]
    moved = move(OutboundMessage.objects.filter(subject="x"), [Status.QUEUED], Status.CANCELLED, clock.now())
    assert moved == 2
    subjects = set(WebhookEvent.objects.values_list("subject", flat=True))
    assert subjects == {f"message {rows[0].pk}", f"message {rows[2].pk}"}


def test_what_is_taken_back_was_never_told_of() -> None:
    somebody_wants()
    with transaction.atomic():
        queued(subject="x")
        outbox.cancel(conversation="", subject="x")
        assert happened() == ["message.cancelled"]
        transaction.set_rollback(True)
    assert happened() == []


def test_a_text_that_nobody_could_place() -> None:
    somebody_wants("inbound.received")
    text = received("Who is this?", sender=BOB)
    routing.route_waiting()
    assert happened() == ["inbound.received"]
    told = latest()["data"]
    assert (told["id"], told["body"], told["outcome"]) == (text.pk, "Who is this?", "unmatched")


def test_a_text_that_was_placed_is_none() -> None:
    somebody_wants("inbound.received")
    received("STOP", sender=BOB)
    routing.route_waiting()
    assert happened() == []

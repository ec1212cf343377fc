"""What happens to an incident when parts of the house fail under it."""

import signal
from collections.abc import Callable

import pytest
from django.test import Client

from incidents.models import Incident
from messaging import redis, wakeups
from messaging.contracts import Draft
from messaging.models import Lane, OriginationIdentity, OutboundMessage, Status
from messaging.outbound import outbox, pauses
from messaging.simulator import Simulator
from tests.flows.conftest import WAIT, Handset
from tests.house import House
from tests.messaging.factories import ANN, BOB, OUR_NUMBER
from tests.redis_server import RedisServer
from tests.workers import until, worker_process

pytestmark = pytest.mark.django_db(transaction=True)

Open = Callable[..., Incident]


def only_message() -> OutboundMessage:
    return OutboundMessage.objects.get()


def test_redis_emptied_while_an_incident_is_open(incident: Open, house: House, ann: Handset, bob: Handset) -> None:
    incident()
    redis.client().flushall()
    house.forward(WAIT + 3, step=4)
    assert "Reminder" in ann.last
    redis.client().flushall()
    house.forward(WAIT + 3, step=4)
    assert "The cold store is warm" in bob.last


def test_redis_restarted_while_an_incident_is_open(
    incident: Open, house: House, redis_server: RedisServer, ann: Handset
) -> None:
    incident()
    redis_server.restart()
    house.forward(WAIT + 3, step=4)
    assert "Reminder" in ann.last


def test_an_incident_opened_while_redis_is_away_is_texted_when_it_is_back(
    incident: Open, house: House, redis_server: RedisServer, ann: Handset, simulator: Simulator
) -> None:
    redis_server.kill()
    try:
        with pytest.raises(Exception, match="connect"):
            # Opening it works; it is the test's own worker that has no Redis to ask for jobs.
            incident()
        assert Incident.objects.count() == 1
    finally:
        redis_server.start()
    house.sweep()
    assert len(ann.texts) == 1


def test_after_an_outage_one_overdue_step_runs_and_the_next_waits_its_time(
    incident: Open, house: House, ann: Handset, bob: Handset
) -> None:
    opened = incident()
    house.time.forward(20 * WAIT)
    house.sweep()
    assert "Reminder" in ann.last
    assert bob.texts == []
    # Time has gone on while the house swept up after the outage.
    opened.refresh_from_db()
    reminded_at = OutboundMessage.objects.latest("id").sent_at
    assert opened.next_step_at
    assert reminded_at
    assert (opened.next_step_at - reminded_at).total_seconds() == WAIT
    house.forward((opened.next_step_at - house.time.now).total_seconds() + 1, step=4)
    assert len(bob.texts) == 1


@pytest.mark.parametrize("fault", ["throttle", "server_error", "lose"])
def test_trouble_before_acceptance_or_in_doubt_ends_with_one_text_on_the_handset(
    incident: Open, house: House, simulator: Simulator, ann: Handset, fault: str
) -> None:
    simulator.faults.set(fault, count=3 if fault != "lose" else 1)
    incident()
    house.forward(70 if fault == "lose" else 10, step=5)
    assert len([text for text in ann.texts if not text.startswith("Reminder")]) == 1


def test_a_text_whose_answer_was_dropped_is_unknown_then_settled_by_its_event(
    incident: Open, house: House, simulator: Simulator, ann: Handset
) -> None:
    simulator.faults.set("drop_answer", count=1)
    incident()
    assert only_message().status == Status.UNKNOWN
    assert not Incident.objects.filter(next_step_at__isnull=False), "nobody knows whether Ann was asked"
    simulator.event(simulator.sent[0].message_id, "TEXT_DELIVERED")
    house.settle()
    assert only_message().status == Status.DELIVERED
    assert Incident.objects.filter(next_step_at__isnull=False).exists(), "now the wait has begun"
    house.forward(4)
    assert len(ann.texts) == 1


def test_an_alert_still_unknown_after_a_minute_is_sent_again(
    incident: Open, house: House, simulator: Simulator, ann: Handset
) -> None:
    simulator.faults.set("drop_answer", count=1)
    incident(wait_seconds=300)
    house.time.forward(55)
    house.sweep()
    assert len(ann.texts) == 1
    house.time.forward(10)
    house.sweep()
    assert len(ann.texts) == 2
    assert ann.texts[0] == ann.texts[1]
    assert only_message().status == Status.SENT
    # The first copy's event comes after all: it settles nothing that is not settled, and undoes nothing.
    simulator.event(simulator.sent[0].message_id, "TEXT_UNREACHABLE")
    house.settle()
    assert only_message().status == Status.SENT


def test_an_alert_that_never_gets_an_answer_moves_the_incident_on(
    incident: Open, house: House, simulator: Simulator, ann: Handset, bob: Handset
) -> None:
    simulator.faults.set("drop_answer", destination=ANN)
    incident()
    house.forward(200, step=10)
    assert len(ann.texts) >= 3
    assert OutboundMessage.objects.filter(destination_phone_number=ANN, error_code="NO_ANSWER").exists()
    assert "The cold store is warm" in bob.texts[0]


def test_an_at_most_once_text_is_never_sent_twice(house: House, simulator: Simulator) -> None:
    simulator.faults.set("drop_answer", count=1)
    outbox.queue(Draft(ANN, "A campaign", idempotency_key="c1", delivery_policy="at_most_once", priority=30))
    house.settle()
    house.forward(300, step=30)
    assert len(simulator.sent) == 1
    assert only_message().status == Status.UNKNOWN
    simulator.event(simulator.sent[0].message_id, "TEXT_DELIVERED")
    house.settle()
    assert only_message().status == Status.DELIVERED


def test_an_account_wide_refusal_pauses_the_number_with_a_reason_and_keeps_the_queue(
    house: House, simulator: Simulator
) -> None:
    OriginationIdentity.objects.update(mps=1)
    simulator.faults.set("refuse")
    for n in range(3):
        outbox.queue(Draft(f"+1425555020{n}", "Hello", idempotency_key=f"t{n}"))
    house.settle()
    assert "spend limit" in Lane.objects.get().paused_reason
    assert sorted(OutboundMessage.objects.values_list("status", flat=True)) == ["failed", "queued", "queued"]
    simulator.faults.clear()
    house.forward(6)
    assert simulator.sent == [], "paused is paused"
    pauses.resume(OUR_NUMBER)
    house.settle()
    assert len(simulator.sent) == 2


def test_staff_see_on_the_incident_that_sending_is_paused_and_why(
    incident: Open, admin_client: Client, simulator: Simulator, ann: Handset
) -> None:
    pauses.pause(OUR_NUMBER, "There are no AWS credentials.")
    opened = incident()
    page = admin_client.get(f"/admin/incidents/incident/{opened.pk}/change/").content.decode()
    assert "Sending is paused, so Ann has no text yet. There are no AWS credentials." in page
    assert "1 paused" in admin_client.get("/admin/").content.decode()


def test_events_duplicated_reordered_and_early_change_nothing(
    incident: Open, house: House, simulator: Simulator, ann: Handset
) -> None:
    simulator.faults.set("duplicate", copies=3)
    incident()
    message_id = simulator.sent[0].message_id
    for event, final in (("TEXT_DELIVERED", True), ("TEXT_PENDING", False), ("TEXT_SUCCESSFUL", False)):
        simulator.event(message_id, event, final=final)
    house.settle()
    assert only_message().status == Status.DELIVERED
    ann.says("yes")
    assert Incident.objects.get().status == "acknowledged"
    assert len([text for text in ann.texts if "Thank you" in text]) == 1


@pytest.mark.parametrize("event_comes", [True, False])
def test_a_worker_killed_between_awss_answer_and_our_commit(
    incident: Open, house: House, simulator: Simulator, redis_server: RedisServer, ann: Handset, event_comes: bool
) -> None:
    simulator.faults.set("hang_after_accept", count=1)
    with worker_process(redis_server, "lanes") as worker:
        outbox.queue(Draft(BOB, "The alert", idempotency_key="alert", delivery_policy="at_least_once", priority=0))
        until(lambda: simulator.sent)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    message = only_message()
    assert message.status == Status.SENDING, "AWS has it, and we do not know"

    house.time.forward(13)
    house.sweep()
    message.refresh_from_db()
    assert message.status == Status.UNKNOWN

    if event_comes:
        simulator.event(simulator.sent[0].message_id, "TEXT_DELIVERED")
        house.settle()
    house.time.forward(60)
    house.sweep()
    message.refresh_from_db()
    assert message.status == (Status.DELIVERED if event_comes else Status.SENT)
    assert len(simulator.sent) == (1 if event_comes else 2)


def test_a_lane_whose_worker_died_is_taken_over(house: House, simulator: Simulator, redis_server: RedisServer) -> None:
    simulator.faults.set("hang_after_accept", count=1)
    with worker_process(redis_server, "lanes") as worker:
        outbox.queue(Draft(ANN, "first", idempotency_key="first"))
        until(lambda: simulator.sent)
        worker.kill()
        worker.wait()
    outbox.queue(Draft(BOB, "second", idempotency_key="second"))
    wakeups.wake_now("lanes")
    house.forward(8)
    assert "second" in [sent.body for sent in simulator.sent]

"""/metrics: read by Prometheus's own parser, bounded however much there is, the same whoever is asked."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families
from rq import SimpleWorker

from config.metrics import collecting
from incidents import lifecycle
from incidents.models import Incident
from messaging import clock, counted, counting, daily, redis, registry, wakeups
from messaging.models import Budget, InboundMessage, OriginationIdentity, OutboundMessage, Priority
from messaging.outbound import pauses
from messaging.selectors import COUNTED_TO
from tests.messaging.api.rows import inbound, outbound
from tests.messaging.factories import ANN, BOB

pytestmark = pytest.mark.django_db

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    counting.forget()
    collecting.forget()
    yield
    counting.forget()
    collecting.forget()


def read(client: Client) -> Samples:
    """Every sample of /metrics, by its name and labels."""
    collecting.forget()
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    samples: Samples = {}
    names: set[str] = set()
    for family in text_string_to_metric_families(answer.content.decode()):
        assert family.name not in names, "one family in two places"
        names.add(family.name)
        assert family.documentation
        assert family.type in {"gauge", "counter", "histogram"}
        for sample in family.samples:
            key = sample.name, frozenset(sample.labels.items())
            assert key not in samples
            samples[key] = sample.value
    return samples


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


def test_what_waits_is_told_by_lane_and_class(client: Client, number: OriginationIdentity) -> None:
    now = clock.now()
    outbound(queued_at=now - timedelta(seconds=60), priority=Priority.ALERT)
    outbound(queued_at=now - timedelta(seconds=600), priority=Priority.CAMPAIGN)
    outbound(queued_at=now - timedelta(seconds=90), priority=Priority.CAMPAIGN)
    inbound(stored_at=now - timedelta(seconds=30), attempts=2)
    inbound(stored_at=now - timedelta(seconds=300), outcome="unmatched")
    pauses.pause(number.identity, "broken")
    found = read(client)
    lane = {"identity": number.identity}
    assert value(found, "textback_texts_queued", **lane, priority="campaign") == 2
    assert value(found, "textback_texts_queued", **lane, priority="reply") == 0
    age = value(found, "textback_text_oldest_queued_seconds", **lane, priority="campaign")
    assert age == pytest.approx(600, abs=30)
    assert value(found, "textback_text_oldest_queued_seconds", **lane, priority="alert") == pytest.approx(60, abs=30)
    assert value(found, "textback_lane_paused", **lane) == 1
    assert value(found, "textback_lane_held", **lane) == 0
    assert value(found, "textback_lane_limited", **lane) == 0
    assert value(found, "textback_inbound_unrouted") == 1
    assert value(found, "textback_inbound_failing") == 1
    assert value(found, "textback_inbound_oldest_unrouted_seconds") == pytest.approx(30, abs=25)
    assert value(found, "textback_inbox_waiting") == 1
    assert value(found, "textback_inbox_oldest_seconds") == pytest.approx(300, abs=30)
    assert value(found, "textback_up", part="database") == value(found, "textback_up", part="redis") == 1


def test_a_number_without_a_lane_that_is_off_is_told(client: Client) -> None:
    OriginationIdentity.objects.create(identity="+14255550109", kind="ten_dlc", mps=1, active=False)
    assert value(read(client), "textback_lane_off", identity="+14255550109") == 1


@pytest.mark.usefixtures("number")
def test_how_late_an_incident_is(client: Client) -> None:
    assert value(read(client), "textback_incident_overdue_seconds") == 0
    made, _ = lifecycle.open_incident(
        lifecycle.Request(incident_id="1", description="Fire", first_contact=ANN, second_contact=BOB), actor="x"
    )
    Incident.objects.filter(pk=made.pk).update(next_step_at=clock.now() - timedelta(seconds=120))
    found = read(client)
    assert value(found, "textback_incidents_not_acknowledged") == 1
    assert value(found, "textback_incidents_overdue") == 1
    assert value(found, "textback_incident_overdue_seconds") == pytest.approx(120, abs=30)


@pytest.mark.usefixtures("number")
def test_figures_of_today_are_those_that_a_worker_counted(client: Client) -> None:
    outbound(status="sent", carrier_message_id="a", conversation="shifts", queued_at=clock.now())
    inbound(stored_at=clock.now())
    daily.count_what_is_due(timedelta(seconds=60))
    found = read(client)
    assert value(found, "textback_texts_today", conversation="shifts", status="sent") == 1
    assert value(found, "textback_inbound_today") == 1


def test_how_budgets_stand(client: Client, number: OriginationIdentity) -> None:
    looked_at = clock.now()
    Budget.objects.create(amount="200", spent="250.5", level="reached", counted_at=looked_at)
    Budget.objects.create(amount="0", currency="EUR", level="reached", counted_at=looked_at)
    Budget.objects.create(amount="50", spent="40", level="warned", origination_identity=number)
    found = read(client)
    for whose, currency, amount, spent, level in (
        ("all numbers", "USD", 200, 250.5, 2),
        ("all numbers", "EUR", 0, 0, 2),
        (number.identity, "USD", 50, 40, 1),
    ):
        labels = {"identity": whose, "currency": currency}
        assert value(found, "textback_budget_amount", **labels) == amount
        assert value(found, "textback_budget_spent", **labels) == spent
        assert value(found, "textback_budget_level", **labels) == level
    # The one that was never looked at.
    assert value(found, "textback_budgets_overlooked") == 1


def test_budgets_that_nobody_looks_at_any_more_are_told(client: Client, number: OriginationIdentity) -> None:
    assert value(read(client), "textback_budgets_overlooked") == 0
    Budget.objects.create(amount="1", counted_at=clock.now() - timedelta(seconds=90))
    assert value(read(client), "textback_budgets_overlooked") == 1


def test_what_is_counted_is_there_from_the_first_moment(client: Client) -> None:
    redis.client().delete("textback:counted")
    counting.forget()
    names = {name for name, _ in read(client)}
    for one in [one for part in registry.figures() for one in part.counted if not one.labels]:
        assert {f"{one.name}_bucket", f"{one.name}_count", f"{one.name}_sum"} <= names


def test_counters_and_histograms_are_as_counted(client: Client) -> None:
    before = read(client)
    counted.CALLS.add("accepted", times=3)
    counted.REPLY.observe(0.3)
    counted.REPLY.observe(1000)
    found = read(client)
    key = "textback_calls_total", frozenset({("result", "accepted")})
    assert found[key] - before.get(key, 0) == 3
    for bound, more in (("0.25", 0), ("0.5", 1), ("300.0", 1), ("+Inf", 2)):
        bucket = "textback_reply_seconds_bucket", frozenset({("le", bound)})
        assert found[bucket] - before[bucket] == more
    assert value(found, "textback_reply_seconds_count") - value(before, "textback_reply_seconds_count") == 2
    assert value(found, "textback_reply_seconds_sum") - value(before, "textback_reply_seconds_sum") == 1000.3


def test_what_an_older_version_counted_otherwise_is_left_out(client: Client) -> None:
    for field in ("textback_gone_total\x1f\x1fa", "textback_calls_total\x1f\x1fone\x1ftoo many"):
        redis.client().hset("textback:counted", field, 5)
    found = read(client)
    assert not [name for name, _ in found if "gone" in name]
    assert not [labels for name, labels in found if name == "textback_calls_total" and len(labels) > 1]


def test_workers_queues_and_the_sweep(client: Client) -> None:
    found = read(client)
    assert value(found, "textback_workers", queue="lanes") == 0
    assert value(found, "textback_sweep_age_seconds") == 3600
    worker = SimpleWorker([redis.queue("lanes"), redis.queue("inbound")], connection=redis.client())
    worker.register_birth()
    wakeups.swept()
    wakeups.wake_now("inbound")
    try:
        found = read(client)
    finally:
        worker.register_death()
    assert value(found, "textback_workers", queue="lanes") == value(found, "textback_workers", queue="inbound") == 1
    assert value(found, "textback_workers", queue="slow") == 0
    assert value(found, "textback_jobs_queued", queue="inbound") == 1
    assert value(found, "textback_sweep_age_seconds") < 60
    assert value(found, "textback_worker_oldest_seconds", queue="lanes") < 120


def test_a_part_that_is_away_leaves_its_figures_out(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any
) -> None:
    def away(now: Any) -> Any:
        raise OperationalError("host db.example.com, user textback")

    with monkeypatch.context() as broken:
        broken.setattr(registry.figures()[1], "standing", away)
        found = read(client)
    assert value(found, "textback_up", part="database") == 0
    names = {name for name, _ in found}
    assert "textback_texts_queued" not in names
    assert "textback_workers" in names
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    found = read(client)
    assert value(found, "textback_up", part="redis") == 0
    assert value(found, "textback_inbound_unrouted") == 0


def test_who_asks_at_once_gets_the_same_answer_for_a_few_seconds(client: Client) -> None:
    read(client)
    with CaptureQueriesContext(connection) as queries:
        client.get("/metrics")
    assert len(queries) == 0


def _outbound(n: int, status: str) -> OutboundMessage:
    now = clock.now()
    return OutboundMessage(
        idempotency_key=f"campaign:{n}",
        destination_phone_number=f"+1425{n:07}",
        origination_identity="+14255550100",
        body="Hello",
        encoding="GSM",
        parts=1,
        priority=Priority.CAMPAIGN,
        status=status,
        due_at=now,
        queued_at=now,
        attempted_at=now if status == "unknown" else None,
        outcome_pending=status == "unknown",
    )


def _inbound(n: int) -> InboundMessage:
    now = clock.now()
    outcome = ("", "unmatched", "shifts")[n % 3]
    return InboundMessage(
        inbound_message_id=f"flood{n}",
        sns_message_id="sns",
        origination_phone_number=f"+1425{n:07}",
        destination_phone_number="+14255550100",
        received_at=now,
        stored_at=now,
        route_after=now,
        routed_at=now if outcome else None,
        outcome=outcome,
    )


def _plan(statement: str) -> str:
    if not statement.startswith("SELECT"):
        return ""
    with connection.cursor() as cursor:
        cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + statement)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


@pytest.mark.usefixtures("number")
def test_what_is_read_is_bounded_and_found_by_index(client: Client) -> None:
    """A campaign of a million texts, and a flood of answers, must not make Prometheus slow the house."""
    collecting.forget()
    with CaptureQueriesContext(connection) as few:
        read(client)
    # More of each kind than are counted.
    many = 4 * COUNTED_TO
    statuses = ("queued", "delivered", "unknown")
    OutboundMessage.objects.bulk_create([_outbound(n, statuses[n % 3]) for n in range(many)])
    InboundMessage.objects.bulk_create([_inbound(n) for n in range(many)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as queries:
        found = read(client)
    assert len(queries) == len(few) < 35
    for name in ("inbound_unrouted", "inbox_waiting", "texts_unknown", "outcomes_untold"):
        assert value(found, f"textback_{name}") == COUNTED_TO
    plans = [_plan(query["sql"]) for query in queries]
    touching = [plan for plan in plans if re.search("messaging_(out|in)bound", plan)]
    assert len(touching) > 5
    for plan in touching:
        assert not re.search(r"Seq Scan on messaging_(out|in)boundmessage", plan), plan
        assert not re.search(r"SCAN (messaging_(out|in)boundmessage|U0)(?! USING (COVERING )?INDEX)", plan), plan

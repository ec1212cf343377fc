"""/healthz and /readyz."""

import contextlib
import re
import shutil
import socket
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import InterfaceError, OperationalError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, Settings
from rq import SimpleWorker

from config import health, writability
from messaging import clock, redis, selectors, wakeups
from messaging.events import endpoints
from messaging.models import Budget, InboundMessage, OriginationIdentity, OutboundMessage, Priority
from messaging.outbound import pauses
from tests.messaging.api.rows import inbound, outbound

pytestmark = pytest.mark.django_db


@contextlib.contextmanager
def _worker(queue: str) -> Iterator[SimpleWorker]:
    worker = SimpleWorker([redis.queue(queue)], connection=redis.client())
    worker.register_birth()
    yield worker
    worker.register_death()


@pytest.fixture
def _all_up(number: OriginationIdentity) -> Iterator[None]:
    wakeups.swept()
    with _worker("lanes"):
        yield


@pytest.fixture(autouse=True)
def _asked_anew() -> None:
    writability.forget()


@contextlib.contextmanager
def _read_only() -> Iterator[None]:
    """A database that refuses writes by itself, in this connection."""
    on, off = (
        ("PRAGMA query_only = ON", "PRAGMA query_only = OFF")
        if connection.vendor == "sqlite"
        else ("SET transaction_read_only = on", "SET transaction_read_only = off")
    )
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(on)
            try:
                yield
            finally:
                cursor.execute(off)
            return
    # A transaction that has become read-only stays so: in a savepoint that is taken back.
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(on)
        yield
        transaction.set_rollback(True)


def _campaign_text(n: int, now: datetime, status: str) -> OutboundMessage:
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
    )


def _inbound_text(n: int, now: datetime, *, routed: bool) -> InboundMessage:
    return InboundMessage(
        inbound_message_id=f"flood{n}",
        sns_message_id="sns",
        origination_phone_number=f"+1425{n:07}",
        destination_phone_number="+14255550100",
        received_at=now,
        stored_at=now,
        route_after=now,
        routed_at=now if routed else None,
        outcome="unmatched" if routed else "",
    )


def _plan(statement: str) -> str:
    if not statement.startswith("SELECT"):
        return ""
    with connection.cursor() as cursor:
        cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + statement)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def _ready(client: Client) -> tuple[int, Any]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


def test_healthz_needs_neither_database_nor_redis(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.usefixtures("_all_up")
def test_ready_when_everything_is_up(client: Client) -> None:
    status, found = _ready(client)
    assert (status, found["status"], found["problems"]) == (200, "ready", [])
    assert (found["redis"], found["senders"], found["paused_lanes"]) == ("ok", 1, 0)
    assert found["held_lanes"] == 0
    assert found["database"] in {"sqlite", "postgresql"}


@pytest.mark.usefixtures("_all_up")
def test_without_a_number_that_can_be_answered_there_is_a_warning(client: Client, number: OriginationIdentity) -> None:
    assert _ready(client)[1]["warnings"] == []
    for lost in ({"two_way": False}, {"active": False, "two_way": True}):
        OriginationIdentity.objects.update(**lost)
        status, found = _ready(client)
        assert (status, len(found["warnings"])) == (200, 1)
        assert "no active number that people can answer" in found["warnings"][0]


@pytest.mark.usefixtures("_all_up")
def test_other_systems_that_nobody_calls_are_a_warning(client: Client) -> None:
    """And none where no endpoint is on. Nobody is unready for it: texts go on."""
    nobody = "No worker listens to the queue 'webhooks': other systems hear of nothing."
    assert _ready(client)[1]["warnings"] == []
    made = endpoints.create(name="Desk", url="https://example.org/in", event_types=["incident.opened"], by="hr")
    status, found = _ready(client)
    assert (status, found["warnings"]) == (200, [nobody])
    assert (found["webhooks_on"], found["webhook_workers"]) == (1, 0)
    with _worker("webhooks"):
        assert _ready(client)[1]["warnings"] == []
    endpoints.disable(made.endpoint.pk, reason="Moving house", by="hr")
    assert _ready(client)[1]["warnings"] == []


@pytest.mark.usefixtures("_all_up")
def test_no_probe_is_answered_from_a_cache(client: Client) -> None:
    assert "no-store" in client.get("/readyz")["Cache-Control"]


@pytest.mark.usefixtures("_all_up")
def test_waiting_rows_are_told_and_make_nobody_unready(client: Client, number: OriginationIdentity) -> None:
    now = clock.now()
    outbound(queued_at=now - timedelta(seconds=60), due_at=now - timedelta(seconds=60))
    inbound(stored_at=now - timedelta(seconds=30))
    inbound(stored_at=now - timedelta(seconds=300), outcome="unmatched")
    pauses.pause(number.identity, "broken")
    status, found = _ready(client)
    assert status == 200
    assert found["oldest_unsent_seconds"] == pytest.approx(60, abs=5)
    assert found["oldest_unrouted_seconds"] == pytest.approx(30, abs=5)
    assert found["unrouted"] == 1
    assert (found["paused_lanes"], found["held_lanes"]) == (1, 0)
    pauses.resume(number.identity)
    pauses.hold(number.identity, "A send guard cannot be asked.")
    status, found = _ready(client)
    assert (status, found["paused_lanes"], found["held_lanes"]) == (200, 0, 1)


@pytest.mark.usefixtures("_all_up")
def test_budgets_that_stop_campaigns_or_are_forgotten_are_told(client: Client, number: OriginationIdentity) -> None:
    assert _ready(client)[1]["warnings"] == []
    pauses.limit(number.identity, 30, "The budget is used up.")
    Budget.objects.create(amount=1, counted_at=clock.now() - timedelta(minutes=3))
    status, found = _ready(client)
    assert status == 200
    assert found["warnings"] == [
        "1 numbers send no campaigns: a budget is used up.",
        "Budgets were not looked at for minutes: a campaign may go beyond its own.",
    ]
    pauses.unlimit(number.identity)
    Budget.objects.update(counted_at=clock.now())
    assert _ready(client)[1]["warnings"] == []


@pytest.mark.usefixtures("_all_up", "number")
def test_a_text_that_is_tried_again_is_unsent_and_one_withheld_is_not(client: Client) -> None:
    now = clock.now()
    outbound(queued_at=now - timedelta(seconds=600), withheld=True)
    assert _ready(client)[1]["oldest_unsent_seconds"] == 0
    outbound(queued_at=now - timedelta(seconds=60), due_at=now + timedelta(seconds=15), attempts=3)
    assert _ready(client)[1]["oldest_unsent_seconds"] == pytest.approx(60, abs=5)


@pytest.mark.usefixtures("_all_up", "number")
@pytest.mark.parametrize(
    ("priority", "seconds", "warns"),
    [
        (Priority.ALERT, 5, False),
        (Priority.ALERT, 15, True),
        (Priority.REPLY, 50, False),
        (Priority.REPLY, 70, True),
        (Priority.NOTICE, 250, False),
        (Priority.NOTICE, 350, True),
        (Priority.CAMPAIGN, 36_000, False),
    ],
)
def test_what_waits_too_long_for_its_priority_is_a_warning(
    client: Client, priority: Priority, seconds: int, warns: bool
) -> None:
    outbound(queued_at=clock.now() - timedelta(seconds=seconds), priority=priority)
    status, found = _ready(client)
    assert status == 200
    assert found["oldest_unsent_seconds_by_priority"][priority.name.lower()] == pytest.approx(seconds, abs=3)
    assert bool(found["warnings"]) is warns


@pytest.mark.usefixtures("_all_up")
def test_the_slowest_lane_says_how_long_its_texts_take_to_leave(client: Client, number: OriginationIdentity) -> None:
    OriginationIdentity.objects.create(identity="+14255550101", kind="toll_free", iso_country_code="US", mps=2)
    for _ in range(3):
        outbound(parts=2, priority=Priority.CAMPAIGN)
        outbound(parts=2, priority=Priority.REPLY, origination_identity="+14255550101")
    found = _ready(client)[1]
    assert found["unsent_by_priority"] == {"alert": 0, "reply": 3, "notice": 0, "campaign": 3}
    assert found["seconds_to_drain"] == 3.0
    pauses.pause("+14255550101", "broken")
    assert _ready(client)[1]["seconds_to_drain"] == pytest.approx(6 / number.mps, abs=0.1)


@pytest.mark.usefixtures("_all_up", "number")
def test_inbound_texts_that_wait_long_or_cannot_be_routed_are_warnings(client: Client) -> None:
    inbound(stored_at=clock.now() - timedelta(seconds=20), attempts=3)
    status, found = _ready(client)
    assert status == 200
    assert len(found["warnings"]) == 2
    assert "waited 20 s to be routed" in found["warnings"][0]
    assert "cannot be routed" in found["warnings"][1]


@pytest.mark.usefixtures("_all_up", "number")
def test_what_a_probe_reads_is_bounded_and_found_by_index(client: Client) -> None:
    """A campaign of a million texts and a flood of answers must not make probes slow."""
    now = clock.now()
    counted_to = selectors.COUNTED_TO
    OutboundMessage.objects.bulk_create(
        [_campaign_text(n, now, status="queued" if n % 2 else "delivered") for n in range(3 * counted_to)]
    )
    InboundMessage.objects.bulk_create([_inbound_text(n, now, routed=bool(n % 2)) for n in range(3 * counted_to)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as queries:
        found = _ready(client)[1]
    assert (found["unsent_by_priority"]["campaign"], found["unrouted"]) == (counted_to, counted_to)
    assert len(queries) < 25
    plans = [_plan(query["sql"]) for query in queries if "EXPLAIN" not in query["sql"]]
    touching = [plan for plan in plans if "messaging_outbound" in plan or "messaging_inbound" in plan]
    assert len(touching) == 2
    for plan in touching:
        assert "messaging_outbound_claim" in plan or "messaging_inbound_unrouted" in plan, plan
        assert not re.search(r"Seq Scan on messaging_(out|in)boundmessage", plan), plan
        assert not re.search(r"SCAN (messaging_(out|in)boundmessage|U0)(?! USING)", plan), plan


@pytest.mark.usefixtures("_all_up")
def test_not_ready_where_the_database_takes_no_writes(client: Client) -> None:
    with _read_only():
        status, found = _ready(client)
    assert (status, found["database_takes_writes"], found["redis"]) == (503, False, "ok")
    assert found["problems"] == [
        f"The database takes no writes: {'OperationalError' if connection.vendor == 'sqlite' else 'InternalError'}."
    ]
    writability.forget()
    assert _ready(client)[0] == 200
    assert Session.objects.count() == 0


# SQLite takes the whole transaction back when it is full, that of a test as well.
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_all_up")
@pytest.mark.skipif(connection.vendor != "sqlite", reason="the page limit is SQLite's")
def test_not_ready_when_an_sqlite_database_is_full(client: Client) -> None:
    with connection.cursor() as cursor:
        # Pages that other tests have left empty would be room.
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute("PRAGMA freelist_count")
        assert cursor.fetchone()[0] == 0
        cursor.execute(f"PRAGMA max_page_count = {pages}")
    try:
        status, found = _ready(client)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1073741823")
    assert (status, found["problems"]) == (503, ["The database takes no writes: OperationalError."])


@pytest.mark.usefixtures("_all_up")
@pytest.mark.parametrize(
    ("free", "status", "warns"), [(2 << 30, 200, False), (500 << 20, 200, True), (100_000, 503, True)]
)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="another database has a disk of its own")
def test_the_room_on_the_disk_of_an_sqlite_database(
    client: Client, monkeypatch: pytest.MonkeyPatch, free: int, status: int, warns: bool
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(free, 0, free))
    found = _ready(client)
    assert (found[0], found[1]["database_bytes_free"], bool(found[1]["warnings"])) == (status, free, warns)


@pytest.mark.usefixtures("_all_up")
def test_whether_the_database_takes_writes_is_asked_every_few_seconds_only(client: Client) -> None:
    assert _ready(client)[1]["database_takes_writes"]
    with CaptureQueriesContext(connection) as queries:
        assert _ready(client)[1]["database_takes_writes"]
    assert not [query for query in queries if "INSERT" in query["sql"]]


@pytest.mark.usefixtures("_all_up")
def test_a_redis_that_takes_no_writes_is_told_and_its_workers_are_not_asked_for(client: Client) -> None:
    redis.client().config_set("maxmemory", 1)
    try:
        status, found = _ready(client)
    finally:
        redis.client().config_set("maxmemory", 0)
    assert (status, found["problems"]) == (503, ["Redis takes no writes: OutOfMemoryError."])
    assert found["redis"] == "takes no writes"
    assert found["database"]
    assert _ready(client)[0] == 200


@pytest.mark.usefixtures("_all_up")
def test_a_redis_that_is_nearly_full_is_a_warning(client: Client) -> None:
    redis.client().config_set("maxmemory", 0)
    assert _ready(client)[1]["redis_memory_percent"] is None
    used = redis.client().info("memory")["used_memory"]
    redis.client().config_set("maxmemory", round(used / 0.85))
    try:
        status, found = _ready(client)
    finally:
        redis.client().config_set("maxmemory", 0)
    assert status == 200
    assert found["redis_memory_percent"] > 80
    assert ["maxmemory" in warning for warning in found["warnings"]] == [True]


@pytest.mark.usefixtures("_all_up")
def test_who_is_not_logged_in_does_not_learn_our_numbers(client: Client, number: OriginationIdentity) -> None:
    pauses.pause(number.identity, "broken")
    assert number.identity not in client.get("/readyz").content.decode()


def test_not_ready_without_a_sender(client: Client) -> None:
    wakeups.swept()
    with _worker("default"):
        status, found = _ready(client)
    assert (status, found["senders"]) == (503, 0)
    assert ["'lanes'" in problem for problem in found["problems"]] == [True]


def test_a_sender_that_was_killed_is_no_sender(client: Client) -> None:
    wakeups.swept()
    with _worker("lanes") as worker:
        # Killed: nobody said goodbye, its entry expired.
        redis.client().delete(worker.key)
        assert _ready(client)[0] == 503


def test_not_ready_before_the_first_sweep(client: Client) -> None:
    with _worker("lanes"):
        status, found = _ready(client)
    assert (status, found["seconds_since_sweep"]) == (503, None)
    assert ["sweep" in problem for problem in found["problems"]] == [True]


@pytest.mark.usefixtures("_all_up")
@pytest.mark.parametrize(("age", "status"), [(14, 200), (16, 503)])
def test_not_ready_when_the_last_sweep_is_long_ago(client: Client, time: Any, age: int, status: int) -> None:
    wakeups.swept()
    time.forward(age)
    assert _ready(client)[0] == status


@pytest.mark.usefixtures("_all_up")
@pytest.mark.parametrize("problem", [OperationalError, InterfaceError])
def test_not_ready_without_the_database(
    client: Client, monkeypatch: pytest.MonkeyPatch, problem: type[Exception]
) -> None:
    def fail(warnings: list[str]) -> None:
        raise problem("host db.example.com, user textback")

    monkeypatch.setattr(health, "_waiting", fail)
    status, found = _ready(client)
    assert (status, found["redis"]) == (503, "ok")
    assert found["problems"] == [f"The database does not answer: {problem.__name__}."]


def test_not_ready_without_redis(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    status, found = _ready(client)
    assert status == 503
    assert found["database"]
    assert found["problems"] == ["Redis does not answer: ConnectionError."]


def test_a_redis_that_hangs_is_not_waited_for(client: Client, settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        began = time.monotonic()
        status, found = _ready(client)
        took = time.monotonic() - began
        health.impatient_client(settings.REDIS_URL).close()
    assert (status, found["problems"]) == (503, ["Redis does not answer: TimeoutError."])
    assert took < 3

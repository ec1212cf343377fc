"""/healthz and /readyz."""

import contextlib
import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings
from rq import SimpleWorker

from config import health
from messaging import clock, redis, wakeups
from messaging.models import OriginationIdentity
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
def _all_up() -> Iterator[None]:
    wakeups.swept()
    with _worker("lanes"):
        yield


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
def test_no_probe_is_answered_from_a_cache(client: Client) -> None:
    assert "no-store" in client.get("/readyz")["Cache-Control"]


@pytest.mark.usefixtures("_all_up")
def test_waiting_rows_are_told_and_make_nobody_unready(client: Client, number: OriginationIdentity) -> None:
    now = clock.now()
    outbound(queued_at=now - timedelta(seconds=60), due_at=now - timedelta(seconds=60))
    outbound(queued_at=now - timedelta(seconds=600), due_at=now + timedelta(seconds=60))
    inbound(stored_at=now - timedelta(seconds=30))
    inbound(stored_at=now - timedelta(seconds=300), outcome="unmatched")
    pauses.pause(number.identity, "broken")
    status, found = _ready(client)
    assert status == 200
    assert found["oldest_unsent_seconds"] == pytest.approx(60, abs=5)
    assert found["oldest_unrouted_seconds"] == pytest.approx(30, abs=5)
    assert (found["paused_lanes"], found["held_lanes"]) == (1, 0)
    pauses.resume(number.identity)
    pauses.hold(number.identity, "A send guard cannot be asked.")
    status, found = _ready(client)
    assert (status, found["paused_lanes"], found["held_lanes"]) == (200, 0, 1)


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
    def fail() -> None:
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
        health._impatient_client(settings.REDIS_URL).close()
    assert (status, found["problems"]) == (503, ["Redis does not answer: TimeoutError."])
    assert took < 3

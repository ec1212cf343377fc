"""Wake-ups coalesce, none is lost, and Redis may be away."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from rq.registry import ScheduledJobRegistry

from messaging import clock, jobs, redis, wakeups
from tests.moving import MovableTime
from tests.redis_server import RedisServer

pytestmark = pytest.mark.django_db(transaction=True)

runs: list[str] = []


class Busy:
    """A list that is always due, and that counts how often it is looked at."""

    name, queue = "busy", "default"
    during: Any = None

    def is_due(self, now: object) -> bool:
        return True

    def run(self) -> None:
        runs.append(self.name)
        if Busy.during:
            Busy.during()


class Broken(Busy):
    """A list that cannot even say whether it has work."""

    name = "broken"

    def is_due(self, now: object) -> bool:
        raise RuntimeError("the table is gone")


@pytest.fixture(autouse=True)
def lists(settings: Any) -> None:
    runs.clear()
    Busy.during = None
    here = "tests.messaging.test_wakeups"
    settings.MESSAGING = settings.MESSAGING | {"WORK_LISTS": [f"{here}.Broken", f"{here}.Busy"]}


def waiting() -> int:
    return len(redis.queue("default"))


def test_a_burst_of_wake_ups_is_one_job() -> None:
    for _ in range(1000):
        wakeups.wake("busy")
    assert waiting() == 1


def test_nobody_is_woken_before_the_commit_and_nobody_after_a_rollback() -> None:
    with transaction.atomic():
        wakeups.wake("busy")
        assert waiting() == 0
    assert waiting() == 1
    redis.client().flushall()
    with transaction.atomic():
        wakeups.wake("busy")
        transaction.set_rollback(True)
    assert waiting() == 0


def test_a_transaction_that_wakes_often_asks_redis_once_for_each_list(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[str] = []
    monkeypatch.setattr(wakeups, "wake_now", woken.append)
    for expected in (["busy", "broken"], ["busy", "broken"] * 2):
        with transaction.atomic():
            for name in ("busy", "broken", "busy", "busy", "broken"):
                wakeups.wake(name)
        assert woken == expected
    wakeups.wake("busy")
    wakeups.wake("busy")
    assert woken == ["busy", "broken"] * 2 + ["busy"] * 2, "each is committed by itself"


def test_a_wake_up_that_was_rolled_back_silences_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[str] = []
    monkeypatch.setattr(wakeups, "wake_now", woken.append)
    with transaction.atomic():
        with transaction.atomic():
            wakeups.wake("busy")
            transaction.set_rollback(True)
        wakeups.wake("busy")
    assert woken == ["busy"]
    with transaction.atomic():
        wakeups.wake("busy")
        transaction.set_rollback(True)
    with transaction.atomic():
        wakeups.wake("busy")
    assert woken == ["busy"] * 2


def test_a_wake_up_while_the_list_is_being_looked_at_is_not_lost() -> None:
    wakeups.wake("busy")
    redis.queue("default").empty()
    Busy.during = lambda: wakeups.wake("busy")
    jobs.run("busy")
    assert waiting() == 1


def test_wake_ups_for_one_second_are_one_scheduled_job(time: MovableTime) -> None:
    at = clock.now().replace(microsecond=0) + timedelta(seconds=30)
    for n in range(100):
        wakeups.wake_at("busy", at + timedelta(milliseconds=n))
    assert len(ScheduledJobRegistry(queue=redis.queue("default"))) == 1


def test_a_time_that_has_passed_is_now() -> None:
    wakeups.wake_at("busy", clock.now() - timedelta(seconds=1))
    assert waiting() == 1


def test_the_sweep_wakes_who_has_work_though_another_list_is_broken() -> None:
    jobs.sweep()
    assert waiting() == 1
    assert wakeups.seconds_since_sweep() is not None


def test_the_sweep_finds_what_an_emptied_redis_forgot() -> None:
    wakeups.wake("busy")
    redis.client().flushall()
    assert waiting() == 0
    jobs.sweep()
    assert waiting() == 1


def test_while_redis_is_away_nothing_is_raised_and_it_goes_on_when_it_is_back(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    redis_server.kill()
    try:
        wakeups.wake("busy")
        wakeups.wake_at("busy", clock.now() + timedelta(seconds=30))
        assert "Redis is away" in caplog.text
    finally:
        redis_server.start()
    jobs.sweep()
    assert waiting() == 1

"""A worker killed after Connect's answer and before our commit."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from messaging.models import OutboundMessage
from messaging.simulator import Simulator
from shifts.models import CallBack
from tests.house import House
from tests.redis_server import RedisServer
from tests.shifts.calls.between import Between
from tests.shifts.calls.conftest import asked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.crash]

BASE = Path(__file__).resolve().parents[3]


def worker(redis_server: RedisServer) -> subprocess.Popen[bytes]:
    """A real worker in a process of its own, on the test's database, Redis and simulator."""
    database = connection.settings_dict
    url = (
        f"sqlite:///{database['NAME']}"
        if connection.vendor == "sqlite"
        else settings.DATABASE_URL.replace("/postgres?", f"/{database['NAME']}?")
    )
    env = os.environ | {
        "DATABASE_URL": url,
        "REDIS_URL": redis_server.url,
        "SECRET_KEY": "for tests only",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "CONNECT_INSTANCE_ID": settings.CONNECT_INSTANCE_ID,
        "CONNECT_CONTACT_FLOW_ID": settings.CONNECT_CONTACT_FLOW_ID,
        "CONNECT_QUEUE_ID": settings.CONNECT_QUEUE_ID,
        "CONNECT_SOURCE_PHONE_NUMBER": settings.CONNECT_SOURCE_PHONE_NUMBER,
    }
    arguments = ["manage.py", "rqworker", "--worker-class", "config.processes.worker.Worker", "slow"]
    return subprocess.Popen([sys.executable, *arguments], cwd=BASE, env=env)


def test_the_call_is_placed_once_and_told_once(
    house: House, between: Between, simulator: Simulator, redis_server: RedisServer
) -> None:
    between.next = ["hold"]
    asked()
    process = worker(redis_server)
    try:
        assert between.passed.wait(30), "Connect was never asked"
    finally:
        process.kill()
        process.wait()
    row = CallBack.objects.get()
    assert (row.status, row.attempts, len(simulator.calls)) == ("placing", 1, 1), "Connect has it, we do not know"
    assert not OutboundMessage.objects.exists()

    house.sweep()
    assert len(between.tokens) == 1, "the claim of the dead still holds"
    house.time.forward(16)
    house.sweep()
    row.refresh_from_db()
    assert between.tokens == [row.inbound_message_id] * 2
    assert (row.status, row.contact_id) == ("called", simulator.calls[0].contact_id)
    assert len(simulator.calls) == 1
    assert OutboundMessage.objects.get().body == "We are calling you now."

"""The disk is full, the database takes no writes, nobody reads the log: nothing is lost, and it ends by itself.

A full disk needs a small file system of its own: whoever may make one in a namespace of theirs does so here,
without being root; PostgreSQL is shown what it can be shown from within: that it takes no writes.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from messaging.contracts import Draft
from messaging.models import InboundMessage, OriginationIdentity, OutboundMessage
from messaging.outbound import outbox
from messaging.simulator import Simulator
from tests.backpressure.running import BASE, START_SECONDS, WORKERS, Running
from tests.messaging.factories import ANN, OUR_NUMBER
from tests.workers import until

EVERYBODY = ("web", "clock", *WORKERS)
_MOUNT = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
_SMALL = 'mount -t tmpfs -o size=24m none "$0" && exec "$@"'


def _may_mount(directory: Path) -> bool:
    try:
        return subprocess.run([*_MOUNT, _SMALL, directory, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _on_a_small_disk(directory: Path, play: str) -> None:
    if not _may_mount(directory):
        pytest.skip("this machine lets nobody make a small file system (user namespaces are off)")
    scenario = [sys.executable, "-m", "tests.backpressure.on_a_small_disk", str(directory), play]
    done = subprocess.run(
        [*_MOUNT, _SMALL, directory, *scenario], cwd=BASE, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stderr[-8000:]


@pytest.mark.processes
@pytest.mark.skipif(connection.vendor != "sqlite", reason="the database on the small disk is an SQLite one")
def test_texts_that_come_in_while_the_disk_is_full_are_sent_again_by_sns(tmp_path: Path) -> None:
    _on_a_small_disk(tmp_path, "texts_that_come_in")


@pytest.mark.processes
@pytest.mark.skipif(connection.vendor != "sqlite", reason="the database on the small disk is an SQLite one")
def test_aws_answers_that_come_while_the_disk_is_full_are_kept(tmp_path: Path) -> None:
    _on_a_small_disk(tmp_path, "answers_of_aws")


@contextmanager
def _read_only() -> Iterator[None]:
    """PostgreSQL refuses writes to this database, of everybody, as on a standby or by an operator's hand."""
    name = connection.settings_dict["NAME"]

    def switch(to: str) -> None:
        connection.close()
        with psycopg.connect(str(settings.DATABASE_URL), autocommit=True) as server:
            server.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {to}')
            # It counts for new sessions only.
            server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])

    switch("on")
    try:
        yield
    finally:
        switch("off")


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has the full disk")
def test_a_postgresql_that_takes_no_writes_is_waited_for(running: Running, simulator: Simulator) -> None:
    running.start(*EVERYBODY)
    until(lambda: running.get("/readyz")[0] == 200, START_SECONDS)
    outbox.queue(Draft(ANN, "Before", idempotency_key="before"))
    until(lambda: len(simulator.sent) == 1)
    with _read_only():
        until(lambda: running.get("/readyz")[1]["database_takes_writes"] is False, 20)
        assert simulator.text(ANN, OUR_NUMBER, "HELP") == [500]
        before = running.cpu_seconds(*EVERYBODY)
        time.sleep(6)
        used = running.cpu_seconds(*EVERYBODY) - before
        assert running.get("/healthz")[0] == 200
    # One that spins uses six on a core of its own.
    assert used < 4, "nobody spins"
    assert simulator.redrive() == 1
    until(lambda: len(simulator.sent) == 2)
    until(lambda: running.get("/readyz")[0] == 200, 20)
    assert running.alive(*EVERYBODY)
    assert InboundMessage.objects.count() == 1
    assert set(OutboundMessage.objects.values_list("status", flat=True)) == {"sent"}


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("reader", ["full disk", "gone"])
def test_nobody_needs_the_log_to_be_written(
    running: Running, number: OriginationIdentity, simulator: Simulator, reader: str
) -> None:
    if reader == "full disk":
        with open("/dev/full", "wb") as full:
            running.start(*EVERYBODY, output=full)
    else:
        gone = subprocess.Popen(["true"], stdin=subprocess.PIPE)
        gone.wait()
        assert gone.stdin is not None
        running.start(*EVERYBODY, output=gone.stdin)
        gone.stdin.close()
    until(lambda: running.get("/readyz")[0] == 200, START_SECONDS)
    # Each of these is written to the log.
    assert simulator.text(ANN, OUR_NUMBER, "HELP", inbound_id="one") == [200]
    simulator.faults.set("throttle", count=2)
    outbox.queue(Draft(ANN, "Hello", idempotency_key="hello"))
    until(lambda: len(simulator.sent) == 2)
    assert running.alive(*EVERYBODY)

"""What happens on a disk that fills up and gets room again: a small file system, in a namespace of its own.

    unshare --user --map-root-user --mount sh -c 'mount -t tmpfs -o size=24m none "$0" && exec "$@"' DIRECTORY \
        python -m tests.backpressure.on_a_small_disk DIRECTORY texts_that_come_in

Real processes of the Procfile on an SQLite database there. Ends with an AssertionError where a promise is not kept.
"""

import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.update(DJANGO_SETTINGS_MODULE="config.settings", SECRET_KEY="for tests only")

from messaging.simulator import Simulator
from tests.redis_server import RedisServer

if TYPE_CHECKING:
    from tests.backpressure.running import Running

ANN, OURS = "+14255550182", "+14255550100"
EVERYBODY = ("web", "clock", "sender", "worker", "timer")
TEXTS = 5
START_SECONDS = 150


class Disk:
    """The small disk."""

    def __init__(self, place: Path) -> None:
        self._ballast, self._database = place / "ballast", place / "textback.sqlite3"

    def fill(self) -> None:
        # What is written next needs room: the log of the database is emptied, and everything else taken.
        with sqlite3.connect(self._database, timeout=10) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with self._ballast.open("wb", buffering=0) as ballast:
            for size in (1 << 20, 1 << 12):
                try:
                    while True:
                        ballast.write(bytes(size))
                except OSError:
                    continue

    def empty(self) -> None:
        self._ballast.unlink()


def main(place: Path, play: str) -> None:
    """Start everything, and play."""
    database_url = f"sqlite:///{place}/textback.sqlite3"
    os.environ["DATABASE_URL"] = database_url
    with tempfile.TemporaryDirectory() as logs, RedisServer() as redis_server, Simulator() as simulator:
        os.environ["REDIS_URL"] = redis_server.url
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)

        from messaging.models import OriginationIdentity
        from tests.backpressure.running import Running, environment

        with Running(Path(logs), environment(database_url, redis_server.url, simulator)) as running:
            simulator.subscribe(f"{running.url}/webhooks/sns/")
            simulator.confirm_directly()
            try:
                OriginationIdentity.objects.create(
                    identity=OURS, kind="ten_dlc", iso_country_code="US", mps=20, is_default=True
                )
                PLAYS[play](running, simulator, Disk(place))
                assert running.alive(*running.processes)
            except BaseException:
                for name in running.processes:
                    print(f"--- {name}\n{running.log(name)[-3000:]}", file=sys.stderr)
                raise


def texts_that_come_in(running: "Running", simulator: Simulator, disk: Disk) -> None:
    """They are refused, so that SNS sends them again; nobody dies or spins; and it ends by itself."""
    from messaging.models import InboundMessage

    running.start(*EVERYBODY)
    _until(lambda: running.get("/readyz")[0] == 200, START_SECONDS)
    disk.fill()
    assert simulator.text(ANN, OURS, "HELP", inbound_id="during") == [500]
    # Each process of the web server asks anew after a few seconds.
    _until(lambda: any("takes no writes" in problem for problem in running.get("/readyz")[1]["problems"]), 20)
    assert running.get("/healthz")[0] == 200
    before = running.cpu_seconds(*EVERYBODY)
    time.sleep(6)
    used = running.cpu_seconds(*EVERYBODY) - before
    assert used < 5, f"{used:.1f} s of processor time in 6 s: somebody spins"
    assert InboundMessage.objects.count() == 0

    disk.empty()
    # What SNS does with what was answered 500.
    assert simulator.redrive() == 1
    _until(lambda: ANN in [sent.destination for sent in simulator.sent], 20)
    _until(lambda: running.get("/readyz")[0] == 200, 20)
    assert InboundMessage.objects.count() == 1
    assert len(simulator.sent) == 1
    print(f"processor time while the disk was full: {used:.1f} s in 6 s")


def answers_of_aws(running: "Running", simulator: Simulator, disk: Disk) -> None:
    """Calls are under way when the disk fills up: what AWS answers is kept until it can be written down."""
    from rq import Worker

    from messaging import redis
    from messaging.contracts import Draft
    from messaging.models import OutboundMessage
    from messaging.outbound import outbox

    running.start("sender")
    _until(lambda: Worker.count(connection=redis.client()), START_SECONDS)
    simulator.faults.set("delay", seconds=3.0)
    for number in range(TEXTS):
        outbox.queue(Draft(f"+1425555020{number}", "Hello", idempotency_key=f"t{number}"))
    _until(lambda: sum(fault.used for fault in simulator.faults.active()) == TEXTS)
    disk.fill()
    # Longer than the answers take, and than a drain tries to write them down when it ends.
    time.sleep(12)
    assert len(simulator.sent) == TEXTS
    simulator.faults.clear()
    disk.empty()

    def settled() -> bool:
        return set(OutboundMessage.objects.values_list("status", flat=True)) <= {"sent", "delivered"}

    _until(settled, 10)
    assert len(simulator.sent) == TEXTS


def _until(condition: Callable[[], object], seconds: float = 20) -> None:
    from tests.workers import until

    until(condition, seconds)


PLAYS = {play.__name__: play for play in (texts_that_come_in, answers_of_aws)}

if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])

"""A house of real processes on the test's own database, Redis and simulator."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from messaging.models import OriginationIdentity
from messaging.simulator import Simulator
from tests.backpressure.running import Running, database_url, environment
from tests.redis_server import RedisServer


@pytest.fixture
def running(
    transactional_db: None,
    number: OriginationIdentity,
    simulator: Simulator,
    redis_server: RedisServer,
    tmp_path: Path,
) -> Iterator[Running]:
    """Processes to be started; the simulator posts to their web server."""
    with Running(tmp_path, environment(database_url(), redis_server.url, simulator)) as running:
        simulator.subscribe(f"{running.url}/webhooks/sns/")
        simulator.confirm_directly()
        yield running

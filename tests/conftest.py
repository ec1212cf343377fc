"""What every test may rely on: a real Redis, a real database in a file, the real boto3 against the simulator."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from redis import Redis

from config.postgresql.base import DatabaseWrapper
from messaging import clock, registry
from messaging.events import subscriptions
from messaging.models import OriginationIdentity
from messaging.phrases import own
from messaging.simulator import Simulator
from tests.house import House
from tests.moving import MovableTime, movable_time
from tests.redis_server import RedisServer

OUR_NUMBER = "+14255550100"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what touches a database: only that can differ from one database to another."""
    for item in items:
        needs = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
        if needs or any(item.get_closest_marker(mark) for mark in ("django_db", "processes", "crash")):
            item.add_marker("database")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite in a file, as in production: in memory it has neither WAL nor two connections."""
    database = django_settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        directory: Path = tmp_path_factory.mktemp("database")
        database.setdefault("TEST", {})["NAME"] = str(directory / "test.sqlite3")
        # What is lost when the machine loses power is of no use to a test.
        database["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
    else:
        # Many a test is one transaction, and thinks for long in it.
        DatabaseWrapper.longest_silence_seconds = 600


@pytest.fixture(scope="session", autouse=True)
def _static_files(tmp_path_factory: pytest.TempPathFactory) -> None:
    """An empty place for collected static files: nothing here depends on whether they were collected before."""
    django_settings.STATIC_ROOT = tmp_path_factory.mktemp("static")


@pytest.fixture(scope="session", autouse=True)
def redis_server() -> Iterator[RedisServer]:
    """One Redis for each test process, named in the settings before any test overrides some of them."""
    with RedisServer() as server:
        django_settings.REDIS_URL = server.url
        for queue in django_settings.RQ_QUEUES.values():
            queue["URL"] = server.url
        django_settings.CACHES["default"]["LOCATION"] = [server.url]
        # A connection that somebody has opened already would go to the Redis of the environment.
        with contextlib.suppress(AttributeError):
            del caches["default"]
        yield server


@pytest.fixture(autouse=True)
def _empty_redis(request: pytest.FixtureRequest) -> None:
    """Whoever writes rows may wake somebody: those tests begin with an empty Redis of their own."""
    touches_rows = {"db", "transactional_db", "live_server"} & set(request.fixturenames)
    if touches_rows or request.node.get_closest_marker("django_db"):
        # Not the house's own client: a worker in this process may have made it wait for Redis for ever.
        with Redis.from_url(django_settings.REDIS_URL, socket_timeout=10) as connection:
            connection.flushall()


@pytest.fixture(autouse=True)
def _forget_plug_ins() -> Iterator[None]:
    """Plug-ins are made once in a process; what one test configured must not serve the next."""
    registry.forget()
    yield
    registry.forget()
    clock.forget_stop()


@pytest.fixture(autouse=True)
def _no_words_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Staff say nothing in words of their own, and this process knows it: no count of queries depends on its last look.

    Who writes some has them read again, by forget().
    """
    monkeypatch.setattr(own, "LOOK_AGAIN", timedelta(days=10_000))
    monkeypatch.setattr(own._memory, "look", own._Look(clock.now(), {}))


@pytest.fixture(autouse=True)
def _nobody_subscribes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other system wants to hear of events, and this process knows it, for the same reason.

    Who adds an endpoint by its door is heard at once.
    """
    monkeypatch.setattr(subscriptions, "LOOK_AGAIN", timedelta(days=10_000))
    monkeypatch.setattr(subscriptions._memory, "look", subscriptions._Look(clock.now(), frozenset()))


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Iterator[MovableTime]:
    """Time that is moved instead of slept through."""
    with movable_time(monkeypatch) as moved:
        yield moved


@pytest.fixture(scope="session")
def _simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with Simulator(auto_delivery=False, state_dir=None) as simulator:
        yield simulator


@pytest.fixture
def simulator(_simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """The carrier simulator, in its own threads, with boto3 pointed at it."""
    for service in ("PINPOINT_SMS_VOICE_V2", "SNS", "CONNECT"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", _simulator.url)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    _simulator.reset()
    yield _simulator
    _simulator.reset()


@pytest.fixture
def number(db: None) -> OriginationIdentity:
    """Our own number, quick enough not to be what a test waits for."""
    return OriginationIdentity.objects.create(
        identity=OUR_NUMBER, kind="ten_dlc", iso_country_code="US", mps=100, is_default=True
    )


@pytest.fixture
def house(
    transactional_db: None,
    simulator: Simulator,
    time: MovableTime,
    live_server: Any,
    settings: Any,
) -> House:
    """The whole house: web, workers, Redis, database, boto3, and the simulator subscribed to the webhook."""
    settings.MESSAGING = django_settings.MESSAGING | {
        "SNS_TOPIC_ARNS": simulator.topic_arns,
        "SNS_SIGNING_CERT_FILE": str(simulator.certificate_file),
        "ALLOW_LOCAL_SNS_CERT": True,
    }
    simulator.subscribe(f"{live_server.url}/webhooks/sns/")
    simulator.confirm_directly()
    OriginationIdentity.objects.create(
        identity=OUR_NUMBER, kind="ten_dlc", iso_country_code="US", mps=100, is_default=True
    )
    return House(time)

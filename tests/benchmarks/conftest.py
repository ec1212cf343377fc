"""A small stage for a benchmark: the carrier in its process, boto3 pointed at it, a topic that signs."""

from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks import jobs
from benchmarks.carrier import Carrier
from benchmarks.notifications import TOPIC, Notifications
from benchmarks.stage import Stage


@pytest.fixture(scope="session")
def _carrier() -> Iterator[Carrier]:
    with Carrier() as carrier:
        yield carrier


@pytest.fixture(scope="session")
def _notifications() -> Iterator[Notifications]:
    with Notifications() as notifications:
        yield notifications


@pytest.fixture
def stage(
    _carrier: Carrier, _notifications: Notifications, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Iterator[Stage]:
    monkeypatch.setenv("AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2", _carrier.url)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "us-east-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    settings.MESSAGING = settings.MESSAGING | {
        "SNS_TOPIC_ARNS": [TOPIC],
        "SNS_SIGNING_CERT_FILE": str(_notifications.certificate_file),
        "ALLOW_LOCAL_SNS_CERT": True,
    }
    _carrier.forget()
    jobs.client.cache_clear()
    yield Stage(_carrier, _notifications, runs=1, scale=0.003)
    jobs.client.cache_clear()

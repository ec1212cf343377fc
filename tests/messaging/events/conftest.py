"""Receivers on this machine, allowed by the settings that an operator has for them, and endpoints that lead there."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.conf import settings as django_settings

from messaging.events import endpoints, publish
from messaging.events.posting import HttpPost
from messaging.models import WebhookEndpoint
from tests.messaging.events.receiver import Receiver, Script, receiving

OPENED = "incident.opened"
Listen = Callable[..., Receiver]
Subscribe = Callable[..., WebhookEndpoint]


@pytest.fixture
def allowed(settings: Any) -> Callable[..., None]:
    """Have these ports of this machine allowed, by plain HTTP."""
    ports: set[str] = set()

    def allow(*more: int) -> None:
        ports.update(map(str, more))
        settings.MESSAGING = django_settings.MESSAGING | {
            "WEBHOOKS_ALLOW_HTTP": True,
            "WEBHOOKS_ALLOWED_NETWORKS": ["127.0.0.0/8", "::1/128"],
            "WEBHOOKS_PORTS": sorted(ports),
        }

    return allow


@pytest.fixture
def listen(allowed: Callable[..., None]) -> Iterator[Listen]:
    """Start a receiver."""
    with ExitStack() as stack:

        def start(script: Script | None = None) -> Receiver:
            receiver = stack.enter_context(receiving(script))
            allowed(receiver.port)
            return receiver

        yield start


@pytest.fixture
def receiver(listen: Listen) -> Receiver:
    """One that takes everything."""
    return listen()


@pytest.fixture
def subscribe(db: None) -> Subscribe:
    """Add an endpoint for a receiver, or for a URL."""

    def add(where: Receiver | str, *event_types: str, name: str = "") -> WebhookEndpoint:
        return endpoints.create(
            name=name or f"System {WebhookEndpoint.objects.count() + 1}",
            url=where if isinstance(where, str) else where.url,
            event_types=event_types or [OPENED],
            by="boss",
        ).endpoint

    return add


def happens(*numbers: int, event_type: str = OPENED) -> None:
    """Something happens, once for each number."""
    for number in numbers:
        publish(event_type, subject=f"n{number}", data={"n": number})


@pytest.fixture
def impatient() -> HttpPost:
    """A post that gives up soon."""
    return HttpPost(connect_seconds=2, read_seconds=0.5, total_seconds=1.5)

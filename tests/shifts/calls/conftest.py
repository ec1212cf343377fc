"""Amazon Connect set up, and what stands between us and it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from messaging import clock
from messaging.models import InboundMessage
from messaging.simulator import Simulator
from shifts.calls import callbacks
from shifts.models import CallBack
from tests.flows.conftest import Handset
from tests.house import House
from tests.messaging.api.conftest import api, client_with
from tests.messaging.factories import ANN, OUR_NUMBER, received
from tests.shifts.calls.between import Between
from tests.shifts.factories import employee

__all__ = ["api", "client_with"]

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def connect(settings: Any) -> None:
    """Amazon Connect is set up."""
    settings.CONNECT_INSTANCE_ID = "instance"
    settings.CONNECT_CONTACT_FLOW_ID = "flow"
    settings.CONNECT_QUEUE_ID = "queue"
    settings.CONNECT_SOURCE_PHONE_NUMBER = "+14255550199"


@pytest.fixture
def between(simulator: Simulator, connect: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Between]:
    made = Between(simulator.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_CONNECT", made.url)
    yield made
    made.close()


@pytest.fixture
def ann(house: House, simulator: Simulator) -> Handset:
    """The phone of an approved employee."""
    employee(ANN, name="Ann")
    return Handset(simulator, house, ANN)


def noted(phone_number: str = ANN, status: str = "waiting", minute: int = 0, **fields: Any) -> CallBack:
    """A call back asked for so many minutes after noon, in a status with what belongs to it."""
    at = NOON + timedelta(minutes=minute)
    values: dict[str, Any] = {
        "inbound_message_id": f"inbound-{CallBack.objects.count()}",
        "origination_identity": OUR_NUMBER,
        "requested_at": at,
    }
    if status == "placing":
        values["next_try_at"] = at
    if status in {"called", "closed"}:
        values["ended_at"] = at + timedelta(minutes=5)
    if status == "closed":
        values["closed_by"] = "otto"
    return CallBack.objects.create(phone_number=phone_number, status=status, **values | fields)


def agent(phone_number: str = ANN) -> InboundMessage:
    """A text that asks for a call, and that nobody else is to route."""
    return received("AGENT", phone_number, outcome="shifts", routed_at=clock.now())


def asked(phone_number: str = ANN, subject: str = "") -> None:
    """Somebody has texted AGENT."""
    with transaction.atomic():
        callbacks.ask(agent(phone_number), subject=subject)

"""Whole conversations: API or lifecycle → outbox → boto3 over HTTP → simulator → SNS → webhook → routing."""

from collections.abc import Callable
from typing import Any

import pytest

from incidents import lifecycle
from incidents.models import Incident
from messaging.models import Contact
from messaging.simulator import Simulator
from tests.house import House
from tests.messaging.factories import ANN, BOB, OUR_NUMBER

CARLA = "+14255550184"
# The wait between two steps, in seconds: longer than a busy machine takes for a few lines of a test.
WAIT = 40


class Handset:
    """A phone: what it was sent, and what it answers."""

    def __init__(self, simulator: Simulator, house: House, number: str) -> None:
        self._simulator, self._house, self.number = simulator, house, number

    @property
    def texts(self) -> list[str]:
        """Every text AWS accepted for this phone, in order."""
        return [sent.body for sent in self._simulator.sent if sent.destination == self.number]

    @property
    def last(self) -> str:
        """The last text, or nothing."""
        return self.texts[-1] if self.texts else ""

    def says(self, body: str, **details: Any) -> None:
        """Text something to our number, and let the house deal with it."""
        assert set(self._simulator.text(self.number, OUR_NUMBER, body, **details)) == {200}
        self._house.settle()


@pytest.fixture
def ann(house: House, simulator: Simulator) -> Handset:
    Contact.objects.create(phone_number=ANN, name="Ann")
    return Handset(simulator, house, ANN)


@pytest.fixture
def bob(house: House, simulator: Simulator) -> Handset:
    Contact.objects.create(phone_number=BOB, name="Bob")
    return Handset(simulator, house, BOB)


@pytest.fixture
def incident(house: House, ann: Handset, bob: Handset) -> Callable[..., Incident]:
    """Opens an incident to Ann, then Bob, and has its first text sent."""

    def open_one(incident_id: str = "123", **fields: Any) -> Incident:
        values: dict[str, Any] = {
            "description": "The cold store is warm",
            "url": "https://example.com/r",
            "first_contact": ann.number,
            "second_contact": bob.number,
            "wait_seconds": WAIT,
        }
        made, _ = lifecycle.open_incident(
            lifecycle.Request(incident_id=incident_id, **values | fields), actor="monitoring"
        )
        house.settle()
        return made

    return open_one

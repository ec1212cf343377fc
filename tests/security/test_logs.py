"""A whole conversation, faults included, leaves neither a full phone number nor the words of a text in any log."""

import io
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test import Client
from rest_framework.test import APIClient

from config.logs import LINE, Masked
from incidents.models import Incident
from messaging.inbound import routing
from messaging.models import Contact, OutboundMessage
from messaging.simulator import Simulator
from optout import links
from tests.flows.conftest import Handset
from tests.house import House
from tests.messaging.factories import ANN, BOB, OUR_NUMBER

pytestmark = pytest.mark.django_db(transaction=True)

SECRET_WORDS = ("fell off the ladder", "cold store is warm", "zebra crossing")
STRANGER = "+14255550199"
NUMBERS = (ANN, BOB, STRANGER)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that any logger says, at any level, as the console shows it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Masked(LINE))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def ann(house: House, simulator: Simulator) -> Handset:
    Contact.objects.create(phone_number=ANN, name="Ann")
    return Handset(simulator, house, ANN)


def open_incident(house: House, **fields: Any) -> Incident:
    client = APIClient()
    client.force_authenticate(User.objects.get_or_create(username="monitoring", is_superuser=True)[0])
    content = {
        "incident_id": "LOG-1",
        "description": "The cold store is warm",
        "url": "https://example.com/r",
        "first_contact": ANN,
        "second_contact": BOB,
        "wait_seconds": 10,
    }
    assert client.post("/api/v1/incidents/", content | fields).status_code == 201
    house.settle()
    return Incident.objects.get(incident_id=fields.get("incident_id", "LOG-1"))


def test_a_conversation_with_faults(
    house: House, simulator: Simulator, ann: Handset, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_incident(house)
    house.forward(12, step=4)
    ann.says("I fell off the ladder")
    ann.says("yes")
    Handset(simulator, house, STRANGER).says("where is the zebra crossing")
    ann.says("STOP")
    # Refused for good, and by whom we cannot reach.
    open_incident(house, incident_id="LOG-2")
    house.forward(30, step=5)
    # A conversation that breaks: the traceback has the text's sender and words within reach.
    with monkeypatch.context() as broken:
        broken.setattr(routing, "_converse", _breaks)
        ann.says("I fell off the ladder again")
    # What the database refuses is quoted by PostgreSQL, whole.
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # As a parameter: a traceback quotes the lines of the code.
            cursor.execute("UPDATE messaging_contact SET phone_number = NULL, name = %s", [SECRET_WORDS[-1]])
    except IntegrityError:
        logging.getLogger("messaging.test").exception("Could not store what %s wrote", ANN)
    browser = Client(raise_request_exception=False)
    browser.get(f"/api/v1/employees/{ANN}/")
    path = links.make(ANN, OUR_NUMBER).path
    monkeypatch.setattr("optout.links.read", _breaks)
    assert browser.get(path).status_code == 500
    kept = log.getvalue()
    assert "Could not store what +1***82 wrote" in kept
    assert "Internal Server Error: /preferences/***" in kept
    assert OutboundMessage.objects.filter(destination_phone_number=ANN).exists()
    _clean(kept)
    assert path.split("/")[2] not in kept


def _breaks(*arguments: Any, **options: Any) -> Any:
    raise RuntimeError(f"broken for {ANN}")


def _clean(kept: str) -> None:
    for number in NUMBERS:
        assert number not in kept
        assert number.removeprefix("+1") not in kept
    for words in SECRET_WORDS:
        lines = [line for line in kept.splitlines() if re.search(words, line, re.IGNORECASE)]
        assert lines == []


def test_every_handler_of_the_project_masks() -> None:
    formatters = {name: one["()"] for name, one in settings.LOGGING["formatters"].items()}
    assert {formatters[one["formatter"]] for one in settings.LOGGING["handlers"].values()} == {"config.logs.Masked"}
    # What a handler itself cannot write as well.
    assert {one["class"] for one in settings.LOGGING["handlers"].values()} == {"config.logs.Console"}
    assert any(isinstance(handler.formatter, Masked) for handler in logging.getLogger().handlers)

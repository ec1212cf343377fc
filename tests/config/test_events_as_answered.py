"""Events of every app have what the API answers of the same thing in the same moment; and numbers as it was decided."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from knox.models import AuthToken
from rest_framework.test import APIClient

from incidents import lifecycle
from messaging import clock
from messaging.events import endpoints, types
from messaging.inbound import routing
from messaging.models import Status, WebhookEvent
from messaging.outbound import outbox
from optout import ledger
from optout.ledger import Entry
from shifts import booking, campaigns
from shifts.calls import callbacks
from shifts.models import Booking
from tests.messaging.events.looking import latest
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, received, standing
from tests.security.world import World, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(db: None) -> World:
    made = world()
    endpoints.create(name="All", url="https://example.com/", event_types=list(types.chosen_from()), by="boss")
    return made


def client(*codenames: str) -> APIClient:
    user = User.objects.create_user(f"user{User.objects.count()}", is_superuser=not codenames)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {AuthToken.objects.create(user)[1]}")
    return client


def incident(rows: World) -> str:
    lifecycle.acknowledge("123", contact=ANN, actor="alice")
    return "incidents/123/"


def place(rows: World) -> str:
    booking.drop(rows["shifts.Employee"], ["XYZ123"], by="alice")
    booking.book(rows["shifts.Employee"], ["XYZ123"], source=Booking.Source.STAFF, actor="alice")
    return "shifts/XYZ123/"


def campaign(rows: World) -> str:
    campaigns.cancel("july", actor="alice")
    return "campaigns/july/"


def call_back(rows: World) -> str:
    pk = rows["shifts.CallBack"].pk
    callbacks.close(pk, actor="alice")
    return f"callbacks/{pk}/"


def consent(rows: World) -> str:
    ledger.record(Entry(BOB, OUR_NUMBER, "opt_in", "sms"))
    return f"consent/?phone_number=%2B{BOB[1:]}&origination_identity=%2B{OUR_NUMBER[1:]}"


def text_out(rows: World) -> str:
    message = standing(Status.SENT)
    outbox.record_event(message, Status.DELIVERED, carrier_message_id="c", at=clock.now())
    return f"messages/{message.pk}/"


def text_in(rows: World) -> str:
    text = received("Who is this?", sender="+14255550199")
    routing.route_waiting()
    return f"inbound/{text.pk}/"


@pytest.mark.parametrize(
    ("event_type", "happens", "within"),
    [
        ("incident.acknowledged", incident, None),
        ("shift.booked", place, "shift"),
        ("campaign.cancelled", campaign, None),
        ("callback.closed", call_back, None),
        ("consent.changed", consent, None),
        ("message.delivered", text_out, None),
        ("inbound.received", text_in, None),
    ],
)
def test_data_is_what_a_get_answers(
    rows: World, event_type: str, happens: Callable[[World], str], within: str | None
) -> None:
    address = happens(rows)
    told = latest()
    assert told["type"] == event_type
    data: Any = told["data"][within] if within else told["data"]
    assert data == client().get(f"/api/v1/{address}").json()


def test_what_is_sent_has_whole_numbers_and_what_is_shown_is_masked(rows: World) -> None:
    """Whoever adds an endpoint must see them; whoever reads the log of events reads what they may."""
    incident(rows)
    event = WebhookEvent.objects.get(type="incident.acknowledged")
    assert ANN in event.body
    seeing, blind = ("view_webhookevent", "view_incident", "see_phone_numbers"), ("view_webhookevent", "view_incident")
    address = f"/api/v1/events/{event.event_id}/"
    assert client(*seeing).get(address).json()["data"]["acknowledged_by"] == ANN
    assert client(*blind).get(address).json()["data"]["acknowledged_by"] == "+1***82"

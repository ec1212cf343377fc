"""Events that nobody tries to deliver are found, and endpoints that are off."""

from datetime import timedelta
from typing import Any

import pytest

from messaging import clock
from messaging.events import endpoints, publish
from messaging.models import WebhookDelivery, WebhookEndpoint
from tests.messaging.audit.looking import severity

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time")]

STUCK, OFF = "messaging.webhook_stuck", "messaging.webhook_off"


def waiting(seconds_ago: float, **fields: Any) -> WebhookEndpoint:
    """An endpoint that something waits for since a time."""
    then = clock.now() - timedelta(seconds=seconds_ago)
    made = endpoints.create(
        name=f"System {WebhookEndpoint.objects.count()}",
        url="https://example.com/",
        event_types=["incident.opened"],
        by="boss",
    )
    publish("incident.opened", subject="123", data={}, occurred_at=then)
    WebhookEndpoint.objects.filter(pk=made.endpoint.pk).update(**fields)
    return made.endpoint


def test_what_nobody_tries_is_found_when_it_is_old_and_at_rest_at_once() -> None:
    waiting(200)
    assert severity(STUCK) == ""
    assert severity(STUCK, at_rest=True) == "critical"
    waiting(330)
    assert severity(STUCK) == "critical"


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"next_try_at": timedelta(minutes=20)}, ""),
        ({"next_try_at": timedelta(minutes=-20)}, "critical"),
        ({"lease_expires_at": timedelta(seconds=40), "lease_owner": "somebody"}, ""),
        ({"lease_expires_at": timedelta(minutes=-20), "lease_owner": "somebody"}, "critical"),
        ({"delivered_at": timedelta(seconds=-20)}, ""),
        ({"disabled_at": timedelta(0), "disabled_reason": "Moving house", "disabled_by": "boss"}, ""),
    ],
)
def test_what_waits_for_a_reason_is_not_stuck(fields: dict[str, Any], found: str) -> None:
    now = clock.now()
    waiting(4000, **{name: now + one if isinstance(one, timedelta) else one for name, one in fields.items()})
    assert severity(STUCK) == found


def test_what_was_delivered_is_not_stuck() -> None:
    waiting(4000)
    WebhookDelivery.objects.update(status="delivered", ended_at=clock.now())
    assert severity(STUCK, at_rest=True) == ""


def test_what_textback_switched_off_is_told_and_what_staff_did_is_not() -> None:
    endpoint = waiting(10)
    endpoints.disable(endpoint.pk, reason="Moving house", by="boss")
    assert severity(OFF) == ""
    endpoints.enable(endpoint.pk)
    endpoints.disable(endpoint.pk, reason="It answered 410 Gone.", by="")
    assert severity(OFF) == "warning"

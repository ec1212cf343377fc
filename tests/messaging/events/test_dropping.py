"""What waits for an endpoint that is off: so long and so much, the oldest go first, and staff see how many went."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from messaging import clock
from messaging.events import deleting, dropping, endpoints
from messaging.events.work import DroppedDeliveries
from messaging.models import WebhookEndpoint, WebhookEvent
from tests.messaging.events.conftest import Subscribe, happens
from tests.moving import MovableTime

pytestmark = pytest.mark.django_db

URL = "https://example.com/hooks"
DAY = 86_400.0
LONG = timedelta(minutes=10)


def waiting(endpoint: WebhookEndpoint) -> list[str]:
    rows = endpoint.deliveries.filter(status="waiting").order_by("event_id")
    return list(rows.values_list("event__subject", flat=True))


def gone(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Switched off by Textback."""
    endpoints.disable(endpoint.pk, reason="It answered 410 Gone.", by="")
    return endpoint


@pytest.fixture
def few(settings: Any) -> None:
    settings.MESSAGING = settings.MESSAGING | {"WEBHOOKS_KEEP_OFF_EVENTS": 3}


def test_what_waited_for_a_week_is_dropped_and_counted(subscribe: Subscribe, time: MovableTime) -> None:
    endpoint = gone(subscribe(URL))
    happens(1, 2)
    newest = WebhookEvent.objects.latest("id").occurred_at
    time.forward(5 * DAY)
    happens(3)
    assert not DroppedDeliveries().is_due(clock.now())
    time.forward(2 * DAY + 3601)
    assert DroppedDeliveries().is_due(clock.now())
    DroppedDeliveries().run()
    assert not DroppedDeliveries().is_due(clock.now())
    endpoint.refresh_from_db()
    assert waiting(endpoint) == ["n3"]
    assert (endpoint.dropped, endpoint.dropped_through) == (2, newest)
    assert WebhookEvent.objects.count() == 1, "nobody else had them"


def test_of_too_many_the_newest_stay(
    subscribe: Subscribe, few: None, monkeypatch: pytest.MonkeyPatch, time: MovableTime
) -> None:
    monkeypatch.setattr(deleting, "AT_ONCE", 2)
    endpoint = gone(subscribe(URL))
    happens(*range(8))
    assert dropping.drop(timedelta(0)) is True
    assert waiting(endpoint) == [f"n{n}" for n in range(2, 8)], "one slice, one transaction"
    assert dropping.drop(LONG) is False
    endpoint.refresh_from_db()
    assert (waiting(endpoint), endpoint.dropped) == (["n5", "n6", "n7"], 5)


def test_what_waits_is_counted_once_a_minute(subscribe: Subscribe, few: None, time: MovableTime) -> None:
    gone(subscribe(URL))
    work = DroppedDeliveries()
    assert not work.is_due(clock.now())
    happens(*range(8))
    now = clock.now()
    assert not work.is_due(work._counted_at or now)
    assert work.is_due(now + timedelta(seconds=61))


def test_one_that_is_on_and_fails_keeps_everything(subscribe: Subscribe, few: None, time: MovableTime) -> None:
    endpoint = subscribe(URL)
    happens(*range(8))
    WebhookEndpoint.objects.update(failures=9, failing_since=clock.now())
    time.forward(8 * DAY)
    assert not DroppedDeliveries().is_due(clock.now())
    assert dropping.drop(LONG) is False
    assert len(waiting(endpoint)) == 8


def test_for_one_that_staff_switched_off_what_waited_before_goes_in_its_time(
    subscribe: Subscribe, time: MovableTime
) -> None:
    endpoint = subscribe(URL)
    happens(1)
    endpoints.disable(endpoint.pk, reason="Moving house", by="boss")
    happens(2)
    assert waiting(endpoint) == ["n1"]
    time.forward(7 * DAY + 3601)
    assert dropping.drop(LONG) is False
    endpoint.refresh_from_db()
    assert (waiting(endpoint), endpoint.dropped) == ([], 1)


def test_who_is_switched_on_in_this_moment_loses_nothing_more(subscribe: Subscribe, few: None) -> None:
    endpoint = gone(subscribe(URL))
    happens(*range(8))
    endpoints.enable(endpoint.pk)
    dropping._drop(endpoint.pk)
    assert len(waiting(endpoint)) == 8


def test_staff_see_how_many_until_it_is_switched_off_again(
    subscribe: Subscribe, few: None, admin_client: Client
) -> None:
    endpoint = gone(subscribe(URL))
    happens(*range(8))
    dropping.drop(LONG)
    page = f"/admin/messaging/webhookendpoint/{endpoint.pk}/change/"
    assert "5 events, the last of" in admin_client.get(page).content.decode()
    endpoints.enable(endpoint.pk)
    assert "5 events, the last of" in admin_client.get(page).content.decode()
    gone(endpoint)
    endpoint.refresh_from_db()
    assert (endpoint.dropped, endpoint.dropped_through) == (0, None)

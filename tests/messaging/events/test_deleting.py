"""An endpoint that is deleted is gone at once, and what it had goes by and by."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging import clock
from messaging.events import claiming, deleting, endpoints, redelivery, selectors
from messaging.events.work import DeletedEndpoints
from messaging.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent
from tests.house import House
from tests.messaging.events.conftest import OPENED, Subscribe, happens

pytestmark = pytest.mark.django_db

URL = "https://example.com/hooks"
RESOLVED = "incident.resolved"
LONG = timedelta(minutes=10)


def left() -> int:
    """Deliveries of endpoints that were deleted."""
    return WebhookDelivery.objects.filter(endpoint__deleted_at__isnull=False).count()


def test_to_delete_one_costs_the_same_whatever_waits_for_it(subscribe: Subscribe) -> None:
    def cost(count: int) -> int:
        endpoint = subscribe(URL)
        happens(*range(count))
        with CaptureQueriesContext(connection) as asked:
            endpoints.remove(endpoint)
        return len(asked)

    few = cost(2)
    assert cost(300) == few
    assert left() == 302, "nothing of it was deleted in the request"


def test_from_that_moment_nothing_is_delivered_to_it_kept_for_it_or_seen_of_it(subscribe: Subscribe) -> None:
    endpoint, other = subscribe(URL, name="Dispatch"), subscribe(URL)
    happens(1)
    endpoints.remove(endpoint)
    assert list(claiming.due(clock.now())) == [other]
    assert claiming.claim(endpoint.pk, clock.now()) is None
    happens(2)
    assert left() == 1
    assert list(selectors.endpoints()) == [other]
    assert [one.endpoint for event in selectors.events() for one in event.deliveries.all()] == [other] * 2
    WebhookDelivery.objects.update(status="delivered", ended_at=clock.now())
    assert redelivery.event_again(WebhookEvent.objects.get(subject="n1")) == 1
    assert not endpoints.enable(endpoint.pk)
    assert WebhookEndpoint.with_deleted.get(pk=endpoint.pk).secret == ""


def test_its_name_can_be_used_again_and_again(subscribe: Subscribe) -> None:
    for _ in range(3):
        endpoints.remove(subscribe(URL, name="D" * 100))
    assert subscribe(URL, name="D" * 100).name == "D" * 100


def test_what_it_had_goes_some_at_a_time_and_what_others_have_stays(
    subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deleting, "AT_ONCE", 2)
    first, second = subscribe(URL), subscribe(URL, RESOLVED)
    happens(1, 2, 3)
    happens(4, event_type=RESOLVED)
    for row in WebhookDelivery.objects.all():
        WebhookAttempt.objects.create(
            delivery=row, endpoint=row.endpoint, at=clock.now(), milliseconds=5, status_code=200
        )
    happens(5)
    endpoints.remove(first)
    assert left() == 4
    assert deleting.delete_rest(timedelta(0)) is True
    assert left() == 2, "one slice, one transaction"
    assert deleting.delete_rest(LONG) is False
    assert list(WebhookEvent.objects.values_list("subject", flat=True)) == ["n4"]
    assert second.deliveries.count() == WebhookAttempt.objects.count() == 1
    assert list(WebhookEndpoint.with_deleted.all()) == [second]


def test_what_somebody_was_just_publishing_to_it_goes_as_well(subscribe: Subscribe) -> None:
    """Their statement saw it before it was deleted, and was committed after."""
    endpoint, other = subscribe(URL), subscribe(URL)
    endpoints.remove(endpoint)
    happens(1)
    WebhookDelivery.objects.create(event=WebhookEvent.objects.get(), endpoint=endpoint)
    assert deleting.delete_rest(LONG) is False
    assert [one.endpoint for one in WebhookDelivery.objects.all()] == [other]
    assert list(WebhookEndpoint.with_deleted.all()) == [other]


@pytest.mark.django_db(transaction=True)
def test_the_house_does_it_also_when_the_wake_up_was_lost(house: House, subscribe: Subscribe) -> None:
    endpoint = subscribe(URL, OPENED)
    happens(*range(5))
    WebhookEndpoint.objects.update(disabled_at=clock.now(), disabled_reason="x", disabled_by="boss")
    assert not DeletedEndpoints().is_due(clock.now())
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(deleted_at=clock.now())
    assert DeletedEndpoints().is_due(clock.now())
    house.sweep()
    assert not DeletedEndpoints().is_due(clock.now())
    assert not WebhookEndpoint.with_deleted.exists()
    assert not WebhookEvent.objects.exists()

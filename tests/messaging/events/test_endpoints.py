"""Endpoints and what is kept for them: added, changed, removed; delivered again, skipped, forgotten."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging import clock
from messaging.events import endpoints, pruning, redelivery, sealing, selectors, types
from messaging.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent
from tests.messaging.events.conftest import OPENED, Subscribe, happens
from tests.moving import MovableTime

pytestmark = pytest.mark.django_db

URL = "https://example.com/hooks"
RESOLVED = "incident.resolved"


def delivered() -> None:
    """Everything has been delivered, with a try."""
    for row in WebhookDelivery.objects.filter(status="waiting"):
        WebhookAttempt.objects.create(
            delivery=row, endpoint=row.endpoint, at=clock.now(), milliseconds=5, status_code=200
        )
    WebhookDelivery.objects.filter(status="waiting").update(status="delivered", ended_at=clock.now())


def waiting(endpoint: WebhookEndpoint) -> list[str]:
    rows = endpoint.deliveries.filter(status="waiting").order_by("event_id")
    return list(rows.values_list("event__subject", flat=True))


def test_a_secret_is_stored_so_that_nobody_can_read_it(db: None) -> None:
    made = endpoints.create(name="Dispatch", url=URL, event_types=[OPENED], by="boss")
    row = WebhookEndpoint.objects.get()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {WebhookEndpoint._meta.db_table}")
        stored = str(cursor.fetchall())
    assert made.secret.removeprefix("whsec_") not in stored
    assert sealing.unseal(row.secret) == made.secret


def test_to_rotate_twice_ends_the_first_secret_at_once(subscribe: Subscribe) -> None:
    endpoint = subscribe(URL)
    first = endpoints.rotate(endpoint).secret
    second = endpoints.rotate(endpoint).secret
    row = WebhookEndpoint.objects.get()
    assert (sealing.unseal(row.secret), sealing.unseal(row.old_secret)) == (second, first)


@pytest.mark.parametrize(
    ("chosen", "why"),
    [([], "at least one"), (["incident.exploded"], "no type incident.exploded"), (["webhook.test"], "no type")],
)
def test_types_that_cannot_be_chosen(chosen: list[str], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        endpoints.check_types(chosen)


def test_nobody_has_events_sent_elsewhere_that_they_may_not_see(db: None) -> None:
    user = User.objects.create_user("hr", is_staff=True)
    wanted = ["view_campaign", "view_outboundmessage", "add_webhookendpoint", "see_phone_numbers"]
    user.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    endpoints.check_types(["campaign.sent"], user)
    # Of texts they would get those of incidents as well, which they do not see.
    for hidden in (OPENED, "message.sent", "consent.changed"):
        with pytest.raises(ValidationError, match=f"may not see these events yourself: {hidden}"):
            endpoints.check_types(["campaign.sent", hidden], user)
    endpoints.check_types(["campaign.sent", OPENED], user, already=[OPENED])
    assert set(types.seen_by(user)) == {"campaign.sending", "campaign.sent", "campaign.cancelled", "webhook.test"}


def test_nobody_has_numbers_sent_elsewhere_that_they_read_masked(db: None) -> None:
    """Else a webhook were a way round the mask."""
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_incident", "add_webhookendpoint"]))
    with pytest.raises(ValidationError, match="whole phone numbers"):
        endpoints.check_types([OPENED], user)
    endpoints.check_types([OPENED], user, already=[OPENED])
    with pytest.raises(ValidationError, match="whole phone numbers"):
        endpoints.check_sender([OPENED], user)


def test_a_change_leaves_what_others_write(subscribe: Subscribe) -> None:
    endpoint = subscribe(URL)
    WebhookEndpoint.objects.update(failures=3, failing_since=clock.now(), lease_owner="x", lease_expires_at=clock.now())
    endpoints.change(endpoint, name="Renamed")
    row = WebhookEndpoint.objects.get()
    assert (row.name, row.url, row.failures, row.lease_owner) == ("Renamed", URL, 3, "x")


def test_a_new_address_begins_with_nothing_against_it(subscribe: Subscribe) -> None:
    """Else one that has failed for nearly three days is switched off by the first failure of the next."""
    endpoint = subscribe(URL)
    long_ago = clock.now() - timedelta(days=4)
    WebhookEndpoint.objects.update(failures=3, failing_since=long_ago, next_try_at=clock.now() + timedelta(hours=1))
    endpoints.change(endpoint, url=f"{URL}/new")
    row = WebhookEndpoint.objects.get()
    assert (row.url, row.failures, row.failing_since, row.next_try_at) == (f"{URL}/new", 0, None, None)


def test_a_test_waits_behind_the_rest_and_goes_to_one_alone(subscribe: Subscribe) -> None:
    first, second = subscribe(URL, name="One"), subscribe(URL, name="Two")
    happens(1)
    endpoints.send_test(first, by="alice")
    assert waiting(first) == ["n1", "One"]
    assert waiting(second) == ["n1"]


# --- once more --------------------------------------------------------------------------------------------------------


def test_everything_since_a_time_comes_again_in_order_before_what_is_newer(
    subscribe: Subscribe, time: MovableTime
) -> None:
    endpoint, other = subscribe(URL), subscribe(URL)
    happens(1)
    time.forward(3600)
    begin = clock.now()
    happens(2, 3)
    delivered()
    happens(4)
    assert redelivery.since(endpoint, begin) == 2
    assert waiting(endpoint) == ["n2", "n3", "n4"]
    assert waiting(other) == ["n4"]


def test_who_came_later_gets_what_is_kept_of_its_types(subscribe: Subscribe) -> None:
    begin = clock.now()
    subscribe(URL, OPENED, RESOLVED)
    happens(1)
    happens(2, event_type=RESOLVED)
    late = subscribe(URL)
    assert redelivery.since(late, begin) == 1
    assert waiting(late) == ["n1"]
    assert redelivery.since(late, begin) == 0, "it waits already"


def test_one_event_again_to_everybody_it_went_to(subscribe: Subscribe) -> None:
    first, second = subscribe(URL), subscribe(URL)
    happens(1, 2)
    delivered()
    assert redelivery.event_again(WebhookEvent.objects.get(subject="n2")) == 2
    assert waiting(first) == waiting(second) == ["n2"]


def test_what_is_skipped_keeps_nobody_waiting(subscribe: Subscribe) -> None:
    endpoint = subscribe(URL)
    happens(1, 2)
    WebhookEndpoint.objects.update(failures=1, failing_since=clock.now(), next_try_at=clock.now() + timedelta(hours=1))
    first = endpoint.deliveries.order_by("event_id")[0]
    assert redelivery.skip(first.pk) is True
    assert redelivery.skip(first.pk) is False
    assert waiting(endpoint) == ["n2"]
    assert WebhookEndpoint.objects.get().next_try_at is None


# --- forgotten --------------------------------------------------------------------------------------------------------


def test_what_was_delivered_long_ago_is_forgotten_and_what_waits_is_not(
    subscribe: Subscribe, time: MovableTime, settings: Any
) -> None:
    settings.MESSAGING = settings.MESSAGING | {"WEBHOOKS_KEEP_DAYS": 2}
    quick = subscribe(URL)
    happens(1, 2)
    delivered()
    slow = subscribe(URL)
    happens(3)
    quick.deliveries.filter(status="waiting").update(status="delivered", ended_at=clock.now())
    assert not pruning.old(clock.now()).exists()
    time.forward(2 * 86_400 + 3600)
    happens(4)
    assert pruning.old(clock.now()).exists()
    assert pruning.prune(timedelta(seconds=60)) is False
    assert not pruning.old(clock.now()).exists()
    assert waiting(slow) == ["n3", "n4"]
    assert set(WebhookEvent.objects.values_list("subject", flat=True)) == {"n3", "n4"}
    assert not WebhookAttempt.objects.exists()


def test_there_is_something_to_forget_once_an_hour(subscribe: Subscribe, time: MovableTime) -> None:
    subscribe(URL)
    now = clock.now()
    time.forward((now.replace(minute=5, second=0, microsecond=0) + timedelta(hours=1) - now).total_seconds())
    happens(1)
    delivered()
    time.forward(30 * 86_400 + 600)
    assert not pruning.old(clock.now()).exists(), "not as soon as its time has come"
    time.forward(3600)
    assert pruning.old(clock.now()).exists()


def test_lists_ask_a_fixed_number_of_questions(subscribe: Subscribe) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            for row in selectors.endpoints():
                assert row.subscriptions.all() is not None
                assert getattr(row, "waits_since", None) is not None
            for event in selectors.events():
                assert [one.endpoint.name for one in event.deliveries.all()]
        return len(asked)

    subscribe(URL)
    happens(1)
    few = cost()
    for _ in range(5):
        subscribe(URL)
    happens(*range(20))
    redelivery.since(WebhookEndpoint.objects.latest("id"), clock.now() - timedelta(days=1))
    WebhookEndpoint.objects.exclude(deliveries__status="waiting").delete()
    assert cost() == few

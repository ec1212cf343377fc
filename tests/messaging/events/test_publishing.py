"""An event exists if and only if its change was committed, and somebody wants to hear of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from messaging import clock
from messaging.events import Occasion, endpoints, publish, publish_all, subscriptions, wanted
from messaging.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from tests.messaging.events.conftest import OPENED, Subscribe, happens
from tests.moving import MovableTime

pytestmark = pytest.mark.django_db

URL = "https://example.com/hooks"


def test_nobody_wants_it_nothing_is_written_read_or_put_together() -> None:
    def data() -> dict[str, Any]:
        raise AssertionError("nobody wants this")

    with CaptureQueriesContext(connection) as queries:
        assert publish(OPENED, subject="P-117", data=data) == 0
    assert len(queries) == 0
    assert not WebhookEvent.objects.exists()


def test_everybody_who_wants_the_type_gets_it_and_nobody_else(subscribe: Subscribe) -> None:
    first, second = subscribe(URL), subscribe(URL, OPENED, "incident.resolved")
    subscribe(URL, "incident.resolved")
    assert publish(OPENED, subject="P-117", data={"n": 1}) == 2
    row = WebhookEvent.objects.get()
    assert {one.endpoint for one in row.deliveries.all()} == {first, second}
    assert {one.status for one in row.deliveries.all()} == {"waiting"}


def test_what_is_written_is_what_is_sent(subscribe: Subscribe) -> None:
    subscribe(URL)
    at = datetime(2026, 7, 1, 12, 0, 0, 250_000, tzinfo=UTC)
    publish(OPENED, subject="P-117", data={"name": "Zoë", "at": at, "list": [1, None]}, occurred_at=at)
    row = WebhookEvent.objects.get()
    assert row.body == (
        f'{{"id":"{row.event_id}","type":"incident.opened","occurred_at":"2026-07-01T12:00:00.250000Z",'
        '"api_version":"1","data":{"name":"Zoë","at":"2026-07-01T12:00:00.250000Z","list":[1,null]}}'
    )
    assert row.occurred_at == at
    assert "." not in row.event_id, "the signature separates by full stops"


def test_a_change_that_is_taken_back_was_never_told_of(subscribe: Subscribe) -> None:
    subscribe(URL)
    with transaction.atomic():
        happens(1)
        assert WebhookDelivery.objects.exists()
        transaction.set_rollback(True)
    assert not WebhookEvent.objects.exists()
    assert not WebhookDelivery.objects.exists()


def test_the_same_occasion_is_told_of_once(subscribe: Subscribe) -> None:
    subscribe(URL)
    for _ in range(2):
        publish_all(OPENED, [Occasion("a", {"n": 1}, key="a"), Occasion("b", {"n": 2}, key="b")])
    assert WebhookEvent.objects.count() == WebhookDelivery.objects.count() == 2


def test_another_installation_names_the_same_occasion_otherwise(subscribe: Subscribe, settings: Any) -> None:
    subscribe(URL)
    publish(OPENED, subject="", data={}, key="message.sent:5")
    settings.SECRET_KEY = "that of another installation"
    publish(OPENED, subject="", data={}, key="message.sent:5")
    assert WebhookEvent.objects.values("event_id").distinct().count() == 2


def test_who_was_switched_off_by_textback_gets_it_later(subscribe: Subscribe) -> None:
    endpoint = subscribe(URL)
    endpoints.disable(endpoint.pk, reason="It answered 410 Gone.", by="")
    assert publish(OPENED, subject="", data={}) == 1


def test_for_who_was_switched_off_by_staff_nothing_is_kept_until_it_is_on_again(subscribe: Subscribe) -> None:
    endpoint = subscribe(URL)
    endpoints.disable(endpoint.pk, reason="Moving house", by="boss")
    assert not wanted(OPENED)
    other = subscribe(URL)
    assert publish(OPENED, subject="1", data={}) == 1, "by the statement that writes it as well, not only from memory"
    assert WebhookDelivery.objects.get().endpoint == other
    endpoints.enable(endpoint.pk)
    assert publish(OPENED, subject="2", data={}) == 2


def test_an_event_that_nobody_wants_any_more_is_not_kept(subscribe: Subscribe) -> None:
    """This process remembers somebody who has gone since."""
    endpoint = subscribe(URL)
    assert wanted(OPENED)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).delete()
    assert publish(OPENED, subject="", data={}) == 0
    assert not WebhookEvent.objects.exists()


def test_many_at_once(subscribe: Subscribe) -> None:
    subscribe(URL)
    subscribe(URL)
    with CaptureQueriesContext(connection) as queries:
        assert publish_all(OPENED, [Occasion(str(n), {"n": n}) for n in range(1_200)]) == 2_400
    assert WebhookEvent.objects.count() == 1_200
    assert len(queries) < 10


def test_a_process_hears_of_a_new_type_within_a_second(
    subscribe: Subscribe, time: MovableTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriptions, "LOOK_AGAIN", timedelta(seconds=1))
    assert not wanted(OPENED)
    monkeypatch.setattr(subscriptions, "forget", lambda: None)
    subscribe(URL)
    time.forward(1.1)
    assert wanted(OPENED)


def test_it_looks_once_a_second_and_not_more_often(time: MovableTime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "LOOK_AGAIN", timedelta(seconds=60))
    subscriptions._forget()
    with CaptureQueriesContext(connection) as queries:
        for _ in range(100):
            wanted(OPENED)
    assert len(queries) == 1


def test_who_writes_types_is_heard_at_once_in_this_process(subscribe: Subscribe) -> None:
    endpoint = subscribe(URL)
    assert wanted(OPENED)
    endpoints.change(endpoint, event_types=["incident.resolved"])
    assert not wanted(OPENED)
    assert wanted("incident.resolved")
    endpoints.remove(endpoint)
    assert not wanted("incident.resolved")


def test_occurred_is_now_unless_it_is_said(subscribe: Subscribe) -> None:
    subscribe(URL)
    before = clock.now()
    happens(1)
    assert before <= WebhookEvent.objects.get().occurred_at <= clock.now()

"""What is posted is genuine and new each time, and a refusal or a row that is missing is seen."""

import json

import pytest
from django.test import Client

from benchmarks import webhook
from benchmarks.load import Answered
from benchmarks.stage import Stage
from messaging.models import DeliveryEvent, InboundMessage


@pytest.mark.django_db
def test_every_notification_is_taken_and_stored(stage: Stage, client: Client) -> None:
    bodies = webhook.bodies(stage, 6)
    answers = [client.post("/webhooks/sns/", body, content_type="text/plain").status_code for body in bodies]
    assert answers == [200] * 6
    assert (InboundMessage.objects.count(), DeliveryEvent.objects.count()) == (3, 3)


def test_each_is_new(stage: Stage) -> None:
    ids = [json.loads(body)["MessageId"] for body in webhook.bodies(stage, 6)]
    assert len(set(ids)) == 6


@pytest.mark.urls("benchmarks.urls")
@pytest.mark.django_db
def test_the_empty_page_is_behind_the_same_middleware(stage: Stage, client: Client) -> None:
    body = webhook.bodies(stage, 1)[0]
    empty = client.post("/empty/", body, content_type="text/plain")
    ours = client.post("/webhooks/sns/", body, content_type="text/plain")
    assert (empty.status_code, empty.content) == (200, b"")
    own = {"Content-Type", "Content-Length", "Allow"}
    assert set(empty.headers) - own == set(ours.headers) - own


@pytest.mark.parametrize(
    ("statuses", "stored", "told"),
    [([200, 500], 2, r"answered \[500\]"), ([200, 0], 2, r"\[0\]"), ([200, 200], 1, "1 rows")],
)
def test_what_was_not_taken_is_seen(statuses: list[int], stored: int, told: str) -> None:
    webhook.check([Answered(1.0, 2.0, 200)] * 2, 2, 2)
    with pytest.raises(AssertionError, match=told):
        webhook.check([Answered(1.0, 2.0, status) for status in statuses], stored, 2)

"""Webhooks as staff set them up and look after them, at a desk and on a phone."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from config.roles import READ_ONLY
from messaging import clock
from messaging.events import endpoints, publish
from messaging.events.types import chosen_from
from messaging.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from tests.browser.conftest import DESKTOP, PHONE, As
from tests.browser.watching import needs_chromium

pytestmark = needs_chromium

LIST = "/admin/messaging/webhookendpoint/"
LOG = "/admin/messaging/webhookdelivery/"
OPENED = "incident.opened"


@pytest.fixture
def failing(db: Any) -> WebhookEndpoint:
    """One that fails for an hour, beside one that is well and one that is off."""
    made = endpoints.create(
        name="Dispatch",
        url="https://dispatch.example.com/hooks/textback?tenant=north-west-water-company-dispatch-centre",
        event_types=[OPENED, "incident.acknowledged"],
        by="alice",
    ).endpoint
    well = endpoints.create(name="Rota", url="https://rota.example.com/in", event_types=["shift.booked"], by="alice")
    off = endpoints.create(name="CRM", url="https://crm.example.com/t", event_types=["consent.changed"], by="alice")
    endpoints.disable(off.endpoint.pk, reason="It answered 410 Gone: it does not want events any more.", by="")
    now = clock.now()
    WebhookEndpoint.objects.filter(pk=well.endpoint.pk).update(delivered_at=now - timedelta(minutes=4))
    for n in range(5):
        publish(
            OPENED,
            subject=f"P-{117 + n}",
            data=chosen_from()[OPENED].example,
            occurred_at=now - timedelta(minutes=60 - n),
        )
    first = made.deliveries.order_by("event_id")[0]
    for n, (code, problem, response) in enumerate(
        [
            (503, "It answered 503.", "<html><h1>Service Temporarily Unavailable</h1></html>"),
            (None, "It did not answer in time.", ""),
            (302, "It answered 302: redirects are not followed. Give the address that it leads to.", ""),
        ]
    ):
        WebhookAttempt.objects.create(
            delivery=first,
            endpoint=made,
            at=now - timedelta(minutes=50 - 10 * n),
            milliseconds=180 + n,
            status_code=code,
            problem=problem,
            response=response,
        )
    WebhookDelivery.objects.filter(pk=first.pk).update(attempts=3)
    WebhookEndpoint.objects.filter(pk=made.pk).update(
        failures=3,
        failing_since=now - timedelta(minutes=50),
        next_try_at=now + timedelta(minutes=7),
        delivered_at=now - timedelta(hours=2),
    )
    return made


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_every_page_can_be_used(as_: As, failing: WebhookEndpoint, width: int) -> None:
    watched = as_("boss", width=width)
    delivery = failing.deliveries.order_by("event_id")[0]
    for name, address in (
        ("list", LIST),
        ("form", f"{LIST}add/"),
        ("endpoint", f"{LIST}{failing.pk}/change/"),
        ("rotate", f"{LIST}{failing.pk}/rotate/"),
        ("log", LOG),
        ("delivery", f"{LOG}{delivery.pk}/change/"),
        ("home", "/admin/"),
    ):
        watched.open(address)
        watched.shoot(f"webhook-{name}")
        assert watched.findings() == [], name
        assert watched.overflow() == 0, name


def test_from_nothing_to_a_test_on_its_way(as_: As) -> None:
    watched = as_("boss")
    page = watched.page
    watched.open(f"{LIST}add/")
    page.fill("#id_name", "Dispatch")
    page.fill("#id_url", "http://dispatch.example.com/hooks")
    page.get_by_label("incident.opened", exact=False).check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("body")).to_contain_text("must begin with https://")
    page.fill("#id_url", "https://dispatch.example.com/hooks")
    page.get_by_role("button", name="Save", exact=True).click()
    secret = page.get_by_label("Secret", exact=True)
    expect(secret).to_have_value(re.compile(r"^whsec_\w+=*$"))
    watched.shoot("webhook-secret")
    assert watched.findings() == []
    page.get_by_role("link", name="I have copied it").click()
    expect(page.locator("#webhook-state")).to_have_text("On")
    page.get_by_role("link", name="Send a test").click()
    page.locator("#dialog button[type=submit]").click()
    expect(page.locator("body")).to_contain_text("A test is on its way to Dispatch")
    row = WebhookDelivery.objects.get()
    assert json.loads(row.event.body)["type"] == "webhook.test"


def test_who_reads_only_sees_them_and_changes_nothing(as_: As, failing: WebhookEndpoint) -> None:
    watched = as_(READ_ONLY)
    watched.open(f"{LIST}{failing.pk}/change/")
    expect(watched.page.locator("#webhook-state")).to_have_text("Failing")
    expect(watched.page.get_by_role("link", name="New secret")).to_have_count(0)
    expect(watched.page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
    assert watched.findings() == []
    watched.shoot("webhook-read-only")

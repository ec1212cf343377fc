"""Webhooks in the admin: added with a secret shown once, switched off and on, and the log."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging import clock
from messaging.events import endpoints, publish, sealing
from messaging.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from tests.messaging.admin.conftest import StaffWith

pytestmark = pytest.mark.django_db

LIST = "/admin/messaging/webhookendpoint/"
LOG = "/admin/messaging/webhookdelivery/"
OPENED = "incident.opened"
FORM = {"name": "Dispatch", "url": "https://dispatch.example.com/hooks", "event_types": [OPENED, "campaign.sent"]}
CONFIRMED = {"_form_submitted": "on"}


@pytest.fixture
def endpoint(db: None) -> WebhookEndpoint:
    return endpoints.create(**FORM, by="boss").endpoint  # type: ignore[arg-type]


def act(client: Client, name: str, pk: int, page: str = LIST, **form: str) -> Any:
    answer = client.post(f"{page}{pk}/{name}/", {**CONFIRMED, **form}, follow=True)
    assert answer.status_code == 200
    return answer


def test_the_secret_is_shown_once_and_nowhere_else(boss: Client) -> None:
    answer = boss.post(f"{LIST}add/", FORM)
    row = WebhookEndpoint.objects.get()
    secret = sealing.unseal(row.secret)
    assert answer.status_code == 200
    assert secret in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert {one.event_type for one in row.subscriptions.all()} == set(FORM["event_types"])
    assert row.created_by
    for page in (LIST, f"{LIST}{row.pk}/change/", f"{LIST}{row.pk}/history/"):
        assert "whsec_" not in boss.get(page).content.decode()
    assert not any("whsec_" in str(cookie) for cookie in boss.cookies.values())
    assert "whsec_" not in str(dict(boss.session))
    assert not any("whsec_" in one.change_message for one in LogEntry.objects.all())


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"url": "http://dispatch.example.com/"}, "must begin with https"),
        ({"url": "https://10.0.0.1/"}, "not an address of the public internet"),
        ({"event_types": []}, "required"),
        ({"event_types": ["incident.exploded"]}, "not one of the available choices"),
        ({"name": ""}, "required"),
    ],
)
def test_what_is_refused(boss: Client, fields: dict[str, Any], why: str) -> None:
    answer = boss.post(f"{LIST}add/", FORM | fields)
    assert why in answer.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_types_that_one_may_not_see_are_not_offered(staff_with: StaffWith) -> None:
    client = staff_with("add_webhookendpoint", "view_campaign")
    page = client.get(f"{LIST}add/").content.decode()
    assert "campaign.sent" in page
    assert OPENED not in page
    assert client.post(f"{LIST}add/", FORM).context["errors"]
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize("lacks", ["view_incident", "see_phone_numbers"])
def test_events_that_one_may_not_see_go_nowhere_else(
    staff_with: StaffWith, endpoint: WebhookEndpoint, lacks: str
) -> None:
    may = {"view_webhookendpoint", "change_webhookendpoint", "view_incident", "view_campaign", "see_phone_numbers"}
    page, moved = f"{LIST}{endpoint.pk}/change/", FORM | {"url": "https://elsewhere.example.com/"}
    client = staff_with(*may)
    User.objects.get().user_permissions.remove(Permission.objects.get(codename=lacks))
    assert client.post(page, moved).context["adminform"].form.errors.keys() == {"url"}
    assert client.post(page, FORM | {"name": "Renamed"}).status_code == 302
    assert staff_with(*may).post(page, moved).status_code == 302
    endpoint.refresh_from_db()
    assert (endpoint.name, endpoint.url) == ("Dispatch", moved["url"])


def test_a_change_leaves_what_workers_write(boss: Client, endpoint: WebhookEndpoint) -> None:
    WebhookEndpoint.objects.update(failures=2, failing_since=clock.now())
    form = FORM | {"name": "Renamed", "event_types": [OPENED]}
    assert boss.post(f"{LIST}{endpoint.pk}/change/", form).status_code == 302
    row = WebhookEndpoint.objects.get()
    assert (row.name, row.failures, sealing.unseal(row.secret)[:6]) == ("Renamed", 2, "whsec_")
    assert [one.event_type for one in row.subscriptions.all()] == [OPENED]


def test_off_and_on(boss: Client, endpoint: WebhookEndpoint) -> None:
    act(boss, "switch_off", endpoint.pk, reason="Moving house")
    endpoint.refresh_from_db()
    assert endpoint.disabled_reason.startswith("Moving house (")
    assert endpoint.disabled_by
    page = boss.get(f"{LIST}{endpoint.pk}/change/").content.decode()
    assert "Moving house" in page
    assert "switch_off" not in page
    act(boss, "switch_on", endpoint.pk)
    endpoint.refresh_from_db()
    assert endpoint.disabled_at is None
    assert LogEntry.objects.count() == 2


def test_a_new_secret_is_asked_for_and_then_shown(boss: Client, endpoint: WebhookEndpoint) -> None:
    before = endpoint.secret
    asked = boss.get(f"{LIST}{endpoint.pk}/rotate/")
    endpoint.refresh_from_db()
    assert endpoint.secret == before, "to look changes nothing"
    assert "whsec_" not in asked.content.decode()
    answer = boss.post(f"{LIST}{endpoint.pk}/rotate/")
    endpoint.refresh_from_db()
    assert sealing.unseal(endpoint.secret) in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert endpoint.old_secret == before
    assert "New secret" in LogEntry.objects.get().change_message


def test_a_test_and_everything_since(boss: Client, endpoint: WebhookEndpoint) -> None:
    act(boss, "send_test", endpoint.pk)
    assert endpoint.deliveries.get().event.type == "webhook.test"
    publish(OPENED, subject="123", data={})
    endpoint.deliveries.update(status="delivered", ended_at=clock.now())
    answer = act(boss, "redeliver", endpoint.pk, since_0="2020-01-01", since_1="00:00:00")
    assert "2 events will be delivered" in answer.content.decode()
    assert endpoint.deliveries.filter(status="waiting").count() == 2


def test_a_time_to_come_is_refused(boss: Client, endpoint: WebhookEndpoint) -> None:
    answer = act(boss, "redeliver", endpoint.pk, since_0="2999-01-01", since_1="00:00:00")
    assert "in the future" in answer.content.decode()


def test_the_log_again_and_skip(boss: Client, endpoint: WebhookEndpoint) -> None:
    publish(OPENED, subject="P-117", data={"incident_id": "P-117"})
    row = WebhookDelivery.objects.get()
    WebhookAttempt.objects.create(
        delivery=row,
        endpoint=endpoint,
        at=clock.now(),
        milliseconds=87,
        status_code=500,
        problem="It answered 500.",
        response="<b>no</b>",
    )
    assert "P-117" in boss.get(f"{LOG}?endpoint={endpoint.pk}").content.decode()
    assert "P-117" in boss.get(f"{LOG}?q={row.event.event_id}").content.decode()
    page = boss.get(f"{LOG}{row.pk}/change/").content.decode()
    assert "It answered 500." in page
    assert "87 ms" in page
    assert "&lt;b&gt;no&lt;/b&gt;" in page
    act(boss, "skip", row.pk, LOG)
    row.refresh_from_db()
    assert row.status == "skipped"
    act(boss, "redeliver", row.pk, LOG)
    row.refresh_from_db()
    assert row.status == "waiting"


def test_each_sees_the_events_of_what_they_may_see(staff_with: StaffWith, endpoint: WebhookEndpoint) -> None:
    publish(OPENED, subject="P-117", data={})
    pk = WebhookDelivery.objects.get().pk
    blind = staff_with("view_webhookdelivery", "change_webhookendpoint")
    assert "P-117" not in blind.get(LOG).content.decode()
    assert blind.get(f"{LOG}{pk}/change/").status_code == 302
    assert blind.post(f"{LOG}{pk}/skip/", CONFIRMED).status_code == 404
    seeing = staff_with("view_webhookdelivery", "view_incident")
    assert "P-117" in seeing.get(LOG).content.decode()


def test_the_tries_on_an_endpoints_page_tell_of_no_event_that_one_may_not_see(
    staff_with: StaffWith, endpoint: WebhookEndpoint
) -> None:
    publish(OPENED, subject="P-117", data={})
    WebhookAttempt.objects.create(
        delivery=WebhookDelivery.objects.get(),
        endpoint=endpoint,
        at=clock.now(),
        milliseconds=5,
        status_code=200,
        response="P-117 noted",
    )
    page = f"{LIST}{endpoint.pk}/change/"
    assert "P-117" not in staff_with("view_webhookendpoint").get(page).content.decode()
    assert "P-117" in staff_with("view_webhookendpoint", "view_incident").get(page).content.decode()


def test_delete_with_all_that_waits(boss: Client, endpoint: WebhookEndpoint) -> None:
    publish(OPENED, subject="P-117", data={})
    assert boss.get(f"{LIST}{endpoint.pk}/delete/").status_code == 200
    row = WebhookDelivery.objects.get()
    assert boss.post(f"{LIST}{endpoint.pk}/delete/", {"post": "yes"}).status_code == 302
    assert boss.get(f"{LIST}{endpoint.pk}/change/").status_code == 302
    boss.get("/admin/")  # It says once more what was done.
    assert "Dispatch" not in boss.get(LIST).content.decode()
    assert "P-117" not in boss.get(LOG).content.decode()
    assert boss.get(f"{LOG}{row.pk}/change/").status_code == 302
    assert boss.post(f"{LIST}add/", FORM).status_code == 200, "its name is free"
    assert WebhookEndpoint.objects.get().name == "Dispatch"
    entry = LogEntry.objects.order_by("pk")[0]
    assert (entry.object_repr, entry.is_deletion()) == ("Dispatch", True)


def test_the_page_of_an_endpoint_asks_as_much_for_many_tries_as_for_few(
    boss: Client, endpoint: WebhookEndpoint
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert boss.get(f"{LIST}{endpoint.pk}/change/").status_code == 200
        return len(asked)

    def some(count: int) -> None:
        for n in range(count):
            publish(OPENED, subject=f"P-{n}", data={})
        for row in WebhookDelivery.objects.all():
            WebhookAttempt.objects.create(
                delivery=row, endpoint=endpoint, at=clock.now(), milliseconds=5, status_code=200
            )

    some(1)
    cost()
    few = cost()
    some(15)
    assert cost() == few


def test_what_is_off_is_a_need_on_the_first_page(boss: Client, endpoint: WebhookEndpoint) -> None:
    assert "Webhooks off" not in boss.get("/admin/").content.decode()
    endpoints.disable(endpoint.pk, reason="It answered 410 Gone.", by="")
    assert "Webhooks off" in boss.get("/admin/").content.decode()
    assert "1 webhook endpoints are switched off" in boss.get("/readyz").content.decode()

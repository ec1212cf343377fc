"""/webhook-endpoints/, /events/ and /event-types/."""

import json
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from rest_framework.test import APIClient

from messaging import clock
from messaging.events import endpoints, publish, sealing, types
from messaging.models import RememberedRequest, WebhookDelivery, WebhookEndpoint, WebhookEvent
from tests.messaging.api.conftest import ClientWith
from tests.refusals import at_fault, is_problem

pytestmark = pytest.mark.django_db

LIST = "/api/v1/webhook-endpoints/"
EVENTS = "/api/v1/events/"
OPENED = "incident.opened"
GIVEN = {"name": "Dispatch", "url": "https://dispatch.example.com/hooks", "event_types": [OPENED]}


def one(endpoint: WebhookEndpoint | int) -> str:
    return f"{LIST}{getattr(endpoint, 'pk', endpoint)}/"


@pytest.fixture
def endpoint(db: None) -> WebhookEndpoint:
    return endpoints.create(**GIVEN, by="boss").endpoint  # type: ignore[arg-type]


def test_add_one_and_see_its_secret_once(api: APIClient) -> None:
    answer = api.post(LIST, GIVEN)
    assert answer.status_code == 201, answer.json()
    assert answer["Cache-Control"] == "no-store"
    made = answer.json()
    assert made["secret"] == sealing.unseal(WebhookEndpoint.objects.get().secret)
    shown = api.get(one(made["id"])).json()
    assert "secret" not in shown
    assert {**shown, "secret": made["secret"]} == made
    assert (shown["active"], shown["event_types"], shown["waits_since"]) == (True, [OPENED], None)
    assert api.get(LIST).json()["results"] == [shown]


@pytest.mark.parametrize(
    ("fields", "field", "why"),
    [
        ({"url": "http://dispatch.example.com/"}, "url", "https"),
        ({"url": "https://169.254.169.254/latest/"}, "url", "never called"),
        ({"url": "https://user:x@dispatch.example.com/"}, "url", "password"),
        ({"url": "https://dispatch.example.com:22/"}, "url", "Port 22"),
        ({"event_types": []}, "event_types", "at least one"),
        ({"event_types": ["incident.exploded"]}, "event_types", "There is no type"),
        ({"secret": "whsec_mine"}, "secret", "no such field"),
        ({"disabled_reason": "x"}, "disabled_reason", "cannot be set"),
        ({"name": ""}, "name", "blank"),
    ],
)
def test_what_is_refused(api: APIClient, fields: dict[str, Any], field: str, why: str) -> None:
    answer = api.post(LIST, GIVEN | fields)
    assert at_fault(answer) == [field]
    assert why in str(answer.json()[field])
    assert not WebhookEndpoint.objects.exists()


def test_a_name_that_is_taken(api: APIClient, endpoint: WebhookEndpoint) -> None:
    assert api.post(LIST, GIVEN).status_code in {400, 409}
    assert WebhookEndpoint.objects.count() == 1


def test_types_that_the_user_may_not_see(client_with: ClientWith) -> None:
    client = client_with("add_webhookendpoint", "view_incident", "see_phone_numbers")
    assert client.post(LIST, GIVEN).status_code == 201
    answer = client.post(LIST, GIVEN | {"name": "Other", "event_types": [OPENED, "consent.changed"]})
    assert at_fault(answer) == ["event_types"]
    assert "may not see these events yourself: consent.changed" in str(answer.json())


@pytest.mark.parametrize("lacks", ["view_incident", "see_phone_numbers"])
def test_events_that_the_user_may_not_see_go_nowhere_else(
    client_with: ClientWith, endpoint: WebhookEndpoint, lacks: str
) -> None:
    """Nor does the address of somebody else's endpoint become theirs."""
    may = {"change_webhookendpoint", "view_webhookendpoint", "view_incident", "see_phone_numbers"}
    moved = {"url": "https://elsewhere.example.com/"}
    client = client_with(*(may - {lacks}))
    assert at_fault(client.patch(one(endpoint), moved)) == ["url"]
    assert client.patch(one(endpoint), {"url": GIVEN["url"], "name": "Renamed"}).status_code == 200
    assert client_with(*may).patch(one(endpoint), moved).status_code == 200


@pytest.mark.parametrize("status", ["waiting", "delivered"])
def test_nor_do_events_of_types_that_it_had_before(
    client_with: ClientWith, endpoint: WebhookEndpoint, status: str
) -> None:
    """To take the hidden type away first is no way round: what waits still goes, what went can be delivered again."""
    publish(OPENED, subject="P-1", data={"n": 1})
    ended_at = None if status == "waiting" else clock.now()
    WebhookDelivery.objects.update(status=status, ended_at=ended_at)
    may = {"change_webhookendpoint", "view_webhookendpoint", "view_campaign", "see_phone_numbers"}
    client, moved = client_with(*may), {"url": "https://elsewhere.example.com/"}
    assert client.patch(one(endpoint), {"event_types": ["campaign.sent"]}).status_code == 200
    answer = client.patch(one(endpoint), moved)
    assert at_fault(answer) == ["url"]
    assert "may not see yourself" in str(answer.json())
    assert client_with(*may, "view_incident").patch(one(endpoint), moved).status_code == 200


def test_a_secret_that_is_asked_for_twice_is_not_kept_as_it_is(api: APIClient, settings: Any) -> None:
    """With a key the answer can be given again; in the database it is sealed, as the secret itself."""
    key = {"Idempotency-Key": "one"}
    first = api.post(LIST, GIVEN, headers=key)
    again = api.post(LIST, GIVEN, headers=key)
    assert (again.json(), again["Idempotency-Replayed"], again["Cache-Control"]) == (first.json(), "true", "no-store")
    kept = RememberedRequest.objects.get()
    assert "whsec_" not in kept.body
    assert "Dispatch" not in kept.body
    settings.SECRET_KEY = "another"
    lost = api.post(LIST, GIVEN, headers=key)
    assert (lost.status_code, is_problem(lost)["type"]) == (409, "/api/problems/conflict/")
    assert WebhookEndpoint.objects.count() == 1


def test_change_switch_off_and_on(api: APIClient, endpoint: WebhookEndpoint) -> None:
    answer = api.patch(one(endpoint), {"url": "https://new.example.com/", "event_types": ["incident.resolved"]})
    assert answer.status_code == 200, answer.json()
    assert (answer.json()["url"], answer.json()["event_types"]) == ("https://new.example.com/", ["incident.resolved"])
    off = api.patch(one(endpoint), {"active": False}).json()
    assert off["active"] is False
    assert off["disabled_reason"].startswith("Switched off by ")
    on = api.patch(one(endpoint), {"active": True}).json()
    assert (on["active"], on["disabled_reason"], on["disabled_at"]) == (True, "", None)


def test_delete(api: APIClient, endpoint: WebhookEndpoint) -> None:
    publish(OPENED, subject="123", data={})
    assert api.delete(one(endpoint)).status_code == 204
    assert api.get(one(endpoint)).status_code == 404
    assert api.get(LIST).json()["results"] == []
    (told,) = api.get(EVENTS).json()["results"]
    assert told["deliveries"] == []
    assert api.post(LIST, GIVEN).status_code == 201, "its name is free"
    entry = LogEntry.objects.get()
    assert (entry.object_repr, entry.is_deletion(), entry.get_change_message()) == ("Dispatch", True, "By the API.")


def test_a_new_secret(api: APIClient, endpoint: WebhookEndpoint) -> None:
    before = sealing.unseal(endpoint.secret)
    answer = api.post(f"{one(endpoint)}rotate/")
    assert answer.status_code == 200
    made = answer.json()
    endpoint.refresh_from_db()
    assert made["secret"] == sealing.unseal(endpoint.secret) != before
    assert made["old_secret_until"] is not None


def test_a_test_is_queued_and_not_sent_within_the_request(api: APIClient, endpoint: WebhookEndpoint) -> None:
    assert api.post(f"{one(endpoint)}test/").status_code == 202
    row = WebhookDelivery.objects.get()
    assert (row.status, row.attempts, row.event.type) == ("waiting", 0, "webhook.test")


def test_everything_since_a_time_once_more(api: APIClient, endpoint: WebhookEndpoint) -> None:
    begin = clock.now().isoformat()
    publish(OPENED, subject="123", data={})
    WebhookDelivery.objects.update(status="delivered", ended_at=clock.now())
    answer = api.post(f"{one(endpoint)}redeliver/", {"since": begin})
    assert (answer.status_code, answer.json()) == (202, {"deliveries": 1})
    assert api.post(f"{one(endpoint)}redeliver/", {"since": "yesterday"}).status_code == 400
    assert api.post(f"{one(endpoint)}redeliver/", {"since": "2026-07-01T09:00:00"}).status_code == 400


def test_events_and_once_more(api: APIClient, endpoint: WebhookEndpoint) -> None:
    publish(OPENED, subject="123", data={"incident_id": "123"})
    publish(OPENED, subject="124", data={"incident_id": "124"})
    listed = api.get(EVENTS).json()["results"]
    assert [event["data"] for event in listed] == [{"incident_id": "124"}, {"incident_id": "123"}]
    event = listed[1]
    body = json.loads(WebhookEvent.objects.get(subject="123").body)
    assert {name: event[name] for name in body} == body
    assert event["deliveries"] == [
        {"endpoint": "Dispatch", "status": "waiting", "attempts": 0, "attempted_at": None, "delivered_at": None}
    ]
    assert api.get(f"{EVENTS}{event['id']}/").json() == event
    WebhookDelivery.objects.update(status="delivered", ended_at=clock.now())
    shown = api.get(f"{EVENTS}{event['id']}/").json()
    assert shown["deliveries"][0]["delivered_at"] is not None
    answer = api.post(f"{EVENTS}{event['id']}/redeliver/")
    assert answer.status_code == 200
    assert answer.json()["deliveries"][0]["status"] == "waiting"


def test_events_of_a_type_and_of_a_time(api: APIClient, endpoint: WebhookEndpoint) -> None:
    publish(OPENED, subject="123", data={"n": 1})
    endpoints.send_test(endpoint, by="boss")
    assert [event["type"] for event in api.get(EVENTS, {"type": "webhook.test"}).json()["results"]] == ["webhook.test"]
    assert len(api.get(EVENTS, {"type": ["webhook.test", OPENED]}).json()["results"]) == 2
    assert api.get(EVENTS, {"after": clock.now().isoformat()}).json()["results"] == []
    assert len(api.get(EVENTS, {"before": clock.now().isoformat()}).json()["results"]) == 2
    assert api.get(EVENTS, {"type": "incident.exploded"}).status_code == 400


def test_each_sees_the_events_of_what_they_may_see(client_with: ClientWith, endpoint: WebhookEndpoint) -> None:
    publish(OPENED, subject="123", data={})
    event_id = WebhookEvent.objects.get().event_id
    blind, seeing = client_with("view_webhookevent"), client_with("view_webhookevent", "view_incident")
    assert blind.get(EVENTS).json()["results"] == []
    assert blind.get(f"{EVENTS}{event_id}/").status_code == 404
    assert len(seeing.get(EVENTS).json()["results"]) == 1


# --- the registry -----------------------------------------------------------------------------------------------------


def test_every_type_is_documented_with_an_example(api: APIClient) -> None:
    listed = api.get("/api/v1/event-types/").json()
    assert {one["type"] for one in listed} == set(types.every())
    assert all(one["description"] and one["example"] and one["schema"] for one in listed)


def test_names_are_as_the_specification_wants_them() -> None:
    for name in types.every():
        assert all(part.replace("_", "").isalnum() and part.isascii() for part in name.split("."))
        assert len(name) <= 50


def test_every_example_follows_its_schema() -> None:
    components = SchemaGenerator().get_schema(request=None, public=True)["components"]
    for event_type in types.every().values():
        # OpenAPI 3.0 says nullable where JSON schema has a type of its own.
        schema = _nullable({"components": components, **event_type.json_schema})
        problems = [problem.message for problem in Draft202012Validator(schema).iter_errors(dict(event_type.example))]
        assert problems == [], event_type.name
        names = {"Message", "Inbound", "Incident", "Shift", "Holder", "Campaign", "CallBack", "Consent"}
        assert names <= set(components["schemas"])


def _nullable(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_nullable(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _nullable(one) for name, one in schema.items() if name != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain

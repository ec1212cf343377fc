"""Escalation policies over HTTP."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from incidents.models import EscalationPolicy
from messaging.models import Contact
from tests.incidents.stage import ANNA, BEN, STRANGER, Stage
from tests.incidents.test_api import client_of

URL = "/api/v1/escalation-policies/"
NIGHT = {
    "name": "night shift",
    "steps": [
        {"contact": ANNA, "wait_seconds": 10, "reminders": 0},
        {"contact": [BEN, STRANGER], "wait_seconds": 20},
    ],
}


@pytest.fixture
def client(stage: Stage) -> APIClient:
    """A system with every permission on policies."""
    return client_of("view_escalationpolicy", "add_escalationpolicy", "change_escalationpolicy")


def test_a_policy_is_made_with_its_steps_and_contacts(client: APIClient) -> None:
    answer = client.post(URL, NIGHT)
    assert answer.status_code == 201
    assert answer.json()["steps"] == [
        {"contact": ANNA, "wait_seconds": 10, "reminders": 0},
        {"contact": [BEN, STRANGER], "wait_seconds": 20, "reminders": 1},
    ]
    assert Contact.objects.filter(phone_number=STRANGER).exists()
    assert client.get(URL).json()["results"] == [answer.json()]
    assert client.get(f"{URL}night shift/").json() == answer.json()


def test_a_wait_not_given_is_the_default(client: APIClient, settings: Any) -> None:
    settings.INCIDENTS_WAIT_SECONDS = 55
    answer = client.post(URL, {"name": "day", "steps": [{"contact": ANNA}]})
    assert answer.json()["steps"][0]["wait_seconds"] == 55


def test_patching_steps_replaces_them_all(client: APIClient) -> None:
    client.post(URL, NIGHT)
    answer = client.patch(f"{URL}night shift/", {"steps": [{"contact": BEN, "wait_seconds": 5}]})
    assert answer.json()["steps"] == [{"contact": BEN, "wait_seconds": 5, "reminders": 1}]
    renamed = client.patch(f"{URL}night shift/", {"name": "late shift"})
    assert renamed.json()["steps"] == answer.json()["steps"]
    assert EscalationPolicy.objects.get().name == "late shift"


@pytest.mark.parametrize(
    "change",
    [
        {"steps": []},
        {"steps": [{"contact": []}]},
        {"steps": [{"contact": "5550111"}]},
        {"steps": [{"contact": [ANNA, 7.5]}]},
        {"steps": [{"contact": ANNA, "wait_seconds": 0}]},
        {"steps": [{"contact": ANNA, "reminders": -1}]},
        {"steps": [{"contact": ANNA, "wait": 5}]},
        {"steps": "nobody"},
        {"name": "a/b"},
        {"name": ""},
        {"colour": "red"},
    ],
)
def test_bad_input_is_refused_and_changes_nothing(client: APIClient, change: dict[str, Any]) -> None:
    assert client.post(URL, NIGHT | change).status_code == 400
    assert not EscalationPolicy.objects.exists()


def test_a_name_is_taken_once(client: APIClient) -> None:
    client.post(URL, NIGHT)
    assert "name" in client.post(URL, NIGHT).json()


def test_policies_are_not_deleted_over_http(client: APIClient) -> None:
    client.post(URL, NIGHT)
    assert client.delete(f"{URL}night shift/").status_code in (403, 405)
    assert EscalationPolicy.objects.exists()


def test_a_step_in_a_patch_is_a_whole_step(client: APIClient) -> None:
    client.post(URL, NIGHT)
    assert client.patch(f"{URL}night shift/", {"steps": [{"wait_seconds": 5}]}).status_code == 400
    assert EscalationPolicy.objects.get().steps.count() == 2

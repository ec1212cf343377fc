"""Incidents over HTTP."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from incidents.models import Incident
from tests.incidents.stage import ANNA, BEN, CARA, Stage

URL = "/api/v1/incidents/"
CONTENT = {
    "incident_id": "123",
    "description": "Pump 4 has stopped",
    "url": "https://example.com/123",
    "first_contact": ANNA,
    "second_contact": BEN,
    "wait_seconds": 40,
}


def client_of(*codenames: str) -> APIClient:
    user = get_user_model().objects.create_user(f"olga{len(codenames)}")
    user.user_permissions.set(
        Permission.objects.filter(
            content_type__app_label__in=("incidents", "messaging"), codename__in=(*codenames, "see_phone_numbers")
        )
    )
    client = APIClient()
    client.force_authenticate(user, token="a system's")  # type: ignore[arg-type]
    return client


@pytest.fixture
def client(stage: Stage) -> APIClient:
    """A system with every permission on incidents."""
    return client_of("view_incident", "add_incident", "change_incident")


def act(client: APIClient, action: str, **data: Any) -> Any:
    return client.post(f"{URL}123/{action}/", data)


def test_opening_answers_201_with_the_incident(client: APIClient, stage: Stage) -> None:
    answer = client.post(URL, CONTENT)
    assert answer.status_code == 201
    body = answer.json()
    assert body | CONTENT == body
    assert body["status"] == "not_acknowledged"
    assert body["double_escalation"] is False
    assert body["late"] is False
    assert body["contacts"] == [
        {"position": 1, "phone_number": ANNA, "name": "Anna", "state": "texted"},
        {"position": 2, "phone_number": BEN, "name": "Ben", "state": "pending"},
    ]
    assert body["next_step_at"] is None
    assert [line["kind"] for line in body["timeline"]] == ["opened", "alert"]
    assert set(body["timeline"][0]) == {"at", "kind", "phone_number", "actor", "text"}
    assert len(stage.texts(ANNA)) == 1


def test_the_same_again_is_200_and_other_content_409(client: APIClient, stage: Stage) -> None:
    client.post(URL, CONTENT)
    assert client.post(URL, CONTENT).status_code == 200
    answer = client.post(URL, CONTENT | {"description": "Other"})
    assert answer.status_code == 409
    assert "other content" in answer.json()["detail"]
    assert len(stage.texts(ANNA)) == 1


@pytest.mark.parametrize(
    ("change", "at_fault"),
    [
        ({"first_contact": "4255550111"}, "first_contact"),
        ({"first_contact": None, "second_contact": None}, "first_contact"),
        ({"escalation_policy": "night"}, "escalation_policy"),
        ({"wait_seconds": 0}, "wait_seconds"),
        ({"wait_seconds": 86_401}, "wait_seconds"),
        ({"wait_seconds": "soon"}, "wait_seconds"),
        ({"description": ""}, "description"),
        ({"description": "x" * 2000}, "description"),
        ({"incident_id": "a b"}, "incident_id"),
        ({"url": "two words"}, "url"),
        ({"colour": "red"}, "colour"),
        ({"status": "resolved"}, "status"),
    ],
)
def test_bad_input_is_refused_on_its_field(client: APIClient, change: dict[str, Any], at_fault: str) -> None:
    answer = client.post(URL, CONTENT | change)
    assert answer.status_code == 400
    assert at_fault in answer.json()
    assert not Incident.objects.exists()


def test_actions_answer_with_the_incident_as_it_is_then(client: APIClient, stage: Stage) -> None:
    client.post(URL, CONTENT)
    stage.accept()
    answer = act(client, "escalate", note="She is away")
    assert answer.status_code == 200
    assert answer.json()["contacts"][1]["state"] == "texted"
    assert act(client, "acknowledge", contact=BEN).json()["acknowledged_by"] == BEN
    assert act(client, "resolve").json()["status"] == "resolved"


def test_staff_who_acknowledge_are_named(client: APIClient) -> None:
    client.post(URL, CONTENT)
    assert act(client, "acknowledge").json()["acknowledged_by"] == "olga3"


def test_decline_and_note(client: APIClient, stage: Stage) -> None:
    client.post(URL, CONTENT)
    stage.accept()
    assert "contact" in act(client, "decline").json()
    assert act(client, "decline", contact=ANNA).json()["contacts"][0]["state"] == "declined"
    assert "note" in act(client, "note").json()
    assert act(client, "note", note="Seen").json()["timeline"][-1]["text"] == "Seen"


def test_an_action_that_the_status_forbids_is_a_409_that_says_why(client: APIClient) -> None:
    client.post(URL, CONTENT)
    answer = act(client, "resolve")
    assert answer.status_code == 409
    assert "still open" in answer.json()["detail"]


def test_a_contact_of_another_incident_is_refused_on_its_field(client: APIClient) -> None:
    client.post(URL, CONTENT)
    answer = act(client, "acknowledge", contact=CARA)
    assert answer.status_code == 400
    assert "contact" in answer.json()


def test_an_action_refuses_unknown_fields(client: APIClient) -> None:
    client.post(URL, CONTENT)
    assert act(client, "cancel", reason="x").status_code == 400
    assert Incident.objects.get().status == "not_acknowledged"


def test_an_unknown_incident_is_a_404(client: APIClient) -> None:
    assert client.get(f"{URL}nothing/").status_code == 404
    assert act(client, "cancel").status_code == 404


@pytest.mark.parametrize("incident_id", ["db:1", "a/b", "a.b-c_d", "a/acknowledge/b"])
def test_ids_of_every_allowed_form_are_found(client: APIClient, incident_id: str) -> None:
    client.post(URL, CONTENT | {"incident_id": incident_id})
    assert client.get(f"{URL}{incident_id}/").json()["incident_id"] == incident_id
    assert client.post(f"{URL}{incident_id}/acknowledge/").json()["status"] == "acknowledged"


def test_lists_are_filtered_by_status_and_time(client: APIClient, stage: Stage) -> None:
    client.post(URL, CONTENT)
    client.post(URL, CONTENT | {"incident_id": "124"})
    act(client, "cancel")

    def ids(**filters: str) -> list[str]:
        return [one["incident_id"] for one in client.get(URL, filters).json()["results"]]

    assert ids() == ["124", "123"]
    assert ids(status="cancelled") == ["123"]
    opened_at = stage.incident("124").opened_at.isoformat()
    assert ids(after=opened_at) == ["124"]
    assert ids(before=opened_at) == ["123"]


def test_a_list_takes_the_same_queries_however_long_it_is(
    client: APIClient, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        client.post(URL, CONTENT | {"incident_id": f"i{number}"})
    with django_assert_max_num_queries(8):
        assert len(client.get(URL).json()["results"]) == 5


def test_without_permission_nothing_is_seen_or_done(stage: Stage) -> None:
    nobody, viewer = client_of(), client_of("view_incident")
    stage.open()
    assert nobody.get(URL).status_code == 403
    assert viewer.get(URL).status_code == 200
    assert viewer.post(URL, CONTENT).status_code == 403
    assert act(viewer, "cancel").status_code == 403
    assert APIClient().get(URL).status_code == 401
    assert stage.status() == "not_acknowledged"

"""What somebody did by an action of the admin stands in the log of changes, with their name and what came of it."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client

from tests.security.world import World, world

pytestmark = pytest.mark.django_db

_FORM = {"_form_submitted": "on", "contact": "", "note": ""}


@pytest.fixture
def rows() -> World:
    return world()


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("alice"))
    return client


def log() -> list[tuple[str, str, str]]:
    entries = LogEntry.objects.exclude(user__username="somebody").order_by("pk").select_related("user")
    return [(entry.user.username, entry.object_repr, entry.get_change_message()) for entry in entries]


def test_an_action_on_one_row(rows: World, client: Client) -> None:
    incident = rows["incidents.Incident"]
    client.post(f"/admin/incidents/incident/{incident.pk}/acknowledge/", _FORM)
    assert log() == [("alice", "123", "Acknowledge: Incident 123 is acknowledged.")]


def test_a_refusal_is_told_as_such(rows: World, client: Client) -> None:
    incident = rows["incidents.Incident"]
    for _ in range(2):
        client.post(f"/admin/incidents/incident/{incident.pk}/cancel/", _FORM)
    assert [message.startswith("Cancel: ") for _, _, message in log()] == [True, True]
    assert "was cancelled" in log()[0][2]
    assert log()[0][2] != log()[1][2]


def test_an_action_on_several_rows(rows: World, client: Client) -> None:
    texts = [rows["messaging.InboundMessage"]]
    data = {"action": "mark_as_dealt_with", "_selected_action": [text.pk for text in texts]}
    client.post("/admin/messaging/inboundmessage/", data)
    assert log() == [("alice", str(texts[0]), "Mark as dealt with: Dealt with: 1.")]


def test_looking_changes_nothing(rows: World, client: Client) -> None:
    client.get(f"/admin/incidents/incident/{rows['incidents.Incident'].pk}/acknowledge/")
    client.get("/admin/incidents/incident/report-by-day")
    assert log() == []


def test_a_dialog_that_is_refused_does_nothing(rows: World, client: Client) -> None:
    client.post(
        f"/admin/messaging/originationidentity/{rows['messaging.OriginationIdentity'].pk}/pause/", {"reason": ""}
    )
    assert log() == []


def test_the_page_shows_them_and_nobody_writes_there(rows: World, client: Client) -> None:
    incident = rows["incidents.Incident"]
    client.post(f"/admin/incidents/incident/{incident.pk}/acknowledge/", _FORM)
    page = client.get("/admin/admin/logentry/").content.decode()
    assert "Incident 123 is acknowledged." in page
    assert f"/admin/incidents/incident/{incident.pk}/change/" in page
    assert client.get("/admin/admin/logentry/add/").status_code == 403
    entry = LogEntry.objects.get(user__username="alice")
    assert client.post(f"/admin/admin/logentry/{entry.pk}/change/", {"change_message": "x"}).status_code == 403
    assert client.post(f"/admin/admin/logentry/{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/admin/logentry/", {"q": "alice"}).content.decode().count("is acknowledged.") == 1
    assert "is acknowledged." not in client.get("/admin/admin/logentry/", {"q": "bob"}).content.decode()

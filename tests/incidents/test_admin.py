"""The staff's pages."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from incidents.models import EscalationPolicy, Incident
from messaging.models import Contact
from tests.incidents.stage import ANNA, BEN, Stage

LIST = "/admin/incidents/incident/"


def staff(*codenames: str, name: str = "olga", sees_numbers: bool = True) -> Client:
    user = get_user_model().objects.create_user(name, is_staff=True)
    seeing = ["see_phone_numbers"] if sees_numbers else []
    user.user_permissions.set(Permission.objects.filter(codename__in=[*codenames, *seeing]))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def olga(stage: Stage) -> Client:
    """Somebody of the staff who may do everything with incidents."""
    return staff("view_incident", "add_incident", "change_incident", "see_phone_numbers")


def act(client: Client, incident: Incident, action: str, **data: Any) -> Any:
    form = {"_form_submitted": "on", "contact": "", "note": ""} | data
    return client.post(f"{LIST}{incident.pk}/{action}/", form, follow=True)


def file_of(answer: Any) -> list[str]:
    """The lines of a file, which is written while it is sent."""
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    return b"".join(answer.streaming_content).decode().splitlines()


def test_the_list_shows_the_most_urgent_first(olga: Client, stage: Stage) -> None:
    for incident_id in ("first", "second"):
        stage.open(incident_id)
    act(olga, stage.incident("second"), "acknowledge")
    page = olga.get(LIST).content.decode()
    assert page.index("first") < page.index("second")
    assert "Pump 4 has stopped" in page


def test_the_page_of_an_incident_is_its_timeline(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    stage.accept()
    page = olga.get(f"{LIST}{incident.pk}/change/").content.decode()
    for words in ("Incident 123: Pump 4 has stopped", "notified", "Escalate now", "reminder to Anna"):
        assert words in page
    assert 'name="description"' not in page


def test_only_what_the_status_allows_is_offered(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    page = olga.get(f"{LIST}{incident.pk}/change/").content.decode()
    assert "Escalate now" in page
    assert "It is over" not in page
    act(olga, incident, "acknowledge")
    page = olga.get(f"{LIST}{incident.pk}/change/").content.decode()
    assert "Escalate now" not in page
    assert f"{incident.pk}/resolve" in page


def test_an_incident_is_opened_from_the_form(olga: Client, stage: Stage) -> None:
    assert olga.get(f"{LIST}add/").status_code == 200
    form = {"incident_id": "9", "description": "Fire", "first_contact": "+1 425 555 0111", "second_contact": BEN}
    answer = olga.post(f"{LIST}add/", form, follow=True)
    assert answer.status_code == 200
    incident = Incident.objects.get()
    assert (incident.incident_id, incident.opened_by) == ("9", "olga")
    assert len(stage.texts(ANNA)) == 1
    # Whoever opened it watches it.
    assert answer.redirect_chain == [(f"{LIST}{incident.pk}/change/", 302)]
    assert "Incident 9 is opened. This page follows it." in answer.content.decode()


def test_the_form_has_one_button_that_says_what_it_does(olga: Client) -> None:
    page = olga.get(f"{LIST}add/").content.decode()
    assert "Open and text" in page
    assert not {name for name in ("_continue", "_addanother") if f'name="{name}"' in page}
    assert "without a policy, 40 seconds" in page


def test_who_may_open_and_not_see_is_told_so_at_home(stage: Stage) -> None:
    form = {"incident_id": "9", "description": "Fire", "first_contact": ANNA}
    answer = staff("add_incident", name="adam").post(f"{LIST}add/", form, follow=True)
    assert answer.redirect_chain == [("/admin/", 302)]
    assert "Incident 9 is opened." in answer.content.decode()


def test_the_form_shows_what_is_wrong_beside_its_field(olga: Client) -> None:
    form = {"incident_id": "yes", "description": "Fire", "first_contact": ANNA, "url": "two words"}
    page = olga.post(f"{LIST}add/", form).content.decode()
    assert "People answer with this word" in page
    assert "A link has no spaces" in page
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    ("action", "data", "status"),
    [
        ("acknowledge", {}, "acknowledged"),
        ("acknowledge", {"contact": ANNA}, "acknowledged"),
        ("escalate", {}, "not_acknowledged"),
        ("decline", {"contact": ANNA}, "not_acknowledged"),
        ("cancel", {"note": "false alarm"}, "cancelled"),
        ("note", {"note": "Seen"}, "not_acknowledged"),
    ],
)
def test_actions_do_what_the_api_does(
    olga: Client, stage: Stage, action: str, data: dict[str, str], status: str
) -> None:
    incident = stage.open()
    stage.accept()
    assert olga.get(f"{LIST}{incident.pk}/{action}/").status_code == 200
    act(olga, incident, action, **data)
    assert stage.status() == status
    assert incident.timeline.filter(actor="olga").exists()


def test_looking_at_an_action_does_nothing(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    olga.get(f"{LIST}{incident.pk}/cancel/")
    assert stage.status() == "not_acknowledged"


def test_what_is_no_longer_allowed_is_explained(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    act(olga, incident, "cancel")
    page = act(olga, incident, "acknowledge").content.decode()
    assert "Incident 123 was cancelled" in page


def test_who_may_only_look_may_not_act(stage: Stage) -> None:
    viewer = staff("view_incident")
    incident = stage.open()
    assert viewer.get(f"{LIST}{incident.pk}/change/").status_code == 200
    assert act(viewer, incident, "cancel").status_code == 403
    assert viewer.get(f"{LIST}add/").status_code == 403
    assert stage.status() == "not_acknowledged"


def test_nobody_deletes_an_incident(admin_client: Client, stage: Stage) -> None:
    incident = stage.open()
    assert admin_client.post(f"{LIST}{incident.pk}/delete/", {"post": "yes"}).status_code == 403


def test_reports_are_files(olga: Client, stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.say(ANNA, "no")
    days = file_of(olga.get(f"{LIST}report-by-day", follow=True))
    assert days[0].startswith("day,opened")
    assert days[1].split(",")[1:9] == ["1", "1", "0", "0", "0", "0", "0", "1"]
    contacts = file_of(olga.get(f"{LIST}report-by-contact", follow=True))
    assert contacts[1].startswith(f"{ANNA},Anna,1,1,0,1,0,")


def test_a_policy_is_edited_with_its_steps_in_place(admin_client: Client, stage: Stage) -> None:
    anna = Contact.objects.get(phone_number=ANNA)
    form = {
        "name": "night",
        "description": "",
        "steps-TOTAL_FORMS": "1",
        "steps-INITIAL_FORMS": "0",
        "steps-0-position": "1",
        "steps-0-contacts": [str(anna.pk)],
        "steps-0-wait_seconds": "30",
        "steps-0-reminders": "1",
    }
    answer = admin_client.post("/admin/incidents/escalationpolicy/add/", form)
    assert answer.status_code == 302
    policy = EscalationPolicy.objects.get()
    assert [one.phone_number for one in policy.steps.get().contacts.all()] == [ANNA]
    assert "Anna" in admin_client.get("/admin/incidents/escalationpolicy/").content.decode()

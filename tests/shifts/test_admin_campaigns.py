"""HR writes campaigns, sends, pauses, resumes and cancels them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from messaging import clock
from messaging.models import (
    OriginationIdentity,
    OutboundMessage,
)
from shifts import campaigns
from shifts.models import Campaign, CampaignAct
from tests.incidents.test_admin import staff
from tests.messaging.factories import ANN, OUR_NUMBER
from tests.moving import MovableTime
from tests.shifts.factories import campaign, employee, holding, segment, shift

LIST = "/admin/shifts/campaign/"


@pytest.fixture
def olga(number: OriginationIdentity, time: MovableTime) -> Client:
    """Somebody of HR."""
    return staff("view_campaign", "add_campaign", "change_campaign")


@pytest.fixture
def rita(number: OriginationIdentity, time: MovableTime) -> Client:
    """Somebody who may look and no more."""
    return staff("view_campaign", name="rita")


def plain(html: str) -> str:
    """A page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html.split('id="campaign"', 1)[-1]))


def page(client: Client, row: Campaign) -> str:
    answer = client.get(f"{LIST}{row.pk}/change/")
    assert answer.status_code == 200
    return plain(answer.content.decode())


def act(client: Client, row: Campaign, action: str) -> list[str]:
    """Press a button and say yes to what is shown. Returns what is told."""
    url = f"{LIST}{row.pk}/{action}/"
    shown = re.search(r'name="shown" value="(\w+)"', client.get(url).content.decode())
    answer = client.post(url, {"_form_submitted": "on", "shown": shown[1] if shown else ""})
    assert answer.status_code == 302, answer.status_code
    return [str(message) for message in get_messages(answer.wsgi_request)]


def status(row: Campaign) -> str:
    row.refresh_from_db()
    return row.status


def form(**fields: Any) -> dict[str, Any]:
    values = {"campaign_id": "july", "campaign_message": "Nights are open.", "segment": segment().pk}
    return values | {"scheduled_at_0": "", "scheduled_at_1": "", "footer": "", "origination_identity": ""} | fields


# Writing.


def test_the_form_makes_a_draft_and_leads_to_what_would_happen(olga: Client) -> None:
    employee(ANN, segments=["Night nurses"])
    night = shift("N301", at=20)
    asked = olga.get(f"{LIST}add/").content.decode()
    assert "Night nurses (1 person)" in asked
    assert "N301 – " in asked
    assert "1 left" in asked
    answer = olga.post(f"{LIST}add/", form(shifts=[night.pk]), follow=True)
    row = Campaign.objects.get()
    assert (row.campaign_id, row.status, row.created_by, row.origination_identity) == ("july", "draft", "olga", "")
    assert list(row.shifts.all()) == [night]
    assert answer.redirect_chain[-1][0] == f"{LIST}{row.pk}/change/"
    assert "Nothing is sent yet" in answer.content.decode()
    assert not OutboundMessage.objects.exists()


def test_an_id_is_suggested_that_nobody_has_yet(olga: Client) -> None:
    today = f"shifts-{clock.now():%Y-%m-%d}"
    assert f'value="{today}"' in olga.get(f"{LIST}add/").content.decode()
    campaign(today)
    assert f'value="{today}-2"' in olga.get(f"{LIST}add/").content.decode()


def test_only_shifts_that_can_be_booked_are_offered_the_soonest_first(olga: Client) -> None:
    shift("LATER", at=50)
    shift("SOON", at=5)
    shift("BEGUN", at=-1)
    holding(employee(), full := shift("FULL", at=9))
    offered = re.findall(r"(\w+) – ", olga.get(f"{LIST}add/").content.decode())
    assert offered == ["SOON", "LATER"]
    # What a campaign has stays, or editing would take it away in silence.
    row = campaign(shifts=[full])
    offered = re.findall(r"(\w+) – ", olga.get(f"{LIST}{row.pk}/form/").content.decode())
    assert offered == ["SOON", "FULL", "LATER"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"campaign_message": " "}, "This field is required"),
        ({"campaign_id": "no spaces please"}, "An id has up to 64 letters"),
        ({"campaign_message": "x" * 1600}, "Shorten it by"),
        ({"scheduled_at_0": "2001-01-01", "scheduled_at_1": "10:00"}, "This time is past"),
        ({"segment": ""}, "This field is required"),
        ({"campaign_id": "taken"}, "already exists"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(olga: Client, fields: dict[str, str], told: str) -> None:
    campaign("taken")
    answer = olga.post(f"{LIST}add/", form(**fields))
    assert answer.status_code == 200
    errors = answer.context["adminform"].form.errors
    field = next(iter(fields)).removesuffix("_0")
    assert told in str(errors[field]), errors
    assert Campaign.objects.count() == 1


def test_a_draft_and_a_scheduled_campaign_are_edited(olga: Client) -> None:
    row = campaign(segment=segment(), shifts=[shift("N301", at=20)])
    answer = olga.post(f"{LIST}{row.pk}/form/", form(campaign_message="Other words.", origination_identity=OUR_NUMBER))
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.campaign_message, row.origination_identity, row.status) == ("Other words.", OUR_NUMBER, "draft")
    assert (row.campaign_id, list(row.shifts.all())) == ("july", [])
    later = clock.now() + timedelta(hours=9)
    fields = {"scheduled_at_0": f"{later:%Y-%m-%d}", "scheduled_at_1": f"{later:%H:%M:%S}"}
    planned = campaign("planned", status="scheduled")
    assert olga.post(f"{LIST}{planned.pk}/form/", form(**fields)).status_code == 302
    assert status(planned) == "scheduled"
    assert planned.scheduled_at == later.replace(microsecond=0)
    # Without a time it could not stay scheduled.
    assert "scheduled_at" in olga.post(f"{LIST}{planned.pk}/form/", form()).context["adminform"].form.errors


@pytest.mark.parametrize("now", ["sending", "paused", "sent", "cancelled"])
def test_a_campaign_that_has_begun_is_not_edited(olga: Client, now: str) -> None:
    row = campaign(status=now)
    answer = olga.post(f"{LIST}{row.pk}/form/", form(campaign_message="Other words."), follow=True)
    assert "it can be edited only before it is sent" in answer.content.decode()
    row.refresh_from_db()
    assert row.campaign_message == "Shifts are open."


def test_fields_that_are_no_part_of_the_page_change_nothing(olga: Client) -> None:
    row = campaign()
    answer = olga.post(f"{LIST}{row.pk}/change/", form(campaign_message="Other words.", status="sent"))
    assert answer.status_code == 403
    row.refresh_from_db()
    assert (row.campaign_message, row.status) == ("Shifts are open.", "draft")
    assert olga.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403


# Counting while it is written.


def size(client: Client, **fields: Any) -> Any:
    return client.post(f"{LIST}size/", fields)


def test_the_counter_counts_the_whole_text(olga: Client) -> None:
    night, taken = shift("N301", at=20), shift("N302", at=-3)
    counted = size(olga, campaign_message="Nights.", footer="", shifts=[night.pk, taken.pk]).json()
    body = "Nights.\nReply with the shift codes, e.g. N301. REQUEST lists open shifts. STOP to opt out."
    assert (counted["text"], counted["encoding"], counted["length"], counted["parts"]) == (body, "GSM", len(body), 1)
    assert counted["fits"]
    assert size(olga, campaign_message="Nights.", footer="Text {codes}.", shifts=[night.pk]).json()["text"] == (
        "Nights.\nText N301."
    )


def test_the_counter_tells_what_makes_a_text_long(olga: Client) -> None:
    counted = size(olga, campaign_message="“Nights”… €", footer="x").json()
    assert (counted["encoding"], counted["strange"]) == ("UCS-2", "“ ” …")
    assert not size(olga, campaign_message="x" * 1600).json()["fits"]
    assert size(olga, shifts=["x", "9" * 30, "99999"]).status_code == 200


def test_the_counter_is_for_those_who_may_write(olga: Client, rita: Client) -> None:
    assert olga.get(f"{LIST}size/").status_code == 405
    assert size(rita, campaign_message="x").status_code == 403
    assert size(Client(), campaign_message="x")["Location"].startswith("/admin/login/")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = olga.cookies
    assert size(strict, campaign_message="x").status_code == 403


# Acting.


def buttons(client: Client, row: Campaign) -> set[str]:
    html = client.get(f"{LIST}{row.pk}/change/").content.decode()
    return set(re.findall(rf"{LIST}{row.pk}/(send_now|schedule|edit|pause|resume|cancel)/", html))


@pytest.mark.parametrize(
    ("now", "in_hours", "offered"),
    [
        ("draft", None, {"send_now", "edit", "cancel"}),
        ("draft", 2, {"schedule", "edit", "cancel"}),
        ("draft", -2, {"send_now", "edit", "cancel"}),
        ("scheduled", 2, {"edit", "cancel"}),
        ("sending", None, {"pause", "cancel"}),
        ("paused", None, {"resume", "cancel"}),
        ("sent", None, set()),
        ("cancelled", None, set()),
    ],
)
def test_only_what_the_status_allows_is_offered(
    olga: Client, rita: Client, now: str, in_hours: int | None, offered: set[str]
) -> None:
    at = None if in_hours is None else clock.now() + timedelta(hours=in_hours)
    row = campaign(status=now, scheduled_at=at)
    assert buttons(olga, row) == offered
    assert buttons(rita, row) == set()


def test_a_draft_is_sent(olga: Client) -> None:
    row = campaign()
    assert act(olga, row, "send_now") == ["Campaign july is sending now."]
    assert status(row) == "sending"
    assert CampaignAct.objects.latest("id").actor == "olga"


def test_a_draft_with_a_time_to_come_is_scheduled(olga: Client) -> None:
    row = campaign(scheduled_at=clock.now() + timedelta(hours=3))
    assert act(olga, row, "schedule") == ["Campaign july is scheduled now."]
    assert status(row) == "scheduled"
    assert "Will be sent" in page(olga, row)


@pytest.mark.parametrize(
    ("now", "action", "then"),
    [("sending", "pause", "paused"), ("paused", "resume", "sending"), ("scheduled", "cancel", "cancelled")],
)
def test_an_action_changes_the_status(olga: Client, now: str, action: str, then: str) -> None:
    row = campaign(status=now)
    assert act(olga, row, action) == [f"Campaign july is {then} now."]
    assert status(row) == then


@pytest.mark.parametrize("action", ["send_now", "schedule", "pause", "resume", "cancel"])
def test_what_the_status_forbids_is_told(olga: Client, action: str) -> None:
    row = campaign(status="sent")
    (told,) = act(olga, row, action)
    assert told.startswith("The campaign is sent. Only one that is ")
    assert status(row) == "sent"


def test_a_text_that_grew_too_long_is_not_sent_and_told(olga: Client) -> None:
    row = campaign(campaign_message="x" * 1600)
    (told,) = act(olga, row, "send_now")
    assert "Shorten it by" in told
    assert status(row) == "draft"


@pytest.mark.parametrize("action", ["send_now", "schedule", "pause", "resume", "cancel"])
def test_nothing_happens_by_a_link_without_a_token_or_to_a_reader(olga: Client, rita: Client, action: str) -> None:
    now = {"pause": "sending", "resume": "paused"}.get(action, "draft")
    row = campaign(status=now)
    url, yes = f"{LIST}{row.pk}/{action}/", {"_form_submitted": "on"}
    assert olga.get(url).status_code == 200
    assert olga.get(url, yes).status_code == 200
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = olga.cookies
    assert strict.post(url, yes).status_code == 403
    assert rita.post(url, yes).status_code == 403
    assert Client().post(url, yes)["Location"].startswith("/admin/login/")
    assert status(row) == now


def test_a_reader_writes_nothing(rita: Client) -> None:
    row = campaign()
    assert rita.get(LIST).status_code == 200
    assert rita.get(f"{LIST}{row.pk}/change/").status_code == 200
    for url in (f"{LIST}add/", f"{LIST}{row.pk}/form/", f"{LIST}{row.pk}/change/"):
        assert rita.post(url, form(campaign_message="Other words.")).status_code == 403
    for url in (f"{LIST}add/", f"{LIST}{row.pk}/edit/", f"{LIST}write/"):
        assert rita.get(url).status_code == 403
    row.refresh_from_db()
    assert (row.campaign_message, Campaign.objects.count()) == ("Shifts are open.", 1)


def test_an_unknown_campaign_is_not_found(olga: Client) -> None:
    for url in ("999/progress/", "x/progress/", "999/not-texted/", "x/pause/", "999/pause/"):
        assert olga.post(f"{LIST}{url}", {"_form_submitted": "on"}).status_code == 404, url


def test_a_campaign_written_here_is_what_the_api_makes(olga: Client) -> None:
    employee(ANN, segments=["Night nurses"])
    olga.post(f"{LIST}add/", form())
    same = campaigns.Request("july", "Nights are open.", "Night nurses", draft=True)
    row, new = campaigns.create(same, actor="api:robot")
    assert not new
    assert row.created_by == "olga"

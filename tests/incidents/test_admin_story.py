"""The page of one incident: what it tells, that it is safe, and how it keeps up to date."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from incidents import selectors
from incidents.admin import words
from incidents.models import Incident, IncidentContact
from messaging.models import Contact, Lane, OriginationIdentity, Status
from messaging.outbound import outcomes, pauses
from tests.incidents.stage import ANNA, BEN, OUR_NUMBER, STRANGER, Stage
from tests.incidents.test_admin import LIST, act, staff
from tests.messaging.factories import standing


@pytest.fixture
def olga(stage: Stage) -> Client:
    return staff("view_incident", "add_incident", "change_incident", "see_phone_numbers")


def page(client: Client, incident: Incident) -> str:
    """The page without its tags, and without what spaces are between them."""
    return plain(client.get(f"{LIST}{incident.pk}/change/").content.decode())


def plain(html: str) -> str:
    spaced = re.sub(r"<br>|</li>|</span>\s*<span>", " ", html.split('id="incident"', 1)[-1])
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", spaced))


def fragment(client: Client, incident: Incident, **headers: str) -> Any:
    return client.get(f"{LIST}{incident.pk}/timeline/", headers=headers or None)


def deliver(stage: Stage, phone_number: str) -> None:
    stage._settle(stage.last(phone_number), Status.DELIVERED)
    outcomes.tell()


def test_an_open_incident_tells_who_is_asked_and_what_is_next(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    assert "Next: waits for AWS to take the text to Anna" in page(olga, incident)
    stage.accept()
    text = page(olga, incident)
    assert "Not acknowledged Nobody has it yet; Anna is being asked" in text
    assert re.search(r"Next: reminder to Anna in (39|40) s, at \d\d:\d\d:\d\d", text)
    assert "Anna – notified +14255550111" in text
    assert "Ben – not asked yet" in text
    assert "ops opened the incident" in text
    stage.forward(41)
    assert "Next: escalation to Ben in" in page(olga, incident)
    stage.forward(41)
    stage.forward(41)
    assert "Next: logged for review, as nobody is left to ask in" in page(olga, incident)


def test_an_acknowledged_incident_tells_by_whom_and_how_soon(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    stage.accept()
    stage.time.forward(15)
    stage.say(ANNA, "yes on my way")
    text = page(olga, incident)
    assert "Acknowledged Acknowledged by Anna after 15 s" in text
    assert "Anna acknowledged after 15 s" in text
    assert "First text sent after less than 1 s" in text
    assert "Anna texted yes on my way" in text
    # The end of what she texted is a note of hers, which the bubble tells already.
    assert "Note by Anna" not in text
    assert "Next:" not in text
    assert "reminder to" not in text


def test_what_became_of_a_text_is_part_of_its_bubble(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    assert "waits to be sent" in page(olga, incident)
    stage.accept()
    deliver(stage, ANNA)
    text = page(olga, incident)
    assert "waits to be sent" not in text
    assert re.search(
        r"Alert to Anna Incident 123: .*? Reply YES .*? done sent [\d:]{8} done_all delivered [\d:]{8} ", text
    )
    html = olga.get(f"{LIST}{incident.pk}/change/").content.decode()
    assert html.count('class="incident-line ') == 3  # opened, the alert, what is next
    stage.say(ANNA, "no")
    assert re.search(r"Answer to Anna .*? waits to be sent", page(olga, incident))
    stage.accept()
    assert re.search(r"Answer to Anna .*? done sent [\d:]{8}", page(olga, incident))


def test_staff_are_named_and_their_notes_are_shown(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    stage.accept()
    act(olga, incident, "note", note="Called the plant", contact=BEN)
    act(olga, incident, "decline", contact=ANNA)
    act(olga, incident, "cancel")
    text = page(olga, incident)
    assert "Note by olga about Ben Called the plant" in text
    assert "Anna declined, entered by olga" in text
    assert "olga cancelled the incident" in text
    assert "Cancelled Cancelled by olga after" in text


def test_nothing_that_people_write_becomes_html(olga: Client, stage: Stage) -> None:
    attack = "<script>alert(1)</script>"
    Contact.objects.create(phone_number=STRANGER, name=f"Eve {attack}")
    incident = stage.open(
        description=f"Pump {attack}", url="javascript:alert(1)", first_contact=STRANGER, second_contact=BEN
    )
    stage.accept()
    stage.say(STRANGER, f"no {attack}")
    act(olga, incident, "note", note=attack)
    for address in (f"{LIST}{incident.pk}/change/", f"{LIST}{incident.pk}/timeline/", LIST):
        html = olga.get(address).content.decode()
        assert "&lt;script&gt;alert(1)" in html
        assert attack not in html
        assert 'href="javascript' not in html


def test_the_link_opens_without_giving_us_away(olga: Client, stage: Stage) -> None:
    html = olga.get(f"{LIST}{stage.open().pk}/change/").content.decode()
    assert '<a href="https://example.com/123" target="_blank" rel="noopener noreferrer">' in html


def test_times_are_the_admins(olga: Client, stage: Stage, settings: Any) -> None:
    incident = stage.open()
    settings.TIME_ZONE = "Asia/Tokyo"
    Incident.objects.update(opened_at="2026-11-20T23:50:07Z")
    incident.timeline.update(at="2026-11-20T23:50:07Z")
    html = fragment(olga, incident).content.decode()
    assert '<time datetime="2026-11-20T23:50:07+00:00">08:50:07</time>' in html
    assert "Saturday, 21 November 2026" in html
    assert "times in Asia/Tokyo" in plain(html)


def test_nothing_new_is_not_sent_again(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    stage.accept()
    first = fragment(olga, incident)
    assert first.status_code == 200
    assert "<html" not in first.content.decode()
    etag = first.headers["ETag"]
    # The clock alone changes nothing.
    stage.time.forward(5)
    again = fragment(olga, incident, if_none_match=etag)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    assert f'data-etag="{escape(etag)}"' in first.content.decode()
    stage.say(ANNA, "no")
    news = fragment(olga, incident, if_none_match=etag)
    assert news.status_code == 200
    assert "Anna</b> declined" in news.content.decode()


def test_the_page_refreshes_itself_until_shortly_after_the_end(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    stage.accept()
    assert "data-live" in fragment(olga, incident).content.decode()
    stage.say(ANNA, "yes")
    ended = fragment(olga, incident)
    # News of the last texts still comes.
    assert "data-live" in ended.content.decode()
    stage.time.forward(61)
    last = fragment(olga, incident, if_none_match=ended.headers["ETag"])
    assert last.status_code == 200
    assert "data-live" not in last.content.decode()


def test_the_fragment_is_for_those_who_may_see_incidents(stage: Stage) -> None:
    incident = stage.open()
    assert fragment(Client(), incident).status_code == 302
    assert fragment(staff("view_contact"), incident).status_code == 403


@pytest.mark.parametrize("pk", ["0", "x", "9" * 30])
def test_there_is_no_fragment_of_nothing(olga: Client, pk: str) -> None:
    assert olga.get(f"{LIST}{pk}/timeline/").status_code == 404


def test_an_incident_that_waits_in_a_stopped_lane_says_why(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    Lane.objects.create(origination_identity=OriginationIdentity.objects.get())
    pauses.hold(OUR_NUMBER, "A send guard cannot be asked.")
    told = "Sending is held, so Anna has no text yet. A send guard cannot be asked."
    assert told in olga.get(f"{LIST}{incident.pk}/change/").content.decode()
    pauses.pause(OUR_NUMBER, "There are no credentials.")
    told = "Sending is paused, so Anna has no text yet. There are no credentials."
    assert told in olga.get(f"{LIST}{incident.pk}/change/").content.decode()
    pauses.resume(OUR_NUMBER)
    pauses.let_go(OUR_NUMBER)
    assert "Sending is" not in olga.get(f"{LIST}{incident.pk}/change/").content.decode()


def test_of_several_lanes_a_paused_one_is_told_first(stage: Stage) -> None:
    incident = stage.open()
    lanes = []
    for n in range(2):
        number = OriginationIdentity.objects.create(identity=f"+1425555019{n}", kind="ten_dlc", mps=1)
        lanes.append(Lane.objects.create(origination_identity=number))
        subject = incident.incident_id
        standing(Status.QUEUED, origination_identity=number.identity, conversation="incidents", subject=subject)
    held, paused = lanes
    assert selectors.stopped_lane(incident) is None
    pauses.hold("+14255550190", "A send guard cannot be asked.")
    assert selectors.stopped_lane(incident) == held
    pauses.pause("+14255550191", "There are no credentials.")
    assert selectors.stopped_lane(incident) == paused


def test_a_long_timeline_needs_no_more_queries(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    stage.accept()
    stage.say(ANNA, "no")
    stage.accept()

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as context:
            assert olga.get(address).status_code == 200
        return len(context)

    addresses = (f"{LIST}{incident.pk}/change/", f"{LIST}{incident.pk}/timeline/", LIST)
    before = [queries(address) for address in addresses]
    for number in range(30):
        stage.say(ANNA, "no")
        act(olga, incident, "note", note=f"Note {number}")
    for number in range(10):
        stage.open(f"other-{number}")
        act(olga, stage.incident(f"other-{number}"), "acknowledge", contact=ANNA)
    assert incident.timeline.count() > 30
    # One fewer than at first: a page whose incident waits for AWS also asks whether its number is paused.
    assert all(now <= then for now, then in zip(map(queries, addresses), before, strict=True))
    assert before[1] <= 10


def test_the_list_tells_the_clock_and_names_people(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    assert "waits for AWS" in olga.get(LIST).content.decode()
    stage.accept()
    assert re.search(r'title="at [\d:]{8}">in (39|40) s</time>', olga.get(LIST).content.decode())
    stage.say(ANNA, "yes")
    assert f'<span title="{ANNA}">Anna</span>' in olga.get(LIST).content.decode()
    IncidentContact.objects.filter(step__incident=incident).update(name="")
    html = olga.get(LIST).content.decode()
    assert ">Anna<" not in html
    assert ANNA in html


def test_the_form_suggests_contacts_to_who_may_see_them(stage: Stage, olga: Client) -> None:
    address = f"{LIST}add/"
    html = olga.get(address).content.decode()
    assert 'type="tel"' in html
    assert "Not both" in html
    assert "<datalist" not in html
    other = staff("view_incident", "add_incident", "view_contact", "see_phone_numbers", name="otto")
    assert f'<option value="{ANNA}">Anna</option>' in other.get(address).content.decode()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "less than 1 s"),
        (14.8, "15 s"),
        (119.4, "119 s"),
        (119.6, "2 min"),
        (200, "3 min 20 s"),
        (18_720, "5 h 12 min"),
        (7199, "119 min 59 s"),
        (7259, "2 h"),
        (300_000, "3 days 11 h"),
    ],
)
def test_durations_are_said_in_words(seconds: float, said: str) -> None:
    assert words.duration(timedelta(seconds=seconds)) == said

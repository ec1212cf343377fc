"""The page of a campaign: what would happen, how far it is, who booked, and who was not texted."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging import clock
from messaging.models import (
    Contact,
    Lane,
    OriginationIdentity,
    OutboundMessage,
    PartPrice,
    Status,
)
from messaging.outbound import pauses
from shifts.admin import campaigns_words as words
from shifts.models import Campaign
from tests.incidents.test_admin import file_of, staff
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, received
from tests.moving import MovableTime
from tests.shifts.conftest import texted
from tests.shifts.factories import campaign, employee, employees, holding, segment, shift
from tests.shifts.test_admin_campaigns import LIST, page, plain

STATUSES = ("draft", "scheduled", "sending", "paused", "sent", "cancelled")


@pytest.fixture
def olga(number: OriginationIdentity, time: MovableTime) -> Client:
    """Somebody of HR."""
    return staff("view_campaign", "add_campaign", "change_campaign", "see_phone_numbers")


@pytest.fixture
def rita(number: OriginationIdentity, time: MovableTime) -> Client:
    """Somebody who may look and no more."""
    return staff("view_campaign", name="rita")


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


# Seeing what would happen.


def test_the_page_of_a_draft_tells_what_would_happen(olga: Client) -> None:
    PartPrice.objects.all().delete()
    PartPrice.objects.create(iso_country_code="US", price=Decimal("0.01"))
    OriginationIdentity.objects.update(mps=1)
    employees(3, segments=["Night nurses"])
    employee(ANN, approved=False, segments=["Night nurses"])
    text = page(olga, campaign(shifts=[shift("N301", at=9)]))
    assert "Recipients 3" in text
    assert "0.03 USD" in text
    assert "Suppressed 1: 1 not approved" in text
    assert "a few seconds at 1 part a second" in text
    assert "Duplicates none" in text
    assert "Encoding GSM" in text
    assert "Shifts are open. Reply with the shift codes, e.g. N301. REQUEST lists" in text
    assert "Send now" not in text.split("History")[0]


def test_problems_are_told_before_it_is_sent(olga: Client) -> None:
    PartPrice.objects.all().delete()
    row = campaign(footer="Call us.")
    text = page(olga, row)
    assert "Nobody would be texted." in text
    assert "does not say that STOP opts out" in text
    asked = olga.get(f"{LIST}{row.pk}/send_now/").content.decode()
    assert "This texts 0 people" in plain(asked)
    assert "Nobody would be texted." in asked


def test_the_dialog_says_how_many_it_texts(olga: Client) -> None:
    employees(12, segments=["Night nurses"])
    asked = plain(olga.get(f"{LIST}{campaign().pk}/send_now/").content.decode())
    assert "This texts 12 people." in asked
    assert "1 part each" in asked


# Watching.


@pytest.fixture
def sending(olga: Client) -> Campaign:
    """A campaign to eight people, in every state."""
    row = campaign(status="sending", expanded_at=clock.now(), text="Shifts are open.")
    people = employees(8)
    states = [Status.DELIVERED, Status.DELIVERED, Status.SENT, Status.QUEUED, Status.SENDING]
    states += [Status.FAILED, Status.SUPPRESSED, Status.UNKNOWN]
    for person, state in zip(people, states, strict=True):
        reason = "Opted out by text." if state == Status.SUPPRESSED else ""
        texted(row, person.contact.phone_number, status=state, error_reason=reason)
    return row


def progress(client: Client, row: Campaign) -> Any:
    answer = client.get(f"{LIST}{row.pk}/progress/")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return answer.json()


def test_the_page_of_a_campaign_under_way_is_its_progress(olga: Client, sending: Campaign) -> None:
    text = page(olga, sending)
    for told in ("Delivered 2", "On the way 1", "Waiting 2", "Failed 1", "Suppressed 1", "Unknown 1", "Progress 8"):
        assert told in text
    assert "3 of 7 people texted" in text
    assert "Done in a few seconds at 100 parts a second" in text
    assert "If it were sent now" not in text
    assert 'data-every="2000"' in olga.get(f"{LIST}{sending.pk}/change/").content.decode()


def test_the_figures_are_asked_for_again(olga: Client, sending: Campaign) -> None:
    holding(employee(BOB), shift("N301", at=9), campaign=sending)
    received("N301", BOB, conversation="shifts", subject="july")
    told = progress(olga, sending)
    assert (told["status"], told["every"], told["headline"]) == ("sending", 2000, "3 of 7 people texted")
    assert told["people"]["delivered"] == 2
    assert (told["values"]["replied"], told["values"]["booked"], told["values"]["recipients"]) == ("1", "1", "8")
    assert "N301" in told["lists"]


def test_figures_that_are_the_same_are_not_told_again(olga: Client) -> None:
    row = campaign(status="paused", expanded_at=clock.now(), text="Shifts are open.")
    texted(row, ANN, status=Status.QUEUED)
    address = f"{LIST}{row.pk}/progress/"
    etag = olga.get(address)["ETag"]
    unchanged = olga.get(address, headers={"If-None-Match": etag})
    assert (unchanged.status_code, unchanged["ETag"], unchanged.content) == (304, etag, b"")
    assert "no-store" in unchanged["Cache-Control"]
    texted(row, BOB, status=Status.DELIVERED)
    changed = olga.get(address, headers={"If-None-Match": etag})
    assert (changed.status_code, changed.json()["people"]["delivered"]) == (200, 1)
    assert changed["ETag"] != etag


def test_with_several_numbers_the_slowest_says_when_it_is_done(olga: Client, sending: Campaign) -> None:
    OriginationIdentity.objects.create(identity="+14255550101", kind="ten_dlc", mps=1)
    for n in range(120):
        texted(sending, f"+1425559{n:04}", status=Status.QUEUED, origination_identity="+14255550101")
    assert "Done in about 2 minutes from 2 numbers at once, at " in progress(olga, sending)["detail"]
    Campaign.objects.update(origination_identity=OUR_NUMBER)
    assert "Done in a few seconds at 100 parts a second" in progress(olga, sending)["detail"]


def test_asking_ends_with_the_campaign(olga: Client, time: MovableTime) -> None:
    row = campaign(status="sent", expanded_at=clock.now())
    texted(row, status=Status.DELIVERED)
    assert progress(olga, row)["every"] == 10_000
    time.forward(3600)
    assert progress(olga, row)["every"] == 0
    assert "1 of 1 person texted, 1 delivered" in page(olga, row)


@pytest.mark.parametrize("now", STATUSES)
def test_every_status_has_a_page_and_figures(olga: Client, rita: Client, now: str) -> None:
    row = campaign(status=now, campaign_message="Shifts <b>are</b> open.")
    for client in (olga, rita):
        html = client.get(f"{LIST}{row.pk}/change/").content.decode()
        assert row.get_status_display() in plain(html)
        assert "<b>are</b>" not in html
        assert progress(client, row)["status"] == now
    assert row.get_status_display() in olga.get(LIST).content.decode()
    assert row.get_status_display() in olga.get(LIST, {"status__exact": now}).content.decode()


def test_what_people_wrote_is_no_part_of_the_page(olga: Client) -> None:
    row = campaign(status="sent", text="<script>1</script>")
    person = employee(ANN, name="<script>2</script>")
    holding(person, shift(shift_info="<script>3</script>", at=9), campaign=row)
    texted(row, ANN, status=Status.FAILED, error_reason="<script>4</script>")
    html = olga.get(f"{LIST}{row.pk}/change/").content.decode()
    for n in range(1, 5):
        assert f"<script>{n}" not in html
        assert f"&lt;script&gt;{n}" in html
    assert "<script>" not in progress(olga, row)["lists"]


def test_a_paused_campaign_says_who_waits_and_why(olga: Client) -> None:
    row = campaign(status="paused", problem="There is no number to send from.", expanded_at=clock.now())
    texted(row, status=Status.QUEUED, withheld=True)
    text = page(olga, row)
    assert "1 person waits for you to resume it." in text
    assert "There is no number to send from." in text


@pytest.mark.parametrize(
    ("stop", "how", "to_do"),
    [
        (pauses.pause, "paused", "When that is mended, resume sending on the page of the number."),
        (pauses.hold, "held", "It is tried again by itself, and goes on when it can be told who has opted out."),
    ],
)
def test_a_lane_that_stands_still_shows_and_says_what_to_do(
    olga: Client, sending: Campaign, number: OriginationIdentity, stop: Any, how: str, to_do: str
) -> None:
    Lane.objects.create(origination_identity=number)
    assert "so texts of this campaign wait" not in page(olga, sending)
    stop(OUR_NUMBER, "The spend limit is reached.")
    told = f"Sending from {OUR_NUMBER} is {how}, so texts of this campaign wait. The spend limit is reached. {to_do}"
    assert told in page(olga, sending)
    assert progress(olga, sending)["trouble"] == told
    # The number's page is for those who may see it.
    assert progress(olga, sending)["trouble_url"] == ""
    nora = staff("view_campaign", "view_originationidentity", name="nora")
    url = f"/admin/messaging/originationidentity/{number.pk}/change/" if how == "paused" else ""
    assert progress(nora, sending)["trouble_url"] == url
    OutboundMessage.objects.filter(status=Status.QUEUED).update(status=Status.CANCELLED)
    assert progress(olga, sending)["trouble"] == ""


def test_the_page_says_who_booked_and_where_replies_are(number: OriginationIdentity, time: MovableTime) -> None:
    olga = staff("view_campaign", "view_inboundmessage")
    row = campaign(status="sent")
    held, given_back = shift("N301", at=9, places=2), shift("N302", at=99)
    holding(employee(ANN, name="Ann Berg"), held, campaign=row)
    bob = employee(BOB, name="Bob Kim")
    holding(bob, given_back, campaign=row, dropped_at=clock.now(), dropped_by=BOB)
    received("N301 please", ANN, conversation="shifts", subject="july")
    received("another thing", BOB, conversation="shifts", subject="june")
    html = olga.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "Ann Berg" in html
    assert "Bob Kim" not in html
    url = re.search(r'href="([^"]*inboundmessage[^"]*subject[^"]*)"', html)
    assert url
    inbox = olga.get(url[1].replace("&amp;", "&")).content.decode()
    assert "N301 please" in inbox
    assert "another thing" not in inbox


def test_who_was_not_texted_and_why(olga: Client, sending: Campaign) -> None:
    Contact.objects.filter(phone_number="+14255560006").update(name='=HYPERLINK("x")')
    text = page(olga, sending)
    assert "Who was not texted, and why" in text
    assert "Opted out by text." in text
    assert "AWS did not answer" in text
    lines = file_of(olga.get(f"{LIST}{sending.pk}/not-texted/"))
    assert lines[0] == "phone_number,name,status,reason,at"
    assert [line.split(",")[0] for line in lines[1:]] == ["+14255560005", "+14255560006", "+14255560007"]
    assert '"\'=HYPERLINK(""x"")",suppressed,Opted out by text.' in lines[2]


def test_the_card_shows_the_first_and_the_file_has_all(olga: Client) -> None:
    row = campaign(status="sent")
    for n in range(25):
        texted(row, f"+1425557{n:04}", status=Status.FAILED, error_reason=f"Reason {n:03}")
    text = page(olga, row)
    assert "Reason 019" in text
    assert "Reason 020" not in text
    assert len(file_of(olga.get(f"{LIST}{row.pk}/not-texted/"))) == 26


def test_figures_and_file_are_refused_to_strangers(number: OriginationIdentity, time: MovableTime) -> None:
    row = campaign(status="sent")
    stranger = staff("view_shift", "view_employee")
    for url in (LIST, f"{LIST}{row.pk}/change/", f"{LIST}{row.pk}/progress/", f"{LIST}{row.pk}/not-texted/"):
        assert stranger.get(url).status_code == 403, url
        assert Client().get(url)["Location"].startswith("/admin/login/")


# The list.


def test_the_list_tells_how_far_each_is(olga: Client, sending: Campaign) -> None:
    holding(employee(BOB), shift(at=9), campaign=sending)
    campaign("august", status="scheduled")
    rows = plain(olga.get(LIST).content.decode())
    assert re.search(r"july Sending Night nurses .* delivered 2 of 8 0 1", rows)
    assert "august" in rows
    only = plain(olga.get(LIST, {"status__exact": "scheduled"}).content.decode())
    assert "august" in only
    assert "delivered 2 of 8" not in only


def test_lists_and_pages_cost_the_same_however_many_rows(olga: Client) -> None:
    def add(n: int) -> None:
        row = campaign(f"c{n}", segment=segment(f"Segment {n}"), status="sending", expanded_at=clock.now())
        for m in range(n + 1):
            number = f"+1425558{n:02}{m:02}"
            person = employee(number)
            texted(row, number, status=Status.FAILED if m % 2 else Status.QUEUED)
            holding(person, shift(f"S{n}X{m}", at=m + 1), campaign=row)

    add(1)
    few = queries(olga, LIST)
    row = Campaign.objects.get()
    few_on_page = queries(olga, f"{LIST}{row.pk}/change/")
    few_asked = queries(olga, f"{LIST}{row.pk}/progress/")
    for n in range(2, 8):
        add(n)
    assert queries(olga, LIST) == few
    row = Campaign.objects.get(campaign_id="c7")
    assert queries(olga, f"{LIST}{row.pk}/change/") == few_on_page
    assert queries(olga, f"{LIST}{row.pk}/progress/") == few_asked
    assert few_asked <= 20


# Words.


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "a few seconds"),
        (7, "about 10 seconds"),
        (50, "about 50 seconds"),
        (55, "about 1 minute"),
        (1020, "about 17 minutes"),
        (3600 * 2 + 590, "about 2 hours 10 minutes"),
        (3600 * 3, "about 3 hours"),
        (86_400 * 3, "about 3 days"),
    ],
)
def test_durations(seconds: float, told: str) -> None:
    assert words.about(seconds) == told


def test_money_is_rounded_to_cents_unless_nothing_were_left() -> None:
    assert words.money(Decimal("1234.565"), "USD") == "1,234.57 USD"
    assert words.money(Decimal("0.00400"), "USD") == "0.004 USD"
    assert words.money(Decimal(0), "USD") == "0.00 USD"

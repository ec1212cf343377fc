"""What came of a campaign: rate, funnel, cost, reasons, and the lists behind each figure. And the list of campaigns."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging import clock
from messaging.models import OriginationIdentity, OutboundMessage, Status
from shifts.admin import campaigns_reads
from shifts.admin import campaigns_words as words
from shifts.models import Campaign, SegmentMember
from tests.incidents.test_admin import staff
from tests.messaging.factories import ANN, received
from tests.moving import MovableTime
from tests.shifts.conftest import texted
from tests.shifts.factories import campaign, employee, employees, holding, segment, shift
from tests.shifts.test_admin_campaigns import LIST, page, plain

SEES_ALL = ("view_campaign", "view_outboundmessage", "view_inboundmessage")


@pytest.fixture
def olga(number: OriginationIdentity, time: MovableTime) -> Client:
    return staff(*SEES_ALL, "change_campaign", "add_campaign")


@pytest.fixture
def still(time: MovableTime) -> Iterator[None]:
    """Time that stands: what left in the last seconds is not longer ago on a busy machine."""
    with time_machine.travel(time.now, tick=False):
        yield


def progress(client: Client, row: Campaign) -> Any:
    return client.get(f"{LIST}{row.pk}/progress/").json()


# How fast.


def test_the_rate_is_that_of_the_last_seconds(olga: Client, still: None) -> None:
    begun = clock.now() - timedelta(minutes=5)
    row = campaign(status="sending", started_at=begun, expanded_at=begun, text="Shifts are open.")
    for n in range(30):
        texted(row, f"+1425556{n:04}", seconds_ago=n % 9 + 0.5)
    for n in range(30, 40):
        texted(row, f"+1425556{n:04}", seconds_ago=15)
    texted("other", "+14255570001", seconds_ago=1)
    texted(row, "+14255570002", seconds_ago=1, priority=10)
    for n in range(60):
        texted(row, f"+1425558{n:04}", status=Status.QUEUED)
    told = progress(olga, row)
    assert told["values"]["rate"] == "3 texts a second"
    assert told["detail"].startswith("Done in about 20 seconds at 3 texts a second, at ")
    assert "Rate lately 3 texts a second" in page(olga, row)


def test_a_campaign_that_began_a_moment_ago_is_measured_since_then(olga: Client, still: None) -> None:
    begun = clock.now() - timedelta(seconds=4)
    row = campaign(status="sending", started_at=begun, expanded_at=begun, text="Shifts are open.")
    for n in range(20):
        texted(row, f"+1425556{n:04}", seconds_ago=2)
    texted(row, ANN, status=Status.QUEUED)
    told = progress(olga, row)
    assert told["values"]["rate"] == "5 texts a second"
    # Too short to tell from when it ends: that is told by what the number may send.
    assert "at 100 parts a second" in told["detail"]


@pytest.mark.parametrize("now", ["paused", "sent", "cancelled"])
def test_what_does_not_send_has_no_rate(olga: Client, now: str) -> None:
    row = campaign(status=now, started_at=clock.now() - timedelta(minutes=1))
    texted(row, ANN, seconds_ago=1)
    assert progress(olga, row)["values"]["rate"] == ""


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (0.25, "0.2 texts a second"),
        (1, "1 text a second"),
        (9.96, "10 texts a second"),
        (12.4, "12 texts a second"),
        (2500, "2,500 texts a second"),
    ],
)
def test_rates_in_words(texts: float, told: str) -> None:
    assert words.rate(texts) == told


# The funnel.


@pytest.fixture
def sent(olga: Client) -> Campaign:
    """A campaign to twenty people: sixteen texts went out, ten arrived, four replied, two booked."""
    row = campaign(status="sent", expanded_at=clock.now())
    people = employees(20)
    states = [Status.DELIVERED] * 10 + [Status.SENT] * 6 + [Status.FAILED] * 2 + [Status.SUPPRESSED] * 2
    for n, (person, state) in enumerate(zip(people, states, strict=True)):
        fields: dict[str, Any] = {}
        if state == Status.SUPPRESSED:
            fields = {"error_code": "GUARD", "error_reason": f"Opted out by text on 2026-0{n - 12}-03."}
        if state == Status.FAILED:
            fields = {"error_code": "TEXT_INVALID", "error_reason": "The number is not valid."}
        if state == Status.DELIVERED:
            fields = {"price": Decimal("0.00581"), "currency": "USD"}
        texted(row, person.contact.phone_number, status=state, **fields)
    for person in people[:4]:
        received("A1", person.contact.phone_number, conversation="shifts", subject="july")
    night = shift("A1", at=9, places=9)
    for person in people[:2]:
        holding(person, night, campaign=row)
    # Answers to replies are no texts of the campaign.
    texted(row, ANN, priority=10, price=Decimal(9), currency="USD", status=Status.DELIVERED)
    return row


def test_the_funnel_tells_how_many_came_how_far(olga: Client, sent: Campaign) -> None:
    text = page(olga, sent)
    for told in (
        "Recipients 20",
        "Sent 16 80 % of the recipients",
        "Delivered 10 62 % of those sent",
        "Replied 4 25 % of those sent",
        "Booked 2 12 % of those sent",
    ):
        assert told in text, text
    html = olga.get(f"{LIST}{sent.pk}/change/").content.decode()
    funnel = html.split('class="campaign-funnel"')[1].split("</ol>")[0]
    assert re.findall(r"width: ([\d.]+)%", funnel) == ["100.0", "80.0", "50.0", "20.0", "10.0"]
    assert progress(olga, sent)["funnel"].count("<li") == 5


def test_every_figure_leads_to_its_rows(olga: Client, sent: Campaign) -> None:
    html = olga.get(f"{LIST}{sent.pk}/change/").content.decode()
    funnel = html.split('class="campaign-funnel"')[1].split("</ol>")[0]
    links = [one.replace("&amp;", "&") for one in re.findall(r'href="([^"]+)"', funnel)]
    assert links.pop() == "#campaign-booked"
    found = [len(olga.get(link).context["cl"].result_list) for link in links]
    assert found == [20, 16, 10, 4]


def test_links_are_for_those_who_may_go_there(sent: Campaign) -> None:
    rita = staff("view_campaign", name="rita")
    html = rita.get(f"{LIST}{sent.pk}/change/").content.decode().split('id="campaign"')[1]
    assert "Delivered" in html
    assert "outboundmessage" not in html
    assert "inboundmessage" not in html


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [(0, 0, ""), (0, 5, "0 %"), (1, 1000, "less than 1 %"), (999, 1000, "99 %"), (5, 5, "100 %"), (7, 5, "140 %")],
)
def test_shares_in_words(part: int, whole: int, told: str) -> None:
    assert words.share(part, whole) == told


def test_the_cost_is_what_aws_reported_of_its_texts(olga: Client, sent: Campaign) -> None:
    assert "0.06 USD for 10 texts, as AWS has reported it" in page(olga, sent)
    OutboundMessage.objects.filter(status=Status.SENT).update(price=Decimal("0.02"), currency="EUR")
    assert "0.12 EUR + 0.06 USD for 16 texts" in page(olga, sent)
    OutboundMessage.objects.update(price=None)
    assert "AWS has reported no price yet." in page(olga, sent)


def test_reasons_are_counted_and_lead_to_their_texts(olga: Client, sent: Campaign) -> None:
    text = page(olga, sent)
    assert "2 Opted out by text. 2 The number is not valid." in text
    html = olga.get(f"{LIST}{sent.pk}/change/").content.decode()
    links = re.findall(r'href="([^"]+)"', html.split('class="campaign-reasons"')[1].split("</ul>")[0])
    assert [len(olga.get(one.replace("&amp;", "&")).context["cl"].result_list) for one in links] == [2, 2]


def test_of_very_many_not_all_are_grouped_and_that_is_said(
    olga: Client, sent: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "There are more, and more reasons" not in page(olga, sent)
    monkeypatch.setattr(campaigns_reads, "_MOST_GROUPED", 3)
    assert "There are more, and more reasons" in page(olga, sent)


@pytest.mark.parametrize(
    ("suppressed", "says"), [(0, "Nobody was in Night nurses."), (3, "3 people had opted out, or were not approved.")]
)
def test_a_campaign_that_texted_nobody_says_why(olga: Client, suppressed: int, says: str) -> None:
    row = campaign(status="sent", expanded_at=clock.now())
    for n in range(suppressed):
        texted(row, f"+1425556{n:04}", status=Status.SUPPRESSED)
    assert f"Nobody was texted {says}" in page(olga, row)


def test_a_follow_up_that_texted_nobody_says_why(olga: Client) -> None:
    row = campaign("july-2", status="sent", follows=campaign(status="sent"))
    assert "Nobody was texted Everybody who got july had answered." in page(olga, row)


def test_the_page_of_a_result_costs_the_same_however_many_rows(olga: Client) -> None:
    def queries(row: Campaign) -> list[int]:
        found = []
        for part in ("change", "progress"):
            with CaptureQueriesContext(connection) as context:
                olga.get(f"{LIST}{row.pk}/{part}/")
            found.append(len(context))
        return found

    few, many = campaign("few", status="sent"), campaign("many", status="sent")
    for row, count in ((few, 2), (many, 60)):
        for n in range(count):
            number = f"+1425556{n:04}"
            status = Status.FAILED if n % 2 else Status.DELIVERED
            texted(row, number, status=status, error_code=f"C{n}", price=Decimal("0.01"), currency="USD")
    queries(few)
    assert queries(many) == queries(few)


# The list.


def test_a_row_has_a_bar(olga: Client, sent: Campaign) -> None:
    html = olga.get(LIST).content.decode()
    bar = html.split('class="campaign-bar"')[1].split("</span></span>")[0]
    assert re.findall(r"tone-(\w+)\" style=\"flex-grow: (\d+)", bar) == [
        ("success", "10"),
        ("primary", "6"),
        ("danger", "2"),
        ("warning", "2"),
    ]
    assert re.search(r"delivered 10 of 20 4 2", plain(html))


def test_while_there_is_none_the_list_says_what_to_do_next(time: MovableTime, db: None) -> None:
    olga = staff("view_campaign", "add_campaign", "add_shift", "add_rosterimport")
    html = olga.get(LIST).content.decode()
    steps = html.split('class="campaign-steps"')[1].split("</ol>")[0]
    assert plain(steps).count("is there") == 0
    assert "A number of ours that people can answer is missing" in plain(steps)
    assert "/admin/shifts/rosterimport/add/" in steps
    assert "originationidentity" not in steps
    OriginationIdentity.objects.create(identity="+14255550100", kind="ten_dlc", mps=1)
    segment()
    assert plain(olga.get(LIST).content.decode()).count("is there") == 1, "an empty segment is none"
    employee(ANN, segments=["Night nurses"])
    shift("A1")
    assert SegmentMember.objects.exists()
    assert plain(olga.get(LIST).content.decode()).count("is there") == 3
    campaign()
    assert "campaign-steps" not in olga.get(LIST).content.decode()


def test_the_list_is_searched_and_filtered(olga: Client) -> None:
    campaign("july", campaign_message="Nights are open.")
    campaign("august", segment=segment("Day nurses"), status="sent")

    def found(**asked: str) -> set[str]:
        return {one.campaign_id for one in olga.get(LIST, asked).context["cl"].result_list}

    assert found(q="nights are") == {"july"}
    assert found(q="Day nur") == {"august"}
    assert found(q="aug") == {"august"}
    assert found(status__exact="sent") == {"august"}

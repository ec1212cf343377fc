"""The inbox and a thread, as each role uses them."""

import re

import pytest
from playwright.sync_api import expect

from config.roles import COMPLIANCE, HR, INCIDENT_STAFF, READ_ONLY
from messaging import clock
from messaging.models import Contact, InboundMessage, OriginationIdentity, OutboundMessage, Status
from tests.browser.conftest import DESKTOP, PHONE, As
from tests.browser.watching import needs_chromium
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, received, standing
from tests.security.world import World, world

pytestmark = needs_chromium

INBOX = "/admin/messaging/inboundmessage/inbox/"
CAT = "+14255550184"


@pytest.fixture
def rows() -> World:
    """Ann waits, and has talked of an incident and of shifts; Bob has opted out; a stranger has asked for help."""
    made = world()
    Contact.objects.filter(phone_number=ANN).update(name="Ann Arbor")
    OriginationIdentity.objects.create(identity="+14255550199", kind="toll_free", iso_country_code="US", mps=3)
    now = clock.now()
    standing(Status.DELIVERED, seconds_ago=90_000, conversation="shifts", subject="july", delivered_at=now)
    received("XYZ123 please", outcome="shifts", conversation="shifts", subject="july", routed_at=now)
    standing(Status.FAILED, seconds_ago=60, ended_at=now, error_reason="The phone is switched off.", actor="alice")
    received("Can I leave my car in front of the cold store tonight?", outcome="unmatched", routed_at=now)
    received("stop", BOB, outcome="consent", conversation="consent", routed_at=now)
    received("HELP", CAT, outcome="keyword", routed_at=now)
    standing(Status.SENT, CAT, body="Textback: this number sends you texts you can answer.", is_automatic_reply=True)
    return made


_SEES = {
    INCIDENT_STAFF: {"Waiting", "All", "Incidents", "Consent", "Keyword"},
    HR: {"Waiting", "All", "Shifts", "Consent", "Keyword"},
    COMPLIANCE: {"Waiting", "All", "Incidents", "Shifts", "Consent", "Keyword"},
    READ_ONLY: {"Waiting", "All", "Incidents", "Shifts", "Consent", "Keyword"},
}


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("role", _SEES)
def test_each_role_has_its_inbox_and_threads(rows: World, as_: As, role: str, width: int) -> None:
    watched = as_(role, width=width)
    page = watched.page
    watched.open(INBOX)
    kinds = {re.sub(r" \d+$", "", text.strip()) for text in page.locator(".inbox-kinds a").all_inner_texts()}
    assert kinds == _SEES[role]
    first = page.locator(".inbox-person").first
    expect(first).to_contain_text("Ann Arbor")
    expect(first).to_contain_text("wait")
    assert watched.findings() == []
    assert watched.overflow() == 0
    name = role.lower().replace(" ", "-")
    watched.shoot(f"inbox-{name}")
    first.click()
    expect(page.get_by_role("heading", name="Ann Arbor")).to_be_visible()
    expect(page.locator(".thread-list")).to_contain_text("Can I leave my car")
    expect(page.get_by_role("link", name="Incident 123")).to_have_count(1 if "Incidents" in kinds else 0)
    expect(page.get_by_role("link", name="Campaign july")).to_have_count(2 if "Shifts" in kinds else 0)
    expect(page.locator("#thread-answer")).to_have_count(0 if role == READ_ONLY else 1)
    assert watched.findings() == []
    assert watched.overflow() == 0
    watched.shoot(f"thread-{name}")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_text_is_answered(rows: World, as_: As, width: int) -> None:
    watched = as_("boss", width=width)
    page = watched.page
    watched.open(INBOX)
    page.get_by_role("link", name="Waiting").click()
    page.locator(".inbox-person").first.click()
    page.get_by_label("Your text").fill("Yes, until six. Write the plate on a note – please.")
    expect(page.locator("#thread-size")).to_contain_text("UCS-2, because of –")
    expect(page.locator("#thread-size")).to_contain_text("1 part")
    watched.shoot("thread-writing")
    page.get_by_role("button", name="Send").dblclick()
    expect(page.get_by_text("Your answer is on its way.")).to_be_visible()
    expect(page.locator(".thread-list")).to_contain_text("Write the plate on a note")
    expect(page.locator(".thread-list")).to_contain_text("Dealt with by boss")
    assert OutboundMessage.objects.filter(actor="boss").count() == 1
    assert watched.findings() == []
    assert watched.overflow() == 0
    watched.shoot("thread-answered")


def test_a_text_that_waits_is_put_into_an_incident(rows: World, as_: As) -> None:
    watched = as_(INCIDENT_STAFF)
    page = watched.page
    text = InboundMessage.objects.get(body__startswith="Can I leave my car")
    watched.open(f"{INBOX}{text.pk}/")
    page.locator(f"#thread-where-{text.pk}").click()
    watched.shoot("thread-putting")
    assert watched.findings() == []
    page.get_by_role("button", name="Incident 123").last.click()
    expect(page.get_by_text("Put into Incident 123.")).to_be_visible()
    text.refresh_from_db()
    assert (text.conversation, text.subject, text.handled_by) == ("incidents", "123", INCIDENT_STAFF)


def test_an_open_thread_tells_of_a_new_text_and_keeps_what_is_being_written(rows: World, as_: As) -> None:
    watched = as_("boss")
    page = watched.page
    contact = Contact.objects.get(phone_number=ANN)
    watched.open(f"{INBOX}c{contact.pk}/")
    page.get_by_label("Your text").fill("I am still writing")
    before = page.locator('input[name="seen"]').input_value()
    new = received("And my bicycle?", outcome="unmatched", routed_at=clock.now())
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".thread-list")).to_contain_text("And my bicycle?")
    expect(page.get_by_label("Your text")).to_have_value("I am still writing")
    expect(page.locator("#thread-news")).to_have_text("A new text has come.")
    assert page.locator('input[name="seen"]').input_value() == str(new.pk) != before


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_who_has_opted_out_of_a_number_is_marked(rows: World, as_: As, width: int) -> None:
    watched = as_(COMPLIANCE, width=width)
    page = watched.page
    watched.open(f"{INBOX}?q=4255550183")
    page.locator(".inbox-person").click()
    leaves = page.locator(".thread-leaves")
    expect(leaves).to_contain_text(f"{OUR_NUMBER} Opted out by staff")
    expect(leaves).to_contain_text("+14255550199 may text them")
    assert watched.findings() == []
    assert watched.overflow() == 0
    watched.shoot("thread-opted-out")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_an_empty_inbox_and_a_search_without_an_answer_say_what_to_do(as_: As, width: int) -> None:
    watched = as_("boss", width=width)
    watched.open(INBOX)
    expect(watched.page.get_by_text("Nobody has written to us yet")).to_be_visible()
    assert watched.findings() == []
    watched.shoot("inbox-empty")
    watched.page.get_by_label("Search by name or phone number").fill("Zoe")
    watched.page.locator(".inbox-find").click()
    expect(watched.page.get_by_text("Nobody is called “Zoe”")).to_be_visible()
    assert watched.findings() == []
    assert watched.overflow() == 0
    watched.shoot("inbox-nobody")

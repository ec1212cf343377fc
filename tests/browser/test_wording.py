"""What people are texted, as staff of each role see it and put it otherwise."""

import pytest
from playwright.sync_api import expect

from config.roles import COMPLIANCE, HR, INCIDENT_STAFF, READ_ONLY
from messaging.models import TextTemplate
from tests.browser.conftest import DESKTOP, PHONE, As
from tests.browser.watching import needs_chromium

pytestmark = needs_chromium

LIST = "/admin/messaging/texttemplate/"
THANKS = f"{LIST}incidents.thanks:es/change/"
_READ_ONLY = {
    INCIDENT_STAFF: {"Shifts", "Consent", "Help"},
    HR: {"Incidents", "Consent", "Help"},
    COMPLIANCE: {"Incidents", "Shifts"},
    READ_ONLY: {"Incidents", "Shifts", "Consent", "Help"},
}


@pytest.mark.parametrize("role", _READ_ONLY)
def test_each_role_sees_all_and_writes_its_own(as_: As, role: str) -> None:
    watched = as_(role)
    watched.open(LIST)
    found = watched.page.locator(".wording h2").all_inner_texts()
    assert len(found) == 4
    assert {one.split("\n")[0].split(" to read")[0].strip() for one in found if "to read only" in one} == _READ_ONLY[
        role
    ]
    watched.open(THANKS)
    expect(watched.page.locator("#id_text")).to_have_count(0 if "Incidents" in _READ_ONLY[role] else 1)
    watched.shoot(f"wording-{role.lower().replace(' ', '-')}")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_anybody_can_use_the_list_and_the_form(as_: As, width: int) -> None:
    TextTemplate.objects.create(
        key="incidents.thanks",
        language="es",
        text="Gracias, {id}: {what}",
        changed_by="alice",
        changed_at="2026-07-01T12:00Z",
    )
    watched = as_("boss", width=width)
    watched.open(f"{LIST}?language=es")
    assert watched.findings() == []
    assert watched.overflow() == 0
    watched.shoot("wording-list")
    watched.open(THANKS)
    expect(watched.page.locator("#id_text")).to_have_value("Gracias, {id}: {what}")
    assert watched.findings() == []
    assert watched.overflow() == 0
    watched.shoot("wording-form")
    watched.open(f"{LIST}shifts.more-lists:de/change/")
    assert watched.overflow() == 0
    watched.shoot("wording-long-example")


def test_it_is_shown_while_it_is_written_and_said_when_it_is_saved(as_: As) -> None:
    watched = as_(INCIDENT_STAFF)
    page = watched.page
    watched.open(f"{LIST}?language=es")
    page.get_by_role("link", name="Gracias. El incidente {id} queda a su cargo: {what}").click()
    expect(page.locator("[data-text]")).to_contain_text("Gracias. El incidente P-117 queda a su cargo: Pump 4")
    page.fill("#id_text", "Está hecho, {id}")
    expect(page.locator("#wording-problems")).to_contain_text("{what} is missing")
    expect(page.locator("[data-size]")).to_contain_text("UCS-2")
    expect(page.locator("[data-strange]")).to_have_text("Fewer fit into a part because of: á")
    watched.shoot("wording-problem")
    assert watched.findings() == []
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#wording-problems")).to_contain_text("{what} is missing")
    assert not TextTemplate.objects.exists()
    page.fill("#id_text", "Hecho, {id}: {what}")
    expect(page.locator("#wording-problems")).to_be_empty()
    expect(page.locator("[data-size]")).to_contain_text("GSM · ")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[id='incidents.thanks'] .wording-label")).to_have_text("Your own words")
    page.get_by_role("link", name="Hecho, {id}: {what}").click()
    page.get_by_role("button", name="Back to the shipped words").click()
    expect(page.locator(".wording-label")).to_have_count(0)
    assert TextTemplate.objects.get().text == ""

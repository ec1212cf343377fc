"""The first page of the admin, for each role."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from config.roles import COMPLIANCE, HR, INCIDENT_STAFF, READ_ONLY
from messaging import clock, daily
from messaging.models import OutboundMessage
from tests.browser.conftest import DESKTOP, PHONE, As
from tests.browser.watching import needs_chromium
from tests.security.world import World, world

pytestmark = needs_chromium


@pytest.fixture
def rows() -> World:
    made = world()
    # As it is in life: later rows are later texts.
    OutboundMessage.objects.update(queued_at=clock.now())
    for _ in range(daily.DAYS):
        daily.count_what_is_due(for_as_long_as=timedelta(0))
    return made


_SEES = {
    INCIDENT_STAFF: ({"Open incidents 1", "Unmatched texts"}, {"Texts", "Time to acknowledgement", "Spend"}),
    HR: ({"Unmatched texts", "Call backs"}, {"Texts", "Bookings", "Spend"}),
    COMPLIANCE: (
        {"Open incidents 1", "Unmatched texts", "Consent to review"},
        {"Texts", "Time to acknowledgement", "Consent", "Spend"},
    ),
    READ_ONLY: (
        {"Open incidents 1", "Unmatched texts", "Call backs", "Consent to review"},
        {"Texts", "Time to acknowledgement", "Bookings", "Consent", "Spend"},
    ),
}


@pytest.mark.parametrize("role", _SEES)
def test_each_role_sees_its_own(rows: World, as_: As, role: str) -> None:
    watched = as_(role)
    watched.open("/admin/")
    needs, charts = _SEES[role]
    page = watched.page
    found = {text.strip() for text in page.locator(".home-clocks h3, .home-words b").all_inner_texts()}
    assert found == needs
    assert {text.strip() for text in page.locator(".tb-chart h3").all_inner_texts()} == charts
    watched.shoot(f"home-{role.lower().replace(' ', '-')}")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_anybody_can_use_it(rows: World, as_: As, width: int) -> None:
    watched = as_("boss", width=width)
    watched.open("/admin/")
    expect(watched.page.get_by_role("heading", name="Needs somebody now")).to_be_visible()
    assert watched.findings() == []
    assert watched.overflow() == 0
    watched.shoot("home")


def test_every_figure_leads_to_its_list(rows: World, as_: As) -> None:
    watched = as_("boss")
    watched.open("/admin/")
    links = watched.page.locator(".home a, .tb-chart a").evaluate_all("found => found.map(one => one.href)")
    assert len(links) > 30
    for link in dict.fromkeys(links):
        answer = watched.page.request.get(link)
        assert answer.status == 200, link

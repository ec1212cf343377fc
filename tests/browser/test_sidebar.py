"""What each role finds in the sidebar, and that all of it opens; search and time zone as a browser tells them."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from config.roles import COMPLIANCE, HR, INCIDENT_STAFF, READ_ONLY
from tests.browser.conftest import PHONE, As
from tests.browser.watching import Watched, needs_chromium
from tests.security.world import World, world

pytestmark = needs_chromium

_ONLY_ADMINISTRATION = {"Users", "Groups", "API tokens"}
# What somebody of the role must find, and what they must not.
_FINDS: dict[str, tuple[set[str], set[str]]] = {
    INCIDENT_STAFF: ({"Incidents", "Inbox", "Escalation policies"}, {"Campaigns", "Employees", "Consent", "Changes"}),
    HR: ({"Campaigns", "Shifts", "Call backs", "Employees", "Inbox"}, {"Incidents", "Review list", "Changes"}),
    COMPLIANCE: ({"Consent", "Consent history", "Review list", "Keywords", "Changes"}, {"Employees", "Shifts"}),
    READ_ONLY: ({"Incidents", "Campaigns", "Consent", "Contacts"}, {"Changes", "Failed logins"}),
}


@pytest.fixture(autouse=True)
def rows() -> World:
    return world()


def _sidebar(watched: Watched) -> dict[str, str]:
    """Title → address."""
    watched.open("/admin/")
    links = watched.page.locator("#nav-sidebar a[href^='/admin/']")
    found = links.evaluate_all(
        """all => all.map(one => [
            one.querySelector("span:not(.material-symbols-outlined)")?.textContent.trim(), one.href
        ])"""
    )
    return {title: address for title, address in found if title}


@pytest.mark.parametrize("role", _FINDS)
def test_each_role_finds_its_own_and_opens_it(as_: As, role: str) -> None:
    watched = as_(role)
    sidebar = _sidebar(watched)
    finds, not_ = _FINDS[role]
    assert finds <= set(sidebar)
    assert not (not_ | _ONLY_ADMINISTRATION) & set(sidebar)
    for address in sidebar.values():
        watched.open(address)
        expect(watched.page.locator("#changelist, #content")).not_to_have_count(0)


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("/admin/messaging/inboundmessage/inbox/", "Inbox"),
        ("/admin/messaging/inboundmessage/", "Texts received"),
        ("/admin/shifts/shift/week/", "Week of shifts"),
        ("/admin/shifts/shift/", "Shifts"),
        ("/admin/shifts/shift/add/", "Shifts"),
        ("/admin/optout/consentevent/", "Consent history"),
        ("/admin/optout/consent/", "Consent"),
    ],
)
def test_the_item_of_a_page_is_marked_and_no_other(as_: As, page: str, title: str) -> None:
    watched = as_("boss")
    watched.open(page)
    marked = watched.page.locator("#nav-sidebar li a.active")
    expect(marked).to_have_count(1)
    expect(marked).to_contain_text(title)


def test_home_marks_nothing(as_: As) -> None:
    watched = as_("boss")
    watched.open("/admin/")
    expect(watched.page.locator("#nav-sidebar li a.active")).to_have_count(0)


def test_search_by_any_form_of_a_number(as_: As) -> None:
    watched = as_(HR)
    watched.open("/admin/")
    page = watched.page
    page.keyboard.press("Control+k")
    page.locator("#search-input-command").press_sequentially("(425) 555-0182")
    expect(page.locator("#command-results a[href*='/admin/shifts/employee/']")).to_contain_text("Ann")
    watched.shoot("search")


def test_times_are_those_of_the_browser(as_: As) -> None:
    watched = as_("boss", width=PHONE)
    watched.open("/admin/")
    zone = watched.page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    assert f"textback_time_zone={zone}" in watched.page.evaluate("document.cookie")


def test_the_login_awaits_the_name(live_server: Any, browser: Browser) -> None:
    page = browser.new_page()
    try:
        page.goto(f"{live_server.url}/admin/login/")
        expect(page.locator("#id_username")).to_be_focused()
    finally:
        page.close()

"""Every page in a real browser: none asks for anything that its Content-Security-Policy forbids."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, expect

from optout import links
from tests.browser.watching import Watched, needs_chromium, watched
from tests.messaging.factories import ANN, OUR_NUMBER
from tests.security.world import World, world

pytestmark = needs_chromium

_LABELS = [
    "auth.User",
    "auth.Group",
    "admin.LogEntry",
    "axes.AccessAttempt",
    "knox.AuthToken",
    "messaging.Contact",
    "messaging.DeliveryEvent",
    "messaging.ErasureRequest",
    "messaging.PrivacyRecord",
    "messaging.InboundMessage",
    "messaging.Keyword",
    "messaging.OriginationIdentity",
    "messaging.OutboundMessage",
    "messaging.Budget",
    "messaging.CountryRule",
    "messaging.PartPrice",
    "messaging.TextTemplate",
    "messaging.WebhookEndpoint",
    "messaging.WebhookDelivery",
    "incidents.Incident",
    "incidents.EscalationPolicy",
    "incidents.AlertSource",
    "incidents.MaintenanceWindow",
    "incidents.Alert",
    "incidents.AlertDelivery",
    "shifts.CallBack",
    "shifts.Campaign",
    "shifts.RosterImport",
    "shifts.Employee",
    "shifts.Segment",
    "shifts.UnauthorisedText",
    "shifts.Shift",
    "optout.Consent",
    "optout.ConsentEvent",
    "optout.Plea",
]


@pytest.fixture
def rows() -> World:
    return world()


@pytest.fixture
def session() -> str:
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def link() -> str:
    return links.make(ANN, OUR_NUMBER).path


@pytest.fixture
def addresses(rows: World) -> list[str]:
    """Every page of the admin that is opened by its address."""
    found = [
        "/admin/",
        "/admin/password_change/",
        "/admin/search/?s=ann",
        f"/admin/auth/user/{rows['auth.User'].pk}/password/",
    ]
    for label in _LABELS:
        page = f"/admin/{label.lower().replace('.', '/')}/"
        pk = rows[label].pk
        found += [page, f"{page}add/", *(f"{page}{pk}/{part}/" for part in ("change", "history", "delete"))]
    inbox = "/admin/messaging/inboundmessage/inbox/"
    found += [inbox, f"{inbox}?q=ann", f"{inbox}{rows['messaging.InboundMessage'].pk}/"]
    campaign = rows["shifts.Campaign"].pk
    repeat = f"/admin/shifts/shift/{rows['shifts.Shift'].pk}/repeat/"
    return [
        *found,
        "/admin/incidents/incident/reports/",
        f"/admin/shifts/campaign/{campaign}/form/",
        "/admin/shifts/campaign/write/",
        "/admin/shifts/shift/week/",
        repeat,
    ]


def test_every_page_of_the_admin_keeps_its_policy(
    live_server: Any, addresses: list[str], session: str, browser: Browser
) -> None:
    boss = watched(browser, live_server.url, session)
    for address in addresses:
        boss.open(f"{live_server.url}{address}")
    assert boss.complaints == []


def test_what_moves_in_the_admin_moves(live_server: Any, rows: World, session: str, browser: Browser) -> None:
    number = rows["messaging.OriginationIdentity"].pk
    boss = watched(browser, live_server.url, session)
    page = boss.page
    # Alpine: choosing rows brings the bar of actions.
    boss.open(f"{live_server.url}/admin/shifts/employee/")
    page.locator("input.action-select").first.check()
    expect(page.locator("#changelist-actions")).to_be_visible()
    # htmx: a dialog comes, and is refused without a reason.
    boss.open(f"{live_server.url}/admin/messaging/originationidentity/{number}/change/")
    page.locator("a[href$='/pause/']").first.click()
    dialog = page.locator("#dialog-form")
    expect(dialog).to_be_visible()
    page.locator("#dialog button[type=submit]").click()
    expect(dialog).to_contain_text("required")
    # Our own script and its requests.
    boss.open(f"{live_server.url}/admin/shifts/campaign/add/")
    expect(page.locator("#campaign-size")).to_be_visible()
    page.fill("#id_campaign_message", "Shifts are open.")
    expect(page.locator("[data-size]")).to_contain_text("characters")
    assert boss.complaints == []


@pytest.mark.parametrize("width", [1280, 390])
def test_login_and_lockout_keep_their_policy(live_server: Any, browser: Browser, width: int) -> None:
    stranger = Watched(browser.new_context(viewport={"width": width, "height": 800}).new_page())
    for _ in range(settings.AXES_FAILURE_LIMIT):
        stranger.open(f"{live_server.url}/admin/login/")
        stranger.page.fill("#id_username", "alice")
        stranger.page.fill("#id_password", "a guess")
        stranger.page.get_by_role("button", name="Log in").click()
        stranger.page.wait_for_load_state("load")
    expect(stranger.page.get_by_role("heading")).to_have_text("Too many failed logins")
    assert stranger.overflow() == 0
    stranger.shoot("locked-out")
    assert stranger.complaints == []


def test_the_documentation_of_the_api_asks_the_api(live_server: Any, session: str, browser: Browser) -> None:
    boss = watched(browser, live_server.url, session)
    boss.open(f"{live_server.url}/api/docs/")
    keywords = boss.page.locator("#operations-Keywords-keywords_list")
    keywords.locator(".opblock-summary").click()
    keywords.get_by_role("button", name="Try it out").click()
    keywords.get_by_role("button", name="Execute").click()
    expect(keywords.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    boss.shoot("api-docs")
    assert boss.complaints == []


def test_the_preferences_page_keeps_its_policy(live_server: Any, link: str, browser: Browser) -> None:
    stranger = Watched(browser.new_context().new_page())
    stranger.open(f"{live_server.url}{link}")
    stranger.page.get_by_role("button", name="Stop these texts").click()
    expect(stranger.page.get_by_role("heading")).to_have_text("You do not get these texts")
    stranger.open(f"{live_server.url}/preferences/nonsense/")
    assert stranger.complaints == []


def test_a_script_that_somebody_smuggles_in_does_not_run(live_server: Any, session: str, browser: Browser) -> None:
    boss = watched(browser, live_server.url, session)
    boss.open(f"{live_server.url}/admin/")
    boss.page.evaluate(
        """() => {
            const place = document.createElement("div");
            place.innerHTML = "<img src=x onerror='window.smuggled = 1'>";
            document.body.append(place);
            const script = document.createElement("script");
            script.textContent = "window.smuggled = 2";
            document.body.append(script);
        }"""
    )
    boss.page.wait_for_timeout(300)
    assert boss.page.evaluate("window.smuggled") is None
    assert any("script-src" in line for line in boss.complaints)

"""Every page in a real browser: none asks for anything that its Content-Security-Policy forbids."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from optout import links
from tests.messaging.factories import ANN, OUR_NUMBER
from tests.security.world import World, world

CHROMIUM = shutil.which("chromium")
MAY_SKIP = CHROMIUM is None and "CI" not in os.environ

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(MAY_SKIP, reason="needs Debian's chromium"),
    pytest.mark.django_db(transaction=True),
]

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_LABELS = [
    "auth.User",
    "auth.Group",
    "axes.AccessAttempt",
    "knox.AuthToken",
    "messaging.Contact",
    "messaging.DeliveryEvent",
    "messaging.InboundMessage",
    "messaging.Keyword",
    "messaging.OriginationIdentity",
    "messaging.OutboundMessage",
    "messaging.PartPrice",
    "incidents.Incident",
    "incidents.EscalationPolicy",
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


class Watched:
    """A page, and what its browser complained of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", lambda line: self._note(line.text) if line.type in {"error", "warning"} else None)
        page.on("pageerror", lambda problem: self._note(str(problem)))

    def _note(self, what: str) -> None:
        # A refusal that a test provokes is a line of the console as well.
        if "the server responded with a status of" not in what:
            self.complaints.append(f"{self.page.url}: {what[:300]}")

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.page.wait_for_load_state("load")


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        yield launched
        launched.close()


def _boss(browser: Browser, url: str, session: str, **options: Any) -> Watched:
    context = browser.new_context(**options)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])
    return Watched(context.new_page())


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
    campaign = rows["shifts.Campaign"].pk
    return [*found, f"/admin/shifts/campaign/{campaign}/form/", "/admin/shifts/campaign/write/"]


# What a test needs of the database is made before the browser starts: within it, Playwright's loop is in the way.
def test_every_page_of_the_admin_keeps_its_policy(
    live_server: Any, addresses: list[str], session: str, browser: Browser
) -> None:
    watched = _boss(browser, live_server.url, session)
    for address in addresses:
        watched.open(f"{live_server.url}{address}")
    assert watched.complaints == []


def test_what_moves_in_the_admin_moves(live_server: Any, rows: World, session: str, browser: Browser) -> None:
    number = rows["messaging.OriginationIdentity"].pk
    watched = _boss(browser, live_server.url, session)
    page = watched.page
    # Alpine: choosing rows brings the bar of actions.
    watched.open(f"{live_server.url}/admin/shifts/employee/")
    page.locator("input.action-select").first.check()
    expect(page.locator("#changelist-actions")).to_be_visible()
    # htmx: a dialog comes, and is refused without a reason.
    watched.open(f"{live_server.url}/admin/messaging/originationidentity/{number}/change/")
    page.locator("a[href$='/pause/']").first.click()
    dialog = page.locator("#dialog-form")
    expect(dialog).to_be_visible()
    page.locator("#dialog button[type=submit]").click()
    expect(dialog).to_contain_text("required")
    # Our own script and its requests.
    watched.open(f"{live_server.url}/admin/shifts/campaign/add/")
    expect(page.locator("#campaign-size")).to_be_visible()
    page.fill("#id_campaign_message", "Shifts are open.")
    expect(page.locator("[data-size]")).to_contain_text("characters")
    assert watched.complaints == []


@pytest.mark.parametrize("width", [1280, 390])
def test_login_and_lockout_keep_their_policy(live_server: Any, browser: Browser, width: int) -> None:
    watched = Watched(browser.new_context(viewport={"width": width, "height": 800}).new_page())
    for _ in range(settings.AXES_FAILURE_LIMIT):
        watched.open(f"{live_server.url}/admin/login/")
        watched.page.fill("#id_username", "alice")
        watched.page.fill("#id_password", "a guess")
        watched.page.get_by_role("button", name="Log in").click()
        watched.page.wait_for_load_state("load")
    expect(watched.page.get_by_role("heading")).to_have_text("Too many failed logins")
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    if "SHOTS" in os.environ:
        watched.page.screenshot(path=f"/tmp/sec_locked_{width}.png")
    assert watched.complaints == []


def test_the_documentation_of_the_api_asks_the_api(live_server: Any, session: str, browser: Browser) -> None:
    watched = _boss(browser, live_server.url, session)
    watched.open(f"{live_server.url}/api/docs/")
    keywords = watched.page.locator("#operations-keywords-keywords_list")
    keywords.locator(".opblock-summary").click()
    keywords.get_by_role("button", name="Try it out").click()
    keywords.get_by_role("button", name="Execute").click()
    expect(keywords.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    if "SHOTS" in os.environ:
        watched.page.screenshot(path="/tmp/sec_docs.png")
    assert watched.complaints == []


def test_the_preferences_page_keeps_its_policy(live_server: Any, link: str, browser: Browser) -> None:
    watched = Watched(browser.new_context().new_page())
    watched.open(f"{live_server.url}{link}")
    watched.page.get_by_role("button", name="Stop these texts").click()
    expect(watched.page.get_by_role("heading")).to_have_text("You do not get these texts")
    watched.open(f"{live_server.url}/preferences/nonsense/")
    assert watched.complaints == []


def test_a_script_that_somebody_smuggles_in_does_not_run(live_server: Any, session: str, browser: Browser) -> None:
    watched = _boss(browser, live_server.url, session)
    watched.open(f"{live_server.url}/admin/")
    watched.page.evaluate(
        """() => {
            const place = document.createElement("div");
            place.innerHTML = "<img src=x onerror='window.smuggled = 1'>";
            document.body.append(place);
            const script = document.createElement("script");
            script.textContent = "window.smuggled = 2";
            document.body.append(script);
        }"""
    )
    watched.page.wait_for_timeout(300)
    assert watched.page.evaluate("window.smuggled") is None
    assert any("script-src" in line for line in watched.complaints)

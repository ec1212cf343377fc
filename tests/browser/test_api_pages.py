"""The API's own page, and the page that shows a new token, as developers see them: desktop and phone."""

import pytest
from django.contrib.auth.models import User
from knox.models import AuthToken
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, As
from tests.browser.watching import needs_chromium
from tests.security.world import World, world

pytestmark = needs_chromium


@pytest.fixture
def rows() -> World:
    return world()


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_the_documentation_begins_with_how_to_begin(rows: World, as_: As, width: int) -> None:
    watched = as_("boss", width=width)
    watched.open("/api/docs/")
    page = watched.page
    expect(page.locator("h1, h2").first).to_contain_text("Textback API")
    expect(page.get_by_text("Have somebody make a token")).to_be_visible()
    headings = page.locator(".opblock-tag-section h3")
    expect(headings.first).to_contain_text("Incidents")
    expect(headings.last).to_contain_text("Origination identities")
    expect(page.locator(".opblock").first).to_be_visible()
    watched.shoot(f"api-docs-{width}")
    assert watched.overflow() == 0


def test_an_operation_shows_what_to_send_and_every_refusal(rows: World, as_: As) -> None:
    watched = as_("boss")
    watched.open("/api/docs/")
    page = watched.page
    page.locator("#operations-Incidents-incidents_create .opblock-summary-control").click()
    opened = page.locator("#operations-Incidents-incidents_create")
    expect(opened.get_by_text("Idempotency-Key").first).to_be_visible()
    expect(opened.get_by_text("The cold store is at 9 °C").first).to_be_visible()
    for status in ("201", "400", "401", "409", "422", "429", "503"):
        expect(opened.locator(f"tr.response[data-code='{status}']")).to_be_visible()
    watched.shoot("api-docs-operation")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_new_token(rows: World, as_: As, width: int) -> None:
    watched = as_("boss", width=width)
    User.objects.get(username="machine")
    watched.open("/admin/knox/authtoken/add/")
    page = watched.page
    page.get_by_label("User").select_option(label="machine")
    page.get_by_label("Name").fill("monitoring in Oslo")
    watched.shoot(f"token-add-{width}")
    page.get_by_role("button", name="Save", exact=True).click()
    token = page.get_by_label("The token").input_value()
    assert len(token) == 64
    assert AuthToken.objects.filter(token_key=token[:15], details__name="monitoring in Oslo").exists()
    watched.shoot(f"token-new-{width}")
    assert watched.findings() == []
    assert watched.overflow() == 0
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_text("monitoring in Oslo")).to_be_visible()
    expect(page.get_by_text(token)).to_have_count(0)
    watched.shoot(f"token-list-{width}")
    assert watched.overflow() == 0

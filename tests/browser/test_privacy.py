"""Erasing a person from their contact's page, and the records of it, on a desk and on a telephone."""

import pytest
from playwright.sync_api import expect

from config.roles import COMPLIANCE
from messaging.models import Contact, ErasureRequest
from messaging.privacy import erasing
from tests.browser.conftest import DESKTOP, PHONE, As
from tests.browser.test_campaigns import press
from tests.browser.watching import needs_chromium
from tests.messaging.factories import ANN
from tests.privacy.people import everything

pytestmark = needs_chromium

RECORDS = "/admin/messaging/privacyrecord/"


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_compliance_erases_somebody(transactional_db: None, as_: As, width: int) -> None:
    everything()
    watched = as_(COMPLIANCE, width=width)
    page = watched.page
    watched.open(f"/admin/messaging/contact/{Contact.objects.get(phone_number=ANN).pk}/change/")
    if width == PHONE:
        assert watched.overflow() == 0
    press(page, "erase_person")
    dialog = page.locator("#dialog")
    dialog.locator("input[name=reason]").fill("asked by letter of 2 July")
    assert watched.findings() == []
    watched.shoot(f"erase-dialog-{width}")
    dialog.locator("button[type=submit]").click()
    expect(page.locator("body")).to_contain_text("A worker erases this person now")
    watched.shoot(f"erase-asked-{width}")
    request = ErasureRequest.objects.get()
    assert request.actor == COMPLIANCE
    while erasing.go_on(request.pk) is None:
        pass
    watched.open(RECORDS)
    expect(page.locator("body")).to_contain_text("asked by letter of 2 July")
    assert watched.findings() == []
    assert watched.overflow() == 0 or width == DESKTOP
    watched.shoot(f"erasures-{width}")

"""A campaign in several languages, from the form to what became of it."""

import re

import pytest
from playwright.sync_api import Route, expect

from config.roles import HR
from messaging.models import Contact
from messaging.simulator import Simulator
from shifts.models import Campaign
from tests.browser.conftest import As
from tests.browser.test_campaigns import BOTH, LIST, confirm, is_well, nurses, press
from tests.browser.watching import needs_chromium
from tests.flows.conftest import Handset
from tests.house import House

# Fixtures.
__all__ = ["nurses"]

pytestmark = needs_chromium


@pytest.fixture
def tongues(nurses: list[Handset]) -> list[Handset]:
    """Two of the five read Spanish, one German."""
    for one, language in zip(nurses, ("es", "es-MX", "de"), strict=False):
        Contact.objects.filter(phone_number=one.number).update(language=language)
    return nurses


@BOTH
def test_it_is_written_sent_and_read_in_each_language(
    tongues: list[Handset], house: House, simulator: Simulator, as_: As, width: int
) -> None:
    watched = as_(HR, width=width)
    page = watched.page
    watched.open(f"{LIST}add/")
    page.fill("#id_campaign_message", "Two nights are open.")
    builder = page.locator("#campaign-builder")
    shown = builder.locator("[data-text]")
    expect(shown).to_contain_text("Two nights are open.")
    expect(builder.locator("[data-languages]")).to_be_hidden()

    # Folded until somebody wants it; what is written there is on the phone at once.
    spanish = page.locator("#id_message_es")
    expect(spanish).to_be_hidden()
    page.locator("summary").filter(has_text="In Spanish").click()
    spanish.fill("Hay dos noches, ¿mañana sí?")
    expect(shown).to_contain_text("Hay dos noches")
    expect(builder.locator("[data-told=encoding]")).to_have_text("UCS-2, because of í")
    tabs = builder.locator("[data-languages] button")
    expect(tabs.filter(has_text="Spanish")).to_have_attribute("aria-pressed", "true")
    is_well(watched, "campaign-languages-written")

    # Counted, everybody's text is there, and what it costs.
    page.select_option("#id_segment", label="Night nurses (6 people)")
    expect(tabs).to_have_count(3)
    expect(tabs.filter(has_text="German")).to_contain_text("1 person, 1 part")
    expect(tabs.filter(has_text="Spanish")).to_contain_text("2 people, 3 parts")
    expect(builder.locator("[data-warnings]")).to_contain_text("In Spanish: Fewer characters fit into a part")
    tabs.filter(has_text="German").click()
    expect(shown).to_contain_text("Two nights are open.")
    expect(shown).to_contain_text("Antworten Sie")
    expect(shown).to_have_attribute("lang", "de")
    spanish.fill("Hay dos noches.")
    expect(shown).to_contain_text("Hay dos noches.")
    expect(builder.locator("[data-told=encoding]")).to_have_text("GSM")
    is_well(watched, "campaign-languages-builder")

    # What is refused stands at its field, as it is written and as it comes back.
    page.locator("summary").filter(has_text="In French").click()
    page.fill("#id_footer_fr", "Codes.")
    expect(page.locator(".field-message_fr .campaign-refused")).to_contain_text(
        "Write what people shall read in French"
    )
    is_well(watched, "campaign-languages-refused")
    page.fill("#id_footer_fr", "")
    expect(page.locator(".campaign-refused")).to_have_count(0)

    # Read before it is sent.
    page.fill("#id_campaign_id", "july")
    page.locator("#submit-row button[name=_save]").click()
    preview = page.locator("section[aria-labelledby=campaign-preview]")
    expect(preview).to_contain_text("In Spanish")
    expect(preview).to_contain_text("2 people: GSM, 1 part")
    card = page.locator("section[aria-labelledby=campaign-languages]")
    card.locator("summary").filter(has_text="Spanish").click()
    expect(card.locator("[lang=es]")).to_contain_text("Hay dos noches.")
    is_well(watched, "campaign-languages-draft")
    press(page, "send_now")
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("This texts 5 people.")
    expect(dialog.locator(".campaign-said")).to_have_count(3)
    is_well(watched, "campaign-languages-dialog")
    confirm(page)
    expect(page.locator(".campaign-label")).to_have_text("Sending")

    # Everybody read theirs, and it stands on the page.
    house.settle()
    house.sweep()
    assert [one.texts[0].partition("\n")[0] for one in tongues] == [
        *("Hay dos noches.", "Hay dos noches.", "Two nights are open."),
        *("Two nights are open.", "Two nights are open."),
    ]
    assert "Antworten Sie" in tongues[2].texts[0]
    expect(page.locator(".campaign-label")).to_have_text("Sent", timeout=10_000)
    page.reload()
    card.locator("summary").filter(has_text="German").click()
    expect(card).to_contain_text("1 person")
    is_well(watched, "campaign-languages-result")


@BOTH
def test_without_our_script_it_can_be_written_as_well(tongues: list[Handset], as_: As, width: int) -> None:
    watched = as_(HR, width=width)
    page = watched.page
    page.route(re.compile(r"campaign-builder.*\.js"), _empty)
    watched.open(f"{LIST}add/")
    page.fill("#id_campaign_id", "july")
    page.fill("#id_campaign_message", "Two nights are open.")
    page.select_option("#id_segment", label="Night nurses (6 people)")
    page.locator("summary").filter(has_text="In German").click()
    page.fill("#id_message_de", "x" * 1600)
    page.locator("#submit-row button[name=_save]").click()
    expect(page.locator(".field-message_de")).to_contain_text("In German: The text has")
    page.fill("#id_message_de", "Zwei Schichten sind frei.")
    page.locator("#submit-row button[name=_save]").click()
    expect(page.locator("section[aria-labelledby=campaign-languages]")).to_contain_text("German")
    assert Campaign.objects.get().versions.get().message == "Zwei Schichten sind frei."


def _empty(route: Route) -> None:
    route.fulfill(content_type="text/javascript", body="")


def test_in_the_dark(tongues: list[Handset], as_: As) -> None:
    watched = as_(HR)
    watched.page.emulate_media(color_scheme="dark")
    watched.open(f"{LIST}add/")
    watched.page.evaluate("document.documentElement.classList.add('dark')")
    watched.page.fill("#id_campaign_message", "Two nights are open.")
    watched.page.select_option("#id_segment", label="Night nurses (6 people)")
    expect(watched.page.locator("[data-languages] button")).to_have_count(3)
    is_well(watched, "campaign-languages-dark")

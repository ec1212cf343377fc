"""A campaign from the empty list to its follow-up, as HR, the boss and somebody who only reads see it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from config.roles import HR, READ_ONLY
from messaging import clock
from messaging.models import Lane, OriginationIdentity, Status
from messaging.outbound import pauses
from messaging.simulator import Simulator
from shifts.models import Campaign
from tests.browser.conftest import DESKTOP, PHONE, As
from tests.browser.watching import Watched, needs_chromium
from tests.flows.conftest import Handset
from tests.house import House
from tests.shifts import factories
from tests.shifts.conftest import texted

pytestmark = needs_chromium

LIST = "/admin/shifts/campaign/"
BOTH = pytest.mark.parametrize("width", [DESKTOP, PHONE])


@pytest.fixture
def nurses(house: House, simulator: Simulator) -> list[Handset]:
    """Five approved employees of one segment, one who is not, and two shifts."""
    people = factories.employees(5, segments=["Night nurses"])
    factories.employee("+14255570001", name="Eve", approved=False, segments=["Night nurses"])
    factories.shift("XYZ123", at=24, shift_info="Ward 3")
    factories.shift("XYZ124", at=48, shift_info="Ward 5", places=2)
    return [Handset(simulator, house, one.contact.phone_number) for one in people]


def press(page: Page, action: str) -> None:
    """An action of the page; on a phone they are behind a button."""
    # Until its scripts have run, the page shows nothing.
    page.locator("html:not([x-cloak])").wait_for(state="attached")
    button = page.locator(f"a[href$='/{action}/']:visible").first
    if not button.is_visible():
        page.locator("header a, main a, div a").filter(has_text="more_horiz").first.click()
    button.click()


def confirm(page: Page) -> None:
    page.locator("#dialog button[type=submit]").click()


def is_well(watched: Watched, name: str) -> None:
    """A picture for people, and what keeps nobody from using it."""
    watched.shoot(name)
    assert watched.findings() == []
    assert watched.overflow() == 0


@pytest.mark.parametrize(("role", "width"), [(HR, DESKTOP), (HR, PHONE), ("boss", DESKTOP), ("boss", PHONE)])
def test_a_campaign_is_written_sent_answered_and_followed(
    nurses: list[Handset], house: House, simulator: Simulator, as_: As, role: str, width: int
) -> None:
    watched = as_(role, width=width)
    page = watched.page
    watched.open(LIST)
    expect(page.get_by_role("heading", name="No campaign yet")).to_be_visible()
    is_well(watched, f"campaigns-empty-{role}")

    # Writing: the preview follows.
    page.get_by_role("link", name="Write it").click()
    page.fill("#id_campaign_message", "Two nights are open…")
    builder = page.locator("#campaign-builder")
    expect(builder.locator("[data-text]")).to_contain_text("Two nights are open…")
    expect(builder.locator("[data-told=encoding]")).to_have_text("UCS-2, because of …")
    expect(builder.locator("[data-warnings]")).to_contain_text("because of: …")
    is_well(watched, f"campaign-builder-warns-{role}")
    page.fill("#id_campaign_message", "Two nights are open.")
    expect(builder.locator("[data-told=encoding]")).to_have_text("GSM")
    expect(builder.locator("[data-told=parts]")).to_have_text("1")
    expect(builder).to_contain_text("Choose a segment")
    page.select_option("#id_segment", label="Night nurses (6 people)")
    expect(builder.locator("[data-told=recipients]")).to_have_text("5 people")
    expect(builder.locator("[data-told=suppressed]")).to_have_text("1: 1 not approved")
    expect(builder.locator("[data-told=takes]")).to_contain_text("a few seconds")
    for code in ("XYZ123", "XYZ124"):
        page.get_by_label(re.compile(code)).check()
    expect(builder.locator("[data-text]")).to_contain_text("e.g. XYZ123, XYZ124.")
    page.fill("#id_campaign_id", "not an id")
    expect(page.locator(".field-campaign_id .campaign-refused")).to_contain_text("An id has up to 64")
    page.fill("#id_campaign_id", "july")
    expect(page.locator(".campaign-refused")).to_have_count(0)
    is_well(watched, f"campaign-builder-{role}")

    # Sending: the dialog states the numbers.
    page.locator("#submit-row button[name=_save]").click()
    expect(page.locator("[data-words=headline]")).to_have_text("Nothing is sent before you say so")
    is_well(watched, f"campaign-draft-{role}")
    press(page, "send_now")
    expect(page.locator("#dialog")).to_contain_text("This texts 5 people.")
    watched.shoot(f"campaign-dialog-{role}")
    confirm(page)
    expect(page.locator(".campaign-label")).to_have_text("Sending")
    is_well(watched, f"campaign-sending-{role}")

    # The page sees the end by itself.
    house.settle()
    house.sweep()
    expect(page.locator(".campaign-label")).to_have_text("Sent", timeout=10_000)
    for sent in list(simulator.sent)[:4]:
        simulator.event(sent.message_id, "TEXT_DELIVERED")
    nurses[0].says("XYZ123")
    nurses[1].says("who are you?")
    house.sweep()
    page.reload()
    funnel = page.locator(".campaign-funnel")
    for told in ("Recipients 6", "Sent 5", "Replied 2", "Booked 1"):
        label, people = told.split()
        step = funnel.locator("li").filter(has=page.get_by_text(label, exact=True))
        expect(step.locator("b")).to_have_text(people)
    expect(page.locator(".campaign-reasons")).to_contain_text("must be approved")
    is_well(watched, f"campaign-result-{role}")

    # Following: to the three who did not answer.
    press(page, "follow_up")
    expect(page.locator("#id_campaign_id")).to_have_value("july-2")
    expect(page.locator("#campaign-builder [data-told=recipients]")).to_have_text("3 people")
    is_well(watched, f"campaign-follow-{role}")
    page.fill("#id_campaign_message", "Still open:")
    page.locator("#submit-row button[name=_save]").click()
    press(page, "send_now")
    expect(page.locator("#dialog")).to_contain_text("This texts 3 people.")
    confirm(page)
    expect(page.locator(".campaign-label")).to_have_text("Sending")
    house.settle()
    assert [sum(text.startswith("Still open:") for text in one.texts) for one in nurses] == [0, 0, 1, 1, 1]
    watched.open(LIST)
    is_well(watched, f"campaigns-{role}")


def test_a_draft_edited_in_another_tab_is_not_sent_as_it_was(nurses: list[Handset], as_: As) -> None:
    row = factories.campaign("july", segment=factories.segment())
    first, second = as_(HR), as_(HR)
    first.open(f"{LIST}{row.pk}/change/")
    press(first.page, "send_now")
    expect(first.page.locator("#dialog")).to_contain_text("Shifts are open.")
    second.open(f"{LIST}{row.pk}/form/")
    second.page.fill("#id_campaign_message", "Other words.")
    second.page.locator("#submit-row button[name=_save]").click()
    expect(second.page.locator("[data-words=headline]")).to_be_visible()
    confirm(first.page)
    dialog = first.page.locator("#dialog")
    expect(dialog).to_contain_text("Something has changed since this was shown")
    expect(dialog).to_contain_text("Other words.")
    row.refresh_from_db()
    assert row.status == "draft"
    first.shoot("campaign-dialog-changed")
    confirm(first.page)
    expect(first.page.locator(".campaign-label")).to_have_text("Sending")


@BOTH
def test_who_may_only_read_sees_results_and_no_numbers(nurses: list[Handset], as_: As, width: int) -> None:
    row = factories.campaign("july", segment=factories.segment(), status="sent")
    for nurse in nurses:
        texted(row, nurse.number)
    watched = as_(READ_ONLY, width=width)
    watched.open(LIST)
    expect(watched.page.locator(".campaign-row")).to_contain_text("delivered 0 of 5")
    watched.open(f"{LIST}{row.pk}/change/")
    expect(watched.page.locator(".campaign-funnel")).to_contain_text("Recipients")
    for action in ("follow_up", "edit", "send_now"):
        assert watched.page.locator(f"a[href$='/{action}/']").count() == 0
    assert nurses[0].number not in watched.page.content()
    is_well(watched, "campaign-result-read-only")
    draft = factories.campaign("draft", segment=factories.segment())
    watched.open(f"{LIST}{draft.pk}/form/")
    expect(watched.page.locator("#campaign-builder")).to_be_hidden()


@BOTH
def test_a_paused_number_says_what_to_do(
    nurses: list[Handset], as_: As, width: int, pause: Callable[[], OriginationIdentity]
) -> None:
    row = factories.campaign("july", segment=factories.segment(), status="sending", expanded_at=clock.now())
    for nurse in nurses:
        texted(row, nurse.number, status=Status.QUEUED)
    number = pause()
    watched = as_(HR, width=width)
    watched.open(f"{LIST}{row.pk}/change/")
    expect(watched.page.locator("[data-words=trouble]")).to_contain_text("resume sending on the page of the number")
    link = watched.page.get_by_role("link", name="To the number")
    expect(link).to_have_attribute("href", f"/admin/messaging/originationidentity/{number.pk}/change/")
    is_well(watched, "campaign-lane-paused")


@pytest.fixture
def pause(house: House) -> Callable[[], OriginationIdentity]:
    """Pauses our number."""

    def do() -> OriginationIdentity:
        number = OriginationIdentity.objects.get()
        Lane.objects.get_or_create(origination_identity=number)
        pauses.pause(number.identity, "The monthly spend limit is reached.")
        return number

    return do


@BOTH
def test_the_builder_in_the_dark(nurses: list[Handset], as_: As, width: int) -> None:
    watched = as_(HR, width=width)
    watched.page.emulate_media(color_scheme="dark")
    watched.open(f"{LIST}add/")
    watched.page.evaluate("document.documentElement.classList.add('dark')")
    watched.page.fill("#id_campaign_message", "Two nights are open…")
    expect(watched.page.locator("[data-warnings]")).to_contain_text("because of: …")
    is_well(watched, "campaign-builder-dark")
    assert Campaign.objects.count() == 0

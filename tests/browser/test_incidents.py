"""Incidents as their staff use them: open, follow, act, report."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from config.roles import COMPLIANCE, INCIDENT_STAFF, READ_ONLY
from incidents import lifecycle, policies
from incidents.models import EscalationPolicy, Incident, IncidentContact
from incidents.policies import StepDraft
from messaging import clock
from messaging.models import Contact, OriginationIdentity, PartPrice
from tests.browser.conftest import DESKTOP, PHONE, As
from tests.browser.watching import Watched, needs_chromium
from tests.incidents.stage import ANNA, BEN, CARA, OUR_NUMBER, Stage

pytestmark = needs_chromium

LIST = "/admin/incidents/incident/"
POLICIES = "/admin/incidents/escalationpolicy/"
WIDTHS = [DESKTOP, PHONE]


@pytest.fixture
def place(transactional_db: None) -> Stage:
    """A number of ours, three people and a policy; incidents in every status, some of them of days gone by."""
    OriginationIdentity.objects.create(
        identity=OUR_NUMBER, kind="ten_dlc", iso_country_code="US", mps=100, is_default=True
    )
    PartPrice.objects.update_or_create(iso_country_code="US", defaults={"price": "0.0083", "currency": "USD"})
    for phone_number, name in [(ANNA, "Anna Abel"), (BEN, "Ben Braun"), (CARA, "Cara Cole")]:
        Contact.objects.create(phone_number=phone_number, name=name)
    policies.save(
        EscalationPolicy(name="Night shift", description="Whoever is on call, then the engineers"),
        [StepDraft([ANNA], 40, 1), StepDraft([BEN, CARA], 120, 2), StepDraft([], 40)],
    )
    stage = Stage(None)  # type: ignore[arg-type]
    for number in range(24):
        stage.open(f"old-{number}", description="Cold store 2 is too warm", wait_seconds=600)
        stage.accept()
        if number % 4:
            lifecycle.acknowledge(f"old-{number}", contact=ANNA, actor="boss")
        else:
            lifecycle.decline(f"old-{number}", contact=ANNA, actor="boss")
            lifecycle.decline(f"old-{number}", contact=BEN, actor="boss")
        at = clock.now() - timedelta(days=1 + number % 11)
        took = timedelta(seconds=20 + 13 * number)
        ended = {"opened_at": at, "ended_at": at + took}
        row = Incident.objects.filter(incident_id=f"old-{number}")
        row.update(**ended, **({"acknowledged_at": at + took} if number % 4 else {}))
        IncidentContact.objects.filter(step__incident__in=row).update(settled_at=at + timedelta(seconds=2))
    stage.open("PUMP-4", description="Pump 4 has stopped, the basement fills with water", wait_seconds=600)
    stage.accept()
    stage.open(
        "ROOF-1",
        description="Rain comes through the roof",
        escalation_policy="Night shift",
        first_contact="",
        second_contact="",
    )
    stage.open("LIFT-2", description="Somebody is stuck in the lift")
    lifecycle.acknowledge("LIFT-2", contact=BEN, actor="boss")
    return stage


def pages(role: str) -> list[tuple[str, str]]:
    """What somebody of a group may see of incidents: a name, and an address."""
    open_one, over = (Incident.objects.get(incident_id=one).pk for one in ("PUMP-4", "LIFT-2"))
    found = [
        ("list", LIST),
        ("list-empty", f"{LIST}?q=nothing+like+it"),
        ("story", f"{LIST}{open_one}/change/"),
        ("story-taken", f"{LIST}{over}/change/"),
        ("reports", f"{LIST}reports/"),
        ("reports-year", f"{LIST}reports/?days=366"),
    ]
    if role != COMPLIANCE:
        policy = EscalationPolicy.objects.get().pk
        found += [("policies", POLICIES), ("policy", f"{POLICIES}{policy}/change/")]
    if role in (INCIDENT_STAFF, "boss"):
        found += [("open", f"{LIST}add/"), ("policy-add", f"{POLICIES}add/")]
    return found


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("role", [INCIDENT_STAFF, COMPLIANCE, READ_ONLY, "boss"])
def test_every_page_for_everybody(place: Stage, as_: As, role: str, width: int) -> None:
    watched = as_(role, width=width)
    found: dict[str, list[str]] = {}
    for name, address in pages(role):
        watched.open(address)
        expect(watched.page.locator("#content")).to_be_visible()
        assert watched.page.locator(".incident-acts").count() == 0 or role in (INCIDENT_STAFF, "boss")
        if problems := [*watched.findings(), *([f"{wide} px too wide"] if (wide := watched.overflow()) else [])]:
            found[name] = problems
        watched.shoot(f"incidents-{name}-{role.lower().replace(' ', '-')}")
    assert found == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_in_the_dark(place: Stage, as_: As, width: int) -> None:
    watched = as_("boss", width=width)
    found: dict[str, list[str]] = {}
    for name, address in pages("boss"):
        watched.open(address)
        watched.page.evaluate("document.documentElement.classList.add('dark')")
        if problems := watched.findings():
            found[name] = problems
        watched.shoot(f"incidents-{name}-dark")
    assert found == {}


def row(page: Page, incident_id: str) -> Any:
    return page.locator("#result_list tbody").filter(has_text=incident_id)


def test_an_incident_is_acknowledged_from_its_row_by_keyboard(place: Stage, as_: As) -> None:
    watched = as_(INCIDENT_STAFF)
    page = watched.page
    watched.open(LIST)
    button = row(page, "PUMP-4").get_by_role("link", name="Acknowledge PUMP-4")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Acknowledge")
    expect(dialog.get_by_role("button", name="Acknowledge")).to_be_focused()
    assert watched.findings() == []
    watched.shoot("incidents-dialog")
    # The focus stays inside, at both ends.
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(dialog.get_by_role("button", name="Acknowledge")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    assert place.status("PUMP-4") == "not_acknowledged"
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name="Acknowledge")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row(page, "PUMP-4").get_by_role("link", name="Resolve PUMP-4")).to_be_visible()
    expect(page.get_by_text("Incident PUMP-4 is acknowledged.")).to_be_visible()
    assert place.status("PUMP-4") == "acknowledged"


@pytest.mark.parametrize(
    ("action", "status"),
    [("Escalate now", "not_acknowledged"), ("Cancel", "cancelled"), ("Decline for", "not_acknowledged")],
)
def test_one_click_and_one_to_confirm_on_the_page(place: Stage, as_: As, action: str, status: str) -> None:
    watched = as_(INCIDENT_STAFF)
    page = watched.page
    pk = Incident.objects.get(incident_id="PUMP-4").pk
    watched.open(f"{LIST}{pk}/change/")
    page.get_by_role("link", name=action).click()
    page.locator("#dialog button[type=submit]").click()
    expect(page.locator("#main .bg-green-100").filter(has_text="Incident PUMP-4 was")).to_be_visible()
    assert place.status("PUMP-4") == status


def test_a_note_is_asked_for_and_sent_with_control_and_enter(place: Stage, as_: As) -> None:
    watched = as_(INCIDENT_STAFF)
    page = watched.page
    pk = Incident.objects.get(incident_id="PUMP-4").pk
    watched.open(f"{LIST}{pk}/change/")
    page.get_by_role("link", name="Add a note").click()
    note = page.locator("#dialog textarea[name=note]")
    expect(note).to_be_focused()
    page.keyboard.type("The plumber is on his way")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".incident-text", has_text="The plumber is on his way")).to_be_visible()


def test_rows_come_up_to_date_by_themselves(place: Stage, as_: As) -> None:
    watched = as_(INCIDENT_STAFF)
    page = watched.page
    page.set_viewport_size({"width": DESKTOP, "height": 400})
    page.clock.install()
    watched.open(f"{LIST}?q=anna")
    expect(row(page, "PUMP-4")).to_contain_text("Not acknowledged")
    page.evaluate("window.theSamePage = true; window.scrollTo(0, 200)")
    page.clock.fast_forward(6_000)
    lifecycle.acknowledge("PUMP-4", contact=ANNA, actor="boss")
    page.clock.fast_forward(6_000)
    expect(row(page, "PUMP-4")).to_contain_text("Anna Abel")
    assert page.evaluate("window.theSamePage")
    assert page.evaluate("window.scrollY") == 200
    expect(row(page, "ROOF-1")).to_be_visible()
    expect(row(page, "LIFT-2")).to_be_visible()
    # What came later works like what was there.
    row(page, "PUMP-4").get_by_role("link", name="Resolve PUMP-4").click()
    expect(page.get_by_role("dialog", name="Resolve")).to_be_visible()
    # A dialog is never taken away.
    lifecycle.acknowledge("ROOF-1", actor="boss")
    page.clock.fast_forward(6_000)
    expect(page.get_by_role("dialog", name="Resolve")).to_be_visible()


def test_the_clock_of_a_row_counts_down(place: Stage, as_: As) -> None:
    Incident.objects.filter(incident_id="PUMP-4").update(next_step_at=clock.now() + timedelta(seconds=100))
    watched = as_(READ_ONLY)
    page = watched.page
    page.clock.install()
    watched.open(LIST)
    left = row(page, "PUMP-4").locator("[data-until]")
    before = int(str(left.inner_text()).split()[1])
    page.clock.run_for(3_000)
    assert int(str(left.inner_text()).split()[1]) <= before - 2


def test_a_list_that_nobody_may_see_any_more_says_so(place: Stage, as_: As) -> None:
    watched = as_(READ_ONLY)
    page = watched.page
    page.clock.install()
    watched.open(LIST)
    User.objects.update(is_active=False)
    page.clock.fast_forward(6_000)
    expect(page.get_by_role("alert")).to_contain_text("no longer refreshed")


def fill(watched: Watched) -> None:
    page = watched.page
    page.locator("#id_incident_id").press_sequentially("BOILER-3")
    page.locator("#id_description").press_sequentially("Boiler 3 loses pressure")
    page.locator("#id_first_contact").fill(ANNA)
    page.locator("#id_second_contact").fill(BEN)


@pytest.mark.parametrize("width", WIDTHS)
def test_what_would_happen_is_shown_as_it_is_typed(place: Stage, as_: As, width: int) -> None:
    watched = as_(INCIDENT_STAFF, width=width)
    page = watched.page
    watched.open(f"{LIST}add/")
    shown = page.locator("#incident-preview")
    expect(shown).to_contain_text("Name a first contact")
    fill(watched)
    expect(shown.locator(".incident-sms")).to_contain_text("Incident BOILER-3: Boiler 3 loses pressure")
    expect(shown).to_contain_text("as Anna Abel reads it")
    expect(shown).to_contain_text("Ben Braun is asked")
    expect(shown).to_contain_text("logged for review")
    expect(shown).to_contain_text("GSM")
    assert watched.findings() == []
    assert watched.overflow() == 0
    watched.shoot("incident-open")
    page.locator("#id_description").press_sequentially(" – 3 bar")
    expect(shown).to_contain_text("UCS-2")
    page.locator("#id_incident_id").fill("PUMP-4")
    expect(shown).to_contain_text("There is an incident with this id already.")
    page.locator("#id_incident_id").fill("BOILER-3")
    page.locator("#id_second_contact").fill("12")
    # Not before it is complete.
    expect(shown).not_to_contain_text("Ben Braun is asked")
    expect(shown).not_to_contain_text("Second contact:")
    page.locator("#id_description").focus()
    expect(shown).to_contain_text("Second contact:")
    watched.shoot("incident-open-warned")
    page.locator("#id_second_contact").fill("")
    page.locator("#id_first_contact").fill("")
    page.locator("#id_escalation_policy").select_option(label="Night shift")
    expect(shown).to_contain_text("Ben Braun and Cara Cole are asked")
    page.get_by_role("button", name="Open and text").click()
    expect(page.get_by_text("Incident BOILER-3 is opened. This page follows it.")).to_be_visible()
    expect(page.get_by_text("Nobody has it yet; Anna Abel is being asked")).to_be_visible()
    assert place.status("BOILER-3") == "not_acknowledged"


def test_a_policy_is_duplicated(place: Stage, as_: As) -> None:
    watched = as_(INCIDENT_STAFF)
    page = watched.page
    policy = EscalationPolicy.objects.get().pk
    watched.open(f"{POLICIES}{policy}/change/")
    page.get_by_role("link", name="Duplicate").click()
    name = page.locator("#dialog input[name=name]")
    expect(name).to_be_focused()
    name.fill("Weekend")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Weekend has the steps of Night shift.")).to_be_visible()
    expect(page.locator(".policy-ladder")).to_contain_text("Cara Cole")


def test_a_report_of_chosen_days(place: Stage, as_: As) -> None:
    watched = as_(COMPLIANCE)
    page = watched.page
    watched.open(LIST)
    page.get_by_role("link", name="Reports").click()
    expect(page.get_by_role("link", name="Last 30 days")).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="Last 7 days").click()
    expect(page.get_by_role("link", name="Last 7 days")).to_have_attribute("aria-current", "page")
    page.get_by_label("From").fill((clock.now() - timedelta(days=2)).date().isoformat())
    page.get_by_role("button", name="Show").click()
    columns = page.locator(".tb-chart").first.locator(".tb-columns > li")
    expect(columns).to_have_count(3)
    watched.shoot("incident-report")
    columns.last.locator("a").click()
    expect(row(page, "PUMP-4")).to_be_visible()
    assert "old-0" not in page.locator("#result_list").inner_text()

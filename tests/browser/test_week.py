"""The week of shifts and the queue of call backs, as HR and others use them, on a desk and on a telephone."""

import re
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config.roles import HR, READ_ONLY
from messaging import clock
from messaging.models import OriginationIdentity
from shifts.models import Booking, CallBack, Shift
from tests.browser.conftest import DESKTOP, PHONE, As
from tests.browser.watching import Watched, needs_chromium
from tests.messaging.factories import OUR_NUMBER
from tests.shifts.factories import employee, holding, shift

pytestmark = needs_chromium

WEEK, CALLS = "/admin/shifts/shift/week/", "/admin/shifts/callback/"
NAMES = ("Ann Berg", "Bob Kim", "Carla Diaz", "Dan Ek", "Eve Lund", "Finn Ode")


@pytest.fixture
def rows(db: None) -> dict[str, Shift]:
    """Next week: a few shifts on most days."""
    OriginationIdentity.objects.create(
        identity=OUR_NUMBER, kind="ten_dlc", iso_country_code="US", mps=1, is_default=True
    )
    people = [employee(f"+142555501{n + 60}", name=name) for n, name in enumerate(NAMES)]
    monday = timezone.localdate() + timedelta(days=7 - timezone.localdate().weekday())
    made: dict[str, Shift] = {}

    def add(code: str, day: int, hour: int, hours: float, places: int, info: str, held: int) -> None:
        begins = timezone.make_aware(datetime.combine(monday + timedelta(days=day), time(hour)))
        made[code] = shift(
            code, starts_at=begins, ends_at=begins + timedelta(hours=hours), places=places, shift_info=info
        )
        for person in people[:held]:
            holding(person, made[code])

    for day in range(6):
        add(f"E{100 + day}", day, 6, 8, 3, "Early, ward 3", day % 4)
        add(f"N{100 + day}", day, 22, 8, 2, "Night, ward 3", 2 if day % 2 else 0)
    add("DAY", 2, 9, 8, 12, "Vaccinations, hall", 5)
    shift("ANYTIME", places=2, shift_info="Inventory, whenever it suits you")
    return made


def address(rows: dict[str, Shift]) -> str:
    starts_at = rows["E100"].starts_at
    assert starts_at is not None
    return f"{WEEK}?day={timezone.localdate(starts_at)}"


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("role", [HR, READ_ONLY, "boss"])
def test_everybody_reads_the_week(rows: dict[str, Shift], as_: As, role: str, width: int) -> None:
    watched = as_(role, width=width)
    watched.open(address(rows))
    page = watched.page
    expect(page.locator(".week-day")).to_have_count(7)
    books = page.get_by_role("button", name=re.compile("^Book"))
    expect(books).to_have_count(0 if role == READ_ONLY else books.count() or 1)
    tops = page.locator(".week-day").evaluate_all("found => found.map(one => one.getBoundingClientRect().top)")
    assert len(set(tops)) == (1 if width == DESKTOP else 7)
    assert watched.findings() == []
    assert watched.overflow() == 0
    watched.shoot(f"week-{role.lower().replace(' ', '-')}")


def test_a_place_is_given_in_two_clicks(rows: dict[str, Shift], as_: As) -> None:
    watched = as_(HR)
    watched.open(address(rows))
    page = watched.page
    page.get_by_role("button", name="Book E100", exact=True).click()
    suggested = page.locator(".suggest-one")
    expect(suggested.first).to_contain_text("free at that time")
    assert watched.findings() == []
    watched.shoot("week-book")
    suggested.filter(has_text="Eve Lund").click()
    expect(page.get_by_text("Eve Lund has a place on E100 now.")).to_be_visible()
    assert page.url.endswith(address(rows))
    assert Booking.objects.get(shift=rows["E100"]).employee.contact.name == "Eve Lund"
    page.get_by_role("button", name="Release E100", exact=True).click()
    page.locator("#dialog select").select_option(label="Eve Lund")
    page.locator("#dialog button[type=submit]").click()
    expect(page.get_by_text("Eve Lund is off E100")).to_be_visible()
    assert page.url.endswith(address(rows))


def test_somebody_is_found_as_one_types(rows: dict[str, Shift], as_: As) -> None:
    watched = as_(HR, width=PHONE)
    watched.open(address(rows))
    page = watched.page
    page.get_by_role("button", name="Book E100", exact=True).click()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    field = page.locator("#dialog input[name=employee]")
    field.type("0163")
    expect(page.locator(".suggest-one")).to_have_count(1)
    expect(page.locator(".suggest-one")).to_contain_text("Dan Ek")
    assert asked
    assert not any("0163" in url for url in asked), "what is typed stands in no address"
    assert watched.overflow() == 0
    watched.shoot("week-book")
    field.fill("nobody")
    expect(page.locator(".suggest [data-told]")).to_have_text("No employee has such a name or number.")
    field.fill("Carla Diaz")
    # Enter books for whom is written, and not for the first one suggested.
    field.press("Enter")
    expect(page.get_by_text("Carla Diaz has a place on E100 now.")).to_be_visible()


def test_weeks_are_gone_through_and_a_day_is_jumped_to(rows: dict[str, Shift], as_: As) -> None:
    watched = as_(HR)
    watched.open(WEEK)
    page = watched.page
    expect(page.locator(".week-today")).to_have_count(1)
    page.get_by_role("link", name="Next week").click()
    expect(page.get_by_role("link", name="E100", exact=True)).to_be_visible()
    page.get_by_role("link", name="Previous week").click()
    expect(page.locator(".week-today")).to_have_count(1)
    page.get_by_label("Jump to a day").fill("2030-07-03")
    page.get_by_role("button", name="Go").click()
    expect(page.locator("#week-title")).to_contain_text("1 – 7 Jul 2030")
    expect(page.get_by_text("No shift in this week.")).to_be_visible()
    page.get_by_role("link", name="Add a shift on Wed 3 Jul").click()
    expect(page.locator("#id_starts_at_0")).to_have_value("2030-07-03")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_shift_is_repeated(rows: dict[str, Shift], as_: As, width: int) -> None:
    watched = as_(HR, width=width)
    watched.open(address(rows))
    page = watched.page
    page.get_by_role("link", name="Repeat E100", exact=True).click()
    boxes = page.locator(".repeat-day input")
    for number in (7, 8, 9):
        boxes.nth(number).check()
    page.get_by_role("button", name="Suggest codes").click()
    expect(page.get_by_role("button", name="Add 3 shifts")).to_be_visible()
    assert watched.findings() == []
    assert watched.overflow() == 0
    watched.shoot("repeat")
    page.get_by_role("button", name="Add 3 shifts").click()
    expect(page.get_by_text("3 shifts added")).to_be_visible()
    expect(page.locator("#week-title")).to_be_visible()
    assert Shift.objects.filter(shift_info="Early, ward 3").count() == 9


def test_it_prints(rows: dict[str, Shift], as_: As) -> None:
    watched = as_(HR)
    watched.open(address(rows))
    watched.page.emulate_media(media="print")
    expect(watched.page.locator(".week-nav")).to_be_hidden()
    expect(watched.page.locator(".week-buttons").first).to_be_hidden()
    expect(watched.page.locator(".week-code").first).to_be_visible()
    watched.shoot("week-print")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_in_the_dark(rows: dict[str, Shift], as_: As, scheme: Any) -> None:
    watched = as_(HR)
    watched.page.emulate_media(color_scheme=scheme)
    watched.open(address(rows))
    assert watched.findings() == []
    watched.shoot(f"week-{scheme}")


# --- call backs -------------------------------------------------------------------------------------------------------


@pytest.fixture
def queue(rows: dict[str, Shift]) -> None:
    for n in range(4):
        CallBack.objects.create(
            phone_number=f"+142555501{60 + n}",
            inbound_message_id=f"i{n}",
            origination_identity=OUR_NUMBER,
            status="waiting",
            requested_at=clock.now() - timedelta(minutes=50 - 10 * n),
            reason="Amazon Connect is not set up.",
        )


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("role", [HR, READ_ONLY, "boss"])
def test_everybody_reads_the_queue(queue: None, as_: As, role: str, width: int) -> None:
    watched = as_(role, width=width)
    watched.open(CALLS)
    page = watched.page
    expect(page.locator(".call")).to_have_count(4)
    buttons = page.get_by_role("button", name=re.compile("^I call now"))
    expect(buttons).to_have_count(0 if role == READ_ONLY else 4)
    if role != READ_ONLY:
        expect(page.locator(".call").first).to_contain_text("Ann Berg")
        box = buttons.first.bounding_box()
        assert box is not None
        if width == PHONE:
            assert box["height"] >= 48
            assert box["width"] > 250
    assert watched.findings() == []
    assert watched.overflow() == 0
    watched.shoot(f"calls-{role.lower().replace(' ', '-')}")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_somebody_is_called_back(queue: None, as_: As, width: int) -> None:
    watched = as_(HR, width=width)
    watched.open(CALLS)
    page = watched.page
    page.get_by_role("button", name="I call now Ann Berg").click()
    expect(page.get_by_text("You have Ann Berg.")).to_be_visible()
    expect(page.get_by_role("link", name="Call +14255550160")).to_have_attribute("href", "tel:+14255550160")
    assert watched.findings() == []
    watched.shoot("calls-mine")
    page.get_by_role("button", name="Not reached Ann Berg").click()
    page.locator("#dialog select").select_option(label="In an hour")
    page.locator("#dialog textarea").fill("Rang for a minute.")
    watched.shoot("calls-dialog")
    page.locator("#dialog button[type=submit]").click()
    expect(page.get_by_text("Ann Berg is to be called again from")).to_be_visible()
    expect(page.locator(".call").last).to_contain_text("Rang for a minute.")
    page.get_by_role("button", name="I call now Bob Kim").click()
    page.get_by_role("button", name="Called Bob Kim").click()
    page.locator("#dialog button[type=submit]").click()
    expect(page.get_by_text("The call back of Bob Kim is closed.")).to_be_visible()
    expect(page.locator(".call")).to_have_count(3)
    page.locator(".call").last.get_by_role("link", name="Ann Berg").click()
    expect(page.get_by_role("heading", name="Who has called")).to_be_visible()
    assert watched.findings() == []
    assert watched.overflow() == 0
    watched.shoot("calls-one")


def test_an_open_queue_is_loaded_anew_while_nobody_is_at_it(queue: None, as_: As) -> None:
    watched = as_(HR)
    page = watched.page
    page.clock.install()
    watched.open(CALLS)
    expect(page.locator(".call")).to_have_count(4)
    CallBack.objects.filter(inbound_message_id="i3").delete()
    page.clock.fast_forward(44_000)
    expect(page.locator(".call")).to_have_count(4)
    page.clock.fast_forward(2_000)
    expect(page.locator(".call")).to_have_count(3)
    # Whoever writes down what came of a call is not interrupted.
    page.get_by_role("button", name="I call now Ann Berg").click()
    expect(page.get_by_text("You have Ann Berg.")).to_be_visible()
    page.get_by_role("button", name="Not reached Ann Berg").click()
    page.locator("#dialog textarea").fill("Rang for a minute.")
    CallBack.objects.filter(inbound_message_id="i2").delete()
    page.clock.fast_forward(100_000)
    expect(page.locator("#dialog textarea")).to_have_value("Rang for a minute.")


# --- employees and segments -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("page", ["employee", "segment", "shift"])
def test_an_empty_list_says_what_to_do(db: None, as_: As, page: str, width: int) -> None:
    watched = as_(HR, width=width)
    watched.open(f"/admin/shifts/{page}/")
    expect(watched.page.get_by_role("heading", name=f"No {page}s yet")).to_be_visible()
    expect(watched.page.get_by_role("link", name=re.compile("^Add a"))).to_be_visible()
    assert watched.findings() == []
    assert watched.overflow() == 0
    watched.shoot(f"empty-{page}")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_employees_are_found_approved_and_withdrawn(rows: dict[str, Shift], as_: As, width: int) -> None:
    watched = as_(HR, width=width)
    watched.open("/admin/shifts/employee/")
    page = watched.page
    assert watched.overflow() == 0
    assert watched.findings() == []
    watched.shoot("employees")
    # All of them are there: nothing offers to show all.
    expect(page.get_by_text("Show all")).to_have_count(0)
    assert _scrolled(watched) == []
    watched.open("/admin/shifts/employee/?q=(425)+555-0163")
    expect(page.locator("#result_list tbody tr.data-row")).to_have_count(1)
    page.locator("input.action-select").first.check()
    watched.shoot("employees-chosen")
    watched.open("/admin/shifts/employee/?q=nobody")
    expect(page.get_by_role("heading", name="No employee is like that")).to_be_visible()
    watched.open(f"/admin/shifts/employee/{rows['E101'].bookings.get().employee.pk}/change/")
    assert watched.findings() == []
    assert watched.overflow() == 0
    watched.shoot("employee")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_the_list_of_shifts_is_as_wide_as_its_place(rows: dict[str, Shift], as_: As, width: int) -> None:
    watched = as_(HR, width=width)
    watched.open("/admin/shifts/shift/")
    assert _scrolled(watched) == []
    assert watched.overflow() == 0
    watched.shoot("shifts")


def _scrolled(watched: Watched) -> list[str]:
    """What of the list has a bar to scroll it sideways; Unfold draws its own."""
    found: list[str] = watched.page.evaluate(
        """[...document.querySelectorAll("#changelist .simplebar-track.simplebar-horizontal")]
            .filter(bar => getComputedStyle(bar).visibility === "visible" && bar.getClientRects().length)
            .map(bar => bar.outerHTML)"""
    )
    return found

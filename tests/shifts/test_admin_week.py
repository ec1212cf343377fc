"""HR's week of shifts: what stands where, giving and taking places from there, and the way back."""

import calendar
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging import clock
from messaging.models import OriginationIdentity
from shifts.admin import week_cards
from shifts.models import Booking, Shift
from tests.incidents.test_admin import staff
from tests.messaging.factories import ANN, BOB
from tests.shifts.factories import employee, employees, holding, shift
from tests.shifts.test_admin_shifts import ALL, LIST, form, plain

WEEK = f"{LIST}week/"

pytestmark = pytest.mark.usefixtures("number", "time")


@pytest.fixture
def olga(number: OriginationIdentity) -> Client:
    """Somebody of HR."""
    return staff(*ALL, "view_employee", "see_phone_numbers")


def on(day: str, hour: int = 8, hours: float = 8, code: str = "N301", **fields: Any) -> Shift:
    begins = datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)
    return shift(code, starts_at=begins, ends_at=begins + timedelta(hours=hours), **fields)


def cards(client: Client, day: str = "2030-07-03") -> dict[str, list[str]]:
    """The cards of each day: code, time and label."""
    shown = client.get(WEEK, {"day": day}).context["week"]
    found = {}
    for one in shown.days:
        found[f"{one.day.date:%a}"] = [f"{card.shift.shift_id} {card.time} {card.label}" for card in one.cards]
    return {weekday: lines for weekday, lines in found.items() if lines}


def test_shifts_stand_on_their_days(olga: Client) -> None:
    on("2030-07-01", places=3)
    on("2030-07-02", 22, code="NIGHT")
    on("2030-06-30", 22, code="BEFORE")
    on("2030-07-07", 22, code="LAST")
    on("2030-07-08", 0, code="AFTER")
    full = on("2030-07-05", code="FULL")
    holding(employee(ANN, name="Ann Berg"), full)
    dash = "\N{NO-BREAK SPACE}– "
    assert cards(olga) == {
        "Mon": ["BEFORE until 06:00 1 free", f"N301 08:00{dash}16:00 3 free"],
        "Tue": [f"NIGHT 22:00{dash}Wed\N{NO-BREAK SPACE}06:00 1 free"],
        "Wed": ["NIGHT until 06:00 1 free"],
        "Fri": [f"FULL 08:00{dash}16:00 full"],
        "Sun": [f"LAST 22:00{dash}Mon\N{NO-BREAK SPACE}06:00 1 free"],
    }
    text = plain(olga.get(WEEK, {"day": "2030-07-03"}).content.decode())
    assert "1 – 7 Jul 2030 Week 27" in text
    assert "4 shifts, 1 of 6 places taken, 5 free" in text
    assert "Ann" in text
    assert "Berg" not in text


def test_times_are_those_of_who_looks(olga: Client) -> None:
    on("2030-07-01", 23)
    with timezone.override("Asia/Tokyo"):
        # The zone is asked for when the page is made, whoever has set it.
        assert list(cards(olga)) == ["Tue"]


def test_weeks_begin_at_midnight_of_who_looks(olga: Client) -> None:
    on("2030-06-30", 20, code="FIRST", hours=2, places=3)
    on("2030-07-07", 20, code="NEXT", hours=2)
    assert cards(olga) == {"Sun": ["NEXT 20:00\N{NO-BREAK SPACE}– 22:00 1 free"]}
    with timezone.override("Asia/Tokyo"):
        shown = olga.get(WEEK, {"day": "2030-07-03"}).context["week"]
        assert [card.shift.shift_id for one in shown.days for card in one.cards] == ["FIRST"]
        assert [one.day.sums.free for one in shown.days] == [3, 0, 0, 0, 0, 0, 0]


def test_where_clocks_are_changed_the_zone_is_said(olga: Client) -> None:
    shift("N1", starts_at=datetime(2030, 3, 30, 21, tzinfo=UTC), ends_at=datetime(2030, 3, 31, 4, tzinfo=UTC))
    with timezone.override("Europe/Berlin"):
        found = cards(olga, "2030-03-30")
    assert found["Sat"] == ["N1 22:00 CET\N{NO-BREAK SPACE}– Sun\N{NO-BREAK SPACE}06:00 CEST 1 free"]
    assert found["Sun"] == ["N1 until 06:00 CEST 1 free"]


def test_today_and_its_neighbours(olga: Client) -> None:
    shift("BEGUN", at=-1)
    shift("OVER", at=-3, hours=1)
    page = olga.get(WEEK)
    shown = page.context["week"]
    assert shown.is_this_week
    assert [one.day.date for one in shown.days if one.is_today] == [timezone.localdate()]
    labels = {card.shift.shift_id: card.label for one in shown.days for card in one.cards}
    # In the first hours of a week what is over may be in the one before.
    assert labels.get("BEGUN", "under way") == "under way"
    assert labels.get("OVER", "over") == "over"
    html = page.content.decode()
    first = shown.week.first
    assert f'href="?day={first - timedelta(days=7)}"' in html
    assert f'href="?day={first + timedelta(days=7)}"' in html


@pytest.mark.parametrize("day", ["", "x", "2030-02-30", "0001-01-01", "9999-12-31", "2030-07-03T10:00"])
def test_what_is_no_day_is_today(olga: Client, day: str) -> None:
    assert olga.get(WEEK, {"day": day}).context["week"].is_this_week


def test_weeks_begin_where_the_language_has_them_begin(olga: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert olga.get(WEEK, {"day": "2030-07-03"}).context["week"].week.first == date(2030, 7, 1)
    monkeypatch.setattr("shifts.admin.week.get_format", lambda name: {"FIRST_DAY_OF_WEEK": 0}[name])
    assert olga.get(WEEK, {"day": "2030-07-03"}).context["week"].week.first == date(2030, 6, 30)


def test_shifts_without_a_start_stand_apart(olga: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    shift("ANY", places=20)
    assert "Without a start" in (text := plain(olga.get(WEEK).content.decode()))
    assert "0 of 20 places taken" in text
    assert "No shift in this week" in text
    monkeypatch.setattr(week_cards, "_MOST_WITHOUT_START", 1)
    shift("ANY2")
    assert "The list has the others" in plain(olga.get(WEEK).content.decode())


def test_many_shifts_of_a_day_are_a_list(olga: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(week_cards, "_MOST_A_DAY", 2)
    for n in range(3):
        on("2030-07-03", 8 + n, code=f"N{n}")
    on("2030-07-04", code="OTHER")
    shown = olga.get(WEEK, {"day": "2030-07-03"}).context["week"]
    wednesday = shown.days[2]
    assert (len(wednesday.cards), wednesday.more, wednesday.day.sums.shifts) == (2, 1, 3)
    rows = olga.get(wednesday.url).context["cl"].result_list
    assert {row.shift_id for row in rows} == {"N0", "N1", "N2"}


def test_a_card_has_a_few_names_and_says_how_many_more(olga: Client) -> None:
    row = on("2030-07-03", places=9)
    for n, person in enumerate(employees(5)):
        person.contact.name = f"Person{n} Kim"
        person.contact.save()
        holding(person, row)
    text = plain(olga.get(WEEK, {"day": "2030-07-03"}).content.decode())
    assert re.search(r"5 of 9 places taken 5/9 Person0, Person1, Person2 and 2 more", text)


def test_the_page_costs_the_same_however_many_rows(olga: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as found:
            assert olga.get(WEEK, {"day": "2030-07-03"}).status_code == 200
        return len(found)

    people = employees(6)
    holding(people[0], on("2030-07-03", code="S0"))
    shift("ANY0")
    few = cost()
    for n, person in enumerate(people):
        row = on(f"2030-07-0{n + 1}", 10, code=f"T{n}", places=6)
        for other in people[: n + 1]:
            holding(other, row)
        holding(person, shift(f"ANY{n + 1}"))
    assert cost() == few <= 28


def test_a_shift_of_months_stands_in_each_of_its_weeks(olga: Client) -> None:
    begins = datetime(2030, 5, 1, 8, tzinfo=UTC)
    shift("LONG", starts_at=begins, ends_at=datetime(2030, 7, 20, 16, tzinfo=UTC))
    for day in ("2030-05-08", "2030-06-12", "2030-07-03"):
        until = "until Sat 20 Jul\N{NO-BREAK SPACE}16:00 1 free"
        assert cards(olga, day) == {weekday: [f"LONG {until}"] for weekday in calendar.day_abbr}
    last = cards(olga, "2030-07-17")
    assert last["Mon"] == ["LONG until Sat\N{NO-BREAK SPACE}16:00 1 free"]
    assert list(last) == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    assert cards(olga, "2030-07-24") == {}


def test_what_goes_on_takes_no_room_from_what_begins(olga: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(week_cards, "_MOST_GOING_ON", 2)
    for n in range(4):
        on("2030-07-02", 20 + n, code=f"N{n}")
    on("2030-07-03", code="DAY")
    answer = olga.get(WEEK, {"day": "2030-07-03"})
    wednesday = answer.context["week"].days[2]
    # The latest begun of those that go on.
    assert [card.shift.shift_id for card in wednesday.cards] == ["N2", "N3", "DAY"]
    assert (wednesday.more, wednesday.more_go_on) == (0, True)
    assert "Others go on from the days before" in plain(answer.content.decode())
    rows = olga.get(wednesday.url_before).context["cl"].result_list
    assert {row.shift_id for row in rows} == {"N0", "N1", "N2", "N3"}
    monkeypatch.setattr(week_cards, "_MOST_GOING_ON", 4)
    assert not olga.get(WEEK, {"day": "2030-07-03"}).context["week"].days[2].more_go_on


def test_a_place_is_given_from_the_week_and_one_comes_back_to_it(olga: Client) -> None:
    row = on("2030-07-03")
    ann = employee(ANN, name="Ann Berg")
    page = olga.get(WEEK, {"day": "2030-07-03"}).content.decode()
    address = f"{LIST}{row.pk}/book/?week=2030-07-01"
    assert f'hx-get="{address}"' in page
    assert f"{LIST}{row.pk}/take_off/" not in page
    given = {"_form_submitted": "on", "employee": "Ann Berg", "person": ann.pk}
    answer = olga.post(address, given, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == f"{WEEK}?day=2030-07-01"
    assert Booking.objects.get().employee == ann
    page = olga.get(answer["HX-Redirect"]).content.decode()
    assert "Ann Berg has a place on N301 now. Nobody is texted." in page
    assert f"{LIST}{row.pk}/book/" not in page, "it is full"
    released = olga.post(
        f"{LIST}{row.pk}/take_off/?week=2030-07-01", {"_form_submitted": "on", "employee": ann.pk}, follow=True
    )
    assert released.redirect_chain == [(f"{WEEK}?day=2030-07-01", 302)]
    assert "Ann Berg is off N301" in released.content.decode()


def test_a_place_of_what_has_begun_is_neither_offered_nor_released(olga: Client) -> None:
    row = shift("BEGUN", at=-1, places=2)
    holding(employee(ANN), row)
    assert row.starts_at
    page = olga.get(WEEK, {"day": str(timezone.localdate(row.starts_at))}).content.decode()
    assert f"{LIST}{row.pk}/change/" in page
    assert f"{LIST}{row.pk}/book/" not in page
    assert f"{LIST}{row.pk}/take_off/" not in page


@pytest.mark.parametrize("week", ["//example.com", "2030", "", "2030-07-01&x=/"])
def test_nobody_is_led_elsewhere(olga: Client, week: str) -> None:
    row = on("2030-07-03")
    employee(ANN, name="Ann")
    answer = olga.post(f"{LIST}{row.pk}/book/?week={week}", {"_form_submitted": "on", "employee": "Ann"})
    assert answer["Location"] in (f"{LIST}{row.pk}/change/", f"{WEEK}?day=2030-07-01")


def test_who_is_chosen_is_meant_though_others_have_their_name(olga: Client) -> None:
    row = on("2030-07-03")
    employee(ANN, name="Kim")
    other = employee(BOB, name="Kim")
    address = f"{LIST}{row.pk}/book/"
    refused = olga.post(address, {"_form_submitted": "on", "employee": "Kim"})
    assert "Several employees have this name" in refused.content.decode()
    olga.post(address, {"_form_submitted": "on", "employee": "Kim", "person": other.pk})
    assert Booking.objects.get().employee == other


@pytest.mark.parametrize("person", ["99999", "x", "99999999999999999999"])
def test_somebody_chosen_who_is_not_there(olga: Client, person: str) -> None:
    row = on("2030-07-03")
    answer = olga.post(f"{LIST}{row.pk}/book/", {"_form_submitted": "on", "employee": "Kim", "person": person})
    assert answer.status_code == 200
    assert not Booking.objects.exists()


class TestSuggestions:
    def test_as_typed(self, olga: Client) -> None:
        row = on("2030-07-03")
        ann = employee(ANN, name="Ann Berg")
        employee(BOB, name="Bob", approved=False)
        answer = olga.post(f"{LIST}{row.pk}/people/", {"typed": "0182"}).json()
        assert answer == {
            "people": [{"id": ann.pk, "name": "Ann Berg", "number": ANN, "note": "free at that time", "free": True}],
            "told": "1 found, 1 free at that time.",
        }
        assert olga.post(f"{LIST}{row.pk}/people/", {"typed": "zoe"}).json()["people"] == []

    def test_who_may_not_see_numbers_gets_none_and_finds_none_by_a_part(self) -> None:
        row = on("2030-07-03")
        employee(ANN)
        rita = staff("change_shift", "view_employee", name="rita", sees_numbers=False)
        address = f"{LIST}{row.pk}/people/"
        assert rita.post(address, {"typed": "0182"}).json()["people"] == []
        found = rita.post(address, {"typed": ""}).content.decode()
        assert "free at that time" in found
        assert ANN not in found
        assert ANN not in rita.get(f"{LIST}{row.pk}/book/").content.decode()

    @pytest.mark.parametrize("pk", ["999", "x"])
    def test_of_a_shift_that_is_not_there(self, olga: Client, pk: str) -> None:
        assert olga.post(f"{LIST}{pk}/people/").status_code == 404


def test_a_shift_is_added_on_a_day_and_one_comes_back(olga: Client) -> None:
    page = olga.get(WEEK, {"day": "2030-07-03"}).content.decode()
    address = f"{LIST}add/?week=2030-07-04"
    assert f'href="{address}"' in page
    html = olga.get(address).content.decode()
    assert html.count('value="2030-07-04"') == 2
    times = {"starts_at_0": "2030-07-11", "starts_at_1": "22:00", "ends_at_0": "2030-07-12", "ends_at_1": "06:00"}
    answer = olga.post(address, form(**times))
    # To the week where it stands, should it be another one.
    assert answer["Location"] == f"{WEEK}?day=2030-07-11"
    assert olga.post(address, form("N302", **times) | {"_addanother": "1"})["Location"].startswith(f"{LIST}add/")
    assert olga.post(f"{LIST}add/", form("N303", **times))["Location"] == LIST


class TestRepeating:
    @pytest.fixture
    def row(self) -> Shift:
        begins = clock.now() + timedelta(days=3)
        return shift("N301", starts_at=begins, ends_at=begins + timedelta(hours=8), places=2, shift_info="Night")

    def test_days_then_codes_then_shifts(self, olga: Client, row: Shift) -> None:
        address = f"{LIST}{row.pk}/repeat/"
        assert address in olga.get(f"{LIST}{row.pk}/change/").content.decode()
        shift("N302")
        assert row.starts_at is not None
        days = [str(timezone.localdate(row.starts_at + timedelta(days=more))) for more in (1, 7)]
        page = olga.get(address, {"day": days})
        assert [one.code for one in page.context["copies"]] == ["N303", "N304"]
        codes = {f"code-{days[0]}": "N303", f"code-{days[1]}": "SUNNY"}
        answer = olga.post(address, {"day": days} | codes, follow=True)
        assert answer.redirect_chain == [(f"{WEEK}?day={days[0]}", 302)]
        told = plain(answer.content.decode())
        assert re.search(r"2 shifts added: N303 \(.*\), SUNNY \(.*\)\. Nobody is texted", told)
        copy = Shift.objects.get(shift_id="SUNNY")
        assert (copy.starts_at, copy.places, copy.booked) == (row.starts_at + timedelta(days=7), 2, 0)

    def test_what_is_refused_stands_beside_its_code(self, olga: Client, row: Shift) -> None:
        shift("TAKEN")
        assert row.starts_at is not None
        days = [str(timezone.localdate(row.starts_at + timedelta(days=more))) for more in (1, 2, 3)]
        codes = {f"code-{day}": code for day, code in zip(days, ("N302", "taken", ""), strict=True)}
        answer = olga.post(f"{LIST}{row.pk}/repeat/", {"day": days} | codes)
        assert answer.status_code == 200
        assert [bool(one.problems) for one in answer.context["copies"]] == [False, True, True]
        assert "There is a shift with this code already." in answer.content.decode()
        assert Shift.objects.count() == 2

    @pytest.mark.parametrize("day", ["1999-01-01", "2190-01-01", "x", ""])
    def test_other_days_than_those_offered_are_not_taken(self, olga: Client, row: Shift, day: str) -> None:
        answer = olga.post(f"{LIST}{row.pk}/repeat/", {"day": day, f"code-{day}": "N302"})
        assert "Choose at least one day." in answer.content.decode()
        assert Shift.objects.count() == 1

    def test_one_without_a_start_is_not_repeated(self, olga: Client) -> None:
        answer = olga.get(f"{LIST}{shift('ANY').pk}/repeat/", follow=True)
        assert "Give it a start first" in answer.content.decode()

    def test_what_is_long_past_is_repeated_from_now_on(self, olga: Client) -> None:
        row = shift("OLD", at=-24 * 400)
        page = olga.get(f"{LIST}{row.pk}/repeat/")
        offered = [day for line in page.context["rows"] for day, *_ in line]
        assert offered[0] <= timezone.localdate() <= offered[6]
        assert len(offered) == 42

    def test_who_may_not_add_is_not_offered_it(self, row: Shift) -> None:
        rita = staff("view_shift", name="rita")
        assert "/repeat/" not in rita.get(f"{LIST}{row.pk}/change/").content.decode()
        assert rita.get(f"{LIST}{row.pk}/repeat/").status_code == 403


def test_a_reader_sees_the_week_and_does_nothing() -> None:
    row = on("2030-07-03", places=2)
    holding(employee(ANN, name="Ann"), row)
    html = staff("view_shift", name="rita").get(WEEK, {"day": "2030-07-03"}).content.decode()
    assert "N301" in html
    for nothing in ("hx-get", "/add/", "/repeat/", "/book/", "/take_off/"):
        assert nothing not in html.split('id="week"')[1].split('id="modal-overlay"')[0]
    assert staff("view_campaign", name="sam").get(WEEK).status_code == 403


def test_nothing_that_people_write_becomes_html(olga: Client) -> None:
    attack = '"><script>alert(1)</script>'
    row = on("2030-07-03", shift_info=attack, places=2)
    holding(employee(ANN, name=attack), row)
    for address in (f"{WEEK}?day=2030-07-03", f"{LIST}{row.pk}/book/", f"{LIST}{row.pk}/repeat/"):
        html = olga.get(address).content.decode()
        assert "&lt;script&gt;alert(1)" in html or "repeat" in address
        assert "<script>alert" not in html

"""HR's pages of shifts: what is offered, who has it, giving and taking places."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config import sidebar
from messaging import clock
from messaging.models import OriginationIdentity, OutboundMessage
from shifts import booking, offers
from shifts.models import Booking, CallBack, Employee, Shift, UnauthorisedText
from tests.incidents.test_admin import staff
from tests.messaging.factories import ANN, BOB, OUR_NUMBER
from tests.moving import MovableTime
from tests.shifts.factories import campaign, employee, employees, holding, shift

LIST = "/admin/shifts/shift/"
REFUSED = "/admin/shifts/unauthorisedtext/"
ALL = ("view_shift", "add_shift", "change_shift", "delete_shift", "see_phone_numbers")


@pytest.fixture
def olga(number: OriginationIdentity, time: MovableTime) -> Client:
    """Somebody of HR."""
    return staff(*ALL)


@pytest.fixture
def rita(number: OriginationIdentity, time: MovableTime) -> Client:
    """Somebody who may look and no more."""
    return staff("view_shift", name="rita")


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def read(client: Client, address: str, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return plain(answer.content.decode())


def act(client: Client, row: Shift, action: str, **data: Any) -> list[str]:
    """Fill in a dialog. Returns what is told, or what is wrong in it."""
    answer = client.post(f"{LIST}{row.pk}/{action}/", {"_form_submitted": "on"} | data)
    if answer.status_code == 200:
        return [error for errors in answer.context["form"].errors.values() for error in errors]
    assert answer.status_code == 302
    # Those before are still there: nobody has seen a page since.
    return [str(message) for message in get_messages(answer.wsgi_request)][-1:]


def form(code: str = "N301", **fields: Any) -> dict[str, Any]:
    values = {"shift_id": code, "shift_info": "Night, ward 3", "places": "2"}
    return values | dict.fromkeys(("starts_at_0", "starts_at_1", "ends_at_0", "ends_at_1"), "") | fields


def test_the_list_tells_places_and_who_has_them(olga: Client) -> None:
    full, some = shift("FULL", at=5, places=1), shift("SOME", at=9, places=5, shift_info="Ward 3")
    people = employees(4)
    for n, person in enumerate(people):
        person.contact.name = f"Person {n}"
        person.contact.save()
        holding(person, some)
    holding(people[0], full)
    text = read(olga, LIST)
    assert re.search(r"FULL .* 1 of 1 taken Person 0 ", text)
    assert re.search(r"SOME Ward 3 .* 4 of 5 taken Person 0, Person 1, Person 2 and 1 more", text)
    assert text.index("FULL") < text.index("SOME")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"places": "available"}, {"SOON", "BEGUN", "UNDATED"}),
        ({"places": "taken"}, {"FULL"}),
        ({"time": "upcoming"}, {"SOON", "FULL", "UNDATED"}),
        ({"time": "begun"}, {"BEGUN"}),
        ({"places": "available", "time": "upcoming"}, {"SOON", "UNDATED"}),
        ({"q": "soo"}, {"SOON"}),
        ({"q": "pharmacy"}, {"BEGUN"}),
        ({"q": "ann berg"}, {"FULL"}),
        ({"q": "(425) 555-0182"}, {"FULL"}),
        ({"q": "bob"}, set()),
        ({}, {"SOON", "FULL", "BEGUN", "UNDATED"}),
    ],
)
def test_shifts_are_found(olga: Client, query: dict[str, str], found: set[str]) -> None:
    shift("SOON", at=2)
    full = shift("FULL", at=9)
    shift("BEGUN", at=-1, shift_info="Pharmacy")
    shift("UNDATED")
    holding(employee(ANN, name="Ann Berg"), full)
    # Bob gave it back: it is not his any more.
    Booking.objects.create(
        shift=full,
        employee=employee(BOB, name="Bob"),
        source="sms",
        booked_at=clock.now(),
        dropped_at=clock.now(),
        dropped_by=BOB,
    )
    rows = olga.get(LIST, query).context["cl"].result_list
    assert {row.shift_id for row in rows} == found


def test_the_list_costs_the_same_however_many_rows(olga: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as found:
            read(olga, LIST)
        return len(found)

    people = employees(6)
    holding(people[0], shift("S0", at=1))
    few = cost()
    for n, person in enumerate(people):
        holding(person, shift(f"T{n}", at=9 + 10 * n, places=2))
    assert cost() == few


def test_a_shift_is_saved_and_nobody_is_texted(olga: Client) -> None:
    employee()
    begins = clock.now() + timedelta(days=2)
    times = {"starts_at_0": f"{begins:%Y-%m-%d}", "starts_at_1": "22:00", "ends_at_0": f"{begins:%Y-%m-%d}"}
    assert olga.post(f"{LIST}add/", form(**times, ends_at_1="23:00")).status_code == 302
    row = Shift.objects.get()
    assert (row.shift_id, row.places, row.booked, row.shift_info) == ("N301", 2, 0, "Night, ward 3")
    assert row.starts_at is not None
    assert row.ends_at == row.starts_at + timedelta(hours=1)
    assert olga.post(f"{LIST}{row.pk}/change/", form("N302", places="7")).status_code == 302
    row = Shift.objects.get()
    assert (row.shift_id, row.places, row.starts_at) == ("N302", 7, None)
    assert not OutboundMessage.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"shift_id": "REQUEST"}, "shift_id", "means something else"),
        ({"shift_id": "STOP"}, "shift_id", "Choose another code"),
        ({"shift_id": "taken"}, "shift_id", "There is a shift with this code already."),
        ({"shift_id": "a b"}, "shift_id", "A code has up to 30 letters"),
        ({"places": "0"}, "places", "greater than or equal to 1"),
        ({"ends_at_0": "2030-01-01", "ends_at_1": "10:00"}, "ends_at", "A shift with an end has a start"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(olga: Client, fields: dict[str, str], field: str, told: str) -> None:
    shift("TAKEN")
    answer = olga.post(f"{LIST}add/", form(**fields))
    assert answer.status_code == 200
    assert told in str(answer.context["adminform"].form.errors[field])
    assert Shift.objects.count() == 1


def test_a_form_that_is_refused_saves_nothing_and_can_be_sent_again(olga: Client) -> None:
    row = shift("N301", places=3)
    for person in employees(2):
        holding(person, row)
    answer = olga.post(f"{LIST}{row.pk}/change/", form("N309", places="1"))
    assert "More people than that hold a place" in str(answer.context["adminform"].form.errors["places"])
    row.refresh_from_db()
    assert (row.shift_id, row.places, row.booked) == ("N301", 3, 2)
    assert olga.post(f"{LIST}{row.pk}/change/", form("N309", places="2")).status_code == 302
    row.refresh_from_db()
    assert (row.shift_id, row.booked) == ("N309", 2)


def test_what_changes_after_the_form_was_checked_is_told(olga: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    real, times = offers.save, iter((True, False))

    def save(row: Shift) -> Shift:
        if not next(times):
            Shift.objects.create(shift_id="n301")
        return real(row)

    monkeypatch.setattr(offers, "save", save)
    answer = olga.post(f"{LIST}add/", form(), follow=True)
    assert "There is a shift with this code already." in answer.content.decode()
    assert not Shift.objects.filter(shift_id="N301").exists()


def test_the_page_of_a_shift_tells_who_has_it_and_who_gave_it_back(olga: Client) -> None:
    row = shift("N301", at=9, places=3)
    holding(employee(ANN, name="Ann Berg"), row, campaign=campaign("july"))
    holding(employee(BOB, name="Bob Kim"), row, source="staff", actor="otto", dropped_at=clock.now(), dropped_by="otto")
    text = read(olga, f"{LIST}{row.pk}/change/")
    assert "Who has it: 1 of 3 taken" in text
    assert re.search(rf"Ann Berg \{ANN} \S+ Text july -", text)
    assert re.search(rf"Bob Kim \{BOB} \S+ Staff, otto - \S+, by otto", text)
    assert text.index("Ann Berg") < text.index("Bob Kim")


def test_a_place_is_booked_for_an_employee(olga: Client) -> None:
    row = shift("N301", at=9)
    ann = employee(ANN, name="Ann Berg")
    assert act(olga, row, "book", employee="(425) 555-0182") == ["Ann Berg has a place on N301 now. Nobody is texted."]
    booked = Booking.objects.get()
    assert (booked.employee, booked.source, booked.actor) == (ann, "staff", "olga")
    row.refresh_from_db()
    assert row.booked == 1
    assert not OutboundMessage.objects.exists()
    assert act(olga, row, "book", employee="ann berg") == ["Ann Berg had a place on N301 before, and keeps it."]


def test_what_keeps_somebody_from_a_place_is_told(olga: Client) -> None:
    ann, row = employee(ANN, name="Ann"), shift("N301", at=9)
    holding(ann, shift("N300", at=8))
    assert act(olga, row, "book", employee="Ann") == [
        "Not booked: Ann has N300 at that time, which overlaps with N301."
    ]
    full, begun = shift("FULL", at=90), shift("BEGUN", at=-1)
    holding(employee(BOB, name="Bob"), full)
    assert act(olga, full, "book", employee="Ann") == ["Not booked: no place is left on FULL, or it has begun."]
    assert act(olga, begun, "book", employee="Bob") == ["Not booked: no place is left on BEGUN, or it has begun."]
    assert Booking.objects.count() == 2


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Nobody", "No employee has this name or number"),
        ("", "This field is required"),
        ("Kim", "Several employees have this name"),
        ("Carla", "Carla is not approved"),
    ],
)
def test_whom_a_place_is_for_must_be_clear(olga: Client, said: str, told: str) -> None:
    for number in (ANN, BOB):
        employee(number, name="Kim")
    employee("+14255550190", name="Carla", approved=False)
    (problem,) = act(olga, shift(at=9), "book", employee=said)
    assert told in problem
    assert not Booking.objects.exists()


def test_an_approval_withdrawn_after_the_dialog_was_checked_counts(
    olga: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, real = shift("N301", at=9), booking.book
    employee(ANN, name="Ann")

    def book(person: Employee, *arguments: Any, **options: Any) -> booking.Summary:
        Employee.objects.update(approved=False)
        return real(person, *arguments, **options)

    monkeypatch.setattr(booking, "book", book)
    (told,) = act(olga, row, "book", employee="Ann")
    assert told.startswith("Not booked: Ann is not approved.")
    assert not Booking.objects.exists()


def test_employees_are_suggested_to_those_who_may_see_them(olga: Client) -> None:
    employee(ANN, name="Ann Berg")
    url = f"{LIST}{shift(at=9).pk}/book/"
    assert "Ann Berg" not in olga.get(url).content.decode()
    assert "Ann Berg" in staff(*ALL, "view_employee", name="otto").get(url).content.decode()


def test_somebody_is_taken_off(olga: Client) -> None:
    row, ann = shift("N301", at=9), employee(ANN, name="Ann")
    bob = employee(BOB, name="Bob")
    assert f"{LIST}{row.pk}/take_off/" not in olga.get(f"{LIST}{row.pk}/change/").content.decode()
    holding(ann, row)
    assert f"{LIST}{row.pk}/take_off/" in olga.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "Select a valid choice" in act(olga, row, "take_off", employee=bob.pk)[0]
    assert act(olga, row, "take_off", employee=ann.pk) == [
        "Ann is off N301; the place is free again. Nobody is texted."
    ]
    row.refresh_from_db()
    assert (row.booked, Booking.objects.get().dropped_by) == (0, "olga")
    begun = shift("BEGUN", at=-1)
    holding(bob, begun)
    assert act(olga, begun, "take_off", employee=bob.pk) == ["BEGUN has begun: Bob stays on it."]


def test_a_shift_is_deleted_unless_it_was_booked(olga: Client) -> None:
    row, free = shift("N301", at=9), shift("FREE")
    free.campaigns.add(campaign())
    holding(employee(), row)
    assert olga.get(f"{LIST}{row.pk}/delete/").status_code == 200
    answer = olga.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}, follow=True)
    assert "N301 was booked, and bookings are kept." in answer.content.decode()
    assert olga.post(f"{LIST}{free.pk}/delete/", {"post": "yes"}).status_code == 302
    assert list(Shift.objects.all()) == [row]


def test_a_reader_sees_all_and_does_nothing(olga: Client, rita: Client) -> None:
    row, ann = shift("N301", at=9, places=2), employee(ANN, name="Ann Berg")
    holding(ann, row)
    assert "N301" in read(rita, LIST)
    text = rita.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "Ann Berg" in text
    assert "take_off" not in text
    yes = {"_form_submitted": "on", "post": "yes", "employee": str(ann.pk)}
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = olga.cookies
    for url in ("book", "take_off", "change", "delete"):
        for client in (rita, strict):
            assert client.post(f"{LIST}{row.pk}/{url}/", form() | yes).status_code == 403, url
        assert Client().post(f"{LIST}{row.pk}/{url}/", yes)["Location"].startswith("/admin/login/")
    assert rita.post(f"{LIST}add/", form("NEW")).status_code == 403
    # A link does nothing, whoever is lured to it.
    assert olga.get(f"{LIST}{row.pk}/take_off/", yes).status_code == 200
    assert staff("view_campaign", name="sam").get(LIST).status_code == 403
    row.refresh_from_db()
    assert (row.booked, Shift.objects.count()) == (1, 1)


def test_an_unknown_shift_is_not_found(olga: Client) -> None:
    employee(ANN)
    for pk in ("999", "x"):
        answer = olga.post(f"{LIST}{pk}/book/", {"_form_submitted": "on", "employee": ANN})
        assert answer.status_code == 404


def test_texts_that_were_refused_are_read_and_not_written(number: OriginationIdentity, time: MovableTime) -> None:
    now = clock.now()
    text = {"phone_number": ANN, "received_at": now}
    row = UnauthorisedText.objects.create(inbound_message_id="1", body="N301 <b>", answered_at=now, **text)
    UnauthorisedText.objects.create(inbound_message_id="2", body="REQUEST", **text)
    vera = staff("view_unauthorisedtext", "change_unauthorisedtext", "delete_unauthorisedtext")
    listed = vera.get(REFUSED, {"q": "(425) 555-0182"}).content.decode()
    assert "N301 &lt;b&gt;" in listed
    assert "NOT-AUTHORISED" in listed
    assert "answered within the day before" in listed
    assert vera.get(f"{REFUSED}{row.pk}/change/").status_code == 200
    for url in (f"{REFUSED}add/", f"{REFUSED}{row.pk}/change/", f"{REFUSED}{row.pk}/delete/"):
        assert vera.post(url, {"post": "yes"}).status_code == 403
    assert staff("view_shift", name="sam").get(REFUSED).status_code == 403


def test_the_sidebar_leads_to_what_somebody_may_see(number: OriginationIdentity, time: MovableTime) -> None:
    hr = ("campaign", "shift", "callback", "employee", "segment", "rosterimport", "unauthorisedtext")
    addresses = {f"/admin/shifts/{model}/" for model in hr} | {"/admin/messaging/partprice/", f"{LIST}week/"}

    def shown(client: Client) -> set[str]:
        request = client.get("/admin/").wsgi_request
        items = [item for group in sidebar.navigation(request) for item in group["items"]]
        return {str(item["link"]) for item in items if item["permission"](request)}

    olga = staff(*(f"view_{model}" for model in hr), "view_partprice")
    assert shown(olga) == addresses
    assert all(olga.get(address).status_code == 200 for address in addresses)
    assert shown(staff("view_incident", name="ingo")) == {"/admin/incidents/incident/"}


def test_the_sidebar_counts_who_waits_for_a_call(
    number: OriginationIdentity, time: MovableTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sidebar._call_backs() == ""
    for n, status in enumerate(("waiting", "waiting", "called")):
        CallBack.objects.create(
            phone_number=f"+1425555019{n}",
            inbound_message_id=f"i{n}",
            origination_identity=OUR_NUMBER,
            status=status,
            requested_at=clock.now(),
            ended_at=clock.now() if status == "called" else None,
        )
    assert sidebar._call_backs() == "2"
    monkeypatch.setattr(sidebar, "_MOST_COUNTED", 1)
    assert sidebar._call_backs() == "1+"

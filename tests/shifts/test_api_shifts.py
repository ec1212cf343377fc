"""/shifts/: adding, changing, deleting, listing; booking and dropping on behalf of somebody."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from messaging.models import OutboundMessage
from shifts import selectors
from shifts.models import Booking, Employee, Shift
from tests.messaging.api.conftest import ClientWith, api, client_with
from tests.messaging.api.test_permissions import ROUTES
from tests.messaging.factories import ANN, BOB
from tests.refusals import at_fault
from tests.shifts.factories import employee, employees, holding, shift
from tests.together import together

# Fixtures.
__all__ = ["api", "client_with"]

URL = "/api/v1/shifts/"
CAT = "+14255550184"
NIGHT = {
    "shift_id": "XYZ123",
    "shift_info": "Night, ward 3",
    "starts_at": "2026-07-01T22:00:00Z",
    "ends_at": "2026-07-02T06:00:00Z",
    "places": 2,
}

pytestmark = pytest.mark.django_db


def _codes(api: APIClient, **parameters: str) -> list[str]:
    answer = api.get(URL, parameters)
    assert answer.status_code == 200, answer.json()
    return [row["shift_id"] for row in answer.json()["results"]]


def _done(api: APIClient, action: str, phone_number: str = ANN, code: str = "XYZ123") -> Any:
    return api.post(f"{URL}{code}/{action}/", {"phone_number": phone_number})


# (path, method) → the permission that it needs.
NEEDS = {
    ("shifts/", "get"): "view_shift",
    ("shifts/", "post"): "add_shift",
    ("shifts/{shift_id}/", "get"): "view_shift",
    ("shifts/{shift_id}/", "patch"): "change_shift",
    ("shifts/{shift_id}/", "delete"): "delete_shift",
    ("shifts/{shift_id}/book/", "post"): "change_shift",
    ("shifts/{shift_id}/drop/", "post"): "change_shift",
}


class TestPermissions:
    def test_the_table_names_every_route(self) -> None:
        assert {route for route in ROUTES if route[0].startswith("shifts/")} == set(NEEDS)

    @pytest.mark.parametrize(("path", "method"), sorted(NEEDS))
    def test_the_permission_is_what_decides(self, client_with: ClientWith, path: str, method: str) -> None:
        url, needed = f"/api/v1/{path.replace('{shift_id}', 'XYZ123')}", NEEDS[path, method]
        others = {f"{verb}_shift" for verb in ("view", "add", "change", "delete")} - {needed}
        assert getattr(client_with(*others), method)(url).status_code == 403
        assert getattr(client_with(needed), method)(url).status_code not in {401, 403, 405}


class TestReading:
    def test_a_shift_has_the_fields_promised(self, api: APIClient) -> None:
        night = shift(places=3, shift_info="Night, ward 3", starts_at=datetime(2026, 7, 1, 22, tzinfo=UTC))
        dropped = {"dropped_at": datetime(2026, 6, 30, tzinfo=UTC), "dropped_by": CAT}
        holding(employee(BOB, name="Bob"), night)
        holding(employee(CAT, name="Cat"), night, **dropped)
        holding(employee(ANN, name="Ann"), night)
        assert api.get(f"{URL}XYZ123/").json() == {
            "shift_id": "XYZ123",
            "shift_info": "Night, ward 3",
            "starts_at": "2026-07-01T22:00:00Z",
            "ends_at": None,
            "places": 3,
            "places_left": 1,
            "shift_status": "available",
            "employees": [{"name": "Bob", "phone_number": BOB}, {"name": "Ann", "phone_number": ANN}],
        }

    def test_a_shift_without_a_place_is_taken(self, api: APIClient) -> None:
        holding(employee(), shift())
        answer = api.get(f"{URL}XYZ123/").json()
        assert (answer["shift_status"], answer["places_left"]) == ("taken", 0)

    @pytest.mark.parametrize("code", ["XYZ123", "xyz123", "Xyz123"])
    def test_its_code_is_found_in_any_case(self, api: APIClient, code: str) -> None:
        shift()
        assert api.get(f"{URL}{code}/").json()["shift_id"] == "XYZ123"

    @pytest.mark.parametrize("code", ["XYZ124", "XYZ_23", "XYZ%25", "%00", "x" * 31])
    def test_any_other_code_is_a_404(self, api: APIClient, code: str) -> None:
        shift()
        assert api.get(f"{URL}{code}/").status_code == 404

    def test_the_newest_comes_first_and_pages_can_be_followed(self, api: APIClient) -> None:
        for code in ("A", "B", "C"):
            shift(code)
        page = api.get(URL, {"page_size": "2"}).json()
        assert [row["shift_id"] for row in page["results"]] == ["C", "B"]
        assert [row["shift_id"] for row in api.get(page["next"]).json()["results"]] == ["A"]

    def test_filters_by_status(self, api: APIClient) -> None:
        holding(employee(), shift("TAKEN"))
        holding(employee(BOB), shift("HALF", places=2))
        shift("FREE")
        assert _codes(api, shift_status="available") == ["FREE", "HALF"]
        assert _codes(api, shift_status="taken") == _codes(api, status="taken") == ["TAKEN"]

    def test_filters_by_start(self, api: APIClient) -> None:
        for hour in (8, 9, 10):
            shift(f"AT{hour}", starts_at=datetime(2026, 7, 1, hour, tzinfo=UTC))
        shift("NEVER")
        assert _codes(api, after="2026-07-01T11:00:00+02:00") == ["AT10", "AT9"]
        assert _codes(api, after="2026-07-01T09:00:00Z", before="2026-07-01T10:00:00Z") == ["AT9"]

    @pytest.mark.parametrize(("parameter", "value"), [("shift_status", "gone"), ("after", "2026-07-01"), ("code", "A")])
    def test_a_bad_filter_is_refused_by_name(self, api: APIClient, parameter: str, value: str) -> None:
        answer = api.get(URL, {parameter: value})
        assert (answer.status_code, at_fault(answer)) == (400, [parameter])

    def test_a_page_needs_the_same_few_queries_for_any_number_of_rows(
        self, api: APIClient, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        people = employees(3)
        for n in range(5):
            night = shift(f"A{n}", places=3)
            for person in people:
                holding(person, night)
        # Token, user, the page, who has them.
        with django_assert_num_queries(4):
            rows = api.get(URL).json()["results"]
        assert [len(row["employees"]) for row in rows] == [3] * 5


class TestWriting:
    def test_a_shift_is_added_with_all_it_may_have(self, api: APIClient) -> None:
        answer = api.post(URL, NIGHT)
        assert answer.status_code == 201
        assert answer.json() == {**NIGHT, "places_left": 2, "shift_status": "available", "employees": []}
        assert api.get(f"{URL}XYZ123/").json() == answer.json()

    def test_a_code_is_enough(self, api: APIClient) -> None:
        answer = api.post(URL, {"shift_id": "XYZ123"}).json()
        assert (answer["places"], answer["starts_at"], answer["shift_info"]) == (1, None, "")

    def test_a_time_may_have_any_offset(self, api: APIClient) -> None:
        answer = api.post(URL, {"shift_id": "XYZ123", "starts_at": "2026-07-02T00:00:00+02:00"})
        assert answer.json()["starts_at"] == "2026-07-01T22:00:00Z"

    @pytest.mark.parametrize("code", ["XYZ123", "xyz123"])
    def test_a_code_that_is_taken_is_refused_on_its_field(self, api: APIClient, code: str) -> None:
        api.post(URL, NIGHT)
        answer = api.post(URL, {"shift_id": code})
        assert (answer.status_code, at_fault(answer)) == (400, ["shift_id"])
        assert "already" in answer.json()["shift_id"][0]
        assert Shift.objects.get().places == 2

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"shift_id": None}, "shift_id"),
            ({"shift_id": ""}, "shift_id"),
            ({"shift_id": "two words"}, "shift_id"),
            ({"shift_id": "-A"}, "shift_id"),
            ({"shift_id": "A" * 31}, "shift_id"),
            ({"shift_id": "request"}, "shift_id"),
            ({"shift_id": "STOP"}, "shift_id"),
            ({"shift_info": "x" * 301}, "shift_info"),
            ({"places": 0}, "places"),
            ({"places": "many"}, "places"),
            ({"places": 10**30}, "places"),
            ({"starts_at": "2026-07-01T22:00:00"}, "starts_at"),
            ({"starts_at": "2026-07-01"}, "starts_at"),
            ({"starts_at": "tonight"}, "starts_at"),
            ({"starts_at": "0001-01-01T00:00:00+14:00"}, "starts_at"),
            ({"ends_at": "2026-07-01T22:00:00Z"}, "ends_at"),
            ({"starts_at": None}, "ends_at"),
            ({"booked": 1}, "booked"),
            ({"places_left": 1}, "places_left"),
            ({"shift_status": "taken"}, "shift_status"),
            ({"employees": []}, "employees"),
            ({"colour": "red"}, "colour"),
        ],
    )
    def test_bad_input_is_refused_on_its_field_and_changes_nothing(
        self, api: APIClient, change: dict[str, Any], field: str
    ) -> None:
        refused = [api.post(URL, NIGHT | change)]
        api.post(URL, NIGHT)
        refused.append(api.patch(f"{URL}XYZ123/", change))
        assert [(answer.status_code, at_fault(answer)) for answer in refused] == [(400, [field])] * 2
        assert api.get(f"{URL}XYZ123/").json().items() >= NIGHT.items()
        assert Shift.objects.count() == 1

    def test_a_time_without_offset_is_answered_with_what_to_write(self, api: APIClient) -> None:
        answer = api.post(URL, NIGHT | {"ends_at": "2026-07-02T06:00:00"})
        assert "with offset" in answer.json()["ends_at"][0]

    def test_a_change_leaves_what_is_not_given(self, api: APIClient) -> None:
        api.post(URL, NIGHT)
        answer = api.patch(f"{URL}xyz123/", {"shift_info": "Late, ward 4"})
        assert answer.status_code == 200
        assert answer.json().items() >= (NIGHT | {"shift_info": "Late, ward 4"}).items()

    @pytest.mark.django_db(transaction=True)
    def test_two_who_change_different_fields_at_once_both_have_their_way(self, api: APIClient) -> None:
        shift()
        for n in range(2, 12):
            changes: list[dict[str, Any]] = [{"places": n}, {"shift_info": f"Ward {n}"}]
            together(*(partial(api.patch, f"{URL}XYZ123/", change) for change in changes))
            assert Shift.objects.values("places", "shift_info").get() == changes[0] | changes[1]

    def test_a_change_shows_who_has_it(self, api: APIClient) -> None:
        holding(employee(ANN, name="Ann"), shift())
        answer = api.patch(f"{URL}XYZ123/", {"places": 4}).json()
        assert (answer["places_left"], answer["employees"]) == (3, [{"name": "Ann", "phone_number": ANN}])

    def test_fewer_places_than_are_booked_are_refused_on_their_field(self, api: APIClient) -> None:
        night = shift(places=3)
        for person in employees(2):
            holding(person, night)
        answer = api.patch(f"{URL}XYZ123/", {"places": 1})
        assert (answer.status_code, at_fault(answer)) == (400, ["places"])
        assert api.patch(f"{URL}XYZ123/", {"places": 2}).status_code == 200

    def test_put_is_not_offered(self, api: APIClient) -> None:
        shift()
        assert api.put(f"{URL}XYZ123/", NIGHT).status_code == 405

    def test_a_shift_that_nobody_ever_booked_is_deleted(self, api: APIClient) -> None:
        shift()
        assert api.delete(f"{URL}xyz123/").status_code == 204
        assert not Shift.objects.exists()

    def test_a_shift_that_was_booked_is_kept_with_advice(self, api: APIClient) -> None:
        holding(employee(), shift(), dropped_at=datetime(2026, 6, 30, tzinfo=UTC), dropped_by=ANN)
        answer = api.delete(f"{URL}XYZ123/")
        assert answer.status_code == 409
        assert "take its people off" in answer.json()["detail"]
        assert Shift.objects.exists()


class TestBooking:
    def test_an_employee_gets_the_place(self, api: APIClient) -> None:
        shift(at=1)
        person = employee(ANN, name="Ann")
        answer = _done(api, "book", code="xyz123")
        assert answer.status_code == 200
        assert answer.json()["employees"] == [{"name": "Ann", "phone_number": ANN}]
        assert (answer.json()["places_left"], answer.json()["shift_status"]) == (0, "taken")
        booking = Booking.objects.get()
        assert (booking.employee, booking.source, booking.actor) == (person, "api", "user0")
        assert not OutboundMessage.objects.exists()

    def test_nobody_gets_it_twice(self, api: APIClient) -> None:
        shift(places=2)
        employee()
        _done(api, "book")
        answer = _done(api, "book")
        assert (answer.status_code, answer.json()["detail"]) == (409, "They hold this shift already.")
        assert Booking.objects.count() == 1

    @pytest.mark.parametrize("begun", [True, False])
    def test_a_shift_that_is_full_or_begun_is_a_409(self, api: APIClient, begun: bool) -> None:
        night = shift(at=-1 if begun else 1)
        employee()
        if not begun:
            holding(employee(BOB), night)
        answer = _done(api, "book")
        assert answer.status_code == 409
        assert "No place is left" in answer.json()["detail"]
        assert not Booking.objects.filter(employee__contact__phone_number=ANN).exists()

    def test_a_shift_that_overlaps_is_a_409_that_names_the_other(self, api: APIClient) -> None:
        shift(at=2)
        holding(employee(), shift("EARLY", at=1))
        answer = _done(api, "book")
        assert answer.status_code == 409
        assert "It overlaps with EARLY" in answer.json()["detail"]

    def test_whoever_is_not_approved_is_refused_on_the_field(self, api: APIClient) -> None:
        shift()
        employee(approved=False)
        answer = _done(api, "book")
        assert (answer.status_code, at_fault(answer)) == (400, ["phone_number"])
        assert "not approved" in answer.json()["phone_number"][0]
        assert not Booking.objects.exists()

    def test_an_approval_withdrawn_in_the_same_moment_counts(
        self, api: APIClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shift()
        ann = employee()
        Employee.objects.update(approved=False)
        monkeypatch.setattr(selectors, "employee_of", lambda _number: ann)
        answer = _done(api, "book")
        assert (answer.status_code, at_fault(answer)) == (400, ["phone_number"])
        assert not Booking.objects.exists()


class TestDropping:
    def test_the_place_is_free_again(self, api: APIClient) -> None:
        holding(employee(), shift(at=1))
        answer = _done(api, "drop", code="xyz123")
        assert answer.status_code == 200
        assert (answer.json()["employees"], answer.json()["places_left"]) == ([], 1)
        assert Booking.objects.get().dropped_by == "user0"

    def test_whoever_is_no_longer_approved_can_be_taken_off(self, api: APIClient) -> None:
        holding(employee(approved=False), shift())
        assert _done(api, "drop").status_code == 200

    def test_what_they_do_not_hold_is_a_409(self, api: APIClient) -> None:
        holding(employee(BOB), shift())
        employee()
        answer = _done(api, "drop")
        assert (answer.status_code, answer.json()["detail"]) == (409, "They do not hold this shift.")
        assert Booking.objects.filter(dropped_at=None).count() == 1

    def test_what_has_begun_is_a_409(self, api: APIClient) -> None:
        holding(employee(), shift(at=-1))
        answer = _done(api, "drop")
        assert answer.status_code == 409
        assert "begun" in answer.json()["detail"]
        assert Booking.objects.filter(dropped_at=None).count() == 1


@pytest.mark.parametrize("action", ["book", "drop"])
class TestBoth:
    def test_a_number_of_nobody_is_refused_on_the_field(self, api: APIClient, action: str) -> None:
        shift()
        answer = _done(api, action, CAT)
        assert (answer.status_code, at_fault(answer)) == (400, ["phone_number"])
        assert CAT in answer.json()["phone_number"][0]

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "phone_number"),
            ({"phone_number": "4255550182"}, "phone_number"),
            ({"phone_number": ANN, "codes": ["A"]}, "codes"),
        ],
    )
    def test_bad_input_is_refused_on_its_field(
        self, api: APIClient, action: str, body: dict[str, Any], field: str
    ) -> None:
        holding(employee(), shift(places=2))
        answer = api.post(f"{URL}XYZ123/{action}/", body)
        assert (answer.status_code, at_fault(answer)) == (400, [field])
        assert Booking.objects.filter(dropped_at=None).count() == 1

    def test_an_employee_deleted_in_the_same_moment_is_a_409(
        self, api: APIClient, action: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shift()
        monkeypatch.setattr(selectors, "employee_of", lambda _number: Employee(pk=1))
        answer = _done(api, action)
        assert (answer.status_code, "deleted" in answer.json()["detail"]) == (409, True)

    def test_an_unknown_shift_is_a_404(self, api: APIClient, action: str) -> None:
        employee()
        assert _done(api, action, code="NONE").status_code == 404

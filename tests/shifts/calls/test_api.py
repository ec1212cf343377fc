"""/callbacks/: the staff's queue, and closing."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from messaging.models import Contact
from shifts.calls import callbacks
from shifts.models import CallBack
from tests.messaging.api.conftest import ClientWith
from tests.messaging.api.test_permissions import ROUTES
from tests.messaging.factories import ANN, BOB
from tests.refusals import at_fault
from tests.shifts.calls.conftest import noted

URL = "/api/v1/callbacks/"

pytestmark = pytest.mark.django_db

# (path, method) → the permission that it needs.
NEEDS = {
    ("callbacks/", "get"): "view_callback",
    ("callbacks/{pk}/", "get"): "view_callback",
    ("callbacks/{pk}/", "patch"): "change_callback",
}


def people(api: APIClient, query: str = "") -> list[str]:
    answer = api.get(f"{URL}{query}")
    assert answer.status_code == 200, answer.json()
    return [row["status"] for row in answer.json()["results"]]


@pytest.fixture
def one_of_each() -> None:
    for n, status in enumerate(("placing", "called", "waiting", "closed")):
        noted(f"+1425555030{n}", status, minute=n)


class TestPermissions:
    def test_the_table_names_every_route(self) -> None:
        assert {route for route in ROUTES if route[0].startswith("callbacks/")} == set(NEEDS)

    @pytest.mark.parametrize(("path", "method"), sorted(NEEDS))
    def test_the_permission_is_what_decides(self, client_with: ClientWith, path: str, method: str) -> None:
        url, needed = f"/api/v1/{path.replace('{pk}', str(noted().pk))}", NEEDS[path, method]
        others = {f"{verb}_callback" for verb in ("view", "add", "change", "delete")} - {needed}
        closed = {"status": "closed"} if method == "patch" else None
        assert getattr(APIClient(), method)(url, closed).status_code == 401
        assert getattr(client_with(*others), method)(url, closed).status_code == 403
        assert CallBack.objects.get().status == "waiting"
        assert getattr(client_with(needed), method)(url, closed).status_code == 200

    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_nothing_else_can_be_done(self, api: APIClient, method: str) -> None:
        assert getattr(api, method)(f"{URL}{noted().pk}/").status_code == 405


class TestReading:
    def test_it_has_the_fields_promised(self, api: APIClient) -> None:
        Contact.objects.create(phone_number=ANN, name="Ann")
        row = noted(reason="Amazon Connect is not set up.")
        assert api.get(f"{URL}{row.pk}/").json() == {
            "id": row.pk,
            "phone_number": ANN,
            "name": "Ann",
            "status": "waiting",
            "requested_at": "2026-07-01T12:00:00Z",
            "reason": "Amazon Connect is not set up.",
            "ended_at": None,
            "closed_by": "",
            "note": "",
        }

    def test_a_number_without_a_contact_has_no_name(self, api: APIClient) -> None:
        assert api.get(f"{URL}{noted().pk}/").json()["name"] == ""

    @pytest.mark.parametrize("pk", ["0", "99999999999999999999", "x", "%00"])
    def test_one_that_is_not_there(self, api: APIClient, pk: str) -> None:
        assert api.get(f"{URL}{pk}/").status_code == 404
        assert api.patch(f"{URL}{pk}/", {"status": "closed"}).status_code == 404

    @pytest.mark.usefixtures("one_of_each")
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", ["closed", "waiting"]),
            ("?status=placing", ["placing"]),
            ("?status=called&status=waiting", ["waiting", "called"]),
            ("?status=placing&status=called&status=waiting&status=closed", ["closed", "waiting", "called", "placing"]),
            ("?phone_number=%2B14255550302", ["waiting"]),
            ("?phone_number=%2B14255550301", []),
            ("?phone_number=%2B14255550301&status=called", ["called"]),
            ("?after=2026-07-01T12:03:00Z", ["closed"]),
            ("?before=2026-07-01T12:03:00Z", ["waiting"]),
            ("?page_size=1", ["closed"]),
        ],
    )
    def test_filters(self, api: APIClient, query: str, found: list[str]) -> None:
        assert people(api, query) == found

    @pytest.mark.parametrize(
        ("parameter", "value"),
        [
            ("status", "lost"),
            ("status", ""),
            ("phone_number", "Ann"),
            ("after", "yesterday"),
            ("before", "2026-07-01"),
            ("name", "Ann"),
        ],
    )
    def test_a_bad_filter_is_refused_by_name(self, api: APIClient, parameter: str, value: str) -> None:
        answer = api.get(URL, {parameter: value})
        assert (answer.status_code, at_fault(answer)) == (400, [parameter])

    def test_a_list_costs_the_same_for_any_number_of_rows(
        self, api: APIClient, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for n in range(12):
            Contact.objects.create(phone_number=f"+142555503{n:02}", name=f"Person {n}")
            noted(f"+142555503{n:02}")
        api.get(URL)
        with django_assert_num_queries(3):
            api.get(URL)


class TestClosing:
    def test_it_is_closed_with_a_note(self, api: APIClient) -> None:
        Contact.objects.create(phone_number=ANN, name="Ann")
        row = noted()
        answer = api.patch(f"{URL}{row.pk}/", {"status": "closed", "note": "Will be in at six"})
        assert answer.status_code == 200
        closed = answer.json()
        assert (closed["status"], closed["closed_by"], closed["note"]) == ("closed", "user0", "Will be in at six")
        assert (closed["name"], closed["ended_at"] is None) == ("Ann", False)

    def test_it_is_closed_without_one(self, api: APIClient) -> None:
        assert api.patch(f"{URL}{noted().pk}/", {"status": "closed"}).status_code == 200
        assert CallBack.objects.get().status == "closed"

    def test_closing_twice_is_a_conflict(self, api: APIClient) -> None:
        row = noted()
        api.patch(f"{URL}{row.pk}/", {"status": "closed", "note": "first"})
        answer = api.patch(f"{URL}{row.pk}/", {"status": "closed", "note": "second"})
        assert answer.status_code == 409
        assert answer.json()["detail"].startswith("user0 has closed it before, ")
        assert CallBack.objects.get().note == "first"

    @pytest.mark.parametrize("status", ["placing", "called"])
    def test_what_does_not_wait_for_staff_is_a_conflict(self, api: APIClient, status: str) -> None:
        answer = api.patch(f"{URL}{noted(status=status).pk}/", {"status": "closed"})
        assert (answer.status_code, "Amazon Connect" in answer.json()["detail"]) == (409, True)

    @pytest.mark.parametrize("status", ["waiting", "placing", "called", "done", "", None, ["closed"], 7])
    def test_no_other_status_can_be_set(self, api: APIClient, status: Any) -> None:
        answer = api.patch(f"{URL}{noted().pk}/", {"status": status})
        assert (answer.status_code, at_fault(answer)) == (400, ["status"])
        if status:
            said = [error["message"] for error in answer.json()["errors"]]
            assert said == ['Only "closed" can be set: a person has dealt with it.']
        assert CallBack.objects.get().status == "waiting"

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "status"),
            ({"note": "x"}, "status"),
            ({"status": "closed", "note": "x" * 501}, "note"),
            ({"status": "closed", "note": ["x"]}, "note"),
            ({"status": "closed", "closed_by": "otto"}, "closed_by"),
            ({"status": "closed", "phone_number": BOB}, "phone_number"),
            ({"status": "closed", "name": "Bob"}, "name"),
            ({"status": "closed", "colour": "red"}, "colour"),
        ],
    )
    def test_a_bad_field_is_refused_by_name_and_nothing_changes(
        self, api: APIClient, body: dict[str, Any], field: str
    ) -> None:
        answer = api.patch(f"{URL}{noted().pk}/", body)
        assert (answer.status_code, at_fault(answer)) == (400, [field])
        assert CallBack.objects.get().status == "waiting"


class TestWhoOfTheStaffCallsIsBetweenThem:
    """Callers know waiting and closed: what is taken waits, and what was given up is closed."""

    @pytest.fixture(autouse=True)
    def _rows(self) -> None:
        callbacks.take(noted().pk, actor="olga")
        callbacks.take(noted(BOB).pk, actor="olga")
        callbacks.not_reached(CallBack.objects.get(phone_number=BOB).pk, actor="olga", note="Wrong number")

    def test_statuses_that_callers_know(self, api: APIClient) -> None:
        rows = {row["phone_number"]: row for row in api.get(URL).json()["results"]}
        assert rows[ANN]["status"] == "waiting"
        assert (rows[BOB]["status"], rows[BOB]["closed_by"], rows[BOB]["note"]) == ("closed", "olga", "Wrong number")

    @pytest.mark.parametrize(
        ("status", "found"), [("waiting", ["waiting"]), ("closed", ["closed"]), ("called", []), ("placing", [])]
    )
    def test_filters(self, api: APIClient, status: str, found: list[str]) -> None:
        assert people(api, f"?status={status}") == found

    @pytest.mark.parametrize("status", ["taken", "failed"])
    def test_there_are_no_others(self, api: APIClient, status: str) -> None:
        assert api.get(f"{URL}?status={status}").status_code == 400
        answer = api.patch(f"{URL}{CallBack.objects.get(phone_number=ANN).pk}/", {"status": status})
        assert (answer.status_code, at_fault(answer)) == (400, ["status"])

    def test_what_is_taken_is_closed_all_the_same(self, api: APIClient) -> None:
        pk = CallBack.objects.get(phone_number=ANN).pk
        answer = api.patch(f"{URL}{pk}/", {"status": "closed", "note": "Came by"})
        assert (answer.status_code, answer.json()["status"]) == (200, "closed")
        with pytest.raises(callbacks.NotAllowed):
            callbacks.called(pk, actor="olga")

    def test_what_was_given_up_is_not_closed_again(self, api: APIClient) -> None:
        answer = api.patch(f"{URL}{CallBack.objects.get(phone_number=BOB).pk}/", {"status": "closed"})
        assert (answer.status_code, "olga has closed it before" in answer.json()["detail"]) == (409, True)

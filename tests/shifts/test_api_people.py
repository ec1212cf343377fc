"""/employees/ and /segments/, and importing a file in one request."""

from collections.abc import Iterable
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from messaging.models import Contact, Status
from optout.models import ConsentEvent
from shifts.models import Employee, Segment
from shifts.roster.decoding import LARGEST
from tests.messaging.api.conftest import ClientWith, api, client_with
from tests.messaging.api.test_permissions import ROUTES
from tests.messaging.factories import ANN, BOB
from tests.refusals import at_fault
from tests.shifts.conftest import texted
from tests.shifts.factories import campaign, employee, employees, holding, segment, shift
from tests.together import together

# Fixtures.
__all__ = ["api", "client_with"]

EMPLOYEES, SEGMENTS = "/api/v1/employees/", "/api/v1/segments/"
IMPORT = f"{SEGMENTS}Night nurses/import/"
CSV = f"name,phone_number\nAnn,{ANN}\n"
FIGURES = {"rows": 1, "created": 1, "updated": 0, "unchanged": 0, "skipped": 0, "opted_out": 0, "duplicates": 0}

pytestmark = pytest.mark.django_db


def _send(api: APIClient, content: str | bytes = CSV, address: str = IMPORT) -> Any:
    return api.post(address, content, content_type="text/csv")


def _numbers(api: APIClient, **parameters: str) -> list[str]:
    answer = api.get(EMPLOYEES, parameters)
    assert answer.status_code == 200, answer.json()
    return [row["phone_number"] for row in answer.json()["results"]]


class TestEmployees:
    def test_adding_reading_changing_deleting(self, api: APIClient) -> None:
        segment("Day"), segment("Night")
        new = {"phone_number": ANN, "name": "Ann", "segments": ["Night", "day"], "language": "en"}
        answer = api.post(EMPLOYEES, new)
        assert (answer.status_code, answer.json()) == (201, new | {"approved": True, "segments": ["Day", "Night"]})
        address = f"{EMPLOYEES}{ANN}/"
        answer = api.patch(address, {"approved": False, "segments": []})
        assert answer.json() == new | {"approved": False, "segments": []}
        assert api.get(f"{EMPLOYEES}%2B{ANN[1:]}/").json() == answer.json()
        assert api.delete(address).status_code == 204
        assert (api.get(address).status_code, Contact.objects.count()) == (404, 1)

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"phone_number": "4255550182"}, "phone_number"),
            ({"phone_number": ANN}, "phone_number"),
            ({}, "phone_number"),
            ({"phone_number": BOB, "segments": ["None"]}, "segments"),
            ({"phone_number": BOB, "segments": "Day"}, "segments"),
            ({"phone_number": BOB, "language": "english"}, "language"),
            ({"phone_number": BOB, "name": "x" * 151}, "name"),
            ({"phone_number": BOB, "name": "a\0b"}, "name"),
            ({"phone_number": BOB, "approved": "perhaps"}, "approved"),
            ({"phone_number": BOB, "aproved": False}, "aproved"),
        ],
    )
    def test_what_is_refused_is_refused_by_field(self, fields: dict[str, Any], field: str, api: APIClient) -> None:
        employee(ANN)
        answer = api.post(EMPLOYEES, fields)
        assert (answer.status_code, at_fault(answer)) == (400, [field])
        assert Employee.objects.count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_of_two_who_add_one_number_at_once_one_is_told_so(self, api: APIClient) -> None:
        names = ["Ann", "Anna", "Anne", "Annie"]
        answers = together(*(partial(api.post, EMPLOYEES, {"phone_number": ANN, "name": name}) for name in names))
        assert sorted(answer.status_code for answer in answers) == [201, 400, 400, 400]
        (added,) = [answer.json() for answer in answers if answer.status_code == 201]
        assert api.get(f"{EMPLOYEES}{ANN}/").json() == added
        assert {tuple(at_fault(answer)) for answer in answers if answer.status_code == 400} == {("phone_number",)}

    def test_withdrawn_approval_stops_what_waits(self, api: APIClient) -> None:
        employee(ANN)
        text = texted("july", status=Status.QUEUED)
        api.patch(f"{EMPLOYEES}{ANN}/", {"approved": False})
        text.refresh_from_db()
        assert (text.status, text.error_code) == ("suppressed", "NOT_APPROVED")

    def test_a_number_is_not_changed(self, api: APIClient) -> None:
        employee(ANN)
        assert api.patch(f"{EMPLOYEES}{ANN}/", {"phone_number": ANN, "name": "Ann"}).json()["name"] == "Ann"
        assert at_fault(api.patch(f"{EMPLOYEES}{ANN}/", {"phone_number": BOB})) == ["phone_number"]

    def test_filters(self, api: APIClient) -> None:
        employee(ANN, segments=["Night nurses"])
        employee(BOB, approved=False)
        assert _numbers(api) == [BOB, ANN]
        assert _numbers(api, phone_number=ANN) == [ANN]
        assert _numbers(api, approved="false") == [BOB]
        assert _numbers(api, approved="true") == [ANN]
        assert _numbers(api, segment="NIGHT nurses") == [ANN]
        assert _numbers(api, segment="Day") == []

    @pytest.mark.parametrize("query", ["approved=maybe", "approved=", "segment=", "phone_number=1", "aproved=true"])
    def test_a_filter_that_is_none(self, query: str, api: APIClient) -> None:
        answer = api.get(f"{EMPLOYEES}?{query}")
        assert (answer.status_code, at_fault(answer)) == (400, [query.split("=", maxsplit=1)[0]])

    def test_who_booked_is_not_deleted(self, api: APIClient) -> None:
        holding(employee(ANN), shift())
        answer = api.delete(f"{EMPLOYEES}{ANN}/")
        assert (answer.status_code, "Withdraw the approval" in answer.json()["detail"]) == (409, True)

    def test_a_list_of_any_length_is_a_fixed_number_of_queries(self, api: APIClient) -> None:
        employee(ANN, segments=["Day"])
        with CaptureQueriesContext(connection) as few:
            assert len(_numbers(api)) == 1
        employees(30, segments=["Day", "Night"])
        with CaptureQueriesContext(connection) as many:
            assert len(_numbers(api)) == 31
        assert len(many) == len(few)


class TestSegments:
    def test_adding_reading_deleting(self, api: APIClient) -> None:
        answer = api.post(SEGMENTS, {"name": "Night nurses, St. Mary's"})
        assert (answer.status_code, answer.json()) == (201, {"name": "Night nurses, St. Mary's", "size": 0})
        employee(ANN, segments=["Night nurses, St. Mary's"])
        assert api.get(f"{SEGMENTS}NIGHT nurses, St. Mary's/").json() == answer.json() | {"size": 1}
        assert api.get(SEGMENTS).json()["results"] == [answer.json() | {"size": 1}]
        assert api.delete(f"{SEGMENTS}night nurses, st. mary's/").status_code == 204
        assert (Segment.objects.count(), Employee.objects.count()) == (0, 1)

    @pytest.mark.parametrize(
        "fields", [{}, {"name": ""}, {"name": "a/b"}, {"name": "x" * 101}, {"name": "NIGHT NURSES"}]
    )
    def test_a_name_that_is_refused(self, fields: dict[str, str], api: APIClient) -> None:
        segment("Night nurses")
        answer = api.post(SEGMENTS, fields)
        assert (answer.status_code, at_fault(answer)) == (400, ["name"])

    @pytest.mark.django_db(transaction=True)
    def test_of_two_who_add_one_name_at_once_one_is_told_so(self, api: APIClient) -> None:
        names = ["Day", "DAY", "day", "dAY"]
        answers = together(*(partial(api.post, SEGMENTS, {"name": name}) for name in names))
        assert sorted(answer.status_code for answer in answers) == [201, 400, 400, 400]
        assert {tuple(at_fault(answer)) for answer in answers if answer.status_code == 400} == {("name",)}

    def test_the_segment_of_a_campaign_is_not_deleted(self, api: APIClient) -> None:
        campaign(segment=segment("Night nurses"))
        answer = api.delete(f"{SEGMENTS}Night nurses/")
        assert (answer.status_code, "july" in answer.json()["detail"]) == (409, True)

    @pytest.mark.parametrize("address", [f"{EMPLOYEES}a%00b/", f"{SEGMENTS}a%00b/"])
    def test_nobody_has_a_nul_in_the_name(self, address: str, api: APIClient) -> None:
        assert api.get(address).status_code == 404
        assert api.post(SEGMENTS, {"name": "a\0b"}).status_code == 400
        assert _send(api, address=f"{SEGMENTS}a%00b/import/").status_code == 400
        assert not Contact.objects.exists()

    def test_no_parameters_are_taken(self, api: APIClient) -> None:
        assert api.get(f"{SEGMENTS}?nam=x").status_code == 400


class TestImporting:
    def test_a_body_of_csv(self, api: APIClient) -> None:
        answer = _send(api)
        assert (answer.status_code, answer.json()) == (200, FIGURES)
        assert Segment.objects.get().name == "Night nurses"
        assert _send(api).json() == FIGURES | {"created": 0, "unchanged": 1}

    def test_a_file_of_a_form(self, api: APIClient) -> None:
        answer = api.post(IMPORT, {"file": SimpleUploadedFile("a.csv", CSV.encode())}, format="multipart")
        assert (answer.status_code, answer.json()) == (200, FIGURES)

    def test_a_large_body(self, api: APIClient) -> None:
        """Larger than what Django takes of other requests."""
        content = "name,phone_number\n" + "".join(f"{'x' * 140},+1425{2_000_000 + n}\n" for n in range(20_000))
        assert len(content) > 3_000_000
        assert _send(api, content).json()["rows"] == 20_000

    def test_a_dry_run_writes_nothing(self, api: APIClient) -> None:
        assert _send(api, address=f"{IMPORT}?dry_run=true").json() == FIGURES
        assert not Contact.objects.exists()
        assert not Segment.objects.exists()
        assert _send(api, address=f"{IMPORT}?dry_run=false").json() == FIGURES
        assert Contact.objects.exists()

    @pytest.mark.parametrize("query", ["dry_run=", "dry_run=perhaps", "dry_run=true&dry_run=false", "dryrun=true"])
    def test_a_parameter_that_is_none(self, query: str, api: APIClient) -> None:
        answer = _send(api, address=f"{IMPORT}?{query}")
        assert (answer.status_code, at_fault(answer)) == (400, [query.split("=", maxsplit=1)[0]])
        assert not Contact.objects.exists()

    def test_errors_are_listed_by_line_and_nothing_is_imported(self, api: APIClient) -> None:
        answer = _send(api, f"{CSV}Bob,123\n")
        assert answer.status_code == 400
        [problem] = answer.json()["errors"]
        assert (problem["line"], problem["column"], answer.json()["total"]) == (3, "phone_number", 1)
        assert not Contact.objects.exists()
        assert not Segment.objects.exists()

    def test_a_list_of_e_mail_addresses_is_an_error(self, api: APIClient) -> None:
        answer = _send(api, "ChannelType,Address\nEMAIL,ann@example.com\n")
        assert (answer.status_code, "No line is for SMS" in answer.json()["errors"][0]["message"]) == (400, True)
        assert not Segment.objects.exists()

    def test_who_opted_out_elsewhere_is_recorded_by_name_of_who_asked(self, api: APIClient) -> None:
        content = f"Address,OptOut\n{ANN},ALL\n"
        assert _send(api, content, f"{IMPORT}?dry_run=true").json() == FIGURES | {"opted_out": 1}
        assert not ConsentEvent.objects.exists()
        assert _send(api, content).json() == FIGURES | {"opted_out": 1}
        event = ConsentEvent.objects.get()
        assert (event.phone_number, event.source, event.actor != "") == (ANN, "import", True)

    def test_while_consent_cannot_be_recorded_nothing_is_imported(
        self, api: APIClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: Any, **__: Any) -> None:
            raise OperationalError("the ledger is away")

        monkeypatch.setattr("optout.many.record_all", fail)
        answer = _send(api, f"Address,OptOut\n{ANN},ALL\n")
        assert (answer.status_code, "Nothing is imported" in answer.json()["detail"]) == (503, True)
        assert not Contact.objects.exists()
        assert not Segment.objects.exists()

    def test_no_more_than_a_thousand_errors_are_listed(self, api: APIClient) -> None:
        answer = _send(api, "phone_number\n" + "1\n" * 1500).json()
        assert (len(answer["errors"]), answer["total"]) == (1000, 1500)

    @pytest.mark.parametrize(
        "content",
        [b"", b"\0" * 1000, b"\xff\xfe\x00", b"name\n" + b"x" * 10_000_000, b"," * 1_000_000, b'"' * 100_001,
         b"\xed\xa0\x80\n", b"x" * (LARGEST + 1)],
        ids=["empty", "NULs", "half UTF-16", "one cell", "a million columns", "quotes", "surrogates", "too large"],
    )  # fmt: skip
    def test_hostile_files_are_answered_by_an_error(self, content: bytes, api: APIClient) -> None:
        answer = _send(api, content)
        assert (answer.status_code, len(answer.json()["errors"])) == (400, 1)
        assert len(answer.content) < 1000

    def test_a_name_that_is_no_segments(self, api: APIClient) -> None:
        answer = _send(api, address=f"{SEGMENTS}{'x' * 101}/import/")
        assert (answer.status_code, at_fault(answer)) == (400, ["segment"])

    @pytest.mark.parametrize("form", [{}, {"data": "x"}, {"file": "x"}])
    def test_a_form_without_a_file(self, form: dict[str, str], api: APIClient) -> None:
        assert api.post(IMPORT, form, format="multipart").status_code == 400

    def test_a_form_that_is_far_too_large_is_not_read(self, api: APIClient) -> None:
        file = SimpleUploadedFile("a.csv", b"x" * (LARGEST + 100_000))
        answer = api.post(IMPORT, {"file": file}, format="multipart")
        assert (answer.status_code, at_fault(answer)) == (400, ["file"])

    def test_another_type_of_body(self, api: APIClient) -> None:
        assert api.post(IMPORT, {"file": CSV}, format="json").status_code == 415


NEEDS = {
    ("employees/", "get"): "view_employee",
    ("employees/", "post"): "add_employee",
    ("employees/{phone_number}/", "get"): "view_employee",
    ("employees/{phone_number}/", "patch"): "change_employee",
    ("employees/{phone_number}/", "delete"): "delete_employee",
    ("segments/", "get"): "view_segment",
    ("segments/", "post"): "add_segment",
    ("segments/{name}/", "get"): "view_segment",
    ("segments/{name}/", "delete"): "delete_segment",
    ("segments/{name}/import/", "post"): "add_rosterimport",
}


def _ours() -> Iterable[tuple[str, str]]:
    return [route for route in ROUTES if route[0].startswith(("employees/", "segments/"))]


def test_every_route_is_in_the_table() -> None:
    assert sorted(_ours()) == sorted(NEEDS)


@pytest.mark.parametrize(("path", "method"), NEEDS)
def test_who_may(path: str, method: str, client_with: ClientWith) -> None:
    address = f"/api/v1/{path.format(phone_number='+14255550199', name='None')}"
    others = set(NEEDS.values()) - {NEEDS[path, method]}
    assert getattr(APIClient(), method)(address).status_code == 401
    assert getattr(client_with(*others), method)(address).status_code == 403
    assert getattr(client_with(NEEDS[path, method]), method)(address).status_code not in {401, 403}

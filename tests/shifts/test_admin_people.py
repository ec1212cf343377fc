"""The staff's pages of employees and segments."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging.models import OriginationIdentity, Status
from shifts import people, roster
from shifts.models import Employee, Segment
from tests.incidents.test_admin import file_of, staff
from tests.messaging.factories import ANN, BOB
from tests.shifts.conftest import texted
from tests.shifts.factories import campaign, employee, employees, holding, segment, shift

EMPLOYEES, SEGMENTS = "/admin/shifts/employee/", "/admin/shifts/segment/"
EVERYTHING = [f"{act}_{row}" for act in ("view", "add", "change", "delete") for row in ("employee", "segment")]

pytestmark = pytest.mark.django_db


@pytest.fixture
def hanna(db: None) -> Client:
    """Somebody of HR."""
    return staff(*EVERYTHING, "add_rosterimport", "see_phone_numbers", name="hanna")


def _page(client: Client, address: str, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def _save(client: Client, address: str, **fields: Any) -> Any:
    form = {"phone_number": "+1 (425) 555-0182", "name": "Ann", "approved": "on", "language": "en"} | fields
    return client.post(address, form, follow=True)


def _ann() -> Employee:
    return Employee.objects.select_related("contact").get(contact__phone_number=ANN)


def test_an_employee_is_added_with_a_number_as_people_write_it(hanna: Client) -> None:
    day = segment("Day")
    _save(hanna, f"{EMPLOYEES}add/", in_segments=[day.pk])
    ann = _ann()
    assert (ann.contact.name, ann.approved, ann.contact.language, list(ann.segments.all())) == (
        "Ann",
        True,
        "en",
        [day],
    )


def test_an_employee_is_changed_but_for_the_number(hanna: Client) -> None:
    ann = employee(ANN, name="Ann", segments=["Day", "Night"])
    page = _page(hanna, f"{EMPLOYEES}{ann.pk}/change/")
    assert ANN in page
    _save(
        hanna, f"{EMPLOYEES}{ann.pk}/change/",
        phone_number=BOB, name="Anna", approved="", in_segments=[segment("Night").pk],
    )  # fmt: skip
    ann = _ann()
    assert (ann.contact.name, ann.approved, [str(one) for one in ann.segments.all()]) == ("Anna", False, ["Night"])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "There is an employee with this number already"),
        ({"phone_number": "4255550183"}, "country code"),
        ({"phone_number": BOB, "language": "english"}, "no language code"),
        ({"phone_number": BOB, "name": "x" * 151}, "151 characters"),
    ],
)
def test_what_is_refused_is_told_beside_its_field(fields: dict[str, str], words: str, hanna: Client) -> None:
    employee(ANN)
    assert words in _save(hanna, f"{EMPLOYEES}add/", **fields).content.decode()
    assert Employee.objects.count() == 1


def test_an_employee_added_after_the_form_was_checked_is_told_and_stays(
    hanna: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, checks = people.add_employee, iter((True, False))

    def add_employee(*arguments: Any, **fields: Any) -> Employee:
        if not next(checks):
            employee(ANN, name="Quicker")
        return real(*arguments, **fields)

    monkeypatch.setattr(people, "add_employee", add_employee)
    page = _save(hanna, f"{EMPLOYEES}add/").content.decode()
    assert "There is an employee with this number already" in page
    assert not Employee.objects.filter(contact__name="Ann").exists()


def test_a_segment_added_after_the_form_was_checked_is_told(hanna: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    real = people.create_segment

    def create_segment(name: str) -> Segment:
        segment("night")
        return real(name)

    monkeypatch.setattr(people, "create_segment", create_segment)
    page = hanna.post(f"{SEGMENTS}add/", {"name": "Night"}, follow=True).content.decode()
    assert "There is a segment with this name already" in page
    assert not Segment.objects.filter(name="Night").exists()


def test_the_list_is_searched_by_name_and_by_number_in_any_form(hanna: Client, number: OriginationIdentity) -> None:
    employee(ANN, name="Ann Archer"), employee(BOB, name="Bob Bond")
    for words in ("archer", "+1 425-555-0182", "(425) 555 0182", "5550182"):
        page = _page(hanna, EMPLOYEES, q=words)
        assert ("Ann Archer" in page, "Bob Bond" in page) == (True, False), words


def test_the_list_is_filtered_and_of_a_fixed_number_of_queries(hanna: Client) -> None:
    employee(ANN, name="Ann Archer", approved=False, segments=["Day"])
    query = {"approved__exact": "0", "segments__id__exact": str(segment("Day").pk)}
    with CaptureQueriesContext(connection) as few:
        assert "Ann Archer" in _page(hanna, EMPLOYEES, **query)
    employees(40, approved=False, segments=["Day", "Night"])
    with CaptureQueriesContext(connection) as many:
        assert "Ann Archer" not in _page(hanna, EMPLOYEES, approved__exact="1")
        _page(hanna, EMPLOYEES, **query)
    assert len(many) <= 2 * len(few)


def _act(client: Client, action: str, *rows: Employee) -> Any:
    return client.post(EMPLOYEES, {"action": action, "_selected_action": [row.pk for row in rows]}, follow=True)


def test_approval_is_given_and_withdrawn(hanna: Client) -> None:
    ann, bob = employee(ANN), employee(BOB, approved=False)
    text = texted("july", BOB, status=Status.QUEUED)
    _act(hanna, "approve", ann, bob)
    assert Employee.objects.filter(approved=True).count() == 2
    assert b"withdrawn from 1" in _act(hanna, "withdraw", bob).content
    text.refresh_from_db()
    assert (text.status, text.error_code) == ("suppressed", "NOT_APPROVED")
    assert not Employee.objects.get(pk=bob.pk).approved


def test_who_may_only_view_neither_changes_nor_imports() -> None:
    ann = employee(ANN, name="Ann")
    rita = staff("view_employee", "view_segment", name="rita")
    page = _page(rita, EMPLOYEES) + _page(rita, f"{EMPLOYEES}{ann.pk}/change/")
    assert "Import a list" not in page
    assert "Withdraw approval" not in page
    _act(rita, "withdraw", ann)
    assert Employee.objects.get().approved
    assert _save(rita, f"{EMPLOYEES}{ann.pk}/change/", name="Anna").status_code == 403
    assert rita.get(f"{EMPLOYEES}add/").status_code == 403
    assert rita.get(f"{EMPLOYEES}import/").status_code == 403
    assert staff(name="nobody").get(f"{EMPLOYEES}export/").status_code == 403


def test_the_file_is_harmless_and_can_be_imported_again(hanna: Client) -> None:
    employee(ANN, name='=HYPERLINK("http://evil","Ann")', language="en")
    employee(BOB, name="Bob", approved=False)
    lines = file_of(hanna.get(f"{EMPLOYEES}export/"))
    assert lines == [
        "name,phone_number,approved,language",
        f'"\'=HYPERLINK(""http://evil"",""Ann"")",{ANN},true,en',
        f"Bob,{BOB},false,",
    ]
    report = roster.run("\n".join(lines).encode(), segment="Again")
    assert (report.errors, report.updated) == ([], 2)
    assert _ann().contact.name.startswith("=HYPERLINK")
    assert len(file_of(_act(hanna, "export_chosen", _ann()))) == 2


def test_who_booked_is_not_deleted_and_the_page_says_what_to_do(hanna: Client) -> None:
    ann, bob = employee(ANN), employee(BOB)
    holding(ann, shift())
    page = hanna.post(f"{EMPLOYEES}{ann.pk}/delete/", {"post": "yes"}, follow=True).content.decode()
    assert "Withdraw the approval instead" in page
    hanna.post(f"{EMPLOYEES}{bob.pk}/delete/", {"post": "yes"})
    assert list(Employee.objects.all()) == [ann]
    assert "delete_selected" not in _page(hanna, EMPLOYEES)


def test_segments_are_added_renamed_and_deleted(hanna: Client) -> None:
    hanna.post(f"{SEGMENTS}add/", {"name": "Night"})
    night = Segment.objects.get()
    employee(ANN, segments=[night])
    assert f"segments__id__exact={night.pk}" in _page(hanna, SEGMENTS)
    hanna.post(f"{SEGMENTS}{night.pk}/change/", {"name": "NIGHT nurses"})
    assert "already" in hanna.post(f"{SEGMENTS}add/", {"name": "night NURSES"}).content.decode()
    assert "control characters" in hanna.post(f"{SEGMENTS}{night.pk}/change/", {"name": "a\x07"}).content.decode()
    assert Segment.objects.get().name == "NIGHT nurses"
    campaign(segment=night)
    assert b"campaigns are kept" in hanna.post(f"{SEGMENTS}{night.pk}/delete/", {"post": "yes"}, follow=True).content
    day = segment("Day")
    hanna.post(f"{SEGMENTS}{day.pk}/delete/", {"post": "yes"})
    assert list(Segment.objects.all()) == [night]


def test_a_segment_leads_to_its_import(hanna: Client) -> None:
    night = segment("Night & day")
    answer = hanna.get(f"{SEGMENTS}{night.pk}/import-list/", follow=True)
    assert 'value="Night &amp; day"' in answer.content.decode()
    assert staff("view_segment", name="rita").get(f"{SEGMENTS}{night.pk}/import-list/").status_code == 403


@pytest.mark.parametrize(
    ("address", "none", "sought"),
    [
        (EMPLOYEES, "No employees yet", "No employee is like that"),
        (SEGMENTS, "No segments yet", "No segment has such a name"),
        ("/admin/shifts/shift/", "No shifts yet", "No shift is like that"),
    ],
)
def test_an_empty_list_says_what_to_do_next(address: str, none: str, sought: str) -> None:
    hr = staff("view_shift", "add_shift", *EVERYTHING, name="hr")
    page = _page(hr, address)
    assert none in page
    assert f'href="{address}add/">Add a' in page
    assert sought in _page(hr, address, q="nobody")
    # Who may only look is told what there is not, and offered nothing.
    page = _page(staff("view_employee", "view_segment", "view_shift", name="rita"), address)
    assert none in page
    assert "tb-step" not in page


def test_a_list_with_rows_is_the_list(hanna: Client) -> None:
    employee(ANN, name="Ann")
    page = _page(hanna, EMPLOYEES)
    assert "Ann" in page
    assert "No employees yet" not in page


def test_where_there_are_no_segments_the_form_says_how_to_make_one(hanna: Client) -> None:
    assert "There are none yet. Importing a list makes one" in _page(hanna, f"{EMPLOYEES}add/")
    segment("Night")
    assert "The lists that campaigns are sent to." in _page(hanna, f"{EMPLOYEES}add/")

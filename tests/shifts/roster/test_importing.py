"""Files into rows: all of it or nothing, by few statements, whoever else is writing."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection
from django.db.backends.utils import CursorWrapper
from django.test.utils import CaptureQueriesContext

from messaging.models import Contact
from shifts import people, roster
from shifts.models import Employee, Segment, SegmentMember
from shifts.roster.report import Report
from tests.messaging.factories import ANN, BOB
from tests.shifts.factories import employee
from tests.together import together

CAT = "+14255550184"
NURSES = "Night nurses"
HEADER = "name,phone_number,approved,language\n"
THREE = f"{HEADER}Ann,{ANN},yes,en\nBob,{BOB},no,es\nCat,{CAT},,\n".encode()

pytestmark = pytest.mark.django_db


def _run(content: bytes | str, segment: str = NURSES) -> Report:
    return roster.run(content.encode() if isinstance(content, str) else content, segment=segment)


def _figures(report: Report) -> tuple[int, int, int, int]:
    assert report.errors == []
    assert report.rows == report.created + report.updated + report.unchanged
    return report.rows, report.created, report.updated, report.unchanged


def _rows() -> list[tuple[Any, ...]]:
    found = Employee.objects.order_by("contact__phone_number").select_related("contact").prefetch_related("segments")
    return [
        (
            *(row.contact.phone_number, row.contact.name, row.approved, row.contact.language),
            *sorted(one.name for one in row.segments.all()),
        )
        for row in found
    ]


def _many(count: int, name: str = "Person") -> bytes:
    return (HEADER + "".join(f"{name} {n},+1425{2_000_000 + n},,en\n" for n in range(count))).encode()


def test_an_import_makes_contacts_employees_and_the_segment() -> None:
    assert _figures(_run(THREE)) == (3, 3, 0, 0)
    assert _rows() == [
        (ANN, "Ann", True, "en", NURSES),
        (BOB, "Bob", False, "es", NURSES),
        (CAT, "Cat", True, "", NURSES),
    ]


def test_the_same_file_again_changes_nothing() -> None:
    _run(THREE)
    members = list(SegmentMember.objects.order_by("pk").values())
    assert _figures(_run(THREE, NURSES.upper())) == (3, 0, 0, 3)
    assert list(SegmentMember.objects.order_by("pk").values()) == members
    assert Segment.objects.count() == 1


# what the second file says → how Ann is then, and whether that is a change
@pytest.mark.parametrize(
    ("content", "row", "figures"),
    [
        (f"phone_number\n{ANN}\n", ("Ann", False, "en"), (1, 0, 0, 1)),
        (f"{HEADER},{ANN},,\n", ("Ann", False, "en"), (1, 0, 0, 1)),
        (f"{HEADER}Anna,{ANN},,\n", ("Anna", False, "en"), (1, 0, 1, 0)),
        (f"{HEADER},{ANN},yes,\n", ("Ann", True, "en"), (1, 0, 1, 0)),
        (f"{HEADER},{ANN},no,\n", ("Ann", False, "en"), (1, 0, 0, 1)),
        (f"phone_number,language\n{ANN},hu\n", ("Ann", False, "hu"), (1, 0, 1, 0)),
        (f"{HEADER}Ann,{ANN},no,en\nAnna,{ANN},,\n", ("Anna", False, "en"), (2, 0, 1, 1)),
        (f"{HEADER}Anna,{ANN},yes,hu\nAnn,{ANN},no,en\n", ("Ann", False, "en"), (2, 0, 0, 2)),
    ],
)
def test_an_employee_is_changed_where_the_file_says_something(
    content: str, row: tuple[Any, ...], figures: tuple[int, ...]
) -> None:
    employee(ANN, name="Ann", approved=False, language="en", segments=[NURSES])
    assert _figures(_run(content)) == figures
    assert _rows() == [(ANN, *row, NURSES)]


def test_nobody_leaves_a_segment_and_joining_one_is_a_change() -> None:
    employee(BOB, segments=["Day nurses"])
    employee(CAT, segments=[NURSES])
    assert _figures(_run(f"phone_number\n{BOB}\n")) == (1, 0, 1, 0)
    assert [row[4:] for row in _rows()] == [("Day nurses", NURSES), (NURSES,)]


def test_somebody_we_know_otherwise_becomes_an_employee_with_what_we_know() -> None:
    Contact.objects.create(phone_number=ANN, name="Ann", time_zone="Europe/Budapest")
    assert _figures(_run(f"phone_number\n{ANN}\n")) == (1, 1, 0, 0)
    assert _rows() == [(ANN, "Ann", True, "", NURSES)]
    assert Contact.objects.get().time_zone == "Europe/Budapest"


def test_a_number_listed_again_is_one_employee_and_its_lines_are_counted() -> None:
    assert _figures(_run(f"{HEADER}Ann,{ANN},,\nBob,{BOB},,\nAnna,{ANN},,\n")) == (3, 2, 0, 1)
    assert list(SegmentMember.objects.order_by("pk").values_list("times_listed", flat=True)) == [2, 1]
    assert Contact.objects.get(phone_number=ANN).name == "Anna"
    assert _figures(_run(f"phone_number\n{ANN}\n")) == (1, 0, 0, 1)
    assert SegmentMember.objects.get(employee__contact__phone_number=ANN).times_listed == 1


def test_who_opted_out_in_pinpoint_is_imported_like_others() -> None:
    pinpoint = f"ChannelType,Address,OptOut\nSMS,{ANN},ALL\nSMS,{BOB},ALL\nSMS,{CAT},NONE\n"
    employee(BOB, approved=False)
    assert roster.check(pinpoint.encode(), segment=NURSES).sample[0]["approved"] is True
    assert _run(pinpoint).opted_out == 2
    assert [row[2] for row in _rows()] == [True, False, True]


@pytest.mark.parametrize("act", [roster.check, roster.run])
def test_a_list_of_e_mail_addresses_makes_nothing(act: Any) -> None:
    report = act(b"ChannelType,Address,OptOut\nEMAIL,ann@example.com,ALL\n", segment=NURSES)
    assert ["No line is for SMS" in problem.message for problem in report.errors] == [True]
    assert not Segment.objects.exists()


def test_a_check_says_what_the_import_does_and_writes_nothing() -> None:
    employee(ANN, name="Old", language="de")
    checked = roster.check(THREE, segment=NURSES)
    assert _figures(checked) == (3, 2, 1, 0)
    assert checked.sample[0] == {
        "phone_number": ANN, "name": "Ann", "approved": True, "language": "en", "change": "updated",
    }  # fmt: skip
    assert checked.sample[1]["change"] == "created"
    assert _rows() == [(ANN, "Old", True, "de")]
    assert not Segment.objects.exists()
    assert roster.run(THREE, segment=NURSES) == checked


def test_one_error_and_nothing_is_imported() -> None:
    report = _run(THREE + b"Dan,1,,\n")
    assert [(problem.line, problem.column) for problem in report.errors] == [(5, "phone_number")]
    assert (Contact.objects.count(), Segment.objects.count()) == (0, 0)


@pytest.mark.parametrize("name", ["", "a/b", " x", "x" * 101])
def test_a_name_that_no_segment_can_have(name: str) -> None:
    for act in (roster.check, roster.run):
        with pytest.raises(ValidationError):
            act(THREE, segment=name)
    assert not Contact.objects.exists()


@pytest.fixture
def _failing(monkeypatch: pytest.MonkeyPatch, failing: str) -> Iterator[None]:
    """A database that fails at the statement that begins so."""
    execute = CursorWrapper.execute

    def fail(self: CursorWrapper, sql: str, params: Any = None) -> Any:
        if failing in sql and "INSERT" in sql:
            raise DatabaseError("the disk is full")
        return execute(self, sql, params)

    monkeypatch.setattr(CursorWrapper, "execute", fail)
    yield
    monkeypatch.undo()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("failing", ["messaging_contact", "shifts_employee", "shifts_segmentmember"])
def test_a_database_that_fails_in_the_middle_has_nothing_half_imported(
    failing: str, request: pytest.FixtureRequest
) -> None:
    employee(ANN, name="Old")
    request.getfixturevalue("_failing")
    with pytest.raises(DatabaseError):
        _run(THREE)
    assert _rows() == [(ANN, "Old", True, "")]
    assert not Segment.objects.exists()


def test_fifty_thousand_people_are_a_bounded_number_of_statements() -> None:
    content = _many(50_000)
    with CaptureQueriesContext(connection) as queries:
        assert _figures(_run(content)) == (50_000, 50_000, 0, 0)
    # For each ten thousand one to compare and four to write; and a few for segment, transaction and planner.
    assert len(queries) <= 5 * 5 + 13
    assert SegmentMember.objects.count() == 50_000
    with CaptureQueriesContext(connection) as queries:
        assert _figures(_run(content)) == (50_000, 0, 0, 50_000)
    assert len(queries) <= 5 + 13


def test_members_come_in_the_order_of_the_file() -> None:
    _run(f"phone_number\n{CAT}\n{ANN}\n{BOB}\n")
    members = SegmentMember.objects.order_by("pk").values_list("employee__contact__phone_number", flat=True)
    assert list(members) == [CAT, ANN, BOB]


@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_two_imports_of_the_same_people_at_once(self) -> None:
        forth, back = _many(3000), HEADER.encode() + b"".join(reversed(_many(3000, "Other").splitlines(True)[1:]))
        first, second = together(partial(_run, forth), partial(_run, back, "Day nurses"))
        assert sorted((first.created, second.created)) == [0, 3000]
        assert sorted((first.updated, second.updated)) == [0, 3000]
        assert (Contact.objects.count(), Employee.objects.count(), Segment.objects.count()) == (3000, 3000, 2)
        # Whichever came last has its names, all of them.
        assert len(set(Contact.objects.values_list("name", flat=True))) == 3000
        assert len({name.split()[0] for name in Contact.objects.values_list("name", flat=True)}) == 1

    def test_two_imports_that_make_the_same_segment_in_another_case(self) -> None:
        together(partial(_run, _many(50)), partial(_run, THREE, NURSES.lower()))
        assert Segment.objects.count() == 1
        assert SegmentMember.objects.count() == 53

    def test_an_import_while_staff_edit_the_same_people(self) -> None:
        content = _many(2000)
        _run(content)

        def edit() -> None:
            for number in range(0, 2000, 40):
                people.save_employee(f"+1425{2_001_999 - number}", name="Edited", approved=False, segments=[])

        together(partial(_run, content.replace(b"Person", b"Changed"), "Day nurses"), edit)
        edited = Employee.objects.filter(approved=False)
        # An import says nothing of approval here, so what staff said of it stands, whoever came first.
        assert edited.count() == 50
        assert (
            SegmentMember.objects.filter(segment__name="Day nurses").exclude(employee__approved=False).count() == 1950
        )
        assert set(edited.values_list("contact__name", flat=True)) <= {
            "Edited", *(f"Changed {number}" for number in range(2000))
        }  # fmt: skip

    def test_an_import_while_its_segment_is_deleted(self) -> None:
        segment = people.add_segment(NURSES)
        together(partial(_run, _many(200)), partial(people.remove_segment, segment))
        assert Employee.objects.count() == 200
        assert SegmentMember.objects.count() in (0, 200)


def test_an_import_leaves_the_walk_of_a_campaign_as_it_is() -> None:
    """A campaign goes through a segment by the ids of its members: those it has passed never change."""
    _run(THREE)
    walked = list(SegmentMember.objects.order_by("pk").values_list("pk", "employee"))
    last = walked[-1][0]
    _run(THREE + b"Dan,+14255550185,,\n" + b"Anna,%b,,\n" % ANN.encode())
    assert list(SegmentMember.objects.filter(pk__lte=last).order_by("pk").values_list("pk", "employee")) == walked
    assert SegmentMember.objects.filter(pk__gt=last).count() == 1

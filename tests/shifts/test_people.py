"""The writer of employees and segments."""

from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from messaging.models import Contact
from shifts import people
from shifts.models import Employee, Segment, SegmentMember
from tests.messaging.factories import ANN, BOB
from tests.shifts.factories import campaign, employee, holding, segment, shift
from tests.together import together

pytestmark = pytest.mark.django_db


def _ann() -> tuple[str, bool, str, list[str]]:
    row = Employee.objects.get(contact__phone_number=ANN)
    return row.contact.name, row.approved, row.contact.language, [one.name for one in row.segments.all()]


def test_a_new_employee_is_approved_and_takes_the_contact_that_has_the_number() -> None:
    Contact.objects.create(phone_number=ANN, name="Ann", time_zone="Europe/Budapest")
    row, created = people.save_employee(ANN, language="pt_BR")
    assert (created, row.contact.time_zone) == (True, "Europe/Budapest")
    assert _ann() == ("Ann", True, "pt-BR", [])


def test_none_leaves_as_it_is_and_everything_else_is_kept() -> None:
    segment("Day"), segment("Night")
    people.save_employee(ANN, name=" Ann\n Archer ", approved=False, language="en", segments=["day", "NIGHT", "Day"])
    assert _ann() == ("Ann Archer", False, "en", ["Day", "Night"])
    assert people.save_employee(ANN)[1] is False
    assert _ann() == ("Ann Archer", False, "en", ["Day", "Night"])
    kept = SegmentMember.objects.get(segment__name="Night").pk
    people.save_employee(ANN, name="", approved=True, segments=["Night"])
    assert _ann() == ("", True, "en", ["Night"])
    assert SegmentMember.objects.get().pk == kept


@pytest.mark.parametrize(
    ("number", "fields", "field"),
    [
        ("4255550182", {}, "phone_number"),
        ("+1425", {}, "phone_number"),
        (ANN, {"name": "x" * 151}, "name"),
        (ANN, {"name": "A\0nn"}, "name"),
        (ANN, {"language": "english"}, "language"),
        (ANN, {"segments": ["Nobody's"]}, "segments"),
    ],
)
def test_what_is_refused_is_refused_by_field_and_changes_nothing(
    number: str, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        people.save_employee(number, **fields)
    assert list(refused.value.message_dict) == [field]
    assert not Contact.objects.exists()


def test_somebody_who_booked_is_not_deleted_and_others_keep_their_contact() -> None:
    ann, bob = employee(ANN, segments=["Day"]), employee(BOB)
    holding(bob, shift())
    people.delete_employee(ann)
    with pytest.raises(people.InUse, match="Withdraw the approval"):
        people.delete_employee(bob)
    assert (Employee.objects.get(), Contact.objects.count()) == (bob, 2)


def test_the_segment_of_a_campaign_is_not_deleted_and_no_other_takes_its_people_along() -> None:
    employee(ANN, segments=["Day", "Night"])
    campaign(segment=segment("Night"))
    people.remove_segment(segment("Day"))
    with pytest.raises(people.InUse, match="july"):
        people.remove_segment(segment("Night"))
    assert _ann()[3] == ["Night"]


def test_a_segment_is_one_in_any_case() -> None:
    first = people.add_segment("Night nurses")
    assert people.add_segment("NIGHT nurses") == first
    assert people.find_segment("night NURSES") == first
    with pytest.raises(ValidationError):
        people.rename_segment(people.add_segment("Day"), "night nurses")
    people.rename_segment(first, "NIGHT NURSES")
    assert sorted(Segment.objects.values_list("name", flat=True)) == ["Day", "NIGHT NURSES"]


@pytest.mark.parametrize("name", ["", "a/b", "a\0b", "a\x07", " a", "x" * 101])
def test_a_name_that_no_segment_can_have(name: str) -> None:
    night = people.add_segment("Night")
    for act in (people.add_segment, partial(people.rename_segment, night)):
        with pytest.raises(ValidationError) as refused:
            act(name)
        assert list(refused.value.message_dict) == ["name"]
    assert people.find_segment(name) is None


def test_approval_of_many_counts_what_was_news() -> None:
    employee(ANN), employee(BOB, approved=False)
    assert people.set_approved(Employee.objects.all(), approved=True) == 1
    assert not Employee.objects.filter(approved=False).exists()


@pytest.mark.django_db(transaction=True)
def test_the_same_employee_and_segment_made_at_once() -> None:
    together(*[partial(people.add_segment, name) for name in ("Day", "DAY", "day")])
    name = Segment.objects.get().name
    together(*[partial(people.save_employee, ANN, segments=[name]) for _ in range(4)])
    assert Employee.objects.get().memberships.count() == 1

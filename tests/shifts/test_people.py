"""The writer of employees and segments."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.models import Contact, OriginationIdentity, OutboundMessage, Status
from messaging.outbound import outbox
from shifts import campaigns, people, selectors
from shifts.campaigns import expansion
from shifts.campaigns.audience import NOT_APPROVED
from shifts.models import Campaign, Employee, Segment, SegmentMember
from tests.messaging.factories import ANN, BOB, standing
from tests.shifts.conftest import texted
from tests.shifts.factories import campaign, employee, holding, segment, shift
from tests.together import Result, together

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
    assert selectors.find_segment("night NURSES") == first
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
    assert selectors.find_segment(name) is None


def test_approval_of_many_counts_what_was_news() -> None:
    employee(ANN), employee(BOB, approved=False)
    assert people.set_approved(Employee.objects.all(), approved=True) == 1
    assert not Employee.objects.filter(approved=False).exists()


def test_who_is_an_employee_already_is_not_added_again_and_stays_as_they_are() -> None:
    people.save_employee(ANN, name="Ann", language="en")
    text = texted("july", status=Status.QUEUED)
    with pytest.raises(ValidationError) as refused:
        people.add_employee(ANN, name="Other", approved=False, language="es")
    assert list(refused.value.message_dict) == ["phone_number"]
    assert _ann() == ("Ann", True, "en", [])
    assert _status(text) == "queued"
    assert people.add_employee(BOB, name="Bob", approved=False).approved is False


def test_a_segment_that_is_there_in_any_case_is_not_made_again() -> None:
    people.create_segment("Night nurses")
    for name in ("NIGHT nurses", "a/b"):
        with pytest.raises(ValidationError) as refused:
            people.create_segment(name)
        assert list(refused.value.message_dict) == ["name"]
    assert Segment.objects.get().name == "Night nurses"


@pytest.mark.parametrize("name", ["night NURSES", " Night nurses "])
def test_a_campaign_finds_its_segment_as_everybody_does(name: str, number: OriginationIdentity) -> None:
    night = segment("Night nurses")
    assert campaigns.check_request(campaigns.Request("july", "Hello", name)).segment == night
    with pytest.raises(ValidationError) as refused:
        campaigns.check_request(campaigns.Request("july", "Hello", "Night\0nurses"))
    assert list(refused.value.message_dict) == ["segment"]


def _status(text: OutboundMessage) -> str:
    text.refresh_from_db()
    return text.status


WITHDRAWALS: list[Callable[[], object]] = [
    partial(people.save_employee, ANN, approved=False),
    lambda: people.set_approved(Employee.objects.filter(contact__phone_number=ANN), approved=False),
    lambda: people.approval_withdrawn([ANN]),
]


class TestWithdrawnApproval:
    @pytest.mark.parametrize("withdraw", WITHDRAWALS)
    def test_no_campaign_text_that_waits_is_sent(self, withdraw: Callable[[], object]) -> None:
        employee(ANN), employee(BOB)
        waiting = [texted("july", status=Status.QUEUED), texted("august", status=Status.QUEUED, withheld=True)]
        others = [
            texted("july", BOB, status=Status.QUEUED),
            texted("july", status=Status.SENDING),
            texted("june", status=Status.SENT),
            texted("july", status=Status.QUEUED, priority=10),
            standing(Status.QUEUED, ANN, conversation="incidents", priority=30),
        ]
        before = [text.status for text in others]
        withdraw()
        assert [_status(text) for text in waiting] == ["suppressed"] * 2
        assert {(text.error_code, text.error_reason) for text in waiting} == {NOT_APPROVED}
        assert [_status(text) for text in others] == before
        people.save_employee(ANN, approved=True)
        assert [_status(text) for text in waiting] == ["suppressed"] * 2

    @pytest.mark.parametrize("fields", [{"approved": True}, {"name": "Ann"}])
    def test_any_other_change_leaves_them(self, fields: dict[str, Any]) -> None:
        employee(ANN)
        text = texted("july", status=Status.QUEUED)
        people.save_employee(ANN, **fields)
        assert _status(text) == "queued"

    def test_of_many_is_few_statements(self) -> None:
        for number in range(30):
            phone_number = f"+1425556{number:04}"
            employee(phone_number)
            texted("july", phone_number, status=Status.QUEUED)
        with CaptureQueriesContext(connection) as context:
            assert people.set_approved(Employee.objects.all(), approved=False) == 30
        assert len(context) < 12
        assert not OutboundMessage.objects.exclude(status="suppressed").exists()

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("withdraw", WITHDRAWALS[:2])
    def test_rows_that_are_being_made_are_not_missed(
        self, withdraw: Callable[[], object], number: OriginationIdentity, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whoever makes them has seen the approval, and nobody sees them before its commit."""
        night = segment()
        ann = employee(ANN, segments=[night])
        last = SegmentMember.objects.get(employee=ann).pk
        campaign("july", segment=night, status="sending", last_member=last)
        seen, withdrawn = threading.Event(), threading.Event()
        real = outbox.queue_for_all

        def queue_for_all(*arguments: Any) -> int:
            made = real(*arguments)
            seen.set()
            # Nobody can withdraw it now without waiting for this transaction, which ends when somebody has tried.
            assert not withdrawn.wait(0.5)
            return made

        def act() -> None:
            assert seen.wait(10)
            withdraw()
            withdrawn.set()

        monkeypatch.setattr(outbox, "queue_for_all", queue_for_all)
        together(partial(expansion.expand_some, "july"), act)
        assert OutboundMessage.objects.values_list("status", "error_code").get() == ("suppressed", NOT_APPROVED[0])
        assert Campaign.objects.get().expanded_at is not None


def _made(make: Callable[..., Result], *arguments: Any, **fields: Any) -> Result | None:
    """What was made; None when it was refused."""
    try:
        return make(*arguments, **fields)
    except ValidationError:
        return None


@pytest.mark.django_db(transaction=True)
def test_of_those_who_add_the_same_at_once_one_does() -> None:
    names = ["Ann", "Anna", "Anne", "Annie"]
    employees = together(*[partial(_made, people.add_employee, ANN, name=name) for name in names])
    (row,) = [one for one in employees if one]
    assert _ann()[0] == row.contact.name
    segments = together(*[partial(_made, people.create_segment, name) for name in ("Day", "DAY", "day", "dAY")])
    assert [one for one in segments if one] == [Segment.objects.get()]


@pytest.mark.django_db(transaction=True)
def test_the_same_employee_and_segment_made_at_once() -> None:
    together(*[partial(people.add_segment, name) for name in ("Day", "DAY", "day")])
    name = Segment.objects.get().name
    together(*[partial(people.save_employee, ANN, segments=[name]) for _ in range(4)])
    assert Employee.objects.get().memberships.count() == 1

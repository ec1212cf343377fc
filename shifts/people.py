"""The writer of employees and segments. Lists of them come by shifts.roster, with the same words and locks.

Rows are locked in one order, by whoever takes several: segments, contacts, employees, memberships, campaigns, texts.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet

from messaging.lookups import OneOf
from messaging.models import Contact, Priority
from messaging.outbound import outbox
from shifts import selectors
from shifts.campaigns import turns
from shifts.campaigns.audience import NOT_APPROVED
from shifts.campaigns.subject import CONVERSATION
from shifts.models import Booking, Campaign, Employee, Segment, SegmentMember

_LONGEST_NAME = Contact._meta.get_field("name").max_length or 0
_LONGEST_LANGUAGE = Contact._meta.get_field("language").max_length or 0
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


class InUse(Exception):
    """It cannot be deleted; the message says for people why, and what may be done instead."""


def read_name(text: str) -> str:
    """A name as it is kept: on one line, without spaces that nobody sees.

    Raises:
        ValidationError: too long, or with characters that are no writing.
    """
    name = " ".join(text.split())
    if len(name) > _LONGEST_NAME:
        raise ValidationError(f"This name has {len(name)} characters. At most {_LONGEST_NAME} are kept.")
    if not name.isprintable() and any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        raise ValidationError("This name has control characters. Type it anew.")
    return name


def read_language(text: str) -> str:
    """A language code as it is kept: en, or pt-BR.

    Raises:
        ValidationError: it is none.
    """
    language = text.strip().replace("_", "-")
    if language and (len(language) > _LONGEST_LANGUAGE or not _LANGUAGE.fullmatch(language)):
        raise ValidationError(f"{language[:40]} is no language code. Write for example en or pt-BR.")
    return language


def add_employee(
    phone_number: str,
    *,
    name: str | None = None,
    approved: bool | None = None,
    language: str | None = None,
    segments: Sequence[str] | None = None,
) -> Employee:
    """Add somebody who is no employee yet. Of two who add one number in the same moment, one is refused.

    Arguments as in ``save_employee``.

    Raises:
        ValidationError: by field; on ``phone_number`` when there is one already, who then stays as they are.
    """
    with transaction.atomic():
        employee, created = save_employee(
            phone_number, name=name, approved=approved, language=language, segments=segments
        )
        if not created:
            raise ValidationError(
                {"phone_number": "There is an employee with this number already. Change that one instead."}
            )
    return employee


def save_employee(
    phone_number: str,
    *,
    name: str | None = None,
    approved: bool | None = None,
    language: str | None = None,
    segments: Sequence[str] | None = None,
) -> tuple[Employee, bool]:
    """Add or change an employee; whether one was added. None leaves as it is.

    Args:
        phone_number: E.164. A contact that has it already is the employee's.
        name: for texts and lists.
        approved: whether they may book; new ones may, unless it says otherwise.
        language: a code such as en.
        segments: names, in any case; they replace the segments the employee is in, and must exist.

    Raises:
        ValidationError: by field.
    """
    with transaction.atomic():
        chosen = None if segments is None else _locked_segments(segments)
        values = _contact_values(phone_number, name, language)
        contact, _ = Contact.objects.get_or_create(phone_number=phone_number, defaults=values)
        contact = Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
        if changed := [field for field, value in values.items() if getattr(contact, field) != value]:
            for field in changed:
                setattr(contact, field, values[field])
            contact.save(update_fields=changed)
        employee, created = Employee.objects.get_or_create(
            contact=contact, defaults={"approved": True if approved is None else approved}
        )
        withdrawn = False
        if approved is not None:
            news = Employee.objects.filter(pk=employee.pk).exclude(approved=approved).update(approved=approved)
            withdrawn = bool(news) and not approved
            employee.approved = approved
        if chosen is not None:
            _replace_memberships(employee, chosen)
        if withdrawn:
            approval_withdrawn([phone_number])
    return employee, created


def set_approved(employees: QuerySet[Employee], *, approved: bool) -> int:
    """Approve employees, or withdraw it. Returns of how many that was news."""
    with transaction.atomic():
        news = Employee.objects.filter(pk__in=employees.order_by().values("pk")).exclude(approved=approved)
        locked = news.order_by("pk").select_for_update(no_key=True, of=("self",))
        # With a column of the employee: without one Django locks the contacts as well, which others lock first.
        phone_numbers = [number for _, number in locked.values_list("pk", "contact__phone_number")]
        Employee.objects.filter(OneOf("contact__phone_number", phone_numbers)).update(approved=approved)
        if not approved:
            approval_withdrawn(phone_numbers)
    return len(phone_numbers)


def approval_withdrawn(phone_numbers: Collection[str]) -> None:
    """Stop the campaign texts that wait for people who are approved no longer, those of paused campaigns as well.

    Must be called in the transaction that withdraws the approval of any number of people, when all else is written.
    Approving them again brings nothing back.
    """
    if not phone_numbers:
        return
    # Who makes rows of a campaign may have read the approval before, and shows them only when it ends.
    turns.wait_for_expansions()
    code, reason = NOT_APPROVED
    outbox.suppress(CONVERSATION, Priority.CAMPAIGN, phone_numbers, code=code, reason=reason)


def delete_employee(employee: Employee) -> None:
    """Forget that somebody is an employee. Their contact stays, and so do the texts.

    Raises:
        InUse: they have or had a booking.
    """
    with transaction.atomic():
        held = Employee.objects.select_for_update().filter(pk=employee.pk)
        if held.exists() and Booking.objects.filter(employee=employee).exists():
            raise InUse(
                f"{employee} has booked shifts, and bookings are kept. Withdraw the approval instead: they get no more "
                "campaigns and can book no more."
            )
        held.delete()
        approval_withdrawn([employee.contact.phone_number])


def with_sizes() -> QuerySet[Segment]:
    """Segments, each with ``size``: how many employees are in it, approved or not."""
    return Segment.objects.annotate(size=Count("members"))


def check_segment_name(name: str) -> None:
    """Refuse what cannot be a segment's name.

    Raises:
        ValidationError: on ``name``.
    """
    Segment(name=name).clean_fields()
    if not name.isprintable():
        raise ValidationError({"name": "This name has control characters. Type it anew."})


def create_segment(name: str) -> Segment:
    """A new segment.

    Raises:
        ValidationError: on ``name``; also when there is one of this name in any case.
    """
    check_segment_name(name)
    try:
        with transaction.atomic():
            return Segment.objects.create(name=name)
    except IntegrityError as problem:
        raise ValidationError({"name": "There is a segment with this name already."}) from problem


def add_segment(name: str) -> Segment:
    """The segment of that name, made when there is none in any case.

    Raises:
        ValidationError: on ``name``.
    """
    check_segment_name(name)
    if found := selectors.find_segment(name):
        return found
    try:
        return create_segment(name)
    except ValidationError:
        # Somebody made it in the same moment, perhaps in another case.
        if found := selectors.find_segment(name):
            return found
        raise


def rename_segment(segment: Segment, name: str) -> None:
    """Give a segment another name.

    Raises:
        ValidationError: on ``name``.
    """
    check_segment_name(name)
    segment.name = name
    try:
        with transaction.atomic():
            segment.full_clean()
            segment.save(update_fields=["name"])
    except IntegrityError as problem:
        raise ValidationError({"name": "Somebody gave a segment this name in the same moment."}) from problem


def remove_segment(segment: Segment) -> None:
    """Delete a segment. Its employees stay employees.

    Raises:
        InUse: a campaign was made for it.
    """
    with transaction.atomic():
        held = Segment.objects.select_for_update().filter(pk=segment.pk)
        if held.exists() and (campaign := Campaign.objects.filter(segment=segment).first()):
            raise InUse(
                f"{segment} cannot be deleted: campaign {campaign} was made for it, and campaigns are kept. Take "
                "people out of it instead."
            )
        held.delete()


def _contact_values(phone_number: str, name: str | None, language: str | None) -> dict[str, str]:
    values, problems = dict[str, str](), dict[str, list[str]]()
    for field, text, read in (("name", name, read_name), ("language", language, read_language)):
        try:
            if text is not None:
                values[field] = read(text)
        except ValidationError as problem:
            problems[field] = problem.messages
    try:
        Contact(phone_number=phone_number).clean_fields()
    except ValidationError as problem:
        problems |= problem.message_dict
    if problems:
        raise ValidationError(problems)
    return values


def _locked_segments(names: Iterable[str]) -> list[Segment]:
    """The segments, locked in the order of their ids so that two who take several never wait for each other."""
    found, missing = dict[int, Segment](), list[str]()
    for name in names:
        segment = selectors.find_segment(name)
        if segment is None:
            missing.append(name)
        else:
            found[segment.pk] = segment
    if missing:
        raise ValidationError(
            {"segments": [f"There is no segment {name[:100]}. Make it first, or choose another." for name in missing]}
        )
    return list(Segment.objects.select_for_update(no_key=True).filter(pk__in=found).order_by("pk"))


def _replace_memberships(employee: Employee, segments: Sequence[Segment]) -> None:
    """Only what differs: a membership that stays keeps its id, by which campaigns go through a segment."""
    SegmentMember.objects.filter(employee=employee).exclude(segment__in=segments).delete()
    SegmentMember.objects.bulk_create(
        [SegmentMember(segment=segment, employee=employee) for segment in segments], ignore_conflicts=True
    )

"""Opening an incident: judge the request, copy the policy, ask the first step. Repeated, it changes nothing."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from incidents import counted, escalation, texts, understanding
from incidents.lifecycle import change
from incidents.lifecycle.change import Line
from incidents.models import EscalationPolicy, Incident, IncidentContact, IncidentStep, Kind
from incidents.models.policies import LONGEST_WAIT, default_wait
from messaging import clock
from messaging.models import Contact, OriginationIdentity
from messaging.privacy.names import old_id
from messaging.selectors import answerable_numbers
from messaging.validators import validate_phone_number

# The last part of a URL that acts on an incident; an id that ends so would be taken for the action.
ACTIONS = ("acknowledge", "decline", "escalate", "cancel", "resolve", "note")
_NO_URL = "no url"


class DifferentContent(Exception):
    """There is an incident with this id already, opened with other content."""

    def __init__(self, incident_id: str) -> None:
        super().__init__(
            f"Incident {incident_id} exists with other content. Give a new incident another id, "
            "or send exactly the same content to get the one that exists."
        )


@dataclass(frozen=True, slots=True)
class Request:
    """What an incident is opened with: two contacts, or a policy by name."""

    incident_id: str
    description: str
    url: str = ""
    first_contact: str = ""
    second_contact: str = ""
    escalation_policy: str = ""
    wait_seconds: int | None = None
    origination_identity: str = ""


_Note = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class StepCopy:
    """A step as an incident takes it over."""

    wait_seconds: int
    reminders: int
    phone_numbers: list[str]


def open_incident(request: Request, *, actor: str) -> tuple[Incident, bool]:
    """Open an incident and queue its first texts. Returns it, and whether it is new.

    Raises:
        DifferentContent: the id is taken by an incident with other content.
        django.core.exceptions.ValidationError: field by field, what is wrong and what to do.
    """
    request = _tidy(request)
    # Before defaults are filled in: a repeat says the same, whatever the settings say by then.
    digest = _digest(request)
    if (existing := _existing(request.incident_id, digest)) is not None:
        return existing, False
    steps = _check(request)
    try:
        with transaction.atomic():
            return _open(request, steps, digest, actor), True
    except IntegrityError:
        # Somebody opened the same id in the same moment.
        if (existing := _existing(request.incident_id, digest)) is None:
            raise
        return existing, False


def check_request(request: Request) -> None:
    """What open_incident would refuse, without opening anything; for forms, which show it beside the fields.

    Raises:
        django.core.exceptions.ValidationError: field by field, what is wrong and what to do.
    """
    _check(_tidy(request))


def planned_steps(request: Request) -> list[StepCopy]:
    """The steps that an incident would have, as far as they can be told of a request that may be faulty."""
    return _steps(_tidy(request), lambda field, problem: None)


def _tidy(request: Request) -> Request:
    url = request.url.strip()
    return Request(
        incident_id=request.incident_id.strip(),
        description=request.description.strip(),
        url="" if url.lower() == _NO_URL else url,
        first_contact=request.first_contact,
        second_contact=request.second_contact,
        escalation_policy=request.escalation_policy,
        wait_seconds=request.wait_seconds,
        origination_identity=request.origination_identity,
    )


def _digest(request: Request) -> str:
    """The request as asked for. A policy counts by its name: that it was edited since does not make a repeat new."""
    content = [
        request.description,
        request.url,
        request.first_contact,
        request.second_contact,
        request.escalation_policy,
        request.wait_seconds,
        request.origination_identity,
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _existing(incident_id: str, digest: str) -> Incident | None:
    incident = Incident.objects.filter(incident_id=incident_id).first()
    # Under the key where somebody it names was erased: a repeat is a repeat all the same.
    if incident is not None and incident.content_hash not in (digest, old_id(digest)):
        raise DifferentContent(incident_id)
    return incident


def _check(request: Request) -> list[StepCopy]:
    """The steps of a request without fault; otherwise a ValidationError with every field at fault."""
    problems: dict[str, list[str]] = {}

    def note(field: str, problem: str) -> None:
        problems.setdefault(field, []).append(problem)

    _check_id(request.incident_id, note)
    if re.search(r"\s", request.url):
        note("url", 'A link has no spaces. Leave it blank, or say "no url", when there is none.')
    if request.wait_seconds is not None and not 1 <= request.wait_seconds <= LONGEST_WAIT:
        note("wait_seconds", f"Wait between 1 and {LONGEST_WAIT} seconds.")
    _check_origination(request.origination_identity, note)
    steps = _steps(request, note)
    subject = texts.Subject(request.incident_id, request.description, request.url)
    size = texts.longest(subject, _languages(steps))
    if not size.fits:
        note(
            "description",
            f"The longest text about this incident would have {size.length} characters in {size.encoding}; at most "
            f"{size.limit} can be sent. Shorten description and link by {size.length - size.limit}.",
        )
    try:
        _row(request).clean_fields(exclude=["content_hash", "opened_at"])
    except ValidationError as invalid:
        for field, messages in invalid.message_dict.items():
            for message in messages:
                note("escalation_policy" if field == "policy" else field, message)
    if problems:
        raise ValidationError(dict(problems))
    return steps


def _check_id(incident_id: str, note: _Note) -> None:
    if understanding.is_reserved(incident_id):
        note("incident_id", "People answer with this word; choose another id.")
    if incident_id.endswith(("/", *(f"/{action}" for action in ACTIONS))):
        note("incident_id", "An id does not end in a slash, nor in a slash and the name of an action.")


def _check_origination(identity: str, note: _Note) -> None:
    if not identity:
        if not answerable_numbers().exists():
            note(
                "origination_identity",
                "There is no number that could ask: add an origination identity that is active and two-way, or set "
                "ORIGINATION_IDENTITY and restart.",
            )
        return
    number = OriginationIdentity.objects.filter(identity=identity).first()
    if number is None or not number.active:
        note(
            "origination_identity", f"{identity} is not an active origination identity. Add it first, or leave it out."
        )
    elif not number.two_way:
        note("origination_identity", f"{identity} cannot be answered, and an incident asks for answers.")


def _steps(request: Request, note: _Note) -> list[StepCopy]:
    contacts = [number for number in (request.first_contact, request.second_contact) if number]
    if request.escalation_policy:
        for field in ("first_contact", "second_contact"):
            if getattr(request, field):
                note(field, "Give contacts or an escalation_policy, not both.")
        return _policy_steps(request, note)
    if not request.first_contact:
        note("first_contact", "Give a first_contact (and a second_contact), or an escalation_policy.")
    for field in ("first_contact", "second_contact"):
        try:
            if number := getattr(request, field):
                validate_phone_number(number)
        except ValidationError as invalid:
            note(field, invalid.messages[0])
    wait = _wait(request) or default_wait()
    return [StepCopy(wait, 1, [number]) for number in contacts]


def _policy_steps(request: Request, note: _Note) -> list[StepCopy]:
    policy = EscalationPolicy.objects.filter(name=request.escalation_policy).first()
    if policy is None:
        note("escalation_policy", f"There is no escalation policy named {request.escalation_policy}.")
        return []
    steps = [
        StepCopy(
            request.wait_seconds or step.wait_seconds,
            step.reminders,
            sorted(contact.phone_number for contact in step.contacts.all()),
        )
        for step in policy.steps.order_by("position").prefetch_related("contacts")
    ]
    steps = [step for step in steps if step.phone_numbers]
    if not steps:
        note("escalation_policy", f"The policy {policy.name} has nobody to ask. Give it a step with a contact.")
    return steps


def _languages(steps: list[StepCopy]) -> set[str]:
    """What may be spoken to the contacts of these steps."""
    numbers = {number for step in steps for number in step.phone_numbers}
    return {"", *Contact.objects.filter(phone_number__in=numbers).values_list("language", flat=True)}


def _row(request: Request) -> Incident:
    return Incident(
        incident_id=request.incident_id,
        description=request.description,
        url=request.url,
        policy=request.escalation_policy,
        wait_seconds=_wait(request),
        origination_identity=request.origination_identity,
    )


def _wait(request: Request) -> int | None:
    """The wait that an incident with contacts of its own has; with a policy, only what was asked for."""
    if request.wait_seconds is None and not request.escalation_policy:
        return default_wait()
    return request.wait_seconds


def _open(request: Request, steps: list[StepCopy], digest: str, actor: str) -> Incident:
    now = clock.now()
    incident = _row(request)
    incident.content_hash, incident.opened_at, incident.opened_by = digest, now, actor
    incident.save(force_insert=True)
    counted.INCIDENTS.add_on_commit("opened")
    numbers = {number for step in steps for number in step.phone_numbers}
    known = {contact.phone_number: contact for contact in Contact.objects.filter(phone_number__in=numbers)}
    rows = IncidentStep.objects.bulk_create(
        IncidentStep(incident=incident, position=position, wait_seconds=step.wait_seconds, reminders=step.reminders)
        for position, step in enumerate(steps, start=1)
    )
    IncidentContact.objects.bulk_create(
        IncidentContact(
            step=row,
            phone_number=number,
            name=known[number].name if number in known else "",
            language=known[number].language if number in known else "",
        )
        for row, step in zip(rows, steps, strict=True)
        for number in step.phone_numbers
    )
    change.apply(
        incident, escalation.opening, now=now, actor=actor, lines=[Line(Kind.OPENED, text=incident.description)]
    )
    return incident

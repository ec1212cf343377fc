"""What people do to an incident: contacts by text, staff in the admin, systems by API. One function each.

A contact who texted hears the truth whatever the incident's status is, so nothing is refused them: the outcome carries
the answer. To staff and systems a move that the status forbids is an error, with a sentence saying why.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from incidents import escalation
from incidents.lifecycle import change, notices
from incidents.lifecycle.change import Line, NotAllowed
from incidents.models import Incident, IncidentContact, Kind, Status, TimelineEntry
from incidents.situation import Answer, Decision, Situation
from messaging import clock
from messaging.models import InboundMessage


class NotAContact(ValueError):
    """The number on whose behalf somebody acts is not a contact of the incident."""

    def __init__(self, incident_id: str, phone_number: str) -> None:
        super().__init__(f"{phone_number} is not a contact of incident {incident_id}.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an action.

    Attributes:
        incident: as it is now.
        answer: what the person's answer came to; None when this very text was dealt with before.
        text: the words for it, when they texted.
    """

    incident: Incident
    answer: Answer | None = None
    text: str = ""


def acknowledge(
    incident_id: str, *, contact: str = "", actor: str = "", note: str = "", text: InboundMessage | None = None
) -> Outcome:
    """Somebody takes it: the contact, or else the actor.

    Args:
        incident_id: the incident.
        contact: the phone number of the contact who takes it.
        actor: who of our side says so; blank when the contact texted.
        note: kept on the timeline.
        text: the contact's own text, if that is how we know.

    Raises:
        Incident.DoesNotExist: there is no such incident.
        NotAContact: the contact is none of its contacts.
        NotAllowed: somebody has it already, or it is over. Never for a text.
    """
    allowed = (Status.NOT_ACKNOWLEDGED, Status.UNACKNOWLEDGED)
    return _act(
        incident_id,
        lambda situation: escalation.said_yes(situation, contact or actor),
        allowed=allowed,
        contact=contact,
        actor=actor,
        note=note,
        text=text,
    )


def decline(
    incident_id: str, *, contact: str, actor: str = "", note: str = "", text: InboundMessage | None = None
) -> Outcome:
    """A contact cannot take it. See acknowledge for the arguments and what is raised."""
    return _act(
        incident_id,
        lambda situation: escalation.said_no(situation, contact, texted=text is not None),
        allowed=(Status.NOT_ACKNOWLEDGED,),
        contact=contact,
        actor=actor,
        note=note,
        text=text,
    )


def escalate(incident_id: str, *, actor: str, contact: str = "", note: str = "") -> Outcome:
    """Go on to the next step at once. See acknowledge for the arguments and what is raised."""

    def decide(situation: Situation) -> Decision:
        decision = escalation.escalate_now(situation, contact or None)
        if decision.answer is Answer.NOT_ASKED_YET:
            raise NotAllowed(f"{contact} has not been asked about incident {incident_id} yet. Decline it for them.")
        return decision

    return _act(
        incident_id, decide, allowed=(Status.NOT_ACKNOWLEDGED,), contact=contact, actor=actor, note=note, text=None
    )


def cancel(incident_id: str, *, actor: str, contact: str = "", note: str = "") -> Outcome:
    """Withdraw it: those who were asked are told. See acknowledge for the arguments and what is raised."""
    return _act(
        incident_id,
        escalation.cancelled,
        allowed=(Status.NOT_ACKNOWLEDGED,),
        contact=contact,
        actor=actor,
        note=note,
        text=None,
    )


def resolve(incident_id: str, *, actor: str, contact: str = "", note: str = "") -> Outcome:
    """Close what has ended. See acknowledge for the arguments and what is raised."""
    return _act(
        incident_id,
        escalation.resolved,
        allowed=(Status.ACKNOWLEDGED, Status.UNACKNOWLEDGED, Status.CANCELLED),
        contact=contact,
        actor=actor,
        note=note,
        text=None,
    )


def over(incident_id: str, *, actor: str, note: str = "") -> Outcome:
    """The trouble has ended by itself: cancel what is open, resolve what is not; those whom it concerns are told.

    See acknowledge for the arguments and what is raised; NotAllowed when it was cancelled or resolved before.
    """
    allowed = (Status.NOT_ACKNOWLEDGED, Status.ACKNOWLEDGED, Status.UNACKNOWLEDGED)
    return _act(incident_id, escalation.over, allowed=allowed, contact="", actor=actor, note=note, text=None)


@transaction.atomic
def add_note(incident_id: str, *, actor: str, note: str, contact: str = "") -> Outcome:
    """Write something on the timeline, whatever the status.

    Raises:
        Incident.DoesNotExist: there is no such incident.
        NotAContact: the contact is none of its contacts.
    """
    incident = change.lock(incident_id)
    _check_contact(incident, contact)
    entry = TimelineEntry(
        incident=incident, at=clock.now(), kind=Kind.NOTE, actor=actor, phone_number=contact, text=note
    )
    change.write([entry])
    return Outcome(incident)


@transaction.atomic
def _act(
    incident_id: str,
    decide: Callable[[Situation], Decision],
    *,
    allowed: tuple[Status, ...],
    contact: str,
    actor: str,
    note: str,
    text: InboundMessage | None,
) -> Outcome:
    incident = change.lock(incident_id)
    _check_contact(incident, contact)
    if text is not None and _heard(incident, text):
        return Outcome(incident)
    if text is None and incident.status not in allowed:
        raise NotAllowed(_why_not(incident))
    now = clock.now()
    lines = []
    if text is not None:
        lines.append(Line(Kind.REPLY, contact, text.body, _key(text), at=_said_at(text, now)))
    if note:
        lines.append(Line(Kind.NOTE, contact, note))
    # What the contact is told; the timeline has it after what it brought about.
    changed = change.apply(incident, decide, now=now, actor=actor, lines=lines)
    answer = changed.decision.answer
    if text is None or answer is None:
        return Outcome(incident, answer)
    words = notices.answer_text(incident, changed.people, answer, changed.decision.after, contact)
    change.write([TimelineEntry(incident=incident, at=now, kind=Kind.ANSWER, phone_number=contact, text=words)])
    return Outcome(incident, answer, words)


def note_text(incident_id: str, text: InboundMessage, answer: str) -> None:
    """Keep on the timeline what a contact texted that changes nothing, and what they were answered."""
    incident = change.lock(incident_id)
    now, contact = clock.now(), text.origination_phone_number
    said = TimelineEntry(
        incident=incident, at=_said_at(text, now), kind=Kind.REPLY, phone_number=contact, text=text.body, key=_key(text)
    )
    told = TimelineEntry(incident=incident, at=now, kind=Kind.ANSWER, phone_number=contact, text=answer)
    change.write([said, told])


def _check_contact(incident: Incident, contact: str) -> None:
    listed = IncidentContact.objects.filter(step__incident=incident, phone_number=contact)
    if contact and not listed.exists():
        raise NotAContact(incident.incident_id, contact)


def _key(text: InboundMessage) -> str:
    return f"reply:{text.inbound_message_id}"


def _heard(incident: Incident, text: InboundMessage) -> bool:
    return TimelineEntry.objects.filter(incident=incident, key=_key(text)).exists()


def _said_at(text: InboundMessage, now: datetime) -> datetime:
    """When they said it, by SNS, whose clock may be ahead of ours."""
    return min(text.received_at, now)


def _why_not(incident: Incident) -> str:
    name = f"Incident {incident.incident_id}"
    match incident.status:
        case Status.NOT_ACKNOWLEDGED:
            return f"{name} is still open: acknowledge or cancel it first."
        case Status.ACKNOWLEDGED:
            return f"{name} is already acknowledged by {incident.acknowledged_by}. Resolve it when it is done."
        case Status.UNACKNOWLEDGED:
            return f"{name} has already run out of people to ask. Acknowledge it or resolve it."
        case Status.CANCELLED:
            return f"{name} was cancelled. Resolve it, or open a new one."
    return f"{name} is resolved. Open a new one."

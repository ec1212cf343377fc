"""The texts that a decision asks for: composed, queued under keys that make repetition harmless, or withdrawn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from incidents import selectors, texts
from incidents.models import Incident, IncidentContact, Kind, State, TimelineEntry
from incidents.models import Status as IncidentStatus
from incidents.situation import Answer, Ask, Effect, Log, Situation, Tell, Withdraw
from messaging.contracts import Draft
from messaging.models import DeliveryPolicy, OutboundMessage, Priority, Status
from messaging.outbound import outbox
from messaging.phrases import speaking

CONVERSATION = "incidents"
_FIRST, _REMINDER = "first", "reminder"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which asking text an idempotency key names."""

    step: int
    stage: int
    phone_number: str


def ask_key(incident_id: str, step: int, stage: int, phone_number: str) -> str:
    """The key of a text that asks. Its last three parts have no colon, so no two incidents share one."""
    what = f"{_REMINDER}{stage}" if stage else _FIRST
    return f"incident:{incident_id}:{step}:{what}:{phone_number}"


def parse_key(incident_id: str, key: str) -> Asked | None:
    """The asking text behind a key, or None when it is that of a text which only informs."""
    step, what, phone_number = key.removeprefix(f"incident:{incident_id}:").rsplit(":", 2)
    if what == _FIRST:
        return Asked(int(step), 0, phone_number)
    if what.startswith(_REMINDER):
        return Asked(int(step), int(what.removeprefix(_REMINDER)), phone_number)
    return None


def subject_of(incident: Incident) -> texts.Subject:
    """What the texts say of an incident."""
    return texts.Subject(incident.incident_id, incident.description, incident.url)


def carry_out(
    incident: Incident,
    people: Sequence[IncidentContact],
    effects: Iterable[Effect],
    *,
    after: Situation,
    actor: str,
    now: datetime,
    details: dict[str, str],
) -> list[TimelineEntry]:
    """Queue and withdraw texts; returns the lines of the timeline that tell of it, in order."""
    entries: list[TimelineEntry] = []
    # Somebody whose first text was taken back in time knows nothing of the incident, and needs no news of it.
    never_asked: set[str] = set()

    def line(kind: str, phone_number: str = "", text: str = "", message: OutboundMessage | None = None) -> None:
        entries.append(
            TimelineEntry(
                incident=incident,
                at=now,
                kind=kind,
                phone_number=phone_number,
                actor=actor,
                text=text,
                message_id=message.pk if message else None,
            )
        )

    for effect in effects:
        match effect:
            case Log(kind, phone_number):
                line(kind, phone_number, details.get(kind, "") or _told_of(kind, incident, people, after))
            case Withdraw(step, stage, phone_number):
                if _withdraw(incident, step, stage, phone_number) and stage == 0:
                    never_asked.add(phone_number)
            case Ask(step, stage, phone_number):
                message = _ask(incident, people, effect, actor)
                line(Kind.REMINDER if stage else Kind.ALERT, phone_number, message.body, message)
            case Tell(_, phone_number) if phone_number not in never_asked or _asked_elsewhere(people, phone_number):
                message = _tell(incident, people, effect, after)
                line(Kind.NOTICE, phone_number, message.body, message)
    return entries


def answer_text(
    incident: Incident, people: Sequence[IncidentContact], answer: Answer, situation: Situation, sender: str
) -> str:
    """What the person who just texted hears."""
    logged = incident.status == IncidentStatus.UNACKNOWLEDGED
    with speaking(_language(people, sender)):
        who = _asked_now(people, situation)
        if answer is Answer.ALREADY_ACKNOWLEDGED:
            who = "" if incident.acknowledged_by == sender else name_of(people, incident.acknowledged_by)
        return texts.answer(answer, subject_of(incident), who=who, logged=logged)


def name_of(people: Sequence[IncidentContact], who: str) -> str:
    """A contact's name, else the number; a username as it is."""
    return next((person.name for person in people if person.phone_number == who and person.name), who)


def _ask(incident: Incident, people: Sequence[IncidentContact], ask: Ask, actor: str) -> OutboundMessage:
    with_id = selectors.is_asked_elsewhere(incident, ask.phone_number)
    body = texts.asking(subject_of(incident), ask, language=_language(people, ask.phone_number), with_id=with_id)
    return outbox.queue(
        Draft(
            destination_phone_number=ask.phone_number,
            body=body,
            idempotency_key=ask_key(incident.incident_id, ask.step, ask.stage, ask.phone_number),
            conversation=CONVERSATION,
            subject=incident.incident_id,
            priority=Priority.ALERT,
            delivery_policy=DeliveryPolicy.AT_LEAST_ONCE,
            origination_identity=incident.origination_identity or None,
            expects_reply=True,
            reports_outcome=True,
            # Whoever opened the incident stands for each first text of it, also when a timer or a NO brings it about.
            actor="" if ask.stage else actor or incident.opened_by,
        )
    )


def _tell(incident: Incident, people: Sequence[IncidentContact], tell: Tell, situation: Situation) -> OutboundMessage:
    with speaking(_language(people, tell.phone_number)):
        holder = incident.acknowledged_by
        who = name_of(people, holder) if holder else _asked_now(people, situation)
        body = texts.news(tell.news, incident.incident_id, who=who)
    return outbox.queue(
        Draft(
            destination_phone_number=tell.phone_number,
            body=body,
            idempotency_key=f"incident:{incident.incident_id}:{situation.step}:{tell.news}:{tell.phone_number}",
            conversation=CONVERSATION,
            subject=incident.incident_id,
            # Who should stop driving must know it before the next campaign text leaves.
            priority=Priority.REPLY,
            delivery_policy=DeliveryPolicy.AT_LEAST_ONCE,
            origination_identity=incident.origination_identity or None,
            reports_outcome=True,
        )
    )


def _withdraw(incident: Incident, step: int, stage: int, phone_number: str) -> bool:
    """Take back an asking text; whether it had not left yet, or was never going to."""
    key = ask_key(incident.incident_id, step, stage, phone_number)
    outbox.cancel(conversation=CONVERSATION, subject=incident.incident_id, keys=[key])
    never_left = [Status.CANCELLED, Status.SUPPRESSED, Status.FAILED, Status.EXPIRED]
    return OutboundMessage.objects.filter(idempotency_key=key, status__in=never_left).exists()


def _asked_elsewhere(people: Sequence[IncidentContact], phone_number: str) -> bool:
    """Whether a text of an earlier step reached somebody."""
    asked = (State.NOTIFIED, State.DECLINED)
    return any(p.phone_number == phone_number and p.settled_at and p.state in asked for p in people)


def _asked_now(people: Sequence[IncidentContact], situation: Situation) -> str:
    """The names of those who are being asked."""
    current = situation.current
    asked = [person.phone_number for person in current.people if person.in_play] if current else []
    return texts.names([name_of(people, phone_number) for phone_number in asked])


def _told_of(kind: str, incident: Incident, people: Sequence[IncidentContact], after: Situation) -> str:
    """What a line of the timeline says that the decision logged."""
    if kind == Kind.ESCALATED:
        return _asked_now(people, after)
    if kind == Kind.ACKNOWLEDGED:
        return name_of(people, incident.acknowledged_by)
    return ""


def _language(people: Sequence[IncidentContact], phone_number: str) -> str:
    found = (person.language for person in people if person.phone_number == phone_number and person.language)
    return next(found, "")

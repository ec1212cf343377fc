"""One incident as its page tells it: how it stands, who is asked, what happened, what is next."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents import escalation, selectors
from incidents.admin import words
from incidents.admin.lines import Line, People, Who, read, texts_of_answers
from incidents.lifecycle import change
from incidents.models import Incident, IncidentStep, Kind, State, Status, TimelineEntry
from incidents.situation import Ask
from messaging.models import OutboundMessage
from messaging.models import Status as TextStatus

TONES = {
    Status.NOT_ACKNOWLEDGED.value: "danger",
    Status.UNACKNOWLEDGED.value: "warning",
    Status.ACKNOWLEDGED.value: "success",
    Status.CANCELLED.value: "",
    Status.RESOLVED.value: "",
}
_CHIPS = {
    State.PENDING.value: ("", "hourglass_empty"),
    State.TEXTED.value: ("primary", "send"),
    State.NOTIFIED.value: ("primary", "mark_chat_read"),
    State.FAILED.value: ("danger", "phone_disabled"),
    State.DECLINED.value: ("warning", "close"),
    State.ACKNOWLEDGED.value: ("success", "check_circle"),
}
# A text that somebody did not get: the only one of its kind to them, or one of several.
_WITHHELD = {
    Kind.ALERT.value: ("the alert", "an alert"),
    Kind.REMINDER.value: ("the reminder", "a reminder"),
    Kind.NOTICE.value: ("a notice", "a notice"),
}
# AWS had a text, or may have had it.
_PERHAPS_GOT = (Kind.SENT, Kind.DELIVERED, Kind.UNKNOWN)
# News of the last texts still comes for a moment after the end.
_ECHO = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Chip:
    """A contact, and what they are to the incident."""

    who: Who
    state: str
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step: who is asked together, and how long it waits for them."""

    position: int
    manner: str
    chips: tuple[Chip, ...]
    current: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """A fact of the summary; ``at`` is shown as a time after the words."""

    name: str
    value: str = ""
    at: datetime | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class NotReached:
    """Somebody who did not get a text: that they got none, or else what the first of those was; and why."""

    who: Who
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class Next:
    """What is to come, and when; without a moment it waits for something."""

    sentence: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """All that the page shows. It changes when something happens, not with time: what is counted down is not in it."""

    incident_id: str
    description: str
    url: str
    is_link: bool
    status: str
    label: str
    tone: str
    headline: str
    live: bool
    next: Next | None
    warning: tuple[str | Who, ...]
    steps: tuple[StepLine, ...]
    figures: tuple[Figure, ...]
    not_reached: tuple[NotReached, ...]
    lines: tuple[Line, ...]


def tell(incident: Incident, now: datetime) -> Story:
    """The story of an incident that selectors.with_everything has fetched. One query more, at most."""
    entries = list(incident.timeline.all())
    people = People({one.phone_number: one.name for one in selectors.contacts(incident)})
    answers = texts_of_answers(entries)
    return Story(
        incident_id=incident.incident_id,
        description=incident.description,
        url=incident.url,
        is_link=incident.url.lower().startswith(("http://", "https://")),
        status=incident.status,
        label=label_of(incident),
        tone=TONES[incident.status],
        headline=_headline(incident, entries, people),
        live=incident.ended_at is None or now - incident.ended_at < _ECHO,
        next=upcoming(incident, people) if incident.is_open else None,
        warning=_warning(incident, entries, people, answers),
        steps=tuple(_step(incident, step, people) for step in incident.steps.all()),
        figures=tuple(_figures(incident, entries)),
        not_reached=tuple(_not_reached(incident, entries, people, answers)),
        lines=read(incident, entries, people, answers),
    )


def label_of(incident: Incident) -> str:
    """The status in words."""
    return incident.get_status_display() + (" (late)" if incident.late else "")


def upcoming(incident: Incident, people: People) -> Next:
    """What the rules will do when the wait is over, or what the clock waits for."""
    if incident.next_step_at is None:
        waiting = [
            people.who(one.phone_number).name
            for one in selectors.contacts(incident)
            if one.awaiting and one.step.position == incident.step
        ]
        if lane := selectors.stopped_lane(incident):
            how, reason = ("paused", lane.paused_reason) if lane.paused_at else ("held", lane.held_reason)
            return Next(f"nothing. Sending is {how}, so {words.names(waiting) or 'nobody'} has no text yet. {reason}")
        return Next(f"waits for AWS to take the text to {words.names(waiting)}" if waiting else "waits for AWS")
    decision = escalation.timer_due(change.situation_of(incident, selectors.contacts(incident)), incident.next_step_at)
    asks = [effect for effect in decision.effects if isinstance(effect, Ask)]
    who = words.names([people.who(ask.phone_number).name for ask in asks])
    if not asks:
        return Next("logged for review, as nobody is left to ask", incident.next_step_at)
    return Next(f"reminder to {who}" if asks[0].stage else f"escalation to {who}", incident.next_step_at)


def _headline(incident: Incident, entries: Sequence[TimelineEntry], people: People) -> str:
    taken = ""
    if incident.acknowledged_at:
        who = people.who(incident.acknowledged_by).name
        late = ", late" if incident.late else ""
        taken = f"acknowledged by {who} after {words.duration(incident.acknowledged_at - incident.opened_at)}{late}"
    by = {entry.kind: f" by {entry.actor}" for entry in entries if entry.actor}
    match incident.status:
        case Status.ACKNOWLEDGED:
            sentence = taken
        case Status.UNACKNOWLEDGED:
            sentence = f"nobody took it; logged for review after {_since_opening(incident, incident.ended_at)}"
        case Status.CANCELLED:
            after = _since_opening(incident, incident.ended_at)
            sentence = f"cancelled{by.get(Kind.CANCELLED, '')} after {after}"
        case Status.RESOLVED:
            after = _since_opening(incident, incident.resolved_at)
            sentence = f"resolved{by.get(Kind.RESOLVED, '')} after {after}; {taken or 'nobody took it'}"
        case _:
            sentence = _open_sentence(incident, people)
    return sentence[0].upper() + sentence[1:]


def _open_sentence(incident: Incident, people: People) -> str:
    asked = [
        people.who(one.phone_number).name
        for one in selectors.contacts(incident)
        if one.step.position == incident.step and one.state in (State.TEXTED, State.NOTIFIED)
    ]
    be = "are" if len(asked) > 1 else "is"
    return f"nobody has it yet; {words.names(asked) or 'nobody'} {be} being asked"


def _since_opening(incident: Incident, at: datetime | None) -> str:
    return words.duration((at or incident.opened_at) - incident.opened_at)


def _warning(
    incident: Incident, entries: Sequence[TimelineEntry], people: People, answers: Mapping[int, OutboundMessage]
) -> tuple[str | Who, ...]:
    """That whoever took the incident by text was not told so: they may not know that it is theirs."""
    owner = incident.acknowledged_by
    taken = [entry for entry in entries if entry.kind == Kind.ACKNOWLEDGED and entry.phone_number == owner]
    # Whom staff have spoken with knows it.
    if incident.status != Status.ACKNOWLEDGED or not taken or taken[-1].actor:
        return ()
    since = [entry.pk for entry in entries if entry.phone_number == owner and entry.pk > taken[-1].pk]
    texts = [answers[pk] for pk in since if pk in answers]
    if not texts or any(text.status != TextStatus.SUPPRESSED for text in texts):
        return ()
    who = people.who(owner)
    if texts[0].error_code == "GUARD":
        return (who, " has opted out of texts and was not told that it is theirs. Call them.")
    return (who, f" was not told that it is theirs: {texts[0].error_reason} Call them.")


def _not_reached(
    incident: Incident, entries: Sequence[TimelineEntry], people: People, answers: Mapping[int, OutboundMessage]
) -> Iterator[NotReached]:
    """Each person once."""
    texted = {entry.phone_number for entry in entries if entry.kind in _PERHAPS_GOT}
    texted |= {text.destination_phone_number for text in answers.values() if text.sent_at or text.unknown_at}
    told: set[str] = set()
    for entry in selectors.not_reached(incident):
        if entry.phone_number not in told:
            told.add(entry.phone_number)
            what = _not_got(entry, entries, texted)
            yield NotReached(people.who(entry.phone_number), what, entry.text or Kind(entry.kind).label)


def _not_got(entry: TimelineEntry, entries: Sequence[TimelineEntry], texted: Collection[str]) -> str:
    """What somebody has missed, by the line that tells of a text which they did not get."""
    if entry.phone_number not in texted:
        return "was not reached" if entry.kind == Kind.FAILED else "was not texted"
    theirs = [one for one in entries if one.kind in _WITHHELD and one.phone_number == entry.phone_number]
    kind = next((one.kind for one in theirs if one.message_id == entry.message_id), None)
    if kind is None:
        return "did not get a text"
    the_only, one_of_several = _WITHHELD[kind]
    return f"did not get {the_only if sum(one.kind == kind for one in theirs) == 1 else one_of_several}"


def _step(incident: Incident, step: IncidentStep, people: People) -> StepLine:
    reminders = "1 reminder" if step.reminders == 1 else f"{step.reminders or 'no'} reminders"
    return StepLine(
        position=step.position,
        manner=f"{words.duration(timedelta(seconds=step.wait_seconds))} after each text, {reminders}",
        chips=tuple(
            Chip(people.who(one.phone_number), one.get_state_display().lower(), *_CHIPS[one.state])
            for one in step.contacts.all()
        ),
        current=incident.is_open and step.position == incident.step,
    )


def _figures(incident: Incident, entries: Sequence[TimelineEntry]) -> list[Figure]:
    first, ended = incident.first_text_at, incident.ended_at
    escalations = sum(entry.kind == Kind.ESCALATED for entry in entries)
    found = [
        Figure("Opened", at=incident.opened_at, detail=f"by {incident.opened_by}" if incident.opened_by else ""),
        Figure("First text sent", f"after {_since_opening(incident, first)}" if first else "not yet"),
        Figure(
            "Escalated",
            words.times(escalations),
            detail="and again when it was escalated already" if incident.double_escalation else "",
        ),
    ]
    if incident.acknowledged_at:
        found.append(Figure("Acknowledged", at=incident.acknowledged_at))
    elif ended:
        found.append(Figure("Ended", at=ended))
    if incident.resolved_at and incident.resolved_at != ended:
        found.append(Figure("Resolved", at=incident.resolved_at))
    found.append(Figure("Policy", incident.policy or "none: contacts given one by one"))
    if incident.origination_identity:
        found.append(Figure("Texts from", incident.origination_identity))
    return found

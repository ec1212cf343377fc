"""The timeline as people read it: events in sentences, texts as bubbles with what became of them."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone

from incidents.admin import words
from incidents.models import Incident, Kind, TimelineEntry
from messaging.models import OutboundMessage
from messaging.models import Status as TextStatus


@dataclass(frozen=True, slots=True)
class Who:
    """A person: a contact with a number, or one of the staff without."""

    name: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """What became of a text, and when."""

    word: str
    icon: str
    tone: str = ""
    at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``sentence`` is words and people; ``side`` is "out" or "in" for a text, else ""."""

    at: datetime
    icon: str
    tone: str
    sentence: tuple[str | Who, ...]
    text: str = ""
    side: str = ""
    ticks: tuple[Tick, ...] = ()
    new_day: bool = False


_TEXTS = {
    Kind.ALERT.value: ("Alert", "notifications_active"),
    Kind.REMINDER.value: ("Reminder", "alarm"),
    Kind.NOTICE.value: ("Notice", "info"),
    Kind.ANSWER.value: ("Answer", "sms"),
}
_TICKS = {
    Kind.SENT.value: Tick("sent", "done"),
    Kind.DELIVERED.value: Tick("delivered", "done_all", "success"),
    Kind.FAILED.value: Tick("failed", "error", "danger"),
    Kind.SUPPRESSED.value: Tick("not sent", "block", "warning"),
    Kind.EXPIRED.value: Tick("expired before it was sent", "timer_off", "warning"),
    Kind.WITHDRAWN.value: Tick("withdrawn before it was sent", "undo"),
    Kind.UNKNOWN.value: Tick("unknown whether AWS has it", "help", "warning"),
}
_WAITING = Tick("waits to be sent", "schedule")
_EVENTS = {
    Kind.OPENED.value: ("flag", ""),
    Kind.NOTE.value: ("edit_note", "warning"),
    Kind.DECLINED.value: ("close", "warning"),
    Kind.ESCALATED.value: ("arrow_upward", "warning"),
    Kind.ALREADY_ESCALATED.value: ("move_up", ""),
    Kind.UNREACHABLE.value: ("phone_disabled", "danger"),
    Kind.ACKNOWLEDGED.value: ("check_circle", "success"),
    Kind.UNACKNOWLEDGED.value: ("report", "danger"),
    Kind.CANCELLED.value: ("cancel", ""),
    Kind.RESOLVED.value: ("task_alt", "success"),
    Kind.TROUBLE.value: ("build", "danger"),
}
_DONE_BY_STAFF = {
    Kind.OPENED.value: " opened the incident",
    Kind.CANCELLED.value: " cancelled the incident",
    Kind.RESOLVED.value: " resolved the incident",
}
_SAID_OF_CONTACTS = {
    Kind.DECLINED.value: " declined",
    Kind.ALREADY_ESCALATED.value: " asked to pass on what had been escalated already",
    Kind.UNREACHABLE.value: " could not be reached",
}


class People:
    """Who is behind a number or a username."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def who(self, one: str) -> Who:
        """A contact of the incident by number, a stranger by number, staff by username."""
        if one in self._names:
            return Who(self._names[one] or one, one)
        return Who(one, one if one.startswith("+") else "")


def read(
    incident: Incident, entries: Sequence[TimelineEntry], people: People, answers: Mapping[int, OutboundMessage]
) -> tuple[Line, ...]:
    """The lines in order; entries that tell what became of a text are part of that text's line.

    Args:
        incident: the incident.
        entries: its timeline, in order.
        people: who is who.
        answers: what texts_of_answers has found.
    """
    texts = {entry.message_id for entry in entries if entry.kind in _TEXTS and entry.message_id}
    ticks: dict[int, list[Tick]] = {}
    for entry in entries:
        if entry.kind in _TICKS and entry.message_id in texts:
            ticks.setdefault(entry.message_id or 0, []).append(_tick(entry))

    lines: list[Line] = []
    said: dict[str, str] = {}
    told: set[tuple[str, str]] = set()
    for entry in entries:
        if entry.kind in _TEXTS:
            answer = _fate(answers[entry.pk]) if entry.pk in answers else []
            known = ticks.get(entry.message_id, [_WAITING]) if entry.message_id else answer
            lines.append(_text(entry, people.who(entry.phone_number), known))
        elif entry.kind == Kind.REPLY:
            who = people.who(entry.phone_number)
            lines.append(Line(entry.at, "reply", "primary", (who,), entry.text, "in"))
            said[entry.phone_number] = entry.text
        elif entry.kind in _TICKS:
            told.add((entry.phone_number, entry.text))
            if entry.message_id not in texts:
                lines.append(_orphan(entry, people))
        elif not _is_repetition(entry, said):
            lines.append(_event(incident, entry, people, told))
    return tuple(_with_days(lines))


def _is_repetition(entry: TimelineEntry, said: Mapping[str, str]) -> bool:
    """Whether a note is but the end of what its author texted, which stands in the bubble above."""
    own = entry.kind == Kind.NOTE and not entry.actor
    return own and bool(entry.text) and entry.text in said.get(entry.phone_number, "")


def _text(entry: TimelineEntry, who: Who, ticks: Iterable[Tick]) -> Line:
    name, icon = _TEXTS[entry.kind]
    return Line(entry.at, icon, "", (f"{name} to ", who), entry.text, "out", tuple(ticks))


def _tick(entry: TimelineEntry) -> Tick:
    return replace(_TICKS[entry.kind], at=entry.at, reason=entry.text)


def _orphan(entry: TimelineEntry, people: People) -> Line:
    tick = _TICKS[entry.kind]
    sentence = ("Text to ", people.who(entry.phone_number), f": {tick.word}")
    return Line(entry.at, tick.icon, tick.tone, sentence, entry.text)


def _event(incident: Incident, entry: TimelineEntry, people: People, told: Container[tuple[str, str]]) -> Line:
    """``told``: the reasons that stand beside a text to the same person further up."""
    icon, tone = _EVENTS[entry.kind]
    shown = entry.kind in (Kind.NOTE, Kind.UNREACHABLE, Kind.TROUBLE)
    text = entry.text if shown and (entry.phone_number, entry.text) not in told else ""
    return Line(entry.at, icon, tone, _sentence(incident, entry, people), text)


def _sentence(incident: Incident, entry: TimelineEntry, people: People) -> tuple[str | Who, ...]:
    person = people.who(entry.phone_number)
    staff = people.who(entry.actor or "Somebody")
    # Staff may enter what a contact told them by other means.
    by: tuple[str | Who, ...] = (", entered by ", staff) if entry.actor and entry.phone_number else ()
    if entry.kind in _DONE_BY_STAFF:
        return (staff, _DONE_BY_STAFF[entry.kind])
    if entry.kind in _SAID_OF_CONTACTS:
        return (person, _SAID_OF_CONTACTS[entry.kind], *by)
    match entry.kind:
        case Kind.NOTE:
            return ("Note by ", staff, " about ", person) if by else ("Note by ", person if person.name else staff)
        case Kind.ESCALATED:
            return (f"Escalated to {entry.text}" if entry.text else "Escalated", *_by(entry, staff))
        case Kind.ACKNOWLEDGED:
            after = words.duration(entry.at - incident.opened_at)
            return (person if person.name else staff, f" acknowledged after {after}", *by)
        case Kind.UNACKNOWLEDGED:
            return ("Nobody left to ask: logged for review", *_by(entry, staff))
    return (Kind(entry.kind).label,)


def _by(entry: TimelineEntry, staff: Who) -> tuple[str | Who, ...]:
    return (" by ", staff) if entry.actor else ()


def texts_of_answers(entries: Sequence[TimelineEntry]) -> dict[int, OutboundMessage]:
    """The texts of answers, by line: they are the router's and tell incidents nothing of their fate. One query."""
    asked: dict[str, str] = {}
    keys: dict[int, str] = {}
    for entry in sorted(entries, key=lambda one: one.pk):
        if entry.kind == Kind.REPLY:
            asked[entry.phone_number] = entry.key.removeprefix("reply:")
        elif entry.kind == Kind.ANSWER and not entry.message_id and entry.phone_number in asked:
            keys[entry.pk] = f"inbound:{asked[entry.phone_number]}:reply0"
    if not keys:
        return {}
    rows = {row.idempotency_key: row for row in OutboundMessage.objects.filter(idempotency_key__in=set(keys.values()))}
    return {pk: rows[key] for pk, key in keys.items() if key in rows}


def _fate(message: OutboundMessage) -> list[Tick]:
    found = [replace(_TICKS["sent"], at=message.sent_at)] if message.sent_at else []
    status = TextStatus(message.status)
    if status in (TextStatus.QUEUED, TextStatus.SENDING):
        return [_WAITING]
    if status is TextStatus.SENT:
        return found
    kind = Kind.WITHDRAWN.value if status is TextStatus.CANCELLED else status.value
    at = {TextStatus.DELIVERED: message.delivered_at, TextStatus.UNKNOWN: message.unknown_at}.get(
        status, message.ended_at
    )
    return [*found, replace(_TICKS[kind], at=at, reason=message.error_reason)]


def _with_days(lines: Sequence[Line]) -> list[Line]:
    """Each day is named where it begins."""
    days = [timezone.localdate(line.at) for line in lines]
    return [replace(line, new_day=not number or days[number] != days[number - 1]) for number, line in enumerate(lines)]

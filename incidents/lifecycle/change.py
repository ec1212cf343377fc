"""One change of one incident: lock it, decide, store the situation, carry out the effects. All or nothing.

The row is locked first, so two people who answer in the same instant are heard one after the other, and the second is
told what the first brought about. The compare-and-set below it would fail loudly where a lock did not hold.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet, Value

from incidents import counted, events
from incidents import situation as values
from incidents.lifecycle import notices
from incidents.models import Incident, IncidentContact, Kind, TimelineEntry
from incidents.reports import kept
from incidents.situation import Decision, Situation
from messaging import wakeups
from messaging.compiled import Compiled, CompiledUpdate
from messaging.lookups import OneOf

WORK_LIST = "incidents"
_STAMPS = {values.Status.ACKNOWLEDGED: ("acknowledged_at",), values.Status.RESOLVED: ("resolved_at",)}


class NotAllowed(Exception):
    """The incident's status forbids this. The message tells a person why, and what may be done instead."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the timeline that comes with a change: who said or did what."""

    kind: Kind
    phone_number: str = ""
    text: str = ""
    key: str = ""
    at: datetime | None = None
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """An incident after a change, and the decision that made it."""

    incident: Incident
    people: Sequence[IncidentContact]
    decision: Decision


def lock(incident_id: str) -> Incident:
    """The row, locked until the end of the caller's transaction.

    Raises:
        Incident.DoesNotExist: there is none with this id.
    """
    incident: Incident | None = _LOCK.first(incident_id=incident_id)
    if incident is None:
        raise Incident.DoesNotExist(incident_id)
    return incident


_LOCK = Compiled(
    lambda incident_id: Incident.objects.select_for_update().filter(incident_id=incident_id).order_by(),
    incident_id=str,
)


def people_of(incidents: Collection[Incident]) -> dict[int, list[IncidentContact]]:
    """The contacts of incidents, with their steps, by the incident's key."""
    found: dict[int, list[IncidentContact]] = {incident.pk: [] for incident in incidents}
    for row in _PEOPLE.objects(keys=list(found)):
        found[row.step.incident_id].append(row)
    return found


def _people(keys: Collection[int]) -> QuerySet[IncidentContact]:
    theirs = IncidentContact.objects.filter(OneOf("step__incident__id", keys))
    return theirs.select_related("step").order_by("id")


_PEOPLE = Compiled(_people, keys=list)


@transaction.atomic(savepoint=False)
def apply(
    incident: Incident,
    decide: Callable[[Situation], Decision],
    *,
    now: datetime,
    actor: str = "",
    lines: Sequence[Line] = (),
    details: dict[str, str] | None = None,
    first_text_at: datetime | None = None,
    people: Sequence[IncidentContact] | None = None,
) -> Changed:
    """Make one decision about a locked incident come true.

    Args:
        incident: the locked row; brought up to date.
        decide: a function of incidents.escalation with everything but the situation filled in.
        now: the moment.
        actor: who of our side did it; blank for timers and contacts.
        lines: lines of the timeline to write first. One whose key is there already is not written again.
        details: texts for the lines that the decision logs, by kind.
        first_text_at: when AWS accepted a text, if this is news of that.
        people: its contacts, from people_of, where they were read for many at once, after the lock.
    """
    if people is None:
        people = people_of([incident])[incident.pk]
    before = situation_of(incident, people)
    decision = decide(before)
    after = decision.after
    _store(incident, before, after, now, first_text_at)
    _store_people(people, after)
    kept.changed(incident.opened_at, now)
    entries = [
        TimelineEntry(
            incident=incident,
            at=line.at or now,
            kind=line.kind,
            phone_number=line.phone_number,
            actor=actor,
            text=line.text,
            key=line.key,
            message_id=line.message_id,
        )
        for line in lines
    ]
    entries += notices.carry_out(
        incident, people, decision.effects, after=after, actor=actor, now=now, details=details or {}
    )
    write(entries)
    if after.next_step_at is not None and after.next_step_at != before.next_step_at:
        wakeups.wake_at(WORK_LIST, after.next_step_at)
    events.tell(incident, before, decision, opened=any(line.kind is Kind.OPENED for line in lines))
    return Changed(incident, people, decision)


def write(entries: Sequence[TimelineEntry]) -> None:
    """Add lines to the timeline of a locked incident, but none whose key it has already."""
    keys = [entry.key for entry in entries if entry.key]
    known: set[str] = set()
    if keys:
        known = {key for (key,) in _KNOWN.rows(incident=entries[0].incident_id, keys=keys)}
    TimelineEntry.objects.bulk_create([entry for entry in entries if entry.key not in known])


_KNOWN = Compiled(
    lambda incident, keys: (
        TimelineEntry.objects.filter(OneOf("key", keys), ~Q(key=""), incident=incident).order_by().values_list("key")
    ),
    incident=int,
    keys=list,
)


def situation_of(incident: Incident, people: Sequence[IncidentContact]) -> Situation:
    """An incident as the rules see it. ``people`` come with their steps."""
    steps: dict[int, values.Step] = {}
    for row in sorted(people, key=lambda row: (row.step.position, row.pk)):
        person = values.Person(row.phone_number, values.State(row.state), row.awaiting, row.settled_at)
        position = row.step.position
        others = steps[position].people if position in steps else ()
        wait = timedelta(seconds=row.step.wait_seconds)
        steps[position] = values.Step(position, wait, row.step.reminders, (*others, person))
    return Situation(
        steps=tuple(steps.values()),
        status=values.Status(incident.status),
        step=incident.step,
        stage=incident.stage,
        next_step_at=incident.next_step_at,
        double_escalation=incident.double_escalation,
        late=incident.late,
        acknowledged_by=incident.acknowledged_by,
    )


def _store(
    incident: Incident, before: Situation, after: Situation, now: datetime, first_text_at: datetime | None
) -> None:
    names = ("step", "stage", "next_step_at", "double_escalation", "late", "acknowledged_by")
    fields: dict[str, Any] = {
        name: getattr(after, name) for name in names if getattr(after, name) != getattr(before, name)
    }
    if after.status is not before.status:
        fields["status"] = after.status.value
        fields |= dict.fromkeys(_STAMPS.get(after.status, ()), now)
        fields.setdefault("ended_at", incident.ended_at or now)
    if first_text_at is not None and incident.first_text_at is None:
        fields["first_text_at"] = first_text_at
    if fields and incident.failures:
        fields["failures"] = 0
    if not fields:
        return
    place: dict[str, Any] = {
        "key": incident.pk,
        "status": before.status.value,
        "step": before.step,
        "stage": before.stage,
    }
    if fields.keys() <= {"step", "stage", "next_step_at"}:
        stored = _GO_ON.run(**place, to_step=after.step, to_stage=after.stage, next_step_at=after.next_step_at)
    else:
        stored = _standing(**place).update(**fields)
    if stored != 1:
        raise RuntimeError(f"Incident {incident.incident_id} changed while it was locked.")
    if after.status is not before.status:
        counted.INCIDENTS.add_on_commit(after.status.value)
        if after.status is values.Status.ACKNOWLEDGED:
            counted.ACKNOWLEDGEMENT.observe_on_commit((now - incident.opened_at).total_seconds())
    for name, value in fields.items():
        setattr(incident, name, value)


def _standing(key: int, status: str, step: int, stage: int, **_: Any) -> QuerySet[Incident]:
    # As Value: Django would look whether a number fits the column, which the mark of a compiled query does not.
    return Incident.objects.filter(pk=key, status=status, step=Value(step), stage=Value(stage))


# What a clock does to an incident, thousands of times a minute; people change more of it.
_GO_ON = CompiledUpdate(
    _standing,
    lambda to_step, to_stage, next_step_at, **_: {"step": to_step, "stage": to_stage, "next_step_at": next_step_at},
    key=int,
    status=str,
    step=int,
    stage=int,
    to_step=int,
    to_stage=int,
    next_step_at=datetime,
)


def _store_people(people: Sequence[IncidentContact], after: Situation) -> None:
    places = {(step.position, person.phone_number): person for step in after.steps for person in step.people}
    for row in people:
        person = places[row.step.position, row.phone_number]
        if (row.state, row.awaiting, row.settled_at) != (person.state.value, person.awaiting, person.settled_at):
            row.state, row.awaiting, row.settled_at = person.state.value, person.awaiting, person.settled_at
            # One row or two: plain updates cost less than a bulk_update, and thousands of timers may ring at once.
            _PERSON[row.awaiting].run(key=row.pk, state=row.state, settled_at=row.settled_at)


def _update_of_person(awaiting: bool) -> CompiledUpdate:
    return CompiledUpdate(
        lambda key, **_: IncidentContact.objects.filter(pk=key),
        lambda state, settled_at, **_: {"state": state, "awaiting": awaiting, "settled_at": settled_at},
        key=int,
        state=str,
        settled_at=datetime,
    )


# One for each: no mark stands for a truth.
_PERSON = {awaiting: _update_of_person(awaiting) for awaiting in (True, False)}

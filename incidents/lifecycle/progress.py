"""What moves an incident by itself: waits that are over, news of its own texts, and who gets no more of them."""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, QuerySet

from incidents import counted, escalation, selectors
from incidents.lifecycle import change, notices
from incidents.lifecycle.change import Line
from incidents.models import Incident, Kind, TimelineEntry
from incidents.situation import Decision, Situation
from messaging import clock, wakeups
from messaging.compiled import Compiled
from messaging.lookups import OneOf
from messaging.models import OutboundMessage, Status

logger = logging.getLogger(__name__)

_BATCH = 50
# So many share a transaction, its locks and its reads. Whoever answers about one of them waits until it ends, so no
# step begins in it once the locks have been held for this long.
_TOGETHER = 10
_LONGEST_LOCK = timedelta(milliseconds=25)
_LONGEST_BACKOFF = 60
# The database is away, or somebody's lock lasts too long: no timeline has to tell of that.
_NOT_THEIR_FAULT = (OperationalError, InterfaceError)

_KINDS = {
    Status.SENT: Kind.SENT,
    Status.DELIVERED: Kind.DELIVERED,
    Status.FAILED: Kind.FAILED,
    Status.SUPPRESSED: Kind.SUPPRESSED,
    Status.EXPIRED: Kind.EXPIRED,
    Status.CANCELLED: Kind.WITHDRAWN,
    Status.UNKNOWN: Kind.UNKNOWN,
}


def run_due(now: datetime) -> int:
    """Run one stage of each incident whose wait is over, longest overdue first, a few in a transaction.

    An incident that raises is put back for a moment and does not keep the others waiting. Returns how many were run;
    there may be more.

    Raises:
        django.db.OperationalError, django.db.InterfaceError: the database is in trouble. What is due stays due.
    """
    waiting = [key for (key,) in _DUE.rows(now=now)]
    ran = 0
    while waiting and not clock.stop_requested():
        done, left = _run_few(waiting[:_TOGETHER], now)
        ran += done
        waiting = [*left, *waiting[_TOGETHER:]]
    return ran


_DUE = Compiled(
    lambda now: Incident.objects.filter(next_step_at__lte=now).order_by("next_step_at").values_list("pk")[:_BATCH],
    now=datetime,
)


@transaction.atomic
def text_settled(message: OutboundMessage) -> None:
    """News of one of our texts: the timeline keeps it, and a text that asks moves the clock."""
    kind = _KINDS.get(Status(message.status))
    if kind is None:
        return
    try:
        incident = change.lock(message.subject)
    except Incident.DoesNotExist:
        return
    now = clock.now()
    phone = message.destination_phone_number
    # A text may be unknown several times, once for each attempt; everything else happens to it once.
    occasion = f"{message.pk}:{message.attempts}" if kind is Kind.UNKNOWN else str(message.pk)
    at = min(_moment(message) or now, now)
    accepted_at = min(message.sent_at or at, now) if kind in (Kind.SENT, Kind.DELIVERED) else None
    lines = [Line(kind, phone, message.error_reason, f"{kind}:{occasion}", at=at, message_id=message.pk)]
    if kind is Kind.DELIVERED:
        # The delivery event may come before anybody told us that AWS took the text.
        lines.insert(0, Line(Kind.SENT, phone, "", f"{Kind.SENT}:{occasion}", at=accepted_at, message_id=message.pk))

    asked = notices.parse_key(incident.incident_id, message.idempotency_key)

    def decide(situation: Situation) -> Decision:
        return Decision(situation) if asked is None else _decide(situation, message, asked, accepted_at or at)

    change.apply(
        incident,
        decide,
        now=now,
        lines=lines,
        details={Kind.UNREACHABLE: message.error_reason or message.get_status_display()},
        first_text_at=accepted_at if asked is not None else None,
    )


@transaction.atomic
def opted_out(phone_number: str, origination_identity: str, reason: str) -> None:
    """Somebody gets no more texts from a number of ours ("": from any): no open incident waits for them any longer.

    Only incidents whose texts to them leave from that number. It is as if the text that asks them had failed for good,
    and the timeline has the reason. What becomes of that text later changes nothing; their YES counts as ever.
    """
    now = clock.now()
    # In the order in which all lock several incidents who wait for each of them.
    for incident_id in selectors.that_may_ask(phone_number):
        incident = change.lock(incident_id)
        if not incident.is_open:
            continue
        if origination_identity not in ("", selectors.number_for(incident, phone_number)):
            continue
        step, stage = incident.step, incident.stage
        decide = partial(escalation.text_failed, step=step, stage=stage, phone_number=phone_number, at=now)
        change.apply(incident, decide, now=now, details={Kind.UNREACHABLE: reason})


def _decide(situation: Situation, message: OutboundMessage, asked: notices.Asked, at: datetime) -> Decision:
    match message.status:
        case Status.SENT | Status.DELIVERED:
            return escalation.text_accepted(situation, asked.step, asked.stage, asked.phone_number, at)
        case Status.FAILED | Status.SUPPRESSED | Status.EXPIRED:
            return escalation.text_failed(situation, asked.step, asked.stage, asked.phone_number, at)
        case Status.CANCELLED:
            return escalation.text_withdrawn(situation, asked.step, asked.stage, asked.phone_number, at)
    # Unknown: no clock runs until an event, or the text sent again, tells its fate.
    return Decision(situation)


def _moment(message: OutboundMessage) -> datetime | None:
    match message.status:
        case Status.SENT:
            return message.sent_at
        case Status.DELIVERED:
            return message.delivered_at or message.sent_at
        case Status.UNKNOWN:
            return message.unknown_at
    return message.ended_at


def _run_few(keys: Sequence[int], now: datetime) -> tuple[int, Sequence[int]]:
    try:
        return _run(keys, now)
    except _NOT_THEIR_FAULT:
        raise
    except Exception as problem:
        # Nothing of theirs is stored. Alone, each stands for itself, and says what it has.
        logger.info("Steps are run one by one, as together they failed: %s", problem)
        return sum(_run_alone(key, now) for key in keys), []


def _run_alone(key: int, now: datetime) -> int:
    try:
        return _run([key], now)[0]
    except _NOT_THEIR_FAULT:
        raise
    except Exception as problem:
        logger.exception("The next step of incident row %s could not be run; it will be tried again", key)
        _put_back(key, now, problem)
        return 0


@transaction.atomic
def _run(keys: Sequence[int], now: datetime) -> tuple[int, Sequence[int]]:
    """Run one stage of those that are still due, all or none. Returns how many, and which it had no time for."""
    incidents = list(_LOCK_DUE.objects(keys=keys, now=now))
    locked_at = clock.now()
    people = change.people_of(incidents)
    ran = 0
    while ran < len(incidents) and (not ran or clock.now() - locked_at < _LONGEST_LOCK):
        incident = incidents[ran]
        if incident.next_step_at is not None:
            counted.LATENESS.observe_on_commit((clock.now() - incident.next_step_at).total_seconds())
        change.apply(incident, partial(escalation.timer_due, now=now), now=now, people=people[incident.pk])
        ran += 1
    return ran, [incident.pk for incident in incidents[ran:]]


def _still_due(keys: Collection[int], now: datetime) -> QuerySet[Incident]:
    due = Incident.objects.filter(OneOf("id", keys), next_step_at__lte=now)
    # Another worker may be at some; they are then run, or found due again, without us. Who waits for no lock may take
    # them in any order.
    return due.select_for_update(skip_locked=True).order_by("id")


_LOCK_DUE = Compiled(_still_due, keys=list, now=datetime)


def _put_back(pk: int, now: datetime, problem: Exception) -> None:
    """Try again later, and say so on the timeline. Should even this fail, the incident simply stays due."""
    try:
        with transaction.atomic():
            incident = Incident.objects.select_for_update().filter(pk=pk, next_step_at__lte=now).first()
            if incident is None:
                return
            pause = timedelta(seconds=min(_LONGEST_BACKOFF, 2 ** min(incident.failures, 10)))
            Incident.objects.filter(pk=pk).update(next_step_at=now + pause, failures=F("failures") + 1)
            change.write(
                [
                    TimelineEntry(
                        incident=incident,
                        at=now,
                        kind=Kind.TROUBLE,
                        text=f"The next step could not be run ({type(problem).__name__}); it is tried again.",
                        key=f"trouble:{incident.step}:{incident.stage}",
                    )
                ]
            )
            wakeups.wake_at(change.WORK_LIST, now + pause)
    except Exception:
        logger.exception("Incident row %s could not be put back", pk)

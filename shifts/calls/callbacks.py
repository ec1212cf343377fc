"""The only writer of CallBack: somebody asks to be called, Connect calls them, or staff do.

Claim, commit, call, record. What the employee is told is queued with the change that makes it true.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from messaging import clock, wakeups
from messaging.models import InboundMessage
from shifts import events
from shifts.calls import connect, decisions, people, words
from shifts.calls.connect import Call
from shifts.calls.decisions import NotPlaced
from shifts.calls.telling import tell
from shifts.models import CallAttempt, CallBack

logger = logging.getLogger(__name__)

WORK_LIST = "callbacks"
# How long after Connect took a call a second AGENT is impatience, and no wish for another call.
_RINGS = timedelta(seconds=45)
_FOR_STAFF = (CallBack.Status.WAITING, CallBack.Status.TAKEN)
_OPEN = (CallBack.Status.PLACING, *_FOR_STAFF)
# What a row has of whoever calls, when nobody does.
_NOBODYS: dict[str, Any] = {"taken_by": "", "taken_at": None, "free_at": None}
# Not asked because Connect may have forgotten the token, or because every worker dies of it.
_TRIED_TOO_OFTEN = "Tried {tries} times without learning what came of it. Amazon Connect may have called them."


class NotAllowed(Exception):
    """The call back's status forbids this. The message tells a person why."""


def ask(text: InboundMessage, *, subject: str) -> str | None:
    """Note that an employee wants to be called. To be called in the transaction that routes their text.

    A text that was noted before changes nothing, nor does one of somebody whose earlier request is still open, or whom
    Connect has begun to call a moment ago: who hears nothing at once texts AGENT again.

    Args:
        text: what they sent.
        subject: id of the campaign they were texted by, or blank.

    Returns:
        What to answer at once; None when Connect is asked, whose answer decides what they are told.
    """
    row = _noted(text)
    if row is None and _is_being_called(text.origination_phone_number):
        return words.calling()
    row = row or _note(text, subject)
    return words.will_call() if row.status in _FOR_STAFF else None


def is_noted(text: InboundMessage) -> bool:
    """Whether this very text is a request of its own, and not the repetition of one that is open."""
    return CallBack.objects.filter(inbound_message_id=text.inbound_message_id).exists()


def place_next(start: Callable[[Call], str]) -> bool:
    """Have Connect call whoever has waited longest for it; whether there was anybody. Not within a transaction.

    Args:
        start: asks Connect; see AmazonConnect.start.
    """
    now = clock.now()
    row = due(now).order_by("next_try_at", "id").first()
    if row is None:
        return False
    if not _claim(row, now):
        # Another worker has it.
        return True
    if not decisions.may_ask(row.attempts - 1, now - row.requested_at):
        _give_to_staff(row, _TRIED_TOO_OFTEN.format(tries=row.attempts - 1))
        return True
    try:
        contact_id = start(Call(row.inbound_message_id, row.phone_number, row.pk, row.subject))
    except NotPlaced as problem:
        _record_failure(row, problem)
    else:
        _record_call(row, contact_id)
    return True


def take(pk: int, *, actor: str) -> CallBack:
    """Say "I call now": nobody else calls them for people.HOLDS. Taking again what one has changes nothing.

    Args:
        pk: of the call back.
        actor: their username.

    Raises:
        NotAllowed: it is not free. Of two who take it in the same instant, one gets this.
        CallBack.DoesNotExist: there is none.
    """
    now = clock.now()
    with transaction.atomic():
        taken = (
            _free(now)
            .filter(pk=pk)
            .update(status=CallBack.Status.TAKEN, taken_by=actor, taken_at=now, free_at=now + people.HOLDS)
        )
        if taken:
            # Whoever had it before has not said in time what came of it.
            _end_attempt(pk, CallAttempt.Outcome.LAPSED, F("begun_at") + people.HOLDS)
            CallAttempt.objects.create(call_back_id=pk, actor=actor, begun_at=now)
    row = CallBack.objects.get(pk=pk)
    if not taken and not people.has(row, actor):
        raise NotAllowed(people.why_not_taken(row))
    return row


def called(pk: int, *, actor: str, note: str = "") -> CallBack:
    """Whoever has taken it has reached them. Arguments and errors as in ``not_reached``."""
    values = {"status": CallBack.Status.CLOSED, "ended_at": clock.now(), "closed_by": actor, "note": note}
    return _finish(pk, actor, CallAttempt.Outcome.CALLED, note, values)


def not_reached(pk: int, *, actor: str, note: str = "", again_at: datetime | None = None) -> CallBack:
    """Whoever has taken it could not reach them.

    Args:
        pk: of the call back.
        actor: their username.
        note: for colleagues, at most 500 characters.
        again_at: they wait, and nobody is to call before; None: it is given up.

    Raises:
        NotAllowed: it is not theirs (any more).
        CallBack.DoesNotExist: there is none.
    """
    values: dict[str, Any] = {"status": CallBack.Status.WAITING, "free_at": again_at}
    if again_at is None:
        values = {"status": CallBack.Status.FAILED, "ended_at": clock.now(), "closed_by": actor, "note": note}
    return _finish(pk, actor, CallAttempt.Outcome.NOT_REACHED, note, values)


def release(pk: int, *, actor: str) -> CallBack:
    """Whoever has taken it does not call after all. Arguments and errors as in ``not_reached``."""
    return _finish(pk, actor, CallAttempt.Outcome.RELEASED, "", {"status": CallBack.Status.WAITING})


def close(pk: int, *, actor: str, note: str = "") -> CallBack:
    """A person has dealt with it, whoever else has taken it.

    Args:
        pk: of the call back.
        actor: their username.
        note: what came of it, at most 500 characters.

    Raises:
        NotAllowed: it does not wait for a person.
        CallBack.DoesNotExist: there is none.
    """
    now = clock.now()
    with transaction.atomic():
        done = (
            open_for_staff()
            .filter(pk=pk)
            .update(**_NOBODYS | {"status": CallBack.Status.CLOSED, "ended_at": now, "closed_by": actor, "note": note})
        )
        if done:
            theirs = CallAttempt.objects.filter(call_back=pk, ended_at__isnull=True, actor=actor).exists()
            _end_attempt(pk, CallAttempt.Outcome.CALLED if theirs else CallAttempt.Outcome.CLOSED, now, note)
            events.call_back_closed(pk)
    row = CallBack.objects.get(pk=pk)
    if not done:
        raise NotAllowed(people.why_not_closed(row))
    return row


def queue() -> QuerySet[CallBack]:
    """Whom a person may call now, the longest waiting first."""
    return _free(clock.now()).order_by("requested_at", "id")


def open_for_staff() -> QuerySet[CallBack]:
    """Who waits for a person, now or later, and who is being called by one."""
    return CallBack.objects.filter(status__in=_FOR_STAFF)


def due(now: datetime) -> QuerySet[CallBack]:
    """Calls that Connect is to be asked for now."""
    return CallBack.objects.filter(status=CallBack.Status.PLACING, next_try_at__lte=now)


def _free(now: datetime) -> QuerySet[CallBack]:
    """Whom anybody may call now; people.is_free says it of one."""
    return open_for_staff().filter(Q(free_at__isnull=True) | Q(free_at__lte=now))


def _finish(pk: int, actor: str, outcome: CallAttempt.Outcome, note: str, values: dict[str, Any]) -> CallBack:
    """Note what came of a call, if it is theirs: whoever took it meanwhile decides."""
    with transaction.atomic():
        mine = CallBack.objects.filter(pk=pk, status=CallBack.Status.TAKEN, taken_by=actor)
        done = mine.update(**_NOBODYS | values)
        if done:
            _end_attempt(pk, outcome, clock.now(), note)
            if "ended_at" in values:
                events.call_back_closed(pk)
    row = CallBack.objects.get(pk=pk)
    if not done:
        raise NotAllowed(people.why_not_finished(row))
    return row


def _end_attempt(pk: int, outcome: CallAttempt.Outcome, at: Any, note: str = "") -> None:
    """End the call that is under way, if there is one. To be called with the row of its call back locked."""
    CallAttempt.objects.filter(call_back=pk, ended_at__isnull=True).update(ended_at=at, outcome=outcome, note=note)


def _noted(text: InboundMessage) -> CallBack | None:
    """The row of this text, else the open one of its sender."""
    return (
        CallBack.objects.filter(inbound_message_id=text.inbound_message_id).first()
        or CallBack.objects.filter(phone_number=text.origination_phone_number, status__in=_OPEN).first()
    )


def _is_being_called(phone_number: str) -> bool:
    return CallBack.objects.filter(
        phone_number=phone_number, status=CallBack.Status.CALLED, ended_at__gt=clock.now() - _RINGS
    ).exists()


def _note(text: InboundMessage, subject: str) -> CallBack:
    by_machine = connect.is_set_up()
    row = CallBack(
        phone_number=text.origination_phone_number,
        inbound_message_id=text.inbound_message_id,
        origination_identity=text.destination_phone_number,
        subject=subject,
        status=CallBack.Status.PLACING if by_machine else CallBack.Status.WAITING,
        requested_at=text.received_at,
        next_try_at=clock.now() if by_machine else None,
        reason="" if by_machine else decisions.for_staff(NotPlaced(decisions.NOT_SET_UP)),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            events.call_back_requested(row)
    except IntegrityError:
        # Two texts of one person in the same instant: the database lets one of them ask.
        if (other := _noted(text)) is None:
            raise
        return other
    if by_machine:
        wakeups.wake(WORK_LIST)
    return row


def _claim(row: CallBack, now: datetime) -> bool:
    """Take a row, so that nobody else asks for this call while we do. Should we die, it is due again by itself."""
    holds_until = now + decisions.CLAIM_HOLDS
    claimed = CallBack.objects.filter(
        pk=row.pk, status=CallBack.Status.PLACING, attempts=row.attempts, next_try_at=row.next_try_at
    ).update(attempts=F("attempts") + 1, next_try_at=holds_until)
    row.attempts += 1
    return bool(claimed)


@transaction.atomic
def _record_call(row: CallBack, contact_id: str) -> None:
    # Whoever claimed it meanwhile asks with the same token: this call is theirs too, so the claim does not matter.
    recorded = CallBack.objects.filter(pk=row.pk, status=CallBack.Status.PLACING).update(
        status=CallBack.Status.CALLED, next_try_at=None, contact_id=contact_id, reason="", ended_at=clock.now()
    )
    if recorded:
        tell(row, "called", words.calling)
        events.call_back_closed(row.pk)
    else:
        logger.warning("Connect has call back %s as contact %s, which came too late to be told", row.pk, contact_id)


def _record_failure(row: CallBack, problem: NotPlaced) -> None:
    logger.warning("Connect did not take call back %s at try %s: %s", row.pk, row.attempts, problem)
    pause = decisions.pause_after(problem, row.attempts)
    if pause is None:
        _give_to_staff(row, decisions.for_staff(problem))
        return
    # The reason says until then why they were not called yet.
    again_at = clock.now() + pause
    if _claimed(row).update(next_try_at=again_at, reason=decisions.for_staff(problem)):
        wakeups.wake_at(WORK_LIST, again_at)


@transaction.atomic
def _give_to_staff(row: CallBack, reason: str) -> None:
    if _claimed(row).update(status=CallBack.Status.WAITING, next_try_at=None, reason=reason):
        tell(row, "waiting", words.will_call)


def _claimed(row: CallBack) -> QuerySet[CallBack]:
    """The row while our claim is the last: if somebody claimed it after us, their try decides."""
    return CallBack.objects.filter(pk=row.pk, status=CallBack.Status.PLACING, attempts=row.attempts)

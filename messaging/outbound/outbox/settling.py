"""Calls that never got an answer: they become unknown, and then are settled by an event, sent again, or given up."""

from datetime import datetime

from django.db.models import F

from messaging import wakeups
from messaging.models import DeliveryPolicy, OutboundMessage, Status
from messaging.outbound import retry
from messaging.outbound.outbox.moves import move

GAVE_UP = ("NO_ANSWER", "AWS did not answer any of the attempts; the text may have been sent.")


def mark_dead_calls_unknown(now: datetime) -> int:
    """Texts claimed so long ago that their call must be over: the process died, nobody knows what AWS did."""
    dead = OutboundMessage.objects.filter(attempted_at__lte=now - retry.CLAIM_IS_DEAD_AFTER)
    found = move(
        dead,
        [Status.SENDING],
        Status.UNKNOWN,
        now,
        error_code="NO_ANSWER",
        error_reason="The worker ended before AWS answered.",
        doubts=F("doubts") + 1,
    )
    if found:
        wakeups.wake("outcomes")
    return found


def give_up_or_resend(now: datetime) -> int:
    """Texts still unknown when the time for a delivery event has passed: at-least-once ones are sent again.

    After the last of their attempts they have failed, so that whoever waits for them goes on. At-most-once texts stay
    unknown until an event comes.
    """
    waiting = OutboundMessage.objects.filter(
        status=Status.UNKNOWN,
        delivery_policy=DeliveryPolicy.AT_LEAST_ONCE,
        attempted_at__lte=now - retry.RESEND_AFTER,
    )
    # After a database that was away for long, whoever holds the answer writes it down first.
    waiting = waiting.exclude(unknown_at__gt=now - retry.ANSWER_MAY_COME_LATE)
    again = move(waiting.filter(doubts__lt=retry.MOST_SENDS_IN_DOUBT), [Status.UNKNOWN], Status.QUEUED, now, due_at=now)
    if again:
        wakeups.wake("lanes")
    code, reason = GAVE_UP
    ended = move(
        waiting.filter(doubts__gte=retry.MOST_SENDS_IN_DOUBT),
        [Status.UNKNOWN],
        Status.FAILED,
        now,
        error_code=code,
        error_reason=reason,
    )
    if ended:
        wakeups.wake("outcomes")
    return again + ended


def expire(now: datetime) -> int:
    """Texts whose time to live has passed, also in lanes that are paused or that nobody drains."""
    expired = move(OutboundMessage.objects.filter(expires_at__lte=now), [Status.QUEUED], Status.EXPIRED, now)
    if expired:
        wakeups.wake("outcomes")
    return expired

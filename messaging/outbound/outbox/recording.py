"""What the carrier answered, written down."""

import logging
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F

from messaging import clock, counted, silence, trace, wakeups
from messaging.models import OutboundMessage, Priority, Status
from messaging.outbound import guards, pauses, retry
from messaging.outbound.carriers.base import CarrierError
from messaging.outbound.outbox.moves import forbid, move, move_to_sent

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """What one call came to: a carrier message id, or an error."""

    message: OutboundMessage
    carrier_message_id: str = ""
    error: CarrierError | None = None


def record(results: Sequence[Result]) -> dict[str, timedelta]:
    """Record what a batch of calls came to. Returns, by number, how long its lane should wait before the next call.

    One transaction: a crash before its commit leaves the batch ``sending``, which becomes ``unknown``.
    """
    now = clock.now()
    slow_down: dict[str, timedelta] = {}
    with transaction.atomic():
        silence.ends_the_transaction()
        sent = [
            (result.message.pk, result.message.attempts, result.carrier_message_id)
            for result in results
            if result.error is None
        ]
        _record_sent(sent, now)
        for result in results:
            if result.error is not None:
                rest = _record_error(result.message, result.error, now)
                if rest:
                    identity = result.message.origination_identity
                    slow_down[identity] = max(rest, slow_down.get(identity, rest))
        if any(result.message.reports_outcome for result in results):
            wakeups.wake("outcomes")
    for result in results:
        _seen(result, now)
    return slow_down


def _seen(result: Result, now: datetime) -> None:
    """Count what a call came to, and have the log tell the story of its cause to the end."""
    message, error = result.message, result.error
    if error is not None:
        verdict = retry.decide(error, message.attempts).verdict
        counted.CALLS.add(verdict.value.replace(" ", "_"))
        counted.REFUSALS.add("call", error.code or "none", times=verdict is not retry.Verdict.IN_DOUBT)
    else:
        counted.CALLS.add("accepted")
        counted.HANDOVER.observe((now - message.queued_at).total_seconds(), Priority(message.priority).name.lower())
        if message.priority == Priority.REPLY and message.caused_at is not None:
            counted.REPLY.observe((now - message.caused_at).total_seconds())
    if message.trace:
        with trace.caused_by(message.trace):
            what = f"is accepted as {result.carrier_message_id}" if error is None else f"is refused: {error.code}"
            logger.info("Text %s %s", message.pk, what)


def _record_sent(sent: Sequence[tuple[int, int, str]], now: datetime) -> None:
    if not sent:
        return
    # In one order: of two that wait for rows of each other, one would fail.
    sent = sorted(sent)
    try:
        with transaction.atomic():
            move_to_sent(sent, now)
        return
    except IntegrityError:
        # A carrier gave one id twice. Only that text must not be recorded, not its whole batch.
        logger.exception("A batch of answers has a carrier message id that is known already")
    for answer in sent:
        with suppress(IntegrityError), transaction.atomic():
            move_to_sent([answer], now)


def _record_error(message: OutboundMessage, error: CarrierError, now: datetime) -> timedelta:
    decision = retry.decide(error, message.attempts)
    # The attempt's own row, as the claim left it: an event may have settled it, or a sweep found it late.
    row = OutboundMessage.objects.filter(pk=message.pk, attempts=message.attempts)
    reason: dict[str, object] = {"error_code": error.code[:100], "error_reason": error.reason[:500]}
    if decision.verdict is retry.Verdict.RETRY:
        later = reason | {"due_at": now + decision.after}
        if not move(row, [Status.SENDING], Status.QUEUED, now, **later):
            # A sweep took the call for dead. The refusal ends the doubt, which must not count against later ones.
            move(row, [Status.UNKNOWN], Status.QUEUED, now, doubts=F("doubts") - 1, unknown_at=None, **later)
    elif decision.verdict is retry.Verdict.IN_DOUBT:
        move(row, [Status.SENDING], Status.UNKNOWN, now, doubts=F("doubts") + 1, **reason)
    else:
        move(row, [Status.SENDING, Status.UNKNOWN], Status.FAILED, now, **reason)
    if decision.pause:
        pauses.pause(message.origination_identity, decision.pause)
    if decision.opted_out:
        guards.carrier_opted_out(message)
    return decision.after if decision.slow_down else timedelta(0)


def record_event(
    message: OutboundMessage,
    to: Status,
    *,
    carrier_message_id: str,
    at: datetime,
    price: Decimal | None = None,
    reason: tuple[str, str] | None = None,
) -> bool:
    """Record what a delivery event says of a text. Returns whether it changed the status; late news does not.

    A text that waits to be sent again after an unanswered call is settled by the event of the first one as well.
    """
    row = OutboundMessage.objects.filter(pk=message.pk)
    fields: dict[str, object] = {"carrier_message_id": carrier_message_id}
    if price is not None:
        row.update(price=price, currency="USD")
    fields["error_code"], fields["error_reason"] = reason if to is Status.FAILED and reason else ("", "")
    sources = {
        Status.SENT: [Status.SENDING, Status.UNKNOWN, Status.QUEUED],
        Status.DELIVERED: [Status.SENDING, Status.UNKNOWN, Status.QUEUED, Status.SENT],
        Status.FAILED: [Status.SENDING, Status.UNKNOWN, Status.SENT],
    }[to]
    moved = move(row, sources, to, at, **fields)
    if moved and to is Status.FAILED and reason:
        counted.REFUSALS.add_on_commit("event", reason[0])
    if moved and message.trace:
        with trace.caused_by(message.trace):
            logger.info("Text %s is %s", message.pk, to)
    if moved and message.reports_outcome:
        wakeups.wake("outcomes")
    return bool(moved)


def release(messages: Collection[OutboundMessage]) -> None:
    """Give back texts that were claimed and not called with: the process is asked to end, or lost its lane."""
    claimed: dict[int, list[int]] = {}
    for message in messages:
        claimed.setdefault(message.attempts, []).append(message.pk)
    for attempts, keys in claimed.items():
        # Only if it is still this claim: a process that stood still for a minute may find another's call under way.
        rows = OutboundMessage.objects.filter(pk__in=keys, attempts=attempts)
        never_was = {"attempts": F("attempts") - 1, "attempted_at": None}
        # Given back late, a sweep has taken the call that never was for dead; first, so that no row is moved twice.
        move(rows, [Status.UNKNOWN], Status.QUEUED, clock.now(), doubts=F("doubts") - 1, unknown_at=None, **never_was)
        move(rows, [Status.SENDING], Status.QUEUED, clock.now(), **never_was)
    wakeups.wake("lanes")


def withdraw_forbidden(messages: Sequence[OutboundMessage]) -> list[OutboundMessage]:
    """Ask the guards again about texts that were claimed and not called with. Returns those that may still be sent.

    What is forbidden now is suppressed, as an attempt that never was.

    Raises:
        messaging.outbound.guards.CannotTell: a guard could not be asked; nothing has changed.
    """
    reasons = guards.refused(messages)
    now = clock.now()
    # Asked outside: on SQLite a transaction takes the write lock, and nearly always nothing is to be written.
    if reasons:
        with transaction.atomic():
            for message in messages:
                if message.pk in reasons:
                    row = OutboundMessage.objects.filter(pk=message.pk, attempts=message.attempts)
                    never_was = {"attempts": F("attempts") - 1, "attempted_at": None}
                    forbid(row, Status.SENDING, reasons[message.pk], now, **never_was)
    return [message for message in messages if message.pk not in reasons]

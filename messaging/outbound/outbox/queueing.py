"""A draft becomes a row, once; and texts that have not left are withdrawn."""

import logging
from collections.abc import Collection

from django.db import transaction

from messaging import clock, counted, numbers, text, trace, wakeups
from messaging.contracts import Draft
from messaging.events import texts
from messaging.inserting import insert_once
from messaging.lookups import OneOf
from messaging.models import OutboundMessage, Priority, Status
from messaging.outbound import guards, reply_limits
from messaging.outbound.outbox.moves import move
from messaging.outbound.outbox.withholding import AT_ONCE

logger = logging.getLogger(__name__)


def queue(draft: Draft) -> OutboundMessage:
    """Queue a text, unless its idempotency key was queued before: then that row is returned and nothing changes.

    The row may come back ended already: ``suppressed`` when a guard forbids it or when automatic replies to this
    number have reached their limit, ``failed`` when there is no number to send it from.

    Raises:
        messaging.text.BodyEmpty: nothing but white space.
        messaging.text.BodyTooLong: longer than AWS takes.
    """
    message = _row(draft)
    _judge(message, draft)
    if message.status != Status.QUEUED:
        message.ended_at = message.queued_at
        message.outcome_pending = message.reports_outcome
    if not _insert(message):
        return OutboundMessage.objects.get(idempotency_key=draft.idempotency_key)
    counted.TEXTS.add_on_commit(message.status)
    if message.trace:
        what = "answers" if draft.priority == Priority.REPLY else "follows from"
        logger.info("Text %s (%s) %s it: %s", message.pk, draft.conversation or "nobody's", what, message.status)
    wakeups.wake("outcomes" if message.outcome_pending else "lanes")
    return message


def cancel(*, conversation: str, subject: str, keys: Collection[str] | None = None) -> int:
    """Withdraw what is still queued of a subject (of these idempotency keys only, when given).

    What is already claimed goes out. Returns how many were withdrawn.
    """
    rows = OutboundMessage.objects.filter(conversation=conversation, subject=subject)
    if keys is not None:
        rows = rows.filter(idempotency_key__in=keys)
    withdrawn = move(rows, [Status.QUEUED], Status.CANCELLED, clock.now())
    if withdrawn:
        wakeups.wake("outcomes")
    return withdrawn


@transaction.atomic
def suppress(conversation: str, priority: Priority, phone_numbers: Collection[str], *, code: str, reason: str) -> int:
    """End what is still queued for people whom the conversation itself forbids now, withheld texts as well.

    What is already claimed goes out, also when its call has to be tried again. Returns how many were ended.

    Args:
        conversation: whose texts.
        priority: of the texts; answers to the same people may stay.
        phone_numbers: of the people, any number of them: a few thousand are looked for at a time.
        code: why, for the row.
        reason: why, for people.
    """
    in_order, ended = sorted(phone_numbers), 0
    for begin in range(0, len(in_order), AT_ONCE):
        theirs = OneOf("destination_phone_number", in_order[begin : begin + AT_ONCE])
        waiting = OutboundMessage.objects.filter(theirs, conversation=conversation, priority=priority)
        # Whoever holds a row is waited for: a claim keeps it, but a pause that only marks it must not save it. In one
        # order, so that two of us never wait for each other; nobody else waits while holding any.
        rows = waiting.filter(status=Status.QUEUED).order_by("destination_phone_number", "id")
        keys = list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))
        why = {"error_code": code[:100], "error_reason": reason[:500]}
        held = OutboundMessage.objects.filter(pk__in=keys)
        ended += move(held, [Status.QUEUED], Status.SUPPRESSED, clock.now(), withheld=False, **why)
    if ended:
        wakeups.wake("outcomes")
    return ended


def _insert(message: OutboundMessage) -> bool:
    if not texts.wanted(Status(message.status)):
        return insert_once(message, "idempotency_key")
    with transaction.atomic():
        inserted = insert_once(message, "idempotency_key")
        if inserted:
            texts.moved(Status(message.status), [message.pk], message.queued_at)
    return inserted


def _row(draft: Draft) -> OutboundMessage:
    size = text.check(draft.body)
    now, cause = clock.now(), trace.cause()
    return OutboundMessage(
        conversation=draft.conversation,
        subject=draft.subject,
        idempotency_key=draft.idempotency_key,
        destination_phone_number=draft.destination_phone_number,
        origination_identity=draft.origination_identity or "",
        body=draft.body,
        message_type=draft.message_type,
        priority=draft.priority,
        delivery_policy=draft.delivery_policy,
        encoding=size.encoding,
        parts=size.parts,
        expects_reply=draft.expects_reply,
        is_automatic_reply=draft.is_automatic_reply,
        passes_guards=draft.passes_guards,
        reports_outcome=draft.reports_outcome,
        actor=draft.actor,
        trace=cause.id,
        caused_at=cause.at,
        due_at=now,
        expires_at=now + draft.time_to_live if draft.time_to_live else None,
        queued_at=now,
    )


def _judge(message: OutboundMessage, draft: Draft) -> None:
    """Choose the number, and end at once what must not or cannot be sent."""
    try:
        message.origination_identity = numbers.choose(
            draft.destination_phone_number, wanted=draft.origination_identity, expects_reply=draft.expects_reply
        )
    except numbers.NoOriginationIdentity as problem:
        message.status, message.error_code = Status.FAILED, "NO_ORIGINATION_IDENTITY"
        message.error_reason = str(problem)
        return
    if draft.is_automatic_reply and reply_limits.reached(draft.destination_phone_number, message.queued_at):
        message.status, message.error_code = Status.SUPPRESSED, "REPLY_LIMIT"
        message.error_reason = reply_limits.REASON
        return
    pair = (message.destination_phone_number, message.origination_identity)
    try:
        with transaction.atomic():
            refusal = guards.refusals([pair], passing=draft.passes_guards).get(pair)
    except guards.CannotTell:
        # Whoever queues must not fail for it: the row waits, and the guards are asked again before it is sent.
        logger.exception("A send guard could not be asked; the text waits")
        return
    if refusal:
        message.status, message.error_code, message.error_reason = Status.SUPPRESSED, "GUARD", refusal[:500]

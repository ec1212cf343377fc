"""The inbox of staff: texts that a person has dealt with, and answers that a person writes."""

from django.db import transaction
from django.db.models import QuerySet

from messaging import clock, numbers, selectors
from messaging.contracts import Draft
from messaging.models import InboundMessage, OutboundMessage, Priority, Status
from messaging.outbound import guards, outbox
from messaging.selectors import answerable_numbers
from messaging.text import check
from messaging.validators import E164

_LONGEST_KEY = 100


class CannotAnswer(Exception):
    """Nothing is sent; the sentence says why, and what to do."""


def deal_with(texts: QuerySet[InboundMessage], *, by: str) -> int:
    """Note who dealt with texts, and when; who was first stays. Returns how many this changed.

    A text that is not routed yet is left alone: it may still find its conversation.
    """
    return texts.filter(handled_at__isnull=True, routed_at__isnull=False).update(
        handled_by=by[:150], handled_at=clock.now()
    )


def answer(
    phone_number: str,
    body: str,
    *,
    by: str,
    key: str,
    origination_identity: str = "",
    seen: int | None = None,
) -> OutboundMessage:
    """Write to somebody by hand. What waits unmatched of theirs is dealt with then, by whoever writes.

    A person at our side acts: the count of automatic replies begins anew (messaging.outbound.reply_limits). Nothing is
    sent to whom a guard forbids, and nothing is dealt with then.

    Args:
        phone_number: E.164.
        body: of the text.
        by: a username.
        key: of this one answer, whatever it is; with the same key no second one is sent, and the first is returned.
        origination_identity: one of our numbers that can be answered; "" for the one that number_for chooses.
        seen: key of the newest text that the writer has read; texts that came later go on waiting. None: all were read.

    Raises:
        messaging.text.BodyEmpty: nothing but white space.
        messaging.text.BodyTooLong: longer than AWS takes.
        CannotAnswer: a guard forbids it or cannot be asked, it is no number that can be texted, there is none of ours
            to send from, or the key was used for another text.
    """
    key = f"answer:{key[:_LONGEST_KEY]}"
    if before := OutboundMessage.objects.filter(idempotency_key=key).first():
        return _the_same(before, phone_number, body)
    check(body)
    identity = _allowed(phone_number, origination_identity)
    with transaction.atomic():
        # Of two in the same instant the second waits here for the first, and gets its row.
        message = outbox.queue(
            Draft(
                phone_number,
                body,
                idempotency_key=key,
                priority=Priority.REPLY,
                origination_identity=identity,
                expects_reply=True,
                actor=by,
            )
        )
        _the_same(message, phone_number, body)
        if message.status == Status.SUPPRESSED:
            # Somebody's STOP came between the question and the row, which stays and says so.
            return message
        read = selectors.waiting_for_staff().filter(origination_phone_number=phone_number)
        deal_with(read if seen is None else read.filter(pk__lte=seen), by=by)
    return message


def number_for(phone_number: str) -> str:
    """The number of ours that an answer to somebody leaves from unless its writer chooses: the one they last wrote to.

    If that is none of ours any more, or they never wrote, messaging.numbers chooses.

    Raises:
        CannotAnswer: there is none that can be answered.
    """
    texts = InboundMessage.objects.filter(origination_phone_number=phone_number)
    written_to = texts.order_by("-received_at", "-id").values_list("destination_phone_number", flat=True).first()
    ours = answerable_numbers().filter(identity=written_to or "")
    return _ours(phone_number, written_to if ours.exists() else None)


def can_be_texted(phone_number: str) -> bool:
    """Whether it is a number at all: texts from short codes and from senders with a name cannot be answered."""
    return bool(E164.fullmatch(phone_number))


def _allowed(phone_number: str, wanted: str) -> str:
    """The number of ours to send from, if nothing forbids it."""
    if not can_be_texted(phone_number):
        raise CannotAnswer(f"{phone_number} is a short code or a name: nobody can text it.")
    identity = _ours(phone_number, wanted) if wanted else number_for(phone_number)
    pair = (phone_number, identity)
    try:
        refusal = guards.refusals([pair]).get(pair)
    except guards.CannotTell as problem:
        raise CannotAnswer(f"Nothing is sent: {problem}. Try again in a moment.") from problem
    if refusal:
        raise CannotAnswer(f"This person gets no texts from {identity}: {refusal} They have to text JOIN first.")
    return identity


def _ours(phone_number: str, wanted: str | None) -> str:
    try:
        return numbers.choose(phone_number, wanted=wanted, expects_reply=True)
    except numbers.NoOriginationIdentity as problem:
        raise CannotAnswer(str(problem)) from problem


def _the_same(message: OutboundMessage, phone_number: str, body: str) -> OutboundMessage:
    if (message.destination_phone_number, message.body) != (phone_number, body):
        raise CannotAnswer("An answer was sent from this page before. Reload it, and write this one anew.")
    return message

"""Who is meant by an inbound text. First match wins.

    1. the interceptors, in order: consent words, then staff-defined keywords and HELP
    2. the conversation that owns previousPublishedMessageId, if that text went to this very sender
    3. any other conversation that understands the text and has something open for this sender
    4. the owner's "I did not understand", unless an interceptor said that staff will read the text
    5. the unmatched inbox, with no reply

One text is routed in one transaction, with every reply and every change of state that it causes: it happens exactly
once, however often the text is delivered and whoever dies in between. Texts of one sender are routed in their order.
"""

import logging
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Least

from messaging import clock, counted, registry, trace, wakeups
from messaging.compiled import Compiled, CompiledUpdate
from messaging.contracts import ForStaff, Handled
from messaging.events import texts
from messaging.inbound.answering import answer
from messaging.inbound.keywords import CARRIER_OPT_OUTS, the_word
from messaging.models import InboundMessage, OutboundMessage, Status
from messaging.privacy.names import old_id

logger = logging.getLogger(__name__)

# Behind a flood, or a dead-letter queue poured out, an engineer's YES must not wait until all the rest is routed: one
# in four is the newest. While few wait it makes no difference.
_NEWEST_EVERY = 4
# More waiting than this, and one more worker is asked to help.
MANY = 20
# previousPublishedMessageId may name a text whose call we have not recorded yet: wait a little for it.
_WAIT_FOR_OWN_COMMIT = timedelta(seconds=3)
_FIRST_COMES_WITHIN = timedelta(seconds=5)
_LOOK_AGAIN = timedelta(seconds=0.3)
_LONGEST_BACKOFF = 60
_ATTEMPTS_COUNTED = 1000


def backlog() -> int:
    """How many texts wait to be routed (counted no further than needed)."""
    return InboundMessage.objects.filter(routed_at__isnull=True).order_by()[: MANY + 1].count()


def route_waiting(for_as_long_as: timedelta | None = None) -> bool:
    """Route texts until none is left that is due, or for a time. Returns whether there may be more."""
    began, routed = clock.now(), 0
    while not clock.stop_requested():
        routed += 1
        if _route_next(newest=routed % _NEWEST_EVERY == 0) is None:
            return False
        if for_as_long_as is not None and clock.now() - began >= for_as_long_as:
            return True
    return True


def _route_next(*, newest: bool = False) -> int | None:
    """Route the oldest (or newest) text that is due and has none of its sender before it. Returns its key, or None."""
    pk, cause = None, ""
    try:
        with transaction.atomic():
            text = _next(newest=newest)
            if text is None:
                return None
            pk, cause = text.pk, text.inbound_message_id
            with trace.caused_by(cause, text.stored_at):
                _route(text)
    except Exception as problem:
        if pk is None:
            raise
        with trace.caused_by(cause):
            logger.exception("Text %s could not be routed; it will be tried again", pk)
            _put_back(pk, problem)
    return pk


def _next(*, newest: bool) -> InboundMessage | None:
    due = _NEWEST if newest else _OLDEST
    text: InboundMessage | None = due.first(now=clock.now())
    return text


def _due(order: tuple[str, str], now: datetime) -> QuerySet[InboundMessage]:
    earlier = InboundMessage.objects.filter(
        Q(received_at__lt=OuterRef("received_at")) | Q(received_at=OuterRef("received_at"), pk__lt=OuterRef("pk")),
        origination_phone_number=OuterRef("origination_phone_number"),
        routed_at__isnull=True,
        # A text that failed to be routed waits longer and longer; the sender's next ones must not wait with it.
        attempts=0,
    )
    due = InboundMessage.objects.filter(~Exists(earlier), routed_at__isnull=True, route_after__lte=now)
    return due.order_by(*order).select_for_update(skip_locked=True, of=("self",))[:1]


_OLDEST = Compiled(partial(_due, ("received_at", "id")), now=datetime)
_NEWEST = Compiled(partial(_due, ("-received_at", "-id")), now=datetime)


def _hint(text: InboundMessage) -> OutboundMessage | None:
    """The text of ours that this one answers, by AWS's word, and only if it went to this very sender."""
    if not text.previous_published_message_id:
        return None
    hint: OutboundMessage | None = _ANSWERED.first(
        carrier_message_id=text.previous_published_message_id, sender=text.origination_phone_number
    )
    return hint


_ANSWERED = Compiled(
    lambda carrier_message_id, sender: OutboundMessage.objects.filter(
        carrier_message_id=carrier_message_id, destination_phone_number=sender
    ).order_by(),
    carrier_message_id=str,
    sender=str,
)


def _own_commit_may_be_under_way(text: InboundMessage) -> bool:
    return (
        bool(text.previous_published_message_id)
        and clock.now() - text.stored_at < _WAIT_FOR_OWN_COMMIT
        and not OutboundMessage.objects.filter(carrier_message_id=text.previous_published_message_id).exists()
        and OutboundMessage.objects.filter(
            destination_phone_number=text.origination_phone_number, status__in=[Status.SENDING, Status.UNKNOWN]
        ).exists()
    )


def _was_erased(text: InboundMessage) -> bool:
    """Whether SNS brings once more what was erased meanwhile; what comes at once cannot be that."""
    if text.stored_at - text.received_at < _FIRST_COMES_WITHIN:
        return False
    return InboundMessage.objects.filter(inbound_message_id=old_id(text.inbound_message_id)).exists()


def _look_again(text: InboundMessage) -> None:
    text.route_after = clock.now() + _LOOK_AGAIN
    text.save(update_fields=["route_after"])
    wakeups.wake_at("inbound", text.route_after)


def _route(text: InboundMessage) -> None:
    if _was_erased(text):
        text.delete()
        return
    # Interceptors need no hint: a STOP does not wait for one.
    intercepted = _intercept(text)
    if isinstance(intercepted, Handled):
        _finish(text, intercepted)
        return
    hint = _hint(text)
    if hint is None and _own_commit_may_be_under_way(text):
        _look_again(text)
    else:
        _finish(text, _converse(text, hint, for_staff=intercepted is not None))


def _converse(text: InboundMessage, hint: OutboundMessage | None, *, for_staff: bool) -> Handled:
    conversations = registry.conversations()
    owner = conversations.get(hint.conversation) if hint else None
    if owner and (handled := owner.receive(text, hint)):
        return handled
    for conversation in conversations.values():
        if conversation is not owner and (handled := conversation.receive(text, None)):
            return handled
    asked_back = not for_staff and the_word(text.body) not in CARRIER_OPT_OUTS
    if owner and hint and asked_back and (handled := owner.not_understood(text, hint)):
        return handled
    return Handled(outcome=InboundMessage.Outcome.UNMATCHED)


def _intercept(text: InboundMessage) -> Handled | ForStaff | None:
    """The first interceptor's deed; else ForStaff, if any of them said so."""
    for_staff = None
    for interceptor in registry.interceptors():
        said = interceptor.intercept(text)
        if isinstance(said, Handled):
            return said
        for_staff = for_staff or said
    return for_staff


def _finish(text: InboundMessage, handled: Handled) -> None:
    text.outcome, text.conversation, text.subject = handled.outcome, handled.conversation, handled.subject
    text.routed_at, text.error = clock.now(), ""
    stored = _ROUTED.run(
        key=text.pk,
        outcome=text.outcome,
        conversation=text.conversation,
        subject=text.subject,
        at=text.routed_at,
    )
    if not stored:
        raise RuntimeError(f"Text {text.pk} was routed while it was locked.")
    if handled.outcome == InboundMessage.Outcome.UNMATCHED:
        texts.received(text)
    counted.ROUTED.add_on_commit(handled.outcome)
    counted.ROUTING.observe_on_commit((text.routed_at - text.stored_at).total_seconds())
    logger.info("Inbound text %s is routed: %s", text.pk, handled.outcome)
    # Only now: to a send guard, what a text says counts for itself for as long as nobody has routed it.
    for number, reply in enumerate(handled.replies):
        answer(text, handled, reply, number)


_ROUTED = CompiledUpdate(
    lambda key, **_: InboundMessage.objects.filter(pk=key, routed_at__isnull=True),
    lambda key, at, **fields: {**fields, "routed_at": at, "error": ""},
    key=int,
    outcome=str,
    conversation=str,
    subject=str,
    at=datetime,
)


def _put_back(pk: int, problem: Exception) -> None:
    row = InboundMessage.objects.filter(pk=pk, routed_at__isnull=True)
    attempts = row.values_list("attempts", flat=True).first() or 0
    pause = min(_LONGEST_BACKOFF, 2**attempts)
    row.update(
        # A small column; a text that fails for weeks must not fail by its count.
        attempts=Least(F("attempts") + 1, Value(_ATTEMPTS_COUNTED)),
        error=f"{type(problem).__name__}: {problem}"[:500],
        route_after=clock.now() + timedelta(seconds=pause),
    )

"""What should have moved by itself and did not: nobody works on it, or whoever does fails each time."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q, QuerySet

from messaging.audit.findings import RECENT, Check, Look, Severity, inbound, text
from messaging.models import DeliveryEvent, DeliveryPolicy, InboundMessage, OutboundMessage, Status
from messaging.outbound import retry
from messaging.outbound.carriers.aws import CONTEXT_ID
from messaging.outbound.delivery import NOT_OURS_AFTER

# The sweep comes every two seconds; a busy house has a drain of SLICE before it.
_SWEEP = timedelta(seconds=60)
# Ten thousand texts in a minute are routed within this.
_ROUTING = timedelta(minutes=5)
_ROUTING_TRIES = 5
_TELLING = timedelta(minutes=5)
# Of so many waiting events each is compared with the texts.
_MOST_EVENTS = 5_000

_WORKERS = "See that clock and workers run (/readyz says so), and read the workers' log."


def sending(look: Look) -> QuerySet[OutboundMessage]:
    """Every claimed call comes to an end or is called dead. Index messaging_outbound_unsettled."""
    before = look.before(retry.CLAIM_IS_DEAD_AFTER + _SWEEP)
    return OutboundMessage.objects.filter(status=Status.SENDING, attempted_at__lte=before)


def unknown_not_resent(look: Look) -> QuerySet[OutboundMessage]:
    """Every at-least-once text in doubt is sent again or given up in time. Index messaging_outbound_unsettled."""
    return OutboundMessage.objects.filter(
        status=Status.UNKNOWN,
        delivery_policy=DeliveryPolicy.AT_LEAST_ONCE,
        attempted_at__lte=look.before(retry.RESEND_AFTER + _SWEEP),
    )


def unknown_at_most_once(look: Look) -> QuerySet[OutboundMessage]:
    """Tells of texts in doubt that are never sent again, for a week. Index messaging_outbound_unsettled."""
    return OutboundMessage.objects.filter(
        status=Status.UNKNOWN,
        delivery_policy=DeliveryPolicy.AT_MOST_ONCE,
        attempted_at__gt=look.now - RECENT,
        attempted_at__lte=look.before(retry.RESEND_AFTER),
    )


def past_time_to_live(look: Look) -> QuerySet[OutboundMessage]:
    """No text waits longer than it may. Index messaging_outbound_expiry."""
    return OutboundMessage.objects.filter(status=Status.QUEUED, expires_at__lte=look.before(_SWEEP))


def untold(look: Look) -> QuerySet[OutboundMessage]:
    """Every conversation is told what became of its texts. Index messaging_outbound_outcomes."""
    if look.at_rest:
        return OutboundMessage.objects.filter(outcome_pending=True)
    before = look.before(_TELLING)
    moments = ("queued_at", "attempted_at", "sent_at", "delivered_at", "unknown_at", "ended_at")
    long_ago = [Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__lte": before}) for name in moments]
    return OutboundMessage.objects.filter(*long_ago, outcome_pending=True)


def unrouted(look: Look) -> QuerySet[InboundMessage]:
    """Every inbound text is routed. Index messaging_inbound_unrouted."""
    failing = Q(attempts__gte=_ROUTING_TRIES)
    return InboundMessage.objects.filter(failing | Q(stored_at__lte=look.before(_ROUTING)), routed_at__isnull=True)


def unapplied(look: Look) -> QuerySet[DeliveryEvent]:
    """Every delivery event is applied, or is found to be nobody's. Index messaging_event_waiting.

    An event that no text takes waits for its time even when all is at rest: it may be another system's.
    """
    waiting = DeliveryEvent.objects.filter(applied_at__isnull=True)
    if not look.at_rest:
        return waiting.filter(stored_at__lte=look.before(NOT_OURS_AFTER + _SWEEP))
    events = list(waiting.order_by("pk").values_list("pk", "carrier_message_id", "payload")[:_MOST_EVENTS])
    known = set(
        OutboundMessage.objects.filter(carrier_message_id__in=[carrier_id for _, carrier_id, _ in events]).values_list(
            "carrier_message_id", flat=True
        )
    )
    unnamed = {own_id: pk for pk, _, payload in events if (own_id := named_by(payload))}
    without = OutboundMessage.objects.filter(pk__in=unnamed, carrier_message_id__isnull=True)
    taken = [unnamed[pk] for pk in without.values_list("pk", flat=True)]
    taken += [pk for pk, carrier_id, _ in events if carrier_id in known]
    return waiting.filter(pk__in=taken)


def named_by(payload: object) -> int | None:
    """The text that an event names in its context, if it does."""
    context = payload.get("context") if isinstance(payload, dict) else None
    own_id = str(context.get(CONTEXT_ID, "")) if isinstance(context, dict) else ""
    return int(own_id) if own_id.isascii() and own_id.isdigit() and len(own_id) <= 18 else None


def _event(row: DeliveryEvent) -> str:
    return f"event {row.pk}"


CHECKS: Iterable[Check] = [
    Check(
        "messaging.stuck_sending",
        Severity.CRITICAL,
        sending,
        "Texts were claimed and their calls must be over, but nobody has written down what came of them.",
        _WORKERS + " They become unknown, and go on, as soon as a worker looks.",
        text,
    ),
    Check(
        "messaging.unknown_not_resent",
        Severity.CRITICAL,
        unknown_not_resent,
        "Nobody knows whether AWS has these texts; they should have been sent again.",
        _WORKERS,
        text,
    ),
    Check(
        "messaging.unknown_at_most_once",
        Severity.WARNING,
        unknown_at_most_once,
        "Nobody knows whether AWS has these texts of the last seven days. They are never sent twice, and wait for a "
        "delivery event.",
        "Look at their recipients under Outbound messages, status unknown, and decide whether to write to them again.",
        text,
    ),
    Check(
        "messaging.past_time_to_live",
        Severity.CRITICAL,
        past_time_to_live,
        "Texts wait although their time to live has passed. They will not be sent, but nobody has noted it.",
        _WORKERS,
        text,
    ),
    Check(
        "messaging.untold_outcome",
        Severity.CRITICAL,
        untold,
        "A conversation has not been told what became of its texts: an incident may be waiting for it.",
        _WORKERS + ' Look there for "could not be told".',
        text,
    ),
    Check(
        "messaging.unrouted",
        Severity.CRITICAL,
        unrouted,
        "People have texted us and nobody has dealt with it.",
        _WORKERS + " The row of the text has the last error.",
        inbound,
    ),
    Check(
        "messaging.unapplied_event",
        Severity.CRITICAL,
        unapplied,
        "AWS has told what became of texts, and nobody has noted it.",
        _WORKERS,
        _event,
    ),
]

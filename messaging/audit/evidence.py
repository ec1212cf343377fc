"""Statuses against their evidence: what AWS has told of a text, and what its row says."""

from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from messaging.audit.findings import RECENT, Check, Look, Severity, text
from messaging.audit.stuck import named_by
from messaging.models import DeliveryEvent, DeliveryPolicy, OutboundMessage, Status
from messaging.outbound.delivery import status_of

# docs.aws.amazon.com/sms-voice/latest/userguide/configuration-sets-event-types.html
_EVENT_TYPES = [
    *("TEXT_BLOCKED", "TEXT_CARRIER_BLOCKED", "TEXT_CARRIER_UNREACHABLE", "TEXT_DELIVERED", "TEXT_INVALID"),
    *("TEXT_INVALID_MESSAGE", "TEXT_PENDING", "TEXT_PROTECT_BLOCKED", "TEXT_QUEUED", "TEXT_SENT", "TEXT_SPAM"),
    *("TEXT_SUCCESSFUL", "TEXT_TTL_EXPIRED", "TEXT_UNKNOWN", "TEXT_UNREACHABLE"),
]
# Events without a text that are looked at one by one, the newest.
_MOST = 2_000


def without_evidence(look: Look) -> QuerySet[OutboundMessage]:
    """Whatever is delivered was said to be, by an event. Indexes messaging_outbound_state and of events by text.

    The event and the status are written in one transaction.
    """
    return OutboundMessage.objects.filter(~Exists(_events(Status.DELIVERED)), status=Status.DELIVERED)


def evidence_ignored(look: Look) -> QuerySet[OutboundMessage]:
    """Whatever AWS has said of a text was heeded. Indexes messaging_outbound_state and of events.

    Late news does not move what has ended; and that one of several calls failed says nothing of the others.
    """
    same_call = _events(Status.FAILED).filter(carrier_message_id=OuterRef("carrier_message_id"))
    return OutboundMessage.objects.filter(
        Q(Exists(_events(Status.DELIVERED)), status__in=[Status.QUEUED, Status.SENDING, Status.UNKNOWN, Status.SENT])
        | Q(Exists(_events(Status.SENT)), status__in=[Status.QUEUED, Status.SENDING, Status.UNKNOWN])
        | Q(Exists(same_call), status__in=[Status.SENDING, Status.UNKNOWN, Status.SENT]),
        # For the index: of three alternatives SQLite makes a walk of the whole table.
        status__in=[Status.QUEUED, Status.SENDING, Status.UNKNOWN, Status.SENT],
    )


def sent_twice(look: Look) -> QuerySet[OutboundMessage]:
    """No at-most-once text was accepted by AWS twice, as far as events tell. Index of events by text.

    Two ids of AWS for one text are two texts on somebody's phone. Of the second a text may only have been named: those
    events have no text, and only the newest of them are read.
    """
    strays = DeliveryEvent.objects.filter(
        message__isnull=True, applied_at__isnull=False, stored_at__gt=look.now - RECENT
    ).order_by("-pk")
    named = {own_id for payload in strays.values_list("payload", flat=True)[:_MOST] if (own_id := named_by(payload))}
    other_id = DeliveryEvent.objects.filter(message=OuterRef("pk")).exclude(
        carrier_message_id=OuterRef("carrier_message_id")
    )
    # Named by an event of another installation that counts its texts as we do: the phone number tells.
    return OutboundMessage.objects.filter(
        Exists(other_id) | Q(pk__in=_same_phone(strays, named), carrier_message_id__isnull=False),
        delivery_policy=DeliveryPolicy.AT_MOST_ONCE,
    )


def called_after_doubt(look: Look) -> QuerySet[OutboundMessage]:
    """No at-most-once text is called again after a doubt. A scan of the table, as doubts are rare and have no index.

    A refusal that is written down late, or a call that never was and is given back, ends the doubt, and with it
    unknown_at: whatever has one was not called with since.
    """
    return OutboundMessage.objects.filter(
        Q(doubts__gt=1) | Q(attempted_at__gt=F("unknown_at")), delivery_policy=DeliveryPolicy.AT_MOST_ONCE
    )


def _same_phone(strays: QuerySet[DeliveryEvent], named: set[int]) -> list[int]:
    phones = dict(OutboundMessage.objects.filter(pk__in=named).values_list("pk", "destination_phone_number"))
    payloads = strays.values_list("payload", flat=True)[:_MOST]
    return [
        own_id
        for payload in payloads
        if (own_id := named_by(payload)) in phones and phones[own_id] == payload.get("destinationPhoneNumber")
    ]


def _events(status: Status) -> QuerySet[DeliveryEvent]:
    """The applied events of a text (an OuterRef) that say so."""
    saying = [
        Q(event_type=name, is_final=final)
        for name in _EVENT_TYPES
        for final in (False, True)
        if status_of(name, final) is status
    ]
    return DeliveryEvent.objects.filter(reduce(or_, saying), message=OuterRef("pk"), applied_at__isnull=False)


CHECKS: Iterable[Check] = [
    Check(
        "messaging.delivered_without_event",
        Severity.CRITICAL,
        without_evidence,
        "Texts are called delivered, and AWS has not said so.",
        "Were delivery events deleted, or statuses written by hand? Do not trust these; tell who maintains Textback.",
        text,
    ),
    Check(
        "messaging.event_not_heeded",
        Severity.CRITICAL,
        evidence_ignored,
        "AWS has told what became of texts, and their status says otherwise.",
        "Compare the text's page in the admin with its events, and tell who maintains Textback.",
        text,
    ),
    Check(
        "messaging.sent_twice",
        Severity.CRITICAL,
        sent_twice,
        "Texts that must not be sent twice have two ids at AWS: their recipients have got two copies.",
        "Tell who maintains Textback, with the text's events.",
        text,
    ),
    Check(
        "messaging.called_after_doubt",
        Severity.CRITICAL,
        called_after_doubt,
        "Texts that must not be sent twice were called with again after a call of which nobody knows what came.",
        "Somebody may have got two copies. Tell who maintains Textback.",
        text,
    ),
]

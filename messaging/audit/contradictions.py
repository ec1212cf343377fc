"""Rows that contradict themselves, or each other."""

from collections.abc import Iterable
from datetime import timedelta
from functools import reduce
from operator import or_

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from messaging.audit.findings import Check, Look, Severity, text
from messaging.models import OriginationIdentity, OutboundMessage, Status

# Claims keep more than this between two texts of a recipient; AWS takes one a second.
_ONE_SECOND = timedelta(seconds=1)
# Each text is compared with its recipient's others, which takes long for a million.
_LATELY = timedelta(days=1)

# What each status says must be there; the first time that a status is reached is noted.
_NEEDS: dict[Status, Q] = {
    Status.SENDING: Q(attempted_at__isnull=False, attempts__gt=0, withheld=False),
    Status.SENT: Q(sent_at__isnull=False, attempts__gt=0),
    Status.DELIVERED: Q(
        sent_at__isnull=False, delivered_at__isnull=False, carrier_message_id__isnull=False, attempts__gt=0
    ),
    Status.FAILED: Q(ended_at__isnull=False) & ~Q(error_code=""),
    Status.SUPPRESSED: Q(ended_at__isnull=False) & ~Q(error_code=""),
    Status.EXPIRED: Q(ended_at__isnull=False, expires_at__isnull=False),
    Status.CANCELLED: Q(ended_at__isnull=False),
    Status.UNKNOWN: Q(unknown_at__isnull=False, attempted_at__isnull=False, attempts__gt=0, doubts__gt=0),
}


def fields_and_status(look: Look) -> QuerySet[OutboundMessage]:
    """Each status has the moments and reasons that justify it. Reads the table once."""
    lacking = [Q(status=status) & ~needed for status, needed in _NEEDS.items()]
    return OutboundMessage.objects.filter(reduce(or_, lacking) | Q(doubts__gt=F("attempts")))


def two_at_once(look: Look) -> QuerySet[OutboundMessage]:
    """Nobody was sent two texts within a second, in the last day. Indexes messaging_outbound_pace and _rest.

    The later of the two left from a number that is still ours: the index of what left lately is by number.
    """
    ours = list(OriginationIdentity.objects.values_list("identity", flat=True))
    before = OutboundMessage.objects.filter(
        destination_phone_number=OuterRef("destination_phone_number"),
        attempted_at__gt=OuterRef("attempted_at") - _ONE_SECOND,
        attempted_at__lte=OuterRef("attempted_at"),
    ).exclude(pk=OuterRef("pk"))
    return OutboundMessage.objects.filter(
        Exists(before), origination_identity__in=ours, attempted_at__gt=look.now - _LATELY
    )


CHECKS: Iterable[Check] = [
    Check(
        "messaging.status_without_its_fields",
        Severity.CRITICAL,
        fields_and_status,
        "Texts lack what justifies their status: a moment, a reason, AWS's id, or a call.",
        "Statuses are written by Textback alone: was the database written to by hand? Tell who maintains it.",
        text,
    ),
    Check(
        "messaging.two_within_a_second",
        Severity.WARNING,
        two_at_once,
        "Somebody was sent two texts within a second in the last day, more than AWS takes for one recipient.",
        "See that the clocks of all machines that send agree, and tell who maintains Textback.",
        text,
    ),
]

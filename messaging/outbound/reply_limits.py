"""No loop: two machines that answer each other stop after a few texts.

At most five automatic replies to one number in ten minutes. The count begins anew when a person (or a system that
speaks for one) on our side writes to that number: what they start deserves its answers.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from messaging.compiled import Compiled
from messaging.models import OutboundMessage, Status

MOST_REPLIES = 5
WITHIN = timedelta(minutes=10)
REASON = f"More than {MOST_REPLIES} automatic replies to this number in {WITHIN.seconds // 60} minutes."


def reached(phone_number: str, now: datetime) -> bool:
    """Whether one more automatic reply to this number would be one too many."""
    return _LATEST.rows(phone_number=phone_number, since=now - WITHIN) == [("",)] * MOST_REPLIES


def _latest(phone_number: str, since: datetime) -> QuerySet[Any, Any]:
    """Who began each of the last texts to a number that count; "" for the automatic replies."""
    counts = Q(is_automatic_reply=True) & ~Q(status=Status.SUPPRESSED)
    # The newest first; of one instant, what a person began.
    return (
        OutboundMessage.objects.filter(
            counts | ~Q(actor=""), destination_phone_number=phone_number, queued_at__gt=since
        )
        .order_by("-queued_at", "is_automatic_reply")
        .values_list("actor")[:MOST_REPLIES]
    )


_LATEST = Compiled(_latest, phone_number=str, since=datetime)

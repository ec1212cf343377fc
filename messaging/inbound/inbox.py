"""The inbox of staff: texts that a person has dealt with."""

from django.db.models import QuerySet

from messaging import clock
from messaging.models import InboundMessage


def deal_with(texts: QuerySet[InboundMessage], *, by: str) -> int:
    """Note who dealt with texts, and when; who was first stays. Returns how many this changed.

    A text that is not routed yet is left alone: it may still find its conversation.
    """
    return texts.filter(handled_at__isnull=True, routed_at__isnull=False).update(
        handled_by=by[:150], handled_at=clock.now()
    )

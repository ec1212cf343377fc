"""No loop: two machines that answer each other stop after a few texts.

At most five automatic replies to one number in ten minutes. The count begins anew when a person (or a system that
speaks for one) on our side writes to that number: what they start deserves its answers.
"""

from datetime import datetime, timedelta

from django.db.models import Max

from messaging.models import OutboundMessage

MOST_REPLIES = 5
WITHIN = timedelta(minutes=10)
REASON = f"More than {MOST_REPLIES} automatic replies to this number in {WITHIN.seconds // 60} minutes."


def reached(phone_number: str, now: datetime) -> bool:
    """Whether one more automatic reply to this number would be one too many."""
    recent = OutboundMessage.objects.filter(destination_phone_number=phone_number, queued_at__gt=now - WITHIN)
    person_acted = recent.exclude(actor="").aggregate(at=Max("queued_at"))["at"]
    replies = recent.filter(is_automatic_reply=True).exclude(status="suppressed")
    if person_acted is not None:
        replies = replies.filter(queued_at__gt=person_acted)
    return replies.count() >= MOST_REPLIES

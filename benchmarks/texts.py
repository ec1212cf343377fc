"""Campaign texts that wait in a number's lane."""

import itertools

from django.utils import timezone

from benchmarks import bulk
from messaging.models import OutboundMessage

BODY = "Two shifts are open tomorrow. Reply with the shift codes, e.g. XYZ123. STOP to opt out."
_subjects = itertools.count(1)


def queue(count: int, identity: str, area: str = "1206") -> str:
    """Queue so many campaign texts, each to somebody else; returns their subject."""
    subject = f"bench-{next(_subjects)}"
    now = timezone.now()
    pattern = OutboundMessage(
        conversation="shifts",
        subject=subject,
        origination_identity=identity,
        body=BODY,
        message_type="PROMOTIONAL",
        priority=30,
        delivery_policy="at_most_once",
        encoding="GSM",
        parts=1,
        expects_reply=True,
        actor="bench",
        due_at=now,
        queued_at=now,
    )
    number = f"'+{area}' || {bulk.digits('s.n', 7)}"
    bulk.insert(pattern, count, destination_phone_number=number, idempotency_key=f"'{subject}:' || s.n")
    bulk.analyze()
    return subject


def recipients(count: int, area: str = "1206") -> list[str]:
    """The numbers that `queue` writes to."""
    return [f"+{area}{each:07}" for each in range(1, count + 1)]

"""Keeping a subject's texts out of their lanes: at once for claims, and then row by row so that no lane looks at them.

A campaign has more rows than one statement may change while others wait for the database. So the subject is withheld
first, which every claim reads, and its rows are marked or cancelled a few thousand at a time.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from messaging import clock, wakeups
from messaging.models import OutboundMessage, Priority, Status, Withheld
from messaging.outbound.outbox.moves import move

# Few enough to be done in a fraction of a second, which is what everybody else waits for SQLite.
AT_ONCE = 2_000
# A worker cut off from the database keeps the answers to its calls until it can record them: a text that has become
# unknown meanwhile may still turn out to have been refused, and wait again.
_ANSWERS_COME_WITHIN = timedelta(minutes=2)


def withhold(conversation: str, subject: str) -> None:
    """Have nothing of a subject claimed any more, from the commit on. What was claimed before still goes out."""
    Withheld.objects.get_or_create(conversation=conversation, subject=subject, defaults={"since": clock.now()})


@transaction.atomic
def withhold_some(conversation: str, subject: str, most: int = AT_ONCE) -> int:
    """Take the next texts of a withheld subject out of their lanes. Returns how many were taken."""
    rows = _waiting(conversation, subject).filter(withheld=False)
    return _queued(_some(rows, most)).update(withheld=True)


@transaction.atomic
def cancel_some(conversation: str, subject: str, most: int = AT_ONCE) -> int:
    """Cancel the next texts of a withheld subject. Returns how many were cancelled."""
    rows = OutboundMessage.objects.filter(pk__in=_some(_waiting(conversation, subject), most))
    cancelled = move(rows, [Status.QUEUED], Status.CANCELLED, clock.now(), withheld=False)
    if cancelled:
        wakeups.wake("outcomes")
    return cancelled


@transaction.atomic
def let_go_some(conversation: str, subject: str, most: int = AT_ONCE) -> int:
    """Bring the next texts of a subject back to their lanes, oldest first. Returns how many came back.

    From the first call on the subject is withheld no longer.
    """
    forget_withheld(conversation, subject)
    rows = _waiting(conversation, subject).filter(withheld=True)
    back = _queued(_some(rows, most)).update(withheld=False)
    if back:
        wakeups.wake("lanes")
    return back


def may_come_back(conversation: str, subject: str) -> bool:
    """Whether a text of a withheld subject is under way still, and may return to its lane, or stands in it."""
    unanswered = Q(status=Status.UNKNOWN, attempted_at__gt=clock.now() - _ANSWERS_COME_WITHIN)
    # One query: between two, a claim could take the text from where the second looks to where the first has looked.
    return (
        _rows(conversation, subject)
        .filter(Q(status=Status.SENDING) | Q(status=Status.QUEUED, withheld=False) | unanswered)
        .exists()
    )


def is_kept_out(conversation: str, subject: str) -> bool:
    """Whether a text of a subject that is let go is out of its lane still: somebody else held its row."""
    return _waiting(conversation, subject).filter(withheld=True).exists()


def is_under_way(conversation: str, subject: str) -> bool:
    """Whether any text of a subject has still to leave."""
    return _rows(conversation, subject).filter(status__in=[Status.QUEUED, Status.SENDING]).exists()


def forget_withheld(conversation: str, subject: str) -> None:
    """Note that nothing of a subject is left that could be claimed."""
    Withheld.objects.filter(conversation=conversation, subject=subject).delete()


def _rows(conversation: str, subject: str) -> QuerySet[OutboundMessage]:
    # Answers to the texts of a subject belong to it as well, and are never withheld.
    return OutboundMessage.objects.filter(conversation=conversation, subject=subject, priority=Priority.CAMPAIGN)


def _waiting(conversation: str, subject: str) -> QuerySet[OutboundMessage]:
    return _rows(conversation, subject).filter(status=Status.QUEUED)


def _queued(keys: list[int]) -> QuerySet[OutboundMessage]:
    return OutboundMessage.objects.filter(pk__in=keys, status=Status.QUEUED)


def _some(rows: QuerySet[OutboundMessage], most: int) -> list[int]:
    # Nobody waits here for a row that a claim holds: it is under way, and looked at again.
    return list(
        rows.order_by("id").select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:most]
    )

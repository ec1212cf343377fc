"""Keeping a subject's texts out of their lanes: at once for claims, and then row by row so that no lane looks at them.

A campaign has more rows than one statement may change while others wait for the database. So the subject is withheld
first, which every claim reads, and its rows are marked or cancelled a few thousand at a time.
"""

from django.db import transaction
from django.db.models import QuerySet

from messaging import clock, wakeups
from messaging.models import OutboundMessage, Priority, Status, Withheld
from messaging.outbound.outbox.moves import move

# Few enough to be done in a fraction of a second, which is what everybody else waits for SQLite.
AT_ONCE = 2_000


def withhold(conversation: str, subject: str) -> None:
    """Have nothing of a subject claimed any more, from the commit on. What was claimed before still goes out."""
    Withheld.objects.get_or_create(conversation=conversation, subject=subject, defaults={"since": clock.now()})


@transaction.atomic
def withhold_some(conversation: str, subject: str, most: int = AT_ONCE) -> bool:
    """Take the next texts of a withheld subject out of their lanes. Returns whether this must be done again.

    It must while texts are left, and while one is under way: it may come back to its lane.
    """
    rows = _queued(conversation, subject).filter(withheld=False)
    taken = OutboundMessage.objects.filter(pk__in=_some(rows, most), status=Status.QUEUED).update(withheld=True)
    return taken == most or _in_flight(conversation, subject) or rows.exists()


@transaction.atomic
def cancel_some(conversation: str, subject: str, most: int = AT_ONCE) -> bool:
    """Cancel the next texts of a withheld subject. Returns whether this must be done again, as withhold_some."""
    rows = _queued(conversation, subject)
    taken = move(
        OutboundMessage.objects.filter(pk__in=_some(rows, most)),
        [Status.QUEUED],
        Status.CANCELLED,
        clock.now(),
        withheld=False,
    )
    if taken:
        wakeups.wake("outcomes")
    return taken == most or _in_flight(conversation, subject) or rows.exists()


@transaction.atomic
def let_go_some(conversation: str, subject: str, most: int = AT_ONCE) -> bool:
    """Bring the next texts of a subject back to their lanes, oldest first. Returns whether more are left.

    From the first call on the subject is withheld no longer.
    """
    Withheld.objects.filter(conversation=conversation, subject=subject).delete()
    rows = _queued(conversation, subject).filter(withheld=True)
    back = OutboundMessage.objects.filter(pk__in=_some(rows, most), status=Status.QUEUED).update(withheld=False)
    if back:
        wakeups.wake("lanes")
    return back == most


def forget_withheld(conversation: str, subject: str) -> None:
    """Note that nothing of a subject is left that could be claimed."""
    Withheld.objects.filter(conversation=conversation, subject=subject).delete()


def _queued(conversation: str, subject: str) -> QuerySet[OutboundMessage]:
    # Replies to the texts of a subject belong to it as well; they are answers, and go out.
    return OutboundMessage.objects.filter(
        conversation=conversation, subject=subject, status=Status.QUEUED, priority=Priority.CAMPAIGN
    )


def _some(rows: QuerySet[OutboundMessage], most: int) -> list[int]:
    # Nobody waits here for a row that a claim holds: it is under way, and looked at again.
    return list(
        rows.order_by("id").select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:most]
    )


def _in_flight(conversation: str, subject: str) -> bool:
    return OutboundMessage.objects.filter(
        conversation=conversation, subject=subject, priority=Priority.CAMPAIGN, status=Status.SENDING
    ).exists()

"""Leases: one number is drained by one worker at a time, wherever it runs.

A lease is a few seconds in the lane's row, renewed by every claim. A worker that dies or is cut off stops renewing, and
another takes the lane; the first cannot claim any more, because each claim renews the lease in the same transaction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum

from messaging.compiled import Compiled
from messaging.models import Lane, OriginationIdentity, OutboundMessage
from messaging.outbound.withheld import claimable

LEASE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Work:
    """A lane with texts due, or due within moments; ``held`` when staff read on it why nothing was sent."""

    identity: str
    mps: int
    held: bool = False


def lanes_with_work(owner: str, now: datetime, within: timedelta = timedelta(0)) -> list[Work]:
    """The lanes that have texts due and that this owner drains or could take."""
    return [
        Work(identity, mps, held_at is not None)
        for identity, mps, held_at in _WITH_WORK.rows(owner=owner, now=now, due_by=now + within)
    ]


def _with_work(owner: str, now: datetime, due_by: datetime) -> QuerySet[OriginationIdentity, Any]:
    free = (
        Q(lane__isnull=True)
        | Q(lane__lease_owner=owner)
        | Q(lane__lease_expires_at__isnull=True)
        | Q(lane__lease_expires_at__lte=now)
    )
    waiting = claimable(OuterRef("identity"), due_by)
    rows = OriginationIdentity.objects.filter(free, Exists(waiting), active=True, lane__paused_at__isnull=True)
    return rows.values_list("identity", "mps", "lane__held_at")


_WITH_WORK = Compiled(_with_work, owner=str, now=datetime, due_by=datetime)


def work_waits(now: datetime) -> bool:
    """Whether any lane that may send has texts due."""
    waiting = claimable(OuterRef("identity"), now)
    return OriginationIdentity.objects.filter(Exists(waiting), active=True, lane__paused_at__isnull=True).exists()


def of_others(owner: str, now: datetime) -> set[str]:
    """The lanes that others drain."""
    rows = Lane.objects.filter(lease_expires_at__gt=now).exclude(lease_owner=owner)
    return set(rows.values_list("origination_identity__identity", flat=True))


def take(identity: str, owner: str, now: datetime) -> bool:
    """Take or keep a lane. Returns whether it is the owner's now."""
    number = OriginationIdentity.objects.filter(identity=identity).first()
    if number is None:
        return False
    Lane.objects.get_or_create(origination_identity=number)
    free = Q(lease_owner=owner) | Q(lease_expires_at__isnull=True) | Q(lease_expires_at__lte=now)
    return bool(
        Lane.objects.filter(free, origination_identity=number, paused_at__isnull=True).update(
            lease_owner=owner, lease_expires_at=now + LEASE
        )
    )


def give_back(identity: str, owner: str) -> None:
    """Let go of a lane, so that another worker need not wait for the lease to run out."""
    # No join: what stands in a subquery is not asked again when the row changes while this waits for it.
    number = OriginationIdentity.objects.filter(identity=identity)
    Lane.objects.filter(origination_identity__in=number, lease_owner=owner).update(
        lease_owner="", lease_expires_at=None
    )


def parts_started_since(identity: str, since: datetime) -> int:
    """Message parts whose call began after a time: what a worker that takes over a lane must count as sent."""
    return (
        OutboundMessage.objects.filter(origination_identity=identity, attempted_at__gt=since).aggregate(
            parts=Sum(F("parts"))
        )["parts"]
        or 0
    )

"""Taking the next texts of one number. Claim and commit come first, the call after: a crash leaves evidence."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from messaging import silence, wakeups
from messaging.compiled import LIMIT, Compiled, CompiledUpdate
from messaging.lookups import OneOf
from messaging.models import Lane, OriginationIdentity, OutboundMessage, Status
from messaging.outbound import guards, retry
from messaging.outbound.outbox.moves import compiled_move, forbid, move
from messaging.outbound.withheld import claimable

CLAIM_AHEAD = timedelta(seconds=0.25)
# AWS: one message per second to one recipient, whatever number it comes from. The call begins up to CLAIM_AHEAD after
# the claim, so two claims must be a second and that much apart; and a call may arrive late: it has done so when it is
# answered at the latest.
_RECIPIENT_REST = timedelta(seconds=1.04)
_CALL_MAY_LAST = timedelta(seconds=4)
_CLAIM_LOCK = 7_214_001
# Some of those looked at are expired, forbidden or for one recipient. If it is more, the next claim finds them no more.
_SOME_MORE = 8
# What claiming, guards, call and record read: half a text's columns, and half the time to load them.
_NEEDED = (
    "destination_phone_number",
    "origination_identity",
    "body",
    "message_type",
    "parts",
    "passes_guards",
    "priority",
    "reports_outcome",
    "trace",
    "caused_at",
    "queued_at",
    "status",
    "attempts",
    "attempted_at",
    "expires_at",
)


class LeaseLost(Exception):
    """Somebody else drains this lane now, or it is paused: claim nothing more."""


@transaction.atomic
def claim(
    identity: str,
    *,
    owner: str,
    lease: timedelta,
    most_rows: int,
    most_parts: int,
    most_parts_of_first: int,
    now: datetime,
) -> list[OutboundMessage]:
    """Take the next texts of a number, alerts first, as ``sending``. The caller must call the carrier with each.

    Texts past their time to live expire here, texts that a guard forbids are suppressed here: the last moment at which
    either can be known. The caller sees to it that what it claims starts within CLAIM_AHEAD; a first text that has more
    parts than ``most_parts_of_first`` therefore waits, and nothing overtakes it.

    Raises:
        LeaseLost: the lane is no longer the caller's.
        messaging.outbound.guards.CannotTell: a guard could not be asked; nothing is claimed then.
    """
    silence.ends_the_transaction()
    if not _KEEP.run(identity=identity, owner=owner, now=now, until=now + lease):
        raise LeaseLost(identity)
    _one_claim_at_a_time()
    candidates = _candidates(identity, most_rows + _SOME_MORE, now)
    candidates = _drop_expired(candidates, now)
    candidates = _drop_forbidden(candidates, now)
    taken = _take(candidates, most_rows, most_parts, most_parts_of_first)
    if taken:
        _SEND.run(keys=[message.pk for message in taken], at=now)
    for message in taken:
        message.status, message.attempted_at = Status.SENDING, now
        message.attempts += 1
    return taken


def _one_claim_at_a_time() -> None:
    # Two numbers may both have a text for one recipient. Neither sees the other's claim before it is committed, so on
    # PostgreSQL claims of all numbers wait for each other (a few milliseconds); SQLite has one writer anyway.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CLAIM_LOCK])


def _candidates(identity: str, most: int, now: datetime) -> list[OutboundMessage]:
    return list(
        _CANDIDATES.objects(
            identity=identity,
            due_by=now,
            attempted_after=now - _RECIPIENT_REST - CLAIM_AHEAD,
            sent_after=now - _RECIPIENT_REST,
            under_way_since=now - _CALL_MAY_LAST,
            # For the index. Whatever is older has been answered, or never will be.
            alive_since=now - retry.CLAIM_IS_DEAD_AFTER,
            most=most,
        )
    )


def _waiting(
    identity: str,
    due_by: datetime,
    attempted_after: datetime,
    sent_after: datetime,
    under_way_since: datetime,
    alive_since: datetime,
    most: int,
) -> QuerySet[OutboundMessage]:
    written_to = Q(attempted_at__gt=attempted_after) | Q(sent_at__gt=sent_after)
    under_way = Q(status=Status.SENDING, attempted_at__gt=under_way_since)
    resting = OutboundMessage.objects.filter(
        written_to | under_way,
        destination_phone_number=OuterRef("destination_phone_number"),
        attempted_at__gt=alive_since,
    )
    waiting = claimable(identity, due_by).filter(~Exists(resting)).only(*_NEEDED).order_by("priority", "id")
    return waiting.select_for_update(skip_locked=True, of=("self",))[:most]


_CANDIDATES = Compiled(
    _waiting,
    identity=str,
    due_by=datetime,
    attempted_after=datetime,
    sent_after=datetime,
    under_way_since=datetime,
    alive_since=datetime,
    most=LIMIT,
)
_KEEP = CompiledUpdate(
    # No join: what stands in a subquery is not asked again when the row changes while this waits for it, and somebody
    # else may take or pause the lane in that moment.
    lambda identity, owner, now, until: Lane.objects.filter(
        origination_identity__in=OriginationIdentity.objects.filter(identity=identity, active=True),
        paused_at__isnull=True,
        lease_owner=owner,
        lease_expires_at__gt=now,
    ),
    lambda identity, owner, now, until: {"lease_expires_at": until},
    identity=str,
    owner=str,
    now=datetime,
    until=datetime,
)
_SEND = compiled_move(
    lambda keys, at: OutboundMessage.objects.filter(OneOf("pk", keys)),
    [Status.QUEUED],
    Status.SENDING,
    lambda keys, at: {"attempts": F("attempts") + 1, "attempted_at": at},
    keys=list,
)


def _drop_expired(candidates: Sequence[OutboundMessage], now: datetime) -> list[OutboundMessage]:
    expired = [message.pk for message in candidates if message.expires_at and message.expires_at <= now]
    if expired:
        move(OutboundMessage.objects.filter(pk__in=expired), [Status.QUEUED], Status.EXPIRED, now)
        wakeups.wake("outcomes")
    return [message for message in candidates if message.pk not in expired]


def _drop_forbidden(candidates: Sequence[OutboundMessage], now: datetime) -> list[OutboundMessage]:
    reasons = guards.refused(candidates)
    # Whatever else waits for these people on this number is forbidden as well, however much it is.
    refused = {
        (message.destination_phone_number, message.origination_identity): reasons[message.pk]
        for message in candidates
        if message.pk in reasons
    }
    for (destination, identity), reason in refused.items():
        waiting = OutboundMessage.objects.filter(
            # What passes the guards is only refused where everything is: each of those by its own claim.
            Q(passes_guards=False) | Q(pk__in=list(reasons)),
            destination_phone_number=destination,
            origination_identity=identity,
            status=Status.QUEUED,
        )
        # Nobody waits here for a row that somebody else changes: what is skipped is refused at its own claim.
        free = waiting.select_for_update(skip_locked=True, of=("self",)).order_by().values("pk")
        forbid(OutboundMessage.objects.filter(pk__in=free), Status.QUEUED, reason, now)
    return [message for message in candidates if message.pk not in reasons]


def _take(
    candidates: Sequence[OutboundMessage], most_rows: int, most_parts: int, most_parts_of_first: int
) -> list[OutboundMessage]:
    taken: list[OutboundMessage] = []
    recipients: set[str] = set()
    parts = 0
    for message in candidates:
        if message.destination_phone_number in recipients:
            continue
        if not taken and message.parts > most_parts_of_first:
            break
        if taken and (len(taken) >= most_rows or parts + message.parts > most_parts):
            break
        taken.append(message)
        recipients.add(message.destination_phone_number)
        parts += message.parts
    return taken

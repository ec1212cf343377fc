"""Moves between the statuses of a text: which are legal, and the one place that makes them.

A move is a compare-and-set: it changes only rows that still stand where it starts from, so late news and lost races
change nothing, and a status never moves backwards.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import DateTimeField, F, QuerySet, Value
from django.db.models.functions import Coalesce

from messaging import counted, wakeups
from messaging.compiled import CompiledUpdate
from messaging.events import texts
from messaging.lookups import OneOf
from messaging.models import OutboundMessage, Status

# from → to. "sending → queued" is a refusal that may be tried again; "unknown → queued" sends again, at least once.
LEGAL: dict[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset(
        {Status.SENDING, Status.SUPPRESSED, Status.EXPIRED, Status.CANCELLED, Status.SENT, Status.DELIVERED}
        | {Status.FAILED}
    ),
    Status.SENDING: frozenset(
        {Status.SENT, Status.DELIVERED, Status.FAILED, Status.UNKNOWN, Status.QUEUED, Status.SUPPRESSED}
    ),
    Status.UNKNOWN: frozenset({Status.SENT, Status.DELIVERED, Status.FAILED, Status.QUEUED}),
    Status.SENT: frozenset({Status.DELIVERED, Status.FAILED}),
    Status.DELIVERED: frozenset(),
    Status.FAILED: frozenset(),
    Status.SUPPRESSED: frozenset(),
    Status.EXPIRED: frozenset(),
    Status.CANCELLED: frozenset(),
}

# Statuses a conversation that asked for it is told of.
REPORTED = frozenset(
    {Status.SENT, Status.DELIVERED, Status.FAILED, Status.SUPPRESSED, Status.EXPIRED, Status.CANCELLED, Status.UNKNOWN}
)
_STAMPS = {
    Status.SENT: ("sent_at",),
    Status.DELIVERED: ("sent_at", "delivered_at"),
    Status.FAILED: ("ended_at",),
    Status.SUPPRESSED: ("ended_at",),
    Status.EXPIRED: ("ended_at",),
    Status.CANCELLED: ("ended_at",),
    Status.UNKNOWN: ("unknown_at",),
}

# One statement for a whole batch: an UPDATE by the ORM for each text would cost more than the call to AWS leaves.
_SENT = (
    "UPDATE {table} SET status = 'sent', carrier_message_id = %s, sent_at = COALESCE(sent_at, %s),"
    " error_code = '', error_reason = '', outcome_pending = reports_outcome"
    # Queued: found in doubt and put up again before this answer could be written down.
    " WHERE id = %s AND attempts = %s AND status IN ('sending', 'unknown', 'queued')"
)


class IllegalMove(ValueError):
    """A text was asked to go where it cannot go from where it may stand."""


def move(rows: QuerySet[OutboundMessage], sources: Iterable[Status], to: Status, at: datetime, **fields: Any) -> int:
    """Move those of the rows that stand in one of the sources. Returns how many did.

    Other systems hear of it, if any wants to.

    Raises:
        IllegalMove: a source from which ``to`` cannot be reached.
    """
    sources = _legal(sources, to)
    standing = rows.filter(status__in=sources)
    if texts.wanted(to):
        moved = _move_and_tell(standing, to, at, fields)
    else:
        moved = standing.update(**_changes(to, at, fields))
    counted.TEXTS.add_on_commit(to, times=moved)
    return moved


@transaction.atomic
def _move_and_tell(standing: QuerySet[OutboundMessage], to: Status, at: datetime, fields: Mapping[str, Any]) -> int:
    """The same, and other systems hear of it. Locked first, in one order: what is told of is what is moved."""
    keys = list(standing.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    moved = OutboundMessage.objects.filter(OneOf("pk", keys)).update(**_changes(to, at, fields))
    texts.moved(to, keys, at)
    return moved


def compiled_move(
    rows: Callable[..., QuerySet[OutboundMessage]],
    sources: Iterable[Status],
    to: Status,
    fields: Callable[..., Mapping[str, Any]],
    **kinds: type,
) -> CompiledUpdate:
    """A move that is put into SQL once. Its ``run`` takes ``at``, the moment, beside the values of these kinds.

    Raises:
        IllegalMove: a source from which ``to`` cannot be reached.
    """
    sources = _legal(sources, to)
    return CompiledUpdate(
        lambda at, **values: rows(at=at, **values).filter(status__in=sources),
        lambda at, **values: _changes(to, at, fields(at=at, **values)),
        at=datetime,
        **kinds,
    )


def _legal(sources: Iterable[Status], to: Status) -> list[Status]:
    sources = list(sources)
    for source in sources:
        if to not in LEGAL[source]:
            raise IllegalMove(f"A text that is {source} cannot become {to}.")
    return sources


def _changes(to: Status, at: datetime, fields: Mapping[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {"status": to, **fields}
    for stamp in _STAMPS.get(to, ()):
        # The first time a status is reached is the one that counts.
        changes[stamp] = Coalesce(F(stamp), Value(at, output_field=DateTimeField()))
    if to in REPORTED:
        changes["outcome_pending"] = F("reports_outcome")
    return changes


def forbid(rows: QuerySet[OutboundMessage], source: Status, reason: str, at: datetime, **fields: Any) -> None:
    """Move texts that a guard forbids, with the reason it gives."""
    move(rows, [source], Status.SUPPRESSED, at, error_code="GUARD", error_reason=reason[:500], **fields)
    wakeups.wake("outcomes")


def move_to_sent(answers: Sequence[tuple[int, int, str]], at: datetime) -> None:
    """Record many (message id, attempt, carrier message id) at once: the hot path of sending.

    An answer counts for the attempt it belongs to and where nothing better is known: a delivery event may have come
    first.
    """
    update = _SENT.format(table=connection.ops.quote_name(OutboundMessage._meta.db_table))
    stamp = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        cursor.executemany(
            update, [(carrier_id, stamp, message_id, attempt) for message_id, attempt, carrier_id in answers]
        )
        moved = cursor.rowcount
    counted.TEXTS.add_on_commit(Status.SENT, times=moved)
    if texts.wanted(Status.SENT):
        texts.moved(Status.SENT, [message_id for message_id, _, _ in answers], at)

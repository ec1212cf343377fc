"""Rows that point to what does not exist. What the database guarantees by itself is not asked here."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Left, StrIndex, Substr

from messaging.audit.findings import RECENT, Check, Look, Severity, text
from messaging.audit.stuck import named_by
from messaging.models import DeliveryEvent, InboundMessage, OutboundMessage

_PREFIX, _REPLY = "inbound:", ":reply"
# Events without a text that are looked at one by one, the newest.
_MOST = 2_000


def replies(look: Look) -> QuerySet[OutboundMessage]:
    """Every automatic reply answers a text that is there. Index idempotency_key_like (SQLite reads the whole index).

    The reply and the routing of its text are one transaction.
    """
    of_key = Substr(OuterRef("idempotency_key"), len(_PREFIX) + 1)
    answered = InboundMessage.objects.filter(
        inbound_message_id=Left(of_key, StrIndex(of_key, Value(_REPLY)) - 1), routed_at__isnull=False
    )
    return OutboundMessage.objects.filter(
        ~Exists(answered), idempotency_key__startswith=_PREFIX, idempotency_key__contains=_REPLY
    )


def events(look: Look) -> QuerySet[DeliveryEvent]:
    """Tells of events of the last week that no text took. Index of the foreign key, which has its NULLs together.

    A text in doubt that was sent again has two ids at AWS; that news of the first one is nobody's is as it should be.
    """
    strays = DeliveryEvent.objects.filter(message__isnull=True, applied_at__isnull=False)
    recent = strays.filter(stored_at__gt=look.now - RECENT)
    named = {pk: own_id for pk, own_id in _named(recent) if own_id is not None}
    ours = set(OutboundMessage.objects.filter(pk__in=named.values(), attempts__gt=1).values_list("pk", flat=True))
    return recent.exclude(pk__in=[pk for pk, own_id in named.items() if own_id in ours])


def _named(rows: QuerySet[DeliveryEvent]) -> Iterable[tuple[int, int | None]]:
    newest = rows.order_by("-pk").values_list("pk", "payload")[:_MOST]
    return [(pk, named_by(payload)) for pk, payload in newest]


def _event(row: DeliveryEvent) -> str:
    return f"event {row.pk}"


CHECKS: Iterable[Check] = [
    Check(
        "messaging.orphan_reply",
        Severity.CRITICAL,
        replies,
        "Automatic replies were queued in answer to texts that are not there, or are not routed.",
        "Was the database restored from a backup, or written to by hand? Tell who maintains Textback.",
        text,
    ),
    Check(
        "messaging.event_without_text",
        Severity.WARNING,
        events,
        "AWS has told of texts that this database does not have, within the last seven days.",
        "Give each system an event destination and a topic of its own. If there is only this one, ask whether the "
        "database was restored from a backup.",
        _event,
    ),
]

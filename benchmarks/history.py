"""A database that has been in use for years: a million texts that went out, what came back, and news of them."""

from benchmarks import bulk
from benchmarks.stage import OURS
from messaging.models import DeliveryEvent, InboundMessage, OriginationIdentity, OutboundMessage
from messaging.models.outbound import Status

_TEXTS = 1_000_000
_INBOUND = 200_000
_EVENTS = 1_000_000
_PEOPLE = 100_000
_CAMPAIGNS = 200
_OTHER = "+14255550199"
# A year, evenly, ending well before any benchmark.
_BEGIN = "'2025-09-01 06:00:00'"
_SECONDS = 365 * 86_400
# Of a hundred texts each; what is left was delivered.
_SHARES = {Status.SENT: 4, Status.FAILED: 3, Status.SUPPRESSED: 2, Status.UNKNOWN: 1, Status.CANCELLED: 1}
_NEVER_LEFT = (Status.SUPPRESSED, Status.CANCELLED)


def fill(texts: int = _TEXTS, inbound: int = _INBOUND, events: int = _EVENTS) -> None:
    """Fill an empty database. The people are those whom the benchmarks text."""
    for identity in (OURS, _OTHER):
        OriginationIdentity.objects.create(
            identity=identity, kind="ten_dlc", iso_country_code="US", mps=100, is_default=identity == OURS
        )
    first = 0
    shares = {**_SHARES, Status.DELIVERED: 100 - sum(_SHARES.values())}
    for status, share in shares.items():
        count = texts * share // 100
        _outbound(status, count, first)
        first += count
    _texts_in(inbound)
    _events(events)
    bulk.analyze()


def _outbound(status: Status, count: int, first: int) -> None:
    """Texts of one status, to people, of campaigns and at times all over the year."""
    number = f"(s.n + {first})"
    at = _at(number, count + first)
    columns = {
        "idempotency_key": f"'history:' || {number}",
        "destination_phone_number": f"'+1206' || {bulk.digits(f'{number} %% {_PEOPLE}', 7)}",
        "subject": f"'history-' || ({number} / {max(1, _TEXTS // _CAMPAIGNS)})",
        # A tenth, and none of those whom benchmarks opt out of our number: people are texted from the one they know.
        "origination_identity": f"CASE WHEN {number} %% 10 = 7 THEN '{_OTHER}' ELSE '{OURS}' END",
        "due_at": at,
        "queued_at": at,
    }
    text = OutboundMessage(
        conversation="shifts",
        body="Two shifts were open. Reply with the shift codes, e.g. XYZ123. STOP to opt out.",
        message_type="PROMOTIONAL",
        priority=30,
        delivery_policy="at_most_once",
        encoding="GSM",
        parts=1,
        status=status,
        actor="history",
    )
    if status not in _NEVER_LEFT:
        text.attempts = 1
        columns["attempted_at"] = at
    if status in (Status.SENT, Status.DELIVERED, Status.FAILED):
        columns |= {"carrier_message_id": f"'carrier-' || {number}", "sent_at": at}
    if status is Status.DELIVERED:
        columns["delivered_at"] = at
    if status is Status.UNKNOWN:
        columns["unknown_at"] = at
    if status not in (Status.SENT, Status.UNKNOWN):
        columns["ended_at"] = at
    bulk.insert(text, count, **columns)


def _texts_in(count: int) -> None:
    at = _at("s.n", count)
    text = InboundMessage(
        destination_phone_number=OURS, body="XYZ123", outcome="shifts", conversation="shifts", message_keyword="KEYWORD"
    )
    bulk.insert(
        text,
        count,
        inbound_message_id="'history-' || s.n",
        sns_message_id="'history-sns-' || s.n",
        origination_phone_number=f"'+1206' || {bulk.digits(f's.n %% {_PEOPLE}', 7)}",
        subject=f"'history-' || (s.n %% {_CAMPAIGNS})",
        received_at=at,
        stored_at=at,
        routed_at=at,
        route_after=at,
    )


def _events(count: int) -> None:
    """News of the texts that left, over and over until there are so many."""
    left = "messaging_outboundmessage o WHERE o.carrier_message_id IS NOT NULL"
    made = 0
    while made < count:
        event = DeliveryEvent(event_type="TEXT_SUCCESSFUL" if made else "TEXT_DELIVERED", is_final=not made)
        event.description, event.payload = "Message has been accepted by phone", {"eventType": "TEXT_DELIVERED"}
        bulk.insert_from(
            event,
            f"{left} ORDER BY o.id LIMIT %s",
            [count - made],
            sns_message_id=f"'history-event-{made}-' || o.id",
            carrier_message_id="o.carrier_message_id",
            message_id="o.id",
            occurred_at="o.sent_at",
            stored_at="o.sent_at",
            applied_at="o.sent_at",
            apply_after="o.sent_at",
        )
        if DeliveryEvent.objects.count() == made:
            raise RuntimeError("No text has left: there can be no news of any.")
        made = DeliveryEvent.objects.count()


def _at(number: str, count: int) -> str:
    # Not in the order of the rows: a year's texts of one status are spread over the year.
    return bulk.moment(_BEGIN, f"(CAST({number} AS bigint) * 7919) %% {_SECONDS}")

"""The journal and the database become evidence."""

import base64
import hashlib
import hmac
import json
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

from messaging.simulator.storage import FILE, read
from tests.crash.database import Reader, Session, moment, moment_if
from tests.crash.evidence import (
    Accepted,
    Booking,
    Call,
    CallBack,
    Campaign,
    Event,
    Evidence,
    Handed,
    Inbound,
    Incident,
    Line,
    Post,
    Request,
    Row,
    Said,
    Shift,
    StoredEvent,
    Told,
)
from tests.crash.people import EMPLOYEE, OUR_NUMBER, Cast
from tests.crash.receiver import TYPES, Receiver
from tests.crash.receiver import read as read_posts

_ID, _ATTEMPT = "textback-message", "textback-attempt"
# What receivers are told to allow.
_SIGNED_WITHIN = 300.0


def gather(url: str, state: Path, cast: Cast, receiver: Receiver | None = None) -> Evidence:
    """Everything that the carrier, the database and a receiver of webhooks know, when nothing moves any more."""
    approved = frozenset(person.number for person in cast.people if person.kind == EMPLOYEE)
    with Reader(url).session() as session:
        return Evidence(
            mps=cast.mps,
            opened=tuple(opening.incident_id for opening in cast.openings),
            asked={campaign_id: approved for _, campaign_id in cast.campaigns},
            approved=approved,
            wanted=frozenset(TYPES if receiver else ()),
            in_writing_order=url.startswith("sqlite"),
            posts=_posts(receiver) if receiver else (),
            **_of_journal(state / FILE),
            **_of_database(session),
        )


def _of_journal(file: Path) -> dict[str, Any]:
    facts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for kind, record in read(file):
        facts[kind].append(record)
    answers: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for post in facts["post"]:
        answers[post["message_id"]].append((post["status"], post["written_at"]))
    handed, events = _notified(facts, answers)
    told = {record["message_id"]: record["written_at"] for record in facts["told"]}
    return {
        "requests": tuple(_request(record, told) for record in facts["request"]),
        "accepted": tuple(
            Accepted(
                record["message_id"],
                int(record["context"][_ID]),
                int(record["context"][_ATTEMPT]),
                record["destination"],
                record["origination"],
                record["body"],
                record["at"],
            )
            for record in facts["sent"]
        ),
        "handed": handed,
        "events": events,
        "calls": tuple(Call(record["client_token"], record["destination"]) for record in facts["call"]),
    }


def _notified(
    facts: dict[str, list[dict[str, Any]]], answers: dict[str, list[tuple[int, float]]]
) -> tuple[tuple[Handed, ...], tuple[Event, ...]]:
    published: dict[str, tuple[float, list[tuple[int, float]]]] = {}
    events = []
    for record in facts["notification"]:
        envelope = json.loads(record["body"])
        of_this = answers[record["message_id"]]
        if record["text_id"] is not None:
            said_at = datetime.fromisoformat(envelope["Timestamp"]).timestamp()
            published[record["text_id"]] = (said_at, [*published.get(record["text_id"], (0.0, []))[1], *of_this])
        elif record["event_of"] is not None:
            statuses = tuple(status for status, _ in of_this)
            event = Event(record["event_of"], record["kind"], record["message_id"], statuses, _taken_at(of_this))
            events.append(event)
    handed = []
    for record in facts["received"]:
        said, posts = published.get(record["inbound_id"], (None, []))
        statuses = tuple(status for status, _ in posts)
        text = (record["inbound_id"], record["from_number"], record["body"])
        handed.append(Handed(*text, said, statuses, _taken_at(posts)))
    return tuple(handed), tuple(events)


def _taken_at(posts: list[tuple[int, float]]) -> float | None:
    return min((at for status, at in posts if status == 200), default=None)


def _request(record: dict[str, Any], told: dict[str, float]) -> Request:
    parameters = record["parameters"]
    context = parameters.get("Context") or {}
    arrived = record["arrived_monotonic"]
    return Request(
        row=int(context.get(_ID, 0)),
        attempt=int(context.get(_ATTEMPT, 0)),
        destination=parameters["DestinationPhoneNumber"],
        body=parameters["MessageBody"],
        outcome=record["outcome"],
        message_id=record["message_id"],
        at=record["at"] - (record["at_monotonic"] - arrived),
        steady=arrived,
        answered=record["answered"],
        withheld=max(record["withheld_seconds"], told.get(record["message_id"], 0.0) - record["at"]),
    )


def _posts(receiver: Receiver) -> tuple[Post, ...]:
    return tuple(
        Post(
            record["headers"].get("webhook-id", ""),
            record["body"],
            _is_signed(receiver.secret, record),
            record["at"],
            record["answer"],
        )
        for record in read_posts(receiver.file)
    )


def _is_signed(secret: str, record: dict[str, Any]) -> bool:
    """As docs/webhooks.md tells receivers to verify it."""
    event_id, sent_at, signatures = (
        record["headers"].get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature")
    )
    if not sent_at.isdigit() or abs(record["at"] - int(sent_at)) > _SIGNED_WITHIN:
        return False
    signed = f"{event_id}.{sent_at}.{record['body']}".encode()
    digest = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}" in signatures.split()


def _of_database(session: Session) -> dict[str, Any]:
    return {
        "rows": tuple(_row(row) for row in session.table("messaging_outboundmessage")),
        "inbound": tuple(
            Inbound(
                row["id"],
                row["inbound_message_id"],
                row["origination_phone_number"],
                row["body"],
                row["outcome"],
                moment(row["stored_at"]),
                moment_if(row["routed_at"]),
            )
            for row in session.table("messaging_inboundmessage")
        ),
        "stored_events": tuple(
            StoredEvent(row["sns_message_id"], row["applied_at"] is not None)
            for row in session.table("messaging_deliveryevent")
        ),
        "incidents": _incidents(session),
        "told": _told(session),
        "ledger": tuple(
            Said(row["phone_number"], row["action"], row["key"], moment(row["occurred_at"]))
            for row in session.table("optout_consentevent")
        ),
        "consent": {
            row["phone_number"]: row["state"]
            for row in session.table("optout_consent")
            if row["origination_identity"] == OUR_NUMBER
        },
        "call_backs": tuple(
            CallBack(row["inbound_message_id"], row["status"], row["phone_number"], row["id"])
            for row in session.table("shifts_callback")
        ),
        **_shifts(session),
    }


def _row(row: dict[str, Any]) -> Row:
    return Row(
        id=row["id"],
        conversation=row["conversation"],
        subject=row["subject"],
        key=row["idempotency_key"],
        destination=row["destination_phone_number"],
        body=row["body"],
        parts=row["parts"],
        policy=row["delivery_policy"],
        status=row["status"],
        attempts=row["attempts"],
        doubts=row["doubts"],
        carrier_id=row["carrier_message_id"],
        error_code=row["error_code"],
        queued_at=moment(row["queued_at"]),
        passes_guards=bool(row["passes_guards"]),
        error_reason=row["error_reason"],
        attempted_at=moment_if(row["attempted_at"]),
    )


def _told(session: Session) -> tuple[Told, ...]:
    rows = session.rows(
        "SELECT e.id, e.event_id, e.type, e.subject, e.body, d.status, d.ended_at FROM messaging_webhookevent e"
        " LEFT JOIN messaging_webhookdelivery d ON d.event_id = e.id ORDER BY e.id"
    )
    return tuple(
        Told(
            row["id"],
            row["event_id"],
            row["type"],
            row["subject"],
            row["body"],
            row["status"] or "",
            moment_if(row["ended_at"]),
        )
        for row in rows
    )


def _incidents(session: Session) -> tuple[Incident, ...]:
    steps = {row["id"]: row for row in session.table("incidents_incidentstep")}
    contacts: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
    for row in session.table("incidents_incidentcontact"):
        step = steps[row["step_id"]]
        contacts[step["incident_id"]].append((step["position"], row["phone_number"], row["state"]))
    lines: dict[int, list[Line]] = defaultdict(list)
    for row in session.table("incidents_timelineentry"):
        lines[row["incident_id"]].append(Line(row["kind"], moment(row["at"]), row["phone_number"], row["message_id"]))
    waits: dict[int, dict[int, int]] = defaultdict(dict)
    for step in steps.values():
        waits[step["incident_id"]][step["position"]] = step["wait_seconds"]
    return tuple(
        Incident(
            row["incident_id"],
            row["status"],
            row["acknowledged_by"],
            bool(row["late"]),
            waits[row["id"]],
            tuple(sorted(contacts[row["id"]])),
            tuple(lines[row["id"]]),
        )
        for row in session.table("incidents_incident")
    )


def _shifts(session: Session) -> dict[str, Any]:
    bookings = session.rows(
        "SELECT s.shift_id, c.phone_number, b.booked_at, b.dropped_at FROM shifts_booking b"
        " JOIN shifts_shift s ON s.id = b.shift_id JOIN shifts_employee e ON e.id = b.employee_id"
        " JOIN messaging_contact c ON c.id = e.contact_id ORDER BY b.id"
    )
    return {
        "bookings": tuple(
            Booking(row["shift_id"], row["phone_number"], moment(row["booked_at"]), moment_if(row["dropped_at"]))
            for row in bookings
        ),
        "shifts": tuple(Shift(row["shift_id"], row["places"], row["booked"]) for row in session.table("shifts_shift")),
        "campaigns": tuple(Campaign(row["campaign_id"], row["status"]) for row in session.table("shifts_campaign")),
    }

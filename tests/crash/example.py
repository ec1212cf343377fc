"""The evidence of a small round in which every promise was kept: what the tests of the judge spoil, one way each."""

import json

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
    Kill,
    Line,
    Post,
    Request,
    Row,
    Said,
    Shift,
    StoredEvent,
    Told,
)

OURS = "+14255550100"
ANN, BOB, CARLA, DAN, EVA = "+14255560001", "+14255560002", "+14255560003", "+14255560004", "+14255560005"
OFFER, DOUBTED, ALERT, REMINDER, TO_CARLA, BOOKED, FULL, STOPPED, LATE, CALLED = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
TO_EVA, AFTER_EVA, CRASHED = 11, 12, 13


def row(key: str, pk: int, to: str, body: str, **more: object) -> Row:
    known: dict[str, object] = {
        "conversation": "shifts", "subject": "OFFER-1", "parts": 1, "policy": "at_least_once", "status": "delivered",
        "attempts": 1, "doubts": 0, "carrier_id": f"mid-{pk}", "error_code": "", "queued_at": 100.0 + pk,
        "attempted_at": 100.5 + pk,
    }  # fmt: skip
    return Row(id=pk, key=key, destination=to, body=body, **{**known, **more})  # type: ignore[arg-type]


def accepted(pk: int, to: str, body: str, at: float, attempt: int = 1, message_id: str = "") -> Accepted:
    return Accepted(message_id or f"mid-{pk}", pk, attempt, to, OURS, body, at)


def request(of: Accepted, answered: bool = True) -> Request:
    return Request(of.row, of.attempt, of.destination, of.body, "accepted", of.message_id, of.at, of.at, answered)


def handed(inbound_id: str, sender: str, body: str, at: float) -> Handed:
    return Handed(inbound_id, sender, body, at, (0, 200), at + 0.5)


def inbound(pk: int, text: Handed, outcome: str) -> Inbound:
    assert text.said_at is not None
    return Inbound(pk, text.inbound_id, text.sender, text.body, outcome, text.said_at + 0.4, text.said_at + 0.6)


def of_incident(
    key: str, pk: int, to: str, body: str, queued_at: float, incident_id: str = "CRASH-1", **more: object
) -> Row:
    more = {"conversation": "incidents", "subject": incident_id, "queued_at": queued_at, **more}
    return row(f"incident:{incident_id}:{key}", pk, to, body, **more)


BOOKS = handed("in-1", ANN, "WARD1", 120.0)
TOO_LATE = handed("in-2", BOB, "WARD1", 121.0)
STOPS = handed("in-3", DAN, "STOP", 130.0)
YES = handed("in-4", CARLA, "YES CRASH-1", 112.0)
AGENT = handed("in-5", BOB, "AGENT", 140.0)
YES_TOO = handed("in-6", CARLA, "YES CRASH-2", 303.0)
TEXTS = (BOOKS, TOO_LATE, STOPS, YES, AGENT, YES_TOO)
GONE_OUT = (
    accepted(OFFER, ANN, "offer", 101.0),
    accepted(DOUBTED, BOB, "offer", 102.0),
    accepted(ALERT, BOB, "alert", 103.5),
    accepted(REMINDER, BOB, "reminder", 107.0),
    accepted(TO_CARLA, CARLA, "alert", 110.5),
    accepted(BOOKED, ANN, "Request summary - Shift booked: WARD1", 121.0),
    accepted(FULL, BOB, "Request summary - Shift not available: WARD1", 122.0),
    accepted(STOPPED, DAN, "YOU HAVE BEEN UNSUBSCRIBED. IF", 131.0),
    accepted(LATE, ANN, "thanks", 150.0, 1, "mid-lost"),
    accepted(LATE, ANN, "thanks", 212.0, 2),
    accepted(CALLED, BOB, "We are calling you now.", 145.0),
    accepted(TO_EVA, EVA, "alert", 300.3),
    accepted(AFTER_EVA, CARLA, "alert", 301.6),
    accepted(CRASHED, CARLA, "offer", 104.6),
)
GONE = {"error_code": "TEXT_UNREACHABLE", "error_reason": "The phone cannot be reached."}
ROWS = (
    row(f"campaign:1:{ANN}", OFFER, ANN, "offer", policy="at_most_once"),
    row(f"campaign:1:{BOB}", DOUBTED, BOB, "offer", policy="at_most_once", status="unknown", doubts=1, carrier_id=None),
    of_incident(f"1:first:{BOB}", ALERT, BOB, "alert", 103.0),
    of_incident(f"1:reminder1:{BOB}", REMINDER, BOB, "reminder", 106.6),
    of_incident(f"2:first:{CARLA}", TO_CARLA, CARLA, "alert", 110.2),
    row("inbound:in-1:reply0", BOOKED, ANN, "Request summary - Shift booked: WARD1"),
    row("inbound:in-2:reply0", FULL, BOB, "Request summary - Shift not available: WARD1"),
    row("inbound:in-3:reply0", STOPPED, DAN, "YOU HAVE BEEN UNSUBSCRIBED. IF", passes_guards=True),
    row("notice:1", LATE, ANN, "thanks", attempts=2, doubts=1),
    row("callback:1:called", CALLED, BOB, "We are calling you now."),
    of_incident(f"1:first:{EVA}", TO_EVA, EVA, "alert", 300.0, "CRASH-2", status="failed", **GONE),
    of_incident(f"2:first:{CARLA}", AFTER_EVA, CARLA, "alert", 301.25, "CRASH-2"),
    row(
        f"campaign:1:{CARLA}",
        CRASHED,
        CARLA,
        "offer",
        policy="at_most_once",
        status="unknown",
        doubts=1,
        carrier_id=None,
    ),
)
INCIDENT = Incident(
    "CRASH-1",
    "acknowledged",
    CARLA,
    False,
    {1: 3, 2: 3},
    ((1, BOB, "notified"), (2, CARLA, "acknowledged")),
    (
        Line("opened", 103.0),
        Line("alert", 103.0, BOB, ALERT),
        Line("reminder", 106.6, BOB, REMINDER),
        Line("escalated", 110.2, CARLA),
        Line("alert", 110.2, CARLA, TO_CARLA),
        Line("reply", 112.4, CARLA),
        Line("acknowledged", 112.6, CARLA),
    ),
)
# Nobody waits for somebody whom no text reaches.
MOVED = Incident(
    "CRASH-2",
    "acknowledged",
    CARLA,
    False,
    {1: 60, 2: 3},
    ((1, EVA, "failed"), (2, CARLA, "acknowledged")),
    (
        Line("opened", 300.0),
        Line("alert", 300.0, EVA, TO_EVA),
        Line("unreachable", 301.2, EVA),
        Line("escalated", 301.2),
        Line("alert", 301.2, CARLA, AFTER_EVA),
        Line("reply", 303.2, CARLA),
        Line("acknowledged", 303.4, CARLA),
    ),
)
EVENTS = tuple(
    Event(
        text.message_id,
        "TEXT_UNREACHABLE" if text.row == TO_EVA else "TEXT_DELIVERED",
        f"sns-{text.message_id}",
        (200,),
        text.at + 0.5,
    )
    for text in GONE_OUT
    if text.row not in (DOUBTED, CRASHED) and text.message_id != "mid-lost"
)


OF_INCIDENTS = ("opened", "escalated", "acknowledged", "unacknowledged")
WANTED = (
    "message.delivered",
    "message.failed",
    "shift.booked",
    "shift.released",
    *(f"incident.{kind}" for kind in OF_INCIDENTS),
)
HAPPENED = (
    *((f"message.{one.status}", f"message {one.id}") for one in ROWS if one.status in ("delivered", "failed")),
    *(
        (f"incident.{line.kind}", incident.incident_id)
        for incident in (INCIDENT, MOVED)
        for line in incident.timeline
        if line.kind in OF_INCIDENTS
    ),
    ("shift.booked", "WARD1"),
)
TOLD = tuple(
    Told(n, f"evt_{n}", what, subject, json.dumps({"id": f"evt_{n}", "type": what}), "delivered", 500.5 + n)
    for n, (what, subject) in enumerate(HAPPENED, 1)
)


def post(event: Told, at: float, answer: int | None = 204) -> Post:
    return Post(event.event_id, event.body, True, at, answer)


POSTS = (
    # The second was refused at first, the third was taken twice: whoever told of it died when it had done so.
    post(TOLD[1], 501.7, 500),
    post(TOLD[2], 502.7),
    *(post(event, 500.0 + event.id) for event in TOLD),
)


def kept() -> Evidence:
    """Nothing is wrong with this."""
    return Evidence(
        mps=10,
        kills=(Kill("sender", 104.7, 104.7), Kill("serve", 400.0, 400.0, 2.0)),
        gave_up=(402.5,),
        requests=tuple(request(text, answered=text.message_id not in ("mid-2", "mid-lost")) for text in GONE_OUT),
        accepted=GONE_OUT,
        handed=TEXTS,
        events=EVENTS,
        calls=(Call("in-5", BOB),),
        rows=ROWS,
        inbound=tuple(
            inbound(pk, text, outcome)
            for pk, (text, outcome) in enumerate(
                zip(TEXTS, ("shifts", "shifts", "consent", "incidents", "shifts", "incidents"), strict=True), 1
            )
        ),
        stored_events=tuple(StoredEvent(event.sns_message_id, True) for event in EVENTS),
        incidents=(INCIDENT, MOVED),
        opened=("CRASH-1", "CRASH-2"),
        asked={"OFFER-1": frozenset({ANN, BOB, CARLA})},
        approved=frozenset({ANN, BOB, CARLA, DAN, EVA}),
        bookings=(Booking("WARD1", ANN, 120.5, None),),
        shifts=(Shift("WARD1", 1, 1), Shift("WARD2", 2, 0)),
        ledger=(Said(DAN, "opt_out", "inbound:in-3", 130.0),),
        consent={DAN: "opted_out"},
        campaigns=(Campaign("OFFER-1", "sent"),),
        call_backs=(CallBack("in-5", "called", BOB, 1),),
        wanted=frozenset(WANTED),
        in_writing_order=True,
        told=TOLD,
        posts=POSTS,
    )

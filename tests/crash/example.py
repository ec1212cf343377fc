"""The evidence of a small round in which every promise was kept: what the tests of the judge spoil, one way each."""

from tests.crash.evidence import (
    Accepted,
    Booking,
    CallBack,
    Campaign,
    Event,
    Evidence,
    Handed,
    Inbound,
    Incident,
    Line,
    Request,
    Row,
    Said,
    Shift,
    StoredEvent,
)

OURS = "+14255550100"
ANN, BOB, CARLA, DAN = "+14255560001", "+14255560002", "+14255560003", "+14255560004"
OFFER, DOUBTED, ALERT, REMINDER, TO_BOB, BOOKED, FULL, STOPPED, LATE = 1, 2, 3, 4, 5, 6, 7, 8, 9


def row(key: str, pk: int, to: str, body: str, **more: object) -> Row:
    known: dict[str, object] = {
        "conversation": "shifts", "subject": "OFFER-1", "parts": 1, "policy": "at_least_once", "status": "delivered",
        "attempts": 1, "doubts": 0, "carrier_id": f"mid-{pk}", "error_code": "", "queued_at": 100.0 + pk,
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


def of_incident(key: str, pk: int, to: str, body: str, queued_at: float) -> Row:
    more = {"conversation": "incidents", "subject": "CRASH-1", "queued_at": queued_at}
    return row(f"incident:CRASH-1:{key}", pk, to, body, **more)


BOOKS = handed("in-1", ANN, "WARD1", 120.0)
TOO_LATE = handed("in-2", BOB, "WARD1", 121.0)
STOPS = handed("in-3", DAN, "STOP", 130.0)
YES = handed("in-4", CARLA, "YES CRASH-1", 112.0)
AGENT = handed("in-5", BOB, "AGENT", 140.0)
TEXTS = (BOOKS, TOO_LATE, STOPS, YES, AGENT)
GONE_OUT = (
    accepted(OFFER, ANN, "offer", 101.0),
    accepted(DOUBTED, BOB, "offer", 102.0),
    accepted(ALERT, BOB, "alert", 103.5),
    accepted(REMINDER, BOB, "reminder", 107.0),
    accepted(TO_BOB, CARLA, "alert", 110.5),
    accepted(BOOKED, ANN, "Request summary - Shift booked: WARD1", 121.0),
    accepted(FULL, BOB, "Request summary - Shift not available: WARD1", 122.0),
    accepted(STOPPED, DAN, "YOU HAVE BEEN UNSUBSCRIBED. IF", 131.0),
    accepted(LATE, ANN, "thanks", 150.0, 1, "mid-lost"),
    accepted(LATE, ANN, "thanks", 212.0, 2),
)
ROWS = (
    row(f"campaign:1:{ANN}", OFFER, ANN, "offer", policy="at_most_once"),
    row(f"campaign:1:{BOB}", DOUBTED, BOB, "offer", policy="at_most_once", status="unknown", doubts=1, carrier_id=None),
    of_incident(f"1:first:{BOB}", ALERT, BOB, "alert", 103.0),
    of_incident(f"1:reminder1:{BOB}", REMINDER, BOB, "reminder", 106.6),
    of_incident(f"2:first:{CARLA}", TO_BOB, CARLA, "alert", 110.2),
    row("inbound:in-1:reply0", BOOKED, ANN, "Request summary - Shift booked: WARD1"),
    row("inbound:in-2:reply0", FULL, BOB, "Request summary - Shift not available: WARD1"),
    row("inbound:in-3:reply0", STOPPED, DAN, "YOU HAVE BEEN UNSUBSCRIBED. IF", passes_guards=True),
    row("notice:1", LATE, ANN, "thanks", attempts=2, doubts=1),
)
INCIDENT = Incident(
    "CRASH-1",
    "acknowledged",
    CARLA,
    False,
    3,
    ((1, BOB, "notified"), (2, CARLA, "acknowledged")),
    (
        Line("opened", 103.0),
        Line("alert", 103.0, BOB, ALERT),
        Line("reminder", 106.6, BOB, REMINDER),
        Line("escalated", 110.2, CARLA),
        Line("alert", 110.2, CARLA, TO_BOB),
        Line("reply", 112.4, CARLA),
        Line("acknowledged", 112.6, CARLA),
    ),
)
EVENTS = tuple(
    Event(text.message_id, "TEXT_DELIVERED", f"sns-{text.message_id}", (200,))
    for text in GONE_OUT
    if text.row != DOUBTED and text.message_id != "mid-lost"
)


def kept() -> Evidence:
    """Nothing is wrong with this."""
    return Evidence(
        mps=10,
        kills=1,
        requests=tuple(request(text, answered=text.message_id not in ("mid-2", "mid-lost")) for text in GONE_OUT),
        accepted=GONE_OUT,
        handed=TEXTS,
        events=EVENTS,
        calls=("in-5",),
        rows=ROWS,
        inbound=tuple(
            inbound(pk, text, outcome)
            for pk, (text, outcome) in enumerate(
                zip(TEXTS, ("shifts", "shifts", "consent", "incidents", "shifts"), strict=True), 1
            )
        ),
        stored_events=tuple(StoredEvent(event.sns_message_id, True) for event in EVENTS),
        incidents=(INCIDENT,),
        opened=("CRASH-1",),
        bookings=(Booking("WARD1", ANN, 120.5, None),),
        shifts=(Shift("WARD1", 1, 1), Shift("WARD2", 2, 0)),
        ledger=(Said(DAN, "opt_out", "inbound:in-3", 130.0),),
        consent={DAN: "opted_out"},
        campaigns=(Campaign("OFFER-1", "sent", frozenset({ANN, BOB})),),
        call_backs=(CallBack("in-5", "called"),),
    )

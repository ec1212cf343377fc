"""Each promise, broken once: the judge finds it and calls it by its name."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.crash.evidence import (
    Booking,
    Call,
    CallBack,
    Campaign,
    Event,
    Evidence,
    Inbound,
    Kill,
    Line,
    Request,
    Said,
)
from tests.crash.evidence import Shift as ShiftRow
from tests.crash.example import (
    AFTER_EVA,
    ALERT,
    ANN,
    BOB,
    BOOKED,
    BOOKS,
    CALLED,
    CARLA,
    CRASHED,
    DAN,
    DOUBTED,
    EVA,
    FULL,
    INCIDENT,
    LATE,
    MOVED,
    OFFER,
    REMINDER,
    STOPS,
    TO_CARLA,
    TO_EVA,
    TOLD,
    accepted,
    handed,
    inbound,
    kept,
    post,
    request,
    row,
)
from tests.crash.judge import RULES, judge

Spoil = Callable[[Evidence], Evidence]


def of_row(pk: int, **fields: Any) -> Spoil:
    def spoil(evidence: Evidence) -> Evidence:
        return replace(evidence, rows=tuple(replace(one, **fields) if one.id == pk else one for one in evidence.rows))

    return spoil


def of_inbound(pk: int, **fields: Any) -> Spoil:
    def spoil(evidence: Evidence) -> Evidence:
        rows = tuple(replace(one, **fields) if one.id == pk else one for one in evidence.inbound)
        return replace(evidence, inbound=rows)

    return spoil


def of_incident(**fields: Any) -> Spoil:
    return lambda evidence: replace(evidence, incidents=(replace(INCIDENT, **fields), MOVED))


def of_handed(inbound_id: str, **fields: Any) -> Spoil:
    def spoil(evidence: Evidence) -> Evidence:
        texts = tuple(replace(one, **fields) if one.inbound_id == inbound_id else one for one in evidence.handed)
        return replace(evidence, handed=texts)

    return spoil


def more(**added: Any) -> Spoil:
    """Evidence with one more of something, or a mapping or figure replaced."""

    def spoil(evidence: Evidence) -> Evidence:
        fields: dict[str, Any] = {}
        for name, one in added.items():
            was = getattr(evidence, name)
            fields[name] = (*was, one) if isinstance(was, tuple) else one
        return replace(evidence, **fields)

    return spoil


def without(name: str, index: int) -> Spoil:
    def spoil(evidence: Evidence) -> Evidence:
        was = getattr(evidence, name)
        fields: dict[str, Any] = {name: (*was[:index], *was[index + 1 :])}
        return replace(evidence, **fields)

    return spoil


def again(pk: int, to: str, body: str, at: float = 400.0) -> Spoil:
    """A text accepted once more."""
    text = accepted(pk, to, body, at, 9, "again")
    return more(accepted=text, requests=request(text))


def timeline(*lines: Line) -> Spoil:
    return of_incident(timeline=(*INCIDENT.timeline, *lines))


def burst(evidence: Evidence) -> Evidence:
    one = Request(OFFER, 1, "", "hi", "ThrottlingException", None, 300.0, 300.0)
    calls = [replace(one, destination=f"+1425556{n:04}", steady=300 + n / 20) for n in range(11)]
    return replace(evidence, requests=(*evidence.requests, *calls))


def evenly(evidence: Evidence, apart: float, calls_in_all: int = 11) -> Evidence:
    """Calls one after the other; eleven are one more than a second allows."""
    one = Request(OFFER, 1, "", "hi", "ThrottlingException", None, 300.0, 500.0)
    calls = [replace(one, destination=f"+1425556{n:04}", steady=500 + n * apart) for n in range(calls_in_all)]
    return replace(evidence, requests=(*evidence.requests, *calls))


def of_request(message_id: str, withheld: float) -> Spoil:
    def spoil(evidence: Evidence) -> Evidence:
        calls = (replace(one, withheld=withheld) if one.message_id == message_id else one for one in evidence.requests)
        rows = tuple(one for one in evidence.rows if one.id != CRASHED)
        return replace(evidence, requests=tuple(calls), rows=rows, kills=evidence.kills[1:])

    return spoil


def crowd(evidence: Evidence, count: int) -> Evidence:
    """So many texts more in doubt at the moment of one kill, while there is another kill."""
    texts = [accepted(200 + n, f"+1425557{n:04}", "offer", 399.0) for n in range(count)]
    rows = [
        row(
            f"x{n}", text.row, text.destination, "offer", doubts=1, status="unknown", policy="at_most_once", subject="X"
        )
        for n, text in enumerate(texts)
    ]
    return replace(
        evidence,
        rows=(*evidence.rows, *rows),
        accepted=(*evidence.accepted, *texts),
        requests=(*evidence.requests, *(replace(request(one), steady=1000 + one.row) for one in texts)),
    )


def lost(pk: int, to: str, body: str, at: float) -> Spoil:
    """An earlier call of a text, which never reached the service."""
    return more(requests=Request(pk, 0, to, body, "lost", None, at, at, answered=False))


def moved(message_id: str, at: float, spoil: Spoil) -> Spoil:
    def to(evidence: Evidence) -> Evidence:
        evidence = spoil(evidence)
        calls = (replace(one, at=at, attempt=3) if one.message_id == message_id else one for one in evidence.requests)
        return replace(evidence, requests=tuple(calls))

    return to


def of_moved(kinds: tuple[str, ...]) -> Spoil:
    lines = tuple(line for line in MOVED.timeline if line.kind not in kinds)
    return lambda evidence: replace(evidence, incidents=(INCIDENT, replace(MOVED, timeline=lines)))


def without_after_eva(evidence: Evidence) -> Evidence:
    rows = tuple(one for one in evidence.rows if one.id != AFTER_EVA)
    ended = replace(MOVED, timeline=(*MOVED.timeline[:2], Line("acknowledged", 400.0)))
    return replace(evidence, rows=rows, incidents=(INCIDENT, ended))


def says(inbound_id: str, body: str, at: float, routed_at: float) -> Spoil:
    """One more consent text of Dan's, stored and in the ledger."""
    text = handed(inbound_id, DAN, body, at)
    action = "opt_out" if body == "STOP" else "opt_in"

    def spoil(evidence: Evidence) -> Evidence:
        stored = replace(inbound(90, text, "consent"), routed_at=routed_at)
        return more(handed=text, inbound=stored, ledger=Said(DAN, action, f"inbound:{inbound_id}", at))(evidence)

    return spoil


def of_told(index: int, **fields: Any) -> Spoil:
    """An event of the database, with its posts left as they are."""
    event = replace(TOLD[index], **fields)
    return lambda evidence: replace(evidence, told=(*evidence.told[:index], event, *evidence.told[index + 1 :]))


def of_posts(index: int, **fields: Any) -> Spoil:
    def spoil(evidence: Evidence) -> Evidence:
        event_id = TOLD[index].event_id
        posts = (replace(one, **fields) if one.event_id == event_id else one for one in evidence.posts)
        return replace(evidence, posts=tuple(posts))

    return spoil


# The offer to Ann, and the alert to Bob: events of two things, of which the one has no other.
FIRST, LATER = 0, 1
OPENED, ESCALATED = ([event.event_type for event in TOLD].index(f"incident.{kind}") for kind in ("opened", "escalated"))


def test_nothing_is_wrong_with_a_round_in_which_every_promise_was_kept() -> None:
    assert judge(kept()) == []


SENDING = Campaign("C", "sending")
GIVEN_UP = {"status": "failed", "error_code": "NO_ANSWER", "error_reason": "x"}
SPOILED: list[tuple[str, str, Spoil]] = [
    ("queued for ever", "at rest", of_row(ALERT, status="queued")),
    ("sending for ever", "at rest", of_row(ALERT, status="sending")),
    ("an alert in doubt for ever", "at rest", of_row(LATE, status="unknown")),
    ("a campaign text twice", "at most once", again(OFFER, ANN, "offer")),
    ("a doubted campaign text twice", "at most once", again(DOUBTED, BOB, "offer")),
    ("an alert twice without doubt", "once for each doubt", again(ALERT, BOB, "alert")),
    ("three times with one doubt", "once for each doubt", again(LATE, ANN, "thanks")),
    ("of a row that is not there", "known", again(99, ANN, "ghost")),
    ("with other words", "known", of_row(OFFER, body="another offer")),
    ("to another person", "known", of_row(OFFER, destination=CARLA)),
    ("accepted and called suppressed", "status of accepted", of_row(ALERT, status="suppressed", error_code="GUARD")),
    ("in doubt without a doubt", "status of accepted", of_row(DOUBTED, doubts=0)),
    ("sent by another id", "sent was accepted", of_row(OFFER, carrier_id="mid-else")),
    ("sent and never accepted", "sent was accepted", lambda e: without("accepted", 0)(without("events", 0)(e))),
    ("delivered, and the row says sent", "delivered is said", of_row(ALERT, status="sent")),
    ("delivered by nobody's word", "delivered has event", without("events", 0)),
    ("failed by nobody's word", "failed has reason", of_row(OFFER, status="failed", error_code="X", error_reason="x")),
    ("given up after one doubt", "failed has reason", of_row(DOUBTED, **GIVEN_UP)),
    ("doubts beyond a second's worth", "doubts have causes", of_row(OFFER, doubts=11)),
    ("suppressed for no reason", "suppressed has reason", more(rows=row("x", 77, ANN, "x", status="suppressed"))),
    ("a campaign that goes on for ever", "campaigns reach everybody", more(campaigns=SENDING)),
    ("somebody left out", "campaigns reach everybody", more(asked={"OFFER-1": frozenset({ANN, BOB, CARLA, DAN})})),
    ("two rows for one person", "campaigns reach everybody", of_row(DOUBTED, destination=ANN)),
    ("never answered 200", "taken", of_handed("in-2", answers=(500, 0, 503))),
    ("refused for good", "taken", of_handed("in-2", answers=(400, 200))),
    ("answered 200 and lost", "stored", without("inbound", 0)),
    ("stored twice", "stored", more(inbound=inbound(70, BOOKS, "shifts"))),
    ("stored with other words", "stored", of_inbound(1, body="WARD2")),
    ("stored and sent by nobody", "stored", more(inbound=Inbound(71, "ghost", ANN, "hi", "unmatched", 1.0, 2.0))),
    ("not routed", "routed", of_inbound(1, routed_at=None, outcome="")),
    ("answered twice", "answered once", more(rows=row("inbound:in-1:reply1", 72, ANN, "again", status="cancelled"))),
    ("answered to another", "answered once", of_row(BOOKED, destination=BOB)),
    ("an event lost", "events kept", without("stored_events", 0)),
    ("an event twice", "events kept", lambda e: more(stored_events=e.stored_events[0])(e)),
    ("an event never applied", "events kept", lambda e: replace(
        e, stored_events=tuple(replace(one, applied=False) for one in e.stored_events))),
    ("an event never taken", "events kept", more(events=Event("mid-1", "TEXT_DELIVERED", "sns-else", (503,)))),
    ("too many in a second", "pace of the number", burst),
    ("one person twice in a second", "pace of the recipient", again(LATE, ANN, "thanks", 101.3)),
    ("an incident open for ever", "ended", of_incident(status="not_acknowledged", acknowledged_by="")),
    ("an incident lost", "ended", lambda e: replace(e, incidents=())),
    ("opened twice", "consistent", timeline(Line("opened", 104.0))),
    ("acknowledged twice", "consistent", timeline(Line("acknowledged", 114.0, BOB))),
    ("acknowledged and gone", "consistent", of_incident(status="unacknowledged", acknowledged_by="")),
    ("given up without being so", "consistent", timeline(Line("unacknowledged", 114.0))),
    ("a step that failed", "consistent", timeline(Line("trouble", 114.0))),
    ("acknowledged by no contact", "consistent", of_incident(acknowledged_by=DAN)),
    ("a text twice on the timeline", "timeline", timeline(Line("alert", 104.0, BOB, ALERT))),
    ("a question not on the timeline", "timeline", of_incident(
        timeline=tuple(line for line in INCIDENT.timeline if line.message != TO_CARLA))),
    ("a text that is not there", "timeline", timeline(Line("alert", 104.0, BOB, 99))),
    ("with somebody who said nothing", "answered", of_incident(acknowledged_by=BOB)),
    ("a yes lost", "answered", of_incident(
        status="unacknowledged", acknowledged_by="", timeline=(Line("opened", 1.0), Line("unacknowledged", 2.0)))),
    ("a reminder before its time", "never early", of_row(REMINDER, queued_at=105.0)),
    ("a reminder long after its time", "never late", of_row(REMINDER, queued_at=200.0)),
    ("the second before the first", "in turn", of_row(TO_CARLA, queued_at=102.0)),
    ("more holders than places", "places", more(bookings=Booking("WARD1", BOB, 121.5, None))),
    ("a counter that is wrong", "places", more(shifts=ShiftRow("WARD3", 2, 1))),
    ("two at once, one since gone", "places", more(bookings=Booking("WARD1", BOB, 119.0, 140.0))),
    ("one person on two places", "places", lambda e: replace(
        e, shifts=(ShiftRow("WARD1", 2, 2),), bookings=(*e.bookings, *e.bookings))),
    ("told booked, and is not", "told truly", lambda e: replace(
        e, bookings=(), shifts=(ShiftRow("WARD1", 1, 0),))),
    ("booked and not told", "told truly", of_row(BOOKED, body="Request summary - Already yours: WARD1")),
    ("given back and not told", "told truly", lambda e: replace(
        e, shifts=(ShiftRow("WARD1", 1, 0),), bookings=(Booking("WARD1", ANN, 120.5, 180.0),))),
    ("refused a free place", "refused truly", of_row(FULL, body="Request summary - Shift not available: WARD2")),
    ("told theirs, and is not", "refused truly", of_row(FULL, body="Request summary - Already yours: WARD1")),
    ("a STOP that was forgotten", "state of consent", more(consent={})),
    ("opted out unasked", "state of consent", more(consent={DAN: "opted_out", ANN: "opted_out"})),
    ("a STOP not in the ledger", "ledger", lambda e: replace(e, ledger=())),
    ("a STOP twice in the ledger", "ledger", more(ledger=Said(DAN, "opt_out", "again", 131.0))),
    ("a STOP unconfirmed", "confirmed once", lambda e: replace(
        e, rows=tuple(one for one in e.rows if one.destination != DAN))),
    ("a STOP confirmed twice", "confirmed once", more(rows=row("x", 73, DAN, "YOU HAVE BEEN UNSUBSCRIBED. IF"))),
    ("confirmed unasked", "confirmed once", more(rows=row("x", 74, CARLA, "YOU HAVE BEEN SUBSCRIBED. IF"))),
    ("texted after the confirmation", "silence", again(75, DAN, "offer", 140.0)),
    ("called twice", "called once", more(calls=Call("in-5", BOB))),
    ("promised and never called", "called once", lambda e: replace(e, calls=())),
    ("called for nobody", "called once", more(calls=Call("ghost", BOB))),
    ("a call being placed for ever", "called once", more(call_backs=CallBack("in-9", "placing", ANN, 9))),
]  # fmt: skip

SPOILED += [
    ("harm that never happened", "harmed", more(undone=" 12.0 kill sender")),
    ("load that never happened", "loaded", more(problems="POST incidents/: no answer")),
    ("a supervisor that ends itself", "supervised", more(gave_up=380.0)),
    ("a supervisor that ends itself for a worker", "supervised", lambda e: replace(
        e, kills=(e.kills[0], Kill("worker", 400.0, 400.0)))),
    ("a campaign lost", "campaigns reach everybody", lambda e: replace(
        e, asked={**e.asked, "OFFER-2": frozenset()})),
    ("a campaign twice", "campaigns reach everybody", more(campaigns=Campaign("OFFER-1", "sent"))),
    ("somebody who was not to have it", "campaigns reach everybody", more(asked={"OFFER-1": frozenset({ANN, BOB})})),
    ("a doubt that a kill of the web explains", "doubts have causes", lambda e: replace(
        e, kills=(Kill("web", 104.7, 104.7), e.kills[1]))),
    ("a doubt long after the kill", "doubts have causes", lambda e: replace(
        e, kills=(Kill("sender", 95.0, 95.0), e.kills[1]))),
    ("a doubt long before the kill", "doubts have causes", lambda e: replace(
        e, kills=(Kill("sender", 120.0, 120.0), e.kills[1]))),
    ("a second's worth for each of two kills, all at one", "doubts have causes", lambda e: crowd(e, 11)),
    ("a doubt that a short wait for the answer explains", "doubts have causes", of_request("mid-2", 3.0)),
    ("sent again too soon", "again in time", again(LATE, ANN, "thanks", 260.0)),
    ("sent again too late", "again in time", moved("again", 400.0, again(LATE, ANN, "thanks"))),
    ("lost, and sent again too soon", "again in time", lost(ALERT, BOB, "alert", 103.2)),
    ("a campaign text lost, and called with again", "never again", lost(OFFER, ANN, "offer", 100.6)),
    ("the next asked before the wait is over", "never early", of_row(TO_CARLA, queued_at=109.5)),
    ("the end before the wait is over", "never early", of_incident(
        status="unacknowledged", acknowledged_by="", timeline=(*INCIDENT.timeline[:5], Line("unacknowledged", 112.0)))),
    ("the next asked without a reminder", "never early", lambda e: replace(
        e, rows=tuple(one for one in e.rows if one.id != REMINDER))),
    ("somebody reminded of what never came", "never early", lambda e: replace(
        e, accepted=tuple(one for one in e.accepted if one.row != ALERT))),
    ("a NO that moves nothing", "at once", timeline(Line("declined", 104.5, BOB))),
    ("a NO that moves late", "at once", timeline(Line("declined", 107.0, BOB))),
    ("nobody asked after the unreachable one", "failed moves on", without_after_eva),
    ("moved on in silence", "never early", of_moved(kinds=("unreachable",))),
    ("a text that failed and is called sent", "failed is said", of_row(TO_EVA, status="sent")),
    ("an answer that is not on the timeline", "heard", of_moved(kinds=("reply",))),
    ("an AGENT lost", "asked for", lambda e: replace(e, call_backs=(), calls=())),
    ("an AGENT twice", "asked for", more(call_backs=CallBack("in-5", "called", BOB, 2))),
    ("a call back for somebody not approved", "asked for", more(approved=frozenset({ANN, CARLA, DAN, EVA}))),
    ("a call back unasked", "asked for", more(call_backs=CallBack("in-1", "waiting", ANN, 2))),
    ("called at another number", "called once", lambda e: replace(e, calls=(Call("in-5", ANN),))),
    ("told of a call that nobody made", "promised truly", more(rows=row("x", 76, ANN, "We are calling you now."))),
    ("told that staff will call", "promised truly", more(
        rows=row("x", 76, ANN, "Your request is noted, staff will call you."))),
    ("called and not told", "promised truly", of_row(CALLED, key="callback:7:called")),
    ("waits and is not told", "promised truly", lambda e: replace(
        e, call_backs=(CallBack("in-5", "waiting", BOB, 1),), calls=())),
    ("a repeated STOP confirmed again", "confirmed once", lambda e: replace(
        says("in-9", "STOP", 160.0, 160.4)(e),
        rows=(*e.rows, row("inbound:in-9:reply0", 91, DAN, "YOU HAVE BEEN UNSUBSCRIBED. IF")))),
    ("a change confirmed as the one before", "confirmed once", lambda e: replace(
        says("in-9", "JOIN", 160.0, 160.4)(e),
        rows=(*e.rows, row("inbound:in-9:reply0", 91, DAN, "YOU HAVE BEEN UNSUBSCRIBED. IF")))),
    ("one too many within nine tenths", "pace of the number", lambda e: evenly(e, 0.09)),
    ("one too many in each second", "pace of the number", lambda e: evenly(e, 0.099, 60)),
    ("one person twice within nine tenths", "pace of the recipient", again(LATE, ANN, "thanks", 101.9)),
]  # fmt: skip

SPOILED += [
    ("a supervisor that ends itself for a restart long ago", "supervised", lambda e: replace(
        e, kills=(e.kills[0], Kill("restart", 370.0, 370.0, 2.0)))),
    ("an event that nobody told", "events told", lambda e: replace(
        e, posts=tuple(one for one in e.posts if one.event_id != TOLD[FIRST].event_id))),
    ("an event refused for ever", "events told", of_posts(FIRST, answer=500)),
    ("an event whose receiver hung up for ever", "events told", of_posts(FIRST, answer=None)),
    ("an event that waits for ever", "events told", of_told(FIRST, status="waiting", ended_at=None)),
    ("an event for nobody", "events told", of_told(FIRST, status="", ended_at=None)),
    ("an event skipped", "events told", of_told(FIRST, status="skipped")),
    ("delivered before it was taken", "events told", of_told(FIRST, ended_at=500.9)),
    ("told of what is not there", "events genuine", lambda e: replace(e, told=e.told[1:])),
    ("told with another body the second time", "events genuine", lambda e: replace(
        e, posts=(*e.posts, replace(post(TOLD[FIRST], 501.1), body="{}")))),
    ("told by another id than its body says", "events genuine", lambda e: of_posts(
        FIRST, body=TOLD[LATER].body)(of_told(FIRST, body=TOLD[LATER].body)(e))),
    ("told without our signature", "events genuine", of_posts(FIRST, signed=False)),
    ("told once more", "events told again", more(posts=post(TOLD[FIRST], 600.0))),
    ("a later one told while the first was refused", "events in order", lambda e: replace(
        e, posts=(post(TOLD[FIRST], 500.8, 500), post(TOLD[LATER], 500.9), *e.posts))),
    ("a later one told after the receiver hung up", "events in order", lambda e: replace(
        e, in_writing_order=False, posts=(post(TOLD[FIRST], 500.8, None), post(TOLD[LATER], 500.9), *e.posts))),
    ("a later one told first where one writes at a time", "events in order", lambda e: replace(
        e, posts=(post(TOLD[LATER], 500.9), *e.posts))),
    ("told of its escalation and then of its opening", "events in order", lambda e: replace(
        e, in_writing_order=False, posts=(post(TOLD[ESCALATED], 500.0 + TOLD[OPENED].id - 0.1), *e.posts))),
    ("a delivery without an event", "events of changes", without("told", FIRST)),
    ("a failure without an event", "events of changes", of_row(DOUBTED, status="failed")),
    ("an event without a delivery", "events of changes", of_row(OFFER, status="sent")),
    ("a booking without an event", "events of changes", more(bookings=Booking("WARD2", ANN, 120.5, None))),
    ("a place given back without an event", "events of changes", lambda e: replace(
        e, bookings=(Booking("WARD1", ANN, 120.5, 180.0),))),
    ("an escalation without an event", "events of changes", timeline(Line("escalated", 111.0))),
    ("an acknowledgement that was undone and is told", "events of changes", of_moved(kinds=("acknowledged",))),
    ("an event twice", "events of changes", more(told=replace(TOLD[FIRST], id=99, event_id="evt_99"))),
]  # fmt: skip


@pytest.mark.parametrize(("what", "rule", "spoil"), SPOILED, ids=[what for what, _, _ in SPOILED])
def test_a_broken_promise_is_found(what: str, rule: str, spoil: Spoil) -> None:
    assert rule in {violation.rule for violation in judge(spoil(kept()))}


def test_each_rule_is_broken_by_some_of_them() -> None:
    evidence = kept()
    silent = [rule.__name__ for rule in RULES if not any(list(rule(spoil(evidence))) for _, _, spoil in SPOILED)]
    assert silent == []


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(of_row(DOUBTED, **GIVEN_UP, doubts=3), id="given up"),
        pytest.param(
            lambda e: replace(
                more(handed=handed("in-9", DAN, "JOIN", 160.0), ledger=Said(DAN, "opt_in", "x", 160.0))(e),
                inbound=(*e.inbound, inbound(90, handed("in-9", DAN, "JOIN", 160.0), "consent")),
                rows=(*e.rows, row("inbound:in-9:reply0", 91, DAN, "YOU HAVE BEEN SUBSCRIBED. IF", status="unknown",
                                   policy="at_most_once", doubts=1)),
                consent={DAN: "opted_in"},
            ),
            id="joined again",
        ),
        pytest.param(says("in-9", "STOP", 160.0, 160.6), id="opted out once more, in silence"),
        pytest.param(says("in-9", "JOIN", 110.0, 140.6), id="a JOIN that came after a later STOP"),
        pytest.param(again(8, DAN, "YOU HAVE BEEN UNSUBSCRIBED. IF", 132.5), id="confirmed in doubt"),
    ],
)  # fmt: skip
def test_what_looks_like_a_broken_promise_and_is_none(spoil: Spoil) -> None:
    evidence = spoil(kept())
    found = {violation.rule for violation in judge(evidence)}
    assert not found & {"silence", "state of consent", "ledger", "confirmed once", "failed has reason"}
    assert STOPS.taken


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda e: crowd(e, 10), id="a second's worth at one kill"),
        pytest.param(of_request("mid-2", 30.0), id="no answer within the caller's patience"),
        pytest.param(lambda e: evenly(e, 0.097), id="one too many, once, by no more than a thread may wait"),
        pytest.param(
            lambda e: more(handed=handed("in-9", BOB, "AGENT", 141.0))(
                replace(e, inbound=(*e.inbound, inbound(90, handed("in-9", BOB, "AGENT", 141.0), "shifts")))
            ),
            id="impatience: a second AGENT while the call rings",
        ),
        pytest.param(
            lambda e: replace(e, kills=(*e.kills, Kill("postmaster", 380.0, 380.0, 4.0)), gave_up=(402.5, 385.0)),
            id="a supervisor that could not start without a database",
        ),
        pytest.param(
            lambda e: replace(e, kills=(*e.kills, Kill("restart", 380.0, 380.0, 4.0)), gave_up=(402.5, 385.0)),
            id="a supervisor that could not start while the database was restarted",
        ),
        pytest.param(
            lambda e: replace(e, in_writing_order=False, posts=(post(TOLD[LATER], 500.9), *e.posts)),
            id="an event told late that was written first and committed last",
        ),
        pytest.param(
            lambda e: replace(e, wanted=frozenset(), told=(), posts=()), id="nobody who wants to hear of anything"
        ),
    ],
)
def test_what_is_allowed_is_no_violation(spoil: Spoil) -> None:
    evidence = spoil(kept())
    doubted = {"doubts have causes", "pace of the number", "asked for", "supervised", "promised truly", "called once"}
    doubted |= {"events told", "events genuine", "events told again", "events in order", "events of changes"}
    assert not [violation for violation in judge(evidence) if violation.rule in doubted]

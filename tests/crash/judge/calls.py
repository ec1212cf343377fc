"""Call backs: Amazon Connect is asked once, and everybody who was promised a call is called or waits for staff."""

from collections import Counter
from collections.abc import Iterator

from tests.crash.evidence import CallBack, Evidence
from tests.crash.judge.violation import Violation

_AGENT = "AGENT"
_CALLING, _STAFF_WILL_CALL = "We are calling you now.", "Your request is noted, staff will call you."
_ENDED = {"called", "waiting", "closed"}


def called_once(evidence: Evidence) -> Iterator[Violation]:
    """What is called is a call at the carrier to this person, once; no call goes unrecorded."""
    calls = Counter(evidence.calls)
    tokens = Counter(call.token for call in evidence.calls)
    known = {row.inbound_id: row for row in evidence.call_backs}
    for row in evidence.call_backs:
        if row.status not in _ENDED:
            yield Violation("called once", f"the call for {row.inbound_id} is still {row.status}")
        if row.status == "called" and tokens[row.inbound_id] != 1:
            yield Violation("called once", f"{row.inbound_id} was called {tokens[row.inbound_id]} times")
        if tokens[row.inbound_id] > 1:
            yield Violation("called once", f"Connect was given {row.inbound_id} as {tokens[row.inbound_id]} calls")
    for call in calls:
        if call.token not in known:
            yield Violation("called once", f"somebody was called for {call.token}, of which there is no row")
        elif known[call.token].phone != call.phone:
            yield Violation("called once", f"{call.phone} was called for {known[call.token].phone}")


def asked_for(evidence: Evidence) -> Iterator[Violation]:
    """Each AGENT of an approved employee is one call back, however often it was delivered; nobody else's is any.

    Who texts it again while that one is open, or rings, is answered and gets no second call.
    """
    wishes = {row.inbound_id: row for row in evidence.inbound if row.body == _AGENT and row.sender in evidence.approved}
    rows = Counter(row.inbound_id for row in evidence.call_backs)
    phones = {row.phone for row in evidence.call_backs}
    for inbound_id, wish in wishes.items():
        of_sender = [one for one in wishes.values() if one.sender == wish.sender]
        repeated = min(of_sender, key=lambda one: one.id) != wish
        if rows[inbound_id] > 1 or (rows[inbound_id] == 0 and not (repeated and wish.sender in phones)):
            what = f"{wish.sender} asked to be called and has {rows[inbound_id]} call backs"
            yield Violation("asked for", what, inbound=(inbound_id,))
    for row in evidence.call_backs:
        wish_of = wishes.get(row.inbound_id)
        if wish_of is None or wish_of.sender != row.phone:
            yield Violation(
                "asked for", f"{row.phone} has a call back and did not ask for it", inbound=(row.inbound_id,)
            )


def promised_truly(evidence: Evidence) -> Iterator[Violation]:
    """Who is told that we call them was called, who is told that staff will waits for staff; each is told once."""
    tokens = {call.token for call in evidence.calls}
    told = Counter(row.key for row in evidence.rows)
    by_phone: dict[str, list[CallBack]] = {}
    for back in evidence.call_backs:
        by_phone.setdefault(back.phone, []).append(back)
        if back.status == "called" and told[f"callback:{back.id}:called"] != 1:
            yield Violation("promised truly", f"{back.phone} was called and not told so", inbound=(back.inbound_id,))
        if back.status == "waiting" and told[f"callback:{back.id}:waiting"] != 1:
            what = f"{back.phone} waits for staff and was not told so"
            yield Violation("promised truly", what, inbound=(back.inbound_id,))
    for row in evidence.rows:
        backs = by_phone.get(row.destination, [])
        if row.body == _CALLING and not any(one.status == "called" and one.inbound_id in tokens for one in backs):
            yield Violation("promised truly", f"{row.destination} was told that we call them; nobody did", (row.id,))
        if row.body == _STAFF_WILL_CALL and not any(one.status in ("waiting", "closed") for one in backs):
            yield Violation(
                "promised truly", f"{row.destination} was told that staff will call; they do not", (row.id,)
            )


RULES = (called_once, asked_for, promised_truly)

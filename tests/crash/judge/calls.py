"""Call backs: Amazon Connect is asked once, and everybody who was promised a call is called or waits for staff."""

from collections import Counter
from collections.abc import Iterator

from tests.crash.evidence import Evidence
from tests.crash.judge.violation import Violation


def called_once(evidence: Evidence) -> Iterator[Violation]:
    """What is called is a call at the carrier, once; no call goes unrecorded."""
    calls = Counter(evidence.calls)
    for row in evidence.call_backs:
        if row.status == "placing":
            yield Violation("called once", f"the call for {row.inbound_id} is still being placed")
        if row.status == "called" and calls[row.inbound_id] != 1:
            yield Violation("called once", f"{row.inbound_id} was called {calls[row.inbound_id]} times")
    known = {row.inbound_id for row in evidence.call_backs}
    for token in calls:
        if token not in known:
            yield Violation("called once", f"somebody was called for {token}, of which there is no row")


RULES = (called_once,)

"""What came of a try, and what it means for the endpoint. Pure.

The schedule follows the Standard Webhooks specification ("a retry schedule spanning multiple days, with an exponential
backoff … some level of random jitter"), but with no wait above an hour: what waits for incidents must not wait for half
a day after the other side is back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
# Which part of a wait is chance: many endpoints that failed together must not all come back together.
_JITTER = 0.25
# Failing for this long, an endpoint is switched off, and somebody is told.
GIVE_UP_AFTER = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request came to.

    Attributes:
        milliseconds: how long it took.
        status_code: of the answer; None without one.
        problem: why there is none, or what is wrong with it, for people.
        response: how its body begins.
        retry_after: how long it asks us to wait.
    """

    milliseconds: int
    status_code: int | None = None
    problem: str = ""
    response: str = ""
    retry_after: timedelta | None = None


class Verdict(Enum):
    """What becomes of the event and its endpoint."""

    DELIVERED = "delivered"
    LATER = "later"
    DISABLE = "disable"


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do.

    Attributes:
        after: for LATER, how long to wait.
        reason: for DISABLE, what staff read.
    """

    verdict: Verdict
    after: timedelta = timedelta(0)
    reason: str = ""


def decide(answer: Answer, *, failures: int, failing_for: timedelta, chance: float) -> Decision:
    """What to do after a try.

    Args:
        answer: what came of it.
        failures: tries in a row that failed, this one included.
        failing_for: time since the first of them.
        chance: from 0 to below 1, at random.
    """
    code = answer.status_code
    if code is not None and 200 <= code < 300:
        return Decision(Verdict.DELIVERED)
    if code == 410:
        return Decision(Verdict.DISABLE, reason="It answered 410 Gone: it does not want events any more.")
    if failing_for >= GIVE_UP_AFTER:
        return Decision(
            Verdict.DISABLE,
            reason=f"Nothing could be delivered for {GIVE_UP_AFTER.days} days. Last: {told(answer)}"[:300],
        )
    wait = backoff(failures, chance)
    if answer.retry_after is not None:
        wait = max(wait, min(answer.retry_after, LONGEST_WAIT))
    return Decision(Verdict.LATER, after=wait)


def backoff(failures: int, chance: float) -> timedelta:
    """How long to wait after so many failures: about 5, 15, 45 seconds, 2, 7, 20 minutes, then an hour each time."""
    steady: timedelta = min(FIRST_WAIT * 3 ** min(max(failures, 1) - 1, 20), LONGEST_WAIT)
    # Jitter takes time away and never adds any: the longest wait is what it says.
    return steady * (1 - _JITTER * chance)


def told(answer: Answer) -> str:
    """What came of a try, in words."""
    if answer.problem:
        return answer.problem
    return f"It answered {answer.status_code}."


def retry_after(value: str, now: datetime) -> timedelta | None:
    """What a header Retry-After asks for: seconds, or a date (RFC 9110, 10.2.3); None when it asks for nothing."""
    value = value.strip()
    if value.isascii() and value.isdigit() and len(value) < 9:
        return timedelta(seconds=int(value))
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    if at.tzinfo is None:
        return None
    return max(at - now, timedelta(0))

"""How fast texts arrive at the carrier, by its own clock.

The product starts calls a little slower than AWS allows; on the way each is late by what the machine makes of it, and a
machine on which things are killed makes much. ALLOWANCE is taken off the second: what two calls may drift towards each
other. `make bench` measures the exact pace, undisturbed.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from itertools import pairwise

from messaging.simulator.parts import count
from tests.crash.evidence import Evidence, Request
from tests.crash.judge.violation import Violation

ALLOWANCE = 0.25


def number(evidence: Evidence) -> Iterator[Violation]:
    """Never more message parts in a second than the number's MPS."""
    window: deque[Request] = deque()
    parts = 0
    for request in sorted(evidence.requests, key=lambda one: one.steady):
        while window and window[0].steady <= request.steady - (1 - ALLOWANCE):
            parts -= count(window.popleft().body)
        window.append(request)
        parts += count(request.body)
        # A text of more parts than a second allows is sent all the same, alone.
        if parts > evidence.mps and len(window) > 1:
            seconds = request.steady - window[0].steady
            what = f"{parts} parts within {seconds:.3f} s, at {evidence.mps} a second"
            yield Violation("pace of the number", what, tuple(one.row for one in window))
            return


def recipient(evidence: Evidence) -> Iterator[Violation]:
    """Never two texts to one person within a second."""
    by_person: dict[str, list[Request]] = defaultdict(list)
    for request in evidence.requests:
        by_person[request.destination].append(request)
    for person, requests in by_person.items():
        for earlier, later in _pairs(sorted(requests, key=lambda one: one.steady)):
            if (seconds := later.steady - earlier.steady) < 1 - ALLOWANCE:
                what = f"two texts to {person} within {seconds:.3f} s"
                yield Violation("pace of the recipient", what, (earlier.row, later.row))


def _pairs(requests: list[Request]) -> Iterable[tuple[Request, Request]]:
    return pairwise(requests)


RULES = (number, recipient)

"""How fast texts arrive at the carrier: never more than a number's MPS in a second, never two for one person.

Every call that arrives counts, as it does at AWS: refused, lost or accepted. When it arrived is the kernel's word
(messaging.simulator.arrivals), so that no slowness of the simulator, great on a machine full of restarts, moves two
calls together.

What is left between the product's clock and this one is the product's: a call is stamped as it is handed to the
socket (carriers.aws, before-send), and then has to be written. A thread that is put off just there lets the next call
come too soon after it, by as much as it was put off. WINDOW in messaging.outbound.pacing has 35 ms for that, a
recipient's second 40 ms, from which the writing of the request is taken too. While both cores start processes a thread
may wait longer, for a core and then for its interpreter (slices of 3 and 5 ms, several in a row): 42 ms were seen once
in 380 windows, beside strangers' work on the same cores. That is one call, and it makes one window too narrow. So a
window may now and then be narrower than a second (RARE), and only by so little (BY); a pace that is wrong makes most of
them so.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from itertools import pairwise

from messaging.simulator.parts import count
from tests.crash.evidence import Evidence, Request
from tests.crash.judge.violation import Violation

BY, RARE, _NOW_AND_THEN = 0.05, 0.02, 2
# What was answered is a second and 40 ms old when the same person's next text is claimed; only the rest needs this.
BY_FOR_A_RECIPIENT = 0.02


def number(evidence: Evidence) -> Iterator[Violation]:
    """Never more message parts in a second than the number's MPS."""
    windows = list(_too_many(evidence.requests, evidence.mps))
    narrow = sorted((one for one in windows if one[0] < 1), key=lambda one: one[0])
    if narrow and (narrow[0][0] < 1 - BY or len(narrow) > max(_NOW_AND_THEN, RARE * len(windows))):
        seconds, texts = narrow[0]
        parts = sum(count(one.body) for one in texts)
        what = f"{parts} parts within {seconds:.3f} s, at {evidence.mps} a second; {len(narrow)} times within a second"
        yield Violation("pace of the number", what, tuple(one.row for one in texts))


def recipient(evidence: Evidence) -> Iterator[Violation]:
    """Never two texts to one person within a second."""
    for seconds, earlier, later in _two_for_one(evidence.requests):
        if seconds < 1 - BY_FOR_A_RECIPIENT:
            what = f"two texts to {later.destination} within {seconds:.3f} s"
            yield Violation("pace of the recipient", what, (earlier.row, later.row))


def closest(evidence: Evidence) -> tuple[float, float]:
    """In how short a time more than a second's worth of the number came, and two texts to one person; inf: never."""
    of_number = min((seconds for seconds, _ in _too_many(evidence.requests, evidence.mps)), default=float("inf"))
    of_person = min((seconds for seconds, _, _ in _two_for_one(evidence.requests)), default=float("inf"))
    return of_number, of_person


def _too_many(requests: Iterable[Request], mps: int) -> Iterator[tuple[float, list[Request]]]:
    """For each call, the shortest run that ends with it and has more than a second's worth; and how long it took."""
    run: deque[Request] = deque()
    parts = 0
    for request in sorted(requests, key=lambda one: one.steady):
        run.append(request)
        parts += count(request.body)
        while parts - count(run[0].body) > mps:
            parts -= count(run.popleft().body)
        # A text of more parts than a second allows is sent all the same, alone.
        if parts > mps and len(run) > 1:
            yield request.steady - run[0].steady, list(run)


def _two_for_one(requests: Iterable[Request]) -> Iterator[tuple[float, Request, Request]]:
    by_person: dict[str, list[Request]] = defaultdict(list)
    for request in sorted(requests, key=lambda one: one.steady):
        by_person[request.destination].append(request)
    for of_person in by_person.values():
        for earlier, later in pairwise(of_person):
            yield later.steady - earlier.steady, earlier, later


RULES = (number, recipient)

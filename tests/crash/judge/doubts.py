"""Texts in doubt: how many a crash may leave, and when they are sent again.

Who can leave a call in doubt, and how many (messaging/outbound):

    sender, serve         what is claimed, under way and unrecorded dies with the process (serve takes the sender
                          along); lanes.py and draining.py keep that within a second's worth
    cut                   a sender's host cut off from the database (tests/hosts): as if it had died, until it is back
    simulator             the calls under way are never answered; calls after it are refused, and in no doubt
    postmaster, backend,  a claim may be committed and its confirmation lost: nobody makes those calls. Answers are no
    restart               loss, answers.py keeps them until the database takes them

Web, worker, timer, scheduler, clock and Redis make no calls and hold no answers: killing them leaves none.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tests.crash.evidence import Evidence, Kill, Request, Row
from tests.crash.judge.violation import Violation

_DATABASE = {"postmaster", "backend", "restart"}
_LEAVES_DOUBTS = {"sender", "serve", "cut", "simulator"} | _DATABASE
# The caller's patience is ten seconds: an answer withheld for less comes, one withheld for longer is none.
_PATIENCE = 9.5
# A claim runs a quarter of a second ahead of its call, which then has to be written, signed and connected.
_CLAIMED_BEFORE = 1.0
# An answer is written down within moments. While the database is away it is kept; then the sweep comes first, which
# gives a call twelve seconds from its claim.
_RECORDED_WITHIN, _SWEPT_WITHIN = 5.0, 15.0
_RESENT_AFTER = 60.0
# The sixty seconds count from the claim, a quarter of a second before the call at most; the rest is for the way.
_EARLY = 0.5
# A sweep every two seconds, a lane that rests, and whatever is away for five seconds at the wrong moment.
_LATE = 30.0


@dataclass(frozen=True, slots=True)
class _Doubt:
    """A doubt that no fault explains. What was under way between these moments may have left it."""

    row: int
    parts: int
    since: float
    until: float


def doubts_have_causes(evidence: Evidence) -> Iterator[Violation]:
    """Each crash leaves at most a second's worth of the number's MPS in doubt, of calls that were under way then."""
    kills = sorted((kill for kill in evidence.kills if kill.what in _LEAVES_DOUBTS), key=lambda kill: kill.at)
    calls = _calls(evidence)
    left = [doubt for row in evidence.rows for doubt in _unexplained(row, calls[row.id], kills)]
    for kill in kills:
        # Those that only earlier kills could explain first: if this does not explain them all, nothing does.
        under_way = sorted((one for one in left if one.since <= kill.at <= one.until), key=lambda one: one.until)
        parts = 0
        for doubt in under_way:
            # A text of more parts than a second allows is called with alone.
            if parts and parts + doubt.parts > evidence.mps:
                break
            parts += doubt.parts
            left.remove(doubt)
    if left:
        parts = sum(doubt.parts for doubt in left)
        what = f"{parts} parts are in doubt beyond {evidence.mps} for each crash that met their calls"
        yield Violation("doubts have causes", what, tuple(doubt.row for doubt in left))


def again_in_time(evidence: Evidence) -> Iterator[Violation]:
    """An at-least-once text in doubt is sent again 60 s after the call that left the doubt began, and not before."""
    policies = {row.id: row.policy for row in evidence.rows}
    for row, calls in _calls(evidence).items():
        if policies.get(row) != "at_least_once":
            continue
        for earlier, later in _after_doubt(calls):
            waited, tries = later.at - earlier.at, max(1, later.attempt - earlier.attempt)
            if waited < _RESENT_AFTER - _EARLY:
                what = f"text {row} was sent again {waited:.2f} s after a call that the carrier may have taken"
                yield Violation("again in time", what, (row,))
            # A try that never reached the carrier may be a doubt of its own.
            if waited > tries * (_RESENT_AFTER + _LATE):
                yield Violation("again in time", f"text {row} was sent again only after {waited:.2f} s", (row,))


def never_again(evidence: Evidence) -> Iterator[Violation]:
    """An at-most-once text is not called with again once a call may have reached the carrier."""
    policies = {row.id: row.policy for row in evidence.rows}
    for row, calls in _calls(evidence).items():
        if policies.get(row) == "at_most_once":
            for earlier, later in _after_doubt(calls):
                waited = later.at - earlier.at
                what = f"text {row} was called with again {waited:.2f} s after a call that was {earlier.outcome}"
                yield Violation("never again", what, (row,))


def _calls(evidence: Evidence) -> dict[int, list[Request]]:
    """By row, in order. A call that the carrier took before it died, and said nothing more of, is one too."""
    told = {request.message_id for request in evidence.requests}
    calls: dict[int, list[Request]] = defaultdict(list)
    for request in evidence.requests:
        calls[request.row].append(request)
    for text in evidence.accepted:
        if text.message_id not in told:
            call = Request(
                text.row, text.attempt, text.destination, text.body, "accepted", text.message_id, text.at, text.at
            )
            calls[text.row].append(call)
    return defaultdict(list, {row: sorted(of_row, key=lambda one: one.at) for row, of_row in calls.items()})


def _after_doubt(calls: list[Request]) -> Iterator[tuple[Request, Request]]:
    return ((one, other) for one, other in pairwise(calls) if one.outcome in ("accepted", "lost"))


def _explained_by_a_fault(call: Request) -> bool:
    return not call.answered and (call.withheld == 0 or call.withheld > _PATIENCE)


def _unexplained(row: Row, calls: list[Request], kills: list[Kill]) -> Iterator[_Doubt]:
    count = row.doubts - sum(_explained_by_a_fault(call) for call in calls)
    if count <= 0:
        return
    spans = [_span(call, kills) for call in calls if not _explained_by_a_fault(call)]
    spans += _unheard(row, calls)
    since = min((since for since, _ in spans), default=float("inf"))
    until = max((until for _, until in spans), default=float("-inf"))
    for _ in range(count):
        yield _Doubt(row.id, row.parts, since, until)


def _span(call: Request, kills: list[Kill]) -> tuple[float, float]:
    began = call.at - _CLAIMED_BEFORE
    trouble = any(kill.what in _DATABASE and began <= kill.at <= call.at + _SWEPT_WITHIN for kill in kills)
    return began, call.at + (_SWEPT_WITHIN if trouble else call.withheld + _RECORDED_WITHIN)


def _unheard(row: Row, calls: list[Request]) -> Iterator[tuple[float, float]]:
    """When claims of a row were open of which the carrier never heard."""
    heard = {call.attempt: call.at for call in calls}
    for attempt in range(1, row.attempts + 1):
        if attempt in heard:
            continue
        if attempt == row.attempts and row.attempted_at is not None:
            yield row.attempted_at - _CLAIMED_BEFORE, row.attempted_at + _SWEPT_WITHIN
        else:
            before = [at for other, at in heard.items() if other < attempt]
            after = [at for other, at in heard.items() if other > attempt]
            yield max(before, default=row.queued_at), min(after, default=float("inf"))


RULES = (doubts_have_causes, again_in_time, never_again)

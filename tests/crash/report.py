"""What is printed of a round: figures, and of each violation the rows and the calls concerned."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from tests.crash.evidence import Evidence
from tests.crash.judge import Violation, pace

_MOST_OF_A_RULE = 5


def figures(evidence: Evidence) -> str:
    """A round in one line."""
    statuses = Counter(row.status for row in evidence.rows)
    unknown = statuses["unknown"]
    twice = sum(count > 1 for count in Counter(text.row for text in evidence.accepted).values())
    of_number, of_person = pace.closest(evidence)
    return (
        f"{len(evidence.rows)} texts ({len(evidence.accepted)} accepted, {twice} of them more than once, "
        f"{unknown} unknown, {statuses['failed']} failed), {len(evidence.inbound)} inbound, "
        f"{len(evidence.incidents)} incidents, "
        f"{len(evidence.bookings)} bookings, {len(evidence.call_backs)} call backs, "
        f"{len(evidence.told)} events in {len(evidence.posts)} webhooks, {len(evidence.kills)} kills; "
        f"over the pace only in {of_number:.3f} s, two to one person in {of_person:.3f} s"
    )


def told(violations: Iterable[Violation], evidence: Evidence) -> str:
    """Each violation with its texts, their rows and what the carrier wrote of them."""
    lines: list[str] = []
    seen: Counter[str] = Counter()
    for violation in violations:
        seen[violation.rule] += 1
        if seen[violation.rule] <= _MOST_OF_A_RULE:
            lines.append(f"{violation.rule}: {violation.what}")
            lines += _details(violation, evidence)
    lines += [f"{rule}: {count} in all" for rule, count in seen.items() if count > _MOST_OF_A_RULE]
    return "\n".join(lines)


def _details(violation: Violation, evidence: Evidence) -> Iterator[str]:
    wanted = set(violation.texts[:_MOST_OF_A_RULE])
    yield from (f"    {row}" for row in evidence.rows if row.id in wanted)
    for request in (request for request in evidence.requests if request.row in wanted):
        answered = "" if request.answered else ", not answered"
        what = f"text {request.row} attempt {request.attempt}: {request.outcome} {request.message_id or ''}{answered}"
        yield f"    {_clock(request.at)} {what}"
    carrier_ids = {text.message_id for text in evidence.accepted if text.row in wanted}
    yield from (f"    {event}" for event in evidence.events if event.message_id in carrier_ids)
    yield from (f"    {text}" for text in evidence.handed if text.inbound_id in violation.inbound)
    yield from (f"    {row}" for row in evidence.inbound if row.inbound_id in violation.inbound)


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S.%f")

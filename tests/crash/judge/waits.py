"""Incidents in time: each step comes when the wait before it is over, or at once where nobody is left to wait for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.crash.evidence import Evidence, Incident, Line, Row
from tests.crash.judge.violation import Violation

ASKING = re.compile(r":(\d+):(first|reminder(\d+)):(\+\d+)$")
# Each step of a round's policies asks twice.
_REMINDERS = 1
# Clocks of two processes are one clock; a row's moment is cut to microseconds.
_EARLY = 0.01
# A change is one transaction: its lines bear the moment it began, its texts that at which they were written.
_ONE_CHANGE = 3.0
# The news of a text that failed wakes whoever moves its incident. Just then something may be away for five seconds, its
# worker be started again after four, and the sweep come late; the longest wait is twice as long.
_AT_ONCE = 30.0
# Whoever moves it may be killed twice, and the product take a minute to start on a machine full of restarts.
_LATE = 90.0
_MOVES = {"declined", "unreachable"}
_ENDS = {"acknowledged", "unacknowledged", "cancelled"}


@dataclass(frozen=True, slots=True)
class _Ask:
    """A text that asks: which one of its incident, and its row."""

    step: int
    stage: int
    phone: str
    row: Row


def _asks(evidence: Evidence, incident: Incident) -> list[_Ask]:
    rows = [row for row in evidence.rows if (row.conversation, row.subject) == ("incidents", incident.incident_id)]
    found = [(match, row) for row in rows if (match := ASKING.search(row.key))]
    asks = [_Ask(int(match[1]), int(match[3] or 0), match[4], row) for match, row in found]
    return sorted(asks, key=lambda ask: (ask.step, ask.stage))


def _first_accepted(evidence: Evidence) -> dict[int, float]:
    accepted: dict[int, float] = {}
    for text in evidence.accepted:
        accepted[text.row] = min(text.at, accepted.get(text.row, text.at))
    return accepted


def in_time(evidence: Evidence) -> Iterator[Violation]:
    """What follows a text that asks, follows by the whole wait, counted from when the carrier accepted that text.

    Unless nobody is left to wait for: they said NO, or no text reaches them. And no later than everything can have been
    away: of a text in doubt nobody knows when its wait began.
    """
    accepted = _first_accepted(evidence)
    for incident in evidence.incidents:
        asks = _asks(evidence, incident)
        moments = [(ask.row.queued_at, ask.stage, f"text {ask.row.id}") for ask in asks[1:]]
        moments += [(line.at, 0, "the end") for line in incident.timeline if line.kind == "unacknowledged"]
        for before, (at, stage, what) in zip(asks, moments, strict=False):
            if stage == 0 and _moved(incident, before.phone, at):
                continue
            say = f"{what} of {incident.incident_id} came"
            texts = (before.row.id,)
            if before.row.id not in accepted:
                yield Violation("never early", f"{say} although the text before it was never accepted", texts)
            elif (waited := at - accepted[before.row.id]) < (wait := incident.waits[before.step]) - _EARLY:
                yield Violation("never early", f"{say} after {waited:.2f} s, not {wait}", texts)
            elif not before.row.doubts and waited > wait + _LATE:
                yield Violation("never late", f"{say} after {waited:.2f} s instead of {wait}", texts)
            elif stage == 0 and before.stage < _REMINDERS:
                yield Violation("never early", f"{say} before {before.phone} was reminded", texts)


def at_once(evidence: Evidence) -> Iterator[Violation]:
    """When the one who is asked says NO, or no text reaches them, the next is asked in the same change."""
    for incident in evidence.incidents:
        asks = _asks(evidence, incident)
        for line in incident.timeline:
            asked = _asked(incident, asks, line) if line.kind in _MOVES else None
            if asked and not _went_on(incident, asks, asked, line.at, _ONE_CHANGE):
                what = (
                    f"{line.phone} of {incident.incident_id} is {line.kind}; nobody was asked next, and nothing ended"
                )
                yield Violation("at once", what, tuple(ask.row.id for ask in asks))


def failed_moves_on(evidence: Evidence) -> Iterator[Violation]:
    """When the carrier says that the last text to the one who is asked never arrives, the incident goes on."""
    of_text = {text.message_id: text.row for text in evidence.accepted}
    failed: dict[int, float] = {}
    for event in evidence.events:
        if event.event_type != "TEXT_DELIVERED" and event.answered_at is not None and event.message_id in of_text:
            row = of_text[event.message_id]
            failed[row] = min(event.answered_at, failed.get(row, event.answered_at))
    for incident in evidence.incidents:
        asks = _asks(evidence, incident)
        for ask in asks:
            at = failed.get(ask.row.id)
            # Where a reminder was on its way already, its own fate decides.
            if at is None or _asked(incident, asks, Line("failed", at, ask.phone)) != ask:
                continue
            say = f"the carrier said that text {ask.row.id} never reaches {ask.phone}; {incident.incident_id}"
            if not _went_on(incident, asks, ask, at, _AT_ONCE):
                yield Violation("failed moves on", f"{say} did not go on within {_AT_ONCE:.0f} s", (ask.row.id,))
            elif not any(line.kind in _MOVES | _ENDS and line.phone in (ask.phone, "") for line in incident.timeline):
                yield Violation("failed moves on", f"{say} does not say so", (ask.row.id,))


def failed_is_said(evidence: Evidence) -> Iterator[Violation]:
    """A text of which the carrier said that it never arrives has failed, unless it was withdrawn in doubt."""
    of_text = {text.message_id: text.row for text in evidence.accepted}
    rows = {row.id: row for row in evidence.rows}
    for event in evidence.events:
        row = rows.get(of_text.get(event.message_id, 0))
        if row is None or event.event_type == "TEXT_DELIVERED" or 200 not in event.answers:
            continue
        withdrawn = row.status in ("suppressed", "expired", "cancelled") and row.doubts > 0
        if row.status != "failed" and not withdrawn:
            what = f"text {row.id} is {row.status}, although the carrier said {event.event_type}"
            yield Violation("failed is said", what, (row.id,))


def heard(evidence: Evidence) -> Iterator[Violation]:
    """Each answer of a contact that names the incident is on its timeline."""
    for incident in evidence.incidents:
        people = {number for _, number, _ in incident.contacts}
        for person in people:
            # "no CRASH-1" and "No CRASH-1, I am ill", but not those of CRASH-11.
            names = re.compile(rf"(yes|no) {re.escape(incident.incident_id)}\b", re.IGNORECASE)
            said = [row for row in evidence.inbound if row.sender == person and names.match(row.body)]
            replies = [line for line in incident.timeline if line.kind == "reply" and line.phone == person]
            if len(replies) < len(said):
                what = f"{person} answered {incident.incident_id} {len(said)} times; {len(replies)} are on its timeline"
                yield Violation("heard", what, inbound=tuple(row.inbound_id for row in said))


def _moved(incident: Incident, phone: str, at: float) -> bool:
    """Whether the one who was asked was out of it by the change of this moment."""
    return any(
        line.kind in _MOVES and line.phone == phone and -_EARLY <= at - line.at <= _ONE_CHANGE
        for line in incident.timeline
    )


def _asked(incident: Incident, asks: list[_Ask], line: Line) -> _Ask | None:
    """The text whose answer the open incident waits for when the line is written, if it went to this person."""
    if any(other.kind in _ENDS and other.at < line.at - _EARLY for other in incident.timeline):
        return None
    asked = [ask for ask in asks if ask.row.queued_at < line.at]
    return asked[-1] if asked and asked[-1].phone == line.phone else None


def _went_on(incident: Incident, asks: list[_Ask], asked: _Ask, at: float, within: float) -> bool:
    moments = [ask.row.queued_at for ask in asks if ask.step > asked.step]
    moments += [line.at for line in incident.timeline if line.kind in _ENDS]
    return any(at - _EARLY <= moment <= at + within for moment in moments)


RULES = (in_time, at_once, failed_moves_on, failed_is_said, heard)

"""Webhooks: other systems are told of each change, once it is committed, and of nothing else (docs/webhooks.md)."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import partial

from tests.crash.evidence import Evidence, Post, Told
from tests.crash.judge.violation import Violation

# By the status that a text has in the end.
_OF_TEXTS = {"delivered": "message.delivered", "failed": "message.failed"}


def told(evidence: Evidence) -> Iterator[Violation]:
    """Every event was taken by the receiver, and then recorded as delivered."""
    taken: dict[str, float] = {}
    for post in evidence.posts:
        if post.taken:
            taken[post.event_id] = min(post.at, taken.get(post.event_id, post.at))
    for event in evidence.told:
        if event.event_id not in taken:
            yield Violation("events told", f"nobody took {_named(event)}, which is {event.status or 'for nobody'}")
        elif event.status != "delivered" or event.ended_at is None:
            yield Violation("events told", f"{_named(event)} was taken and is {event.status or 'for nobody'}")
        elif event.ended_at < taken[event.event_id]:
            yield Violation(
                "events told", f"{_named(event)} was delivered {taken[event.event_id] - event.ended_at:.2f} s early"
            )


def genuine(evidence: Evidence) -> Iterator[Violation]:
    """What comes is an event of the database, signed, and at every try the same, byte by byte."""
    events = {event.event_id: event for event in evidence.told}
    for post in evidence.posts:
        event = events.get(post.event_id)
        if event is None:
            yield Violation("events genuine", f"event {post.event_id} was told and is not there: {post.body[:200]}")
        elif post.body != event.body or not _speaks_of(event):
            yield Violation("events genuine", f"{_named(event)} was told with another body: {post.body[:200]}")
        elif not post.signed:
            yield Violation("events genuine", f"{_named(event)} was not signed")


def _speaks_of(event: Told) -> bool:
    said = json.loads(event.body)
    return (said["id"], said["type"]) == (event.event_id, event.event_type)


def not_again(evidence: Evidence) -> Iterator[Violation]:
    """What was recorded as delivered is not told once more."""
    ended = {event.event_id: event.ended_at for event in evidence.told}
    for post in evidence.posts:
        ended_at = ended.get(post.event_id)
        if ended_at is not None and post.at > ended_at:
            late = post.at - ended_at
            yield Violation("events told again", f"event {post.event_id} was told {late:.2f} s after it was delivered")


def in_order(evidence: Evidence) -> Iterator[Violation]:
    """Nothing overtakes what was not taken, nor what was written before it.

    Of those who write at the same time the first may commit last, and what it wrote is found when later ones are told
    already. Two changes of one thing are never written at the same time.
    """
    events = {event.event_id: event for event in evidence.told}
    waits: dict[int, Told] = {}
    newest: dict[str, Told] = {}
    say = partial(Violation, "events in order")
    for post in sorted(evidence.posts, key=_at):
        event = events.get(post.event_id)
        if event is None:
            continue
        overtaken = min((one for one in waits if one < event.id), default=None)
        if overtaken is not None:
            yield say(f"{_named(event)} was told while {_named(waits[overtaken])} waited")
        for group in (event.subject, *(("everything",) if evidence.in_writing_order else ())):
            before = newest.setdefault(group, event)
            if event.id < before.id:
                yield say(f"{_named(event)} was told after {_named(before)}")
            else:
                newest[group] = event
        if post.taken:
            waits.pop(event.id, None)
        else:
            waits[event.id] = event


def of_changes(evidence: Evidence) -> Iterator[Violation]:
    """An event is there if and only if the change is, once for each."""
    changes = _changes(evidence)
    there = Counter((event.event_type, event.subject) for event in evidence.told)
    for change in sorted(changes.keys() | there.keys()):
        event_type, subject = change
        if event_type in evidence.wanted and there[change] != changes[change]:
            what = f"{event_type} of {subject} happened {changes[change]} times; {there[change]} events are there"
            yield Violation("events of changes", what)


def _changes(evidence: Evidence) -> Counter[tuple[str, str]]:
    """What happened that the receiver may want to hear of, by type and subject."""
    changes: Counter[tuple[str, str]] = Counter()
    for row in evidence.rows:
        if row.status in _OF_TEXTS:
            changes[_OF_TEXTS[row.status], f"message {row.id}"] += 1
    for incident in evidence.incidents:
        for line in incident.timeline:
            changes[f"incident.{line.kind}", incident.incident_id] += 1
    for booking in evidence.bookings:
        changes["shift.booked", booking.code] += 1
        changes["shift.released", booking.code] += booking.dropped_at is not None
    return changes


def _named(event: Told) -> str:
    return f"event {event.id} ({event.event_type} of {event.subject})"


def _at(post: Post) -> float:
    return post.at


RULES = (told, genuine, not_again, in_order, of_changes)

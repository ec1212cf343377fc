"""Texts that come in: answered 200 means stored, stored means routed once, and everything published arrives."""

from collections import Counter
from collections.abc import Iterator

from tests.crash.evidence import Evidence
from tests.crash.judge.violation import Violation


def taken(evidence: Evidence) -> Iterator[Violation]:
    """Whatever a handset sent is answered 200 in the end, and never refused for good."""
    for text in evidence.handed:
        refused = [status for status in text.answers if 400 <= status < 500]
        if refused or not text.taken:
            what = f"text {text.inbound_id} of {text.sender} was answered {list(text.answers)}"
            yield Violation("taken", what, inbound=(text.inbound_id,))


def stored(evidence: Evidence) -> Iterator[Violation]:
    """What was answered 200 is a row, once, with the words that were sent; and nothing else is."""
    rows = Counter(row.inbound_id for row in evidence.inbound)
    words = {row.inbound_id: (row.sender, row.body) for row in evidence.inbound}
    for text in evidence.handed:
        if text.taken and rows[text.inbound_id] != 1:
            what = f"text {text.inbound_id} was answered 200 and is {rows[text.inbound_id]} rows"
            yield Violation("stored", what, inbound=(text.inbound_id,))
        elif text.taken and words[text.inbound_id] != (text.sender, text.body):
            yield Violation("stored", f"text {text.inbound_id} was changed", inbound=(text.inbound_id,))
    handed = {text.inbound_id for text in evidence.handed}
    for row in evidence.inbound:
        if row.inbound_id not in handed:
            yield Violation("stored", f"inbound row {row.id} was sent by nobody", inbound=(row.inbound_id,))


def routed(evidence: Evidence) -> Iterator[Violation]:
    """Every row is routed."""
    for row in evidence.inbound:
        if row.routed_at is None or not row.outcome:
            yield Violation("routed", f"inbound row {row.id} is not routed", inbound=(row.inbound_id,))


def answered_once(evidence: Evidence) -> Iterator[Violation]:
    """One text has one automatic reply at most, to its sender."""
    senders = {row.inbound_id: row.sender for row in evidence.inbound}
    replies: Counter[str] = Counter()
    for row in evidence.rows:
        if row.key.startswith("inbound:"):
            inbound_id = row.key.removeprefix("inbound:").rpartition(":")[0]
            replies[inbound_id] += 1
            if senders.get(inbound_id) != row.destination:
                what = f"text {row.id} to {row.destination} answers {inbound_id}, which is not theirs"
                yield Violation("answered once", what, (row.id,), (inbound_id,))
    for inbound_id, count in replies.items():
        if count > 1:
            yield Violation("answered once", f"{inbound_id} has {count} replies", inbound=(inbound_id,))


def events_kept(evidence: Evidence) -> Iterator[Violation]:
    """A delivery event that was answered 200 is a row, once, and applied; every event is answered 200 in the end."""
    rows = Counter(event.sns_message_id for event in evidence.stored_events)
    applied = {event.sns_message_id for event in evidence.stored_events if event.applied}
    for event in evidence.events:
        if 200 not in event.answers or any(400 <= status < 500 for status in event.answers):
            yield Violation("events kept", f"event {event.sns_message_id} was answered {list(event.answers)}")
        elif rows[event.sns_message_id] != 1 or event.sns_message_id not in applied:
            what = f"event {event.sns_message_id} was answered 200: {rows[event.sns_message_id]} rows, "
            yield Violation("events kept", what + ("applied" if event.sns_message_id in applied else "not applied"))


RULES = (taken, stored, routed, answered_once, events_kept)

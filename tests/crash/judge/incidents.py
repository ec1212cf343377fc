"""Incidents: everyone ends, whoever has it said so, and the timeline tells what happened."""

from collections import Counter
from collections.abc import Iterator

from tests.crash.evidence import Evidence, Incident, Row
from tests.crash.judge.violation import Violation
from tests.crash.judge.waits import ASKING

_ENDED = {"acknowledged", "unacknowledged", "cancelled", "resolved"}
_OF_TEXTS = {"alert", "reminder", "notice", "answer"}


def ended(evidence: Evidence) -> Iterator[Violation]:
    """Every incident that was asked for is there, once, and has ended."""
    there = Counter(incident.incident_id for incident in evidence.incidents)
    for incident_id in evidence.opened:
        if there[incident_id] != 1:
            yield Violation("ended", f"incident {incident_id} is there {there[incident_id]} times")
    for incident in evidence.incidents:
        if incident.status not in _ENDED:
            yield Violation("ended", f"incident {incident.incident_id} is {incident.status}")


def consistent(evidence: Evidence) -> Iterator[Violation]:
    """The timeline opens once, ends as the incident stands, and is in doubt about nobody."""
    for incident in evidence.incidents:
        kinds = Counter(line.kind for line in incident.timeline)
        say = f"incident {incident.incident_id} is {incident.status}, by {incident.acknowledged_by or 'nobody'}: "
        if kinds["opened"] != 1:
            yield Violation("consistent", say + f"opened {kinds['opened']} times")
        if kinds["acknowledged"] != (incident.status == "acknowledged"):
            yield Violation("consistent", say + f"{kinds['acknowledged']} lines say acknowledged")
        if kinds["unacknowledged"] != (incident.status == "unacknowledged" or incident.late):
            yield Violation("consistent", say + f"{kinds['unacknowledged']} lines say unacknowledged")
        if kinds["trouble"]:
            yield Violation("consistent", say + "there was trouble with a step")
        people = {number for _, number, _ in incident.contacts}
        if incident.acknowledged_by and incident.acknowledged_by not in people:
            yield Violation("consistent", say + "who is no contact")


def texts_on_the_timeline(evidence: Evidence) -> Iterator[Violation]:
    """Every text of an incident is on its timeline once, and nothing on it has no text."""
    for incident in evidence.incidents:
        rows = {row.id for row in _rows(evidence, incident)}
        lines = Counter(line.message for line in incident.timeline if line.kind in _OF_TEXTS and line.message)
        for row in rows:
            # Automatic replies are told of by the reply they answer.
            if lines[row] > 1:
                yield Violation("timeline", f"text {row} is on {incident.incident_id} {lines[row]} times", (row,))
        asked = {row.id for row in _rows(evidence, incident) if ASKING.search(row.key)}
        for row in asked - lines.keys():
            yield Violation("timeline", f"text {row} asks and is not on {incident.incident_id}", (row,))
        for row in lines.keys() - rows - {row.id for row in evidence.rows}:
            yield Violation("timeline", f"{incident.incident_id} speaks of text {row}, which is not there")


def answered(evidence: Evidence) -> Iterator[Violation]:
    """Who has it said YES; where a contact said YES with its id, somebody has it."""
    for incident in evidence.incidents:
        people = {number for _, number, _ in incident.contacts}
        named = {row.sender for row in evidence.inbound if row.body == f"YES {incident.incident_id}"} & people
        yes = named | {row.sender for row in evidence.inbound if row.body == "yes!"}
        if incident.acknowledged_by and incident.acknowledged_by not in yes:
            what = f"{incident.incident_id} is with {incident.acknowledged_by}, who never said yes"
            yield Violation("answered", what)
        if named and not incident.acknowledged_by:
            yield Violation("answered", f"{sorted(named)} said yes to {incident.incident_id}; nobody has it")


def in_turn(evidence: Evidence) -> Iterator[Violation]:
    """Nobody is asked before the one before them, and everybody asked was asked first."""
    for incident in evidence.incidents:
        steps: dict[int, float] = {}
        for row in _rows(evidence, incident):
            if match := ASKING.search(row.key):
                steps[int(match[1])] = min(row.queued_at, steps.get(int(match[1]), row.queued_at))
        positions = sorted(steps)
        if positions and [steps[position] for position in positions] != sorted(steps.values()):
            yield Violation("in turn", f"{incident.incident_id} asked in another order than its steps have")


def _rows(evidence: Evidence, incident: Incident) -> list[Row]:
    return [row for row in evidence.rows if (row.conversation, row.subject) == ("incidents", incident.incident_id)]


RULES = (ended, consistent, texts_on_the_timeline, answered, in_turn)

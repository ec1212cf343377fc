"""Texts that go out: nothing lost, nothing twice, every status justified."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import partial

from tests.crash.evidence import Accepted, Evidence
from tests.crash.judge.violation import Violation

_AT_REST = {"sent", "delivered", "failed", "suppressed", "unknown", "expired", "cancelled"}
# The carrier has it, or said what became of it.
_SETTLED = {"sent", "delivered", "failed"}
_NEVER_LEFT = {"suppressed", "expired", "cancelled"}


def _accepted_by_row(evidence: Evidence) -> dict[int, list[Accepted]]:
    by_row: dict[int, list[Accepted]] = defaultdict(list)
    for text in evidence.accepted:
        by_row[text.row].append(text)
    return by_row


def at_rest(evidence: Evidence) -> Iterator[Violation]:
    """Every text has come to an end; only at-most-once texts may stay in doubt."""
    for row in evidence.rows:
        if row.status not in _AT_REST or (row.status == "unknown" and row.policy != "at_most_once"):
            yield Violation("at rest", f"text {row.id} ({row.policy}) is still {row.status}", (row.id,))


def at_most_once(evidence: Evidence) -> Iterator[Violation]:
    """A campaign text is accepted at most once, whatever is doubted."""
    accepted = _accepted_by_row(evidence)
    for row in evidence.rows:
        if row.policy == "at_most_once" and len(accepted[row.id]) > 1:
            yield Violation("at most once", f"text {row.id} was accepted {len(accepted[row.id])} times", (row.id,))


def once_for_each_doubt(evidence: Evidence) -> Iterator[Violation]:
    """An at-least-once text is accepted again only after a doubt that the row remembers."""
    accepted = _accepted_by_row(evidence)
    for row in evidence.rows:
        if row.policy == "at_least_once" and (times := len(accepted[row.id])) > 1 + row.doubts:
            what = f"text {row.id} was accepted {times} times and has {row.doubts} recorded doubts"
            yield Violation("once for each doubt", what, (row.id,))


def known(evidence: Evidence) -> Iterator[Violation]:
    """Every text the carrier has is a row: to the same person, with the same words."""
    rows = {row.id: row for row in evidence.rows}
    for text in evidence.accepted:
        row = rows.get(text.row)
        if row is None:
            yield Violation("known", f"the carrier accepted {text.message_id} for row {text.row}, which is not there")
        elif (row.destination, row.body) != (text.destination, text.body):
            yield Violation("known", f"the carrier accepted another text than row {row.id} has", (row.id,))


def status_of_accepted(evidence: Evidence) -> Iterator[Violation]:
    """A text that the carrier has says so, or is in recorded doubt."""
    accepted = _accepted_by_row(evidence)
    for row in evidence.rows:
        texts = accepted[row.id]
        if not texts or row.status in _SETTLED:
            continue
        doubted = row.doubts >= len(texts)
        if row.status == "unknown" and doubted:
            continue
        if row.status in _NEVER_LEFT and doubted:
            continue
        what = f"the carrier accepted text {row.id} {len(texts)} times; it is {row.status} with {row.doubts} doubts"
        yield Violation("status of accepted", what, (row.id,))


def sent_was_accepted(evidence: Evidence) -> Iterator[Violation]:
    """Sent and delivered are said only of what the carrier accepted under that id."""
    accepted = _accepted_by_row(evidence)
    for row in evidence.rows:
        ids = {text.message_id for text in accepted[row.id]}
        if row.status in ("sent", "delivered") and row.carrier_id not in ids:
            what = f"text {row.id} is {row.status} as {row.carrier_id}, which the carrier never gave it"
            yield Violation("sent was accepted", what, (row.id,))


def delivered_is_said(evidence: Evidence) -> Iterator[Violation]:
    """What the carrier reported as delivered is delivered, unless every call of it was given up before."""
    rows = {row.id: row for row in evidence.rows}
    of_text = {text.message_id: text.row for text in evidence.accepted}
    for event in evidence.events:
        row = rows.get(of_text.get(event.message_id, 0))
        if row is None or event.event_type != "TEXT_DELIVERED" or 200 not in event.answers:
            continue
        gave_up = row.status == "failed" and row.error_code == "NO_ANSWER"
        if row.status != "delivered" and not gave_up:
            what = f"text {row.id} is {row.status}, although its delivery event was answered 200"
            yield Violation("delivered is said", what, (row.id,))


def delivered_has_event(evidence: Evidence) -> Iterator[Violation]:
    """Delivered is said only where the carrier has published the event."""
    of_text = {text.message_id: text.row for text in evidence.accepted}
    told = {of_text.get(event.message_id) for event in evidence.events if event.event_type == "TEXT_DELIVERED"}
    for row in evidence.rows:
        if row.status == "delivered" and row.id not in told:
            yield Violation("delivered has event", f"text {row.id} is delivered; nobody said so", (row.id,))


def failed_has_reason(evidence: Evidence) -> Iterator[Violation]:
    """Failed is said only where the carrier refused for good, or every call was in doubt."""
    final = {
        request.row
        for request in evidence.requests
        if request.outcome not in ("accepted", "lost", "ThrottlingException", "InternalServerException")
    }
    of_text = {text.message_id: text.row for text in evidence.accepted}
    final |= {of_text.get(event.message_id, 0) for event in evidence.events if event.event_type != "TEXT_DELIVERED"}
    for row in evidence.rows:
        gave_up = row.error_code == "NO_ANSWER" and row.doubts >= 3
        if row.status == "failed" and row.id not in final and not gave_up:
            what = f"text {row.id} failed ({row.error_code}: {row.error_reason}); the carrier never said so"
            yield Violation("failed has reason", what, (row.id,))


def suppressed_has_reason(evidence: Evidence) -> Iterator[Violation]:
    """Nothing ends unsent without a reason that staff can read."""
    for row in evidence.rows:
        if row.status in ("suppressed", "failed") and not (row.error_code and row.error_reason):
            yield Violation("suppressed has reason", f"text {row.id} is {row.status} for no reason", (row.id,))


def campaigns_reach_everybody(evidence: Evidence) -> Iterator[Violation]:
    """Every campaign that was asked for is there, once, and has ended: one row for each it should reach, none twice."""
    there = Counter(campaign.campaign_id for campaign in evidence.campaigns)
    say = partial(Violation, "campaigns reach everybody")
    for campaign_id in evidence.asked.keys() | there.keys():
        if there[campaign_id] != (campaign_id in evidence.asked):
            yield say(f"campaign {campaign_id} is there {there[campaign_id]} times")
    for campaign in evidence.campaigns:
        if campaign.status != "sent":
            yield say(f"campaign {campaign.campaign_id} is {campaign.status}")
        rows = [row for row in evidence.rows if row.conversation == "shifts" and row.subject == campaign.campaign_id]
        mine = [row.destination for row in rows if row.policy == "at_most_once"]
        if missing := evidence.asked.get(campaign.campaign_id, frozenset()) - set(mine):
            yield say(f"campaign {campaign.campaign_id} has no text for {sorted(missing)[:5]} ({len(missing)})")
        # Whoever is not approved has a row that says why they got nothing.
        sent = {row.destination for row in rows if row.policy == "at_most_once" and row.status != "suppressed"}
        if strangers := sent - evidence.asked.get(campaign.campaign_id, frozenset()):
            yield say(f"campaign {campaign.campaign_id} has texts for {sorted(strangers)[:5]}, who are not to have it")
        if len(mine) != len(set(mine)):
            yield say(f"campaign {campaign.campaign_id} has {len(mine)} texts for {len(set(mine))} people")


RULES = (
    at_rest,
    at_most_once,
    once_for_each_doubt,
    known,
    status_of_accepted,
    sent_was_accepted,
    delivered_is_said,
    delivered_has_event,
    failed_has_reason,
    suppressed_has_reason,
    campaigns_reach_everybody,
)

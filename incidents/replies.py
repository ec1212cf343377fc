"""The incident conversation: which incident a text is about. What it then does to it is incidents.lifecycle's.

    an id in the text           counts, if it is one of the sender's incidents
    else the text it answers    if that one asked: an alert or a reminder
    else the only open one      of those the sender was asked about; if there are several, we ask which
    else the latest             the sender is told how it stands; a YES to one logged for review is still accepted

Only the incidents whose contact the sender is count. A stranger's YES is none of ours.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from incidents import inbox, lifecycle, selectors, texts
from incidents.lifecycle.notices import CONVERSATION
from incidents.models import Status
from incidents.selectors import Listed
from incidents.understanding import Meaning, Said, understand
from messaging import clock
from messaging.contracts import Handled, Page, Place, Reply
from messaging.models import InboundMessage, OutboundMessage
from messaging.phrases import of_number, speaking

# How long an id keeps its meaning in a text, and for how long a bare YES may mean an incident that has ended.
_REMEMBERED = timedelta(days=90)
_RECENT = timedelta(days=3)
# The text answers one of somebody else's, so it rather means that one.
_RECENT_IN_PASSING = timedelta(hours=1)


class IncidentReplies:
    """YES and NO."""

    view_permission = "incidents.view_incident"
    assign_permission = "incidents.change_incident"

    def receive(self, text: InboundMessage, hint: OutboundMessage | None) -> Handled | None:
        """See messaging.contracts.Conversation."""
        sender = text.origination_phone_number
        listed = selectors.of_sender(sender, since=clock.now() - _REMEMBERED)
        hinted = _hinted(hint, sender)
        known = [one.incident_id for one in listed]
        if hinted and hinted not in known:
            known.append(hinted)
        if not known:
            return None
        meaning = understand(text.body, known)
        if meaning.answer is None:
            return None
        if meaning.incident_ids:
            return _answer(text, meaning, meaning.incident_ids)

        candidates = _open(listed)
        if meaning.unknown_id:
            return _ask_which(sender, candidates, unknown=meaning.unknown_id) if candidates or hinted else None
        if candidates:
            asking = hinted if hint and hint.expects_reply and not meaning.everything else ""
            return _answer_open(text, meaning, candidates, asking)
        latest = hinted or _latest(listed, elsewhere=hint is None and bool(text.previous_published_message_id))
        return _answer(text, meaning, [latest]) if latest else None

    def not_understood(self, text: InboundMessage, hint: OutboundMessage) -> Handled | None:
        """See messaging.contracts.Conversation. One text on how to answer, while something is open for the sender."""
        sender = text.origination_phone_number
        listed = selectors.of_sender(sender, since=clock.now())
        candidates = _open(listed)
        if not candidates:
            return None
        with speaking(of_number(sender)):
            body = texts.explanation(candidates)
        subject = candidates[0] if len(candidates) == 1 else ""
        if hint.conversation == CONVERSATION and hint.subject in [one.incident_id for one in listed if one.is_open]:
            # What they meant is asked; what they said belongs to the incident whose text they answered.
            subject = hint.subject
        if subject:
            lifecycle.note_text(subject, text, body)
        reply = Reply(body, expects_reply=True)
        return Handled("not_understood", CONVERSATION, subject, [reply])

    def reserves(self, word: str) -> str:
        """See messaging.contracts.Conversation. YES and NO in all their forms, also with an id that sticks to them."""
        # Any part of it may be the id of an incident: "N95" is a NO to incident 95.
        ids = {part for at in range(len(word)) for part in (word[:at], word[at:])}
        if word == "ALL" or any(understand(word, [one]).answer for one in ids):
            return f"{word} answers incidents. Choose another word."
        return ""

    def text_settled(self, message: OutboundMessage) -> None:
        """See messaging.contracts.Conversation."""
        lifecycle.text_settled(message)

    def opted_out(self, phone_number: str, origination_identity: str, reason: str) -> None:
        """See messaging.contracts.Conversation."""
        lifecycle.opted_out(phone_number, origination_identity, reason)

    def concerned_by_opt_outs(self, phone_numbers: Collection[str]) -> Collection[str]:
        """See messaging.contracts.AsksFirst."""
        return selectors.that_may_be_asked(phone_numbers)

    def pages(self, subjects: Collection[str]) -> Mapping[str, Page]:
        """See messaging.contracts.Conversation."""
        return inbox.pages(subjects)

    def places(self, phone_number: str, texts: Sequence[InboundMessage]) -> Mapping[int, Sequence[Place]]:
        """See messaging.contracts.Conversation."""
        return inbox.places(phone_number, texts)


def _answer_open(text: InboundMessage, meaning: Meaning, candidates: Sequence[str], asking: str) -> Handled:
    """A bare answer, or one to ALL, while something is open; ``asking`` is the incident whose text it answers."""
    if asking:
        return _answer(text, meaning, [asking])
    if len(candidates) == 1 or meaning.everything:
        return _answer(text, meaning, candidates)
    return _ask_which(text.origination_phone_number, candidates)


def _answer(text: InboundMessage, meaning: Meaning, incident_ids: Sequence[str]) -> Handled:
    act = lifecycle.acknowledge if meaning.answer is Said.YES else lifecycle.decline
    sender = text.origination_phone_number
    # In one fixed order: two people who answer about the same incidents never wait for each other's locks in a ring.
    outcomes = [act(incident_id, contact=sender, note=meaning.tail, text=text) for incident_id in sorted(incident_ids)]
    bodies = [outcome.text for outcome in outcomes if outcome.text]
    replies = []
    if bodies:
        with speaking(of_number(sender)):
            body = bodies[0] if len(bodies) == 1 else texts.several(bodies, sorted(incident_ids))
        replies.append(Reply(body))
    return Handled(CONVERSATION, CONVERSATION, incident_ids[0], replies)


def _ask_which(sender: str, candidates: Sequence[str], *, unknown: str = "") -> Handled:
    with speaking(of_number(sender)):
        body = texts.which(candidates, unknown=unknown)
    # Of no single incident: a bare answer to this question must not be taken for an answer to one of them.
    return Handled(CONVERSATION, CONVERSATION, "", [Reply(body, expects_reply=True)])


def _hinted(hint: OutboundMessage | None, sender: str) -> str:
    """The incident of the text that this one answers, if the sender is a contact of it."""
    if hint is None or hint.conversation != CONVERSATION or not hint.subject:
        return ""
    return hint.subject if selectors.is_contact(hint.subject, sender) else ""


def _open(listed: Sequence[Listed]) -> list[str]:
    """The open incidents a bare answer may mean: those the sender was asked about, else those they may be."""
    still_open = [one for one in listed if one.is_open]
    asked = [one.incident_id for one in still_open if one.was_asked]
    return asked or [one.incident_id for one in still_open]


def _latest(listed: Sequence[Listed], *, elsewhere: bool) -> str:
    """The incident that ended last, if that is not long ago; "" when there is none."""
    since = clock.now() - (_RECENT_IN_PASSING if elsewhere else _RECENT)
    ended = [
        # Somebody is still wanted for what was only logged for review.
        (one.status == Status.UNACKNOWLEDGED, one.ended_at, one.incident_id)
        for one in listed
        if one.was_asked and one.ended_at is not None and one.ended_at >= since
    ]
    return max(ended)[2] if ended else ""

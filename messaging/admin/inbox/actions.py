"""What staff do in a thread: answer, put a text where it belongs, mark it as dealt with. Forms and sentences only."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from messaging import prices, registry, text
from messaging.admin.inbox.thread import Leave
from messaging.inbound import assigning, inbox
from messaging.inbound.inbox import CannotAnswer
from messaging.models import InboundMessage, OutboundMessage, Status
from messaging.text import BodyEmpty, BodyTooLong
from messaging.visibility import assignable_by

# Longer ones than AWS takes are counted as well, but a page need not count a book.
LONGEST = 10_000
_MOST_STRANGE = 5
DEALT_WITH = "done"
_BEFORE = "Somebody has dealt with it before."


class AnswerForm(forms.Form):
    """A text by hand.

    ``key`` names this one answer: sent twice by an impatient finger it is one text. ``seen`` is the newest text of
    theirs on the writer's page: what came later goes on waiting.
    """

    body = forms.CharField(max_length=LONGEST, strip=False, required=False)
    number = forms.CharField(max_length=20, required=False)
    key = forms.RegexField(r"\A[0-9a-f]{32}\Z")
    seen = forms.IntegerField(min_value=0, max_value=10**18, required=False)

    def send(self, phone_number: str, *, by: str) -> OutboundMessage | None:
        """Send it; None when it may not be sent, which the form then says."""
        given = self.cleaned_data
        try:
            return inbox.answer(
                phone_number,
                given["body"],
                by=by,
                key=given["key"],
                origination_identity=given["number"],
                seen=given["seen"],
            )
        except (BodyEmpty, BodyTooLong, CannotAnswer) as problem:
            self.add_error("body", ValidationError(str(problem)))
            return None


def new_key() -> str:
    """Of an answer that is still to be written."""
    return uuid4().hex


def size(body: str, phone_number: str) -> dict[str, Any]:
    """How a text would be sent, and what it would cost, for the counter below it."""
    found = text.measure(body)
    cost = prices.estimate(found.parts, prices.countries([phone_number]))
    strange = dict.fromkeys(one for one in body if text.measure(one).encoding != text.GSM)
    return {
        "encoding": found.encoding,
        "length": found.length,
        "limit": found.limit,
        "parts": found.parts,
        "fits": found.fits,
        "strange": " ".join(list(strange)[:_MOST_STRANGE]),
        "cost": cost.problem if cost.amount is None else f"about {cost.amount.normalize():f} {cost.currency}",
    }


def refused(leaves: Sequence[Leave]) -> str:
    """Why somebody can be texted from none of our numbers; "" when they can be, or nobody can tell."""
    if not leaves or not all(one.refusal for one in leaves):
        return ""
    reasons = dict.fromkeys(one.refusal for one in leaves)
    return f"{' '.join(reasons)} No text can be sent before they text JOIN. Call them instead."


def what_was_sent(message: OutboundMessage) -> tuple[str, bool]:
    """What became of an answer at once, in words, and whether that is well."""
    if message.status == Status.SUPPRESSED:
        return f"Not sent: {message.error_reason}", False
    return "Your answer is on its way.", True


def put(request: HttpRequest, phone_number: str) -> tuple[str, bool]:
    """Do with a text what a form of its thread says. Returns what came of it, in words, and whether that is well."""
    pk, place = request.POST.get("text", ""), request.POST.get("place", "")
    by = request.user.get_username()
    waiting = InboundMessage.objects.filter(
        pk=int(pk) if pk.isdecimal() and len(pk) <= 18 else 0, origination_phone_number=phone_number
    )
    found = waiting.filter(outcome=InboundMessage.Outcome.UNMATCHED, handled_at__isnull=True).first()
    if found is None:
        return _BEFORE, False
    if place == DEALT_WITH:
        if not inbox.deal_with(waiting, by=by):
            # Between the look and the deed somebody else was there.
            return _BEFORE, False
        note(request, found, "Dealt with")
        return "Dealt with. It no longer waits.", True
    name = _offered(request, found, place)
    if not name:
        return "It cannot be put there any more. Choose again.", False
    conversation, _, subject = place.partition(":")
    try:
        done = assigning.assign(found.pk, conversation=conversation, subject=subject, by=by)
    except assigning.NotTaken as problem:
        return str(problem), False
    if not done:
        return _BEFORE, False
    note(request, found, f"Put into {name}")
    return f"Put into {name}.", True


def _offered(request: HttpRequest, row: InboundMessage, place: str) -> str:
    """What a place is called, if it is one of those that this user is offered for the text; "" if not."""
    conversation, _, subject = place.partition(":")
    if conversation not in assignable_by(request.user):
        return ""
    places = registry.conversations()[conversation].places(row.origination_phone_number, [row])
    return next((one.name for one in places.get(row.pk, ()) if one.subject == subject), "")


def note(request: HttpRequest, row: InboundMessage | OutboundMessage, what: str) -> None:
    """Write into the log of changes what somebody did with a text."""
    assert request.user.pk is not None
    LogEntry.objects.log_actions(request.user.pk, [row], CHANGE, change_message=f"Inbox: {what}.")

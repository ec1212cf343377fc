"""What the inbox of staff asks of shifts: the page of each campaign, and whether a text may be put here."""

from collections.abc import Collection, Mapping, Sequence

from django.urls import reverse

from messaging.contracts import Page, Place
from messaging.models import InboundMessage
from messaging.wording import is_courtesy
from shifts import authorising, selectors
from shifts.models import Campaign
from shifts.understanding import Command, candidates, understand

_EFFECTS = {
    Command.BOOK: "What it asks for is booked, and they are told.",
    Command.DROP: "What it gives back is free again, and they are told.",
    Command.AGENT: "They are called back.",
}
_LISTED = "They get the list that it asks for."
_ASKED = "They are told how to book a shift."
_NOTHING = "It is kept with the campaign; no answer is sent."


def pages(subjects: Collection[str]) -> Mapping[str, Page]:
    """See messaging.contracts.Conversation."""
    rows = Campaign.objects.filter(campaign_id__in=subjects).values_list("pk", "campaign_id")
    return {name: Page(f"Campaign {name}", reverse("admin:shifts_campaign_change", args=(pk,))) for pk, name in rows}


def places(phone_number: str, texts: Sequence[InboundMessage]) -> Mapping[int, Sequence[Place]]:
    """See messaging.contracts.Conversation. Only what approved employees text: others would be turned away."""
    if not authorising.is_approved(selectors.employee_of(phone_number)):
        return {}
    existing = selectors.existing([code for text in texts for code in candidates(text.body)])
    return {text.pk: [Place("", "Shifts", _effect(text.body, existing))] for text in texts}


def _effect(body: str, existing: Collection[str]) -> str:
    command = understand(body, existing).command
    if command is None:
        return _NOTHING if is_courtesy(body) else _ASKED
    return _EFFECTS.get(command, _LISTED)

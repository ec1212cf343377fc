"""What the inbox of staff asks of incidents: the page of each, and where a text may be put that nobody understood."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from django.urls import reverse

from incidents import selectors
from incidents.models import Incident
from incidents.understanding import Meaning, Said, understand
from messaging import clock
from messaging.contracts import Page, Place
from messaging.models import InboundMessage

_EFFECTS = {
    Said.YES: "It counts as their YES.",
    Said.NO: "It counts as their NO.",
    None: "It goes on the timeline, and they are asked for YES or NO.",
}


def pages(subjects: Collection[str]) -> Mapping[str, Page]:
    """See messaging.contracts.Conversation."""
    rows = Incident.objects.filter(incident_id__in=subjects).values_list("pk", "incident_id")
    return {name: Page(f"Incident {name}", reverse("admin:incidents_incident_change", args=(pk,))) for pk, name in rows}


def places(phone_number: str, texts: Sequence[InboundMessage]) -> Mapping[int, Sequence[Place]]:
    """See messaging.contracts.Conversation. The open incidents that the sender is a contact of."""
    listed = selectors.of_sender(phone_number, since=clock.now())
    still_open = [one.incident_id for one in listed if one.is_open]
    return {text.pk: list(_fitting(text, still_open)) for text in texts} if still_open else {}


def _fitting(text: InboundMessage, still_open: Sequence[str]) -> Iterator[Place]:
    meaning = understand(text.body, still_open)
    for incident_id in still_open:
        # Whoever names an incident means that one, whatever staff think.
        if not meaning.incident_ids or incident_id in meaning.incident_ids:
            yield Place(incident_id, f"Incident {incident_id}", _effect(meaning))


def _effect(meaning: Meaning) -> str:
    return "They are asked which incident they mean." if meaning.unknown_id else _EFFECTS[meaning.answer]

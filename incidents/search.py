"""Looking for incidents by what staff type: an id, a phone number in any form, a name, words of the description."""

from django.db.models import Exists, OuterRef, Q

from incidents.models import Incident, IncidentContact
from messaging import selectors

# Words are looked for by reading, so only among so many of the newest; ids and numbers have indexes, and no end.
WORDS_AMONG = 10_000
# More matches than anybody looks through; the newest are kept.
MOST = 1_000
_MOST_WORDS = 8


def find(text: str) -> list[int]:
    """The keys of the incidents meant, MOST by number and MOST by words at most. Five queries at most.

    Of several words each must be in the description, the id or the name of a contact.
    """
    text = text.strip().replace("\x00", "")
    if not text:
        return []
    found = set(
        Incident.objects.filter(incident_id__in={text, text.lower(), text.upper()}).values_list("pk", flat=True)
    )
    if meant := selectors.phone_numbers_meant(text):
        rows = IncidentContact.objects.filter(phone_number__in=meant).order_by("-pk")
        found.update(rows.values_list("step__incident__id", flat=True)[:MOST])
    found.update(_with_words(text.split()[:_MOST_WORDS]))
    return list(found)


def _with_words(words: list[str]) -> list[int]:
    by_key = Incident.objects.order_by("-pk").values_list("pk", flat=True)
    # The key of the oldest that is still read.
    oldest = by_key[WORDS_AMONG - 1 : WORDS_AMONG].first() or 0
    rows = by_key.filter(pk__gte=oldest)
    for word in words:
        named = IncidentContact.objects.filter(step__incident=OuterRef("pk"), name__icontains=word)
        rows = rows.filter(Q(description__icontains=word) | Q(incident_id__icontains=word) | Exists(named))
    return list(rows[:MOST])

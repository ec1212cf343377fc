"""Parameters of GET /consent/ and its history."""

import django_filters  # type: ignore[import-untyped]
from django.db.models import Q, QuerySet

from messaging.api.filters import Identity, OneOf, PhoneNumber, moments
from optout.models import Action, ConsentEvent, Source

_WHO = "Whose consent, E.164 (+ as %2B)."


class _Identity(Identity):
    """What concerns one number of ours: said of it, or of every number."""

    def filter(self, events: QuerySet[ConsentEvent], value: str) -> QuerySet[ConsentEvent]:
        """Those of the number and those of every number."""
        return events.filter(Q(origination_identity=value) | Q(every_number=True)) if value else events


class StandingFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Who and which number of ours; both must be given."""

    phone_number = PhoneNumber(required=True, help_text=_WHO)
    origination_identity = _Identity(required=True, help_text="The number of ours, E.164, short code or sender ID.")


class HistoryFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Which events are listed."""

    phone_number = PhoneNumber(help_text=_WHO)
    origination_identity = _Identity(help_text="What was said of this number of ours, or of every number.")
    action = OneOf(choices=Action.choices, help_text="May be repeated.")
    source = OneOf(choices=Source.choices, help_text="May be repeated.")
    after, before = moments("occurred_at")

"""Filters of lists whose choices are known without reading the table."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from messaging import registry, selectors
from messaging.models import InboundMessage
from messaging.visibility import hidden_from


class ByConversation(admin.SimpleListFilter):
    """The conversations that the user sees, and the texts that belong to none."""

    title = "conversation"
    parameter_name = "conversation"
    _none = "-"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """What may be chosen."""
        hidden = hidden_from(request.user)
        keys = registry.configured("CONVERSATIONS") or {}
        return [(key, key.capitalize()) for key in keys if key not in hidden] + [(self._none, "None")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows of the conversation chosen."""
        if self.value() is None:
            return queryset
        return queryset.filter(conversation="" if self.value() == self._none else self.value())


class ByOutcome(admin.SimpleListFilter):
    """What became of inbound texts; what waits for staff comes first."""

    title = "outcome"
    parameter_name = "outcome"
    _waiting = "waiting"
    _unrouted = "unrouted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """What may be chosen."""
        return [
            (self._waiting, "Unmatched, not dealt with"),
            *InboundMessage.Outcome.choices,
            (self._unrouted, "Not routed yet"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[InboundMessage]) -> QuerySet[InboundMessage]:
        """Texts with the outcome chosen."""
        match self.value():
            case None:
                return queryset
            case self._waiting:
                return queryset & selectors.waiting_for_staff()
            case self._unrouted:
                return queryset.filter(routed_at__isnull=True)
            case outcome:
                return queryset.filter(outcome=outcome)

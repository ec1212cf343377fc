"""People behind phone numbers."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from messaging import selectors
from messaging.admin.base import Admin
from messaging.forms import PhoneNumberField
from messaging.models import Contact


@admin.register(Contact)
class ContactAdmin(Admin):
    """Contacts. A phone number may be written as people write it, with country code."""

    nothing_yet = "No contacts yet"
    nothing_yet_hint = "A contact gives a phone number a name and a language."
    list_display = ("name", "phone_number", "language", "time_zone")
    list_display_links = ("name", "phone_number")
    search_fields = ("name", "phone_number")
    search_help_text = "A name, or a phone number in any form."
    fields = (("phone_number", "name"), ("language", "time_zone"))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Room for spaces and brackets; what is kept is E.164."""
        if db_field.name == "phone_number":
            options |= {
                "form_class": PhoneNumberField,
                "max_length": 40,
                "help_text": "With country code, for example +1 425 555 0182.",
            }
        return super().formfield_for_dbfield(db_field, request, **options)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Contact], search_term: str
    ) -> tuple[QuerySet[Contact], bool]:
        """Names and numbers that contain the words, and the phone number however it is written."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if meant := selectors.phone_numbers_meant(search_term):
            found = queryset.filter(Q(phone_number__in=meant) | Q(pk__in=found.values("pk")))
        return found, may_repeat

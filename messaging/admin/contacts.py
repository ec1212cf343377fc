"""People behind phone numbers."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from messaging import selectors
from messaging.admin.base import Admin, action, back_to, dialog
from messaging.forms import PhoneNumberField
from messaging.models import Contact
from messaging.privacy import erasing


class Erasure(BaseDialogForm):  # type: ignore[misc]
    """Why, and whether to end what stands in the way."""

    reason = forms.CharField(
        max_length=300,
        widget=UnfoldAdminTextInputWidget,
        help_text="It stands in the record of the erasure: name nobody. For example: asked by letter of 2 July.",
    )
    end_open = forms.BooleanField(
        label="End what is open",
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text="Withdraws waiting texts, gives back shifts to come, declines open incidents for them, closes call "
        "backs. Without it the erasure is refused while there are any.",
    )


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

    actions_detail = ("erase_person",)

    @action(
        description="Erase this person",
        permissions=["erase_person"],
        icon="person_off",
        dialog=dialog(
            "Erase this person",
            "Their number, name and every word of theirs go for good; figures stay. Whether they opted out stays known "
            "under a keyed hash, so that it is honoured should they come back.",
            "Erase for good",
            Erasure,
        ),
    )
    def erase_person(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Ask for it; a worker does it."""
        contact = self.get_object(request, object_id)
        if contact is None:
            raise Http404
        try:
            row = erasing.request(
                contact.phone_number,
                reason=form.cleaned_data["reason"],
                actor=request.user.get_username(),
                end_open=form.cleaned_data["end_open"],
            )
        except ValueError:
            self.message_user(request, "Nothing was done: this person is erased already.", messages.ERROR)
        except erasing.NotNow as refused:
            self.message_user(request, f"Nothing was erased. {refused}", messages.ERROR)
            return back_to(request, "messaging_contact_change", contact.pk)
        else:
            name = row.stand_in if row else "nobody"
            self.message_user(
                request,
                f"A worker erases this person now; their rows will be called {name}. The record comes to Erasures.",
                messages.SUCCESS,
            )
        return back_to(request, "messaging_contact_changelist")

    def has_erase_person_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """A permission of its own: it cannot be undone."""
        return request.user.has_perm("messaging.erase_person")

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

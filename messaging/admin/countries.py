"""Rules for countries: whether people there are texted, and from which numbers."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from messaging.admin.base import Admin, display
from messaging.models import CountryRule, OriginationIdentity


@admin.register(CountryRule)
class CountryRuleAdmin(Admin):
    """A country without a rule is texted from the number of that country, else from the default."""

    list_display = ("iso_country_code", "allowed", "sent_from")
    list_filter = ("allowed",)
    search_fields = ("iso_country_code",)
    search_help_text = "Two letters of a country, for example US."
    fieldsets = ((None, {"fields": ("iso_country_code", "allowed", "numbers")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CountryRule]:
        """Each with its numbers."""
        found: QuerySet[CountryRule] = super().get_queryset(request)
        return found.prefetch_related("numbers")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Numbers that could send: those switched off do not."""
        options["queryset"] = OriginationIdentity.objects.filter(active=True).order_by("identity")
        # Boxes to tick: nobody needs to know that a key is to be held down for more than one.
        options["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
        return super().formfield_for_manytomany(db_field, request, **options)

    @display(description="Sent from")
    def sent_from(self, row: CountryRule) -> str:
        """The numbers, or what holds without."""
        names = [number.identity for number in row.numbers.all()]
        return ", ".join(names) or "The number of that country, else the default"

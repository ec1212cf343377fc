"""Rules for countries: whether people there are texted, and from which numbers."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from messaging import pools
from messaging.admin.base import Admin, display
from messaging.forms import CountryRuleForm
from messaging.models import CountryRule, OriginationIdentity


@admin.register(CountryRule)
class CountryRuleAdmin(Admin):
    """A country without a rule is texted from the number of that country, else from the default."""

    form = CountryRuleForm
    list_display = ("iso_country_code", "allowed", "sent_from")
    list_filter = ("allowed",)
    search_fields = ("iso_country_code",)
    search_help_text = "Two letters of a country, for example US."
    readonly_fields = ("pool_now",)
    fieldsets = ((None, {"fields": ("iso_country_code", "allowed", "numbers", "pool", "pool_now")}),)
    add_fieldsets = ((None, {"fields": ("iso_country_code", "allowed", "numbers", "pool")}),)

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

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """A pool is chosen: nobody types its id."""
        if db_field.name == "pool":
            options["widget"] = UnfoldAdminSelectWidget()
        return super().formfield_for_dbfield(db_field, request, **options)

    @display(description="This pool now")
    def pool_now(self, row: CountryRule) -> str:
        """Each number of the pool as it is saved, and what it does for this country."""
        if not row.pool:
            return "No pool is named."
        lines = list(pools.told(row.pool, row.iso_country_code, pools.known()))
        return format_html_join("", "<div>{}: {}</div>", lines) or "No number is in it any more."

    @display(description="Sent from")
    def sent_from(self, row: CountryRule) -> str:
        """The numbers and the pool, or what holds without."""
        names = [*(number.identity for number in row.numbers.all()), *([row.pool] if row.pool else [])]
        return ", ".join(names) or "The number of that country, else the default"

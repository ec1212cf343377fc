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

_WITHOUT = "The number of that country, else the default"


@admin.register(CountryRule)
class CountryRuleAdmin(Admin):
    """A country without a rule is texted from the number of that country, else from the default."""

    form = CountryRuleForm
    list_display = ("iso_country_code", "allowed", "sent_from")
    list_filter = ("allowed",)
    search_fields = ("iso_country_code",)
    search_help_text = "Two letters of a country, for example US."
    readonly_fields = ("means_now",)
    fieldsets = ((None, {"fields": ("iso_country_code", "allowed", "numbers", "pool", "means_now")}),)
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

    @display(description="That means now")
    def means_now(self, row: CountryRule) -> str:
        """Each number of the rule as it is saved, those of its pool included, and what it does for this country."""
        lines = format_html_join("", "<div>{}: {}</div>", pools.of_rule(row))
        if row.pool and not lines:
            return f"No number is in {row.pool} any more: texts leave as without this rule."
        return lines or _WITHOUT

    @display(description="Sent from")
    def sent_from(self, row: CountryRule) -> str:
        """The numbers and the pool, or what holds without."""
        names = [*(number.identity for number in row.numbers.all()), *([row.pool] if row.pool else [])]
        return ", ".join(names) or _WITHOUT

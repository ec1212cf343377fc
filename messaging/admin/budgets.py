"""What may be spent in a month, and how much of it is."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from messaging import clock
from messaging.admin.base import Admin, display
from messaging.budgets import spending
from messaging.models import Budget

_ABOUT = (
    "Texts count once AWS has taken them: at your own prices per part, and at what AWS charged as soon as it says so. "
    "Looked at every 15 seconds, so a campaign may go beyond its budget by what leaves in that time."
)
_TONES = {Budget.Level.WITHIN: "success", Budget.Level.WARNED: "warning", Budget.Level.REACHED: "danger"}


@admin.register(Budget)
class BudgetAdmin(Admin):
    """Budgets, of numbers and of all."""

    list_display = ("whose", "amount_label", "used", "level_label", "stops_campaigns")
    list_select_related = ("origination_identity",)
    readonly_fields = ("used", "level_in_words", "spent_in_words", "prices_in_words", "counted_label")
    fieldsets = (
        (None, {"description": _ABOUT, "fields": ("origination_identity", ("amount", "currency"))}),
        ("When it comes to an end", {"fields": ("warn_percent", "stops_campaigns")}),
        ("This month", {"fields": ("used", "level_in_words", "spent_in_words", "prices_in_words", "counted_label")}),
    )
    add_fieldsets = fieldsets[:2]

    def save_model(self, request: HttpRequest, obj: Budget, form: Any, change: bool) -> None:
        """Write what was changed, and have it looked at anew at once: nothing waits for a budget that was raised."""
        if not change:
            obj.save()
            return
        obj.counted_at = None
        obj.save(update_fields=[*form.changed_data, "counted_at"])

    def get_queryset(self, request: HttpRequest) -> QuerySet[Budget]:
        """All of them: there are few."""
        found: QuerySet[Budget] = super().get_queryset(request)
        return found

    @display(description="For", ordering="origination_identity__identity")
    def whose(self, row: Budget) -> str:
        """A number, or all."""
        return row.origination_identity.identity if row.origination_identity else "All numbers"

    @display(description="A month", ordering="amount")
    def amount_label(self, row: Budget) -> str:
        """With its currency."""
        return f"{row.amount} {row.currency}"

    @display(description="Used")
    def used(self, row: Budget) -> SafeString:
        """As a bar."""
        percent = min(int(row.spent * 100 / row.amount) if row.amount else 100, 999)
        return format_html(
            '<progress class="tb-progress" max="100" value="{}" aria-label="Used"></progress> {} %',
            min(percent, 100),
            percent,
        )

    @display(description="State", label=_TONES)
    def level_label(self, row: Budget) -> tuple[str, str]:
        """In words."""
        return row.level, row.get_level_display()

    @display(description="State")
    def level_in_words(self, row: Budget) -> str:
        """On the page of one."""
        return row.get_level_display()

    @display(description="Spent")
    def spent_in_words(self, row: Budget) -> str:
        """What AWS charged, and what is open."""
        found = self._spent(row)
        words = f"{found.charged:.2f} {row.currency} charged, {found.open:.2f} estimated, for {found.parts} parts."
        if found.without_price:
            words += f" {found.without_price} parts have no price: add one at Prices per part."
        return words

    @display(description="Your prices")
    def prices_in_words(self, row: Budget) -> str:
        """How far the table is off."""
        percent = self._spent(row).deviation_percent
        if percent is None:
            return "AWS has not said yet what it charges."
        if not percent:
            return "AWS charges what your prices per part say."
        return f"AWS charges {abs(percent)} % {'more' if percent > 0 else 'less'} than your prices per part say."

    @display(description="Counted")
    def counted_label(self, row: Budget) -> str:
        """When it was looked at."""
        return date_format(localtime(row.counted_at), "DATETIME_FORMAT") if row.counted_at else "Not yet"

    def _spent(self, row: Budget) -> Any:
        identity = row.origination_identity.identity if row.origination_identity else None
        return spending.of(spending.this_month(clock.now()), identity, row.currency)

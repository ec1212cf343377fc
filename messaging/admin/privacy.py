"""Who was erased, when, by whom and why; and what was too old. Nothing here names anybody."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from messaging import selectors
from messaging.admin.base import HistoryAdmin, display
from messaging.models import ErasureRequest, PrivacyRecord
from messaging.privacy.names import fingerprint


def _in_words(counts: dict[str, int]) -> str:
    """Each table in its own words; a label may have more behind a space."""
    found = []
    for label, rows in sorted(counts.items()):
        model, _, more = label.partition(" ")
        found.append(f"{apps.get_model(model)._meta.verbose_name_plural} {more}".strip() + f": {rows}")
    return ", ".join(found) or "nothing"


@admin.register(PrivacyRecord)
class PrivacyRecordAdmin(HistoryAdmin):
    """Records, append-only. Searching for a number answers whether it was erased: by a hash, the number is not here."""

    nothing_yet = "Nobody was erased yet"
    nothing_yet_hint = "Erase a person from their contact's page, or by manage.py erase_person."
    list_display = ("at", "kind", "stand_in", "actor", "reason", "all_rows")
    list_display_links = ("at",)
    list_filter = ("kind", ("at", admin.DateFieldListFilter))
    # Names the box; get_search_results searches.
    search_fields = ("fingerprint",)
    search_help_text = "A phone number in any form: was it erased?"
    fields = readonly_fields = (
        "at",
        "kind",
        "stand_in",
        "actor",
        "reason",
        "began_at",
        "rows",
        "fingerprint",
        "key_id",
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By the hash of the number, or by a stand-in."""
        term = search_term.strip()
        if not term:
            return queryset, False
        prints = [fingerprint(number) for number in selectors.phone_numbers_meant(term)]
        found = queryset.filter(fingerprint__in=prints) if prints else queryset.filter(fingerprint=term)
        return found, False

    @display(description="Rows")
    def all_rows(self, record: PrivacyRecord) -> int:
        """Of all tables."""
        return sum(record.counts.values())

    @display(description="Rows")
    def rows(self, record: PrivacyRecord) -> str:
        """By table."""
        return _in_words(record.counts)


@admin.register(ErasureRequest)
class ErasureRequestAdmin(HistoryAdmin):
    """Who is being erased: how far it is, and what stands in the way."""

    nothing_yet = "Nobody is being erased"
    nothing_yet_hint = "Whoever is to be erased stands here until a worker has done it."
    list_display = ("requested_at", "stand_in", "actor", "reason", "rows", "problem")
    list_display_links = ("requested_at",)
    phone_number_field = "phone_number"
    search_fields = ("phone_number",)
    fields = readonly_fields = ("requested_at", "stand_in", "actor", "reason", "rows", "next_try_at", "problem")

    @display(description="Rows so far")
    def rows(self, row: ErasureRequest) -> str:
        """By table."""
        return _in_words(row.counts)

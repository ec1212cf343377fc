"""What a part of a text costs in each country, for estimates."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from messaging.admin.base import Admin, display
from messaging.models import PartPrice

_ESTIMATES = (
    "Textback estimates with these prices what a campaign will cost, before it is sent. They change no bill: what AWS "
    "really charged comes with the news of each text."
)


@admin.register(PartPrice)
class PartPriceAdmin(Admin):
    """Prices. A country without a line of its own has the price of the line without a country."""

    list_display = ("country_label", "price_label")
    search_fields = ("iso_country_code",)
    search_help_text = "Two letters of a country, for example US. These prices are for estimates only."
    fieldsets = ((None, {"description": _ESTIMATES, "fields": ("iso_country_code", "price", "currency")}),)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list."""
        title = {"title": "Prices per part, for estimates"}
        answer: HttpResponse = super().changelist_view(request, title | (extra_context or {}))
        return answer

    @display(description="Country", ordering="iso_country_code")
    def country_label(self, row: PartPrice) -> str:
        """Or all that have no line."""
        return row.iso_country_code or "Every other country"

    @display(description="Price per part", ordering="price")
    def price_label(self, row: PartPrice) -> str:
        """With its currency."""
        return f"{row.price.normalize():f} {row.currency}"

"""The texts of a day, by conversation and status, and what they cost."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from messaging.daily.spans import within
from messaging.models import InboundMessage, OutboundMessage

# SQLite adds decimals up as floats.
_AS_STORED = Decimal("0.000001")


class Texts:
    """Plug-in of settings.MESSAGING["DAILY"]."""

    name = "texts"

    def of(self, begin: datetime, end: datetime) -> Mapping[str, Any]:
        """``statuses``: conversation → status → texts queued; ``parts``, ``spent`` by currency; ``inbound``."""
        rows = (
            within(OutboundMessage.objects.all(), "queued_at", begin, end)
            .order_by()
            .values_list("conversation", "status", "currency")
            .annotate(texts=Count("pk"), parts=Sum("parts"), spent=Sum("price"))
        )
        statuses: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        spent: dict[str, Decimal] = defaultdict(Decimal)
        parts = 0
        for conversation, status, currency, texts, its_parts, price in rows:
            statuses[conversation][status] += texts
            parts += its_parts
            if price is not None:
                spent[currency] += price
        inbound = within(InboundMessage.objects.all(), "stored_at", begin, end).count()
        money = {currency: str(amount.quantize(_AS_STORED)) for currency, amount in spent.items()}
        return {"statuses": statuses, "parts": parts, "spent": money, "inbound": inbound}

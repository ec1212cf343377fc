"""Who opted out on a day, and who opted in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count

from optout.models import ConsentEvent


class Consent:
    """Plug-in of settings.MESSAGING["DAILY"]."""

    name = "consent"

    def of(self, begin: datetime, end: datetime) -> Mapping[str, Any]:
        """``opt_out`` and ``opt_in``: events that occurred that day."""
        rows = ConsentEvent.objects.filter(occurred_at__gte=begin, occurred_at__lt=end)
        return dict(rows.order_by().values_list("action").annotate(events=Count("pk")))

"""The incidents that were opened on a day, and how long people took to answer."""

from collections.abc import Mapping
from datetime import datetime
from statistics import median
from typing import Any

from incidents.models import Incident, Status


class Incidents:
    """Plug-in of settings.MESSAGING["DAILY"]."""

    name = "incidents"

    def of(self, begin: datetime, end: datetime) -> Mapping[str, Any]:
        """``opened``; of these ``acknowledged``, ``unacknowledged`` by now; ``median_seconds`` to acknowledgement."""
        rows = list(
            Incident.objects.filter(opened_at__gte=begin, opened_at__lt=end)
            .order_by()
            .values_list("status", "opened_at", "acknowledged_at")
        )
        took = [(acknowledged - opened).total_seconds() for _, opened, acknowledged in rows if acknowledged]
        return {
            "opened": len(rows),
            "acknowledged": len(took),
            "unacknowledged": sum(status == Status.UNACKNOWLEDGED for status, _, _ in rows),
            "median_seconds": median(took) if took else None,
        }

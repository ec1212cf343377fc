"""The places that were taken on a day, and given back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from messaging.daily.spans import within
from shifts.models import Booking


class Shifts:
    """Plug-in of settings.MESSAGING["DAILY"]."""

    name = "shifts"

    def of(self, begin: datetime, end: datetime) -> Mapping[str, Any]:
        """``booked`` that day, and how many of these are ``dropped`` by now."""
        booked = within(Booking.objects.all(), "booked_at", begin, end)
        return {"booked": booked.count(), "dropped": booked.filter(dropped_at__isnull=False).count()}

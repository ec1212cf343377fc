"""The audit of shifts: places, campaigns, and what waits for a worker."""

from collections.abc import Mapping, Sequence

from messaging.audit.findings import Check
from shifts.audit import campaigns, moves, people, recipients
from shifts.models import Booking, Campaign, Shift


class Shifts:
    """See messaging.duties.Audit."""

    name = "shifts"

    def checks(self) -> Sequence[Check]:
        """Every check of shifts."""
        return [*people.CHECKS, *campaigns.CHECKS, *moves.CHECKS, *recipients.CHECKS]

    def sizes(self) -> Mapping[str, int]:
        """Campaigns, shifts and bookings."""
        return {
            "campaigns": Campaign.objects.count(),
            "shifts": Shift.objects.count(),
            "bookings": Booking.objects.count(),
        }

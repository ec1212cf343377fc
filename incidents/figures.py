"""How incidents stand, for /metrics."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from incidents import counted, selectors
from incidents.models import Incident, Status
from messaging.counting import Counted, Gauge
from messaging.figures import counted_so_far, seconds_since


class Incidents:
    """Plug-in of settings.MESSAGING["FIGURES"]."""

    counted: Sequence[Counted] = counted.ALL

    def standing(self, now: datetime) -> Iterator[Gauge]:
        """Four queries, by indexes that begin with what waits."""
        for status, what in (
            (Status.NOT_ACKNOWLEDGED, "Incidents that nobody has yet"),
            (Status.UNACKNOWLEDGED, "Incidents logged for review, which nobody had"),
        ):
            number = counted_so_far(Incident.objects.filter(status=status))
            yield Gauge(f"textback_incidents_{status}", f"{what}, counted to 2000.", {(): number})
        overdue = Incident.objects.filter(next_step_at__lte=now)
        yield Gauge("textback_incidents_overdue", "Those whose wait is over.", {(): counted_so_far(overdue)})
        late = seconds_since(selectors.next_due_at(), now)
        yield Gauge("textback_incident_overdue_seconds", "For how long the first wait has been over.", {(): late})

"""How consent stands, for /metrics."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from messaging.counting import Counted, Gauge
from messaging.figures import counted_so_far
from optout import counted, selectors


class Consent:
    """Plug-in of settings.MESSAGING["FIGURES"]."""

    counted: Sequence[Counted] = counted.ALL

    def standing(self, now: datetime) -> Iterator[Gauge]:
        """One query."""
        pleas = counted_so_far(selectors.waiting_pleas().select_related(None))
        yield Gauge("textback_pleas_waiting", "Texts that may ask to stop, and nobody has decided.", {(): pleas})

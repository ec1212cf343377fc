"""The ground floor's audit: texts out and in, delivery events, lanes."""

from collections.abc import Mapping, Sequence

from messaging.audit import contradictions, erased, evidence, lanes, orphans, stuck, webhooks
from messaging.audit.findings import Check
from messaging.models import DeliveryEvent, InboundMessage, OutboundMessage


class Ground:
    """See messaging.duties.Audit."""

    name = "messaging"

    def checks(self) -> Sequence[Check]:
        """Every check of the ground floor."""
        return [
            *stuck.CHECKS,
            *lanes.CHECKS,
            *orphans.CHECKS,
            *evidence.CHECKS,
            *contradictions.CHECKS,
            *webhooks.CHECKS,
            *erased.CHECKS,
        ]

    def sizes(self) -> Mapping[str, int]:
        """Texts and events; counting them takes an index each."""
        return {
            "texts": OutboundMessage.objects.count(),
            "inbound texts": InboundMessage.objects.count(),
            "delivery events": DeliveryEvent.objects.count(),
        }

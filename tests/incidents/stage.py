"""A stage for incidents: people with phones, a carrier that takes or refuses texts, and time that is moved."""

import itertools
from typing import Any

from incidents import lifecycle
from incidents.models import Incident, TimelineEntry
from messaging import clock
from messaging.inbound import routing
from messaging.models import InboundMessage, OutboundMessage, Status
from messaging.outbound import outcomes
from messaging.outbound.outbox.moves import move
from tests.moving import MovableTime

ANNA, BEN, CARA, STRANGER = "+14255550111", "+14255550112", "+14255550113", "+14255550199"
OUR_NUMBER = "+14255550100"
WAIT = 40


class Stage:
    """Drives incidents through the real outbox and the real router."""

    def __init__(self, time: MovableTime) -> None:
        self.time = time
        self._ids = itertools.count(1)

    def open(self, incident_id: str = "123", **fields: Any) -> Incident:
        """Open an incident for Anna, then Ben, unless told otherwise."""
        if "escalation_policy" not in fields:
            fields = {"first_contact": ANNA, "second_contact": BEN, "wait_seconds": WAIT} | fields
        fields = {"description": "Pump 4 has stopped", "url": "https://example.com/123"} | fields
        incident, _ = lifecycle.open_incident(lifecycle.Request(incident_id=incident_id, **fields), actor="ops")
        return incident

    def accept(self, phone_number: str = "") -> None:
        """AWS takes what is queued (for one person, or all), and the incidents hear of it."""
        self.taken(phone_number)
        outcomes.tell()

    def taken(self, phone_number: str = "") -> None:
        """AWS takes what is queued (for one person, or all); the incidents have not heard of it yet."""
        for message in self.queued(phone_number):
            self._settle(message, Status.SENT, carrier_message_id=f"carrier-{message.pk}")

    def refuse(self, phone_number: str) -> None:
        """What is queued for somebody, or was sent to them last, fails for good."""
        for message in self.queued(phone_number) or [self.last(phone_number)]:
            if message.status == Status.QUEUED:
                row = OutboundMessage.objects.filter(pk=message.pk)
                move(row, [Status.QUEUED], Status.SENDING, clock.now(), attempts=1)
                message.status = Status.SENDING
            self._settle(message, Status.FAILED, error_code="TEXT_INVALID", error_reason="No such number")
        outcomes.tell()

    def _settle(self, message: OutboundMessage, to: Status, **fields: Any) -> None:
        row = OutboundMessage.objects.filter(pk=message.pk)
        assert move(row, [Status(message.status)], to, clock.now(), **fields) == 1

    def queued(self, phone_number: str = "") -> list[OutboundMessage]:
        """Texts that wait for their lane, in order."""
        rows = OutboundMessage.objects.filter(status=Status.QUEUED).order_by("id")
        return list(rows.filter(destination_phone_number=phone_number) if phone_number else rows)

    def last(self, phone_number: str) -> OutboundMessage:
        """The last text to somebody."""
        return OutboundMessage.objects.filter(destination_phone_number=phone_number).latest("id")

    def texts(self, phone_number: str) -> list[str]:
        """Every text to somebody, oldest first; withdrawn ones never arrive."""
        rows = OutboundMessage.objects.filter(destination_phone_number=phone_number)
        rows = rows.exclude(status__in=[Status.CANCELLED, Status.SUPPRESSED, Status.FAILED])
        return list(rows.order_by("id").values_list("body", flat=True))

    def forward(self, seconds: float) -> None:
        """Let time pass; what is due runs, and AWS takes every text at once."""
        self.time.forward(seconds)
        self.due()
        self.accept()

    def due(self) -> int:
        """Run what is due now."""
        return lifecycle.run_due(clock.now())

    def say(self, phone_number: str, body: str, *, answering: OutboundMessage | str | None = "last") -> list[str]:
        """Somebody texts us, in answer to the last text they got unless told otherwise. Returns what they hear."""
        if answering == "last":
            rows = OutboundMessage.objects.filter(
                destination_phone_number=phone_number, carrier_message_id__isnull=False
            )
            answering = rows.order_by("-id").first()
        hint = answering.carrier_message_id if isinstance(answering, OutboundMessage) else answering
        text = InboundMessage.objects.create(
            inbound_message_id=f"inbound-{next(self._ids)}",
            sns_message_id="sns",
            origination_phone_number=phone_number,
            destination_phone_number=OUR_NUMBER,
            body=body,
            previous_published_message_id=hint or "",
            received_at=clock.now(),
            stored_at=clock.now(),
            route_after=clock.now(),
        )
        routing.route_waiting()
        text.refresh_from_db()
        assert text.error == ""
        self.outcome = text.outcome
        return self.heard(text)

    def heard(self, text: InboundMessage) -> list[str]:
        """What somebody heard in answer to a text."""
        rows = OutboundMessage.objects.filter(idempotency_key__startswith=f"inbound:{text.inbound_message_id}:")
        return [message.body for message in rows]

    def incident(self, incident_id: str = "123") -> Incident:
        """The row as it is now."""
        return Incident.objects.get(incident_id=incident_id)

    def status(self, incident_id: str = "123") -> str:
        """The incident's status now."""
        return self.incident(incident_id).status

    def kinds(self, incident_id: str = "123") -> list[str]:
        """The kinds of the timeline's lines, in order."""
        rows = TimelineEntry.objects.filter(incident__incident_id=incident_id).order_by("at", "id")
        return list(rows.values_list("kind", flat=True))

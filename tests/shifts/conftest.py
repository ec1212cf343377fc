"""What tests of shifts rely on."""

import pytest

from messaging.inbound import routing
from messaging.models import InboundMessage, OriginationIdentity, OutboundMessage, Priority, Status
from shifts.models import Campaign
from tests.messaging.factories import ANN, received, standing
from tests.moving import MovableTime


class Phone:
    """Somebody's telephone: texts us through the real router, and hears what is queued for it."""

    def __init__(self, number: str = ANN) -> None:
        self.number = number
        self.outcome = self.subject = ""

    def say(self, body: str, answering: OutboundMessage | str | None = None) -> str:
        """Text us, in answer to a text of ours or to none. Returns what is heard at once; "" for nothing."""
        previous = answering.carrier_message_id if isinstance(answering, OutboundMessage) else answering
        text = received(body, self.number, previous_published_message_id=previous or "")
        routing.route_waiting()
        text.refresh_from_db()
        assert text.error == ""
        self.outcome, self.subject = text.outcome, text.subject
        return heard(text)


def heard(text: InboundMessage) -> str:
    """What the sender of a text heard in answer to it."""
    rows = OutboundMessage.objects.filter(idempotency_key__startswith=f"inbound:{text.inbound_message_id}:")
    assert len(rows) < 2
    return rows[0].body if rows else ""


def texted(campaign: Campaign | str, to: str = ANN, seconds_ago: float = 60, **fields: object) -> OutboundMessage:
    """A campaign's text that somebody got."""
    subject = campaign if isinstance(campaign, str) else campaign.campaign_id
    values = {"conversation": "shifts", "subject": subject, "priority": Priority.CAMPAIGN}
    status = fields.pop("status", Status.SENT)
    assert isinstance(status, Status)
    return standing(status, to, seconds_ago, **values | fields)


@pytest.fixture
def ann(number: OriginationIdentity, time: MovableTime) -> Phone:
    """Ann's telephone."""
    return Phone(ANN)

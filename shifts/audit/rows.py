"""A campaign's texts, as its checks ask for them."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from messaging.models import OutboundMessage, Priority, Status
from shifts.campaigns.subject import CONVERSATION
from shifts.models import Campaign


def texts_of() -> QuerySet[OutboundMessage]:
    """Its texts; answers to replies have its id as well, and another priority. Index messaging_outbound_subject."""
    return OutboundMessage.objects.filter(
        conversation=CONVERSATION, subject=OuterRef("campaign_id"), priority=Priority.CAMPAIGN
    )


def under_way() -> Exists:
    """Whether any of them has still to leave."""
    return Exists(texts_of().filter(status__in=[Status.QUEUED, Status.SENDING]))


def campaign_of_text() -> Exists:
    """Whether the campaign of a text is there."""
    return Exists(Campaign.objects.filter(campaign_id=OuterRef("subject")))


def kept_out_rightly() -> Exists:
    """Whether the campaign of a text or of a withheld subject may keep its texts out of their lanes."""
    may = Q(status="paused") | Q(settling=True)
    return Exists(Campaign.objects.filter(may, campaign_id=OuterRef("subject")))


def name(row: Campaign) -> str:
    """A campaign."""
    return f"campaign {row.campaign_id}"

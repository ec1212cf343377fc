"""What became of campaigns, counted from the rows."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from messaging.models import InboundMessage, OutboundMessage, Priority, Status
from shifts.campaigns.subject import CONVERSATION
from shifts.models import Booking, Campaign

# Who got no text, as far as anybody knows.
_NOT_TEXTED = (Status.SUPPRESSED, Status.FAILED, Status.UNKNOWN, Status.CANCELLED, Status.EXPIRED)


@dataclass(frozen=True, slots=True)
class Counts:
    """People, each counted once.

    Attributes:
        recipients: everybody with a row, whatever its status.
        queued: not with AWS yet, those just being handed over included.
        sent: accepted by AWS, delivered ones included.
        replied: those who texted back about it; a STOP is not counted.
        booked: those who hold a shift that they booked through it.
    """

    recipients: int = 0
    queued: int = 0
    sent: int = 0
    delivered: int = 0
    failed: int = 0
    suppressed: int = 0
    unknown: int = 0
    cancelled: int = 0
    replied: int = 0
    booked: int = 0


def counts(campaigns: Collection[Campaign]) -> dict[str, Counts]:
    """The figures of each campaign, by its id. Three queries, however many campaigns."""
    ids = [campaign.campaign_id for campaign in campaigns]
    by_status: dict[str, dict[str, int]] = {campaign_id: {} for campaign_id in ids}
    for campaign_id, status, people in (
        _texts(ids).order_by().values_list("subject", "status").annotate(people=Count("pk"))
    ):
        by_status[campaign_id][status] = people
    replied = dict(
        InboundMessage.objects.filter(conversation=CONVERSATION, subject__in=ids)
        # Says what the index's condition says: SQLite would read all that ever came in.
        .exclude(subject="")
        .order_by()
        .values_list("subject")
        .annotate(people=Count("origination_phone_number", distinct=True))
    )
    booked = dict(
        Booking.objects.filter(campaign__in=campaigns, dropped_at__isnull=True)
        .order_by()
        .values_list("campaign__campaign_id")
        .annotate(people=Count("employee", distinct=True))
    )
    return {
        campaign_id: _counts(by_status[campaign_id], replied.get(campaign_id, 0), booked.get(campaign_id, 0))
        for campaign_id in ids
    }


def not_texted(campaign: Campaign) -> QuerySet[OutboundMessage]:
    """Who got no text and why, in the order in which they were to be texted."""
    return _texts([campaign.campaign_id]).filter(status__in=_NOT_TEXTED).order_by("id")


def _texts(campaign_ids: Collection[str]) -> QuerySet[OutboundMessage]:
    # Answers to replies have the campaign as subject as well, and another priority.
    return OutboundMessage.objects.filter(
        conversation=CONVERSATION, subject__in=campaign_ids, priority=Priority.CAMPAIGN
    )


def _counts(people: dict[str, int], replied: int, booked: int) -> Counts:
    def of(*statuses: Status) -> int:
        return sum(people.get(status, 0) for status in statuses)

    return Counts(
        recipients=sum(people.values()),
        queued=of(Status.QUEUED, Status.SENDING),
        sent=of(Status.SENT, Status.DELIVERED),
        delivered=of(Status.DELIVERED),
        failed=of(Status.FAILED, Status.EXPIRED),
        suppressed=of(Status.SUPPRESSED),
        unknown=of(Status.UNKNOWN),
        cancelled=of(Status.CANCELLED),
        replied=replied,
        booked=booked,
    )

"""After a pause, a resumption or a cancellation: a campaign's texts leave their lanes, return to them, or end.

It already counts when this begins (messaging.outbound.outbox.withhold); here the rows follow, a few thousand in each
transaction.
"""

from django.db import transaction

from messaging.outbound import outbox
from shifts.campaigns.subject import CONVERSATION
from shifts.models import Campaign, Status


@transaction.atomic
def settle_some(campaign_id: str) -> bool:
    """Move the next rows. Returns whether more can be moved now; what is under way is looked at again later."""
    campaign = (
        Campaign.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
        .filter(campaign_id=campaign_id, settling=True)
        .first()
    )
    if campaign is None:
        return False
    move = {
        Status.PAUSED: outbox.withhold_some,
        Status.CANCELLED: outbox.cancel_some,
        Status.SENDING: outbox.let_go_some,
    }[Status(campaign.status)]
    if move(CONVERSATION, campaign_id, outbox.AT_ONCE) == outbox.AT_ONCE:
        return True
    left_over = outbox.is_kept_out if campaign.status == Status.SENDING else outbox.may_come_back
    if not left_over(CONVERSATION, campaign_id):
        if campaign.status == Status.CANCELLED:
            outbox.forget_withheld(CONVERSATION, campaign_id)
        campaign.settling = False
        campaign.save(update_fields=["settling"])
    return False

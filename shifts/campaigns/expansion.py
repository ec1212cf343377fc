"""A row of the outbox for everybody whom a campaign is for, a few thousand in each transaction.

The cursor moves in the transaction that makes the rows, under the lock of the campaign: a crash repeats nothing, two
workers never expand one campaign at once. And should both fail, the idempotency keys make no second row.
"""

from contextlib import suppress

from django.db import transaction

from messaging import clock
from messaging.contracts import Broadcast
from messaging.numbers import NoOriginationIdentity
from messaging.outbound import outbox
from shifts.campaigns import audience, lifecycle, turns
from shifts.campaigns.subject import CONVERSATION, key_prefix
from shifts.campaigns.unanswered import audience_of
from shifts.models import Campaign, Status


def expand_some(campaign_id: str) -> bool:
    """Make the next rows of a campaign that is being sent. Returns whether more are to be made.

    A campaign that has lost the number it is sent from is paused, and says why.
    """
    try:
        return _expand_some(campaign_id)
    except NoOriginationIdentity as problem:
        # Somebody may have paused or cancelled it meanwhile.
        with suppress(lifecycle.NotAllowed):
            lifecycle.pause(campaign_id, actor="", problem=str(problem))
        return False


@transaction.atomic
def _expand_some(campaign_id: str) -> bool:
    campaign = (
        Campaign.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
        .filter(campaign_id=campaign_id, status=Status.SENDING, expanded_at__isnull=True)
        .first()
    )
    if campaign is None or campaign.last_member is None or not turns.may_expand():
        return False
    chunk = audience_of(campaign).chunk(campaign.cursor, campaign.last_member)
    if chunk.members:
        outbox.queue_for_all(
            broadcast(campaign),
            [member.phone_number for member in chunk.members],
            {member.phone_number: audience.NOT_APPROVED for member in chunk.members if not member.approved},
        )
    campaign.cursor = chunk.cursor
    if chunk.is_last:
        campaign.expanded_at = clock.now()
    campaign.save(update_fields=["cursor", "expanded_at"])
    return campaign.expanded_at is None


def broadcast(campaign: Campaign) -> Broadcast:
    """The text as messaging takes it."""
    return Broadcast(
        body=campaign.text,
        conversation=CONVERSATION,
        subject=campaign.campaign_id,
        key_prefix=key_prefix(campaign.campaign_id),
        origination_identity=campaign.origination_identity or None,
        actor=campaign.created_by,
    )

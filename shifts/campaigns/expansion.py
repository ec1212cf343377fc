"""A row of the outbox for everybody whom a campaign is for, a few thousand in each transaction.

The cursor moves in the transaction that makes the rows, under the lock of the campaign: a crash repeats nothing, two
workers never expand one campaign at once. And should both fail, the idempotency keys make no second row.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from operator import attrgetter

from django.db import transaction

from messaging import clock
from messaging.contracts import Broadcast
from messaging.numbers import NoOriginationIdentity
from messaging.outbound import outbox
from shifts.campaigns import audience, lifecycle, turns
from shifts.campaigns.audience import Member
from shifts.campaigns.subject import CONVERSATION, key_prefix
from shifts.campaigns.texts import group, texts_of
from shifts.campaigns.unanswered import audience_of
from shifts.models import Campaign, Status

_LANGUAGE: Callable[[Member], str] = attrgetter("language")


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
            bodies(campaign, chunk.members),
        )
        campaign.people_by_language = _more(campaign.people_by_language, chunk.members)
    campaign.cursor = chunk.cursor
    if chunk.is_last:
        campaign.expanded_at = clock.now()
    campaign.save(update_fields=["cursor", "expanded_at", "people_by_language"])
    return campaign.expanded_at is None


def broadcast(campaign: Campaign) -> Broadcast:
    """The campaign's own text as messaging takes it."""
    return Broadcast(
        body=campaign.text,
        conversation=CONVERSATION,
        subject=campaign.campaign_id,
        key_prefix=key_prefix(campaign.campaign_id),
        origination_identity=campaign.origination_identity or None,
        actor=campaign.created_by,
    )


def bodies(campaign: Campaign, members: Sequence[Member]) -> dict[str, str]:
    """What those read whose text is another than the campaign's own, by phone number."""
    said = texts_of(campaign)
    if not said.others:
        return {}
    by_code = {code: said.of(code) for code in set(map(_LANGUAGE, members))}
    others = {code: body for code, body in by_code.items() if body != said.own}
    if not others:
        return {}
    return {member.phone_number: others[member.language] for member in members if member.language in others}


def _more(before: Mapping[str, int], members: Sequence[Member]) -> dict[str, int]:
    people = Counter(before)
    for code, count in Counter(map(_LANGUAGE, members)).items():
        people[group(code)] += count
    return dict(people)

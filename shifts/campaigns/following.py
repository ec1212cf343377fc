"""What a follow-up begins with: the campaign again, to those who have not answered it (unanswered)."""

import itertools

from messaging import clock
from shifts import times
from shifts.campaigns.requests import Request
from shifts.campaigns.texts import versions_of
from shifts.campaigns.unanswered import chain
from shifts.models import Campaign

_LONGEST_ID = 64


def suggest(campaign: Campaign) -> Request:
    """A draft to those who have not answered: its words in each language, and its shifts that can still be booked."""
    now = clock.now()
    open_ones = [one for one in campaign.shifts.all() if one.places_left > 0 and not times.has_begun(one, now)]
    return Request(
        campaign_id=suggested_id(campaign),
        campaign_message=campaign.campaign_message,
        segment="",
        shifts=tuple(one.shift_id for one in open_ones),
        origination_identity=campaign.origination_identity,
        footer=campaign.footer,
        follows=campaign.campaign_id,
        draft=True,
        translations=versions_of(campaign),
    )


def suggested_id(campaign: Campaign) -> str:
    """The id of the first of those it follows, and the next number that is free: july-2, then july-3."""
    base = chain(campaign)[-1].campaign_id
    names = (_numbered(base, number) for number in itertools.count(2))
    return next(name for name in names if not Campaign.objects.filter(campaign_id=name).exists())


def _numbered(base: str, number: int) -> str:
    suffix = f"-{number}"
    return base[: _LONGEST_ID - len(suffix)].rstrip("._:-") + suffix

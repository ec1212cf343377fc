"""The list of campaigns under way."""

import logging
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from messaging import clock, wakeups
from shifts.campaigns import lifecycle
from shifts.campaigns.expansion import expand_some
from shifts.campaigns.settling import settle_some
from shifts.models import Campaign, Status

logger = logging.getLogger(__name__)

# RQ's scheduler truncates to whole seconds, so a wake-up may come up to a second early: what is due within this is
# waited for.
_AHEAD = timedelta(seconds=1.2)
# A run ends after this long even if more is to be done, and wakes the next: other lists share the worker.
_LONGEST_RUN = timedelta(seconds=5)
# Between two chunks everybody else gets at the database, of which SQLite has one writer.
_BREATH = 0.02


class Campaigns:
    """Campaigns whose time has come, whose rows are to be made or moved, or whose last text may have left."""

    name, queue = lifecycle.LIST, "slow"

    def is_due(self, now: datetime) -> bool:
        """Whether a campaign is under way, or is to begin now or in a moment."""
        return _under_way().exists() or _due(now + _AHEAD).exists()

    def run(self) -> None:
        """Begin what is due; then a chunk of each campaign in turn, so that none waits for a larger one."""
        ends_at = clock.now() + _LONGEST_RUN
        _begin()
        busy = list(_under_way().order_by("id").values_list("campaign_id", flat=True))
        while busy and clock.now() < ends_at and not clock.stop_requested():
            busy = [campaign_id for campaign_id in busy if _go_on(campaign_id)]
            clock.sleep(_BREATH if busy else 0)
        if busy:
            wakeups.wake_now(self.name)
        for campaign_id in _under_way().filter(expanded_at__isnull=False).values_list("campaign_id", flat=True):
            lifecycle.finish(campaign_id)


def _begin() -> None:
    """Begin what is due, never early; what is about to be due is waited for."""
    soonest = _due(clock.now() + _AHEAD).order_by("scheduled_at").values_list("scheduled_at", flat=True).first()
    if soonest is not None:
        clock.sleep((soonest - clock.now()).total_seconds())
    for campaign_id in _due(clock.now()).values_list("campaign_id", flat=True):
        lifecycle.start_due(campaign_id)


def _go_on(campaign_id: str) -> bool:
    """One chunk of whatever there is to do. Returns whether there is more."""
    try:
        settled_more = settle_some(campaign_id)
        return expand_some(campaign_id) or settled_more
    except Exception:
        # The sweep comes back to it; the other campaigns must not wait until somebody has mended this one.
        logger.exception("Campaign %s cannot go on", campaign_id)
        return False


def _under_way() -> QuerySet[Campaign]:
    return Campaign.objects.filter(Q(status=Status.SENDING) | Q(settling=True))


def _due(now: datetime) -> QuerySet[Campaign]:
    return Campaign.objects.filter(status=Status.SCHEDULED, scheduled_at__lte=now)

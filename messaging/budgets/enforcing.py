"""The level of each budget, and what follows for lanes: the only writer of both."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from messaging import clock
from messaging.budgets import counting, judging, spending
from messaging.budgets.judging import Level
from messaging.budgets.schedule import LOOK_EVERY
from messaging.models import Budget, Lane, OriginationIdentity, Priority
from messaging.outbound import pauses

logger = logging.getLogger(__name__)


def is_due(now: datetime) -> bool:
    """Whether a budget was not looked at lately, or a lane is limited that no budget limits any more."""
    return Budget.objects.exclude(counted_at__gt=now - LOOK_EVERY).exists() or (
        Lane.objects.filter(limited_at__isnull=False).exists() and not Budget.objects.exists()
    )


def look(for_as_long_as: timedelta) -> bool:
    """Count, judge every budget, stop or let go. Returns whether hours are left to count."""
    more = counting.count_what_is_due(for_as_long_as)
    now = clock.now()
    budgets = list(Budget.objects.select_related("origination_identity"))
    spent = spending.this_month(now)
    for budget in budgets:
        _judge(budget, spent, now)
    for number in OriginationIdentity.objects.select_related("lane"):
        _limit(number, budgets)
    return more


def _judge(budget: Budget, spent: spending.Spending, now: datetime) -> None:
    identity = budget.origination_identity.identity if budget.origination_identity else None
    amount = spending.of(spent, identity, budget.currency).all
    found = judging.level(amount, budget.amount, budget.warn_percent)
    if found != budget.level and found != Level.WITHIN:
        logger.warning("Budget %s: %s %s is spent, %s", budget, amount, budget.currency, found.label.lower())
    budget.level, budget.spent, budget.counted_at = found, amount, now
    # The rest is staff's: they may be editing it.
    Budget.objects.filter(pk=budget.pk).update(level=found, spent=amount, counted_at=now)


def _limit(number: OriginationIdentity, budgets: Iterable[Budget]) -> None:
    used_up = [
        budget
        for budget in budgets
        if budget.level == Level.REACHED
        and budget.stops_campaigns
        and budget.origination_identity_id in (None, number.pk)
    ]
    lane = getattr(number, "lane", None)
    limited = lane is not None and lane.limited_at is not None
    if used_up:
        reason = f"The budget is used up ({used_up[0]}). Raise it, or let campaigns wait for the next month."
        if not limited or (lane and lane.limited_reason != reason[:300]):
            pauses.limit(number.identity, Priority.CAMPAIGN, reason)
    elif limited:
        pauses.unlimit(number.identity)

"""How budgets stand, for /metrics: a series for each, as they were last looked at."""

from collections.abc import Iterator
from datetime import datetime

from messaging.budgets.judging import Level
from messaging.counting import Gauge
from messaging.models import Budget
from messaging.selectors import overlooked_budgets

ALL = "all numbers"
"""Stands where a budget is for all of them. No number and no sender ID has a blank in it."""

_LABELS = ("identity", "currency")
_LEVELS = {Level.WITHIN: 0.0, Level.WARNED: 1.0, Level.REACHED: 2.0}


def standing(now: datetime) -> Iterator[Gauge]:
    """Two queries. A number has one budget at most, and all together one in each currency."""
    amounts, spent, levels = {}, {}, {}
    fields = ("origination_identity__identity", "currency", "amount", "spent", "level")
    for identity, currency, amount, so_far, level in Budget.objects.order_by().values_list(*fields):
        whose = identity or ALL, currency
        amounts[whose], spent[whose], levels[whose] = float(amount), float(so_far), _LEVELS[Level(level)]
    yield Gauge("textback_budget_amount", "What texts may cost in this month.", amounts, _LABELS)
    yield Gauge("textback_budget_spent", "What they have cost, partly estimated.", spent, _LABELS)
    yield Gauge("textback_budget_level", "0 within, 1 nearly used up, 2 used up: campaigns wait.", levels, _LABELS)
    overlooked = float(overlooked_budgets(now).count())
    yield Gauge("textback_budgets_overlooked", "Budgets that nobody has looked at for a minute.", {(): overlooked})

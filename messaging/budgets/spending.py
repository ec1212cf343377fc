"""What was spent this month, from the hours that were counted."""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal

from messaging.budgets.counting import month_begin
from messaging.budgets.judging import Spent
from messaging.models import SpentHour

Spending = dict[str, dict[str, Spent]]


def this_month(now: datetime) -> Spending:
    """Number → currency → what its texts cost since the month began. One query of at most 746 rows."""
    found: Spending = defaultdict(lambda: defaultdict(Spent))
    for figures in SpentHour.objects.filter(hour__gte=month_begin(now)).order_by().values_list("figures", flat=True):
        for identity, by_currency in figures.items():
            for currency, one in by_currency.items():
                found[identity][currency] += Spent(
                    Decimal(one["charged"]),
                    Decimal(one["open"]),
                    Decimal(one["charged_by_table"]),
                    one["parts"],
                    one["without_price"],
                )
    return found


def of(spending: Spending, identity: str | None, currency: str) -> Spent:
    """What one number spent in a currency; None: all together."""
    whose = spending.values() if identity is None else [spending.get(identity, {})]
    return sum((one.get(currency, Spent()) for one in whose), Spent())

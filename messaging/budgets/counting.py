"""Counting the hours: the only writer of SpentHour."""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum
from django.db.models.functions import Length, Substr
from django.utils import timezone

from messaging import clock
from messaging.budgets import schedule
from messaging.budgets.schedule import HOUR, NEWS_ENDS, Hour, hours, to_count
from messaging.models import OriginationIdentity, OutboundMessage, PartPrice, SpentHour, Status
from messaging.numbers import TELLING, country_by_beginning

# What AWS has taken, or may have: also what is sent again, or was given up, after calls that nobody answered. A text
# that was refused costs nothing; one that a carrier refused later may.
_TAKEN = Q(carrier_message_id__isnull=False) | Q(status__in=[Status.SENDING, Status.UNKNOWN]) | Q(doubts__gt=0)
_NAMES = ("charged", "charged_by_table", "open")


def due(now: datetime) -> list[Hour]:
    """The hours to count now, the latest first: those of this month, and those of the last whose news still come."""
    month = month_begin(now)
    begin = min(month, now - NEWS_ENDS)
    counted = dict(SpentHour.objects.filter(hour__gte=begin - HOUR).values_list("hour", "counted_at"))
    return to_count(hours(begin, now, month), counted, now)


def count_what_is_due(for_as_long_as: timedelta) -> bool:
    """Count hours that are due, for a while. Returns whether some are left."""
    began = clock.now()
    for number, hour in enumerate(left := due(began)):
        if number and (clock.now() - began >= for_as_long_as or clock.stop_requested()):
            return bool(left[number:])
        _count(hour)
    return False


def month_begin(now: datetime) -> datetime:
    """When the month began, in the time zone of the settings."""
    return schedule.month_begin(now, timezone.get_default_timezone())


def _count(hour: Hour) -> None:
    counted_at = clock.now()
    prices = {row.iso_country_code: row for row in PartPrice.objects.all()}
    figures: dict[str, dict[str, dict[str, Any]]] = {}
    for identity in OriginationIdentity.objects.values_list("identity", flat=True):
        if found := _of_number(identity, hour, prices):
            figures[identity] = found
    # Two workers may count the same hour: either count is as good.
    SpentHour.objects.update_or_create(hour=hour.begin, defaults={"counted_at": counted_at, "figures": figures})


def _of_number(identity: str, hour: Hour, prices: dict[str, PartPrice]) -> dict[str, dict[str, Any]]:
    # Index messaging_outbound_pace.
    rows = (
        OutboundMessage.objects.filter(
            _TAKEN, origination_identity=identity, attempted_at__gte=hour.begin, attempted_at__lt=hour.end
        )
        .order_by()
        .annotate(beginning=Substr("destination_phone_number", 1, TELLING), digits=Length("destination_phone_number"))
        .values_list("beginning", "digits", "currency")
        .annotate(
            # Other names than the fields', which the sums are made of.
            all_parts=Sum("parts"),
            charged=Sum("price"),
            priced_parts=Sum("parts", filter=Q(price__isnull=False)),
        )
    )
    money: dict[str, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(_NAMES, Decimal(0)))
    parts: dict[str, dict[str, int]] = defaultdict(lambda: {"parts": 0, "open_parts": 0, "without_price": 0})
    for beginning, digits, currency, all_parts, charged, priced in rows:
        country = country_by_beginning(beginning, digits)
        price = prices.get(country) or prices.get("")
        # The table is in a currency of its own: where AWS's is another, the two cannot be compared.
        own = price.currency if price else ""
        unpriced = all_parts - (priced or 0)
        if priced:
            money[currency]["charged"] += charged
            parts[currency]["parts"] += priced
            if price and own == currency:
                money[currency]["charged_by_table"] += price.price * priced
        # In a currency of its own the table's price is all that is ever known: what AWS charges in another one must not
        # take texts out of a budget. Each budget looks at one currency, so nothing counts twice.
        open_parts = all_parts if price and own != currency else unpriced
        if open_parts:
            of = own or currency or "USD"
            parts[of]["parts"] += open_parts
            parts[of]["open_parts"] += open_parts
            if price:
                money[of]["open"] += price.price * open_parts
            else:
                parts[of]["without_price"] += unpriced
    return {
        currency: {**{name: str(amount) for name, amount in money[currency].items()}, **parts[currency]}
        for currency in parts
    }

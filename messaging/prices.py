"""Estimates of what texts cost, from the table of prices that staff keep."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from messaging.models import PartPrice
from messaging.numbers import TELLING, country_by_beginning


@dataclass(frozen=True, slots=True)
class Estimate:
    """What texts will cost, as far as the table knows.

    Attributes:
        amount: None when a price is missing, or when countries are priced in several currencies.
        currency: ISO 4217; blank without an amount.
        problem: why there is no amount, and what to do; blank when there is one.
    """

    amount: Decimal | None
    currency: str = ""
    problem: str = ""


def countries(phone_numbers: Iterable[str]) -> Counter[str]:
    """How many of these numbers belong to each country (ISO 3166; "" when to none)."""
    found = Counter((number[:TELLING], len(number)) for number in phone_numbers)
    people: Counter[str] = Counter()
    for (beginning, length), count in found.items():
        people[country_by_beginning(beginning, length)] += count
    return people


def estimate(parts: int, people: Mapping[str, int]) -> Estimate:
    """What a text of so many parts costs to so many people in each country."""
    prices = {row.iso_country_code: row for row in PartPrice.objects.all()}
    found = {country: prices.get(country) or prices.get("") for country, count in people.items() if count}
    missing = sorted(country or "unknown countries" for country, row in found.items() if row is None)
    if missing:
        return Estimate(None, problem=f"No price is known for {', '.join(missing)}. Add it to the prices per part.")
    rows = {country: row for country, row in found.items() if row is not None}
    currencies = {row.currency for row in rows.values()} or {row.currency for row in prices.values()} or {"USD"}
    if rows and len(currencies) > 1:
        return Estimate(None, problem=f"The prices are in several currencies: {', '.join(sorted(currencies))}.")
    amount = sum((row.price * parts * people[country] for country, row in rows.items()), Decimal(0))
    return Estimate(amount, min(currencies))

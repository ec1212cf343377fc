"""What texts will cost, as far as the table of prices knows."""

from collections.abc import Mapping
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from messaging import prices
from messaging.models import PartPrice
from messaging.prices import Estimate

pytestmark = pytest.mark.django_db


@pytest.fixture
def none() -> None:
    """An empty table."""
    PartPrice.objects.all().delete()


def price(country: str, amount: str, currency: str = "USD") -> None:
    PartPrice.objects.create(iso_country_code=country, price=Decimal(amount), currency=currency)


def test_there_are_figures_to_plan_with() -> None:
    rows = set(PartPrice.objects.values_list("iso_country_code", "price", "currency"))
    assert rows == {
        ("", Decimal("0.05"), "USD"),
        ("US", Decimal("0.01"), "USD"),
        ("CA", Decimal("0.01"), "USD"),
    }


def test_which_leave_alone_what_staff_have_typed() -> None:
    PartPrice.objects.filter(iso_country_code="US").update(price=Decimal("0.02"), currency="EUR")
    PartPrice.objects.filter(iso_country_code="CA").delete()
    import_module("messaging.migrations.0005_prices_to_plan_with")._fill(apps, None)
    assert PartPrice.objects.get(iso_country_code="US").currency == "EUR"
    assert PartPrice.objects.count() == 3


@pytest.mark.parametrize(
    ("parts", "people", "amount"),
    [
        (1, {"US": 1}, "0.00750"),
        (3, {"US": 2, "GB": 1}, "0.16500"),
        (1, {"DE": 10}, "1.00000"),
        (1, {"": 2}, "0.20000"),
        (2, {}, "0"),
        (1, {"US": 0}, "0"),
        (10, {"US": 100_000}, "7500"),
    ],
)
def test_each_country_has_its_price_or_that_of_all_others(
    none: None, parts: int, people: Mapping[str, int], amount: str
) -> None:
    for country, one in (("US", "0.0075"), ("GB", "0.04"), ("", "0.1")):
        price(country, one)
    assert prices.estimate(parts, people) == Estimate(Decimal(amount), "USD")


def test_where_a_price_is_missing_there_is_no_amount(none: None) -> None:
    price("US", "0.01")
    told = prices.estimate(1, {"US": 5, "GB": 1, "": 1, "DE": 2, "FR": 0})
    assert (told.amount, told.currency) == (None, "")
    assert told.problem == "No price is known for DE, GB, unknown countries. Add it to the prices per part."


def test_a_price_of_nothing_is_a_price(none: None) -> None:
    price("US", "0")
    assert prices.estimate(5, {"US": 9}) == Estimate(Decimal(0), "USD")


def test_one_currency_whichever(none: None) -> None:
    price("GB", "0.04", "GBP")
    price("US", "0.01", "USD")
    assert prices.estimate(1, {"GB": 2}) == Estimate(Decimal("0.08"), "GBP")


def test_of_several_currencies_there_is_no_sum(none: None) -> None:
    price("GB", "0.04", "GBP")
    price("US", "0.01", "USD")
    told = prices.estimate(1, {"GB": 2, "US": 1})
    assert (told.amount, told.currency) == (None, "")
    assert told.problem == "The prices are in several currencies: GBP, USD."


def test_nobody_costs_nothing_in_the_currency_of_the_table(none: None) -> None:
    assert prices.estimate(1, {}) == Estimate(Decimal(0), "USD")
    price("GB", "0.04", "GBP")
    assert prices.estimate(1, {}) == Estimate(Decimal(0), "GBP")


def test_people_are_counted_by_country() -> None:
    numbers = ["+14255550182", "+14255550183", "+16045550182", "+447700900123", "+4915112345678", "+77011234567"]
    numbers += ["+79161234567", "+8613800138000", "+18765551234", "12345", "+"]
    assert prices.countries(numbers) == {
        "US": 2,
        "CA": 1,
        "GB": 1,
        "DE": 1,
        "KZ": 1,
        "RU": 1,
        "CN": 1,
        "JM": 1,
        "": 2,
    }


def test_one_read_for_any_number_of_countries(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        prices.estimate(1, {"US": 1, "GB": 2, "DE": 3})


@pytest.mark.parametrize(
    "wrong",
    [
        {"iso_country_code": "us"},
        {"iso_country_code": "U"},
        {"price": Decimal(-1)},
        {"currency": "usd"},
        {"currency": ""},
        {"iso_country_code": "US"},
    ],
)
def test_what_is_no_price(wrong: dict[str, object]) -> None:
    row = PartPrice(**{"iso_country_code": "GB", "price": Decimal("0.1"), "currency": "USD"} | wrong)
    with pytest.raises(ValidationError):
        row.full_clean()


def test_the_database_takes_no_negative_price_and_no_country_twice() -> None:
    for country, amount in (("GB", "-0.01"), ("US", "0.01")):
        with pytest.raises(IntegrityError), transaction.atomic():
            price(country, amount)

"""Prices per part: what estimates are made of."""

from decimal import Decimal

import pytest
from django.test import Client

from messaging import prices
from messaging.models import PartPrice
from tests.incidents.test_admin import staff

LIST = "/admin/messaging/partprice/"


@pytest.fixture
def olga(db: None) -> Client:
    PartPrice.objects.all().delete()
    return staff("view_partprice", "add_partprice", "change_partprice", "delete_partprice")


def test_a_price_that_staff_give_is_what_is_estimated_with(olga: Client) -> None:
    asked = olga.get(f"{LIST}add/").content.decode()
    assert "what AWS really charged" in " ".join(asked.split())
    answer = olga.post(f"{LIST}add/", {"iso_country_code": "US", "price": "0.01", "currency": "USD"})
    assert answer.status_code == 302
    assert prices.estimate(2, {"US": 100}).amount == Decimal("2.00")
    row = PartPrice.objects.get()
    olga.post(f"{LIST}{row.pk}/change/", {"iso_country_code": "US", "price": "0.02", "currency": "USD"})
    assert prices.estimate(2, {"US": 100}).amount == Decimal("4.00")
    page = olga.get(LIST).content.decode()
    assert "0.02 USD" in page
    assert "for estimates" in page


def test_the_line_without_a_country_stands_for_all_others(olga: Client) -> None:
    olga.post(f"{LIST}add/", {"iso_country_code": "", "price": "0.5", "currency": "EUR"})
    assert prices.estimate(1, {"FR": 2}).amount == Decimal("1.0")
    assert "Every other country" in olga.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("iso_country_code", "us", "two capital letters"),
        ("price", "-1", "greater than or equal to 0"),
        ("currency", "dollar", "at most 3 characters"),
        ("iso_country_code", "GB", "already exists"),
    ],
)
def test_what_is_wrong_is_said(olga: Client, field: str, value: str, told: str) -> None:
    PartPrice.objects.create(iso_country_code="GB", price=1)
    form = {"iso_country_code": "US", "price": "0.01", "currency": "USD", field: value}
    assert told in olga.post(f"{LIST}add/", form).content.decode()
    assert PartPrice.objects.count() == 1


def test_who_may_only_look_changes_nothing(olga: Client) -> None:
    row = PartPrice.objects.create(iso_country_code="GB", price=1)
    rita, stranger = staff("view_partprice", name="rita"), staff(name="sam")
    form = {"iso_country_code": "GB", "price": "9", "currency": "USD"}
    assert rita.get(f"{LIST}{row.pk}/change/").status_code == 200
    for url in (f"{LIST}add/", f"{LIST}{row.pk}/change/", f"{LIST}{row.pk}/delete/"):
        assert rita.post(url, form | {"post": "yes"}).status_code == 403
    assert stranger.get(LIST).status_code == 403
    assert PartPrice.objects.get().price == 1

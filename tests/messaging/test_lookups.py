"""Lookups that Django has none for, and queries that are put into SQL once."""

from collections.abc import Collection
from typing import Any

import pytest
from django.db.models import QuerySet
from pytest_django import DjangoAssertNumQueries

from messaging.lookups import Compiled, OneOf
from messaging.models import Contact

pytestmark = pytest.mark.django_db

ANN, BEN, CARA = "+14255550182", "+14255550183", "+14255550184"


def named(phone_numbers: Collection[str]) -> QuerySet[Any, Any]:
    """With a parameter of its own before and after the values, and the values twice."""
    some = Contact.objects.filter(OneOf("phone_number", phone_numbers), name="named").order_by()
    others = Contact.objects.filter(OneOf("phone_number", phone_numbers), name="also %s named").order_by()
    return some.values_list("phone_number").union(others.values_list("phone_number"), all=True)


@pytest.fixture
def people() -> None:
    Contact.objects.create(phone_number=ANN, name="named")
    Contact.objects.create(phone_number=BEN, name="also %s named")
    Contact.objects.create(phone_number=CARA, name="somebody else")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ([], set()),
        ([ANN], {ANN}),
        ([CARA], set()),
        ([ANN, BEN, CARA, "+14255550199"], {ANN, BEN}),
        (["values", '["values"]', "' OR 1=1 --", "%s"], set()),
    ],
)
def test_a_compiled_query_answers_as_the_query_does(people: None, asked: list[str], found: set[str]) -> None:
    compiled = Compiled(named)
    assert {number for (number,) in compiled.rows([BEN])} == {BEN}
    assert {number for (number,) in compiled.rows(asked)} == {number for (number,) in named(asked)} == found


def test_it_is_put_into_sql_once(people: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    made: list[Collection[str]] = []

    def noted(phone_numbers: Collection[str]) -> QuerySet[Any, Any]:
        made.append(phone_numbers)
        return named(phone_numbers)

    compiled = Compiled(noted)
    with django_assert_num_queries(3):
        for _ in range(3):
            compiled.rows({ANN})
    assert len(made) == 1

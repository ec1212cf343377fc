"""Lookups that Django has none for, and queries that are put into SQL once."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from pytest_django import DjangoAssertNumQueries

from messaging.lookups import SOME_TIME, SOME_VALUES, Compiled, OneOf
from messaging.models import Contact, InboundMessage

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
        (["some values", '["some values"]', "' OR 1=1 --", "%s"], set()),
    ],
)
def test_a_compiled_query_answers_as_the_query_does(people: None, asked: list[str], found: set[str]) -> None:
    compiled = Compiled(named, phone_numbers=SOME_VALUES)
    assert {number for (number,) in compiled.rows(phone_numbers=[BEN])} == {BEN}
    assert (
        {number for (number,) in compiled.rows(phone_numbers=asked)} == {number for (number,) in named(asked)} == found
    )


def test_it_is_put_into_sql_once(people: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    made: list[Collection[str]] = []

    def noted(phone_numbers: Collection[str]) -> QuerySet[Any, Any]:
        made.append(phone_numbers)
        return named(phone_numbers)

    compiled = Compiled(noted, phone_numbers=SOME_VALUES)
    with django_assert_num_queries(3):
        for _ in range(3):
            compiled.rows(phone_numbers={ANN})
    assert len(made) == 1


def test_objects_are_those_of_the_query_and_times_are_put_in(people: None) -> None:
    noon = datetime(2026, 1, 21, 12, tzinfo=UTC)
    for days, name in enumerate(("one", "two", "three")):
        InboundMessage.objects.create(
            inbound_message_id=name,
            sns_message_id=name,
            origination_phone_number=ANN,
            destination_phone_number=BEN,
            received_at=noon + timedelta(days=days),
            stored_at=noon,
            route_after=noon,
        )
    compiled = Compiled(lambda now: InboundMessage.objects.filter(received_at__gte=now).order_by("id"), now=SOME_TIME)
    assert [text.inbound_message_id for text in compiled.objects(now=noon + timedelta(days=1))] == ["two", "three"]
    found = next(iter(compiled.objects(now=noon + timedelta(days=2))))
    assert found.received_at == noon + timedelta(days=2), "a time, not what SQLite keeps of it"
    found.body = "changed"
    found.save(update_fields=["body"])
    assert InboundMessage.objects.get(pk=found.pk).body == "changed"

"""Queries that are put into SQL once answer, and change, as Django's own do."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F, QuerySet, Value
from django.db.transaction import TransactionManagementError
from pytest_django import DjangoAssertNumQueries

from messaging import clock
from messaging.compiled import LIMIT, Compiled, CompiledUpdate
from messaging.lookups import OneOf
from messaging.models import Contact, InboundMessage, Lane, OriginationIdentity, OutboundMessage, Status
from messaging.outbound.outbox.moves import IllegalMove, compiled_move, move
from tests.messaging.factories import OUR_NUMBER, standing

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 21, 12, tzinfo=UTC)
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
        (["the values of phone_numbers, 0", '["the values of phone_numbers, 0"]', "' OR 1=1 --", "%s"], set()),
    ],
)
def test_a_compiled_query_answers_as_the_query_does(people: None, asked: list[str], found: set[str]) -> None:
    compiled = Compiled(named, phone_numbers=list)
    assert {number for (number,) in compiled.rows(phone_numbers=[BEN])} == {BEN}
    assert (
        {number for (number,) in compiled.rows(phone_numbers=asked)} == {number for (number,) in named(asked)} == found
    )


def test_it_is_put_into_sql_once(people: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    made: list[Collection[str]] = []

    def noted(phone_numbers: Collection[str]) -> QuerySet[Any, Any]:
        made.append(phone_numbers)
        return named(phone_numbers)

    compiled = Compiled(noted, phone_numbers=list)
    with django_assert_num_queries(3):
        for _ in range(3):
            compiled.rows(phone_numbers={ANN})
    assert len(made) == 2, "with two sets of marks"


def test_objects_are_those_of_the_query_and_times_are_put_in(people: None) -> None:
    for days, name in enumerate(("one", "two", "three")):
        InboundMessage.objects.create(
            inbound_message_id=name,
            sns_message_id=name,
            origination_phone_number=ANN,
            destination_phone_number=BEN,
            received_at=NOON + timedelta(days=days),
            stored_at=NOON,
            route_after=NOON,
        )
    compiled = Compiled(lambda now: InboundMessage.objects.filter(received_at__gte=now).order_by("id"), now=datetime)
    assert [text.inbound_message_id for text in compiled.objects(now=NOON + timedelta(days=1))] == ["two", "three"]
    found = next(iter(compiled.objects(now=NOON + timedelta(days=2))))
    assert found.received_at == NOON + timedelta(days=2), "a time, not what SQLite keeps of it"
    found.body = "changed"
    found.save(update_fields=["body"])
    assert InboundMessage.objects.get(pk=found.pk).body == "changed"


def test_objects_come_with_what_the_query_joins_leaves_out_and_adds(
    people: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    number = OriginationIdentity.objects.create(identity=OUR_NUMBER, kind="ten_dlc", mps=1, two_way=False)
    Lane.objects.create(origination_identity=number, held_at=NOON, held_reason="the guard is away")

    def lanes(identity: str) -> QuerySet[Lane]:
        theirs = Lane.objects.filter(origination_identity__identity=identity)
        return theirs.select_related("origination_identity").annotate(kind=F("origination_identity__kind"))

    lane = Compiled(lanes, identity=str).first(identity=OUR_NUMBER)
    with django_assert_num_queries(0):
        assert lane.origination_identity == number
        assert (lane.held_at, lane.kind) == (NOON, "ten_dlc")
        assert lane.origination_identity.created_at == number.created_at
        assert lane.origination_identity.two_way is False, "a truth, not what SQLite keeps of it"

    some = Compiled(lambda name: Contact.objects.filter(name=name).only("name"), name=str).first(name="named")
    assert some.get_deferred_fields() == {"phone_number", "language", "time_zone", "created_at"}
    assert some.phone_number == ANN


def test_the_first_object_or_none(people: None) -> None:
    compiled = Compiled(lambda name: Contact.objects.filter(name=name)[:1], name=str)
    assert compiled.first(name="somebody else").phone_number == CARA
    assert compiled.first(name="nobody") is None
    assert compiled.any(name="named")
    assert not compiled.any(name="nobody")


@pytest.mark.parametrize("most", [0, 1, 2, 3, 50])
def test_a_limit_is_a_value_too(people: None, most: int) -> None:
    def first(most: int, last: str) -> QuerySet[Contact]:
        return Contact.objects.filter(phone_number__lte=last).order_by("phone_number")[:most]

    compiled = Compiled(first, most=LIMIT, last=str)
    assert [each.phone_number for each in compiled.objects(most=most, last=BEN)] == [ANN, BEN][:most]


def test_whole_numbers_are_values_and_not_mistaken_for_others(people: None) -> None:
    keys = dict(Contact.objects.values_list("phone_number", "pk"))
    compiled = Compiled(lambda pk: Contact.objects.filter(pk=pk).values_list("phone_number"), pk=int)
    assert [compiled.rows(pk=keys[number]) for number in (ANN, CARA)] == [[(ANN,)], [(CARA,)]]


def test_whole_numbers_of_every_size_are_values() -> None:
    text = standing(Status.QUEUED)
    resize = CompiledUpdate(
        lambda key, before, after: OutboundMessage.objects.filter(pk=key, parts=Value(before)),
        lambda key, before, after: {"parts": after},
        key=int,
        before=int,
        after=int,
    )
    assert resize.run(key=text.pk, before=text.parts + 1, after=7) == 0
    assert resize.run(key=text.pk, before=text.parts, after=7) == 1
    text.refresh_from_db()
    assert text.parts == 7


def test_keys_can_be_looked_up_by_the_list(people: None) -> None:
    keys = list(Contact.objects.order_by("phone_number").values_list("pk", flat=True))
    compiled = Compiled(lambda keys: Contact.objects.filter(OneOf("pk", keys)).order_by("phone_number"), keys=list)
    assert [each.phone_number for each in compiled.objects(keys=keys[1:])] == [BEN, CARA]


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        pytest.param(
            lambda now: InboundMessage.objects.filter(received_at__gte=now - timedelta(seconds=1)),
            {"now": datetime},
            id="a time that was changed",
        ),
        pytest.param(
            lambda now: InboundMessage.objects.filter(received_at__gte=now, stored_at__gte=now - timedelta(seconds=1)),
            {"now": datetime},
            id="a time that was changed beside itself",
        ),
        pytest.param(
            lambda name: Contact.objects.filter(name=name).exclude(language=name.upper()),
            {"name": str},
            id="a text that was changed beside itself",
        ),
        pytest.param(
            lambda name: Contact.objects.filter(name=name, created_at__lte=clock.now()),
            {"name": str},
            id="the time of day",
        ),
        pytest.param(
            lambda number: Contact.objects.filter(pk=number).order_by("pk" if number % 2 else "name"),
            {"number": int},
            id="a value that decides what is asked",
        ),
        pytest.param(lambda name: Contact.objects.all(), {"name": str}, id="a value that is not used"),
        pytest.param(lambda most: Contact.objects.all(), {"most": LIMIT}, id="a limit that is not used"),
        pytest.param(
            lambda name: Contact.objects.filter(name=name.upper()), {"name": str}, id="a text that was changed"
        ),
    ],
)
def test_a_value_that_the_query_hides_is_refused(query: Callable[..., Any], kinds: dict[str, type]) -> None:
    with pytest.raises(ValueError):
        Compiled(query, **kinds).rows(**dict.fromkeys(kinds))


def test_an_update_changes_those_rows_and_says_how_many(people: None) -> None:
    rename = CompiledUpdate(
        lambda before, after, numbers: Contact.objects.filter(OneOf("phone_number", numbers), name=before),
        lambda before, after, numbers: {"name": after, "time_zone": F("name")},
        before=str,
        after=str,
        numbers=list,
    )
    assert rename.run(before="named", after="renamed", numbers=[ANN, BEN]) == 1
    assert rename.run(before="named", after="renamed", numbers=[ANN, BEN]) == 0
    assert rename.run(before="somebody else", after="known", numbers=[CARA, BEN]) == 1
    found = list(Contact.objects.order_by("phone_number").values_list("name", "time_zone"))
    assert found == [("renamed", "named"), ("also %s named", ""), ("known", "somebody else")]


def test_an_update_may_look_at_another_table(people: None) -> None:
    for identity, active in ((OUR_NUMBER, True), ("+14255550199", False)):
        number = OriginationIdentity.objects.create(identity=identity, kind="ten_dlc", mps=1, active=active)
        Lane.objects.create(origination_identity=number)
    keep = CompiledUpdate(
        lambda identity, until: Lane.objects.filter(
            origination_identity__identity=identity, origination_identity__active=True
        ),
        lambda identity, until: {"lease_expires_at": until},
        identity=str,
        until=datetime,
    )
    assert keep.run(identity=OUR_NUMBER, until=NOON) == 1
    assert keep.run(identity="+14255550199", until=NOON) == 0
    found = Lane.objects.values_list("origination_identity__identity", "lease_expires_at")
    assert dict(found) == {OUR_NUMBER: NOON, "+14255550199": None}


def test_a_compiled_move_leaves_a_row_as_a_plain_move_does() -> None:
    now = clock.now()
    plain, compiled, elsewhere = standing(Status.QUEUED), standing(Status.QUEUED), standing(Status.CANCELLED)
    rows = OutboundMessage.objects.filter(pk=plain.pk)
    move(rows, [Status.QUEUED], Status.SENDING, now, attempts=F("attempts") + 1, attempted_at=now)
    take = compiled_move(
        lambda keys, at: OutboundMessage.objects.filter(OneOf("pk", keys)),
        [Status.QUEUED],
        Status.SENDING,
        lambda keys, at: {"attempts": F("attempts") + 1, "attempted_at": at},
        keys=list,
    )
    assert take.run(keys=[compiled.pk, elsewhere.pk], at=now) == 1
    fields = ("status", "attempts", "attempted_at", "outcome_pending", "sent_at", "ended_at")
    first, second = OutboundMessage.objects.filter(pk__in=[plain.pk, compiled.pk]).values_list(*fields)
    assert first == second == ("sending", 1, now, False, None, None)
    elsewhere.refresh_from_db()
    assert elsewhere.status == Status.CANCELLED


def test_a_compiled_move_that_is_not_legal_is_refused_when_it_is_declared() -> None:
    with pytest.raises(IllegalMove):
        compiled_move(lambda at: OutboundMessage.objects.all(), [Status.DELIVERED], Status.QUEUED, lambda at: {})


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_in_a_transaction_only() -> None:
    lock = Compiled(lambda name: Contact.objects.select_for_update().filter(name=name), name=str)
    with transaction.atomic():
        assert lock.first(name="nobody") is None
    if connection.features.has_select_for_update:
        with pytest.raises(TransactionManagementError):
            lock.first(name="nobody")
    else:
        assert lock.first(name="nobody") is None


def test_a_kind_that_no_mark_stands_for_is_refused_when_it_is_declared() -> None:
    with pytest.raises(TypeError):
        Compiled(lambda known: Contact.objects.all(), known=bool)

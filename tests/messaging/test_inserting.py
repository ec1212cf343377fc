"""Rows that are stored once."""

from datetime import UTC, datetime
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from messaging import clock
from messaging.inserting import insert_all_once, insert_once
from messaging.models import DeliveryEvent, InboundMessage
from tests.together import together

_NOON = datetime(2026, 1, 21, 12, 0, 0, 123456, tzinfo=UTC)


def text(**fields: object) -> InboundMessage:
    values = {
        "inbound_message_id": "in-1",
        "sns_message_id": "sns-1",
        "origination_phone_number": "+14255550182",
        "destination_phone_number": "+14255550100",
        "body": "it's 100% “us” \\ %s",
        "received_at": _NOON,
        "stored_at": _NOON,
        "route_after": _NOON,
    }
    return InboundMessage(**values | fields)


@pytest.mark.django_db
def test_every_field_is_stored_as_by_the_model_itself() -> None:
    ours, djangos = text(), text(inbound_message_id="in-2")
    assert insert_once(ours, "inbound_message_id")
    djangos.save()
    one, other = InboundMessage.objects.filter(pk__in=[ours.pk, djangos.pk]).order_by("inbound_message_id").values()
    assert one | {"id": 0, "inbound_message_id": ""} == other | {"id": 0, "inbound_message_id": ""}
    assert ours.pk == one["id"]


@pytest.mark.django_db
def test_json_comes_back_as_it_went_in() -> None:
    payload = {"price": 0.00645, "context": {"a": None}, "name": "Zoë"}
    now = clock.now()
    event = DeliveryEvent(
        sns_message_id="sns-1",
        carrier_message_id="c-1",
        event_type="TEXT_DELIVERED",
        is_final=True,
        occurred_at=now,
        stored_at=now,
        payload=payload,
        apply_after=now,
    )
    assert insert_once(event, "sns_message_id")
    assert DeliveryEvent.objects.get().payload == payload


@pytest.mark.django_db
def test_the_second_changes_nothing_and_says_so() -> None:
    assert insert_once(text(), "inbound_message_id")
    again = text(body="another")
    assert not insert_once(again, "inbound_message_id")
    assert again._state.adding
    assert InboundMessage.objects.get().body == text().body


@pytest.mark.django_db
def test_the_row_can_be_saved_and_fetched_afterwards() -> None:
    row = text()
    insert_once(row, "inbound_message_id")
    row.body = "changed"
    row.save()
    assert InboundMessage.objects.get().body == "changed"


@pytest.mark.django_db
def test_any_other_contradiction_raises() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_once(text(routed_at=_NOON), "inbound_message_id")
    assert not InboundMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_stored() -> None:
    stored: list[bool] = []
    together(*(lambda: stored.append(insert_once(text(), "inbound_message_id")) for _ in range(4)))
    assert sorted(stored) == [False, False, False, True]
    assert InboundMessage.objects.count() == 1


@pytest.mark.django_db
def test_several_in_one_statement_each_knows_whether_it_is_in() -> None:
    insert_once(text(inbound_message_id="in-2"), "inbound_message_id")
    rows = [text(inbound_message_id=name) for name in ("in-3", "in-2", "in-1", "in-3")]
    with CaptureQueriesContext(connection) as queries:
        stored = insert_all_once(rows, "inbound_message_id")
    assert len(queries) == 1
    assert stored == [True, False, True, False]
    by_name = dict(InboundMessage.objects.values_list("inbound_message_id", "pk"))
    assert [row.pk for row in rows] == [by_name["in-3"], None, by_name["in-1"], None]
    # In the order of their ids: two who bring the same ones never wait for each other in a circle.
    assert by_name["in-1"] < by_name["in-3"]


@pytest.mark.django_db
def test_none_of_several_is_in_when_one_contradicts() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_all_once([text(), text(inbound_message_id="in-2", routed_at=_NOON)], "inbound_message_id")
    assert not InboundMessage.objects.exists()
    assert insert_all_once([], "inbound_message_id") == []


@pytest.mark.django_db(transaction=True)
def test_of_rows_that_several_bring_at_once_each_is_stored_once() -> None:
    names = [f"in-{number}" for number in range(30)]

    def bring(order: list[str]) -> list[bool]:
        return insert_all_once([text(inbound_message_id=name) for name in order], "inbound_message_id")

    stored = together(*(partial(bring, order) for order in (names, names[::-1], names, names[::-1])))
    assert sum(map(sum, stored)) == len(names)

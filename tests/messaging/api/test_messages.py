"""GET /messages/: fields, filters, refusals."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from messaging.models import Status
from tests.messaging.api.rows import NOON, outbound
from tests.refusals import at_fault, is_problem

URL = "/api/v1/messages/"


def _ids(api: APIClient, **parameters: str) -> list[int]:
    answer = api.get(URL, parameters)
    assert answer.status_code == 200, answer.json()
    return [row["id"] for row in answer.json()["results"]]


def test_a_text_has_the_fields_promised(api: APIClient) -> None:
    message = outbound(
        conversation="incidents", subject="7", status=Status.SENT, carrier_message_id="aws-1", sent_at=NOON
    )
    assert api.get(f"{URL}{message.pk}/").json() == {
        "id": message.pk,
        "conversation": "incidents",
        "subject": "7",
        "destination_phone_number": "+14255550182",
        "origination_identity": "+14255550100",
        "body": "Hello",
        "message_type": "TRANSACTIONAL",
        "priority": 20,
        "encoding": "GSM",
        "parts": 1,
        "status": "sent",
        "carrier_message_id": "aws-1",
        "error_code": "",
        "error_reason": "",
        "price": None,
        "price_currency": None,
        "queued_at": "2026-07-01T12:00:00Z",
        "sent_at": "2026-07-01T12:00:00Z",
        "delivered_at": None,
    }


def test_a_price_is_a_decimal_string_with_its_currency(api: APIClient) -> None:
    message = outbound(price=Decimal("0.00883"), currency="USD")
    answer = api.get(f"{URL}{message.pk}/").json()
    assert (answer["price"], answer["price_currency"]) == ("0.008830", "USD")


def test_a_text_that_is_not_there_is_404(api: APIClient) -> None:
    assert [api.get(f"{URL}{pk}/").status_code for pk in ("7", "x", "9" * 30, "%00")] == [404] * 4


def test_the_newest_comes_first(api: APIClient) -> None:
    first, second = outbound(), outbound()
    assert _ids(api) == [second.pk, first.pk]


def test_filters_by_recipient(api: APIClient) -> None:
    outbound(destination_phone_number="+14255550183")
    wanted = outbound()
    assert _ids(api, phone_number="+14255550182") == [wanted.pk]


def test_a_plus_that_was_not_encoded_is_understood(api: APIClient) -> None:
    wanted = outbound()
    answer = api.get(f"{URL}?phone_number=+14255550182&after=2026-07-01T12:00:00+00:00")
    assert [row["id"] for row in answer.json()["results"]] == [wanted.pk]


def test_filters_by_one_status_or_several(api: APIClient) -> None:
    queued, failed = outbound(), outbound(status=Status.FAILED)
    outbound(status=Status.CANCELLED)
    assert _ids(api, status="failed") == [failed.pk]
    (refused,) = is_problem(api.get(f"{URL}?status=lost"))["errors"]
    assert refused["field"] == "status"
    assert refused["message"].startswith("lost is none of the values. There are: queued, sending, sent, ")
    answer = api.get(f"{URL}?status=failed&status=queued")
    assert [row["id"] for row in answer.json()["results"]] == [failed.pk, queued.pk]


def test_a_filter_by_status_needs_no_distinct(api: APIClient) -> None:
    with CaptureQueriesContext(connection) as queries:
        api.get(f"{URL}?status=failed&status=queued")
    assert not [query for query in queries if "DISTINCT" in query["sql"]]


def test_filters_by_conversation_and_subject(api: APIClient) -> None:
    wanted = outbound(conversation="incidents", subject="7")
    outbound(conversation="incidents", subject="8")
    outbound()
    assert _ids(api, conversation="incidents", subject="7") == [wanted.pk]
    assert len(_ids(api, conversation="incidents")) == 2
    assert _ids(api, conversation="nobody") == []


def test_after_includes_its_moment_and_before_does_not(api: APIClient) -> None:
    rows = [outbound(minutes).pk for minutes in (0, 1, 2)]
    assert _ids(api, after="2026-07-01T14:01:00+02:00") == [rows[2], rows[1]]
    assert _ids(api, before="2026-07-01T12:01:00Z") == [rows[0]]
    assert _ids(api, after="2026-07-01T12:01:00Z", before="2026-07-01T12:02:00Z") == [rows[1]]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("phone_number", "4255550182"),
        ("phone_number", "+1"),
        ("phone_number", "Alice"),
        ("phone_number", "+14255550182\x00"),
        ("phone_number", ""),
        ("status", "lost"),
        ("status", ""),
        ("conversation", "a\x00"),
        ("after", "yesterday"),
        ("after", "2026-07-01T12:00:00"),
        ("after", "2026-13-01T12:00:00Z"),
        ("before", "0001-01-01T00:00:00+14:00"),
        ("before", "2026-07-01"),
        ("state", "failed"),
        ("page_size", "many"),
        ("page_size", "0"),
        ("page_size", "-1"),
        ("cursor", "nonsense"),
        ("cursor", "cD1ub25zZW5zZQ=="),
        ("cursor", "bz1ub25zZW5zZQ=="),
    ],
)
def test_a_bad_filter_is_refused_by_name(api: APIClient, parameter: str, value: str) -> None:
    outbound()
    answer = api.get(URL, {parameter: value})
    assert answer.status_code == 400
    assert at_fault(answer) == [parameter]


def test_one_value_is_enough_for_most_filters(api: APIClient) -> None:
    answer = api.get(f"{URL}?conversation=incidents&conversation=shifts")
    assert (answer.status_code, at_fault(answer)) == (400, ["conversation"])


def test_a_single_text_takes_no_parameters(api: APIClient) -> None:
    answer = api.get(f"{URL}{outbound().pk}/", {"status": "failed"})
    assert (answer.status_code, at_fault(answer)) == (400, ["status"])

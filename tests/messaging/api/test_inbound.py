"""GET /inbound/: fields and filters."""

import pytest
from rest_framework.test import APIClient

from tests.messaging.api.rows import inbound
from tests.refusals import at_fault

URL = "/api/v1/inbound/"


def _ids(api: APIClient, **parameters: str) -> list[int]:
    answer = api.get(URL, parameters)
    assert answer.status_code == 200, answer.json()
    return [row["id"] for row in answer.json()["results"]]


def test_a_text_has_the_fields_promised(api: APIClient) -> None:
    text = inbound(outcome="unmatched", previous_published_message_id="aws-1")
    assert api.get(f"{URL}{text.pk}/").json() == {
        "id": text.pk,
        "inbound_message_id": text.inbound_message_id,
        "origination_phone_number": "+14255550182",
        "destination_phone_number": "+14255550100",
        "body": "Hello",
        "previous_published_message_id": "aws-1",
        "outcome": "unmatched",
        "received_at": "2026-07-01T12:00:00Z",
    }


def test_a_text_that_is_not_routed_yet_has_no_outcome(api: APIClient) -> None:
    assert api.get(f"{URL}{inbound().pk}/").json()["outcome"] is None


def test_filters_by_sender(api: APIClient) -> None:
    wanted = inbound()
    inbound(origination_phone_number="+14255550183", destination_phone_number="+14255550182")
    assert _ids(api, phone_number="+14255550182") == [wanted.pk]


def test_a_sender_may_be_a_short_code(api: APIClient) -> None:
    wanted = inbound(origination_phone_number="72345")
    inbound()
    assert _ids(api, phone_number="72345") == [wanted.pk]


@pytest.mark.parametrize("parameter", ["outcome", "status"])
def test_filters_by_outcome(api: APIClient, parameter: str) -> None:
    wanted = inbound(outcome="unmatched")
    inbound(outcome="incidents")
    inbound()
    assert _ids(api, **{parameter: "unmatched"}) == [wanted.pk]


def test_filters_by_conversation_and_time(api: APIClient) -> None:
    rows = [inbound(minutes, conversation="incidents", outcome="incidents").pk for minutes in (0, 1, 2)]
    inbound(1)
    span = {"after": "2026-07-01T12:01:00Z", "before": "2026-07-01T12:02:00Z"}
    assert _ids(api, conversation="incidents", **span) == [rows[1]]


@pytest.mark.parametrize(("parameter", "value"), [("outcome", "lost"), ("phone_number", "Alice"), ("sender", "1")])
def test_a_bad_filter_is_refused_by_name(api: APIClient, parameter: str, value: str) -> None:
    answer = api.get(URL, {parameter: value})
    assert (answer.status_code, at_fault(answer)) == (400, [parameter])

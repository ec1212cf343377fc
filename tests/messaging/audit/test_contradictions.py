"""Rows that contradict themselves or each other."""

from datetime import timedelta
from typing import Any

import pytest

from messaging import clock
from messaging.models import Status
from tests.messaging.audit.looking import finding, severity
from tests.messaging.factories import ANN, BOB, standing

pytestmark = pytest.mark.usefixtures("number", "time")

LACKS, TOGETHER = "messaging.status_without_its_fields", "messaging.two_within_a_second"

# status → fields with which it is right, and single fields that make it wrong
RIGHT: dict[Status, dict[str, Any]] = {
    Status.QUEUED: {},
    Status.SENDING: {},
    Status.SENT: {},
    Status.DELIVERED: {"delivered_at": "now"},
    Status.FAILED: {"ended_at": "now", "error_code": "TEXT_INVALID"},
    Status.SUPPRESSED: {"ended_at": "now", "error_code": "GUARD", "attempts": 0, "attempted_at": None},
    Status.EXPIRED: {"ended_at": "now", "expires_at": "now", "attempts": 0, "attempted_at": None},
    Status.CANCELLED: {"ended_at": "now", "attempts": 0, "attempted_at": None},
    Status.UNKNOWN: {"unknown_at": "now", "doubts": 1},
}
WRONG: list[tuple[Status, dict[str, Any]]] = [
    (Status.QUEUED, {"doubts": 1}),
    (Status.SENDING, {"attempted_at": None}),
    (Status.SENDING, {"attempts": 0}),
    (Status.SENDING, {"withheld": True}),
    (Status.SENT, {"sent_at": None}),
    (Status.SENT, {"attempts": 0}),
    (Status.DELIVERED, {"delivered_at": None}),
    (Status.DELIVERED, {"sent_at": None}),
    (Status.DELIVERED, {"carrier_message_id": None}),
    (Status.FAILED, {"error_code": ""}),
    (Status.FAILED, {"ended_at": None}),
    (Status.SUPPRESSED, {"error_code": ""}),
    (Status.SUPPRESSED, {"ended_at": None}),
    (Status.EXPIRED, {"expires_at": None}),
    (Status.EXPIRED, {"ended_at": None}),
    (Status.CANCELLED, {"ended_at": None}),
    (Status.UNKNOWN, {"unknown_at": None}),
    (Status.UNKNOWN, {"doubts": 0}),
    (Status.UNKNOWN, {"doubts": 2}),
]


def with_fields(status: Status, **fields: Any) -> None:
    now = clock.now()
    values: dict[str, Any] = {
        name: now if value == "now" else value for name, value in (RIGHT[status] | fields).items()
    }
    standing(status, **values)


def test_every_status_with_its_fields_is_right() -> None:
    for status in Status:
        with_fields(status)
    assert severity(LACKS) == ""


@pytest.mark.parametrize(("status", "fields"), WRONG)
def test_a_status_without_what_justifies_it_is_found(status: Status, fields: dict[str, Any]) -> None:
    with_fields(status, **fields)
    assert severity(LACKS) == "critical"


def test_nobody_gets_two_texts_within_a_second() -> None:
    now = clock.now()
    for seconds, to in [(0, ANN), (1, ANN), (2.3, ANN), (0.4, BOB)]:
        standing(Status.SENT, to, attempted_at=now - timedelta(seconds=seconds))
    standing(Status.QUEUED, ANN)
    assert severity(TOGETHER) == ""
    standing(Status.SENT, BOB, attempted_at=now - timedelta(seconds=1.3))
    assert severity(TOGETHER) == "warning"


def test_two_in_the_same_instant_are_two() -> None:
    now = clock.now()
    for _ in range(2):
        standing(Status.SENT, ANN, attempted_at=now)
    found = finding(TOGETHER)
    assert found is not None
    assert found.count == 2


def test_of_a_number_that_is_gone_only_the_earlier_of_two_is_looked_at() -> None:
    now = clock.now()
    gone = "+14255550177"
    standing(Status.SENT, ANN, attempted_at=now - timedelta(seconds=0.5))
    standing(Status.SENT, ANN, attempted_at=now, origination_identity=gone)
    assert severity(TOGETHER) == ""
    standing(Status.SENT, ANN, attempted_at=now + timedelta(seconds=0.4))
    found = finding(TOGETHER)
    assert found is not None
    assert found.count == 1

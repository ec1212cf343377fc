"""What became of a campaign, counted from the rows."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging import clock
from messaging.models import OriginationIdentity, OutboundMessage, Status
from shifts.campaigns import Counts, counts, not_texted
from shifts.models import Campaign
from tests.messaging.factories import ANN, BOB, received, standing
from tests.shifts.campaigns.conftest import person
from tests.shifts.factories import campaign, employee, holding, shift

pytestmark = pytest.mark.django_db


def text(status: Status, place: int, subject: str = "july", **fields: Any) -> OutboundMessage:
    values: dict[str, Any] = {"conversation": "shifts", "subject": subject, "priority": 30}
    return standing(status, person(place), **values | fields)


def of(row: Campaign) -> Counts:
    return counts([row])["july"]


@pytest.mark.parametrize(
    ("status", "places"),
    [
        (Status.QUEUED, {"queued"}),
        (Status.SENDING, {"queued"}),
        (Status.SENT, {"sent"}),
        (Status.DELIVERED, {"sent", "delivered"}),
        (Status.FAILED, {"failed"}),
        (Status.EXPIRED, {"failed"}),
        (Status.SUPPRESSED, {"suppressed"}),
        (Status.UNKNOWN, {"unknown"}),
        (Status.CANCELLED, {"cancelled"}),
    ],
)
def test_each_status_has_its_place(status: Status, places: set[str]) -> None:
    row = campaign()
    text(status, 1)
    text(status, 2)
    assert of(row) == Counts(recipients=2, **dict.fromkeys(places, 2))


def test_all_together() -> None:
    row = campaign()
    for place, status in enumerate(Status):
        for copy in range(place + 1):
            text(status, 100 * place + copy)
    told = of(row)
    assert told.recipients == sum(range(1, 10)) == OutboundMessage.objects.count()
    parts = told.queued + told.sent + told.failed + told.suppressed + told.unknown + told.cancelled
    assert parts == told.recipients


def test_what_is_kept_out_of_its_lane_is_queued() -> None:
    row = campaign()
    text(Status.QUEUED, 1, withheld=True)
    assert of(row).queued == 1


def test_answers_other_campaigns_and_other_conversations_are_not_counted() -> None:
    row = campaign()
    text(Status.SENT, 1, priority=10)
    text(Status.SENT, 2, subject="august")
    text(Status.SENT, 3, conversation="incidents")
    assert of(row) == Counts()


def test_replied_are_people_not_texts() -> None:
    row = campaign()
    for sender, subject, conversation in (
        *((ANN, "july", "shifts"), (ANN, "july", "shifts"), (BOB, "july", "shifts")),
        *(("+14255550111", "august", "shifts"), ("+14255550112", "july", "incidents"), ("+14255550113", "july", "")),
    ):
        received("XYZ123", sender, subject=subject, conversation=conversation)
    assert of(row).replied == 2


def test_booked_are_people_who_still_hold_one_of_what_they_booked_through_it() -> None:
    row, other = campaign(), campaign("august")
    ann, bob, carla, dora = (employee(number) for number in (ANN, BOB, "+14255550111", "+14255550112"))
    first, second = shift("A1", places=9), shift("B2", places=9)
    holding(ann, first, campaign=row)
    holding(ann, second, campaign=row)
    holding(bob, first, campaign=row, dropped_at=clock.now(), dropped_by=BOB)
    holding(bob, second, campaign=other)
    holding(carla, first)
    holding(dora, second, campaign=row)
    assert of(row).booked == 2
    assert counts([other])["august"].booked == 1


def test_of_many_at_once_by_as_many_queries() -> None:
    def queries(rows: Any) -> int:
        with CaptureQueriesContext(connection) as context:
            told = counts(rows)
        assert set(told) == {row.campaign_id for row in rows}
        return len(context)

    many = [campaign(f"c{place}") for place in range(12)]
    for place, row in enumerate(many):
        text(Status.SENT, place, subject=row.campaign_id)
        received("A1", person(place), conversation="shifts", subject=row.campaign_id)
    assert queries(many) == queries(many[:1]) == 3
    told = counts(many)
    assert all((one.recipients, one.sent, one.replied) == (1, 1, 1) for one in told.values())
    assert counts(Campaign.objects.all()) == told
    assert counts([]) == {}


def test_who_got_no_text_and_why_in_order(number: OriginationIdentity) -> None:
    row = campaign()
    for place, status in enumerate(reversed(Status)):
        text(status, place, error_reason=f"why {status}")
    text(Status.FAILED, 50, priority=10)
    text(Status.FAILED, 51, subject="august")
    told = [(message.status, message.error_reason) for message in not_texted(row)]
    expected = [Status.CANCELLED, Status.EXPIRED, Status.UNKNOWN, Status.SUPPRESSED, Status.FAILED]
    assert told == [(status, f"why {status}") for status in expected]

"""Whoever may be texted no longer gets no campaign that waits: by the doors that are not tested elsewhere."""

import pytest

from messaging.models import OriginationIdentity, OutboundMessage
from shifts import campaigns, people, roster, selectors
from shifts.campaigns.work import Campaigns
from tests.messaging.factories import ANN, BOB
from tests.shifts import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _waiting(number: OriginationIdentity) -> None:
    for phone_number in (ANN, BOB):
        factories.employee(phone_number, segments=["Night nurses"])
    campaigns.create(campaigns.Request("july", "Shifts are open.", "Night nurses"), actor="hr")
    Campaigns().run()
    assert statuses() == {ANN: "queued", BOB: "queued"}


def statuses() -> dict[str, str]:
    return dict(OutboundMessage.objects.values_list("destination_phone_number", "status"))


def test_a_list_that_withdraws_approval() -> None:
    report = roster.run(f"phone_number,approved\n{ANN},no\n{BOB},yes\n".encode(), segment="Night nurses")
    assert (report.updated, report.unchanged) == (1, 1)
    assert statuses() == {ANN: "suppressed", BOB: "queued"}


def test_an_employee_who_is_deleted() -> None:
    ann = selectors.employee_of(ANN)
    assert ann is not None
    people.delete_employee(ann)
    assert statuses() == {ANN: "suppressed", BOB: "queued"}

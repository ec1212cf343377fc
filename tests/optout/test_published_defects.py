"""The defects of the published self-managed opt-out sample, by name. Each was real; none may come back."""

from datetime import datetime

import pytest

from messaging.inbound import routing
from messaging.models import OriginationIdentity, OutboundMessage, Status
from messaging.outbound.lanes import Drainer
from optout import ledger, selectors
from optout.ledger import Entry
from optout.models import ConsentEvent
from tests.messaging.factories import ANN, OUR_NUMBER, queued, received

pytestmark = pytest.mark.django_db


def _state() -> str:
    stands = selectors.standing_with(ANN, OUR_NUMBER)
    return stands.state if stands else "none"


@pytest.mark.parametrize("body", ["STOP", "stop", "Stop.", " sToP ", "STOP please", "“Stop”", "stop 🙏"])
def test_only_exact_upper_case_words(body: str, number: OriginationIdentity) -> None:
    received(body)
    routing.route_waiting()

    assert _state() == "opted_out"


def test_a_confirmation_on_every_repeat(number: OriginationIdentity) -> None:
    for _ in range(5):
        received("STOP")
        routing.route_waiting()

    assert OutboundMessage.objects.count() == 1
    assert ConsentEvent.objects.count() == 5


@pytest.mark.parametrize(
    ("stop_at", "join_at", "state"),
    [
        ("2026-03-29T01:59:00+01:00", "2026-03-29T03:01:00+02:00", "opted_in"),  # summer time begins between
        ("2026-10-25T02:30:00+02:00", "2026-10-25T02:10:00+01:00", "opted_in"),  # the hour that comes twice
        ("2026-06-01T10:30:00-04:00", "2026-06-01T15:00:00+02:00", "opted_out"),  # later, with the smaller clock
    ],
)
def test_local_time_without_zone_as_the_sort_key(
    stop_at: str, join_at: str, state: str, number: OriginationIdentity
) -> None:
    for action, at in (("opt_in", join_at), ("opt_out", stop_at)):
        ledger.record(Entry(ANN, OUR_NUMBER, action, "sms", occurred_at=datetime.fromisoformat(at)))

    assert _state() == state


@pytest.mark.django_db(transaction=True)
def test_no_check_at_the_moment_of_sending(number: OriginationIdentity, simulator: object) -> None:
    waiting = queued(ANN, "Queued before the STOP")
    assert waiting.status == Status.QUEUED
    ledger.record(Entry(ANN, OUR_NUMBER, "opt_out", "web"))

    Drainer().run()

    waiting.refresh_from_db()
    assert (waiting.status, waiting.attempts) == (Status.SUPPRESSED, 0)

"""Two hundred people text the code of one shift in the same instant: webhook, Redis, four workers."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from messaging.models import InboundMessage, OutboundMessage
from messaging.simulator import Simulator
from shifts.models import Booking, Shift
from tests.house import House
from tests.messaging.factories import OUR_NUMBER
from tests.redis_server import RedisServer
from tests.shifts import factories
from tests.workers import until, workers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.crash]

PEOPLE = 200
BOOKED = "Request summary - Shift booked: XYZ123"
TAKEN = "Request summary - Shift not available: XYZ123"


@pytest.mark.parametrize("places", [1, 7])
def test_as_many_are_booked_as_there_are_places_and_everybody_is_told_the_truth(
    house: House, simulator: Simulator, redis_server: RedisServer, places: int
) -> None:
    people = [one.contact.phone_number for one in factories.employees(PEOPLE)]
    factories.shift("XYZ123", at=24, places=places)

    def text(phone_number: str) -> None:
        # SNS's own way with a 5xx, which SQLite's one writer may cost us when the machine is busy: the same text again.
        for _ in range(5):
            if simulator.text(phone_number, OUR_NUMBER, "xyz123", inbound_id=f"inbound-{phone_number}") == [200]:
                return
        raise AssertionError(f"The webhook does not take the text of {phone_number}.")

    with workers(redis_server, 4, "inbound"):
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(text, people))
        until(lambda: not InboundMessage.objects.filter(routed_at__isnull=True).exists(), 90)

    told = dict(OutboundMessage.objects.values_list("destination_phone_number", "body"))
    assert sorted(told) == people
    assert sorted(told.values()) == [BOOKED] * places + [TAKEN] * (PEOPLE - places)
    holders = set(Booking.objects.values_list("employee__contact__phone_number", flat=True))
    assert holders == {phone_number for phone_number, body in told.items() if body == BOOKED}
    assert Shift.objects.values_list("booked", "places").get() == (places, places)
    assert not InboundMessage.objects.exclude(outcome="shifts", attempts=0).exists()

"""A house at work is clean at every step, whatever goes wrong with it, and at rest at the end."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from incidents import lifecycle
from messaging import audit, clock
from messaging.models import Contact, InboundMessage, OriginationIdentity, OutboundMessage, Status
from messaging.outbound import pauses
from messaging.simulator import Simulator
from shifts import campaigns
from shifts.campaigns.work import Campaigns
from shifts.models import Campaign
from tests.flows.conftest import Handset
from tests.house import House
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, queued
from tests.moving import MovableTime
from tests.shifts import factories

pytestmark = pytest.mark.django_db(transaction=True)

# What a check says that nothing can be done about: not wrong, but to be known.
KNOWN = {"messaging.unknown_at_most_once", "messaging.paused_lane"}


def found(*, at_rest: bool = False) -> set[str]:
    return {finding.check for finding in audit.run(at_rest=at_rest)}


@pytest.fixture
def ann(house: House, simulator: Simulator) -> Handset:
    Contact.objects.create(phone_number=ANN, name="Ann")
    return Handset(simulator, house, ANN)


@pytest.fixture
def bob(house: House, simulator: Simulator) -> Handset:
    Contact.objects.create(phone_number=BOB, name="Bob")
    return Handset(simulator, house, BOB)


@pytest.fixture(autouse=True)
def _clean_after_each_sweep(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[set[str]]]:
    """The audit runs after each sweep of the house, and all it may find is what is known."""
    seen: list[set[str]] = []
    sweep = House.sweep

    def sweep_and_audit(self: House) -> None:
        sweep(self)
        # Time must not be moved by a second look: it would be a part of the play.
        with monkeypatch.context() as patched:
            patched.setattr(clock, "sleep", lambda seconds: None)
            seen.append(found() - KNOWN)

    monkeypatch.setattr(House, "sweep", sweep_and_audit)
    yield seen
    assert seen
    assert set().union(*seen) == set()


def deliver_all(simulator: Simulator, house: House) -> None:
    for sent in simulator.sent:
        simulator.event(sent.message_id, "TEXT_DELIVERED")
    house.settle()


def open_incident(incident_id: str = "123", **fields: Any) -> None:
    values: dict[str, Any] = {
        "description": "The cold store is warm",
        "first_contact": ANN,
        "second_contact": BOB,
        "wait_seconds": 10,
    }
    lifecycle.open_incident(lifecycle.Request(incident_id=incident_id, **values | fields), actor="monitoring")


def test_an_incident_from_alert_to_yes(house: House, simulator: Simulator, ann: Handset, bob: Handset) -> None:
    open_incident()
    assert found() == set()
    house.forward(25, step=6)
    bob.says("Yes, on it")
    ann.says("no")
    assert found() == set()
    deliver_all(simulator, house)
    house.forward(4, step=2)
    assert found(at_rest=True) == set()


def test_an_incident_nobody_takes(house: House, ann: Handset, bob: Handset) -> None:
    open_incident()
    ann.says("no")
    bob.says("what?")
    house.forward(60, step=11)
    bob.says("yes")
    lifecycle.resolve("123", actor="staff")
    house.sweep()
    assert found(at_rest=True) == set()


@pytest.mark.parametrize("fault", ["throttle", "server_error", "lose", "drop_answer"])
def test_calls_that_fail_or_are_in_doubt(
    house: House, simulator: Simulator, ann: Handset, bob: Handset, fault: str
) -> None:
    simulator.faults.set(fault, count=2)
    open_incident(wait_seconds=120)
    queued(BOB, "Shifts are open", delivery_policy="at_most_once")
    house.forward(75, step=15)
    deliver_all(simulator, house)
    ann.says("yes")
    house.forward(6, step=3)
    assert found(at_rest=True) <= KNOWN


def test_a_text_sent_again_whose_first_call_turns_out_to_have_failed(
    house: House, simulator: Simulator, ann: Handset, bob: Handset
) -> None:
    simulator.faults.set("drop_answer", count=1)
    open_incident(wait_seconds=300)
    house.forward(70, step=14)
    first, second = [sent.message_id for sent in simulator.sent if sent.destination == ANN]
    simulator.event(first, "TEXT_UNREACHABLE")
    simulator.event(second, "TEXT_DELIVERED")
    house.forward(12 * 60, step=180)
    ann.says("yes")
    house.sweep()
    assert found(at_rest=True) == set()


def test_refusals_pauses_and_opt_outs_at_aws(house: House, simulator: Simulator, ann: Handset, bob: Handset) -> None:
    simulator.faults.set("opted_out", count=1)
    open_incident()
    house.forward(4, step=2)
    simulator.faults.set("refuse", count=1)
    queued("+14255550190", "Hello")
    queued("+14255550191", "Hello")
    house.forward(400, step=80)
    pauses.resume(OUR_NUMBER)
    house.forward(4, step=2)
    bob.says("yes 123")
    house.forward(4, step=2)
    assert found(at_rest=True) == set()


def test_a_campaign_with_bookings_stop_pause_and_cancellation(house: House, simulator: Simulator) -> None:
    people = factories.employees(6, segments=["Night nurses"])
    nurses = [Handset(simulator, house, one.contact.phone_number) for one in people]
    factories.shift("XYZ123", at=24)
    factories.shift("XYZ124", at=48, places=2)
    request = campaigns.Request("july", "Two nights are open.", "Night nurses", ("XYZ123", "XYZ124"))
    campaigns.create(request, actor="hr")
    house.sweep()
    nurses[0].says("XYZ123 XYZ124")
    nurses[1].says("xyz123, xyz124")
    nurses[0].says("DROP XYZ123")
    nurses[2].says("STOP")
    nurses[3].says("agent")
    nurses[4].says("banana")
    house.forward(4, step=2)
    nurses[2].says("JOIN")
    nurses[2].says("Stop.")
    house.forward(4, step=2)

    campaigns.create(campaigns.Request("august", "More nights.", "Night nurses"), actor="hr")
    Campaigns().run()
    campaigns.pause("august", actor="hr")
    assert found() == set()
    house.forward(30 * 60, step=300)
    campaigns.resume("august", actor="hr")
    house.forward(4, step=2)
    campaigns.create(campaigns.Request("september", "Still more.", "Night nurses"), actor="hr")
    Campaigns().run()
    campaigns.cancel("september", actor="hr")
    assert found() == set()
    deliver_all(simulator, house)
    house.forward(4, step=2)

    assert set(Campaign.objects.values_list("status", flat=True)) == {"sent", "cancelled"}
    assert OutboundMessage.objects.filter(status=Status.SUPPRESSED).exists()
    assert found(at_rest=True) == set()


def test_somebody_texts_stop_while_an_alert_is_waiting(
    house: House, simulator: Simulator, ann: Handset, bob: Handset
) -> None:
    open_incident(wait_seconds=20)
    ann.says("STOP")
    house.forward(4, step=2)
    bob.says("STOPALL")
    house.forward(40, step=10)
    ann.says("JOIN")
    house.forward(8, step=3)
    queued(ANN, "Hello")
    queued(BOB, "Hello")
    house.forward(4, step=2)
    assert found(at_rest=True) == set()


def test_events_of_others_and_repeated_notifications(house: House, simulator: Simulator, ann: Handset) -> None:
    simulator.faults.set("duplicate", probability=1.0)
    open_incident(second_contact="")
    ann.says("yes")
    deliver_all(simulator, house)
    house.forward(4, step=2)
    assert InboundMessage.objects.count() == 1
    assert found(at_rest=True) == set()


def test_an_audit_writes_nothing(house: House, ann: Handset, bob: Handset, django_assert_num_queries: Any) -> None:
    open_incident()
    house.sweep()
    before = list(OutboundMessage.objects.values()), list(OriginationIdentity.objects.values())
    found(at_rest=True)
    assert before == (list(OutboundMessage.objects.values()), list(OriginationIdentity.objects.values()))


def test_a_resumed_number_is_given_a_moment(house: House, time: MovableTime, ann: Handset) -> None:
    queued(ANN, "Hello")
    pauses.pause(OUR_NUMBER, "A person must mend something.")
    house.forward(300, step=100)
    pauses.resume(OUR_NUMBER)
    work: list[Callable[[], None]] = [house.settle]

    def meanwhile(seconds: float) -> None:
        time.forward(seconds)
        if work:
            work.pop()()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "sleep", meanwhile)
        assert found() == set()
    assert ann.texts == ["Hello"]
    house.sweep()

"""AGENT through the whole house: webhook, routing, Connect, outbox, handset."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import translation

from messaging import clock
from messaging.models import Contact, InboundMessage, OutboundMessage
from messaging.simulator import Simulator
from shifts.calls import callbacks, decisions, words
from shifts.calls import connect as module
from shifts.calls.connect import AmazonConnect
from shifts.models import CallBack
from tests.flows.conftest import Handset
from tests.house import House
from tests.messaging.factories import ANN, OUR_NUMBER
from tests.shifts.calls.between import Between
from tests.shifts.calls.conftest import agent, asked
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)

WILL_CALL = "Your request is noted, staff will call you."
CALLING = "We are calling you now."
# Between the tries, in seconds.
PAUSES = (60, 120, 300)


@pytest.fixture(autouse=True)
def _long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer than the busiest machine takes from one line of a test to the next: time runs on between them."""
    monkeypatch.setattr(decisions, "PAUSES", tuple(timedelta(seconds=each) for each in PAUSES))


def only() -> CallBack:
    return CallBack.objects.get()


def route_again(house: House) -> None:
    """As after a crash before the routing was recorded."""
    InboundMessage.objects.update(routed_at=None, outcome="", route_after=clock.now())
    house.sweep()


class TestPublishedDefects:
    def test_agent_promised_a_call_before_placing_it(
        self, house: House, ann: Handset, between: Between, simulator: Simulator
    ) -> None:
        told_before: list[int] = []
        between.next = [("InternalServiceException", 500)]
        ann.says("AGENT")
        assert (simulator.calls, ann.texts) == ([], []), "Connect has no call: nothing is promised"
        told_before.append(OutboundMessage.objects.count())
        house.forward(61, step=30)
        assert len(simulator.calls) == 1
        assert (told_before, ann.texts) == ([0], [CALLING])
        assert (only().status, only().contact_id) == ("called", simulator.calls[0].contact_id)

    def test_agent_could_place_two_calls_when_it_was_delivered_again(
        self, house: House, ann: Handset, connect: None, simulator: Simulator
    ) -> None:
        simulator.faults.set("duplicate", copies=3)
        ann.says("AGENT")
        simulator.faults.clear()
        route_again(house)
        assert [call.destination for call in simulator.calls] == [ANN]
        assert ann.texts == [CALLING]
        assert CallBack.objects.count() == 1

    def test_agent_could_place_two_calls_when_connects_answer_was_lost(
        self, house: House, ann: Handset, between: Between, simulator: Simulator
    ) -> None:
        between.next = ["drop", "drop"]
        ann.says("AGENT")
        assert len(simulator.calls) == 1
        assert ann.texts == []
        house.forward(240, step=30)
        assert between.tokens == [InboundMessage.objects.get().inbound_message_id] * 3
        assert len(simulator.calls) == 1
        assert (only().status, only().contact_id) == ("called", simulator.calls[0].contact_id)
        assert ann.texts == [CALLING]


def test_a_time_out_then_success_is_one_call_and_one_text(
    house: House, ann: Handset, between: Between, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module._CONFIG, "read_timeout", 0.3)
    between.next = ["hold"]
    ann.says("AGENT")
    assert "did not answer" in only().reason
    assert ann.texts == []
    house.forward(61, step=30)
    assert (len(simulator.calls), len(between.tokens)) == (1, 2)
    assert ann.texts == [CALLING]
    assert only().reason == ""


def test_the_text_says_what_it_belongs_to(house: House, connect: None) -> None:
    asked(subject="july")
    house.settle()
    text = OutboundMessage.objects.get()
    assert (text.idempotency_key, text.conversation, text.subject) == (f"callback:{only().pk}:called", "shifts", "july")
    assert (text.origination_identity, text.priority, text.is_automatic_reply) == (OUR_NUMBER, 10, False)


def test_without_connect_staff_call_and_that_is_said(house: House, ann: Handset, simulator: Simulator) -> None:
    ann.says("AGENT")
    assert ann.texts == [WILL_CALL]
    assert (only().status, only().reason) == ("waiting", "Amazon Connect is not set up.")
    assert [row.phone_number for row in callbacks.queue()] == [ANN]
    house.forward(30, step=10)
    assert simulator.calls == []


@pytest.mark.parametrize("code", ["DestinationNotAllowedException", "ResourceNotFoundException"])
def test_a_failing_connect_tells_the_truth_and_lands_in_the_queue(
    house: House, ann: Handset, connect: None, simulator: Simulator, code: str
) -> None:
    simulator.faults.set("refuse_call", code=code, message="Not there.")
    ann.says("AGENT")
    assert ann.texts == [WILL_CALL]
    assert (only().status, only().attempts) == ("waiting", 1)
    assert f"({code}: Not there.)" in only().reason
    simulator.faults.clear()
    house.forward(30, step=5)
    assert (simulator.calls, ann.texts) == ([], [WILL_CALL])


def test_a_connect_that_stays_away_is_tried_four_times_with_one_token(
    house: House, ann: Handset, between: Between, simulator: Simulator
) -> None:
    between.next = [("ThrottlingException", 400), "lose", ("InternalServiceException", 500), ("502", 502)]
    ann.says("AGENT")
    for tries, seconds in enumerate(PAUSES, start=1):
        assert (only().status, only().attempts, ann.texts) == ("placing", tries, [])
        house.forward(seconds + 1, step=30)
    assert (only().status, only().attempts) == ("waiting", 4)
    assert len(set(between.tokens)) == 1
    assert ann.texts == [WILL_CALL]
    house.forward(30, step=5)
    assert (len(between.tokens), simulator.calls, ann.texts) == (4, [], [WILL_CALL])


def test_agent_again_while_one_is_being_placed_adds_none_and_says_nothing_yet(
    house: House, ann: Handset, between: Between, simulator: Simulator
) -> None:
    between.next = ["lose"]
    ann.says("AGENT")
    ann.says("agent")
    assert ann.texts == []
    house.forward(61, step=30)
    assert (CallBack.objects.count(), len(simulator.calls), ann.texts) == (1, 1, [CALLING])


def test_agent_again_while_one_waits_adds_none_and_says_the_same(house: House, ann: Handset) -> None:
    ann.says("AGENT")
    ann.says("AGENT")
    assert (CallBack.objects.count(), ann.texts) == (1, [WILL_CALL, WILL_CALL])


def test_agent_after_it_was_closed_is_a_new_request(house: House, ann: Handset) -> None:
    ann.says("AGENT")
    callbacks.close(only().pk, actor="otto")
    route_again(house)
    assert CallBack.objects.count() == 1, "the first text, routed again, is the first request"
    assert InboundMessage.objects.get().routed_at
    ann.says("AGENT")
    assert [row.status for row in CallBack.objects.order_by("id")] == ["closed", "waiting"]


def test_agent_again_while_the_telephone_rings_is_no_second_call(
    house: House, ann: Handset, connect: None, simulator: Simulator
) -> None:
    ann.says("AGENT")
    house.forward(30, step=10)
    ann.says("agent!")
    assert len(simulator.calls) == 1
    assert ann.texts == [CALLING, CALLING]
    house.forward(130, step=130)
    ann.says("AGENT")
    assert len(simulator.calls) == 2, "minutes later it is a wish of its own"


def test_asking_calls_nobody_before_the_routing_is_committed(house: House, between: Between) -> None:
    with transaction.atomic():
        assert callbacks.ask(agent(), subject="") is None
        assert between.tokens == []
        transaction.set_rollback(True)
    house.sweep()
    assert (CallBack.objects.count(), between.tokens) == (0, [])


def test_no_transaction_is_open_while_connect_is_asked(house: House, ann: Handset, connect: None) -> None:
    seen: list[bool] = []

    def start(call: Any) -> str:
        seen.append(connection.in_atomic_block)
        return "contact"

    asked()
    assert callbacks.place_next(start)
    assert seen == [False]


def in_a_transaction(text: InboundMessage) -> Callable[[], str | None]:
    def act() -> str | None:
        with transaction.atomic():
            return callbacks.ask(text, subject="")

    return act


def test_two_texts_of_one_person_in_the_same_instant_are_one_request(house: House) -> None:
    for n in range(5):
        person = f"+1425555030{n}"
        answers = together(*(in_a_transaction(agent(person)) for _ in range(3)))
        assert answers == [words.will_call()] * 3
        assert CallBack.objects.filter(phone_number=person).count() == 1


def test_two_workers_at_once_ask_connect_once_and_tell_once(house: House, between: Between) -> None:
    one = AmazonConnect()
    for n in range(5):
        asked(f"+1425555030{n}")
        together(*[lambda: callbacks.place_next(one.start)] * 3)
        assert len(between.tokens) == OutboundMessage.objects.count() == n + 1
    assert set(CallBack.objects.values_list("status", "attempts")) == {("called", 1)}


def test_a_row_that_two_have_read_is_claimed_by_one(house: House, connect: None) -> None:
    asked()
    first, second = only(), only()
    assert callbacks._claim(first, clock.now())
    assert not callbacks._claim(second, clock.now())


def test_an_answer_that_comes_after_another_worker_took_over_counts_once(
    house: House, between: Between, simulator: Simulator
) -> None:
    """Ours lasted longer than the claim; whoever came after us had the same call with the same token."""
    one = AmazonConnect()
    asked()

    def slowly(call: Any) -> str:
        contact_id = one.start(call)
        house.time.forward(16)
        assert callbacks.place_next(one.start)
        return contact_id

    assert callbacks.place_next(slowly)
    assert (only().status, only().contact_id) == ("called", simulator.calls[0].contact_id)
    assert (len(simulator.calls), OutboundMessage.objects.count()) == (1, 1)


def test_a_failure_that_comes_after_another_worker_took_over_changes_nothing(
    house: House, between: Between, simulator: Simulator
) -> None:
    one = AmazonConnect()
    asked()

    def refused_late(call: Any) -> str:
        house.time.forward(16)
        between.next = ["lose"]
        assert callbacks.place_next(one.start)
        between.next = [("ResourceNotFoundException", 404)]
        return one.start(call)

    assert callbacks.place_next(refused_late)
    assert (only().status, OutboundMessage.objects.count()) == ("placing", 0), "the later try is not over"
    house.forward(121, step=30)
    assert (only().status, OutboundMessage.objects.get().body) == ("called", CALLING)


def test_a_call_every_worker_dies_of_ends_with_the_staff(house: House, ann: Handset, connect: None) -> None:
    asked()
    CallBack.objects.update(attempts=8)
    house.sweep()
    assert (only().status, ann.texts) == ("waiting", [WILL_CALL])
    assert only().reason.startswith("Tried 8 times")


@pytest.mark.parametrize(("language", "expected"), [("de", "de"), ("", "en")])
def test_people_are_told_in_their_language(
    house: House, ann: Handset, connect: None, monkeypatch: pytest.MonkeyPatch, language: str, expected: str
) -> None:
    monkeypatch.setattr(words, "calling", translation.get_language)
    Contact.objects.update(language=language)
    ann.says("AGENT")
    assert ann.texts == [expected]


def test_connect_taken_away_meanwhile(house: House, ann: Handset, between: Between, settings: Any) -> None:
    between.next = ["lose"]
    ann.says("AGENT")
    settings.CONNECT_INSTANCE_ID = ""
    house.forward(61, step=30)
    assert (only().status, only().reason) == ("waiting", "Amazon Connect is not set up.")
    assert ann.texts == [WILL_CALL]

"""Send guards: asked at queueing, at the claim, before a late call; a lane is held when they cannot be."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from messaging import clock
from messaging.models import Lane, OriginationIdentity, OutboundMessage, Status
from messaging.outbound import guards, leases, outbox, pauses
from messaging.outbound.carriers.memory import Memory
from messaging.outbound.lanes import Drainer
from messaging.simulator import Simulator
from messaging.work import Lanes
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, queued, standing
from tests.moving import MovableTime

pytestmark = pytest.mark.django_db(transaction=True)

Pairs = Sequence[tuple[str, str]]
HERE = "tests.messaging.outbound.test_guards"


class Door:
    """What the guards of these tests say, and what they were asked and told."""

    def __init__(self) -> None:
        self.forbidden: set[str] = set()
        self.asked: list[list[str]] = []
        self.told: list[tuple[str, int]] = []
        self.listened: list[tuple[str, str, str, str]] = []
        self.on_asked: Callable[[], object] = lambda: None
        self.on_told: Callable[[], object] = lambda: None


door = Door()


class Doorman:
    """A guard that forbids whom the test says."""

    def refusals(self, recipients: Pairs) -> dict[tuple[str, str], str]:
        door.asked.append([to for to, _ in recipients])
        answer = {pair: f"{pair[0]} said STOP" for pair in recipients if pair[0] in door.forbidden}
        door.on_asked()
        return answer

    def carrier_opted_out(self, message: OutboundMessage) -> None:
        door.told.append(("doorman", message.pk))
        door.on_told()

    def opted_out_elsewhere(self, found: Mapping[str, datetime | None], *, actor: str, reason: str) -> None:
        """Not told in these tests."""


class Porter(Doorman):
    """A second one, who forbids nobody."""

    def refusals(self, recipients: Pairs) -> dict[tuple[str, str], str]:
        return {}

    def carrier_opted_out(self, message: OutboundMessage) -> None:
        door.told.append(("porter", message.pk))


class Talk:
    """A conversation that is told who opted out."""

    name = "talk"

    def opted_out(self, phone_number: str, origination_identity: str, reason: str) -> None:
        door.listened.append((self.name, phone_number, origination_identity, reason))
        if self.name == "talk":
            door.on_told()


class Chat(Talk):
    """A second one."""

    name = "chat"


@pytest.fixture(autouse=True)
def _guarded(settings: Any) -> None:
    vars(door).update(vars(Door()))
    settings.MESSAGING = settings.MESSAGING | {"SEND_GUARDS": [f"{HERE}.Doorman", f"{HERE}.Porter"]}


def no_table() -> None:
    """What a guard meets whose table is not there; on PostgreSQL the transaction is broken then."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM nowhere")


def broken_for(asks: int) -> Callable[[], None]:
    """A guard that cannot be asked so many times."""
    left = iter(range(asks))

    def ask() -> None:
        if next(left, None) is not None:
            raise RuntimeError("consent is away")

    return ask


def state(message: OutboundMessage) -> tuple[str, int, bool]:
    message.refresh_from_db()
    return message.status, message.attempts, message.attempted_at is not None


def claim() -> list[OutboundMessage]:
    leases.take(OUR_NUMBER, "me", clock.now())
    return outbox.claim(
        OUR_NUMBER,
        owner="me",
        lease=timedelta(seconds=5),
        most_rows=10,
        most_parts=100,
        most_parts_of_first=100,
        now=clock.now(),
    )


# Queueing and claiming


@pytest.mark.parametrize("trouble", [broken_for(1), no_table])
def test_whoever_queues_does_not_fail_for_a_guard_that_cannot_be_asked(
    number: OriginationIdentity, caplog: pytest.LogCaptureFixture, trouble: Callable[[], None]
) -> None:
    door.on_asked = trouble
    with transaction.atomic():
        message = queued()
        assert OutboundMessage.objects.filter(pk=message.pk).exists(), "the caller's transaction goes on"
    assert state(message) == (Status.QUEUED, 0, False)
    assert "could not be asked; the text waits" in caplog.text


def test_who_is_forbidden_is_suppressed_with_the_reason(number: OriginationIdentity) -> None:
    door.forbidden = {ANN}
    at_once = queued(ANN)
    door.forbidden = {BOB}
    later, other = standing(Status.QUEUED, BOB), standing(Status.QUEUED, "+14255550199")
    assert [message.pk for message in claim()] == [other.pk]
    for message, to in ((at_once, ANN), (later, BOB)):
        assert state(message)[0] == Status.SUPPRESSED
        assert (message.error_code, message.error_reason) == ("GUARD", f"{to} said STOP")


def test_nothing_of_a_batch_is_claimed_when_a_guard_cannot_be_asked(number: OriginationIdentity) -> None:
    messages = [queued(ANN), queued(BOB, passes_guards=True)]
    door.on_asked = no_table
    with pytest.raises(guards.CannotTell, match=r"\(tests\.messaging\.outbound\.test_guards\.Doorman\)"):
        claim()
    assert {state(message) for message in messages} == {(Status.QUEUED, 0, False)}


def test_nobody_is_asked_about_texts_that_pass_the_guards(number: OriginationIdentity) -> None:
    door.on_asked = broken_for(100)
    queued(passes_guards=True)
    carrier = Memory()
    Drainer(carrier).run()
    assert (len(carrier.sent), door.asked) == (1, [])


# Held


def test_a_number_says_why_nothing_is_sent_until_the_guards_can_be_asked(
    number: OriginationIdentity, time: MovableTime
) -> None:
    message, began = queued(), clock.now()
    seen: list[Lane] = []
    broken = broken_for(2)

    def ask() -> None:
        seen.append(Lane.objects.get())
        broken()

    door.on_asked = ask
    carrier = Memory()
    Drainer(carrier).run()
    reason = (
        "Nothing is sent from this number: a send guard (tests.messaging.outbound.test_guards.Doorman) cannot be asked "
        "(RuntimeError: consent is away). Textback tries again every few seconds."
    )
    assert [(lane.held_at is not None, lane.held_reason) for lane in seen] == [
        (False, ""),
        (True, reason),
        (True, reason),
    ]
    assert seen[1].held_at == seen[2].held_at, "since when it was held first"
    lane = Lane.objects.get()
    assert (state(message)[0], lane.held_at, lane.held_reason) == (Status.SENT, None, "")
    assert 10 <= (message.attempted_at - began).total_seconds() < 12  # type: ignore[operator]


def test_whoever_takes_over_a_held_lane_takes_the_word_back(number: OriginationIdentity, time: MovableTime) -> None:
    message = queued()

    def dies() -> None:
        clock.request_stop()
        raise RuntimeError("consent is away")

    door.on_asked = dies
    Drainer(Memory()).run()
    assert Lane.objects.get().held_at
    clock.forget_stop()
    door.on_asked = lambda: None
    Drainer(Memory()).run()
    assert (state(message)[0], Lane.objects.get().held_at) == (Status.SENT, None)


def test_a_drainer_learns_that_another_one_held_its_lane(number: OriginationIdentity, time: MovableTime) -> None:
    OriginationIdentity.objects.update(mps=1)
    for n in range(3):
        queued(f"+1425555020{n}")
    asks = iter(range(10))

    def ask() -> None:
        if next(asks) == 0:
            # Written by a drainer that had lost the lane when this one took it.
            transaction.on_commit(lambda: pauses.hold(OUR_NUMBER, "too late"))

    door.on_asked = ask
    Drainer(Memory()).run()
    assert Lane.objects.get().held_at is None


def test_a_text_that_passes_the_guards_proves_nothing(number: OriginationIdentity, time: MovableTime) -> None:
    Lane.objects.create(origination_identity=number)
    pauses.hold(OUR_NUMBER, "consent is away")
    message = queued(passes_guards=True)
    Drainer(Memory()).run()
    assert (state(message)[0], Lane.objects.get().held_reason) == (Status.SENT, "consent is away")


def test_claims_of_a_lane_that_is_not_held_write_nothing_about_it(
    number: OriginationIdentity, time: MovableTime
) -> None:
    for n in range(5):
        queued(f"+1425555020{n}")
    with CaptureQueriesContext(connection) as queries:
        Drainer(Memory()).run()
        pauses.let_go_of_idle()
    updates = [query["sql"] for query in queries if query["sql"].startswith('UPDATE "messaging_lane"')]
    assert updates
    assert not [sql for sql in updates if "held" in sql]


def test_a_lane_without_texts_does_not_stay_held(number: OriginationIdentity, time: MovableTime) -> None:
    queued(conversation="incidents", subject="1")
    pauses.pause(OUR_NUMBER, "so that nobody drains it")
    pauses.hold(OUR_NUMBER, "consent is away")
    assert not Lanes().is_due(clock.now())
    pauses.let_go_of_idle()
    assert Lane.objects.get().held_at, "a text waits"
    outbox.cancel(conversation="incidents", subject="1")
    assert Lanes().is_due(clock.now())
    Lanes().run()
    lane = Lane.objects.get()
    assert (lane.held_at, lane.paused_reason) == (None, "so that nobody drains it")
    assert not Lanes().is_due(clock.now())


def test_sending_does_not_depend_on_the_word_to_staff(
    number: OriginationIdentity, time: MovableTime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(pauses, "hold", away)
    door.on_asked = broken_for(2)
    message = queued()
    Drainer(Memory()).run()
    assert state(message)[0] == Status.SENT
    assert "cannot be written down" in caplog.text


def test_other_trouble_than_a_guards_is_not_blamed_on_one(
    number: OriginationIdentity, time: MovableTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failures = outbox.claim, iter(range(1))

    def claim_later(*arguments: Any, **options: Any) -> list[OutboundMessage]:
        if next(failures, None) is not None:
            raise OperationalError("the server closed the connection")
        assert not Lane.objects.get().held_at
        return real(*arguments, **options)

    monkeypatch.setattr(outbox, "claim", claim_later)
    message = queued()
    Drainer(Memory()).run()
    assert state(message)[0] == Status.SENT


def test_a_long_problem_is_cut_and_the_advice_is_not(number: OriginationIdentity, time: MovableTime) -> None:
    def long() -> None:
        clock.request_stop()
        raise RuntimeError("away\nLINE 1: " + "x" * 1000)

    queued()
    door.on_asked = long
    Drainer(Memory()).run()
    reason = Lane.objects.get().held_reason
    assert len(reason) <= 300
    assert "(RuntimeError: away LINE 1: xxx" in reason
    assert reason.endswith("Textback tries again every few seconds.")


def test_a_pause_and_a_hold_do_not_touch_each_other(number: OriginationIdentity) -> None:
    pauses.pause(OUR_NUMBER, "no credentials")
    pauses.hold(OUR_NUMBER, "consent is away")
    pauses.resume(OUR_NUMBER)
    lane = Lane.objects.get()
    assert (lane.paused_reason, lane.held_reason) == ("", "consent is away")
    pauses.pause(OUR_NUMBER, "no credentials")
    pauses.let_go(OUR_NUMBER)
    lane = Lane.objects.get()
    assert (lane.paused_reason, lane.held_reason, lane.held_at) == ("no credentials", "", None)


@pytest.mark.parametrize("wrong", [{"held_reason": "why"}, {"held_at": clock.now()}])
def test_a_hold_has_a_reason(number: OriginationIdentity, wrong: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Lane.objects.create(origination_identity=number, **wrong)


# A STOP between claim and call


def claimed_together() -> list[OutboundMessage]:
    """Five texts that one claim takes and that start 40 ms after each other."""
    OriginationIdentity.objects.update(mps=20)
    messages = [queued(f"+1425555020{n}") for n in range(5)]
    door.asked.clear()
    return messages


def test_a_stop_that_comes_after_the_claim_is_heeded(number: OriginationIdentity, time: MovableTime) -> None:
    *first, last = claimed_together()
    door.on_asked = lambda: door.forbidden.add(last.destination_phone_number)
    carrier = Memory()
    Drainer(carrier).run()
    assert state(last) == (Status.SUPPRESSED, 0, False)
    assert (last.error_code, last.error_reason) == ("GUARD", "+14255550204 said STOP")
    assert sorted(one.message_id for one in carrier.sent) == [message.pk for message in first]
    assert {state(message)[0] for message in first} == {Status.SENT}
    assert door.asked[0] == [message.destination_phone_number for message in (*first, last)]
    assert last.destination_phone_number in door.asked[1], "all that is claimed is asked about at once"
    assert len(door.asked[1]) > 1


def test_a_text_that_starts_at_once_is_asked_about_once(number: OriginationIdentity, time: MovableTime) -> None:
    OriginationIdentity.objects.update(mps=1)
    # However long the claim takes.
    door.on_asked = lambda: time.forward(0.2)
    for n in range(3):
        queued(f"+1425555020{n}")
    door.asked.clear()
    Drainer(Memory()).run()
    assert len(door.asked) == 3


def test_when_the_guards_go_away_after_the_claim_everything_goes_back(
    number: OriginationIdentity, time: MovableTime
) -> None:
    messages = claimed_together()

    def ask() -> None:
        if len(door.asked) > 1:
            clock.request_stop()
            no_table()

    door.on_asked = ask
    carrier = Memory()
    Drainer(carrier).run()
    left = [message for message in messages if message.pk not in {one.message_id for one in carrier.sent}]
    assert left
    assert {state(message) for message in left} == {(Status.QUEUED, 0, False)}
    assert "Error: " in Lane.objects.get().held_reason


def test_withdrawing_asks_nobody_where_nobody_is_to_be_asked(
    settings: Any, django_assert_num_queries: Any, number: OriginationIdentity
) -> None:
    passing, other = standing(Status.SENDING, passes_guards=True), standing(Status.SENDING)
    with django_assert_num_queries(0):
        assert outbox.withdraw_forbidden([passing]) == [passing]
    assert door.asked == []
    settings.MESSAGING = settings.MESSAGING | {"SEND_GUARDS": []}
    with django_assert_num_queries(0):
        assert outbox.withdraw_forbidden([passing, other]) == [passing, other]


def test_a_text_that_went_on_meanwhile_is_not_called_with_and_stays_as_it_is(number: OriginationIdentity) -> None:
    message = standing(Status.SENDING)
    OutboundMessage.objects.update(status=Status.UNKNOWN)
    door.forbidden = {ANN}
    assert outbox.withdraw_forbidden([message]) == []
    assert state(message) == (Status.UNKNOWN, 1, True)


# Opted out at the carrier


def test_the_guards_learn_of_an_opt_out_at_the_carrier(
    number: OriginationIdentity, simulator: Simulator, time: MovableTime
) -> None:
    simulator.set_handset(ANN, opted_out=True)
    refused, sent = queued(ANN), queued(BOB)
    Drainer().run()
    assert (state(refused)[0], state(sent)[0]) == (Status.FAILED, Status.SENT)
    assert refused.error_reason == "DESTINATION_PHONE_NUMBER_OPTED_OUT"
    assert door.told == [("doorman", refused.pk), ("porter", refused.pk)]


def test_other_refusals_are_no_opt_outs(number: OriginationIdentity, simulator: Simulator, time: MovableTime) -> None:
    reason = "DESTINATION_PHONE_NUMBER_NOT_VERIFIED"
    simulator.faults.set("refuse", count=1, code="ConflictException", reason=reason)
    message = queued()
    Drainer().run()
    assert (state(message)[0], message.error_reason, door.told) == (Status.FAILED, reason, [])


@pytest.mark.parametrize("trouble", [broken_for(1), no_table])
def test_a_guard_that_cannot_be_told_undoes_no_record(
    number: OriginationIdentity,
    simulator: Simulator,
    time: MovableTime,
    caplog: pytest.LogCaptureFixture,
    trouble: Callable[[], None],
) -> None:
    def write_and_fail() -> None:
        Lane.objects.update(lease_owner="half done")
        trouble()

    caplog.set_level(logging.ERROR)
    door.on_told = write_and_fail
    simulator.set_handset(ANN, opted_out=True)
    refused, sent = queued(ANN), queued(BOB)
    Drainer().run()
    assert (state(refused)[0], state(sent)[0]) == (Status.FAILED, Status.SENT)
    assert door.told == [("doorman", refused.pk), ("porter", refused.pk)]
    assert Lane.objects.get().lease_owner == ""
    assert f"the recipient of text {refused.pk} opted out" in caplog.text


# Opted out of a number of ours


@pytest.fixture
def two_talk(settings: Any) -> None:
    settings.MESSAGING = settings.MESSAGING | {"CONVERSATIONS": {"talk": f"{HERE}.Talk", "chat": f"{HERE}.Chat"}}


@pytest.mark.parametrize("identity", [OUR_NUMBER, ""])
@pytest.mark.usefixtures("two_talk", "db")
def test_every_conversation_learns_of_an_opt_out(identity: str) -> None:
    guards.tell_opted_out(ANN, identity, "Opted out by text.")
    assert door.listened == [(name, ANN, identity, "Opted out by text.") for name in ("talk", "chat")]


@pytest.mark.parametrize("trouble", [broken_for(1), no_table])
@pytest.mark.usefixtures("two_talk")
def test_a_conversation_that_cannot_be_told_undoes_no_opt_out(
    number: OriginationIdentity, caplog: pytest.LogCaptureFixture, trouble: Callable[[], None]
) -> None:
    def write_and_fail() -> None:
        Lane.objects.update(lease_owner="half done")
        trouble()

    Lane.objects.create(origination_identity=number)
    door.on_told = write_and_fail
    with transaction.atomic():
        recorded = standing(Status.QUEUED)
        guards.tell_opted_out(ANN, OUR_NUMBER, "Opted out by text.")
    assert OutboundMessage.objects.filter(pk=recorded.pk).exists()
    assert [name for name, *_ in door.listened] == ["talk", "chat"]
    assert Lane.objects.get().lease_owner == ""
    assert f"The conversation talk could not be told that somebody opted out of {OUR_NUMBER}" in caplog.text

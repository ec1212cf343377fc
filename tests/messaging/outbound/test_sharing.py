"""Several senders share the lanes; none is left undrained, whoever dies."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from redis.exceptions import RedisError
from rq import Worker

from messaging import clock, redis, wakeups
from messaging.contracts import Submission
from messaging.models import Lane, OriginationIdentity, OutboundMessage, Status
from messaging.outbound import leases, sharing
from messaging.outbound.carriers.memory import Memory
from messaging.outbound.lanes import Drainer
from messaging.outbound.sharing import LEFT_FOR, NOBODY_CAME_FOR, Senders, Share, share
from tests.messaging.factories import queued
from tests.moving import MovableTime
from tests.together import together

LANES = ["A", "B", "C", "D"]


@pytest.mark.parametrize(
    ("lanes", "senders", "each"), [(0, 2, 0), (1, 2, 1), (4, 2, 2), (5, 2, 3), (5, 1, 5), (3, 9, 1), (3, 0, 3)]
)
def test_shares(lanes: int, senders: int, each: int) -> None:
    assert share(lanes, senders) == each
    assert each * max(1, senders) >= lanes


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(wakeups, "wake_now", names.append)
    return names


def test_a_share_is_taken_and_the_others_are_woken_for_the_rest_once(woken: list[str]) -> None:
    mine, now = Share(lambda: 2), clock.now()
    assert mine.of(LANES, 0, set, now) == ["A", "B"]
    assert woken == ["lanes"]
    assert mine.of(["C", "D"], 2, set, now) == []
    assert woken == ["lanes"]
    assert mine.of(["D"], 2, lambda: {"C"}, now) == [], "the other has come for one"


def test_who_has_less_than_its_share_takes_more(woken: list[str]) -> None:
    assert Share(lambda: 2).of(["C", "D"], 1, lambda: {"B"}, clock.now()) == ["C"]
    assert Share(lambda: 2).of(["D"], 1, lambda: {"B", "C"}, clock.now()) == ["D"]


@pytest.mark.parametrize("senders", [0, 1])
def test_alone_one_takes_all(woken: list[str], senders: int) -> None:
    assert Share(lambda: max(1, senders)).of(LANES, 0, set, clock.now()) == LANES
    assert woken == []


def test_one_lane_is_nothing_to_share() -> None:
    def not_asked() -> Any:
        raise AssertionError

    assert Share(not_asked).of(["A"], 0, not_asked, clock.now()) == ["A"]


def test_what_was_taken_since_it_was_seen_counts_once(woken: list[str]) -> None:
    assert Share(lambda: 2).of(LANES, 0, lambda: {"A", "B"}, clock.now()) == ["C", "D"]


def test_what_nobody_comes_for_is_taken_and_then_nobody_is_waited_for(woken: list[str]) -> None:
    mine, now = Share(lambda: 2), clock.now()
    mine.of(LANES, 0, set, now)
    assert mine.of(["C", "D"], 2, set, now + LEFT_FOR) == ["C", "D"]
    soon = now + LEFT_FOR + NOBODY_CAME_FOR / 2
    assert mine.of(["E"], 4, set, soon) == ["E"]
    later = now + LEFT_FOR + NOBODY_CAME_FOR
    assert mine.of(["E"], 4, set, later) == [], "whoever was away may be back"


@pytest.mark.django_db(transaction=True)
class TestDraining:
    @pytest.fixture(autouse=True)
    def _texts(self, redis_server: object) -> None:
        for place in range(8):
            identity = f"+1425555011{place}"
            OriginationIdentity.objects.create(identity=identity, kind="short_code", mps=1000)
            for n in range(6):
                queued(f"+1425{place}55{n:04}", origination_identity=identity)

    def _nothing_is_left(self) -> bool:
        return not OutboundMessage.objects.exclude(status=Status.SENT).exists()

    def test_two_that_are_there_drain_half_of_the_numbers_each(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # A busy machine may start the second late.
        monkeypatch.setattr(sharing, "LEFT_FOR", timedelta(minutes=5))
        drained: dict[str, set[str]] = {"one": set(), "two": set()}
        all_called = threading.Event()

        class Notes(Memory):
            def __init__(self, name: str) -> None:
                super().__init__()
                self._name = name

            def send(self, submission: Submission) -> str:
                drained[self._name].add(submission.origination_identity)
                if sum(map(len, drained.values())) == 8:
                    all_called.set()
                # No number is done with, and given back, before each has its sender.
                assert all_called.wait(120)
                return super().send(submission)

        together(*(Drainer(Notes(name), name, Share(lambda: 2)).run for name in drained))
        assert {name: len(numbers) for name, numbers in drained.items()} == {"one": 4, "two": 4}
        assert self._nothing_is_left()

    def test_who_looks_first_takes_half_and_leaves_the_rest_for_a_moment(self) -> None:
        mine = Drainer(Memory(), "one", Share(lambda: 2))
        mine._look_for_lanes()
        assert Lane.objects.filter(lease_owner="one").count() == 4
        other = Drainer(Memory(), "two", Share(lambda: 2))
        other._look_for_lanes()
        assert Lane.objects.filter(lease_owner="two").count() == 4
        mine._end()
        other._end()

    def test_one_whose_companion_is_dead_drains_every_lane_by_itself(self) -> None:
        carrier = Memory()
        Drainer(carrier, "one", Share(lambda: 2)).run()
        assert self._nothing_is_left()
        assert len(carrier.sent) == 48

    def test_lanes_of_one_that_dies_are_taken_when_its_leases_run_out(self, time: MovableTime) -> None:
        dies = Drainer(Memory(), "dies", Share(lambda: 2))
        dies._look_for_lanes()
        carrier = Memory()
        Drainer(carrier, "lives", Share(lambda: 2)).run()
        assert len(carrier.sent) == 24
        time.forward(leases.LEASE.total_seconds() + 1)
        Drainer(carrier, "lives", Share(lambda: 2)).run()
        assert self._nothing_is_left()


def test_senders_are_counted_where_they_say_that_they_live(redis_server: object) -> None:
    assert Senders()() == 1
    workers = [Worker([redis.queue("lanes")], connection=redis.client(), name=f"sender-{n}") for n in range(3)]
    for worker in workers:
        worker.register_birth()
    assert Senders()() == 3
    for worker in workers:
        worker.register_death()
    assert Senders()() == 1


def test_without_redis_one_counts_as_the_only_one(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise RedisError("away")

    monkeypatch.setattr(Worker, "all", away)
    assert Senders()() == 1


def test_the_answer_is_kept_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counted(**_: object) -> list[Worker]:
        asked.append(1)
        return []

    monkeypatch.setattr(Worker, "all", counted)
    senders = Senders()
    assert {senders() for _ in range(20)} == {1}
    assert len(asked) <= 2
    assert timedelta(seconds=sharing._ASK_EVERY_SECONDS) > LEFT_FOR

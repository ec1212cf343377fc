"""Events on their way: over real HTTP to receivers on this machine, in order, and at least once."""

import json
import threading
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from config.processes.children import TERM_SECONDS
from messaging import clock, wakeups
from messaging.events import claiming, delivering, endpoints, recording, signing
from messaging.events.delivering import Deliverer
from messaging.events.posting import HttpPost, Letter
from messaging.events.verdicts import Answer
from messaging.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from tests.house import House
from tests.messaging.events.conftest import OPENED, Listen, Subscribe, happens
from tests.messaging.events.receiver import Receiver, answer, drip
from tests.moving import MovableTime
from tests.redis_server import RedisServer
from tests.together import together
from tests.workers import until, worker_process

pytestmark = pytest.mark.django_db(transaction=True)


def statuses() -> list[str]:
    return list(WebhookDelivery.objects.order_by("event_id").values_list("status", flat=True))


def state(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    return WebhookEndpoint.objects.get(pk=endpoint.pk)


def test_what_happened_arrives_in_order_and_signed(receiver: Receiver, subscribe: Subscribe) -> None:
    made = endpoints.create(name="Dispatch", url=receiver.url, event_types=[OPENED], by="boss")
    happens(1, 2, 3)
    assert Deliverer().run() is False
    assert receiver.subjects == [1, 2, 3]
    for got in receiver.got:
        at = int(got.headers["webhook-timestamp"])
        assert got.headers["webhook-signature"] == signing.signature(made.secret, got.event_id, at, got.body)
        assert got.event["id"] == got.event_id
        assert got.event["type"] == OPENED
    assert statuses() == ["delivered"] * 3
    tries = WebhookAttempt.objects.all()
    assert {(one.status_code, one.problem) for one in tries} == {(204, "")}
    row = state(made.endpoint)
    assert (row.failures, row.failing_since, row.next_try_at, row.lease_owner) == (0, None, None, "")
    assert row.delivered_at is not None


def test_nothing_is_due_where_nothing_waits(receiver: Receiver, subscribe: Subscribe) -> None:
    subscribe(receiver)
    assert not claiming.due(clock.now()).exists()
    happens(1)
    assert claiming.due(clock.now()).exists()
    Deliverer().run()
    assert not claiming.due(clock.now()).exists()


def test_a_failure_keeps_the_next_ones_waiting(receiver: Receiver, subscribe: Subscribe, time: MovableTime) -> None:
    endpoint = subscribe(receiver)
    receiver.script = answer("500 Internal Server Error", b"no room")
    happens(1, 2)
    Deliverer().run()
    assert receiver.subjects == [1]
    row = state(endpoint)
    assert row.failures == 1
    assert row.next_try_at is not None
    assert statuses() == ["waiting", "waiting"]
    (first,) = WebhookAttempt.objects.all()
    assert (first.status_code, first.problem, first.response) == (500, "It answered 500.", "no room")
    receiver.script = answer()
    time.forward(60)
    Deliverer().run()
    assert receiver.subjects == [1, 1, 2]
    assert receiver.ids[0] == receiver.ids[1]
    assert state(endpoint).failures == 0


def test_an_endpoint_that_is_down_for_an_hour_gets_everything_in_order_afterwards(
    house: House, listen: Listen, subscribe: Subscribe
) -> None:
    """The whole house: RQ's worker and scheduler, wake-ups and sweeps, with time moved."""
    receiver = listen()
    endpoint = subscribe(receiver)
    receiver.script = answer("503 Service Unavailable")
    for number in range(12):
        happens(number)
        house.forward(300, step=150)
    failures = state(endpoint).failures
    assert failures >= 6
    assert set(receiver.subjects) == {0}, "the first keeps all others waiting"
    assert len(set(receiver.ids)) == 1
    before = len(receiver.got)
    assert before <= failures + 1, "it is not called more often than the schedule says"
    receiver.script = answer()
    # The longest wait between two tries is an hour.
    house.forward(3_700, step=600)
    assert receiver.subjects[before:] == list(range(12))
    assert set(statuses()) == {"delivered"}
    assert state(endpoint).failures == 0


def test_staff_need_not_wait_for_the_next_try(receiver: Receiver, subscribe: Subscribe) -> None:
    endpoint = subscribe(receiver)
    receiver.script = answer("503 Service Unavailable")
    happens(1)
    Deliverer().run()
    receiver.script = answer()
    Deliverer().run()
    assert len(receiver.got) == 1
    endpoints.enable(endpoint.pk)
    Deliverer().run()
    assert statuses() == ["delivered"]


def test_a_crash_between_the_call_and_its_record_sends_the_same_event_again(
    receiver: Receiver, subscribe: Subscribe, time: MovableTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(receiver)
    happens(1, 2)

    class Killed(Exception):
        pass

    def dies(*arguments: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(recording, "record", dies)
        with pytest.raises(Killed):
            Deliverer().run()
    assert receiver.subjects == [1]
    # The lease of the dead holds a while, and nobody else calls meanwhile.
    Deliverer().run()
    assert receiver.subjects == [1]
    time.forward(claiming.LEASE.total_seconds() + 1)
    Deliverer().run()
    assert receiver.subjects == [1, 1, 2]
    assert receiver.ids[0] == receiver.ids[1]
    assert statuses() == ["delivered", "delivered"]
    assert list(WebhookDelivery.objects.order_by("event_id").values_list("attempts", flat=True)) == [2, 1]


def test_two_workers_at_once_deliver_each_event_once_and_in_order(listen: Listen, subscribe: Subscribe) -> None:
    receivers = [listen() for _ in range(3)]
    for one in receivers:
        subscribe(one)
    happens(*range(15))
    together(*(lambda: Deliverer().run(timedelta(seconds=60)) for _ in range(2)))
    # What one found taken by the other is left to the next look.
    while Deliverer().run():
        pass
    for one in receivers:
        assert one.subjects == list(range(15))
    assert set(statuses()) == {"delivered"}


def test_who_takes_long_holds_nobody_back(listen: Listen, subscribe: Subscribe) -> None:
    go_on = threading.Event()
    slow, quick = listen(), listen()
    ok = answer()

    def hangs(connection: Any, got: Any) -> None:
        go_on.wait(10)
        ok(connection, got)

    slow.script = hangs
    subscribe(slow)
    subscribe(quick)
    happens(1, 2, 3)

    def noted(connection: Any, got: Any) -> None:
        ok(connection, got)
        if len(quick.got) == 3:
            go_on.set()

    quick.script = noted
    Deliverer().run(timedelta(seconds=60))
    assert go_on.is_set(), "the quick one has all before the slow one has answered once"
    assert quick.subjects == slow.subjects == [1, 2, 3]


def test_more_endpoints_than_threads_all_have_their_turn(
    listen: Listen, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.events.delivering.PARALLEL", 2)
    receivers = [listen() for _ in range(5)]
    for one in receivers:
        subscribe(one)
    happens(1, 2, 3)
    while Deliverer().run():
        pass
    assert [one.subjects for one in receivers] == [[1, 2, 3]] * 5


def test_who_hangs_keeps_others_from_nothing_that_happens_meanwhile(
    listen: Listen, subscribe: Subscribe, time: MovableTime
) -> None:
    """Not only what waited when the call began: also what happens while it hangs, as soon as it happens."""
    go_on = threading.Event()
    hangs, quick = listen(), listen()
    ok = answer()

    def hang(connection: Any, got: Any) -> None:
        go_on.wait(60)
        ok(connection, got)

    hangs.script = hang
    subscribe(hangs)
    happens(1)
    subscribe(quick)
    post = HttpPost(read_seconds=60, total_seconds=60)

    def quick_has(number: int) -> bool:
        return number in quick.subjects

    def watch() -> None:
        until(lambda: hangs.got)
        for number in (2, 3):
            time.forward(5)
            happens(number)
            until(partial(quick_has, number))
        go_on.set()

    together(lambda: Deliverer(post).run() and None, watch)
    assert quick.subjects == [2, 3]
    assert hangs.subjects == [1, 2, 3]


def test_those_that_fail_have_half_of_the_threads_at_most(
    listen: Listen, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.events.delivering.PARALLEL", 4)
    go_on = threading.Event()
    many = [listen() for _ in range(4)]
    ok = answer()

    def hang(connection: Any, got: Any) -> None:
        go_on.wait(60)
        ok(connection, got)

    for one in many:
        one.script = hang
        subscribe(one)
    WebhookEndpoint.objects.update(failures=1, failing_since=clock.now())
    quick = listen()
    subscribe(quick)
    happens(1, 2)

    def watch() -> None:
        until(lambda: len(quick.got) == 2)
        assert sum(len(one.got) for one in many) == 2
        go_on.set()

    together(lambda: Deliverer(HttpPost(read_seconds=60, total_seconds=60)).run() and None, watch)
    while Deliverer().run():
        pass
    assert [one.subjects for one in [*many, quick]] == [[1, 2]] * 5


def test_at_the_end_of_a_run_nobody_is_called_who_may_have_to_be_waited_for(
    listen: Listen, subscribe: Subscribe, time: MovableTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.events.delivering._LAST_PART", timedelta(seconds=1_000))
    fails, quick = listen(), listen()
    ok = answer()
    late = subscribe(fails)
    WebhookEndpoint.objects.filter(pk=late.pk).update(
        failures=1, failing_since=clock.now(), next_try_at=clock.now() + timedelta(seconds=40)
    )
    subscribe(quick)
    happens(1, 2)

    def forward(connection: Any, got: Any) -> None:
        if len(quick.got) == 1:
            time.forward(2_100)
        ok(connection, got)

    quick.script = forward
    assert Deliverer().run(timedelta(seconds=3_000)) is True, "it is due by now"
    assert (quick.subjects, fails.subjects) == ([1, 2], [])
    Deliverer().run()
    assert fails.subjects == [1, 2]


@pytest.mark.parametrize("code", [410, 500])
def test_what_an_old_address_answers_is_nothing_against_the_new_one(
    receiver: Receiver, listen: Listen, subscribe: Subscribe, code: int
) -> None:
    new = listen()
    endpoint = subscribe(receiver)
    happens(1)
    taken = claiming.claim(endpoint.pk, clock.now())
    assert taken is not None
    endpoints.change(endpoint, url=new.url)
    recording.record(taken, Answer(5, status_code=code), clock.now())
    row = state(endpoint)
    assert (row.disabled_at, row.failures, row.next_try_at, row.lease_owner) == (None, 0, None, "")
    assert WebhookAttempt.objects.get().status_code == code, "the try is told all the same"
    Deliverer().run()
    assert (new.subjects, receiver.subjects) == ([1], [])


def test_what_an_old_address_took_is_delivered(receiver: Receiver, listen: Listen, subscribe: Subscribe) -> None:
    endpoint = subscribe(receiver)
    happens(1)
    taken = claiming.claim(endpoint.pk, clock.now())
    assert taken is not None
    endpoints.change(endpoint, url=listen().url)
    recording.record(taken, Answer(5, status_code=200), clock.now())
    assert statuses() == ["delivered"]
    assert state(endpoint).lease_owner == ""


def test_410_switches_it_off_and_what_happens_meanwhile_is_kept(
    receiver: Receiver, subscribe: Subscribe, time: MovableTime
) -> None:
    endpoint = subscribe(receiver)
    receiver.script = answer("410 Gone")
    happens(1)
    Deliverer().run()
    row = state(endpoint)
    assert row.disabled_at is not None
    assert row.disabled_by == ""
    assert "410 Gone" in row.disabled_reason
    happens(2)
    time.forward(86_400)
    Deliverer().run()
    assert receiver.subjects == [1]
    receiver.script = answer()
    assert endpoints.enable(endpoint.pk) is True
    Deliverer().run()
    assert receiver.subjects == [1, 1, 2]


def test_after_three_days_it_is_switched_off_and_nothing_is_lost(
    receiver: Receiver, subscribe: Subscribe, time: MovableTime
) -> None:
    endpoint = subscribe(receiver)
    receiver.script = answer("500 Internal Server Error")
    happens(1, 2)
    Deliverer().run()
    while not (row := state(endpoint)).disabled_at:
        assert row.next_try_at is not None
        time.forward((row.next_try_at - clock.now()).total_seconds() + 0.01)
        Deliverer().run()
    assert "for 3 days" in row.disabled_reason
    assert row.failing_since is not None
    assert row.disabled_at is not None
    assert timedelta(days=3) <= row.disabled_at - row.failing_since < timedelta(days=3, hours=2)
    assert statuses() == ["waiting", "waiting"]


def test_late_news_of_a_lease_that_ran_out_delivers_and_moves_nothing_else(
    receiver: Receiver, subscribe: Subscribe, time: MovableTime
) -> None:
    endpoint = subscribe(receiver)
    happens(1)
    slow = claiming.claim(endpoint.pk, clock.now())
    assert slow is not None
    time.forward(claiming.LEASE.total_seconds() + 1)
    quick = claiming.claim(endpoint.pk, clock.now())
    assert quick is not None
    assert quick.letter.event_id == slow.letter.event_id
    recording.record(slow, Answer(5, status_code=500, problem="It answered 500."), clock.now())
    assert state(endpoint).failures == 0
    assert state(endpoint).lease_owner == quick.lease
    recording.record(slow, Answer(5, status_code=200), clock.now())
    assert statuses() == ["delivered"]
    assert state(endpoint).lease_owner == quick.lease
    recording.record(quick, Answer(5, status_code=500, problem="It answered 500."), clock.now())
    assert statuses() == ["delivered"]
    assert state(endpoint).lease_owner == ""


def test_who_is_deleted_during_a_call_leaves_no_trace(receiver: Receiver, subscribe: Subscribe) -> None:
    endpoint = subscribe(receiver)
    happens(1)
    taken = claiming.claim(endpoint.pk, clock.now())
    assert taken is not None
    endpoints.remove(endpoint)
    recording.record(taken, Answer(5, status_code=200), clock.now())
    assert not WebhookAttempt.objects.exists()


def test_who_is_switched_off_during_a_failing_call_keeps_the_reason_of_staff(
    receiver: Receiver, subscribe: Subscribe
) -> None:
    endpoint = subscribe(receiver)
    happens(1)
    taken = claiming.claim(endpoint.pk, clock.now())
    assert taken is not None
    endpoints.disable(endpoint.pk, reason="Moving house", by="boss")
    recording.record(taken, Answer(5, status_code=410), clock.now())
    assert (state(endpoint).disabled_reason, state(endpoint).disabled_by) == ("Moving house", "boss")


def test_both_secrets_sign_for_a_day_after_a_new_one(receiver: Receiver, time: MovableTime) -> None:
    made = endpoints.create(name="Dispatch", url=receiver.url, event_types=[OPENED], by="boss")
    new = endpoints.rotate(made.endpoint).secret
    assert new != made.secret

    def signed_by() -> list[bool]:
        happens(1)
        Deliverer().run()
        got = receiver.got[-1]
        at = int(got.headers["webhook-timestamp"])
        given = got.headers["webhook-signature"].split(" ")
        return [signing.signature(one, got.event_id, at, got.body) in given for one in (made.secret, new)]

    assert signed_by() == [True, True]
    time.forward(24 * 3600 + 1)
    assert signed_by() == [False, True]


def test_a_secret_that_cannot_be_read_switches_it_off_and_a_new_one_mends_it(
    receiver: Receiver, subscribe: Subscribe, settings: Any
) -> None:
    endpoint = subscribe(receiver)
    happens(1)
    settings.SECRET_KEY = "another one, long enough for anybody"
    Deliverer().run()
    assert receiver.connections == 0
    assert "SECRET_KEY was changed" in state(endpoint).disabled_reason
    endpoints.rotate(endpoint)
    endpoints.enable(endpoint.pk)
    Deliverer().run()
    assert receiver.subjects == [1]


def test_a_post_that_raises_is_a_failure_like_another(receiver: Receiver, subscribe: Subscribe) -> None:
    endpoint = subscribe(receiver)
    happens(1)

    def broken(letter: Letter) -> Answer:
        raise RuntimeError("a fault of ours")

    Deliverer(broken).run()
    assert state(endpoint).failures == 1
    assert WebhookAttempt.objects.get().problem == "RuntimeError: a fault of ours"


def test_a_receiver_that_is_allowed_no_longer_is_not_called(
    receiver: Receiver, subscribe: Subscribe, settings: Any
) -> None:
    """Saved when it was allowed, and checked at each delivery."""
    endpoint = subscribe(receiver)
    settings.MESSAGING = settings.MESSAGING | {"WEBHOOKS_ALLOWED_NETWORKS": []}
    happens(1)
    Deliverer().run()
    assert receiver.connections == 0
    assert "WEBHOOKS_ALLOWED_NETWORKS" in WebhookAttempt.objects.get().problem
    assert state(endpoint).failures == 1


def test_a_pause_that_is_asked_for_is_kept(receiver: Receiver, subscribe: Subscribe) -> None:
    endpoint = subscribe(receiver)
    receiver.script = answer("429 Too Many Requests", b"", "Retry-After: 600")
    happens(1)
    Deliverer().run()
    again_at = state(endpoint).next_try_at
    assert again_at is not None
    assert again_at > clock.now() + timedelta(seconds=500)


def test_who_asks_to_end_is_heard_before_the_next_call(receiver: Receiver, subscribe: Subscribe) -> None:
    subscribe(receiver)
    happens(1, 2)
    clock.request_stop()
    Deliverer().run()
    assert receiver.connections == 0


def test_a_worker_that_is_told_to_end_does_not_wait_for_a_receiver_and_loses_nothing(
    listen: Listen, subscribe: Subscribe, redis_server: RedisServer
) -> None:
    """A real worker on its queue; the receiver drips for as long as a call may last."""
    receiver = listen(drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1_000, 0.5))
    endpoint = subscribe(receiver)
    happens(1)
    allowed = {"WEBHOOKS_ALLOW_HTTP": "1", "WEBHOOKS_ALLOWED_NETWORKS": "127.0.0.0/8"}
    with worker_process(redis_server, "webhooks", **allowed, WEBHOOKS_PORTS=str(receiver.port)) as worker:

        def called() -> bool:
            # A wake-up that waits for long is no news any more.
            wakeups.wake_now("webhooks")
            return bool(receiver.got)

        until(called, 120)
        worker.terminate()
        assert worker.wait(60) == 0
    # The rest of what `make serve` gives is for the process itself.
    assert delivering._PATIENCE_AT_THE_END < TERM_SECONDS / 2
    assert not WebhookAttempt.objects.exists(), "it has not waited for the end of the call"
    assert statuses() == ["waiting"]
    row = state(endpoint)
    assert (row.failures, row.lease_owner) == (0, ""), "nothing against it, and the next worker waits for no lease"
    receiver.script = answer()
    Deliverer().run()
    assert receiver.ids == [receiver.ids[0]] * 2
    assert statuses() == ["delivered"]


def test_the_body_is_the_same_at_every_try(receiver: Receiver, subscribe: Subscribe, time: MovableTime) -> None:
    subscribe(receiver)
    receiver.script = answer("500 Internal Server Error")
    happens(1)
    Deliverer().run()
    time.forward(60)
    Deliverer(HttpPost()).run()
    first, second = receiver.got
    assert first.body == second.body
    assert json.loads(first.body)["id"] == second.event_id
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]

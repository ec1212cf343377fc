"""The receiver of webhooks remembers what it has answered, fails as planned, and is heard by the judge."""

import http.client
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from messaging.events import signing, types
from tests.crash import reading, receiver
from tests.crash.receiver import HANGS_UP, REFUSES, Receiver

SECRET = signing.new_secret()


@pytest.fixture
def hears(tmp_path: Path) -> Iterator[Receiver]:
    with Receiver(tmp_path / receiver.FILE) as one:
        one.secret = SECRET
        yield one


def told(to: Receiver, event_id: str, body: str = "{}", *, secret: str = SECRET, ago: int = 0) -> int | None:
    """What it answers; None: it hangs up."""
    headers = signing.headers([secret], event_id, int(time.time()) - ago, body.encode())
    connection = http.client.HTTPConnection("127.0.0.1", int(to.settings["WEBHOOKS_PORTS"]), timeout=5)
    try:
        connection.request("POST", "/hooks", body.encode(), headers)
        return connection.getresponse().status
    except http.client.RemoteDisconnected:
        return None
    finally:
        connection.close()


def test_it_answers_as_planned_and_remembers_everything(hears: Receiver) -> None:
    hears.fail({2: REFUSES, 3: HANGS_UP, 9: REFUSES})
    assert [told(hears, f"evt_{n}", f"body {n}") for n in (1, 2, 2, 2)] == [204, 500, None, 204]
    posts = reading._posts(hears)
    assert [(post.event_id, post.body, post.answer, post.taken) for post in posts] == [
        ("evt_1", "body 1", 204, True),
        ("evt_2", "body 2", 500, False),
        ("evt_2", "body 2", None, False),
        ("evt_2", "body 2", 204, True),
    ]
    assert [post.at for post in posts] == sorted(post.at for post in posts)
    assert hears.undone == ("answer 500 to event 9",)


@pytest.mark.parametrize(
    ("more", "signed"),
    [
        pytest.param({}, True, id="ours"),
        pytest.param({"secret": signing.new_secret()}, False, id="with another secret"),
        pytest.param({"ago": 400}, False, id="signed long ago"),
    ],
)
def test_signatures_are_verified(hears: Receiver, more: dict[str, str | int], signed: bool) -> None:
    told(hears, "evt_1", '{"n": "ä"}', **more)  # type: ignore[arg-type]
    assert [post.signed for post in reading._posts(hears)] == [signed]


def test_it_holds_a_call_until_it_lets_it_go(hears: Receiver) -> None:
    answers: list[int | None] = []
    hears.hold()
    caller = Thread(target=lambda: answers.append(told(hears, "evt_1")))
    caller.start()
    give_up = time.monotonic() + 5
    while not hears.holds and time.monotonic() < give_up:
        time.sleep(0.01)
    assert hears.holds
    assert answers == []
    hears.let_go()
    caller.join(5)
    assert answers == [204]
    assert told(hears, "evt_2") == 204


def test_a_seed_becomes_failures_soon_enough_for_a_short_round() -> None:
    assert receiver.failures(7) == receiver.failures(7)
    assert receiver.failures(7) != receiver.failures(8)
    for seed in range(50):
        plan = receiver.failures(seed)
        assert set(plan.values()) == {REFUSES, HANGS_UP}
        # One event fails twice; each pause is as long as no other event comes.
        assert len(plan) == 4
        assert max(plan) < 120


def test_there_are_the_types_that_it_wants_to_hear_of() -> None:
    assert set(receiver.TYPES) <= types.chosen_from().keys()

"""What is counted by many processes adds up, once."""

import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from redis.exceptions import TimeoutError as RedisTimeoutError

from messaging import counting, redis
from messaging.counting import Counter, Histogram, buffer, sums
from messaging.counting.buffer import Buffer

COUNTER = Counter("textback_test_total", "For tests.", ("kind",))
HISTOGRAM = Histogram("textback_test_seconds", "For tests.", (0.1, 1.0))


@pytest.fixture(autouse=True)
def _nothing_counted() -> Iterator[None]:
    counting.forget()
    redis.client().delete("textback:counted")
    yield
    counting.forget()


def read() -> dict[tuple[Any, ...], int]:
    assert counting.flush()
    found = {}
    for field, amount in counting.read().items():
        name, part, labels = buffer.parts(field)
        found[name, part, *labels] = amount
    return found


def test_what_is_counted_adds_up() -> None:
    COUNTER.add("a")
    COUNTER.add("a", times=4)
    COUNTER.add("b", times=0)
    counting.flush()
    COUNTER.add("a")
    assert read() == {("textback_test_total", "", "a"): 6}


def test_a_histogram_has_its_bounds_in_their_buckets() -> None:
    for seconds in (-1.0, 0.05, 0.1, 0.5, 7.25):
        HISTOGRAM.observe(seconds)
    name = HISTOGRAM.name
    assert read() == {(name, "le0"): 3, (name, "le1"): 1, (name, "le2"): 1, (name, "sum"): 7_900_000}


def test_many_processes_add_to_the_same_sums() -> None:
    processes = [Buffer() for _ in range(4)]

    def count(process: Buffer) -> None:
        for _ in range(50):
            process.add({buffer.field(COUNTER.name, ("a",)): 1})
            process.flush()

    threads = [threading.Thread(target=count, args=(process,)) for process in processes for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert read() == {("textback_test_total", "", "a"): 400}


def test_a_batch_whose_answer_was_lost_is_added_once(monkeypatch: pytest.MonkeyPatch) -> None:
    add = sums.add

    def without_answer(process: str, batch: int, amounts: Any) -> bool:
        add(process, batch, amounts)
        raise RedisTimeoutError("Timeout reading from socket")

    COUNTER.add("a", times=3)
    with monkeypatch.context() as lossy:
        lossy.setattr(sums, "add", without_answer)
        assert not counting.flush()
        assert not counting.flush()
    COUNTER.add("a")
    assert read() == {("textback_test_total", "", "a"): 4}


def test_what_redis_does_not_take_is_kept(settings: Any, tmp_path: Any) -> None:
    there = settings.REDIS_URL
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    COUNTER.add("a", times=2)
    assert not counting.flush()
    COUNTER.add("a")
    settings.REDIS_URL = there
    assert read() == {("textback_test_total", "", "a"): 3}


@pytest.mark.django_db(transaction=True)
def test_what_is_taken_back_was_never_counted() -> None:
    with transaction.atomic():
        COUNTER.add_on_commit("a")
        HISTOGRAM.observe_on_commit(1)
        transaction.set_rollback(True)
    assert read() == {}
    with transaction.atomic():
        COUNTER.add_on_commit("a")
        assert read() == {}
    assert read() == {("textback_test_total", "", "a"): 1}


def test_a_fork_counts_nothing_of_its_parent_s() -> None:
    COUNTER.add("a")
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        # Nothing here may raise: it would go on as a second test process.
        try:
            COUNTER.add("b")
            os.write(writing, repr(sorted(buffer._buffer._added)).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 1000).decode() == repr([buffer.field(COUNTER.name, ("b",))])
    os.close(reading)
    os.close(writing)


def test_a_thread_hands_over_by_itself() -> None:
    COUNTER.add("a")
    pause = threading.Event()
    for _ in range(300):
        if counting.read():
            break
        pause.wait(0.1)
    assert counting.read() == {buffer.field(COUNTER.name, ("a",)): 1}

"""The supervisor with small real processes: restarted, ended in time, and never left behind."""

import fcntl
import os
import re
import signal
import socket
import stat
import sys
import termios
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest
import redis

from tests.config.supervised import Supervised, free_port, is_alive, kill, supervisors, wait_for

SLEEPER = "sleep 1000"
STUBBORN = """sh -c 'trap "" TERM; echo stubborn is up; while :; do sleep 1; done'"""
WEB = "python -m tests.config.web_that_is_ready"

Start = Callable[..., Supervised]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    yield from supervisors(tmp_path)


def shown(supervised: Supervised, word: str) -> str:
    """What a process has printed after a word."""
    supervised.wait_for(lambda: re.search(rf"\| {word} \S+\n", supervised.output()))
    return supervised.output().split(f"| {word} ")[1].split()[0]


def replaced(supervised: Supervised, word: str, old: int) -> bool:
    """Whether a child was started anew."""
    new = supervised.child(word)
    return new is not None and new.pid != old


def test_it_prints_what_a_process_prints_under_its_name(start: Start) -> None:
    supervised = start({"greeter": "sh -c 'echo hello; exec sleep 1000'"})
    supervised.wait_for(lambda: "greeter  | hello" in supervised.output())


def test_a_killed_process_is_started_again(start: Start) -> None:
    supervised = start({"sleeper": SLEEPER})
    first = supervised.wait_for(lambda: supervised.child(SLEEPER))
    kill(first)
    supervised.wait_for(partial(replaced, supervised, SLEEPER, first.pid), 5)
    assert "sleeper ended (SIGKILL), starting it again now" in supervised.output()


def test_a_process_that_keeps_dying_is_given_more_and_more_time(start: Start) -> None:
    supervised = start({"broken": "false"})
    supervised.wait_for(lambda: "broken ended (exit status 1), starting it again in 1 s" in supervised.output())
    supervised.wait_for(lambda: "broken ended (exit status 1), starting it again in 2 s" in supervised.output())
    supervised.process.terminate()
    assert supervised.process.wait(5) == 0
    assert "Traceback" not in supervised.output()


def test_processes_that_die_together_are_heard_again_and_use_up_no_descriptors(start: Start) -> None:
    supervised = start({f"sleeper{n}": f"sh -c 'echo up; exec sleep 100{n}'" for n in range(6)})
    supervised.wait_for(lambda: supervised.output().count("| up") == 6)
    itself = psutil.Process(supervised.process.pid)
    before = itself.num_fds()
    for child in itself.children():
        kill(child)
    supervised.wait_for(lambda: supervised.output().count("| up") == 12)
    # Fewer is fine: the look at /readyz has one open now and then.
    supervised.wait_for(lambda: itself.num_fds() <= before)
    supervised.process.terminate()
    assert supervised.process.wait(5) == 0
    assert "Traceback" not in supervised.output()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_everything_with_status_0(start: Start, number: signal.Signals) -> None:
    supervised = start({"sleeper": SLEEPER, "other": "sleep 1001"})
    supervised.wait_for(lambda: supervised.child("sleep 1001"))
    family = supervised.family()
    # As make, a terminal and a process manager do: the whole group hears it.
    os.killpg(supervised.process.pid, number)
    assert supervised.process.wait(5) == 0
    assert not [member for member in family if is_alive(member)]


def test_make_passing_sigterm_on_a_second_time_does_not_cut_the_end_short(start: Start) -> None:
    slow = "sh -c 'trap \"sleep 1; echo ended well; exit\" TERM; echo up; while :; do sleep 0.1; done'"
    supervised = start({"slow": slow})
    supervised.wait_for(lambda: "| up" in supervised.output())
    supervised.process.send_signal(signal.SIGTERM)
    time.sleep(0.6)
    supervised.process.send_signal(signal.SIGTERM)
    assert supervised.process.wait(5) == 0
    assert "ended well" in supervised.output()


def test_a_process_that_ignores_sigterm_is_killed_within_ten_seconds(start: Start) -> None:
    supervised = start({"stubborn": STUBBORN})
    supervised.wait_for(lambda: "stubborn is up" in supervised.output())
    family = supervised.family()
    began = time.monotonic()
    supervised.process.terminate()
    assert supervised.process.wait(10) == 0
    assert 6 < time.monotonic() - began < 10
    assert not [member for member in family if is_alive(member)]


def test_a_second_ctrl_c_kills_at_once(start: Start) -> None:
    supervised = start({"stubborn": STUBBORN})
    supervised.wait_for(lambda: "stubborn is up" in supervised.output())
    supervised.process.send_signal(signal.SIGINT)
    time.sleep(0.7)
    supervised.process.send_signal(signal.SIGINT)
    assert supervised.process.wait(2) == 0


def test_killing_the_supervisor_leaves_no_orphan(start: Start) -> None:
    supervised = start({"sleeper": SLEEPER, "stubborn": STUBBORN})
    supervised.wait_for(lambda: "stubborn is up" in supervised.output())
    children = psutil.Process(supervised.process.pid).children()
    assert len(children) == 3
    supervised.process.kill()
    supervised.process.wait()
    wait_for(lambda: not [child for child in children if is_alive(child)], 3)


def test_what_a_dead_process_leaves_behind_is_ended_before_it_starts_again(start: Start) -> None:
    supervised = start({"parent": "sh -c 'sleep 1002 & sleep 1003 & echo forked; wait'"})
    supervised.wait_for(lambda: "forked" in supervised.output())
    parent = supervised.wait_for(lambda: supervised.child("forked"))
    left = parent.children()
    assert len(left) == 2
    kill(parent)
    supervised.wait_for(lambda: not [child for child in left if is_alive(child)])


def test_it_ends_in_time_when_nobody_reads_its_output(start: Start) -> None:
    # A pipe is full after 64 KiB: a supervisor that printed by itself would wait for a reader, deaf to every signal.
    supervised = start({"chatty": "yes"}, pipe=True)
    assert supervised.process.stdout is not None
    pipe = supervised.process.stdout.fileno()
    wait_for(lambda: int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder) > 60_000)
    supervised.process.terminate()
    assert supervised.process.wait(10) == 0


def test_a_used_port_is_said_at_once(start: Start) -> None:
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        port = other.getsockname()[1]
        supervised = start({"sleeper": SLEEPER}, PORT=str(port))
        assert supervised.process.wait(5) == 1
    assert f"Port {port} cannot be used (Address already in use)" in supervised.output()
    assert "set PORT to another" in supervised.output()


def test_a_port_that_is_no_number_is_refused(start: Start) -> None:
    supervised = start({"sleeper": SLEEPER}, PORT="http")
    assert supervised.process.wait(5) == 1
    assert "PORT is 'http'; it must be a number from 1 to 65535" in supervised.output()


def test_a_second_supervisor_on_the_same_database_is_refused(start: Start) -> None:
    first = start({"sleeper": SLEEPER})
    first.wait_for(lambda: first.child(SLEEPER))
    second = start({"sleeper": SLEEPER})
    assert second.process.wait(5) == 1
    assert f"Textback already serves this database (process {first.process.pid}, http://localhost:" in second.output()


def test_two_databases_have_a_redis_each(tmp_path: Path, start: Start) -> None:
    show = {"show": "sh -c 'echo url $REDIS_URL; exec sleep 1000'"}
    urls = []
    for name in ("one", "two"):
        supervised = start(show, DATABASE_URL=f"sqlite:///{tmp_path / name}.sqlite3")
        urls.append(shown(supervised, "url"))
    assert (tmp_path / "one.sqlite3.run" / "redis.sock").is_socket()
    one, two = (redis.Redis.from_url(url) for url in urls)
    with one, two:
        one.set("whose", "one")
        assert two.get("whose") is None
        assert one.config_get("port") == {"port": "0"}


def test_a_redis_that_is_given_is_used_and_none_started(start: Start) -> None:
    supervised = start({"show": "sh -c 'echo url $REDIS_URL; exec sleep 1000'"}, REDIS_URL="redis://elsewhere/3")
    supervised.wait_for(lambda: "url redis://elsewhere/3" in supervised.output())
    assert supervised.child("redis-server") is None


def test_the_embedded_redis_is_started_again_and_ends_last(start: Start) -> None:
    supervised = start({"sleeper": SLEEPER})
    supervised.wait_for(lambda: supervised.child(SLEEPER))
    server = supervised.wait_for(lambda: supervised.child("redis-server"))
    kill(server)
    supervised.wait_for(partial(replaced, supervised, "redis-server", server.pid))
    supervised.process.terminate()
    assert supervised.process.wait(5) == 0


def test_a_secret_key_is_made_once_and_kept_to_ourselves(tmp_path: Path, start: Start) -> None:
    keys = []
    for _ in range(2):
        supervised = start({"show": "sh -c 'echo key $SECRET_KEY; exec sleep 1000'"})
        keys.append(shown(supervised, "key"))
        supervised.process.terminate()
        assert supervised.process.wait(5) == 0
    assert keys[0] == keys[1]
    assert len(keys[0]) >= 50
    file = tmp_path / "textback.sqlite3.run" / "secret_key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_it_says_when_it_is_ready_and_calls_back(start: Start) -> None:
    port = free_port()
    call = "on_ready=lambda say: say('the story begins')"
    supervised = start({"web": WEB}, call, PORT=str(port))
    supervised.wait_for(lambda: "the story begins" in supervised.output())
    assert f"Textback is ready at http://localhost:{port}" in supervised.output()


def test_a_failed_preparation_ends_it_with_a_reason(start: Start) -> None:
    supervised = start({"sleeper": SLEEPER}, prepare=("sh -c 'echo no such table; exit 3'",))
    assert supervised.process.wait(5) == 1
    assert "prepare  | no such table" in supervised.output()
    assert "failed (exit status 3); see above" in supervised.output()

"""Hosts on a switch hear each other, and when a link is down they do not; the machine has nothing of it."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.hosts import network
from tests.hosts.network import NetworkTrouble, Switch, apart, own_namespace
from tests.hosts.wire import wait_for

_WHY_NOT = network.obstacle()
needs_namespaces = pytest.mark.skipif(bool(_WHY_NOT), reason=f"no network namespaces: {_WHY_NOT}")


def on_a_switch(what: str) -> "subprocess.Popen[str]":
    command = apart([sys.executable, "-m", "tests.hosts.on_a_switch", str(own_namespace()), what])
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@needs_namespaces
def test_a_link_that_is_down_swallows_everything_and_tells_nobody() -> None:
    with on_a_switch("look") as looking:
        said, _ = looking.communicate(timeout=120)
    assert json.loads(said) == {
        "names": ["one", "two", "three"],
        "namespaces": 4,
        "links": ["eth0"],
        "own loopback": "hello",
        "loopback of another": "ConnectionRefusedError",
        "address": "hello",
        "who asks": "10.86.7.12",
        "while its link is down": ["silence", "silence", "hello"],
        "afterwards": ["meanwhile;", "hello"],
        "two that are isolated": ["silence", "hello"],
        "no longer": "hello",
    }


@needs_namespaces
@pytest.mark.parametrize(("what", "seconds"), [("vanish", 30), ("vanish-sending", 14)])
def test_a_host_that_vanishes_in_the_middle_of_a_batch_keeps_no_locks(what: str, seconds: int) -> None:
    # Silence between the statements of a batch is none to PostgreSQL: no time-out of its own ends it.
    with on_a_switch(what) as vanishing:
        said, _ = vanishing.communicate(timeout=300)
    found = json.loads(said)
    assert found.get("free"), found
    # 15 or 5, and what a busy machine makes of it.
    assert found["seconds"] < seconds


@needs_namespaces
def test_nothing_is_left_of_it_even_when_it_is_killed() -> None:
    before = socket.if_nameindex()
    with on_a_switch("stay") as staying:
        assert staying.stdout is not None
        pids = json.loads(staying.stdout.readline())["pids"]
        homes = {network.namespace_of(pid) for pid in pids}
        assert len(homes) == 2
        assert socket.if_nameindex() == before, "the machine has got a link"
        staying.send_signal(signal.SIGKILL)
        assert wait_for(lambda: not any(_lives(pid) for pid in pids), 30), "processes outlive it"
    assert socket.if_nameindex() == before
    assert not homes & {number for pid in psutil.pids() if (number := _namespace_if(pid)) is not None}
    assert not {"one", "two"} & set(os.listdir("/run/netns") if Path("/run/netns").exists() else ())


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
def test_nothing_is_made_in_the_machines_own_network() -> None:
    with pytest.raises(NetworkTrouble, match="machine's own"):
        Switch(own_namespace())


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
@pytest.mark.parametrize(
    ("there", "said"),
    [((), "there is no `unshare` here (util-linux)"), (("unshare",), "there is no `ip` here (iproute2)")],
)
def test_a_missing_program_is_named(
    there: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in there:
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setattr(network, "_PATH", str(tmp_path))
    assert network.obstacle() == said


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
def test_what_the_kernel_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ip").touch(mode=0o755)
    refusing = tmp_path / "unshare"
    refusing.write_text("#!/bin/sh\necho 'unshare failed: Operation not permitted' >&2\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setattr(network, "_PATH", str(tmp_path))
    assert network.obstacle().endswith("(unshare failed: Operation not permitted)")


def _lives(pid: int) -> bool:
    try:
        # Whoever inherits it may leave it a zombie.
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _namespace_if(pid: int) -> int | None:
    try:
        return network.namespace_of(pid)
    except OSError:
        return None

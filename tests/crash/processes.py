"""Processes as a crash finds them: whose child is what, and kill -9."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil

from config.processes.lifeline import end_with_parent

BASE = Path(__file__).resolve().parent.parent.parent


def start(arguments: list[str], env: dict[str, str], log: Path) -> "subprocess.Popen[bytes]":
    """A process that ends with the harness, however that ends. To be started from a thread that lives as long."""
    here = os.getpid()
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=BASE,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=lambda: end_with_parent(here),
        )


def of_the_procfile(supervisor: int) -> dict[str, list[int]]:
    """The supervisor's processes, by what they are: name → process ids, in the order of their start."""
    found: dict[str, list[int]] = {}
    try:
        children = psutil.Process(supervisor).children()
    except psutil.NoSuchProcess:
        return found
    for child in children:
        name = _name(child)
        if name is None:
            continue
        found.setdefault(name, []).append(child.pid)
        below = {"web": "web-worker"}.get(name, "scheduler")
        if name in ("web", "sender", "worker", "timer", "webhooks"):
            found.setdefault(below, []).extend(_children(child))
    return found


def kill(pid: int) -> None:
    """Send SIGKILL: nothing is tidied up."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        # It went by itself a moment before.
        return


def _children(process: psutil.Process) -> list[int]:
    try:
        return sorted(child.pid for child in process.children())
    except psutil.NoSuchProcess:
        return []


def _name(process: psutil.Process) -> str | None:
    try:
        return name_of(process.cmdline())
    except psutil.Error:
        return None


def name_of(words: Sequence[str]) -> str | None:
    """What a command line is of the Procfile, or of what its supervisor adds."""
    line = " ".join(words)
    if "gunicorn" in line:
        return "web"
    if "redis-server" in line:
        return "redis"
    if "config.processes clock" in line:
        return "clock"
    if "rqworker" not in line:
        return None
    # By the last of its queues.
    return {"lanes": "sender", "slow": "worker", "inbound": "timer", "webhooks": "webhooks"}.get(words[-1])

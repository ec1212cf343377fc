"""Textback's own processes, as the Procfile has them, on the database and the Redis of this environment."""

import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psutil

from config.processes.lifeline import end_with_parent

BASE = Path(__file__).resolve().parent.parent
_READY_SECONDS = 60
_END_SECONDS = 8


@contextmanager
def running(*names: str, env: Mapping[str, str] | None = None) -> Iterator[dict[str, int]]:
    """Run these processes of the Procfile; yields their process ids once every worker listens.

    Raises:
        RuntimeError: one of them ended, or was not ready in time; what they wrote is printed.
    """
    commands = procfile()
    with _running({name: commands[name] for name in names}, env) as pids:
        yield pids


@contextmanager
def workers(command: str) -> Iterator[None]:
    """Run a worker that the Procfile does not have, until it listens; as ``running``."""
    with _running({"worker": command}, None):
        yield


@contextmanager
def _running(commands: Mapping[str, str], env: Mapping[str, str] | None) -> Iterator[dict[str, int]]:
    from rq import Worker

    from messaging import redis

    names = list(commands)
    with tempfile.TemporaryFile() as log:
        processes = {name: _start(shlex.split(commands[name]), log, env) for name in names}
        workers = sum("rqworker" in commands[name] for name in names)
        try:
            _wait(lambda: Worker.count(connection=redis.client()) >= workers, processes, log)
            yield {name: process.pid for name, process in processes.items()}
            _check(processes, log)
        except BaseException:
            _tell(log)
            raise
        finally:
            _end(list(processes.values()))


@contextmanager
def web(env: Mapping[str, str] | None = None) -> Iterator[tuple[str, int]]:
    """Run the web server of the Procfile with one more page, an empty one; yields its address and process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*shlex.split(procfile()["web"]), "--bind", f"127.0.0.1:{port}"]
    settings = {"DJANGO_SETTINGS_MODULE": "benchmarks.settings", "PORT": str(port)}
    with tempfile.TemporaryFile() as log:
        process = _start(command, log, {**settings, **(env or {})})
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(lambda: _answers(f"{url}/healthz"), {"web": process}, log)
            yield url, process.pid
            _check({"web": process}, log)
        except BaseException:
            _tell(log)
            raise
        finally:
            _end([process])


def procfile() -> dict[str, str]:
    """The commands of the Procfile, by name."""
    lines = (BASE / "Procfile").read_text().splitlines()
    pairs = (line.split(":", 1) for line in lines if ":" in line and not line.startswith("#"))
    return {name.strip(): command.strip() for name, command in pairs}


def cpu_seconds(pid: int) -> float:
    """Processor time that a process and its children have used so far."""
    process = psutil.Process(pid)
    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        times = one.cpu_times()
        total += times.user + times.system
    ended = process.cpu_times()
    return float(total + ended.children_user + ended.children_system)


def wait_until(condition: Callable[[], bool], seconds: float, what: str, every: float = 0.1) -> None:
    """Wait for what other processes do.

    Raises:
        RuntimeError: it did not come to pass in time.
    """
    ends_at = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends_at:
            raise RuntimeError(f"{what}: not within {seconds:.0f} s")
        time.sleep(every)


def _start(command: list[str], log: IO[bytes], env: Mapping[str, str] | None) -> subprocess.Popen[bytes]:
    here = os.getpid()
    binaries = str(Path(sys.executable).parent)
    return subprocess.Popen(
        command,
        cwd=BASE,
        env={**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', os.defpath)}", **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=lambda: end_with_parent(here),  # noqa: PLW1509 - as the supervisor does
    )


def _wait(ready: Callable[[], bool], processes: Mapping[str, subprocess.Popen[bytes]], log: IO[bytes]) -> None:
    ends_at = time.monotonic() + _READY_SECONDS
    while not ready():
        _check(processes, log)
        if time.monotonic() > ends_at:
            raise RuntimeError(f"{', '.join(processes)}: not ready within {_READY_SECONDS} s")
        time.sleep(0.05)


def _check(processes: Mapping[str, subprocess.Popen[bytes]], log: IO[bytes]) -> None:
    ended = [name for name, process in processes.items() if process.poll() is not None]
    if ended:
        raise RuntimeError(f"{', '.join(ended)} ended")


def _tell(log: IO[bytes]) -> None:
    """What the processes wrote last, when something went wrong."""
    log.seek(0)
    print(log.read()[-4000:].decode(errors="replace"), file=sys.stderr)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    ends_at = time.monotonic() + _END_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, ends_at - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

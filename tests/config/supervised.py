"""Real supervisors for the tests: started, read, waited for, and ended by process id."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil

BASE = Path(__file__).resolve().parent.parent.parent
SECONDS = 15.0


class Supervised:
    """A process that runs a supervisor, and what it prints."""

    def __init__(self, code: str, directory: Path, env: Mapping[str, str], *, pipe: bool = False) -> None:
        self.log = directory / "output.log"
        self._file = self.log.open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code)],
            cwd=BASE,
            env={"PATH": os.environ["PATH"], "TMPDIR": str(directory), **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if pipe else self._file,
            stderr=self._file,
            start_new_session=True,
        )

    def output(self) -> str:
        """What it and its children have printed so far."""
        return self.log.read_text()

    def wait_for(self, condition: Callable[[], Any], seconds: float = SECONDS) -> Any:
        """Wait for a condition; returns its first true value."""
        try:
            return wait_for(condition, seconds)
        except AssertionError:
            raise AssertionError(f"not within {seconds} s; printed so far:\n{self.output()}") from None

    def family(self) -> list[psutil.Process]:
        """All processes below it."""
        family: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        return family

    def child(self, word: str) -> psutil.Process | None:
        """A direct child by a word of its command line; None also while that child is between fork and exec."""
        parent = psutil.Process(self.process.pid)
        # Until it executes its own, a child has its parent's command line, in which the words of all of them stand.
        not_yet = parent.cmdline()
        for child in parent.children():
            try:
                line = child.cmdline()
                if line != not_yet and word in " ".join(line):
                    return child
            except psutil.NoSuchProcess:
                continue
        return None

    def end(self) -> None:
        """Kill it and all below it."""
        family = self.family() if self.process.poll() is None else []
        self.process.kill()
        self.process.wait()
        for member in family:
            if is_alive(member):
                member.kill()
        self._file.close()
        if self.process.stdout is not None:
            self.process.stdout.close()


def wait_for(condition: Callable[[], Any], seconds: float = SECONDS) -> Any:
    """Wait for a condition; returns its first true value."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)
    return value


def is_alive(process: psutil.Process) -> bool:
    """Whether a process lives; a zombie does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def free_port() -> int:
    """A port nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def supervisors(directory: Path) -> Iterator[Callable[..., Supervised]]:
    """Makes supervisors and ends them all: the body of a fixture."""
    started: list[Supervised] = []

    def start(
        procs: Mapping[str, str], call: str = "", prepare: tuple[str, ...] = (), *, pipe: bool = False, **env: str
    ) -> Supervised:
        place = directory / f"supervisor-{len(started)}"
        place.mkdir()
        database = directory / "textback.sqlite3"
        environment = {"DATABASE_URL": f"sqlite:///{database}", "PORT": str(free_port()), **env}
        code = f"""
            import os, sys
            from config.processes.supervise import supervise
            sys.exit(supervise({dict(procs)!r}, dict(os.environ), prepare={prepare!r}, {call}))
        """
        started.append(Supervised(code, place, environment, pipe=pipe))
        return started[-1]

    try:
        yield start
    finally:
        for supervised in started:
            supervised.end()


def kill(process: psutil.Process) -> None:
    """Kill a process at once, as a crash would."""
    process.send_signal(signal.SIGKILL)

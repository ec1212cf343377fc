"""Processes kept alive: started, printed, restarted when they die, and all ended in time.

One thread and one loop. Each child leads a session of its own, so that Ctrl-C reaches the supervisor alone and it
decides the order in which the others end; the kernel ends them with us should we be killed (see lifeline).
"""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from config.processes.lifeline import end_with_parent
from config.processes.output import Output

# Seconds before a restart, by how often in a row the process died young.
RESTART_AFTER = (0.0, 1.0, 2.0, 4.0)
GROWN_UP_SECONDS = 10.0
# Asked to end by SIGTERM, killed after this; the rest of ten seconds is for those that end last and for luck.
TERM_SECONDS = 7.0
LAST_SECONDS = 1.0
_TICK_SECONDS = 0.1
_LONGEST_LINE = 65_536
OWN_NAME = "textback"


class StopRequestedError(Exception):
    """SIGTERM, SIGINT or SIGHUP came while something was being waited for."""


@dataclass
class _Child:
    name: str
    command: str
    ends_last: bool = False
    restarts: bool = True
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    died_young: int = 0
    start_at: float | None = None
    rest: bytes = b""
    returncode: int | None = field(default=None)


class Children:
    """The children of this process."""

    def __init__(self, env: Mapping[str, str], directory: Path, output: Output) -> None:
        self._env = dict(env)
        self._directory = directory
        self._output = output
        self._children: dict[str, _Child] = {}
        self._selector = selectors.DefaultSelector()
        self._stop_at: float | None = None
        self._kill_now = False

    def obey_signals(self) -> None:
        """Let SIGTERM, SIGINT and SIGHUP ask for the end; a second Ctrl-C means now."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    @property
    def stop_requested(self) -> bool:
        """Whether the end was asked for."""
        return self._stop_at is not None or self._output.closed_by_reader

    def say(self, text: str) -> None:
        """Print a line of our own."""
        self._output.line(OWN_NAME, text)

    def start(self, name: str, command: str, *, ends_last: bool = False) -> None:
        """Start a process to be kept alive.

        Args:
            name: What its lines are printed under.
            command: One simple command, as in a Procfile; the shell expands it, then becomes it.
            ends_last: Whether the others still need it while they end.
        """
        child = _Child(name, command, ends_last)
        self._output.known(name)
        self._children[name] = child
        self._launch(child)

    def run(self, name: str, command: str) -> int:
        """Run a command to its end, keeping the others alive meanwhile.

        Raises:
            StopRequestedError: The end was asked for.
        """
        child = _Child(name, command, restarts=False)
        self._output.known(name)
        self._children[name] = child
        self._launch(child)
        while child.returncode is None:
            self.tick()
        del self._children[name]
        return child.returncode

    def tick(self) -> None:
        """Pass on what the processes print, restart those that died, for a tenth of a second.

        Raises:
            StopRequestedError: The end was asked for.
        """
        if self.stop_requested:
            raise StopRequestedError
        self._pump(_TICK_SECONDS)
        now = time.monotonic()
        for child in list(self._children.values()):
            self._reap(child)
            if child.process is None and child.restarts:
                self._restart(child, now)

    def stop(self) -> None:
        """End every process: first those that need the others, then the others. Takes nine seconds at most."""
        running = [child for child in self._children.values() if child.process is not None]
        self._end([child for child in running if not child.ends_last], TERM_SECONDS)
        self._end([child for child in running if child.ends_last], LAST_SECONDS)
        for key in list(self._selector.get_map().values()):
            self._close(key)
        self._children.clear()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._stop_at is None:
            self._stop_at = now
        elif number == signal.SIGINT and now - self._stop_at > 0.5:
            # Only a second Ctrl-C means "now": make passes SIGTERM on to a process that its group got it from already.
            self._kill_now = True

    def _launch(self, child: _Child) -> None:
        supervisor = os.getpid()
        # preexec_fn costs a fork instead of a vfork, and buys an end with us that holds from the first instruction.
        process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {child.command}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self._env,
            cwd=self._directory,
            start_new_session=True,
            preexec_fn=lambda: end_with_parent(supervisor),  # noqa: PLW1509
        )
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        self._selector.register(process.stdout, selectors.EVENT_READ, (child, process.stdout))
        child.process, child.started_at, child.start_at = process, time.monotonic(), None

    def _restart(self, child: _Child, now: float) -> None:
        if child.start_at is None:
            young = now - child.started_at < GROWN_UP_SECONDS
            child.died_young = child.died_young + 1 if young else 0
            delay = RESTART_AFTER[min(max(child.died_young - 1, 0), len(RESTART_AFTER) - 1)]
            child.start_at = now + delay
            again = f"in {delay:.0f} s" if delay else "now"
            self.say(f"{child.name} ended ({_why(child.returncode)}), starting it again {again}")
        if now >= child.start_at:
            self._launch(child)

    def _reap(self, child: _Child) -> None:
        if child.process is None or (returncode := child.process.poll()) is None:
            return
        self._pump(0)
        # What the leader left behind would hold its port, its lock or its pipe.
        _signal_group(child.process.pid, signal.SIGKILL)
        child.process, child.returncode = None, returncode

    def _end(self, children: list[_Child], seconds: float) -> None:
        for child in children:
            if child.process is not None:
                with contextlib.suppress(ProcessLookupError):
                    child.process.send_signal(signal.SIGTERM)
        kill_at = time.monotonic() + seconds
        while any(child.process is not None for child in children):
            self._pump(_TICK_SECONDS / 2)
            if self._kill_now or time.monotonic() >= kill_at:
                for child in children:
                    if child.process is not None:
                        self.say(f"{child.name} did not end in time, killing it")
                        _signal_group(child.process.pid, signal.SIGKILL)
                        child.process.wait()
            for child in children:
                self._reap(child)

    def _pump(self, seconds: float) -> None:
        if not self._selector.get_map():
            time.sleep(seconds)
            return
        for key, _ in self._selector.select(seconds):
            child: _Child = key.data[0]
            try:
                data = os.read(key.fd, _LONGEST_LINE)
            except BlockingIOError:
                continue
            if not data:
                self._close(key)
                continue
            lines, newline, child.rest = (child.rest + data).rpartition(b"\n")
            if len(child.rest) > _LONGEST_LINE:
                lines, newline, child.rest = lines + newline + child.rest, b"\n", b""
            if newline:
                self._output.line(child.name, lines)

    def _close(self, key: selectors.SelectorKey) -> None:
        child: _Child
        pipe: IO[bytes]
        child, pipe = key.data
        if child.rest:
            self._output.line(child.name, child.rest)
            child.rest = b""
        self._selector.unregister(pipe)
        # Not by its bare descriptor: the file object would later close it again, when it is somebody else's.
        pipe.close()


def _signal_group(leader: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def _why(returncode: int | None) -> str:
    if returncode is not None and returncode < 0:
        return signal.Signals(-returncode).name
    return f"exit status {returncode}"

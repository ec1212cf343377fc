"""Ends a process and removes its directory when the tests end, however they end.

A shell waits at the other end of a pipe that only this process holds open: also after kill -9 the pipe closes, and the
shell does what an atexit hook could not.
"""

import contextlib
import subprocess
from pathlib import Path

_SCRIPT = """
read -r _
kill -"$1" "$2" 2>/dev/null
tries=0
while kill -0 "$2" 2>/dev/null && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
kill -KILL "$2" 2>/dev/null
rm -rf -- "$3"
"""


class Guard:
    """Watches over one process and its directory."""

    def __init__(self, pid: int, directory: Path, signal_name: str = "KILL") -> None:
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", _SCRIPT, "guard", signal_name, str(pid), str(directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def forget(self) -> None:
        """Watch no longer: the process has ended, and its directory stays."""
        self._shell.kill()
        self._shell.wait(10)
        assert self._shell.stdin is not None
        self._shell.stdin.close()

    def dismiss(self) -> None:
        """Let it do its work now, and wait for it."""
        assert self._shell.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._shell.stdin.close()
        self._shell.wait(10)

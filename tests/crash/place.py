"""The place of a round: the product under its own supervisor, the simulator, the servers, all in one directory.

On PostgreSQL the harness runs Redis and PostgreSQL, as an operator with machines of their own would. On SQLite there is
neither: the supervisor brings the embedded Redis, and has to start it again itself.
"""

import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import redis

from config.processes import embedded_redis
from config.processes.place import directory_for, socket_in
from tests.crash import processes
from tests.crash.doors import AWAY, Api, Carrier, request
from tests.crash.people import OUR_NUMBER
from tests.crash.processes import BASE
from tests.crash.receiver import FILE as RECEIVED
from tests.crash.receiver import Receiver
from tests.postgres import Postgres
from tests.redis_server import RedisServer

REGION, ACCOUNT = "us-east-1", "123456789012"
TOPICS = tuple(f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}" for name in ("textback-inbound", "textback-events"))
READY_SECONDS = 120.0
# SNS's policy may have up to 100 retries within an hour; nobody waits an hour here, and nothing may be given up.
_SNS_RETRIES, _SNS_RETRY_SECONDS = 1000, 1.0


class DoesNotStart(Exception):
    """The place cannot be brought up, or does not come up again."""


class Place:
    """`with Place("sqlite", env) as place: ...`, all of it from one thread.

    Args:
        database: ``sqlite`` or ``postgresql``.
        env: the environment of the product's processes, to which the place adds its own.
        is_heard: whether there is a receiver of webhooks that may be called.
    """

    def __init__(self, database: str, env: dict[str, str], *, is_heard: bool = False) -> None:
        self.database = database
        self.directory = Path(tempfile.mkdtemp(prefix="textback-crash-"))
        self.state = self.directory / "simulator"
        self._port, simulator_port = _free_ports()
        self.url = f"http://127.0.0.1:{self._port}"
        self.carrier = Carrier(f"http://127.0.0.1:{simulator_port}")
        self._simulator_port = simulator_port
        self.simulator_address = "127.0.0.1"
        self.postgres = Postgres(survives_kill=True) if database == "postgresql" else None
        self.redis = RedisServer() if database == "postgresql" else None
        self.receiver = Receiver(self.directory / RECEIVED) if is_heard else None
        self._env = dict(env)
        self._serve: subprocess.Popen[bytes] | None = None
        self._simulator: subprocess.Popen[bytes] | None = None
        self.api = Api(self.url, "")
        # When the supervisor ended itself and was started again.
        self.gave_up: list[float] = []

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def database_url(self) -> str:
        """As DATABASE_URL names it."""
        return self.postgres.url if self.postgres is not None else f"sqlite:///{self.directory / 'textback.sqlite3'}"

    @property
    def env(self) -> dict[str, str]:
        """The environment of the product's processes."""
        return self._env

    def close(self) -> None:
        """End everything and remove the directory."""
        for process in (self._serve, self._simulator):
            if process is not None:
                process.send_signal(signal.SIGTERM)
        for process in (self._serve, self._simulator):
            if process is not None:
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        if self.receiver is not None:
            self.receiver.__exit__(None, None, None)
        if self.redis is not None:
            self.redis.__exit__(None, None, None)
        if self.postgres is not None:
            self.postgres.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start_servers(self) -> None:
        """Start PostgreSQL and Redis, where the harness runs them."""
        if self.postgres is not None:
            self.postgres.__enter__()
        if self.redis is not None:
            self.redis.__enter__()

    def start_serving(self) -> None:
        """Start the supervisor."""
        arguments = ["-m", "config.processes", "serve"]
        self._serve = processes.start(arguments, self._env, self.directory / "serve.log")

    def start_simulator(self) -> None:
        """Start the simulator on what its journal says."""
        arguments = ["-m", "messaging.simulator", "--port", str(self._simulator_port), "--state", str(self.state)]
        arguments += ["--host", self.simulator_address, "--webhook", f"{self.url}/webhooks/sns/"]
        arguments += ["--retries", str(_SNS_RETRIES), "--retry-seconds", str(_SNS_RETRY_SECONDS)]
        self._simulator = processes.start(arguments, self._env, self.directory / "simulator.log")

    def kill(self, what: str, pick: int) -> int | None:
        """Send SIGKILL to a process by its name. Returns which, None when there was none of it at this moment."""
        if what == "simulator":
            return _end(self._simulator)
        if what == "serve":
            return _end(self._serve)
        if what == "postmaster":
            assert self.postgres is not None
            self.postgres.kill()
            return 0
        if what == "redis" and self.redis is not None:
            self.redis.kill()
            return 0
        is_backend = what == "backend" and self.postgres is not None
        pids = self.postgres.backends() if is_backend and self.postgres else self.pids().get(what, [])
        if not pids:
            return None
        pid = pids[pick % len(pids)]
        processes.kill(pid)
        return pid

    def shut_down_database(self) -> bool:
        """Shut PostgreSQL down in good order. Returns whether it was there."""
        if self.postgres is None or not self.postgres.running:
            return False
        self.postgres.shut_down()
        return True

    def bring_back(self, what: str) -> None:
        """Start what the product's supervisor does not look after."""
        if what == "simulator":
            self.start_simulator()
        elif what == "serve":
            self.start_serving()
        elif what == "postmaster" and self.postgres is not None and not self.postgres.running:
            self.postgres.start_again()
        elif what == "redis" and self.redis is not None:
            self.redis.start()

    def keep_serving(self) -> bool:
        """Start the supervisor again if it gave up, as whoever runs it would. Returns whether it had."""
        if self._serve is None or self._serve.poll() is None:
            return False
        self.gave_up.append(time.time())
        self.start_serving()
        return True

    def pids(self) -> dict[str, list[int]]:
        """The processes of the Procfile that are there."""
        return processes.of_the_procfile(self._serve.pid) if self._serve is not None else {}

    def flush_redis(self) -> bool:
        """FLUSHALL. Returns whether Redis was there to hear it."""
        url = self._env.get("REDIS_URL") or embedded_redis.url(socket_in(directory_for(self.database_url, BASE)))
        client = redis.Redis.from_url(url)
        try:
            return bool(client.flushall())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def wait_until_ready(self, seconds: float = READY_SECONDS) -> None:
        """Wait for /readyz.

        Raises:
            DoesNotStart: it does not become ready in time.
        """
        problem = _until(self._is_ready, seconds)
        if problem:
            log = (self.directory / "serve.log").read_text()[-2000:]
            raise DoesNotStart(f"/readyz is not 200 after {seconds:.0f} s: {problem}\n{log}")

    def manage(self, *arguments: str, seconds: float = 60) -> "subprocess.CompletedProcess[str]":
        """Run manage.py to its end."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=BASE, env=self._env, capture_output=True, text=True, timeout=seconds, check=False
        )

    def _open(self) -> None:
        self.start_servers()
        if self.redis is not None:
            self._env["REDIS_URL"] = self.redis.url
        if self.receiver is not None:
            self._env |= self.receiver.__enter__().settings
        made = subprocess.run(
            [sys.executable, "-m", "messaging.simulator", "certificate", "--state", str(self.state)],
            cwd=BASE,
            env=self._env,
            capture_output=True,
            text=True,
            check=True,
        )
        self._env |= self._settings(made.stdout.strip())
        self.start_serving()
        # The simulator asks the webhook to confirm; there has to be one first.
        self.wait_until_ready()
        self.start_simulator()
        token = self.manage("create_token", "crash")
        if token.returncode != 0:
            raise DoesNotStart(f"create_token: {token.stdout}{token.stderr}")
        self.api = Api(self.url, token.stdout.strip().splitlines()[-1].strip())

    def _settings(self, certificate: str) -> dict[str, str]:
        services = ("PINPOINT_SMS_VOICE_V2", "SNS", "CONNECT")
        return {f"AWS_ENDPOINT_URL_{service}": self.carrier.url for service in services} | {
            "AWS_REGION": REGION,
            "DATABASE_URL": self.database_url,
            "PORT": str(self._port),
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ORIGINATION_IDENTITY": OUR_NUMBER,
            "SNS_TOPIC_ARNS": ",".join(TOPICS),
            "SNS_SIGNING_CERT_FILE": certificate,
            "ALLOW_LOCAL_SNS_CERT": "1",
            "WEB_THREADS": "4",
            "CONNECT_INSTANCE_ID": "00000000-0000-4000-8000-000000000001",
            "CONNECT_CONTACT_FLOW_ID": "00000000-0000-4000-8000-000000000002",
            "CONNECT_QUEUE_ID": "00000000-0000-4000-8000-000000000003",
        }

    def _is_ready(self) -> str:
        if self.keep_serving():
            return "the supervisor had ended"
        try:
            request(f"{self.url}/readyz", "GET", None, {})
        except AWAY as problem:
            return str(problem)
        return ""


def _until(problem: Callable[[], str], seconds: float) -> str:
    ends_at = time.monotonic() + seconds
    while (said := problem()) and time.monotonic() < ends_at:
        time.sleep(0.3)
    return said


def _end(process: "subprocess.Popen[Any] | None") -> int | None:
    if process is None or process.poll() is not None:
        return None
    process.kill()
    process.wait()
    return process.pid


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]

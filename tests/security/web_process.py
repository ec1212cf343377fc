"""A real gunicorn with our own settings, on the test's database and Redis, ended by its process id."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests.config.supervised import free_port, wait_for
from tests.messaging.inbound.sns.signing import TOPIC_ARN, certificate
from tests.redis_server import RedisServer

BASE = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Web:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path


@contextmanager
def web(redis_server: RedisServer, directory: Path, *arguments: str, before: str = "") -> Iterator[Web]:
    """Start it and wait until it answers; ``before`` is Python that runs before gunicorn does."""
    database = connection.settings_dict
    url = (
        f"sqlite:///{database['NAME']}"
        if connection.vendor == "sqlite"
        else settings.DATABASE_URL.replace("/postgres?", f"/{database['NAME']}?")
    )
    (directory / "sns.pem").write_bytes(certificate())
    port = free_port()
    env = os.environ | {
        "DATABASE_URL": url,
        "REDIS_URL": redis_server.url,
        "SECRET_KEY": "for tests only",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PORT": str(port),
        "SNS_TOPIC_ARNS": TOPIC_ARN,
        "SNS_SIGNING_CERT_FILE": str(directory / "sns.pem"),
        "ALLOW_LOCAL_SNS_CERT": "1",
        # Static files from where they lie, without collecting them.
        "DEBUG": "1",
        "WEB_CONCURRENCY": "2",
        "WEB_THREADS": "8",
    }
    run = f"{before}\nfrom gunicorn.app.wsgiapp import run; run()"
    command = [sys.executable, "-c", run, "--config", "python:config.processes.web", *arguments, "config.wsgi"]
    with (directory / "web.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=BASE, env=env, stdout=log, stderr=log)
        try:
            wait_for(lambda: _answers(port, process), 60)
            yield Web(port, process, directory / "web.log")
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "gunicorn ended"
    try:
        with socket.create_connection(("127.0.0.1", port), 10) as probe:
            probe.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return b" 200 " in probe.recv(4096)
    except OSError:
        return False

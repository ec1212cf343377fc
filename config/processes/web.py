"""Settings of gunicorn; see its documentation for what each one means."""

import logging
import os
import resource
from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from config.logs import formatter
from config.processes import memory
from config.processes.lifeline import end_with_parent

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
# Takes requests in without a thread, so that slow senders cannot keep the threads from others.
worker_class = "config.processes.web_worker.Worker"
# Two, so that one is there while the other is replaced. WEB_CONCURRENCY and WEB_THREADS fit larger machines.
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
# Amazon SNS waits 15 s for an answer and a load balancer usually 60 s for anything.
timeout = 60
# Less than the supervisor's patience, so that requests end by themselves.
graceful_timeout = 5
keepalive = 5
# Of one worker; for one more, the slowest goes. Each may have a file of its own, so twice as many descriptors.
worker_connections = 1000
# The longest addresses are those of filtered lists in the admin; browsers and proxies send some 30 fields.
limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190
# A heartbeat file on a slow disk makes gunicorn kill workers that are well.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
loglevel = "warning"
control_socket_disable = True


class MaskedLogger(Logger):  # type: ignore[misc]
    """gunicorn's own log, in which a request line or a traceback may have a phone number."""

    def _set_handler(self, log: logging.Logger, output: Any, fmt: logging.Formatter, stream: Any = None) -> None:
        form = os.environ.get("LOG_FORMAT", "text")
        super()._set_handler(log, output, formatter(form, fmt._fmt or "", fmt.datefmt), stream)


logger_class = MaskedLogger


def post_fork(server: Any, worker: Any) -> None:
    """Pass on the end with the supervisor, which a fork does not inherit; have descriptors for all connections."""
    end_with_parent(server.pid)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * worker_connections + 200
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
        )


def post_worker_init(worker: Any) -> None:
    """Once the application is loaded."""
    memory.settle()

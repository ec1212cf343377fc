"""Settings of gunicorn; see its documentation for what each one means."""

import os
from typing import Any

from config.processes.lifeline import end_with_parent

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
# Two, so that one is there while the other is replaced. WEB_CONCURRENCY and WEB_THREADS fit larger machines.
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
# Amazon SNS waits 15 s for an answer and a load balancer usually 60 s for anything.
timeout = 60
# Less than the supervisor's patience, so that requests end by themselves.
graceful_timeout = 5
keepalive = 5
# A heartbeat file on a slow disk makes gunicorn kill workers that are well.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
loglevel = "warning"
control_socket_disable = True


def post_fork(server: Any, worker: Any) -> None:
    """Pass on the end with the supervisor, which a fork does not inherit."""
    end_with_parent(server.pid)

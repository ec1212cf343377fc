"""/healthz and /readyz, for load balancers, probes and people."""

from typing import Any

from django.db import DatabaseError, connection
from django.db.models import Min
from django.http import HttpRequest, JsonResponse
from redis.exceptions import RedisError
from rq import Worker

from messaging import clock, redis, wakeups
from messaging.models import InboundMessage, Lane, OutboundMessage, Status

# The sweep runs every two seconds, by clock and worker together: its trace proves both.
_SWEEP_IS_LATE_AFTER = 15.0


def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Database, Redis, clock and workers are there; how long the oldest unsent and unrouted rows have waited.

    200 when everything is up, else 503. Waiting rows alone make nobody unready: they are for monitoring.
    """
    checks: dict[str, Any] = {}
    problems: list[str] = []
    try:
        checks |= _waiting()
        checks["database"] = connection.vendor
    except DatabaseError as problem:
        problems.append(f"The database does not answer: {problem}")
    try:
        checks |= _workers(problems)
        checks["redis"] = "ok"
    except RedisError as problem:
        problems.append(f"Redis does not answer: {problem}")
    status = 503 if problems else 200
    return JsonResponse({"status": "ready" if not problems else "not ready", "problems": problems, **checks}, status=status)


def _waiting() -> dict[str, Any]:
    now = clock.now()
    unsent = OutboundMessage.objects.filter(status=Status.QUEUED, due_at__lte=now).aggregate(at=Min("queued_at"))["at"]
    unrouted = InboundMessage.objects.filter(routed_at__isnull=True).aggregate(at=Min("stored_at"))["at"]
    return {
        "oldest_unsent_seconds": _age(unsent, now),
        "oldest_unrouted_seconds": _age(unrouted, now),
        "paused": list(
            Lane.objects.filter(paused_at__isnull=False).values_list("origination_identity__identity", flat=True)
        ),
    }


def _workers(problems: list[str]) -> dict[str, Any]:
    since_sweep = wakeups.seconds_since_sweep()
    if since_sweep is None or since_sweep > _SWEEP_IS_LATE_AFTER:
        problems.append("No sweep has run lately: is the clock up, and a worker for the queue 'default'?")
    senders = Worker.count(queue=redis.queue("lanes"))
    if not senders:
        problems.append("No worker listens to the queue 'lanes': nothing is sent.")
    return {"seconds_since_sweep": since_sweep, "senders": senders}


def _age(at: Any, now: Any) -> float:
    return round((now - at).total_seconds(), 3) if at else 0.0

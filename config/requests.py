"""Web requests: each has an id in every line of the log, is counted, and is timed."""

import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from messaging import clock, counted, trace

HEADER = "X-Request-ID"
# Whose answer depends on no host name. Probes and Prometheus ask a container by its address of the moment.
_BY_ANY_NAME = frozenset({"/healthz", "/readyz", "/metrics"})
_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Requests:
    """The outermost middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and take note of it."""
        began, own_id = time.monotonic(), _id(request)
        if request.path_info in _BY_ANY_NAME:
            request.META["HTTP_HOST"] = "localhost"
        request.META[trace.KEPT_AS] = own_id
        with trace.in_request(own_id, clock.now()):
            response = self._get_response(request)
        response.headers.setdefault(HEADER, own_id)
        method = request.method if request.method in _METHODS else "other"
        match = request.resolver_match
        counted.REQUESTS.observe(
            time.monotonic() - began, match.view_name if match else "none", method, str(response.status_code)
        )
        return response


def _id(request: HttpRequest) -> str:
    """The id that our proxy gave; else a new one. A stranger's word counts for nothing, as with X-Forwarded-For."""
    given = request.headers.get(HEADER, "") if settings.BEHIND_PROXY else ""
    return given if _ID.fullmatch(given) else uuid.uuid4().hex

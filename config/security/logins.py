"""Guessing passwords: how django-axes counts, whom it locks out, and what they are told.

Counted in the database, so that it holds while Redis is away. A lock is on one user name from one address: nobody
locks a colleague out from elsewhere. Many names from one address, each tried a few times, are a guess as well; that
address is locked as a whole after more failures than an office makes.
"""

import math
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

ADDRESS_FAILURE_LIMIT = 50


def described(username: str | None, address: str | None, *_: Any) -> str:
    """Who it was, for the log: not the name, in whose place people type passwords. The admin shows it."""
    return address or "an unknown address"


class Handler(AxesDatabaseHandler):  # type: ignore[misc]
    """django-axes in the database, which also locks an address that tries many names."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Failures that count against this name from this address; the limit itself when the address has too many."""
        failures: int = super().get_failures(request, credentials)
        limit: int = settings.AXES_FAILURE_LIMIT
        if failures < limit and self._of_address(request) >= ADDRESS_FAILURE_LIMIT:
            return limit
        return failures

    def _of_address(self, request: HttpRequest) -> int:
        address = request.axes_ip_address  # type: ignore[attr-defined]
        if address is None:
            return 0
        recent = AccessAttempt.objects.filter(ip_address=address, attempt_time__gte=get_cool_off_threshold(request))
        return recent.aggregate(failures=Sum("failures_since_start"))["failures"] or 0


def locked_out(request: HttpRequest, *_: Any) -> HttpResponse:
    """The page for whoever is locked out: why, for how long, and who can help at once. It says nothing of accounts."""
    cool_off = get_cool_off(request)
    response = TemplateResponse(
        request,
        "security/locked_out.html",
        {
            **admin.site.each_context(request),
            "title": "Too many failed logins",
            "minutes": math.ceil(cool_off.total_seconds() / 60),
        },
        status=429,
        headers={"Retry-After": str(int(cool_off.total_seconds())), "Cache-Control": "no-store"},
    )
    # Behind the middleware that renders.
    return response.render()

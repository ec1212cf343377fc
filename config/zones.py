"""Staff read and write times in their own zone: that of their browser, which tells it in a cookie."""

import zoneinfo
from collections.abc import Callable
from functools import cache

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

COOKIE = "textback_time_zone"
"""Written by config/static/home/zone.js."""


class Zones:
    """Middleware: activates the zone of the cookie, if there is such a zone; else that of the settings counts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, made in the zone of whoever asks."""
        name = request.COOKIES.get(COOKIE, "")
        if name not in _names():
            return self._get_response(request)
        with timezone.override(zoneinfo.ZoneInfo(name)):
            return self._get_response(request)


@cache
def _names() -> frozenset[str]:
    # Anything else could name a file.
    return frozenset(zoneinfo.available_timezones())

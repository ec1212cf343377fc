"""How much of the API one token, and one stranger, may ask in a minute. Counted in Redis; without it nobody is counted.

By the minute of the clock, one number for each who asks: INCR cannot lose one, and costs the same for any rate. Who
comes at the end of one minute and the beginning of the next has both allowances; that is no harm to us.
"""

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from messaging import clock
from messaging.clients import client_address

WINDOW_SECONDS = 60


class _ByMinute(BaseThrottle):
    scope = ""
    setting = ""

    def whose(self, request: Any) -> str | None:
        """Who is counted; None when this does not count them."""
        raise NotImplementedError

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count this request. What is left is told in headers: draft-ietf-httpapi-ratelimit-headers-10."""
        rate: int = getattr(settings, self.setting)
        whose = self.whose(request) if rate else None
        if whose is None:
            return True
        minute, past = divmod(clock.now().timestamp(), WINDOW_SECONDS)
        self._left = max(1, round(WINDOW_SECONDS - past))
        # Redis is not told whose token it is, nor whose address.
        ident = salted_hmac("config.security.rates", whose, algorithm="sha256").hexdigest()
        asked = _count(f"throttle_{self.scope}_{ident}_{int(minute)}")
        if asked is None:
            return True
        request.rate_headers = {  # type: ignore[attr-defined]
            "RateLimit-Policy": f'"{self.scope}";q={rate};w={WINDOW_SECONDS}',
            "RateLimit": f'"{self.scope}";r={max(0, rate - asked)};t={self._left}',
        }
        return asked <= rate

    def wait(self) -> float:
        """Seconds to the next minute."""
        return self._left


class PerToken(_ByMinute):
    """Each token; or each person, who asks with the login of the admin."""

    scope, setting = "token", "API_RATE"

    def whose(self, request: Any) -> str | None:
        """The token, or else the user."""
        if not request.user.is_authenticated:
            return None
        if request.auth is None:
            return f"user {request.user.pk}"
        return f"token {getattr(request.auth, 'pk', request.auth)}"


class Strangers(_ByMinute):
    """Each address from which somebody asks without a token."""

    scope, setting = "anonymous", "API_RATE_ANONYMOUS"

    def whose(self, request: Any) -> str | None:
        """The address."""
        return None if request.user.is_authenticated else f"address {client_address(request)}"


def _count(key: str) -> int | None:
    """How many there were with this key, this one included; None when nobody can count."""
    try:
        if cache.add(key, 1, 2 * WINDOW_SECONDS):
            return 1
        count: int = cache.incr(key)
    except (RedisError, ValueError):
        return None
    return count

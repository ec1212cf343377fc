"""Django's cache in Redis, which no page needs.

What a page keeps there to be quicker (Unfold: what a search found) counts as not kept while Redis is away. Counts of
requests are another matter: whoever counts decides what it means that nobody can, and says so in the log, so their
errors are passed on.
"""

from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

# As REST framework's throttles begin their keys: SimpleRateThrottle.cache_format.
_COUNTS = "throttle_"


class Cache(RedisCache):
    """RedisCache whose get and set never fail for want of Redis, but for counts of requests."""

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """What is kept, or ``default``. Raises redis.exceptions.RedisError for counts."""
        try:
            return super().get(key, default, version)
        except RedisError:
            if key.startswith(_COUNTS):
                raise
            return default

    def set(self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep it if Redis does. Raises redis.exceptions.RedisError for counts."""
        try:
            super().set(key, value, timeout, version)
        except RedisError:
            if key.startswith(_COUNTS):
                raise

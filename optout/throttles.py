"""How often the preferences page may be asked. Redis keeps count; while it is away everybody is let in."""

import logging
import math
from typing import Any

from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError
from rest_framework.throttling import SimpleRateThrottle

from messaging.clients import client_address

logger = logging.getLogger(__name__)


class _Throttle(SimpleRateThrottle):
    """DRF's throttle for Django's own views, which never keeps people from opting out because Redis is away."""

    # Said once for each time that Redis goes away, and not for each request.
    _away = False

    def allow_request(self, request: Any, view: Any) -> bool:
        """Whether this request is within the rate. It counts if so."""
        try:
            allowed = super().allow_request(request, view)
        except RedisError as problem:
            if not _Throttle._away:
                logger.warning("The preferences page is open without limits: Redis does not answer: %s", problem)
            _Throttle._away = True
            return True
        _Throttle._away = False
        return allowed

    def retry_after(self) -> int:
        """Seconds until the next request may pass, after one that may not."""
        return max(1, math.ceil(self.wait() or 60))

    def get_cache_key(self, request: Any, view: Any) -> str:
        """One count for whoever is meant. Hashed: Redis is not told who that is, and any header makes a sound key."""
        whose = salted_hmac("optout.throttles", self.whose(request, view), algorithm="sha256").hexdigest()
        return self.cache_format % {"scope": self.scope, "ident": whose}

    def whose(self, request: Any, view: Any) -> str:
        """Whose requests are counted together."""
        raise NotImplementedError


class Requests(_Throttle):
    """Requests of one client: messaging.clients says who that is."""

    scope = "preferences"
    rate = "60/min"

    def whose(self, request: Any, view: Any) -> str:
        """The client's address, or its network."""
        return str(client_address(request))


class OptIns(_Throttle):
    """Opt-ins that are made for one phone number, from wherever. Nobody is ever kept from opting out."""

    scope = "preferences-opt-ins"
    rate = "10/hour"

    def whose(self, request: Any, view: Any) -> str:
        """The phone number of the link."""
        phone_number: str = view.link.phone_number
        return phone_number

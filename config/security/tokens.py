"""API tokens that nobody knows.

A token has 256 random bits, so guessing is hopeless and no account is ever locked: a lock would let a stranger stop
the monitoring that opens incidents. What wrong tokens can do is fill the log and work the database. So each is
logged up to RATE of one address, then answered 429 and not logged. A good token is never kept waiting, whatever else
comes from its address.
"""

import logging
import re
from datetime import timedelta
from typing import Any, cast

from django.db import DatabaseError, transaction
from django.utils.crypto import salted_hmac
from django.utils.encoding import escape_uri_path
from knox.auth import TokenAuthentication as Knox
from knox.models import AuthToken
from redis.exceptions import RedisError
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from config.models import TokenDetails
from messaging import clock
from messaging.clients import client_address

logger = logging.getLogger(__name__)

RATE = "30/min"
# Last use is kept so exactly: a row written at each request would be the busiest of all.
USE_KEPT_EVERY = timedelta(minutes=10)
# What knox makes; anything else need not be looked up, and may not be text at all.
_TOKEN = re.compile(rb"[0-9a-zA-Z]{1,128}")


class TokenAuthentication(Knox):  # type: ignore[misc]
    """knox's, with a record of who tries wrong ones."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """The user of the token, or None when there is none.

        Raises:
            AuthenticationFailed: The token is not known, or its user is not active: 401.
            Throttled: Likewise, once too often from this address: 429.
        """
        try:
            found: tuple[Any, Any] | None = super().authenticate(request)
        except AuthenticationFailed:
            wait = _wait_after(request)
            if wait is not None:
                raise Throttled(wait, "Too many wrong tokens from this address.") from None
            # As it was asked, not decoded: a stranger's line feed would begin a line of the log.
            path = escape_uri_path(request.path)
            logger.warning("A wrong API token from %s for %s %s", client_address(request), request.method, path)
            raise
        return found

    def authenticate_credentials(self, token: bytes) -> tuple[Any, Any]:
        """The user of a token. Raises AuthenticationFailed, also for what is no token at all."""
        if not _TOKEN.fullmatch(token):
            raise AuthenticationFailed("Invalid token.")
        found: tuple[Any, Any] = super().authenticate_credentials(token)
        _note_use(found[1])
        return found

    def validate_user(self, auth_token: Any) -> tuple[Any, Any]:
        """Raises AuthenticationFailed for a token that was good once, and for a user who is not active."""
        if auth_token.expiry is not None and auth_token.expiry <= clock.now():
            raise AuthenticationFailed("This token has expired. Make another in the admin, under API tokens.")
        found: tuple[Any, Any] = super().validate_user(auth_token)
        return found

    def _cleanup_token(self, auth_token: Any) -> bool:
        """Knox would look at all tokens of the user, and delete what has expired; staff want to see that it has."""
        return False


def _note_use(token: AuthToken) -> None:
    """Remember that a token is used, now and then. Never a reason to refuse somebody."""
    now = clock.now()
    details = TokenDetails.objects.filter(token=token).first()
    if details and details.last_used_at and now - details.last_used_at < USE_KEPT_EVERY:
        return
    try:
        with transaction.atomic():
            TokenDetails.objects.update_or_create(token=token, defaults={"last_used_at": now})
    except DatabaseError:
        logger.warning("The last use of an API token could not be noted", exc_info=True)


class _WrongTokens(SimpleRateThrottle):
    scope = "wrong-tokens"
    rate = RATE

    def get_cache_key(self, request: Any, view: Any) -> str:
        """One count for each address. Hashed: Redis is not told whose."""
        whose = salted_hmac("config.security.tokens", str(client_address(request)), algorithm="sha256").hexdigest()
        return self.cache_format % {"scope": self.scope, "ident": whose}


def _wait_after(request: Request) -> float | None:
    """Seconds to wait when this was one wrong token too many; None when it was not, or when nobody can count."""
    throttle = _WrongTokens()
    try:
        return None if throttle.allow_request(request, cast("Any", None)) else throttle.wait() or 60
    except RedisError:
        return None

"""Who may deliver alerts: whoever has a token of the source at whose address they knock.

A good token is never kept waiting, for an alert that is refused may be lost. Wrong ones are logged up to a rate of one
address, then answered 429 and not logged, so that nobody can fill the log.
"""

import logging
from typing import Any, cast

from django.contrib.auth.models import AnonymousUser
from django.utils.crypto import salted_hmac
from django.utils.encoding import escape_uri_path
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from redis.exceptions import RedisError
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import APIException, AuthenticationFailed, Throttled
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from incidents.alerts import tokens
from incidents.models import AlertToken
from messaging.clients import client_address

logger = logging.getLogger(__name__)

LONGEST_BODY = 1_048_576
_RATE = "30/min"


class BodyTooLarge(APIException):
    """More than any group of alerts is."""

    status_code = 413
    default_detail = (
        f"The body has more than {LONGEST_BODY} bytes. Limit the alerts in one request where they are sent "
        "(max_alerts in Alertmanager, Max Alerts in Grafana)."
    )
    default_code = "too_large"


class RawJSON(BaseParser):
    """The body as it came, up to the limit: the view reads it, for what is refused is kept as well."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """The bytes. Raises BodyTooLarge; one byte beyond the limit tells, a Content-Length is only a claim."""
        body = stream.read(LONGEST_BODY + 1)
        if len(body) > LONGEST_BODY:
            raise BodyTooLarge
        return body


class DoorToken(BaseAuthentication):
    """The token of one source, from the Authorization header."""

    def authenticate(self, request: Request) -> tuple[Any, AlertToken]:
        """Nobody's account, and the token with its source.

        Raises:
            AuthenticationFailed: no good token of this source: 401. Whether there is such a source is not said.
            Throttled: likewise, once too often from this address: 429.
        """
        slug = str((request.parser_context or {}).get("kwargs", {}).get("slug", ""))
        header = get_authorization_header(request).decode("latin-1")
        token = tokens.find(slug, tokens.given(header))
        if token is not None:
            return AnonymousUser(), token
        if header:
            wait = _wait_after(request)
            if wait is not None:
                raise Throttled(wait, "Too many wrong tokens from this address.")
            # As it was asked, not decoded: a stranger's line feed would begin a line of the log.
            logger.warning("A wrong token of an alert source for %s", escape_uri_path(request.path))
        raise AuthenticationFailed("Give a token of this source: Bearer, or Basic with the token as the password.")

    def authenticate_header(self, request: Request) -> str:
        """What a client is to send."""
        return 'Bearer realm="alerts"'


class TokenOfThisSource(BasePermission):
    """Whoever came in by DoorToken."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether they did."""
        return isinstance(request.auth, AlertToken)


class DoorTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names it."""

    target_class = "incidents.api.alert_door.DoorToken"
    name = "alertSourceToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer", "description": "A token of an alert source, made in the admin."}


class _WrongTokens(SimpleRateThrottle):
    scope = "wrong-alert-tokens"
    rate = _RATE

    def get_cache_key(self, request: Any, view: Any) -> str:
        """One count for each address; of IPv6 for each network of 64 bits, whose addresses are all one customer's."""
        whose = salted_hmac("incidents.api.alert_door", str(client_address(request)), algorithm="sha256").hexdigest()
        return self.cache_format % {"scope": self.scope, "ident": whose}


def _wait_after(request: Request) -> float | None:
    """Seconds to wait when this was one wrong token too many; None when it was not, or when nobody can count."""
    throttle = _WrongTokens()
    try:
        return None if throttle.allow_request(request, cast("Any", None)) else throttle.wait() or 60
    except RedisError:
        return None

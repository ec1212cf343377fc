"""The keys to the door of a source: 256 random bits, kept as a hash, shown once."""

import base64
import binascii
import re
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from django.db.models import Q

from incidents.models import AlertSource, AlertToken
from messaging import clock

_BEGINS_WITH = "tba_"
_BYTES = 32
_SHOWN = 8
_TOKEN = re.compile(r"tba_[A-Za-z0-9_-]{43}")
# How often its last use is written: whoever sends each second need not write each second.
_NOTE_USE_EVERY = timedelta(minutes=1)
# What Alertmanager (authorization.type) and Grafana (authorization scheme) say unless told otherwise is Bearer.
_BEARERS = {"bearer", "token"}


def make(source: AlertSource, name: str, *, actor: str, expires_at: datetime | None = None) -> tuple[AlertToken, str]:
    """A new token. Returns its row, and the token itself, which nobody can know again."""
    secret = _BEGINS_WITH + token_urlsafe(_BYTES)
    row = AlertToken.objects.create(
        source=source,
        name=name,
        digest=_digest(secret),
        begins=secret[:_SHOWN],
        created_at=clock.now(),
        created_by=actor,
        expires_at=expires_at,
    )
    return row, secret


def revoke(token: AlertToken, *, actor: str) -> bool:
    """Make a token worthless from now on. Returns whether it was good before."""
    rows = AlertToken.objects.filter(pk=token.pk, revoked_at__isnull=True)
    return bool(rows.update(revoked_at=clock.now(), revoked_by=actor))


def given(authorization: str) -> str:
    """The token in an Authorization header; "" when there is none. Pure.

    ``Bearer`` (RFC 6750), or ``Basic`` (RFC 7617) with the token as the password and any name before it: those are what
    Alertmanager's http_config and Grafana's contact point can send.
    """
    scheme, _, credentials = authorization.strip().partition(" ")
    credentials = credentials.strip()
    if scheme.casefold() == "basic":
        try:
            decoded = base64.b64decode(credentials, validate=True).decode()
        except (binascii.Error, ValueError):
            return ""
        credentials = decoded.partition(":")[2]
    elif scheme.casefold() not in _BEARERS:
        return ""
    return credentials if _TOKEN.fullmatch(credentials) else ""


def find(slug: str, secret: str) -> AlertToken | None:
    """The token with its source, if it is good for the source of this address now."""
    if not secret:
        return None
    now = clock.now()
    rows = AlertToken.objects.filter(digest=_digest(secret), source__slug=slug, revoked_at__isnull=True)
    return rows.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now)).select_related("source").first()


def note_use(token: AlertToken) -> None:
    """Remember that it was used, once a minute at most."""
    now = clock.now()
    if token.last_used_at is None or token.last_used_at <= now - _NOTE_USE_EVERY:
        AlertToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _digest(secret: str) -> str:
    # No salt, no stretching: there is nothing to guess in 256 random bits.
    return sha256(secret.encode()).hexdigest()

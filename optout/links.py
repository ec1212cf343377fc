"""Links to somebody's preferences page: signed, so that nobody makes one for another phone, and good for a time.

The link is the credential. It says for whom it is and until when, so a change of settings changes no link that is out.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.urls import reverse

from messaging import clock

# Of no other use of SECRET_KEY. The separator needs no escaping in a URL, where a colon may.
_SALT = "optout.links"
_SEPARATOR = "."


class LinkNotGenuine(Exception):
    """We did not make this link, or somebody has changed it."""


class LinkExpired(Exception):
    """Ours, and too old."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link is good for."""

    phone_number: str
    origination_identity: str
    expires_at: datetime

    @property
    def token(self) -> str:
        """The part that is signed."""
        expires = int(self.expires_at.timestamp())
        return _signer().sign_object([self.phone_number, self.origination_identity, expires])

    @property
    def path(self) -> str:
        """Where the page is, without scheme and host."""
        return reverse("preferences", args=[self.token])

    def url(self, request: HttpRequest) -> str:
        """Where the page is: at PUBLIC_URL, or else at the host that was asked."""
        if settings.PUBLIC_URL:
            return f"{settings.PUBLIC_URL.rstrip('/')}{self.path}"
        return request.build_absolute_uri(self.path)


def make(phone_number: str, origination_identity: str) -> Link:
    """A link about texts from one number of ours to one phone, good for settings.PREFERENCES_LINK_DAYS from now."""
    expires_at = clock.now() + timedelta(days=settings.PREFERENCES_LINK_DAYS)
    # To the second, as it is signed; rounded up, so that it is good for no less than was promised.
    return Link(phone_number, origination_identity, _moment(math.ceil(expires_at.timestamp())))


def read(token: str) -> Link:
    """The link that a token is of.

    Raises:
        LinkNotGenuine: it says nothing then, whoever it may be about.
        LinkExpired: likewise.
    """
    try:
        phone_number, origination_identity, expires = _signer().unsign_object(token)
        link = Link(str(phone_number), str(origination_identity), _moment(int(expires)))
    except (signing.BadSignature, ValueError, TypeError, OverflowError) as problem:
        raise LinkNotGenuine("This link is not one of ours.") from problem
    if link.expires_at <= clock.now():
        raise LinkExpired("This link is too old.")
    return link


def _signer() -> signing.Signer:
    return signing.Signer(salt=_SALT, sep=_SEPARATOR)


def _moment(epoch_seconds: int) -> datetime:
    return datetime.fromtimestamp(epoch_seconds, UTC)

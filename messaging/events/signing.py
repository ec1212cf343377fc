"""Signatures of the Standard Webhooks specification, version 1.0.0. Pure.

What is signed is ``{id}.{timestamp}.{body}``, by HMAC-SHA256 with the bytes of the secret; the header has
``v1,<base64>`` for each secret that is valid, with spaces between them, so that secrets can be changed without a gap.
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
# "Random. At least 24 bytes (192 bits, 512 maximum)": 256 bits.
_BYTES = 32


class NoSecret(ValueError):
    """It is no secret of the specification's form."""


def new_secret() -> str:
    """A secret, as it is shown to whoever receives events.

    Without + and /: a double click selects all of it, and nobody takes a part of it for a phone number.
    """
    while True:
        secret = base64.b64encode(secrets.token_bytes(_BYTES)).decode()
        if not {"+", "/"} & set(secret):
            return f"{PREFIX}{secret}"


def key_of(secret: str) -> bytes:
    """The bytes of a secret, with or without its prefix.

    Raises:
        NoSecret: it is not base64 of anything.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as problem:
        raise NoSecret("A secret is whsec_ and base64.") from problem
    if not key:
        raise NoSecret("The secret is empty.")
    return key


def signature(secret: str, event_id: str, timestamp: int, body: bytes) -> str:
    """One signature, ``v1,…``.

    Args:
        secret: as it was shown.
        event_id: the ``webhook-id``.
        timestamp: the ``webhook-timestamp``: seconds since 1970, of this try.
        body: of the request.

    Raises:
        NoSecret: it is not base64 of anything.
    """
    signed = f"{event_id}.{timestamp}.".encode() + body
    digest = hmac.new(key_of(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def headers(secrets_: Sequence[str], event_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a request, signed with each of these secrets, the newest first."""
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(one, event_id, timestamp, body) for one in secrets_),
    }

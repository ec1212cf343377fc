"""Secrets at rest: they must sign, so they cannot be hashed; encrypted, a copy of the database alone signs nothing.

Fernet (AES-128-CBC and HMAC-SHA256) with a key derived from SECRET_KEY for one use alone. SECRET_KEY_FALLBACKS open
what they sealed, so that SECRET_KEY can be changed; without them every secret must be made anew.
"""

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_SECRETS = "messaging.events.sealing"


class CannotOpen(Exception):
    """It was sealed with another SECRET_KEY."""


def seal(secret: str, use: str = _SECRETS) -> str:
    """A secret as the database has it. What was sealed for one use is not opened for another."""
    return _fernet(use).encrypt(secret.encode()).decode()


def unseal(sealed: str, use: str = _SECRETS) -> str:
    """The secret itself.

    Raises:
        CannotOpen: it was sealed with another SECRET_KEY.
    """
    try:
        return _fernet(use).decrypt(sealed.encode()).decode()
    except InvalidToken as problem:
        raise CannotOpen("SECRET_KEY has changed since this secret was made.") from problem


def _fernet(use: str) -> MultiFernet:
    return _with_keys(use, settings.SECRET_KEY, *getattr(settings, "SECRET_KEY_FALLBACKS", ()))


@cache
def _with_keys(use: str, *keys: str) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key, use)) for key in keys])


def _derived(key: str, use: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=use.encode()).derive(key.encode())
    return base64.urlsafe_b64encode(derived)

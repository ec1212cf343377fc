"""What stands in place of a number or of an id of AWS's. Pure but for the key in the settings.

Three kinds, none of which can be a phone number (those begin with a plus or are digits alone):

    erased-…    instead of the number, in what somebody sent and was sent: made by chance for each erasure
    kept-…      instead of the number, in the ledger of consent: by the key, so that it is found when they come back
    erased:…    instead of an id of AWS's: by the key, so that rows that name each other still do
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

STAND_IN = "erased-"
KEPT = "kept-"
OLD_ID = "erased:"


@dataclass(frozen=True, slots=True)
class Person:
    """Whom an erasure is about.

    Attributes:
        phone_number: E.164, or whatever else has texted us.
        stand_in: what their rows get instead.
        names: that they are called by, in what others were told of them.
        distinct: those of them that say who is meant wherever they stand: of two words at least, and nobody else's.
        parts: conversation and subject of what they take part in, where any of their names means them.
    """

    phone_number: str
    stand_in: str = ""
    names: tuple[str, ...] = ()
    distinct: tuple[str, ...] = ()
    parts: frozenset[tuple[str, str]] = frozenset()

    def without(self, text: str) -> str:
        """A text without their number; a longer number that begins with it is somebody else's."""
        return re.sub(rf"{re.escape(self.phone_number)}(?!\d)", self.stand_in, text)

    def unnamed(self, text: str) -> str:
        """A text without their number and without their names, where these stand as words of their own."""
        text = self.without(text)
        if not self.names:
            return text
        longest_first = sorted(self.names, key=len, reverse=True)
        # No hyphen beside it: a stand-in has one, and is never taken for a name.
        return re.sub(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])", self.stand_in, text)


def new_stand_in() -> str:
    """A stand-in by chance, 16 characters: nobody can find the number by it."""
    return STAND_IN + base64.b32encode(secrets.token_bytes(6))[:9].decode().lower()


def salted_stand_in(phone_number: str, salt: str) -> str:
    """The stand-in of a number within one run: the same for the same number until the salt is forgotten."""
    return STAND_IN + _digest(salt.encode(), phone_number, 9)


def is_stand_in(phone_number: str) -> bool:
    """Whether it stands for somebody who was erased."""
    return phone_number.startswith((STAND_IN, KEPT))


def kept_as(phone_number: str) -> str:
    """What the ledger of consent keeps instead of a number, 20 characters, 75 bits."""
    if is_stand_in(phone_number):
        return phone_number
    return KEPT + _digest(_key(), "consent:" + phone_number, 15)


def kept_as_of_all(phone_numbers: Iterable[str]) -> dict[str, str]:
    """What the ledger of consent keeps instead of each of many numbers → the number."""
    key = _key()
    return {
        number if is_stand_in(number) else KEPT + _digest(key, "consent:" + number, 15): number
        for number in phone_numbers
    }


def fingerprint(phone_number: str) -> str:
    """By which a record of an erasure can be found again, by whoever knows the number and has the key."""
    return _digest(_key(), "record:" + phone_number, 32)


def old_id(identifier: str) -> str:
    """An id of AWS's, or of SNS's, so that nobody can look it up there; an empty one stays empty."""
    if not identifier or identifier.startswith(OLD_ID):
        return identifier
    return OLD_ID + _digest(_key(), "id:" + identifier, 26)


def key_id() -> str:
    """Tells one key from another, and nothing of it."""
    return _digest(_key(), "key", 8)


def _key() -> bytes:
    return str(settings.MESSAGING.get("PRIVACY_KEY") or settings.SECRET_KEY).encode()


def _digest(key: bytes, text: str, characters: int) -> str:
    # No more of it than is wanted: Python writes base 32 five bytes at a time, and takes longer than the hash.
    enough = -(-characters // 8) * 5
    return base64.b32encode(hmac.digest(key, text.encode(), hashlib.sha256)[:enough])[:characters].decode().lower()

"""Secrets at rest."""

from typing import Any

import pytest

from messaging.events import sealing, signing


def test_what_is_sealed_is_unreadable_and_opens_again() -> None:
    secret = signing.new_secret()
    sealed = sealing.seal(secret)
    assert secret not in sealed
    assert secret.removeprefix("whsec_") not in sealed
    assert sealing.unseal(sealed) == secret
    assert sealing.seal(secret) != sealed


def test_another_secret_key_opens_nothing_unless_the_old_one_is_a_fallback(settings: Any) -> None:
    sealed = sealing.seal("whsec_c2VjcmV0")
    before, settings.SECRET_KEY = settings.SECRET_KEY, "another one, long enough for anybody"
    with pytest.raises(sealing.CannotOpen, match="SECRET_KEY"):
        sealing.unseal(sealed)
    settings.SECRET_KEY_FALLBACKS = [before]
    assert sealing.unseal(sealed) == "whsec_c2VjcmV0"


def test_what_somebody_changed_does_not_open() -> None:
    sealed = sealing.seal("whsec_c2VjcmV0")
    with pytest.raises(sealing.CannotOpen):
        sealing.unseal(sealed[:-4] + "AAAA")

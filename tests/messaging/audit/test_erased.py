"""Erasures that do not come to an end, and consent that nobody could find again."""

from datetime import timedelta
from typing import Any

import pytest

from messaging import clock
from messaging.models import ErasureRequest, PrivacyRecord
from messaging.privacy import names
from tests.messaging.audit.looking import severity
from tests.messaging.factories import ANN

pytestmark = pytest.mark.usefixtures("number", "time")


@pytest.mark.parametrize(("hours", "found"), [(23, ""), (25, "warning")])
def test_whoever_is_to_be_erased_is_within_a_day(hours: int, found: str) -> None:
    at = clock.now() - timedelta(hours=hours)
    ErasureRequest.objects.create(
        phone_number=ANN, stand_in="erased-abc", reason="asked", actor="alice", requested_at=at, next_try_at=at
    )
    assert severity("messaging.erasure_stands_still") == found


def test_consent_was_kept_under_the_key_of_today(settings: Any) -> None:
    PrivacyRecord.objects.create(
        kind=PrivacyRecord.Kind.ERASURE,
        stand_in="erased-abc",
        key_id=names.key_id(),
        fingerprint=names.fingerprint(ANN),
        actor="alice",
        reason="asked",
        counts={},
        **dict.fromkeys(("began_at", "at"), clock.now()),
    )
    assert severity("messaging.erased_under_another_key") == ""
    settings.MESSAGING = {**settings.MESSAGING, "PRIVACY_KEY": "another"}
    assert severity("messaging.erased_under_another_key") == "critical"

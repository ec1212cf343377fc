"""Erasures: that they come to an end, and that what is kept of consent can still be found."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import QuerySet

from messaging.audit.findings import Check, Look, Severity
from messaging.models import ErasureRequest, PrivacyRecord
from messaging.privacy import names

_LONG = timedelta(days=1)


def standing_still(look: Look) -> QuerySet[ErasureRequest]:
    """Everybody who is to be erased is, within a day. A table of a few rows."""
    return ErasureRequest.objects.filter(requested_at__lte=look.now - _LONG)


def other_key(look: Look) -> QuerySet[PrivacyRecord]:
    """Consent of people who were erased was kept under the key of today. A table of a few rows."""
    return PrivacyRecord.objects.filter(kind=PrivacyRecord.Kind.ERASURE).exclude(key_id=names.key_id())


def _request(row: ErasureRequest) -> str:
    return f"erasure {row.pk}"


def _record(row: PrivacyRecord) -> str:
    return f"erasure {row.stand_in}"


CHECKS: Iterable[Check] = [
    Check(
        "messaging.erasure_stands_still",
        Severity.WARNING,
        standing_still,
        "People were to be erased more than a day ago, and are not.",
        "Their row in the admin, under Erasures under way, says what stands in the way.",
        _request,
    ),
    Check(
        "messaging.erased_under_another_key",
        Severity.CRITICAL,
        other_key,
        "People were erased under another key: should they come back, nobody knows whether they had opted out.",
        "Set PRIVACY_KEY to the key of then; where it was empty, to the SECRET_KEY of then. See docs/privacy.md.",
        _record,
    ),
]

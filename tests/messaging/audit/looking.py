"""What the audit finds, one check at a time."""

from datetime import datetime

from messaging import audit
from messaging.audit import Finding


def finding(check: str, *, at_rest: bool = False, now: datetime | None = None) -> Finding | None:
    """What one check found, or None. Time goes on meanwhile: suspects are looked at twice."""
    result = audit.perform(at_rest=at_rest, now=now, only=check)
    assert (result.checked, result.errors) == ([check], {})
    return result.findings[0] if result.findings else None


def severity(check: str, *, at_rest: bool = False) -> str:
    """How bad it is; "" when nothing was found."""
    found = finding(check, at_rest=at_rest)
    return found.severity if found else ""

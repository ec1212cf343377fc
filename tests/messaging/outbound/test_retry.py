"""The table of errors: what each means for the text and for its lane."""

import pytest

from messaging.outbound.carriers.base import CarrierError, Fate
from messaging.outbound.retry import Verdict, backoff, decide

RETRY, FAIL, IN_DOUBT = Verdict.RETRY, Verdict.FAIL, Verdict.IN_DOUBT
REFUSED, NEVER_LEFT, DOUBT = Fate.REFUSED, Fate.NEVER_LEFT, Fate.IN_DOUBT

ERRORS = [
    # fate, code, reason, verdict, pauses the lane
    (REFUSED, "ThrottlingException", "Rate exceeded", RETRY, False),
    (REFUSED, "TooManyRequestsException", "", RETRY, False),
    (REFUSED, "InternalServerException", "", RETRY, False),
    (REFUSED, "ServiceUnavailable", "", RETRY, False),
    (NEVER_LEFT, "ConnectionFailed", "Connection refused", RETRY, False),
    (NEVER_LEFT, "ConnectionFailed", "Connect timeout", RETRY, False),
    (DOUBT, "ReadTimeoutError", "", IN_DOUBT, False),
    (DOUBT, "ConnectionClosedError", "", IN_DOUBT, False),
    (DOUBT, "502", "", IN_DOUBT, False),
    (DOUBT, "504", "", IN_DOUBT, False),
    (REFUSED, "ConflictException", "DESTINATION_PHONE_NUMBER_OPTED_OUT", FAIL, False),
    (REFUSED, "ConflictException", "DESTINATION_PHONE_NUMBER_NOT_VERIFIED", FAIL, False),
    (REFUSED, "ConflictException", "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION", FAIL, False),
    (REFUSED, "ConflictException", "NO_ORIGINATION_IDENTITIES_FOUND", FAIL, False),
    (REFUSED, "ConflictException", "MESSAGE_TYPE_MISMATCH", FAIL, False),
    (REFUSED, "ConflictException", "RESOURCE_NOT_ACTIVE", FAIL, True),
    (REFUSED, "ConflictException", "", FAIL, False),
    (REFUSED, "ValidationException", "INVALID_PARAMETER", FAIL, False),
    (REFUSED, "ValidationException", "COUNTRY_NOT_ENABLED", FAIL, False),
    (REFUSED, "ValidationException", "DESTINATION_COUNTRY_BLOCKED", FAIL, False),
    (REFUSED, "ValidationException", "PRICE_OVER_THRESHOLD", FAIL, False),
    (REFUSED, "ValidationException", "MAXIMUM_SIZE_EXCEEDED", FAIL, False),
    (REFUSED, "ResourceNotFoundException", "", FAIL, True),
    (REFUSED, "ServiceQuotaExceededException", "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT", FAIL, True),
    (REFUSED, "ServiceQuotaExceededException", "SOMETHING_NEW", FAIL, True),
    (REFUSED, "AccessDeniedException", "", FAIL, True),
    (REFUSED, "AccessDeniedException", "ACCOUNT_DISABLED", FAIL, True),
    (REFUSED, "AccessDeniedException", "INSUFFICIENT_ACCOUNT_REPUTATION", FAIL, True),
    (REFUSED, "UnrecognizedClientException", "", RETRY, True),
    (REFUSED, "InvalidSignatureException", "", RETRY, True),
    (REFUSED, "ExpiredTokenException", "", RETRY, True),
    (NEVER_LEFT, "NoCredentials", "", RETRY, True),
    (NEVER_LEFT, "NoRegion", "", RETRY, True),
    (REFUSED, "SomethingAWSAddsLater", "", FAIL, False),
]


@pytest.mark.parametrize(("fate", "code", "reason", "verdict", "pauses"), ERRORS)
def test_decisions(fate: Fate, code: str, reason: str, verdict: Verdict, pauses: bool) -> None:
    decision = decide(CarrierError(fate, code, reason), attempts=1)
    assert decision.verdict is verdict
    assert bool(decision.pause) is pauses
    assert decision.slow_down is (verdict is RETRY and not pauses)
    assert decision.opted_out is (reason == "DESTINATION_PHONE_NUMBER_OPTED_OUT")


def test_a_text_is_tried_again_only_when_it_surely_was_not_accepted() -> None:
    for fate, code, reason, verdict, _ in ERRORS:
        if fate is DOUBT:
            assert verdict is not RETRY, (code, reason)


def test_waits_grow_and_stay_short_enough_for_an_alert() -> None:
    waits = [backoff(attempts).total_seconds() for attempts in (1, 2, 3, 4, 5, 6, 7, 100)]
    assert waits == [0.5, 1, 2, 4, 8, 15, 15, 15]

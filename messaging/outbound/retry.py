"""What an error, or the lack of an answer, means for a text. Pure.

SendTextMessage has no idempotency token, so this decides instead of botocore, whose retries are off: a text is tried
again only when it surely was not accepted. Codes and reasons:
docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_SendTextMessage.html
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from messaging.outbound.carriers.base import CarrierError, Fate

# The answer of a call that was just found to be in doubt may be on its way to the database.
ANSWER_MAY_COME_LATE = timedelta(seconds=5)
# A text of which nobody knows anything is sent again this long after the call, if its policy is at least once …
RESEND_AFTER = timedelta(seconds=60)
# … but not for ever: somebody may be receiving each copy.
MOST_SENDS_IN_DOUBT = 3
# A claimed text whose process died: the call began within a quarter of a second of the claim, connects
# within 1.5 s and reads for 10 s at most.
CLAIM_IS_DEAD_AFTER = timedelta(seconds=12)

# Long enough to spare a service in trouble, short enough that an alert leaves soon after the trouble ends.
_LONGEST_BACKOFF = 15.0


class Verdict(Enum):
    """What becomes of the text."""

    RETRY = "retry"
    FAIL = "fail"
    IN_DOUBT = "in doubt"


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of the text, and of the lane it was sent from.

    Attributes:
        after: for RETRY, how long to wait.
        slow_down: the carrier is overloaded or away: the whole lane waits ``after``, not only this text.
        pause: the next text would meet the same fate; a person must act, and this sentence tells them how.
        opted_out: the recipient is on AWS's own list of those who have opted out.
    """

    verdict: Verdict
    after: timedelta = timedelta(0)
    slow_down: bool = False
    pause: str = ""
    opted_out: bool = False


_OPTED_OUT = ("ConflictException", "DESTINATION_PHONE_NUMBER_OPTED_OUT")
# (code, reason) → what staff read on the paused lane. A reason of "" means: whatever the reason.
_PAUSES = {
    ("ServiceQuotaExceededException", "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"): (
        "AWS's monthly spend limit for texts is reached. Have it raised in AWS Service Quotas, then resume."
    ),
    ("ServiceQuotaExceededException", ""): "An AWS quota is reached. Have it raised in Service Quotas, then resume.",
    ("AccessDeniedException", "ACCOUNT_DISABLED"): "AWS has disabled SMS for this account. Write to AWS Support.",
    ("AccessDeniedException", "INSUFFICIENT_ACCOUNT_REPUTATION"): (
        "AWS has stopped this account's SMS for its reputation. Write to AWS Support."
    ),
    ("AccessDeniedException", ""): (
        "AWS denies access. Allow sms-voice:SendTextMessage to these credentials, then resume."
    ),
    ("ResourceNotFoundException", ""): (
        "AWS does not know this origination identity (or configuration set) in this region. Mend it, then resume."
    ),
    ("ConflictException", "RESOURCE_NOT_ACTIVE"): "AWS says this number is not active yet. Resume when it is.",
}

# The same for what keeps every text from being judged at all: those texts wait and go out when it is mended.
_MISCONFIGURED = {
    "UnrecognizedClientException": "AWS does not know the access key. Mend the credentials, then resume.",
    "InvalidSignatureException": (
        "AWS rejects the signature: wrong secret key, or this machine's clock is wrong. Mend it, then resume."
    ),
    "ExpiredTokenException": "The AWS session token has expired. Renew the credentials, then resume.",
    "NoCredentials": "There are no AWS credentials. Provide them to the workers, then resume.",
    "NoRegion": "No AWS region is set. Set AWS_REGION for the workers, then resume.",
}

_OVERLOADED = {"ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"}
_TRY_AGAIN = _OVERLOADED | {"InternalServerException", "ServiceUnavailableException", "ServiceUnavailable"}


def decide(error: CarrierError, attempts: int) -> Decision:
    """What to do with a text whose call number ``attempts`` (1 for the first) ended with this error."""
    if error.fate is Fate.IN_DOUBT:
        return Decision(Verdict.IN_DOUBT)
    if pause := _MISCONFIGURED.get(error.code, ""):
        return Decision(Verdict.RETRY, after=backoff(attempts), pause=pause)
    if error.fate is Fate.NEVER_LEFT or error.code in _TRY_AGAIN:
        return Decision(Verdict.RETRY, after=backoff(attempts), slow_down=True)
    pause = _PAUSES.get((error.code, error.reason)) or _PAUSES.get((error.code, ""), "")
    return Decision(Verdict.FAIL, pause=pause, opted_out=(error.code, error.reason) == _OPTED_OUT)


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 0.5, 1, 2, 4 … seconds, at most a quarter of a minute."""
    return timedelta(seconds=min(_LONGEST_BACKOFF, 0.5 * 2 ** min(attempts - 1, 10)))

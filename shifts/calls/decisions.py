"""What Amazon Connect's refusal, or its silence, means for a call back. Pure.

StartOutboundVoiceContact has a ClientToken, unlike SendTextMessage: the same request may be made again without a second
call, for seven days. So what is in doubt is simply asked again. Codes:
docs.aws.amazon.com/connect/latest/APIReference/API_StartOutboundVoiceContact.html
"""

from datetime import timedelta

# A claim holds this long: connecting takes 1.5 s and reading 10 s at most. Whoever claimed is dead after it.
CLAIM_HOLDS = timedelta(seconds=15)
# The pauses after the first, second, third try. After the last of them somebody of the staff calls.
PAUSES = (timedelta(seconds=1), timedelta(seconds=2), timedelta(seconds=3))
# Workers that die with a call in hand try it more often than that, but not for ever.
_MOST_TRIES = 8
# AWS keeps a ClientToken for seven days; a day less, for clocks and for texts that came late.
_TOKEN_HOLDS = timedelta(days=6)

NO_ANSWER = "NoAnswer"
NO_CONNECTION = "NoConnection"
NO_CREDENTIALS = "NoCredentials"
NO_REGION = "NoRegion"
NOT_SET_UP = "NotSetUp"

_AGAIN = {
    NO_ANSWER,
    NO_CONNECTION,
    "LimitExceededException",
    "RequestLimitExceeded",
    "RequestTimeout",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
# What staff read, before AWS's own words.
_HINTS = {
    NOT_SET_UP: "Amazon Connect is not set up.",
    NO_ANSWER: "Amazon Connect did not answer. It may have called them all the same.",
    NO_CONNECTION: "Amazon Connect cannot be reached.",
    NO_CREDENTIALS: "There are no AWS credentials. Provide them to the workers.",
    NO_REGION: "No AWS region is set. Set AWS_REGION for the workers.",
    "AccessDeniedException": "AWS denies access. Allow connect:StartOutboundVoiceContact to these credentials.",
    "DestinationNotAllowedException": "Amazon Connect may not call this number. Allow its country in Connect.",
    "OutboundContactNotPermittedException": "Amazon Connect does not permit this call.",
    "ResourceNotFoundException": "Amazon Connect does not know what it was asked for. Check the CONNECT_ settings.",
    "InvalidParameterException": "Amazon Connect does not take the request. Check the CONNECT_ settings.",
    "InvalidRequestException": "Amazon Connect does not take the request. Check the CONNECT_ settings.",
    "LimitExceededException": "Amazon Connect is at its limit of calls.",
}
_OTHER = "Amazon Connect did not take the call."


class NotPlaced(Exception):
    """Amazon Connect was asked for a call and gave no ContactId.

    Attributes:
        code: AWS's error code, or one of this module's.
        reason: AWS's words, or those of what went wrong on the way; may be blank.
        status: the HTTP status; 0 without an answer.
    """

    def __init__(self, code: str, reason: str = "", status: int = 0) -> None:
        super().__init__(f"{code}: {reason}" if reason else code)
        self.code, self.reason, self.status = code, reason, status


def pause_after(problem: NotPlaced, tries: int) -> timedelta | None:
    """How long to wait before Connect is asked again after try number ``tries``; None: it is not asked again."""
    again = problem.code in _AGAIN or problem.status in (408, 429) or problem.status >= 500
    return PAUSES[tries - 1] if again and tries <= len(PAUSES) else None


def may_ask(tries: int, age: timedelta) -> bool:
    """Whether Connect may be asked for a call that was requested so long ago and tried so often already.

    A first try may always be made; another one only while Connect remembers the token of the first.
    """
    return tries == 0 or (tries < _MOST_TRIES and age < _TOKEN_HOLDS)


def for_staff(problem: NotPlaced) -> str:
    """Why Connect did not call, in at most 500 characters: what to do about it, then AWS's own words."""
    hint = _HINTS.get(problem.code, _OTHER)
    if problem.code == NOT_SET_UP:
        return hint
    return f"{hint} ({problem})"[:500]

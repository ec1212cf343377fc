"""What each answer of Amazon Connect means, as a table."""

from datetime import timedelta

import pytest

from shifts.calls import decisions
from shifts.calls.decisions import NotPlaced, for_staff, may_ask, pause_after

# code, status, whether it is asked again
ANSWERS = [
    ("DestinationNotAllowedException", 403, False),
    ("OutboundContactNotPermittedException", 403, False),
    ("ResourceNotFoundException", 404, False),
    ("InvalidParameterException", 400, False),
    ("InvalidRequestException", 400, False),
    ("AccessDeniedException", 403, False),
    ("UnrecognizedClientException", 403, False),
    ("ExpiredTokenException", 403, False),
    ("InvalidSignatureException", 403, False),
    ("SomethingAWSAddsLater", 400, False),
    (decisions.NO_CREDENTIALS, 0, False),
    (decisions.NO_REGION, 0, False),
    (decisions.NOT_SET_UP, 0, False),
    ("LimitExceededException", 429, True),
    ("ThrottlingException", 400, True),
    ("TooManyRequestsException", 429, True),
    ("RequestTimeout", 408, True),
    ("InternalServiceException", 500, True),
    ("502", 502, True),
    ("ServiceUnavailable", 503, True),
    (decisions.NO_ANSWER, 0, True),
    (decisions.NO_CONNECTION, 0, True),
]


@pytest.mark.parametrize(("code", "status", "again"), ANSWERS)
def test_what_is_asked_again(code: str, status: int, again: bool) -> None:
    pauses = [pause_after(NotPlaced(code, "No.", status), tries) for tries in (1, 2, 3, 4, 5)]
    assert pauses == (
        [timedelta(seconds=1), timedelta(seconds=2), timedelta(seconds=3), None, None] if again else [None] * 5
    )


@pytest.mark.parametrize(
    ("tries", "age", "may"),
    [
        (0, timedelta(0), True),
        (0, timedelta(days=30), True),
        (1, timedelta(days=5), True),
        (1, timedelta(days=6), False),
        (7, timedelta(minutes=2), True),
        (8, timedelta(minutes=2), False),
    ],
)
def test_a_second_try_only_while_connect_remembers_the_first(tries: int, age: timedelta, may: bool) -> None:
    assert may_ask(tries, age) is may


@pytest.mark.parametrize("code", [code for code, _, _ in ANSWERS])
def test_staff_read_what_to_do_and_awss_own_words(code: str) -> None:
    reason = for_staff(NotPlaced(code, "x" * 600))
    assert len(reason) <= 500
    if code != decisions.NOT_SET_UP:
        assert f"({code}: xxx" in reason

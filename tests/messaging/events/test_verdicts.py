"""What an answer means: tables."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging.events.verdicts import GIVE_UP_AFTER, LONGEST_WAIT, Answer, Verdict, backoff, decide, retry_after

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
SHORT = timedelta(minutes=5)


def verdict(code: int | None, failing_for: timedelta = SHORT) -> Verdict:
    return decide(Answer(10, status_code=code), failures=1, failing_for=failing_for, chance=0).verdict


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        *((code, Verdict.DELIVERED) for code in (200, 201, 202, 204, 299)),
        *((code, Verdict.LATER) for code in (100, 199, 300, 301, 302, 304, 307, 308)),
        *((code, Verdict.LATER) for code in (400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 599)),
        (None, Verdict.LATER),
        (410, Verdict.DISABLE),
    ],
)
def test_what_a_status_means(code: int | None, expected: Verdict) -> None:
    assert verdict(code) is expected


def test_after_three_days_of_failures_it_is_switched_off_and_not_before() -> None:
    assert verdict(500, GIVE_UP_AFTER - timedelta(seconds=1)) is Verdict.LATER
    assert verdict(500, GIVE_UP_AFTER) is Verdict.DISABLE
    assert verdict(None, GIVE_UP_AFTER) is Verdict.DISABLE
    assert verdict(200, GIVE_UP_AFTER) is Verdict.DELIVERED


def test_the_reason_tells_the_last_problem_and_fits_its_column() -> None:
    answer = Answer(10, status_code=500, problem="It answered 500. " + "x" * 400)
    reason = decide(answer, failures=9, failing_for=GIVE_UP_AFTER, chance=0).reason
    assert reason.startswith("Nothing could be delivered for 3 days. Last: It answered 500.")
    assert len(reason) <= 300


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 5), (1, 5), (2, 15), (3, 45), (4, 135), (5, 405), (6, 1215), (7, 3600), (8, 3600), (80, 3600), (10**6, 3600)],
)
def test_waits_grow_to_an_hour(failures: int, seconds: int) -> None:
    assert backoff(failures, 0) == timedelta(seconds=seconds)
    # Chance takes away up to a quarter, and never adds any.
    assert backoff(failures, 1) == timedelta(seconds=seconds) * 0.75
    assert backoff(failures, 0.5) == timedelta(seconds=seconds) * 0.875


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (None, timedelta(seconds=5)),
        (timedelta(0), timedelta(seconds=5)),
        (timedelta(minutes=2), timedelta(minutes=2)),
        (timedelta(days=9), LONGEST_WAIT),
    ],
)
def test_who_asks_for_a_pause_gets_it_within_reason(asked: timedelta | None, expected: timedelta) -> None:
    answer = Answer(10, status_code=503, retry_after=asked)
    assert decide(answer, failures=1, failing_for=SHORT, chance=0).after == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", timedelta(seconds=120)),
        (" 0 ", timedelta(0)),
        ("Wed, 01 Jul 2026 12:01:00 GMT", timedelta(minutes=1)),
        ("Wed, 01 Jul 2026 11:00:00 GMT", timedelta(0)),
        ("soon", None),
        ("-5", None),
        ("1e9", None),
        ("９", None),
        ("99999999999999999999", None),
        ("", None),
    ],
)
def test_how_long_a_header_asks_us_to_wait(value: str, expected: timedelta | None) -> None:
    assert retry_after(value, NOW) == expected


def test_a_few_days_of_failures_are_some_dozens_of_tries() -> None:
    spent, tries = timedelta(0), 0
    while spent < GIVE_UP_AFTER:
        tries += 1
        spent += backoff(tries, 0)
    assert 70 < tries < 90

"""System checks: Amazon Connect set up by half is told at start."""

from itertools import product
from typing import Any

import pytest

from shifts import checks
from shifts.calls.connect import is_set_up

NAMES = ("CONNECT_INSTANCE_ID", "CONNECT_CONTACT_FLOW_ID", "CONNECT_QUEUE_ID", "CONNECT_SOURCE_PHONE_NUMBER")


@pytest.mark.parametrize("given", list(product([False, True], repeat=4)))
def test_it_is_set_up_or_absent_or_told(settings: Any, given: tuple[bool, ...]) -> None:
    for name, value in zip(NAMES, given, strict=True):
        setattr(settings, name, "+14255550199" if value else "")
    found = checks.check_connect(None)
    assert bool(found) is (any(given) and not is_set_up())
    assert [problem.id for problem in found] in ([], ["shifts.E001"])


def test_what_is_missing_is_named(settings: Any) -> None:
    settings.CONNECT_INSTANCE_ID = "instance"
    [problem] = checks.check_connect(None)
    assert problem.msg == (
        "Amazon Connect is set up by half: CONNECT_CONTACT_FLOW_ID, CONNECT_QUEUE_ID or CONNECT_SOURCE_PHONE_NUMBER "
        "is missing."
    )
    assert "unset" in str(problem.hint)


@pytest.mark.parametrize(("number", "wrong"), [("4255", True), ("72345", True), ("+14255550199", False), ("", False)])
def test_calls_come_from_a_phone_number(settings: Any, number: str, wrong: bool) -> None:
    settings.CONNECT_SOURCE_PHONE_NUMBER = number
    assert [problem.id for problem in checks.check_source_number(None)] == (["shifts.E002"] if wrong else [])

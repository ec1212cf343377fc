"""What the product's own audit says is heard to the end."""

import json
from typing import Any

import pytest

from tests.crash import own_audit

FINDING = {
    "severity": "critical",
    "check": "messaging.unrouted",
    "count": 1,
    "examples": ["inbound text 1"],
    "what": "x",
}
EXPECTED = {**FINDING, "severity": "warning", "check": "messaging.unknown_at_most_once"}


def said(status: int, **more: Any) -> list[str]:
    output = {"findings": [], "errors": {}, "checked": ["messaging.unrouted"], **more}
    return [violation.what for violation in own_audit.heard(status, json.dumps(output), "")]


def test_an_audit_that_finds_nothing_or_what_is_expected_is_no_violation() -> None:
    assert said(0) == []
    assert said(1, findings=[EXPECTED]) == []


@pytest.mark.parametrize(
    ("status", "more"),
    [
        pytest.param(2, {"findings": [FINDING]}, id="a finding"),
        pytest.param(
            3, {"errors": {"messaging.unrouted": "OperationalError: locked"}}, id="a check that could not run"
        ),
        pytest.param(1, {}, id="a status without a finding"),
        pytest.param(0, {"findings": [EXPECTED]}, id="a finding without its status"),
        pytest.param(2, {"findings": [EXPECTED]}, id="a status worse than its findings"),
        pytest.param(-9, {}, id="killed"),
        pytest.param(0, {"checked": []}, id="nothing checked"),
    ],
)
def test_what_the_audit_says_is_heard(status: int, more: dict[str, Any]) -> None:
    assert said(status, **more)


def test_an_audit_that_says_nothing_is_a_violation() -> None:
    assert own_audit.heard(3, "", "The database cannot be read")
    assert own_audit.heard(0, "{}", "")

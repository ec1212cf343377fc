"""System checks: a wrong path in settings.MESSAGING is told at start, in words."""

from typing import Any

import pytest

from incidents.checks import check_wait
from messaging import checks


class Complete:
    """A conversation with all it needs."""

    def receive(self) -> None: ...
    def not_understood(self) -> None: ...
    def reserves(self) -> None: ...
    def text_settled(self) -> None: ...
    def opted_out(self) -> None: ...
    def pages(self) -> None: ...
    def places(self) -> None: ...

    view_permission = ""
    assign_permission = ""


class Incomplete:
    def receive(self) -> None: ...


class NeedsArguments:
    def __init__(self, something: str) -> None: ...


HERE = "tests.messaging.test_checks"

WRONG = [
    # key, value, id of the error, words in it
    ("CONVERSATIONS", {"a": "no.such.module.Replies"}, "messaging.E003", "cannot be imported"),
    ("CONVERSATIONS", {"a": f"{HERE}.Missing"}, "messaging.E003", "Missing"),
    ("CONVERSATIONS", {"a": "Replies"}, "messaging.E003", "Replies"),
    (
        "CONVERSATIONS",
        {"a": f"{HERE}.Incomplete"},
        "messaging.E005",
        "not_understood, reserves, text_settled, opted_out, pages, places, view_permission, assign_permission",
    ),
    ("CONVERSATIONS", {"a": f"{HERE}.NeedsArguments"}, "messaging.E004", "without arguments"),
    ("CONVERSATIONS", {"a": Complete}, "messaging.E002", "no dotted path"),
    ("CARRIER", None, "messaging.E002", "CARRIER"),
    ("CARRIER", f"{HERE}.Complete", "messaging.E005", "send"),
    ("INTERCEPTORS", [f"{HERE}.Complete"], "messaging.E005", "intercept"),
    ("SEND_GUARDS", ["nowhere.Guard"], "messaging.E003", "nowhere"),
    ("SEND_GUARDS", [f"{HERE}.Complete"], "messaging.E005", "refusals, carrier_opted_out, opted_out_elsewhere"),
    ("INTERCEPTORS", [f"{HERE}.Incomplete"], "messaging.E005", "intercept, reserves"),
    ("WORK_LISTS", [f"{HERE}.Complete"], "messaging.E005", "name, queue, is_due, run"),
]


@pytest.mark.parametrize(("key", "value", "identity", "words"), WRONG)
def test_a_wrong_path_is_told(settings: Any, key: str, value: object, identity: str, words: str) -> None:
    settings.MESSAGING = settings.MESSAGING | {key: value}
    errors = checks.check_plug_ins(None)
    assert [error.id for error in errors] == [identity]
    assert words in str(errors[0].msg)


def test_the_projects_own_settings_are_right(settings: Any) -> None:
    assert checks.check_plug_ins(None) == []


def test_a_complete_plug_in_passes(settings: Any) -> None:
    settings.MESSAGING = settings.MESSAGING | {"CONVERSATIONS": {"a": f"{HERE}.Complete"}}
    assert checks.check_plug_ins(None) == []


def test_without_the_setting_at_all(settings: Any) -> None:
    del settings.MESSAGING
    assert [error.id for error in checks.check_plug_ins(None)] == ["messaging.E001"]


@pytest.mark.parametrize(
    ("debug", "allowed", "refused"), [(False, False, True), (True, False, False), (False, True, False)]
)
def test_a_local_certificate_is_for_development(settings: Any, debug: bool, allowed: bool, refused: bool) -> None:
    settings.DEBUG = debug
    settings.MESSAGING = settings.MESSAGING | {
        "SNS_SIGNING_CERT_FILE": "/a.pem",
        "ALLOW_LOCAL_SNS_CERT": allowed,
        "SNS_TOPIC_ARNS": ["arn:aws:sns:us-east-1:123456789012:a"],
    }
    assert ("messaging.E010" in [problem.id for problem in checks.check_sns(None)]) is refused


@pytest.mark.parametrize(
    "arn", ["arn:aws:sns:us-east-1:123456789012", "textback", "arn:aws:sqs:us-east-1:123456789012:a", "a,b", "*"]
)
def test_a_topic_that_is_no_arn_is_told(settings: Any, arn: str) -> None:
    settings.MESSAGING = settings.MESSAGING | {"SNS_TOPIC_ARNS": [arn]}
    assert [problem.id for problem in checks.check_sns(None)] == ["messaging.E012"]


@pytest.mark.parametrize(
    ("texts", "alarms", "problems"),
    [
        (["a"], ["b"], []),
        (["a"], ["a"], ["messaging.E014"]),
        (["a", "b"], ["b", "c", "a"], ["messaging.E014", "messaging.E014"]),
        ([], ["b"], ["messaging.W011"]),
        (["a"], ["b c"], ["messaging.E012"]),
    ],
)
def test_a_topic_with_a_reader_of_its_own_is_none_of_texts(
    settings: Any, texts: list[str], alarms: list[str], problems: list[str]
) -> None:
    arn = "arn:aws:sns:us-east-1:123456789012:"
    settings.MESSAGING = settings.MESSAGING | {
        "SNS_TOPIC_ARNS": [f"{arn}{name}" for name in texts],
        "TOPIC_READERS": {f"{arn}{name}": "incidents.alerts.topic.Alarms" for name in alarms},
    }
    assert [problem.id for problem in checks.check_sns(None)] == problems
    assert checks.check_plug_ins(None) == []


@pytest.mark.parametrize("path", ["incidents.alerts.topic.Nothing", "incidents.alerts.work.WaitingAlerts"])
def test_a_reader_of_a_topic_is_one(settings: Any, path: str) -> None:
    settings.MESSAGING = settings.MESSAGING | {"TOPIC_READERS": {"arn:aws:sns:us-east-1:123456789012:a": path}}
    assert [problem.id for problem in checks.check_plug_ins(None)] in (["messaging.E003"], ["messaging.E005"])


@pytest.mark.parametrize(("number", "wrong"), [("4255", True), ("ACME", True), ("+14255550100", False), ("", False)])
def test_the_number_of_the_environment_is_a_phone_number(settings: Any, number: str, wrong: bool) -> None:
    settings.MESSAGING = settings.MESSAGING | {"ORIGINATION_IDENTITY": number}
    assert bool(checks.check_number(None)) is wrong


@pytest.mark.parametrize(("wait", "wrong"), [(0, True), (-1, True), (1, False), (40, False), (10**9, True)])
def test_the_default_wait_is_one_that_an_incident_may_have(settings: Any, wait: int, wrong: bool) -> None:
    settings.INCIDENTS_WAIT_SECONDS = wait
    assert bool(check_wait(None)) is wrong


def test_without_topics_a_warning(settings: Any) -> None:
    settings.MESSAGING = settings.MESSAGING | {"SNS_TOPIC_ARNS": []}
    assert [problem.id for problem in checks.check_sns(None)] == ["messaging.W011"]

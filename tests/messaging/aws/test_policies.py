"""Policies, as values."""

import json
from typing import Any

import pytest

from messaging.aws import policies
from messaging.aws.wanted import DELIVERY_POLICY
from tests.messaging.aws.conftest import wanted

OURS = policies.of_topic(wanted(), "inbound")


def policy(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


OTHER = {"Sid": "Other", "Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}
AS_AWS_WRITES_IT = {**OURS[0], "Action": ["sns:Publish"], "Principal": {"Service": ["sms-voice.amazonaws.com"]}}
FOR_EVERYBODY = {**OURS[0], "Principal": "*"}


@pytest.mark.parametrize(
    ("present", "lacks"),
    [
        ("", True),
        (policy(OTHER), True),
        (policy(*OURS), False),
        (policy(OTHER, *OURS), False),
        (policy(AS_AWS_WRITES_IT), False),
        (policy(FOR_EVERYBODY), True),
        (json.dumps({"Statement": OURS[0]}), False),
    ],
)
def test_whether_ours_are_there(present: str, lacks: bool) -> None:
    assert policies.lacks(present, OURS) is lacks
    assert not policies.lacks(json.dumps(policies.merged(present, OURS)), OURS)


def test_merging_keeps_what_others_wrote_and_replaces_ours() -> None:
    merged = policies.merged(policy(OTHER, FOR_EVERYBODY), OURS)
    assert merged["Statement"] == [OTHER, *OURS]


@pytest.mark.parametrize("name", ["inbound", "events"])
def test_only_this_account_may_have_it_published(name: str) -> None:
    [statement] = policies.of_topic(wanted(), name)
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": wanted().account}
    assert statement["Principal"] == {"Service": "sms-voice.amazonaws.com"}


def test_every_statement_for_a_service_has_a_condition() -> None:
    statements = [
        *policies.of_topic(wanted(), "inbound"),
        *policies.of_topic(wanted(), "events"),
        *policies.of_queue(wanted(), "dead-letters"),
        *policies.of_key(wanted()),
    ]
    assert [one["Sid"] for one in statements if "Service" in one["Principal"] and not one.get("Condition")] == []


def test_retries_end_within_the_hour_that_sns_allows() -> None:
    retry = DELIVERY_POLICY["healthyRetryPolicy"]
    numbers = {name: value for name, value in retry.items() if isinstance(value, int)}
    between = numbers["numRetries"] - numbers["numMinDelayRetries"] - numbers["numMaxDelayRetries"]
    longest = (
        numbers["numMinDelayRetries"] * numbers["minDelayTarget"]
        + (numbers["numMaxDelayRetries"] + between) * numbers["maxDelayTarget"]
    )
    assert numbers["numRetries"] <= 100
    assert 3000 < longest <= 3600

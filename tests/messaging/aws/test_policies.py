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


ELSEWHERE = "arn:aws:sns:eu-west-1:111122223333:their-alarms"


def test_a_topic_of_alarms_may_write_to_the_queue_and_is_not_cut_off_where_it_is_not_named() -> None:
    both = (wanted().topic("alarms"), ELSEWHERE)
    statements = policies.of_queue(wanted(webhook="", alarms=both), "inbound")
    assert [one["Condition"]["ArnEquals"]["aws:SourceArn"] for one in statements] == [
        list(wanted().topics), [both[0]], [both[1]]
    ]  # fmt: skip
    assert len({one["Sid"] for one in statements}) == 3
    assert all(one["Sid"].isalnum() for one in statements)
    present = json.dumps(policies.document(statements))
    fewer = policies.of_queue(wanted(webhook="", alarms=both[:1]), "inbound")
    assert not policies.lacks(present, fewer)
    assert policies.merged(present, fewer)["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"] == [ELSEWHERE]


@pytest.mark.parametrize("name", ["inbound", "events"])
def test_only_this_account_may_have_it_published(name: str) -> None:
    [statement] = policies.of_topic(wanted(), name)
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": wanted().account}
    assert statement["Principal"] == {"Service": "sms-voice.amazonaws.com"}


def test_every_statement_for_a_service_has_a_condition() -> None:
    with_alarms = wanted(alarms=(wanted().topic("alarms"), ELSEWHERE))
    statements = [
        *policies.of_topic(wanted(), "inbound"),
        *policies.of_topic(wanted(), "events"),
        *policies.of_queue(wanted(), "dead-letters"),
        *policies.of_key(wanted()),
        *policies.of_topic(with_alarms, "alarms"),
        *policies.of_queue(with_alarms, "inbound"),
        *policies.of_key(with_alarms),
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

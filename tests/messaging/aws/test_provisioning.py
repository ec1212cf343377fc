"""Setting up an account, from nothing and again, over HTTP."""

import json
from typing import Any

import pytest
from django.core.management.base import CommandError

from messaging.aws import provisioning, topics
from messaging.aws.changes import Change
from messaging.aws.session import Session
from messaging.simulator import Simulator
from tests.messaging.aws.conftest import OURS, THEIRS, WEBHOOK, Run, wanted

pytestmark = pytest.mark.django_db
BASIC = ("--url", WEBHOOK)


def kinds(answer: dict[str, Any]) -> list[str]:
    return [one["what"].split(" arn:")[0].split(" +")[0] for one in answer["changes"]]


def test_from_nothing(run: Run, account: Simulator, session: Session) -> None:
    account.account.add_number(OURS)
    made = run("provision_aws", *BASIC, "--number", OURS, "--json")
    assert kinds(made) == [
        *("SQS queue", "SNS topic", "SNS topic", "SNS subscription", "SNS subscription"),
        *("Configuration set", "Event destination textback/textback-sns", "Phone number"),
    ]
    for name in ("inbound", "events"):
        arn = wanted().topic(name)
        topic = session.sns.get_topic_attributes(TopicArn=arn)["Attributes"]
        assert topic["SignatureVersion"] == "2"
        assert "sms-voice.amazonaws.com" in topic["Policy"]
        [subscription] = session.sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
        read = session.sns.get_subscription_attributes(SubscriptionArn=subscription["SubscriptionArn"])["Attributes"]
        assert json.loads(read["RedrivePolicy"])["deadLetterTargetArn"] == wanted().queue("dead-letters")
        assert json.loads(read["DeliveryPolicy"])["healthyRetryPolicy"]["numRetries"] == 100
    [number] = account.account.numbers.values()
    assert (number["TwoWayEnabled"], number["SelfManagedOptOutsEnabled"]) == (True, True)
    assert number["TwoWayChannelArn"] == wanted().topic("inbound")
    [destination] = account.account.configuration_sets["textback"]["EventDestinations"]
    assert destination["SnsDestination"]["TopicArn"] == wanted().topic("events")
    assert made["environment"]["SNS_TOPIC_ARNS"] == ",".join(wanted().topics)
    assert made["environment"]["ORIGINATION_IDENTITY"] == OURS


@pytest.mark.parametrize(
    "options",
    [
        *(BASIC, (*BASIC, "--encrypt"), ("--sqs",), ("--sqs", "--encrypt")),
        *((*BASIC, "--alarms"), ("--sqs", "--encrypt", "--alarms")),
    ],
)
def test_the_second_time_changes_nothing(run: Run, account: Simulator, options: tuple[str, ...]) -> None:
    account.account.add_number(OURS)
    account.account.add_pool(account.account.add_number(THEIRS))
    assert run("provision_aws", *options, "--all-numbers", "--json")["changes"]
    assert run("provision_aws", *options, "--all-numbers", "--json")["changes"] == []
    assert "Nothing to do: all is as it should be." in run("provision_aws", *options, "--all-numbers", "--plan")


def test_what_was_encrypted_stays_so_without_being_asked_again(run: Run, session: Session) -> None:
    run("provision_aws", *BASIC, "--encrypt")
    # As AWS has it: one kind of encryption or the other. moto tells both, and forgets a policy that is not told again.
    [queue] = session.sqs.list_queues()["QueueUrls"]
    read = session.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["Policy"])["Attributes"]
    session.sqs.set_queue_attributes(QueueUrl=queue, Attributes={"SqsManagedSseEnabled": "false", **read})
    assert run("provision_aws", *BASIC, "--json")["changes"] == []


def test_a_plan_makes_nothing_and_says_so_by_its_status(run: Run, account: Simulator, session: Session) -> None:
    account.account.add_number(OURS)
    lines = run("provision_aws", *BASIC, "--number", OURS, "--plan", status=2)
    assert f"+ SNS topic {wanted().topic('inbound')}" in lines
    assert "+   SignatureVersion: 2" in lines
    assert f"~ Phone number {OURS} (long_code, US)" in lines
    assert {"-   TwoWayEnabled: false", "+   TwoWayEnabled: true"} <= set(lines)
    assert "7 to make, 1 to change." in lines
    assert session.sns.list_topics()["Topics"] == []
    assert account.account.configuration_sets == {}
    assert [row["TwoWayEnabled"] for row in account.account.numbers.values()] == [False]


def test_what_somebody_changed_is_put_right_and_what_others_added_stays(
    run: Run, account: Simulator, session: Session
) -> None:
    run("provision_aws", *BASIC)
    arn = wanted().topic("inbound")
    other = {
        "Sid": "Auditors",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "sns:GetTopicAttributes",
        "Resource": arn,
    }
    session.sns.set_topic_attributes(
        TopicArn=arn,
        AttributeName="Policy",
        AttributeValue=json.dumps({"Version": "2012-10-17", "Statement": [other]}),
    )
    session.sns.set_topic_attributes(TopicArn=arn, AttributeName="SignatureVersion", AttributeValue="1")
    account.account.configuration_sets["textback"]["EventDestinations"][0]["Enabled"] = False
    [queue] = session.sqs.list_queues()["QueueUrls"]
    session.sqs.set_queue_attributes(QueueUrl=queue, Attributes={"MessageRetentionPeriod": "60"})
    mended = run("provision_aws", *BASIC, "--json")["changes"]
    assert [one["action"] for one in mended] == ["change"] * 3
    assert mended[0]["before"]["MessageRetentionPeriod"] == "60"
    topic = session.sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    assert topic["SignatureVersion"] == "2"
    assert {one["Sid"] for one in json.loads(topic["Policy"])["Statement"]} == {"Auditors", "TextbackPublish"}
    assert account.account.configuration_sets["textback"]["EventDestinations"][0]["Enabled"] is True
    assert run("provision_aws", *BASIC, "--json")["changes"] == []


def test_a_number_in_a_pool_is_set_up_by_its_pool_once(run: Run, account: Simulator) -> None:
    numbers = [account.account.add_number(each) for each in (OURS, THEIRS)]
    pool = account.account.add_pool(*numbers)
    made = run("provision_aws", *BASIC, "--all-numbers", "--json")["changes"]
    assert [one["what"] for one in made if "one" in one["what"] or "Pool" in one["what"]] == [f"Pool {pool}"]
    assert account.account.pools[pool]["SelfManagedOptOutsEnabled"] is True


def test_a_number_the_account_has_not(run: Run, account: Simulator, session: Session) -> None:
    account.account.add_number(OURS)
    with pytest.raises(CommandError, match=rf"no \{THEIRS} in us-east-1. It has: \{OURS}"):
        run("provision_aws", *BASIC, "--number", THEIRS)
    assert session.sns.list_topics()["Topics"] == [], "nothing is made when not all can be"


@pytest.mark.parametrize("url", ["", "http://text.example.com/webhooks/sns/"])
def test_a_webhook_that_sns_could_not_reach(run: Run, settings: Any, url: str) -> None:
    settings.PUBLIC_URL = ""
    with pytest.raises(CommandError, match="SNS needs the HTTPS address"):
        run("provision_aws", *(("--url", url) if url else ()))


def test_the_webhook_follows_from_the_public_address(run: Run, settings: Any) -> None:
    settings.PUBLIC_URL = "https://text.example.com"
    changes = run("provision_aws", "--plan", "--json", status=2)["changes"]
    assert [one["what"].split(" → ")[1] for one in changes if "subscription" in one["what"]] == [WEBHOOK] * 2


def test_by_sqs_texts_come_to_a_queue_with_dead_letters(run: Run, session: Session) -> None:
    made = run("provision_aws", "--sqs", "--json")
    assert made["environment"]["INBOUND"] == "sqs"
    assert made["environment"]["SQS_INBOUND"] == wanted().queue("inbound")
    url = session.sqs.get_queue_url(QueueName="textback-inbound")["QueueUrl"]
    read = session.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert json.loads(read["RedrivePolicy"])["deadLetterTargetArn"] == wanted().queue("dead-letters")
    session.sns.publish(TopicArn=wanted().topic("inbound"), Message="hello")
    [message] = session.sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"])["Message"] == "hello", "signed, not raw"


def test_no_region(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    with pytest.raises(CommandError, match="No region is set"):
        run("provision_aws", *BASIC)


def test_aws_that_refuses_says_what_stays(run: Run, account: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2", account.url + "/nowhere")
    with pytest.raises(CommandError, match="run it again once this is mended"):
        run("provision_aws", *BASIC)


def test_one_that_fails_in_the_middle_is_ended_by_the_next(run: Run, account: Simulator, session: Session) -> None:
    changes = provisioning.plan(session, wanted())

    def cut_off(change: Change) -> None:
        if "topic" in change.what:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        provisioning.apply(changes, cut_off)
    rest = run("provision_aws", *BASIC, "--json")["changes"]
    assert len(rest) == len(changes) - 2


def test_a_subscription_that_waits_is_left_alone_and_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """As AWS tells of one that the webhook has not confirmed; moto counts each as confirmed at once."""
    run("provision_aws", *BASIC)
    pending = [{"SubscriptionArn": "PendingConfirmation", "Protocol": "https", "Endpoint": WEBHOOK}]
    monkeypatch.setattr(topics, "_ours", lambda *_: pending)
    assert run("provision_aws", *BASIC, "--plan", "--json")["changes"] == []
    assert run("provision_aws", *BASIC, "--json")["waiting_for_confirmation"] == list(wanted().topics)
    assert any(line.startswith(f"Waiting: {WEBHOOK} has not confirmed") for line in run("provision_aws", *BASIC))

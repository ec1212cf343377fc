"""Topics of CloudWatch alarms: made, subscribed, and never cut off. Over HTTP."""

import json
from typing import Any

import pytest
from django.core.management.base import CommandError

from messaging.aws.session import Session
from tests.messaging.aws.conftest import REGION, WEBHOOK, Run, wanted

pytestmark = pytest.mark.django_db
BASIC = ("--url", WEBHOOK)
OWN = f"arn:aws:sns:{REGION}:{wanted().account}:textback-alarms"


def hears(session: Session, queue: str = "textback-inbound") -> set[str]:
    url = session.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    read = session.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    found = [one["Condition"]["ArnEquals"]["aws:SourceArn"] for one in json.loads(read)["Statement"]]
    return {arn for each in found for arn in ([each] if isinstance(each, str) else each)}


def test_by_sqs_an_alarm_comes_to_the_queue_of_texts(run: Run, session: Session) -> None:
    made = run("provision_aws", "--sqs", "--alarms", "--json")
    assert made["environment"]["SNS_ALARM_TOPIC_ARNS"] == OWN
    assert OWN not in made["environment"]["SNS_TOPIC_ARNS"]
    for queue in ("textback-inbound", "textback-dead-letters"):
        assert hears(session, queue) == {*wanted().topics, OWN}
    topic = session.sns.get_topic_attributes(TopicArn=OWN)["Attributes"]
    assert topic["SignatureVersion"] == "2"
    [statement] = json.loads(topic["Policy"])["Statement"]
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": wanted().account}
    session.sns.publish(TopicArn=OWN, Message='{"AlarmName": "cpu"}')
    url = session.sqs.get_queue_url(QueueName="textback-inbound")["QueueUrl"]
    [message] = session.sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"])["TopicArn"] == OWN


def test_by_webhook_it_is_subscribed_as_the_others_are(run: Run, session: Session) -> None:
    run("provision_aws", *BASIC, "--alarms")
    [one] = session.sns.list_subscriptions_by_topic(TopicArn=OWN)["Subscriptions"]
    assert (one["Protocol"], one["Endpoint"]) == ("https", WEBHOOK)
    read = session.sns.get_subscription_attributes(SubscriptionArn=one["SubscriptionArn"])["Attributes"]
    assert json.loads(read["RedrivePolicy"])["deadLetterTargetArn"] == wanted().queue("dead-letters")


def named(settings: Any, *arns: str) -> None:
    readers = dict.fromkeys(arns, "incidents.alerts.topic.Alarms")
    settings.MESSAGING = settings.MESSAGING | {"TOPIC_READERS": readers}


def test_somebodys_topic_is_subscribed_and_left_as_it_is(run: Run, session: Session, settings: Any) -> None:
    theirs = session.sns.create_topic(Name="pager")["TopicArn"]
    before = session.sns.get_topic_attributes(TopicArn=theirs)["Attributes"]
    named(settings, theirs)
    run("provision_aws", "--sqs")
    assert [one["Protocol"] for one in session.sns.list_subscriptions_by_topic(TopicArn=theirs)["Subscriptions"]] == [
        "sqs"
    ]
    after = session.sns.get_topic_attributes(TopicArn=theirs)["Attributes"]
    assert {key: after[key] for key in ("Policy", "SignatureVersion")} == {
        key: before[key] for key in ("Policy", "SignatureVersion")
    }


def test_one_that_is_not_named_the_next_time_is_not_cut_off(run: Run, session: Session) -> None:
    run("provision_aws", "--sqs", "--alarms")
    assert run("provision_aws", "--sqs", "--json")["changes"] == []
    assert OWN in hears(session)


def test_one_of_another_region_is_let_in_and_left_to_whoever_has_it(run: Run, session: Session, settings: Any) -> None:
    far = f"arn:aws:sns:eu-west-1:{wanted().account}:pager"
    named(settings, far)
    made = run("provision_aws", "--sqs", "--json")
    command = (
        f"aws sns subscribe --region eu-west-1 --topic-arn {far} --protocol sqs "
        f"--notification-endpoint {wanted().queue('inbound')}"
    )
    assert made["subscribe_by_hand"] == [command]
    assert far in hears(session)
    assert command in "\n".join(run("provision_aws", "--sqs"))


def test_one_that_is_not_there_is_said_before_anything_is_made(run: Run, session: Session, settings: Any) -> None:
    named(settings, f"arn:aws:sns:{REGION}:{wanted().account}:nowhere")
    with pytest.raises(CommandError, match=r"There is no topic .*:nowhere, which SNS_ALARM_TOPIC_ARNS names"):
        run("provision_aws", "--sqs")
    assert session.sns.list_topics()["Topics"] == []

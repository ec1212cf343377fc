"""What roles are allowed: that of the processes, and whoever sets up. Compared with the calls that are made."""

import json
from typing import Any

import pytest
from django.core.management.base import CommandError

from messaging.aws.session import Session
from messaging.simulator import Simulator
from tests.messaging.aws.conftest import OURS, REGION, THEIRS, WEBHOOK, Run, wanted

pytestmark = pytest.mark.django_db
BASIC = ("--url", WEBHOOK)


def test_the_policy_allows_what_is_needed_and_no_more(run: Run, settings: Any) -> None:
    policy = json.loads("\n".join(run("provision_aws", *BASIC, "--policy")))
    by_sid = {one["Sid"]: one for one in policy["Statement"]}
    assert set(by_sid) == {"Send", "Mirror", "Confirm", "Queues"}
    assert by_sid["Confirm"]["Resource"] == list(wanted().topics)
    assert by_sid["Queues"]["Resource"] == [wanted().queue("dead-letters")]
    alarms = f"arn:aws:sns:{REGION}:{wanted().account}:alarms"
    settings.MESSAGING = settings.MESSAGING | {"TOPIC_READERS": {alarms: "incidents.alerts.topic.Alarms"}}
    with_alarms = json.loads("\n".join(run("provision_aws", *BASIC, "--policy")))
    assert alarms in next(one["Resource"] for one in with_alarms["Statement"] if one["Sid"] == "Confirm")
    # DescribePhoneNumbers and its like read lists, which have no narrower resource.
    assert [sid for sid, one in by_sid.items() if one["Resource"] == "*"] == ["Mirror"]
    assert f":{REGION}:" in by_sid["Send"]["Resource"][0]
    settings.MESSAGING = settings.MESSAGING | {"TOPIC_READERS": {}}
    with pytest.raises(CommandError, match="Run provision_aws --encrypt first"):
        run("provision_aws", *BASIC, "--policy", "--encrypt")
    run("provision_aws", *BASIC, "--encrypt")
    encrypted = json.loads("\n".join(run("provision_aws", *BASIC, "--policy", "--encrypt")))
    assert [one["Resource"].split(":key/")[0] for one in encrypted["Statement"] if one["Sid"] == "Key"] == [
        f"arn:aws:kms:{REGION}:{wanted().account}"
    ]


def test_whoever_sets_up_needs_what_is_called_and_no_more(
    run: Run, account: Simulator, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every call of every way through, compared with what --setup-policy allows."""
    called: set[str] = set()
    client = Session._client
    prefixes = {"pinpoint-sms-voice-v2": "sms-voice"}

    def watched(self: Session, service: str) -> Any:
        made = client(self, service)
        prefix = prefixes.get(service, service)
        made.meta.events.register("before-call", lambda model, **_: called.add(f"{prefix}:{model.name}"))
        return made

    account.account.add_number(OURS)
    account.account.add_pool(account.account.add_number(THEIRS))
    options = ("--sqs", "--encrypt", "--alarms", "--all-numbers")
    with monkeypatch.context() as watching:
        watching.setattr(Session, "_client", watched)
        run("provision_aws", *options)
    # What somebody changed meanwhile.
    key = session.kms.describe_key(KeyId="alias/textback")["KeyMetadata"]["KeyId"]
    session.kms.disable_key_rotation(KeyId=key)
    session.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps({"Statement": []}))
    for url in session.sqs.list_queues()["QueueUrls"]:
        session.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    topic = wanted().topic("inbound")
    session.sns.set_topic_attributes(TopicArn=topic, AttributeName="SignatureVersion", AttributeValue="1")
    [one] = session.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    session.sns.set_subscription_attributes(
        SubscriptionArn=one["SubscriptionArn"], AttributeName="RedrivePolicy", AttributeValue="{}"
    )
    account.account.configuration_sets["textback"]["EventDestinations"][0]["Enabled"] = False
    with monkeypatch.context() as watching:
        watching.setattr(Session, "_client", watched)
        run("provision_aws", *options)
        run("sync_numbers")
    policy = json.loads("\n".join(run("provision_aws", *options, "--setup-policy")))
    allowed = {action for statement in policy["Statement"] for action in statement["Action"]}
    # Whoever has credentials may ask whose they are.
    assert called - {"sts:GetCallerIdentity"} == allowed
    # Only what has no name, or none yet, is allowed everywhere.
    assert [one["Sid"] for one in policy["Statement"] if one["Resource"] == "*"] == ["Subscriptions", "Read", "NewKey"]
    without = json.loads("\n".join(run("provision_aws", "--sqs", "--setup-policy")))
    assert not [one for one in without["Statement"] if any(action.startswith("kms:") for action in one["Action"])]

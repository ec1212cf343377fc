"""The SNS topics of texts and delivery events, those of alarms where there are, and how each reaches us."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from messaging.aws import policies
from messaging.aws.changes import Change, differing
from messaging.aws.queues import DEAD_LETTERS
from messaging.aws.session import Session, code
from messaging.aws.wanted import ALARMS, DELIVERY_POLICY, EVENTS, INBOUND, Wanted

_PENDING = "PendingConfirmation"


class NoSuchTopic(LookupError):
    """A topic of alarms that we are to hear is not there, and is not ours to make."""


def changes(session: Session, wanted: Wanted) -> Iterator[Change]:
    """Our topics, then the subscription to each.

    Raises:
        NoSuchTopic: somebody's topic of alarms is not there.
    """
    own_alarms = wanted.topic(ALARMS)
    for name in (INBOUND, EVENTS, *([ALARMS] if own_alarms in wanted.alarms else [])):
        yield from _topic(session, wanted, name)
    for arn in wanted.subscribed:
        if arn not in (*wanted.topics, own_alarms) and _attributes(session, arn) is None:
            raise NoSuchTopic(
                f"There is no topic {arn}, which SNS_ALARM_TOPIC_ARNS names. Make it, or take it away there; --alarms "
                f"makes {own_alarms}."
            )
        yield from _subscription(session, wanted, arn)


def waiting(session: Session, wanted: Wanted) -> list[str]:
    """The topics whose subscription our webhook has not confirmed yet."""
    return [
        arn
        for arn in wanted.subscribed
        if any(one["SubscriptionArn"] == _PENDING for one in _ours(session, arn, wanted.way, wanted.webhook))
    ]


def _topic(session: Session, wanted: Wanted, name: str) -> Iterator[Change]:
    arn = wanted.topic(name)
    ours = policies.of_topic(wanted, name)
    # Version 1 is signed by SHA1: docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
    attributes = {"SignatureVersion": "2", **({"KmsMasterKeyId": wanted.key_alias} if wanted.encrypted else {})}
    present = _attributes(session, arn)
    if present is None:
        whole = {**attributes, "Policy": policies.document(ours)}
        yield Change(
            f"SNS topic {arn}",
            None,
            whole,
            lambda: session.sns.create_topic(
                Name=arn.rpartition(":")[2], Attributes={**attributes, "Policy": json.dumps(whole["Policy"])}
            ),
        )
        return
    before, after = differing(present, attributes)
    policy = present.get("Policy", "")
    if policies.lacks(policy, ours):
        before["Policy"] = json.loads(policy) if policy else None
        after["Policy"] = policies.merged(policy, ours)
    if after:
        yield Change(f"SNS topic {arn}", before, after, lambda: _set(session, arn, after))


def _attributes(session: Session, arn: str) -> Mapping[str, str] | None:
    try:
        found: Mapping[str, str] = session.sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    except ClientError as error:
        if code(error) == "NotFound":
            return None
        raise
    return found


def _set(session: Session, arn: str, attributes: Mapping[str, Any]) -> None:
    for name, value in attributes.items():
        text = value if isinstance(value, str) else json.dumps(value)
        session.sns.set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=text)


def _subscription(session: Session, wanted: Wanted, arn: str) -> Iterator[Change]:
    endpoint = wanted.webhook or wanted.queue(INBOUND)
    # A queue of SQS is always there: its retries are AWS's own.
    attributes = {
        "RedrivePolicy": {"deadLetterTargetArn": wanted.queue(DEAD_LETTERS)},
        **({"DeliveryPolicy": DELIVERY_POLICY} if wanted.way == "https" else {}),
    }
    what = f"SNS subscription {arn} → {endpoint}"
    # A topic that is not made yet has none.
    found = _ours(session, arn, wanted.way, endpoint)
    if not found:
        yield Change(
            what,
            None,
            {"Protocol": wanted.way, **attributes},
            lambda: session.sns.subscribe(
                TopicArn=arn,
                Protocol=wanted.way,
                Endpoint=endpoint,
                Attributes={key: json.dumps(value) for key, value in attributes.items()},
                ReturnSubscriptionArn=True,
            ),
            note=f"The webhook confirms it by itself: let it run, with this topic in {_setting(wanted, arn)}."
            if wanted.way == "https"
            else "",
        )
        return
    subscription = found[0]["SubscriptionArn"]
    if subscription == _PENDING:
        # Its attributes went with the request; they can be read only once it is confirmed.
        return
    read = session.sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]
    present = {key: json.loads(read[key]) for key in attributes if read.get(key)}
    # AWS writes further members of the policy that were not given.
    given = {key: _only(present.get(key), value) for key, value in attributes.items()}
    before, after = differing(given, attributes)
    if after:
        yield Change(what, before, after, lambda: _set_subscription(session, subscription, after))


def _setting(wanted: Wanted, arn: str) -> str:
    return "SNS_ALARM_TOPIC_ARNS" if arn in wanted.alarms else "SNS_TOPIC_ARNS"


def _ours(session: Session, arn: str, protocol: str, endpoint: str) -> list[dict[str, str]]:
    try:
        pages = session.sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
        return [
            one
            for page in pages
            for one in page["Subscriptions"]
            if one["Protocol"] == protocol and (not endpoint or one["Endpoint"] == endpoint)
        ]
    except ClientError as error:
        if code(error) == "NotFound":
            return []
        raise


def _set_subscription(session: Session, subscription: str, attributes: Mapping[str, Any]) -> None:
    for name, value in attributes.items():
        session.sns.set_subscription_attributes(
            SubscriptionArn=subscription, AttributeName=name, AttributeValue=json.dumps(value)
        )


def _only(present: Any, wanted: Any) -> Any:
    """Of what is there, the members that are wanted."""
    if isinstance(present, dict) and isinstance(wanted, dict):
        return {key: _only(present.get(key), value) for key, value in wanted.items()}
    return present

"""The policy documents, each statement with the least that does it. Pure.

A statement of ours is known by its Sid, so that what others have added to a policy stays as it is.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from messaging.aws.wanted import EVENTS, INBOUND, Wanted

Document = dict[str, Any]
_OURS = "Textback"
_SMS = {"Service": "sms-voice.amazonaws.com"}
_SNS = {"Service": "sns.amazonaws.com"}


def of_topic(wanted: Wanted, name: str) -> list[Document]:
    """Who may publish to a topic: End User Messaging SMS, for this account alone.

    docs.aws.amazon.com/sms-voice/latest/userguide/two-way-sms-iam-policy-auto.html (inbound texts)
    docs.aws.amazon.com/sms-voice/latest/userguide/configuration-sets-sns-creating-role.html (delivery events)
    """
    source = {INBOUND: wanted.all_of_sms, EVENTS: wanted.configuration_set_arn}[name]
    return [
        {
            "Sid": f"{_OURS}Publish",
            "Effect": "Allow",
            "Principal": _SMS,
            "Action": "sns:Publish",
            "Resource": wanted.topic(name),
            "Condition": {
                "StringEquals": {"aws:SourceAccount": wanted.account},
                "ArnLike": {"aws:SourceArn": source},
            },
        }
    ]


def of_queue(wanted: Wanted, name: str) -> list[Document]:
    """Who may write to a queue: our two topics.

    docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html
    """
    return [
        {
            "Sid": f"{_OURS}Send",
            "Effect": "Allow",
            "Principal": _SNS,
            "Action": "sqs:SendMessage",
            "Resource": wanted.queue(name),
            "Condition": {"ArnEquals": {"aws:SourceArn": list(wanted.topics)}},
        }
    ]


def of_key(wanted: Wanted) -> list[Document]:
    """Who may use the key: the account's own policies, End User Messaging SMS to publish, SNS to hand on to SQS.

    docs.aws.amazon.com/sms-voice/latest/userguide/two-way-sms-iam-policy-auto.html
    docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    """
    use = ["kms:GenerateDataKey*", "kms:Decrypt"]
    ours = {"StringEquals": {"aws:SourceAccount": wanted.account}}
    return [
        {
            "Sid": f"{_OURS}Account",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{wanted.partition}:iam::{wanted.account}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Sid": f"{_OURS}Sms",
            "Effect": "Allow",
            "Principal": _SMS,
            "Action": use,
            "Resource": "*",
            "Condition": {**ours, "ArnLike": {"aws:SourceArn": wanted.all_of_sms}},
        },
        {
            "Sid": f"{_OURS}Sns",
            "Effect": "Allow",
            "Principal": _SNS,
            "Action": use,
            "Resource": "*",
            "Condition": {**ours, "ArnEquals": {"aws:SourceArn": list(wanted.topics)}},
        },
    ]


def of_application(wanted: Wanted, *, key_arn: str = "", connect: bool = False, topics: Iterable[str] = ()) -> Document:
    """What Textback's own processes need, and nothing else: attach it to their role or user.

    Args:
        wanted: what is set up.
        key_arn: the key, where there is one.
        connect: whether Amazon Connect calls people back.
        topics: further ones whose subscription our webhook confirms: those of alarms.
    """
    queues = [wanted.queue("dead-letters"), *([wanted.queue(INBOUND)] if wanted.way == "sqs" else [])]
    statements: list[Document] = [
        {
            "Sid": "Send",
            "Effect": "Allow",
            "Action": "sms-voice:SendTextMessage",
            "Resource": [
                f"{wanted.all_of_sms[:-1]}{kind}/*" for kind in ("phone-number", "sender-id", "configuration-set")
            ],
        },
        {
            "Sid": "Mirror",
            "Effect": "Allow",
            "Action": [
                "sms-voice:DescribePhoneNumbers", "sms-voice:DescribePools", "sms-voice:DescribeSenderIds",
            ],
            "Resource": "*",
        },
        {
            "Sid": "Confirm",
            "Effect": "Allow",
            "Action": "sns:ConfirmSubscription",
            "Resource": [*wanted.topics, *topics],
        },
        {
            "Sid": "Queues",
            "Effect": "Allow",
            "Action": ["sqs:GetQueueUrl", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:DeleteMessage"],
            "Resource": queues,
        },
    ]  # fmt: skip
    if key_arn:
        statements.append({"Sid": "Key", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": key_arn})
    if connect:
        call = {"Sid": "Call", "Effect": "Allow", "Action": "connect:StartOutboundVoiceContact", "Resource": "*"}
        statements.append(call)
    return document(statements)


def document(statements: Iterable[Document]) -> Document:
    """A whole policy."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def merged(present: str, ours: Iterable[Document]) -> Document:
    """What a policy is to be: what others have put into it, then our statements.

    Args:
        present: the policy that is there, as JSON; blank: none.
        ours: our statements, each with a Sid.
    """
    there: Mapping[str, Any] = json.loads(present) if present else {}
    ours = list(ours)
    mine = {one["Sid"] for one in ours}
    statements = there.get("Statement", [])
    others = [one for one in (statements if isinstance(statements, list) else [statements]) if _sid(one) not in mine]
    return {"Version": "2012-10-17", **there, "Statement": [*others, *ours]}


def lacks(present: str, ours: Iterable[Document]) -> bool:
    """Whether a policy does not have our statements as they should be."""
    there = json.loads(present) if present else {}
    statements = there.get("Statement", [])
    by_sid = {_sid(one): _plain(one) for one in (statements if isinstance(statements, list) else [statements])}
    return any(by_sid.get(one["Sid"]) != _plain(one) for one in ours)


def _sid(statement: Mapping[str, Any]) -> str:
    return str(statement.get("Sid", ""))


def _plain(value: Any) -> Any:
    """The same, whichever way AWS writes it back: a list of one is its only item, and order says nothing."""
    match value:
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case [only]:
            return _plain(only)
        case list():
            return sorted((_plain(item) for item in value), key=str)
    return value

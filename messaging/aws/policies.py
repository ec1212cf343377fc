"""The policy documents, each statement with the least that does it. Pure.

A statement of ours is known by its Sid, so that what others have added to a policy stays as it is.
"""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from messaging.aws.wanted import ALARMS, EVENTS, INBOUND, Wanted

Document = dict[str, Any]
_OURS = "Textback"
_SMS = {"Service": "sms-voice.amazonaws.com"}
_SNS = {"Service": "sns.amazonaws.com"}
_CLOUDWATCH = {"Service": "cloudwatch.amazonaws.com"}
_USE_KEY = ["kms:GenerateDataKey*", "kms:Decrypt"]


def of_topic(wanted: Wanted, name: str) -> list[Document]:
    """Who may publish to a topic, for this account alone: End User Messaging SMS; to that of alarms CloudWatch.

    docs.aws.amazon.com/sms-voice/latest/userguide/two-way-sms-iam-policy-auto.html (inbound texts)
    docs.aws.amazon.com/sms-voice/latest/userguide/configuration-sets-sns-creating-role.html (delivery events)
    docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html (alarms)
    """
    who, source = {
        INBOUND: (_SMS, wanted.all_of_sms),
        EVENTS: (_SMS, wanted.configuration_set_arn),
        ALARMS: (_CLOUDWATCH, wanted.all_alarms),
    }[name]
    return [
        {
            "Sid": f"{_OURS}Publish",
            "Effect": "Allow",
            "Principal": who,
            "Action": "sns:Publish",
            "Resource": wanted.topic(name),
            "Condition": {
                "StringEquals": {"aws:SourceAccount": wanted.account},
                "ArnLike": {"aws:SourceArn": source},
            },
        }
    ]


def of_queue(wanted: Wanted, name: str) -> list[Document]:
    """Who may write to a queue: our two topics, and each topic of alarms.

    Each topic of alarms has a statement of its own: one that is not named the next time keeps it, and is not cut off.

    docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html
    """
    from_topics = [("Send", list(wanted.topics)), *((_sid_of_alarms(arn), [arn]) for arn in wanted.alarms)]
    return [
        {
            "Sid": f"{_OURS}{sid}",
            "Effect": "Allow",
            "Principal": _SNS,
            "Action": "sqs:SendMessage",
            "Resource": wanted.queue(name),
            "Condition": {"ArnEquals": {"aws:SourceArn": arns}},
        }
        for sid, arns in from_topics
    ]


def _sid_of_alarms(arn: str) -> str:
    # Letters and digits only; the same each time.
    return f"Alarms{sha256(arn.encode()).hexdigest()[:12]}"


def of_key(wanted: Wanted) -> list[Document]:
    """Who may use the key: the account's own policies; End User Messaging SMS, CloudWatch and SNS, to encrypt with it.

    docs.aws.amazon.com/sms-voice/latest/userguide/two-way-sms-iam-policy-auto.html
    docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    """
    ours = {"StringEquals": {"aws:SourceAccount": wanted.account}}
    return [
        {
            "Sid": f"{_OURS}Account",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{wanted.partition}:iam::{wanted.account}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        _key_for("Sms", _SMS, {**ours, "ArnLike": {"aws:SourceArn": wanted.all_of_sms}}),
        _key_for("Sns", _SNS, {**ours, "ArnEquals": {"aws:SourceArn": list(wanted.topics)}}),
        *(_key_for_alarms(arn) for arn in wanted.alarms),
        *([_key_for_cloudwatch(wanted)] if wanted.topic(ALARMS) in wanted.alarms else []),
    ]


def _key_for_alarms(arn: str) -> Document:
    return _key_for(_sid_of_alarms(arn), _SNS, {"ArnEquals": {"aws:SourceArn": arn}})


def _key_for_cloudwatch(wanted: Wanted) -> Document:
    """To publish to an encrypted topic (docs.aws.amazon.com/sns/latest/dg/sns-key-management.html)."""
    own = {"StringEquals": {"aws:SourceAccount": wanted.account}, "ArnLike": {"aws:SourceArn": wanted.all_alarms}}
    return _key_for("CloudWatch", _CLOUDWATCH, own)


def _key_for(sid: str, service: Document, condition: Document) -> Document:
    return {
        "Sid": f"{_OURS}{sid}",
        "Effect": "Allow",
        "Principal": service,
        "Action": _USE_KEY,
        "Resource": "*",
        "Condition": condition,
    }


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

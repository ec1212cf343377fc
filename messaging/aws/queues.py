"""The SQS queues: dead letters, and where there is no webhook what SNS hands on."""

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from messaging.aws import policies
from messaging.aws.changes import Change, differing
from messaging.aws.session import Session, code
from messaging.aws.wanted import INBOUND, MOST_RECEIVES, RETENTION_SECONDS, VISIBILITY_SECONDS, Wanted

DEAD_LETTERS = "dead-letters"
# What SQS says, by its version, where there is no such queue.
_NO_QUEUE = {"QueueDoesNotExist", "NonExistentQueue"}


def changes(session: Session, wanted: Wanted) -> Iterator[Change]:
    """Dead letters first: the other queue, and the subscriptions, point to it."""
    yield from _queue(session, wanted, DEAD_LETTERS, {})
    if wanted.way == "sqs":
        redrive = {"deadLetterTargetArn": wanted.queue(DEAD_LETTERS), "maxReceiveCount": MOST_RECEIVES}
        yield from _queue(session, wanted, INBOUND, {"RedrivePolicy": redrive})


def url(session: Session, name: str) -> str:
    """The address of a queue by its name; blank: there is none."""
    try:
        return str(session.sqs.get_queue_url(QueueName=name)["QueueUrl"])
    except ClientError as error:
        if code(error) in _NO_QUEUE:
            return ""
        raise


def _queue(session: Session, wanted: Wanted, name: str, more: dict[str, Any]) -> Iterator[Change]:
    full_name = f"{wanted.prefix}-{name}"
    ours = policies.of_queue(wanted, name)
    attributes = {
        "MessageRetentionPeriod": str(RETENTION_SECONDS),
        "VisibilityTimeout": str(VISIBILITY_SECONDS),
        **({"KmsMasterKeyId": wanted.key_alias} if wanted.encrypted else {"SqsManagedSseEnabled": "true"}),
        **more,
    }
    address = url(session, full_name)
    what = f"SQS queue {wanted.queue(name)}"
    if not address:
        whole = {**attributes, "Policy": policies.document(ours)}
        yield Change(
            what, None, whole, lambda: session.sqs.create_queue(QueueName=full_name, Attributes=_as_text(whole))
        )
        return
    read = session.sqs.get_queue_attributes(QueueUrl=address, AttributeNames=["All"])["Attributes"]
    present = {key: json.loads(value) if key == "RedrivePolicy" else value for key, value in read.items()}
    if present.get("KmsMasterKeyId"):
        # A key that somebody gave it is more than we would ask for: never taken back.
        attributes.pop("SqsManagedSseEnabled", None)
    before, after = differing(present, attributes)
    if policies.lacks(read.get("Policy", ""), ours):
        before["Policy"] = json.loads(read["Policy"]) if read.get("Policy") else None
        after["Policy"] = policies.merged(read.get("Policy", ""), ours)
    if after:
        yield Change(
            what,
            before,
            after,
            lambda: session.sqs.set_queue_attributes(QueueUrl=address, Attributes=_as_text(after)),
        )


def _as_text(attributes: dict[str, Any]) -> dict[str, str]:
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in attributes.items()}

"""The key that topics and queues are encrypted with, where one is wanted."""

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from messaging.aws import policies
from messaging.aws.changes import Change
from messaging.aws.session import Session, code
from messaging.aws.wanted import Wanted


def arn(session: Session, wanted: Wanted) -> str:
    """The ARN of the key; blank: there is none."""
    try:
        return str(session.kms.describe_key(KeyId=wanted.key_alias)["KeyMetadata"]["Arn"])
    except ClientError as error:
        if code(error) == "NotFoundException":
            return ""
        raise


def changes(session: Session, wanted: Wanted) -> Iterator[Change]:
    """Make the key with its alias, or mend its policy."""
    if not wanted.encrypted:
        return
    statements = policies.of_key(wanted)
    key = arn(session, wanted)
    if not key:
        document = policies.document(statements)
        yield Change(
            f"KMS key {wanted.key_alias}",
            None,
            {"Policy": document, "EnableKeyRotation": True},
            lambda: _make(session, wanted, document),
            note="A key costs about $1 a month, and $0.03 for 10,000 uses.",
        )
        return
    present = session.kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    if policies.lacks(present, statements):
        mended = policies.merged(present, statements)
        yield Change(
            f"KMS key {wanted.key_alias}",
            {"Policy": json.loads(present)},
            {"Policy": mended},
            lambda: session.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(mended)),
        )


def _make(session: Session, wanted: Wanted, document: dict[str, Any]) -> None:
    key = session.kms.create_key(
        Policy=json.dumps(document), Description=f"SNS topics and SQS queues of {wanted.prefix}"
    )["KeyMetadata"]["KeyId"]
    session.kms.enable_key_rotation(KeyId=key)
    session.kms.create_alias(AliasName=wanted.key_alias, TargetKeyId=key)

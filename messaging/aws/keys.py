"""The key that topics and queues are encrypted with, where one is wanted.

KMS takes no name for a key that it is to make, and an alias is another call. Whoever dies between the two leaves a key
that nobody uses and that costs money; the next run knows it by its description, and goes on with it.
"""

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from messaging.aws import policies
from messaging.aws.changes import Change
from messaging.aws.session import Session, code
from messaging.aws.wanted import Wanted

# One that is switched off, or is to be deleted, was put away by somebody.
_USABLE = "Enabled"


def arn(session: Session, wanted: Wanted) -> str:
    """The ARN of the key; blank: there is none."""
    try:
        return str(session.kms.describe_key(KeyId=wanted.key_alias)["KeyMetadata"]["Arn"])
    except ClientError as error:
        if code(error) == "NotFoundException":
            return ""
        raise


def changes(session: Session, wanted: Wanted) -> Iterator[Change]:
    """Make the key and its alias, or mend what differs."""
    if not wanted.encrypted:
        return
    statements = policies.of_key(wanted)
    key = arn(session, wanted)
    if not key:
        left = _left_behind(session, wanted)
        if not left:
            document = policies.document(statements)
            yield Change(
                f"KMS key {wanted.key_alias}",
                None,
                {"Policy": document, "EnableKeyRotation": True},
                lambda: _make(session, wanted, document),
                note="A key costs about $1 a month, and $0.03 for 10,000 uses.",
            )
            return
        key = left[0]
        yield Change(
            f"KMS alias {wanted.key_alias}",
            None,
            {"TargetKeyId": key},
            lambda: session.kms.create_alias(AliasName=wanted.key_alias, TargetKeyId=key.rpartition("/")[2]),
            note=_told_of(left),
        )
    yield from _mended(session, wanted, key, statements)


def _mended(session: Session, wanted: Wanted, key: str, statements: list[policies.Document]) -> Iterator[Change]:
    what = f"KMS key {wanted.key_alias}"
    present = session.kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    if policies.lacks(present, statements):
        mended = policies.merged(present, statements)
        yield Change(
            what,
            {"Policy": json.loads(present)},
            {"Policy": mended},
            lambda: session.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(mended)),
        )
    if not session.kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]:
        yield Change(
            what,
            {"EnableKeyRotation": False},
            {"EnableKeyRotation": True},
            lambda: session.kms.enable_key_rotation(KeyId=key),
        )


def _make(session: Session, wanted: Wanted, document: dict[str, Any]) -> None:
    key = session.kms.create_key(Policy=json.dumps(document), Description=_description(wanted))["KeyMetadata"]["KeyId"]
    # At once: until then only its description tells whose it is.
    session.kms.create_alias(AliasName=wanted.key_alias, TargetKeyId=key)
    session.kms.enable_key_rotation(KeyId=key)


def _left_behind(session: Session, wanted: Wanted) -> list[str]:
    """The ARNs of keys that were made for us and never got their name, the oldest first.

    Asked only where there is no alias: one call for each key of the account. ListKeys tells no description, and to look
    for a tag instead would take kms:TagResource and tag:GetResources, where this takes kms:ListKeys alone.
    """
    found: list[tuple[Any, str]] = []
    for page in session.kms.get_paginator("list_keys").paginate():
        for one in page["Keys"]:
            try:
                read = session.kms.describe_key(KeyId=one["KeyArn"])["KeyMetadata"]
            except ClientError as error:
                if code(error) in ("AccessDeniedException", "NotFoundException"):
                    # A key whose own policy keeps us away is none that we made.
                    continue
                raise
            if read.get("Description") == _description(wanted) and read["KeyState"] == _USABLE:
                found.append((read["CreationDate"], str(read["Arn"])))
    return [key for _, key in sorted(found)]


def _description(wanted: Wanted) -> str:
    return f"SNS topics and SQS queues of {wanted.prefix}"


def _told_of(left: list[str]) -> str:
    said = "An earlier run made this key and ended before it was named. It goes on with it."
    if len(left) > 1:
        said += f" Of the same kind, and unused unless you gave them work: {', '.join(left[1:])}."
    return said

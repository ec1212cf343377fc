"""SNS messages as they go over the wire: the JSON envelope, its signature, the x-amz-sns-* headers.

Pure but for the clock and random ids; what is posted where is the publisher's business.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Mapping
from typing import Any

from messaging.simulator import clock
from messaging.simulator.certificate import SigningIdentity

SIGNED_OF_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
SIGNED_OF_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")


def arn(service: str, region: str, account_id: str, resource: str) -> str:
    partition = "aws-cn" if region.startswith("cn-") else "aws"
    return f"arn:{partition}:{service}:{region}:{account_id}:{resource}"


def host(region: str) -> str:
    return f"sns.{region}.amazonaws.com" + (".cn" if region.startswith("cn-") else "")


def string_to_sign(envelope: Mapping[str, Any]) -> bytes:
    names = SIGNED_OF_NOTIFICATION if envelope.get("Type") == "Notification" else SIGNED_OF_CONFIRMATION
    present = [name for name in names if name in envelope]
    return "".join(f"{name}\n{envelope[name]}\n" for name in present).encode()


class Envelopes:
    """Builds and signs the three kinds of message for the topics of one region."""

    def __init__(self, identity: SigningIdentity, region: str, signature_version: str) -> None:
        self.identity = identity
        self.region = region
        self.signature_version = signature_version

    def notification(self, topic_arn: str, subscription_arn: str, message: str) -> dict[str, Any]:
        query = f"Action=Unsubscribe&SubscriptionArn={subscription_arn}"
        return self._common("Notification", topic_arn) | {
            "Message": message,
            "UnsubscribeURL": f"https://{host(self.region)}/?{query}",
        }

    def subscription_confirmation(self, topic_arn: str, token: str) -> dict[str, Any]:
        text = (
            f"You have chosen to subscribe to the topic {topic_arn}.\n"
            "To confirm the subscription, visit the SubscribeURL included in this message."
        )
        query = f"Action=ConfirmSubscription&TopicArn={topic_arn}&Token={token}"
        return self._common("SubscriptionConfirmation", topic_arn) | {
            "Message": text,
            "Token": token,
            "SubscribeURL": f"https://{host(self.region)}/?{query}",
        }

    def sealed(self, envelope: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
        """The envelope with a tester's changes, signed after them; None takes a field out.

        Only an override of ``Signature`` comes after the signing, which is how a forgery is made.
        """
        changed = {
            name: value
            for name, value in {**envelope, **overrides}.items()
            if value is not None and name != "Signature"
        }
        version = str(changed.get("SignatureVersion", self.signature_version))
        signature = self.identity.sign(string_to_sign(changed), version)
        changed["Signature"] = base64.b64encode(signature).decode()
        if "Signature" in overrides:
            changed["Signature"] = overrides["Signature"]
        return {name: value for name, value in changed.items() if value is not None}

    def _common(self, kind: str, topic_arn: str) -> dict[str, Any]:
        return {
            "Type": kind,
            "MessageId": str(uuid.uuid4()),
            "TopicArn": topic_arn,
            "Timestamp": clock.iso(clock.wall()),
            "SignatureVersion": self.signature_version,
            "SigningCertURL": self.identity.url(self.region),
        }


def headers(envelope: Mapping[str, Any], subscription_arn: str) -> dict[str, str]:
    sent = {
        "x-amz-sns-message-type": str(envelope.get("Type", "")),
        "x-amz-sns-message-id": str(envelope.get("MessageId", "")),
        "x-amz-sns-topic-arn": str(envelope.get("TopicArn", "")),
        "Content-Type": "text/plain; charset=UTF-8",
        "User-Agent": "Amazon Simple Notification Service Agent",
    }
    if envelope.get("Type") != "SubscriptionConfirmation":
        sent["x-amz-sns-subscription-arn"] = subscription_arn
    return sent


def body(envelope: Mapping[str, Any]) -> bytes:
    return json.dumps(envelope, indent=2, ensure_ascii=False).encode()

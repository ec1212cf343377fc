"""Confirming a subscription by API, never by opening SubscribeURL.

Opening an address out of a message is how forged confirmations turn a server against its own network
(CVE-2026-32096, CVE-2019-6715). The call below takes only the token, and with ``AuthenticateOnUnsubscribe``
makes the UnsubscribeURL in every later message useless to whoever reads it:
https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html
"""

import threading
from collections.abc import Mapping
from typing import Any, Final, Protocol, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from messaging.inbound.sns.envelope import SUBSCRIPTION_CONFIRMATION, Envelope
from messaging.inbound.sns.errors import ConfirmationRefused, TemporarilyUnverifiable
from messaging.inbound.sns.topic import parse_topic_arn

# SNS says these about the token or the topic. All else (credentials, permissions, quotas, throttling,
# faults) is for us or AWS to mend, and the same message will then do.
_PERMANENT: Final = frozenset({"InvalidParameter", "InvalidParameterValue", "ValidationError", "NotFound"})
# One attempt: SNS itself delivers the confirmation again after a 503. Both time-outs fit into its 15 seconds.
_CONFIG: Final = Config(
    connect_timeout=3,
    read_timeout=5,
    retries={"total_max_attempts": 1, "mode": "standard"},
    max_pool_connections=4,
)

_clients: dict[str, "SnsClient"] = {}
_clients_lock = threading.Lock()


class SnsClient(Protocol):
    """The part of the boto3 ``sns`` client that is used here."""

    @property
    def meta(self) -> Any:
        """boto3's description of the client; only ``region_name`` is read."""
        ...

    def confirm_subscription(self, **parameters: str) -> Mapping[str, Any]:
        """As https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html says."""
        ...


def client_for(topic_arn: str) -> SnsClient:
    """The client for the region of a topic, one per process and region.

    The region is explicit because a topic may live elsewhere than AWS_REGION says. A session of its own,
    because boto3's default session must not be used by two threads at once.
    """
    region = parse_topic_arn(topic_arn).region
    with _clients_lock:
        client = _clients.get(region)
        if client is None:
            session = boto3.Session(region_name=region)
            client = _clients[region] = cast("SnsClient", session.client("sns", config=_CONFIG))
        return client


def confirm(envelope: Envelope, client: SnsClient) -> str:
    """Confirm a verified SubscriptionConfirmation; return the ARN of the subscription. Safe to repeat.

    Raises ConfirmationRefused if SNS rejects the token for good, TemporarilyUnverifiable for anything else.
    """
    if envelope.type != SUBSCRIPTION_CONFIRMATION or envelope.token is None:
        # The token of an UnsubscribeConfirmation would subscribe again what somebody has just ended.
        raise ValueError(f"only a SubscriptionConfirmation can be confirmed, not a {envelope.type}")
    region = parse_topic_arn(envelope.topic_arn).region
    if client.meta.region_name != region:
        raise ValueError(f"the client is for {client.meta.region_name}, the topic lives in {region}: use client_for")
    try:
        answer = client.confirm_subscription(
            TopicArn=envelope.topic_arn, Token=envelope.token, AuthenticateOnUnsubscribe="true"
        )
    except ClientError as error:
        raise _judge(error, envelope.topic_arn) from error
    except BotoCoreError as error:
        raise TemporarilyUnverifiable(
            f"the subscription to {envelope.topic_arn} could not be confirmed: {error}",
            "Check the way out to AWS, and that boto3 finds credentials allowed sns:ConfirmSubscription.",
        ) from error
    arn = answer.get("SubscriptionArn")
    if not isinstance(arn, str) or not arn:
        raise TemporarilyUnverifiable(f"SNS confirmed the subscription to {envelope.topic_arn} without naming it")
    return arn


def _judge(error: ClientError, topic_arn: str) -> ConfirmationRefused | TemporarilyUnverifiable:
    code = error.response.get("Error", {}).get("Code", "")
    if code in _PERMANENT:
        return ConfirmationRefused(f"SNS refuses to confirm the subscription to {topic_arn}: {error}")
    return TemporarilyUnverifiable(
        f"the subscription to {topic_arn} could not be confirmed: {error}",
        "If it is about access or credentials, allow sns:ConfirmSubscription; otherwise SNS retries.",
    )

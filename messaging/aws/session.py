"""boto3's clients for setting up and mirroring.

Unlike for sending, botocore repeats what failed: all of it may safely be repeated.
"""

import os
from functools import cached_property
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

_CONFIG: Final = Config(retries={"total_max_attempts": 5, "mode": "standard"}, connect_timeout=5, read_timeout=30)


class Session:
    """The clients of one region, each made when it is first asked for."""

    def __init__(self, region: str | None = None) -> None:
        # boto3 itself reads AWS_DEFAULT_REGION and not the AWS_REGION of the other SDKs.
        self._session = boto3.session.Session(region_name=region or os.environ.get("AWS_REGION") or None)

    @property
    def region(self) -> str:
        """The region; blank where none is set."""
        return self._session.region_name or ""

    @cached_property
    def sms(self) -> Any:
        """End User Messaging SMS."""
        return self._client("pinpoint-sms-voice-v2")

    @cached_property
    def sns(self) -> Any:
        """Simple Notification Service."""
        return self._client("sns")

    @cached_property
    def sqs(self) -> Any:
        """Simple Queue Service."""
        return self._client("sqs")

    @cached_property
    def kms(self) -> Any:
        """Key Management Service."""
        return self._client("kms")

    def who(self) -> tuple[str, str]:
        """The account and the partition that the credentials belong to.

        Raises:
            botocore.exceptions.BotoCoreError, ClientError: they cannot be asked.
        """
        caller = self._client("sts").get_caller_identity()
        return str(caller["Account"]), str(caller["Arn"]).split(":")[1]

    def _client(self, service: str) -> Any:
        # The services are five, each with a type of its own; what is read of them is in this package alone.
        client: Any = self._session.client(service, config=_CONFIG)  # type: ignore[call-overload]
        return client


def code(error: ClientError) -> str:
    """AWS's code of an error, without the namespace that SQS puts before it."""
    return str(error.response.get("Error", {}).get("Code", "")).rpartition(".")[2]

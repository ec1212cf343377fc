"""What dispatch is measured against, as good as such a thing can be: the client is warm, nothing is recorded."""

import os
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from rq.worker import Worker

from messaging.outbound.carriers import aws

# As somebody would write it by hand: no call is repeated, and each thread finds a connection to keep.
_BY_HAND = Config(retries={"total_max_attempts": 1, "mode": "standard"}, max_pool_connections=64)


@cache
def client(*, tuned: bool) -> Any:
    """boto3's client: as it comes, or with the settings that ours has."""
    session = boto3.session.Session(region_name=os.environ["AWS_REGION"])
    return session.client("pinpoint-sms-voice-v2", config=aws._CONFIG if tuned else _BY_HAND)


def send(number: str, identity: str, body: str, message_id: str, *, tuned: bool = False) -> str:
    """Send one text, with the same parameters as messaging.outbound.carriers.aws. This is the RQ job as well."""
    answer = client(tuned=tuned).send_text_message(
        DestinationPhoneNumber=number,
        OriginationIdentity=identity,
        MessageBody=body,
        MessageType="PROMOTIONAL",
        Context={aws.CONTEXT_ID: message_id, aws.CONTEXT_ATTEMPT: "1"},
    )
    return str(answer["MessageId"])


class ForkingWorker(Worker):
    """RQ's own worker, which forks for each job; the client is built before, so that no job has to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        client(tuned=False)
        super().__init__(*args, **kwargs)

"""One RQ job for each text, written as well as such a thing can be: the client is warm, nothing is recorded."""

import os
from functools import cache
from typing import Any

import boto3

from messaging.outbound.carriers.aws import _CONFIG


@cache
def client() -> Any:
    """boto3's client, with the very settings that ours has."""
    return boto3.session.Session(region_name=os.environ["AWS_REGION"]).client("pinpoint-sms-voice-v2", config=_CONFIG)


def send(number: str, identity: str, body: str, message_id: str) -> str:
    """Send one text, with the same parameters as messaging.outbound.carriers.aws."""
    answer = client().send_text_message(
        DestinationPhoneNumber=number,
        OriginationIdentity=identity,
        MessageBody=body,
        MessageType="PROMOTIONAL",
        Context={"textback-message": message_id, "textback-attempt": "1"},
    )
    return str(answer["MessageId"])

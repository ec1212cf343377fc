"""Signed SNS notifications, made before the clock starts: signing costs more than posting."""

import json
import tempfile
import time
import uuid
from pathlib import Path
from typing import Self

from messaging.simulator import certificate, envelopes, payloads
from messaging.simulator.records import ReceivedText, SentText

REGION = "us-east-1"
ACCOUNT = "123456789012"
TOPIC = envelopes.arn("sns", REGION, ACCOUNT, "textback-bench")


class Notifications:
    """`with Notifications() as notifications`: what a topic of ours would post; each one has ids of its own."""

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="textback-bench-")
        identity = certificate.ensure(Path(self._directory.name))
        self.certificate_file = identity.certificate_file
        self._envelopes = envelopes.Envelopes(identity, REGION, "2")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._directory.cleanup()

    def text(self, sender: str, ours: str, body: str) -> str:
        """An inbound text from a handset."""
        received = ReceivedText(str(uuid.uuid4()), sender, ours, body, None, time.time())
        return self._sealed(json.dumps(payloads.inbound_text(received, ACCOUNT), ensure_ascii=False))

    def event(self, recipient: str, ours: str, event_type: str = "TEXT_DELIVERED") -> str:
        """News of a text of ours."""
        now = time.time()
        sent = SentText(str(uuid.uuid4()), recipient, ours, "Good morning", "TRANSACTIONAL", {}, now, now, 1, 60)
        return self._sealed(json.dumps(payloads.delivery_event(sent, event_type, final=True, at=now)))

    def _sealed(self, message: str) -> str:
        bare = self._envelopes.notification(TOPIC, f"{TOPIC}:{uuid.uuid4()}", message)
        return envelopes.body(self._envelopes.sealed(bare, {})).decode()

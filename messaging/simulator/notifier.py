"""Signed notifications, made from a handset's text or from what became of one of ours."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from messaging.simulator import envelopes, payloads
from messaging.simulator.envelopes import Envelopes
from messaging.simulator.records import Notification, ReceivedText, SentText
from messaging.simulator.subscriptions import Subscriptions

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Notifier:
    def __init__(
        self,
        envelopes_: Envelopes,
        subscriptions: Subscriptions,
        inbound_topic_arn: str,
        events_topic_arn: str,
        account_id: str,
    ) -> None:
        self._envelopes = envelopes_
        self._subscriptions = subscriptions
        self._inbound_topic_arn = inbound_topic_arn
        self._events_topic_arn = events_topic_arn
        self._account_id = account_id

    def inbound(self, received: ReceivedText, overrides: Mapping[str, Any] = NOTHING) -> Notification:
        payload = json.dumps(payloads.inbound_text(received, self._account_id), ensure_ascii=False)
        notification = self.any(self._inbound_topic_arn, payload, overrides)
        notification.kind = "Inbound text"
        notification.summary = f"{received.from_number} {received.body}"
        notification.number = received.from_number
        notification.text_id = received.inbound_id
        return notification

    def event(self, sent: SentText, event_type: str, *, final: bool, at: float) -> Notification:
        payload = json.dumps(payloads.delivery_event(sent, event_type, final=final, at=at))
        notification = self.any(self._events_topic_arn, payload)
        notification.kind = event_type
        notification.event_of = sent.message_id
        notification.summary = f"{sent.destination} {sent.body}"
        notification.number = sent.destination
        return notification

    def any(self, topic_arn: str, message: str, overrides: Mapping[str, Any] = NOTHING) -> Notification:
        subscription = self._subscriptions.get(topic_arn)
        subscription_arn = subscription.arn if subscription else f"{topic_arn}:{uuid.uuid4()}"
        bare = self._envelopes.notification(topic_arn, subscription_arn, message)
        envelope = self._envelopes.sealed(bare, overrides)
        return Notification(
            message_id=str(envelope.get("MessageId", "")),
            topic_arn=topic_arn,
            kind="Notification",
            summary=topic_arn.rpartition(":")[2],
            body=envelopes.body(envelope),
            headers=envelopes.headers(envelope, subscription_arn),
        )

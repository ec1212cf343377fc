"""The webhook's subscriptions to the two topics: nothing is delivered before each was confirmed."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from threading import RLock

from messaging.simulator.records import Notification
from messaging.simulator.storage import Storage


class Subscription:
    def __init__(self, topic_arn: str) -> None:
        self.topic_arn = topic_arn
        self.waiting: list[Notification] = []
        self.renew()

    def renew(self) -> None:
        """As a fresh Subscribe call would: a new token, unconfirmed again. What waits for that goes on waiting."""
        self.token = secrets.token_hex(128)
        self.arn = f"{self.topic_arn}:{uuid.uuid4()}"
        self.confirmed = False
        self.authenticate_on_unsubscribe = False


class Subscriptions:
    def __init__(self, topic_arns: Sequence[str], storage: Storage | None = None) -> None:
        self.lock = RLock()
        self._storage = storage
        self._by_topic = {arn: Subscription(arn) for arn in topic_arns}
        for topic_arn, record in storage.remembered.confirmed.items() if storage is not None else ():
            if (subscription := self._by_topic.get(topic_arn)) is not None:
                subscription.arn, subscription.token = record["arn"], record["token"]
                subscription.authenticate_on_unsubscribe = record["authenticate"]
                subscription.confirmed = True

    def all(self) -> list[Subscription]:
        return list(self._by_topic.values())

    def get(self, topic_arn: str) -> Subscription | None:
        return self._by_topic.get(topic_arn)

    @property
    def confirmed(self) -> bool:
        return all(subscription.confirmed for subscription in self._by_topic.values())

    def confirm(self, subscription: Subscription, *, authenticate: bool) -> list[Notification]:
        """Mark it confirmed; what waited for that is handed to the caller to send."""
        with self.lock:
            subscription.authenticate_on_unsubscribe |= authenticate
            if self._storage is not None:
                names = {"topic_arn": subscription.topic_arn, "arn": subscription.arn, "token": subscription.token}
                self._storage.add("confirmed", names | {"authenticate": subscription.authenticate_on_unsubscribe})
            subscription.confirmed = True
            released, subscription.waiting = subscription.waiting, []
            return released

    def hold_unless_confirmed(self, notification: Notification) -> bool:
        with self.lock:
            subscription = self._by_topic.get(notification.topic_arn)
            if subscription is None or subscription.confirmed:
                return False
            notification.state = "waiting"
            subscription.waiting.append(notification)
            return True

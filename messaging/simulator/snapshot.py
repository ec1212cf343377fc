"""The whole state at one moment as JSON, bounded: what the page loads before it follows the event stream."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from messaging.simulator.control_api import faults_as_json
from messaging.simulator.faults import Faults
from messaging.simulator.handsets import Handsets
from messaging.simulator.log import Log
from messaging.simulator.publisher import Publisher
from messaging.simulator.records import Notification
from messaging.simulator.subscriptions import Subscriptions
from messaging.simulator.wirelog import WireLog

LAST = 200


def take(
    log: Log,
    handsets: Handsets,
    publisher: Publisher,
    subscriptions: Subscriptions,
    faults: Faults,
    wire: WireLog,
) -> dict[str, Any]:
    return {
        "webhook": publisher.webhook_url,
        "confirmed": subscriptions.confirmed,
        "topics": [
            {"arn": one.topic_arn, "confirmed": one.confirmed, "waiting": len(one.waiting)}
            for one in subscriptions.all()
        ],
        "handsets": [asdict(handset) for handset in handsets.all()],
        "strangers": handsets.strangers(),
        "conversations": handsets.conversations(),
        "sent": {"count": len(log.sent), "last": [asdict(text) for text in log.sent[-LAST:]]},
        "notifications": [_shown(one) for one in list(publisher.notifications)[-LAST:]],
        "dead_letters": [_shown(one) for one in list(publisher.dead)[-LAST:]],
        "calls": [asdict(call) for call in log.calls[-LAST:]],
        "faults": faults_as_json(faults),
        "wire": wire.entries(),
    }


def _shown(notification: Notification) -> dict[str, Any]:
    names = ("message_id", "topic_arn", "kind", "summary", "number", "at", "attempts", "statuses", "state")
    return {name: getattr(notification, name) for name in names}

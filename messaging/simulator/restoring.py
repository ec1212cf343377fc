"""After a restart: what an earlier process had promised and not done yet is done now."""

from __future__ import annotations

from messaging.simulator.carrier import Carrier
from messaging.simulator.notifier import Notifier
from messaging.simulator.publisher import Publisher
from messaging.simulator.records import SentText
from messaging.simulator.storage import Remembered

# A text of ours with one of these has had its last event.
_ENDED = {"delivered", "failed"}


def resume(remembered: Remembered, carrier: Carrier, publisher: Publisher, notifier: Notifier) -> None:
    """Texts on their way to a handset, texts nobody was told of, and notifications the webhook has not taken."""
    published = {one.text_id for one in remembered.notifications.values()}
    for text in remembered.texts:
        if isinstance(text, SentText):
            if remembered.statuses.get(text.message_id, ("", ""))[0] not in _ENDED:
                carrier.resume(text)
        elif text.inbound_id not in published and publisher.webhook_url is not None:
            publisher.publish(notifier.inbound(text), wait=False)
    for notification in remembered.notifications.values():
        publisher.resume(notification)

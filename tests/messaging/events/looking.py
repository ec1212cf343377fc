"""What other systems were told."""

import json
from typing import Any

from messaging.models import WebhookEvent


def happened() -> list[str]:
    """The types of all events, in order."""
    return list(WebhookEvent.objects.order_by("id").values_list("type", flat=True))


def latest() -> dict[str, Any]:
    """The newest event, as it is sent."""
    found: dict[str, Any] = json.loads(WebhookEvent.objects.latest("id").body)
    return found

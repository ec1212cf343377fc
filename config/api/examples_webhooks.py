"""Examples of webhook endpoints, of events and of their types."""

from typing import Any

_STANDING = {
    "phone_number": "+14255550182",
    "origination_identity": "+14255550100",
    "state": "opted_out",
    "since": "2026-07-01T12:00:00Z",
    "source": "sms",
}
_WISH: dict[str, Any] = {
    "name": "Dispatch",
    "url": "https://dispatch.example.com/hooks",
    "event_types": ["consent.changed", "incident.acknowledged", "incident.opened"],
}
_ENDPOINT: dict[str, Any] = {
    "id": 4,
    **_WISH,
    "active": True,
    "disabled_reason": "",
    "disabled_at": None,
    "failing_since": None,
    "next_try_at": None,
    "dropped": 0,
    "dropped_through": None,
    "delivered_at": "2026-07-01T12:00:01Z",
    "waits_since": None,
    "old_secret_until": None,
    "created_at": "2026-06-30T08:00:00Z",
}

EXAMPLES: dict[str, Any] = {
    "WebhookEndpoint": _ENDPOINT,
    # 24 bytes of nothing: nobody's secret.
    "NewWebhookEndpoint": _ENDPOINT | {"delivered_at": None, "secret": "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
    "Count": {"deliveries": 1},
    "Event": {
        "id": "evt_5f0c9d2b8e7a4c31a6d0f4e2b1c3a597",
        "type": "consent.changed",
        "occurred_at": "2026-07-01T12:00:00Z",
        "api_version": "1",
        "data": _STANDING,
        "deliveries": [
            {
                "endpoint": "Dispatch",
                "status": "delivered",
                "attempts": 1,
                "attempted_at": "2026-07-01T12:00:01Z",
                "delivered_at": "2026-07-01T12:00:01Z",
            }
        ],
    },
    "EventType": {
        "type": "consent.changed",
        "description": "Somebody has opted out or in, so that they stand otherwise than before with a number of ours.",
        "schema": {"$ref": "#/components/schemas/Consent"},
        "example": _STANDING,
    },
}

REQUESTS: dict[str, Any] = {
    "WebhookEndpoint": _WISH,
    "PatchedWebhookEndpoint": {"active": False},
    "Redeliver": {"since": "2026-07-01T00:00:00Z"},
}

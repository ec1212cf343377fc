"""Examples of alert sources, of what they deliver, of alerts and of maintenance windows."""

from typing import Any

_SOURCE: dict[str, Any] = {
    "slug": "prometheus",
    "name": "Prometheus",
    "kind": "alertmanager",
    "active": True,
    "prefix": "P",
    "grouping": "group",
    "default_policy": "Nights",
    "rules": [{"when": "severity=info", "escalation_policy": None}],
    "limit": 20,
    "limit_minutes": 10,
    "topic_arn": "",
    "key_path": "",
    "description_path": "",
    "url_path": "",
    "status_path": "",
    "resolved_values": "",
}
_WINDOW: dict[str, Any] = {
    "source": "prometheus",
    "when": "host=db-*",
    "begins_at": "2026-07-01T22:00:00Z",
    "ends_at": "2026-07-02T04:00:00Z",
    "reason": "New disks",
}

EXAMPLES: dict[str, Any] = {
    "AlertSource": _SOURCE,
    "Stored": {"detail": "1 alert is stored.", "delivery": 3071},
    "Alert": {
        "id": 8123,
        "source": "prometheus",
        "key": '{}:{alertname="PumpStopped"}',
        "state": "firing",
        "description": "Pump 4 has stopped",
        "url": "https://alertmanager.example.com",
        "labels": {"alertname": "PumpStopped", "severity": "critical", "pump": "4"},
        "received_at": "2026-07-01T09:00:30Z",
        "outcome": "opened",
        "reason": "No rule matches: the default policy Nights is asked.",
        "incident": "P17",
    },
    "MaintenanceWindow": {"id": 31, **_WINDOW, "created_by": "alice", "ended_by": ""},
}

REQUESTS: dict[str, Any] = {
    "AlertSource": {
        name: _SOURCE[name] for name in ("name", "kind", "prefix", "grouping", "default_policy", "rules", "limit")
    },
    "PatchedAlertSource": {"active": False},
    "MaintenanceWindow": _WINDOW,
    # The door takes what the source speaks; this is version 4 of Alertmanager's webhook.
    "application/json": {
        "version": "4",
        "status": "firing",
        "receiver": "textback",
        "groupKey": '{}:{alertname="PumpStopped"}',
        "truncatedAlerts": 0,
        "groupLabels": {"alertname": "PumpStopped"},
        "commonLabels": {"alertname": "PumpStopped", "severity": "critical"},
        "commonAnnotations": {"summary": "Pump 4 has stopped"},
        "externalURL": "https://alertmanager.example.com",
        "alerts": [
            {
                "status": "firing",
                "labels": {"alertname": "PumpStopped", "severity": "critical", "pump": "4"},
                "annotations": {"summary": "Pump 4 has stopped"},
                "startsAt": "2026-07-01T09:00:00Z",
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "https://prometheus.example.com/graph",
                "fingerprint": "c6eadffa33fcdf37",
            }
        ],
    },
}

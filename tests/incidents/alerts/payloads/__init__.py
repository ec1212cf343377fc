"""Payloads in the shape that each system documents, written by us."""

import json
from pathlib import Path
from typing import Any


def payload(name: str, **changed: Any) -> dict[str, Any]:
    """One of the files beside this, with some of its fields otherwise."""
    read: dict[str, Any] = json.loads((Path(__file__).parent / f"{name}.json").read_text())
    return read | changed


def resolved(name: str) -> dict[str, Any]:
    """The same once all of its alerts are resolved, as Alertmanager and Grafana say it."""
    read = payload(name, status="resolved")
    for alert in read["alerts"]:
        alert |= {"status": "resolved", "endsAt": "2026-07-01T09:20:12.345Z"}
    return read

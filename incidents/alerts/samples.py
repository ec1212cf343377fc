"""A delivery as each system would send it, for a test that staff make, and for the example of one's own JSON. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from incidents.alerts import paths
from incidents.alerts.values import Mapped, digest

_KEY = "textback-test"
_WORDS = "This is a test of the alert source"
_NEVER = "0001-01-01T00:00:00Z"


def sample(
    kind: str,
    mapped: Mapped,
    *,
    firing: bool,
    now: datetime,
    labels: Mapping[str, str] | None = None,
    words: str = _WORDS,
    key: str = _KEY,
) -> dict[str, Any]:
    """A delivery of one alert with these labels. Two with the same labels belong to one trouble."""
    labels = dict(labels or {})
    if kind == "cloudwatch":
        return _cloudwatch(firing, now, labels, words)
    if kind == "generic":
        return _generic(mapped, firing, labels, words, key)
    return _webhook(kind, firing, now, {"alertname": "TextbackTest"} | labels, words)


def _webhook(kind: str, firing: bool, now: datetime, labels: dict[str, str], words: str) -> dict[str, Any]:
    status, moment = ("firing" if firing else "resolved"), now.isoformat().replace("+00:00", "Z")
    alert = {
        "status": status,
        "labels": labels,
        "annotations": {"summary": words},
        "startsAt": moment,
        "endsAt": _NEVER if firing else moment,
        "generatorURL": "",
        "fingerprint": digest(repr(sorted(labels.items())))[:16],
    }
    return {
        "receiver": "textback",
        "status": status,
        **({"orgId": 1} if kind == "grafana" else {}),
        "alerts": [alert],
        "groupLabels": labels,
        "commonLabels": labels,
        "commonAnnotations": alert["annotations"],
        "externalURL": "",
        "version": "1" if kind == "grafana" else "4",
        "groupKey": f"{{}}:{_KEY}:{digest(repr(sorted(labels.items())))[:16]}",
        "truncatedAlerts": 0,
    }


def _cloudwatch(firing: bool, now: datetime, labels: dict[str, str], words: str) -> dict[str, Any]:
    return {
        "AlarmName": _KEY,
        "AlarmDescription": words,
        "AWSAccountId": "000000000000",
        "NewStateValue": "ALARM" if firing else "OK",
        "NewStateReason": words,
        "StateChangeTime": now.isoformat(),
        "Region": "",
        "AlarmArn": "",
        "OldStateValue": "OK" if firing else "ALARM",
        "Trigger": {"Dimensions": [{"name": name, "value": value} for name, value in labels.items()]},
    }


def _generic(mapped: Mapped, firing: bool, labels: dict[str, str], words: str, key: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for path, value in labels.items():
        _put(made, path, value)
    _put(made, mapped.key, key)
    _put(made, mapped.description, words)
    if mapped.url:
        _put(made, mapped.url, "https://example.com/")
    if mapped.status:
        _put(made, mapped.status, "firing" if firing else next(iter(sorted(mapped.resolved)), "resolved"))
    return made


def _put(made: dict[str, Any], path: str, value: str) -> None:
    """Put a value where a path says. Where the path takes a place of a list, the list is as long as it must be."""
    at: Any = made
    steps = paths.parse(path)
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        inner: Any = value if following is None else [] if following.isdigit() and len(following) < 3 else {}
        if isinstance(at, list):
            at += [{} for _ in range(int(step) + 1 - len(at))]
            at[int(step)] = inner if following is None or not isinstance(at[int(step)], type(inner)) else at[int(step)]
            at = at[int(step)]
        elif following is None or not isinstance(at.get(step), dict | list):
            at[step] = inner
            at = inner
        else:
            at = at[step]

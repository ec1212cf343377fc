"""What each system sends, read. Tables: the payloads are in the shape of each system's documentation."""

import copy
from typing import Any

import pytest

from incidents.alerts import formats
from incidents.alerts.formats import generic
from incidents.alerts.values import Mapped, Signal, Unreadable
from messaging.text import measure
from tests.incidents.alerts.payloads import payload, resolved

MAPPED = Mapped("check.id", "check.name", "check.url", "event.kind", generic.resolved_values("up, OK ,"))


def read(kind: str, content: dict[str, Any], **options: Any) -> list[Signal]:
    return list(formats.read(kind, content, **options).signals)


def test_a_group_of_alertmanager_is_one_signal() -> None:
    (signal,) = read("alertmanager", payload("alertmanager_firing"))
    assert signal.key == '{}/{severity="critical"}:{alertname="ColdStoreWarm"}'
    assert signal.state == "firing"
    assert signal.description == "ColdStoreWarm: Above 8 degrees for 5 minutes. (and 1 more)"
    assert signal.url == "https://alertmanager.example.com"
    assert signal.labels == {"alertname": "ColdStoreWarm", "severity": "critical", "job": "sensors"}


def test_each_alert_of_alertmanager_is_one_signal() -> None:
    signals = read("alertmanager", payload("alertmanager_firing"), each=True)
    assert [(one.key, one.state) for one in signals] == [
        ("3a5e1c0f9b7d2e64", "firing"),
        ("8c41d7aa02f3b95e", "firing"),
        ("f00d5aa14c6b8e21", "resolved"),
    ]
    assert signals[0].description == "ColdStoreWarm: The cold store north is at 9 degrees"
    assert signals[0].url.startswith("https://prometheus.example.com/graph")
    assert signals[0].labels["store"] == "north"


def test_a_group_that_is_resolved() -> None:
    (signal,) = read("alertmanager", resolved("alertmanager_firing"))
    assert (signal.state, signal.key) == ("resolved", read("alertmanager", payload("alertmanager_firing"))[0].key)


def test_a_group_of_one_says_what_it_says_and_links_to_its_query() -> None:
    content = payload("alertmanager_firing")
    content["alerts"] = content["alerts"][:1]
    (signal,) = read("alertmanager", content | {"commonAnnotations": {}})
    assert signal.description == "ColdStoreWarm: The cold store north is at 9 degrees"
    assert signal.url.startswith("https://prometheus.example.com/graph")
    assert signal.labels["store"] == "north"


def test_what_the_sender_left_out_is_told() -> None:
    reading = formats.read("alertmanager", payload("alertmanager_firing", truncatedAlerts=40))
    assert "left out 40 alerts" in reading.remark
    assert reading.signals[0].description.endswith("(and 41 more)")


def test_grafana_links_to_its_panel() -> None:
    (signal,) = read("grafana", payload("grafana_firing"))
    assert signal.description == "Memory of the till: The till of shop 12 runs out of memory"
    assert signal.url == "https://grafana.example.com/d/shops?orgId=1&viewPanel=4"
    assert signal.labels["team"] == "blue"
    (each,) = read("grafana", resolved("grafana_firing"), each=True)
    assert (each.key, each.state) == ("c6eadffa33fcdf37", "resolved")


@pytest.mark.parametrize(
    ("value", "state"), [("ALARM", "firing"), ("OK", "resolved"), ("INSUFFICIENT_DATA", "unchanged")]
)
def test_an_alarm_of_cloudwatch(value: str, state: str) -> None:
    (signal,) = read("cloudwatch", payload("cloudwatch_alarm", NewStateValue=value))
    assert signal.state == state
    assert signal.key == "arn:aws:cloudwatch:us-east-1:123456789012:alarm:queue-too-long"
    assert signal.description == "queue-too-long: More than 100 orders wait"
    assert signal.labels["QueueName"] == "orders"
    assert signal.labels["namespace"] == "AWS/SQS"
    assert signal.url == (
        "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#alarmsV2:alarm/queue-too-long"
    )
    assert signal.changed_at is not None
    assert signal.changed_at.isoformat() == "2026-07-01T09:05:41.337000+00:00"


def test_a_composite_alarm_has_no_trigger_and_tells_its_reason() -> None:
    (signal,) = read("cloudwatch", payload("cloudwatch_composite"))
    assert signal.description.startswith("shop-down: arn:aws:cloudwatch:eu-central-1")
    assert signal.labels["alarm"] == "shop-down"


@pytest.mark.parametrize(
    ("kind", "state"), [("DOWN", "firing"), ("up", "resolved"), ("Ok", "resolved"), ("?", "firing")]
)
def test_json_of_ones_own(kind: str, state: str) -> None:
    content = payload("generic_down")
    content["event"]["kind"] = kind
    (signal,) = read("generic", content, mapped=MAPPED)
    assert (signal.key, signal.state, signal.description) == ("81", state, "Orders")
    assert signal.url == "https://status.example.com/checks/81"
    assert signal.labels["check.name"] == "Orders"
    assert signal.labels["tags.1"] == "payments"


def test_the_end_of_a_trouble_need_not_say_what_it_was() -> None:
    (signal,) = read("generic", {"check": {"id": True}, "event": {"kind": "up"}}, mapped=MAPPED)
    assert (signal.key, signal.state) == ("true", "resolved")


def _without(name: str, field: str, *inner: Any) -> dict[str, Any]:
    content = payload(name)
    at: Any = content
    for step in inner:
        at = at[step]
    del at[field]
    return content


def _with(name: str, value: Any, *steps: Any) -> dict[str, Any]:
    content = copy.deepcopy(payload(name))
    at: Any = content
    for step in steps[:-1]:
        at = at[step]
    at[steps[-1]] = value
    return content


AM, GR, CW = "alertmanager", "grafana", "cloudwatch"
WRONG = [
    (AM, {}, "version"),
    (AM, {}, "status"),
    (AM, {}, "groupKey"),
    (AM, {}, "alerts"),
    (AM, payload("grafana_firing"), "version"),
    (AM, _with("alertmanager_firing", "3", "version"), "version"),
    (AM, _with("alertmanager_firing", 4, "version"), "version"),
    (AM, _with("alertmanager_firing", "pending", "status"), "status"),
    (AM, _with("alertmanager_firing", ["firing"], "status"), "status"),
    (AM, _with("alertmanager_firing", [], "alerts"), "alerts"),
    (AM, _with("alertmanager_firing", {"0": {}}, "alerts"), "alerts"),
    (AM, _with("alertmanager_firing", [{}] * 2001, "alerts"), "alerts"),
    (AM, _with("alertmanager_firing", "x", "alerts", 1), "alerts.1"),
    (AM, _with("alertmanager_firing", "odd", "alerts", 1, "status"), "alerts.1.status"),
    (AM, _with("alertmanager_firing", ["a"], "alerts", 0, "labels"), "alerts.0.labels"),
    (AM, _with("alertmanager_firing", {"a": []}, "alerts", 0, "labels"), "alerts.0.labels.a"),
    (AM, _with("alertmanager_firing", "many", "truncatedAlerts"), "truncatedAlerts"),
    (AM, _with("alertmanager_firing", -1, "truncatedAlerts"), "truncatedAlerts"),
    (AM, _with("alertmanager_firing", True, "truncatedAlerts"), "truncatedAlerts"),
    (GR, _without("grafana_firing", "groupKey"), "groupKey"),
    (GR, _with("grafana_firing", "   ", "groupKey"), "groupKey"),
    (CW, {}, "AlarmName"),
    (CW, _with("cloudwatch_alarm", "BROKEN", "NewStateValue"), "NewStateValue"),
    (CW, _with("cloudwatch_alarm", "yesterday", "StateChangeTime"), "StateChangeTime"),
    (CW, _with("cloudwatch_alarm", "2026-07-01T09:05:41", "StateChangeTime"), "StateChangeTime"),
    (CW, _with("cloudwatch_alarm", "2026-13-41T09:05:41Z", "StateChangeTime"), "StateChangeTime"),
    ("generic", {}, "check.id"),
    ("generic", {"check": [], "event": {"kind": "x"}}, "check.id"),
    ("generic", {"check": {"id": 1}, "event": {"kind": "x"}}, "check.name"),
    ("generic", {"check": {"id": 1, "name": {}}, "event": {"kind": "x"}}, "check.name"),
    ("generic", {"check": {"id": 1, "name": "x"}}, "event.kind"),
]


@pytest.mark.parametrize(("kind", "content", "field"), WRONG)
def test_what_can_never_be_valid_is_refused_on_its_field(kind: str, content: dict[str, Any], field: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(kind, content, mapped=MAPPED)
    assert field in refusal.value.problems


def test_one_incident_for_each_alert_needs_fingerprints_and_no_group() -> None:
    content = payload("alertmanager_firing", groupKey="")
    assert len(read("alertmanager", content, each=True)) == 3
    with pytest.raises(Unreadable) as refusal:
        read("alertmanager", _without("alertmanager_firing", "fingerprint", "alerts", 2), each=True)
    assert set(refusal.value.problems) == {"alerts.2.fingerprint"}


@pytest.mark.parametrize("kind", ["alertmanager", "grafana"])
def test_long_words_are_cut_and_links_that_are_none_left_out(kind: str) -> None:
    content = payload(
        f"{kind}_firing", commonAnnotations={"summary": "words " * 500}, externalURL="javascript:alert(1)"
    )
    for alert in content["alerts"]:
        alert |= {"generatorURL": "file:///etc/passwd", "panelURL": "", "dashboardURL": " https://x .com"}
    (signal,) = read(kind, content)
    assert measure(signal.description).parts <= 2
    assert "words..." in signal.description
    assert signal.url == ""

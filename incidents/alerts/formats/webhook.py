"""The webhooks of Prometheus Alertmanager and of Grafana, which has Alertmanager's shape with more in it. Pure.

Alertmanager: prometheus.io/docs/alerting/latest/configuration/#webhook_config , version "4".
Grafana: grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/ ,
integrations/webhook-notifier/ there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from incidents.alerts import words
from incidents.alerts.formats.fields import Fields, refuse
from incidents.alerts.values import FIRING, RESOLVED, Reading, Signal

MOST_ALERTS = 2_000
_VERSION = "4"
_ALERTMANAGERS_LINKS = ("generatorURL",)
_GRAFANAS_LINKS = ("panelURL", "dashboardURL", "generatorURL")


@dataclass(frozen=True, slots=True)
class _One:
    """An alert of a group."""

    fingerprint: str
    state: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    url: str


def alertmanager(payload: Mapping[str, Any], *, each: bool) -> Reading:
    """The alerts of one request of Alertmanager.

    Raises:
        incidents.alerts.values.Unreadable: a field is missing or wrong.
    """
    problems: dict[str, list[str]] = {}
    version = payload.get("version")
    if version != _VERSION:
        hint = " Grafana sends this: make a source of that kind." if "orgId" in payload else ""
        problems["version"] = [f'Only version "{_VERSION}" of Alertmanager\'s webhook is read.{hint}']
    return _read(payload, problems, each=each, links=_ALERTMANAGERS_LINKS)


def grafana(payload: Mapping[str, Any], *, each: bool) -> Reading:
    """The alerts of one request of a Grafana contact point. As alertmanager."""
    return _read(payload, {}, each=each, links=_GRAFANAS_LINKS)


def _read(payload: Mapping[str, Any], problems: dict[str, list[str]], *, each: bool, links: Sequence[str]) -> Reading:
    fields = Fields(payload, problems)
    state = fields.one_of("status", FIRING, RESOLVED)
    # With one incident for each alert nobody needs the group's key.
    group_key = fields.text("groupKey", required=not each)
    shared, said = fields.texts("commonLabels"), fields.texts("commonAnnotations")
    group_labels = fields.texts("groupLabels")
    left_out = fields.whole("truncatedAlerts")
    alerts = [
        _alert(Fields(alert, problems, f"alerts.{place}."), alert, links, each=each)
        for place, alert in enumerate(fields.objects("alerts", MOST_ALERTS))
    ]
    refuse(problems)
    everywhere = words.first_link([payload.get("externalURL")])
    remark = f"The sender left out {left_out} alerts of this group (its limit of alerts in one request)." * bool(
        left_out
    )
    if each:
        return Reading([_signal(alert, everywhere) for alert in alerts], remark)
    return Reading([_group(group_key, state, alerts, {**group_labels, **shared}, said, everywhere, left_out)], remark)


def _alert(fields: Fields, payload: Mapping[str, Any], links: Sequence[str], *, each: bool) -> _One:
    return _One(
        fields.text("fingerprint", required=each),
        fields.one_of("status", FIRING, RESOLVED),
        fields.texts("labels"),
        fields.texts("annotations"),
        words.first_link(payload.get(name) for name in links),
    )


def _signal(alert: _One, everywhere: str) -> Signal:
    description = words.of_alert(alert.labels, alert.annotations)
    return Signal(alert.fingerprint, alert.state, description, alert.url or everywhere, alert.labels)


def _group(
    key: str,
    state: str,
    alerts: Sequence[_One],
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    everywhere: str,
    left_out: int,
) -> Signal:
    """All alerts of a group as one: in the words they share, else in those of the first that fires."""
    firing = [alert for alert in alerts if alert.state == FIRING] or alerts
    first, others = firing[0], len(firing) - 1 + left_out
    # Of a single alert everything is common, unless the sender says otherwise.
    description = words.of_alert({**first.labels, **labels}, annotations or first.annotations, others)
    url = everywhere if others and everywhere else first.url or everywhere
    return Signal(key, state, description, url, labels if others else {**first.labels, **labels})

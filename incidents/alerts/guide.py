"""How a source is set up at its own side: steps, and what can be copied. Pure.

Alertmanager: prometheus.io/docs/alerting/latest/configuration/#webhook_config and #http_config .
Grafana: the fields of grafana.com/docs/grafana/latest/alerting/, contact points, Webhook.
CloudWatch: docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html and
docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html .
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SECRET = "THE_TOKEN"  # noqa: S105 - what stands in its place


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: words, and what is to be copied."""

    words: str
    code: str = ""


def steps(
    kind: str,
    *,
    deliver_url: str,
    sns_url: str,
    topic_arn: str = "",
    queue_arn: str = "",
    example: Mapping[str, Any] | None = None,
    secret: str = "",
) -> Sequence[Step]:
    """The steps of a kind of source.

    Args:
        kind: one of incidents.models.SourceKind.
        deliver_url: its door.
        sns_url: the webhook of SNS.
        topic_arn: of a CloudWatch source.
        queue_arn: of the queue that texts come by; blank: they come by the webhook.
        example: what may be sent, of a generic source.
        secret: a token that was just made; else something stands in its place.
    """
    token = secret or SECRET
    match kind:
        case "alertmanager":
            return _alertmanager(deliver_url, token)
        case "grafana":
            return _grafana(deliver_url, token)
        case "cloudwatch":
            return _cloudwatch(sns_url, topic_arn, queue_arn)
    return _generic(deliver_url, token, example or {})


def _alertmanager(url: str, token: str) -> Sequence[Step]:
    receiver = f"""receivers:
  - name: textback
    webhook_configs:
      - url: {url}
        send_resolved: true
        http_config:
          authorization:
            type: Bearer
            credentials: {token}"""
    route = """route:
  receiver: textback
  group_by: [alertname]
  repeat_interval: 4h"""
    return [
        Step("Put this receiver, with a token that is made here, into alertmanager.yml.", receiver),
        Step("Send the alerts that somebody must be texted about to it, with the route that suits you.", route),
        Step("Reload Alertmanager, and send a test alert from here to see whom it asks."),
    ]


def _grafana(url: str, token: str) -> Sequence[Step]:
    return [
        Step("In Grafana open Alerting, Contact points, Add contact point, and choose the integration Webhook."),
        Step("URL", url),
        Step("HTTP method", "POST"),
        Step("Authorization header, scheme", "Bearer"),
        Step("Authorization header, credentials: a token that is made here.", token),
        Step("Leave Disable resolved message unticked: incidents end by it."),
        Step("Test sends an alert named TestAlert: it asks people as any other. Then use it in a notification policy."),
    ]


def _cloudwatch(url: str, topic_arn: str, queue_arn: str) -> Sequence[Step]:
    arn = topic_arn or "TOPIC_ARN"
    if queue_arn:
        return [
            Step(
                "Have a topic for alarms alone made and subscribed by the queue that texts come by.",
                "manage.py provision_aws --sqs --alarms",
            ),
            Step("Allow it on this server, and restart receiver and workers.", f"SNS_ALARM_TOPIC_ARNS={arn}"),
            Step(
                "For a topic of your own, set that first where you run this: it lets the topic into the queue.",
                "manage.py provision_aws --sqs",
            ),
            *_alarm(arn),
        ]
    return [
        Step("Make a topic for alarms alone.", "aws sns create-topic --name textback-alarms"),
        Step("Allow it on this server, and restart web and workers.", f"SNS_ALARM_TOPIC_ARNS={arn}"),
        Step(
            "Subscribe this server to it; it confirms by itself.",
            f"aws sns subscribe --topic-arn {arn} --protocol https \\\n  --notification-endpoint {url}",
        ),
        *_alarm(arn),
    ]


def _alarm(arn: str) -> Sequence[Step]:
    return [
        Step(
            "Have each alarm notify it in both directions: its end ends the incident.",
            f"aws cloudwatch put-metric-alarm --alarm-name ... \\\n  --alarm-actions {arn} \\\n  --ok-actions {arn}",
        ),
        Step("INSUFFICIENT_DATA changes nothing. If missing data is trouble, let the alarm treat it as breaching."),
    ]


def _generic(url: str, token: str, example: Mapping[str, Any]) -> Sequence[Step]:
    body = json.dumps(example, indent=2, ensure_ascii=False).replace("'", "'\\''")
    request = (
        f"curl -X POST {url} \\\n  -H 'Authorization: Bearer {token}' \\\n"
        f"  -H 'Content-Type: application/json' \\\n  -d '{body}'"
    )
    return [
        Step("Whatever sends your JSON sends it like this, with a token that is made here:", request),
        Step("202 means that it is stored. Send again what was answered with 5xx or not at all; never a 4xx."),
    ]

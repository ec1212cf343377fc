"""CloudWatch alarms, as SNS brings them. Pure.

docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html : AlarmName, AlarmArn, NewStateValue,
StateChangeTime and more. Composite alarms have AlarmRule instead of Trigger.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from incidents.alerts import words
from incidents.alerts.formats.fields import Fields, refuse
from incidents.alerts.values import FIRING, RESOLVED, UNCHANGED, Reading, Signal

# INSUFFICIENT_DATA says that nobody knows. It neither wakes somebody nor tells them that all is well: an alarm for
# which missing data is trouble treats them as breaching, and then comes as ALARM.
_STATES = {"ALARM": FIRING, "OK": RESOLVED, "INSUFFICIENT_DATA": UNCHANGED}
_ARN = re.compile(r"arn:(aws|aws-cn|aws-us-gov):cloudwatch:([a-z0-9-]{1,30}):([0-9]{12}):alarm:(.{1,255})", re.DOTALL)
_CONSOLES = {
    "aws": "{region}.console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}


def is_alarm(payload: Mapping[str, Any]) -> bool:
    """Whether a notification's message is one of an alarm."""
    return "AlarmName" in payload and "NewStateValue" in payload


def read(payload: Mapping[str, Any]) -> Reading:
    """The alarm of one notification.

    Raises:
        incidents.alerts.values.Unreadable: a field is missing or wrong.
    """
    problems: dict[str, list[str]] = {}
    fields = Fields(payload, problems)
    name = fields.text("AlarmName", required=True)
    value = fields.one_of("NewStateValue", *_STATES)
    arn = fields.text("AlarmArn")
    changed_at = fields.moment("StateChangeTime")
    description, reason = fields.text("AlarmDescription"), fields.text("NewStateReason")
    trigger = payload.get("Trigger")
    metric = Fields(trigger if isinstance(trigger, dict) else {}, problems, "Trigger.")
    labels = {
        "alarm": name,
        "account": fields.text("AWSAccountId"),
        "region": fields.text("Region"),
        "namespace": metric.text("Namespace"),
        "metric": metric.text("MetricName"),
        **_dimensions(trigger),
    }
    # An alarm of many time series speaks of each of them by itself.
    contributor = fields.text("AlarmContributorId")
    refuse(problems)
    said = f"{name}: {description or reason}" if description or reason else name
    account = labels["account"]
    key = f"{arn or f'{account}:{name}'}#{contributor}" if contributor else arn or f"{account}:{name}"
    labels = {label: value[:500] for label, value in labels.items() if value}
    return Reading([Signal(key, _STATES[value], words.short(said), _console(arn), labels, changed_at)])


def _dimensions(trigger: Any) -> dict[str, str]:
    given = trigger.get("Dimensions") if isinstance(trigger, dict) else None
    found = {}
    for one in given[:30] if isinstance(given, list) else []:
        if isinstance(one, dict) and isinstance(one.get("name"), str) and isinstance(one.get("value"), str):
            found[one["name"][:200]] = one["value"]
    return found


def _console(arn: str) -> str:
    """The alarm's page in the console; "" when the ARN tells none."""
    found = _ARN.fullmatch(arn)
    if found is None:
        return ""
    partition, region, _, name = found.groups()
    host = _CONSOLES[partition].format(region=region)
    return f"https://{host}/cloudwatch/home?region={region}#alarmsV2:alarm/{quote(name, safe='')}"

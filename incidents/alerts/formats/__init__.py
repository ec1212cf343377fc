"""What each system sends, read: payload → Signals. One module for each system, and what they share in ``fields``."""

from collections.abc import Callable, Mapping
from typing import Any

from incidents.alerts.formats import cloudwatch, generic, webhook
from incidents.alerts.values import Mapped, Reading

# kind of source → reader(payload, each, mapped); ``each``: one signal for each alert, and not for each group.
_READERS: Mapping[str, Callable[[Mapping[str, Any], bool, Mapped], Reading]] = {
    "alertmanager": lambda payload, each, mapped: webhook.alertmanager(payload, each=each),
    "grafana": lambda payload, each, mapped: webhook.grafana(payload, each=each),
    "cloudwatch": lambda payload, each, mapped: cloudwatch.read(payload),
    "generic": lambda payload, each, mapped: generic.read(payload, mapped),
}


def read(kind: str, payload: Mapping[str, Any], *, each: bool = False, mapped: Mapped | None = None) -> Reading:
    """The alerts of a delivery.

    Args:
        kind: one of incidents.models.SourceKind.
        payload: the JSON object that came.
        each: one signal for each alert instead of one for each group, where there are groups.
        mapped: where a generic source has its fields.

    Raises:
        incidents.alerts.values.Unreadable: with the reasons field by field.
    """
    return _READERS[kind](payload, each, mapped or Mapped())

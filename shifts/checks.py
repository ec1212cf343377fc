"""System checks of the settings of shifts."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ValidationError

from messaging.validators import validate_phone_number

_NEEDED = ("CONNECT_INSTANCE_ID", "CONNECT_CONTACT_FLOW_ID")
_EITHER = ("CONNECT_QUEUE_ID", "CONNECT_SOURCE_PHONE_NUMBER")


@register(Tags.compatibility)
def check_connect(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Amazon Connect is set up wholly or not at all: half of it would send everybody to the staff, unnoticed."""
    given = {name for name in (*_NEEDED, *_EITHER) if getattr(settings, name)}
    missing = [name for name in _NEEDED if name not in given]
    if not given.intersection(_EITHER):
        missing.append(" or ".join(_EITHER))
    if not given or not missing:
        return []
    return [
        Error(
            f"Amazon Connect is set up by half: {', '.join(missing)} is missing.",
            hint="Set it as well, or unset every CONNECT_ variable; then staff call whoever texts AGENT.",
            id="shifts.E001",
        )
    ]


@register(Tags.compatibility)
def check_source_number(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """CONNECT_SOURCE_PHONE_NUMBER is a phone number."""
    number = settings.CONNECT_SOURCE_PHONE_NUMBER
    try:
        if number:
            validate_phone_number(number)
    except ValidationError as problem:
        return [
            Error(
                f"CONNECT_SOURCE_PHONE_NUMBER: {problem.messages[0]}",
                hint="Give the number in Amazon Connect that calls come from, in E.164: +14255550100.",
                id="shifts.E002",
            )
        ]
    return []

"""System checks of the incident conversation."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from incidents.models.policies import LONGEST_WAIT


@register(Tags.compatibility)
def check_wait(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The wait that incidents have without one of their own must be one that an incident may have."""
    wait = settings.INCIDENTS_WAIT_SECONDS
    if 1 <= wait <= LONGEST_WAIT:
        return []
    return [
        Error(
            f"INCIDENTS_WAIT_SECONDS is {wait}.",
            hint=f"Give the seconds to wait after each text, from 1 to {LONGEST_WAIT}.",
            id="incidents.E001",
        )
    ]

"""System checks of the project's settings: what would be dangerous, or would fail only when the first text is sent."""

import ipaddress
import os
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

INSECURE_KEY = "insecure-development-key"


@checks.register(checks.Tags.security)
def check_secret_key(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Without DEBUG the key must be secret: it signs sessions and links. Django's check --deploy sees to its length."""
    if settings.DEBUG:
        return []
    hint = 'Make one: python -c "import secrets; print(secrets.token_urlsafe(50))".'
    if settings.SECRET_KEY == INSECURE_KEY:
        return [
            checks.Error(
                "SECRET_KEY is the development key, which everybody knows, and DEBUG is off.", hint, id="config.E001"
            )
        ]
    return []


@checks.register(checks.Tags.security)
def check_debug(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """DEBUG with a database server: this is hardly somebody's own machine, and error pages would show its settings."""
    if not settings.DEBUG or settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
        return []
    return [
        checks.Warning(
            "DEBUG is on with a database server: error pages show settings and data to everybody.",
            hint="Unset DEBUG where others can reach this.",
            id="config.W002",
        )
    ]


@checks.register(checks.Tags.compatibility)
def check_aws_region(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """boto3 must find a region, or every lane pauses at its first text."""
    if _region():
        return []
    return [
        checks.Warning(
            "No AWS region is set: no text can be sent.",
            hint="Set AWS_REGION, for example AWS_REGION=us-east-1, for web and workers.",
            id="config.W003",
        )
    ]


_SHORTEST_TOKEN = 16


@checks.register(checks.Tags.security)
def check_metrics(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Who may read /metrics is said so that it means something."""
    found: list[checks.CheckMessage] = []
    if settings.METRICS_TOKEN and len(settings.METRICS_TOKEN) < _SHORTEST_TOKEN:
        hint = 'Make one: python -c "import secrets; print(secrets.token_urlsafe(32))".'
        found.append(checks.Error("METRICS_TOKEN is short enough to be guessed.", hint, id="config.E004"))
    for network in settings.METRICS_ALLOWED:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            hint = "Give addresses or networks separated by commas, for example 10.0.0.0/8,192.0.2.7."
            found.append(checks.Error(f"METRICS_ALLOWED has {network!r}, no network.", hint, id="config.E005"))
    return found


@checks.register(checks.Tags.compatibility)
def check_log_format(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """A form of the log that nobody writes would be taken for the other."""
    if os.environ.get("LOG_FORMAT", "text") in {"text", "json"}:
        return []
    return [checks.Error("LOG_FORMAT is neither text nor json.", hint="Unset it for text.", id="config.E006")]


def _region() -> str | None:
    # boto3 itself reads AWS_DEFAULT_REGION and its configuration file; AWS_REGION is what AWS's other SDKs read.
    if region := os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"):
        return region
    import botocore.session
    from botocore.exceptions import BotoCoreError

    try:
        found: str | None = botocore.session.get_session().get_config_variable("region")
    except (BotoCoreError, ImproperlyConfigured):
        return None
    return found

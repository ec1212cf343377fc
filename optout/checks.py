"""System checks of consent: installed, it must be asked; and the links to the preferences page must be good."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

from messaging import registry

_GUARD = "optout.guard.Consent"
_WORDS = "optout.replies.ConsentWords"
_MOST_DAYS = 3650
_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


@register(Tags.compatibility)
def check_plugged_in(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The guard is among the guards, and the words are heard before anybody else hears the text."""
    found: list[CheckMessage] = []
    if _GUARD not in (registry.configured("SEND_GUARDS") or []):
        found.append(
            Error(
                "Consent is installed and not asked: people who have opted out would be texted.",
                hint=f"Add {_GUARD!r} to MESSAGING['SEND_GUARDS'].",
                id="optout.E001",
            )
        )
    if next(iter(registry.configured("INTERCEPTORS") or []), None) != _WORDS:
        found.append(
            Error(
                "Consent words are not heard first: STOP could be taken for something else.",
                hint=f"Put {_WORDS!r} first in MESSAGING['INTERCEPTORS'].",
                id="optout.E002",
            )
        )
    return found


@register(Tags.compatibility)
def check_link_days(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A link works for a while, and not for ever."""
    if 1 <= settings.PREFERENCES_LINK_DAYS <= _MOST_DAYS:
        return []
    return [
        Error(
            f"PREFERENCES_LINK_DAYS is {settings.PREFERENCES_LINK_DAYS}.",
            hint=f"Give a number of days from 1 to {_MOST_DAYS}. CAN-SPAM asks for 30 at least.",
            id="optout.E003",
        )
    ]


@register(Tags.security)
def check_public_url(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Links go over HTTPS: whoever reads one on its way may opt that phone out and in."""
    url = urlsplit(settings.PUBLIC_URL)
    if not settings.PUBLIC_URL or (url.scheme == "https" and url.hostname):
        return []
    if url.scheme == "http" and url.hostname in _THIS_MACHINE:
        return []
    return [
        checks.Warning(
            f"PUBLIC_URL is {settings.PUBLIC_URL}: links to the preferences page would not be https:// links.",
            hint="Set it to the address where people reach Textback: https://textback.example.com",
            id="optout.W004",
        )
    ]

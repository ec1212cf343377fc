"""Consent: STOP and JOIN, who may be texted, and the history of both."""

from django.apps import AppConfig


class OptoutConfig(AppConfig):
    """Self-managed consent."""

    name = "optout"
    verbose_name = "Consent"

    def ready(self) -> None:
        """Register the system checks."""
        from optout import checks  # noqa: F401

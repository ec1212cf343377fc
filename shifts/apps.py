"""Shifts: HR texts what is open, employees book it by texting a code."""

from django.apps import AppConfig


class ShiftsConfig(AppConfig):
    """The conversation about shifts."""

    name = "shifts"
    verbose_name = "Shifts"

    def ready(self) -> None:
        """Register the system checks."""
        from shifts import checks  # noqa: F401

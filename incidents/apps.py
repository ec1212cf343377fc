"""Incidents: an engineer is texted, answers YES or NO, is reminded, the next one is tried."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """The incident conversation."""

    name = "incidents"
    verbose_name = "Incidents"

    def ready(self) -> None:
        """Register the system checks."""
        from incidents import checks  # noqa: F401

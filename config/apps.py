"""The project itself as an app: its system checks, its commands."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """What belongs to the project and to no reusable app."""

    name = "config"
    verbose_name = "Textback"

    def ready(self) -> None:
        """Register the system checks."""
        from config import checks  # noqa: F401 - registers itself

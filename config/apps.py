"""The project itself as an app: its system checks, its commands."""

from django.apps import AppConfig
from django.conf import settings

from config import sentry


class ProjectConfig(AppConfig):
    """What belongs to the project and to no reusable app."""

    name = "config"
    verbose_name = "Textback"

    def ready(self) -> None:
        """Register the system checks and the schema's words for our tokens; let nothing unmasked into the logs."""
        from config import checks  # noqa: F401 - registers itself
        from config.logs import mask_what_nobody_caught
        from config.security import schema  # noqa: F401 - likewise

        mask_what_nobody_caught()
        # After it: what nobody caught is told there as well.
        if settings.SENTRY_DSN:
            sentry.start(settings.SENTRY_DSN, environment=settings.SENTRY_ENVIRONMENT)

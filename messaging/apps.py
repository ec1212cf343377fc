"""The ground floor: sends texts, hears replies, wakes whoever has work."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class MessagingConfig(AppConfig):
    """Registers the system checks, and the default number of ORIGINATION_IDENTITY at migrate."""

    name = "messaging"
    verbose_name = "Messaging"

    def ready(self) -> None:
        from messaging import checks  # noqa: F401 - registers itself
        from messaging.numbers import ensure_default_identity

        post_migrate.connect(ensure_default_identity, sender=self)

"""What the project itself keeps in the database: what is known of API tokens beside knox's own row."""

from django.db import models


class TokenDetails(models.Model):
    """What an API token is for, who made it, and whether anybody still uses it. A token may be without."""

    token = models.OneToOneField("knox.AuthToken", on_delete=models.CASCADE, primary_key=True, related_name="details")
    name = models.CharField(
        max_length=100, blank=True, help_text="Which system has it, for example: monitoring in Oslo."
    )
    # A username; blank when the command line made it.
    made_by = models.CharField(max_length=150, blank=True)
    # To within ten minutes: config.security.tokens.
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name or "A token"

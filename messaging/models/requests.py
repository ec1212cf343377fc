"""Requests of the API that must not be done twice: their keys, and what was answered."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class RememberedRequest(models.Model):
    """A POST with an Idempotency-Key: being worked on, or done and answered. Written by messaging.remembering alone.

    Who asks is the user, not the token: a client that takes a new token in the middle must not do things twice.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    # SHA-256 of method, address and what the body says.
    fingerprint = models.CharField(max_length=64)
    # Which attempt works on it: only that one may write the answer.
    claim = models.CharField(max_length=32)
    claimed_at = models.DateTimeField()
    created_at = models.DateTimeField()
    # Null while it is worked on.
    status_code = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)

    class Meta:
        constraints = [
            # Two at once: one has it, the other is told. Finds a key.
            models.UniqueConstraint(fields=["user", "key"], name="messaging_one_request_of_a_key"),
            models.CheckConstraint(
                condition=Q(status_code__isnull=True) | Q(status_code__gte=200, status_code__lt=300),
                name="messaging_only_success_is_remembered",
            ),
        ]
        # What is to be forgotten: created_at < …, oldest first.
        indexes = [models.Index(fields=["created_at"], name="messaging_request_age")]

    def __str__(self) -> str:
        return f"{self.key} of {self.user_id}"

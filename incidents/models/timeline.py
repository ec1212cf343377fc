"""What happened to an incident, in order."""

from django.db import models
from django.db.models import Q

from incidents.models.incidents import Incident


class Kind(models.TextChoices):
    """What an entry tells."""

    OPENED = "opened", "Opened"
    # Texts of ours, as they are queued.
    ALERT = "alert", "Alert"
    REMINDER = "reminder", "Reminder"
    NOTICE = "notice", "Notice"
    ANSWER = "answer", "Answer"
    # What became of them.
    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"
    SUPPRESSED = "suppressed", "Suppressed"
    EXPIRED = "expired", "Expired"
    WITHDRAWN = "withdrawn", "Withdrawn"
    UNKNOWN = "unknown", "Unknown"
    # What people said and did, and what followed.
    REPLY = "reply", "Reply"
    NOTE = "note", "Note"
    DECLINED = "declined", "Declined"
    ESCALATED = "escalated", "Escalated"
    ALREADY_ESCALATED = "already_escalated", "Already escalated"
    UNREACHABLE = "unreachable", "Could not be reached"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    UNACKNOWLEDGED = "unacknowledged", "Unacknowledged"
    CANCELLED = "cancelled", "Cancelled"
    RESOLVED = "resolved", "Resolved"
    TROUBLE = "trouble", "Trouble"


class TimelineEntry(models.Model):
    """One line of the timeline. Append-only.

    ``key`` is set where the same news may come twice ("sent:12" of outbound text 12, "reply:<inbound id>"): the
    second is not written. ``message_id`` is the id of an outbound text, a plain number: the timeline outlives it.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="timeline")
    at = models.DateTimeField()
    kind = models.CharField(max_length=17, choices=Kind)
    phone_number = models.CharField(max_length=20, blank=True)
    actor = models.CharField(max_length=150, blank=True)
    text = models.TextField(blank=True)
    message_id = models.BigIntegerField(null=True, blank=True)
    key = models.CharField(max_length=150, blank=True)

    class Meta:
        verbose_name_plural = "timeline entries"
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="incidents_timeline_kind"),
            models.UniqueConstraint(
                fields=["incident", "key"], condition=~Q(key=""), name="incidents_timeline_once_by_key"
            ),
        ]
        indexes = [
            # the timeline of one incident, in order.
            models.Index(fields=["incident", "at", "id"], name="incidents_timeline_order"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.phone_number}".strip()

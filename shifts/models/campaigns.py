"""Campaigns: one text to everybody of a segment, in each person's language."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from shifts.models.people import Segment
from shifts.models.shifts import Shift

ID_PATTERN = r"[A-Za-z0-9](?:[A-Za-z0-9._:-]{0,62}[A-Za-z0-9])?"


class Status(models.TextChoices):
    """Where a campaign is. Written by shifts.campaigns.lifecycle only."""

    DRAFT = "draft", "Draft"  # nothing happens until somebody sends it
    SCHEDULED = "scheduled", "Scheduled"  # sent when its time comes
    SENDING = "sending", "Sending"  # its texts are being queued, or wait for their number
    PAUSED = "paused", "Paused"  # no further text leaves until it is resumed
    SENT = "sent", "Sent"  # every text has left or has ended
    CANCELLED = "cancelled", "Cancelled"  # no further text leaves, ever


class Campaign(models.Model):
    """A text to everybody of a segment, and how far it is.

        draft ─► scheduled ─► sending ─► sent
          └─────────┬──────────▲  │ ▲
                    │          │  ▼ │
                    │          │ paused
                    └─► cancelled ◄┘

    Its texts are rows of the outbox with the campaign's id as subject; figures are counted from them.
    """

    campaign_id = models.CharField(
        "campaign id",
        max_length=64,
        unique=True,
        validators=[
            RegexValidator(
                rf"\A{ID_PATTERN}\Z",
                "An id has up to 64 letters, digits and . _ : -, and begins and ends with a letter or digit.",
            )
        ],
    )
    campaign_message = models.TextField("message")
    footer = models.TextField(
        blank=True, help_text="How to book. {codes} becomes the codes of the shifts. Empty: the usual words."
    )
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="campaigns")
    follows = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="follow_ups",
        help_text="The campaign whose people are texted again: those who have not answered it. "
        "Empty: everybody of the segment.",
    )
    shifts = models.ManyToManyField(Shift, blank=True, related_name="campaigns")
    origination_identity = models.CharField(max_length=20, blank=True)
    scheduled_at = models.DateTimeField(null=True, blank=True)
    content_hash = models.CharField(max_length=64, editable=False)

    status = models.CharField(max_length=9, choices=Status, default=Status.DRAFT)
    # The text as it is sent, made when sending begins: later edits of footer or shifts do not bend a running campaign.
    text = models.TextField(blank=True)
    # The same for those whose language has another: language → text. Whoever is not in it reads `text`.
    texts_by_language = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    # Language → people whose rows are made; "" is whoever has none. Written with the rows.
    people_by_language = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    # Members up to cursor have their rows; those above last_member joined after sending began. Members are rows of
    # the segment, or the first campaign's texts where this one follows it.
    cursor = models.BigIntegerField(default=0, editable=False)
    last_member = models.BigIntegerField(null=True, editable=False)
    # Texts of a paused or cancelled campaign are still being taken out of their lanes, or one is still under way.
    settling = models.BooleanField(default=False, editable=False)
    problem = models.CharField(max_length=300, blank=True, help_text="Why it could not be sent.")

    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    expanded_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="shifts_campaign_status"),
            models.CheckConstraint(
                condition=~Q(status="scheduled") | Q(scheduled_at__isnull=False), name="shifts_scheduled_has_time"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["sending", "paused", "sent"]) | (Q(started_at__isnull=False) & ~Q(text="")),
                name="shifts_sending_has_text",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["sent", "cancelled"], ended_at__isnull=False)
                | (~Q(status__in=["sent", "cancelled"]) & Q(ended_at__isnull=True)),
                name="shifts_campaign_end_has_time",
            ),
        ]
        indexes = [
            # work.Campaigns: scheduled ones whose time has come.
            models.Index(fields=["scheduled_at"], condition=Q(status="scheduled"), name="shifts_campaign_due"),
            # work.Campaigns: those under way.
            models.Index(fields=["id"], condition=Q(status="sending") | Q(settling=True), name="shifts_campaign_work"),
        ]

    def __str__(self) -> str:
        return self.campaign_id


class CampaignVersion(models.Model):
    """What staff have written of a campaign in a further language. Written by shifts.campaigns.lifecycle.

    Once sending has begun it says nothing any more: `Campaign.texts_by_language` does.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="versions")
    language = models.CharField(max_length=10, help_text="One that texts are shipped in: settings.LANGUAGES.")
    message = models.TextField()
    footer = models.TextField(blank=True, help_text="How to book. Empty: the usual words in this language.")

    class Meta:
        ordering = ["language"]
        # It is read and written with its campaign, by who may do that.
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["campaign", "language"], name="shifts_one_version_of_a_language"),
            models.CheckConstraint(
                condition=Q(language__in=[code for code, _ in settings.LANGUAGES]), name="shifts_version_language"
            ),
            models.CheckConstraint(condition=~Q(message=""), name="shifts_version_has_message"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.language}"


class CampaignAct(models.Model):
    """Who brought a campaign where, or edited it there, and when. Written by shifts.campaigns.lifecycle."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="acts")
    at = models.DateTimeField()
    status = models.CharField(max_length=9, choices=Status)
    actor = models.CharField(max_length=150, blank=True, help_text="Who of the staff; blank when time or work did.")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.status}"

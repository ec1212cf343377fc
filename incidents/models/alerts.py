"""What monitoring systems sent: deliveries as they came, each alert of them, and troubles that repeats belong to."""

from django.db import models
from django.db.models import Q

from incidents.models.alert_sources import AlertSource, MaintenanceWindow
from incidents.models.incidents import Incident

LONGEST_RAW = 32_000


class AlertState(models.TextChoices):
    """What an alert says of its trouble."""

    FIRING = "firing", "Firing"
    RESOLVED = "resolved", "Resolved"
    UNCHANGED = "unchanged", "No news"


class Outcome(models.TextChoices):
    """What came of an alert. Written by incidents.alerts.handling only."""

    WAITING = "waiting", "Waiting"
    OPENED = "opened", "Opened an incident"
    REPEAT = "repeat", "Repeat"
    CLOSED = "closed", "Closed an incident"
    SILENCED = "silenced", "In a maintenance window"
    OVER_LIMIT = "over_limit", "Over the limit"
    IGNORED = "ignored", "Nobody to ask"
    NOTHING = "nothing", "Nothing to do"
    LATE = "late", "Outdated"
    FAILED = "failed", "Failed"


class Hold(models.TextChoices):
    """Why a trouble has no incident of its own."""

    NONE = "", "Not held"
    WINDOW = "window", "Maintenance window"
    STORM = "storm", "Over the limit"


class AlertDelivery(models.Model):
    """One request, or one SNS notification, as it came. Append-only. ``raw`` is its beginning."""

    source = models.ForeignKey(AlertSource, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    received_at = models.DateTimeField()
    sns_message_id = models.CharField(max_length=100, null=True, blank=True, unique=True)
    raw = models.TextField()
    size = models.PositiveIntegerField(help_text="Of the whole body, in characters.")
    alerts_count = models.PositiveIntegerField("alerts", default=0)
    refused = models.BooleanField(default=False)
    remark = models.TextField(blank=True, help_text="Why it was refused, or what its sender left out.")

    class Meta:
        verbose_name_plural = "alert deliveries"
        ordering = ["-id"]
        indexes = [
            # the admin's list of one source, newest first; and of those refused.
            models.Index(fields=["source", "-id"], name="incidents_delivery_source"),
            models.Index(fields=["-id"], condition=Q(refused=True), name="incidents_delivery_refused"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"


class Trouble(models.Model):
    """What firing, repeats and resolution of one key are about, from the first firing to the end.

    ``digest`` is of the key of deduplication: at most one trouble of a source is open for each. ``storm`` is the
    trouble whose incident speaks for those over the limit; that one ``is_storm``.
    """

    source = models.ForeignKey(AlertSource, on_delete=models.PROTECT, related_name="troubles")
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    description = models.TextField()
    url = models.CharField(max_length=2000, blank=True)
    labels = models.JSONField(default=dict)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="troubles", null=True, blank=True)
    incident_at = models.DateTimeField(null=True, blank=True)
    hold = models.CharField(max_length=6, choices=Hold, default=Hold.NONE, blank=True)
    window = models.ForeignKey(MaintenanceWindow, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    storm = models.ForeignKey("self", on_delete=models.PROTECT, related_name="over", null=True, blank=True)
    is_storm = models.BooleanField(default=False)
    told = models.PositiveIntegerField(default=0, help_text="A storm: how many alerts its incident has told of.")
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()
    repeats = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "digest"], condition=Q(closed_at__isnull=True), name="incidents_trouble_open_once"
            ),
            models.CheckConstraint(
                condition=Q(hold="", incident__isnull=False, incident_at__isnull=False)
                | (~Q(hold="") & Q(incident__isnull=True, incident_at__isnull=True)),
                name="incidents_trouble_held_or_incident",
            ),
            models.CheckConstraint(
                condition=~Q(hold="window") | Q(window__isnull=False), name="incidents_trouble_names_its_window"
            ),
        ]
        indexes = [
            # handling: how many incidents a source has opened of late.
            models.Index(fields=["source", "incident_at"], name="incidents_trouble_pace"),
            # windows.over and storms.untold: what is held and goes on.
            models.Index(
                fields=["hold", "source"],
                condition=Q(closed_at__isnull=True) & ~Q(hold=""),
                name="incidents_trouble_held",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Alert(models.Model):
    """One alert of a delivery, read; the work list of incidents.alerts. ``outcome`` begins as waiting.

    ``changed_at`` is the moment of the change itself, where the source tells it in an order that can be relied on.
    """

    delivery = models.ForeignKey(AlertDelivery, on_delete=models.CASCADE, related_name="alerts")
    source = models.ForeignKey(AlertSource, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=9, choices=AlertState)
    description = models.TextField()
    url = models.CharField("link", max_length=2000, blank=True)
    labels = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.WAITING)
    reason = models.TextField(blank=True, help_text="Why, where the outcome does not say it all.")
    trouble = models.ForeignKey(Trouble, on_delete=models.SET_NULL, related_name="alerts", null=True, blank=True)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="alerts", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="incidents_alert_outcome"),
            models.CheckConstraint(condition=Q(state__in=AlertState.values), name="incidents_alert_state"),
        ]
        indexes = [
            # incidents.audit, figures: what waits, and since when.
            models.Index(fields=["not_before", "id"], condition=Q(outcome="waiting"), name="incidents_alert_waiting"),
            # handling: which sources have alerts that wait, and the next of one of them.
            models.Index(fields=["source", "id"], condition=Q(outcome="waiting"), name="incidents_alert_turn"),
            # lists of admin and API: of one source, of one outcome.
            models.Index(fields=["source", "-id"], name="incidents_alert_source"),
            models.Index(fields=["outcome", "-id"], name="incidents_alert_outcome_id"),
            # handling: whether a key has had newer news.
            models.Index(fields=["source", "digest", "-id"], name="incidents_alert_key"),
        ]

    def __str__(self) -> str:
        return self.description[:80] or self.key

"""Systems that report alerts: how each is read, whom its alerts ask, the keys to its door, and its quiet times."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

from incidents.alerts import matching, paths
from incidents.models.policies import EscalationPolicy

SLUG = r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?"


def valid_matchers(text: str) -> None:
    """Raises ValidationError for what is no list of conditions."""
    try:
        matching.parse(text)
    except ValueError as problem:
        raise ValidationError(str(problem)) from problem


def valid_path(text: str) -> None:
    """Raises ValidationError for what is no path into JSON."""
    try:
        paths.parse(text)
    except ValueError as problem:
        raise ValidationError(str(problem)) from problem


class SourceKind(models.TextChoices):
    """What a source speaks."""

    ALERTMANAGER = "alertmanager", "Prometheus Alertmanager"
    GRAFANA = "grafana", "Grafana alerting"
    CLOUDWATCH = "cloudwatch", "CloudWatch alarms"
    GENERIC = "generic", "JSON of your own"


class Grouping(models.TextChoices):
    """What becomes one incident."""

    GROUP = "group", "One incident for each group of alerts"
    ALERT = "alert", "One incident for each alert"


class AlertSource(models.Model):
    """A system that opens and closes incidents by itself. ``last_number`` counts the incidents that it opened."""

    name = models.CharField(max_length=100, unique=True, help_text="As staff know it. It stands on the timelines.")
    slug = models.CharField(
        "address",
        max_length=50,
        unique=True,
        validators=[RegexValidator(rf"\A{SLUG}\Z", "Small letters, digits and hyphens, at most 50.")],
        help_text="The part of its address that names it. Small letters, digits and hyphens.",
    )
    kind = models.CharField(max_length=12, choices=SourceKind)
    active = models.BooleanField(default=True, help_text="What a source that is off sends is refused.")
    prefix = models.CharField(
        max_length=6,
        unique=True,
        validators=[RegexValidator(r"\A[A-Z]{1,6}\Z", "One to six capital letters.")],
        help_text="Ids of its incidents begin with it: P makes P1, P2 and so on. People type them: keep it short.",
    )
    grouping = models.CharField(max_length=5, choices=Grouping, default=Grouping.GROUP, blank=True)
    policy = models.ForeignKey(
        EscalationPolicy,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="default policy",
        help_text="Whom an alert asks that no rule matches. Empty: such an alert is recorded, and nobody is asked.",
    )
    limit = models.PositiveSmallIntegerField(
        default=20,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text="At most so many new incidents in the time below; one more says how many alerts were over it.",
    )
    limit_minutes = models.PositiveSmallIntegerField(
        "in minutes", default=10, validators=[MinValueValidator(1), MaxValueValidator(1440)]
    )
    topic_arn = models.CharField(
        "SNS topic",
        max_length=300,
        blank=True,
        help_text="CloudWatch only: the ARN of the topic. SNS_ALARM_TOPIC_ARNS must have it as well.",
    )
    key_path = models.CharField(
        max_length=200, blank=True, validators=[valid_path], help_text="What tells one trouble from another."
    )
    description_path = models.CharField(
        max_length=200, blank=True, validators=[valid_path], help_text="What people read."
    )
    url_path = models.CharField(
        "link path", max_length=200, blank=True, validators=[valid_path], help_text="May be left empty."
    )
    status_path = models.CharField(
        max_length=200, blank=True, validators=[valid_path], help_text="Empty: whatever comes is an alert."
    )
    resolved_values = models.CharField(
        max_length=200,
        blank=True,
        default="resolved, ok",
        help_text="Values of the status that end an incident, with commas between. Any other opens one.",
    )
    last_number = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=SourceKind.values), name="incidents_source_kind"),
            models.CheckConstraint(
                condition=Q(limit__gte=1, limit_minutes__gte=1), name="incidents_source_limit_is_a_limit"
            ),
            models.UniqueConstraint(fields=["topic_arn"], condition=~Q(topic_arn=""), name="incidents_source_topic"),
            # Without them nothing that it sends could be read.
            models.CheckConstraint(
                condition=~Q(kind="generic") | (~Q(key_path="") & ~Q(description_path="")),
                name="incidents_source_generic_has_paths",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AlertRule(models.Model):
    """Whom alerts with certain labels ask. The first rule that matches decides."""

    source = models.ForeignKey(AlertSource, on_delete=models.CASCADE, related_name="rules")
    position = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)], help_text="1 is tried first.")
    matchers = models.CharField(
        "when",
        max_length=300,
        validators=[valid_matchers],
        help_text="severity=critical, team!=web, host=db-*: all must hold.",
    )
    policy = models.ForeignKey(
        EscalationPolicy,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        help_text="Empty: such alerts are recorded, and nobody is asked.",
    )

    class Meta:
        ordering = ["source", "position"]
        constraints = [
            models.UniqueConstraint(fields=["source", "position"], name="incidents_rule_position"),
        ]

    def __str__(self) -> str:
        return f"rule {self.position}"


class AlertToken(models.Model):
    """A key to the door of one source. Only its hash is kept; ``begins`` is as much of it as is known."""

    source = models.ForeignKey(AlertSource, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100, help_text="Who uses it: the server that sends.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    begins = models.CharField(max_length=12, editable=False)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=150, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["source", "-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.begins}…)"


class MaintenanceWindow(models.Model):
    """A time in which alerts are recorded and nobody is texted. It is never edited; ending it moves ``ends_at``."""

    source = models.ForeignKey(
        AlertSource,
        on_delete=models.PROTECT,
        related_name="windows",
        null=True,
        blank=True,
        help_text="Empty: all sources.",
    )
    matchers = models.CharField(
        "when",
        max_length=300,
        blank=True,
        validators=[valid_matchers],
        help_text="Only alerts with these labels: host=db-*. Empty: all.",
    )
    begins_at = models.DateTimeField("from")
    ends_at = models.DateTimeField("to")
    reason = models.CharField(max_length=300)
    created_at = models.DateTimeField(editable=False)
    created_by = models.CharField("made by", max_length=150, blank=True, editable=False)
    ended_by = models.CharField("ended early by", max_length=150, blank=True, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("begins_at")), name="incidents_window_ends_after_it_begins"
            ),
        ]
        indexes = [
            # windows.active: those that are not over.
            models.Index(fields=["ends_at"], name="incidents_window_ends"),
        ]

    def __str__(self) -> str:
        return self.reason[:60]

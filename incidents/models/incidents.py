"""A running incident and its own copy of the steps."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Case, F, Q, Value, When

from incidents.models.policies import LONGEST_WAIT

ID_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}"


class Status(models.TextChoices):
    """Where an incident is. Written by incidents.lifecycle only."""

    NOT_ACKNOWLEDGED = "not_acknowledged", "Not acknowledged"  # open: somebody is being asked
    ACKNOWLEDGED = "acknowledged", "Acknowledged"  # somebody has it
    UNACKNOWLEDGED = "unacknowledged", "Unacknowledged"  # nobody left to ask: logged for review
    CANCELLED = "cancelled", "Cancelled"  # staff withdrew it before anybody had it
    RESOLVED = "resolved", "Resolved"  # staff closed it


class State(models.TextChoices):
    """What one contact of one step is to an incident."""

    PENDING = "pending", "Not asked yet"
    TEXTED = "texted", "Text on its way"  # queued; AWS has not accepted it yet
    NOTIFIED = "notified", "Notified"  # AWS accepted a text that asks them
    FAILED = "failed", "Not reached"  # the latest text to them failed for good, or they opted out
    DECLINED = "declined", "Declined"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"


class Incident(models.Model):
    """Something somebody must take. Never deleted: its id answers for ever.

        not_acknowledged ─┬─► acknowledged ───┐
                          ├─► unacknowledged ─┼─► resolved
                          │     └─► acknowledged (late)
                          └─► cancelled ──────┘

    While not_acknowledged, either ``next_step_at`` is set, or a text to the current step has not settled yet: a wait
    begins when AWS accepts a text. ``step`` is the position of the current step (0: not begun), ``stage`` counts the
    reminders it has had.
    """

    incident_id = models.CharField(
        "incident id",
        max_length=64,
        unique=True,
        validators=[
            RegexValidator(
                rf"\A{ID_PATTERN}\Z",
                "An id begins with a letter or digit and has up to 64 letters, digits and . _ : / - in all.",
            )
        ],
    )
    description = models.TextField()
    url = models.CharField("link", max_length=500, blank=True)
    policy = models.CharField(max_length=100, blank=True, help_text="Name of the policy it was opened with.")
    wait_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="Chosen for this incident; empty: as its policy says."
    )
    origination_identity = models.CharField(max_length=20, blank=True)
    content_hash = models.CharField(max_length=64, editable=False)

    status = models.CharField(max_length=16, choices=Status, default=Status.NOT_ACKNOWLEDGED)
    double_escalation = models.BooleanField(
        default=False, help_text="Somebody declined or asked to escalate what was already escalated."
    )
    late = models.BooleanField(default=False, help_text="Acknowledged only after it was logged for review.")
    step = models.PositiveSmallIntegerField(default=0)
    stage = models.PositiveSmallIntegerField(default=0)
    next_step_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(
        default=0, help_text="Times in a row that its next step could not be run; it is tried again."
    )

    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=150, blank=True)
    first_text_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.CharField(max_length=150, blank=True, help_text="Phone number or staff username.")
    ended_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    # An open incident before one logged for review, before one somebody has, before what is over. A column, because an
    # index can hold it: the list of a million begins as quickly as that of ten.
    urgency = models.GeneratedField(
        expression=Case(
            When(status="not_acknowledged", then=Value(0)),
            When(status="unacknowledged", then=Value(1)),
            When(status="acknowledged", then=Value(2)),
            default=Value(3),
        ),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="incidents_status"),
            models.CheckConstraint(
                condition=Q(status="not_acknowledged", ended_at__isnull=True)
                | (~Q(status="not_acknowledged") & Q(ended_at__isnull=False, next_step_at__isnull=True)),
                name="incidents_ended_means_no_clock",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by="")
                | (Q(acknowledged_at__isnull=False) & ~Q(acknowledged_by="")),
                name="incidents_acknowledged_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(status="resolved")
                | Q(status="acknowledged", acknowledged_at__isnull=False)
                | (~Q(status__in=["resolved", "acknowledged"]) & Q(acknowledged_at__isnull=True)),
                name="incidents_acknowledged_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(status="resolved", resolved_at__isnull=False)
                | (~Q(status="resolved") & Q(resolved_at__isnull=True)),
                name="incidents_resolved_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(late=False) | Q(acknowledged_at__isnull=False, acknowledged_at__gte=F("ended_at")),
                name="incidents_late_is_after_the_end",
            ),
        ]
        indexes = [
            # lifecycle.run_due and work.DueIncidents: whose wait is over, the longest overdue first.
            models.Index(fields=["next_step_at"], condition=Q(next_step_at__isnull=False), name="incidents_due"),
            # admin and API lists by status and by time.
            models.Index(fields=["status", "opened_at"], name="incidents_status_opened"),
            models.Index(fields=["opened_at"], name="incidents_opened"),
            # the admin's list: the most urgent first, then the newest; of all, and of one policy.
            models.Index(fields=["urgency", "-opened_at", "-id"], name="incidents_urgency"),
            models.Index(fields=["policy", "urgency", "-opened_at", "-id"], name="incidents_policy_urgency"),
        ]

    def __str__(self) -> str:
        return self.incident_id

    @property
    def is_open(self) -> bool:
        """Whether somebody is still being asked."""
        return self.status == Status.NOT_ACKNOWLEDGED


class IncidentStep(models.Model):
    """A step as the policy had it when the incident opened."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    wait_seconds = models.PositiveIntegerField()
    reminders = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["incident", "position"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "position"], name="incidents_step_position"),
            models.CheckConstraint(
                condition=Q(wait_seconds__gte=1, wait_seconds__lte=LONGEST_WAIT), name="incidents_step_wait"
            ),
            models.CheckConstraint(condition=Q(position__gte=1), name="incidents_step_from_one"),
        ]

    def __str__(self) -> str:
        return f"step {self.position}"


class IncidentContact(models.Model):
    """A person of one step, with name and language as they were when the incident opened.

    ``awaiting`` says that a text of the current stage has neither been accepted by AWS nor failed for good;
    ``settled_at`` is the moment the latest one did.
    """

    step = models.ForeignKey(IncidentStep, on_delete=models.CASCADE, related_name="contacts")
    phone_number = models.CharField(max_length=16)
    name = models.CharField(max_length=150, blank=True)
    language = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    awaiting = models.BooleanField(default=False)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["step__position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["step", "phone_number"], name="incidents_contact_once_in_a_step"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="incidents_contact_state"),
        ]
        indexes = [
            # selectors.of_sender: the incidents that a person who texts us is a contact of.
            models.Index(fields=["phone_number"], name="incidents_contact_phone"),
        ]

    def __str__(self) -> str:
        return self.name or self.phone_number

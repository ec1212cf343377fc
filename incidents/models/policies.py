"""Escalation policies: whom to ask, in which order, and how long to wait."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from messaging.models import Contact

LONGEST_WAIT = 86_400
MOST_REMINDERS = 20


def default_wait() -> int:
    """The wait of a step for which nobody chose one."""
    return int(settings.INCIDENTS_WAIT_SECONDS)


class EscalationPolicy(models.Model):
    """A named list of steps. An incident copies it when it opens, so an edit never bends a running one."""

    name = models.CharField(
        max_length=100,
        unique=True,
        # The name is the policy's id in the URLs of the API.
        validators=[RegexValidator(r"\A[^/\s](?:[^/]*[^/\s])?\Z", "A name has no slash, and no space at its ends.")],
    )
    description = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "escalation policies"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PolicyStep(models.Model):
    """One step: the people texted together, how often they are reminded, and the wait after each text."""

    policy = models.ForeignKey(EscalationPolicy, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)], help_text="1 is asked first.")
    contacts = models.ManyToManyField(Contact, related_name="+", help_text="Texted together.")
    wait_seconds = models.PositiveIntegerField(
        default=default_wait,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_WAIT)],
        help_text="Seconds to wait for an answer after each text.",
    )
    reminders = models.PositiveSmallIntegerField(
        default=1, validators=[MaxValueValidator(MOST_REMINDERS)], help_text="Reminders before the next step."
    )

    class Meta:
        ordering = ["policy", "position"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "position"], name="incidents_policy_step_position"),
            models.CheckConstraint(
                condition=Q(wait_seconds__gte=1, wait_seconds__lte=LONGEST_WAIT), name="incidents_policy_step_wait"
            ),
            models.CheckConstraint(condition=Q(position__gte=1), name="incidents_policy_step_from_one"),
        ]

    def __str__(self) -> str:
        return f"step {self.position}"

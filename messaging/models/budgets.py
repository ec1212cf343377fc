"""What may be spent in a month, and what was spent in each hour."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from messaging.models.numbers import OriginationIdentity


class Budget(models.Model):
    """What texts may cost in a calendar month, from one number or from all together.

    The state (from ``level`` on) is written by messaging.budgets.enforcing only.
    """

    class Level(models.TextChoices):
        WITHIN = "within", "Within"
        WARNED = "warned", "Nearly used up"
        REACHED = "reached", "Used up"

    origination_identity = models.OneToOneField(
        OriginationIdentity,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="budget",
        verbose_name="number",
        help_text="Empty: for all numbers together.",
    )
    amount = models.DecimalField(
        "a month",
        max_digits=12,
        decimal_places=2,
        validators=[MinValueValidator(0)],
        help_text="Carrier fees included.",
    )
    currency = models.CharField(
        max_length=3,
        default="USD",
        validators=[RegexValidator(r"\A[A-Z]{3}\Z", "Give the three capital letters of ISO 4217, for example USD.")],
    )
    warn_percent = models.PositiveSmallIntegerField(
        "warn at",
        default=80,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="Percent of the budget at which staff are warned.",
    )
    stops_campaigns = models.BooleanField(
        default=True,
        help_text="When it is used up, texts of campaigns wait until it is raised or the month is over. Incidents, "
        "answers and confirmations are never stopped.",
    )
    level = models.CharField(max_length=7, choices=Level, default=Level.WITHIN, editable=False)
    spent = models.DecimalField(max_digits=14, decimal_places=6, default=0, editable=False)
    counted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["origination_identity__identity"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="messaging_budget_not_negative"),
            models.UniqueConstraint(
                models.F("currency"),
                condition=Q(origination_identity__isnull=True),
                name="messaging_one_budget_for_all",
                violation_error_message="There is a budget for all numbers in this currency already.",
            ),
        ]

    def __str__(self) -> str:
        whose = self.origination_identity or "All numbers"
        return f"{whose}: {self.amount} {self.currency} a month"


class SpentHour(models.Model):
    """What the texts of one hour cost, or of the part on one side of a month's beginning (messaging.budgets.schedule).

    Written by messaging.budgets.counting only.

    Attributes:
        figures: number → currency → ``parts``, ``charged`` (by AWS), ``charged_by_table`` (what our own table of prices
            would have said of the same), ``open`` (the table's price of texts that AWS has not priced yet),
            ``open_parts`` and ``without_price`` (parts that not even the table has a price for).
        counted_at: until when it was counted. Prices come with delivery events, up to three days later.
    """

    hour = models.DateTimeField(unique=True)
    counted_at = models.DateTimeField()
    figures = models.JSONField(default=dict)

    class Meta:
        ordering = ["-hour"]

    def __str__(self) -> str:
        return self.hour.isoformat()

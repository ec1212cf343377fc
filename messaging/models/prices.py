"""What a text costs, as far as it can be known before it is sent."""

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q


class PartPrice(models.Model):
    """The price of one message part to a country, for estimates. What AWS really charged comes with delivery events."""

    iso_country_code = models.CharField(
        "country",
        max_length=2,
        unique=True,
        blank=True,
        validators=[RegexValidator(r"\A[A-Z]{2}\Z", "Give the two capital letters of ISO 3166, for example US.")],
        help_text="ISO 3166, for example US. Empty: every country that has no line of its own.",
    )
    price = models.DecimalField(
        "price per part",
        max_digits=8,
        decimal_places=5,
        validators=[MinValueValidator(0)],
        help_text="Carrier fees included. aws.amazon.com/end-user-messaging/pricing has AWS's prices.",
    )
    currency = models.CharField(
        max_length=3,
        default="USD",
        validators=[RegexValidator(r"\A[A-Z]{3}\Z", "Give the three capital letters of ISO 4217, for example USD.")],
    )

    class Meta:
        ordering = ["iso_country_code"]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="messaging_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.iso_country_code or 'Other countries'}: {self.price} {self.currency}"

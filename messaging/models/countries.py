"""What holds for texts to one country."""

from django.core.validators import RegexValidator
from django.db import models

from messaging.models.numbers import OriginationIdentity


class CountryRule(models.Model):
    """Whether people in a country are texted, and from which numbers. A country without a rule: yes, as everywhere.

    Rules of carriers and of law differ by country: what may send there, and whether it may at all. AWS's list:
    docs.aws.amazon.com/sms-voice/latest/userguide/phone-numbers-sms-by-country.html
    """

    iso_country_code = models.CharField(
        "country",
        max_length=2,
        unique=True,
        validators=[RegexValidator(r"\A[A-Z]{2}\Z", "Give the two capital letters of ISO 3166, for example US.")],
        help_text="ISO 3166, for example US.",
    )
    allowed = models.BooleanField(
        "texts are sent there", default=True, help_text="Off: no text to this country is sent, whatever it is."
    )
    numbers = models.ManyToManyField(
        OriginationIdentity,
        blank=True,
        verbose_name="sent from",
        help_text=(
            "Texts to this country leave from one of these, unless a campaign or incident names its own. With several "
            "the people are shared out by each number's MPS, and the same person is always written to from the same."
        ),
    )

    class Meta:
        ordering = ["iso_country_code"]
        verbose_name = "country"
        verbose_name_plural = "countries"

    def __str__(self) -> str:
        return self.iso_country_code

"""What holds for texts to one country."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

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

    pool = models.CharField(
        max_length=100,
        blank=True,
        # What an older version still running beside a newer one does not name.
        db_default="",
        default="",
        help_text=(
            "Texts to this country leave from the numbers that are in this pool at AWS, and from those named above. "
            "What sync_numbers finds in it counts from then on."
        ),
    )

    class Meta:
        ordering = ["iso_country_code"]
        constraints = [
            # Whoever writes it, a name that no pool can have would mean no number, in silence. AWS's ids have none:
            # docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_PoolInformation.html
            models.CheckConstraint(
                condition=~Q(pool__contains=" "),
                name="messaging_pool_is_an_id",
                violation_error_message="Give the id of a pool, for example pool-0123456789abcdef.",
            ),
        ]
        verbose_name = "country"
        verbose_name_plural = "countries"

    def __str__(self) -> str:
        return self.iso_country_code

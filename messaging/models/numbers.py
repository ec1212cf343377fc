"""The two ends of a text: people (contacts) and our own numbers (origination identities)."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from messaging.validators import validate_identity, validate_phone_number

ALL_PRIORITIES = 100
"""Higher than any priority."""


class Contact(models.Model):
    """The person behind a phone number. Messages keep the number as text: history does not change with a contact."""

    phone_number = models.CharField(
        max_length=16, unique=True, validators=[validate_phone_number], help_text="E.164, for example +14255550182."
    )
    name = models.CharField(max_length=150, blank=True)
    language = models.CharField(max_length=10, blank=True, help_text="Language code, for example en or es.")
    time_zone = models.CharField(max_length=50, blank=True, help_text="For example America/Los_Angeles.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "phone_number"]
        # Who has it not sees the last digits: config.security.numbers.
        permissions = [
            ("see_phone_numbers", "Can see whole phone numbers"),
            ("erase_person", "Can erase a person, and everything that is known of them"),
        ]

    def __str__(self) -> str:
        return self.name or self.phone_number


class OriginationIdentity(models.Model):
    """A number, short code or sender ID that texts are sent from (AWS: origination identity)."""

    class Kind(models.TextChoices):
        LONG_CODE = "long_code", "Long code"
        TEN_DLC = "ten_dlc", "10DLC"
        TOLL_FREE = "toll_free", "Toll-free"
        SHORT_CODE = "short_code", "Short code"
        SENDER_ID = "sender_id", "Sender ID"
        SIMULATOR = "simulator", "Simulator"

    identity = models.CharField(
        max_length=20,
        unique=True,
        validators=[validate_identity],
        help_text="A phone number in E.164 (+…), a short code (digits) or a sender ID (letters).",
    )
    kind = models.CharField(max_length=12, choices=Kind)
    iso_country_code = models.CharField(
        "country",
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"\A[A-Z]{2}\Z", "Give the two capital letters of ISO 3166, for example US.")],
        help_text="ISO 3166, for example US.",
    )
    mps = models.PositiveIntegerField(
        "MPS",
        validators=[MinValueValidator(1), MaxValueValidator(5000)],
        help_text="Message parts per second that AWS allows this number. A change takes effect within a second.",
    )
    two_way = models.BooleanField("two-way", default=True, help_text="People can answer this number.")
    self_managed_opt_outs = models.BooleanField(
        "self-managed opt-outs",
        default=True,
        help_text="Textback confirms STOP and JOIN. Off: AWS does; Textback still keeps to what people say.",
    )
    is_default = models.BooleanField("default", default=False)
    pool = models.CharField(
        "pool at AWS",
        max_length=100,
        blank=True,
        # What an older version still running beside a newer one does not name.
        db_default="",
        editable=False,
    )
    active = models.BooleanField(default=True, help_text="Off: no new text chooses this number, and nothing is sent.")
    # What `manage.py sync_numbers` found in the account: messaging.aws.mirror.
    aws_id = models.CharField("AWS's id", max_length=100, blank=True, db_default="", editable=False)
    aws_state = models.CharField("state at AWS", max_length=100, blank=True, db_default="", editable=False)
    mirrored_at = models.DateTimeField("seen at AWS", null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "origination identities"
        ordering = ["identity"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="messaging_one_default_identity",
                violation_error_message="Another number is the default. Make this one the default by its action.",
            ),
            models.CheckConstraint(condition=Q(mps__gte=1), name="messaging_mps_at_least_one"),
            models.CheckConstraint(
                condition=~Q(kind="sender_id", two_way=True),
                name="messaging_sender_id_is_one_way",
                violation_error_message="A sender ID cannot be answered: switch two-way off.",
            ),
        ]

    def __str__(self) -> str:
        return self.identity


class Lane(models.Model):
    """The state of the queue of texts of one origination identity: who drains it, and whether it is paused or held.

    Paused: a person must mend something and resume it. Held: Textback cannot tell whether texts may leave, and tries
    again by itself. Limited: some kinds of texts wait, the rest leaves.

    A row of its own, because a person who edits the number and the worker that renews its lease several times a
    minute must never overwrite each other. Written by messaging.outbound.lanes and messaging.outbound.pauses only.
    """

    origination_identity = models.OneToOneField(
        OriginationIdentity, on_delete=models.CASCADE, related_name="lane", primary_key=True
    )
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    paused_reason = models.CharField(max_length=300, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    held_reason = models.CharField(max_length=300, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    # Texts of this priority number and above are not claimed: a budget stops campaigns and nothing else.
    below_priority = models.PositiveSmallIntegerField(default=ALL_PRIORITIES, db_default=ALL_PRIORITIES)
    limited_reason = models.CharField(max_length=300, blank=True, db_default="")
    limited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True, paused_reason="")
                | (Q(paused_at__isnull=False) & ~Q(paused_reason="")),
                name="messaging_pause_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(held_at__isnull=True, held_reason="") | (Q(held_at__isnull=False) & ~Q(held_reason="")),
                name="messaging_hold_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(limited_at__isnull=True, limited_reason="", below_priority=ALL_PRIORITIES)
                | (Q(limited_at__isnull=False, below_priority__lt=ALL_PRIORITIES) & ~Q(limited_reason="")),
                name="messaging_limit_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"lane of {self.origination_identity_id}"

"""Shifts and who has them."""

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from shifts.models.lasting import LastsLong
from shifts.models.people import Employee
from shifts.vocabulary import CODE_PATTERN


class Shift(models.Model):
    """Work that somebody can book by texting its code.

    ``booked`` counts the bookings that hold a place. It changes only together with them (shifts.booking), and the
    database lets it neither pass ``places`` nor fall below none.
    """

    shift_id = models.CharField(
        "code",
        max_length=30,
        validators=[
            RegexValidator(
                rf"\A{CODE_PATTERN}\Z",
                "A code has up to 30 letters, digits, - and _, and begins and ends with a letter or digit.",
            )
        ],
        help_text="What people text to book it, for example XYZ123. Upper and lower case are the same.",
    )
    shift_info = models.CharField(
        "information", max_length=300, blank=True, help_text="What REQUEST tells of it, for example Night, ward 3."
    )
    starts_at = models.DateTimeField("start", null=True, blank=True)
    ends_at = models.DateTimeField("end", null=True, blank=True)
    places = models.PositiveIntegerField(default=1, validators=[MinValueValidator(1)])
    booked = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = [F("starts_at").asc(nulls_last=True), "id"]
        constraints = [
            models.UniqueConstraint(
                Upper("shift_id"),
                name="shifts_code_unique_in_any_case",
                violation_error_message="There is a shift with this code already.",
            ),
            models.CheckConstraint(
                condition=Q(places__gte=1),
                name="shifts_at_least_one_place",
                violation_error_message="A shift has at least one place.",
            ),
            models.CheckConstraint(
                condition=Q(booked__lte=F("places")),
                name="shifts_no_place_twice",
                violation_error_message="More people than that hold a place. Take some off the shift first.",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(starts_at__isnull=False, ends_at__gt=F("starts_at")),
                name="shifts_end_after_start",
                violation_error_message="A shift with an end has a start, and ends after it.",
            ),
        ]
        indexes = [
            # selectors.beginning, going_on and without_start: the shifts of a day, and those that have no start.
            models.Index(fields=["starts_at", "id"], name="shifts_by_start"),
            # selectors.going_on: those that may have begun long before.
            models.Index(fields=["starts_at", "id"], condition=Q(LastsLong()), name="shifts_long"),
            # selectors.available: what REQUEST lists, soonest first.
            models.Index(fields=["starts_at", "id"], condition=Q(booked__lt=F("places")), name="shifts_available"),
        ]

    def __str__(self) -> str:
        return self.shift_id

    @property
    def places_left(self) -> int:
        """Places that nobody holds."""
        return self.places - self.booked

    @property
    def shift_status(self) -> str:
        """``available`` while a place is left, else ``taken``."""
        return "available" if self.places_left > 0 else "taken"


class Booking(models.Model):
    """An employee's place on a shift, from the booking until it is dropped. Never deleted; see shifts.booking."""

    class Source(models.TextChoices):
        SMS = "sms", "Text"
        STAFF = "staff", "Staff"
        API = "api", "API"

    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="bookings")
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="bookings")
    campaign = models.ForeignKey(
        "shifts.Campaign", null=True, blank=True, on_delete=models.SET_NULL, related_name="bookings"
    )
    source = models.CharField(max_length=5, choices=Source)
    actor = models.CharField(max_length=150, blank=True, help_text="Who of the staff; blank for a text.")
    booked_at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_by = models.CharField(max_length=150, blank=True, help_text="Phone number or staff username.")

    class Meta:
        ordering = ["booked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["shift", "employee"], condition=Q(dropped_at__isnull=True), name="shifts_one_place_each"
            ),
            models.CheckConstraint(
                condition=Q(dropped_at__isnull=True, dropped_by="") | (Q(dropped_at__isnull=False) & ~Q(dropped_by="")),
                name="shifts_dropped_by_somebody",
            ),
        ]
        indexes = [
            # MINE, and "does it overlap with what they hold".
            models.Index(fields=["employee"], condition=Q(dropped_at__isnull=True), name="shifts_held_by"),
            # campaigns.counts: who booked.
            models.Index(
                fields=["campaign", "employee"], condition=Q(dropped_at__isnull=True), name="shifts_by_campaign"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} on {self.shift_id}"


class Listing(models.Model):
    """How far REQUEST and MORE have listed the shifts to somebody. Written by shifts.listing."""

    employee = models.OneToOneField(Employee, on_delete=models.CASCADE, primary_key=True, related_name="listing")
    last_shift = models.ForeignKey(Shift, null=True, on_delete=models.SET_NULL, related_name="+")
    listed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"listed to {self.employee_id}"

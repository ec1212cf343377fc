"""Who may be offered shifts: employees, and the segments they are in."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Upper

from messaging.models import Contact


class Segment(models.Model):
    """A named list of employees that campaigns are sent to."""

    name = models.CharField(
        max_length=100,
        validators=[
            RegexValidator(
                r"\A[^\s/](?:[^/\r\n\t]*[^\s/])?\Z", "A name is one line without slashes or spaces at its ends."
            )
        ],
        help_text="For example Night nurses.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Upper("name"),
                name="shifts_segment_unique_in_any_case",
                violation_error_message="There is a segment with this name already.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Employee(models.Model):
    """Somebody who may book shifts by text once they are approved. Name, number and language are the contact's."""

    contact = models.OneToOneField(Contact, on_delete=models.PROTECT, related_name="employee")
    approved = models.BooleanField(
        default=True, help_text="Off: no campaign texts them, and whatever they text about shifts is NOT-AUTHORISED."
    )
    segments = models.ManyToManyField(Segment, through="SegmentMember", related_name="employees", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["contact__name", "contact__phone_number"]

    def __str__(self) -> str:
        return str(self.contact)


class SegmentMember(models.Model):
    """An employee in a segment. Campaigns go through a segment by this row's id, which never changes."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="members")
    employee = models.ForeignKey(Employee, on_delete=models.CASCADE, related_name="memberships")
    # A list may name a number several times (Pinpoint keeps endpoints, not people). Each is texted once.
    times_listed = models.PositiveIntegerField(
        default=1, help_text="On how many lines the last list that was imported named this number."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["segment", "employee"], name="shifts_once_in_a_segment"),
        ]
        indexes = [
            # campaigns.audience: the next members of a segment.
            models.Index(fields=["segment", "id"], name="shifts_member_walk"),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} in {self.segment_id}"
